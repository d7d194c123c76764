//! The one writer of a process. It takes the commands that wait and commits them together, so that one fsync and one
//! turn at the counter serve many. Nearly always all of them succeed, and what they may leave for the end of the group
//! is written in one statement a table. When one is refused, the group is undone and run again carefully, with a
//! savepoint around each, so that the refused one rolls back alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot, watch};

use crate::changes::{self, Change, Collected};
use crate::checkpoint::{self, Checkpoints};
use crate::clock::Clock;
use crate::conn::{Access, Url};
use crate::database::Stats;
use crate::error::Error;
use crate::later::Later;
use crate::tx::{Actor, Group, Numbers, Tx};
use crate::{Conn, FeedHook, feed, guard};

/// Most commands in one group: bounds how long the first one waits for the last.
pub(crate) const GROUP: usize = 128;

/// After a refusal, so many groups are run carefully at once: refusals seldom come alone.
const WARY: u32 = 16;

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
    fn run(&mut self, group: Group<'_>, clock: &Clock) -> Ran;
    /// Replaces the result of a command that said yes but cannot be committed.
    fn refuse(&mut self, error: Error);
    /// Tells the caller, after the commit or the failure of the group.
    fn finish(self: Box<Self>, committed: Result<Numbers, Error>);
}

pub(crate) enum Ran {
    Done(Collected),
    /// The closure said no: it is rolled back, or runs again if it hoped.
    Refused {
        hoped: bool,
    },
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
    fn run(&mut self, group: Group<'_>, clock: &Clock) -> Ran {
        let mut tx = Tx::new(group, self.actor.clone(), clock.now());
        // A panic in one command must not stop the writer for all others.
        let result = catch_unwind(AssertUnwindSafe(|| (self.body)(&mut tx)));
        let (collected, hoped) = tx.into_collected();
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
                Ran::Refused { hoped }
            }
            Err(_) => {
                tracing::error!("a write panicked");
                self.result = Some(Err(E::from(Error::Stopped)));
                Ran::Refused { hoped: false }
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
    pub checkpoints: Checkpoints,
    /// Groups still to be run carefully.
    pub wary: u32,
}

/// What may help after a failed attempt at a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retry {
    No,
    /// It was bad luck.
    Again,
    /// One command failed, and took the others with it.
    Carefully,
}

type Failed = (Error, Retry);

impl Writer {
    /// Serves until every [`Db`](crate::Db) is gone.
    pub fn serve(mut self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        let mut jobs = Vec::with_capacity(GROUP);
        while queue.blocking_recv_many(&mut jobs, GROUP) > 0 {
            self.run_group(&mut jobs);
        }
    }

