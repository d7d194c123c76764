//! Small scenes in which it is plain who should go. What holds of every recommendation is shown in
//! `tests/all/properties.rs`.

use super::*;
use crate::problem::{Engineer, Millis, PartQuantity, Point, SkillRequirement, Visit};
use crate::route::Stop;
use crate::rules::sample::{EngineerBuilder, engineer, minutes, visit};
use crate::rules::{Fact, Rule};
use crate::score::Term;
use crate::sourcing::{Depot, VanStock};
use crate::strategy::Strategy;
use crate::travel::StraightLine;
use crate::{Policy, explain_all};

const SITE: Point = Point { latitude: 40.7549, longitude: -73.9840 };

/// Somebody so many kilometres north of the site, on shift.
fn person(id: u128, km: f64) -> Engineer {
    placed(id, km, engineer().shift(0, 480))
}

fn placed(id: u128, km: f64, builder: EngineerBuilder) -> Engineer {
    let mut person = builder.build();
    (person.id, person.code) = (Uuid::from_u128(id), format!("E-{id}"));
    person.home = Point { latitude: SITE.latitude + km / 111.195, longitude: SITE.longitude };
    person
}

struct Office {
    roster: Roster,
    visit: Visit,
    policy: Policy,
    supply: PartSupply,
    fresh: HashMap<Uuid, Load>,
}

impl Office {
    fn new(people: impl IntoIterator<Item = Engineer>) -> Self {
        let policy = Policy::default();
        let roster = Roster::build(people, 0, &policy);
        Self { roster, visit: visit(), policy, supply: PartSupply::default(), fresh: HashMap::new() }
    }

    fn query(&self) -> Query<'_> {
        Query::new(&self.visit, 0, &self.policy)
    }

    fn answer(&self) -> Recommendation {
        self.rank(shortlist(&self.roster, &self.query()), &StraightLine::default())
    }

    fn rank(&self, shortlist: Shortlist, travel: &dyn TravelTimes) -> Recommendation {
        self.ranking(shortlist, travel).recommendation
    }

    fn ranking(&self, shortlist: Shortlist, travel: &dyn TravelTimes) -> Ranking {
        rank(shortlist, &self.query(), &Fresh::new(&self.fresh, &self.supply, travel))
    }
}

fn ranked(answer: &Recommendation) -> Vec<u128> {
    answer.ranked.iter().map(|candidate| candidate.engineer_id.as_u128()).collect()
}

fn reasons(answer: &Recommendation) -> Vec<(u128, Rule)> {
    answer.excluded.iter().map(|exclusion| (exclusion.engineer_id.as_u128(), exclusion.rule)).collect()
}

fn counts(answer: &Recommendation) -> Vec<(Rule, u32)> {
    answer.excluded_counts.iter().map(|count| (count.rule, count.count)).collect()
}

#[test]
fn of_equal_engineers_the_nearest_comes_first() {
    let answer = Office::new([person(1, 9.0), person(2, 3.0), person(3, 6.0)]).answer();
    assert_eq!(ranked(&answer), [2, 3, 1]);
    assert_eq!(answer.ranked[0].distance_m, 3_000);
    assert_eq!(answer.ranked[0].terms[0].term, Term::Travel);
    assert_eq!(answer.ranked[0].score_minutes.tenths(), 78);
}

#[test]
fn equal_scores_are_settled_by_id() {
    assert_eq!(ranked(&Office::new([person(2, 3.0), person(1, 3.0)]).answer()), [1, 2]);
}

#[test]
fn if_nobody_can_take_it_the_list_is_empty_and_every_reason_is_there() {
    let off = placed(2, 2.0, engineer().shift(-480, 0));
    let mut office =
        Office::new([person(1, 1.0), off, person(3, 100.0), placed(4, 4.0, engineer().inactive())]);
    office.visit.excluded_engineers = vec![Uuid::from_u128(1)];
    let answer = office.answer();
    assert!(answer.ranked.is_empty());
    let expected =
        [(1, Rule::ExcludedByCustomer), (2, Rule::OffShift), (4, Rule::Inactive), (3, Rule::TooFar)];
    assert_eq!(reasons(&answer), expected);
    let expected =
        [(Rule::Inactive, 1), (Rule::ExcludedByCustomer, 1), (Rule::OffShift, 1), (Rule::TooFar, 1)];
    assert_eq!(counts(&answer), expected);
}

