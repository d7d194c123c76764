//! Copies SQLite's write-ahead log into the database file, on a thread and a connection of its own, so that no commit
//! waits for it. The writer only ends a round: once the log is long and nearly all of it is copied, it copies the few
//! pages that came meanwhile between two groups, and the log starts from its beginning. PostgreSQL has processes of
//! its own for this.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use crate::Conn;
use crate::conn::{Access, Url};
use crate::error::Error;

/// Pages of the log, 4 KiB each, after which it shall start from its beginning. Reading looks pages up in the log
/// first, so it must not grow for ever.
const LONG_LOG: i32 = 8_000;
/// Pages after which the writer copies the log itself, if nobody else does.
const TOO_LONG_LOG: i32 = 16 * LONG_LOG;
/// So many pages are copied between two groups without anybody noticing.
const FEW: i32 = 400;
/// A round leaves what is written while it runs. So many rounds in a row make that few, or nothing does.
const ROUNDS: usize = 4;

/// The shortest time between two rounds: a page that is written often is copied once.
const PAUSE: Duration = Duration::from_millis(200);

/// Told of each commit; ends its thread when it is dropped.
pub(crate) struct Checkpoints(Option<Copying>);

struct Copying {
    commits: SyncSender<()>,
    /// The log is long, and few of its pages are left.
    nearly: Arc<AtomicBool>,
}

impl Checkpoints {
    /// Takes the copying over from the writer's connection.
    pub fn start(url: &Url, writer: &mut Conn) -> Result<Self, Error> {
        if matches!(url, Url::Postgres(_)) {
            return Ok(Self(None));
        }
        relieve(writer)?;
        let conn = Conn::open(url, Access::Write)?;
        let (sender, commits) = sync_channel(1);
        let nearly = Arc::new(AtomicBool::new(false));
        let copying = Copying { commits: sender, nearly: nearly.clone() };
        std::thread::Builder::new()
            .name("fettle-checkpoint".to_owned())
            .spawn(move || serve(conn, &commits, &nearly))
            .map_err(|e| Error::Group(format!("cannot start the checkpoints: {e}")))?;
        Ok(Self(Some(copying)))
    }

    /// Nobody copies: for a database that keeps no log of its own.
    pub const fn none() -> Self {
        Self(None)
    }

    /// A group was committed over this connection, and everybody in it was told. Never waits for a round: one that is
    /// asked for already serves this commit too.
    pub fn committed(&self, writer: Option<&mut Conn>) {
        let Some(copying) = &self.0 else { return };
        if copying.nearly.swap(false, Ordering::Relaxed)
            && let Some(writer) = writer
        {
            warn_of(copy(writer));
        }
        let _ = copying.commits.try_send(());
    }
}

/// Lets the writer's connection copy by itself only when the log has become far too long.
pub(crate) fn relieve(writer: &mut Conn) -> Result<(), Error> {
    if let Conn::Sqlite(conn) = writer {
        conn.batch_execute(&format!("PRAGMA wal_autocheckpoint={TOO_LONG_LOG}"))?;
    }
    Ok(())
}

/// What a round says, in pages.
#[derive(Debug, Clone, Copy, QueryableByName)]
struct Round {
    /// In the log.
    #[diesel(sql_type = Integer)]
    log: i32,
    /// Of them, those that are in the file.
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

fn copy(conn: &mut Conn) -> QueryResult<Option<Round>> {
    match conn {
        Conn::Sqlite(conn) => diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result(conn).map(Some),
        Conn::Postgres(_) => Ok(None),
    }
}

fn warn_of(round: QueryResult<Option<Round>>) -> Option<Round> {
    round
        .inspect_err(|error| tracing::warn!(%error, "the write-ahead log could not be copied; it grows"))
        .ok()
        .flatten()
}

fn serve(mut conn: Conn, commits: &Receiver<()>, nearly: &AtomicBool) {
    let mut next = Instant::now();
    while commits.recv().is_ok() {
        // Commits of the pause are served by the round at its end; a writer that is gone ends it.
        if wait(commits, next) {
            return;
        }
        nearly.store(nearly_all(&mut conn), Ordering::Relaxed);
        next = Instant::now() + PAUSE;
    }
}

/// One round; or, of a long log, as many as it takes until few pages are left. Whether they shall be copied.
fn nearly_all(conn: &mut Conn) -> bool {
    let mut copied = None;
    for _ in 0..ROUNDS {
        let Some(round) = warn_of(copy(conn)) else { return false };
        if round.log < LONG_LOG {
            return false;
        }
        if copied.is_some_and(|before| round.checkpointed - before <= FEW) {
            break;
        }
        copied = Some(round.checkpointed);
    }
    true
}

/// Waits until then; true if the writer ended before.
fn wait(commits: &Receiver<()>, until: Instant) -> bool {
    loop {
        match commits.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => return true,
        }
    }
}
