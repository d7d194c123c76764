//! A phone in somebody's hand, of either kind: the device library of this project, or a library that knows states
//! and not acts. Here are its clocks, and what a user does with it.

use db::types::Id;
use mobile_sync_device::{Answer, Moment, Request};
use mobile_sync_wire::limits::Limits;
use mobile_sync_wire::{Collection, Fields};

use crate::chance::Chance;
use crate::facts::Facts;
use crate::log_phone::LogPhone;
use crate::server::Who;
use crate::state_phone::StatePhone;
use crate::town::Town;

pub struct Handset {
    pub index: usize,
    pub who: Who,
    /// Its wall clock less the server's, in milliseconds.
    pub skew: i64,
    boots: u64,
    booted_at: i64,
    pub kind: Kind,
}

pub enum Kind {
    Log(Box<LogPhone>),
    State(Box<StatePhone>),
}

/// What a phone wants from the network.
pub enum Wish {
    Send(Request),
    Later,
    Nothing,
}

impl Handset {
    pub fn new(index: usize, town: &Town, now: i64, chance: &mut Chance) -> Self {
        let (engineer_id, user_id) = town.engineers[chance.below(town.engineers.len())];
        let limits = Limits {
            push_mutations: if chance.percent(30) { 1 + chance.below(4) } else { 1_000 },
            page_limit: if chance.percent(30) { 2 + chance.below(12) as u32 } else { 1_000 },
            ..Limits::default()
        };
        let device_id = Id::new();
        let who = Who { device_id, user_id, engineer_id, limits };
        let kind = if chance.percent(60) {
            Kind::Log(Box::new(LogPhone::new(&who)))
        } else {
            Kind::State(Box::new(StatePhone::new(&who, chance.percent(50))))
        };
        let mut handset = Self { index, who, skew: 0, boots: 0, booted_at: now, kind };
        handset.turn_clock(chance);
        handset
    }

    /// Somebody sets its clock, or its battery was empty.
    pub fn turn_clock(&mut self, chance: &mut Chance) {
        const HOUR: i64 = 3_600_000;
        self.skew = match chance.below(3) {
            0 => 0,
            1 => chance.between(-20_000, 20_000),
            _ => chance.between(-9 * HOUR, 9 * HOUR),
        };
    }

    pub fn moment(&self, now: i64, chance: &mut Chance) -> Moment {
        Moment {
            wall: now + self.skew,
            mono: now - self.booted_at + 1_000,
            boot: format!("b{}", self.boots),
            random: chance.bytes(),
        }
    }

    /// The app dies and is started again: only what is in its file is left.
    pub fn restart(&mut self, now: i64) {
        self.boots += 1;
        self.booted_at = now;
        match &mut self.kind {
            Kind::Log(phone) => phone.restart(),
            Kind::State(phone) => phone.restart(),
        }
    }

    /// The network is there, and there may be news.
    pub fn wake(&mut self) {
        match &mut self.kind {
            Kind::Log(phone) => phone.wake(),
            Kind::State(phone) => phone.wake(),
        }
    }

    pub fn wish(&mut self, now: &Moment) -> Wish {
        match &mut self.kind {
            Kind::Log(phone) => phone.wish(now),
            Kind::State(phone) => phone.wish(now),
        }
    }

    pub fn receive(&mut self, now: &Moment, number: u64, answer: Answer, facts: &mut Facts) {
        match &mut self.kind {
            Kind::Log(phone) => phone.receive(now, number, answer),
            Kind::State(phone) => phone.receive(number, answer, facts),
        }
    }

    /// The user does something.
    pub fn act(&mut self, now: &Moment, town: &Town, facts: &mut Facts, chance: &mut Chance) {
        match &mut self.kind {
            Kind::Log(phone) => phone.act(self.index, now, town, facts, chance),
            Kind::State(phone) => phone.act(self.index, now, town, facts, chance),
        }
    }

    /// The user edits this field, if he sees its row.
    pub fn edit_field(
        &mut self,
        now: &Moment,
        (collection, id): (Collection, &str),
        field: &'static str,
        facts: &mut Facts,
    ) {
        let Some(row) = self.rows(collection).into_iter().find(|row| text(row, "id") == id) else { return };
        let key = (collection, id.to_owned());
        match &mut self.kind {
            Kind::Log(phone) => {
                phone.edit_field(self.index, now, key, (field, text(&row, field)), facts);
            }
            Kind::State(phone) => phone.edit_field(self.index, now, key, field, facts),
        }
    }

    /// What waits for the server.
    pub fn waiting(&self) -> i64 {
        match &self.kind {
            Kind::Log(phone) => phone.waiting(),
            Kind::State(phone) => phone.waiting(),
        }
    }

    /// The rows of a collection as its user sees them.
    pub fn rows(&self, collection: Collection) -> Vec<Fields> {
        match &self.kind {
            Kind::Log(phone) => phone.rows(collection),
            Kind::State(phone) => phone.rows(collection),
        }
    }
}

/// Fields that a user edits: collection, field, how often.
pub const EDITS: [(Collection, &str, usize); 5] = [
    (Collection::Tickets, "access_note", 6),
    (Collection::Tickets, "site_contact", 2),
    (Collection::Sites, "access_note", 3),
    (Collection::Sites, "contact", 1),
    (Collection::Assets, "description", 3),
];

/// Which field is edited now.
pub fn edit(chance: &mut Chance) -> (Collection, &'static str) {
    let mut at = chance.below(EDITS.iter().map(|(_, _, often)| often).sum());
    for (collection, field, often) in EDITS {
        if at < often {
            return (collection, field);
        }
        at -= often;
    }
    (Collection::Tickets, "access_note")
}

/// A text column, empty if there is none.
pub fn text(doc: &Fields, name: &str) -> String {
    doc.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}
