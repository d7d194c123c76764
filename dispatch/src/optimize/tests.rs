//! Problems made by chance, tiny enough to be solved by trying everything, or of a size that shows mistakes of the
//! incremental arithmetic, which `debug_assert` in [`Step::insert`](super::solution::Step) looks at in every step.

mod apart;
mod links;

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::plan::{
    PartCount, PlanBreak, PlanCertificate, PlanDepot, PlanEngineer, PlanTicket, RequiredSkill, Travel,
};
use crate::verify::verify;

fn place() -> impl Strategy<Value = (f64, f64)> {
    (40.70..40.80, -74.02..-73.93)
}

prop_compose! {
    fn certificate()(
        skill in 0..3_i64, level in 1..3_u32, from in prop::option::of(0..5), hours in prop::option::of(0..8),
    ) -> PlanCertificate {
        let valid_from_s = from.map(|hour| hour * 3_600);
        let valid_until_s = hours.map(|hours| (from.unwrap_or(2) + hours) * 3_600);
        PlanCertificate { skill, level, valid_from_s, valid_until_s }
    }
}

prop_compose! {
    fn engineer()(
        (lat, lon) in place(), skills in prop::collection::vec(0..3_i64, 0..3),
        certificates in prop::collection::vec(certificate(), 0..3), start in 0..4, hours in 2..10,
        start_place in prop::option::weighted(0.2, place()), later in prop::option::weighted(0.2, -30..60),
        territories in prop::option::weighted(0.3, prop::collection::vec(0..3_i64, 0..3)),
        pause in prop::option::weighted(0.4, (0..3_600, 0..2, 0..7_200)),
        max_tasks in prop::option::weighted(0.3, 1..4_u32), capacity in prop::option::weighted(0.3, 0..4_i64),
    ) -> PlanEngineer {
        let pause = pause.map(|(duration_s, after, within)| {
            let earliest_s = (start + after) * 3_600;
            PlanBreak { duration_s, earliest_s, latest_s: earliest_s + 3_600 + within }
        });
        // Of several certificates of a skill that have a gap between them, the search knows only one.
        let mut certificates: Vec<PlanCertificate> = certificates;
        certificates.sort_by_key(|certificate| certificate.skill);
        certificates.dedup_by_key(|certificate| certificate.skill);
        let shift_start_s = start * 3_600;
        let shift_end_s = shift_start_s + hours * 3_600;
        PlanEngineer {
            lat, lon, skills, certificates, shift_start_s, shift_end_s, max_tasks, capacity,
            pause, start_lat: start_place.map(|(lat, _)| lat), start_lon: start_place.map(|(_, lon)| lon),
            available_from_s: later.map(|hours| (start + hours) * 3_600), territories, ..PlanEngineer::default()
        }
    }
}

prop_compose! {
    fn ticket()(
        (lat, lon) in place(), skills in prop::collection::vec(0..3_i64, 0..2), duration_s in 0..7_200,
        earliest_s in 0..20_000, slack in -1_000..15_000, priority in 1..=4_u8,
        load in prop::option::of(0..3_i64), forbidden in prop::option::weighted(0.1, 0..2_i64),
        pinned_engineer in prop::option::weighted(0.1, 0..2_i64),
        fixed in prop::option::weighted(0.1, 0..10_000), latest in prop::option::weighted(0.1, 0..20_000),
        started_at_s in prop::option::weighted(0.1, -4_000..20_000),
        territory in prop::option::weighted(0.3, 0..3_i64), in_force in prop::option::weighted(0.4, 0..4_i64),
        preferred_engineers in prop::collection::vec(0..4_i64, 0..2), preference in 0..5_000,
        level in prop::option::weighted(0.3, (0..3_i64, 1..3_u32)),
    ) -> PlanTicket {
        let due_s = earliest_s + slack;
        let forbidden_engineers = forbidden.into_iter().collect();
        let required_skills = level.map(|(skill, level)| RequiredSkill { skill, level }).into_iter().collect();
        PlanTicket {
            lat, lon, skills, required_skills, duration_s, earliest_s, due_s, priority, load, forbidden_engineers,
            pinned_engineer, started_at_s,
            fixed_start_s: fixed.map(|after| earliest_s + after),
            latest_start_s: latest.map(|after: i32| earliest_s + after.max(fixed.unwrap_or(0))),
            preference_s: (!preferred_engineers.is_empty()).then_some(preference), preferred_engineers,
            territory, in_force, ..PlanTicket::default()
        }
    }
}

