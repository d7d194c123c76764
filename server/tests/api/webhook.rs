//! The purchase list at whoever buys: sent when it has changed, again until it is taken, and not twice for nothing.

use std::sync::{Arc, Mutex};

use actix_web::{HttpRequest, HttpResponse};
use db::both_backends;
use db::testing::START;
use serde_json::{Value, json};
use server::app::{App, AppOptions};
use server::config::Config;

use crate::engine::serve;
use crate::harness::Server;
use crate::inventory::warehouse;

/// What came, by id and body, and what is answered.
#[derive(Clone)]
struct Buyer {
    base: String,
    came: Arc<Mutex<Vec<(String, Value)>>>,
    mood: Arc<Mutex<u16>>,
}

impl Buyer {
    fn open() -> Self {
        let (came, mood) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(204)));
        let (for_server, for_mood) = (came.clone(), mood.clone());
        let base = serve(move |request: HttpRequest, body: String| {
            let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
            assert!(header("webhook-signature").starts_with("v1,"));
            assert!(header("webhook-timestamp").parse::<i64>().unwrap() > 0);
            for_server.lock().unwrap().push((header("webhook-id"), serde_json::from_str(&body).unwrap()));
            let status = actix_web::http::StatusCode::from_u16(*for_mood.lock().unwrap()).unwrap();
            async move { HttpResponse::new(status) }
        });
        Self { base, came, mood }
    }

    fn answers(&self, status: u16) {
        *self.mood.lock().unwrap() = status;
    }

    fn took(&self) -> Vec<(String, Value)> {
        self.came.lock().unwrap().clone()
    }
}

/// One round of every server's housekeeping, so many minutes after the beginning.
async fn round(app: &Arc<App>, minutes: i64) {
    app.db.clock().set(START.plus_minutes(minutes));
    server::webhook::once(app).await.unwrap();
}

both_backends! {
    async fn the_purchase_list_is_sent_when_it_has_changed_and_again_until_it_is_taken(server: Server) {
        let buyer = Buyer::open();
        let house = warehouse(&server).await;
        let config = Config {
            purchase_webhook_url: buyer.base.clone(),
            purchase_webhook_secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
            ..server.app.config.clone()
        };
        // Not served, so that no housekeeping of its own sends anything.
        let options = AppOptions { guard: true, ..AppOptions::default() };
        let selling = App::open(config, server.clock.clone(), options).await.unwrap();
        round(&selling, 0).await;
        assert_eq!(buyer.took(), [], "nothing is to be bought");
        let level = json!({"part_id": house.part, "location_id": house.near, "minimum": 2, "maximum": 4});
        let put = house.person.request(reqwest::Method::PUT, "/api/v1/stock-levels").json(&level);
        assert!(put.send().await.unwrap().status().is_success());
        round(&selling, 59).await;
        assert_eq!(buyer.took(), [], "it is looked at once an hour");
        buyer.answers(500);
        round(&selling, 60).await;
        round(&selling, 60).await;
        let (id, body) = buyer.took()[0].clone();
        assert_eq!((buyer.took().len(), &body["type"], &body["data"][0]["quantity"]), (1, &json!("purchase_list.changed"), &json!(4)));
        round(&selling, 61).await;
        buyer.answers(204);
        round(&selling, 66).await;
        round(&selling, 600).await;
        let ids: Vec<String> = buyer.took().into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, [id.clone(), id.clone(), id.clone()], "refused twice, taken once, and unchanged since");
        house.receive(&house.near, 9).await;
        round(&selling, 700).await;
        let last = buyer.took().pop().unwrap();
        assert_eq!((last.1["data"].clone(), last.0 != id), (json!([]), true), "nothing is to be bought any more");
    }
}
