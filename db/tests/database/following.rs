//! The promise that everything else rests on: numbers follow the order of commits, so a reader with a cursor misses
//! nothing, however many servers write.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use db::testing::TestDb;
use db::{Db, Error, Options, both_backends, changes};

use crate::rows::{actor, add, all, insert, rename, skill};

const SERVERS: usize = 3;
const WRITERS: usize = 8;
/// Commands of each writer; each adds one row and renames one that was there before.
const COMMANDS: usize = 20;

fn another_server(test: &TestDb) -> Db {
    let options = Options { clock: test.clock.clone(), guard: true, ..Options::new(test.url.clone()) };
    Db::open(options).unwrap()
}

/// Writes through one server after the other; what is acknowledged later must have the higher number.
async fn writer(servers: Vec<Db>, n: usize) {
    let mut last = 0;
    for command in 0..COMMANDS {
        let server = &servers[(n + command) % servers.len()];
        let code = format!("w{n}-{command}");
        let shared = format!("shared-{}", (n + command) % 4);
        let written = server.write_numbered(actor(), move |tx| {
            insert(tx, &skill(&code, ""))?;
            rename(tx, &shared, &code).map(drop)
        });
        let ((), numbers) = written.await.unwrap();
        let number = numbers.last().unwrap();
        assert!(number > last, "{number} was acknowledged after {last}");
        last = number;
    }
}

/// Follows the log by its cursor, a few changes at a time, until `total` have passed. The rows as it knows them then.
async fn follower(db: Db, total: i64, page: i64) -> BTreeMap<String, String> {
    let mut cursor = 0;
    let mut rows = BTreeMap::new();
    while cursor < total {
        let found = db.read(move |conn| changes::after(conn, cursor, page)).await.unwrap();
        for change in &found {
            assert_eq!(change.seq, cursor + 1, "a number is missing or came late");
            cursor = change.seq;
            let body = change.row.as_ref().unwrap().get().to_owned();
            rows.insert(change.row_id.clone(), body);
        }
        if found.is_empty() {
            db.changed_after(cursor, Duration::from_millis(5)).await;
        }
    }
    rows
}

both_backends! {
    async fn whoever_follows_the_log_misses_nothing_though_several_servers_write(test: TestDb) {
        for n in 0..4 {
            add(&test.db, &format!("shared-{n}"), "").await;
        }
        let mut servers = vec![test.db.clone()];
        servers.extend((1..SERVERS).map(|_| another_server(&test)));
        let total = i64::try_from(4 + WRITERS * COMMANDS * 2).unwrap();
        let followers: Vec<_> = [(0, 3), (1, 7), (2, 1_000)]
            .map(|(server, page)| tokio::spawn(follower(servers[server].clone(), total, page)))
            .into_iter()
            .collect();
        let writers: Vec<_> = (0..WRITERS).map(|n| tokio::spawn(writer(servers.clone(), n))).collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let there = test.db.read(all).await.unwrap();
        let there: BTreeMap<String, String> = there
            .into_iter()
            .map(|row| (row.code.clone(), serde_json::to_string(&row).unwrap()))
            .collect();
        for follower in followers {
            assert_eq!(follower.await.unwrap(), there, "the last change of a row is the row");
        }
        assert_eq!(test.db.read(changes::last).await.unwrap(), total);
    }

    async fn a_command_of_one_server_sees_what_another_acknowledged(test: TestDb) {
        let other = another_server(&test);
        for n in 0..20 {
            let (first, second) = if n % 2 == 0 { (&test.db, &other) } else { (&other, &test.db) };
            add(first, &format!("{n:02}"), "").await;
            let seen = second.write(actor(), |tx| all(tx.conn())).await.unwrap();
            assert_eq!(seen.len(), n + 1);
        }
    }

    async fn refused_commands_leave_no_gap_in_the_numbers(test: TestDb) {
        let other = another_server(&test);
        let mut tasks = Vec::new();
        for n in 0..60_usize {
            let server = if n % 2 == 0 { test.db.clone() } else { other.clone() };
            tasks.push(tokio::spawn(async move {
                // Every code is tried three times, so two of three are refused.
                let row = skill(&format!("{}", n % 20), "");
                server.write_numbered(actor(), move |tx| insert(tx, &row)).await.ok().and_then(|(_, n)| n.last())
            }));
        }
        let mut numbers = BTreeSet::new();
        for task in tasks {
            numbers.extend(task.await.unwrap());
        }
        assert_eq!(numbers, (1..=20).collect::<BTreeSet<i64>>());
    }

    async fn an_opened_server_goes_on_counting_where_the_last_one_stopped(test: TestDb) {
        add(&test.db, "a", "").await;
        let next = another_server(&test);
        let woken = tokio::time::timeout(Duration::from_secs(60), next.changed_after(0, Duration::from_secs(120)));
        woken.await.unwrap();
        assert_eq!(add(&next, "b", "").await.last(), Some(2));
        let seen = next.read(|conn| Ok::<_, Error>(changes::after(conn, 0, 9)?.len())).await.unwrap();
        assert_eq!(seen, 2);
    }
}
