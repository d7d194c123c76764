//! The planner against a real server: what it moves, what it leaves, and that it does all of it or nothing.

use std::collections::HashSet;

use db::testing::START;
use db::types::TicketId;
use db::{Actor, Conn, both_backends};
use dispatch::plan::{Plan, PlannedRoute};
use serde_json::{Value, json};
use server::auth::Role;
use server::error::Error;
use server::schedule::load;
use server::schedule::planner::day::{Day, Freedom};
use server::schedule::planner::drive;
use server::schedule::planner::publish::{self, Changes};
use server::schedule::planner::record::Why;
use server::schedule::planner::{self, Outcome};
use server::tickets::store;

use crate::harness::{Person, Server};
use crate::inventory::books_are_right;
use crate::sync::van;
use crate::tickets::{engineer, lift, new_ticket};

/// A ticket that takes four hours and is due in two, so that two of them are one too many for one engineer.
async fn urgent(person: &Person, lift: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut new = new_ticket(lift);
    (new["priority"], new["expected_minutes"]) = (json!(1), json!(240));
    change(&mut new);
    person.post("/api/v1/tickets", &new).await.ok()["id"].as_str().unwrap().to_owned()
}

async fn holder(person: &Person, ticket: &str) -> Value {
    person.get(&format!("/api/v1/tickets/{ticket}")).await.ok()["engineer_id"].clone()
}

async fn step(person: &Person, ticket: &str, kind: &str) {
    person.post(&format!("/api/v1/tickets/{ticket}/events"), &json!({"kind": kind})).await.ok();
}

async fn round(server: &Server) -> planner::Round {
    server.app.board.catch_up(&server.app.db).await.unwrap();
    planner::round(&server.app).await.unwrap()
}

/// The day as the planner sees it now.
async fn day(server: &Server) -> Day {
    server.app.board.catch_up(&server.app.db).await.unwrap();
    let app = server.app.clone();
    let freedom =
        Freedom { disturbance_minutes: 15, moves_accepted: false, stuck: HashSet::new(), proposing: false };
    let read = move |conn: &mut Conn| Day::read(conn, &app.board, app.db.clock().now(), &freedom);
    server.app.db.read(read).await.unwrap()
}

/// Every ticket of the day with this engineer, in the order of the day.
fn all_with(day: &Day, engineer: &str) -> Plan {
    let place = day.engineers.iter().position(|id| id.to_string() == engineer).unwrap();
    let stops = (0..day.tickets.len() as i64).collect();
    let route = PlannedRoute { engineer: place as i64, stops, ..PlannedRoute::default() };
    Plan { routes: vec![route], unassigned: Vec::new(), cost: None }
}

async fn publish(server: &Server, day: &Day, plan: &Plan) -> Result<(), Error> {
    let (app, changes) = (server.app.clone(), Changes::between(day, plan));
    server.app.db.write(Actor::system("planner"), move |tx| publish::moves(tx, &app, &changes)).await
}

async fn loads_are_right(server: &Server) {
    assert_eq!(server.app.db.read(load::verify).await.unwrap(), []);
}

