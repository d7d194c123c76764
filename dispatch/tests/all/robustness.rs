//! Questions that nobody should ask still get an answer: extreme instants, coordinates that are not
//! numbers, loads without bounds. And what makes somebody fitter never excludes him.

use crate::town::{self, Dice, HOUR, MINUTE, NOW};
use dispatch::{
    Certificate, Depot, Engineer, FaultSpeed, FreeStock, Interval, Load, PartQuantity, PartSupply, Point,
    Policy, Position, Query, Recommendation, Roster, SkillRequirement, StraightLine, Visit, explain_all,
    recommend,
};
use proptest::prelude::*;
use uuid::Uuid;

fn instant() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => (-20i64..40).prop_map(|hours| NOW + hours * HOUR),
        1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX]),
    ]
}

fn minutes() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0u32..600, 1 => Just(u32::MAX)]
}

fn coordinate() -> impl Strategy<Value = f64> {
    let odd =
        vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 90.0, 180.0, 1e300, f64::MIN_POSITIVE];
    prop_oneof![3 => 40.0..41.0f64, 1 => prop::sample::select(odd)]
}

fn point() -> impl Strategy<Value = Point> {
    (coordinate(), coordinate()).prop_map(|(latitude, longitude)| Point { latitude, longitude })
}

fn interval() -> impl Strategy<Value = Interval> {
    (instant(), instant()).prop_map(|(starts_at, ends_at)| Interval { starts_at, ends_at })
}

fn certificate() -> impl Strategy<Value = Certificate> {
    (0u64..3, any::<u8>(), instant(), prop::option::of(instant())).prop_map(
        |(skill, level, valid_from, valid_until)| Certificate {
            skill: town::skill(skill),
            level,
            number: "C".into(),
            valid_from,
            valid_until,
        },
    )
}

prop_compose! {
    fn engineer()(
        id in 0u128..40, active in prop::bool::weighted(0.9), home in point(),
        position in prop::option::of((point(), instant())),
        shifts in prop::collection::vec(interval(), 0..4), absences in prop::collection::vec(interval(), 0..3),
        certificates in prop::collection::vec(certificate(), 0..4), max_load_minutes in minutes(),
        ratio in coordinate(), count in minutes(),
    ) -> Engineer {
        Engineer {
            id: Uuid::from_u128(id), code: format!("E-{id}"), name: "Any".into(), active, home,
            position: position.map(|(point, at)| Position { point, at }),
            shifts, absences, certificates, max_load_minutes,
            speeds: vec![FaultSpeed { fault: "door".into(), count, ratio }],
            territory: None,
            skill_group: None,
        }
    }
}

prop_compose! {
    fn visit()(
        point in point(), priority in any::<u8>(), skills in prop::collection::vec((0u64..4, 0u8..3), 0..3),
        parts in prop::collection::vec((0u128..2, prop::sample::select(vec![i64::MIN, -1, 0, 2, i64::MAX])), 0..3),
        expected_minutes in minutes(), earliest_at in instant(), latest_at in prop::option::of(instant()),
        due_at in prop::option::of(instant()),
    ) -> Visit {
        let required = |(skill, level)| SkillRequirement { skill: town::skill(skill), level };
        let needed = |(part, quantity)| PartQuantity { part_id: Uuid::from_u128(part), quantity };
        Visit {
            ticket_id: Uuid::nil(), point, priority, fault: "door".into(),
            required_skills: skills.into_iter().map(required).collect(),
            needed_parts: parts.into_iter().map(needed).collect(),
            expected_minutes, earliest_at, latest_at, due_at, excluded_engineers: Vec::new(),
            territory: None,
            skill_group: None,
            customer_level: None,
        }
    }
}

fn supply(depots: Vec<Point>) -> PartSupply {
    let free = vec![FreeStock { part_id: Uuid::from_u128(0), quantity: i64::MAX, kept: 0 }; 2];
    let depot = |(id, point)| Depot { location_id: Uuid::from_u128(id), point, free: free.clone() };
    PartSupply { depots: (100..).zip(depots).map(depot).collect(), ..PartSupply::default() }
}

