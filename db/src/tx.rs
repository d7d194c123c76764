//! [`Tx`] is the only way to write. It collects what changed; the group that it belongs to takes the next numbers
//! from the one counter row, writes the change log and the phones' feed, and commits. A row's version is the number
//! of its last change, so there is nothing to stamp.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::Conn;
use crate::changes::Collected;
use crate::error::Error;
use crate::types::{DeviceId, Timestamp};

/// Who writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user's id, or the name of the part of the server that acts by itself (`dispatch`, `sla`).
    pub id: String,
    /// The name that people know: a log-in, or the same name as `id`.
    pub name: String,
    /// The phone, where one is behind it.
    pub device_id: Option<DeviceId>,
}

impl Actor {
    /// The server itself, in the role of one of its parts.
    pub fn system(part: &str) -> Self {
        Self { id: part.to_owned(), name: part.to_owned(), device_id: None }
    }
}

/// A row that the change log knows. `ENTITY` is the name of its table.
pub trait Entity: Serialize {
    /// The table.
    const ENTITY: &'static str;

    /// The value of the column that `schema::LOGGED` names.
    fn row_id(&self) -> String;

    /// The ticket whose record this change belongs to.
    fn ticket_id(&self) -> Option<String> {
        None
    }
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Created or changed; the log has the row as it is now.
    Put,
    /// Gone.
    Delete,
}

impl Op {
    /// The text that the log holds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }
}

/// A change that waits for its number.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub entity: &'static str,
    pub row_id: String,
    pub ticket_id: Option<String>,
    pub op: Op,
    /// The row did not exist before this command.
    pub created: bool,
    pub body: Box<RawValue>,
}

/// One command's transaction: a savepoint of its own inside a group that commits together.
pub struct Tx<'c> {
    conn: &'c mut Conn,
    actor: Actor,
    now: Timestamp,
    pending: Vec<Pending>,
    /// Where in `pending` a row is: an import changes tens of thousands in one command.
    places: HashMap<(&'static str, String), usize>,
    /// What the commands before this one in its group changed: written, but without a number yet.
    earlier: &'c [Collected],
}

impl<'c> Tx<'c> {
    pub(crate) fn new(conn: &'c mut Conn, actor: Actor, now: Timestamp, earlier: &'c [Collected]) -> Self {
        Self { conn, actor, now, pending: Vec::new(), places: HashMap::new(), earlier }
    }

    /// Whether a command that is committed together with this one changed the row before it. Its change has no
    /// number yet, so [`version`](crate::changes::version) does not know of it.
    pub fn changed_just_now(&self, entity: &str, row_id: &str) -> bool {
        let is_it = |change: &Pending| change.entity == entity && change.row_id == row_id;
        self.earlier.iter().any(|(_, _, pending)| pending.iter().any(is_it))
    }

    /// The connection, to run statements on.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Who writes.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The time of this command, on the server's clock.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Tells the log that this row was created or changed; call it after the statement, with the row as it is now.
    ///
    /// # Errors
    /// When the row cannot be written as JSON.
    pub fn changed<R: Entity>(&mut self, row: &R) -> Result<(), Error> {
        self.note(row, Op::Put, false)
    }

    /// Like [`changed`](Self::changed), for a row that did not exist before: readers need not look for its past.
    ///
    /// # Errors
    /// When the row cannot be written as JSON.
    pub fn created<R: Entity>(&mut self, row: &R) -> Result<(), Error> {
        self.note(row, Op::Put, true)
    }

    /// Tells the log that this row is gone; call it with the row as it last was.
    ///
    /// # Errors
    /// When the row cannot be written as JSON.
    pub fn removed<R: Entity>(&mut self, row: &R) -> Result<(), Error> {
        self.note(row, Op::Delete, false)
    }

    fn note<R: Entity>(&mut self, row: &R, op: Op, created: bool) -> Result<(), Error> {
        let body = serde_json::value::to_raw_value(row)?;
        let (row_id, ticket_id) = (row.row_id(), row.ticket_id());
        self.push(Pending { entity: R::ENTITY, row_id, ticket_id, op, created, body });
        Ok(())
    }

    /// A row that one command changes twice is one change: nobody could have seen the state in between.
    fn push(&mut self, mut change: Pending) {
        match self.places.entry((change.entity, change.row_id.clone())) {
            Entry::Occupied(earlier) => {
                let earlier = &mut self.pending[*earlier.get()];
                change.created |= earlier.created;
                *earlier = change;
            }
            Entry::Vacant(place) => {
                place.insert(self.pending.len());
                self.pending.push(change);
            }
        }
    }

    pub(crate) fn into_pending(self) -> (Actor, Timestamp, Vec<Pending>) {
        (self.actor, self.now, self.pending)
    }
}

/// The numbers that a command's changes got.
#[derive(Debug, Clone, Default)]
pub struct Numbers(pub(crate) Vec<(&'static str, String, i64)>);

impl Numbers {
    /// The new version of this row, if the command changed it.
    pub fn version(&self, entity: &str, row_id: &str) -> Option<i64> {
        self.0.iter().find(|(e, id, _)| *e == entity && id == row_id).map(|(_, _, seq)| *seq)
    }

    /// The highest number, if anything was changed.
    pub fn last(&self) -> Option<i64> {
        self.0.iter().map(|(_, _, seq)| *seq).max()
    }
}
