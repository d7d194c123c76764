//! Every counterfactual is re-asked: with the change the goal is reached, with a little less of it it is not.

use crate::town::{self, Dice, MINUTE, NOW};
use dispatch::{
    Change, Counterfactual, Engineer, Fresh, Goal, Load, PartSupply, Policy, Position, Query, Roster, Route,
    Scene, StraightLine, Visit, counterfactuals, rank, shortlist,
};
use proptest::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Debug)]
struct Town {
    people: Vec<(Engineer, Load, Option<Route>)>,
    visit: Visit,
    policy: Policy,
    supply: PartSupply,
}

impl Town {
    fn roster(&self) -> Roster {
        let mut roster =
            Roster::build(self.people.iter().map(|(person, ..)| person.clone()), NOW, &self.policy);
        for (person, load, route) in &self.people {
            roster.loaded(person.id, *load);
            roster.routed(person.id, route.clone());
        }
        roster
    }

    fn loads(&self) -> HashMap<Uuid, Load> {
        self.people.iter().map(|(person, load, _)| (person.id, *load)).collect()
    }

    fn counterfactuals(&self, id: Option<Uuid>) -> Vec<Counterfactual> {
        let (loads, travel) = (self.loads(), StraightLine::default());
        let query = Query::new(&self.visit, NOW, &self.policy);
        counterfactuals(&self.roster(), &query, &Fresh::new(&loads, &self.supply, &travel), id)
    }

    /// The town in which one thing is different.
    fn with(&self, id: Uuid, change: &Change) -> Town {
        let roster = self.roster();
        let known = self.people.iter().find(|(person, ..)| person.id == id).cloned();
        let (Some((person, load, route)), Some(place)) = (known, roster.place(id)) else {
            panic!("{id} is nobody of this town");
        };
        let (visit, policy, supply) = (self.visit.clone(), self.policy.clone(), self.supply.clone());
        let mut scene = Scene { engineer: person, place, load, route, visit, policy, supply };
        change.apply(&mut scene);
        scene.engineer.position = Some(Position { point: scene.place, at: NOW });
        let others = self.people.iter().filter(|(person, ..)| person.id != id).cloned();
        let people = others.chain([(scene.engineer, scene.load, scene.route)]).collect();
        Town { people, visit: scene.visit, policy: scene.policy, supply: scene.supply }
    }

    fn reaches(&self, id: Uuid, goal: Goal) -> bool {
        let (roster, loads, travel) = (self.roster(), self.loads(), StraightLine::default());
        let query = Query::new(&self.visit, NOW, &self.policy);
        let mut list = shortlist(&roster, &query);
        list.include(&roster, &query, id);
        let ranked = rank(list, &query, &Fresh::new(&loads, &self.supply, &travel)).recommendation.ranked;
        match goal {
            Goal::First => ranked.first().is_some_and(|first| first.engineer_id == id),
            Goal::Placeable => ranked.iter().any(|candidate| candidate.engineer_id == id),
        }
    }
}

/// The same change by one unit less; `None` if that is no change any more.
fn less(change: &Change) -> Option<Change> {
    let mut less = change.clone();
    let is_left = match &mut less {
        Change::FreedEarlier { minutes } | Change::CapacityRaised { minutes } => one_less(minutes),
        Change::Nearer { metres } => one_less(metres),
        Change::Certified { level, .. } => {
            *level -= 1;
            *level > 0
        }
        Change::CertificateLevel { level, .. } => {
            *level -= 1;
            true
        }
        Change::CertificateUntil { valid_until, .. } => {
            *valid_until -= 1;
            true
        }
        Change::CertificateFrom { valid_from, .. } => {
            *valid_from += 1;
            true
        }
        Change::WindowUntil { latest_at, .. } => {
            *latest_at -= 1;
            true
        }
        Change::ReachRaised { max_distance_m, .. } => one_less(max_distance_m),
        Change::PartOnVan { quantity, .. } | Change::PartAtDepot { quantity, .. } => {
            *quantity -= 1;
            *quantity > 0
        }
    };
    is_left.then_some(less)
}

fn one_less(number: &mut u32) -> bool {
    *number -= 1;
    *number > 0
}

