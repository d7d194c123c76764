//! Webhooks of rules: an envelope as CloudEvents say (<https://cloudevents.io>), written in the transaction of the
//! firing, sent afterwards. Addresses are those that administrators wrote into rules, so they are looked at again when
//! a connection is made, and followed nowhere. What was refused ten times is dead, and stays to be seen and sent again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::schema::webhook_deliveries as deliveries;
use db::types::{Id, of};
use db::{Actor, Conn, Timestamp, Tx};
use diesel::prelude::*;
use futures_util::stream::{FuturesUnordered, StreamExt};
use reqwest::Client;
use serde_json::json;

use super::{Delivery, TIMEOUT, post, put_off, settle};
use crate::app::App;
use crate::error::Error;
use crate::rules::Firing;
use crate::sync::wake::address::{self, PublicOnly};
use crate::tickets::Ticket;

/// The type of the event.
pub const FIRED: &str = "fettle.rule.fired";
/// How often it is looked whether something is to be sent, in real time.
const EVERY: Duration = Duration::from_secs(1);
/// Sent at once.
const AT_ONCE: usize = 16;
/// Sent at once to addresses to which something is on its way already: the rest is kept free for the others.
const FOR_THE_SAME: usize = AT_ONCE / 2;
/// Of one address at once.
const OF_ONE: usize = 4;
/// What was delivered is forgotten after so many days; what is dead after three times as many.
const KEPT_DAYS: i64 = 30;

/// Puts an event where it waits to be sent; its id.
///
/// # Errors
/// A failure of the database.
pub fn tell(
    tx: &mut Tx<'_>,
    organisation: &str,
    url: &str,
    firing: &Firing,
    ticket: &Ticket,
) -> Result<String, Error> {
    let now = tx.now();
    let id = Id::<of::Session>::new().to_string();
    let time =
        jiff::Timestamp::from_millisecond(now.millis()).map_or_else(|_| String::new(), |at| at.to_string());
    // What tells of people stays here: whoever may know it asks for the ticket.
    let body = json!({
        "specversion": "1.0",
        "id": id,
        "source": "urn:fettle",
        "type": FIRED,
        "subject": ticket.id,
        "time": time,
        "datacontenttype": "application/json",
        "data": {
            "organisation": organisation,
            "rule": {
                "id": firing.rule_id, "version": firing.rule_version,
                "name_en": firing.name_en, "name_zh": firing.name_zh,
            },
            "firing_id": firing.id,
            "cause": firing.cause,
            "ticket": {
                "id": ticket.id, "number": ticket.number, "kind": ticket.kind, "priority": ticket.priority,
                "status": ticket.status, "symptom": ticket.symptom, "due_at": ticket.due_at,
                "customer_id": ticket.customer_id, "site_id": ticket.site_id, "asset_id": ticket.asset_id,
                "engineer_id": ticket.engineer_id,
            },
        },
    });
    let delivery = Delivery {
        id: id.clone(),
        kind: FIRED.to_owned(),
        body: body.to_string(),
        digest: String::new(),
        attempts: 0,
        due_at: Some(now),
        created_at: now,
        delivered_at: None,
        error: String::new(),
        url: url.to_owned(),
        ticket_id: Some(ticket.id.to_string()),
        rule_id: Some(firing.rule_id.clone()),
    };
    diesel::insert_into(deliveries::table).values(delivery).execute(tx.conn())?;
    Ok(id)
}

/// Sends what is due. Runs for ever.
pub async fn run(app: Arc<App>) {
    if !app.config.rules_run {
        return;
    }
    let mut timer = tokio::time::interval(EVERY);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        if let Err(error) = once(&app).await {
            tracing::warn!(%error, "webhooks of rules failed; they are tried again");
        }
    }
}

/// Sends everything that is due, once; how many were taken.
///
/// # Errors
/// A failure of the database. One of the other side is noted, and tried again.
pub async fn once(app: &Arc<App>) -> Result<usize, Error> {
    let client = client(app.config.webhook_private_addresses)?;
    let (mut taken, mut on_their_way, mut sending) = (0, Sending::new(), FuturesUnordered::new());
    loop {
        for delivery in claimed(app, &on_their_way).await? {
            *on_their_way.entry(delivery.url.clone()).or_default() += 1;
            let client = &client;
            sending.push(async move {
                let outcome = send(app, client, &delivery).await;
                (delivery, outcome)
            });
        }
        // While one is slow, it is looked whether something for others has fallen due.
        let Ok(done) = tokio::time::timeout(EVERY, sending.next()).await else { continue };
        let Some((delivery, outcome)) = done else { return Ok(taken) };
        taken += usize::from(outcome.is_ok());
        if let Some(count) = on_their_way.get_mut(&delivery.url) {
            *count -= 1;
        }
        let done = move |tx: &mut Tx<'_>| settle(tx, &delivery, outcome.as_ref().err());
        app.db.write(Actor::system("webhook"), done).await?;
    }
}