#[test]
fn with_nobody_on_the_books_the_answer_is_empty() {
    let answer = Office::new([]).answer();
    assert!(answer.ranked.is_empty() && answer.excluded.is_empty() && answer.excluded_counts.is_empty());
}

#[test]
fn a_skill_that_nobody_holds_excludes_all_for_that_reason() {
    let mut office = Office::new([person(1, 1.0), person(2, 2.0)]);
    office.visit.required_skills = vec![SkillRequirement { skill: "UNKNOWN".into(), level: 1 }];
    assert_eq!(counts(&office.answer()), [(Rule::SkillMissing, 2)]);
}

#[test]
fn whoever_got_other_work_meanwhile_is_excluded_by_the_fresh_load() {
    let mut office = Office::new([person(1, 1.0), person(2, 2.0)]);
    office.fresh.insert(Uuid::from_u128(1), Load { tickets: 6, minutes: 450 });
    let answer = office.answer();
    assert_eq!(ranked(&answer), [2]);
    assert_eq!(counts(&answer), [(Rule::Workload, 1)]);
    let fact = Fact::Workload { in_hand_minutes: 450, expected_minutes: 60, max_minutes: 480 };
    assert_eq!(answer.excluded[0].fact, fact);
}

#[test]
fn work_that_only_the_roster_knows_of_does_not_count_in_the_ranking() {
    let mut office = Office::new([person(1, 1.0)]);
    office.roster.loaded(Uuid::from_u128(1), Load { tickets: 1, minutes: 60 });
    assert!(office.answer().ranked[0].terms.iter().all(|term| term.term != Term::Load));
    let from_memory = recommend(&office.roster, &office.query(), &office.supply, &StraightLine::default());
    assert!(from_memory.ranked[0].terms.iter().any(|term| term.term == Term::Load));
}

#[test]
fn a_part_on_the_van_outweighs_a_shorter_journey() {
    let mut office = Office::new([person(1, 1.0), person(2, 4.0)]);
    let part = PartQuantity { part_id: Uuid::from_u128(9), quantity: 1 };
    let depot_at = Point { latitude: SITE.latitude + 0.1, ..SITE };
    office.visit.needed_parts = vec![part];
    let van = VanStock { location_id: Uuid::from_u128(50), free: vec![part.into()], point: None };
    office.supply.vans.insert(Uuid::from_u128(2), van);
    office.supply.depots =
        vec![Depot { location_id: Uuid::from_u128(51), point: depot_at, free: vec![part.into()] }];
    let ranking = office.ranking(shortlist(&office.roster, &office.query()), &StraightLine::default());
    let places = [1, 2].map(|id| {
        let (_, sourcing) = ranking.candidate(Uuid::from_u128(id)).unwrap();
        sourcing.allocations[0].location_id.as_u128()
    });
    assert_eq!(places, [51, 50]);
    assert_eq!(ranking.candidate(Uuid::nil()), None);
    let answer = ranking.recommendation;
    assert_eq!(ranked(&answer), [2, 1]);
    // Ten kilometres beyond the first engineer and back, and five minutes at the counter.
    let parts = answer.ranked[1].terms.iter().find(|term| term.term == Term::Parts).unwrap();
    assert!((56..60).contains(&(parts.minutes.tenths() / 10)), "{}", parts.minutes);
}

#[test]
fn a_part_that_no_place_has_burdens_everybody_without_it() {
    let mut office = Office::new([person(1, 1.0)]);
    office.visit.needed_parts = vec![PartQuantity { part_id: Uuid::from_u128(9), quantity: 1 }];
    let answer = office.answer();
    assert!(
        answer.ranked[0].terms.iter().any(|term| term.term == Term::Parts && term.minutes.tenths() == 2_400)
    );
}

#[test]
fn people_on_duty_are_shortlisted_before_nearer_ones_who_come_on_later() {
    let later = |id| placed(id, 0.1, engineer().shift(300, 700));
    let mut office = Office::new((1..=5).map(later).chain([person(6, 9.0)]));
    office.policy.shortlist_size = 3;
    let answer = office.answer();
    assert_eq!(ranked(&answer), [6, 1, 2]);
    assert_eq!(answer.beyond_shortlist, 3);
}

