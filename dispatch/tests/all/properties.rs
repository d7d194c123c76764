//! The index against a scan over everybody, after any sequence of changes; and what must be true of
//! every recommendation.

use crate::town::{self, Dice, MINUTE, NOW};
use dispatch::case::Case;
use dispatch::profile::Profile;
use dispatch::rules::first_broken;
use dispatch::travel::distance_m;
use dispatch::{
    Engineer, Fresh, Load, Millis, PartSupply, Policy, Position, Query, Recommendation, Roster, StraightLine,
    Term, Visit, explain_all, rank, recommend, shortlist,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What happens to a roster.
#[derive(Clone, Debug)]
enum Change {
    Upsert { number: u64, seed: u64 },
    Remove { number: u64 },
    Move { number: u64, seed: u64, age_minutes: i64 },
    Load { number: u64, minutes: u32 },
    Refresh { minutes_later: i64 },
}

fn change() -> impl Strategy<Value = Change> {
    let number = 0u64..60;
    prop_oneof![
        4 => (number.clone(), any::<u64>()).prop_map(|(number, seed)| Change::Upsert { number, seed }),
        1 => number.clone().prop_map(|number| Change::Remove { number }),
        4 => (number.clone(), any::<u64>(), -10i64..90)
            .prop_map(|(number, seed, age_minutes)| Change::Move { number, seed, age_minutes }),
        2 => (number, 0u32..500).prop_map(|(number, minutes)| Change::Load { number, minutes }),
        1 => (0i64..40).prop_map(|minutes_later| Change::Refresh { minutes_later }),
    ]
}

/// The same facts without an index: everybody in a list, and a scan for each question.
#[derive(Default)]
struct Scan {
    people: BTreeMap<u64, (Engineer, Load)>,
    now: Millis,
}

impl Scan {
    fn apply(&mut self, roster: &mut Roster, policy: &Policy, change: &Change) {
        match *change {
            Change::Upsert { number, seed } => {
                let mut engineer = town::engineer(number, &mut Dice(seed));
                roster.upsert(engineer.clone());
                let before = self.people.get(&number).cloned();
                let known = before.as_ref().and_then(|(engineer, _)| engineer.position);
                engineer.position =
                    known.into_iter().chain(engineer.position).max_by_key(|position| position.at);
                self.people.insert(number, (engineer, before.map(|(_, load)| load).unwrap_or_default()));
            }
            Change::Remove { number } => {
                assert_eq!(roster.remove(id(number)), self.people.remove(&number).is_some());
            }
            Change::Move { number, seed, age_minutes } => {
                let position = Position { point: Dice(seed).point(), at: self.now - age_minutes * MINUTE };
                let moved = roster.moved(id(number), position);
                let person = self.people.get_mut(&number);
                let later =
                    person.filter(|(engineer, _)| engineer.position.is_none_or(|p| p.at <= position.at));
                assert_eq!(moved, later.is_some());
                if let Some((engineer, _)) = later {
                    engineer.position = Some(position);
                }
            }
            Change::Load { number, minutes } => {
                let load = Load { tickets: 1, minutes };
                assert_eq!(roster.loaded(id(number), load), self.people.contains_key(&number));
                self.people.entry(number).and_modify(|person| person.1 = load);
            }
            Change::Refresh { minutes_later } => {
                self.now += minutes_later * MINUTE;
                roster.refresh(self.now, policy);
            }
        }
    }

    /// All eligible engineers and their distances, nearest first.
    fn eligible(&self, query: &Query) -> Vec<(f64, Uuid)> {
        let mut eligible = Vec::new();
        for (engineer, load) in self.people.values() {
            let since = query.policy.positions_since(self.now);
            let position = engineer.position.filter(|position| position.at >= since);
            let place = position.map_or(engineer.home, |position| position.point);
            let distance = distance_m(place, query.visit.point);
            let profile = Profile::new(engineer.clone());
            if first_broken(&Case::new(query, &profile, *load, distance)).is_none() {
                eligible.push((distance, engineer.id));
            }
        }
        eligible.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        eligible
    }
}

fn id(number: u64) -> Uuid {
    Uuid::from_u128(u128::from(number) + 1)
}

fn played(changes: &[Change], policy: &Policy) -> (Roster, Scan) {
    let mut roster = Roster::new(NOW, policy);
    let mut scan = Scan { now: NOW, ..Scan::default() };
    changes.iter().for_each(|change| scan.apply(&mut roster, policy, change));
    (roster, scan)
}

fn a_visit() -> impl Strategy<Value = Visit> {
    (0u64..3, any::<u64>(), prop::option::of(0i64..400), prop::collection::vec(0u64..60, 0..3)).prop_map(
        |(skills, seed, latest, excluded)| {
            let mut visit = town::visit(skills, &mut Dice(seed));
            // Few skills, so that two required ones are sometimes found together.
            for (n, required) in visit.required_skills.iter_mut().enumerate() {
                required.skill = town::skill((seed + 7 * n as u64) % 6);
            }
            visit.latest_at = latest.map(|minutes| NOW + minutes * MINUTE);
            visit.excluded_engineers = excluded.into_iter().map(id).collect();
            visit
        },
    )
}

fn ranked_ids(recommendation: &Recommendation) -> Vec<Uuid> {
    recommendation.ranked.iter().map(|candidate| candidate.engineer_id).collect()
}

/// Large enough that rare skills are scanned for and common ones walked to.
#[test]
fn in_a_large_town_the_index_answers_as_a_scan_for_rare_and_for_common_skills() {
    let (people, policy, mut dice) = (town::engineers(3_000), Policy::default(), Dice(5));
    let mut roster = Roster::build(people.clone(), NOW, &policy);
    let mut scan = Scan { now: NOW, ..Scan::default() };
    for (number, engineer) in (0..).zip(people) {
        let load = town::load(&mut dice);
        roster.loaded(engineer.id, load);
        scan.people.insert(number, (engineer, load));
    }
    for skills in (0..4).cycle().take(40) {
        let visit = town::visit(skills, &mut dice);
        let query = Query::new(&visit, NOW, &policy);
        let near: Vec<Uuid> = roster.nearest(&query, 10).iter().map(|near| near.engineer_id).collect();
        let expected: Vec<Uuid> = scan.eligible(&query).iter().take(10).map(|(_, id)| *id).collect();
        assert_eq!(near, expected, "{skills} skills");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_index_answers_exactly_as_a_scan_over_everybody(
        changes in prop::collection::vec(change(), 0..160), visit in a_visit(), count in 1usize..25,
        max_distance_m in 2_000.0..40_000.0f64,
    ) {
        let policy = Policy { max_distance_m, ..Policy::default() };
        let (roster, scan) = played(&changes, &policy);
        let query = Query::new(&visit, scan.now, &policy);
        let near = roster.nearest(&query, count);
        let mut expected = scan.eligible(&query);
        expected.truncate(count);
        prop_assert_eq!(roster.len(), scan.people.len());
        prop_assert_eq!(
            near.iter().map(|near| near.engineer_id).collect::<Vec<_>>(),
            expected.iter().map(|(_, id)| *id).collect::<Vec<_>>()
        );
        for (near, (distance, _)) in near.iter().zip(&expected) {
            prop_assert!((near.distance_m - distance).abs() < 1e-3);
        }
    }

    #[test]
    fn people_at_the_same_place_are_taken_in_the_order_of_their_ids(
        numbers in prop::collection::btree_set(0u64..200, 1..80), count in 1usize..20, requires in any::<bool>(),
    ) {
        let policy = Policy::default();
        let same_place = |number: &u64| {
            let mut engineer = town::engineer(1, &mut Dice(1));
            (engineer.id, engineer.position, engineer.absences) = (id(*number), None, Vec::new());
            engineer
        };
        let mut visit = town::visit(0, &mut Dice(9));
        if requires {
            let held = &town::engineer(1, &mut Dice(1)).certificates[0];
            visit.required_skills.push(dispatch::SkillRequirement { skill: held.skill.clone(), level: 1 });
        }
        // From the highest id down, so that the order of insertion does not help.
        let mut roster = Roster::new(NOW, &policy);
        numbers.iter().rev().map(same_place).for_each(|engineer| roster.upsert(engineer));
        let near = roster.nearest(&Query::new(&visit, NOW, &policy), count);
        let expected: Vec<Uuid> = numbers.iter().take(count).map(|number| id(*number)).collect();
        prop_assert_eq!(near.iter().map(|near| near.engineer_id).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn everybody_is_ranked_beyond_the_shortlist_or_counted_under_one_rule(
        changes in prop::collection::vec(change(), 0..160), visit in a_visit(), shortlist_size in 1usize..30,
    ) {
        let policy = Policy { shortlist_size, ..Policy::default() };
        let (roster, scan) = played(&changes, &policy);
        let query = Query::new(&visit, scan.now, &policy);
        let answer = recommend(&roster, &query, &PartSupply::default(), &StraightLine::default());
        let counted: u32 = answer.excluded_counts.iter().map(|count| count.count).sum();
        let all = answer.ranked.len() as u32 + answer.beyond_shortlist + counted;
        prop_assert_eq!(all as usize, roster.len());
        prop_assert_eq!(answer.excluded.len(), (counted as usize).min(50));
        prop_assert!(answer.ranked.len() <= shortlist_size);
    }

    #[test]
    fn with_routes_everybody_is_accounted_for_too_and_the_scores_are_in_order(
        seed in any::<u64>(), visit in a_visit(), tickets in 0u64..12, latest in prop::option::of(0i64..600),
    ) {
        let (policy, mut dice) = (Policy::default(), Dice(seed));
        let people: Vec<Engineer> = (0..80).map(|number| town::engineer(number, &mut dice)).collect();
        let mut roster = Roster::build(people.clone(), NOW, &policy);
        for engineer in &people {
            let mut route = town::route(engineer.home, tickets, &mut dice);
            for (hour, stop) in (1..).zip(&mut route.stops) {
                stop.latest_at = latest.map(|minutes| NOW + (minutes + 60 * hour) * MINUTE);
            }
            roster.routed(engineer.id, Some(route));
        }
        let query = Query::new(&visit, NOW, &policy);
        let answer = recommend(&roster, &query, &PartSupply::default(), &StraightLine::default());
        let counted: u32 = answer.excluded_counts.iter().map(|count| count.count).sum();
        prop_assert_eq!(answer.ranked.len() as u32 + answer.beyond_shortlist + counted, 80);
        prop_assert!(answer.ranked.is_sorted_by_key(|candidate| candidate.score_minutes));
        prop_assert!(answer.ranked.iter().all(|c| c.terms.iter().all(|term| term.term != Term::Wait)));
    }

    #[test]
    fn the_whole_explanation_agrees_with_the_counts_and_begins_with_the_nearest(
        changes in prop::collection::vec(change(), 0..160), visit in a_visit(),
    ) {
        let policy = Policy::default();
        let (roster, scan) = played(&changes, &policy);
        let query = Query::new(&visit, scan.now, &policy);
        let answer = recommend(&roster, &query, &PartSupply::default(), &StraightLine::default());
        let all = explain_all(&roster, &query);
        for count in &answer.excluded_counts {
            let of_rule = all.iter().filter(|exclusion| exclusion.rule == count.rule).count();
            prop_assert_eq!(of_rule, count.count as usize);
        }
        prop_assert!(all.iter().all(|exclusion| exclusion.fact.rule() == exclusion.rule));
        prop_assert!(all.iter().is_sorted_by_key(|exclusion| exclusion.distance_m));
        prop_assert_eq!(&all[..answer.excluded.len()], &answer.excluded[..]);
    }

    #[test]
    fn candidates_are_in_the_order_of_their_scores_and_the_terms_sum_to_them(
        changes in prop::collection::vec(change(), 20..160), visit in a_visit(), seed in any::<u64>(),
    ) {
        let policy = Policy::default();
        let (roster, scan) = played(&changes, &policy);
        let query = Query::new(&visit, scan.now, &policy);
        let engineers: Vec<Engineer> = scan.people.values().map(|person| person.0.clone()).collect();
        let supply = town::supply(&engineers, &mut Dice(seed));
        let answer = recommend(&roster, &query, &supply, &StraightLine::default());
        for candidate in &answer.ranked {
            let tenths: i64 = candidate.terms.iter().map(|term| term.minutes.tenths()).sum();
            prop_assert_eq!(candidate.score_minutes.tenths(), tenths);
        }
        prop_assert!(answer.ranked.iter().is_sorted_by_key(|candidate| candidate.score_minutes));
        let again = recommend(&roster, &query, &supply, &StraightLine::default());
        prop_assert_eq!(&again, &answer);
        let json = serde_json::to_string(&answer).unwrap();
        prop_assert_eq!(serde_json::from_str::<Recommendation>(&json).unwrap(), answer);
    }

    #[test]
    fn with_fresh_loads_nobody_is_ranked_beyond_his_limit_and_nobody_is_lost(
        changes in prop::collection::vec(change(), 20..160), visit in a_visit(),
        loads in prop::collection::vec(0u32..600, 60),
    ) {
        let policy = Policy::default();
        let (roster, scan) = played(&changes, &policy);
        let query = Query::new(&visit, scan.now, &policy);
        let fresh_loads: HashMap<Uuid, Load> =
            (0..60).map(|n| (id(n), Load { tickets: 1, minutes: loads[n as usize] })).collect();
        let supply = PartSupply::default();
        let travel = StraightLine::default();
        let fresh = Fresh::new(&fresh_loads, &supply, &travel);
        let shortlist = shortlist(&roster, &query);
        let mut asked: Vec<Uuid> = shortlist.engineer_ids().collect();
        let answer = rank(shortlist, &query, &fresh).recommendation;
        for candidate in &answer.ranked {
            let with_this = fresh_loads[&candidate.engineer_id].minutes + visit.expected_minutes;
            prop_assert!(with_this <= roster.engineer(candidate.engineer_id).unwrap().max_load_minutes);
        }
        let dropped = answer.excluded.iter().map(|exclusion| exclusion.engineer_id).filter(|id| asked.contains(id));
        let mut answered: Vec<Uuid> = ranked_ids(&answer).into_iter().chain(dropped).collect();
        asked.sort_unstable();
        answered.sort_unstable();
        prop_assert_eq!(answered, asked);
    }
}
