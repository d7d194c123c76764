//! Rows and numbers that a group writes at its end, and commands that hope.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};

use db::schema::{counters, skills};
use db::testing::TestDb;
use db::{Db, Error, Tx, both_backends};
use diesel::prelude::*;

use crate::groups::{go_on, hold};
use crate::rows::{Skill, actor, add, codes, remove, skill};

db::later_row!(Skill, skills::table, rank 0);

/// The same table's row, on the record of a ticket.
#[derive(serde::Serialize)]
struct OfTicket(&'static str);

impl db::Entity for OfTicket {
    const ENTITY: &'static str = "skills";

    fn row_id(&self) -> String {
        "a".to_owned()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.0.to_owned())
    }
}

fn put_later(tx: &mut Tx<'_>, code: &str) -> Result<(), Error> {
    let row = skill(code, "");
    tx.created(&row)?;
    tx.insert_later(row);
    Ok(())
}

async fn later(db: &Db, code: &'static str) -> Result<Option<i64>, Error> {
    db.write_numbered(actor(), move |tx| put_later(tx, code)).await.map(|((), numbers)| numbers.last())
}

fn known(tx: &mut Tx<'_>) -> Result<i64, Error> {
    Ok(skills::table.count().get_result(tx.conn())?)
}

/// Counts what it sees of the rows that were put later.
async fn counting(db: &Db) -> Result<i64, Error> {
    db.write(actor(), known).await
}

/// Numbers a row by the counter of tickets.
async fn numbered(db: &Db) -> Result<i64, Error> {
    db.write(actor(), |tx| tx.count("tickets")).await
}

async fn numbered_and_refused(db: &Db) -> Result<i64, Error> {
    let refused = |tx: &mut Tx<'_>| {
        tx.count("tickets")?;
        put_later(tx, "never")?;
        Err(Error::Migrate("no".to_owned()))
    };
    db.write(actor(), refused).await
}

/// Puts a row unless it is there; a first try does not look.
async fn put_once(db: &Db, code: &'static str, tries: Arc<AtomicU32>) -> Result<bool, Error> {
    let run = move |tx: &mut Tx<'_>| {
        tries.fetch_add(1, Ordering::Relaxed);
        if !tx.may_hope() && skills::table.find(code).count().get_result::<i64>(tx.conn())? > 0 {
            return Ok(false);
        }
        put_later(tx, code)?;
        Ok(true)
    };
    db.write(actor(), run).await
}

async fn counter(test: &TestDb) -> i64 {
    let value = counters::table.find("tickets").select(counters::value);
    test.db.read(move |conn| Ok::<_, Error>(value.first(conn)?)).await.unwrap()
}

