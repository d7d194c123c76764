//! One mutation, in the transaction that stores it: known or new, in order or not, and then what becomes of it.

use std::collections::BTreeMap;

use db::Tx;
use db::types::TicketId;
use mobile_sync_wire::event_time::Stamp;
use mobile_sync_wire::mutants::{self, Mutant};
use mobile_sync_wire::push::{Kept, Mutation, MutationResult, Op, Outcome, Received};
use mobile_sync_wire::{Collection, SCHEMA};

use crate::docs::Key;
use crate::inbox::{self, Place};
use crate::office::Office;
use crate::{Phone, cards, insert, patch};

/// What becomes of a mutation.
pub(crate) struct Decided {
    pub result: Outcome,
    pub why: String,
    pub kept: BTreeMap<String, Kept>,
    /// The kind of card that the office gets, and of which the phone hears.
    pub card: Option<&'static str>,
    /// The kind of a card besides, of which the phone hears nothing: he is believed, and somebody has to count.
    pub doubt: Option<&'static str>,
    pub ticket_id: Option<TicketId>,
    /// The phone must hear of its row again, although it was taken as sent.
    pub again: bool,
}

impl Decided {
    pub fn applied() -> Self {
        Self {
            result: Outcome::Applied,
            why: String::new(),
            kept: BTreeMap::new(),
            card: None,
            doubt: None,
            ticket_id: None,
            again: false,
        }
    }

    pub fn merged() -> Self {
        Self { result: Outcome::Merged, ..Self::applied() }
    }

    pub fn conflict(card: &'static str, why: impl Into<String>) -> Self {
        Self { result: Outcome::Conflict, why: why.into(), card: Some(card), ..Self::applied() }
    }

    pub fn rejected(why: impl Into<String>) -> Self {
        let card = Some(cards::REJECTED);
        Self { result: Outcome::RejectedKept, why: why.into(), card, ..Self::applied() }
    }

    pub fn with_doubt(self, doubt: Option<&'static str>) -> Self {
        Self { doubt, ..self }
    }

    pub fn told_again(self) -> Self {
        Self { again: true, ..self }
    }

    pub fn about(self, ticket_id: TicketId) -> Self {
        Self { ticket_id: Some(ticket_id), ..self }
    }

    pub fn about_id(self, ticket_id: &str) -> Self {
        Self { ticket_id: ticket_id.parse().ok(), ..self }
    }
}

/// A mutation on its way through.
#[derive(Debug)]
pub(crate) struct Item {
    pub received: Received,
    /// Its effect failed before: store it with this code, and try no more.
    pub refused: Option<String>,
}

/// What is to be answered, but for the rows.
#[derive(Debug)]
pub(crate) struct Taken {
    pub result: MutationResult,
    /// The row that the answer shows.
    pub row: Option<Key>,
    /// Rows that the phone must hear of again.
    pub again: Vec<Key>,
}

impl Taken {
    /// What [`Mutant::TruthWithRefusal`] leaves of an answer.
    pub fn forget_the_row(&mut self) {
        if self.result.result != Outcome::Applied {
            self.row = None;
        }
        self.again.clear();
    }
}

/// Stores a mutation and lets it take effect, once.
pub(crate) fn take<O: Office>(
    tx: &mut Tx<'_>,
    office: &O,
    phone: &Phone,
    sent: Option<&Stamp>,
    item: &Item,
) -> Result<Taken, O::Error> {
    let received = &item.received;
    let now = tx.now();
    let place = inbox::place(tx.conn(), phone.device_id, received.seq, now)?;
    let ((mid, was_held), refused) = match store(tx, phone, received, place)? {
        Stored::Before(known) => return Ok(repeated(received, &known)),
        Stored::Waiting(need_from) => return Ok(held(received, need_from)),
        Stored::Here(name) => (name, item.refused.clone()),
        Stored::Apart(name) => (name, Some("mid_taken".to_owned())),
    };
    let decided = match (refused, &received.parsed) {
        (Some(why), _) => Decided::rejected(why),
        (None, Err(_)) => Decided::rejected("unreadable"),
        (None, Ok(m)) if was_held && mutants::on(Mutant::IdempotencyKey) => {
            let again = Mutation { id: TicketId::new().to_string(), ..m.clone() };
            decide(tx, office, phone, sent, &again, false)?
        }
        (None, Ok(m)) => decide(tx, office, phone, sent, m, place == Place::Next)?,
    };
    let mut file = |kind: Option<&'static str>| {
        let kind = kind.filter(|_| !mutants::on(Mutant::CardForEveryRefusal));
        kind.map(|kind| card(tx, phone, kind, &mid, received, &decided)).transpose()
    };
    file(decided.doubt)?;
    let card = file(decided.card)?.map(|id| id.to_string());
    if was_held || card.is_some() || decided.result != Outcome::Applied {
        let mut entry = entry_of(&mid, phone, received, now, decided.result);
        entry.why = &decided.why;
        entry.conflict_id = card.as_deref();
        inbox::settle(tx.conn(), &entry)?;
    }
    if decided.result == Outcome::RejectedKept && mutants::on(Mutant::InboxKeepsEverything) {
        inbox::forget(tx.conn(), &mid)?;
    }
    Ok(answer(received, decided, card))
}

/// The name under which a mutation is stored, and whether it was held before.
type Name = (String, bool);

/// How a mutation stands in the inbox.
enum Stored {
    /// It is there, and so far counts as applied.
    Here(Name),
    /// Another phone has used its name: it is there under one of this phone's own.
    Apart(Name),
    /// It was there, and something became of it.
    Before(inbox::Known),
    /// It is there, but an earlier one is missing.
    Waiting(i64),
}

