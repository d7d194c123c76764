//! Copies SQLite's write-ahead log into the database file, on a thread and a connection of its own, so that no commit
//! waits for it. The writer only ends a round: once the log is long, its next commit copies the little that is left,
//! and the log starts from its beginning. PostgreSQL has processes of its own for this.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;

use crate::Conn;
use crate::conn::{Access, Url};
use crate::error::Error;

/// Pages of the log, 4 KiB each, after which the writer lends a hand. Reading looks pages up in the log first, so it
/// must not grow for ever.
const LONG_LOG: u32 = 8_000;

/// The shortest time between two rounds: a page that is written often is copied once.
const PAUSE: Duration = Duration::from_millis(200);

/// Told of each commit; ends its thread when it is dropped.
pub(crate) struct Checkpoints(Option<SyncSender<()>>);

impl Checkpoints {
    /// Takes the copying over from the writer's connection.
    pub fn start(url: &Url, writer: &mut Conn) -> Result<Self, Error> {
        if matches!(url, Url::Postgres(_)) {
            return Ok(Self(None));
        }
        relieve(writer)?;
        let conn = Conn::open(url, Access::Write)?;
        let (sender, commits) = sync_channel(1);
        std::thread::Builder::new()
            .name("fettle-checkpoint".to_owned())
            .spawn(move || serve(conn, &commits))
            .map_err(|e| Error::Group(format!("cannot start the checkpoints: {e}")))?;
        Ok(Self(Some(sender)))
    }

    /// Nobody copies: for a database that keeps no log of its own.
    pub const fn none() -> Self {
        Self(None)
    }

    /// A group was committed. Never waits: a round that is asked for already serves this commit too.
    pub fn committed(&self) {
        if let Some(sender) = &self.0 {
            let _ = sender.try_send(());
        }
    }
}

/// Lets the writer's connection copy only when the log has become long.
pub(crate) fn relieve(writer: &mut Conn) -> Result<(), Error> {
    if let Conn::Sqlite(conn) = writer {
        conn.batch_execute(&format!("PRAGMA wal_autocheckpoint={LONG_LOG}"))?;
    }
    Ok(())
}

fn serve(mut conn: Conn, commits: &Receiver<()>) {
    let mut next = Instant::now();
    while commits.recv().is_ok() {
        // Commits of the pause are served by the round at its end; a writer that is gone ends it.
        if wait(commits, next) {
            return;
        }
        if let Err(error) = conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)") {
            tracing::warn!(%error, "the write-ahead log could not be copied; the writer will do it");
        }
        next = Instant::now() + PAUSE;
    }
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
