//! [`Conn`] is one type over SQLite and PostgreSQL, so that a query is written once. Diesel's `MultiConnection`
//! covers everything but upserts and multi-row inserts; those go through [`each_backend!`](crate::each_backend),
//! which compiles the one statement for both. Opening, pragmas and read-only sessions are settled here.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::Error;

/// A connection to the one database of this deployment.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// One file, in write-ahead mode.
    Sqlite(SqliteConnection),
    /// One server, possibly shared with other Fettle servers.
    Postgres(PgConnection),
}

/// Runs one expression against the connection that is really there. Only for what `Conn` itself cannot express:
/// upserts and multi-row inserts.
#[macro_export]
macro_rules! each_backend {
    ($conn:expr, |$inner:ident| $body:expr) => {
        match $conn {
            $crate::Conn::Sqlite($inner) => $body,
            $crate::Conn::Postgres($inner) => $body,
        }
    };
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Url {
    /// A file, made if it is missing.
    Sqlite(PathBuf),
    /// A `postgres://` address.
    Postgres(String),
}

impl Url {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite://PATH` or a plain path.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Self::Postgres(text.to_owned());
        }
        Self::Sqlite(PathBuf::from(text.strip_prefix("sqlite://").unwrap_or(text)))
    }
}

/// What a connection is for: the writer writes, everybody else is kept from it by the database itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The lock that the writers of one database take turns at; the number only has to be different from others.
const WRITERS_TURN: i64 = 0x6665_7474_6c66;

/// How long PostgreSQL leaves a server its turn that has stopped in the middle of it. Others wait for that long.
const STALLED_TURN: &str = "60s";

/// How long SQLite waits for another process's write lock before it reports "busy".
const BUSY_TIMEOUT_MS: u32 = 10_000;

/// Makes a connection to SQLite ours. Several that open a new file together all want it in WAL, for which SQLite
/// takes a lock without waiting for it; so we do.
fn settle(conn: &mut SqliteConnection) -> Result<(), Error> {
    // FULL: an acknowledged write survives a power cut, not only a crash of the process.
    let pragmas = format!(
        "PRAGMA busy_timeout={BUSY_TIMEOUT_MS}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000;"
    );
    let until = Instant::now() + Duration::from_millis(u64::from(BUSY_TIMEOUT_MS));
    loop {
        let failure = match conn.batch_execute(&pragmas) {
            Ok(()) => return Ok(()),
            Err(error) => Error::from(error),
        };
        if !failure.is_transient() || Instant::now() >= until {
            return Err(failure);
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

impl Conn {
    pub(crate) fn open(url: &Url, access: Access) -> Result<Self, Error> {
        match url {
            Url::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                settle(&mut conn)?;
                if access == Access::Read {
                    conn.batch_execute("PRAGMA query_only=ON")?;
                }
                Ok(Self::Sqlite(conn))
            }
            Url::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                conn.batch_execute("SET client_min_messages = warning")?;
                match access {
                    Access::Read => conn.batch_execute("SET default_transaction_read_only = on")?,
                    Access::Write => conn.batch_execute(&format!(
                        "SET idle_in_transaction_session_timeout = '{STALLED_TURN}'"
                    ))?,
                }
                Ok(Self::Postgres(conn))
            }
        }
    }

    /// Begins a write, alone. SQLite takes its lock at once, so that a transaction never fails half-way as "busy".
    /// On PostgreSQL the servers of one database take turns in the same way: groups of two servers, which hold many
    /// rows each, would else wait for each other in circles, and each circle costs the second after which PostgreSQL
    /// looks for one. It is one message, so it costs nothing where there is one server.
    pub(crate) fn begin_write(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
            Self::Postgres(c) => {
                let begin = format!("BEGIN; SELECT pg_advisory_xact_lock({WRITERS_TURN})");
                AnsiTransactionManager::begin_transaction_sql(c, &begin)?;
            }
        }
        Ok(())
    }

    /// Begins a read that sees one state of the database from its first to its last query.
    pub(crate) fn begin_read(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN DEFERRED")?,
            Self::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(
                c,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            )?,
        }
        Ok(())
    }

    pub(crate) fn savepoint(&mut self) -> Result<(), Error> {
        Ok(<Self as Connection>::TransactionManager::begin_transaction(self)?)
    }

    /// Ends the innermost savepoint or the transaction.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        Ok(<Self as Connection>::TransactionManager::commit_transaction(self)?)
    }

    /// Undoes the innermost savepoint or the transaction.
    pub(crate) fn roll_back(&mut self) -> Result<(), Error> {
        Ok(<Self as Connection>::TransactionManager::rollback_transaction(self)?)
    }

    /// How many levels are open: the transaction, and savepoints in it.
    pub(crate) fn depth(&mut self) -> u32 {
        let status = <Self as Connection>::TransactionManager::transaction_manager_status_mut(self);
        status.transaction_depth().ok().flatten().map_or(0, NonZeroU32::get)
    }

    /// Undoes whatever is open beyond `depth` levels: a panic may leave more than the innermost one.
    pub(crate) fn roll_back_to(&mut self, depth: u32) -> Result<(), Error> {
        while self.depth() > depth {
            self.roll_back()?;
        }
        Ok(())
    }

    /// Fails if a statement failed before and nobody minded. PostgreSQL would do nothing more and yet say yes to
    /// `COMMIT`; SQLite undoes a failed statement and goes on.
    pub(crate) fn check_unbroken(&mut self) -> Result<(), Error> {
        if self.is_postgres() {
            self.batch_execute("SELECT 1")?;
        }
        Ok(())
    }

    /// Whether this is PostgreSQL, for the few places where the two differ in what they promise.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}
