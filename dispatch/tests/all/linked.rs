//! Crews and visits that follow each other, on the line of `plan_fields`: a ticket at `x` is `x` seconds from the
//! office, takes ten minutes and is due at 20,000.

use crate::plan_fields::{day, faults, solve, stops};
use dispatch::optimize::{Options, optimize};
use dispatch::plan::{Plan, Problem};
use dispatch::verify::verify;
use serde_json::{Value, json};

/// That the first ticket takes so many.
fn crew(count: u32) -> (&'static str, Value) {
    ("/tickets/0/crew", json!(count))
}

/// Who only helps.
fn helpers(plan: &Plan) -> Vec<i64> {
    plan.routes.iter().filter(|route| !route.helps.is_empty()).map(|route| route.engineer).collect()
}

fn judge(problem: &Problem, routes: Value, unassigned: &[i64]) -> dispatch::verify::Verdict {
    let plan = serde_json::from_value(json!({"routes": routes, "unassigned": unassigned})).expect("a plan");
    verify(problem, &plan)
}

#[test]
fn a_crew_begins_when_the_last_of_it_is_there_and_is_late_once() {
    let fields = [crew(2), ("/tickets/0/due_s", json!(500)), ("/engineers/1/available_from_s", json!(3_000))];
    let (plan, verdict) = solve(&day(&[1_000], 2, &fields));
    assert_eq!((stops(&plan, 0), stops(&plan, 1)), ([10].as_slice(), [10].as_slice()));
    assert_eq!(helpers(&plan).len(), 1);
    assert_eq!(verdict.late_weighted_s, 3_500, "at 4,000 instead of 500, for the two of them together");
    assert_eq!((verdict.travel_s, verdict.served, verdict.late), (4_000, 1, 1), "both there and back");
}

#[test]
fn who_waits_for_the_others_does_something_else_before() {
    let fields = [
        crew(2),
        ("/engineers/1/available_from_s", json!(3_000)),
        ("/tickets/1/pinned_engineer", json!(0)),
        ("/tickets/1/due_s", json!(900)),
    ];
    let (plan, verdict) = solve(&day(&[1_000, 900], 2, &fields));
    assert_eq!(stops(&plan, 0), [11, 10]);
    assert_eq!((verdict.unserved, verdict.late, verdict.travel_s), (0, 0, 4_000));
}

#[test]
fn a_crew_is_complete_or_not_there() {
    let (plan, verdict) = solve(&day(&[1_000], 1, &[crew(2)]));
    assert_eq!(
        (plan.unassigned.as_slice(), verdict.cost),
        ([10].as_slice(), 36_000),
        "its price is due once"
    );
    let problem = day(&[1_000], 3, &[crew(2)]);
    let route = |engineer: i64, helps: bool| match helps {
        true => json!({"engineer": engineer, "stops": [10], "helps": [10]}),
        false => json!({"engineer": engineer, "stops": [10]}),
    };
    for (routes, words) in [
        (json!([route(0, false)]), "ticket 10 has 1 engineers instead of 2"),
        (json!([route(0, false), route(1, true), route(2, true)]), "ticket 10 has 3 engineers instead of 2"),
        (json!([route(0, false), route(1, false)]), "ticket 10 has 2 leads"),
        (json!([route(0, true), route(1, true)]), "ticket 10 has 0 leads"),
        (
            json!([route(0, false), route(1, true), {"engineer": 2, "stops": [], "helps": [10]}]),
            "engineer 2 helps with ticket 10, which is no stop of his",
        ),
        (json!([{"engineer": 0, "stops": [10, 10], "helps": [10]}]), "engineer 0 has ticket 10 twice"),
    ] {
        let found = faults(&problem, routes);
        assert!(found.iter().any(|fault| fault == words), "{found:?} instead of {words}");
    }
    assert_eq!(faults(&problem, json!([route(2, true), route(0, false)])), Vec::<String>::new());
    let alone = day(&[1_000], 2, &[]);
    let words = "ticket 10 has 2 engineers instead of 1";
    assert!(faults(&alone, json!([route(0, false), route(1, true)])).contains(&words.to_owned()));
}

