//! Conflict cards: what did not go as a phone sent it, for the office to look at. One open card a ticket, kind and
//! device (of work that came too late: a ticket and engineer) collects all that belongs together, so that a day's work
//! on a cancelled ticket is one question and not ten.

use std::collections::BTreeMap;

use db::schema::conflict_cards;
use db::types::{ConflictCardId, DeviceId, EngineerId, Id, Json, TicketId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use mobile_sync_wire::Collection;
use mobile_sync_wire::cards::CardAnswer;
use mobile_sync_wire::push::Kept;
use serde::{Deserialize, Serialize};

use crate::Phone;

/// Work on a ticket that was closed, cancelled or given to somebody else: accept it, bill a call-out, or keep it.
pub const LATE_WORK: &str = "late_work";
/// A step that the ticket's state does not allow.
pub const STEP: &str = "step";
/// Two values of one field.
pub const FIELDS: &str = "fields";
/// A mutation that could not be read or done.
pub const REJECTED: &str = "rejected";

/// Most entries of one card; the next one begins another.
const ENTRIES: usize = 50;
/// Most bytes of a card's entries, likewise.
const BYTES: usize = 64 * 1024;

/// A question to the office.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable)]
#[diesel(table_name = conflict_cards)]
pub struct ConflictCard {
    /// Its id.
    pub id: ConflictCardId,
    /// About which ticket, if it is about one.
    pub ticket_id: Option<TicketId>,
    /// Whose work.
    pub engineer_id: Option<EngineerId>,
    /// From which phone.
    pub device_id: Option<DeviceId>,
    /// [`LATE_WORK`], [`STEP`], [`FIELDS`], [`REJECTED`], or a kind of the office's own.
    pub kind: String,
    /// What happened.
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub detail: Json<Vec<Entry>>,
    /// `open` or `resolved`.
    pub status: String,
    /// When it came up.
    pub created_at: Timestamp,
    /// When it was answered.
    pub resolved_at: Option<Timestamp>,
    /// By whom.
    pub resolved_by: Option<String>,
    /// What was answered to work that came too late.
    pub answer: Option<String>,
}

impl Entity for ConflictCard {
    const ENTITY: &'static str = "conflict_cards";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        self.ticket_id.map(|id| id.to_string())
    }
}

/// One mutation on a card. The mutation itself is in the inbox, word for word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Which mutation.
    pub mid: String,
    /// The collection of its row, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<Collection>,
    /// Its row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub row_id: String,
    /// A stable code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Both values of each field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, Kept>,
    /// When it arrived.
    pub at: Timestamp,
}

/// Files an entry on the open card of its kind, or on a new one.
pub(crate) fn file(
    tx: &mut Tx<'_>,
    phone: &Phone,
    kind: &str,
    ticket_id: Option<TicketId>,
    entry: Entry,
) -> Result<ConflictCardId, db::Error> {
    let size = |entries: &[Entry]| serde_json::to_string(entries).map_or(0, |text| text.len());
    let open = open_card(tx.conn(), phone, kind, ticket_id)?;
    if let Some(mut card) = open.filter(|c| c.detail.0.len() < ENTRIES && size(&c.detail.0) < BYTES) {
        card.detail.0.push(entry);
        diesel::update(conflict_cards::table.find(card.id))
            .set(conflict_cards::detail.eq(String::from(card.detail.clone())))
            .execute(tx.conn())?;
        tx.changed(&card)?;
        return Ok(card.id);
    }
    let card = ConflictCard {
        id: Id::new(),
        ticket_id,
        engineer_id: Some(phone.engineer_id),
        device_id: Some(phone.device_id),
        kind: kind.to_owned(),
        detail: Json(vec![entry]),
        status: "open".to_owned(),
        created_at: tx.now(),
        resolved_at: None,
        resolved_by: None,
        answer: None,
    };
    diesel::insert_into(conflict_cards::table).values(card.clone()).execute(tx.conn())?;
    tx.changed(&card)?;
    Ok(card.id)
}

