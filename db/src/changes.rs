//! The numbered change log: written at the end of a group, read after a cursor. Numbers come from one counter row
//! that is updated last, so they follow the order of commits and a reader never steps over a late one.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::schema::{change_contents, changes, counters};
use crate::tx::{Actor, Op, Pending};
use crate::types::Timestamp;
use crate::{Conn, each_backend, prepared};

/// One committed change, as readers see it.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// Its number: higher is later, in commit order, without exception.
    pub seq: i64,
    /// When, on the server's clock.
    pub at: Timestamp,
    /// Who: a user's id or a part of the server.
    pub actor_id: String,
    /// Who, as people know them.
    pub actor: String,
    /// The phone behind it.
    pub device_id: Option<String>,
    /// The table.
    pub entity: String,
    /// The row.
    pub row_id: String,
    /// The ticket whose record this belongs to.
    pub ticket_id: Option<String>,
    /// What happened.
    pub op: Op,
    /// The row as it was after the change (before it, for a delete); none if the content was erased.
    pub row: Option<Box<RawValue>>,
    /// The row did not exist before; known while the change is being committed, not to later readers.
    #[serde(skip)]
    pub created: bool,
}

/// Most changes that one call returns.
pub const PAGE: i64 = 1_000;

#[derive(Insertable)]
#[diesel(table_name = changes)]
struct NewChange<'a> {
    seq: i64,
    at: Timestamp,
    actor_id: &'a str,
    actor: &'a str,
    device_id: Option<&'a str>,
    entity: &'a str,
    row_id: &'a str,
    ticket_id: Option<&'a str>,
    op: &'a str,
    digest: String,
}

#[derive(Insertable)]
#[diesel(table_name = change_contents)]
struct NewContent<'a> {
    seq: i64,
    salt: String,
    body: &'a str,
}

/// What one command changed, and who and when.
pub(crate) type Collected = (Actor, Timestamp, Vec<Pending>);

/// Takes the next numbers and writes the log of a group. Returns the changes with their numbers, command by command
/// in the order given.
pub(crate) fn append(conn: &mut Conn, commands: &[Collected]) -> Result<Vec<Vec<Change>>, Error> {
    let count: usize = commands.iter().map(|(_, _, pending)| pending.len()).sum();
    if count == 0 {
        return Ok(commands.iter().map(|_| Vec::new()).collect());
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut seq = take_numbers(conn, count)? - 1;
    let mut numbered = Vec::with_capacity(commands.len());
    let mut rows = Vec::new();
    let mut contents = Vec::new();
    for (actor, at, pending) in commands {
        let device_id = actor.device_id.as_ref().map(|id| id.as_str());
        let mut of_command = Vec::with_capacity(pending.len());
        for change in pending {
            seq += 1;
            let salt = salt();
            rows.push(NewChange {
                seq,
                at: *at,
                actor_id: &actor.id,
                actor: &actor.name,
                device_id,
                entity: change.entity,
                row_id: &change.row_id,
                ticket_id: change.ticket_id.as_deref(),
                op: change.op.as_str(),
                digest: digest(&salt, change.body.get()),
            });
            contents.push(NewContent { seq, salt, body: change.body.get() });
            of_command.push(Change {
                seq,
                at: *at,
                actor_id: actor.id.clone(),
                actor: actor.name.clone(),
                device_id: device_id.map(str::to_owned),
                entity: change.entity.to_owned(),
                row_id: change.row_id.clone(),
                ticket_id: change.ticket_id.clone(),
                op: change.op,
                row: Some(change.body.clone()),
                created: change.created,
            });
        }
        numbered.push(of_command);
    }
    // PostgreSQL takes at most 65,535 parameters a statement.
    for page in rows.chunks(1_000) {
        each_backend!(conn, |c| diesel::insert_into(changes::table).values(page).execute(c))?;
    }
    for page in contents.chunks(1_000) {
        each_backend!(conn, |c| diesel::insert_into(change_contents::table).values(page).execute(c))?;
    }
    Ok(numbered)
}

/// The next `count` numbers are ours: the first of them. Nobody else takes any until the transaction ends.
///
/// # Errors
/// A failure of the database.
pub fn take_numbers(conn: &mut Conn, count: i64) -> Result<i64, Error> {
    let taking = diesel::update(counters::table.find("changes"))
        .set(counters::value.eq(counters::value + count))
        .returning(counters::value);
    let last: i64 = prepared(taking).get_result(conn)?;
    Ok(last - count + 1)
}

#[expect(clippy::disallowed_methods, reason = "a salt is random and no id")]
fn salt() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// The salted SHA-256 of a content, in hexadecimal.
pub fn digest(salt: &str, body: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update(body.as_bytes());
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    text
}

type Row =
    (i64, Timestamp, String, String, Option<String>, String, String, Option<String>, String, Option<String>);

fn from_row(row: Row) -> Result<Change, Error> {
    let (seq, at, actor_id, actor, device_id, entity, row_id, ticket_id, op, body) = row;
    let op = if op == Op::Delete.as_str() { Op::Delete } else { Op::Put };
    let row = body.map(RawValue::from_string).transpose()?;
    Ok(Change { seq, at, actor_id, actor, device_id, entity, row_id, ticket_id, op, row, created: false })
}

/// What a [`Row`] is read from: a change, and its contents if they are still there.
#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        changes::seq,
        changes::at,
        changes::actor_id,
        changes::actor,
        changes::device_id,
        changes::entity,
        changes::row_id,
        changes::ticket_id,
        changes::op,
        change_contents::body.nullable(),
    )
}

