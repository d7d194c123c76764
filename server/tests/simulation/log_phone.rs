//! A phone that runs this project's device library: it writes down what its user did, in order and numbered.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use mobile_sync_device::{Answer, Device, DeviceError, Identity, Made, Moment, Next, PartUse, Place};
use mobile_sync_wire::docs::PartOutcome;
use mobile_sync_wire::{Collection, EventKind, Fields};
use rusqlite::Connection;

use crate::chance::Chance;
use crate::facts::{self, Facts, What};
use crate::handset::{Wish, edit, text};
use crate::server::Who;
use crate::town::Town;

/// Phones of this process; each has a file of its own in memory.
static FILES: AtomicU64 = AtomicU64::new(0);

pub struct LogPhone {
    device: Device,
    place: Place,
    identity: Identity,
    /// Keeps the file while the app is dead.
    _file: Connection,
    /// Calls that failed because the disk was full.
    pub full: u64,
}

impl LogPhone {
    pub fn new(who: &Who) -> Self {
        let uri = format!("file:/fettle-phone-{}?vfs=memdb", FILES.fetch_add(1, Ordering::Relaxed));
        let file = Connection::open(&uri).unwrap();
        let identity = Identity {
            device_id: who.device_id.to_string(),
            platform: "simulated".to_owned(),
            app_version: "1".to_owned(),
        };
        let place = Place::File(PathBuf::from(uri));
        let device = Device::open(&place, &identity).unwrap();
        Self { device, place, identity, _file: file, full: 0 }
    }

    pub fn restart(&mut self) {
        self.device = Device::open(&self.place, &self.identity).unwrap();
    }

    pub fn fill_disk(&mut self, full: bool) {
        self.device.fill_disk(full).unwrap();
    }

    pub fn wake(&mut self) {
        self.device.try_now();
        self.device.want_pull();
    }

    pub fn wish(&mut self, now: &Moment) -> Wish {
        match self.device.next(now).unwrap() {
            Next::Send(request) => Wish::Send(request),
            Next::WaitUntil { .. } => Wish::Later,
            Next::Idle => Wish::Nothing,
            Next::NeedsEnrolment => Wish::Send(self.device.enrol(now).unwrap()),
        }
    }

    pub fn receive(&mut self, now: &Moment, number: u64, answer: Answer) {
        let taken = self.device.receive(now, number, answer);
        self.stored(taken);
    }

    /// The value, unless the disk was full. Anything else that fails is a fault.
    fn stored<T>(&mut self, result: Result<T, DeviceError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(DeviceError::Sqlite(error))
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) =>
            {
                self.full += 1;
                None
            }
            Err(error) => panic!("the device library failed: {error}"),
        }
    }

    pub fn waiting(&self) -> i64 {
        self.device.waiting().unwrap().count
    }

    pub fn rows(&self, collection: Collection) -> Vec<Fields> {
        self.device.rows(collection).unwrap()
    }

    pub fn act(&mut self, phone: usize, now: &Moment, town: &Town, facts: &mut Facts, chance: &mut Chance) {
        let tickets = self.rows(Collection::Tickets);
        let Some(ticket) = chance.pick(&tickets).map(|ticket| text(ticket, "id")) else { return };
        match chance.below(20) {
            0..=8 => self.step(phone, now, &ticket, facts, chance),
            9..=11 => {
                let mut words = facts::value(phone, facts.next());
                if chance.percent(10) {
                    // A thumb on the space bar: the server keeps it, and takes no such note.
                    words = " ".to_owned();
                }
                let made = self.device.add_note(now, &ticket, &words);
                self.noted(phone, Collection::Notes, made, What::Note { text: words }, facts);
            }
            12 | 13 => {
                let quantity = facts.next() as i64;
                let part = PartUse {
                    part_id: town.part.clone(),
                    quantity,
                    serial: None,
                    removed_serial: None,
                    outcome: PartOutcome::Used,
                };
                let made = self.device.use_part(now, &ticket, &part);
                self.noted(phone, Collection::PartUsage, made, What::Usage { quantity }, facts);
            }
            _ => self.edit(phone, now, facts, chance),
        }
    }

    fn step(&mut self, phone: usize, now: &Moment, ticket: &str, facts: &mut Facts, chance: &mut Chance) {
        let kinds = self.device.actions(ticket).unwrap();
        let Some(kind) = chance.pick(&kinds).copied() else { return };
        // He gives a ticket back less often than he could.
        if kind == EventKind::Claim || kind == EventKind::Decline && chance.percent(80) {
            return;
        }
        facts.next();
        let made = self.device.act(now, ticket, kind, Some("as the seed wants"));
        let dseq = self.device.last_seq();
        let what = What::Event { ticket: ticket.to_owned(), kind: kind.as_str().to_owned(), dseq };
        self.noted(phone, Collection::TicketEvents, made, what, facts);
    }

    fn edit(&mut self, phone: usize, now: &Moment, facts: &mut Facts, chance: &mut Chance) {
        let (collection, field) = edit(chance);
        let rows = self.rows(collection);
        let Some(row) = chance.pick(&rows) else { return };
        let (id, shown) = (text(row, "id"), text(row, field));
        self.edit_field(phone, now, (collection, id), (field, shown), facts);
    }

    /// An edit of one field of a row, and what the user saw in it.
    pub fn edit_field(
        &mut self,
        phone: usize,
        now: &Moment,
        (collection, id): (Collection, String),
        (field, shown): (&'static str, String),
        facts: &mut Facts,
    ) {
        let nth = facts.next();
        let value = facts::value(phone, nth);
        let mut set = Fields::new();
        set.insert(field.to_owned(), value.clone().into());
        let made = self.device.patch(now, collection, &id, set);
        facts.saw(phone, &id, field, nth, shown);
        let what = What::Patch(BTreeMap::from([(field.to_owned(), value)]));
        self.noted(phone, collection, made, what, facts);
    }

    /// Writes down what was done, if the phone said that it was.
    fn noted(
        &mut self,
        phone: usize,
        collection: Collection,
        made: Result<Made, DeviceError>,
        what: What,
        facts: &mut Facts,
    ) {
        if let Some(Made { mid, id, .. }) = self.stored(made) {
            facts.made.push(facts::Made { phone, mid, collection, row: id, what, replaced: false });
        }
    }
}