#[test]
fn someone_whom_the_dispatcher_asks_about_is_added_however_far_he_is() {
    let mut office = Office::new((1..=4).map(|id| person(id, id as f64)));
    office.policy.shortlist_size = 1;
    let mut asked = shortlist(&office.roster, &office.query());
    assert!(asked.include(&office.roster, &office.query(), Uuid::from_u128(4)));
    assert!(asked.include(&office.roster, &office.query(), Uuid::from_u128(4)));
    assert!(!asked.include(&office.roster, &office.query(), Uuid::from_u128(99)));
    let answer = office.rank(asked, &StraightLine::default());
    assert_eq!((ranked(&answer), answer.beyond_shortlist), (vec![1, 4], 2));
}

#[test]
fn an_excluded_one_whom_the_dispatcher_asks_about_is_listed_beyond_the_nearest_fifty() {
    let office = Office::new((1..=60).map(|id| placed(id, id as f64 / 10.0, engineer())));
    let mut asked = shortlist(&office.roster, &office.query());
    assert!(asked.include(&office.roster, &office.query(), Uuid::from_u128(60)));
    let answer = office.rank(asked, &StraightLine::default());
    assert_eq!((answer.excluded.len(), counts(&answer)), (EXCLUDED_IN_FULL + 1, vec![(Rule::OffShift, 60)]));
    assert_eq!(answer.excluded[50].engineer_id, Uuid::from_u128(60));
    assert_eq!(explain_all(&office.roster, &office.query()).len(), 60);
}

/// A river between the site and whoever is within two kilometres of it.
struct River;

impl TravelTimes for River {
    fn travel_seconds(&self, from: Point, to: Point, leave_at: Millis) -> u32 {
        let straight = StraightLine::default().travel_seconds(from, to, leave_at);
        if straight < 300 { straight + 3_600 } else { straight }
    }
}

#[test]
fn the_ranking_goes_by_road_times_where_the_caller_has_them() {
    let office = Office::new([person(1, 1.0), person(2, 4.0)]);
    let answer = office.rank(shortlist(&office.roster, &office.query()), &River);
    assert_eq!(ranked(&answer), [2, 1]);
}

#[test]
fn road_times_can_exclude_whom_the_straight_line_let_pass() {
    let mut office = Office::new([person(1, 1.0)]);
    office.visit.latest_at = Some(1_800_000);
    let answer = office.rank(shortlist(&office.roster, &office.query()), &River);
    assert_eq!(reasons(&answer), [(1, Rule::WindowMissed)]);
}

#[test]
fn every_recommendation_names_the_policy_that_made_it() {
    let mut office = Office::new([person(1, 1.0)]);
    office.policy.version = 42;
    assert_eq!(office.answer().policy_version, 42);
}

/// So many tickets of half an hour each at the site, one after the other from now.
fn busy(count: usize, due: Option<i64>) -> Route {
    let stop = Stop {
        ticket_id: Uuid::nil(),
        point: SITE,
        priority: 1,
        expected_minutes: 30,
        earliest_at: 0,
        latest_at: None,
        due_at: due.map(minutes),
        pinned: false,
    };
    Route { stops: vec![stop; count], ..Route::default() }
}

fn terms_of(answer: &Recommendation, id: u128) -> Vec<(Term, f64)> {
    let candidate = answer.ranked.iter().find(|c| c.engineer_id.as_u128() == id).unwrap();
    candidate.terms.iter().map(|term| (term.term, term.minutes.as_f64())).collect()
}

#[test]
fn someone_whose_route_passes_the_site_comes_before_someone_nearer_who_would_have_to_come_for_it() {
    let mut office = Office::new([person(1, 2.0), person(2, 5.0)]);
    office.roster.routed(Uuid::from_u128(1), Some(Route::default()));
    office.roster.routed(Uuid::from_u128(2), Some(busy(2, None)));
    let answer = office.answer();
    assert_eq!(ranked(&answer), [2, 1]);
    // There and back at two kilometres; the other is there anyway.
    assert_eq!((terms_of(&answer, 1), terms_of(&answer, 2)), (vec![(Term::Travel, 10.4)], vec![]));
}

#[test]
fn tickets_behind_that_would_become_late_are_a_term_of_their_own() {
    let mut office = Office::new([person(1, 0.0)]);
    office.visit.due_at = Some(0);
    office.visit.priority = 1;
    office.roster.routed(Uuid::from_u128(1), Some(busy(1, Some(20))));
    // First: forty minutes late at eight; last: thirty minutes late at eight.
    assert_eq!(terms_of(&office.answer(), 1), [(Term::Lateness, 240.0)]);
    office.visit.expected_minutes = 40;
    office.visit.due_at = Some(minutes(-300));
    let answer = office.answer();
    assert_eq!(terms_of(&answer, 1), [(Term::Lateness, 2_400.0), (Term::LatenessBehind, 160.0)]);
}