#[test]
fn the_others_of_a_crew_need_the_same_skills_unless_others_are_named() {
    let skilled = [crew(2), ("/tickets/0/skills", json!([7])), ("/engineers/1/skills", json!([7]))];
    assert_eq!(solve(&day(&[10], 2, &skilled)).0.unassigned, [10], "nobody else has it");
    let anybody = [&skilled[..], &[("/tickets/0/crew_skills", json!([]))]].concat();
    let problem = day(&[10], 2, &anybody);
    let (plan, _) = solve(&problem);
    assert_eq!((plan.unassigned.len(), helpers(&plan)), (0, vec![0]), "who has the skill leads");
    let turned = json!([{"engineer": 0, "stops": [10]}, {"engineer": 1, "stops": [10], "helps": [10]}]);
    assert_eq!(faults(&problem, turned), ["engineer 0 lacks skill 7 of level 1 for ticket 10"]);
    let special = [&skilled[..], &[("/tickets/0/crew_skills", json!([8]))]].concat();
    assert_eq!(solve(&day(&[10], 2, &special)).0.unassigned, [10]);
}

#[test]
fn what_is_loaded_is_the_leads() {
    let part = json!([{"part": 1, "quantity": 1}]);
    let fields = [
        crew(2),
        ("/tickets/0/load", json!(5)),
        ("/tickets/0/parts", part.clone()),
        ("/engineers/0/capacity", json!(4)),
        ("/engineers/1/stock", part),
    ];
    let (plan, _) = solve(&day(&[10], 2, &fields));
    assert_eq!((plan.unassigned.len(), helpers(&plan)), (0, vec![0]));
}

#[test]
fn what_follows_begins_after_the_end_and_the_gap() {
    let follows = |gap: i64| ("/tickets/1/after", json!([{"ticket": 10, "gap_s": gap}]));
    let fields = |gap: i64| {
        let apart = [("/tickets/0/pinned_engineer", json!(0)), ("/tickets/1/pinned_engineer", json!(1))];
        [&apart[..], &[follows(gap), ("/tickets/1/due_s", json!(1_500))]].concat()
    };
    for gap in [0, 400] {
        let (plan, verdict) = solve(&day(&[1_000, 1_100], 2, &fields(gap)));
        assert_eq!((stops(&plan, 0), stops(&plan, 1)), ([10].as_slice(), [11].as_slice()));
        assert_eq!(verdict.late_weighted_s, 100 + gap, "at 1,600 and the gap instead of 1,500");
    }
    let problem = day(&[1_000, 1_100], 1, &[follows(0)]);
    assert_eq!(stops(&solve(&problem).0, 0), [10, 11], "by one engineer in this order");
    let words = "engineers wait for one another for ever";
    assert!(faults(&problem, json!([{"engineer": 0, "stops": [11, 10]}]))[0].starts_with(words));
}

#[test]
fn what_follows_something_that_nobody_can_do_is_left_out() {
    let fields = [("/tickets/0/skills", json!([7])), ("/tickets/1/after", json!([{"ticket": 10}]))];
    let problem = day(&[100, 200, 300], 1, &fields);
    assert_eq!(solve(&problem).0.unassigned, [10, 11]);
    assert_eq!(
        judge(&problem, json!([{"engineer": 0, "stops": [11]}]), &[10, 12]).faults,
        ["ticket 11 is served, but 10 is not"]
    );
}

#[test]
fn crews_that_wait_for_each_other_are_found_out() {
    let fields = [crew(2), ("/tickets/1/crew", json!(2))];
    let problem = day(&[100, 200], 2, &fields);
    let (_, verdict) = solve(&problem);
    assert_eq!((verdict.unserved, verdict.travel_s), (0, 800));
    let routes =
        json!([{"engineer": 0, "stops": [10, 11]}, {"engineer": 1, "stops": [11, 10], "helps": [10, 11]}]);
    let found = faults(&problem, routes);
    assert!(found.iter().any(|fault| fault.starts_with("engineers wait for one another")), "{found:?}");
}

