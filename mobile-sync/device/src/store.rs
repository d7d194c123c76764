//! The device's file: three tables, and the one row of state that every change goes through.

use std::path::PathBuf;

use mobile_sync_wire::{Hlc, enrol::Policy, limits::Limits};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use serde::{Deserialize, Serialize};

use crate::{DeviceError, Moment, session::Talk};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS state (only INTEGER PRIMARY KEY CHECK (only = 1), json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rows (
    c TEXT NOT NULL, id TEXT NOT NULL, v INTEGER NOT NULL, doc TEXT NOT NULL, generation INTEGER NOT NULL,
    PRIMARY KEY (c, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mutations (
    seq INTEGER PRIMARY KEY,
    mid TEXT NOT NULL UNIQUE,
    c TEXT NOT NULL,
    body TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    acked_at INTEGER,
    settled INTEGER NOT NULL DEFAULT 0,
    needs_you INTEGER NOT NULL DEFAULT 0,
    result TEXT
);
CREATE INDEX IF NOT EXISTS mutations_waiting ON mutations (seq) WHERE acked_at IS NULL;
CREATE INDEX IF NOT EXISTS mutations_unsettled ON mutations (seq) WHERE settled = 0;
";

/// Where the device keeps its database.
#[derive(Debug, Clone)]
pub enum Place {
    File(PathBuf),
    /// For tests and throw-away simulations: a crash loses everything.
    Memory,
}

/// Who this device is. Read at the very first start only; the stored identity stays for the life of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub device_id: String,
    pub platform: String,
    pub app_version: String,
}

/// Everything the device knows beside rows and mutations; written in the same transaction as those.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    pub identity: Identity,
    pub token: Option<String>,
    pub policy: Option<Policy>,
    pub limits: Limits,
    pub epoch: String,
    pub cursor: i64,
    /// A pull has reached the end in this epoch: the rows are complete.
    pub complete: bool,
    /// The epoch changed and the server has not yet said how much of our work it still has: nothing is pushed.
    pub ask_acked: bool,
    /// Rows of an older generation are from before an epoch change, and go when the new truth is complete.
    pub generation: i64,
    pub last_seq: i64,
    /// Add to the wall clock to get the server's.
    pub offset: i64,
    pub hlc: Hlc,
}

impl State {
    fn fresh(identity: Identity) -> Self {
        let hlc = Hlc::new(0, 0, &Hlc::tag_of(&identity.device_id));
        Self {
            identity,
            token: None,
            policy: None,
            limits: Limits::default(),
            epoch: String::new(),
            cursor: 0,
            complete: false,
            ask_acked: false,
            generation: 0,
            last_seq: 0,
            offset: 0,
            hlc,
        }
    }

    /// The server's clock at a moment of ours, as far as it is known.
    pub fn server_now(&self, now: &Moment) -> i64 {
        now.wall.saturating_add(self.offset)
    }

    /// Begins again from cursor 0 in another epoch. Rows stay on the screen until the new ones have come.
    pub fn change_epoch(&mut self, epoch: &str) {
        self.epoch = epoch.to_owned();
        self.cursor = 0;
        self.complete = false;
        self.ask_acked = true;
        self.generation += 1;
    }
}

/// A phone: its file, and the talk it is having.
pub struct Device {
    db: Connection,
    pub(crate) state: State,
    pub(crate) talk: Talk,
}

impl Device {
    /// Opens the device's database, and makes it if it is not there.
    pub fn open(place: &Place, identity: &Identity) -> Result<Self, DeviceError> {
        let db = match place {
            Place::File(path) => Connection::open(path)?,
            Place::Memory => Connection::open_in_memory()?,
        };
        // An act is shown as done once this file has it, so each commit goes to the disk.
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.execute_batch(SCHEMA)?;
        let stored: Option<String> =
            db.query_row("SELECT json FROM state", [], |row| row.get(0)).optional()?;
        let state = match stored {
            Some(json) => serde_json::from_str(&json)?,
            None => State::fresh(identity.clone()),
        };
        let mut device = Self { db, state, talk: Talk::default() };
        device.write(|_, _| Ok(()))?;
        Ok(device)
    }

    /// The only way to write: rows, mutations and state change together or not at all.
    pub(crate) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &mut State) -> Result<T, DeviceError>,
    ) -> Result<T, DeviceError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut state = self.state.clone();
        let done = work(&tx, &mut state)?;
        let json = serde_json::to_string(&state)?;
        tx.execute("INSERT OR REPLACE INTO state (only, json) VALUES (1, ?1)", [json])?;
        tx.commit()?;
        self.state = state;
        Ok(done)
    }

    /// Lets the file grow no further, or again. A full disk fails in the middle of whatever needs one more page.
    #[cfg(feature = "mutants")]
    pub fn fill_disk(&mut self, full: bool) -> Result<(), DeviceError> {
        let pages: i64 = match full {
            true => self.db.pragma_query_value(None, "page_count", |row| row.get(0))?,
            false => i64::from(u32::MAX) - 1,
        };
        self.db.pragma_update(None, "max_page_count", pages)?;
        Ok(())
    }

    pub(crate) fn db(&self) -> &Connection {
        &self.db
    }

    pub fn device_id(&self) -> &str {
        &self.state.identity.device_id
    }

    /// Whose phone this is; `None` before it was enrolled.
    pub fn engineer_id(&self) -> Option<&str> {
        self.state.policy.as_ref().map(|policy| policy.engineer_id.as_str())
    }

    pub fn is_enrolled(&self) -> bool {
        self.state.token.is_some()
    }

    pub fn epoch(&self) -> &str {
        &self.state.epoch
    }

    pub fn cursor(&self) -> i64 {
        self.state.cursor
    }

    /// The rows are all there: a pull has reached its end since the first start or the last epoch change.
    pub fn is_complete(&self) -> bool {
        self.state.complete
    }

    /// The number of the last act.
    pub fn last_seq(&self) -> i64 {
        self.state.last_seq
    }

    /// The server's clock at this moment, as far as it is known.
    pub fn server_now(&self, now: &Moment) -> i64 {
        self.state.server_now(now)
    }
}
