//! The tests that need no look inside: one binary, one file for each kind of claim.

mod counterfactuals;
mod golden;
mod plan_fields;
mod properties;
mod reasons;
mod robustness;
mod town;