fn problem(tickets: usize, engineers: usize) -> impl Strategy<Value = Problem> {
    let people = prop::collection::vec(engineer(), 2..=engineers.max(2));
    let work = prop::collection::vec(ticket(), 1..=tickets);
    (
        people,
        work,
        prop::bool::weighted(0.2),
        prop::option::weighted(0.3, 0.0..1.0),
        prop::bool::ANY,
        0..9_000,
    )
        .prop_map(|(mut engineers, mut tickets, hard_due, fairness_weight, matrix, disturbance)| {
            (0..).zip(&mut engineers).for_each(|(id, engineer)| engineer.id = id);
            (100..).zip(&mut tickets).for_each(|(id, ticket)| ticket.id = id);
            make_possible(&mut engineers, &mut tickets, hard_due);
            let travel = if matrix {
                let places = tickets.len() + engineers.len();
                for engineer in &mut engineers {
                    let degrees = (engineer.start_lat.take(), engineer.start_lon.take());
                    engineer.start_row = degrees.0.map(|lat| (lat * 1e6) as usize % (places + 1));
                }
                let rows = engineers.iter().filter_map(|engineer| engineer.start_row);
                crooked(rows.map(|row| row + 1).max().unwrap_or(0).max(places))
            } else {
                Travel::Haversine { radius_m: None, road_factor: 1.3, speed_kmh: 30.0, rounding: None }
            };
            let disturbance_s = Some(disturbance);
            Problem {
                name: None,
                seed: None,
                travel,
                engineers,
                tickets,
                depots: Vec::new(),
                hard_due,
                fairness_weight,
                disturbance_s,
            }
        })
}

/// A problem with up to two depots.
fn problem_and_depot() -> impl Strategy<Value = (Problem, Vec<PlanDepot>)> {
    (problem(30, 5), prop::collection::vec(place(), 0..=2)).prop_map(|(problem, places)| {
        let matrix = matches!(problem.travel, Travel::Matrix { .. });
        let depot = |(id, (lat, lon)): (usize, (f64, f64))| {
            // With a matrix, at the place of a ticket.
            let row = matrix.then_some(id % problem.tickets.len());
            PlanDepot { id: id as i64, lat, lon, row, stock: Vec::new() }
        };
        let depots = places.into_iter().enumerate().map(depot).collect();
        (problem, depots)
    })
}

/// What chance has made contradictory is left out.
fn make_possible(engineers: &mut [PlanEngineer], tickets: &mut [PlanTicket], hard_due: bool) {
    for engineer in engineers {
        let starts = engineer.available_from_s.unwrap_or(0).max(engineer.shift_start_s);
        engineer.pause = engineer.pause.filter(|pause| {
            pause.latest_s >= starts
                && starts.max(pause.earliest_s) + pause.duration_s <= engineer.shift_end_s
        });
    }
    let mut busy = HashSet::new();
    for ticket in tickets {
        ticket.started_at_s = ticket.started_at_s.filter(|_| {
            ticket.fixed_start_s.is_none() && ticket.pinned_engineer.is_some_and(|pinned| busy.insert(pinned))
        });
        ticket.fixed_start_s = ticket.fixed_start_s.filter(|fixed| !hard_due || *fixed <= ticket.due_s);
    }
}

/// Neither symmetric nor shortest over a third place.
fn crooked(places: usize) -> Travel {
    let seconds =
        |from: usize, to: usize| if from == to { 0 } else { ((from * 7 + to * 13) % 17 * 211) as i32 };
    Travel::Matrix {
        seconds: (0..places).map(|from| (0..places).map(|to| seconds(from, to)).collect()).collect(),
    }
}

fn solve(problem: &Problem, iterations: u64, seed: u64) -> Plan {
    let options = Options { seed, ..Options::default() };
    let mut done = |progress: &Progress| progress.iterations as f64 / iterations as f64;
    optimize(problem, &options, &mut done).expect("a problem that can be planned")
}

