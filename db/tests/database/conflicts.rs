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
fn groups_of_two_servers_that_want_the_same_rows_in_opposite_order_take_turns() {
    const ROWS: usize = 100;
    let test = TestDb::fresh(Backend::Postgres);
    let other = Db::open(Options { guard: true, ..Options::new(test.url.clone()) }).unwrap();
    let runs = Arc::new(AtomicUsize::new(0));
    let rename_row = |db: Db, n: usize| {
        let runs = runs.clone();
        tokio::spawn(async move {
            let renamed = db.write(actor(), move |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                rename(tx, &n.to_string(), "renamed")
            });
            renamed.await
        })
    };
    block_on(async {
        for n in 0..ROWS {
            add(&test.db, &n.to_string(), "").await;
        }
        for _ in 0..5 {
            let there = (0..ROWS).map(|n| rename_row(test.db.clone(), n));
            let and_back = (0..ROWS).rev().map(|n| rename_row(other.clone(), n));
            let tasks: Vec<_> = there.chain(and_back).collect();
            for task in tasks {
                task.await.unwrap().unwrap();
            }
        }
    });
    assert_eq!(runs.load(Ordering::Relaxed), 2 * 5 * ROWS, "none had to be run again");
}

/// Whoever writes with plain SQL takes no turns.
#[test]
fn a_write_that_waits_for_a_stranger_who_waits_for_it_is_run_again() {
    let test = TestDb::fresh(Backend::Postgres);
    let (both_hold_one, url) = (Arc::new(Barrier::new(2)), test.url.clone());
    let (barrier, runs) = (both_hold_one.clone(), Arc::new(AtomicUsize::new(0)));
    let stranger = move || {
        let mut conn = raw(&url);
        // He looks for circles later than the server does, so it is the server's write that gives way.
        conn.batch_execute("SET deadlock_timeout = '100s'; BEGIN").unwrap();
        conn.batch_execute("UPDATE skills SET name_zh = 's' WHERE code = 'b'").unwrap();
        both_hold_one.wait();
        conn.batch_execute("UPDATE skills SET name_zh = 's' WHERE code = 'a'; ROLLBACK").unwrap();
    };
    let (counted, mut met) = (runs.clone(), false);
    block_on(async {
        add(&test.db, "a", "").await;
        add(&test.db, "b", "").await;
        let stranger = tokio::task::spawn_blocking(stranger);
        let renamed = test.db.write(actor(), move |tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            rename(tx, "a", "twice")?;
            // Only the first time: later the stranger is gone and would not come.
            if !std::mem::replace(&mut met, true) {
                barrier.wait();
            }
            rename(tx, "b", "twice").map(drop)
        });
        renamed.await.unwrap();
        stranger.await.unwrap();
        assert!(test.db.read(all).await.unwrap().iter().all(|row| row.name == "twice"));
        assert_eq!(add(&test.db, "c", "").await.last(), Some(5));
    });
    assert!(runs.load(Ordering::Relaxed) > 1);
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
