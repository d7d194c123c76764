//! The commands as their users type them, on a machine of fakes; only PostgreSQL is real.
#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute, not their helpers")]

mod building;
mod comparing;
mod machine;
mod openapi;
mod postgres;
mod testing;
mod world;