fn a_town() -> impl Strategy<Value = Town> {
    let far = prop_oneof![3 => Just(60_000.0), 1 => 2_000.0..15_000.0f64];
    (any::<u64>(), 0u64..3, prop::option::of(0i64..500), far, 1u64..9, any::<bool>()).prop_map(
        |(seed, skills, latest, max_distance_m, count, is_routed)| {
            let mut dice = Dice(seed);
            let mut visit = town::visit(skills, &mut dice);
            for (n, required) in (0..).zip(&mut visit.required_skills) {
                (required.skill, required.level) = (town::skill((seed + n) % 3), 1 + (seed >> 8) as u8 % 3);
            }
            visit.latest_at = latest.map(|minutes| NOW + minutes * MINUTE);
            let people: Vec<Engineer> = (0..count)
                .map(|number| {
                    let mut person = town::engineer(number, &mut dice);
                    for (held, certificate) in (0..).zip(&mut person.certificates) {
                        certificate.skill = town::skill(held % 3);
                        certificate.number = format!("C-{held}");
                    }
                    person
                })
                .collect();
            let supply = town::supply(&people, &mut dice);
            let mut in_hand = |person: Engineer| {
                let (load, near) = (town::load(&mut dice), person.home);
                let mut route = town::route(near, dice.below(5), &mut dice);
                route.leaves_at += dice.below(90) as i64 * MINUTE;
                (person, load, (is_routed && dice.below(4) > 0).then_some(route))
            };
            let people = people.into_iter().map(&mut in_hand).collect();
            let policy = Policy { max_distance_m, ..Policy::default() };
            Town {
                people,
                visit,
                policy,
                supply: PartSupply { depots: supply.depots[..2].to_vec(), ..supply },
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn every_change_reaches_its_goal_and_a_little_less_of_it_does_not(town in a_town()) {
        for (person, ..) in &town.people {
            for found in town.counterfactuals(Some(person.id)) {
                prop_assert_eq!(found.engineer_id, person.id);
                prop_assert!(!town.reaches(person.id, found.goal), "{found} is so already");
                prop_assert!(town.with(person.id, &found.change).reaches(person.id, found.goal), "{}", found);
                if let Some(less) = less(&found.change) {
                    prop_assert!(!town.with(person.id, &less).reaches(person.id, found.goal), "{found}, yet {less}");
                }
            }
        }
    }

    #[test]
    fn asked_about_nobody_it_speaks_of_losers_or_of_what_would_let_somebody_take_it(town in a_town()) {
        let found = town.counterfactuals(None);
        let someone_can = town.people.iter().any(|(person, ..)| town.reaches(person.id, Goal::Placeable));
        for one in found {
            prop_assert_eq!(one.goal == Goal::First, someone_can);
            prop_assert!(town.with(one.engineer_id, &one.change).reaches(one.engineer_id, one.goal));
        }
    }
}

/// Alone in town, near, and fit but for one thing.
fn alone(change: impl FnOnce(&mut Engineer, &mut Visit, &mut Load)) -> Town {
    let (mut person, mut visit) = (town::engineer(1, &mut Dice(4)), town::visit(1, &mut Dice(4)));
    (person.absences, person.position, person.home) = (Vec::new(), None, visit.point);
    person.certificates.truncate(1);
    let certificate = &mut person.certificates[0];
    (certificate.level, certificate.valid_until) = (2, None);
    visit.required_skills[0].skill.clone_from(&certificate.skill);
    visit.needed_parts.clear();
    let mut load = Load::default();
    change(&mut person, &mut visit, &mut load);
    Town {
        people: vec![(person, load, None)],
        visit,
        policy: Policy::default(),
        supply: PartSupply::default(),
    }
}

fn said(town: &Town) -> Vec<String> {
    town.counterfactuals(None).iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_in_the_way_is_said_in_english_with_its_number() {
    let held_until = |minute: i64| {
        said(&alone(|person, _, _| person.certificates[0].valid_until = Some(NOW + minute * MINUTE)))
    };
    assert_eq!(held_until(60), Vec::<String>::new());
    let sentence = &held_until(59)[0];
    assert!(sentence.starts_with("E-1 could take it if SKILL-"), "{sentence}");
    assert!(sentence.ends_with("certificate C-1 held until 2026-03-02 11:00 UTC"), "{sentence}");
    let overloaded = alone(|person, _, load| {
        (person.max_load_minutes, *load) = (300, Load { tickets: 4, minutes: 270 });
    });
    let free =
        ["E-1 could take it if free 30 min earlier", "E-1 could take it if allowed 30 min more in hand"];
    assert_eq!(said(&overloaded), free);
    let low = alone(|_, visit, _| visit.required_skills[0].level = 4);
    assert!(said(&low)[0].ends_with("certificate C-1 were of level 4"));
}
