//! Policies: who may change them, what they change, and what a route has to do with it.

use db::both_backends;
use reqwest::Method;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};
use crate::phone::{Phone, new_id};
use crate::tickets::{engineer, known_to_dispatch, lift, new_ticket};

const PATH: &str = "/api/v1/dispatch/policies";

async fn put(person: &Person, etag: &str, policies: &Value) -> Answer {
    send(person.request(Method::PUT, PATH).header("if-match", etag).json(policies)).await
}

/// Puts policies in force, and waits until dispatch knows them.
async fn in_force(server: &Server, policies: &Value) -> Value {
    let admin = server.log_in(Role::Admin).await;
    let present = admin.get(PATH).await;
    let made = put(&admin, present.etag.as_ref().unwrap(), policies).await;
    let seq = made.etag.as_ref().unwrap().trim_matches('"').parse().unwrap();
    let made = made.ok();
    known_to_dispatch(server, seq).await;
    made
}

/// Another ticket on the same lift.
async fn ticket(person: &Person, lift: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut new = new_ticket(lift);
    change(&mut new);
    person.post("/api/v1/tickets", &new).await.ok()
}

async fn recommendation(person: &Person, ticket: &Value) -> Value {
    person.get(&format!("/api/v1/tickets/{}/recommendation", ticket["id"].as_str().unwrap())).await.ok()
}

