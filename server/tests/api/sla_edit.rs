//! Promises edited over the API: what is refused and why, and that every open ticket follows at once.

use db::both_backends;
use db::testing::START;
use reqwest::Method;
use serde_json::{Value, json};
use server::auth::Role;
use server::sla::sweep;

use crate::harness::{Answer, Person, Server, send};
use crate::sla::Scene;
use crate::tickets::{lift, new_ticket};

const POLICIES: &str = "/api/v1/sla/policies";
const CALENDARS: &str = "/api/v1/sla/calendars";
const CONTRACTS: &str = "/api/v1/sla/contracts";
const SETTINGS: &str = "/api/v1/sla/settings";

async fn put(person: &Person, path: &str, etag: &str, body: &Value) -> Answer {
    send(person.request(Method::PUT, path).header("if-match", etag).json(body)).await
}

async fn changed(person: &Person, path: &str, body: &Value) -> Answer {
    let etag = person.get(path).await.etag.unwrap();
    put(person, path, &etag, body).await
}

fn minutes(amount: u32) -> Value {
    json!({"amount": amount, "unit": "minutes"})
}

/// All tickets are to be solved within so many minutes; waiting stops the clock.
fn all_within(amount: u32) -> Value {
    let rows = json!([{"name": "All", "resolution": minutes(amount)}]);
    json!({"name": "Of one's own", "rows": rows, "pauses": [{"state": "waiting", "targets": ["resolution"]}]})
}

fn due(ticket: &Value) -> i64 {
    (ticket["due_at"].as_i64().unwrap() - ticket["created_at"].as_i64().unwrap()) / 60_000
}

async fn ticket(person: &Person, id: &str) -> Value {
    person.get(&format!("/api/v1/tickets/{id}")).await.ok()
}