    /// Runs these commands as one group, commits them and tells their callers.
    pub fn run_group(&mut self, jobs: &mut Vec<Box<dyn Job>>) {
        self.stats.groups.fetch_add(1, Ordering::Relaxed);
        self.stats.commands.fetch_add(jobs.len() as u64, Ordering::Relaxed);
        let outcome = self.try_often(jobs);
        match outcome {
            Ok(numbers) => {
                if let Some(last) = numbers.iter().filter_map(Numbers::last).max() {
                    self.committed.send_replace(last);
                }
                for (job, numbers) in jobs.drain(..).zip(numbers) {
                    job.finish(Ok(numbers));
                }
                self.checkpoints.committed(self.conn.as_mut());
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

    fn connect(&self) -> Result<Conn, Error> {
        let mut conn = Conn::open(&self.url, Access::Write)?;
        checkpoint::relieve(&mut conn)?;
        Ok(conn)
    }

    fn try_often(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<Vec<Numbers>, Failed> {
        let mut careful = self.wary > 0;
        self.wary = self.wary.saturating_sub(1);
        let mut attempts = 1;
        loop {
            match self.attempt(jobs, careful) {
                Err((_, Retry::Carefully)) => {
                    careful = true;
                    self.wary = WARY;
                }
                Err((error, Retry::Again)) if attempts < ATTEMPTS => {
                    tracing::warn!(%error, "running a group of writes again");
                    attempts += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// One try at the whole group.
    fn attempt(&mut self, jobs: &mut [Box<dyn Job>], careful: bool) -> Result<Vec<Numbers>, Failed> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.connect().map_err(|e| (e, Retry::Again))?,
        };
        if let Err(error) = conn.begin_write() {
            // The connection is dropped: whatever state it is in, the next attempt starts with a new one.
            return Err((error, Retry::Again));
        }
        match self.fill(&mut conn, jobs, careful) {
            Ok(numbers) => match conn.commit() {
                Ok(()) => {
                    self.conn = Some(conn);
                    Ok(numbers)
                }
                Err(error) if error.is_transient() => Err((error, Retry::Again)),
                Err(error) => {
                    tracing::error!(%error, "commit failed");
                    Err((Error::CommitUnknown, Retry::No))
                }
            },
            Err((error, again)) => {
                // All levels: a panic may leave a savepoint of its own open.
                if conn.roll_back_to(0).is_ok() {
                    self.conn = Some(conn);
                }
                Err((error, again))
            }
        }
    }

    /// Runs the commands and writes log and feed; everything up to the commit.
    fn fill(
        &self,
        conn: &mut Conn,
        jobs: &mut [Box<dyn Job>],
        careful: bool,
    ) -> Result<Vec<Numbers>, Failed> {
        let alone = jobs.len() == 1;
        let savepoints = careful && !alone;
        let mut later = Later::default();
        let mut commands = Vec::with_capacity(jobs.len());
        for job in jobs.iter_mut() {
            let outside = if savepoints { conn.depth() } else { 0 };
            if savepoints {
                conn.savepoint().map_err(retryable)?;
            }
            let group = Group { conn, later: &mut later, earlier: &commands, careful };
            match self.run(group, job.as_mut(), savepoints)? {
                Some(collected) => commands.push(collected),
                None if alone || savepoints => {
                    later = Later::default();
                    conn.roll_back_to(outside).map_err(retryable)?;
                    if alone {
                        // Nothing left to commit, but the caller expects an open transaction.
                        conn.begin_write().map_err(retryable)?;
                    }
                    commands.push((Actor::system("refused"), self.clock.now(), Vec::new()));
                }
                None => return Err(stumbled()),
            }
        }
        later.settle(conn);
        if let Some(error) = later.failure() {
            return Err(blameless(error));
        }
        if !savepoints && commands.iter().all(|(_, _, pending)| pending.is_empty()) {
            // No number is taken, which would show whether the transaction still works.
            self.check_unbroken(conn, jobs)?;
        }
        self.number(conn, &commands).map_err(|error| match retryable(error) {
            (_, Retry::No) if !savepoints && !alone => stumbled(),
            failed => failed,
        })
    }

    /// Runs one command and releases its savepoint; none if it is refused and has to be undone.
    fn run(&self, group: Group<'_>, job: &mut dyn Job, savepoint: bool) -> Result<Option<Collected>, Failed> {
        let Group { conn, later, earlier, careful } = group;
        let ran = job.run(Group { conn, later, earlier, careful }, &self.clock);
        if careful {
            later.settle(conn);
        }
        match later.failure() {
            Some(error) if careful && !error.is_transient() && !error.is_disconnect() => {
                job.refuse(error);
                return Ok(None);
            }
            Some(error) => return Err(blameless(error)),
            None => {}
        }
        let collected = match ran {
            Ran::Done(collected) => collected,
            Ran::Refused { hoped: true } => return Err(stumbled()),
            Ran::Refused { hoped: false } => return Ok(None),
            Ran::Again { disconnected: true } => {
                return Err((Error::Query(diesel::result::Error::BrokenTransactionManager), Retry::Again));
            }
            Ran::Again { disconnected: false } => {
                return Err((Error::Group("transient failure".to_owned()), Retry::Again));
            }
        };
        match if savepoint { conn.commit() } else { Ok(()) } {
            Ok(()) => Ok(Some(collected)),
            Err(error) if error.is_transient() || error.is_disconnect() => Err((error, Retry::Again)),
            Err(error) => {
                // It went on after a failed statement: its own fault, and not its neighbours'.
                job.refuse(error);
                Ok(None)
            }
        }
    }

    /// Whether a command went on after a failed statement, in a group that changed nothing that is logged.
    fn check_unbroken(&self, conn: &mut Conn, jobs: &mut [Box<dyn Job>]) -> Result<(), Failed> {
        match conn.check_unbroken() {
            Ok(()) => Ok(()),
            Err(error) if error.is_transient() || error.is_disconnect() => Err((error, Retry::Again)),
            Err(error) => match jobs {
                [only] => {
                    only.refuse(error);
                    conn.roll_back_to(0).map_err(retryable)?;
                    conn.begin_write().map_err(retryable)
                }
                _ => Err(stumbled()),
            },
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

fn retryable(error: Error) -> Failed {
    let again = error.is_transient() || error.is_disconnect();
    (error, if again { Retry::Again } else { Retry::No })
}

/// What was left for the end could not be written; whose it was shows when each command ends by itself.
fn blameless(error: Error) -> Failed {
    match retryable(error) {
        (_, Retry::No) => stumbled(),
        failed => failed,
    }
}

/// One command of the group failed; nobody may be blamed for it but that one.
fn stumbled() -> Failed {
    (Error::Group("one command failed".to_owned()), Retry::Carefully)
}
