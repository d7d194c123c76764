//! Undo and redo: of everything that a dispatcher does, by two of them, with the parts, and where it is too late.

use db::both_backends;
use db::testing::START;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::auth::Role;
use server::schedule::load;

use crate::harness::{Answer, Person, Server};
use crate::inventory::{NOBODY, books_are_right};
use crate::sync::van;
use crate::tickets::{engineer, lift, new_ticket};

/// A ticket in nobody's hands.
pub async fn waiting(server: &Server, person: &Person, change: impl FnOnce(&mut Value)) -> String {
    let mut new = new_ticket(&lift(server).await);
    new["dispatch"] = json!("manual");
    change(&mut new);
    person.post("/api/v1/tickets", &new).await.ok()["id"].as_str().unwrap().to_owned()
}

async fn ticket(person: &Person, id: &str) -> Value {
    person.get(&format!("/api/v1/tickets/{id}")).await.ok()
}

/// Where the ticket stands and who has it.
pub async fn stands(person: &Person, id: &str) -> (String, Option<String>) {
    let ticket = ticket(person, id).await;
    (ticket["status"].as_str().unwrap().to_owned(), ticket["engineer_id"].as_str().map(str::to_owned))
}

fn new() -> (String, Option<String>) {
    ("new".to_owned(), None)
}

fn with(engineer: &str) -> (String, Option<String>) {
    ("assigned".to_owned(), Some(engineer.to_owned()))
}

async fn give(person: &Person, id: &str, to: &str, from: Option<&str>) {
    let wish = json!({"engineer_id": to, "reason": "she knows it", "instead_of": from});
    person.post(&format!("/api/v1/tickets/{id}/assignments"), &wish).await.ok();
}

async fn step(person: &Person, id: &str, kind: &str) -> Answer {
    person.post(&format!("/api/v1/tickets/{id}/events"), &json!({"kind": kind, "reason": "because"})).await
}

async fn edit(person: &Person, id: &str, change: &Value) {
    let path = format!("/api/v1/tickets/{id}");
    let etag = person.get(&path).await.etag.unwrap();
    person.patch(&path, &etag, change).await.ok();
}

pub async fn undo(person: &Person) -> Answer {
    person.post("/api/v1/dispatch/undo", &json!({})).await
}

async fn redo(person: &Person) -> Answer {
    person.post("/api/v1/dispatch/redo", &json!({})).await
}

/// What everybody did, the last first.
async fn done(person: &Person) -> Vec<Value> {
    person.get("/api/v1/dispatch/actions").await.ok()["items"].as_array().unwrap().clone()
}

/// Loads and stock are what tickets, movements and reservations sum to.
pub async fn sums_are_right(server: &Server) {
    assert_eq!(server.app.db.read(load::verify).await.unwrap(), []);
    books_are_right(server).await;
}

/// Where the part lies.
async fn place_of(person: &Person, part: &str) -> Value {
    person.get(&format!("/api/v1/stock?part_id={part}")).await.ok()["items"][0]["location_id"].clone()
}

/// What is held for the ticket: for whom, and how much.
async fn held(person: &Person, id: &str) -> Vec<(Value, Value)> {
    let found = person.get(&format!("/api/v1/reservations?ticket_id={id}&status=held")).await.ok();
    let items = found["items"].as_array().unwrap();
    items.iter().map(|one| (one["engineer_code"].clone(), one["quantity"].clone())).collect()
}

