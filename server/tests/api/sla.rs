//! The clock of a ticket: by which promise it is due, what stops it, and that nothing is ever forgotten.

use ::sla::{CalendarSpec, Table};
use db::testing::START;
use db::types::{Id, Json};
use db::{Actor, Timestamp, Tx, both_backends};
use serde_json::{Value, json};
use server::auth::Role;
use server::error::Error;
use server::sla::store::{self, Contract, PolicyTable, Settings, WorkCalendar};

use crate::harness::{Person, Server};
use crate::phone::Phone;
use crate::tickets::{engineer, known_to_dispatch, lift, new_ticket};

/// A dispatcher, the engineer who has the ticket, and the ticket.
pub struct Scene {
    pub office: Person,
    pub engineer: Person,
    pub id: String,
}

impl Scene {
    /// A ticket of this priority that E-1 has.
    pub async fn of(server: &Server, priority: i32) -> Self {
        let engineer_id = engineer(server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(server).await);
        new["priority"] = json!(priority);
        let ticket = office.post("/api/v1/tickets", &new).await.ok();
        assert_eq!(ticket["engineer_id"], engineer_id.as_str());
        let engineer = server.log_in_as("e-1", Role::Engineer, Some(&engineer_id)).await;
        Self { office, engineer, id: ticket["id"].as_str().unwrap().to_owned() }
    }

    /// The engineer does this, so many minutes after the opening.
    pub async fn does(&self, server: &Server, minute: i64, kind: &str, reason: &str) -> Value {
        by(&self.engineer, server, &self.id, minute, kind, reason).await
    }

    async fn ticket(&self) -> Value {
        self.office.get(&format!("/api/v1/tickets/{}", self.id)).await.ok()
    }

    async fn clock(&self) -> Value {
        self.office.get(&format!("/api/v1/tickets/{}/sla", self.id)).await.ok()
    }

    /// The office changes the ticket.
    pub async fn patched(&self, patch: &Value) -> Value {
        let path = format!("/api/v1/tickets/{}", self.id);
        let etag = self.office.get(&path).await.etag.unwrap();
        self.office.patch(&path, &etag, patch).await.ok()
    }
}

async fn by(who: &Person, server: &Server, id: &str, minute: i64, kind: &str, reason: &str) -> Value {
    server.clock.set(START.plus_minutes(minute));
    let event = json!({"kind": kind, "reason": reason});
    who.post(&format!("/api/v1/tickets/{id}/events"), &event).await.ok()
}

/// Minutes after the opening at which it is due.
fn due(ticket: &Value) -> f64 {
    minutes(ticket, &ticket["due_at"])
}

fn minutes(ticket: &Value, at: &Value) -> f64 {
    (at.as_i64().unwrap() - ticket["created_at"].as_i64().unwrap()) as f64 / 60_000.0
}

