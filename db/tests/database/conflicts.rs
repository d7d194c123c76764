//! Servers in each other's way, and connections that break: the group is run again and nobody notices.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use db::testing::{Backend, TestDb, block_on, raw};
use db::{Db, Error, Options, Tx};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use crate::rows::{actor, add, all, codes, insert, rename, skill};

#[derive(QueryableByName)]
struct Pid {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// Ends the connection that this command runs on, as a restart of PostgreSQL would.
fn cut(tx: &mut Tx<'_>, url: &db::Url) -> Result<(), Error> {
    let own: Pid = diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(tx.conn())?;
    Ok(raw(url).batch_execute(&format!("SELECT pg_terminate_backend({}, 5000)", own.pid))?)
}

#[test]
fn two_servers_that_lock_rows_in_opposite_order_both_succeed() {
    let test = TestDb::fresh(Backend::Postgres);
    let other = Db::open(Options { guard: true, ..Options::new(test.url.clone()) }).unwrap();
    let both_hold_one = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicUsize::new(0));
    let cross = |db: Db, first: &'static str, second: &'static str| {
        let (barrier, runs) = (both_hold_one.clone(), runs.clone());
        let mut met = false;
        tokio::spawn(async move {
            let crossed = db.write(actor(), move |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                rename(tx, first, &format!("by {first}"))?;
                // Only the first time: later the other one is done and would not come.
                if !std::mem::replace(&mut met, true) {
                    barrier.wait();
                }
                rename(tx, second, &format!("by {first}")).map(drop)
            });
            crossed.await
        })
    };
    block_on(async {
        add(&test.db, "a", "").await;
        add(&test.db, "b", "").await;
        let tasks = [cross(test.db.clone(), "a", "b"), cross(other.clone(), "b", "a")];
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let rows = test.db.read(all).await.unwrap();
        assert_eq!(rows[0].name, rows[1].name, "one after the other, not mixed");
        assert_eq!(add(&test.db, "c", "").await.last(), Some(7));
    });
    assert_eq!(runs.load(Ordering::Relaxed), 3, "one of them was run again");
}

#[test]
fn a_write_whose_connection_breaks_is_run_again_on_a_new_one() {
    let test = TestDb::fresh(Backend::Postgres);
    let url = test.url.clone();
    let mut first = true;
    block_on(async {
        let written = test.db.write(actor(), move |tx| {
            insert(tx, &skill("a", ""))?;
            if std::mem::replace(&mut first, false) {
                cut(tx, &url)?;
            }
            insert(tx, &skill("b", ""))
        });
        written.await.unwrap();
        assert_eq!(codes(&test.db).await, ["a", "b"]);
    });
}

#[test]
fn connections_that_broke_while_nobody_used_them_are_replaced() {
    let test = TestDb::fresh(Backend::Postgres);
    block_on(async {
        add(&test.db, "a", "").await;
        assert_eq!(codes(&test.db).await, ["a"]);
        let others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        raw(&test.url).batch_execute(others).unwrap();
        add(&test.db, "b", "").await;
        assert_eq!(codes(&test.db).await, ["a", "b"]);
    });
}

#[test]
fn a_database_that_is_gone_is_an_error_and_not_a_wait_for_ever() {
    let test = TestDb::fresh(Backend::Postgres);
    let db::Url::Postgres(url) = test.url.clone() else { panic!("not PostgreSQL") };
    let (server, name) = url.rsplit_once('/').unwrap();
    let name = name.split('?').next().unwrap();
    raw(&db::Url::Postgres(format!("{server}/postgres")))
        .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .unwrap();
    block_on(async {
        let refused = test.db.write(actor(), |tx| insert(tx, &skill("a", ""))).await;
        assert!(matches!(refused, Err(Error::Group(_))), "{refused:?}");
    });
}

#[test]
fn a_file_that_another_process_writes_to_is_waited_for() {
    let test = TestDb::fresh(Backend::Sqlite);
    let mut other = raw(&test.url);
    other.batch_execute("BEGIN IMMEDIATE; UPDATE counters SET value = value").unwrap();
    block_on(async {
        let committing = tokio::task::spawn_blocking(move || other.batch_execute("COMMIT"));
        add(&test.db, "a", "").await;
        committing.await.unwrap().unwrap();
        assert_eq!(codes(&test.db).await, ["a"]);
    });
}
