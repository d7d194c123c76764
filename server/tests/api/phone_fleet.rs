//! The phones as the office sees them: enrolled by a code, counted, revoked, and rescued from.

use db::both_backends;
use db::schema::{enrolment_codes, sessions};
use db::{Actor, Tx};
use diesel::prelude::*;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::{Role, secret};
use server::error::Error;
use sha2::{Digest, Sha256};

use crate::harness::{Answer, Person, Server, send};
use crate::live::Events;
use crate::phone::{Phone, introduction, new_id, owner};
use crate::sync::assigned;
use crate::tickets::engineer;

async fn devices(person: &Person) -> Vec<Value> {
    person.get("/api/v1/devices").await.ok()["items"].as_array().unwrap().clone()
}

async fn rescue(phone: &Phone, bytes: Vec<u8>) -> Answer {
    send(phone.request(Method::POST, "/rescue").body(bytes)).await
}

async fn revoke(office: &Person, device_id: &str) -> Value {
    office.post(&format!("/api/v1/devices/{device_id}/revoke"), &json!({})).await.ok()
}

async fn enrol_by(nobody: &Person, code: &str, device_id: &str) -> Answer {
    let mut asked = introduction(device_id);
    asked["code"] = json!(code);
    nobody.post("/sync/v1/devices", &asked).await
}

