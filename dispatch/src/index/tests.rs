//! What the roster does with one engineer at a time. That it finds the right ones among many is shown
//! in `tests/all/properties.rs`, against a scan over everybody.

use super::*;
use crate::problem::MS_PER_MINUTE;
use crate::rules::sample::{engineer, visit};

const HOME: Point = Point { latitude: 40.75, longitude: -73.98 };
const AWAY: Point = Point { latitude: 40.80, longitude: -73.95 };

fn at(minute: i64, point: Point) -> Position {
    Position { point, at: minute * MS_PER_MINUTE }
}

fn person(id: u128, skill: &str) -> Engineer {
    let mut person = engineer().shift(0, 600).with(skill, 1).build();
    person.id = Uuid::from_u128(id);
    person.home = HOME;
    person
}

fn roster() -> Roster {
    let mut roster = Roster::new(0, &Policy::default());
    roster.upsert(person(1, "LIFT-A"));
    roster.upsert(person(2, "LIFT-B"));
    roster
}

fn place(roster: &Roster, id: u128) -> Point {
    roster.place(Uuid::from_u128(id)).unwrap()
}

fn near(roster: &Roster, skill: &str) -> Vec<u128> {
    let mut visit = visit();
    visit.required_skills.push(crate::SkillRequirement { skill: skill.into(), level: 1 });
    let policy = Policy::default();
    let near = roster.nearest(&Query::new(&visit, 0, &policy), 10);
    near.iter().map(|near| near.engineer_id.as_u128()).collect()
}

#[test]
fn someone_of_unknown_position_is_taken_to_be_at_home() {
    assert_eq!(place(&roster(), 1), HOME);
}

#[test]
fn a_position_counts_until_it_is_too_old() {
    let (mut roster, policy) = (roster(), Policy::default());
    assert!(roster.moved(Uuid::from_u128(1), at(0, AWAY)));
    assert_eq!(place(&roster, 1), AWAY);
    roster.refresh(60 * MS_PER_MINUTE, &policy);
    assert_eq!(place(&roster, 1), AWAY);
    roster.refresh(60 * MS_PER_MINUTE + 1, &policy);
    assert_eq!(place(&roster, 1), HOME);
    assert_eq!(roster.position(Uuid::from_u128(1)), Some(at(0, AWAY)));
}

#[test]
fn a_position_that_is_too_old_when_it_arrives_moves_nobody() {
    let mut roster = roster();
    assert!(roster.moved(Uuid::from_u128(1), at(-61, AWAY)));
    assert_eq!(place(&roster, 1), HOME);
}

#[test]
fn an_older_position_does_not_replace_a_later_one() {
    let mut roster = roster();
    assert!(roster.moved(Uuid::from_u128(1), at(5, AWAY)));
    assert!(!roster.moved(Uuid::from_u128(1), at(4, HOME)));
    assert_eq!(place(&roster, 1), AWAY);
}

#[test]
fn a_position_from_before_an_instant_is_forgotten_and_he_is_taken_to_be_at_home() {
    let mut roster = roster();
    roster.moved(Uuid::from_u128(1), at(5, AWAY));
    roster.moved(Uuid::from_u128(2), at(6, AWAY));
    roster.forget_positions(6 * MS_PER_MINUTE);
    assert_eq!((roster.position(Uuid::from_u128(1)), place(&roster, 1)), (None, HOME));
    assert_eq!((roster.position(Uuid::from_u128(2)), place(&roster, 2)), (Some(at(6, AWAY)), AWAY));
    assert!(roster.moved(Uuid::from_u128(1), at(7, AWAY)), "what comes later counts");
}

#[test]
fn putting_somebody_in_again_keeps_his_load_and_his_later_position() {
    let mut roster = roster();
    let (id, load) = (Uuid::from_u128(1), Load { tickets: 2, minutes: 90 });
    roster.moved(id, at(5, AWAY));
    roster.loaded(id, load);
    roster.routed(id, Some(crate::Route::default()));
    let mut again = person(1, "LIFT-A");
    again.position = Some(at(3, HOME));
    roster.upsert(again);
    assert_eq!((roster.load(id), roster.position(id)), (Some(load), Some(at(5, AWAY))));
    assert!(roster.seat_of(id).unwrap().route.is_some());
    assert_eq!(roster.len(), 2);
}

#[test]
fn changed_certificates_change_who_is_found() {
    let mut roster = roster();
    assert_eq!(near(&roster, "LIFT-A"), [1]);
    roster.upsert(person(1, "LIFT-B"));
    assert_eq!(near(&roster, "LIFT-A"), Vec::<u128>::new());
    assert_eq!(near(&roster, "LIFT-B"), [1, 2]);
}

#[test]
fn someone_removed_is_found_no_more_and_his_seat_is_used_again() {
    let mut roster = roster();
    assert!(roster.remove(Uuid::from_u128(1)));
    assert!(!roster.remove(Uuid::from_u128(1)));
    assert!(near(&roster, "LIFT-A").is_empty());
    assert!(roster.engineer(Uuid::from_u128(1)).is_none());
    roster.upsert(person(3, "LIFT-A"));
    assert_eq!(near(&roster, "LIFT-A"), [3]);
    assert_eq!((roster.len(), roster.seats.len()), (2, 2));
}

#[test]
fn someone_unknown_is_neither_moved_nor_loaded() {
    let mut roster = roster();
    assert!(!roster.moved(Uuid::nil(), at(0, AWAY)));
    assert!(!roster.loaded(Uuid::nil(), Load::default()));
    assert!(!roster.routed(Uuid::nil(), None));
}

