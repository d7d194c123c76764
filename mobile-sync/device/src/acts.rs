//! What the user does. Each act is one mutation with the next number, in the file before the call returns.

use mobile_sync_wire::{
    Collection, EventKind, Fields, SCHEMA,
    docs::{Document, PartOutcome, TicketDoc},
    intents, limits,
    policy::{self, Rule},
    push::{Mutation, Op},
};
use serde_json::{Value, json};

use crate::{Device, DeviceError, Moment, outbox, rows, store::State, view};

/// An act that is now in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub mid: String,
    pub seq: i64,
    /// The row it made or changed.
    pub id: String,
}

/// A part that was used, found defective or taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartUse {
    pub part_id: String,
    /// Scaled by the part's `decimals`.
    pub quantity: i64,
    /// The number of the piece, or of the lot.
    pub serial: Option<String>,
    /// The number of the piece that came out instead.
    pub removed_serial: Option<String>,
    pub outcome: PartOutcome,
}

/// A mutation before it has a number and a time.
struct Draft {
    op: Op,
    c: Collection,
    /// The row to patch; an insert gets a new id.
    id: Option<String>,
    base: Option<i64>,
    set: Fields,
}

impl Device {
    /// A step of a ticket: accept, travel, arrive, start, pause, resume, complete, decline.
    pub fn act(
        &mut self,
        now: &Moment,
        ticket_id: &str,
        kind: EventKind,
        reason: Option<&str>,
    ) -> Result<Made, DeviceError> {
        if !kind.is_engineers() {
            return Err(DeviceError::NotChangeable(kind.as_str().into()));
        }
        if kind.needs_reason() && reason.is_none_or(|reason| reason.trim().is_empty()) {
            return Err(DeviceError::ReasonNeeded);
        }
        let ticket = self.held_ticket(ticket_id)?;
        intents::step(kind, ticket.status).map_err(DeviceError::Illegal)?;
        let mut set = self.work_on(&ticket)?;
        set.insert("kind".into(), kind.as_str().into());
        set.insert("at".into(), self.server_now(now).into());
        // Numbered again for libraries that hand rows over in no order.
        set.insert("dseq".into(), (self.last_seq() + 1).into());
        if let Some(reason) = reason {
            set.insert("reason".into(), reason.into());
        }
        self.make(now, Draft { op: Op::Intent, ..Draft::insert(Collection::TicketEvents, set) })
    }

    pub fn use_part(&mut self, now: &Moment, ticket_id: &str, part: &PartUse) -> Result<Made, DeviceError> {
        if !(1..=limits::MAX_NUMBER).contains(&part.quantity) {
            return Err(DeviceError::OutOfRange("quantity"));
        }
        let ticket = self.held_ticket(ticket_id)?;
        let mut set = self.work_on(&ticket)?;
        set.insert("part_id".into(), part.part_id.clone().into());
        set.insert("quantity".into(), part.quantity.into());
        set.insert("outcome".into(), json!(part.outcome));
        if let Some(serial) = &part.serial {
            set.insert("serial".into(), serial.clone().into());
        }
        if let Some(removed) = &part.removed_serial {
            set.insert("removed_serial".into(), removed.clone().into());
        }
        self.make(now, Draft::insert(Collection::PartUsage, set))
    }

    pub fn add_note(&mut self, now: &Moment, ticket_id: &str, text: &str) -> Result<Made, DeviceError> {
        let ticket = self.held_ticket(ticket_id)?;
        let mut set = self.work_on(&ticket)?;
        set.insert("at".into(), self.server_now(now).into());
        set.insert("text".into(), text.into());
        self.make(now, Draft::insert(Collection::Notes, set))
    }

    pub fn add_labour(&mut self, now: &Moment, ticket_id: &str, minutes: i64) -> Result<Made, DeviceError> {
        if !(1..=60 * 24 * 7).contains(&minutes) {
            return Err(DeviceError::OutOfRange("minutes"));
        }
        let ticket = self.held_ticket(ticket_id)?;
        let mut set = self.work_on(&ticket)?;
        set.insert("at".into(), self.server_now(now).into());
        set.insert("minutes".into(), minutes.into());
        self.make(now, Draft::insert(Collection::Labour, set))
    }

