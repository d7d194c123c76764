//! What other systems are told, signed as Standard Webhooks say (<https://www.standardwebhooks.com>), and again until
//! they confirm it: the purchase list whenever it has changed, and what rules send ([`rules`]). What is to be sent
//! waits in a table, so it arrives at least once, whatever stops in between; `webhook-id` tells what has come before.

pub mod routes;
pub mod rules;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::schema::webhook_deliveries as deliveries;
use db::types::Id;
use db::{Actor, Conn, Timestamp, Tx};
use diesel::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use inventory::replenishment::{self, Policy, PurchaseLine};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::auth::secret::hex;
use crate::error::Error;
pub use rules::{run, tell};

/// The type of the one event that there is.
const PURCHASE_LIST: &str = "purchase_list.changed";
/// How often the list is looked at.
const LOOK_MINUTES: i64 = 60;
/// Minutes after which a delivery that failed is tried again, as many times; then it is given up.
const RETRY_MINUTES: [i64; 9] = [1, 5, 30, 120, 300, 600, 840, 1_200, 1_440];
/// How long the other side may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Longest reason of a failure that is kept, in characters.
const LONGEST_ERROR: usize = 500;

#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = deliveries)]
struct Delivery {
    id: String,
    kind: String,
    body: String,
    digest: String,
    attempts: i32,
    due_at: Option<Timestamp>,
    created_at: Timestamp,
    delivered_at: Option<Timestamp>,
    error: String,
    /// Empty: where the configuration says.
    url: String,
    ticket_id: Option<String>,
    rule_id: Option<String>,
}

/// What is sent.
#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// UTC milliseconds.
    at: Timestamp,
    data: &'a [PurchaseLine],
}

/// Refuses an address and a secret that cannot be.
///
/// # Errors
/// What is wrong with them, for people.
pub fn check(url: &str, secret: &str) -> anyhow::Result<()> {
    let known = reqwest::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    anyhow::ensure!(known, "configuration: purchase_webhook_url is no http address");
    anyhow::ensure!(
        key(secret).is_some(),
        "configuration: purchase_webhook_secret must be whsec_ and base64"
    );
    Ok(())
}

fn key(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix("whsec_")?).ok().filter(|key| key.len() >= 16)
}

/// `v1,` and the signature of id, second and body.
fn signature(secret: &str, id: &str, seconds: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).ok()?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Looks whether the list has changed, and sends what is due.
///
/// # Errors
/// A failure of the database. One of the other side is noted, and tried again.
pub async fn once(app: &Arc<App>) -> Result<(), Error> {
    if app.config.purchase_webhook_url.is_empty() {
        return Ok(());
    }
    let now = app.db.clock().now();
    if app.db.read(move |conn: &mut Conn| is_time(conn, now)).await? {
        app.db.write(Actor::system("webhook"), note_list).await?;
    }
    while let Some(delivery) = app.db.write(Actor::system("webhook"), claim).await? {
        let outcome = send(app, &delivery).await;
        let done = move |tx: &mut Tx<'_>| settle(tx, &delivery, outcome.as_ref().err());
        app.db.write(Actor::system("webhook"), done).await?;
    }
    Ok(())
}

fn last(conn: &mut Conn) -> Result<Option<Delivery>, Error> {
    let lists = deliveries::table.filter(deliveries::kind.eq(PURCHASE_LIST));
    Ok(lists.order(deliveries::id.desc()).first(conn).optional()?)
}

/// Whether the list was not looked at for an hour. Looking costs as much as the list, so it is not done always.
fn is_time(conn: &mut Conn, now: Timestamp) -> Result<bool, Error> {
    use db::schema::settings;
    let looked: Option<String> =
        settings::table.find(LOOKED_AT).select(settings::value).first(conn).optional()?;
    let looked = looked.and_then(|at| at.parse::<i64>().ok()).map(Timestamp::from_millis);
    Ok(looked.is_none_or(|at| at.plus_minutes(LOOK_MINUTES) <= now))
}

/// Under which name it is kept when the list was last looked at.
const LOOKED_AT: &str = "purchase_list_looked_at";

