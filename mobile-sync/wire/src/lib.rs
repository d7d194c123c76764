//! What phones and the server say to each other, and the rules that both must compute alike.
//!
//! Nothing here reads a clock, a file or a socket, and nothing here is ours but this crate: it is linked by the
//! server, by the device library and by every tool that checks either.
//!
//! A tour, in the order of a phone's day:
//!
//! * [`enrol`]: a device introduces itself and learns the limits;
//! * [`pull`]: pages of rows, cursor by cursor, in [`collection`]s of flat [`docs`], whose older [`shapes`]
//!   are served too;
//! * [`push`]: what the phone did, one [`push::Mutation`] each, and the six results;
//! * [`status`] and [`problem`]: how far the server has come, and the errors of a whole request;
//! * [`stream`] and [`wake`]: what wakes a phone; [`rescue`]: what it gives away when it cannot push;
//! * [`cards`]: what the office answers to work that came too late;
//! * [`limits`]: every bound by name;
//! * [`intents`]: which step of a ticket leads where, for the phone's button and the server's decision alike;
//! * [`policy`] and [`merge`]: who owns which field, and what happens to two edits of one field;
//! * [`hlc`] and [`event_time`]: clocks that cannot be trusted, made useful.
//!
//! What a phone sends is read strictly (a misspelt field would lose work silently), what the server sends is read
//! tolerantly (an old phone must survive a new server). `mobile-sync/PROTOCOL.md` is the reference; the cases in
//! `mobile-sync/vectors` are replayed by the tests here, and by every other client of the protocol.

pub mod cards;
pub mod collection;
pub mod docs;
pub mod enrol;
pub mod event_time;
pub mod hlc;
pub mod intents;
pub mod limits;
pub mod merge;
pub mod mutants;
pub mod policy;
pub mod problem;
pub mod pull;
pub mod push;
pub mod rescue;
pub mod shapes;
pub mod status;
pub mod stream;
pub mod wake;

pub use collection::Collection;
pub use hlc::Hlc;
pub use intents::{EventKind, TicketStatus};
pub use shapes::SCHEMA;

/// A flat JSON object: the columns of one row, or the part of them that a mutation sets.
pub type Fields = serde_json::Map<String, serde_json::Value>;