#[test]
fn routes_that_were_read_in_the_transaction_go_before_those_in_memory() {
    let mut office = Office::new([person(1, 3.0)]);
    office.roster.routed(Uuid::from_u128(1), Some(busy(1, None)));
    let known = HashMap::from([(Uuid::from_u128(1), Route::default())]);
    let travel = StraightLine::default();
    let fresh = Fresh { routes: Some(&known), ..Fresh::new(&office.fresh, &office.supply, &travel) };
    let answer = rank(shortlist(&office.roster, &office.query()), &office.query(), &fresh).recommendation;
    assert_eq!(terms_of(&answer, 1), [(Term::Travel, 15.6)]);
    assert_eq!(terms_of(&office.answer(), 1), []);
}

#[test]
fn a_full_route_excludes_and_says_so() {
    let mut office = Office::new([person(1, 3.0)]);
    let mut route = busy(16, None);
    route.stops.iter_mut().zip(0..).for_each(|(stop, n)| stop.latest_at = Some(minutes(n * 30 + 9)));
    office.roster.routed(Uuid::from_u128(1), Some(route));
    let answer = office.answer();
    assert_eq!(counts(&answer), [(Rule::RouteFull, 1)]);
}

#[test]
fn someone_who_knows_the_asset_goes_before_a_stranger_who_is_a_little_nearer() {
    let office = Office::new([person(1, 1.0), person(2, 2.0)]);
    let known = HashMap::from([(Uuid::from_u128(2), Familiarity { customer_visits: 6, asset_visits: 6 })]);
    let travel = StraightLine::default();
    let fresh = Fresh { familiarity: Some(&known), ..Fresh::new(&office.fresh, &office.supply, &travel) };
    let answer = rank(shortlist(&office.roster, &office.query()), &office.query(), &fresh).recommendation;
    assert_eq!(ranked(&answer), [2, 1]);
    assert_eq!(terms_of(&answer, 2), [(Term::Travel, 5.2), (Term::Continuity, -6.0)]);
}

#[test]
fn a_strategy_comes_before_the_score_and_the_score_before_distance_and_id() {
    let mut office = Office::new([person(1, 1.0), person(2, 2.0), person(3, 3.0)]);
    office.fresh.insert(Uuid::from_u128(1), Load { tickets: 1, minutes: 60 });
    office.policy.strategy = Strategy::Nearest;
    assert_eq!(ranked(&office.answer()), [1, 2, 3]);
    office.policy.strategy = Strategy::LeastLoad;
    assert_eq!(ranked(&office.answer()), [2, 3, 1]);
    office.policy.strategy = Strategy::RoundRobin;
    let (travel, turns) = (StraightLine::default(), HashMap::from([(2, 50), (1, 20)]));
    let turns: HashMap<Uuid, Millis> = turns.into_iter().map(|(id, at)| (Uuid::from_u128(id), at)).collect();
    let fresh =
        Fresh { last_assigned_at: Some(&turns), ..Fresh::new(&office.fresh, &office.supply, &travel) };
    let answer = rank(shortlist(&office.roster, &office.query()), &office.query(), &fresh);
    assert_eq!(ranked(&answer.recommendation), [3, 1, 2]);
}