#[test]
fn building_at_once_is_the_same_as_one_by_one() {
    let people = || [person(1, "LIFT-A"), person(2, "LIFT-B"), person(2, "LIFT-A")];
    let built = Roster::build(people(), 0, &Policy::default());
    assert_eq!((built.len(), built.tree.len(), built.seats.len()), (2, 2, 2));
    assert_eq!(near(&built, "LIFT-A"), [1, 2]);
    assert!(near(&built, "LIFT-B").is_empty());
}

#[test]
fn an_empty_roster_finds_nobody() {
    let roster = Roster::new(0, &Policy::default());
    assert!(roster.is_empty());
    assert!(near(&roster, "LIFT-A").is_empty());
}

/// Several hundred people in three clumps, of whom some hold certificates that have ended or begin later.
fn clumps(seed: u64, count: u64) -> Vec<Engineer> {
    let person = |n: u64| {
        let dice = |salt: u64, below: u64| {
            let mixed = (seed ^ (n * 131 + salt)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed >> 33) % below
        };
        let shift = dice(1, 4) as i64 * 100 - 100;
        let mut builder = engineer().shift(shift, shift + 300);
        for held in 0..dice(2, 9) {
            let (from, until) = (dice(held + 3, 5) as i64 * 60 - 120, dice(held + 20, 6) as i64 * 100);
            builder = builder.certificate(
                &format!("S-{}", dice(held + 40, 5)),
                1 + dice(held + 60, 3) as u8,
                "C",
                from,
                Some(until),
            );
        }
        if dice(80, 9) == 0 {
            builder = builder.absent(50, 150);
        }
        let mut person = if dice(81, 20) == 0 { builder.inactive().build() } else { builder.build() };
        person.id = Uuid::from_u128(u128::from(n));
        person.home = spread(dice(82, 1_000), dice(83, 3));
        person
    };
    (0..count).map(person).collect()
}

fn spread(offset: u64, clump: u64) -> Point {
    let east = (offset % 37) as f64 / 2_000.0 + clump as f64 / 10.0;
    Point { latitude: HOME.latitude + (offset % 23) as f64 / 2_000.0, longitude: HOME.longitude + east }
}

mod against_everybody {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Both ways of finding, and what gates and words say of each engineer, against the rules themselves.
        #[test]
        fn walks_scans_gates_and_counts_say_what_the_rules_say(
            seed in any::<u64>(), count in 1u64..700, wanted in prop::collection::vec((0u64..6, 1u8..4), 0..3),
            moves in prop::collection::vec((0u64..700, 0u64..1_000, 0u64..3), 0..200),
            minute in -30i64..300,
            latest in prop::option::of(0i64..400), later in any::<bool>(),
            refused in prop::collection::vec(0u128..700, 0..3),
        ) {
            let policy = Policy { max_distance_m: 9_000.0, ..Policy::default() };
            let mut roster = Roster::build(clumps(seed, count), 0, &policy);
            for (at, (number, offset, clump)) in (0..).zip(moves) {
                roster.moved(Uuid::from_u128(u128::from(number)), self::at(at % 20, spread(offset, clump)));
                roster.loaded(Uuid::from_u128(u128::from(number)), Load { tickets: 1, minutes: offset as u32 % 500 });
            }
            for number in (0..count).step_by(5) {
                roster.routed(Uuid::from_u128(u128::from(number)), Some(crate::Route::default()));
            }
            if later {
                roster.refresh(minute * MS_PER_MINUTE, &policy);
            }
            let mut visit = visit();
            visit.required_skills = wanted.iter().map(|(skill, level)| {
                crate::SkillRequirement { skill: format!("S-{skill}"), level: *level }
            }).collect();
            visit.latest_at = latest.map(|after| (minute + after) * MS_PER_MINUTE);
            visit.excluded_engineers = refused.into_iter().map(Uuid::from_u128).collect();
            let query = Query::new(&visit, minute * MS_PER_MINUTE, &policy);
            let mut everybody: Vec<(f64, Uuid, Option<Rule>)> = roster.seats().map(|(number, seat)| {
                let chord2 = chord2(&roster.tree.spot(number).unwrap().unit, query.unit());
                (chord2, seat.profile.engineer.id, first_broken(&seat.case(&query, chord2)))
            }).collect();
            everybody.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let fit = everybody.iter().filter(|(_, _, rule)| rule.is_none());
            let fit: Vec<Uuid> = fit.map(|one| one.1).take(9).collect();
            for found in roster.both_ways(&query, 9) {
                prop_assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), fit.clone());
            }
            let census = roster.census(&query, 20);
            let broken: Vec<(Uuid, Rule)> = everybody.iter().filter_map(|one| Some((one.1, one.2?))).collect();
            for rule in Rule::ORDER {
                let expected = broken.iter().filter(|(_, other)| *other == rule).count();
                prop_assert_eq!(census.counts[rule as usize] as usize, expected, "{:?}", rule);
            }
            prop_assert_eq!(census.eligible as usize, everybody.len() - broken.len());
            let nearest: Vec<(Uuid, Rule)> = census.nearest.iter().map(|(found, rule)| (found.id, *rule)).collect();
            prop_assert_eq!(nearest, broken.into_iter().take(20).collect::<Vec<_>>());
        }
    }
}