both_backends! {
    async fn an_assignment_is_undone_and_done_again(server: Server) {
        let one = engineer(&server, "E-1").await;
        let person = server.log_in(Role::Dispatcher).await;
        let id = waiting(&server, &person, |_| {}).await;
        assert_eq!(undo(&person).await.code(), "nothing_to_undo");
        give(&person, &id, &one, None).await;
        let undone = undo(&person).await.ok();
        assert_eq!((&undone["kind"], &undone["ticket_id"], &undone["engineer_id"]), (&json!("assign"), &json!(id), &json!(one)));
        assert_eq!(undone["undone_by"], "dispatcher-1");
        assert_eq!(stands(&person, &id).await, new());
        assert_eq!(undo(&person).await.code(), "nothing_to_undo");
        assert_eq!(redo(&person).await.ok()["undone_at"], Value::Null);
        assert_eq!(stands(&person, &id).await, with(&one));
        assert_eq!(redo(&person).await.code(), "nothing_to_redo");
        // The reason for which a rule was overridden is kept, and the planner leaves alone what a person decided.
        let history = person.get(&format!("/api/v1/tickets/{id}/assignments")).await.ok();
        assert_eq!((&history["items"][0]["reason"], &history["items"][0]["assigned_by"]), (&json!("she knows it"), &json!("dispatcher-1")));
        sums_are_right(&server).await;
    }

    async fn steps_are_undone_in_turn_and_what_is_done_next_ends_what_could_be_done_again(server: Server) {
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let person = server.log_in(Role::Dispatcher).await;
        let id = waiting(&server, &person, |_| {}).await;
        give(&person, &id, &one, None).await;
        give(&person, &id, &two, Some(&one)).await;
        undo(&person).await.ok();
        assert_eq!(stands(&person, &id).await, with(&one));
        undo(&person).await.ok();
        assert_eq!(stands(&person, &id).await, new());
        redo(&person).await.ok();
        redo(&person).await.ok();
        assert_eq!(stands(&person, &id).await, with(&two));
        undo(&person).await.ok();
        edit(&person, &id, &json!({"priority": 3})).await;
        assert_eq!(redo(&person).await.code(), "nothing_to_redo");
        sums_are_right(&server).await;
    }

    async fn whoever_gets_it_back_from_the_server_may_be_moved_by_the_server_again(server: Server) {
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let person = server.log_in(Role::Dispatcher).await;
        let ticket = person.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
        let (id, had) = (ticket["id"].as_str().unwrap(), ticket["engineer_id"].as_str().unwrap());
        let other = if had == one { &two } else { &one };
        give(&person, id, other, Some(had)).await;
        undo(&person).await.ok();
        assert_eq!(stands(&person, id).await, with(had));
        let history = person.get(&format!("/api/v1/tickets/{id}/assignments")).await.ok();
        assert_eq!(history["items"][0]["assigned_by"], "dispatch");
        sums_are_right(&server).await;
    }

    async fn taking_back_and_cancelling_are_undone_and_done_again(server: Server) {
        let one = engineer(&server, "E-1").await;
        let person = server.log_in(Role::Dispatcher).await;
        let id = waiting(&server, &person, |_| {}).await;
        give(&person, &id, &one, None).await;
        let due = ticket(&person, &id).await["due_at"].clone();
        for (kind, then) in [("unassign", "new"), ("cancel", "cancelled")] {
            step(&person, &id, kind).await.ok();
            undo(&person).await.ok();
            assert_eq!(stands(&person, &id).await, with(&one), "{kind}");
            assert_eq!(ticket(&person, &id).await["due_at"], due, "{kind}");
            redo(&person).await.ok();
            assert_eq!(stands(&person, &id).await.0, then);
            undo(&person).await.ok();
            assert_eq!(stands(&person, &id).await, with(&one), "{kind}");
            sums_are_right(&server).await;
        }
        let eve = server.log_in_as("eve", Role::Engineer, Some(&one)).await;
        step(&eve, &id, "accept").await.ok();
        assert_eq!(stands(&person, &id).await.0, "accepted", "it is hers like any other");
    }

    async fn an_edit_is_undone_field_by_field_with_its_due_time(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let id = waiting(&server, &person, |_| {}).await;
        let before = ticket(&person, &id).await;
        edit(&person, &id, &json!({"priority": 4, "auto_dispatch": false, "latest_at": before["due_at"]})).await;
        // Another field is nobody's business.
        let other = server.log_in_as("otto", Role::Dispatcher, None).await;
        edit(&other, &id, &json!({"title": "Lift hums"})).await;
        assert_ne!(ticket(&person, &id).await["due_at"], before["due_at"]);
        undo(&person).await.ok();
        let after = ticket(&person, &id).await;
        for field in ["priority", "due_at", "latest_at"] {
            assert_eq!(after[field], before[field], "{field}");
        }
        assert_eq!(after["title"], "Lift hums");
        redo(&person).await.ok();
        edit(&other, &id, &json!({"priority": 2})).await;
        let refused = undo(&person).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "undo_changed"));
        assert_eq!((&refused.body["facts"]["by"], &refused.body["facts"]["ticket_id"]), (&json!("otto"), &json!(id)));
        assert!(refused.body["facts"]["at"].is_i64(), "{}", refused.body);
        assert_eq!(ticket(&person, &id).await["priority"], 2);
        // What changes nothing is no action.
        let count = done(&person).await.len();
        edit(&person, &id, &json!({"priority": 2})).await;
        assert_eq!(done(&person).await.len(), count);
    }

    async fn what_a_phone_has_acted_on_is_not_undone(server: Server) {
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let person = server.log_in(Role::Dispatcher).await;
        let eve = server.log_in_as("eve", Role::Engineer, Some(&one)).await;
        let id = waiting(&server, &person, |_| {}).await;
        give(&person, &id, &one, None).await;
        step(&eve, &id, "accept").await.ok();
        let refused = undo(&person).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "undo_phone_acted"));
        assert_eq!((&refused.body["facts"]["engineer"], &refused.body["facts"]["kind"]), (&json!("E-1"), &json!("accept")));
        assert_eq!(stands(&person, &id).await.0, "accepted");
        // What was done after that can be: she is asked again.
        give(&person, &id, &two, Some(&one)).await;
        undo(&person).await.ok();
        assert_eq!(stands(&person, &id).await, with(&one));
        assert_eq!(undo(&person).await.code(), "undo_phone_acted", "of what was before her answer");
        // Nor is what a phone did after it was undone overwritten by doing it again.
        step(&eve, &id, "travel").await.ok();
        assert_eq!(redo(&person).await.code(), "undo_phone_acted");
        sums_are_right(&server).await;
    }

    async fn who_was_taken_off_the_work_is_asked_again(server: Server) {
        let one = engineer(&server, "E-1").await;
        let person = server.log_in(Role::Dispatcher).await;
        let eve = server.log_in_as("eve", Role::Engineer, Some(&one)).await;
        let id = waiting(&server, &person, |_| {}).await;
        give(&person, &id, &one, None).await;
        for at_it in ["arrive", "start"] {
            step(&eve, &id, at_it).await.ok();
        }
        step(&person, &id, "unassign").await.ok();
        undo(&person).await.ok();
        assert_eq!(stands(&person, &id).await, with(&one));
        sums_are_right(&server).await;
    }

    async fn two_dispatchers_undo_their_own_and_each_others_and_never_overwrite(server: Server) {
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let dora = server.log_in_as("dora", Role::Dispatcher, None).await;
        let otto = server.log_in_as("otto", Role::Dispatcher, None).await;
        let (first, second) = (waiting(&server, &dora, |_| {}).await, waiting(&server, &dora, |_| {}).await);
        give(&dora, &first, &one, None).await;
        give(&otto, &second, &two, None).await;
        // One's own last, whatever others did since.
        assert_eq!(undo(&dora).await.ok()["ticket_id"], json!(first));
        redo(&dora).await.ok();
        // Somebody else's, from the list; he hears of it.
        let actions = done(&dora).await;
        let of: Vec<&Value> = actions.iter().map(|action| &action["login"]).collect();
        assert_eq!(of, [&json!("otto"), &json!("dora")]);
        let named = json!({"action_id": actions[0]["id"]});
        assert_eq!(dora.post("/api/v1/dispatch/undo", &named).await.ok()["undone_by"], "dora");
        assert_eq!(stands(&otto, &second).await, new());
        // What she undid last is done again, whoever had done it.
        assert_eq!(redo(&dora).await.ok()["ticket_id"], json!(second));
        assert_eq!(redo(&dora).await.code(), "nothing_to_redo");
        dora.post("/api/v1/dispatch/undo", &named).await.ok();
        assert_eq!(redo(&otto).await.code(), "nothing_to_redo", "nor does he what he has not undone");
        let again = otto.post("/api/v1/dispatch/undo", &named).await;
        assert_eq!((again.code(), &again.body["facts"]["by"]), ("already_undone", &json!("dora")));
        assert_eq!(undo(&otto).await.code(), "nothing_to_undo");
        // There and back again is not as it was left: somebody has decided since.
        give(&otto, &first, &two, Some(&one)).await;
        give(&otto, &first, &one, Some(&two)).await;
        let refused = undo(&dora).await;
        assert_eq!((refused.code(), &refused.body["facts"]["by"]), ("undo_changed", &json!("otto")));
        assert_eq!(stands(&dora, &first).await, with(&one));
        sums_are_right(&server).await;
    }

    async fn who_may_not_do_it_any_more_gets_nothing_back(server: Server) {
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let person = server.log_in(Role::Dispatcher).await;
        let (lift, ill) = (waiting(&server, &person, |_| {}).await, waiting(&server, &person, |_| {}).await);
        for (id, to, from) in [(&lift, &one, None), (&lift, &two, Some(&one)), (&ill, &two, None)] {
            let wish = json!({"engineer_id": to, "instead_of": from});
            person.post(&format!("/api/v1/tickets/{id}/assignments"), &wish).await.ok();
        }
        step(&person, &ill, "unassign").await.ok();
        let absence = json!({"starts_at": START.millis(), "ends_at": START.plus_minutes(2_000).millis(), "reason": "flu"});
        person.post(&format!("/api/v1/engineers/{two}/absences"), &absence).await.ok();
        let refused = undo(&person).await;
        assert_eq!((refused.code(), &refused.body["facts"]["ticket_id"]), ("excluded.absent", &json!(ill)));
        assert_eq!(stands(&person, &ill).await, new());
        let his = person.get(&format!("/api/v1/engineers/{one}")).await.ok()["certificates"][0]["id"].clone();
        person.delete(&format!("/api/v1/certificates/{}", his.as_str().unwrap())).await;
        let of_lift = json!({"ticket_id": lift});
        let refused = person.post("/api/v1/dispatch/undo", &of_lift).await;
        assert_eq!((refused.code(), &refused.body["facts"]["ticket_number"].is_i64()), ("excluded.skill_missing", &true));
        assert_eq!(stands(&person, &lift).await, with(&two));
        // For whom a rule was overridden, it still is.
        step(&person, &lift, "unassign").await.ok();
        give(&person, &lift, &one, None).await;
        step(&person, &lift, "unassign").await.ok();
        undo(&person).await.ok();
        assert_eq!(stands(&person, &lift).await, with(&one));
        sums_are_right(&server).await;
    }

    async fn parts_go_back_where_they_were_promised(server: Server) {
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let person = server.log_in(Role::Dispatcher).await;
        let part = van(&server, &one, 2).await;
        server.app.board.catch_up(&server.app.db).await.unwrap();
        let needing = |new: &mut Value| new["needed_parts"] = json!([{"part_id": part, "quantity": 1}]);
        let id = waiting(&server, &person, needing).await;
        give(&person, &id, &one, None).await;
        let with_one = vec![(json!("E-1"), json!(1))];
        assert_eq!(held(&person, &id).await, with_one);
        undo(&person).await.ok();
        assert_eq!(held(&person, &id).await, []);
        sums_are_right(&server).await;
        redo(&person).await.ok();
        assert_eq!(held(&person, &id).await, with_one);
        give(&person, &id, &two, Some(&one)).await;
        undo(&person).await.ok();
        assert_eq!((held(&person, &id).await, stands(&person, &id).await), (with_one, with(&one)));
        // What somebody reserved by hand before anybody had the ticket is there again when nobody has it.
        let by_hand = waiting(&server, &person, |_| {}).await;
        let wish = json!({"ticket_id": by_hand, "part_id": part, "quantity": 1, "location_id": place_of(&person, &part).await});
        person.post("/api/v1/reservations", &wish).await.ok();
        give(&person, &by_hand, &two, None).await;
        undo(&person).await.ok();
        assert_eq!(held(&person, &by_hand).await, [(Value::Null, json!(1))]);
        sums_are_right(&server).await;
    }

    async fn parts_that_went_elsewhere_keep_it_from_being_undone(server: Server) {
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let person = server.log_in(Role::Dispatcher).await;
        let part = van(&server, &one, 1).await;
        server.app.board.catch_up(&server.app.db).await.unwrap();
        let needing = |new: &mut Value| new["needed_parts"] = json!([{"part_id": part, "quantity": 1}]);
        let id = waiting(&server, &person, needing).await;
        give(&person, &id, &one, None).await;
        step(&person, &id, "unassign").await.ok();
        let greedy = waiting(&server, &person, |_| {}).await;
        let wish = json!({"ticket_id": greedy, "part_id": part, "quantity": 1, "location_id": place_of(&person, &part).await});
        let taken = person.post("/api/v1/reservations", &wish).await.ok();
        let refused = undo(&person).await;
        assert_eq!((refused.code(), &refused.body["facts"]["ticket_id"]), ("undo_parts_moved", &json!(id)));
        assert_eq!(stands(&person, &id).await, new());
        sums_are_right(&server).await;
        let reservation = taken["items"][0]["id"].as_str().unwrap();
        person.post(&format!("/api/v1/reservations/{reservation}/release"), &json!({})).await.ok();
        undo(&person).await.ok();
        // Once they are handed over they are with him, and nobody else gets the ticket by undoing.
        give(&person, &id, &two, Some(&one)).await;
        undo(&person).await.ok();
        let mine = person.get(&format!("/api/v1/reservations?ticket_id={id}&status=held")).await.ok();
        let reservation = mine["items"][0]["id"].as_str().unwrap();
        let keeper = server.log_in(Role::Warehouse).await;
        keeper.post(&format!("/api/v1/reservations/{reservation}/issue"), &json!({})).await.ok();
        assert_eq!(redo(&person).await.code(), "undo_parts_moved");
        sums_are_right(&server).await;
    }

    async fn what_was_done_yesterday_stays_done(server: Server) {
        let one = engineer(&server, "E-1").await;
        let person = server.log_in(Role::Dispatcher).await;
        let id = waiting(&server, &person, |_| {}).await;
        give(&person, &id, &one, None).await;
        let action = done(&person).await[0]["id"].clone();
        server.clock.set(server.clock.now().plus_minutes(24 * 60 + 1));
        assert_eq!(undo(&person).await.code(), "undo_too_late");
        server::housekeeping::once(&server.app).await.unwrap();
        let named = json!({"action_id": action});
        assert_eq!(person.post("/api/v1/dispatch/undo", &named).await.code(), "undo_too_late");
        assert_eq!(done(&person).await, Vec::<Value>::new());
        let nothing = json!({"action_id": NOBODY});
        assert_eq!(person.post("/api/v1/dispatch/undo", &nothing).await.status, StatusCode::NOT_FOUND);
    }
}
