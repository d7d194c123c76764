//! Fresh databases for tests, on both backends. [`both_backends!`](crate::both_backends) runs each test on a new
//! SQLite file and on a new PostgreSQL database; a missing PostgreSQL fails, it never skips. Write guard installed.

use std::path::PathBuf;

use diesel::connection::SimpleConnection;

use crate::conn::Access;
use crate::error::Error;
use crate::types::{Id, of};
use crate::{Clock, Conn, Db, FeedHook, Options, Timestamp, Url, guard, migrate};

/// 2026-03-02T09:00:00Z, a Monday: when tests begin.
pub const START: Timestamp = Timestamp::from_millis(1_772_442_000_000);

/// Names the server on which test databases are made.
pub const POSTGRES_VARIABLE: &str = "FETTLE_TEST_POSTGRES";

/// A database of one test. Its clock stands still until the test sets it.
pub struct TestDb {
    /// The open database.
    pub db: Db,
    /// Where it is, to open it a second time as another server would.
    pub url: Url,
    /// The clock that its commands see.
    pub clock: Clock,
    // Last, so that the database is closed before it is removed.
    _scratch: Scratch,
}

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file in the temporary folder.
    Sqlite,
    /// A database of its own on the server of [`POSTGRES_VARIABLE`].
    Postgres,
}

impl TestDb {
    /// A fresh database without a feed.
    pub fn fresh(backend: Backend) -> Self {
        Self::with_hook(backend, None)
    }

    /// A fresh database whose writes feed the phones through `hook`.
    pub fn with_hook(backend: Backend, hook: Option<FeedHook>) -> Self {
        let (url, scratch) = fresh_url(backend);
        let clock = Clock::scaled(START, 0.0);
        let db = Db::open(Options {
            clock: clock.clone(),
            hook,
            guard: true,
            readers: 4,
            ..Options::new(url.clone())
        });
        let db = db.unwrap_or_else(|e| panic!("cannot open a test database: {e}"));
        Self { db, url, clock, _scratch: scratch }
    }
}

/// Removes a test's database when the test is over: hundreds of them would fill the disk.
pub struct Scratch(Place);

enum Place {
    /// A folder, so that a connection which the pool makes too late cannot make the file anew.
    Folder(PathBuf),
    /// The server, and the name of a database on it.
    Database(Url, String),
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: whatever is left, the next test has a name of its own.
        match &self.0 {
            Place::Folder(path) => drop(std::fs::remove_dir_all(path)),
            Place::Database(server, name) => {
                if let Ok(mut admin) = Conn::open(server, Access::Write) {
                    drop(admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
                }
            }
        }
    }
}

/// The address of a database that nobody has used yet. It is gone when the second value is dropped.
pub fn fresh_url(backend: Backend) -> (Url, Scratch) {
    match backend {
        Backend::Sqlite => {
            let folder = std::env::temp_dir().join(format!("fettle-test-{}", Id::<of::Session>::new()));
            std::fs::create_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
            let file = folder.join("test.db");
            std::fs::copy(sqlite_template(), &file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            (Url::Sqlite(file), Scratch(Place::Folder(folder)))
        }
        Backend::Postgres => fresh_postgres().unwrap_or_else(|e| panic!("PostgreSQL: {e}")),
    }
}

/// A connection for looking at the database from outside, as an operator with plain SQL would.
pub fn raw(url: &Url) -> Conn {
    Conn::open(url, Access::Write).unwrap_or_else(|e| panic!("cannot connect: {e}"))
}

/// A migrated file, which tests copy instead of migrating anew. Whoever comes first makes it.
fn sqlite_template() -> PathBuf {
    let template = std::env::temp_dir().join(format!("fettle-template-{}.db", fingerprint("sqlite")));
    if !template.exists() {
        let own = template.with_extension(Id::<of::Session>::new().to_string());
        let migrated = Conn::open(&Url::Sqlite(own.clone()), Access::Write).and_then(|mut conn| {
            migrate::run(&mut conn)?;
            // Nothing is left beside the file: only that is copied.
            Ok(conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?)
        });
        migrated.unwrap_or_else(|e| panic!("cannot make {}: {e}", own.display()));
        // Of two who come first, the last one's stays: they are alike.
        std::fs::rename(&own, &template).unwrap_or_else(|e| panic!("{}: {e}", template.display()));
    }
    template
}

/// Copies a migrated template, which is many times faster than migrating anew.
fn fresh_postgres() -> Result<(Url, Scratch), Error> {
    let server = test_server();
    let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base).to_owned();
    let mut admin = Conn::open(&Url::Postgres(server.clone()), Access::Write)?;
    let template = format!("fettle_template_{}", fingerprint("postgres"));
    // Test processes run side by side: the first one makes the template, the others wait for it.
    admin.batch_execute("SELECT pg_advisory_lock(1717)")?;
    if admin.batch_execute(&format!("CREATE DATABASE {template}")).is_ok() {
        let mut conn = Conn::open(&Url::Postgres(format!("{base}/{template}")), Access::Write)?;
        migrate::run(&mut conn)?;
        guard::install(&mut conn)?;
    }
    let name = format!("fettle_test_{}", Id::<of::Session>::new().uuid().simple());
    let made = admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
    admin.batch_execute("SELECT pg_advisory_unlock(1717)")?;
    made?;
    // Without Kerberos: its library aborts a process that ends while the pool is still connecting.
    let url = Url::Postgres(format!("{base}/{name}?gssencmode=disable"));
    Ok((url, Scratch(Place::Database(Url::Postgres(server), name))))
}

/// Changes whenever a migration does. Read from the sources, since compiled-in migrations do not show their text; a
/// server that outlives an edit must not copy the schema from before it.
fn fingerprint(backend: &str) -> String {
    let folder = format!("{}/../migrations/{backend}", env!("CARGO_MANIFEST_DIR"));
    let text = |name: &String| std::fs::read_to_string(format!("{folder}/{name}/up.sql")).unwrap_or_default();
    let texts: String = migrate::names(backend == "postgres").iter().map(text).collect();
    crate::changes::digest(include_str!("guard.rs"), &texts)[..16].to_owned()
}

#[expect(clippy::disallowed_methods, reason = "the tests' one setting comes from the command that runs them")]
fn test_server() -> String {
    std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{POSTGRES_VARIABLE} is not set: run `cargo xtask test`, or `cargo xtask postgres` and set it to the \
             address that it prints"
        )
    })
}

/// Runs a future to its end on a small runtime of its own.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap_or_else(|e| panic!("no runtime: {e}"));
    let output = runtime.block_on(future);
    // Reads that wait for a connection to the database that was just dropped would hold the test up.
    runtime.shutdown_background();
    output
}

/// Registers each test once per database. The argument is a fresh [`TestDb`](crate::testing::TestDb).
///
/// ```ignore
/// both_backends! {
///     async fn a_new_log_is_empty(test: TestDb) {
///         assert_eq!(test.db.read(changes::last).await.unwrap(), 0);
///     }
/// }
/// ```
#[macro_export]
macro_rules! both_backends {
    ($($(#[$meta:meta])* async fn $name:ident($test:ident: $kind:ty) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "a test may need nothing of its module")]
            use super::*;

            async fn case($test: $kind) $body

            #[test]
            $(#[$meta])*
            fn sqlite() {
                $crate::testing::block_on(async { case(<$kind>::fresh($crate::testing::Backend::Sqlite)).await })
            }

            #[test]
            $(#[$meta])*
            fn postgres() {
                $crate::testing::block_on(async { case(<$kind>::fresh($crate::testing::Backend::Postgres)).await })
            }
        }
    )*};
}
