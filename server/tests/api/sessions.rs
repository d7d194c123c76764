//! Logging in and out.

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::json;
use server::auth::Role;

use crate::harness::{PASSWORD, Server, send};

both_backends! {
    async fn a_wrong_password_and_an_unknown_login_look_the_same(server: Server) {
        server.log_in(Role::Dispatcher).await;
        let stranger = server.stranger();
        let wrong = stranger.post("/api/v1/session", &json!({"login": "dispatcher-1", "password": "nonsense!"})).await;
        let unknown = stranger.post("/api/v1/session", &json!({"login": "nobody", "password": "nonsense!"})).await;
        assert_eq!(wrong.code(), "wrong_password");
        assert_eq!(wrong.body, unknown.body);
    }

    async fn after_ten_wrong_passwords_even_the_right_one_has_to_wait(server: Server) {
        server.log_in(Role::Dispatcher).await;
        let stranger = server.stranger();
        let attempt = |password: &'static str| {
            let stranger = stranger.clone();
            async move { stranger.post("/api/v1/session", &json!({"login": "dispatcher-1", "password": password})).await }
        };
        for _ in 0..10 {
            assert_eq!(attempt("wrong wrong").await.code(), "wrong_password");
        }
        let answer = attempt(PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.code(), "too_many_attempts");
    }

    async fn of_wrong_passwords_that_come_at_once_no_more_are_looked_at(server: Server) {
        let stranger = server.stranger();
        let attempts = (0..30).map(|n| {
            let stranger = stranger.clone();
            async move { stranger.post("/api/v1/session", &json!({"login": "x", "password": format!("wrong {n}")})).await }
        });
        let answers = futures_util::future::join_all(attempts).await;
        let looked_at = answers.iter().filter(|answer| answer.code() == "wrong_password").count();
        assert_eq!(looked_at, 10);
    }

    async fn a_password_leaves_no_hash_but_its_own(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let add = |password: &str| {
            let new = json!({"login": "new", "display_name": "New", "role": "dispatcher", "password": password});
            let request = admin.request(Method::POST, "/api/v1/users").header("idempotency-key", "k1");
            send(request.json(&new))
        };
        let first = add("correct horse battery").await;
        let again = add("another long password").await;
        // The fingerprint of the request does not depend on it.
        assert!(again.replayed && !first.replayed, "{}", again.body);
        assert_eq!(again.body["id"], first.body["id"]);
    }

    async fn a_session_ends_at_log_out(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        assert_eq!(person.get("/api/v1/session").await.ok()["user"]["role"], "dispatcher");
        assert_eq!(person.delete("/api/v1/session").await.status, StatusCode::NO_CONTENT);
        assert_eq!(person.get("/api/v1/session").await.code(), "unauthenticated");
    }

    async fn a_new_password_ends_the_sessions_of_the_old_one(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let person = server.log_in(Role::Dispatcher).await;
        let id = person.get("/api/v1/session").await.ok()["user"]["id"].as_str().unwrap().to_owned();
        let body = json!({"password": "another long one"});
        let answer = admin.post(&format!("/api/v1/users/{id}/password"), &body).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
        assert_eq!(person.get("/api/v1/session").await.code(), "unauthenticated");
    }

    async fn a_change_by_cookie_from_another_site_is_refused(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let forged = person.request(Method::DELETE, "/api/v1/session").header("sec-fetch-site", "cross-site");
        assert_eq!(send(forged).await.code(), "forbidden");
        person.get("/api/v1/session").await.ok();
    }

    async fn a_token_may_do_what_its_role_may_until_it_is_ended(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let made = admin.post("/api/v1/tokens", &json!({"name": "monitoring", "role": "dispatcher"})).await.ok();
        let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
        let ask = |path: &str| server.stranger().request(Method::GET, path).header("authorization", &bearer);
        send(ask("/api/v1/tickets")).await.ok();
        assert_eq!(send(ask("/api/v1/users")).await.code(), "forbidden");
        let id = made["id"].as_str().unwrap();
        assert_eq!(admin.delete(&format!("/api/v1/tokens/{id}")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(send(ask("/api/v1/tickets")).await.code(), "unauthenticated");
    }

    async fn a_token_that_logs_out_is_of_no_more_use(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let made = admin.post("/api/v1/tokens", &json!({"name": "monitoring", "role": "dispatcher"})).await.ok();
        let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
        let ask = |method| server.stranger().request(method, "/api/v1/session").header("authorization", &bearer);
        assert_eq!(send(ask(Method::GET)).await.status, StatusCode::OK);
        assert_eq!(send(ask(Method::DELETE)).await.status, StatusCode::NO_CONTENT);
        assert_eq!(send(ask(Method::GET)).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn the_last_administrator_stays_one(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let all = admin.get("/api/v1/users").await.ok();
        let me = all["items"].as_array().unwrap().iter().find(|user| user["role"] == "admin").unwrap();
        let path = format!("/api/v1/users/{}", me["id"].as_str().unwrap());
        for change in [json!({"active": false}), json!({"role": "dispatcher"})] {
            let etag = admin.get(&path).await.etag.unwrap();
            assert_eq!(admin.patch(&path, &etag, &change).await.code(), "last_admin");
        }
        let new = json!({"login": "second", "display_name": "Second", "role": "admin", "password": PASSWORD});
        admin.post("/api/v1/users", &new).await.ok();
        let etag = admin.get(&path).await.etag.unwrap();
        admin.patch(&path, &etag, &json!({"active": false})).await.ok();
    }

    async fn nobody_logs_in_under_the_name_of_a_part_of_the_server(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let new = json!({"login": "planner", "display_name": "P", "role": "dispatcher", "password": PASSWORD});
        let refused = admin.post("/api/v1/users", &new).await;
        assert_eq!((refused.status.as_u16(), refused.field()), (422, "login"));
    }
}