/// The least objective of all plans, by trying them all.
fn best_of_all(problem: &Problem) -> f64 {
    fn go(problem: &Problem, next: usize, plan: &mut Plan, best: &mut f64) {
        let Some(ticket) = problem.tickets.get(next) else {
            let verdict = verify(problem, plan);
            if verdict.faults.is_empty() {
                *best = best.min(verdict.objective);
            }
            return;
        };
        plan.unassigned.push(ticket.id);
        go(problem, next + 1, plan, best);
        plan.unassigned.pop();
        part(problem, next, 0, 0, plan, best);
    }
    /// The lead anywhere, and behind him the helpers, each on a later route than the one before.
    fn part(problem: &Problem, next: usize, number: usize, first: usize, plan: &mut Plan, best: &mut f64) {
        let ticket = &problem.tickets[next];
        if number == ticket.crew_size() {
            return go(problem, next + 1, plan, best);
        }
        for route in first..plan.routes.len() {
            if plan.routes[route].stops.contains(&ticket.id) {
                continue;
            }
            plan.routes[route].helps.extend((number > 0).then_some(ticket.id));
            for position in 0..=plan.routes[route].stops.len() {
                plan.routes[route].stops.insert(position, ticket.id);
                part(problem, next, number + 1, if number > 0 { route + 1 } else { 0 }, plan, best);
                plan.routes[route].stops.remove(position);
            }
            plan.routes[route].helps.retain(|helps| *helps != ticket.id);
        }
    }
    let routes = problem.engineers.iter().map(|e| PlannedRoute { engineer: e.id, ..PlannedRoute::default() });
    let mut plan = Plan { routes: routes.collect(), unassigned: Vec::new(), cost: None };
    let mut best = f64::INFINITY;
    go(problem, 0, &mut plan, &mut best);
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn plans_keep_all_rules_and_cost_what_they_say(problem in problem(40, 6), seed in 0..1_000_u64) {
        let plan = solve(&problem, 300, seed);
        let verdict = verify(&problem, &plan);
        prop_assert_eq!(&verdict.faults, &Vec::<String>::new());
        prop_assert_eq!(Some(verdict.cost), plan.cost);
    }

    #[test]
    fn parts_are_where_the_plan_takes_them(
        (mut problem, depot) in problem_and_depot(), numbers in prop::collection::vec(0..4_i64, 200),
        seed in 0..1_000_u64, divided in prop::bool::ANY,
    ) {
        let mut numbers = numbers.into_iter().cycle();
        let mut some = || numbers.next().unwrap_or(0);
        let mut stock = |most: i64| {
            let count = |part| PartCount { part, quantity: some() % most };
            [7, 8].map(count).to_vec()
        };
        problem.tickets.iter_mut().for_each(|ticket| ticket.parts = stock(2));
        problem.engineers.iter_mut().for_each(|engineer| engineer.stock = stock(4));
        problem.depots = depot.into_iter().map(|depot| PlanDepot { stock: stock(4), ..depot }).collect();
        let divided = divided && matches!(problem.travel, Travel::Haversine { .. });
        let plan = if divided {
            problem.check().expect("a problem that can be planned");
            let mut done = |progress: &Progress| progress.iterations as f64 / 300.0;
            sectors::optimize(&problem, &Options { seed, ..Options::default() }, &mut done)
        } else {
            solve(&problem, 300, seed)
        };
        let verdict = verify(&problem, &plan);
        prop_assert_eq!(&verdict.faults, &Vec::<String>::new());
        prop_assert_eq!(Some(verdict.cost), plan.cost);
    }

    #[test]
    fn tiny_problems_are_solved_to_the_end(problem in problem(4, 2)) {
        let best = best_of_all(&problem) + 1e-6;
        // One in some thousands takes longer: where a way by a third place is shorter, two visits may fit where neither
        // does alone, and only somebody dearer leaves room for the second one.
        let found = |steps| verify(&problem, &solve(&problem, steps, 1)).objective;
        prop_assert!(found(3_000) <= best || found(60_000) <= best, "{best} was not found");
    }

    #[test]
    fn the_plan_in_force_is_never_made_worse(problem in problem(25, 4)) {
        let first = solve(&problem, 500, 1);
        let options = Options { start: Some(first.clone()), ..Options::default() };
        let second = optimize(&problem, &options, &mut |_| 1.0).expect("a problem that can be planned");
        prop_assert!(verify(&problem, &second).objective <= verify(&problem, &first).objective + 1e-6);
    }
}

#[test]
fn the_same_seed_makes_the_same_plan() {
    let problem = sample(60, 7);
    assert_eq!(solve(&problem, 2_000, 7), solve(&problem, 2_000, 7));
    assert_ne!(solve(&problem, 50, 7), solve(&problem, 50, 8), "another seed goes another way");
}

#[test]
fn more_time_makes_a_better_plan() {
    let problem = sample(80, 6);
    let [short, long] = [10, 20_000].map(|steps| verify(&problem, &solve(&problem, steps, 3)).cost);
    assert!(long < short, "{long} after more steps, {short} after few");
}

#[test]
fn a_plan_in_force_survives_a_sick_call() {
    let mut problem = sample(40, 5);
    let first = solve(&problem, 2_000, 1);
    let sick = problem.engineers.remove(2).id;
    let options = Options { start: Some(first.clone()), ..Options::default() };
    let second = optimize(&problem, &options, &mut |_| 1.0).expect("a problem that can be planned");
    assert_eq!(verify(&problem, &second).faults, Vec::<String>::new());
    for route in first.routes.iter().filter(|route| route.engineer != sick) {
        let now = second.routes.iter().find(|other| other.engineer == route.engineer).expect("still at work");
        let kept: Vec<_> = now.stops.iter().filter(|stop| route.stops.contains(stop)).copied().collect();
        assert_eq!(kept, route.stops, "what he had he keeps, in its order");
    }
}