both_backends! {
    async fn what_comes_with_the_program_is_there_and_is_changed_from_the_version_that_was_seen(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let ids = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(&admin.get(POLICIES).await.ok()).len(), 5);
        assert_eq!(ids(&admin.get(CALENDARS).await.ok()), ["china", "new-york", "round-the-clock"]);
        let path = format!("{POLICIES}/four-levels");
        let first = admin.get(&path).await.etag.unwrap();
        let second = put(&admin, &path, &first, &json!({"body": all_within(30)})).await;
        assert_eq!(second.clone().ok()["version"], 2);
        assert_eq!(put(&admin, &path, &first, &json!({"body": all_within(40)})).await.status, 412);
        assert_eq!(put(&admin, &path, &second.etag.unwrap(), &json!({"body": all_within(40)})).await.ok()["version"], 3);
        assert_eq!(admin.delete(&path).await.status, 204);
        let again = admin.get(&path).await.ok();
        assert_eq!((&again["version"], &again["body"]["name"]), (&json!(1), &json!("Four levels")));
    }

    async fn what_makes_no_sense_is_refused_by_field(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let row = |more: Value| {
            let mut row = json!({"name": "R", "resolution": minutes(5)});
            row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"id": "mine", "body": {"name": "Mine", "rows": [row]}})
        };
        for (new, field) in [
            (row(json!({"resolution": minutes(0)})), "body.rows[0].resolution.amount"),
            (row(json!({"response": minutes(6)})), "body.rows[0].response"),
            (row(json!({"name": " "})), "body.rows[0].name"),
            (row(json!({"resolutoin": minutes(6)})), "body.rows[0].resolutoin"),
            (row(json!({"resolution": {"amount": 1, "unit": "moons"}})), "body.rows[0].resolution.unit"),
            (json!({"id": "Mine!", "body": all_within(5)}), "id"),
            (json!({"id": "four-levels", "body": all_within(5)}), "id"),
            (json!({"id": "mine", "body": {"name": "Mine", "rows": []}}), "body.rows"),
        ] {
            let refused = admin.post(POLICIES, &new).await;
            assert_eq!((refused.status.as_u16(), refused.field()), (422, field), "{new}");
        }
        let never = json!({"id": "mine", "body": {"name": "Mine", "rows": [
            {"name": "All", "resolution": minutes(5)}, {"name": "Urgent", "when": {"priority": ["1"]}, "resolution": minutes(1)}]}});
        assert_eq!(admin.post(POLICIES, &never).await.field(), "body.rows[1].when");
        let calendar = |more: Value| {
            let mut body = json!({"name": "C", "time_zone": "Europe/Berlin", "years": [2026], "week": {"monday": ["09:00-17:00"]}});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"id": "mine", "body": body})
        };
        for (more, field) in [
            (json!({"time_zone": "Europe/Nowhere"}), "body.time_zone"),
            (json!({"week": {"monday": ["09:00-17:00", "16:00-18:00"]}}), "body.week.monday[1]"),
            (json!({"days": [{"date": "2031-01-01", "kind": "holiday"}]}), "body.days[0].date"),
            (json!({"week": {}}), "body.week"),
        ] {
            let refused = admin.post(CALENDARS, &calendar(more.clone())).await;
            assert_eq!((refused.status.as_u16(), refused.field()), (422, field), "{more}");
        }
        assert_eq!(admin.post(CALENDARS, &calendar(json!({}))).await.status, 201);
    }

    async fn only_administrators_edit_and_dispatchers_read(server: Server) {
        let office = server.log_in(Role::Dispatcher).await;
        office.get(POLICIES).await.ok();
        let refused = office.post(POLICIES, &json!({"id": "mine", "body": all_within(5)})).await;
        assert_eq!(refused.status, 403);
    }

    async fn an_open_ticket_follows_a_changed_policy_with_all_its_pauses(server: Server) {
        let scene = Scene::of(&server, 1).await;
        scene.does(&server, 10, "start", "").await;
        scene.does(&server, 20, "pause", "part").await;
        scene.does(&server, 50, "resume", "").await;
        let done = scene.office.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
        let cancel = json!({"kind": "cancel", "reason": "x"});
        let done = done["id"].as_str().unwrap();
        scene.office.post(&format!("/api/v1/tickets/{done}/events"), &cancel).await.ok();
        let admin = server.log_in(Role::Admin).await;
        changed(&admin, &format!("{POLICIES}/four-levels"), &json!({"body": all_within(300)})).await.ok();
        let swept = sweep::if_due(&server.app).await.unwrap().unwrap();
        assert_eq!((swept.tickets, swept.changed), (1, 1), "{swept:?}");
        let open = ticket(&admin, &scene.id).await;
        assert_eq!((due(&open), &open["sla"]["policy_version"]), (330, &json!(2)));
        assert_eq!(due(&ticket(&admin, done).await), 120, "what is over stays as it was");
        assert_eq!(sweep::if_due(&server.app).await.unwrap(), None, "once is enough");
        let said = scene.office.get(&format!("/api/v1/tickets/{}/sla", scene.id)).await.ok();
        let said = said["resolution"]["derivation"]["en"].as_str().unwrap();
        assert!(said.contains("policy Of one's own v2 since") && said.contains("paused 30 min"), "{said}");
    }

    async fn a_contract_that_begins_ends_or_goes_moves_the_customers_tickets(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let opened = admin.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
        let id = opened["id"].as_str().unwrap();
        admin.post(POLICIES, &json!({"id": "gold", "body": all_within(45)})).await.ok();
        let contract = |more: Value| {
            let mut new = json!({"number": "C-1", "customer_id": opened["customer_id"], "site_id": null, "policy_id": "gold",
                "valid_from": START.plus_minutes(-60).millis(), "valid_until": null, "calendar_id": null});
            new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            new
        };
        for (more, field) in [
            (json!({"policy_id": "platinum"}), "policy_id"),
            (json!({"calendar_id": "moon"}), "calendar_id"),
            (json!({"customer_id": opened["site_id"]}), "customer_id"),
            (json!({"site_id": opened["customer_id"]}), "site_id"),
            (json!({"valid_until": START.plus_minutes(-61).millis()}), "valid_until"),
            (json!({"number": ""}), "number"),
        ] {
            assert_eq!(admin.post(CONTRACTS, &contract(more.clone())).await.field(), field, "{more}");
        }
        let made = admin.post(CONTRACTS, &contract(json!({}))).await;
        let path = format!("{CONTRACTS}/{}", made.clone().ok()["id"].as_str().unwrap());
        assert_eq!(admin.post(CONTRACTS, &contract(json!({}))).await.field(), "number");
        let counted = async || {
            sweep::if_due(&server.app).await.unwrap();
            due(&ticket(&admin, id).await)
        };
        assert_eq!(counted().await, 45);
        assert_eq!(admin.delete(&format!("{POLICIES}/gold")).await.code(), "sla_in_use");
        changed(&admin, &path, &contract(json!({"valid_until": START.millis()}))).await.ok();
        assert_eq!(counted().await, 120, "it ended before the ticket was opened");
        changed(&admin, &path, &contract(json!({}))).await.ok();
        assert_eq!(counted().await, 45);
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(counted().await, 120);
        assert_eq!(admin.delete(&format!("{POLICIES}/gold")).await.status, 204);
    }

    async fn the_settings_name_what_holds_for_everybody_else(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let id = admin.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok()["id"].as_str().unwrap().to_owned();
        let mut wanted = admin.get(SETTINGS).await.ok()["body"].clone();
        wanted["calendar_id"] = json!("moon");
        assert_eq!(changed(&admin, SETTINGS, &wanted).await.field(), "calendar_id");
        wanted["calendar_id"] = json!("china");
        wanted["policy_id"] = json!("four-hour-response");
        changed(&admin, SETTINGS, &wanted).await.ok();
        sweep::if_due(&server.app).await.unwrap();
        let open = ticket(&admin, &id).await;
        assert_eq!((&open["sla"]["state"], &open["sla"]["calendar_id"]), (&json!("none"), &json!("china")));
    }

    async fn a_table_can_be_tried_on_open_tickets_before_it_is_saved(server: Server) {
        let office = server.log_in(Role::Dispatcher).await;
        let lift = lift(&server).await;
        for _ in 0..3 {
            office.post("/api/v1/tickets", &new_ticket(&lift)).await.ok();
        }
        server.clock.set(START.plus_minutes(60));
        let trial = json!({"policy_id": "four-levels", "body": all_within(30)});
        let told = office.post("/api/v1/sla/preview", &trial).await.ok();
        let counts = ["tickets", "changed", "late_before", "late_after"].map(|name| told[name].as_i64().unwrap());
        assert_eq!(counts, [3, 3, 0, 3]);
        let one = &told["items"][0];
        assert_eq!(one["before"]["due_at"].as_i64().unwrap() - one["after"]["due_at"].as_i64().unwrap(), 90 * 60_000);
        let bad = json!({"policy_id": "four-levels", "body": all_within(0)});
        assert_eq!(office.post("/api/v1/sla/preview", &bad).await.field(), "body.rows[0].resolution.amount");
        let present = office.get(&format!("{POLICIES}/four-levels")).await.ok();
        assert_eq!(present["version"], 1, "nothing was saved");
    }

    async fn what_is_counted_in_many_pages_is_counted_whole(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let lift = lift(&server).await;
        for _ in 0..5 {
            let mut new = new_ticket(&lift);
            new["dispatch"] = json!("manual");
            admin.post("/api/v1/tickets", &new).await.ok();
        }
        changed(&admin, &format!("{POLICIES}/four-levels"), &json!({"body": all_within(33)})).await.ok();
        let swept = sweep::in_pages(&server.app, 2).await.unwrap();
        assert_eq!((swept.tickets, swept.changed), (5, 5));
        let tickets = admin.get("/api/v1/tickets").await.ok();
        assert!(tickets["items"].as_array().unwrap().iter().all(|ticket| due(ticket) == 33));
    }
}
