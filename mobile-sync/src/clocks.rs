//! Who last wrote each field of a row, read from the change log: two successive snapshots tell what a change wrote,
//! the change tells who, and the inbox tells by which mutation. Nothing has to be kept beside the row.

use std::collections::BTreeMap;

use db::schema::{change_contents, changes, sync_inbox};
use db::types::DeviceId;
use db::{Conn, Timestamp};
use diesel::prelude::*;
use mobile_sync_wire::merge::FieldClock;
use mobile_sync_wire::push::Mutation;
use mobile_sync_wire::{Collection, Fields};
use serde_json::Value;

use crate::Phone;

/// Most snapshots that are compared: a row that changed more often since is looked at from there on.
const SNAPSHOTS: i64 = 1_000;

/// A row that a phone edits, and what the phone had seen of it.
pub(crate) struct Edited<'a> {
    pub collection: Collection,
    pub table: &'a str,
    pub id: &'a str,
    pub base: i64,
    /// The edit is the newest of its device, so that only others' writes can matter.
    pub newest: bool,
}

/// When a change was made, and by which phone.
type Made = (i64, Timestamp, Option<DeviceId>);

/// The clocks of the columns that changed after `base`.
pub(crate) fn since(
    conn: &mut Conn,
    phone: &Phone,
    row: &Edited<'_>,
    columns: &[&str],
) -> Result<BTreeMap<String, FieldClock>, db::Error> {
    if row.newest && !changed_by_others(conn, phone, row)? {
        return Ok(BTreeMap::new());
    }
    let mut before = snapshot_at(conn, row)?;
    let mut last: BTreeMap<&str, (Made, Value)> = BTreeMap::new();
    for (made, after) in snapshots_after(conn, row)? {
        for column in columns {
            let value = plain(after.get(*column));
            if before.as_ref().map_or(Value::Null, |row| plain(row.get(*column))) != value {
                last.insert(column, (made, value));
            }
        }
        before = Some(after);
    }
    let mut clocks = BTreeMap::new();
    for (column, ((v, at, device_id), value)) in last {
        let clock = match device_id {
            None => FieldClock::of_office(v, at.millis()),
            Some(device_id) => FieldClock { v, ..of_device(conn, row, device_id, at, column, &value)? },
        };
        clocks.insert(column.to_owned(), clock);
    }
    Ok(clocks)
}

/// An empty text and none are the same to a phone.
pub(crate) fn plain(value: Option<&Value>) -> Value {
    match value {
        None => Value::Null,
        Some(Value::String(text)) if text.is_empty() => Value::Null,
        Some(value) => value.clone(),
    }
}

fn changed_by_others(conn: &mut Conn, phone: &Phone, row: &Edited<'_>) -> Result<bool, db::Error> {
    let other = changes::table
        .filter(changes::entity.eq(row.table))
        .filter(changes::row_id.eq(row.id))
        .filter(changes::seq.gt(row.base))
        .filter(changes::device_id.is_null().or(changes::device_id.ne(phone.device_id)))
        .select(changes::seq)
        .first::<i64>(conn)
        .optional()?;
    Ok(other.is_some())
}

/// The row as the phone saw it.
fn snapshot_at(conn: &mut Conn, row: &Edited<'_>) -> Result<Option<Fields>, db::Error> {
    let body: Option<String> = changes::table
        .inner_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::entity.eq(row.table))
        .filter(changes::row_id.eq(row.id))
        .filter(changes::seq.le(row.base))
        .order(changes::seq.desc())
        .select(change_contents::body)
        .first(conn)
        .optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}

fn snapshots_after(conn: &mut Conn, row: &Edited<'_>) -> Result<Vec<(Made, Fields)>, db::Error> {
    let mut found: Vec<(i64, Timestamp, Option<DeviceId>, String)> = changes::table
        .inner_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::entity.eq(row.table))
        .filter(changes::row_id.eq(row.id))
        .filter(changes::seq.gt(row.base))
        .order(changes::seq.desc())
        .limit(SNAPSHOTS)
        .select((changes::seq, changes::at, changes::device_id, change_contents::body))
        .load(conn)?;
    found.reverse();
    found.into_iter().map(|(v, at, by, body)| Ok(((v, at, by), serde_json::from_str(&body)?))).collect()
}

/// The clock of a device's write: that of the mutation which arrived at that time and set this value.
fn of_device(
    conn: &mut Conn,
    row: &Edited<'_>,
    device_id: DeviceId,
    at: Timestamp,
    column: &str,
    value: &Value,
) -> Result<FieldClock, db::Error> {
    let bodies: Vec<String> = sync_inbox::table
        .filter(sync_inbox::device_id.eq(device_id))
        .filter(sync_inbox::received_at.eq(at))
        .order((sync_inbox::seq, sync_inbox::mid))
        .select(sync_inbox::body)
        .load(conn)?;
    let wrote = |m: &Mutation| {
        m.c == row.collection
            && m.id == row.id
            && plain(m.set.get(column)) == *value
            && m.set.contains_key(column)
    };
    let mut mutations = bodies.iter().filter_map(|body| serde_json::from_str::<Mutation>(body).ok());
    let mutation = mutations.rfind(wrote);
    let (seq, hlc) = mutation.map_or((None, None), |m| (m.seq, m.hlc));
    Ok(FieldClock::of_device(device_id.as_str(), seq, hlc.as_ref(), at.millis()))
}