#[test]
fn certificates_that_follow_each_other_are_one() {
    let mut problem = sample(1, 1);
    problem.tickets[0].duration_s = 7_200;
    let certificate = |from: i32, until: i32, level| PlanCertificate {
        skill: 9,
        level,
        valid_from_s: Some(from),
        valid_until_s: Some(until),
    };
    problem.tickets[0].required_skills = vec![RequiredSkill { skill: 9, level: 2 }];
    for (certificates, served) in [
        (vec![certificate(20_000, 30_000, 2), certificate(30_000, 50_000, 3)], true),
        (vec![certificate(20_000, 30_000, 2), certificate(30_001, 34_000, 3)], false),
        (vec![certificate(20_000, 30_000, 2), certificate(30_000, 50_000, 1)], false),
        (vec![certificate(40_000, 47_200, 2)], true),
        (vec![certificate(54_001, 90_000, 2)], false),
    ] {
        problem.engineers[0].certificates = certificates;
        let plan = solve(&problem, 10, 1);
        assert_eq!(verify(&problem, &plan).faults, Vec::<String>::new());
        assert_eq!(plan.unassigned.is_empty(), served, "{:?}", problem.engineers[0].certificates);
    }
    problem.engineers[0].certificates = vec![certificate(20_000, 30_000, 2)];
    let routes = vec![PlannedRoute { engineer: 0, stops: vec![0], ..PlannedRoute::default() }];
    let faults = verify(&problem, &Plan { routes, unassigned: Vec::new(), cost: None }).faults;
    assert_eq!(faults, ["engineer 0 lacks skill 9 of level 2 for ticket 0"]);
}

#[test]
fn a_break_is_taken_while_waiting_anyway() {
    let mut problem = sample(2, 1);
    for (ticket, earliest) in problem.tickets.iter_mut().zip([28_800, 40_000]) {
        (ticket.skills, ticket.duration_s) = (Vec::new(), 3_600);
        (ticket.earliest_s, ticket.due_s) = (earliest, earliest + 600);
    }
    problem.engineers[0].pause = Some(PlanBreak { duration_s: 3_000, earliest_s: 28_800, latest_s: 43_200 });
    let plan = solve(&problem, 200, 1);
    assert_eq!((plan.routes[0].stops.as_slice(), plan.routes[0].break_after), ([0, 1].as_slice(), Some(1)));
    assert_eq!(verify(&problem, &plan).late, 0);
    // Earlier than planned, the first would be late; later, nothing would, but it has to begin in time.
    let elsewhere = |after| {
        let mut plan = plan.clone();
        plan.routes[0].break_after = Some(after);
        verify(&problem, &plan)
    };
    assert_eq!((elsewhere(0).late, elsewhere(0).faults), (1, Vec::new()));
    assert_eq!(elsewhere(2).faults, ["engineer 0 has his break after 43600, too late"]);
}

#[test]
fn nothing_to_do_and_nobody_to_do_it() {
    for (tickets, engineers) in [(0, 0), (0, 3), (3, 0)] {
        let problem = sample(tickets, engineers);
        let plan = solve(&problem, 10, 1);
        assert_eq!((plan.routes.len(), plan.unassigned.len()), (0, tickets));
    }
}

/// A town without chance: places along a spiral, windows over the day.
fn sample(tickets: usize, engineers: usize) -> Problem {
    let at = |i: usize| {
        let (turn, out) = (i as f64 * 2.4, (i as f64).sqrt() * 0.004);
        (40.75 + out * turn.sin(), -73.98 + out * turn.cos())
    };
    let ticket = |i: usize| {
        let ((lat, lon), earliest_s) = (at(i), 28_800 + (i as i32 * 1_777) % 20_000);
        PlanTicket {
            id: i as i64,
            lat,
            lon,
            skills: vec![(i % 3) as i64],
            duration_s: 1_800 + (i as i32 * 331) % 3_600,
            earliest_s,
            due_s: earliest_s + 5_000,
            priority: (i % 4 + 1) as u8,
            ..PlanTicket::default()
        }
    };
    let engineer = |i: usize| {
        let (lat, lon) = at(i * 7);
        let skills = vec![(i % 3) as i64, ((i + 1) % 3) as i64];
        let (shift_start_s, shift_end_s) = (28_800, 61_200);
        PlanEngineer { id: i as i64, lat, lon, skills, shift_start_s, shift_end_s, ..PlanEngineer::default() }
    };
    Problem {
        name: None,
        seed: None,
        travel: Travel::Haversine { radius_m: None, road_factor: 1.3, speed_kmh: 30.0, rounding: None },
        engineers: (0..engineers).map(engineer).collect(),
        tickets: (0..tickets).map(ticket).collect(),
        depots: Vec::new(),
        hard_due: false,
        fairness_weight: None,
        disturbance_s: None,
    }
}