fn client(private: bool) -> Result<Client, Error> {
    let mut builder =
        Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).no_proxy();
    if !private {
        builder = builder.dns_resolver(Arc::new(PublicOnly)).https_only(true);
    }
    builder.build().map_err(|error| Error::Internal(format!("webhooks: {error}")))
}

/// How many are on their way to each address.
type Sending = HashMap<String, usize>;

/// Takes what is due and can be sent now.
async fn claimed(app: &Arc<App>, sending: &Sending) -> Result<Vec<Delivery>, Error> {
    let (now, full) = (app.db.clock().now(), with_at_least(sending, OF_ONE));
    // Hardly ever is there one: then nothing is written.
    if app.db.read(move |conn: &mut Conn| due(conn, now, full)).await?.is_none() {
        return Ok(Vec::new());
    }
    let sending = sending.clone();
    app.db.write(Actor::system("webhook"), move |tx: &mut Tx<'_>| claim(tx, sending.clone())).await
}

/// Addresses to which so many are on their way.
fn with_at_least(sending: &Sending, count: usize) -> Vec<String> {
    sending.iter().filter(|(_, on_their_way)| **on_their_way >= count).map(|(url, _)| url.clone()).collect()
}

/// What is longest due, but for these addresses.
fn due(conn: &mut Conn, now: Timestamp, but: Vec<String>) -> Result<Option<Delivery>, Error> {
    let waiting = deliveries::table.filter(deliveries::kind.eq(FIRED)).filter(deliveries::due_at.le(now));
    let others = waiting.filter(deliveries::url.ne_all(but));
    Ok(others.order((deliveries::due_at, deliveries::id)).first(conn).optional()?)
}

/// Those to whom nothing is on its way come first: an address that never answers holds up nobody else, however much
/// waits for it.
fn claim(tx: &mut Tx<'_>, mut sending: Sending) -> Result<Vec<Delivery>, Error> {
    let (now, mut claimed) = (tx.now(), Vec::new());
    for most in 1..=OF_ONE {
        let room = if most == 1 { AT_ONCE } else { FOR_THE_SAME };
        while sending.values().sum::<usize>() < room {
            let Some(one) = due(tx.conn(), now, with_at_least(&sending, most))? else { break };
            if !put_off(tx, &one)? {
                break;
            }
            *sending.entry(one.url.clone()).or_default() += 1;
            claimed.push(one);
        }
    }
    Ok(claimed)
}

async fn send(app: &App, client: &Client, delivery: &Delivery) -> Result<(), String> {
    let private = app.config.webhook_private_addresses;
    let url = address::read(&delivery.url, private).map_err(str::to_owned)?;
    let secret = secret(app, &delivery.url).await.map_err(|error| error.to_string())?;
    post(client, (url.as_str(), &secret), "application/cloudevents+json", delivery).await
}

/// With what the events to an address are signed: one secret for each host, made of the key of this deployment, so that
/// none is stored in a rule.
///
/// # Errors
/// An address that is not taken; a failure of the database.
pub async fn secret(app: &App, url: &str) -> Result<String, Error> {
    let read = address::read(url, app.config.webhook_private_addresses);
    let url = read.map_err(|why| crate::error::Problem::invalid_field("url", "invalid", why))?;
    let said = format!("fettle webhook 1 {}", address::origin(&url));
    let key = app.confirmation_key.derived(&app.db, &said).await?;
    Ok(format!("whsec_{}", STANDARD.encode(key)))
}

/// Forgets what was delivered, and what has long been dead.
///
/// # Errors
/// A failure of the database.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<(), Error> {
    let before = |days: i64| days * -24 * 60;
    let (taken, dead) =
        (tx.now().plus_minutes(before(KEPT_DAYS)), tx.now().plus_minutes(before(3 * KEPT_DAYS)));
    let old = deliveries::table.filter(deliveries::kind.eq(FIRED)).filter(deliveries::due_at.is_null());
    diesel::delete(old.filter(deliveries::delivered_at.lt(taken))).execute(tx.conn())?;
    diesel::delete(old.filter(deliveries::created_at.lt(dead))).execute(tx.conn())?;
    Ok(())
}
