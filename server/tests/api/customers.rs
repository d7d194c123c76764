//! Customers, sites and assets: adding, changing, and what must be refused.

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server, send};
use crate::tickets::{engineer, new_ticket};

/// Nobody's id.
const NOBODY: &str = "0198f3c2-7b00-7000-8000-000000000001";

fn new_customer(number: &str) -> Value {
    json!({"number": number, "name": "Empire State", "email": "desk@example.com"})
}

fn new_site(customer_id: &str) -> Value {
    json!({
        "customer_id": customer_id, "name": "Empire State Building", "address": "350 5 AVENUE",
        "latitude": 40.7484, "longitude": -73.9857, "time_zone": "America/New_York",
    })
}

fn new_asset(site_id: &str, number: &str) -> Value {
    json!({"site_id": site_id, "number": number, "kind": "Passenger Elevator", "model": "GL"})
}

async fn added(person: &Person, path: &str, body: &Value) -> String {
    person.post(path, body).await.ok()["id"].as_str().unwrap().to_owned()
}

struct Lift {
    customer: String,
    site: String,
    asset: String,
}

async fn lift(person: &Person) -> Lift {
    let customer = added(person, "/api/v1/customers", &new_customer("C-1")).await;
    let site = added(person, "/api/v1/sites", &new_site(&customer)).await;
    let asset = added(person, "/api/v1/assets", &new_asset(&site, "1P1")).await;
    Lift { customer, site, asset }
}