fn open_card(
    conn: &mut Conn,
    phone: &Phone,
    kind: &str,
    ticket_id: Option<TicketId>,
) -> Result<Option<ConflictCard>, db::Error> {
    let of_kind = conflict_cards::table
        .filter(conflict_cards::kind.eq(kind))
        .filter(conflict_cards::status.eq("open"))
        .order(conflict_cards::id.desc());
    if let (LATE_WORK, Some(id)) = (kind, ticket_id) {
        // Whatever phone it came from: the office decides on a man's work, not on a phone's.
        let his = of_kind.filter(conflict_cards::engineer_id.eq(phone.engineer_id));
        return Ok(his.filter(conflict_cards::ticket_id.eq(id)).first(conn).optional()?);
    }
    let of_kind = of_kind.filter(conflict_cards::device_id.eq(phone.device_id));
    Ok(match ticket_id {
        Some(id) => of_kind.filter(conflict_cards::ticket_id.eq(id)).first(conn).optional()?,
        None => of_kind.filter(conflict_cards::ticket_id.is_null()).first(conn).optional()?,
    })
}

/// Both values that these mutations left on their cards, for a phone that asks again.
pub(crate) fn kept(
    conn: &mut Conn,
    cards: &[String],
) -> Result<BTreeMap<String, BTreeMap<String, Kept>>, db::Error> {
    let found: Vec<String> = conflict_cards::table
        .filter(conflict_cards::id.eq_any(cards))
        .select(conflict_cards::detail)
        .load(conn)?;
    let mut kept = BTreeMap::new();
    for detail in found {
        let entries: Vec<Entry> = serde_json::from_str(&detail)?;
        kept.extend(entries.into_iter().map(|entry| (entry.mid, entry.kept)));
    }
    Ok(kept)
}

/// Which cards.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// `open` or `resolved`.
    pub status: Option<String>,
    /// About this ticket.
    pub ticket_id: Option<TicketId>,
}

/// Cards, the newest first; `after` is the last one of the page before.
///
/// # Errors
/// A failure of the database.
pub fn list(
    conn: &mut Conn,
    filter: &Filter,
    after: Option<ConflictCardId>,
    limit: i64,
) -> Result<Vec<ConflictCard>, db::Error> {
    let mut query = conflict_cards::table.order(conflict_cards::id.desc()).limit(limit).into_boxed();
    if let Some(kind) = &filter.kind {
        query = query.filter(conflict_cards::kind.eq(kind));
    }
    if let Some(status) = &filter.status {
        query = query.filter(conflict_cards::status.eq(status));
    }
    if let Some(id) = filter.ticket_id {
        query = query.filter(conflict_cards::ticket_id.eq(id));
    }
    if let Some(after) = after {
        query = query.filter(conflict_cards::id.lt(after));
    }
    Ok(query.load(conn)?)
}

/// Puts a card away; none if there is no open one of this id. Of two who do it, one does.
///
/// # Errors
/// A failure of the database.
pub fn resolve(
    tx: &mut Tx<'_>,
    id: ConflictCardId,
    answer: Option<CardAnswer>,
) -> Result<Option<ConflictCard>, db::Error> {
    let (now, by) = (tx.now(), tx.actor().name.clone());
    let resolved: Option<ConflictCard> = diesel::update(conflict_cards::table.find(id))
        .filter(conflict_cards::status.eq("open"))
        .set((
            conflict_cards::status.eq("resolved"),
            conflict_cards::resolved_at.eq(now),
            conflict_cards::resolved_by.eq(by),
            conflict_cards::answer.eq(answer.map(CardAnswer::as_str)),
        ))
        .returning(conflict_cards::all_columns)
        .get_result(tx.conn())
        .optional()?;
    if let Some(card) = &resolved {
        tx.changed(card)?;
    }
    Ok(resolved)
}
