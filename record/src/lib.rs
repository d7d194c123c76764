//! The record that cannot be altered without it being noticed: what was done to a ticket, provable to somebody who
//! trusts neither the database nor the server that it came from.
//!
//! A tour: the change log (`db::changes`) is written by whoever writes; this crate reads it afterwards. [`entry`] says
//! what one change is in the record, as text of which everything depends on every byte, with its [`personal`] part
//! apart, so that it can be erased. [`seal`] makes a leaf of each change, in a Merkle [`tree`] as in RFC 6962, and
//! signs heads of it ([`note`], with [`keys`] that are never in the database). [`export`] takes one ticket's record
//! out as a [`bundle`], which [`check`] judges without server and database; [`verify`] judges the whole database.
//! [`erase`] takes texts away and leaves their digests. docs/record.md is the format, for other verifiers.
//!
//! Architecture invariants: no writer of the log knows of this crate; what was sealed is never sealed anew.

pub mod bundle;
pub mod check;
pub mod entry;
pub mod erase;
mod error;
pub mod export;
pub mod keys;
pub mod note;
pub mod personal;
pub mod seal;
mod store;
pub mod tree;
pub mod verify;

pub use bundle::Bundle;
pub use error::Error;
pub use note::{PublicKey, Signer};