#[test]
fn a_crew_that_was_agreed_or_promised_stays() {
    let pinned = [crew(2), ("/tickets/0/pinned_engineer", json!(1)), ("/tickets/0/pinned_crew", json!([2]))];
    let problem = day(&[100], 3, &pinned);
    let (plan, _) = solve(&problem);
    assert_eq!((stops(&plan, 0).len(), helpers(&plan)), (0, vec![2]));
    let other = json!([{"engineer": 1, "stops": [10]}, {"engineer": 0, "stops": [10], "helps": [10]}]);
    assert_eq!(faults(&problem, other.clone()), ["ticket 10 is pinned to another crew"]);
    let promised = [crew(2), ("/tickets/0/in_force", json!(1)), ("/tickets/0/in_force_crew", json!([2]))];
    let problem = day(&[100], 3, &[&promised[..], &[("/disturbance_s", json!(700))]].concat());
    let (plan, verdict) = solve(&problem);
    assert_eq!((helpers(&plan), verdict.prices_s), (vec![2], 0));
    assert_eq!(judge(&problem, other, &[]).prices_s, 700, "another helper");
    assert_eq!(judge(&problem, json!([]), &[10]).prices_s, 1_400, "to leave it out saves neither price");
}

#[test]
fn a_crew_that_has_begun_goes_on_from_there() {
    let fields = [
        crew(2),
        ("/tickets/0/pinned_engineer", json!(1)),
        ("/tickets/0/pinned_crew", json!([0])),
        ("/tickets/0/started_at_s", json!(2_000)),
        ("/tickets/1/after", json!([{"ticket": 10, "gap_s": 100}])),
        ("/tickets/1/due_s", json!(2_600)),
    ];
    let problem = day(&[900, 900], 2, &fields);
    let (plan, verdict) = solve(&problem);
    assert_eq!((stops(&plan, 0)[0], stops(&plan, 1)[0], helpers(&plan)), (10, 10, vec![0]));
    assert_eq!((verdict.late_weighted_s, verdict.travel_s), (100, 1_800), "at 2,700, when the gap is over");
    let alone = judge(&problem, json!([{"engineer": 1, "stops": [10, 11]}]), &[]);
    assert!(alone.faults.contains(&"ticket 10 has begun, but is not the first of engineer 0".to_owned()));
}

#[test]
fn after_a_sick_call_only_the_crew_that_misses_somebody_is_mended() {
    let mut fields =
        vec![crew(2), ("/tickets/1/crew", json!(2)), ("/tickets/3/after", json!([{"ticket": 11}]))];
    fields.push(("/engineers/3/shift_end_s", json!(29_000)));
    let mut problem = day(&[100, 2_000, -300, 2_100, -400], 4, &fields);
    let routes = json!([
        {"engineer": 0, "stops": [10, 12]}, {"engineer": 1, "stops": [10, 14], "helps": [10]},
        {"engineer": 2, "stops": [11, 13]}, {"engineer": 3, "stops": [11], "helps": [11]},
    ]);
    assert_eq!(judge(&problem, routes.clone(), &[]).faults, Vec::<String>::new());
    // Whoever is sick has a shift that is over when it begins: with a matrix his row stays.
    problem.engineers[1].shift_end_s = 0;
    let start = serde_json::from_value(json!({"routes": routes, "unassigned": []})).expect("a plan");
    let options = Options { start: Some(start), ..Options::default() };
    let mut looks = 0;
    let mut done = |_: &_| {
        looks += 1;
        // Time for a first plan and none to search.
        if looks < 1_000 { 0.0 } else { 1.0 }
    };
    let plan = optimize(&problem, &options, &mut done).expect("a problem that can be planned");
    let verdict = verify(&problem, &plan);
    assert_eq!((verdict.faults.clone(), verdict.unserved), (Vec::new(), 0));
    assert!(stops(&plan, 2).starts_with(&[11]) && stops(&plan, 2).contains(&13), "{plan:?}");
    assert_eq!((stops(&plan, 1).len(), Some(verdict.cost)), (0, plan.cost));
}
