//! What the change log says.

use db::changes::{self, digest};
use db::testing::{START, TestDb, raw};
use db::types::DeviceId;
use db::{Actor, Error, Op, both_backends};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::rows::{actor, add, codes, insert, remove, rename, skill};

both_backends! {
    async fn a_new_log_is_empty(test: TestDb) {
        assert_eq!(test.db.read(changes::last).await.unwrap(), 0);
        assert!(test.db.read(|conn| changes::after(conn, 0, 10)).await.unwrap().is_empty());
    }

    async fn a_change_tells_who_when_what_and_the_row_as_it_is_now(test: TestDb) {
        let device = DeviceId::new();
        let who = Actor { id: "7".to_owned(), name: "ann".to_owned(), device_id: Some(device) };
        let row = skill("lift-b", "Lifts");
        test.db.write(who, move |tx| insert(tx, &row)).await.unwrap();
        let log = test.db.read(|conn| changes::after(conn, 0, 10)).await.unwrap();
        assert_eq!(log.len(), 1);
        let change = &log[0];
        assert_eq!((change.seq, change.at, change.op), (1, START, Op::Put));
        assert_eq!((change.actor_id.as_str(), change.actor.as_str()), ("7", "ann"));
        assert_eq!(change.device_id.as_deref(), Some(device.as_str()));
        assert_eq!((change.entity.as_str(), change.row_id.as_str()), ("skills", "lift-b"));
        let body = change.row.as_ref().unwrap().get();
        assert_eq!(body, r#"{"code":"lift-b","name":"Lifts","name_zh":""}"#);
    }

    async fn a_removed_row_is_told_as_it_last_was(test: TestDb) {
        add(&test.db, "a", "A").await;
        let row = skill("a", "A");
        test.db.write(actor(), move |tx| remove(tx, &row)).await.unwrap();
        let log = test.db.read(|conn| changes::after(conn, 1, 10)).await.unwrap();
        assert_eq!(log[0].op, Op::Delete);
        assert!(log[0].row.as_ref().unwrap().get().contains("\"name\":\"A\""));
    }

    async fn a_row_changed_twice_in_one_command_is_one_change(test: TestDb) {
        let ((), numbers) = test.db.write_numbered(actor(), |tx| {
            insert(tx, &skill("a", "first"))?;
            insert(tx, &skill("b", "other"))?;
            rename(tx, "a", "last").map(drop)
        }).await.unwrap();
        let log = test.db.read(|conn| changes::after(conn, 0, 10)).await.unwrap();
        let told: Vec<&str> = log.iter().map(|c| c.row_id.as_str()).collect();
        assert_eq!(told, ["a", "b"]);
        assert!(log[0].row.as_ref().unwrap().get().contains("last"));
        assert_eq!(numbers.last(), Some(2));
    }

    async fn the_version_of_a_row_is_the_number_of_its_last_change(test: TestDb) {
        let first = add(&test.db, "a", "A").await;
        add(&test.db, "b", "B").await;
        let (_, second) = test.db.write_numbered(actor(), |tx| rename(tx, "a", "A2")).await.unwrap();
        assert_eq!((first.version("skills", "a"), second.version("skills", "a")), (Some(1), Some(3)));
        assert_eq!(second.version("skills", "b"), None);
        assert_eq!(test.db.read(|conn| changes::version(conn, "skills", "a")).await.unwrap(), 3);
        assert_eq!(test.db.read(|conn| changes::version(conn, "skills", "zzz")).await.unwrap(), 0);
        assert_eq!(test.db.read(changes::last).await.unwrap(), 3);
    }

    async fn a_refused_command_takes_no_number(test: TestDb) {
        add(&test.db, "a", "A").await;
        let refused = test.db.write(actor(), |tx| insert(tx, &skill("a", "again"))).await.unwrap_err();
        assert!(refused.violation().is_some_and(|v| v.concerns("skills", "pkey") || v.concerns("skills", "code")));
        assert_eq!(add(&test.db, "b", "B").await.last(), Some(2));
    }

    async fn a_command_that_changes_nothing_takes_no_number(test: TestDb) {
        let (found, numbers) = test.db.write_numbered(actor(), |tx| crate::rows::all(tx.conn())).await.unwrap();
        assert!(found.is_empty());
        assert_eq!(numbers.last(), None);
        assert_eq!(add(&test.db, "a", "A").await.last(), Some(1));
    }

    async fn a_write_that_the_log_misses_fails_and_leaves_nothing(test: TestDb) {
        let silent = test.db.write(actor(), |tx| -> Result<(), Error> {
            use db::schema::skills;
            diesel::insert_into(skills::table).values(&skill("a", "A")).execute(tx.conn())?;
            Ok(())
        });
        let error = silent.await.unwrap_err();
        assert!(error.to_string().contains("skills a"), "{error}");
        assert!(codes(&test.db).await.is_empty());
        add(&test.db, "b", "B").await;
    }

    async fn a_log_that_tells_of_another_row_does_not_help(test: TestDb) {
        add(&test.db, "a", "A").await;
        let wrong = test.db.write(actor(), |tx| -> Result<(), Error> {
            diesel::sql_query("UPDATE skills SET name = 'silent'").execute(tx.conn())?;
            insert(tx, &skill("b", "B"))
        });
        assert!(wrong.await.unwrap_err().to_string().contains("skills a"));
        assert_eq!(codes(&test.db).await, ["a"]);
    }

    async fn content_is_kept_apart_and_proven_by_its_digest(test: TestDb) {
        use db::schema::{change_contents, changes as log};
        add(&test.db, "a", "A").await;
        let (salt, body): (String, String) = test.db.read(|conn| {
            Ok::<_, Error>(change_contents::table.select((change_contents::salt, change_contents::body)).first(conn)?)
        }).await.unwrap();
        let kept: String =
            test.db.read(|conn| Ok::<_, Error>(log::table.select(log::digest).first(conn)?)).await.unwrap();
        assert_eq!(digest(&salt, &body), kept);
        assert_ne!(digest(&salt, &body.replace('A', "B")), kept);
        raw(&test.url).batch_execute("DELETE FROM change_contents").unwrap();
        let erased = test.db.read(|conn| changes::after(conn, 0, 10)).await.unwrap();
        assert_eq!(erased.len(), 1, "the change itself stays");
        assert!(erased[0].row.is_none());
    }

    async fn a_page_of_the_log_has_a_bound(test: TestDb) {
        let written = test.db.write(actor(), |tx| {
            for n in 0..changes::PAGE + 5 {
                insert(tx, &skill(&format!("s{n}"), ""))?;
            }
            Ok::<_, Error>(())
        });
        written.await.unwrap();
        let page = test.db.read(|conn| changes::after(conn, 0, i64::MAX)).await.unwrap();
        assert_eq!(i64::try_from(page.len()).unwrap(), changes::PAGE);
        let rest = test.db.read(|conn| changes::after(conn, changes::PAGE, i64::MAX)).await.unwrap();
        assert_eq!(rest.len(), 5);
    }

    async fn commands_see_the_servers_clock(test: TestDb) {
        test.clock.set(START.plus_minutes(5));
        let row = skill("a", "A");
        let now = test.db.write(actor(), move |tx| { insert(tx, &row)?; Ok::<_, Error>(tx.now()) }).await.unwrap();
        assert_eq!(now, START.plus_minutes(5));
        assert_eq!(test.db.read(|conn| changes::after(conn, 0, 1)).await.unwrap()[0].at, now);
    }
}
