//! What people want to be told, and how.

use db::testing::START;
use db::types::UserId;
use db::{Actor, Tx, both_backends};
use reqwest::Method;
use serde_json::{Value, json};
use server::auth::Role;
use server::config::Config;
use server::notifications::{self, ByRule, NotificationKind};

use crate::harness::{Answer, PASSWORD, Person, Server, send};
use crate::rules::opened;

const PATH: &str = "/api/v1/notifications/preferences";

pub async fn put(person: &Person, items: Value) -> Answer {
    send(person.request(Method::PUT, PATH).json(&json!({"items": items}))).await
}

/// A dispatcher with or without an address who has logged in, and his id.
pub async fn dispatcher(server: &Server, login: &str, email: &str) -> (Person, UserId) {
    let admin = server.log_in(Role::Admin).await;
    let new = json!({"login": login, "display_name": login, "role": "dispatcher", "password": PASSWORD, "email": email});
    let made = admin.post("/api/v1/users", &new).await.ok();
    (server.log_in_as(login, Role::Dispatcher, None).await, made["id"].as_str().unwrap().parse().unwrap())
}

/// Tells him of everything once.
async fn tell_all(server: &Server, user: UserId) {
    let ticket = opened(server, json!({})).await.parse().unwrap();
    let tell = move |tx: &mut Tx<'_>| {
        for kind in
            [NotificationKind::ResponseDue, NotificationKind::ResolutionDue, NotificationKind::Reassigned]
        {
            notifications::tell(tx, &[user], ticket, kind, START)?;
        }
        let rule = ByRule { en: "A rule".to_owned(), zh: "一条规则".to_owned() };
        notifications::tell_by_rule(tx, &[user], ticket, &rule, START)
    };
    server.app.db.write(Actor::system("test"), tell).await.unwrap();
}

pub async fn kinds(person: &Person, path: &str) -> Vec<String> {
    let found = person.get(path).await.ok();
    let of = |one: &Value| one["kind"].as_str().unwrap().to_owned();
    let mut kinds: Vec<String> = found["items"].as_array().unwrap().iter().map(of).collect();
    kinds.sort();
    kinds
}

/// A server that sends mail; here nobody takes it.
fn by_mail(config: &mut Config) {
    (config.mail_host, config.mail_port) = ("127.0.0.1".to_owned(), 9);
}

both_backends! {
    async fn who_says_nothing_is_told_everything_both_ways(server: Server) {
        let (li, id) = dispatcher(&server, "li", "li@office.example").await;
        let shown = li.get(PATH).await.ok();
        assert_eq!((&shown["email"], &shown["is_mail_sent"]), (&json!("li@office.example"), &json!(false)));
        let items = shown["items"].as_array().unwrap();
        assert_eq!(items.len(), NotificationKind::ALL.len());
        assert!(items.iter().all(|one| one["bell"] == true && (one["mail"] == true) == (one["kind"] != "status_changed")));
        tell_all(&server, id).await;
        let all = ["reassigned", "resolution_due", "response_due", "rule"];
        let admin = server.log_in(Role::Admin).await;
        assert_eq!(kinds(&li, "/api/v1/notifications").await, all);
        assert_eq!(kinds(&admin, "/api/v1/mails").await, all);
    }

    async fn each_kind_comes_the_way_that_was_chosen_and_no_other(server: Server) {
        let server = server.another_with(by_mail).await;
        let (li, id) = dispatcher(&server, "li", "li@office.example").await;
        let wanted = json!([
            {"kind": "rule", "bell": false, "mail": false},
            {"kind": "reassigned", "bell": true, "mail": false},
            {"kind": "resolution_due", "bell": false, "mail": true},
        ]);
        let shown = put(&li, wanted.clone()).await.ok();
        assert_eq!(shown, li.get(PATH).await.ok());
        let unsaid = json!({"kind": "response_due", "bell": true, "mail": true});
        assert!(shown["items"].as_array().unwrap().contains(&unsaid), "what is not named stays");
        put(&li, wanted).await.ok();
        tell_all(&server, id).await;
        let admin = server.log_in(Role::Admin).await;
        assert_eq!(kinds(&li, "/api/v1/notifications").await, ["reassigned", "response_due"]);
        assert_eq!(kinds(&admin, "/api/v1/mails").await, ["resolution_due", "response_due"]);
        let (wang, other) = dispatcher(&server, "wang", "").await;
        tell_all(&server, other).await;
        assert_eq!(kinds(&wang, "/api/v1/notifications").await.len(), 4, "what one says holds for nobody else");
    }

    async fn that_a_promise_runs_out_arrives_somehow(server: Server) {
        let server = server.another_with(by_mail).await;
        let (li, id) = dispatcher(&server, "li", "").await;
        let none = json!([{"kind": "rule", "bell": false, "mail": false}, {"kind": "response_due", "bell": false, "mail": false}]);
        assert_eq!(put(&li, none).await.field(), "items[1].bell");
        let twice = json!([{"kind": "rule", "bell": false, "mail": false}, {"kind": "rule", "bell": true, "mail": true}]);
        assert_eq!(put(&li, twice).await.field(), "items[1].kind");
        assert_eq!(put(&li, json!([{"kind": "weather", "bell": true, "mail": true}])).await.field(), "items[0].kind");
        // Where no mail is sent, the bell is all there is.
        let silent = server.another_with(|config| config.mail_host.clear()).await;
        let elsewhere = silent.log_in_as("li", Role::Dispatcher, None).await;
        let by_mail = json!([{"kind": "response_due", "bell": false, "mail": true}]);
        assert_eq!(put(&elsewhere, by_mail).await.field(), "items[0].bell");
        // He has no address, so the mail that he wanted reaches nobody.
        put(&li, json!([{"kind": "response_due", "bell": false, "mail": true}])).await.ok();
        tell_all(&server, id).await;
        assert!(kinds(&li, "/api/v1/notifications").await.contains(&"response_due".to_owned()));
    }
}
