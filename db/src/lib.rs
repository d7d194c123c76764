//! The database as Rust sees it. This crate knows no feature.
//!
//! A tour: [`Conn`] is one connection type over SQLite and PostgreSQL. [`Db`] is the handle of a server: `read` for
//! queries, `write` for commands. A write gets a [`Tx`]; features run their statements on it and end with
//! `tx.changed(&row)`. The [writer](mod@writer) groups waiting commands into one transaction, takes numbers for their
//! changes, writes the [change log](changes) and the phones' [feed], and commits. Readers follow the log with a
//! cursor. [`schema`] has every table once, [`types`] the values that tables share, [`clock`] the time. [`dump`] and
//! [`refill`] carry whole databases away and back.
//!
//! Architecture invariants: there is no other way to write than `Db::write`; numbers follow the order of commits;
//! this crate has never heard of tickets, stock or phones.

#[cfg(feature = "testing")]
pub mod by_hand;
pub mod changes;
mod checkpoint;
pub mod clock;
pub mod conn;
pub mod database;
pub mod dump;
pub mod error;
pub mod feed;
pub mod guard;
pub mod later;
pub mod migrate;
pub mod prepared;
pub mod refill;
pub mod schema;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tx;
pub mod types;
pub mod writer;

pub use changes::Change;
pub use clock::Clock;
pub use conn::{Conn, Url};
pub use database::{Db, Options};
pub use error::{Error, Violation, ViolationKind};
pub use feed::{FeedEntry, FeedHook};
pub use later::LaterRow;
pub use prepared::{padded, prepared};
pub use tx::{Actor, Entity, JustNow, Numbers, Op, Tx};
pub use types::Timestamp;
pub use writer::Failure;