/// Puts the list where it waits to be sent, if it is another one than the last.
fn note_list(tx: &mut Tx<'_>) -> Result<(), Error> {
    let now = tx.now();
    looked(tx.conn(), now)?;
    let lines = replenishment::purchase_list(tx.conn(), now, Policy::default())?;
    let data = serde_json::to_vec(&lines).map_err(db::Error::from)?;
    let digest = hex(&Sha256::digest(&data));
    let before = last(tx.conn())?;
    let unchanged = before.as_ref().map_or(lines.is_empty(), |before| before.digest == digest);
    if unchanged {
        return Ok(());
    }
    let event = Event { kind: PURCHASE_LIST, at: now, data: &lines };
    let delivery = Delivery {
        id: Id::<db::types::of::Session>::new().to_string(),
        kind: PURCHASE_LIST.to_owned(),
        body: serde_json::to_string(&event).map_err(db::Error::from)?,
        digest,
        attempts: 0,
        due_at: Some(now),
        created_at: now,
        delivered_at: None,
        error: String::new(),
        url: String::new(),
        ticket_id: None,
        rule_id: None,
    };
    // Of an older list nobody wants to hear any more.
    diesel::delete(deliveries::table.filter(deliveries::kind.eq(PURCHASE_LIST))).execute(tx.conn())?;
    diesel::insert_into(deliveries::table).values(delivery).execute(tx.conn())?;
    Ok(())
}

fn looked(conn: &mut Conn, now: Timestamp) -> Result<(), Error> {
    use db::schema::settings;
    let at = now.millis().to_string();
    let known = diesel::update(settings::table.find(LOOKED_AT)).set(settings::value.eq(&at)).execute(conn)?;
    if known == 0 {
        let row = (settings::name.eq(LOOKED_AT), settings::value.eq(&at));
        diesel::insert_into(settings::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Takes what is due of the purchase list.
fn claim(tx: &mut Tx<'_>) -> Result<Option<Delivery>, Error> {
    let now = tx.now();
    let due: Option<Delivery> = deliveries::table
        .filter(deliveries::kind.eq(PURCHASE_LIST))
        .filter(deliveries::due_at.le(now))
        .order(deliveries::due_at)
        .first(tx.conn())
        .optional()?;
    let Some(due) = due else { return Ok(None) };
    Ok(put_off(tx, &due)?.then_some(due))
}

/// Puts a delivery off before it is tried: a server that stops meanwhile, or another one, finds it later. False if
/// another server tries it.
fn put_off(tx: &mut Tx<'_>, due: &Delivery) -> Result<bool, Error> {
    let now = tx.now();
    let wait = usize::try_from(due.attempts).ok().and_then(|n| RETRY_MINUTES.get(n)).copied();
    let claimed = diesel::update(deliveries::table.find(&due.id))
        .filter(deliveries::attempts.eq(due.attempts))
        .filter(deliveries::due_at.eq(due.due_at))
        .set((
            deliveries::attempts.eq(due.attempts + 1),
            deliveries::due_at.eq(wait.map(|m| now.plus_minutes(m))),
        ))
        .execute(tx.conn())?;
    Ok(claimed == 1)
}

/// Sends it once; why it was not confirmed, if it was not.
async fn send(app: &App, delivery: &Delivery) -> Result<(), String> {
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| error.to_string())?;
    let to = (app.config.purchase_webhook_url.as_str(), app.config.purchase_webhook_secret.as_str());
    post(&client, to, "application/json", delivery).await
}

/// Posts it, signed. The body of the answer is not read.
async fn post(
    client: &reqwest::Client,
    (url, secret): (&str, &str),
    content_type: &str,
    delivery: &Delivery,
) -> Result<(), String> {
    // Whoever receives it compares with his own clock.
    let seconds = db::clock::real_now().millis() / 1_000;
    let signed = signature(secret, &delivery.id, seconds, &delivery.body).ok_or("the secret is none")?;
    let answer = client
        .post(url)
        .header("content-type", content_type)
        .header("webhook-id", &delivery.id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signed)
        .body(delivery.body.clone())
        .send()
        .await
        .map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("answered {}", answer.status())) }
}

fn settle(tx: &mut Tx<'_>, delivery: &Delivery, failed: Option<&String>) -> Result<(), Error> {
    let row = deliveries::table.find(&delivery.id);
    match failed {
        None => diesel::update(row)
            .set((
                deliveries::due_at.eq(None::<Timestamp>),
                deliveries::delivered_at.eq(tx.now()),
                deliveries::error.eq(""),
            ))
            .execute(tx.conn())?,
        Some(why) => {
            tracing::warn!(%why, kind = %delivery.kind, "a webhook was not taken");
            let why: String = why.chars().take(LONGEST_ERROR).collect();
            diesel::update(row).set(deliveries::error.eq(why)).execute(tx.conn())?
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn a_delivery_is_signed_as_the_specification_says() {
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", r#"{"test": 2432232314}"#);
        let signed = signature(SECRET, id, 1_614_265_330, body).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn an_address_or_a_secret_that_cannot_be_is_refused_at_the_start() {
        assert!(check("https://erp.example/hook", SECRET).is_ok());
        for (url, secret) in [
            ("erp", SECRET),
            ("file:///x", SECRET),
            ("https://erp.example", "secret"),
            ("https://erp.example", "whsec_AA=="),
        ] {
            assert!(check(url, secret).is_err(), "{url} {secret}");
        }
    }
}
