//! What tickets of a kind need: said by people, and learnt from tickets that were closed.

use db::both_backends;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server, send};
use crate::inventory::{NOBODY, Warehouse, added, new_part, warehouse};
use crate::stock_keeping::used;
use crate::tickets::{lift, new_ticket};

const PATH: &str = "/api/v1/part-needs";

fn word(house: &Warehouse) -> Value {
    json!({"ticket_kind": "repair", "part_id": house.part, "quantity": 2, "probability": 0.25})
}

async fn said(person: &Person, query: &str) -> Vec<Value> {
    person.get(&format!("{PATH}{query}")).await.ok()["items"].as_array().unwrap().clone()
}

/// Who works at tickets, and who closes them.
struct Crew {
    eve: Person,
    office: Person,
}

impl Crew {
    async fn of(server: &Server, house: &Warehouse) -> Self {
        let office = server.log_in(Role::Dispatcher).await;
        let ticket = office.get(&format!("/api/v1/tickets/{}", house.ticket)).await.ok();
        let engineer = ticket["engineer_id"].as_str().unwrap();
        Self { eve: server.log_in_as("eve", Role::Engineer, Some(engineer)).await, office }
    }

    async fn step(&self, who: &Person, ticket: &str, kind: &str) {
        let body = json!({"kind": kind, "reason": "as agreed"});
        who.post(&format!("/api/v1/tickets/{ticket}/events"), &body).await.ok();
    }

    async fn close(&self, ticket: &str) {
        self.step(&self.eve, ticket, "complete").await;
        self.step(&self.office, ticket, "close").await;
    }
}

/// What a ticket will probably need, by everything that was committed: part, tickets, uses, quantity.
async fn likely(server: &Server, house: &Warehouse, ticket: &str) -> Vec<(String, i64, i64, i64)> {
    server.app.board.catch_up(&server.app.db).await.unwrap();
    let found = house.person.get(&format!("/api/v1/tickets/{ticket}/likely-parts")).await.ok();
    let figure = |part: &Value, name: &str| part[name].as_i64().unwrap();
    let row = |part: &Value| {
        let id = part["part_id"].as_str().unwrap().to_owned();
        (id, figure(part, "tickets"), figure(part, "uses"), figure(part, "quantity"))
    };
    found.as_array().unwrap().iter().map(row).collect()
}

/// What was learnt is read with the next word that is said; this one is of another kind of ticket.
async fn read_again(house: &Warehouse) {
    let mut other = word(house);
    other["ticket_kind"] = json!("inspection");
    house.person.post(PATH, &other).await.ok();
}

