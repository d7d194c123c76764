//! `cargo xtask fuzz plan [--minutes N] [--seed N] [--file NUMBER]`: hostile problem files, each to be planned or
//! refused, within the time given and 100 ms. Prints the number of a file that is not, and fails.

#[path = "../tests/hostile/mod.rs"]
mod hostile;

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hostile::{Outcome, attempt, file};

/// How long the searches may take, in milliseconds.
const LIMITS_MS: [u64; 3] = [0, 10, 50];
/// Tickets of the largest files, which are planned in sectors.
const LARGEST: usize = 9_000;
/// A file that took too long is tried again: the machine may have been busy with something else.
const ATTEMPTS: usize = 3;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let given = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1)?.parse::<f64>().ok()
    };
    if let Some(number) = given("--file") {
        let text = file(number as u64, LARGEST);
        println!("{} bytes, {:?}", text.len(), try_file(number as u64));
        return ExitCode::SUCCESS;
    }
    let minutes = given("--minutes").unwrap_or(1.0);
    let first = given("--seed").unwrap_or(1.0) as u64 * 1_000_000_000;
    let until = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    let (mut planned, mut refused, mut wrong) = (0_u64, 0_u64, 0_u64);
    for number in first.. {
        if Instant::now() > until {
            break;
        }
        match try_file(number) {
            Outcome::Planned => planned += 1,
            Outcome::Refused => refused += 1,
            Outcome::Wrong(what) => {
                wrong += 1;
                println!("file {number}: {what}");
            }
        }
    }
    println!("{planned} planned, {refused} refused, {wrong} wrong");
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn try_file(number: u64) -> Outcome {
    let text = file(number, LARGEST);
    let limit = Some(Duration::from_millis(LIMITS_MS[number as usize % LIMITS_MS.len()]));
    let once = || {
        catch_unwind(|| attempt(&text, limit)).unwrap_or_else(|_| Outcome::Wrong("it panicked".to_owned()))
    };
    let mut outcome = once();
    for _ in 1..ATTEMPTS {
        if matches!(outcome, Outcome::Wrong(_)) {
            outcome = once();
        }
    }
    outcome
}
