//! The server's side of the sync protocol (`mobile-sync/PROTOCOL.md`), over the one database.
//!
//! A tour: [`feed`] is the hook that `db` calls with every group of changes, and writes what each phone has to hear
//! of. [`pull`] reads it page by page. [`push`] takes what phones did: each mutation is stored as it came, in the
//! transaction of its effect, once. What the effect is, only the [`Office`] knows: the one trait through which this
//! crate calls back, implemented by the server over the functions that its console calls too. [`devices`] enrols
//! phones, names the epoch and tells how far a phone has come, [`fleet`] shows them to the office; [`cards`] tells
//! the office what did not go as sent.
//!
//! Architecture invariants: no mutation stops those behind it; a row leaves the server only to whom the feed gave
//! it; every result but a clean `applied` is told again through the feed.

pub mod cards;
mod clocks;
pub mod devices;
mod docs;
pub mod epochs;
pub mod feed;
pub mod fleet;
mod inbox;
mod insert;
pub mod office;
mod patch;
pub mod pull;
pub mod push;
mod take;

use db::Actor;
use db::types::{DeviceId, EngineerId};

pub use cards::ConflictCard;
pub use office::{NewRow, NewWork, Office, TicketOfRow, Verdict};
pub use pull::pull;
pub use push::push;

/// The phone that is asking, as its token says.
#[derive(Debug, Clone)]
pub struct Phone {
    /// Which one.
    pub device_id: DeviceId,
    /// Whose.
    pub engineer_id: EngineerId,
    /// As the change log shall know it, device included.
    pub actor: Actor,
}

/// What is wrong with a whole request; a single mutation never causes one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The phone is of another epoch.
    #[error("this server is in epoch {epoch}")]
    EpochChanged {
        /// The one to continue in.
        epoch: String,
    },
    /// The token's device is not enrolled for this engineer (any more).
    #[error("the device is not enrolled for this engineer")]
    NotEnrolled,
    /// The phone's document shapes are not served any more.
    #[error("the document shapes of this app are too old")]
    SchemaTooOld,
    /// More mutations than a push may have.
    #[error("too many mutations")]
    TooLarge,
    /// The body is no such message.
    #[error("{field}: {problem}")]
    Invalid {
        /// Which member, or `body`.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A failure of the database.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}