both_backends! {
    async fn whoever_is_away_for_a_while_is_planned_for_before_and_after(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let one = engineer(&server, "E-1").await;
        let absence = json!({"starts_at": START.plus_minutes(120), "ends_at": START.plus_minutes(240), "reason": "dentist"});
        person.post(&format!("/api/v1/engineers/{one}/absences"), &absence).await.ok();
        // An hour fits before he leaves, four hours do not.
        let long = urgent(&person, &lift, |_| {}).await;
        let short = urgent(&person, &lift, |new| new["expected_minutes"] = json!(60)).await;
        let day = day(&server).await;
        let away = day.problem.engineers[0].pause.unwrap();
        assert_eq!((away.earliest_s, away.latest_s, away.duration_s), (7_200, 7_200, 7_200));
        assert_eq!(day.in_force.unassigned, Vec::<i64>::new());
        let place = |id: &str| day.tickets.iter().position(|ticket| ticket.id.to_string() == id).unwrap() as i64;
        let driven = drive::route(&day.problem, &day.problem.engineers[0], &[place(&short), place(&long)]);
        let starts: Vec<i32> = driven.starts.iter().map(|(_, start)| *start).collect();
        assert!(starts[0] + 3_600 <= 7_200 && starts[1] >= 14_400, "{starts:?}");
        // The search finds it too, and what it finds passes the proof.
        let found = round(&server).await;
        assert!(found.outcome != Outcome::Faulty && found.left_out == 0, "{found:?}");
        loads_are_right(&server).await;
    }

    async fn more_open_tickets_than_one_question_can_name_are_asked_about(server: Server) {
        let ids: Vec<TicketId> = (0..70_000).map(|_| TicketId::new()).collect();
        let declines = server.app.db.read(move |conn| store::declines(conn, &ids)).await.unwrap();
        assert!(declines.is_empty());
    }

    async fn work_goes_to_somebody_who_came_on_duty_and_stays_there(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let one = engineer(&server, "E-1").await;
        let tickets = [urgent(&person, &lift, |_| {}).await, urgent(&person, &lift, |_| {}).await];
        for ticket in &tickets {
            assert_eq!(holder(&person, ticket).await, json!(one));
        }
        let two = engineer(&server, "E-2").await;
        let first = round(&server).await;
        assert_eq!((first.outcome, first.moved, first.left_out), (Outcome::Published, 1, 0), "{first:?}");
        assert!(first.cost_in_force.unwrap() > first.cost);
        // What was moved had to save its price, and the price is a part of the cost.
        assert_eq!((first.disturbance_s, first.disturbance_minutes, first.why), (Some(900), Some(15), None));
        let holders = HashSet::from([holder(&person, &tickets[0]).await, holder(&person, &tickets[1]).await]);
        assert_eq!(holders, HashSet::from([json!(one), json!(two)]));
        let moved = if holder(&person, &tickets[0]).await == json!(two) { &tickets[0] } else { &tickets[1] };
        let history = person.get(&format!("/api/v1/tickets/{moved}/assignments")).await.ok();
        assert_eq!(history["items"][0]["assigned_by"], "planner");
        assert!(history["items"][1]["ended_at"].is_i64());
        loads_are_right(&server).await;
        let second = round(&server).await;
        assert_eq!((second.outcome, second.moved), (Outcome::Kept, 0), "{second:?}");
        let shown = person.get("/api/v1/dispatch/plan").await.ok();
        assert_eq!((&shown["outcome"], &shown["tickets"]), (&json!("kept"), &json!(2)));
    }

    async fn what_has_begun_and_what_a_person_decided_is_not_moved(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let one = engineer(&server, "E-1").await;
        let eve = server.log_in_as("eve", Role::Engineer, Some(&one)).await;
        let begun = urgent(&person, &lift, |new| new["expected_minutes"] = json!(120)).await;
        let accepted = urgent(&person, &lift, |new| new["expected_minutes"] = json!(120)).await;
        let decided = urgent(&person, &lift, |new| new["dispatch"] = json!("manual")).await;
        person.post(&format!("/api/v1/tickets/{decided}/assignments"), &json!({"engineer_id": one})).await.ok();
        for kind in ["accept", "travel"] {
            step(&eve, &begun, kind).await;
        }
        step(&eve, &accepted, "accept").await;
        engineer(&server, "E-2").await;
        for at_it in ["arrive", "start"] {
            let made = round(&server).await;
            assert_eq!((made.moved, made.tickets), (0, 3), "{made:?}");
            step(&eve, &begun, at_it).await;
        }
        assert_eq!(round(&server).await.moved, 0);
        for ticket in [&begun, &accepted, &decided] {
            assert_eq!(holder(&person, ticket).await, json!(one));
        }
    }

    async fn nothing_is_moved_for_less_than_it_disturbs(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let one = engineer(&server, "E-1").await;
        let mut calm = Vec::new();
        for _ in 0..2 {
            // Due in a week: all that another engineer would change is how the work is shared.
            calm.push(urgent(&person, &lift, |new| {
                (new["priority"], new["expected_minutes"]) = (json!(4), json!(30));
            }).await);
        }
        engineer(&server, "E-2").await;
        let made = round(&server).await;
        assert_eq!((made.outcome, made.moved), (Outcome::Kept, 0), "{made:?}");
        for ticket in &calm {
            assert_eq!(holder(&person, ticket).await, json!(one));
        }
    }

    async fn a_round_says_why_it_moved_nothing_and_rounds_that_did_something_are_remembered(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        assert_eq!(round(&server).await.why, Some(Why::NothingOpen));
        let ticket = urgent(&person, &lift, |_| {}).await;
        assert_eq!(round(&server).await.why, Some(Why::NobodyOnDuty));
        let cancel = json!({"kind": "cancel", "reason": "it moves again"});
        person.post(&format!("/api/v1/tickets/{ticket}/events"), &cancel).await.ok();
        engineer(&server, "E-1").await;
        for _ in 0..2 {
            urgent(&person, &lift, |_| {}).await;
        }
        engineer(&server, "E-2").await;
        let published = round(&server).await;
        assert_eq!((published.outcome, published.why), (Outcome::Published, None), "{published:?}");
        let kept = round(&server).await;
        assert_eq!((kept.outcome, kept.why), (Outcome::Kept, Some(Why::NothingBetter)), "{kept:?}");
        let last = person.get("/api/v1/dispatch/plan").await.ok();
        assert_eq!((&last["outcome"], &last["why"]), (&json!("kept"), &json!("nothing_better")));
        let rounds = person.get("/api/v1/dispatch/plan/rounds").await.ok();
        let outcomes: Vec<&Value> = rounds["items"].as_array().unwrap().iter().map(|round| &round["outcome"]).collect();
        assert_eq!(outcomes, [&json!("published")], "{rounds}");
    }

    async fn planned_times_follow_what_really_happens(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        engineer(&server, "E-1").await;
        let ticket = urgent(&person, &lift, |new| new["expected_minutes"] = json!(30)).await;
        assert_eq!(round(&server).await.retimed, 0, "it was planned a moment ago");
        server.clock.set(server.clock.now().plus_minutes(120));
        let made = round(&server).await;
        assert_eq!((made.moved, made.retimed), (0, 1), "{made:?}");
        let planned = person.get(&format!("/api/v1/tickets/{ticket}")).await.ok()["planned_at"].as_i64().unwrap();
        assert!(planned >= server.clock.now().millis(), "nobody can be there in the past");
    }

    async fn a_plan_that_was_overtaken_changes_nothing(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let one = engineer(&server, "E-1").await;
        let tickets = [urgent(&person, &lift, |_| {}).await, urgent(&person, &lift, |_| {}).await];
        let two = engineer(&server, "E-2").await;
        let seen = day(&server).await;
        let cancel = json!({"kind": "cancel", "reason": "it moves again"});
        person.post(&format!("/api/v1/tickets/{}/events", tickets[1]), &cancel).await.ok();
        let refused = publish(&server, &seen, &all_with(&seen, &two)).await.unwrap_err();
        let Error::Problem(problem) = refused else { panic!("{refused}") };
        assert_eq!((problem.code.as_str(), problem.field), ("plan_refused", Some(tickets[1].clone())));
        assert_eq!(holder(&person, &tickets[0]).await, json!(one));
        loads_are_right(&server).await;
        let now = day(&server).await;
        publish(&server, &now, &all_with(&now, &two)).await.unwrap();
        assert_eq!(holder(&person, &tickets[0]).await, json!(two));
        loads_are_right(&server).await;
    }

    async fn a_visit_takes_its_parts_along_or_stays(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let part = van(&server, &one, 1).await;
        server.app.board.catch_up(&server.app.db).await.unwrap();
        let with_part = |new: &mut Value| new["needed_parts"] = json!([{"part_id": part, "quantity": 1}]);
        let ticket = urgent(&person, &lift, with_part).await;
        assert_eq!(holder(&person, &ticket).await, json!(one), "he has the part in his van");
        let seen = day(&server).await;
        let refused = publish(&server, &seen, &all_with(&seen, &two)).await.unwrap_err();
        assert!(refused.to_string().contains("A part would be missing"), "{refused}");
        assert_eq!(holder(&person, &ticket).await, json!(one));
        let held = person.get(&format!("/api/v1/reservations?ticket_id={ticket}&status=held")).await.ok();
        assert_eq!(held["items"][0]["engineer_code"], "E-1", "{held}");
        books_are_right(&server).await;
    }

    async fn a_window_that_has_passed_stops_nobody(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        engineer(&server, "E-1").await;
        let soon = server.clock.now().plus_minutes(60).millis();
        urgent(&person, &lift, |new| (new["latest_at"], new["expected_minutes"]) = (json!(soon), json!(30))).await;
        let other = urgent(&person, &lift, |new| new["expected_minutes"] = json!(30)).await;
        server.clock.set(server.clock.now().plus_minutes(90));
        let made = round(&server).await;
        assert_eq!((made.outcome, made.tickets, made.left_out), (Outcome::Kept, 2, 1), "{made:?}");
        let planned = person.get(&format!("/api/v1/tickets/{other}")).await.ok()["planned_at"].as_i64().unwrap();
        assert!(planned >= server.clock.now().millis(), "the other one is planned on");
    }

    async fn parts_that_somebody_reserved_by_hand_keep_their_ticket_where_it_is(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let one = engineer(&server, "E-1").await;
        let part = van(&server, &one, 2).await;
        server.app.board.catch_up(&server.app.db).await.unwrap();
        for _ in 0..2 {
            let ticket = urgent(&person, &lift, |_| {}).await;
            let wish = json!({"ticket_id": ticket, "part_id": part, "quantity": 1});
            person.post("/api/v1/reservations", &wish).await.ok();
        }
        engineer(&server, "E-2").await;
        let made = round(&server).await;
        assert_eq!((made.outcome, made.moved, made.tickets), (Outcome::Kept, 0, 2), "{made:?}");
        let held = person.get("/api/v1/reservations?status=held").await.ok();
        assert_eq!(held["items"].as_array().unwrap().len(), 2, "{held}");
    }

    async fn what_is_long_overdue_is_still_given_to_somebody(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let ticket = urgent(&person, &lift, |new| new["expected_minutes"] = json!(30)).await;
        server.clock.set(server.clock.now().plus_minutes(10 * 60));
        engineer(&server, "E-1").await;
        let made = round(&server).await;
        assert_eq!(made.left_out, 0, "{made:?}");
        assert_ne!(holder(&person, &ticket).await, Value::Null, "by the planner, or by the queue before it");
    }
}
