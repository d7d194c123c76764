//! [`Db`]: the handle that every part of the server holds. Reads run on a pool of connections that cannot write,
//! each read seeing one state; writes go to the one writer. Both take a synchronous closure and run it off the
//! async threads.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use crate::changes;
use crate::checkpoint::Checkpoints;
use crate::clock::Clock;
use crate::conn::{Access, Url};
use crate::error::Error;
use crate::tx::{Actor, Numbers, Tx};
use crate::writer::{Command, Failure, Job, Writer};
use crate::{Conn, FeedHook, guard, migrate};

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it is.
    pub url: Url,
    /// The time that commands see.
    pub clock: Clock,
    /// Reading connections; also the number of reads that run at once.
    pub readers: u32,
    /// Commands that may wait for the writer before callers have to wait for a place.
    pub queue: usize,
    /// Which scopes hear of a change.
    pub hook: Option<FeedHook>,
    /// Fail transactions whose log misses a write (tests).
    pub guard: bool,
}

impl Options {
    /// The defaults, on the system's clock, without feed and guard.
    pub fn new(url: Url) -> Self {
        Self { url, clock: Clock::system(), readers: 8, queue: 4_096, hook: None, guard: false }
    }
}

/// How much the writer has done: for `/metrics`.
#[derive(Debug, Default)]
pub struct Stats {
    /// Transactions.
    pub groups: AtomicU64,
    /// Commands in them.
    pub commands: AtomicU64,
}

struct Manager(Url);

impl r2d2::ManageConnection for Manager {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn, Error> {
        Conn::open(&self.0, Access::Read)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Error> {
        diesel::connection::SimpleConnection::batch_execute(conn, "SELECT 1").map_err(Error::from)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        use diesel::connection::TransactionManager;
        <Conn as diesel::Connection>::TransactionManager::is_broken_transaction_manager(conn)
    }
}

/// The database of this deployment. Cheap to clone; the writer ends when the last clone is gone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    pool: r2d2::Pool<Manager>,
    readers: Semaphore,
    queue: mpsc::Sender<Box<dyn Job>>,
    committed: watch::Receiver<i64>,
    clock: Clock,
    stats: Arc<Stats>,
    /// Nothing runs by itself: reads run where they are asked for.
    by_hand: bool,
}

/// What waits for the writer.
pub(crate) type Jobs = mpsc::Receiver<Box<dyn Job>>;

/// How long a read waits for a connection.
const POOL_TIMEOUT: Duration = Duration::from_secs(10);

impl Db {
    /// Opens the database, migrates it and starts its writer.
    ///
    /// # Errors
    /// When it cannot be reached or migrated.
    pub fn open(options: Options) -> Result<Self, Error> {
        let (db, writer, jobs) = Self::prepare(options, false)?;
        std::thread::Builder::new()
            .name("fettle-writer".to_owned())
            .spawn(move || writer.serve(jobs))
            .map_err(|e| Error::Group(format!("cannot start the writer: {e}")))?;
        Ok(db)
    }

    /// Opens and migrates the database, but starts nothing, so that the caller may run the writer where and when he
    /// wants.
    pub(crate) fn prepare(options: Options, by_hand: bool) -> Result<(Self, Writer, Jobs), Error> {
        let mut conn = Conn::open(&options.url, Access::Write)?;
        migrate::run(&mut conn)?;
        if options.guard {
            guard::install(&mut conn)?;
        }
        let last = changes::last(&mut conn)?;
        let pool = r2d2::Pool::builder()
            .max_size(options.readers)
            .min_idle(Some(1))
            .test_on_check_out(conn.is_postgres())
            .connection_timeout(POOL_TIMEOUT)
            .build(Manager(options.url.clone()))?;
        let checkpoints = match by_hand {
            true => Checkpoints::none(),
            false => Checkpoints::start(&options.url, &mut conn)?,
        };
        let (queue, jobs) = mpsc::channel(options.queue);
        let (committed, watch) = watch::channel(last);
        let stats = Arc::new(Stats::default());
        let writer = Writer {
            url: options.url,
            conn: Some(conn),
            clock: options.clock.clone(),
            hook: options.hook,
            guard: options.guard,
            stats: stats.clone(),
            committed,
            checkpoints,
            wary: 0,
        };
        let readers = Semaphore::new(options.readers as usize);
        let clock = options.clock;
        let inner = Inner { pool, readers, queue, committed: watch, clock, stats, by_hand };
        Ok((Self(Arc::new(inner)), writer, jobs))
    }

    /// Runs a read. All its queries see one state of the database.
    ///
    /// # Errors
    /// Whatever the closure returns, or that no connection is to be had.
    pub async fn read<T, E, F>(&self, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    {
        // Waiting here, not in the pool, keeps waiting reads from filling the blocking threads.
        let _permit = self.0.readers.acquire().await.map_err(|_| Error::Stopped)?;
        let inner = self.0.clone();
        let run = move || {
            let mut conn = inner.pool.get().map_err(Error::from)?;
            conn.begin_read()?;
            let result = body(&mut conn);
            let ended = if result.is_ok() { conn.commit() } else { conn.roll_back() };
            ended.map_err(E::from).and(result)
        };
        if self.0.by_hand {
            return run();
        }
        tokio::task::spawn_blocking(run).await.map_err(|_| Error::Stopped)?
    }

    /// Runs a write and returns when it is durable. The closure may run more than once (after a deadlock or a lost
    /// connection), so all it does must go through its `Tx`.
    ///
    /// # Errors
    /// Whatever the closure returns (then nothing of it was written), or a failure of the database.
    pub async fn write<T, E, F>(&self, actor: Actor, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.write_numbered(actor, body).await.map(|(value, _)| value)
    }

    /// Like [`write`](Self::write), and tells which numbers the changes got.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn write_numbered<T, E, F>(&self, actor: Actor, body: F) -> Result<(T, Numbers), E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.queue(actor, body).await?.await
    }

    /// The same in two steps: the command stands in the queue when this returns, and what it returns ends with its
    /// commit. Who sends several that have to keep their order waits here for each. Polled together they would not: a
    /// task that has had its share is woken again last first.
    ///
    /// # Errors
    /// When no writer is there any more.
    pub async fn queue<T, E, F>(
        &self,
        actor: Actor,
        body: F,
    ) -> Result<impl Future<Output = Result<(T, Numbers), E>> + use<T, E, F>, E>
    where
        T: Send + 'static,
        E: Failure,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Command { actor, body, result: None, reply });
        self.0.queue.send(job).await.map_err(|_| Error::Stopped)?;
        Ok(async { answer.await.map_err(|_| Error::Stopped)? })
    }

    /// Waits until this process has committed something after `cursor`, or `at_most` has passed. Other servers on
    /// the same database do not wake us: readers look again when the time is up.
    pub async fn changed_after(&self, cursor: i64, at_most: Duration) {
        let mut committed = self.0.committed.clone();
        let _ = tokio::time::timeout(at_most, committed.wait_for(|last| *last > cursor)).await;
    }

    /// The clock that commands see.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What the writer has done so far.
    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }
}
