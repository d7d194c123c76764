//! SQLite's log is copied into the database file beside the writer.

use std::time::{Duration, Instant};

use db::Url;
use db::schema::skills;
use db::testing::{Backend, TestDb};
use diesel::prelude::*;

use crate::rows::add;

/// How many skills are in the file itself, whatever the log beside it says. A look while it is written may fail.
fn in_the_file(url: &Url) -> Option<i64> {
    let Url::Sqlite(path) = url else { panic!("not SQLite") };
    let mut file = SqliteConnection::establish(&format!("file:{}?immutable=1", path.display())).ok()?;
    skills::table.count().get_result(&mut file).ok()
}

#[tokio::test]
async fn what_is_committed_gets_into_the_file_while_the_server_runs() {
    let test = TestDb::fresh(Backend::Sqlite);
    for n in 0..20 {
        add(&test.db, &format!("copied-{n}"), "").await;
    }
    let began = Instant::now();
    while in_the_file(&test.url) != Some(20) {
        assert!(began.elapsed() < Duration::from_secs(20), "only {:?} copied", in_the_file(&test.url));
        tokio::task::yield_now().await;
    }
    // And so does what comes after a round.
    add(&test.db, "the-last", "").await;
    let began = Instant::now();
    while in_the_file(&test.url) != Some(21) {
        assert!(began.elapsed() < Duration::from_secs(20), "the last one is not copied");
        tokio::task::yield_now().await;
    }
}

/// A number that SQLite draws whenever the log starts from its beginning.
fn salt(url: &Url) -> Option<[u8; 8]> {
    let Url::Sqlite(path) = url else { panic!("not SQLite") };
    let log = std::fs::File::open(format!("{}-wal", path.display())).ok()?;
    let mut salt = [0; 8];
    std::os::unix::fs::FileExt::read_exact_at(&log, &mut salt, 16).ok()?;
    Some(salt)
}

#[tokio::test]
async fn a_long_log_starts_from_its_beginning_though_commits_never_pause() {
    let test = TestDb::fresh(Backend::Sqlite);
    let text = "x".repeat(100_000);
    add(&test.db, "the-first", &text).await;
    let (began, first) = (Instant::now(), salt(&test.url));
    let mut count = 0;
    while salt(&test.url) == first {
        assert!(began.elapsed() < Duration::from_secs(120), "the log still grows after {count} commits");
        add(&test.db, &format!("next-{count}"), &text).await;
        count += 1;
    }
    assert!(count > 100, "a short log does not start anew at each round: {count} commits");
}
