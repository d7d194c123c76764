//! The numbers page: what is counted, what a number opens to, files, and what is refused.

use db::both_backends;
use db::testing::START;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server};
use crate::sla::Scene;
use crate::tickets::engineer;

const DAY: i64 = 86_400_000;

fn span() -> String {
    format!("from={}&until={}", START.millis() - DAY, START.millis() + DAY)
}

async fn numbers(person: &Person, query: &str) -> Value {
    person.get(&format!("/api/v1/numbers?{}{query}", span())).await.ok()
}

/// Ids of the tickets that a figure opens to.
async fn behind(person: &Person, figure: &str) -> Vec<String> {
    let page = person.get(&format!("/api/v1/numbers/tickets?{}&figure={figure}", span())).await.ok();
    let items = page["items"].as_array().unwrap();
    assert_eq!(page["count"].as_u64(), Some(items.len() as u64));
    items.iter().map(|ticket| ticket["ticket_id"].as_str().unwrap().to_owned()).collect()
}

/// An urgent ticket that E-1 took up after five minutes, worked on for 30, and finished after two visits, late.
async fn worked(server: &Server) -> Scene {
    let scene = Scene::of(server, 1).await;
    let day = [
        (5, "accept", ""),
        (20, "arrive", ""),
        (25, "start", ""),
        (45, "pause", "Waiting for a part"),
        (600, "travel", ""),
        (620, "arrive", ""),
        (625, "start", ""),
        (635, "complete", ""),
    ];
    for (minute, kind, reason) in day {
        scene.does(server, minute, kind, reason).await;
    }
    scene
}