both_backends! {
    async fn policies_are_changed_from_the_version_that_was_seen(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let first = admin.get(PATH).await;
        let etag = first.etag.clone().unwrap();
        let first = first.ok();
        assert_eq!((&first["version"], &first["body"]["general"]["travel_weight"]), (&json!(1), &json!(1.0)));
        let wanted = json!({"general": {"load_weight": 0.5, "version": 77}});
        let second = put(&admin, &etag, &wanted).await.ok();
        assert_eq!((&second["version"], &second["body"]["general"]["version"]), (&json!(2), &json!(2)));
        assert_eq!(second["body"]["general"]["load_weight"], 0.5);
        assert_eq!(second["body"]["general"]["travel_weight"], 1.0, "what is left out takes its default");
        assert_eq!(put(&admin, &etag, &wanted).await.status, 412);
        let present = admin.get(PATH).await;
        let third = put(&admin, present.etag.as_ref().unwrap(), &json!({})).await.ok();
        assert_eq!((&third["version"], &third["body"]["general"]["load_weight"]), (&json!(3), &json!(0.1)));
    }

    async fn each_version_says_who_put_it_in_force_and_when(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        assert_eq!(admin.get(&format!("{PATH}/versions")).await.ok()["items"], json!([]));
        let me = admin.get("/api/v1/session").await.ok()["user"]["id"].clone();
        let mut put_at = Vec::new();
        for load_weight in [0.5, 0.75, 0.25] {
            let etag = admin.get(PATH).await.etag.unwrap();
            server.clock.set(server.clock.now().plus_minutes(10));
            put_at.push(server.clock.now().millis());
            put(&admin, &etag, &json!({"general": {"load_weight": load_weight}})).await.ok();
        }
        let first = admin.get(&format!("{PATH}/versions?limit=2")).await.ok();
        let told = |version: &Value| {
            (version["version"].as_i64().unwrap(), version["policies"]["general"]["load_weight"].as_f64().unwrap())
        };
        let items = first["items"].as_array().unwrap();
        assert_eq!(items.iter().map(told).collect::<Vec<_>>(), [(4, 0.25), (3, 0.75)]);
        assert!(items.iter().all(|version| version["actor_id"] == me && version["actor"].is_string()), "{items:?}");
        assert!(items[0]["at"].as_i64().unwrap() >= put_at[2] && items[1]["at"].as_i64().unwrap() < put_at[2]);
        let next = first["next"].as_str().unwrap();
        let rest = admin.get(&format!("{PATH}/versions?limit=2&after={next}")).await.ok();
        assert_eq!(rest["items"].as_array().unwrap().iter().map(told).collect::<Vec<_>>(), [(2, 0.5)]);
        assert_eq!(rest["next"], Value::Null);
    }

    async fn policies_that_make_no_sense_are_refused_by_field(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let etag = admin.get(PATH).await.etag.unwrap();
        for (policies, field) in [
            (json!({"general": {"travel_weight": -1.0}}), "general.travel_weight"),
            (json!({"by_kind": {"repair": {"shortlist_size": 0}}}), "by_kind.repair.shortlist_size"),
            (json!({"general": {"laod_weight": 1}}), "general.laod_weight"),
            (json!({"by_kind": {"": {}}}), "by_kind."),
        ] {
            let refused = put(&admin, &etag, &policies).await;
            assert_eq!((refused.status.as_u16(), refused.field()), (422, field), "{policies}");
        }
        let unknown = put(&admin, &etag, &json!({"general": {"strategy": {"kind": "cheapest"}}})).await;
        assert_eq!(unknown.status, 422);
        assert_eq!(admin.get(PATH).await.ok()["version"], 1);
    }

    async fn a_policy_decides_the_next_ticket_of_its_kind(server: Server) {
        engineer(&server, "E-1").await;
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let near = json!({"max_distance_m": 1.0});
        in_force(&server, &json!({"by_kind": {"inspection": near}})).await;
        let repair = ticket(&person, &lift, |_| {}).await;
        assert_eq!(repair["status"], "assigned");
        let inspection = ticket(&person, &lift, |new| new["kind"] = json!("inspection")).await;
        assert_eq!(inspection["status"], "new");
        assert_eq!(inspection["queue_reasons"], json!([{"rule": "too_far", "count": 1}]));
        assert_eq!(recommendation(&person, &inspection).await["policy_version"], 2);
    }

    async fn what_is_offered_to_all_waits_for_somebody_who_claims_it(server: Server) {
        let id = engineer(&server, "E-1").await;
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        in_force(&server, &json!({"by_kind": {"repair": {"strategy": {"kind": "claim"}}}})).await;
        let offered = ticket(&person, &lift, |_| {}).await;
        assert_eq!((&offered["status"], &offered["queue_reasons"]), (&json!("new"), &json!([])));
        assert_eq!(recommendation(&person, &offered).await["ranked"][0]["engineer_id"], json!(id));
        let eve = server.log_in_as("eve", Role::Engineer, Some(&id)).await;
        let phone = Phone::enrolled(&eve, &new_id()).await;
        let offers = phone.get("/offers").await.ok();
        assert_eq!(offers["items"].as_array().unwrap().len(), 1, "{offers}");
        assert_eq!((&offers["items"][0]["id"], &offers["items"][0]["number"]), (&offered["id"], &offered["number"]));
        let path = format!("/api/v1/tickets/{}/events", offered["id"].as_str().unwrap());
        let claimed = eve.post(&path, &json!({"kind": "claim"})).await.ok();
        assert_eq!((&claimed["status"], &claimed["engineer_id"]), (&json!("accepted"), &json!(id)));
        assert_eq!(phone.get("/offers").await.ok()["items"], json!([]));
    }

    async fn what_is_offered_is_claimed_by_a_phone_that_holds_no_row_of_it_and_by_one_alone(server: Server) {
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        in_force(&server, &json!({"by_kind": {"repair": {"strategy": {"kind": "claim"}}}})).await;
        let offered = ticket(&person, &lift, |_| {}).await;
        let mut results = Vec::new();
        for engineer in [&one, &two] {
            let mut phone = Phone::new(&server, engineer).await;
            results.push(phone.act(offered["id"].as_str().unwrap(), "claim").await);
        }
        assert_eq!(results[0]["result"], "applied", "{results:?}");
        assert_eq!((&results[1]["result"], &results[1]["why"]), (&json!("conflict"), &json!("already_taken")));
        let now = person.get(&format!("/api/v1/tickets/{}", offered["id"].as_str().unwrap())).await.ok();
        assert_eq!((&now["status"], &now["engineer_id"]), (&json!("accepted"), &json!(one)));
    }

    async fn taking_turns_goes_by_the_last_assignment(server: Server) {
        let (one, two) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        in_force(&server, &json!({"general": {"strategy": {"kind": "round_robin"}}})).await;
        let mut takers = Vec::new();
        for _ in 0..4 {
            let made = ticket(&person, &lift, |_| {}).await;
            takers.push(made["engineer_id"].as_str().unwrap().to_owned());
            server.clock.set(server.clock.now().plus_minutes(1));
        }
        assert_eq!(takers[0], takers[2]);
        assert_eq!(takers[1], takers[3]);
        let mut both = takers[..2].to_vec();
        both.sort();
        let mut expected = vec![one, two];
        expected.sort();
        assert_eq!(both, expected);
    }

    async fn an_urgent_ticket_is_expected_before_those_that_can_wait(server: Server) {
        engineer(&server, "E-1").await;
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let calm = ticket(&person, &lift, |new| new["priority"] = json!(4)).await;
        assert_eq!(calm["status"], "assigned");
        let board = &server.app.board;
        board.catch_up(&server.app.db).await.unwrap();
        let urgent = ticket(&person, &lift, |new| {
            new["priority"] = json!(1);
            new["expected_minutes"] = json!(240);
        })
        .await;
        let at = |ticket: &Value| ticket["planned_at"].as_i64().unwrap();
        let minutes = (at(&urgent) - at(&calm)) / 60_000;
        assert!(minutes < 60, "{minutes} minutes after a repair of an hour that could wait");
    }

    async fn whoever_knows_the_lift_is_preferred(server: Server) {
        let id = engineer(&server, "E-1").await;
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let first = ticket(&person, &lift, |_| {}).await;
        let eve = server.log_in_as("eve", Role::Engineer, Some(&id)).await;
        let path = format!("/api/v1/tickets/{}/events", first["id"].as_str().unwrap());
        for kind in ["accept", "travel", "arrive", "start", "complete"] {
            eve.post(&path, &json!({"kind": kind})).await.ok();
        }
        let second = ticket(&person, &lift, |new| new["dispatch"] = json!("manual")).await;
        server.app.board.catch_up(&server.app.db).await.unwrap();
        let answer = recommendation(&person, &second).await;
        let terms = answer["ranked"][0]["terms"].as_array().unwrap();
        let continuity = terms.iter().find(|term| term["term"] == "continuity");
        assert!(continuity.is_some_and(|term| term["minutes"].as_f64() < Some(0.0)), "{answer}");
    }
}
