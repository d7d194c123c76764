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
use crate::later::{Later, LaterRow};
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

/// A change of a command that is committed together with the one that asks.
#[derive(Debug, Clone)]
pub struct JustNow {
    /// The phone behind it.
    pub device_id: Option<DeviceId>,
    /// When, on the server's clock.
    pub at: Timestamp,
    /// The row as it was after it.
    pub row: String,
}

/// What the commands of one group share.
pub(crate) struct Group<'c> {
    pub conn: &'c mut Conn,
    pub later: &'c mut Later,
    /// What the commands before this one changed: written, but without a number yet.
    pub earlier: &'c [Collected],
    /// An attempt failed: nobody hopes any more, and each command ends before the next one begins.
    pub careful: bool,
}

/// One command's transaction: its part of a group that commits together.
pub struct Tx<'c> {
    group: Group<'c>,
    actor: Actor,
    now: Timestamp,
    pending: Vec<Pending>,
    /// Where in `pending` a row is: an import changes tens of thousands in one command.
    places: HashMap<(&'static str, String), usize>,
    /// It left something out that only a careful command looks at.
    hoped: bool,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(group: Group<'c>, actor: Actor, now: Timestamp) -> Self {
        Self { group, actor, now, pending: Vec::new(), places: HashMap::new(), hoped: false }
    }

    /// Whether a command that is committed together with this one changed the row before it. Its change has no
    /// number yet, so [`version`](crate::changes::version) does not know of it.
    pub fn changed_just_now(&self, entity: &str, row_id: &str) -> bool {
        let is_it = |change: &Pending| change.entity == entity && change.row_id == row_id;
        self.group.earlier.iter().any(|(_, _, pending)| pending.iter().any(is_it))
    }

    /// What commands that are committed together with this one made of a row before it, the latest first. The log
    /// does not have it yet.
    pub fn changes_just_now(&self, entity: &str, row_id: &str) -> Vec<JustNow> {
        let mut found = Vec::new();
        for (actor, at, pending) in self.group.earlier.iter().rev() {
            let of_row =
                pending.iter().rev().filter(|change| change.entity == entity && change.row_id == row_id);
            found.extend(of_row.map(|change| JustNow {
                device_id: actor.device_id,
                at: *at,
                row: change.body.get().to_owned(),
            }));
        }
        found
    }

    /// The connection, to run statements on. What [`insert_later`](Self::insert_later) holds back is written first,
    /// so that they see it.
    pub fn conn(&mut self) -> &mut Conn {
        self.group.later.settle(self.group.conn);
        self.group.conn
    }

    /// The connection, for statements on tables of which no row is ever held back: those that are stay so.
    pub fn conn_beside(&mut self) -> &mut Conn {
        self.group.conn
    }

    /// The connection, for statements on what belongs to the record of one ticket. What is held back is written first
    /// only if some command of this group has changed that record: others need not be written for it.
    pub fn conn_for(&mut self, ticket_id: &str) -> &mut Conn {
        let is_it = |change: &Pending| change.ticket_id.as_deref() == Some(ticket_id);
        let earlier = self.group.earlier.iter().flat_map(|(_, _, pending)| pending);
        if earlier.chain(&self.pending).any(is_it) { self.conn() } else { self.conn_beside() }
    }

    /// Writes a new row at the end of the group, or before the next [`conn`](Self::conn): together with others of
    /// its kind, in one statement. Its log entry is the caller's, as for any other row.
    pub fn insert_later<R: LaterRow>(&mut self, row: R) {
        self.group.later.push(row);
    }

    /// The next number of this counter.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn count(&mut self, counter: &'static str) -> Result<i64, Error> {
        self.group.later.count(self.group.conn, counter)
    }

    /// Whether this command may leave out a look for something that is hardly ever there, and that the database
    /// refuses at the end if it is. Then everything is undone, the command runs again, and may not hope any more.
    pub fn may_hope(&mut self) -> bool {
        self.hoped |= !self.group.careful;
        !self.group.careful
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

    /// What it changed, and whether it hoped.
    pub(crate) fn into_collected(self) -> (Collected, bool) {
        ((self.actor, self.now, self.pending), self.hoped)
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
