//! The one writer of a process. It takes the commands that wait, gives each a savepoint, and commits them together,
//! so that one fsync and one turn at the counter serve many; a refused command rolls back alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot, watch};

use crate::changes::{self, Change, Collected};
use crate::clock::Clock;
use crate::conn::{Access, Url};
use crate::database::Stats;
use crate::error::Error;
use crate::tx::{Actor, Numbers, Tx};
use crate::{Conn, FeedHook, feed, guard};

/// Most commands in one group: bounds how long the first one waits for the last.
pub(crate) const GROUP: usize = 128;

/// How often a group is run again after a deadlock or a lost connection.
const ATTEMPTS: usize = 5;

/// An error that a write may end with: the feature's own, which can wrap a failure of the database.
pub trait Failure: From<Error> + Send + 'static {
    /// The database failure inside, if that is what it is.
    fn database(&self) -> Option<&Error>;
}

impl Failure for Error {
    fn database(&self) -> Option<&Error> {
        Some(self)
    }
}

/// A command on its way through the writer, with its types forgotten.
pub(crate) trait Job: Send {
    /// Runs the closure and keeps its result.
    fn run(&mut self, conn: &mut Conn, clock: &Clock, earlier: &[Collected]) -> Ran;
    /// Replaces the result of a command that said yes but cannot be committed.
    fn refuse(&mut self, error: Error);
    /// Tells the caller, after the commit or the failure of the group.
    fn finish(self: Box<Self>, committed: Result<Numbers, Error>);
}

pub(crate) enum Ran {
    Done(Collected),
    /// The closure said no; its savepoint is rolled back.
    Refused,
    /// Worth another try of the whole group, on a new connection if the old one is gone.
    Again {
        disconnected: bool,
    },
}

pub(crate) struct Command<T, E, F> {
    pub actor: Actor,
    pub body: F,
    pub result: Option<Result<T, E>>,
    pub reply: oneshot::Sender<Result<(T, Numbers), E>>,
}

impl<T, E, F> Job for Command<T, E, F>
where
    T: Send,
    E: Failure,
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, conn: &mut Conn, clock: &Clock, earlier: &[Collected]) -> Ran {
        let mut tx = Tx::new(conn, self.actor.clone(), clock.now(), earlier);
        // A panic in one command must not stop the writer for all others.
        let result = catch_unwind(AssertUnwindSafe(|| (self.body)(&mut tx)));
        let collected = tx.into_pending();
        match result {
            Ok(Ok(value)) => {
                self.result = Some(Ok(value));
                Ran::Done(collected)
            }
            Ok(Err(error)) => {
                let disconnected = error.database().is_some_and(Error::is_disconnect);
                if disconnected || error.database().is_some_and(Error::is_transient) {
                    return Ran::Again { disconnected };
                }
                self.result = Some(Err(error));
                Ran::Refused
            }
            Err(_) => {
                tracing::error!("a write panicked");
                self.result = Some(Err(E::from(Error::Stopped)));
                Ran::Refused
            }
        }
    }

    fn refuse(&mut self, error: Error) {
        self.result = Some(Err(E::from(error)));
    }

    fn finish(self: Box<Self>, committed: Result<Numbers, Error>) {
        // A caller that went away does not want the answer; the write stands.
        let answer = match (self.result, committed) {
            (Some(Ok(value)), Ok(numbers)) => Ok((value, numbers)),
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(E::from(error)),
            (None, Ok(_)) => Err(E::from(Error::Stopped)),
        };
        let _ = self.reply.send(answer);
    }
}

pub(crate) struct Writer {
    pub url: Url,
    pub conn: Option<Conn>,
    pub clock: Clock,
    pub hook: Option<FeedHook>,
    pub guard: bool,
    pub stats: Arc<Stats>,
    pub committed: watch::Sender<i64>,
}

impl Writer {
    /// Serves until every [`Db`](crate::Db) is gone.
    pub fn serve(mut self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        let mut jobs = Vec::with_capacity(GROUP);
        while queue.blocking_recv_many(&mut jobs, GROUP) > 0 {
            self.run_group(&mut jobs);
        }
    }

    fn run_group(&mut self, jobs: &mut Vec<Box<dyn Job>>) {
        self.stats.groups.fetch_add(1, Ordering::Relaxed);
        self.stats.commands.fetch_add(jobs.len() as u64, Ordering::Relaxed);
        let mut outcome = self.attempt(jobs);
        for _ in 1..ATTEMPTS {
            let Err((error, again)) = &outcome else { break };
            if !again {
                break;
            }
            tracing::warn!(%error, "running a group of writes again");
            outcome = self.attempt(jobs);
        }
        match outcome {
            Ok(numbers) => {
                if let Some(last) = numbers.iter().filter_map(Numbers::last).max() {
                    self.committed.send_replace(last);
                }
                for (job, numbers) in jobs.drain(..).zip(numbers) {
                    job.finish(Ok(numbers));
                }
            }
            Err((error, _)) => {
                tracing::error!(%error, commands = jobs.len(), "a group of writes failed");
                let unknown = matches!(error, Error::CommitUnknown);
                let text = error.to_string();
                for job in jobs.drain(..) {
                    job.finish(Err(if unknown { Error::CommitUnknown } else { Error::Group(text.clone()) }));
                }
            }
        }
    }