#[test]
fn someone_with_the_likely_part_goes_before_a_nearer_one_if_the_policy_counts_second_visits() {
    let mut office = Office::new([person(1, 1.0), person(2, 4.0)]);
    let part = PartQuantity { part_id: Uuid::from_u128(9), quantity: 1 };
    let van = VanStock { location_id: Uuid::from_u128(50), free: vec![part.into()], point: None };
    office.supply.vans.insert(Uuid::from_u128(2), van);
    let mut needs = crate::Needs::default();
    needs.add_edit(&crate::needs::Edit {
        fault: crate::needs::Fault { kind: "repair".into(), asset_model: None, symptom: None },
        part_id: part.part_id,
        probability: 0.5,
        quantity: 1,
        weight: crate::needs::Weight::Fixed,
    });
    let fault = crate::needs::Fault { kind: "repair".into(), asset_model: None, symptom: None };
    let chances = Chances { likely: needs.of(&fault, &Default::default()), ..Chances::default() };
    let travel = StraightLine::default();
    let asked = |office: &Office| {
        let fresh = Fresh { chances: Some(&chances), ..Fresh::new(&office.fresh, &office.supply, &travel) };
        rank(shortlist(&office.roster, &office.query()), &office.query(), &fresh).recommendation
    };
    // Told, but not counted.
    let answer = asked(&office);
    assert_eq!(ranked(&answer), [1, 2]);
    let likely = answer.ranked.iter().map(|c| c.first_visit.as_ref().map(|first| first.probability));
    assert_eq!(likely.collect::<Vec<_>>(), [Some(0.45), Some(0.9)]);
    office.policy.second_visit_minutes = 200.0;
    let answer = asked(&office);
    assert_eq!(ranked(&answer), [2, 1]);
    assert_eq!(terms_of(&answer, 1)[1], (Term::FirstVisit, 110.0));
    office.policy.least_first_visit = 0.5;
    assert_eq!(counts(&asked(&office)), [(Rule::FirstVisitUnlikely, 1)]);
}

/// North, east, and so much of which parts.
type Place<'a> = (f64, f64, &'a [(u128, i64)]);

/// One engineer six kilometres north of the site, and parts that are likely at depots so many kilometres north of it
/// and east of the way; the way itself is free.
fn fetching(minutes: f64, likely: &[(u128, f64, i64)], depots: &[Place]) -> Vec<(u128, u128, i64)> {
    let mut office = Office::new([person(1, 6.0)]);
    office.policy.second_visit_minutes = minutes;
    for (i, (north, east, stock)) in depots.iter().enumerate() {
        let longitude = SITE.longitude + east / (111.195 * SITE.latitude.to_radians().cos());
        let point = Point { latitude: SITE.latitude + north / 111.195, longitude };
        let free = stock.iter().map(|(part, quantity)| {
            PartQuantity { part_id: Uuid::from_u128(*part), quantity: *quantity }.into()
        });
        office.supply.depots.push(Depot {
            location_id: Uuid::from_u128(100 + i as u128),
            point,
            free: free.collect(),
        });
    }
    let likely = likely.iter().map(|(part, probability, quantity)| crate::LikelyPart {
        part_id: Uuid::from_u128(*part),
        probability: *probability,
        quantity: *quantity,
        expected_quantity: probability * *quantity as f64,
        tickets: 0,
        uses: 0,
        is_edited: false,
    });
    let chances = Chances { likely: likely.collect(), ..Chances::default() };
    let travel = StraightLine::default();
    let fresh = Fresh { chances: Some(&chances), ..Fresh::new(&office.fresh, &office.supply, &travel) };
    let ranking = rank(shortlist(&office.roster, &office.query()), &office.query(), &fresh);
    let (_, sourcing) = ranking.candidate(Uuid::from_u128(1)).unwrap();
    let taken = sourcing.allocations.iter();
    let mut taken: Vec<_> =
        taken.map(|a| (a.part_id.as_u128(), a.location_id.as_u128(), a.quantity)).collect();
    taken.sort_unstable();
    taken
}

#[test]
fn a_likely_part_is_fetched_if_it_saves_more_than_its_way_costs_and_not_otherwise() {
    // On the way it takes five minutes at the counter: 0.5 * 0.9 of a second visit have to be more than that.
    let beside: (f64, f64, &[(u128, i64)]) = (3.0, 0.0, &[(9, 4)]);
    assert_eq!(fetching(12.0, &[(9, 0.5, 2)], &[beside]), [(9, 100, 2)]);
    assert_eq!(fetching(10.0, &[(9, 0.5, 2)], &[beside]), []);
    // The less likely it is, the less it is worth.
    assert_eq!(fetching(12.0, &[(9, 0.4, 2)], &[beside]), []);
    // The same part far from the way.
    assert_eq!(fetching(12.0, &[(9, 0.5, 2)], &[(3.0, 8.0, &[(9, 4)])]), []);
    assert_eq!(fetching(400.0, &[(9, 0.5, 2)], &[(3.0, 8.0, &[(9, 4)])]), [(9, 100, 2)]);
}

#[test]
fn nothing_that_is_only_likely_is_fetched_if_a_second_visit_costs_nothing() {
    let beside: (f64, f64, &[(u128, i64)]) = (3.0, 0.0, &[(9, 4)]);
    assert_eq!(fetching(0.0, &[(9, 1.0, 1)], &[beside]), []);
}

