//! Of several servers on one database one does what must be done by one: the holder of a lease, a row that it renews.
//! Whoever is killed does not renew, and another takes over when the lease has run out.

use std::sync::LazyLock;
use std::time::Duration;

use db::schema::settings;
use db::types::{Id, of};
use db::{Actor, Conn, Db, Tx, each_backend};
use diesel::prelude::*;

use crate::error::Error;

/// This process, as far as leases go.
static HOLDER: LazyLock<String> = LazyLock::new(|| Id::<of::Session>::new().to_string());

/// Takes or renews the lease of this name for so long, in real time; false if another server has it.
///
/// # Errors
/// A failure of the database.
pub async fn take(db: &Db, name: &'static str, actor: &str, length: Duration) -> Result<bool, Error> {
    take_for(db, name, actor, length, &HOLDER).await
}

/// The same in the name of somebody: several servers may be one process.
///
/// # Errors
/// A failure of the database.
pub async fn take_for(
    db: &Db,
    name: &'static str,
    actor: &str,
    length: Duration,
    holder: &str,
) -> Result<bool, Error> {
    let (length, holder) = (i64::try_from(length.as_millis()).unwrap_or(i64::MAX), holder.to_owned());
    // Whoever does not have it only looks: a write a second would be one too many.
    let for_read = holder.clone();
    if db.read(move |conn| held_by_another(conn, name, &for_read)).await? {
        return Ok(false);
    }
    db.write(Actor::system(actor), move |tx| take_as(tx, name, &holder, length)).await
}

fn held_by_another(conn: &mut Conn, name: &str, holder: &str) -> Result<bool, Error> {
    let held: Option<String> = settings::table.find(name).select(settings::value).first(conn).optional()?;
    let until = |held: &str| held.split_once(' ')?.0.parse::<i64>().ok();
    let now = db::clock::real_now().millis();
    Ok(held
        .as_deref()
        .filter(|held| !held.ends_with(holder))
        .is_some_and(|held| until(held).is_some_and(|until| until > now)))
}

fn take_as(tx: &mut Tx<'_>, name: &str, holder: &str, length_ms: i64) -> Result<bool, Error> {
    if held_by_another(tx.conn(), name, holder)? {
        return Ok(false);
    }
    let value = format!("{} {holder}", db::clock::real_now().plus_millis(length_ms).millis());
    each_backend!(tx.conn(), |c| diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq(&value)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(diesel::upsert::excluded(settings::value)))
        .execute(c))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use db::testing::TestDb;
    use db::{Actor, both_backends};

    use super::*;

    async fn takes(test: &TestDb, holder: &'static str, length_ms: i64) -> bool {
        let take = move |tx: &mut Tx<'_>| take_as(tx, "some_lease", holder, length_ms);
        test.db.write(Actor::system("test"), take).await.unwrap()
    }

    both_backends! {
        async fn one_server_has_it_until_its_lease_runs_out(test: TestDb) {
            assert!(takes(&test, "one", 60_000).await);
            assert!(!takes(&test, "two", 60_000).await);
            assert!(takes(&test, "one", 0).await, "it renews its own");
            assert!(takes(&test, "two", 60_000).await);
            assert!(!takes(&test, "one", 60_000).await);
        }

        async fn leases_of_other_names_are_other_leases(test: TestDb) {
            assert!(takes(&test, "one", 60_000).await);
            let other = Duration::from_secs(60);
            assert!(take_for(&test.db, "another_lease", "test", other, "two").await.unwrap());
            assert!(!take_for(&test.db, "some_lease", "test", other, "two").await.unwrap());
        }
    }
}
