//! The epoch, and the numbers of changes across restores from a backup. A restore ends a life of the server that
//! phones have seen: what it numbered is gone, and its numbers must never be given again. So a new epoch begins at a
//! number that follows from the time, and the numbers that were stepped over are remembered as lost.

use db::schema::{counters, epochs, settings};
use db::types::{Id, of};
use db::{Actor, Conn, Db, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use mobile_sync_wire::limits::MAX_NUMBER;
use mobile_sync_wire::mutants::{self, Mutant};

use crate::Error;

/// The setting that holds the epoch.
const EPOCH: &str = "epoch";
/// How far numbers jump at the least, should the clock be wrong: farther than a life between backup and restore is
/// likely to have come.
const LEAST_JUMP: i64 = 1 << 32;
/// Numbers for each second since 2020: more than any server gives in one, and enough until 2088.
const A_SECOND: i64 = 1 << 22;
/// 2020-01-01 in UTC milliseconds.
const YEAR_2020: i64 = 1_577_836_800_000;

/// A restore, as the server remembers it: the numbers between the two are of lives that were lost.
#[derive(Insertable)]
#[diesel(table_name = epochs)]
struct Begun<'a> {
    first_number: i64,
    last_kept: i64,
    name: &'a str,
    began_at: Timestamp,
}

pub(crate) fn known(conn: &mut Conn) -> Result<Option<String>, db::Error> {
    Ok(settings::table.find(EPOCH).select(settings::value).first(conn).optional()?)
}

/// A name that no other server and no earlier life of this one has had.
fn name() -> String {
    format!("e{}", Id::<of::Session>::new().uuid().simple())
}

/// The epoch, named now if it has no name yet.
pub(crate) fn first(tx: &mut Tx<'_>) -> Result<String, db::Error> {
    first_on(tx.conn())
}

fn first_on(conn: &mut Conn) -> Result<String, db::Error> {
    if let Some(epoch) = known(conn)? {
        return Ok(epoch);
    }
    let row = (settings::name.eq(EPOCH), settings::value.eq(name()));
    each_backend!(conn, |c| diesel::insert_into(settings::table)
        .values(&row)
        .on_conflict(settings::name)
        .do_nothing()
        .execute(c))?;
    // Another server may have been faster.
    Ok(known(conn)?.unwrap_or_default())
}

/// The epoch, named at first use.
///
/// # Errors
/// A failure of the database.
pub async fn current(db: &Db) -> Result<String, Error> {
    match db.read(known).await? {
        Some(epoch) => Ok(epoch),
        None => Ok(db.write(Actor::system("sync"), first).await?),
    }
}

/// Begins a new epoch, after the database was restored from a backup: phones pull all anew, and give again what
/// the backup did not have. Numbers go on from one that no life of this server has given.
///
/// # Errors
/// A failure of the database, or no numbers left.
pub fn begin(tx: &mut Tx<'_>) -> Result<String, db::Error> {
    let now = tx.now();
    begin_on(tx.conn(), now, 0)
}

/// Likewise, on a database that no server has opened yet, and above a number that is known to have been given: the last
/// one of the database that was replaced.
///
/// # Errors
/// A failure of the database, or no numbers left.
pub fn begin_on(conn: &mut Conn, began_at: Timestamp, given: i64) -> Result<String, db::Error> {
    let before = first_on(conn)?;
    let epoch = if mutants::on(Mutant::EpochName) { before } else { name() };
    diesel::update(settings::table.find(EPOCH)).set(settings::value.eq(&epoch)).execute(conn)?;
    if mutants::on(Mutant::NumberJump) {
        return Ok(epoch);
    }
    let last_kept = db::changes::last(conn)?;
    let first_number = first_number(last_kept.max(given), began_at);
    let jumped = diesel::update(counters::table.find("changes"))
        .filter(counters::value.eq(last_kept).and(counters::value.lt(MAX_NUMBER - LEAST_JUMP)))
        .set(counters::value.eq(first_number))
        .execute(conn)?;
    if jumped == 0 || first_number >= MAX_NUMBER {
        return Err(db::Error::Group("the numbers of changes are used up: 2^53 is the last one".to_owned()));
    }
    let row = Begun { first_number, last_kept, name: &epoch, began_at };
    diesel::insert_into(epochs::table).values(&row).execute(conn)?;
    Ok(epoch)
}

/// Where a life begins: what an earlier one began with was less, for it began earlier, and what it gave was less
/// too, for none gives [`A_SECOND`] numbers a second.
fn first_number(given: i64, now: Timestamp) -> i64 {
    let seconds = (now.millis() - YEAR_2020).max(0) / 1_000;
    seconds.saturating_mul(A_SECOND).max(given.saturating_add(LEAST_JUMP))
}

/// A version that a phone says its user saw, as this life can judge it: 0, as if he had seen nothing, if it is of a
/// life that was lost. In that life the field may have had another value since, and he saw only that one.
pub(crate) fn seen(conn: &mut Conn, base: i64) -> Result<i64, db::Error> {
    if base <= 0 || mutants::on(Mutant::BaseOfLostLife) {
        return Ok(base);
    }
    let lost = epochs::table
        .filter(epochs::last_kept.lt(base))
        .filter(epochs::first_number.ge(base))
        .count()
        .get_result::<i64>(conn)?;
    Ok(if lost > 0 { 0 } else { base })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 in UTC milliseconds.
    const LATELY: i64 = 1_795_305_600_000;

    #[test]
    fn of_two_restores_the_later_begins_above_all_that_the_earlier_one_gave() {
        let first = first_number(5_000, Timestamp::from_millis(LATELY));
        let second = first_number(4_000, Timestamp::from_millis(LATELY + 1_000));
        assert!(second > first + 4_000_000, "{first} {second}");
    }

    #[test]
    fn numbers_are_whole_in_javascript_until_2088() {
        let eve = 3_723_667_199_000; // 2087-12-30
        assert!(first_number(0, Timestamp::from_millis(eve)) < MAX_NUMBER);
        assert!(first_number(0, Timestamp::from_millis(LATELY)) < 1 << 50);
    }

    #[test]
    fn a_clock_that_is_wrong_still_jumps_beyond_what_was_given() {
        assert_eq!(first_number(7, Timestamp::from_millis(0)), 7 + LEAST_JUMP);
        let given = first_number(0, Timestamp::from_millis(LATELY));
        assert_eq!(first_number(given, Timestamp::from_millis(LATELY - 5_000)), given + LEAST_JUMP);
    }
}
