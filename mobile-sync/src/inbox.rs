//! Where every mutation is stored as it came, and the count of each device's mutations without a gap.

use db::schema::{devices, sync_inbox};
use db::types::DeviceId;
use db::{Conn, Timestamp, each_backend, prepared};
use diesel::prelude::*;
use mobile_sync_wire::mutants::{self, Mutant};
use mobile_sync_wire::push::Outcome;

use crate::fleet;

/// The result of a mutation that waits for an earlier one.
pub(crate) const HELD: &str = "held";
/// How far ahead of the gap a mutation is stored. Numbers from the far future would only fill the disk.
const WINDOW: i64 = 100_000;

/// Where a mutation stands in its device's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is the next one; it is counted now.
    Next,
    /// It has no number, or one that was counted before.
    Free,
    /// An earlier one is missing: the first that is.
    Gap { need_from: i64, too_far: bool },
}

/// Counts the mutation if it is the next one of its device. The device's row stays locked until the commit, so two
/// servers never take the same number.
pub(crate) fn place(
    conn: &mut Conn,
    device_id: DeviceId,
    seq: Option<i64>,
    now: Timestamp,
) -> Result<Place, db::Error> {
    let Some(seq) = seq else { return Ok(Place::Free) };
    let counting = diesel::update(devices::table.find(device_id))
        .filter(devices::acked_seq.eq(seq - 1))
        .set((devices::acked_seq.eq(seq), devices::last_seen_at.eq(now)))
        .returning(devices::acked_seq);
    let counted: Option<i64> = prepared(counting).get_result(conn).optional()?;
    if counted.is_some() {
        return Ok(Place::Next);
    }
    let acked: i64 = devices::table.find(device_id).select(devices::acked_seq).first(conn)?;
    if mutants::on(Mutant::GapIsNoMatter) && seq > acked {
        diesel::update(devices::table.find(device_id)).set(devices::acked_seq.eq(seq)).execute(conn)?;
        return Ok(Place::Next);
    }
    Ok(if seq <= acked {
        Place::Free
    } else {
        // What is missing is known to be missing.
        fleet::announce(conn, device_id, seq)?;
        Place::Gap { need_from: acked + 1, too_far: seq > acked + WINDOW }
    })
}

/// A mutation that came before.
#[derive(Debug, Queryable)]
pub(crate) struct Known {
    pub device_id: DeviceId,
    pub result: String,
    pub why: String,
    pub conflict_id: Option<String>,
}

impl Known {
    /// What became of it.
    pub fn outcome(&self) -> Outcome {
        OUTCOMES.iter().find(|o| text(**o) == self.result).copied().unwrap_or(Outcome::RejectedKept)
    }
}

const OUTCOMES: [Outcome; 6] = [
    Outcome::Applied,
    Outcome::Merged,
    Outcome::Duplicate,
    Outcome::Conflict,
    Outcome::RejectedKept,
    Outcome::Held,
];

pub(crate) const fn text(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "applied",
        Outcome::Merged => "merged",
        Outcome::Duplicate => "duplicate",
        Outcome::Conflict => "conflict",
        Outcome::RejectedKept => "rejected_kept",
        Outcome::Held => HELD,
    }
}

pub(crate) fn find(conn: &mut Conn, mid: &str) -> Result<Option<Known>, db::Error> {
    let columns = (sync_inbox::device_id, sync_inbox::result, sync_inbox::why, sync_inbox::conflict_id);
    Ok(sync_inbox::table.find(mid).select(columns).first(conn).optional()?)
}

/// A mutation that is there.
pub(crate) fn get(conn: &mut Conn, mid: &str) -> Result<Known, db::Error> {
    Ok(find(conn, mid)?.ok_or(diesel::result::Error::NotFound)?)
}

/// A mutation as it is stored.
#[derive(Debug, Insertable, AsChangeset)]
#[diesel(table_name = sync_inbox, treat_none_as_null = true)]
pub(crate) struct Entry<'a> {
    pub mid: &'a str,
    pub device_id: DeviceId,
    pub seq: Option<i64>,
    /// When it took effect or was refused; the changes that it made carry the same time.
    pub received_at: Timestamp,
    pub body: &'a str,
    pub result: &'a str,
    pub why: &'a str,
    pub conflict_id: Option<&'a str>,
}

/// Stores it, if no mutation of that name is there: asked and answered by one statement, so that two servers cannot
/// both take it.
pub(crate) fn store(conn: &mut Conn, entry: &Entry<'_>) -> Result<bool, db::Error> {
    let stored: Option<String> = each_backend!(conn, |c| prepared(
        diesel::insert_into(sync_inbox::table)
            .values(entry)
            .on_conflict(sync_inbox::mid)
            .do_nothing()
            .returning(sync_inbox::mid)
    )
    .get_result(c)
    .optional())?;
    Ok(stored.is_some())
}

/// Notes what became of it after all.
pub(crate) fn settle(conn: &mut Conn, entry: &Entry<'_>) -> Result<(), db::Error> {
    diesel::update(sync_inbox::table.find(entry.mid)).set(entry).execute(conn)?;
    Ok(())
}

/// What [`Mutant::InboxKeepsEverything`] does to a mutation that was refused.
pub(crate) fn forget(conn: &mut Conn, mid: &str) -> Result<(), db::Error> {
    diesel::delete(sync_inbox::table.find(mid)).execute(conn)?;
    Ok(())
}

/// The held mutations that follow without a gap on what is counted, at most `limit`. Those in `coming` will have
/// been counted by then.
pub(crate) fn waiting(
    conn: &mut Conn,
    device_id: DeviceId,
    coming: &[i64],
    limit: i64,
) -> Result<Vec<String>, db::Error> {
    let acked: i64 = devices::table.find(device_id).select(devices::acked_seq).first(conn)?;
    let held: Vec<(Option<i64>, String)> = sync_inbox::table
        .filter(sync_inbox::device_id.eq(device_id))
        .filter(sync_inbox::seq.gt(acked))
        .filter(sync_inbox::result.eq(HELD))
        .order(sync_inbox::seq)
        .limit(limit)
        .select((sync_inbox::seq, sync_inbox::body))
        .load(conn)?;
    let mut last = acked;
    let unbroken = held.into_iter().take_while(|(seq, _)| {
        while coming.contains(&(last + 1)) {
            last += 1;
        }
        // Two may claim one number: the second follows as well as the first.
        let follows = seq.is_some_and(|seq| seq - last <= 1);
        last = seq.map_or(last, |seq| seq.max(last));
        follows
    });
    Ok(unbroken.map(|(_, body)| body).collect())
}
