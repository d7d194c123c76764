//! Crews as parts, what is linked with what, and the plan in force of linked visits, on days without chance.

use super::*;
use crate::optimize::instance::{FAR, Job};
use crate::optimize::links::{Links, Span};
use crate::optimize::solution::NOBODY;
use crate::plan::After;

fn after(ticket: i64) -> Vec<After> {
    vec![After { ticket, gap_s: 60 }]
}

fn route(engineer: i64, stops: &[i64], helps: &[i64]) -> PlannedRoute {
    let (stops, helps) = (stops.to_vec(), helps.to_vec());
    PlannedRoute { engineer, stops, helps, ..PlannedRoute::default() }
}

/// Three crews, the second of three and the third begun, and two tickets behind them.
fn crews() -> Problem {
    let mut problem = sample(8, 6);
    problem.tickets.iter_mut().for_each(|ticket| ticket.skills.clear());
    for (ticket, crew) in [(1, 2), (2, 3), (3, 2)] {
        problem.tickets[ticket].crew = Some(crew);
    }
    problem.tickets[3] = PlanTicket {
        pinned_engineer: Some(0),
        pinned_crew: vec![5],
        started_at_s: Some(28_000),
        ..problem.tickets[3].clone()
    };
    problem.tickets[4].after = after(1);
    problem.tickets[5].after = [after(4), after(3)].concat();
    problem.check().expect("a problem that can be planned");
    problem
}

#[test]
fn everybody_of_a_crew_has_a_ticket_of_his_own() {
    let mut problem = crews();
    // The first number that is free for a helper is taken.
    problem.tickets[0].id = i64::MIN;
    let apart = Apart::new(&problem).expect("crews");
    let parts = &apart.problem.tickets[8..];
    assert_eq!(parts.iter().map(|part| part.helps).collect::<Vec<_>>(), [Some(1), Some(2), Some(2), Some(3)]);
    let ids: HashSet<i64> = apart.problem.tickets.iter().map(|ticket| ticket.id).collect();
    assert_eq!(ids.len(), 12, "no number twice");
    assert_eq!(parts.iter().map(PlanTicket::weight).sum::<i32>(), 0, "only the lead's part is charged");
    assert_eq!((parts[3].pinned_engineer, parts[3].started_at_s), (Some(5), Some(28_000)));
    assert!(Apart::new(&sample(3, 2)).is_none());
}

#[test]
fn a_plan_is_divided_into_parts_and_united_again() {
    let apart = Apart::new(&crews()).expect("crews");
    let routes = vec![route(1, &[1, 2, 0], &[2]), route(2, &[2, 1], &[1]), route(3, &[2], &[2])];
    let plan = Plan { routes, unassigned: vec![3, 4], cost: None };
    let divided = apart.divide(&plan);
    let stops: Vec<i64> = divided.routes.iter().flat_map(|route| &route.stops).copied().collect();
    assert_eq!(stops.iter().collect::<HashSet<_>>().len(), 6, "{stops:?}");
    assert_eq!((stops[0], stops[2], stops[3]), (1, 0, 2), "who leads has the ticket itself");
    assert_eq!(apart.unite(divided), plan);
    // An old plan that does not say who leads; and one more than the crew takes.
    let routes = vec![route(1, &[1], &[]), route(2, &[1], &[]), route(3, &[1], &[])];
    let divided = apart.divide(&Plan { routes, unassigned: Vec::new(), cost: None });
    let stops: Vec<i64> = divided.routes.iter().map(|route| route.stops[0]).collect();
    assert!(stops[0] == 1 && stops[1] < 0 && stops[2] == 1, "{stops:?}");
    let left = Plan {
        routes: Vec::new(),
        unassigned: apart.problem.tickets.iter().map(|t| t.id).collect(),
        cost: None,
    };
    assert_eq!(apart.unite(left).unassigned, [0, 1, 2, 3, 4, 5, 6, 7], "what nobody does is named once");
}

#[test]
fn a_helper_has_the_row_of_his_lead_in_a_matrix() {
    let mut problem = crews();
    problem.travel = crooked(15);
    problem.engineers[0].start_row = Some(14);
    problem.engineers[1].start_row = Some(7);
    problem.check().expect("a problem that can be planned");
    let apart = Apart::new(&problem).expect("crews").problem;
    let places = Places::new(&apart);
    let rows = places.rows.clone().expect("rows");
    assert_eq!(rows[..12], [0, 1, 2, 3, 4, 5, 6, 7, 1, 2, 2, 3]);
    assert_eq!(rows[12..], [8, 9, 10, 11, 12, 13, 14]);
    assert_eq!(places.starts[..3].iter().map(|place| rows[*place as usize]).collect::<Vec<_>>(), [14, 7, 10]);
    let Distances::Shared(shared) = Distances::new(&apart.travel, &places, || false) else {
        panic!("no rows")
    };
    let Travel::Matrix { seconds } = &problem.travel else { panic!("no matrix") };
    assert_eq!((shared.seconds(8, 12), shared.seconds(11, 8)), (seconds[1][8], seconds[3][1]));
    let plan = solve(&problem, 300, 1);
    assert_eq!(verify(&problem, &plan).faults, Vec::<String>::new());
}