both_backends! {
    async fn the_office_sees_what_each_phone_still_holds_and_an_engineer_his_own(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Phone::new(&server, &anna).await;
        Phone::new(&server, &ben).await;
        server.clock.set(db::testing::START.plus_minutes(5));
        let note = |n: u32| json!({"c": "notes", "set": {"ticket_id": id, "text": format!("note {n}")}});
        phone.push(note(1)).await;
        let held = {
            let mut third = note(3);
            third["seq"] = json!(3);
            phone.push(third).await
        };
        assert_eq!((held["result"].as_str(), held["need_from"].as_i64()), (Some("held"), Some(2)));
        let seen = devices(&office).await;
        assert_eq!(seen.len(), 2);
        let hers = seen.iter().find(|device| device["id"] == phone.device_id.as_str()).unwrap();
        assert_eq!((hers["acked_seq"].as_i64(), hers["announced_seq"].as_i64()), (Some(1), Some(3)));
        assert_eq!((hers["unconfirmed"].as_i64(), hers["held"].as_i64()), (Some(2), Some(1)), "one is on the phone alone");
        assert_eq!((&hers["engineer_name"], &hers["platform"], &hers["app_version"]), (&json!("Engineer E-1"), &json!("android"), &json!("1.4.0")));
        assert_eq!(hers["last_seen_at"], db::testing::START.plus_minutes(5).millis());
        // What a phone says of itself with a pull, also while nothing gets through.
        let pull = json!({"cursor": 0, "last_seq": 9, "schema": 1});
        send(phone.request(Method::POST, "/pull").json(&pull)).await.ok();
        let own = devices(&owner(&server, &anna).await).await;
        assert_eq!((own.len(), own[0]["unconfirmed"].as_i64()), (1, Some(8)));
        let first = office.get("/api/v1/devices?limit=1").await.ok();
        let next = office.get(&format!("/api/v1/devices?limit=1&after={}", first["next"].as_str().unwrap())).await.ok();
        assert_ne!(first["items"][0]["id"], next["items"][0]["id"]);
        assert_eq!(office.get(&format!("/api/v1/devices?engineer_id={ben}")).await.ok()["items"].as_array().unwrap().len(), 1);
    }

    async fn a_revoked_phone_is_told_to_wipe_and_may_give_away_what_it_has_and_nothing_else(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let mut phone = Phone::new(&server, &anna).await;
        let tablet = Phone::new(&server, &anna).await;
        let mut events = Events::of(phone.request(Method::GET, "/stream")).await;
        assert_eq!(events.next().await.0, "hello");
        let told = revoke(&office, &phone.device_id).await;
        assert_eq!(told["revoked_at"], db::testing::START.millis());
        loop {
            let (name, data) = events.next().await;
            if name == "wipe" {
                assert_eq!(data, json!({"server_time": db::testing::START.millis()}));
                break;
            }
            assert_eq!(name, "poke");
        }
        events.end().await;
        for (method, path) in [(Method::POST, "/pull"), (Method::POST, "/push"), (Method::GET, "/status"), (Method::GET, "/stream")] {
            let refused = send(phone.request(method, path).json(&json!({}))).await;
            assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "revoked"), "{path}");
        }
        let page = office.client.get(format!("{}/api/v1/session", office.base)).bearer_auth(&phone.token);
        assert_eq!(send(page).await.code(), "revoked");
        assert_eq!(rescue(&phone, b"the last of it".to_vec()).await.status, StatusCode::CREATED);
        assert_eq!(tablet.pull().await.status, StatusCode::OK, "her other phone goes on");
        // A second time changes nothing, and a new beginning is one.
        server.clock.set(db::testing::START.plus_minutes(1));
        assert_eq!(revoke(&office, &phone.device_id).await["revoked_at"], told["revoked_at"]);
        let unknown = office.post(&format!("/api/v1/devices/{}/revoke", new_id()), &json!({})).await;
        assert_eq!(unknown.code(), "not_found");
        phone = Phone::enrolled(&owner(&server, &anna).await, &phone.device_id).await;
        assert_eq!(phone.pull().await.status, StatusCode::OK);
    }

    async fn what_a_phone_gives_away_is_stored_unread_and_fetched_by_administrators(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let (office, chief) = (server.log_in(Role::Dispatcher).await, server.log_in(Role::Admin).await);
        let phone = Phone::new(&server, &anna).await;
        // Not even text, and more than one part of the store.
        let bytes: Vec<u8> = (0..6_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let stored = rescue(&phone, bytes.clone()).await.ok();
        let hash = secret::hex(&Sha256::digest(&bytes));
        assert_eq!((stored["bytes"].as_u64(), stored["sha256"].as_str()), (Some(6_000_000), Some(hash.as_str())));
        rescue(&phone, b"{".to_vec()).await.ok();
        let listed = office.get("/api/v1/rescues").await.ok()["items"].clone();
        assert_eq!((listed.as_array().unwrap().len(), &listed[1]["id"], &listed[1]["engineer_name"]), (2, &stored["id"], &json!("Engineer E-1")));
        assert_eq!(devices(&office).await[0]["rescues"], 2);
        let path = format!("/api/v1/rescues/{}/content", stored["id"].as_str().unwrap());
        let fetched = chief.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(fetched.headers()["content-disposition"], format!("attachment; filename=\"rescue-{}.bin\"", stored["id"].as_str().unwrap()));
        assert!(fetched.bytes().await.unwrap() == bytes, "byte for byte");
        assert_eq!(office.get(&path).await.code(), "forbidden");
        assert_eq!(chief.get(&format!("/api/v1/rescues/{}/content", new_id())).await.code(), "not_found");
        assert_eq!(phone.get("/rescue").await.status, StatusCode::NOT_FOUND, "nothing is read back");
    }

    async fn rescues_are_bounded_in_size_and_in_number(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let phone = Phone::new(&server, &anna).await;
        let announced = phone.request(Method::POST, "/rescue").body(vec![0; 64 * 1024 * 1024 + 1]);
        // The server answers before it has read all of that, so the answer may be lost with the connection.
        if let Ok(answer) = announced.send().await {
            assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        }
        assert_eq!(rescue(&phone, Vec::new()).await.code(), "cut_off");
        let answers = join_all((0..30).map(|n| rescue(&phone, vec![n; 10]))).await;
        // Some may be told that too many write at once.
        let stored = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
        assert!(stored <= 20);
        for n in stored..20 {
            assert_eq!(rescue(&phone, vec![1; 10]).await.status, StatusCode::CREATED, "{n}");
        }
        assert_eq!(rescue(&phone, vec![1; 10]).await.code(), "too_many_rescues");
    }

    async fn a_code_enrols_one_phone_and_no_second_one(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let (office, nobody) = (server.log_in(Role::Dispatcher).await, server.stranger());
        let path = format!("/api/v1/engineers/{anna}/enrolment-codes");
        assert_eq!(office.post(&path, &json!({})).await.code(), "no_user");
        owner(&server, &anna).await;
        let before = db::clock::real_now();
        let first = office.post(&path, &json!({})).await.ok();
        let made = office.post(&path, &json!({})).await.ok();
        let code = made["code"].as_str().unwrap().to_owned();
        assert_eq!(made["url"], format!("{}/phone#enrol={code}", server.base));
        let minutes = (made["expires_at"].as_i64().unwrap() - before.millis()) / 60_000;
        assert!((15..=16).contains(&minutes));
        let old = enrol_by(&nobody, first["code"].as_str().unwrap(), &new_id()).await;
        assert_eq!((old.status, old.code()), (StatusCode::UNAUTHORIZED, "wrong_code"), "the newer code ended it");
        let kept: Vec<String> = server.app.db.read(|c| Ok::<_, Error>(enrolment_codes::table.select(enrolment_codes::code_hash).load(c)?)).await.unwrap();
        assert_eq!(kept, [secret::hash(&code.replace('-', ""))], "only its hash is kept");

        let (device, typed) = (new_id(), format!(" {} ", code.to_lowercase().replace('-', " ")));
        let told = enrol_by(&nobody, &typed, &device).await.ok();
        assert_eq!(told["policy"]["engineer_id"], anna.as_str());
        let mut phone = Phone::told(&nobody, &device, &told);
        let id = assigned(&server, &office, &anna).await;
        assert_eq!(phone.act(&id, "accept").await["result"], "applied");
        assert_eq!(enrol_by(&nobody, &code, &new_id()).await.code(), "wrong_code");
        assert_eq!(office.post(&format!("/api/v1/engineers/{}/enrolment-codes", new_id()), &json!({})).await.code(), "not_found");
    }

    async fn of_two_phones_with_one_code_one_is_enrolled(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let (office, nobody) = (server.log_in(Role::Dispatcher).await, server.stranger());
        owner(&server, &anna).await;
        for _ in 0..5 {
            let made = office.post(&format!("/api/v1/engineers/{anna}/enrolment-codes"), &json!({})).await.ok();
            let code = made["code"].as_str().unwrap();
            let (one, two) = (new_id(), new_id());
            let answers = join_all([enrol_by(&nobody, code, &one), enrol_by(&nobody, code, &two)]).await;
            let enrolled = answers.iter().filter(|answer| answer.status.is_success()).count();
            assert_eq!(enrolled, 1, "{answers:?}");
        }
    }

    async fn old_codes_and_guesses_are_refused_and_guessing_ends(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let (office, nobody) = (server.log_in(Role::Dispatcher).await, server.stranger());
        owner(&server, &anna).await;
        let made = office.post(&format!("/api/v1/engineers/{anna}/enrolment-codes"), &json!({})).await.ok();
        let code = made["code"].as_str().unwrap();
        let expire = |tx: &mut Tx<'_>| {
            let past = db::clock::real_now().plus_minutes(-1);
            diesel::update(enrolment_codes::table).set(enrolment_codes::expires_at.eq(past)).execute(tx.conn())?;
            Ok::<_, Error>(())
        };
        server.app.db.write(Actor::system("test"), expire).await.unwrap();
        assert_eq!(enrol_by(&nobody, code, &new_id()).await.code(), "wrong_code");
        assert_eq!(enrol_by(&nobody, "", &new_id()).await.code(), "wrong_code");
        for _ in 2..10 {
            assert_eq!(enrol_by(&nobody, "0000-0000-0000", &new_id()).await.code(), "wrong_code");
        }
        let tired = enrol_by(&nobody, "0000-0000-0000", &new_id()).await;
        assert_eq!((tired.status, tired.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"));
        let sessions: i64 = server.app.db.read(|c| Ok::<_, Error>(sessions::table.filter(sessions::kind.eq("device")).count().get_result(c)?)).await.unwrap();
        assert_eq!(sessions, 0);
        // His own session still does.
        Phone::new(&server, &anna).await;
    }
}
