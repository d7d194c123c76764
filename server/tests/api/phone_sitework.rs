//! What engineers record at a site: time, answers, readings, photos and signatures, from one phone to the office and to
//! the engineer's other phone.

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::{Role, secret};
use sha2::{Digest, Sha256};

use crate::harness::{Person, Server, send};
use crate::phone::{Phone, new_id, owner};
use crate::sync::{assign, assigned};
use crate::tickets::engineer;

async fn items(person: &Person, path: &str) -> Vec<Value> {
    person.get(path).await.ok()["items"].as_array().unwrap().clone()
}

/// A checklist of two questions for repairs; their ids.
async fn checklist(office: &Person) -> Vec<String> {
    let questions = json!({"questions": [
        {"question": "Do the doors close?", "question_zh": "门能关上吗？", "answer_kind": "yes_no", "required": true},
        {"question": "Door gap in millimetres", "answer_kind": "number"},
    ]});
    let made = send(office.request(Method::PUT, "/api/v1/checklists/repair").json(&questions)).await.ok();
    made["items"].as_array().unwrap().iter().map(|q| q["id"].as_str().unwrap().to_owned()).collect()
}

fn hash(bytes: &[u8]) -> String {
    secret::hex(&Sha256::digest(bytes))
}

/// Sends bytes in one piece.
async fn upload(phone: &Phone, bytes: &[u8]) {
    use base64::Engine;
    let metadata = format!("sha256 {}", base64::engine::general_purpose::STANDARD.encode(hash(bytes)));
    let begin = phone
        .request(Method::POST, "/blobs")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", bytes.len());
    let begun = begin.header("upload-metadata", metadata).send().await.unwrap();
    let path = begun.headers()["location"].to_str().unwrap().strip_prefix("/sync/v1").unwrap().to_owned();
    let piece =
        phone.request(Method::PATCH, &path).header("tus-resumable", "1.0.0").header("upload-offset", 0);
    let piece = piece.header("content-type", "application/offset+octet-stream").body(bytes.to_vec());
    assert_eq!(piece.send().await.unwrap().status(), StatusCode::NO_CONTENT);
}