/// The changes after a cursor, in order, at most `limit` (and [`PAGE`]).
pub fn after(conn: &mut Conn, cursor: i64, limit: i64) -> Result<Vec<Change>, Error> {
    let rows: Vec<Row> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::seq.gt(cursor))
        .order(changes::seq)
        .limit(limit.clamp(1, PAGE))
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(from_row).collect()
}

/// The table of a change, as no index knows it.
fn table_name() -> diesel::dsl::Concat<changes::entity, &'static str> {
    changes::entity.concat("")
}

/// The changes of these tables after a cursor, in order, at most `limit` (and [`PAGE`]). They are read along the log:
/// by the index of tables a database would read and sort all that was ever written of these.
pub fn of_entities(
    conn: &mut Conn,
    entities: &[&str],
    cursor: i64,
    limit: i64,
) -> Result<Vec<Change>, Error> {
    let rows: Vec<Row> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::seq.gt(cursor))
        .filter(table_name().eq_any(entities))
        .order(changes::seq)
        .limit(limit.clamp(1, PAGE))
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(from_row).collect()
}

/// The number of the last change before a time, found in as many steps as the numbers have bits; 0 if there is none.
pub fn before_time(conn: &mut Conn, at: Timestamp) -> Result<i64, Error> {
    let (mut low, mut high) = (0, last(conn)?);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let found: Option<Timestamp> =
            changes::table.find(middle).select(changes::at).first(conn).optional()?;
        // A number that is not there was lost with a restore: those around it tell.
        if found.is_none_or(|found| found < at) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(low)
}

/// The record of one ticket after a cursor: its own changes and those of its visits, events, parts and notes.
pub fn of_ticket(conn: &mut Conn, ticket_id: &str, cursor: i64, limit: i64) -> Result<Vec<Change>, Error> {
    let rows: Vec<Row> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::ticket_id.eq(ticket_id))
        .filter(changes::seq.gt(cursor))
        .order(changes::seq)
        .limit(limit.clamp(1, PAGE))
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(from_row).collect()
}

/// What was ever written of one row, the latest first, before a number if one is given.
pub fn of_row(
    conn: &mut Conn,
    entity: &str,
    row_id: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Change>, Error> {
    let rows: Vec<Row> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::entity.eq(entity))
        .filter(changes::row_id.eq(row_id))
        .filter(changes::seq.lt(before.unwrap_or(i64::MAX)))
        .order(changes::seq.desc())
        .limit(limit.clamp(1, PAGE))
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(from_row).collect()
}

/// The change by which a row came to be, if it is in the log.
pub fn first_of_row(conn: &mut Conn, entity: &str, row_id: &str) -> Result<Option<Change>, Error> {
    let row: Option<Row> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::entity.eq(entity))
        .filter(changes::row_id.eq(row_id))
        .order(changes::seq)
        .select(columns())
        .first(conn)
        .optional()?;
    row.map(from_row).transpose()
}

/// The last change of a table before this number, looked for backwards along the log.
pub fn last_of_entity(conn: &mut Conn, entity: &str, before: i64) -> Result<Option<Change>, Error> {
    let row: Option<Row> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(table_name().eq(entity))
        .filter(changes::seq.lt(before))
        .order(changes::seq.desc())
        .select(columns())
        .first(conn)
        .optional()?;
    row.map(from_row).transpose()
}

/// The number of the last committed change; 0 if there is none.
pub fn last(conn: &mut Conn) -> Result<i64, Error> {
    Ok(counters::table.find("changes").select(counters::value).first(conn)?)
}

/// The version of a row: the number of its last change; 0 if it never had one.
pub fn version(conn: &mut Conn, entity: &str, row_id: &str) -> Result<i64, Error> {
    let seq: Option<i64> = changes::table
        .filter(changes::entity.eq(entity))
        .filter(changes::row_id.eq(row_id))
        .select(diesel::dsl::max(changes::seq))
        .first(conn)?;
    Ok(seq.unwrap_or(0))
}