both_backends! {
    async fn rows_of_several_commands_are_written_and_logged(test: TestDb) {
        let (sender, receiver) = mpsc::channel();
        let db = &test.db;
        let ((), a, b, ()) = tokio::join!(hold(db, receiver), later(db, "a"), later(db, "b"), go_on(sender));
        assert_eq!([a.unwrap(), b.unwrap()], [Some(1), Some(2)]);
        assert_eq!(codes(db).await, ["a", "b"]);
    }

    async fn a_statement_sees_the_rows_that_were_put_before_it(test: TestDb) {
        let (sender, receiver) = mpsc::channel();
        let db = &test.db;
        let ((), a, seen, b, ()) =
            tokio::join!(hold(db, receiver), later(db, "a"), counting(db), later(db, "b"), go_on(sender));
        a.and(b).unwrap();
        assert_eq!(seen.unwrap(), 1);
    }

    async fn a_row_can_be_put_and_changed_in_one_command(test: TestDb) {
        let run = |tx: &mut Tx<'_>| {
            put_later(tx, "a")?;
            crate::rows::rename(tx, "a", "renamed").map(drop)?;
            put_later(tx, "b")?;
            remove(tx, &skill("b", ""))
        };
        test.db.write(actor(), run).await.unwrap();
        assert_eq!(codes(&test.db).await, ["a"]);
    }

    async fn statements_beside_leave_the_rows_waiting(test: TestDb) {
        let seen = test.db.write(actor(), |tx| {
            put_later(tx, "a")?;
            let beside: i64 = skills::table.count().get_result(tx.conn_beside())?;
            Ok::<_, Error>((beside, known(tx)?))
        });
        assert_eq!(seen.await.unwrap(), (0, 1));
    }

    async fn rows_wait_until_somebody_looks_at_the_record_that_they_belong_to(test: TestDb) {
        let (sender, receiver) = mpsc::channel();
        let db = &test.db;
        let put = |tx: &mut Tx<'_>| {
            tx.created(&OfTicket("t-1"))?;
            tx.insert_later(skill("a", ""));
            Ok::<_, Error>(())
        };
        let seen = |record: &'static str| {
            db.write(actor(), move |tx: &mut Tx<'_>| {
                Ok::<i64, Error>(skills::table.count().get_result(tx.conn_for(record))?)
            })
        };
        let ((), put, another, its_own, ()) =
            tokio::join!(hold(db, receiver), db.write(actor(), put), seen("t-2"), seen("t-1"), go_on(sender));
        put.unwrap();
        assert_eq!((another.unwrap(), its_own.unwrap()), (0, 1));
    }

    async fn a_row_that_is_there_already_harms_only_its_own_command(test: TestDb) {
        add(&test.db, "a", "").await;
        let (sender, receiver) = mpsc::channel();
        let db = &test.db;
        let ((), b, twice, c, ()) =
            tokio::join!(hold(db, receiver), later(db, "b"), later(db, "a"), later(db, "c"), go_on(sender));
        assert!(twice.unwrap_err().violation().is_some());
        assert_eq!([b.unwrap(), c.unwrap()], [Some(2), Some(3)]);
        assert!(later(db, "a").await.unwrap_err().violation().is_some(), "and alone");
        assert_eq!(later(db, "d").await.unwrap(), Some(4));
        assert_eq!(codes(db).await, ["a", "b", "c", "d"]);
    }

    async fn a_failed_row_is_the_answer_though_its_command_said_something_else(test: TestDb) {
        add(&test.db, "a", "").await;
        let stubborn = test.db.write(actor(), |tx| {
            put_later(tx, "a")?;
            // Writes what waits, and does not care how that ends.
            let _ = known(tx);
            Ok::<_, Error>(())
        });
        assert!(stubborn.await.unwrap_err().violation().is_some());
        assert_eq!(codes(&test.db).await, ["a"]);
    }

    async fn what_a_refused_command_left_for_later_is_not_written(test: TestDb) {
        let (sender, receiver) = mpsc::channel();
        let db = &test.db;
        let ((), first, refused, second, a, ()) = tokio::join!(
            hold(db, receiver), numbered(db), numbered_and_refused(db), numbered(db), later(db, "a"), go_on(sender)
        );
        assert!(refused.is_err());
        let first = first.unwrap();
        assert_eq!(second.unwrap(), first + 1, "the refused one's number is given again");
        a.unwrap();
        assert!(numbered_and_refused(db).await.is_err(), "and alone");
        assert_eq!(numbered(db).await.unwrap(), first + 2);
        assert_eq!(counter(&test).await, first + 2);
        assert_eq!(codes(db).await, ["a"]);
    }

    async fn whoever_hoped_in_vain_runs_again_and_looks(test: TestDb) {
        let tries = Arc::new(AtomicU32::new(0));
        assert!(put_once(&test.db, "a", tries.clone()).await.unwrap());
        assert_eq!(tries.load(Ordering::Relaxed), 1);
        assert!(!put_once(&test.db, "a", tries.clone()).await.unwrap());
        assert_eq!(tries.load(Ordering::Relaxed), 3);
    }

    async fn of_two_in_one_group_who_hope_for_the_same_one_gets_it(test: TestDb) {
        let tries = Arc::new(AtomicU32::new(0));
        let (sender, receiver) = mpsc::channel();
        let db = &test.db;
        let ((), one, two, ()) = tokio::join!(
            hold(db, receiver), put_once(db, "a", tries.clone()), put_once(db, "a", tries.clone()), go_on(sender)
        );
        assert_eq!([one.unwrap(), two.unwrap()], [true, false]);
        assert_eq!(codes(db).await, ["a"]);
    }

    async fn many_rows_of_one_command_fit_into_the_statements(test: TestDb) {
        let codes: Vec<String> = (0..1_100).map(|n| format!("s{n:04}")).collect();
        let expected = codes.clone();
        let run = move |tx: &mut Tx<'_>| codes.iter().try_for_each(|code| put_later(tx, code));
        test.db.write(actor(), run).await.unwrap();
        assert_eq!(crate::rows::codes(&test.db).await, expected);
    }
}
