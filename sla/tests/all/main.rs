//! The clock as its users see it: one binary, one file for each kind of claim.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

mod changes;
mod dates;
mod earliest;
mod faults;
mod oracle;
mod peers;
mod preview;
mod random;
mod site;
mod words;
