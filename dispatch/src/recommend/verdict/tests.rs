//! Verdicts against the ranking, and their prices in scenes where it is plain what they are.

use super::*;
use crate::problem::{Engineer, Load, PartQuantity, Point, SkillRequirement, Visit};
use crate::recommend::{rank, shortlist};
use crate::route::{Route, Stop};
use crate::rules::sample::{engineer, minutes, visit};
use crate::sourcing::PartSupply;
use crate::travel::StraightLine;
use crate::{Policy, explain_all};
use proptest::prelude::*;
use std::collections::HashMap;

const SITE: Point = Point { latitude: 40.7549, longitude: -73.9840 };

fn at_km(km: f64) -> Point {
    Point { latitude: SITE.latitude + km / 111.195, longitude: SITE.longitude }
}

fn person(id: u128, km: f64, until: i64) -> Engineer {
    let mut person = engineer().shift(0, until).build();
    (person.id, person.home) = (Uuid::from_u128(id), at_km(km));
    person
}

fn stop(id: u128, km: f64, due: i64) -> Stop {
    Stop {
        ticket_id: Uuid::from_u128(id),
        point: at_km(km),
        priority: 3,
        expected_minutes: 30,
        earliest_at: 0,
        latest_at: None,
        due_at: Some(minutes(due)),
        pinned: false,
    }
}

struct Board {
    roster: Roster,
    policy: Policy,
    loads: HashMap<Uuid, Load>,
}

impl Board {
    fn new(people: impl IntoIterator<Item = Engineer>) -> Self {
        let policy = Policy { shortlist_size: 100, ..Policy::default() };
        Self { roster: Roster::build(people, 0, &policy), policy, loads: HashMap::new() }
    }

    fn with(mut self, id: u128, stops: Vec<Stop>) -> Self {
        let id = Uuid::from_u128(id);
        self.loads.insert(id, Load { tickets: stops.len() as u32, minutes: 30 * stops.len() as u32 });
        self.roster.routed(id, Some(Route { stops, ..Route::default() }));
        self
    }

    fn ask<T>(&self, visit: &Visit, run: impl FnOnce(&Query, &Fresh) -> T) -> T {
        let supply = PartSupply::default();
        run(&Query::new(visit, 0, &self.policy), &Fresh::new(&self.loads, &supply, &StraightLine::default()))
    }

    fn verdict(&self, visit: &Visit, id: u128) -> Verdict {
        let all = self.ask(visit, |query, fresh| verdicts(&self.roster, query, fresh));
        all.into_iter().find(|verdict| verdict.engineer_id == Uuid::from_u128(id)).unwrap()
    }
}

#[test]
fn who_has_time_fits_and_only_drives_for_it() {
    let verdict = Board::new([person(1, 5.0, 480)]).with(1, vec![]).verdict(&visit(), 1);
    let price = verdict.price.unwrap();
    assert_eq!(verdict.grade, Grade::Fits);
    assert_eq!((price.travel_minutes, price.starts_at / MS_PER_MINUTE), (26, 13), "5 km there and back");
    assert_eq!((price.late_minutes, price.overtime_minutes, price.missing_parts), (0, 0, 0));
}

#[test]
fn what_is_promised_to_others_is_named_with_its_time_and_how_long_it_waits() {
    let mut urgent = visit();
    (urgent.priority, urgent.due_at) = (1, Some(minutes(20)));
    let board = Board::new([person(1, 0.0, 480)]).with(1, vec![stop(11, 0.0, 40), stop(12, 0.0, 600)]);
    let verdict = board.verdict(&urgent, 1);
    let price = verdict.price.unwrap();
    assert_eq!((verdict.grade, price.starts_at), (Grade::Costs, 0), "it goes first");
    let slip = Slip { ticket_id: Uuid::from_u128(11), starts_at: 0, later_minutes: 60, late_minutes: 20 };
    assert_eq!(price.slips, [slip], "the other has time enough");
}