/// Inbox first: whatever becomes of it, it is stored as it came.
fn store(tx: &mut Tx<'_>, phone: &Phone, received: &Received, place: Place) -> Result<Stored, db::Error> {
    let now = tx.now();
    let mut mid = key(phone, received);
    let mut apart = false;
    loop {
        let known = match place {
            Place::Gap { need_from, too_far: true } => match inbox::find(tx.conn(), &mid)? {
                Some(known) => known,
                None => return Ok(Stored::Waiting(need_from)),
            },
            Place::Gap { need_from, .. } => {
                if inbox::store(tx.conn(), &entry_of(&mid, phone, received, now, Outcome::Held))? {
                    return Ok(Stored::Waiting(need_from));
                }
                inbox::get(tx.conn(), &mid)?
            }
            Place::Next | Place::Free => {
                if inbox::store(tx.conn(), &entry_of(&mid, phone, received, now, Outcome::Applied))? {
                    let name = (mid, false);
                    return Ok(if apart { Stored::Apart(name) } else { Stored::Here(name) });
                }
                inbox::get(tx.conn(), &mid)?
            }
        };
        // Nothing is told of what another phone did under that name.
        if known.device_id != phone.device_id && !apart {
            mid = format!("{}/{mid}", phone.device_id);
            apart = true;
            continue;
        }
        return Ok(match place {
            _ if known.result != inbox::HELD && !mutants::on(Mutant::IdempotencyKey) => Stored::Before(known),
            Place::Gap { need_from, .. } => Stored::Waiting(need_from),
            _ if apart => Stored::Apart((mid, true)),
            _ => Stored::Here((mid, true)),
        });
    }
}

fn held(received: &Received, need_from: i64) -> Taken {
    let mut result = MutationResult::new(name(received), Outcome::Held);
    result.need_from = Some(need_from);
    Taken { result, row: None, again: Vec::new() }
}

fn decide<O: Office>(
    tx: &mut Tx<'_>,
    office: &O,
    phone: &Phone,
    sent: Option<&Stamp>,
    m: &Mutation,
    newest: bool,
) -> Result<Decided, O::Error> {
    if m.schema > SCHEMA {
        return Ok(Decided::rejected("unknown_schema"));
    }
    match m.op {
        Op::Insert | Op::Intent => insert::insert(tx, office, phone, sent, m, newest),
        Op::Patch => patch::patch(tx, office, phone, m, newest),
        Op::Delete => Ok(Decided::rejected("delete_not_offered")),
    }
}

/// The name under which it is stored: its own, or for one without a name what it says.
fn key(phone: &Phone, received: &Received) -> String {
    match &received.mid {
        Some(mid) => mid.clone(),
        None => db::changes::digest(phone.device_id.as_str(), received.raw.get()),
    }
}

fn name(received: &Received) -> String {
    received.mid.clone().unwrap_or_default()
}

fn entry_of<'a>(
    mid: &'a str,
    phone: &Phone,
    received: &'a Received,
    now: db::Timestamp,
    outcome: Outcome,
) -> inbox::Entry<'a> {
    inbox::Entry {
        mid,
        device_id: phone.device_id,
        seq: received.seq,
        received_at: now,
        body: received.raw.get(),
        result: inbox::text(outcome),
        why: "",
        conflict_id: None,
    }
}

fn card(
    tx: &mut Tx<'_>,
    phone: &Phone,
    kind: &'static str,
    mid: &str,
    received: &Received,
    decided: &Decided,
) -> Result<db::types::ConflictCardId, db::Error> {
    let m = received.parsed.as_ref().ok();
    let entry = cards::Entry {
        mid: mid.to_owned(),
        collection: m.map(|m| m.c),
        row_id: m.map_or_else(String::new, |m| m.id.clone()),
        why: decided.why.clone(),
        kept: decided.kept.clone(),
        at: tx.now(),
    };
    cards::file(tx, phone, kind, decided.ticket_id, entry)
}

fn answer(received: &Received, decided: Decided, card: Option<String>) -> Taken {
    let mut result = MutationResult::new(name(received), decided.result);
    result.why = Some(decided.why).filter(|why| !why.is_empty());
    result.kept = decided.kept;
    result.conflict = card;
    let row = row_of(received);
    let mut again = Vec::new();
    if decided.result != Outcome::Applied || decided.again {
        again.extend(row.clone());
        // A refused step leaves the ticket where it is: a phone that moved it already must hear that.
        again.extend(decided.ticket_id.map(|id| (Collection::Tickets, id.to_string())));
    }
    Taken { result, row, again }
}

fn repeated(received: &Received, known: &inbox::Known) -> Taken {
    let first = known.outcome();
    let mut result = MutationResult::new(name(received), Outcome::Duplicate);
    result.first = Some(first);
    result.why = Some(known.why.clone()).filter(|why| !why.is_empty());
    result.conflict = known.conflict_id.clone();
    let row = row_of(received);
    let mut again: Vec<Key> = row.iter().cloned().collect();
    if first != Outcome::Applied
        && let Ok(m) = &received.parsed
        && let Some(id) = m.set.get("ticket_id").and_then(serde_json::Value::as_str)
        && id.parse::<TicketId>().is_ok()
    {
        again.push((Collection::Tickets, id.to_owned()));
    }
    Taken { result, row, again }
}

fn row_of(received: &Received) -> Option<Key> {
    received.parsed.as_ref().ok().map(|m| (m.c, m.id.clone()))
}