/// Puts promises in force, and waits until they are known.
async fn promised(server: &Server, write: impl Fn(&mut Tx<'_>) -> Result<(), Error> + Send + 'static) {
    let ((), numbers) =
        server.app.db.write_numbered(Actor::system("test"), move |tx| write(tx)).await.unwrap();
    known_to_dispatch(server, numbers.last().unwrap()).await;
}

pub fn table(id: &str, rows: Value) -> PolicyTable {
    let body = json!({"name": id, "rows": rows, "pauses": [{"state": "waiting", "targets": ["resolution"]}]});
    PolicyTable { id: id.to_owned(), version: 2, body: Json(serde_json::from_value::<Table>(body).unwrap()) }
}

fn office_hours(id: &str, years: &[i16]) -> WorkCalendar {
    let day = json!(["09:00-17:00"]);
    let body = json!({"name": id, "time_zone": "America/New_York", "years": years,
        "week": {"monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day}});
    let body = Json(serde_json::from_value::<CalendarSpec>(body).unwrap());
    WorkCalendar { id: id.to_owned(), version: 2, in_site_zone: false, body }
}

both_backends! {
    async fn without_any_policy_of_ones_own_the_four_levels_hold_round_the_clock(server: Server) {
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        // A business day is the same time of day on the next one, and one of these seven has 23 hours in New York.
        for (priority, response, resolution) in
            [(1, 15.0, 120.0), (2, 60.0, 480.0), (3, 240.0, 3.0 * 1440.0), (4, 1440.0, 7.0 * 1440.0 - 60.0)]
        {
            let mut new = new_ticket(&lift);
            new["priority"] = json!(priority);
            let ticket = office.post("/api/v1/tickets", &new).await.ok();
            assert_eq!(due(&ticket), resolution, "{priority}");
            let sla = &ticket["sla"];
            assert_eq!(minutes(&ticket, &sla["response_due_at"]), response, "{priority}");
            assert_eq!((&sla["state"], &sla["policy_id"]), (&json!("due"), &json!("four-levels")));
        }
    }

    async fn a_pause_stops_the_clock_and_a_new_priority_forgets_none(server: Server) {
        let scene = Scene::of(&server, 1).await;
        scene.does(&server, 10, "accept", "").await;
        scene.does(&server, 20, "start", "").await;
        let paused = scene.does(&server, 30, "pause", "Waiting for a part: 4711").await;
        assert_eq!(paused["sla"]["state"], "paused");
        assert_eq!(minutes(&paused, &paused["sla"]["paused_since"]), 30.0);
        assert_eq!(paused["sla"]["left"], 90 * 60_000);
        assert_eq!(due(&paused), 120.0, "if it had gone on at once");
        assert_eq!(minutes(&paused, &paused["sla"]["responded_at"]), 10.0);
        let resumed = scene.does(&server, 90, "resume", "").await;
        assert_eq!((due(&resumed), &resumed["sla"]["state"]), (180.0, &json!("due")));
        assert_eq!(resumed["sla"].get("paused_since"), None);
        let high = scene.patched(&json!({"priority": 2})).await;
        assert_eq!(due(&high), 480.0 + 60.0);
        let clock = scene.clock().await;
        let said = clock["resolution"]["derivation"]["en"].as_str().unwrap();
        for part in ["8 hours", "paused 1 h", "waiting for part 4711", "priority 2 since"] {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
        assert!(clock["resolution"]["derivation"]["zh"].as_str().unwrap().contains("4711"));
        let pause = &clock["resolution"]["pauses"][0];
        assert_eq!((&pause["reason"], &pause["note"], &pause["counted_ms"]), (&json!("part"), &json!("4711"), &json!(3_600_000)));
        assert_eq!(clock["resolution"]["due_at"], high["due_at"]);
    }

    async fn a_second_engineer_gets_a_ticket_that_waits_and_its_clock_goes_on(server: Server) {
        let scene = Scene::of(&server, 1).await;
        scene.does(&server, 10, "start", "").await;
        scene.does(&server, 20, "pause", "third_party").await;
        let second = engineer(&server, "E-2").await;
        server.clock.set(START.plus_minutes(50));
        let has = scene.ticket().await["engineer_id"].clone();
        let to = json!({"engineer_id": second, "instead_of": has, "reason": "he is near"});
        scene.office.post(&format!("/api/v1/tickets/{}/assignments", scene.id), &to).await.ok();
        let ticket = scene.ticket().await;
        assert_eq!((ticket["status"].as_str(), due(&ticket)), (Some("assigned"), 150.0));
        let second = server.log_in_as("e-2", Role::Engineer, Some(&second)).await;
        let accepted = by(&second, &server, &scene.id, 60, "accept", "").await;
        assert_eq!(due(&accepted), 150.0, "and it is the same when it is counted again");
    }

    async fn what_was_taken_for_solved_and_was_not_stood_meanwhile(server: Server) {
        let scene = Scene::of(&server, 1).await;
        scene.does(&server, 60, "complete", "").await;
        let reopened = by(&scene.office, &server, &scene.id, 100, "reopen", "it stands again").await;
        assert_eq!(due(&reopened), 160.0);
        assert_eq!(scene.clock().await["resolution"]["met_at"], Value::Null);
        let done = scene.does(&server, 130, "complete", "").await;
        assert_eq!(due(&done), 160.0);
        let clock = scene.clock().await;
        assert_eq!((&clock["resolution"]["in_time"], &clock["response"]["in_time"]), (&json!(true), &json!(false)));
    }

    async fn work_without_a_network_counts_with_the_time_of_the_phone(server: Server) {
        let engineer_id = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let ticket = office.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
        let id = ticket["id"].as_str().unwrap();
        let mut phone = Phone::new(&server, &engineer_id).await;
        server.clock.set(START.plus_minutes(10));
        phone.act(id, "accept").await;
        // In the cellar: a pause of half an hour, of which the server hears an hour later.
        server.clock.set(START.plus_minutes(125));
        for (minute, kind) in [(20, "start"), (30, "pause"), (60, "resume")] {
            let set = json!({"ticket_id": id, "kind": kind, "at": START.plus_minutes(minute).millis()});
            phone.push(json!({"c": "ticket_events", "op": "intent", "set": set})).await;
        }
        let told = office.get(&format!("/api/v1/tickets/{id}")).await.ok();
        assert_eq!((told["status"].as_str(), due(&told)), (Some("working"), 150.0), "{told}");
    }

    async fn a_contract_decides_by_whom_it_is_and_when_and_where_it_was_opened(server: Server) {
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let open = async || office.post("/api/v1/tickets", &new_ticket(&lift)).await.ok();
        let first = open().await;
        let customer = first["customer_id"].as_str().unwrap().parse().unwrap();
        let site = first["site_id"].as_str().unwrap().parse().ok();
        let contract = move |number: &str, site_id, policy: &str, from: i64, until: Option<i64>| Contract {
            id: Id::new(),
            number: number.to_owned(),
            customer_id: customer,
            site_id,
            valid_from: START.plus_minutes(from),
            valid_until: until.map(|minute| START.plus_minutes(minute)),
            policy_id: policy.to_owned(),
            calendar_id: None,
            created_at: START,
        };
        promised(&server, move |tx| {
            let gold = json!([
                {"name": "Repairs", "when": {"type": ["repair"], "contract": ["C-1"]}, "resolution": {"amount": 30, "unit": "minutes"}},
                {"name": "All", "resolution": {"amount": 45, "unit": "minutes"}},
            ]);
            store::put_policy(tx, &table("gold", gold))?;
            store::put_policy(tx, &table("site", json!([{"name": "All", "response": {"amount": 5, "unit": "minutes"}}])))?;
            store::insert_contract(tx, &contract("C-0", None, "four-levels", -600, Some(10)))?;
            store::insert_contract(tx, &contract("C-1", None, "gold", 10, Some(30)))?;
            store::insert_contract(tx, &contract("C-2", None, "gold", 20, Some(30)))?;
            store::insert_contract(tx, &contract("C-3", site, "site", 25, None))
        }).await;
        for (minute, row, resolution) in [(9, "Urgent", 120.0), (10, "Repairs", 30.0), (20, "All", 45.0)] {
            server.clock.set(START.plus_minutes(minute));
            let ticket = open().await;
            assert_eq!((ticket["sla"]["row"].as_str(), due(&ticket)), (Some(row), resolution), "minute {minute}");
        }
        server.clock.set(START.plus_minutes(26));
        let ticket = open().await;
        // This one promises when somebody comes, and not when it is solved.
        assert_eq!((&ticket["sla"]["state"], minutes(&ticket, &ticket["sla"]["response_due_at"])), (&json!("none"), 5.0));
        assert_eq!(due(&ticket), 10.0 * 366.0 * 1440.0, "behind all that is promised");
        let clock = office.get(&format!("/api/v1/tickets/{}/sla", ticket["id"].as_str().unwrap())).await.ok();
        assert_eq!((&clock["contract_number"], &clock["resolution"]), (&json!("C-3"), &Value::Null));
    }

    async fn a_year_that_the_calendar_does_not_know_is_said_and_not_guessed(server: Server) {
        let in_business_hours = json!([{"name": "All", "resolution": {"amount": 4, "unit": "business_hours"}}]);
        promised(&server, move |tx| {
            store::put_policy(tx, &table("office", in_business_hours.clone()))?;
            store::put_calendar(tx, &office_hours("old", &[2019]))?;
            let settings = Settings { policy_id: "office".to_owned(), calendar_id: "old".to_owned(), ..Settings::default() };
            store::put_settings(tx, &settings).map(drop)
        }).await;
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let ticket = office.post("/api/v1/tickets", &new_ticket(&lift)).await.ok();
        let year = jiff::Timestamp::from_millisecond(START.millis()).unwrap().to_zoned(jiff::tz::TimeZone::UTC).year();
        assert_eq!((&ticket["sla"]["state"], &ticket["sla"]["unknown_year"]), (&json!("unknown"), &json!(year)));
        assert_eq!(due(&ticket), 240.0, "the least that it can take");
        let clock = office.get(&format!("/api/v1/tickets/{}/sla", ticket["id"].as_str().unwrap())).await.ok();
        assert_eq!(clock["resolution"]["due_at"], Value::Null);
        assert!(clock["resolution"]["derivation"]["en"].as_str().unwrap().contains(&format!("does not know {year}")));
    }

    async fn another_time_zone_of_the_site_moves_the_working_hours(server: Server) {
        promised(&server, |tx| {
            let rows = json!([{"name": "All", "resolution": {"amount": 1, "unit": "business_hours"}}]);
            store::put_policy(tx, &table("office", rows))?;
            store::put_calendar(tx, &WorkCalendar { in_site_zone: true, ..office_hours("there", &[2025, 2026, 2027]) })?;
            store::put_settings(tx, &Settings { policy_id: "office".to_owned(), calendar_id: "there".to_owned(), ..Settings::default() }).map(drop)
        }).await;
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let ticket = office.post("/api/v1/tickets", &new_ticket(&lift)).await.ok();
        let path = format!("/api/v1/sites/{}", ticket["site_id"].as_str().unwrap());
        let etag = office.get(&path).await.etag.unwrap();
        office.patch(&path, &etag, &json!({"time_zone": "Asia/Shanghai"})).await.ok();
        let moved = office.get(&format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap())).await.ok();
        assert_eq!(moved["sla"]["time_zone"], "Asia/Shanghai");
        let at_ten = |ticket: &Value, zone: &str| {
            let at = Timestamp::from_millis(ticket["due_at"].as_i64().unwrap()).millis();
            let there = jiff::Timestamp::from_millisecond(at).unwrap().in_tz(zone).unwrap();
            (9..=17).contains(&there.hour())
        };
        assert!(at_ten(&ticket, "America/New_York") && at_ten(&moved, "Asia/Shanghai"), "{ticket} {moved}");
        assert_ne!(ticket["due_at"], moved["due_at"]);
    }

    async fn an_engineer_sees_the_clock_of_his_own_tickets_alone(server: Server) {
        let scene = Scene::of(&server, 1).await;
        let path = format!("/api/v1/tickets/{}/sla", scene.id);
        scene.engineer.get(&path).await.ok();
        let other = engineer(&server, "E-2").await;
        let other = server.log_in_as("e-2", Role::Engineer, Some(&other)).await;
        assert_eq!(other.get(&path).await.status, 404);
    }
}