both_backends! {
    async fn a_lift_of_a_new_customer_can_have_a_ticket(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let lift = lift(&person).await;
        let mut new = new_ticket(&lift.asset);
        new["required_skills"] = json!([]);
        let ticket = person.post("/api/v1/tickets", &new).await.ok();
        assert_eq!(ticket["customer_id"], lift.customer.as_str());
        assert_eq!((ticket["site_id"].as_str(), ticket["address"].as_str()), (Some(lift.site.as_str()), Some("350 5 AVENUE")));
        for path in [format!("customers/{}", lift.customer), format!("sites/{}", lift.site), format!("assets/{}", lift.asset)] {
            let answer = person.get(&format!("/api/v1/{path}")).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.etag.is_some(), "{path}");
        }
        for kind in ["customers", "sites", "assets"] {
            assert_eq!(person.get(&format!("/api/v1/{kind}/{NOBODY}")).await.status, StatusCode::NOT_FOUND);
            assert_eq!(person.get(&format!("/api/v1/{kind}/nonsense")).await.status, StatusCode::NOT_FOUND);
        }
    }

    async fn bad_customers_sites_and_assets_are_refused_by_field_and_nothing_is_written(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let lift = lift(&person).await;
        let faults = [
            ("customers", "number", json!("")),
            ("customers", "name", json!("a\u{0}b")),
            ("customers", "name", json!("two\nlines")),
            ("customers", "email", json!("nobody")),
            ("customers", "phone", json!("1".repeat(51))),
            ("customers", "colour", json!("red")),
            ("sites", "customer_id", json!(NOBODY)),
            ("sites", "customer_id", json!("not-an-id")),
            ("sites", "address", json!("")),
            ("sites", "latitude", json!(-91)),
            ("sites", "longitude", json!(181)),
            ("sites", "time_zone", json!("Mars/Olympus")),
            ("sites", "access_note", json!("x".repeat(10 * 1024 * 1024))),
            ("assets", "site_id", json!(NOBODY)),
            ("assets", "kind", json!("\u{202e}")),
            ("assets", "model", json!(null)),
        ];
        for (kind, name, value) in faults {
            let mut new = match kind {
                "customers" => new_customer("C-2"),
                "sites" => new_site(&lift.customer),
                _ => new_asset(&lift.site, "1P2"),
            };
            new[name] = value;
            let answer = person.post(&format!("/api/v1/{kind}"), &new).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind} {name}: {}", answer.body);
            assert_eq!(answer.field(), name);
        }
        let mut swapped = new_site(&lift.customer);
        (swapped["latitude"], swapped["longitude"]) = (json!(-73.9857), json!(40.7484));
        let answer = person.post("/api/v1/sites", &swapped).await;
        assert_eq!((answer.field(), answer.body["errors"][0]["code"].as_str()), ("latitude", Some("swapped")));
        for kind in ["customers", "sites", "assets"] {
            let found = person.get(&format!("/api/v1/{kind}")).await.ok();
            assert_eq!(found["items"].as_array().unwrap().len(), 1, "{kind}");
        }
    }

    async fn a_number_that_is_taken_is_a_conflict_for_customers_and_assets(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let lift = lift(&person).await;
        for (kind, body) in [("customers", new_customer("C-1")), ("assets", new_asset(&lift.site, "1P1"))] {
            let again = person.post(&format!("/api/v1/{kind}"), &body).await;
            assert_eq!((again.status, again.code(), again.field()), (StatusCode::CONFLICT, "duplicate", "number"));
        }
    }

    async fn what_is_asked_for_twice_with_one_key_is_made_once(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let lift = lift(&person).await;
        for (kind, body) in [("sites", new_site(&lift.customer)), ("customers", new_customer("C-2")), ("assets", new_asset(&lift.site, "1P2"))] {
            let path = format!("/api/v1/{kind}");
            let ask = |body: Value| send(person.request(Method::POST, &path).header("idempotency-key", kind).json(&body));
            let first = ask(body.clone()).await;
            let again = ask(body.clone()).await;
            assert_eq!((again.status, &again.body, again.replayed), (StatusCode::CREATED, &first.body, true));
            assert_eq!(person.get(&path).await.ok()["items"].as_array().unwrap().len(), 2);
            let mut other = body;
            other["name"] = json!("Another");
            other["number"] = json!("X");
            other.as_object_mut().unwrap().retain(|name, _| kind != "sites" || name != "number");
            other.as_object_mut().unwrap().retain(|name, _| kind != "assets" || name != "name");
            assert_eq!(ask(other).await.code(), "idempotency_key_reused", "{kind}");
        }
    }

    async fn a_customer_is_edited_from_the_version_that_was_seen(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let made = person.post("/api/v1/customers", &new_customer("C-1")).await;
        let (path, etag) = (made.location.clone().unwrap(), made.etag.clone().unwrap());
        let changed = person.patch(&path, &etag, &json!({"level": "gold", "email": ""})).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
        assert_eq!((changed.body["level"].as_str(), changed.body["email"].as_str()), (Some("gold"), Some("")));
        assert_eq!(changed.body["name"], "Empire State");
        assert_eq!(person.patch(&path, &etag, &json!({"level": "tin"})).await.code(), "stale");
        let bad = person.patch(&path, changed.etag.as_deref().unwrap(), &json!({"name": ""})).await;
        assert_eq!(bad.field(), "name");
        let now = person.get(&path).await;
        assert_eq!((now.body["level"].as_str(), now.etag), (Some("gold"), changed.etag));
    }

    async fn an_asset_is_edited_from_the_version_that_was_seen(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let path = format!("/api/v1/assets/{}", lift(&person).await.asset);
        let etag = person.get(&path).await.etag.unwrap();
        let changed = person.patch(&path, &etag, &json!({"manufacturer": "Otis"})).await;
        assert_eq!((changed.body["manufacturer"].as_str(), changed.body["number"].as_str()), (Some("Otis"), Some("1P1")));
        assert_eq!(person.patch(&path, &etag, &json!({"model": "X"})).await.code(), "stale");
        assert_eq!(person.patch(&path, changed.etag.as_deref().unwrap(), &json!({"site_id": NOBODY})).await.field(), "site_id");
    }

    async fn open_tickets_follow_a_site_that_moves_and_closed_ones_stay(server: Server) {
        engineer(&server, "E-1").await;
        let person = server.log_in(Role::Dispatcher).await;
        let lift = lift(&person).await;
        let open = person.post("/api/v1/tickets", &new_ticket(&lift.asset)).await.ok();
        assert_eq!(open["status"], "assigned");
        let over = person.post("/api/v1/tickets", &new_ticket(&lift.asset)).await.ok();
        let ticket = |ticket: &Value| format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
        person.post(&format!("{}/events", ticket(&over)), &json!({"kind": "cancel", "reason": "by mistake"})).await.ok();
        let path = format!("/api/v1/sites/{}", lift.site);
        let etag = person.get(&path).await.etag.unwrap();
        let swapped = person.patch(&path, &etag, &json!({"latitude": -73.99, "longitude": 40.75})).await;
        assert_eq!((swapped.field(), swapped.body["errors"][0]["code"].as_str()), ("latitude", Some("swapped")));
        let moved = person.patch(&path, &etag, &json!({"address": "20 W 34 STREET", "latitude": 40.7488})).await;
        assert_eq!(moved.status, StatusCode::OK, "{}", moved.body);
        let now = person.get(&ticket(&open)).await.ok();
        assert_eq!((now["address"].as_str(), now["latitude"].as_f64()), (Some("20 W 34 STREET"), Some(40.7488)));
        assert_eq!((now["status"].as_str(), now["longitude"].as_f64()), (Some("assigned"), Some(-73.9857)));
        assert_eq!(person.get(&ticket(&over)).await.ok()["address"], "350 5 AVENUE");
        let history = person.get(&format!("{}/history", ticket(&open))).await.ok();
        let last = history["items"].as_array().unwrap().last().unwrap();
        assert_eq!(last["changed"]["address"], json!(["350 5 AVENUE", "20 W 34 STREET"]));
        let noted = person.patch(&path, moved.etag.as_deref().unwrap(), &json!({"contact": "Joe"})).await;
        assert_eq!(noted.status, StatusCode::OK);
        assert_eq!(person.get(&ticket(&open)).await.etag.unwrap(), person.get(&ticket(&open)).await.etag.unwrap());
    }

    async fn lists_come_in_pages_and_find_what_is_asked_for(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let lift = lift(&person).await;
        for n in 2..=5 {
            let customer = added(&person, "/api/v1/customers", &new_customer(&format!("C-{n}"))).await;
            let mut site = new_site(&customer);
            site["address"] = json!(format!("{n} MADISON 100% AVENUE"));
            let site = added(&person, "/api/v1/sites", &site).await;
            added(&person, "/api/v1/assets", &new_asset(&site, &format!("1P{n}"))).await;
        }
        for (kind, key) in [("customers", "number"), ("sites", "id"), ("assets", "number")] {
            let mut keys: Vec<String> = Vec::new();
            let mut after = String::new();
            loop {
                let page = person.get(&format!("/api/v1/{kind}?limit=2{after}")).await.ok();
                keys.extend(page["items"].as_array().unwrap().iter().map(|row| row[key].as_str().unwrap().to_owned()));
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={next}");
            }
            assert_eq!(keys.len(), 5, "{kind}");
            assert!(keys.is_sorted(), "{kind}: {keys:?}");
            assert_eq!(person.get(&format!("/api/v1/{kind}?q=x%00")).await.field(), "q");
            assert_eq!(person.get(&format!("/api/v1/{kind}?after=%00")).await.field(), "after");
        }
        assert_eq!(person.get("/api/v1/sites?limit=5&customer_id=x").await.field(), "customer_id");
        assert_eq!(person.get("/api/v1/assets?sit_id=x").await.field(), "sit_id");
        let count = |path: String| {
            let person = person.clone();
            async move { person.get(&path).await.ok()["items"].as_array().unwrap().len() }
        };
        assert_eq!(count("/api/v1/customers?q=c-3".to_owned()).await, 1);
        assert_eq!(count("/api/v1/sites?q=madison%20100%25".to_owned()).await, 4);
        assert_eq!(count("/api/v1/assets?q=3%20madison".to_owned()).await, 1, "by address");
        assert_eq!(count(format!("/api/v1/sites?customer_id={}", lift.customer)).await, 1);
        assert_eq!(count(format!("/api/v1/assets?site_id={}", lift.site)).await, 1);
    }
}
