//! The server: the real routes' functions over the real storage, on a SQLite database in memory, in one thread. Its
//! writer moves only when the run lets it, so that it can die between any two groups of writes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use db::by_hand::{self, ByHand};
use db::testing::START;
use db::types::{DeviceId, EngineerId, UserId};
use db::{Actor, Change, Clock, Conn, FeedEntry, Options, Timestamp, Tx, Url};
use mobile_sync::devices::{self, NewDevice};
use mobile_sync::epochs;
use mobile_sync_device::{Request, RequestKind, Response};
use mobile_sync_wire::enrol::{EnrolResponse, Policy};
use mobile_sync_wire::limits::Limits;
use mobile_sync_wire::problem::SyncProblem;
use mobile_sync_wire::shapes::OLDEST_SCHEMA;
use rusqlite::Connection;
use rusqlite::backup::Backup;
use server::app::{App, AppOptions};
use server::config::Config;
use server::error::Error;

use crate::desk::Desk;
use crate::handset::EDITS;
use crate::office::Field;

/// Databases of this process; they live as long as somebody has them open.
const SERVER: &str = "file:/fettle-server?vfs=memdb";

/// The server's disk is full: groups of writes fail at their end.
static DISK_IS_FULL: AtomicBool = AtomicBool::new(false);

fn feed(conn: &mut Conn, changes: &[&Change]) -> Result<Vec<FeedEntry>, db::Error> {
    if DISK_IS_FULL.load(Ordering::Relaxed) {
        return Err(db::Error::Group("the disk is full".to_owned()));
    }
    mobile_sync::feed::scopes(conn, changes)
}

/// Whose phone is asking.
#[derive(Clone)]
pub struct Who {
    pub device_id: DeviceId,
    pub user_id: UserId,
    pub engineer_id: EngineerId,
    pub limits: Limits,
}

/// What the server's process does next.
pub enum Turn {
    Commit(usize),
    Die,
}

pub struct Server {
    pub app: Arc<App>,
    hand: ByHand,
    /// What the office does waits, and is committed together with what comes next.
    pub together: bool,
    pub clock: Clock,
    /// The database, seen from outside.
    pub sql: Connection,
    template: Option<Connection>,
    /// Copies taken, the oldest first.
    pub backups: Vec<Connection>,
}

fn copy(from: &Connection, to: &mut Connection) {
    Backup::new(from, to).unwrap().step(-1).unwrap();
}

/// Everything that people edit, and its value.
fn edited(sql: &Connection) -> Vec<(Field, String)> {
    let mut all = Vec::new();
    for (collection, field, _) in EDITS {
        let table = collection.as_str();
        let query = format!("SELECT id, {field} FROM {table} WHERE {field} <> '' ORDER BY id");
        let mut statement = sql.prepare_cached(&query).unwrap();
        let rows = statement.query_map([], |row| Ok(((table, row.get(0)?, field), row.get(1)?))).unwrap();
        all.extend(rows.map(Result::<(Field, String), _>::unwrap));
    }
    all
}

fn drive<F: Future>(hand: &mut ByHand, future: F, mut turn: impl FnMut(usize) -> Turn) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        assert!(hand.waiting() > 0, "the server waits for nothing");
        match turn(hand.waiting()) {
            Turn::Commit(most) => hand.commit(most),
            Turn::Die => {
                drop(future);
                hand.forget();
                return None;
            }
        }
    }
}

impl Server {
    /// A migrated server with nothing in it.
    pub fn open() -> Self {
        // What every run begins with has the same ids in every process.
        by_hand::seed_ids(u64::MAX);
        let sql = Connection::open(SERVER).unwrap();
        let clock = Clock::scaled(START, 0.0);
        let options = Options {
            clock: clock.clone(),
            hook: Some(feed),
            readers: 1,
            ..Options::new(Url::Sqlite(PathBuf::from(SERVER)))
        };
        let (db, mut hand) = by_hand::open(options).unwrap();
        // Phones send no bytes here: nothing is ever put there.
        let blob_store = std::env::temp_dir().join("fettle-simulation").to_string_lossy().into_owned();
        let config = Config { plan_seconds: 0.0, blob_store, ..Config::default() };
        let all = |waiting| Turn::Commit(waiting);
        let app = drive(&mut hand, App::over(config, db, AppOptions::default()), all).unwrap().unwrap();
        Self { app, hand, together: false, clock, sql, template: None, backups: Vec::new() }
    }

    /// What is in it now is where every run begins.
    pub fn keep_as_template(&mut self) {
        let app = self.app.clone();
        drive(&mut self.hand, app.board.catch_up(&app.db), Turn::Commit).unwrap().unwrap();
        let mut template = Connection::open_in_memory().unwrap();
        copy(&self.sql, &mut template);
        self.template = Some(template);
    }

    /// As it was at the beginning, at the time when tests begin, with ids of this seed.
    pub fn begin(&mut self, seed: u64) {
        DISK_IS_FULL.store(false, Ordering::Relaxed);
        self.backups.clear();
        self.hand.forget();
        copy(self.template.as_ref().unwrap(), &mut self.sql);
        self.clock.set(START);
        by_hand::seed_ids(seed.wrapping_mul(2) + 1);
    }

