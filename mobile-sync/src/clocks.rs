//! Who last wrote each field of a row, read from the change log: two successive snapshots tell what a change wrote,
//! the change tells who, and the inbox tells by which mutation. Nothing has to be kept beside the row.

use std::collections::BTreeMap;

use db::schema::{change_contents, changes, sync_inbox};
use db::types::DeviceId;
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;
use mobile_sync_wire::merge::FieldClock;
use mobile_sync_wire::push::Mutation;
use mobile_sync_wire::{Collection, Fields};
use serde_json::Value;

use crate::Phone;

/// How many snapshots are looked at, newest first: almost always the first few tell, and no row may hold up the
/// writer however often it changed.
const LOOKS: [i64; 2] = [8, 100];

/// Later than any base.
const UNNUMBERED: i64 = i64::MAX;

/// Stands for any column that others wrote; no column is called so.
const OTHERS: &str = "";

/// A row that a phone edits, and what the phone had seen of it.
pub(crate) struct Edited<'a> {
    pub collection: Collection,
    pub table: &'a str,
    pub id: &'a str,
    pub base: i64,
    /// The edit is the newest of its device, so that only others' writes can matter.
    pub newest: bool,
}

/// A change: its number, when, and by which phone.
type Made = (i64, Timestamp, Option<DeviceId>);

/// The clocks of those of the columns that changed after `base`, and one that stands for what others changed. A column
/// that the phone itself has written since, by an edit newer than this one, has that edit's clock, whoever wrote it
/// after that.
pub(crate) fn since(
    tx: &mut Tx<'_>,
    phone: &Phone,
    row: &Edited<'_>,
    edit: &FieldClock,
    columns: &[&str],
) -> Result<BTreeMap<String, FieldClock>, db::Error> {
    // What is committed together with this edit was written before it, but has no number yet.
    let just: Vec<(Made, String)> = tx
        .changes_just_now(row.table, row.id)
        .into_iter()
        .map(|change| ((UNNUMBERED, change.at, change.device_id), change.row))
        .collect();
    let conn = tx.conn();
    let others = match just.iter().find(|((_, _, device_id), _)| *device_id != Some(phone.device_id)) {
        Some((made, _)) => Some(*made),
        None => last_of_others(conn, phone, row)?,
    };
    if row.newest && others.is_none() {
        return Ok(BTreeMap::new());
    }
    // Those of a phone that counts come in their order.
    let late = edit.seq.is_none().then_some(phone.device_id);
    let mut written = Written::default();
    for look in LOOKS {
        let logged = newest_first(conn, row, look)?;
        let complete = i64::try_from(logged.len()).unwrap_or(i64::MAX) < look;
        let snapshots: Vec<(Made, String)> = just.iter().cloned().chain(logged).collect();
        written = written_since(row, late, columns, &snapshots, complete)?;
        if written.complete {
            break;
        }
    }
    let mut clocks = BTreeMap::new();
    for (column, (made, value)) in written.last {
        let last = clock(conn, row, made, Some((&column, &value)))?;
        clocks.insert(column, last);
    }
    for (column, (made, value)) in written.own {
        let own = clock(conn, row, made, Some((&column, &value)))?;
        if edit.is_older_than_own(&own) {
            clocks.insert(column, own);
        }
    }
    if let Some(made) = others {
        let others = clock(conn, row, made, None)?;
        // Further back than we look, somebody may have written it: better a card too many.
        let unknown = columns.iter().filter(|_| !written.complete);
        for column in unknown {
            clocks.entry((*column).to_owned()).or_insert_with(|| others.clone());
        }
        clocks.insert(OTHERS.to_owned(), others);
    }
    Ok(clocks)
}

#[derive(Default)]
struct Written {
    /// The last change of each column after the base, and what it wrote.
    last: BTreeMap<String, (Made, Value)>,
    /// The same of this phone alone, where it was asked for.
    own: BTreeMap<String, (Made, Value)>,
    /// There is nothing further back that could matter.
    complete: bool,
}

/// Compares each snapshot with the one before it; looks for what this phone wrote too, if its edits may come late.
fn written_since(
    row: &Edited<'_>,
    late: Option<DeviceId>,
    columns: &[&str],
    snapshots: &[(Made, String)],
    all: bool,
) -> Result<Written, db::Error> {
    let mut written = Written::default();
    let mut after: Option<(Made, Fields)> = None;
    for (made, body) in snapshots {
        let before: Fields = serde_json::from_str(body)?;
        if let Some((made, after)) = &after {
            written.compare(columns, late, *made, Some(&before), after);
        }
        if made.0 <= row.base || columns.iter().all(|column| written.is_found(column, late)) {
            written.complete = true;
            return Ok(written);
        }
        after = Some((*made, before));
    }
    if let (Some((made, first)), true) = (after, all) {
        written.compare(columns, late, made, None, &first);
    }
    written.complete = all || columns.iter().all(|column| written.last.contains_key(*column));
    Ok(written)
}

impl Written {
    fn is_found(&self, column: &str, late: Option<DeviceId>) -> bool {
        self.last.contains_key(column) && (late.is_none() || self.own.contains_key(column))
    }

    fn compare(
        &mut self,
        columns: &[&str],
        late: Option<DeviceId>,
        made: Made,
        before: Option<&Fields>,
        after: &Fields,
    ) {
        for column in columns {
            let value = plain(after.get(*column));
            if plain(before.and_then(|row| row.get(*column))) == value {
                continue;
            }
            if late.is_some() && made.2 == late {
                self.own.entry((*column).to_owned()).or_insert((made, value.clone()));
            }
            self.last.entry((*column).to_owned()).or_insert((made, value));
        }
    }
}

/// An empty text and none are the same to a phone.
pub(crate) fn plain(value: Option<&Value>) -> Value {
    match value {
        None => Value::Null,
        Some(Value::String(text)) if text.is_empty() => Value::Null,
        Some(value) => value.clone(),
    }
}

/// The last change after the base that is not this phone's.
fn last_of_others(conn: &mut Conn, phone: &Phone, row: &Edited<'_>) -> Result<Option<Made>, db::Error> {
    Ok(changes::table
        .filter(changes::entity.eq(row.table))
        .filter(changes::row_id.eq(row.id))
        .filter(changes::seq.gt(row.base))
        .filter(changes::device_id.is_null().or(changes::device_id.ne(phone.device_id)))
        .order(changes::seq.desc())
        .select((changes::seq, changes::at, changes::device_id))
        .first(conn)
        .optional()?)
}

fn newest_first(conn: &mut Conn, row: &Edited<'_>, look: i64) -> Result<Vec<(Made, String)>, db::Error> {
    Ok(changes::table
        .inner_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::entity.eq(row.table))
        .filter(changes::row_id.eq(row.id))
        .order(changes::seq.desc())
        .limit(look)
        .select(((changes::seq, changes::at, changes::device_id), change_contents::body))
        .load(conn)?)
}

/// Whose clock a change carries; with a column and its value, that of the very mutation.
fn clock(
    conn: &mut Conn,
    row: &Edited<'_>,
    (v, at, device_id): Made,
    wrote: Option<(&str, &Value)>,
) -> Result<FieldClock, db::Error> {
    Ok(match (device_id, wrote) {
        (None, _) => FieldClock::of_office(v, at.millis()),
        (Some(id), Some((column, value))) => FieldClock { v, ..of_device(conn, row, id, at, column, value)? },
        (Some(id), None) => FieldClock { v, ..FieldClock::of_device(id.as_str(), None, None, at.millis()) },
    })
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
