//! What everybody in the trade knows: how often a symptom on a kind of machine takes a part, and which. The office
//! guesses from it when a call comes in. The truth of a single breakdown is elsewhere, in [`super::truth`].

use super::chance::{happens, place};
use super::faults::{Family, Symptom};

/// Parts that come into question, with weights.
pub type Weights = &'static [(&'static str, u64)];

/// How often in a hundred a part is needed, and which.
pub fn likely(family: Family, symptom: Symptom) -> (u64, Weights) {
    let percent = match symptom {
        Symptom::Callback => 40,
        Symptom::Minor => 60,
        Symptom::Major => 92,
        Symptom::Incident => 25,
        Symptom::Power => 35,
        Symptom::FireAlarm => 10,
        Symptom::Handrail => 85,
        Symptom::Water => 45,
        Symptom::Weather => 30,
        Symptom::Other => 20,
    };
    let weights = match symptom {
        Symptom::Power | Symptom::FireAlarm => ELECTRIC,
        Symptom::Major => major(family),
        Symptom::Handrail if family == Family::Escalator => HANDRAIL,
        _ => common(family),
    };
    (percent, weights)
}

const ELECTRIC: Weights = &[
    ("EL-FUS", 8),
    ("EL-CON", 5),
    ("EL-RLY", 4),
    ("EL-PSU", 4),
    ("EL-BAT", 3),
    ("EL-FAN", 2),
    ("EL-BRD", 1),
];
const HANDRAIL: Weights = &[("ES-HND", 6), ("ES-HDR", 4)];

const fn common(family: Family) -> Weights {
    match family {
        Family::Escalator => &[
            ("ES-CMB", 10),
            ("ES-ROL", 9),
            ("ES-SWT", 6),
            ("ES-BRU", 4),
            ("EL-FUS", 3),
            ("EL-CON", 3),
            ("ES-STP", 3),
            ("ES-HDR", 2),
            ("ES-BRK", 2),
        ],
        Family::Gearless => &[
            ("DR-ROL", 10),
            ("DR-GIB", 8),
            ("CR-BTN", 7),
            ("DR-BLT", 5),
            ("EL-LIM", 4),
            ("DR-SNS", 3),
            ("MC-ENC", 3),
            ("GD-ROL", 3),
            ("EL-FAN", 2),
        ],
        Family::Geared => &[
            ("DR-ROL", 10),
            ("CR-BTN", 8),
            ("DR-GIB", 7),
            ("DR-LCK", 5),
            ("EL-CON", 5),
            ("GD-SHO", 5),
            ("EL-RLY", 4),
            ("MC-OIL", 3),
            ("MC-SEA", 2),
        ],
        Family::Hydraulic => &[
            ("HY-SOL", 8),
            ("HY-SEA", 6),
            ("HY-OIL", 6),
            ("DR-ROL", 5),
            ("CR-BTN", 4),
            ("EL-CON", 4),
            ("HY-VLV", 2),
        ],
        Family::Small => &[("EL-LIM", 6), ("EL-FUS", 5), ("EL-CON", 4), ("CR-BTN", 3), ("DR-LCK", 2)],
    }
}

const fn major(family: Family) -> Weights {
    match family {
        Family::Escalator => &[("ES-CHN", 5), ("ES-STP", 5), ("ES-HND", 3), ("ES-BRK", 3), ("ES-HDR", 3)],
        Family::Gearless => &[("EL-BRD", 5), ("MC-ENC", 4), ("DR-MOT", 4), ("MC-BRK", 3), ("MC-ROP", 2)],
        Family::Geared => &[("MC-BRK", 5), ("MC-COI", 4), ("MC-ROP", 3), ("DR-MOT", 3), ("EL-BRD", 2)],
        Family::Hydraulic => &[("HY-VLV", 6), ("HY-SEA", 5), ("HY-OIL", 3)],
        Family::Small => &[("EL-BRD", 2), ("MC-BRK", 2), ("DR-LCK", 2)],
    }
}

/// One of the parts, by weight; the same for the same words.
pub fn pick(weights: &[(&'static str, u64)], words: &[&str]) -> Option<&'static str> {
    let total: u64 = weights.iter().map(|(_, weight)| weight).sum();
    let mut left = place(words, usize::try_from(total).unwrap_or(0)) as u64;
    for (part, weight) in weights {
        if left < *weight {
            return Some(part);
        }
        left -= weight;
    }
    None
}

/// How many of a hundred guesses the office dares to make where a part is as good as certain.
const DARES: u64 = 70;

/// The parts that the office orders along with the ticket: none to two, guessed from symptom and machine.
pub fn guess(family: Family, symptom: Symptom, reference: &str) -> Vec<&'static str> {
    let (percent, weights) = likely(family, symptom);
    if !happens(&["office dares", reference], percent * DARES / 100) {
        return Vec::new();
    }
    let mut parts: Vec<&'static str> = pick(weights, &["office guess", reference]).into_iter().collect();
    if happens(&["office doubts", reference], 15) {
        parts.extend(pick(weights, &["second guess", reference]));
        parts.dedup();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::catalogue;

    const FAMILIES: [Family; 5] =
        [Family::Escalator, Family::Gearless, Family::Geared, Family::Hydraulic, Family::Small];
    const SYMPTOMS: [Symptom; 10] = [
        Symptom::Callback,
        Symptom::Minor,
        Symptom::Major,
        Symptom::Incident,
        Symptom::Power,
        Symptom::FireAlarm,
        Symptom::Handrail,
        Symptom::Water,
        Symptom::Weather,
        Symptom::Other,
    ];

    #[test]
    fn every_part_that_may_be_needed_is_in_the_catalogue() {
        for (family, symptom) in FAMILIES.iter().flat_map(|f| SYMPTOMS.iter().map(move |s| (*f, *s))) {
            let (percent, weights) = likely(family, symptom);
            assert!(percent <= 100 && !weights.is_empty());
            assert!(weights.iter().all(|(part, weight)| *weight > 0 && catalogue::item(part).is_some()));
        }
    }

    #[test]
    fn an_escalator_takes_no_hydraulic_part() {
        let all = SYMPTOMS.iter().flat_map(|s| likely(Family::Escalator, *s).1);
        assert!(all.clone().all(|(part, _)| !part.starts_with("HY-") && !part.starts_with("DR-")));
        assert!(all.clone().any(|(part, _)| *part == "ES-HND"));
    }

    #[test]
    fn heavy_parts_are_picked_more_often_and_each_sometimes() {
        let weights: Weights = &[("ES-CMB", 9), ("ES-STP", 1)];
        let picked = (0..1_000).filter_map(|n| pick(weights, &[&n.to_string()]));
        let combs = picked.filter(|part| *part == "ES-CMB").count();
        assert!((850..950).contains(&combs), "{combs}");
        assert_eq!(pick(&[], &["x"]), None);
    }

    #[test]
    fn the_office_guesses_at_most_two_parts_and_often_none() {
        let guesses: Vec<_> =
            (0..500).map(|n| guess(Family::Geared, Symptom::Callback, &n.to_string())).collect();
        let none = guesses.iter().filter(|parts| parts.is_empty()).count();
        assert!((300..420).contains(&none), "{none}");
        assert!(guesses.iter().all(|parts| parts.len() <= 2));
        assert!(guesses.iter().any(|parts| parts.len() == 2));
        assert!(guesses.iter().all(|parts| parts.len() < 2 || parts[0] != parts[1]));
    }
}
