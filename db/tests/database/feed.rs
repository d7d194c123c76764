//! The phones' feed: one entry a row and scope, as new as the row's last change.

use db::schema::sync_feed;
use db::testing::{Backend, TestDb, raw};
use db::{Change, Conn, Error, FeedEntry, both_backends};
use diesel::prelude::*;

use crate::rows::{actor, add, insert, rename, skill};

/// Everybody hears of every skill, and engineer 7 of those that are his.
fn scopes(_: &mut Conn, changes: &[&Change]) -> Result<Vec<FeedEntry>, Error> {
    let entry = |scope: &str, change: &Change| FeedEntry {
        scope: scope.to_owned(),
        collection: "skills".to_owned(),
        row_id: change.row_id.clone(),
        seq: change.seq,
        op: "put".to_owned(),
    };
    let everybody = changes.iter().map(|change| entry("*", change));
    let his =
        changes.iter().filter(|change| change.row_id.starts_with("his")).map(|change| entry("7", change));
    Ok(everybody.chain(his).collect())
}

fn refusing(_: &mut Conn, _: &[&Change]) -> Result<Vec<FeedEntry>, Error> {
    Err(Error::Migrate("the hook says no".to_owned()))
}

/// A database whose commits feed phones.
struct Fed(TestDb);

impl Fed {
    fn fresh(backend: Backend) -> Self {
        Self(TestDb::with_hook(backend, Some(scopes)))
    }
}

/// A database whose hook always fails.
struct Refusing(TestDb);

impl Refusing {
    fn fresh(backend: Backend) -> Self {
        Self(TestDb::with_hook(backend, Some(refusing)))
    }
}

async fn feed(test: &TestDb) -> Vec<(String, String, i64)> {
    let found = test.db.read(|conn| {
        let query = sync_feed::table.order((sync_feed::scope, sync_feed::row_id));
        Ok::<_, Error>(query.select((sync_feed::scope, sync_feed::row_id, sync_feed::seq)).load(conn)?)
    });
    found.await.unwrap()
}

fn entry(scope: &str, row: &str, seq: i64) -> (String, String, i64) {
    (scope.to_owned(), row.to_owned(), seq)
}

both_backends! {
    async fn a_scope_has_one_entry_a_row_with_its_last_number(test: Fed) {
        let test = test.0;
        add(&test.db, "any", "").await;
        add(&test.db, "his", "").await;
        test.db.write(actor(), |tx| rename(tx, "any", "new")).await.unwrap();
        assert_eq!(feed(&test).await, [entry("*", "any", 3), entry("*", "his", 2), entry("7", "his", 2)]);
    }

    async fn a_row_changed_by_two_commands_of_a_group_is_one_entry(test: Fed) {
        let test = test.0;
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        let hold = test.db.write(actor(), move |_| { let _ = receiver.recv(); Ok::<_, Error>(()) });
        let first = test.db.write(actor(), |tx| insert(tx, &skill("his", "")));
        let second = test.db.write(actor(), |tx| rename(tx, "his", "new"));
        let go_on = async { sender.send(()).unwrap() };
        let (held, first, second, ()) = tokio::join!(hold, first, second, go_on);
        held.unwrap();
        first.unwrap();
        second.unwrap();
        assert_eq!(feed(&test).await, [entry("*", "his", 2), entry("7", "his", 2)]);
    }

    async fn a_large_write_feeds_every_row(test: Fed) {
        let test = test.0;
        let written = test.db.write(actor(), |tx| {
            for n in 0..1_500 {
                insert(tx, &skill(&format!("s{n:04}"), ""))?;
            }
            Ok::<_, Error>(())
        });
        written.await.unwrap();
        assert_eq!(feed(&test).await.len(), 1_500);
    }

    async fn what_the_feed_cannot_tell_is_not_written(test: Refusing) {
        let test = test.0;
        let refused = test.db.write(actor(), |tx| insert(tx, &skill("a", ""))).await;
        assert!(refused.unwrap_err().to_string().contains("the hook says no"));
        assert!(crate::rows::codes(&test.db).await.is_empty());
    }

    async fn of_entries_given_twice_the_last_one_counts(test: TestDb) {
        let given = |seq: i64, op: &str| FeedEntry {
            scope: "*".to_owned(),
            collection: "skills".to_owned(),
            row_id: "a".to_owned(),
            seq,
            op: op.to_owned(),
        };
        let mut conn = raw(&test.url);
        db::feed::write(&mut conn, vec![given(1, "put"), given(2, "remove")]).unwrap();
        db::feed::write(&mut conn, vec![]).unwrap();
        let found: Vec<(i64, String)> =
            sync_feed::table.select((sync_feed::seq, sync_feed::op)).load(&mut conn).unwrap();
        assert_eq!(found, [(2, "remove".to_owned())]);
    }
}