fn ask(
    engineers: &[Engineer],
    loads: &[u32],
    visit: &Visit,
    now: i64,
    supply: &PartSupply,
) -> Recommendation {
    let policy = Policy::default();
    let mut roster = Roster::build(engineers.iter().cloned(), now, &policy);
    for (engineer, minutes) in engineers.iter().zip(loads) {
        roster.loaded(engineer.id, Load { tickets: 1, minutes: *minutes });
    }
    recommend(&roster, &Query::new(visit, now, &policy), supply, &StraightLine::default())
}

/// One ordinary engineer and visit that fit each other, with chance in the details.
fn fitting(seed: u64) -> (Engineer, Visit) {
    let mut dice = Dice(seed);
    let (mut engineer, mut visit) = (town::engineer(1, &mut dice), town::visit(0, &mut dice));
    engineer.absences.clear();
    engineer.certificates[0].valid_until = None;
    let held = &engineer.certificates[0];
    visit.required_skills = vec![SkillRequirement { skill: held.skill.clone(), level: held.level }];
    (engineer, visit)
}

fn is_ranked(engineer: &Engineer, visit: &Visit) -> bool {
    let answer = ask(std::slice::from_ref(engineer), &[], visit, NOW, &PartSupply::default());
    !answer.ranked.is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_question_is_too_odd_to_answer(
        engineers in prop::collection::vec(engineer(), 0..12), loads in prop::collection::vec(minutes(), 12),
        visit in visit(), now in instant(), depots in prop::collection::vec(point(), 0..3),
    ) {
        let answer = ask(&engineers, &loads, &visit, now, &supply(depots));
        for candidate in &answer.ranked {
            let terms = candidate.terms.iter().map(|term| term.minutes).sum();
            prop_assert_eq!(candidate.score_minutes, terms);
        }
        for exclusion in &answer.excluded {
            prop_assert!(!exclusion.fact.to_string().is_empty());
        }
        let policy = Policy::default();
        let roster = Roster::build(engineers, now, &policy);
        let counted = explain_all(&roster, &Query::new(&visit, now, &policy)).len();
        prop_assert!(counted <= roster.len());
    }

    #[test]
    fn odd_places_can_be_moved_to_and_left_again(
        engineers in prop::collection::vec(engineer(), 1..12), moves in prop::collection::vec((0usize..12, point()), 0..40),
    ) {
        let policy = Policy::default();
        let mut roster = Roster::build(engineers.iter().cloned(), NOW, &policy);
        for (at, (who, point)) in (0..).zip(moves) {
            roster.moved(engineers[who % engineers.len()].id, Position { point, at: NOW + at });
        }
        for engineer in &engineers {
            roster.remove(engineer.id);
        }
        prop_assert!(roster.is_empty());
        let visit = town::visit(0, &mut Dice(1));
        prop_assert!(roster.nearest(&Query::new(&visit, NOW, &policy), 5).is_empty());
    }

    #[test]
    fn one_more_certificate_or_shift_never_excludes(seed in any::<u64>(), extra in certificate(), shift in interval()) {
        let (mut engineer, visit) = fitting(seed);
        prop_assume!(is_ranked(&engineer, &visit));
        engineer.certificates.push(extra);
        prop_assert!(is_ranked(&engineer, &visit));
        engineer.shifts.push(shift);
        // An earlier start can only bring the visit forward, and the certificate has no end.
        prop_assert!(is_ranked(&engineer, &visit));
    }

    #[test]
    fn one_more_absence_or_requirement_never_admits(
        seed in any::<u64>(), absence in interval(), skill in 0u64..40, latest in 0i64..300,
    ) {
        let (mut engineer, mut visit) = fitting(seed);
        visit.latest_at = Some(NOW + latest * MINUTE);
        let before = is_ranked(&engineer, &visit);
        engineer.absences.push(absence);
        let absent = is_ranked(&engineer, &visit);
        prop_assert!(before || !absent);
        visit.required_skills.push(SkillRequirement { skill: town::skill(skill), level: 2 });
        prop_assert!(absent || !is_ranked(&engineer, &visit));
    }
}
