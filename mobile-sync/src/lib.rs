//! The server's side of the sync protocol (`mobile-sync/PROTOCOL.md`).

pub mod feed;
