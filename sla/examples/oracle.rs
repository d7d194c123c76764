//! The function against the minute-by-minute oracle on many random cases:
//! `cargo run --release -p sla --example oracle -- [CASES [SEED]]`, 100,000 from seed 1 if nothing is said.

#![expect(clippy::expect_used, reason = "it ends by panicking when it finds something")]

#[path = "../tests/all/oracle.rs"]
mod oracle;
#[path = "../tests/all/random.rs"]
mod random;

/// Cases in one calendar: laying out its weeks costs more than a case does.
const CASES: u64 = 100;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |otherwise| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (cases, seed): (u64, u64) = (number(100_000), number(1));
    let tally = random::compare(seed, cases.div_ceil(CASES), CASES);
    println!("{cases} cases from seed {seed}, response and resolution: {tally:?}");
}
