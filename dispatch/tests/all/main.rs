//! The tests that need no look inside: one binary, one file for each kind of claim.

mod golden;
mod properties;
mod reasons;
mod robustness;
mod town;