#[test]
fn what_is_not_to_be_had_in_full_is_not_fetched() {
    assert_eq!(fetching(400.0, &[(9, 0.5, 5)], &[(3.0, 0.0, &[(9, 4)])]), []);
    // The other one is, though it would raise it less.
    let here: (f64, f64, &[(u128, i64)]) = (3.0, 0.0, &[(8, 1), (9, 4)]);
    assert_eq!(fetching(400.0, &[(9, 0.5, 5), (8, 0.2, 1)], &[here]), [(8, 100, 1)]);
}

#[test]
fn at_most_two_likely_parts_are_fetched_the_most_useful_first() {
    let here: (f64, f64, &[(u128, i64)]) = (3.0, 0.0, &[(7, 1), (8, 1), (9, 1)]);
    let likely = [(7, 0.3, 1), (8, 0.5, 1), (9, 0.4, 1)];
    assert_eq!(fetching(400.0, &likely, &[here]), [(8, 100, 1), (9, 100, 1)]);
}

#[test]
fn a_second_likely_part_is_weighed_by_its_own_way() {
    // Two depots on opposite sides of the way, each a long way off: what lies in one is worth it, the other is not.
    let likely = [(8, 0.6, 1), (9, 0.2, 1)];
    let west: (f64, f64, &[(u128, i64)]) = (3.0, -6.0, &[(8, 1)]);
    let east: (f64, f64, &[(u128, i64)]) = (3.0, 6.0, &[(9, 1)]);
    assert_eq!(fetching(100.0, &likely, &[west, east]), [(8, 100, 1)]);
    // In the same depot it costs nothing more.
    let both: (f64, f64, &[(u128, i64)]) = (3.0, -6.0, &[(8, 1), (9, 1)]);
    assert_eq!(fetching(100.0, &likely, &[both]), [(8, 100, 1), (9, 100, 1)]);
}

#[test]
fn what_is_on_the_van_needs_no_way() {
    let mut office = Office::new([person(1, 6.0)]);
    office.policy.second_visit_minutes = 400.0;
    let part = PartQuantity { part_id: Uuid::from_u128(9), quantity: 1 };
    let van = VanStock { location_id: Uuid::from_u128(50), free: vec![part.into()], point: None };
    office.supply.vans.insert(Uuid::from_u128(1), van);
    office.supply.depots =
        vec![Depot { location_id: Uuid::from_u128(51), point: SITE, free: vec![part.into()] }];
    let likely = crate::LikelyPart {
        part_id: part.part_id,
        probability: 0.5,
        quantity: 1,
        expected_quantity: 0.5,
        tickets: 0,
        uses: 0,
        is_edited: false,
    };
    let chances = Chances { likely: vec![likely], ..Chances::default() };
    let travel = StraightLine::default();
    let fresh = Fresh { chances: Some(&chances), ..Fresh::new(&office.fresh, &office.supply, &travel) };
    let ranking = rank(shortlist(&office.roster, &office.query()), &office.query(), &fresh);
    let (candidate, sourcing) = ranking.candidate(Uuid::from_u128(1)).unwrap();
    assert_eq!((sourcing.pickups, sourcing.allocations.len()), (0, 0));
    assert_eq!(
        candidate.first_visit.as_ref().map(|first| (first.probability, first.raise.is_none())),
        Some((0.9, true))
    );
}

#[test]
fn what_the_gate_asks_for_is_said_as_a_part_on_the_van() {
    let mut office = Office::new([person(1, 1.0)]);
    office.policy.least_first_visit = 0.8;
    let likely = crate::LikelyPart {
        part_id: Uuid::from_u128(9),
        probability: 0.5,
        quantity: 3,
        expected_quantity: 1.5,
        tickets: 0,
        uses: 0,
        is_edited: false,
    };
    let chances = Chances { likely: vec![likely], ..Chances::default() };
    let travel = StraightLine::default();
    let fresh = Fresh { chances: Some(&chances), ..Fresh::new(&office.fresh, &office.supply, &travel) };
    let found = crate::counterfactuals(&office.roster, &office.query(), &fresh, None);
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    let part = "the van had 3 more of part 00000000-0000-0000-0000-000000000009";
    assert_eq!(said, [format!("E-1 could take it if {part}")]);
}
