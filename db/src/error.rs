//! What can go wrong in the database itself. Features have their own errors and wrap this one.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failure of the database, not of a rule.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed.
    #[error(transparent)]
    Query(#[from] DieselError),
    /// No connection could be made.
    #[error("cannot connect to the database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// All reading connections stayed busy for too long.
    #[error("no free database connection: {0}")]
    Pool(#[from] r2d2::Error),
    /// A migration failed.
    #[error("cannot migrate the database: {0}")]
    Migrate(String),
    /// The writer is shutting down, or the closure panicked; nothing was written.
    #[error("the writer has stopped")]
    Stopped,
    /// The connection broke while committing: the write may or may not have happened.
    #[error("the connection broke during commit")]
    CommitUnknown,
    /// A row could not be written as JSON into the change log.
    #[error("cannot serialise a row: {0}")]
    Serialise(#[from] serde_json::Error),
    /// The group of writes that this command was in failed as a whole; nothing was written.
    #[error("the write failed: {0}")]
    Group(String),
    /// It was to be replaced, and something is in it.
    #[error("there is something in {0}, which is replaced with --force only")]
    Occupied(String),
    /// It was to be replaced, and has a table that this program has not made.
    #[error("the table {0} is not of this Fettle: restore into a database of its own, an empty one")]
    Foreign(String),
    /// It was to be replaced, and somebody else has it open.
    #[error("somebody has {0} open: stop all servers first")]
    InUse(String),
    /// Only in tests: a logged table was written without telling the log.
    #[error("writes missing in the change log: {0}")]
    Unlogged(String),
}

impl Error {
    /// True where the same transaction may succeed if it is simply run again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Query(DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
            Self::Query(DieselError::DatabaseError(_, info)) => {
                let text = info.message();
                text.contains("deadlock detected") || text.contains("database is locked")
            }
            _ => false,
        }
    }

    /// True where the connection is gone and a new one has to be made.
    pub fn is_disconnect(&self) -> bool {
        matches!(
            self,
            Self::Connect(_)
                | Self::Query(DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _))
                | Self::Query(DieselError::BrokenTransactionManager)
        )
    }

    /// The violated unique constraint or foreign key, as the database names it.
    pub fn violation(&self) -> Option<Violation> {
        let Self::Query(DieselError::DatabaseError(kind, info)) = self else { return None };
        let kind = match kind {
            DatabaseErrorKind::UniqueViolation => ViolationKind::Duplicate,
            DatabaseErrorKind::ForeignKeyViolation => ViolationKind::Unknown,
            DatabaseErrorKind::CheckViolation => ViolationKind::Check,
            _ => return None,
        };
        // PostgreSQL names the constraint ("tickets_number_key"), SQLite the column ("…: tickets.number").
        let name = info.constraint_name().unwrap_or_else(|| info.message());
        Some(Violation { kind, constraint: name.to_owned() })
    }
}

/// A broken constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What kind of constraint it was.
    pub kind: ViolationKind,
    /// Its name, or on SQLite the message that names table and column.
    pub constraint: String,
}

impl Violation {
    /// Whether the constraint is about this column of this table, on either database.
    pub fn concerns(&self, table: &str, column: &str) -> bool {
        self.constraint.contains(&format!("{table}.{column}"))
            || self.constraint.starts_with(&format!("{table}_{column}"))
    }
}

/// The kinds of constraint a caller may want to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationKind {
    /// A value that must be unique is there already.
    Duplicate,
    /// A row that is referred to does not exist.
    Unknown,
    /// A check failed.
    Check,
}