both_backends! {
    async fn every_number_opens_to_the_tickets_that_it_counts(server: Server) {
        let scene = worked(&server).await;
        let counted = numbers(&scene.office, "").await;
        let figures = counted["figures"].as_object().unwrap();
        for (figure, count) in figures {
            let tickets = behind(&scene.office, figure).await;
            assert_eq!(Some(tickets.len() as u64), count.as_u64(), "{figure}");
            assert!(tickets.iter().all(|id| *id == scene.id), "{figure}");
        }
        for figure in ["opened", "done", "more_visits"] {
            assert_eq!(figures[figure], 1, "{figure}: {counted}");
        }
        for figure in ["still_open", "cancelled", "first_visit", "satisfied"] {
            assert_eq!(figures[figure], 0, "{figure}: {counted}");
        }
        assert_eq!((&counted["first_response"]["median"], &counted["resolution"]["mean"]), (&json!(5.0), &json!(635.0)));
        let his = &counted["engineers"][0];
        assert_eq!((his["done"].as_i64(), his["worked_minutes"].as_i64()), (Some(1), Some(30)));
        assert_eq!(counted["fairness"], 1.0);
        let days = counted["trend"].as_array().unwrap();
        assert_eq!(days.iter().map(|day| day["opened"].as_i64().unwrap()).sum::<i64>(), 1);
    }

    async fn the_promise_on_the_ticket_is_what_is_kept_or_missed(server: Server) {
        let scene = worked(&server).await;
        let ticket = scene.office.get(&format!("/api/v1/tickets/{}", scene.id)).await.ok();
        let (due, done) = (ticket["due_at"].as_i64().unwrap(), ticket["completed_at"].as_i64().unwrap());
        let (one, other) = if done <= due { ("kept", "missed") } else { ("missed", "kept") };
        assert_eq!((behind(&scene.office, one).await.len(), behind(&scene.office, other).await.len()), (1, 0));
    }

    async fn what_is_asked_for_narrows_all_of_them(server: Server) {
        let scene = worked(&server).await;
        let ticket = scene.office.get(&format!("/api/v1/tickets/{}", scene.id)).await.ok();
        let his = format!("&engineer_id={}&priority=1&kind={}", ticket["engineer_id"].as_str().unwrap(), ticket["kind"].as_str().unwrap());
        assert_eq!(numbers(&scene.office, &his).await["figures"]["done"], 1);
        for other in ["&priority=2", "&kind=none", "&channel=mail", "&symptom=none"] {
            let counted = numbers(&scene.office, other).await;
            assert_eq!((&counted["figures"]["opened"], &counted["kinds"]), (&json!(0), &json!([])), "{other}");
        }
    }

    async fn what_the_customer_says_counts_for_the_last_completion(server: Server) {
        let scene = worked(&server).await;
        let known = scene.office.get(&format!("/api/v1/tickets/{}/confirmation", scene.id)).await.ok();
        let token = known["url"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let answer = json!({"solved": true, "satisfaction": "satisfied", "comment": ""});
        server.stranger().post(&format!("/api/v1/confirmations/{token}"), &answer).await.ok();
        assert_eq!(behind(&scene.office, "satisfied").await, std::slice::from_ref(&scene.id));
        assert!(behind(&scene.office, "dissatisfied").await.is_empty());
    }

    async fn who_was_not_content_is_counted_though_it_was_opened_again_and_done(server: Server) {
        let scene = worked(&server).await;
        let known = scene.office.get(&format!("/api/v1/tickets/{}/confirmation", scene.id)).await.ok();
        let token = known["url"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let answer = json!({"solved": false, "satisfaction": "dissatisfied", "comment": "It still stands"});
        server.stranger().post(&format!("/api/v1/confirmations/{token}"), &answer).await.ok();
        assert_eq!(numbers(&scene.office, "").await["figures"]["done"], 0, "it is open again");
        // Somebody else sees to it, and finds the rest.
        let second = engineer(&server, "E-2").await;
        let to = json!({"engineer_id": second, "reason": "she knows it"});
        scene.office.post(&format!("/api/v1/tickets/{}/assignments", scene.id), &to).await.ok();
        let nina = server.log_in_as("nina", Role::Engineer, Some(&second)).await;
        for (minute, kind) in [(700, "start"), (710, "complete")] {
            server.clock.set(START.plus_minutes(minute));
            nina.post(&format!("/api/v1/tickets/{}/events", scene.id), &json!({"kind": kind})).await.ok();
        }
        assert_eq!(behind(&scene.office, "dissatisfied").await, std::slice::from_ref(&scene.id));
        let counted = numbers(&scene.office, "").await;
        let work: Vec<_> = counted["engineers"].as_array().unwrap().iter().map(|his| (&his["done"], &his["worked_minutes"])).collect();
        assert_eq!(work, [(&json!(0), &json!(30)), (&json!(1), &json!(10))], "each has done what he has done: {counted}");
    }

    async fn the_tickets_can_be_had_as_a_file(server: Server) {
        let scene = worked(&server).await;
        let path = format!("/api/v1/numbers/tickets.csv?{}&figure=done", span());
        let answer = scene.office.request(Method::GET, &path).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert!(lines.len() == 2 && lines[0].starts_with("number,title,kind"), "{text}");
        let worked = lines[0].split(',').position(|name| name == "worked_minutes").unwrap();
        assert_eq!(lines[1].split(',').nth(worked), Some("30"), "{text}");
        let path = format!("/api/v1/numbers/tickets.xlsx?{}", span());
        let answer = scene.office.request(Method::GET, &path).send().await.unwrap();
        assert!(answer.bytes().await.unwrap().starts_with(b"PK"));
        let other = scene.office.get(&format!("/api/v1/numbers/tickets.pdf?{}", span())).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
    }

    async fn a_time_that_is_none_is_refused_by_its_field(server: Server) {
        let office = server.log_in(Role::Dispatcher).await;
        let refused = [
            ("from=5&until=5".to_owned(), "until"),
            (format!("from=0&until={}", 401 * DAY), "until"),
            (format!("from=-{}&until=5", i64::MAX), "from"),
            (format!("{}&zone=Mars/Base", span()), "zone"),
            (format!("{}&symptom=%00", span()), "symptom"),
            (format!("{}&figure=all", span()), "figure"),
            (format!("{}&step=year", span()), "step"),
        ];
        for (query, field) in refused {
            let answer = office.get(&format!("/api/v1/numbers?{query}")).await;
            assert_eq!(answer.field(), field, "{query}: {}", answer.body);
        }
    }
}
