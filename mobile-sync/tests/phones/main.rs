//! The server's side of the protocol on both databases, with the least office that can be: the feed, the pages and
//! the pushes of phones that repeat themselves, leave gaps and contradict.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod office;
mod rows;
mod world;

mod fields;
mod hostile;
mod intake;
mod pages;
mod refusals;
mod restores;
mod scopes;
