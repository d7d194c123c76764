//! Of several servers on one database one plans: the holder of a lease, a row that each round renews.

use std::sync::LazyLock;
use std::time::Duration;

use db::schema::settings;
use db::types::{Id, of};
use db::{Actor, Db, Tx, each_backend};
use diesel::prelude::*;

use crate::error::Error;

const NAME: &str = "planner_lease";

/// This process, as far as leases go.
static HOLDER: LazyLock<String> = LazyLock::new(|| Id::<of::Session>::new().to_string());

/// Takes or renews the lease for so long, in real time; false if another server has it.
///
/// # Errors
/// A failure of the database.
pub async fn take(db: &Db, length: Duration) -> Result<bool, Error> {
    let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    db.write(Actor::system(super::ACTOR), move |tx| take_as(tx, &HOLDER, length)).await
}

fn take_as(tx: &mut Tx<'_>, holder: &str, length_ms: i64) -> Result<bool, Error> {
    let now = db::clock::real_now();
    let held: Option<String> =
        settings::table.find(NAME).select(settings::value).first(tx.conn()).optional()?;
    let until = |held: &str| held.split_once(' ')?.0.parse::<i64>().ok();
    if let Some(held) = held.as_deref().filter(|held| !held.ends_with(holder))
        && until(held).is_some_and(|until| until > now.millis())
    {
        return Ok(false);
    }
    let value = format!("{} {holder}", now.plus_millis(length_ms).millis());
    each_backend!(tx.conn(), |c| diesel::insert_into(settings::table)
        .values((settings::name.eq(NAME), settings::value.eq(&value)))
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
        test.db.write(Actor::system("test"), move |tx| take_as(tx, holder, length_ms)).await.unwrap()
    }

    both_backends! {
        async fn one_server_plans_until_its_lease_runs_out(test: TestDb) {
            assert!(takes(&test, "one", 60_000).await);
            assert!(!takes(&test, "two", 60_000).await);
            assert!(takes(&test, "one", 0).await, "it renews its own");
            assert!(takes(&test, "two", 60_000).await);
            assert!(!takes(&test, "one", 60_000).await);
        }
    }
}
