//! What each optional field of a problem does, on a day on a line: a ticket at `x` is `x` seconds from the office.

use dispatch::optimize::{Options, Progress, optimize};
use dispatch::plan::{Plan, Problem};
use dispatch::verify::{Verdict, verify};
use serde_json::{Value, json};

/// People at the office and tickets of ten minutes at these places, with these fields set. The last row of the matrix
/// is a place at 5,000.
pub fn day(tickets: &[i32], engineers: usize, changes: &[(&str, Value)]) -> Problem {
    let places: Vec<i32> = tickets.iter().copied().chain((0..engineers).map(|_| 0)).chain([5_000]).collect();
    let row = |from: &i32| places.iter().map(|to| (from - to).abs()).collect::<Vec<_>>();
    let ticket = |id| json!({"id": id, "duration_s": 600, "earliest_s": 0, "due_s": 20_000, "priority": 4});
    let engineer = |id| json!({"id": id, "shift_start_s": 0, "shift_end_s": 30_000});
    let mut value = json!({
        "travel": {"model": "matrix", "seconds": places.iter().map(row).collect::<Vec<_>>()},
        "engineers": (0..engineers).map(engineer).collect::<Vec<_>>(),
        "tickets": (10..).zip(tickets).map(|(id, _)| ticket(id)).collect::<Vec<_>>(),
    });
    // Somebody who is never at work begins in the last row, which therefore exists.
    let absent = json!({"id": 99, "shift_start_s": 0, "shift_end_s": 0, "start_row": places.len()});
    value["engineers"].as_array_mut().expect("engineers").push(absent);
    add_row(&mut value, tickets.len() + engineers);
    for (pointer, change) in changes {
        let (parent, field) = pointer.rsplit_once('/').expect("a path");
        value.pointer_mut(parent).expect("it is there")[field] = change.clone();
    }
    serde_json::from_value(value).expect("a problem")
}

/// The home of whoever is never at work, at the place where he is.
fn add_row(value: &mut Value, at: usize) {
    let rows = value["travel"]["seconds"].as_array_mut().expect("rows");
    let far = rows[at].clone();
    rows.insert(at, far);
    for row in rows {
        let row = row.as_array_mut().expect("a row");
        let far = row[at].clone();
        row.insert(at, far);
    }
}

pub fn solve(problem: &Problem) -> (Plan, Verdict) {
    let options = Options { seed: 1, ..Options::default() };
    let mut done = |progress: &Progress| progress.iterations as f64 / 2_000.0;
    let plan = optimize(problem, &options, &mut done).expect("a problem that can be planned");
    let verdict = verify(problem, &plan);
    assert_eq!(verdict.faults, Vec::<String>::new());
    assert_eq!(Some(verdict.cost), plan.cost);
    (plan, verdict)
}

/// What this engineer does.
pub fn stops(plan: &Plan, engineer: i64) -> &[i64] {
    plan.routes.iter().find(|route| route.engineer == engineer).map_or(&[], |route| route.stops.as_slice())
}

/// What is wrong with a plan in which these engineers do this.
pub fn faults(problem: &Problem, routes: Value) -> Vec<String> {
    let served: Vec<i64> = problem.tickets.iter().map(|ticket| ticket.id).collect();
    let named = routes.to_string();
    let left: Vec<_> = served.iter().filter(|id| !named.contains(&id.to_string())).collect();
    let plan = serde_json::from_value(json!({"routes": routes, "unassigned": left})).expect("a plan");
    verify(problem, &plan).faults
}

#[test]
fn who_is_elsewhere_begins_there_and_goes_home() {
    let problem = day(&[4_900, 100], 2, &[("/engineers/0/start_row", json!(5))]);
    let (plan, verdict) = solve(&problem);
    assert_eq!((stops(&plan, 0), stops(&plan, 1)), ([10, 11].as_slice(), [].as_slice()));
    assert_eq!(verdict.travel_s, 5_000, "no more than his way home");
    let idle = day(&[], 1, &[("/engineers/0/start_row", json!(2))]);
    assert_eq!(solve(&idle).1.travel_s, 5_000, "who has nothing to do goes home too");
}

#[test]
fn who_is_busy_leaves_later() {
    let problem = day(&[1_000], 1, &[("/engineers/0/available_from_s", json!(25_000))]);
    let (_, verdict) = solve(&problem);
    assert_eq!(verdict.late_weighted_s, 6_000, "there at 26,000 instead of 20,000");
}

#[test]
fn what_has_begun_is_first_wherever_he_should_have_been() {
    let begun = [
        ("/tickets/0/pinned_engineer", json!(0)),
        ("/tickets/0/started_at_s", json!(2_000)),
        ("/tickets/0/skills", json!([77])),
        ("/engineers/0/max_tasks", json!(2)),
    ];
    let problem = day(&[900, 100, 200], 1, &begun);
    let (plan, verdict) = solve(&problem);
    assert_eq!((stops(&plan, 0).len(), stops(&plan, 0)[0]), (2, 10), "it counts as one of two");
    assert_eq!(verdict.travel_s, 900, "only the way home, and one stop on it");
    let words = "ticket 10 has begun, but is not the first of engineer 0";
    assert_eq!(faults(&problem, json!([{"engineer": 0, "stops": [11, 10]}]))[0], words);
    assert_eq!(faults(&problem, json!([{"engineer": 0, "stops": [11]}]))[0], words);
}

