//! What the user of a state-based client does: rows are made, and fields of rows are overwritten where they stand,
//! the ticket's status among them.

use mobile_sync_device::Moment;
use mobile_sync_wire::intents::step;
use mobile_sync_wire::{Collection, EventKind, Fields, TicketStatus};
use serde_json::{Value, json};
use uuid::Builder;

use crate::chance::Chance;
use crate::facts::{self, Facts, What};
use crate::handset::{EDITS, edit, text};
use crate::state_phone::{Dirty, Formed, Key, StatePhone};
use crate::town::Town;

impl StatePhone {
    pub fn act(&mut self, phone: usize, now: &Moment, town: &Town, facts: &mut Facts, chance: &mut Chance) {
        self.index = phone;
        let tickets = self.rows(Collection::Tickets);
        let Some(ticket) = chance.pick(&tickets).cloned() else { return };
        let row = |set: Value| match set {
            Value::Object(set) => set,
            _ => Fields::new(),
        };
        let id = text(&ticket, "id");
        match chance.below(20) {
            0..=8 => self.step(now, &ticket, facts, chance),
            9..=11 => {
                let words = facts::value(phone, facts.next());
                let set = row(
                    json!({"ticket_id": id, "engineer_id": self.engineer_id, "at": now.wall, "text": words}),
                );
                self.make(now, Collection::Notes, set, What::Note { text: words }, facts);
            }
            12 | 13 => {
                let quantity = facts.next() as i64;
                let set = row(json!({"ticket_id": id, "engineer_id": self.engineer_id, "part_id": town.part,
                    "quantity": quantity, "outcome": "used"}));
                self.make(now, Collection::PartUsage, set, What::Usage { quantity }, facts);
            }
            _ => self.edit(phone, now, facts, chance),
        }
    }

    fn step(&mut self, now: &Moment, ticket: &Fields, facts: &mut Facts, chance: &mut Chance) {
        let (id, status) = (text(ticket, "id"), text(ticket, "status"));
        let Some(status) = TicketStatus::parse(&status) else { return };
        let moves = |kind: &EventKind| {
            let his = kind.is_engineers() && !matches!(kind, EventKind::Claim | EventKind::Decline);
            his && step(*kind, status).is_ok_and(|step| step.from(status) != status)
        };
        let kinds: Vec<EventKind> = EventKind::ALL.into_iter().filter(moves).collect();
        let Some(kind) = chance.pick(&kinds).copied() else { return };
        self.dseq += 1;
        facts.next();
        let Value::Object(set) = json!({"ticket_id": id, "engineer_id": self.engineer_id, "kind": kind.as_str(),
            "at": now.wall, "dseq": self.dseq, "reason": "as the seed wants"})
        else {
            return;
        };
        let what = What::Event { ticket: id.clone(), kind: kind.as_str().to_owned(), dseq: self.dseq };
        self.make(now, Collection::TicketEvents, set, what, facts);
        if let (Some(doc), Ok(step)) = (self.docs.get_mut(&(Collection::Tickets, id)), step(kind, status)) {
            doc.insert("status".to_owned(), step.from(status).as_str().into());
        }
    }

    fn make(&mut self, now: &Moment, collection: Collection, set: Fields, what: What, facts: &mut Facts) {
        let millis = u64::try_from(now.wall).unwrap_or(0);
        let id = Builder::from_unix_timestamp_millis(millis, &now.random).into_uuid().to_string();
        let key = (collection, id.clone());
        let body = json!({"mid": id, "op": "insert", "c": collection, "id": id, "set": set, "schema": 1});
        let mut doc = set;
        doc.insert("id".to_owned(), id.clone().into());
        self.docs.insert(key.clone(), doc);
        self.rows.push(Formed { mid: id.clone(), key, body, is_patch: false });
        facts.made.push(facts::Made {
            phone: self.index,
            mid: id.clone(),
            collection,
            row: id,
            what,
            replaced: false,
        });
    }

    fn edit(&mut self, phone: usize, now: &Moment, facts: &mut Facts, chance: &mut Chance) {
        let (collection, field) = edit(chance);
        let rows = self.rows(collection);
        let Some(row) = chance.pick(&rows) else { return };
        self.edit_field(phone, now, (collection, text(row, "id")), field, facts);
    }

    /// An edit of one field of a row that the user sees.
    pub fn edit_field(
        &mut self,
        phone: usize,
        now: &Moment,
        key: Key,
        field: &'static str,
        facts: &mut Facts,
    ) {
        self.index = phone;
        let nth = facts.next();
        // His base is of the whole row: what a later edit of another field goes by, he sees now.
        for (_, other, _) in EDITS.into_iter().filter(|(collection, ..)| *collection == key.0) {
            facts.saw(phone, &key.1, other, nth, self.shown(&key, other));
        }
        let value = Value::from(facts::value(phone, nth));
        self.hlc = self.hlc.tick(now.wall);
        let (base, hlc) = (self.version(&key), self.hlc.clone());
        let dirty = self.dirty.entry(key.clone()).or_insert_with(|| Dirty {
            base,
            set: Fields::new(),
            hlc: hlc.clone(),
        });
        dirty.hlc = hlc;
        dirty.set.insert(field.to_owned(), value.clone());
        if let Some(doc) = self.docs.get_mut(&key) {
            doc.insert(field.to_owned(), value);
        }
    }
}