both_backends! {
    async fn what_is_said_is_listed_replaced_and_taken_back(server: Server) {
        let house = warehouse(&server).await;
        let made = house.person.post(PATH, &word(&house)).await;
        assert_eq!((made.status, made.location.as_deref()), (StatusCode::CREATED, Some("/api/v1/part-needs?ticket_kind=repair")));
        let first = made.ok();
        assert_eq!((&first["asset_model"], &first["symptom"], &first["weight"]), (&json!(""), &json!(""), &json!(null)));
        let mut again = word(&house);
        (again["probability"], again["weight"]) = (json!(0.75), json!(20.0));
        let second = house.person.post(PATH, &again).await.ok();
        assert_eq!((&second["id"], &second["probability"], &second["weight"]), (&first["id"], &json!(0.75), &json!(20.0)));
        assert_eq!(said(&house.person, "").await, [second]);
        let path = format!("{PATH}/{}", first["id"].as_str().unwrap());
        assert_eq!(house.person.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(house.person.delete(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(said(&house.person, "").await, Vec::<Value>::new());
    }

    async fn what_is_said_comes_by_kind_and_in_pages(server: Server) {
        let house = warehouse(&server).await;
        for n in 0..3 {
            let mut new = word(&house);
            new["symptom"] = json!(format!("symptom {n}"));
            house.person.post(PATH, &new).await.ok();
        }
        read_again(&house).await;
        assert_eq!(said(&house.person, "?ticket_kind=inspection").await.len(), 1);
        assert_eq!(said(&house.person, "?ticket_kind=none").await.len(), 0);
        let first = house.person.get(&format!("{PATH}?ticket_kind=repair&limit=2")).await.ok();
        let next = first["next"].as_str().unwrap();
        let second = house.person.get(&format!("{PATH}?ticket_kind=repair&limit=2&after={next}")).await.ok();
        let symptoms: Vec<&Value> = [&first, &second]
            .iter().flat_map(|page| page["items"].as_array().unwrap()).map(|need| &need["symptom"]).collect();
        assert_eq!(symptoms, ["symptom 0", "symptom 1", "symptom 2"]);
        assert_eq!(second["next"], json!(null));
        assert_eq!(house.person.get(&format!("{PATH}?limit=0")).await.field(), "limit");
        assert_eq!(house.person.get(&format!("{PATH}?after=x")).await.field(), "after");
    }

    async fn a_word_that_makes_no_sense_is_refused_by_field(server: Server) {
        let house = warehouse(&server).await;
        for (field, value) in [
            ("ticket_kind", json!(" ")),
            ("ticket_kind", json!("r".repeat(51))),
            ("ticket_kind", json!("re\npair")),
            ("asset_model", json!("m".repeat(201))),
            ("symptom", json!("\u{0}")),
            ("quantity", json!(0)),
            ("quantity", json!(i64::MAX)),
            ("quantity", json!(1.5)),
            ("probability", json!(-0.1)),
            ("probability", json!(1.1)),
            ("weight", json!(-1)),
            ("weight", json!(1_000_001)),
            ("part_id", json!(NOBODY)),
            ("part_id", json!("x")),
            ("colour", json!("red")),
        ] {
            let mut new = word(&house);
            new[field] = value;
            let answer = house.person.post(PATH, &new).await;
            assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{}", answer.body);
        }
        assert_eq!(said(&house.person, "").await.len(), 0);
    }

    async fn a_word_that_is_sent_twice_is_said_once(server: Server) {
        let house = warehouse(&server).await;
        let keyed = |body: Value| house.person.request(reqwest::Method::POST, PATH).header("idempotency-key", "n-1").json(&body);
        let first = send(keyed(word(&house))).await;
        let mut other = word(&house);
        other["probability"] = json!(0.5);
        house.person.post(PATH, &other).await.ok();
        let again = send(keyed(word(&house))).await;
        assert_eq!((again.status, again.replayed, &again.body), (StatusCode::CREATED, true, &first.body));
        assert_eq!(said(&house.person, "").await[0]["probability"], 0.5, "the later word stands");
    }

    async fn what_is_said_counts_at_once_until_it_is_taken_back(server: Server) {
        let house = warehouse(&server).await;
        assert_eq!(likely(&server, &house, &house.ticket).await, []);
        let id = added(&house.person, PATH, &word(&house)).await;
        assert_eq!(likely(&server, &house, &house.ticket).await, [(house.part.clone(), 0, 0, 2)]);
        house.person.delete(&format!("{PATH}/{id}")).await;
        assert_eq!(likely(&server, &house, &house.ticket).await, []);
        let nobody = house.person.get(&format!("/api/v1/tickets/{NOBODY}/likely-parts")).await;
        assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    }

    async fn closed_tickets_teach_what_the_next_one_of_their_kind_needs(server: Server) {
        let mut house = warehouse(&server).await;
        let crew = Crew::of(&server, &house).await;
        let motor = added(&house.person, "/api/v1/parts", &new_part("P-2")).await;
        used(&server, &house, &house.part, "").await;
        used(&server, &house, &house.part, "").await;
        used(&server, &house, &motor, "").await;
        crew.close(&house.ticket).await;
        house.ticket = added(&crew.office, "/api/v1/tickets", &new_ticket(&lift(&server).await)).await;
        used(&server, &house, &house.part, "").await;
        crew.close(&house.ticket).await;
        let next = added(&crew.office, "/api/v1/tickets", &new_ticket(&lift(&server).await)).await;
        read_again(&house).await;
        let found = likely(&server, &house, &next).await;
        let seen: Vec<_> = found.iter().map(|(part, tickets, uses, _)| (part.as_str(), *tickets, *uses)).collect();
        assert_eq!(seen, [(house.part.as_str(), 2, 2), (motor.as_str(), 2, 1)], "the likelier first");
    }

    async fn a_ticket_that_is_opened_again_is_counted_once(server: Server) {
        let house = warehouse(&server).await;
        let crew = Crew::of(&server, &house).await;
        used(&server, &house, &house.part, "").await;
        crew.close(&house.ticket).await;
        crew.step(&crew.office, &house.ticket, "reopen").await;
        let open = server.app.db.read(inventory::needs::counted).await.unwrap().0;
        assert_eq!(open.iter().map(|case| case.tickets).sum::<i64>(), 0, "{open:?}");
        crew.close(&house.ticket).await;
        let next = added(&crew.office, "/api/v1/tickets", &new_ticket(&lift(&server).await)).await;
        read_again(&house).await;
        let found = likely(&server, &house, &next).await;
        assert_eq!(found.iter().map(|(_, tickets, uses, _)| (*tickets, *uses)).collect::<Vec<_>>(), [(1, 1)]);
    }

    async fn what_was_learnt_is_told_level_by_level_beside_what_people_say(server: Server) {
        let house = warehouse(&server).await;
        used(&server, &house, &house.part, "").await;
        let crew = Crew::of(&server, &house).await;
        crew.close(&house.ticket).await;
        let edit = house.person.post(PATH, &word(&house)).await.ok();
        let found = house.person.get(&format!("{PATH}/learnt?ticket_kind=repair")).await.ok();
        assert_eq!((&found["prior_tickets"], &found["least_probability"]), (&json!(5.0), &json!(0.05)));
        let part = &found["parts"][0];
        assert_eq!((&part["part"]["number"], &part["proposed"]), (&json!("P-1"), &json!(true)));
        let level = &part["levels"][0];
        assert_eq!((&level["tickets"], &level["uses"], &level["used_quantity"]), (&json!(1), &json!(1), &json!(1)));
        assert_eq!((&level["edits"][0]["id"], &level["edits"][0]["weight"]), (&edit["id"], &json!(null)));
        assert_eq!((&level["prior"], &part["probability"]), (&json!(0.0), &json!(0.25)), "it is so, whatever was seen");
        let faults = house.person.get(&format!("{PATH}/faults")).await.ok();
        let rows = faults["items"].as_array().unwrap();
        let all = rows.iter().find(|row| row["asset_model"] == "" && row["symptom"] == "").unwrap();
        assert_eq!(all["edits"], 1);
        assert_eq!(rows.iter().map(|row| row["tickets"].as_i64().unwrap()).sum::<i64>(), 1);
        house.person.delete(&format!("{PATH}/{}", edit["id"].as_str().unwrap())).await;
        let part = house.person.get(&format!("{PATH}/learnt?ticket_kind=repair")).await.ok()["parts"][0].clone();
        assert!((part["probability"].as_f64().unwrap() - 1.0 / 6.0).abs() < 1e-9, "{part}");
        assert_eq!(house.person.get(&format!("{PATH}/learnt?ticket_kind=")).await.field(), "ticket_kind");
    }
}
