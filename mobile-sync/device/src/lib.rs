//! A phone's side of the sync protocol: an outbox, the rows of one engineer's scope, and the talk with the server,
//! kept in one SQLite file.
//!
//! No clock, no randomness, no socket: every call that needs the time is given a [`Moment`], and instead of
//! sending, [`Device::next`] says what to send and [`Device::receive`] takes what came of it. So an app with an
//! async HTTP client, a simulation with a seeded network and the demo's phones all run the same code.
//!
//! ```text
//! loop {
//!     match device.next(&moment())? {
//!         Next::Send(request) => {
//!             let answer = post(&request).await;          // yours: HTTP, or a seed's whim
//!             device.receive(&moment(), request.number, answer)?;
//!         }
//!         Next::WaitUntil { mono } => wait_until(mono).await,
//!         Next::Idle | Next::NeedsEnrolment => wait_for_the_user_or_a_poke().await,
//!     }
//! }
//! ```
//!
//! * `acts`: what the user does; each act is one numbered mutation in the outbox, written before it is shown;
//! * `session`: what to send next, and what an answer changes;
//! * `outbox`, `rows`, `store`: the tables;
//! * `view`: the server's truth with the un-acknowledged work laid over it;
//! * `queries`: what a screen asks.
//!
//! Invariant: the file alone is the state. Whatever is only in memory (the request under way, the pause before the
//! next try) may be lost at any instruction without losing or doubling work.

mod acts;
mod error;
mod moment;
mod outbox;
mod queries;
mod rows;
mod session;
mod store;
mod transport;
mod view;

pub use acts::{Made, PartUse};
pub use error::DeviceError;
pub use mobile_sync_wire as wire;
pub use moment::Moment;
pub use outbox::{Trouble, Waiting};
pub use queries::{HeldPart, Stop};
pub use session::{Answer, Next, Progress, Request, RequestKind, Response};
pub use store::{Device, Identity, Place};
pub use transport::{Transport, TransportError, sync_once};
