//! Commands that commit together, and what one of them can do to the others.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::Poll;

use db::testing::TestDb;
use db::{Db, Error, Options, both_backends};
use diesel::prelude::*;

use crate::rows::{actor, add, codes, insert, skill};

/// Holds the writer until told to go on, so that whatever is sent meanwhile waits together. The first poll returns
/// when the writer is held: by then its group is made up, and no command sent later can slip into it.
pub async fn hold(db: &Db, go_on: Receiver<()>) {
    let (began, held) = channel();
    let mut holding = pin!(db.write(actor(), move |_| -> Result<(), Error> {
        began.send(()).unwrap();
        let _ = go_on.recv();
        Ok(())
    }));
    let sent = poll_fn(|cx| Poll::Ready(holding.as_mut().poll(cx))).await;
    assert!(sent.is_pending());
    held.recv().unwrap();
    holding.await.unwrap();
}

/// Polled after the commands before it in a `join!`, each of which has then been sent.
pub async fn go_on(sender: Sender<()>) {
    sender.send(()).unwrap();
}

fn groups(test: &TestDb) -> u64 {
    test.db.stats().groups.load(Ordering::Relaxed)
}

async fn put(db: &Db, code: &str) -> Result<Option<i64>, Error> {
    let row = skill(code, "");
    db.write_numbered(actor(), move |tx| insert(tx, &row)).await.map(|((), numbers)| numbers.last())
}

async fn refused_after_writing(db: &Db) -> Result<(), Error> {
    db.write(actor(), |tx| {
        insert(tx, &skill("never", ""))?;
        Err(Error::Migrate("no".to_owned()))
    })
    .await
}

async fn panicking_after_writing(db: &Db) -> Result<(), Error> {
    db.write(actor(), |tx| {
        insert(tx, &skill("never", ""))?;
        panic!("on purpose");
    })
    .await
}

/// Panics while a savepoint of its own is open.
async fn panicking_deep_inside(db: &Db) -> Result<(), Error> {
    db.write(actor(), |tx| {
        insert(tx, &skill("never", ""))?;
        tx.conn().transaction(|_| -> Result<(), Error> { panic!("on purpose, deep inside") })
    })
    .await
}

/// Ignores that a statement failed, after which PostgreSQL refuses all others of the transaction.
async fn careless(db: &Db) -> Result<(), Error> {
    db.write(actor(), |tx| {
        insert(tx, &skill("never", ""))?;
        let _ = diesel::sql_query("SELECT * FROM no_such_table").execute(tx.conn());
        Ok(())
    })
    .await
}

