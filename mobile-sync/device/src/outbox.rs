//! What the user did, numbered without a gap, from the act until the server's rows show it and 30 days beyond.
//!
//! A mutation is *waiting* until a result came, *unsettled* until the rows that followed from it were pulled (till
//! then the view lays it over them), and then kept so that a server restored from a backup can have it again. Its
//! text never changes, so that a repeat is recognisably the same.

use mobile_sync_wire::push::{Mutation, MutationResult, Op, Outcome};
use rusqlite::{Connection, OptionalExtension, Params, params};
use serde_json::value::RawValue;

use crate::{Device, DeviceError, rows, store::State};

/// How much is not yet known to be on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub count: i64,
    /// When the oldest of it was done, by the server's clock.
    pub oldest_at: Option<i64>,
}

/// Something that was not taken as sent: what was sent, and what the server said.
#[derive(Debug, Clone)]
pub struct Trouble {
    pub mutation: Mutation,
    pub result: MutationResult,
}

pub(crate) fn add(db: &Connection, m: &Mutation, seq: i64, made_at: i64) -> Result<(), DeviceError> {
    db.prepare_cached("INSERT INTO mutations (seq, mid, c, body, made_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![seq, m.mid, m.c.as_str(), serde_json::to_string(m)?, made_at])?;
    Ok(())
}

/// The first waiting mutations, as text, as many as fit.
pub(crate) fn batch(db: &Connection, most: usize, bytes: usize) -> Result<Vec<Box<RawValue>>, DeviceError> {
    let mut statement =
        db.prepare_cached("SELECT body FROM mutations WHERE acked_at IS NULL ORDER BY seq LIMIT ?1")?;
    let mut found = statement.query([i64::try_from(most).unwrap_or(i64::MAX)])?;
    let (mut batch, mut size) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let body: String = row.get(0)?;
        size += body.len() + 1;
        // One always goes: the limit of a single mutation is far below any limit of a body.
        if size > bytes && !batch.is_empty() {
            break;
        }
        batch.push(RawValue::from_string(body)?);
    }
    Ok(batch)
}

/// What a result changes. `Some(seq)` if the server must be given everything from there again.
pub(crate) fn take_result(
    db: &Connection,
    state: &State,
    result: &MutationResult,
    acked_at: i64,
) -> Result<Option<i64>, DeviceError> {
    let body: Option<String> = db
        .prepare_cached("SELECT body FROM mutations WHERE mid = ?1")?
        .query_row([&result.mid], |row| row.get(0))
        .optional()?;
    let Some(body) = body else { return Ok(None) };
    let mutation: Mutation = serde_json::from_str(&body)?;
    if outcome(result) == Outcome::Held {
        return Ok(result.need_from.or(mutation.seq));
    }
    let refused = is_refused(result);
    let shown = take_truth(db, state, &mutation, result)?;
    // The rest of what follows (a ticket's new status, a van's stock) comes with the next pull.
    let settled = refused || (shown && mutation.op == Op::Patch);
    let needs_you = needs_you(result);
    db.prepare_cached(
        "UPDATE mutations SET acked_at = ?2, settled = ?3, needs_you = ?4, result = ?5 WHERE mid = ?1",
    )?
    .execute(params![result.mid, acked_at, settled, needs_you, serde_json::to_string(result)?])?;
    Ok(None)
}

/// What became of a mutation, whenever it was that it did.
fn outcome(result: &MutationResult) -> Outcome {
    match result.result {
        Outcome::Duplicate => result.first.unwrap_or(Outcome::Applied),
        other => other,
    }
}

fn is_refused(result: &MutationResult) -> bool {
    matches!(outcome(result), Outcome::Conflict | Outcome::RejectedKept)
}

/// Not taken as sent, so a person has to look at it.
pub(crate) fn needs_you(result: &MutationResult) -> bool {
    is_refused(result) || result.conflict.is_some()
}

/// Stores the row that came with a result, unless the phone holds it no longer or holds a newer one.
fn take_truth(
    db: &Connection,
    state: &State,
    mutation: &Mutation,
    result: &MutationResult,
) -> Result<bool, DeviceError> {
    let Some(doc) = &result.doc else { return Ok(false) };
    let v = doc.get("sync_v").and_then(serde_json::Value::as_i64).or(result.v).unwrap_or(0);
    let here = rows::get(db, mutation.c.as_str(), &mutation.id)?;
    // A row that was removed from the scope must not come back by a late result.
    if here.is_some_and(|row| row.v <= v) {
        rows::put(db, mutation.c.as_str(), &mutation.id, v, doc, state.generation)?;
    }
    Ok(true)
}

