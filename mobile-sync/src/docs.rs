//! The rows as phones see them: the documents of each collection, loaded by id with one query each, and their
//! versions with another.

mod places;
mod site;
mod stock;
mod work;

use std::collections::HashMap;

use db::Conn;
use db::schema::changes;
use diesel::prelude::*;
use mobile_sync_wire::docs::Document;
use mobile_sync_wire::{Collection, Fields};
pub(crate) use work::OFFICE_ALONE;

/// A row as it is now.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The number of its last change.
    pub v: i64,
    /// Its columns, without `id` and `sync_v`.
    pub doc: Fields,
}

impl Row {
    /// The whole document.
    pub fn stamped(mut self, id: &str) -> Fields {
        self.doc.insert("id".into(), id.into());
        self.doc.insert("sync_v".into(), self.v.into());
        self.doc
    }
}

/// Which row: its collection and its id.
pub(crate) type Key = (Collection, String);

/// The table behind a collection; none for those that are only reserved names.
pub(crate) const fn table(collection: Collection) -> Option<&'static str> {
    match collection {
        Collection::Tickets => Some("tickets"),
        Collection::Visits => Some("visits"),
        Collection::TicketEvents => Some("ticket_events"),
        Collection::PartUsage => Some("part_usage"),
        Collection::Notes => Some("notes"),
        Collection::Sites => Some("sites"),
        Collection::Assets => Some("assets"),
        Collection::Parts => Some("parts"),
        Collection::VanStock => Some("stock_balances"),
        Collection::Reservations => Some("reservations"),
        Collection::Colleagues => Some("engineers"),
        Collection::Labour => Some("labour"),
        Collection::ChecklistAnswers => Some("checklist_answers"),
        Collection::Readings => Some("readings"),
        Collection::Photos => Some("photos"),
        Collection::Signatures => Some("signatures"),
        Collection::Checklists => Some("checklists"),
        Collection::Articles => None,
    }
}

/// Loads rows of any collections. What is not there is not in the answer.
pub(crate) fn load(
    conn: &mut Conn,
    wanted: impl IntoIterator<Item = Key>,
) -> Result<HashMap<Key, Row>, db::Error> {
    let mut ids: HashMap<Collection, Vec<String>> = HashMap::new();
    for (collection, id) in wanted {
        ids.entry(collection).or_default().push(id);
    }
    let mut rows = HashMap::new();
    for (collection, ids) in ids {
        let Some(table) = table(collection) else { continue };
        let mut versions = versions(conn, table, &ids)?;
        for (id, doc) in of_collection(conn, collection, &ids)? {
            let v = versions.remove(&id).unwrap_or(0);
            rows.insert((collection, id), Row { v, doc });
        }
    }
    Ok(rows)
}

/// The number of each row's last change.
pub(crate) fn versions(
    conn: &mut Conn,
    table: &str,
    ids: &[String],
) -> Result<HashMap<String, i64>, db::Error> {
    let found: Vec<(String, Option<i64>)> = changes::table
        .filter(changes::entity.eq(table))
        .filter(changes::row_id.eq_any(ids))
        .group_by(changes::row_id)
        .select((changes::row_id, diesel::dsl::max(changes::seq)))
        .load(conn)?;
    Ok(found.into_iter().filter_map(|(id, seq)| Some((id, seq?))).collect())
}

pub(crate) type Found = Vec<(String, Fields)>;

/// Rows of one collection, without their versions.
pub(crate) fn of_collection(
    conn: &mut Conn,
    collection: Collection,
    ids: &[String],
) -> Result<Found, db::Error> {
    match collection {
        Collection::Tickets => work::tickets(conn, ids),
        Collection::Visits => work::visits(conn, ids),
        Collection::TicketEvents => work::events(conn, ids),
        Collection::PartUsage => work::part_usage(conn, ids),
        Collection::Notes => work::notes(conn, ids),
        Collection::Sites => places::sites(conn, ids),
        Collection::Assets => places::assets(conn, ids),
        Collection::Colleagues => places::colleagues(conn, ids),
        Collection::Parts => stock::parts(conn, ids),
        Collection::VanStock => stock::van_stock(conn, ids),
        Collection::Reservations => stock::reservations(conn, ids),
        Collection::Labour => site::labour(conn, ids),
        Collection::ChecklistAnswers => site::answers(conn, ids),
        Collection::Readings => site::readings(conn, ids),
        Collection::Photos => site::photos(conn, ids),
        Collection::Signatures => site::signatures(conn, ids),
        Collection::Checklists => site::questions(conn, ids),
        Collection::Articles => Ok(Vec::new()),
    }
}

/// A text column; an empty one is left out.
fn some(text: String) -> Option<String> {
    if text.is_empty() { None } else { Some(text) }
}

fn fields<D: Document>(id: String, doc: &D) -> Result<(String, Fields), db::Error> {
    Ok((id, doc.to_fields()?))
}

/// Reads the text of an enum; what an old row calls by a name that we have forgotten is a fault of ours.
fn read<T>(parsed: Option<T>, text: &str) -> Result<T, db::Error> {
    let unknown = || serde::de::Error::custom(format!("unknown value {text:?}"));
    parsed.ok_or_else(|| db::Error::Serialise(unknown()))
}