    pub fn set_time(&self, millis: i64) {
        self.clock.set(Timestamp::from_millis(millis));
    }

    /// Groups of writes fail from here on, or no longer.
    pub fn fill_disk(&self, full: bool) {
        DISK_IS_FULL.store(full, Ordering::Relaxed);
    }

    pub fn back_up(&mut self) {
        let mut backup = Connection::open_in_memory().unwrap();
        copy(&self.sql, &mut backup);
        self.backups.push(backup);
    }

    /// What has another value now than in an earlier copy, of what people edit.
    pub fn lost_by(&self, which: usize) -> Vec<Field> {
        let then = edited(&self.backups[which]);
        edited(&self.sql).into_iter().filter(|now| !then.contains(now)).map(|(field, _)| field).collect()
    }

    /// What has the same value now as in an earlier copy.
    pub fn kept_by(&self, which: usize) -> Vec<Field> {
        let then = edited(&self.backups[which]);
        edited(&self.sql).into_iter().filter(|now| then.contains(now)).map(|(field, _)| field).collect()
    }

    /// Back to an earlier copy, of whatever life, in a new epoch.
    pub fn restore(&mut self, which: usize) {
        copy(&self.backups[which], &mut self.sql);
        self.write("restore", |tx| Ok(epochs::begin(tx)?)).unwrap();
    }

    /// A request of a phone. None if the server died of it.
    pub fn answer(
        &mut self,
        who: &Who,
        request: &Request,
        turn: impl FnMut(usize) -> Turn,
    ) -> Option<Response> {
        if request.kind == RequestKind::Enrol {
            return self.enrol(who, turn);
        }
        let actor = Actor {
            id: who.user_id.to_string(),
            name: format!("engineer {}", who.engineer_id),
            device_id: Some(who.device_id),
        };
        let phone = mobile_sync::Phone { device_id: who.device_id, engineer_id: who.engineer_id, actor };
        let app = self.app.clone();
        let told = if request.kind == RequestKind::Push {
            let push = server::sync::take(&app, &phone, &request.body);
            drive(&mut self.hand, push, turn)?.map(|told| serde_json::to_vec(&told).unwrap())
        } else {
            let asked = serde_json::from_slice(&request.body).unwrap();
            let pull = mobile_sync::pull(&app.db, &phone, asked);
            drive(&mut self.hand, pull, turn)?.map(|told| serde_json::to_vec(&told).unwrap())
        };
        Some(response(told))
    }

    fn enrol(&mut self, who: &Who, turn: impl FnMut(usize) -> Turn) -> Option<Response> {
        let device = NewDevice {
            id: who.device_id,
            user_id: who.user_id,
            engineer_id: who.engineer_id,
            platform: "simulated".to_owned(),
            app_version: "1".to_owned(),
            schema: 1,
        };
        let db = self.app.db.clone();
        let enrolling = db.write(Actor::system("enrol"), move |tx| devices::enrol(tx, &device));
        let told = drive(&mut self.hand, enrolling, turn)?.map(|epoch| {
            let policy = Policy { engineer_id: who.engineer_id.to_string(), keep_acked_days: 30 };
            let server_time = self.clock.now().millis();
            let token = who.device_id.to_string();
            serde_json::to_vec(&EnrolResponse { token, epoch, server_time, limits: who.limits, policy })
                .unwrap()
        });
        Some(response(told.map_err(mobile_sync::Error::from)))
    }
}

impl Desk for Server {
    fn app(&self) -> Arc<App> {
        self.app.clone()
    }

    fn write<T: Send + 'static>(
        &mut self,
        who: &str,
        body: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let db = self.app.db.clone();
        let writing = db.write(Actor::system(who), body);
        if self.together {
            let mut writing = Box::pin(writing);
            drop(writing.as_mut().poll(&mut Context::from_waker(Waker::noop())));
            return Err(Error::Internal("it waits".to_owned()));
        }
        drive(&mut self.hand, writing, Turn::Commit).unwrap()
    }
}

/// As the routes answer.
fn response(told: Result<Vec<u8>, mobile_sync::Error>) -> Response {
    use mobile_sync::Error as E;
    let (status, body) = match told {
        Ok(body) => (200, body),
        Err(E::EpochChanged { epoch }) => {
            (409, serde_json::to_vec(&SyncProblem::epoch_changed(&epoch)).unwrap())
        }
        Err(E::SchemaTooOld) => {
            (426, serde_json::to_vec(&SyncProblem::schema_too_old(OLDEST_SCHEMA)).unwrap())
        }
        Err(E::TooLarge) => (413, serde_json::to_vec(&SyncProblem::too_large(Limits::default())).unwrap()),
        Err(E::NotEnrolled) => (401, Vec::new()),
        Err(E::Invalid { field, problem }) => (400, format!("{field}: {problem}").into_bytes()),
        Err(E::Database(error)) => (503, error.to_string().into_bytes()),
    };
    Response { status, retry_after_seconds: None, body }
}
