//! Reads: one state, no writing, and waking up.

use std::sync::mpsc::channel;
use std::time::Duration;

use db::testing::{TestDb, raw};
use db::{Error, both_backends, changes};
use diesel::prelude::*;
use tokio::sync::oneshot;

use crate::rows::{actor, add, all, codes, insert, skill};

/// Never reached: a test that waits this long has failed.
const FOREVER: Duration = Duration::from_secs(60);

both_backends! {
    async fn a_read_sees_one_state_however_long_it_takes(test: TestDb) {
        add(&test.db, "a", "").await;
        let (looked, has_looked) = oneshot::channel();
        let (written, is_written) = channel();
        let db = test.db.clone();
        let reading = tokio::spawn(async move {
            db.read(move |conn| {
                let before = all(conn)?;
                let _ = looked.send(());
                let _ = is_written.recv();
                Ok::<_, Error>((before, all(conn)?, changes::last(conn)?))
            })
            .await
        });
        has_looked.await.unwrap();
        add(&test.db, "b", "").await;
        written.send(()).unwrap();
        let (before, after, last) = reading.await.unwrap().unwrap();
        assert_eq!((before.len(), last), (1, 1));
        assert_eq!(before, after);
        assert_eq!(codes(&test.db).await, ["a", "b"]);
    }

    async fn a_read_cannot_write(test: TestDb) {
        let tried = test.db.read(|conn| -> Result<(), Error> {
            use db::schema::skills;
            diesel::insert_into(skills::table).values(&skill("a", "")).execute(conn)?;
            Ok(())
        });
        let error = tried.await.unwrap_err().to_string();
        assert!(error.contains("read-only") || error.contains("readonly"), "{error}");
        assert!(codes(&test.db).await.is_empty());
    }

    async fn a_read_that_fails_or_panics_leaves_its_connection_usable(test: TestDb) {
        // More often than there are connections, so that a spoilt one would be met again.
        for _ in 0..6 {
            let failed = test.db.read(|conn| -> Result<(), Error> {
                diesel::sql_query("SELECT * FROM no_such_table").execute(conn)?;
                Ok(())
            });
            assert!(failed.await.is_err());
            let panicked = test.db.read(|_| -> Result<(), Error> { panic!("on purpose") });
            assert!(panicked.await.is_err());
        }
        add(&test.db, "a", "").await;
        for _ in 0..6 {
            assert_eq!(codes(&test.db).await, ["a"], "and sees what is new");
        }
    }

    async fn a_reader_with_a_cursor_is_woken_by_a_commit(test: TestDb) {
        let (woken, ()) = tokio::join!(
            tokio::time::timeout(FOREVER, test.db.changed_after(0, FOREVER * 2)),
            async { add(&test.db, "a", "").await; }
        );
        woken.unwrap();
        let already = tokio::time::timeout(FOREVER, test.db.changed_after(0, FOREVER * 2)).await;
        already.unwrap();
    }

    async fn a_reader_that_nobody_wakes_looks_again_by_itself(test: TestDb) {
        let limit = Duration::from_millis(1);
        tokio::time::timeout(FOREVER, test.db.changed_after(0, limit)).await.unwrap();
    }

    async fn reads_go_on_while_a_write_is_open(test: TestDb) {
        add(&test.db, "a", "").await;
        let (inside, is_inside) = oneshot::channel();
        let (done, is_done) = channel();
        let mut inside = Some(inside);
        let writing = test.db.write(actor(), move |tx| {
            insert(tx, &skill("b", ""))?;
            if let Some(inside) = inside.take() {
                let _ = inside.send(());
            }
            let _ = is_done.recv();
            Ok::<_, Error>(())
        });
        let reading = async {
            is_inside.await.unwrap();
            let seen = codes(&test.db).await;
            done.send(()).unwrap();
            seen
        };
        let (written, seen) = tokio::join!(writing, reading);
        written.unwrap();
        assert_eq!(seen, ["a"], "and sees nothing of it");
    }

    async fn what_is_acknowledged_is_there_for_any_other_connection(test: TestDb) {
        for n in 0..20 {
            add(&test.db, &format!("{n:02}"), "").await;
            assert_eq!(all(&mut raw(&test.url)).unwrap().len(), n + 1);
        }
    }
}
