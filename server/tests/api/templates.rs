//! Templates: written by the administrator, used by whoever opens a ticket, and nothing that a ticket would lose when
//! they are changed.

use db::both_backends;
use db::types::{PartId, QuestionId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};
use crate::tickets::{engineer, lift, new_ticket};

const PATH: &str = "/api/v1/templates";

fn field(key: &str, required: bool, answer: Value) -> Value {
    json!({"key": key, "label_en": key, "label_zh": key, "required": required, "answer": answer})
}

fn template() -> Value {
    let door = json!([{"value": "open", "label_en": "Open", "label_zh": "开"},
        {"value": "shut", "label_en": "Shut", "label_zh": "关"}]);
    json!({"kind": "repair", "name_en": "Door fault", "name_zh": "门故障", "enabled": true, "priority": 2,
        "expected_minutes": 75, "required_skills": [{"skill": "LIFT-B", "level": 1}],
        "fields": [
            field("door_code", true, json!({"type": "text", "longest": 8})),
            field("floor", false, json!({"type": "number", "least": -3, "most": 80, "decimals": 0})),
            field("door", false, json!({"type": "choice", "options": door})),
            field("since", false, json!({"type": "date"})),
        ],
        "checklist": [{"question": "Does it close?", "question_zh": "能关上吗？", "answer_kind": "yes_no"}]})
}

fn with(whole: &Value, change: &Value) -> Value {
    let mut whole = whole.clone();
    whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    whole
}

async fn put(person: &Person, path: &str, etag: &str, body: &Value) -> Answer {
    send(person.request(Method::PUT, path).header("if-match", etag).json(body)).await
}

/// A template, its path, and a ticket of a lift that leaves to it what it can.
async fn scene(server: &Server) -> (Person, Person, String, Value) {
    engineer(server, "E1").await;
    let (admin, office) = (server.log_in(Role::Admin).await, server.log_in(Role::Dispatcher).await);
    let made = admin.post(PATH, &template()).await.ok();
    let id = made["id"].as_str().unwrap().to_owned();
    let ticket = json!({"asset_id": lift(server).await, "title": "The door", "template_id": id,
        "fields": {"door_code": " 4711 ", "floor": 3}, "dispatch": "manual"});
    (admin, office, format!("{PATH}/{id}"), ticket)
}