#[test]
fn its_own_promise_and_the_end_of_the_shift_have_a_price() {
    let mut hurried = visit();
    hurried.due_at = Some(minutes(10));
    let verdict = Board::new([person(1, 5.0, 60)]).with(1, vec![]).verdict(&hurried, 1);
    let price = verdict.price.unwrap();
    assert_eq!((verdict.grade, price.late_minutes), (Grade::Costs, 3), "13 minutes on the road");
    assert_eq!(price.overtime_minutes, 26, "home at 13 + 60 + 13");
}

#[test]
fn a_part_that_nobody_has_has_a_price() {
    let mut visit = visit();
    visit.needed_parts = vec![PartQuantity { part_id: Uuid::from_u128(9), quantity: 1 }];
    let verdict = Board::new([person(1, 0.0, 480)]).with(1, vec![]).verdict(&visit, 1);
    assert_eq!((verdict.grade, verdict.price.unwrap().missing_parts), (Grade::Costs, 1));
}

#[test]
fn whoever_may_not_has_the_rule_and_its_fact_and_no_price() {
    let mut visit = visit();
    visit.required_skills = vec![SkillRequirement { skill: "CRANE".into(), level: 1 }];
    let verdict = Board::new([person(1, 0.0, 480)]).verdict(&visit, 1);
    let fact = Fact::SkillMissing { skills: vec!["CRANE".into()] };
    let told = (verdict.grade, verdict.rule, verdict.fact, verdict.price);
    assert_eq!(told, (Grade::Forbidden, Some(Rule::SkillMissing), Some(fact), None));
}

#[test]
fn whoever_does_not_work_here_has_no_row() {
    let mut gone = person(2, 0.0, 480);
    gone.active = false;
    let board = Board::new([person(1, 0.0, 480), gone]);
    let all = board.ask(&visit(), |query, fresh| verdicts(&board.roster, query, fresh));
    assert_eq!(all.iter().map(|one| one.engineer_id.as_u128()).collect::<Vec<_>>(), [1]);
}

proptest! {
    /// What a row says is what an assignment then does: the same rule, the same start, the same score.
    #[test]
    fn everybody_hears_what_the_ranking_says(
        people in prop::collection::vec(
            (0.0..80.0f64, 30..600i64, prop::collection::vec((0.0..20.0f64, 10..300i64), 0..5)),
            1..8,
        ),
        due in 5..200i64,
    ) {
        let mut board = Board::new((1..).zip(&people).map(|(id, (km, until, _))| person(id, *km, *until)));
        for (id, (_, _, stops)) in (1..).zip(&people) {
            board = board.with(id, (100..).zip(stops).map(|(n, (km, due))| stop(n, *km, *due)).collect());
        }
        let mut visit = visit();
        visit.due_at = Some(minutes(due));
        let (said, ranking, excluded) = board.ask(&visit, |query, fresh| {
            let ranking = rank(shortlist(&board.roster, query), query, fresh).recommendation;
            (verdicts(&board.roster, query, fresh), ranking, explain_all(&board.roster, query))
        });
        prop_assert_eq!(said.len(), people.len());
        for verdict in said {
            let ranked = ranking.ranked.iter().find(|one| one.engineer_id == verdict.engineer_id);
            let prices = verdict.price.as_ref().map(|price| (price.score_minutes, Some(price.starts_at)));
            prop_assert_eq!(prices, ranked.map(|one| (one.score_minutes, one.starts_at)));
            let of_him = |one: &&crate::Excluded| one.engineer_id == verdict.engineer_id;
            let known = excluded.iter().chain(&ranking.excluded).find(of_him);
            prop_assert_eq!(verdict.rule, known.map(|one| one.rule));
            let slips = verdict.price.iter().flat_map(|price| &price.slips);
            let broken = slips.into_iter().all(|slip| slip.late_minutes > 0 && slip.later_minutes > 0);
            prop_assert!(broken);
        }
    }
}
