//! What is really broken and how long it really takes: hidden from everything that learns or dispatches. Only the
//! world of the demo looks here, when a simulated engineer has opened the machine and looks for himself. Nothing
//! here is ever written to the database or sent anywhere; what the server learns, it learns from what was used.

use super::chance::{happens, seed};
use super::faults::{Family, Symptom};
use super::stream::hands_on;
use super::{catalogue, trade};

/// What somebody finds who opens the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// The part that must be exchanged, and how much of it.
    pub part: Option<(&'static str, i64)>,
    /// Work on site in minutes, for an engineer of ordinary speed.
    pub minutes: i64,
}

/// A breakdown as far as its truth depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Names it.
    pub reference: &'a str,
    /// The machine.
    pub family: Family,
    /// Device type and machine type.
    pub model: &'a str,
    /// What was recorded.
    pub symptom: Symptom,
    /// How long the recorded outage lasted.
    pub recorded_minutes: Option<i64>,
}

/// Looks.
pub fn of(subject: Subject<'_>) -> Truth {
    let (percent, weights) = trade::likely(subject.family, subject.symptom);
    let part = if happens(&["truth", subject.reference], percent) {
        // Each model has weaknesses of its own, which nobody is told: whoever looks at what was used can learn them.
        let weights: Vec<(&'static str, u64)> =
            weights.iter().map(|(part, weight)| (*part, weight * weakness(subject.model, part))).collect();
        trade::pick(&weights, &["true part", subject.reference])
    } else {
        None
    };
    let dose = |number: &'static str| (number, catalogue::item(number).map_or(1, |item| item.dose));
    Truth { part: part.map(dose), minutes: hands_on(subject.recorded_minutes, subject.symptom) }
}

/// From 1, hardly ever, to 8.
fn weakness(model: &str, part: &str) -> u64 {
    let spread = seed(&["weakness", model, part]) % 8;
    spread + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn subject<'a>(reference: &'a str, model: &'a str) -> Subject<'a> {
        let (family, symptom) = (Family::Geared, Symptom::Callback);
        Subject { reference, family, model, symptom, recorded_minutes: Some(100) }
    }

    fn parts(model: &str) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for n in 0..2_000 {
            if let Some((part, _)) = of(subject(&n.to_string(), model)).part {
                *counts.entry(part).or_default() += 1;
            }
        }
        counts
    }

    #[test]
    fn the_same_breakdown_always_needs_the_same() {
        assert_eq!(of(subject("20261122-001", "A")), of(subject("20261122-001", "A")));
    }

    #[test]
    fn about_four_call_backs_in_ten_need_a_part() {
        let needed: usize = parts("Passenger Elevator OG").values().sum();
        assert!((720..880).contains(&needed), "{needed}");
    }

    #[test]
    fn two_models_have_different_weaknesses() {
        let most = |model: &str| parts(model).into_iter().max_by_key(|(_, count)| *count).unwrap().0;
        let models = ["Passenger Elevator OG", "Passenger Elevator BG", "Freight OG", "Freight BD"];
        let different: std::collections::BTreeSet<_> = models.iter().map(|model| most(model)).collect();
        assert!(different.len() > 1, "{different:?}");
    }

    #[test]
    fn what_the_office_guesses_is_right_sometimes_and_wrong_often() {
        let mut right = 0;
        let mut guessed = 0;
        for n in 0..3_000 {
            let reference = n.to_string();
            let guess = trade::guess(Family::Geared, Symptom::Callback, &reference);
            if let (Some((part, _)), false) = (of(subject(&reference, "Freight OG")).part, guess.is_empty()) {
                guessed += 1;
                right += usize::from(guess.contains(&part));
            }
        }
        assert!(right * 2 < guessed && right > 0, "{right} of {guessed}");
    }
}
