//! The parts of a ticket: what it needs and how far that is, reserved in one call, and waited for where there is none.

use db::both_backends;
use db::types::PartUsageId;
use inventory::Outcome;
use inventory::usage::{Usage, use_part};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server, send};
use crate::inventory::{NOBODY, Warehouse, added, books_are_right, new_part, warehouse};
use crate::tickets::{engineer, lift, new_ticket};

fn path(ticket: &str) -> String {
    format!("/api/v1/tickets/{ticket}/reservations")
}

/// A ticket that asks for so much of the part; whoever has a van gets it.
async fn needing(server: &Server, house: &Warehouse, quantity: i64) -> String {
    opened(server, house, quantity, &json!({})).await
}

async fn opened(server: &Server, house: &Warehouse, quantity: i64, changes: &Value) -> String {
    let office = server.log_in(Role::Dispatcher).await;
    let mut new = new_ticket(&lift(server).await);
    new["needed_parts"] = json!([{"part_id": house.part, "quantity": quantity}]);
    new["dispatch"] = json!("manual");
    for (name, value) in changes.as_object().unwrap() {
        new[name] = value.clone();
    }
    added(&office, "/api/v1/tickets", &new).await
}

async fn parts(person: &Person, ticket: &str) -> Value {
    person.get(&format!("/api/v1/tickets/{ticket}/parts")).await.ok()
}

async fn number_of(server: &Server, ticket: &str) -> i64 {
    let office = server.log_in(Role::Dispatcher).await;
    office.get(&format!("/api/v1/tickets/{ticket}")).await.ok()["number"].as_i64().unwrap()
}

/// Status and quantity of what a ticket has or waits for.
async fn has(person: &Person, ticket: &str) -> Vec<(String, i64)> {
    let rows = parts(person, ticket).await["reservations"].as_array().unwrap().clone();
    let row = |r: &Value| (r["status"].as_str().unwrap().to_owned(), r["quantity"].as_i64().unwrap());
    let mut found: Vec<(String, i64)> = rows.iter().map(row).collect();
    found.sort();
    found
}

fn state(status: &str, quantity: i64) -> (String, i64) {
    (status.to_owned(), quantity)
}

async fn tidied(server: &Server) {
    server::housekeeping::once(&server.app).await.unwrap();
}