both_backends! {
    async fn waiting_commands_commit_together_with_a_number_each(test: TestDb) {
        let (sender, receiver) = channel();
        let db = &test.db;
        let ((), a, b, c, ()) =
            tokio::join!(hold(db, receiver), put(db, "a"), put(db, "b"), put(db, "c"), go_on(sender));
        assert_eq!([a.unwrap(), b.unwrap(), c.unwrap()], [Some(1), Some(2), Some(3)]);
        assert!(groups(&test) <= 2, "the one that held may have been alone; the three were together");
    }

    async fn a_refused_command_rolls_back_alone(test: TestDb) {
        let (sender, receiver) = channel();
        let db = &test.db;
        let ((), a, refused, b, ()) = tokio::join!(
            hold(db, receiver), put(db, "a"), refused_after_writing(db), put(db, "b"), go_on(sender)
        );
        assert!(matches!(refused, Err(Error::Migrate(_))), "{refused:?}");
        assert_eq!([a.unwrap(), b.unwrap()], [Some(1), Some(2)]);
        assert_eq!(codes(db).await, ["a", "b"]);
        assert!(groups(&test) <= 2);
    }

    async fn a_command_that_the_database_refuses_rolls_back_alone(test: TestDb) {
        add(&test.db, "a", "").await;
        let (sender, receiver) = channel();
        let db = &test.db;
        let ((), b, twice, c, ()) =
            tokio::join!(hold(db, receiver), put(db, "b"), put(db, "a"), put(db, "c"), go_on(sender));
        assert!(twice.unwrap_err().violation().is_some());
        assert_eq!([b.unwrap(), c.unwrap()], [Some(2), Some(3)]);
        assert_eq!(codes(db).await, ["a", "b", "c"]);
    }

    async fn a_panicking_command_harms_neither_its_group_nor_the_writer(test: TestDb) {
        let (sender, receiver) = channel();
        let db = &test.db;
        let ((), a, panicked, b, ()) = tokio::join!(
            hold(db, receiver), put(db, "a"), panicking_after_writing(db), put(db, "b"), go_on(sender)
        );
        assert!(matches!(panicked, Err(Error::Stopped)), "{panicked:?}");
        assert_eq!([a.unwrap(), b.unwrap()], [Some(1), Some(2)]);
        assert!(panicking_after_writing(db).await.is_err(), "and alone");
        assert_eq!(put(db, "c").await.unwrap(), Some(3));
        assert_eq!(codes(db).await, ["a", "b", "c"]);
    }

    async fn a_panic_inside_a_savepoint_leaves_nothing_of_its_command(test: TestDb) {
        let (sender, receiver) = channel();
        let db = &test.db;
        let ((), a, panicked, b, ()) = tokio::join!(
            hold(db, receiver), put(db, "a"), panicking_deep_inside(db), put(db, "b"), go_on(sender)
        );
        assert!(panicked.is_err());
        assert_eq!([a.unwrap(), b.unwrap()], [Some(1), Some(2)]);
        assert!(panicking_deep_inside(db).await.is_err(), "and alone");
        assert_eq!(put(db, "c").await.unwrap(), Some(3));
        assert_eq!(codes(db).await, ["a", "b", "c"]);
    }

    async fn a_command_that_ignores_a_failed_statement_harms_only_itself(test: TestDb) {
        let (sender, receiver) = channel();
        let db = &test.db;
        let ((), a, careless_one, b, ()) =
            tokio::join!(hold(db, receiver), put(db, "a"), careless(db), put(db, "b"), go_on(sender));
        // SQLite goes on after a failed statement; PostgreSQL does not.
        let went_on = careless_one.is_ok();
        assert_eq!(a.unwrap(), Some(1));
        assert_eq!(b.unwrap(), Some(if went_on { 3 } else { 2 }));
        let expected: &[&str] = if went_on { &["a", "b", "never"] } else { &["a", "b"] };
        assert_eq!(codes(db).await, expected);
        assert!(careless(db).await.is_err(), "and alone: twice the same row on SQLite, a broken transaction else");
        put(db, "c").await.unwrap();
    }

    async fn what_is_acknowledged_is_written_though_nothing_is_logged(test: TestDb) {
        // As in production: the guard's own statement would notice.
        let db = Db::open(Options::new(test.url.clone())).unwrap();
        let written = db.write(actor(), |tx| {
            diesel::sql_query("INSERT INTO settings VALUES ('a', '1')").execute(tx.conn())?;
            let _ = diesel::sql_query("SELECT * FROM no_such_table").execute(tx.conn());
            Ok::<_, Error>(())
        });
        let acknowledged = written.await.is_ok();
        let there: i64 = test.db.read(|conn| {
            Ok::<_, Error>(db::schema::settings::table.count().get_result(conn)?)
        }).await.unwrap();
        assert_eq!(there == 1, acknowledged);
    }

    async fn a_caller_that_goes_away_does_not_take_its_write_along(test: TestDb) {
        let (sender, receiver) = channel();
        let db = test.db.clone();
        {
            let write = put(&db, "a");
            tokio::pin!(write);
            // Polled once, so that it is sent, and then dropped.
            let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(write.as_mut().poll(cx)));
            let holder = db.clone();
            let held = tokio::spawn(async move { hold(&holder, receiver).await });
            let _ = polled.await;
            go_on(sender).await;
            held.await.unwrap();
        }
        put(&db, "b").await.unwrap();
        assert_eq!(codes(&db).await, ["a", "b"]);
    }
}