    /// New values for fields that phones may edit; `null` clears one.
    pub fn patch(&mut self, now: &Moment, c: Collection, id: &str, set: Fields) -> Result<Made, DeviceError> {
        let wrong = set.iter().find(|(field, value)| {
            policy::rule(c, field) != Rule::Lww || value.is_array() || value.is_object()
        });
        if let Some((field, _)) = wrong {
            return Err(DeviceError::NotChangeable(field.clone()));
        }
        if view::row_of(self.db(), c, id)?.is_none() {
            return Err(DeviceError::NoSuchRow { collection: c, id: id.into() });
        }
        let base = self.seen(c, id, &set)?;
        self.make(now, Draft { op: Op::Patch, c, id: Some(id.into()), base: Some(base), set })
    }

    /// The version of a row that the user sees in these fields: none, 0, of a row of our own that the server has not
    /// sent yet. Where older work of his lies over a field he does not see the row, but what that work was done to.
    fn seen(&self, c: Collection, id: &str, set: &Fields) -> Result<i64, DeviceError> {
        let row = rows::get(self.db(), c.as_str(), id)?.map_or(0, |row| row.v);
        let covers = |m: &Mutation| m.set.keys().any(|field| set.contains_key(field));
        let covering = outbox::edits_of(self.db(), c.as_str(), id)?.into_iter().filter(covers);
        Ok(covering.filter_map(|m| m.base).fold(row, i64::min))
    }

    fn held_ticket(&self, ticket_id: &str) -> Result<TicketDoc, DeviceError> {
        self.ticket(ticket_id)?
            .ok_or_else(|| DeviceError::NoSuchRow { collection: Collection::Tickets, id: ticket_id.into() })
    }

    /// The columns that every row about a ticket begins with.
    fn work_on(&self, ticket: &TicketDoc) -> Result<Fields, DeviceError> {
        let engineer_id = self.engineer_id().ok_or(DeviceError::NotEnrolled)?;
        let mut set = Fields::new();
        set.insert("ticket_id".into(), ticket.id.clone().into());
        set.insert("engineer_id".into(), engineer_id.into());
        if let Some(visit_id) = &ticket.visit_id {
            set.insert("visit_id".into(), visit_id.clone().into());
        }
        Ok(set)
    }

    fn make(&mut self, now: &Moment, draft: Draft) -> Result<Made, DeviceError> {
        self.write(|tx, state| {
            let (mutation, seq) = draft.number(now, state);
            let size = serde_json::to_string(&mutation)?.len();
            if size > state.limits.mutation_bytes {
                return Err(DeviceError::TooLarge(state.limits.mutation_bytes));
            }
            outbox::add(tx, &mutation, seq, state.server_now(now))?;
            Ok(Made { mid: mutation.mid, seq, id: mutation.id })
        })
    }
}

impl Draft {
    fn insert(c: Collection, set: Fields) -> Self {
        Self { op: Op::Insert, c, id: None, base: None, set }
    }

    /// Takes the next number and the next reading of the clock.
    fn number(self, now: &Moment, state: &mut State) -> (Mutation, i64) {
        state.last_seq += 1;
        state.hlc = state.hlc.tick(state.server_now(now));
        // An inserted row is its own idempotency key.
        let mid = now.id(state.offset);
        let mutation = Mutation {
            id: self.id.unwrap_or_else(|| mid.clone()),
            mid,
            seq: Some(state.last_seq),
            op: self.op,
            c: self.c,
            base: self.base,
            set: self.set,
            hlc: Some(state.hlc.clone()),
            wall: Some(now.wall),
            mono: Some(now.mono),
            boot: Some(now.boot.clone()),
            schema: SCHEMA,
        };
        (mutation, state.last_seq)
    }
}

/// Reads a document of the view.
pub(crate) fn read<D: Document>(doc: Fields) -> Result<D, DeviceError> {
    Ok(serde_json::from_value(Value::Object(doc))?)
}
