//! Chance that can be repeated: every random choice of the demo is drawn from dice that a text names, so the same
//! day brings the same breakdowns, needs and moods on every machine and after every restart.

use rand::SeedableRng;
use rand::rngs::StdRng;
use sha2::{Digest, Sha256};

/// Dice that always fall alike for the same words.
pub fn dice(words: &[&str]) -> StdRng {
    StdRng::seed_from_u64(seed(words))
}

/// The number that these words stand for.
pub fn seed(words: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.as_bytes());
        // So that ("ab", "c") and ("a", "bc") differ.
        hash.update([0]);
    }
    let digest = hash.finalize();
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// One of `count` places, the same for the same words; 0 if there are none.
pub fn place(words: &[&str], count: usize) -> usize {
    if count == 0 { 0 } else { (seed(words) % count as u64) as usize }
}

/// Whether something that happens `percent` times in a hundred happens to these words.
pub fn happens(words: &[&str], percent: u64) -> bool {
    seed(words) % 100 < percent
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn the_same_words_always_fall_alike() {
        let roll = |words: &[&str]| dice(words).random_range(0..1_000_000);
        assert_eq!(roll(&["a", "b"]), roll(&["a", "b"]));
        assert_ne!(roll(&["a", "b"]), roll(&["ab"]));
    }

    #[test]
    fn a_fixed_seed_is_the_same_on_every_machine() {
        assert_eq!(seed(&["stream", "2026-11-22"]) % 1_000, seed(&["stream", "2026-11-22"]) % 1_000);
        assert_eq!(seed(&[]), 0xe3b0_c442_98fc_1c14, "the hash of nothing");
    }

    #[test]
    fn what_happens_twenty_times_in_a_hundred_happens_about_so_often() {
        let times = (0..10_000).filter(|n| happens(&["x", &n.to_string()], 20)).count();
        assert!((1_850..2_150).contains(&times), "{times}");
    }

    #[test]
    fn all_places_are_taken_sometimes_and_none_of_none() {
        let taken: std::collections::BTreeSet<_> = (0..200).map(|n| place(&[&n.to_string()], 7)).collect();
        assert_eq!(taken.len(), 7);
        assert_eq!(place(&["x"], 0), 0);
    }
}