both_backends! {
    async fn what_is_recorded_at_a_site_reaches_the_office_and_the_other_phone_once(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let asked = checklist(&office).await;
        let (mut phone, tablet) = (Phone::new(&server, &anna).await, Phone::new(&server, &anna).await);
        let at = db::testing::START.millis();
        let (photo, drawn, signed) = (hash(b"photo"), hash(b"drawn"), hash(b"what was done"));
        let rows = [
            ("labour", "labour", json!({"minutes": 45, "kind": "work"})),
            ("checklist_answers", "checklist-answers", json!({"question_id": asked[0], "answer": "yes"})),
            ("readings", "readings", json!({"kind": "trips", "value": 120_345.5, "unit": "1"})),
            ("photos", "photos", json!({"purpose": "before", "caption": "worn rollers", "sha256": photo, "bytes": 5})),
            ("signatures", "signatures", json!({"signed_by": "Ms Ito", "signed_sha256": signed, "sha256": drawn, "bytes": 5})),
        ];
        for (collection, path, columns) in rows {
            let row = new_id();
            let mut set = json!({"ticket_id": id, "engineer_id": anna, "at": at});
            set.as_object_mut().unwrap().extend(columns.as_object().unwrap().clone());
            let pushed = json!({"c": collection, "id": row, "set": set});
            assert_eq!(phone.push(pushed.clone()).await["result"], "applied", "{collection}");
            let again = phone.push(pushed).await;
            assert_eq!((&again["result"], &again["doc"]["id"]), (&json!("duplicate"), &json!(row)), "{collection}");
            let seen = items(&office, &format!("/api/v1/tickets/{id}/{path}")).await;
            assert_eq!(seen.len(), 1, "{collection}");
            let held = tablet.rows(collection).await;
            assert_eq!(held.len(), 1, "{collection}");
            for (column, value) in columns.as_object().unwrap() {
                assert_eq!((&seen[0][column], &held[0][column]), (value, value), "{collection}.{column}");
            }
            assert_eq!((&seen[0]["at"], &held[0]["engineer_id"]), (&json!(at), &json!(anna)), "{collection}");
        }
        let answer = items(&office, &format!("/api/v1/tickets/{id}/checklist-answers")).await.remove(0);
        assert_eq!(answer["question"], "Do the doors close?", "as it was asked");
        let own = items(&owner(&server, &anna).await, &format!("/api/v1/tickets/{id}/photos")).await;
        assert_eq!(own[0]["blob"], "pending");
    }

    async fn a_photo_waits_for_its_bytes_and_says_when_they_have_come(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let (mut phone, tablet) = (Phone::new(&server, &anna).await, Phone::new(&server, &anna).await);
        let bytes = new_id().into_bytes();
        let row = |purpose: &str| json!({"c": "photos", "set": {"ticket_id": id, "purpose": purpose, "sha256": hash(&bytes), "bytes": bytes.len()}});
        phone.push(row("before")).await;
        assert_eq!(tablet.rows("photos").await[0]["blob"], "pending");
        let before = tablet.pull().await.ok()["cursor"].as_i64().unwrap();
        upload(&phone, &bytes).await;
        let news = send(tablet.request(Method::POST, "/pull").json(&json!({"cursor": before, "schema": 1}))).await.ok();
        assert_eq!(news["changes"][0]["doc"]["blob"], "stored", "told by the feed: {news}");
        assert_eq!(items(&office, &format!("/api/v1/tickets/{id}/photos")).await[0]["blob"], "stored");
        phone.push(row("after")).await;
        assert!(tablet.rows("photos").await.iter().all(|photo| photo["blob"] == "stored"), "the same bytes are there already");
    }

    async fn a_second_answer_to_a_question_is_an_edit_and_the_later_one_stands(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let asked = checklist(&office).await;
        let (mut phone, mut tablet) = (Phone::new(&server, &anna).await, Phone::new(&server, &anna).await);
        let now = db::testing::START.millis();
        let hlc = |millis: i64, tag: &str| format!("{millis:012x}-0000-{tag}");
        let answer = |text: &str, row: &str, clock: String| {
            json!({"c": "checklist_answers", "id": row, "hlc": clock, "set": {"ticket_id": id, "question_id": asked[1], "answer": text}})
        };
        let (first, second, third) = (new_id(), new_id(), new_id());
        assert_eq!(phone.push(answer("4", &first, hlc(now - 5_000, "p1"))).await["result"], "applied");
        let later = tablet.push(answer("6", &second, hlc(now - 1_000, "t1"))).await;
        assert_eq!((&later["result"], later["conflict"].is_string()), (&json!("merged"), true), "both are on a card: {later}");
        let mut held = phone.rows("checklist_answers").await;
        assert_eq!((held.len(), &held[0]["id"], &held[0]["answer"]), (1, &json!(first), &json!("6")));
        let removed = tablet.pull().await.ok()["changes"].as_array().unwrap().iter().any(|c| c["id"] == second.as_str() && c["op"] == "remove");
        assert!(removed, "the row that the tablet made up is taken back");
        // Made before the tablet's, though it arrives after it.
        let stale = phone.push(answer("5", &third, hlc(now - 3_000, "p1"))).await;
        assert_eq!(stale["kept"]["answer"]["why"], "later", "{stale}");
        held = phone.rows("checklist_answers").await;
        assert_eq!((held.len(), &held[0]["answer"]), (1, &json!("6")));
        // Whoever has seen it changes it without a card.
        let base = held[0]["sync_v"].clone();
        let patch = json!({"c": "checklist_answers", "op": "patch", "id": first, "base": base, "hlc": hlc(now, "p1"), "set": {"answer": "7"}});
        assert_eq!(phone.push(patch).await["result"], "applied");
        let other = json!({"c": "checklist_answers", "op": "patch", "id": first, "hlc": hlc(now, "p1"), "set": {"question_id": asked[0]}});
        assert_eq!(phone.push(other).await["kept"]["question_id"]["why"], "insert_only");
        assert_eq!(items(&office, &format!("/api/v1/tickets/{id}/checklist-answers")).await[0]["answer"], "7");
    }

    async fn site_work_goes_with_its_ticket_and_work_that_came_too_late_is_kept(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let (mut hers, his) = (Phone::new(&server, &anna).await, Phone::new(&server, &ben).await);
        let labour = |minutes: i64| json!({"c": "labour", "set": {"ticket_id": id, "minutes": minutes}});
        hers.push(labour(30)).await;
        assign(&office, &id, &ben).await;
        assert_eq!((hers.rows("labour").await.len(), his.rows("labour").await.len()), (0, 1));
        let late = hers.push(labour(15)).await;
        assert_eq!((&late["result"], &late["why"], &late["doc"]["minutes"]), (&json!("conflict"), &json!("not_yours"), &json!(15)));
        assert_eq!(items(&office, &format!("/api/v1/tickets/{id}/labour")).await.len(), 2, "what was done was done");
    }

    async fn what_cannot_be_right_is_kept_and_refused_by_name(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Phone::new(&server, &anna).await;
        let good = hash(b"x");
        for (collection, columns, why) in [
            ("labour", json!({"minutes": 0}), "bad_minutes"),
            ("labour", json!({"minutes": 10_081}), "bad_minutes"),
            ("labour", json!({"minutes": 5, "kind": "a\u{0007}b"}), "bad_text"),
            ("checklist_answers", json!({"answer": "yes"}), "unknown_question"),
            ("readings", json!({"kind": " ", "value": 1}), "bad_text"),
            ("readings", json!({"kind": "trips", "value": "many"}), "bad_value"),
            ("photos", json!({"sha256": "../../etc/passwd", "bytes": 1}), "bad_hash"),
            ("photos", json!({"sha256": good, "bytes": 2_147_483_648_i64}), "bad_size"),
            ("photos", json!({"sha256": good, "bytes": 1, "purpose": "fun"}), "unknown_purpose"),
            ("signatures", json!({"sha256": good, "bytes": 1, "signed_by": "Ms Ito"}), "bad_hash"),
            ("signatures", json!({"sha256": good, "bytes": 1, "signed_sha256": good}), "bad_text"),
            ("checklists", json!({"question": "Why?"}), "not_insertable"),
        ] {
            let mut set = json!({"ticket_id": id});
            set.as_object_mut().unwrap().extend(columns.as_object().unwrap().clone());
            let told = phone.push(json!({"c": collection, "set": set})).await;
            assert_eq!((&told["result"], &told["why"]), (&json!("rejected_kept"), &json!(why)), "{collection} {columns}");
        }
        let odd = phone.push(json!({"c": "labour", "id": "mine", "mid": new_id(), "set": {"ticket_id": id, "minutes": 1}})).await;
        assert_eq!(odd["why"], "bad_id");
        assert_eq!(items(&office, &format!("/api/v1/tickets/{id}/photos")).await, [] as [Value; 0]);
    }

    async fn the_office_says_what_is_asked_and_every_phone_has_it(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let asked = checklist(&office).await;
        let phone = Phone::new(&server, &anna).await;
        let mut held = phone.rows("checklists").await;
        held.sort_by_key(|question| question["position"].as_i64());
        assert_eq!((&held[0]["question_zh"], &held[0]["required"], &held[1]["answer_kind"]), (&json!("门能关上吗？"), &json!(true), &json!("number")));
        let changed = json!({"questions": [
            {"id": asked[1], "question": "Door gap in millimetres", "answer_kind": "number", "required": true},
            {"question": "Anything else?", "answer_kind": "text"},
        ]});
        let put = send(office.request(Method::PUT, "/api/v1/checklists/repair").json(&changed)).await.ok();
        assert_eq!((put["items"].as_array().unwrap().len(), &put["items"][0]["id"], &put["items"][0]["position"]), (2, &json!(asked[1]), &json!(1)));
        assert_eq!(items(&office, "/api/v1/checklists/repair").await, *put["items"].as_array().unwrap());
        assert_eq!(items(&office, "/api/v1/checklists/inspection").await, [] as [Value; 0]);
        let gone = phone.pull().await.ok()["changes"].as_array().unwrap().iter().any(|c| c["id"] == asked[0].as_str() && c["op"] == "delete");
        assert!(gone && phone.rows("checklists").await.len() == 2);
        let twice = json!({"questions": [{"id": asked[1], "question": "a", "answer_kind": "text"}, {"id": asked[1], "question": "b", "answer_kind": "text"}]});
        let refused = send(office.request(Method::PUT, "/api/v1/checklists/repair").json(&twice)).await;
        assert_eq!(refused.field(), "questions[1].id");
        let foreign = json!({"questions": [{"id": asked[1], "question": "a", "answer_kind": "text"}]});
        let refused = send(office.request(Method::PUT, "/api/v1/checklists/inspection").json(&foreign)).await;
        assert_eq!(refused.field(), "questions[0].id");
    }
}