#[test]
fn an_appointment_is_kept_to_the_second() {
    let fixed = [("/tickets/0/fixed_start_s", json!(7_000)), ("/tickets/1/latest_start_s", json!(150))];
    let problem = day(&[100, 110], 1, &fixed);
    let (plan, verdict) = solve(&problem);
    assert_eq!((stops(&plan, 0), verdict.unserved), ([11, 10].as_slice(), 0));
    let late = faults(&problem, json!([{"engineer": 0, "stops": [10, 11]}]));
    assert_eq!(late, ["ticket 11 begins at 7610, later than it must"]);
}

#[test]
fn only_who_covers_a_territory_goes_there() {
    let fields = [("/tickets/0/territory", json!(3)), ("/engineers/0/territories", json!([1, 2]))];
    let problem = day(&[10], 2, &fields);
    assert_eq!(stops(&solve(&problem).0, 1), [10], "who names no territory covers all");
    let words = "engineer 0 does not cover where ticket 10 is";
    assert_eq!(faults(&problem, json!([{"engineer": 0, "stops": [10]}])), [words]);
}

#[test]
fn a_preference_is_worth_its_price() {
    for (price, who) in [(199, 0), (201, 1)] {
        let fields = [
            ("/tickets/0/preferred_engineers", json!([1])),
            ("/tickets/0/preference_s", json!(price)),
            ("/tickets/1/pinned_engineer", json!(1)),
            ("/tickets/2/pinned_engineer", json!(0)),
        ];
        // Engineer 0 is there anyway; for engineer 1, who is elsewhere, it is a detour of 200 s.
        let problem = day(&[100, -50, 100], 2, &fields);
        let (plan, verdict) = solve(&problem);
        assert!(stops(&plan, who).contains(&10), "{price}: {plan:?}");
        assert_eq!(verdict.prices_s, if who == 0 { price } else { 0 });
    }
}

#[test]
fn the_plan_in_force_is_disturbed_only_for_what_is_worth_it() {
    for (price, who) in [(199, 1), (201, 0)] {
        let fields = [
            ("/tickets/0/in_force", json!(0)),
            ("/tickets/1/pinned_engineer", json!(1)),
            ("/disturbance_s", json!(price)),
        ];
        let (plan, verdict) = solve(&day(&[100, 100], 2, &fields));
        assert!(stops(&plan, who).contains(&10), "{price}: {plan:?}");
        assert_eq!(verdict.prices_s, if who == 1 { price } else { 0 });
    }
}

#[test]
fn the_last_part_in_the_van_is_used_once() {
    let part = json!([{"part": 4711, "quantity": 1}]);
    let mut fields = vec![
        ("/tickets/0/parts", part.clone()),
        ("/tickets/1/parts", part.clone()),
        ("/engineers/0/stock", part.clone()),
    ];
    let problem = day(&[100, 200], 1, &fields);
    let (plan, _) = solve(&problem);
    assert_eq!(plan.unassigned.len(), 1, "there is only one");
    let both = json!([{"engineer": 0, "stops": [10, 11]}]);
    assert_eq!(faults(&problem, both.clone()), ["engineer 0 needs 2 of part 4711 and has 1"]);

    // With a depot at 5,000 for the other.
    fields.push(("/depots", json!([{"id": 1, "row": 4, "stock": part}])));
    let problem = day(&[100, 200], 1, &fields);
    let (plan, verdict) = solve(&problem);
    assert_eq!((plan.unassigned.len(), plan.routes[0].fetches.len()), (0, 1));
    assert_eq!(verdict.travel_s, 10_000, "there and back");
    assert_eq!(faults(&problem, both), ["engineer 0 needs 2 of part 4711 and has 1"], "fetched must be said");
    let fetch = |ticket: i64| json!({"ticket": ticket, "depot": 1});
    let route = |fetches: Value| json!([{"engineer": 0, "stops": [10, 11], "fetches": fetches}]);
    assert_eq!(faults(&problem, route(json!([fetch(11)]))), Vec::<String>::new());
    let words = "2 of part 4711 are fetched at depot 1, which has 1";
    assert_eq!(faults(&problem, route(json!([fetch(10), fetch(11)]))), [words]);
}

/// The examples of docs/dispatch.md, in its order.
fn example(number: usize) -> Problem {
    let text = include_str!("../../../docs/dispatch.md");
    let rest = text.split("```json\n").nth(number + 1).expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    serde_json::from_str(example).expect("a problem")
}

#[test]
fn the_example_of_a_crew_in_the_documentation_is_planned_as_it_says() {
    let (plan, verdict) = solve(&example(0));
    assert_eq!((stops(&plan, 1), stops(&plan, 2)), ([20, 21].as_slice(), [20].as_slice()));
    assert_eq!((plan.routes[1].helps.as_slice(), verdict.unserved), ([20].as_slice(), 0));
    assert_eq!(verdict.late_weighted_s, 0, "he is there in time to the second");
}

#[test]
fn the_example_of_the_documentation_is_planned_as_it_says() {
    let (plan, verdict) = solve(&example(1));
    assert_eq!((stops(&plan, 1), stops(&plan, 2)), ([10, 11].as_slice(), [12].as_slice()));
    assert_eq!((verdict.unserved, verdict.prices_s, plan.routes[0].break_after), (0, 0, Some(2)));
}
