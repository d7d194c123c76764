//! The short version of `cargo xtask fuzz plan`.

use crate::hostile::{Outcome, attempt, file};

#[test]
fn every_file_ends_in_a_good_plan_or_in_an_error() {
    let mut planned = 0;
    for number in 0..400 {
        match attempt(&file(number, 100), None) {
            Outcome::Wrong(what) => panic!("file {number}: {what}"),
            outcome => planned += usize::from(outcome == Outcome::Planned),
        }
    }
    assert!((50..350).contains(&planned), "{planned} of 400: neither all good nor all refused");
}
