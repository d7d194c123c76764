//! The sync contract, played with chance: real phones' code, an office, and the real server over real storage, in
//! simulated time, with everything that can go wrong going wrong. One number decides all of it. docs/simulation.md
//! tells how to run it; without arguments this is a test like any other.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod chance;
mod check;
mod claims;
mod crash;
mod desk;
mod facts;
mod handset;
mod log_phone;
mod office;
mod options;
mod report;
mod run;
mod scope;
mod server;
mod state_acts;
mod state_phone;
mod town;
mod weather;
mod worker;

use std::process::ExitCode;

fn main() -> ExitCode {
    match options::Options::from_command_line() {
        Ok(options) => claims::obey(&options),
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
