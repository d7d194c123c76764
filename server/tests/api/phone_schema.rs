//! Phones of different ages: each reads the shapes that it was built for, and none is refused what it did.

use db::both_backends;
use db::{Actor, Tx};
use diesel::prelude::*;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;
use server::error::Error;

use crate::harness::{Answer, Server, send};
use crate::phone::Phone;
use crate::sync::{assigned, van};
use crate::tickets::engineer;

async fn pull(phone: &Phone, schema: u32) -> Answer {
    send(phone.request(Method::POST, "/pull").json(&json!({"cursor": 0, "schema": schema}))).await
}

/// The part used, as a phone of this schema reads it.
async fn usage(phone: &Phone, schema: u32) -> Value {
    let page = pull(phone, schema).await.ok();
    let used = page["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|change| change["c"] == "part_usage" && change["op"] == "put");
    used.unwrap()["doc"].clone()
}

/// The part is kept in lots from now on.
async fn in_lots(server: &Server, part: &str) {
    let part = part.to_owned();
    let run = move |tx: &mut Tx<'_>| {
        use db::schema::parts;
        let row = parts::table.find(&part);
        diesel::update(row).set(parts::tracking.eq("lot")).execute(tx.conn())?;
        let part = inventory::parts::get(tx.conn(), part.parse().unwrap())?;
        tx.changed(&part)?;
        Ok::<_, Error>(())
    };
    server.app.db.write(Actor::system("test"), run).await.unwrap();
}

both_backends! {
    async fn an_old_phone_and_a_new_one_read_and_write_the_same_lot_each_in_its_own_shape(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let part = van(&server, &anna, 4).await;
        in_lots(&server, &part).await;
        let office = server.log_in(Role::Dispatcher).await;
        for (schema, column) in [(1, "serial"), (2, "lot")] {
            let id = assigned(&server, &office, &anna).await;
            let mut phone = Phone::new(&server, &anna).await;
            let mut used = json!({"ticket_id": id, "part_id": part, "quantity": 1, "outcome": "used"});
            used[column] = json!("L-7");
            let pushed = json!({"c": "part_usage", "schema": schema, "set": used});
            phone.push(pushed).await;
            let (old, new) = (usage(&phone, 1).await, usage(&phone, 2).await);
            assert_eq!((&old["serial"], &old["lot"]), (&json!("L-7"), &Value::Null), "pushed with {column}");
            assert_eq!((&new["serial"], &new["lot"]), (&Value::Null, &json!("L-7")), "pushed with {column}");
            office.post(&format!("/api/v1/tickets/{id}/events"), &json!({"kind": "cancel", "reason": "over"})).await.ok();
        }
    }

    async fn the_row_of_a_result_has_the_shape_of_the_mutation(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let part = van(&server, &anna, 4).await;
        in_lots(&server, &part).await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Phone::new(&server, &anna).await;
        let row = crate::phone::new_id();
        let set = json!({"ticket_id": id, "part_id": part, "quantity": 1, "outcome": "used", "serial": "L-7"});
        phone.push(json!({"c": "part_usage", "id": row, "set": set})).await;
        for (schema, column) in [(1, "serial"), (2, "lot")] {
            let again = phone.push(json!({"c": "part_usage", "id": row, "schema": schema, "set": set})).await;
            assert_eq!((&again["result"], &again["doc"][column]), (&json!("duplicate"), &json!("L-7")), "{again}");
        }
    }

    async fn what_a_phone_that_is_too_old_did_is_taken_before_it_is_told_so(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Phone::new(&server, &anna).await;
        let note = json!({"c": "notes", "schema": 0, "set": {"ticket_id": id, "text": "rollers worn"}});
        assert_eq!(phone.push(note).await["result"], "applied");
        let refused = pull(&phone, 0).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UPGRADE_REQUIRED, "schema_too_old"));
        assert_eq!(refused.body["oldest_schema"], 1);
        assert_eq!(pull(&phone, 99).await.status, StatusCode::OK, "a newer one takes what there is");
        let newer = phone.push(json!({"c": "notes", "schema": 99, "set": {"ticket_id": id, "text": "x"}})).await;
        assert_eq!((&newer["result"], &newer["why"]), (&json!("rejected_kept"), &json!("unknown_schema")));
    }
}