/// What is linked in the problem above, as the search sees it.
fn linked() -> (Problem, Vec<Job>, Links) {
    let problem = Apart::new(&crews()).expect("crews").problem;
    let mut jobs: Vec<Job> = problem.tickets.iter().map(|ticket| Job::new(&problem, ticket)).collect();
    let links = Links::new(&problem, &mut jobs).expect("links");
    (problem, jobs, links)
}

#[test]
fn what_has_begun_is_no_link_but_a_time() {
    let (problem, jobs, links) = linked();
    assert_eq!(
        jobs[5].earliest,
        problem.tickets[5].earliest_s.max(28_000 + problem.tickets[3].duration_s + 60)
    );
    assert_eq!((links.visit_of(3), links.visit_of(11), links.visit_of(0)), (None, None, None));
    let parts: Vec<&[u32]> = (0..4).map(|visit| links.parts(visit)).collect();
    assert_eq!(parts, [&[1, 8][..], &[2, 9, 10], &[4], &[5]]);
    assert_eq!((&links.visits[2].after[..], &links.visits[2].before[..]), (&[(0, 60)][..], &[(3, 60)][..]));
    assert!(Links::new(&sample(5, 2), &mut []).is_none());
}

#[test]
fn what_is_followed_has_its_turn_before_what_follows() {
    let (_, _, links) = linked();
    let mut absent = [5, 0, 8, 4, 2, 1, 7].map(|ticket| (ticket, NOBODY)).to_vec();
    links.line_up(&mut absent);
    let order: Vec<u32> = absent.iter().map(|(ticket, _)| *ticket).collect();
    assert_eq!(order, [1, 8, 4, 5, 0, 2, 7], "all of them in the turn of the one that came first");
    let mut plain = [7, 0, 6].map(|ticket| (ticket, NOBODY)).to_vec();
    links.line_up(&mut plain);
    assert_eq!(plain, [7, 0, 6].map(|ticket| (ticket, NOBODY)), "others keep their turns");
}

#[test]
fn an_appointment_narrows_what_a_ticket_allows() {
    let (_, jobs, _) = linked();
    let job = Job { earliest: 100, latest: 500, ..jobs[0] };
    let within = |from, until| {
        let job = Span { from, until }.within(job);
        (job.earliest, job.latest)
    };
    assert_eq!((within(200, 300), within(0, 900), within(-FAR, FAR)), ((200, 300), (100, 500), (100, 500)));
    assert_eq!(Span::ANY.within(job).latest, 500);
}

/// Begins with a plan and searches nothing.
fn begun_with(problem: &Problem, routes: Vec<PlannedRoute>) -> Plan {
    let start = Some(Plan { routes, unassigned: Vec::new(), cost: None });
    let options = Options { start, ..Options::default() };
    let plan = optimize(problem, &options, &mut |_| 1.0).expect("a problem that can be planned");
    let verdict = verify(problem, &plan);
    assert_eq!((verdict.faults, Some(verdict.cost)), (Vec::new(), plan.cost));
    plan
}

#[test]
fn of_a_plan_in_force_what_waits_for_itself_is_left_out_and_the_rest_kept() {
    let problem = crews();
    let circle = vec![
        route(0, &[3, 6], &[]),
        route(1, &[1, 2], &[]),
        route(2, &[2, 1, 0], &[1, 2]),
        route(3, &[2], &[2]),
        route(4, &[4, 7], &[]),
        route(5, &[3], &[3]),
    ];
    let plan = begun_with(&problem, circle);
    let one = plan.unassigned.contains(&1) != plan.unassigned.contains(&2);
    assert!(one, "one of the two crews stays: {plan:?}");
    for ticket in [0, 3, 6, 7] {
        assert!(!plan.unassigned.contains(&ticket), "{ticket} has nothing to do with it: {plan:?}");
    }
}

#[test]
fn of_a_plan_in_force_a_crew_that_is_not_complete_is_left_out() {
    let problem = crews();
    let routes =
        vec![route(0, &[3], &[]), route(5, &[3], &[3]), route(1, &[1, 0], &[]), route(4, &[4, 6], &[])];
    let mut plan = begun_with(&problem, routes);
    plan.unassigned.sort_unstable();
    assert_eq!(plan.unassigned, [1, 2, 4, 5, 7]);
    assert_eq!(plan.routes.iter().map(|route| route.stops.len()).sum::<usize>(), 4, "{plan:?}");
}

#[test]
fn of_a_plan_in_force_a_helper_who_is_not_there_any_more_is_replaced() {
    let mut problem = crews();
    let routes =
        vec![route(0, &[3], &[]), route(5, &[3], &[3]), route(1, &[1, 0], &[]), route(2, &[1], &[1])];
    assert!(!begun_with(&problem, routes.clone()).unassigned.contains(&1), "as long as all are there");
    problem.engineers.remove(2);
    let options =
        Options { start: Some(Plan { routes, unassigned: Vec::new(), cost: None }), ..Options::default() };
    let mut done = |progress: &Progress| progress.iterations as f64 / 50.0;
    let plan = optimize(&problem, &options, &mut done).expect("a problem that can be planned");
    assert_eq!(verify(&problem, &plan).faults, Vec::<String>::new());
    assert_eq!(plan.routes.iter().filter(|route| route.stops.contains(&1)).count(), 2, "{plan:?}");
}