/// Makes everything after `seq` wait again, acknowledged or not.
pub(crate) fn reopen_after(db: &Connection, seq: i64) -> Result<(), DeviceError> {
    db.execute(
        "UPDATE mutations SET acked_at = NULL, settled = 0, needs_you = 0, result = NULL WHERE seq > ?1",
        [seq],
    )?;
    Ok(())
}

/// All rows that followed from acknowledged work have been pulled.
pub(crate) fn settle(db: &Connection) -> Result<(), DeviceError> {
    db.execute("UPDATE mutations SET settled = 1 WHERE acked_at IS NOT NULL AND settled = 0", [])?;
    Ok(())
}

/// Forgets acknowledged work that no server will ask for again, unless the user has still to look at it.
pub(crate) fn prune(db: &Connection, acked_before: i64) -> Result<(), DeviceError> {
    db.execute(
        "DELETE FROM mutations WHERE acked_at < ?1 AND settled = 1 AND needs_you = 0",
        [acked_before],
    )?;
    Ok(())
}

/// What is laid over the server's rows. Not a patch that is in its row already: the next edit is made on that version
/// of the row, so its user has to see it as it is.
const LAID_OVER: &str = "settled = 0 AND NOT (
    acked_at IS NOT NULL AND body ->> 'op' = 'patch' AND EXISTS (
        SELECT 1 FROM rows WHERE c = m.c AND id = body ->> 'id' AND v >= result ->> 'v'
    )
)";

/// What the view lays over the server's rows, in the order it was done.
pub(crate) fn unsettled(db: &Connection) -> Result<Vec<Mutation>, DeviceError> {
    select(db, &format!("SELECT body FROM mutations AS m WHERE {LAID_OVER} ORDER BY seq"), [])
}

/// The edits of one row that the view lays over it.
pub(crate) fn edits_of(db: &Connection, c: &str, id: &str) -> Result<Vec<Mutation>, DeviceError> {
    let edits = "m.c = ?1 AND body ->> 'id' = ?2 AND body ->> 'op' = 'patch'";
    select(db, &format!("SELECT body FROM mutations AS m WHERE {edits} AND {LAID_OVER}"), [c, id])
}

fn select(db: &Connection, sql: &str, of: impl Params) -> Result<Vec<Mutation>, DeviceError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut found = statement.query(of)?;
    let mut mutations = Vec::new();
    while let Some(row) = found.next()? {
        let body: String = row.get(0)?;
        mutations.push(serde_json::from_str(&body)?);
    }
    Ok(mutations)
}

pub(crate) fn waiting(db: &Connection) -> Result<Waiting, DeviceError> {
    let sql = "SELECT count(*), min(made_at) FROM mutations WHERE acked_at IS NULL";
    Ok(db.query_row(sql, [], |row| Ok(Waiting { count: row.get(0)?, oldest_at: row.get(1)? }))?)
}

impl Device {
    /// How many acts wait for the server, and since when.
    pub fn waiting(&self) -> Result<Waiting, DeviceError> {
        waiting(self.db())
    }

    /// Whether an act is still waiting for its result.
    pub fn is_waiting(&self, mid: &str) -> Result<bool, DeviceError> {
        let sql = "SELECT 1 FROM mutations WHERE mid = ?1 AND acked_at IS NULL";
        Ok(self.db().query_row(sql, [mid], |_| Ok(())).optional()?.is_some())
    }

    /// What was not taken as sent and has not been dismissed, oldest first.
    pub fn troubles(&self) -> Result<Vec<Trouble>, DeviceError> {
        let sql =
            "SELECT body, result FROM mutations WHERE needs_you = 1 AND result IS NOT NULL ORDER BY seq";
        let mut statement = self.db().prepare_cached(sql)?;
        let mut found = statement.query([])?;
        let mut troubles = Vec::new();
        while let Some(row) = found.next()? {
            let (body, result): (String, String) = (row.get(0)?, row.get(1)?);
            troubles.push(Trouble {
                mutation: serde_json::from_str(&body)?,
                result: serde_json::from_str(&result)?,
            });
        }
        Ok(troubles)
    }

    /// The user has seen it.
    pub fn dismiss(&mut self, mid: &str) -> Result<(), DeviceError> {
        self.write(|tx, _| {
            tx.execute("UPDATE mutations SET needs_you = 0 WHERE mid = ?1", [mid])?;
            Ok(())
        })
    }
}