both_backends! {
    async fn all_that_a_ticket_needs_is_reserved_in_one_call(server: Server) {
        let house = warehouse(&server).await;
        let ticket = needing(&server, &house, 3).await;
        house.receive(&house.near, 2).await;
        house.receive(&house.far, 5).await;
        let made = house.person.post(&path(&ticket), &json!({})).await;
        assert_eq!((made.status, made.location.clone()), (StatusCode::CREATED, Some(format!("/api/v1/tickets/{ticket}/parts"))));
        let plan = &made.body["plan"];
        assert_eq!(plan["shortages"], json!([]));
        assert_eq!(plan["sources"][0]["part"]["number"], "P-1");
        let stops: Vec<&str> = plan["stops"].as_array().unwrap().iter().map(|stop| stop["code"].as_str().unwrap()).collect();
        assert_eq!(stops, ["D-2"], "one place that has all of it is nearer than two: {plan}");
        assert!(plan["detour_minutes"].as_i64().unwrap() > 0);
        assert_eq!((house.stock(&house.near).await, house.stock(&house.far).await), ((2, 0, 2), (5, 3, 2)));
        let nothing_left = house.person.post(&path(&ticket), &json!({})).await;
        assert_eq!((nothing_left.status, &nothing_left.body["reservations"]), (StatusCode::OK, &json!([])));
        books_are_right(&server).await;
    }

    async fn a_shortage_reserves_nothing_or_all_that_there_is_and_waits_for_the_rest(server: Server) {
        let house = warehouse(&server).await;
        let ticket = needing(&server, &house, 3).await;
        house.receive(&house.near, 2).await;
        let refused = house.person.post(&path(&ticket), &json!({})).await;
        assert_eq!(refused.code(), "shortage");
        let short = json!([{"part_id": house.part, "wanted": 3, "available": 2}]);
        assert_eq!(refused.body["facts"]["shortages"], short);
        assert_eq!((has(&house.person, &ticket).await, house.stock(&house.near).await), (vec![], (2, 0, 2)));
        let made = house.person.post(&path(&ticket), &json!({"partial": true})).await.ok();
        assert_eq!((&made["plan"]["shortages"][0]["available"], &made["wanted"][0]["quantity"]), (&json!(2), &json!(1)));
        assert_eq!(has(&house.person, &ticket).await, [state("held", 2), state("wanted", 1)]);
        let again = house.person.post(&path(&ticket), &json!({"partial": true})).await.ok();
        assert_eq!(again["wanted"][0]["id"], made["wanted"][0]["id"], "it waits once");
        let listed = house.person.get("/api/v1/reservations?status=wanted").await.ok();
        assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["quantity"]), (1, &json!(1)));
        assert_eq!(parts(&house.person, &ticket).await["needed"][0]["missing"], 1);
        books_are_right(&server).await;
    }

    async fn who_asks_for_less_goes_on_waiting_for_the_rest(server: Server) {
        let house = warehouse(&server).await;
        let ticket = needing(&server, &house, 9).await;
        house.receive(&house.near, 2).await;
        house.person.post(&path(&ticket), &json!({"partial": true})).await.ok();
        assert_eq!(has(&house.person, &ticket).await, [state("held", 2), state("wanted", 7)]);
        let less = |partial| json!({"parts": [{"part_id": house.part, "quantity": 3}], "partial": partial});
        let made = house.person.post(&path(&ticket), &less(true)).await.ok();
        assert_eq!((&made["reservations"], &made["wanted"][0]["quantity"]), (&json!([]), &json!(7)));
        house.receive(&house.near, 3).await;
        house.person.post(&path(&ticket), &less(false)).await.ok();
        assert_eq!(has(&house.person, &ticket).await, [state("held", 2), state("held", 3), state("wanted", 4)]);
        let list = house.person.get("/api/v1/purchase-list").await.ok()["items"].clone();
        assert_eq!((&list[0]["quantity"], &list[0]["waiting"]), (&json!(4), &json!(4)), "all that is missing is bought");
        books_are_right(&server).await;
    }

    async fn what_tickets_wait_for_is_on_the_purchase_list_with_their_numbers(server: Server) {
        let house = warehouse(&server).await;
        let ticket = needing(&server, &house, 5).await;
        house.receive(&house.near, 2).await;
        house.person.post(&path(&ticket), &json!({"partial": true})).await.ok();
        let number = number_of(&server, &ticket).await;
        let list = house.person.get("/api/v1/purchase-list").await.ok()["items"].clone();
        let line = &list[0];
        assert_eq!((list.as_array().unwrap().len(), &line["quantity"], &line["waiting"]), (1, &json!(3), &json!(3)), "{list}");
        assert_eq!(line["tickets"], json!([number]));
        let file = house.person.get("/api/v1/purchase-list.csv").await.ok();
        let row = file.as_str().unwrap().lines().nth(1).unwrap().to_owned();
        assert_eq!(row, format!(",,P-1,Door belt,3,3,{number},,3,pcs,,,"));
    }

    async fn what_comes_goes_to_the_oldest_promise_first(server: Server) {
        let house = warehouse(&server).await;
        let later = opened(&server, &house, 2, &json!({"priority": 4})).await;
        let sooner = opened(&server, &house, 2, &json!({"priority": 1})).await;
        for ticket in [&later, &sooner] {
            house.person.post(&path(ticket), &json!({"partial": true})).await.ok();
        }
        tidied(&server).await;
        assert_eq!(has(&house.person, &sooner).await, [state("wanted", 2)], "nothing came yet");
        house.receive(&house.near, 3).await;
        tidied(&server).await;
        assert_eq!(has(&house.person, &sooner).await, [state("held", 2)]);
        assert_eq!(has(&house.person, &later).await, [state("held", 1), state("wanted", 1)]);
        books_are_right(&server).await;
        let office = server.log_in(Role::Dispatcher).await;
        office.post(&format!("/api/v1/tickets/{sooner}/events"), &json!({"kind": "cancel", "reason": "double"})).await.ok();
        tidied(&server).await;
        assert_eq!(has(&house.person, &later).await, [state("held", 1), state("held", 1)], "what was given up");
        assert_eq!(house.stock(&house.near).await, (3, 2, 1));
        books_are_right(&server).await;
    }

    async fn who_waits_stops_waiting_when_the_ticket_is_over_or_has_it(server: Server) {
        let house = warehouse(&server).await;
        let (over, served) = (needing(&server, &house, 2).await, needing(&server, &house, 2).await);
        for ticket in [&over, &served] {
            house.person.post(&path(ticket), &json!({"partial": true})).await.ok();
        }
        let office = server.log_in(Role::Dispatcher).await;
        office.post(&format!("/api/v1/tickets/{over}/events"), &json!({"kind": "cancel", "reason": "double"})).await.ok();
        assert_eq!(has(&house.person, &over).await, []);
        house.receive(&house.near, 9).await;
        let by_hand = json!({"ticket_id": served, "part_id": house.part, "quantity": 1});
        house.person.post("/api/v1/reservations", &by_hand).await.ok();
        assert_eq!(has(&house.person, &served).await, [state("held", 1), state("wanted", 1)]);
        tidied(&server).await;
        assert_eq!(house.stock(&house.near).await, (9, 2, 7));
    }

    async fn what_an_assignment_could_not_reserve_is_waited_for_by_whoever_has_the_ticket(server: Server) {
        let house = warehouse(&server).await;
        let ticket = needing(&server, &house, 2).await;
        house.person.post(&path(&ticket), &json!({"partial": true})).await.ok();
        let office = server.log_in(Role::Dispatcher).await;
        let engineer = engineer_of(&office).await;
        house.receive(&house.near, 1).await;
        let assign = json!({"engineer_id": engineer, "reason": "he is there"});
        office.post(&format!("/api/v1/tickets/{ticket}/assignments"), &assign).await.ok();
        assert_eq!(has(&house.person, &ticket).await, [state("held", 1), state("wanted", 1)]);
        let rows = parts(&house.person, &ticket).await["reservations"].clone();
        assert!(rows.as_array().unwrap().iter().all(|row| row["engineer_id"] == engineer), "{rows}");
    }

    async fn a_repeated_call_with_one_key_reserves_once(server: Server) {
        let house = warehouse(&server).await;
        let ticket = needing(&server, &house, 1).await;
        house.receive(&house.near, 9).await;
        let two = json!({"parts": [{"part_id": house.part, "quantity": 2}]});
        let call = || house.person.request(reqwest::Method::POST, &path(&ticket)).header("Idempotency-Key", "k").json(&two);
        let (first, second) = (send(call()).await, send(call()).await);
        assert_eq!((first.status, second.status, second.replayed), (StatusCode::CREATED, StatusCode::CREATED, true));
        assert_eq!(first.body, second.body);
        assert_eq!(house.stock(&house.near).await, (9, 2, 7));
    }

    async fn a_substitute_is_taken_and_named_where_the_policy_allows_it(server: Server) {
        let house = warehouse(&server).await;
        let ticket = needing(&server, &house, 1).await;
        let other = added(&house.person, "/api/v1/parts", &new_part("P-2")).await;
        house.person.post(&format!("/api/v1/parts/{}/substitutes", house.part), &json!({"substitute_id": other})).await.ok();
        let goods = json!({"kind": "receive", "part_id": other, "quantity": 1, "to_location_id": house.near});
        house.person.post("/api/v1/stock-movements", &goods).await.ok();
        assert_eq!(house.person.post(&path(&ticket), &json!({})).await.code(), "shortage");
        allow_substitutes(&server).await;
        let places = parts(&house.person, &ticket).await["places"].clone();
        assert_eq!((&places[0]["part"]["number"], &places[0]["instead_of"]["number"]), (&json!("P-2"), &json!("P-1")));
        let made = house.person.post(&path(&ticket), &json!({})).await.ok();
        let source = &made["plan"]["sources"][0];
        assert_eq!((&source["part"]["number"], &source["instead_of"]["number"]), (&json!("P-2"), &json!("P-1")));
        assert_eq!(parts(&house.person, &ticket).await["needed"][0]["missing"], 0);
    }

    async fn a_substitute_that_was_used_meets_the_need(server: Server) {
        let house = warehouse(&server).await;
        let office = server.log_in(Role::Dispatcher).await;
        let (ticket, his) = (needing(&server, &house, 2).await, engineer_of(&office).await);
        let other = added(&house.person, "/api/v1/parts", &new_part("P-2")).await;
        house.person.post(&format!("/api/v1/parts/{}/substitutes", house.part), &json!({"substitute_id": other})).await.ok();
        let goods = json!({"kind": "receive", "part_id": other, "quantity": 5, "to_location_id": house.van});
        house.person.post("/api/v1/stock-movements", &goods).await.ok();
        allow_substitutes(&server).await;
        office.post(&format!("/api/v1/tickets/{ticket}/assignments"), &json!({"engineer_id": his})).await.ok();
        assert_eq!(has(&office, &ticket).await, [state("held", 2)]);
        let visit = office.get(&format!("/api/v1/tickets/{ticket}")).await.ok()["visit_id"].as_str().unwrap().to_owned();
        let said = Usage {
            id: PartUsageId::new(),
            ticket_id: ticket.parse().unwrap(),
            visit_id: visit.parse().unwrap(),
            engineer_id: his.parse().unwrap(),
            part_id: other.parse().unwrap(),
            quantity: 2,
            serial: String::new(),
            outcome: Outcome::Used,
            removed_serial: String::new(),
            at: server.app.db.clock().now(),
        };
        let used = move |tx: &mut db::Tx<'_>| use_part(tx, said.clone());
        server.app.db.write(db::Actor::system("test"), used).await.unwrap();
        let need = parts(&office, &ticket).await["needed"][0].clone();
        assert_eq!((&need["used"], &need["missing"]), (&json!(2), &json!(0)));
        office.post(&path(&ticket), &json!({})).await.ok();
        assert_eq!(has(&office, &ticket).await, [state("used", 2)], "nothing more is reserved for it");
        books_are_right(&server).await;
    }

    async fn an_engineer_sees_and_reserves_for_his_own_tickets_only(server: Server) {
        let house = warehouse(&server).await;
        let other = engineer(&server, "E-2").await;
        let office = server.log_in(Role::Dispatcher).await;
        let his = engineer_of(&office).await;
        let ticket = needing(&server, &house, 2).await;
        house.receive(&house.van, 1).await;
        house.receive(&house.near, 4).await;
        let (eve, joe) = (
            server.log_in_as("eve", Role::Engineer, Some(&his)).await,
            server.log_in_as("joe", Role::Engineer, Some(&other)).await,
        );
        assert_eq!(eve.post(&path(&ticket), &json!({})).await.status, StatusCode::NOT_FOUND, "not his yet");
        office.post(&format!("/api/v1/tickets/{ticket}/assignments"), &json!({"engineer_id": his})).await.ok();
        let held: Vec<Value> = parts(&eve, &ticket).await["reservations"].as_array().unwrap().clone();
        assert_eq!(held.len(), 2, "the assignment reserved them");
        for one in held {
            house.step(one["id"].as_str().unwrap(), "release", &json!({})).await.ok();
        }
        let seen = parts(&eve, &ticket).await;
        assert_eq!((&seen["needed"][0]["missing"], seen["plan"]["sources"].as_array().unwrap().len()), (&json!(2), 2));
        let place = |n: usize| (seen["places"][n]["place"]["code"].as_str().unwrap(), seen["places"][n]["own_van"].as_bool().unwrap());
        assert_eq!((place(0), place(1)), (("V-1", true), ("D-1", false)));
        assert_eq!((&seen["places"][0]["minutes"], &seen["places"][1]["available"]), (&json!(0), &json!(4)));
        assert!(seen["places"][1]["minutes"].as_i64().unwrap() > 0);
        eve.post(&path(&ticket), &json!({})).await.ok();
        assert_eq!(has(&eve, &ticket).await, [state("held", 1), state("held", 1)]);
        assert_eq!(joe.post(&path(&ticket), &json!({})).await.status, StatusCode::NOT_FOUND);
        assert_eq!(joe.get(&format!("/api/v1/tickets/{ticket}/parts")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(eve.post(&path(&ticket), &json!({"engineer_id": other})).await.field(), "engineer_id");
        let taken = office.post(&path(&ticket), &json!({"engineer_id": other})).await;
        assert_eq!(taken.code(), "already_assigned");
        books_are_right(&server).await;
    }

    async fn a_ticket_that_nobody_has_is_reserved_for_on_the_way_of_whoever_is_given(server: Server) {
        let house = warehouse(&server).await;
        let office = server.log_in(Role::Dispatcher).await;
        let (ticket, his) = (needing(&server, &house, 3).await, engineer_of(&office).await);
        house.receive(&house.van, 2).await;
        house.receive(&house.near, 9).await;
        let nobodys = office.post(&path(&ticket), &json!({"parts": [{"part_id": house.part, "quantity": 1}]})).await.ok();
        assert_eq!(nobodys["plan"]["sources"][0]["place"]["code"], "D-1", "nobody's van is asked");
        let made = office.post(&path(&ticket), &json!({"engineer_id": his})).await.ok();
        let sources: Vec<(&str, i64)> = made["plan"]["sources"].as_array().unwrap().iter()
            .map(|source| (source["place"]["code"].as_str().unwrap(), source["quantity"].as_i64().unwrap()))
            .collect();
        assert_eq!(sources, [("V-1", 2)], "his van first; one was reserved before");
        assert!(made["reservations"].as_array().unwrap().iter().all(|one| one["engineer_id"].is_null()), "nobody has it");
        assert_eq!((house.stock(&house.van).await, house.stock(&house.near).await), ((2, 2, 0), (9, 1, 8)));
        books_are_right(&server).await;
    }

    async fn who_waits_gets_what_may_be_taken_instead_and_no_more_than_he_waits_for(server: Server) {
        let house = warehouse(&server).await;
        let ticket = needing(&server, &house, 2).await;
        house.person.post(&path(&ticket), &json!({"partial": true})).await.ok();
        let other = added(&house.person, "/api/v1/parts", &new_part("P-2")).await;
        house.person.post(&format!("/api/v1/parts/{}/substitutes", house.part), &json!({"substitute_id": other})).await.ok();
        let goods = json!({"kind": "receive", "part_id": other, "quantity": 5, "to_location_id": house.near});
        house.person.post("/api/v1/stock-movements", &goods).await.ok();
        tidied(&server).await;
        assert_eq!(has(&house.person, &ticket).await, [state("wanted", 2)], "the policy allows none");
        allow_substitutes(&server).await;
        tidied(&server).await;
        assert_eq!(has(&house.person, &ticket).await, [state("held", 2)]);
        tidied(&server).await;
        assert_eq!(has(&house.person, &ticket).await, [state("held", 2)], "once");
        let found = house.person.get(&format!("/api/v1/stock?part_id={other}")).await.ok();
        assert_eq!(found["items"][0]["reserved"], 2);
        books_are_right(&server).await;
    }

    async fn of_two_servers_that_share_out_what_came_nobody_gets_it_twice(server: Server) {
        let house = warehouse(&server).await;
        let mut tickets = Vec::new();
        for _ in 0..4 {
            let ticket = needing(&server, &house, 2).await;
            house.person.post(&path(&ticket), &json!({"partial": true})).await.ok();
            tickets.push(ticket);
        }
        let other = server.another().await;
        house.receive(&house.near, 5).await;
        // One of them may be refused because the other was faster: the next round finds what is left.
        let _ = tokio::join!(server::housekeeping::once(&server.app), server::housekeeping::once(&other.app));
        tidied(&server).await;
        let mut held = 0;
        for ticket in &tickets {
            let rows = has(&house.person, ticket).await;
            assert_eq!(rows.iter().map(|(_, quantity)| quantity).sum::<i64>(), 2, "{rows:?}");
            held += rows.iter().filter(|(status, _)| status == "held").map(|(_, quantity)| quantity).sum::<i64>();
        }
        assert_eq!((held, house.stock(&house.near).await), (5, (5, 5, 0)));
        books_are_right(&server).await;
    }

    async fn what_was_used_is_not_needed_again(server: Server) {
        let mut house = warehouse(&server).await;
        house.ticket = needing(&server, &house, 2).await;
        house.receive(&house.near, 9).await;
        house.receive(&house.van, 1).await;
        crate::stock_keeping::used(&server, &house, &house.part, "").await;
        let needed = parts(&house.person, &house.ticket).await["needed"][0].clone();
        assert_eq!((&needed["used"], &needed["missing"]), (&json!(1), &json!(1)), "{needed}");
        let made = house.person.post(&path(&house.ticket), &json!({})).await.ok();
        assert_eq!(made["reservations"][0]["quantity"], 1, "{made}");
        let nothing = house.person.post(&path(&house.ticket), &json!({})).await;
        assert_eq!((nothing.status, &nothing.body["reservations"]), (StatusCode::OK, &json!([])));
        books_are_right(&server).await;
    }

    async fn a_bad_call_is_refused_by_field_and_reserves_nothing(server: Server) {
        let house = warehouse(&server).await;
        let ticket = needing(&server, &house, 1).await;
        house.receive(&house.near, 4).await;
        let one = |quantity: Value| json!({"part_id": house.part, "quantity": quantity});
        for (body, field) in [
            (json!({"parts": [one(json!(0))]}), "parts[0].quantity"),
            (json!({"parts": [one(json!(0.5))]}), "parts[0].quantity"),
            (json!({"parts": [one(json!(1)), one(json!(1))]}), "parts[1].part_id"),
            (json!({"parts": [{"part_id": NOBODY, "quantity": 1}]}), "parts[0].part_id"),
            (json!({"engineer_id": NOBODY}), "engineer_id"),
            (json!({"all": true}), "all"),
        ] {
            let answer = house.person.post(&path(&ticket), &body).await;
            assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{body}");
        }
        assert_eq!(house.person.post(&path(NOBODY), &json!({})).await.status, StatusCode::NOT_FOUND);
        let office = server.log_in(Role::Dispatcher).await;
        office.post(&format!("/api/v1/tickets/{ticket}/events"), &json!({"kind": "cancel", "reason": "double"})).await.ok();
        assert_eq!(house.person.post(&path(&ticket), &json!({})).await.code(), "ticket_ended");
        assert_eq!(house.stock(&house.near).await, (4, 0, 4));
    }
}

/// The only engineer with a van.
async fn engineer_of(office: &Person) -> String {
    let all = office.get("/api/v1/engineers").await.ok();
    let with_van = all["items"].as_array().unwrap().iter().find(|one| one["van_id"].is_string()).unwrap();
    with_van["id"].as_str().unwrap().to_owned()
}

async fn allow_substitutes(server: &Server) {
    let admin = server.log_in(Role::Admin).await;
    let policies = admin.get("/api/v1/dispatch/policies").await;
    let mut body = policies.body["body"].clone();
    body["general"]["substitutes"] = json!(true);
    let put = admin.request(reqwest::Method::PUT, "/api/v1/dispatch/policies");
    send(put.header("If-Match", policies.etag.unwrap()).json(&body)).await.ok();
    server.app.board.catch_up(&server.app.db).await.unwrap();
}