    /// One try at the whole group. The flag of the error says whether another try makes sense.
    fn attempt(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<Vec<Numbers>, (Error, bool)> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => Conn::open(&self.url, Access::Write).map_err(|e| (e, true))?,
        };
        if let Err(error) = conn.begin_write() {
            // The connection is dropped: whatever state it is in, the next attempt starts with a new one.
            return Err((error, true));
        }
        match self.fill(&mut conn, jobs) {
            Ok(numbers) => match conn.commit() {
                Ok(()) => {
                    self.conn = Some(conn);
                    Ok(numbers)
                }
                Err(error) if error.is_transient() => Err((error, true)),
                Err(error) => {
                    tracing::error!(%error, "commit failed");
                    Err((Error::CommitUnknown, false))
                }
            },
            Err((error, again)) => {
                if conn.roll_back().is_ok() {
                    self.conn = Some(conn);
                }
                Err((error, again))
            }
        }
    }

    /// Runs the commands and writes log and feed; everything up to the commit.
    fn fill(&self, conn: &mut Conn, jobs: &mut [Box<dyn Job>]) -> Result<Vec<Numbers>, (Error, bool)> {
        // A group of one needs no savepoint, unless the command is refused: then there is nothing else to keep.
        let alone = jobs.len() == 1;
        let mut commands = Vec::with_capacity(jobs.len());
        for job in jobs.iter_mut() {
            let outside = if alone { 0 } else { conn.depth() };
            if !alone {
                conn.savepoint().map_err(retryable)?;
            }
            match self.run(conn, job.as_mut(), alone, &commands)? {
                Some(collected) => commands.push(collected),
                None => {
                    conn.roll_back_to(outside).map_err(retryable)?;
                    if alone {
                        // Nothing left to commit, but the caller expects an open transaction.
                        conn.begin_write().map_err(retryable)?;
                    }
                    commands.push((Actor::system("refused"), self.clock.now(), Vec::new()));
                }
            }
        }
        self.number(conn, &commands).map_err(retryable)
    }

    /// Runs one command and releases its savepoint; none if it is refused and has to be undone.
    fn run(
        &self,
        conn: &mut Conn,
        job: &mut dyn Job,
        alone: bool,
        earlier: &[Collected],
    ) -> Result<Option<Collected>, (Error, bool)> {
        let collected = match job.run(conn, &self.clock, earlier) {
            Ran::Done(collected) => collected,
            Ran::Refused => return Ok(None),
            Ran::Again { disconnected: true } => {
                return Err((Error::Query(diesel::result::Error::BrokenTransactionManager), true));
            }
            Ran::Again { disconnected: false } => {
                return Err((Error::Group("transient failure".to_owned()), true));
            }
        };
        let released = match (alone, collected.2.is_empty()) {
            (false, _) => conn.commit(),
            // Taking a number will show whether the transaction still works.
            (true, false) => Ok(()),
            (true, true) => conn.check_unbroken(),
        };
        match released {
            Ok(()) => Ok(Some(collected)),
            Err(error) if error.is_transient() || error.is_disconnect() => Err((error, true)),
            Err(error) => {
                // It went on after a failed statement: its own fault, and not its neighbours'.
                job.refuse(error);
                Ok(None)
            }
        }
    }

    fn number(&self, conn: &mut Conn, commands: &[Collected]) -> Result<Vec<Numbers>, Error> {
        let numbered = changes::append(conn, commands)?;
        let all: Vec<&Change> = numbered.iter().flatten().collect();
        if let (Some(hook), false) = (self.hook, all.is_empty()) {
            let entries = hook(conn, &all)?;
            feed::write(conn, entries)?;
        }
        if self.guard {
            let start = all.first().map_or(i64::MAX, |c| c.seq - 1);
            guard::check(conn, start)?;
        }
        Ok(commands
            .iter()
            .zip(&numbered)
            .map(|((_, _, pending), changes)| {
                Numbers(
                    pending
                        .iter()
                        .zip(changes)
                        .map(|(p, change)| (p.entity, p.row_id.clone(), change.seq))
                        .collect(),
                )
            })
            .collect())
    }
}

fn retryable(error: Error) -> (Error, bool) {
    let again = error.is_transient() || error.is_disconnect();
    (error, again)
}