both_backends! {
    async fn a_template_fills_in_what_the_request_leaves_out(server: Server) {
        let (_, office, _, new) = scene(&server).await;
        let ticket = office.post("/api/v1/tickets", &new).await.ok();
        assert_eq!((&ticket["kind"], &ticket["priority"]), (&json!("repair"), &json!(2)));
        assert_eq!(ticket["expected_minutes"], 75);
        assert_eq!(ticket["required_skills"], json!([{"skill": "LIFT-B", "level": 1}]));
        assert_eq!(ticket["form"]["answers"], json!({"door_code": "4711", "floor": 3}));
        assert_eq!(ticket["form"]["checklist"][0]["question"], "Does it close?");
        assert!(ticket["form"]["checklist"][0]["id"].is_string(), "the phone answers by it");
        let own = with(&new, &json!({"priority": 4, "expected_minutes": 5, "required_skills": []}));
        let ticket = office.post("/api/v1/tickets", &own).await.ok();
        assert_eq!((&ticket["priority"], &ticket["expected_minutes"]), (&json!(4), &json!(5)));
        assert_eq!(ticket["required_skills"], json!([]));
        let plain = office.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
        assert_eq!(plain["form"], Value::Null);
    }

    async fn a_field_that_is_wrong_is_named(server: Server) {
        let (admin, office, path, new) = scene(&server).await;
        for (fields, name) in [
            (json!({}), "fields.door_code"),
            (json!({"door_code": ""}), "fields.door_code"),
            (json!({"door_code": "123456789"}), "fields.door_code"),
            (json!({"door_code": {"$gt": ""}}), "fields.door_code"),
            (json!({"door_code": "1", "floor": 81}), "fields.floor"),
            (json!({"door_code": "1", "floor": 1.5}), "fields.floor"),
            (json!({"door_code": "1", "door": "ajar"}), "fields.door"),
            (json!({"door_code": "1", "since": "yesterday"}), "fields.since"),
            (json!({"door_code": "1", "constructor": 1}), "fields.constructor"),
        ] {
            let refused = office.post("/api/v1/tickets", &with(&new, &json!({"fields": fields}))).await;
            assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, name), "{fields}");
        }
        for (change, name) in [
            (json!({"template_id": "none"}), "template_id"),
            (json!({"template_id": null}), "fields"),
            (json!({"kind": "inspection"}), "template_id"),
            (json!({"fields": "all"}), "fields"),
        ] {
            assert_eq!(office.post("/api/v1/tickets", &with(&new, &change)).await.field(), name, "{change}");
        }
        let no_kind = json!({"asset_id": new["asset_id"], "title": "x"});
        let refused = office.post("/api/v1/tickets", &no_kind).await;
        assert_eq!((refused.field(), refused.body["errors"][1]["field"].as_str()), ("kind", Some("priority")));
        let there = admin.get(&path).await;
        let off = with(&template(), &json!({"enabled": false}));
        put(&admin, &path, &there.etag.unwrap(), &off).await.ok();
        assert_eq!(office.post("/api/v1/tickets", &new).await.field(), "template_id", "it is turned off");
    }

    async fn answers_are_edited_recorded_and_undone_like_everything_else(server: Server) {
        let (_, office, _, new) = scene(&server).await;
        let made = office.post("/api/v1/tickets", &new).await;
        let (tag, ticket) = (made.etag.clone().unwrap(), made.ok());
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
        for (fields, name) in [
            (json!({"door_code": null}), "fields.door_code"),
            (json!({"floor": "3"}), "fields.floor"),
            (json!({"colour": 3}), "fields.colour"),
        ] {
            assert_eq!(office.patch(&path, &tag, &json!({"fields": fields})).await.field(), name);
        }
        let edited = office.patch(&path, &tag, &json!({"fields": {"floor": null, "door": "open"}})).await.ok();
        assert_eq!(edited["form"]["answers"], json!({"door_code": "4711", "door": "open"}));
        assert_eq!(office.patch(&path, &tag, &json!({"fields": {"floor": 1}})).await.code(), "stale");
        let history = office.get(&format!("{path}/history")).await.ok();
        let last = history["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["changed"]["form"][0]["answers"]["floor"], 3, "{last}");
        assert_eq!(last["changed"]["form"][1]["answers"]["door"], "open");
        office.post("/api/v1/dispatch/undo", &json!({})).await.ok();
        assert_eq!(office.get(&path).await.ok()["form"]["answers"], json!({"door_code": "4711", "floor": 3}));
        let plain = office.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await;
        let (tag, id) = (plain.etag.clone().unwrap(), plain.ok()["id"].as_str().unwrap().to_owned());
        let refused = office.patch(&format!("/api/v1/tickets/{id}"), &tag, &json!({"fields": {"a": 1}})).await;
        assert_eq!(refused.field(), "fields");
    }

    async fn a_template_that_is_changed_or_removed_changes_no_ticket(server: Server) {
        let (admin, office, path, new) = scene(&server).await;
        let made = office.post("/api/v1/tickets", &new).await;
        let (tag, ticket) = (made.etag.clone().unwrap(), made.ok());
        let there = admin.get(&path).await;
        let fewer = with(&template(), &json!({"fields": [], "priority": 1}));
        let changed = put(&admin, &path, there.etag.as_deref().unwrap(), &fewer).await.ok();
        assert_eq!(changed["version"], 2);
        assert_eq!(put(&admin, &path, there.etag.as_deref().unwrap(), &fewer).await.code(), "stale");
        let later = with(&new, &json!({"fields": {}}));
        let later = office.post("/api/v1/tickets", &later).await.ok();
        assert_eq!((&later["form"]["version"], &later["priority"]), (&json!(2), &json!(1)));
        assert_eq!(admin.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(admin.delete(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(office.post("/api/v1/tickets", &new).await.field(), "template_id");
        let own = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
        assert_eq!(office.get(&own).await.ok()["form"], ticket["form"]);
        let edited = office.patch(&own, &tag, &json!({"fields": {"floor": 4}})).await.ok();
        assert_eq!(edited["form"]["answers"]["floor"], 4, "its fields are its own");
    }

    async fn a_template_that_makes_no_sense_is_refused_by_field(server: Server) {
        let (admin, ..) = scene(&server).await;
        let one = |field: Value| json!({"fields": [field]});
        let number = |more: Value| one(field("n", false, with(&json!({"type": "number"}), &more)));
        let options = |options: Value| one(field("c", false, json!({"type": "choice", "options": options})));
        let open = json!({"value": "open", "label_en": "Open", "label_zh": "开"});
        let long = "长".repeat(100);
        let wide: Vec<Value> =
            (0..50).map(|n| json!({"value": format!("v{n}"), "label_en": long, "label_zh": long})).collect();
        let text = |key: &str| field(key, false, json!({"type": "text", "longest": 9}));
        for (change, name) in [
            (json!({"kind": ""}), "kind"),
            (json!({"name_zh": " "}), "name_zh"),
            (json!({"name_en": "a\u{202e}b"}), "name_en"),
            (json!({"priority": 0}), "priority"),
            (json!({"expected_minutes": 0}), "expected_minutes"),
            (json!({"required_skills": [{"skill": "none", "level": 1}]}), "required_skills[0].skill"),
            (json!({"needed_parts": [{"part_id": PartId::new(), "quantity": 1}]}), "needed_parts[0].part_id"),
            (one(text("Door Code")), "fields[0].key"),
            (one(field("t", false, json!({"type": "text", "longest": 0}))), "fields[0].answer.longest"),
            (one(field("t", false, json!({"type": "formula"}))), "fields[0].answer.type"),
            (json!({"fields": [text("a"), text("a")]}), "fields[1].key"),
            (json!({"fields": vec![text("a"); 41]}), "fields"),
            (number(json!({"least": 2, "most": 1})), "fields[0].answer.most"),
            (number(json!({"least": 0.2, "most": 0.8, "decimals": 0})), "fields[0].answer.most"),
            (number(json!({"least": -1e300})), "fields[0].answer.least"),
            (number(json!({"decimals": 7})), "fields[0].answer.decimals"),
            (options(json!([])), "fields[0].answer.options"),
            (options(json!([open, open])), "fields[0].answer.options[1].value"),
            (json!({"fields": [field("a", false, json!({"type": "choice", "options": wide})),
                field("b", false, json!({"type": "choice", "options": wide}))]}), "fields"),
            (json!({"checklist": [{"question": " ", "answer_kind": "yes_no"}]}), "checklist[0].question"),
            (json!({"checklist": [{"id": QuestionId::new(), "question": "x", "answer_kind": "text"}]}),
                "checklist[0].id"),
        ] {
            let refused = admin.post(PATH, &with(&template(), &change)).await;
            assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, name), "{change}");
        }
    }

    async fn those_that_come_with_fettle_can_be_used_changed_and_turned_off_but_not_removed(server: Server) {
        let (admin, office, _, new) = scene(&server).await;
        let all = office.get(PATH).await.ok();
        assert_eq!(all["items"].as_array().unwrap().len(), 5, "four and the one of this test");
        let trapped = with(&new, &json!({"template_id": "person-trapped",
            "fields": {"people": 2, "needs_doctor": false}}));
        assert_eq!(office.post("/api/v1/tickets", &trapped).await.ok()["priority"], 1);
        let path = format!("{PATH}/person-trapped");
        assert_eq!(admin.delete(&path).await.code(), "template_shipped");
        let there = admin.get(&path).await;
        let (tag, mut body) = (there.etag.clone().unwrap(), there.ok());
        for name in ["id", "version", "changed_at"] {
            body.as_object_mut().unwrap().remove(name);
        }
        body["name_en"] = json!("Somebody is stuck");
        assert_eq!(put(&admin, &path, &tag, &body).await.ok()["version"], 2);
        assert_eq!(office.get(PATH).await.ok()["items"].as_array().unwrap().len(), 5);
    }

    async fn a_request_that_is_repeated_gets_its_ticket_though_the_template_has_changed(server: Server) {
        let (admin, office, path, new) = scene(&server).await;
        let open = || send(office.request(Method::POST, "/api/v1/tickets").header("idempotency-key", "k1").json(&new));
        let first = open().await.ok();
        let there = admin.get(&path).await;
        put(&admin, &path, &there.etag.unwrap(), &with(&template(), &json!({"priority": 3}))).await.ok();
        assert_eq!(open().await.ok()["id"], first["id"]);
        let there = admin.get(&path).await;
        put(&admin, &path, &there.etag.unwrap(), &with(&template(), &json!({"enabled": false}))).await.ok();
        let again = open().await;
        assert!(again.replayed);
        assert_eq!(again.ok()["id"], first["id"]);
        let other = office.request(Method::POST, "/api/v1/tickets").header("idempotency-key", "k1");
        let other = send(other.json(&with(&new, &json!({"title": "Something else"})))).await;
        assert_eq!(other.code(), "idempotency_key_reused");
    }
}
