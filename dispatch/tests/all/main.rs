//! The tests that need no look inside: one binary, one file for each kind of claim.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

mod counterfactuals;
mod golden;
#[path = "../hostile/mod.rs"]
mod hostile;
mod hostile_files;
mod linked;
mod plan_fields;
mod properties;
mod reasons;
mod robustness;
mod town;
