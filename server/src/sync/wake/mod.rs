//! Wakes phones whose app is closed, by Web Push (RFC 8030): the push service of the phone's browser gets a sealed
//! poke, the same that the stream tells, and nothing else. A phone that listens to the stream is left alone, and so is
//! one that has pulled what there is. Off unless the configuration names a contact: push services want somebody to ask.

pub mod address;
mod post;
pub mod seal;
pub mod subscriptions;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use db::schema::{devices, push_subscriptions, settings, sync_feed};
use db::types::{DeviceId, EngineerId};
use db::{Actor, Conn, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use futures_util::StreamExt;
use tokio::sync::OnceCell;

use crate::app::App;
use crate::error::Error;
use post::{Outcome, Post};
use seal::Sender;
use subscriptions::Subscription;

/// The setting that holds the keys.
const KEY: &str = "push_key";
/// How often it is looked whom to wake: as long as changes are gathered.
const LOOK: Duration = Duration::from_secs(1);
/// A phone is woken once in so long.
const REST_MILLIS: i64 = 60_000;
/// Phones that are woken in one round.
const A_ROUND: usize = 200;
/// Phones that are looked at: SQLite takes 32,766 parameters.
const MOST: i64 = 10_000;
/// Of them at the same time.
const AT_ONCE: usize = 8;

/// What is remembered of phones that sleep. If it is lost, somebody may be woken once too often.
#[derive(Default)]
pub struct Sleepers {
    sender: OnceCell<Arc<Sender>>,
    /// Up to which number each phone has pulled, or was woken for.
    told: Mutex<HashMap<DeviceId, i64>>,
}

impl Sleepers {
    /// This phone knows everything up to this number.
    pub fn told(&self, device_id: DeviceId, cursor: i64) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let known = told.entry(device_id).or_default();
        *known = cursor.max(*known);
    }

    fn knows(&self, device_id: DeviceId) -> i64 {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).get(&device_id).copied().unwrap_or(0)
    }
}

/// The keys by which push services know this server, made at first use. None if it wakes nobody.
///
/// # Errors
/// A failure of the database, or keys that are none.
pub async fn sender(app: &App) -> Result<Option<Arc<Sender>>, Error> {
    if app.config.push_contact.is_empty() {
        return Ok(None);
    }
    let read = || async {
        let kept = match app.db.read(kept).await? {
            Some(kept) => kept,
            None => app.db.write(Actor::system("push"), make_keys).await?,
        };
        let sender =
            Sender::read(&kept).map_err(|_| Error::Internal(format!("the setting {KEY} is no key")))?;
        Ok::<_, Error>(Arc::new(sender))
    };
    app.sleepers.sender.get_or_try_init(read).await.cloned().map(Some)
}

fn kept(conn: &mut Conn) -> Result<Option<String>, Error> {
    Ok(settings::table.find(KEY).select(settings::value).first(conn).optional()?)
}

/// Makes keys if there are none.
///
/// # Errors
/// A failure of the database.
pub fn make_keys(tx: &mut Tx<'_>) -> Result<String, Error> {
    let made = Sender::generate().map_err(|_| Error::Internal("no randomness for keys".to_owned()))?;
    let row = (settings::name.eq(KEY), settings::value.eq(made));
    each_backend!(tx.conn(), |c| diesel::insert_into(settings::table)
        .values(&row)
        .on_conflict(settings::name)
        .do_nothing()
        .execute(c))?;
    // Another server may have been faster.
    kept(tx.conn())?.ok_or_else(|| diesel::result::Error::NotFound.into())
}

/// Makes other keys. Every subscription was made for the former ones, so all are forgotten.
///
/// # Errors
/// A failure of the database.
pub fn renew_keys(tx: &mut Tx<'_>) -> Result<String, Error> {
    diesel::delete(settings::table.find(KEY)).execute(tx.conn())?;
    diesel::delete(push_subscriptions::table).execute(tx.conn())?;
    make_keys(tx)
}

/// Runs for ever.
pub async fn run(app: Arc<App>) {
    // What happened before is not news, and who was to be woken for it was.
    let mut seen = app.db.read(db::changes::last).await.unwrap_or(0);
    let began = seen;
    let mut owed = false;
    loop {
        app.db.changed_after(seen, LOOK * 2).await;
        tokio::time::sleep(LOOK).await;
        match once(&app, seen, began, owed).await {
            Ok(round) => (seen, owed) = round,
            Err(error) => tracing::warn!(%error, "cannot wake phones; it is tried again"),
        }
    }
}

/// Wakes whom there is news for since number `began`. Tells the last number that was looked at, and whether somebody is
/// still to be woken, later.
///
/// # Errors
/// A failure of the database, or keys that are none.
pub async fn once(app: &Arc<App>, seen: i64, began: i64, owed: bool) -> Result<(i64, bool), Error> {
    let last = app.db.read(db::changes::last).await?;
    if last <= seen && !owed {
        return Ok((last, false));
    }
    let Some(sender) = sender(app).await? else { return Ok((last, false)) };
    let asleep = app.db.read(move |conn| with_news(conn, began)).await?;
    let listening = app.pokes.devices();
    let news: Vec<(Subscription, i64)> = asleep
        .into_iter()
        .filter(|(phone, news)| {
            app.sleepers.knows(phone.device_id) < *news && !listening.contains(&phone.device_id)
        })
        .collect();
    // Who listens may turn out to be gone; who was woken just now may not have heard.
    let owed = !news.is_empty() || !listening.is_empty();
    let now = app.db.clock().now();
    let rested = |phone: &Subscription| phone.woken_at.millis() + REST_MILLIS <= now.millis();
    let due: Vec<_> = news.into_iter().filter(|(phone, _)| rested(phone)).take(A_ROUND).collect();
    if due.is_empty() {
        return Ok((last, owed));
    }
    let post = Post::new(app.config.push_private_addresses)?;
    let mut waking = Vec::with_capacity(due.len());
    for (phone, news) in due {
        waking.push(wake(app, &post, &sender, phone, news, last));
    }
    futures_util::stream::iter(waking).buffer_unordered(AT_ONCE).for_each(|()| std::future::ready(())).await;
    Ok((last, owed))
}

/// Phones that are subscribed, the one that has waited longest first, and the number of the last news in their scope
/// after `began`.
fn with_news(conn: &mut Conn, began: i64) -> Result<Vec<(Subscription, i64)>, Error> {
    let phones: Vec<(Subscription, EngineerId)> = push_subscriptions::table
        .inner_join(devices::table)
        .filter(devices::revoked_at.is_null())
        .order(push_subscriptions::woken_at)
        .limit(MOST)
        .select((push_subscriptions::all_columns, devices::engineer_id))
        .load(conn)?;
    let scopes: Vec<&str> = phones.iter().map(|(_, engineer_id)| engineer_id.as_str()).collect();
    // What everybody hears of, a new part in the catalogue, is no reason to wake anybody.
    let news: Vec<(String, Option<i64>)> = sync_feed::table
        .filter(sync_feed::scope.eq_any(scopes))
        .filter(sync_feed::seq.gt(began))
        .group_by(sync_feed::scope)
        .select((sync_feed::scope, diesel::dsl::max(sync_feed::seq)))
        .load(conn)?;
    let news: HashMap<String, i64> =
        news.into_iter().filter_map(|(scope, last)| Some((scope, last?))).collect();
    let with_news = phones.into_iter().filter_map(|(phone, engineer_id)| {
        let last = news.get(engineer_id.as_str()).copied()?;
        Some((phone, last))
    });
    Ok(with_news.collect())
}

async fn wake(app: &Arc<App>, post: &Post, sender: &Sender, phone: Subscription, news: i64, cursor: i64) {
    let waking = phone.clone();
    let claimed = app.db.write(Actor::system("push"), move |tx: &mut Tx<'_>| claim(tx, &waking)).await;
    match claimed {
        Ok(true) => {}
        // Another server does it, or it is tried again.
        Ok(false) => return,
        Err(error) => return tracing::warn!(%error, "cannot note that a phone is woken"),
    }
    let outcome = post.send(sender, &app.config.push_contact, &phone, cursor).await;
    match outcome {
        Outcome::Taken => app.sleepers.told(phone.device_id, news),
        Outcome::Refused(why) => {
            tracing::warn!(device = %phone.device_id, why, "a push service does not take a poke");
            app.sleepers.told(phone.device_id, news);
        }
        Outcome::Gone => {
            let dead = move |tx: &mut Tx<'_>| {
                subscriptions::forget(tx.conn(), phone.device_id, Some(&phone.endpoint))
            };
            if let Err(error) = app.db.write(Actor::system("push"), dead).await {
                tracing::warn!(%error, "cannot forget a subscription that has ended");
            }
        }
        Outcome::Later(why) => tracing::info!(device = %phone.device_id, why, "a poke is tried again"),
    }
}

/// Notes that the phone is woken now, if nobody else has: of several servers one does.
fn claim(tx: &mut Tx<'_>, phone: &Subscription) -> Result<bool, Error> {
    let now = tx.now();
    let claimed = diesel::update(push_subscriptions::table.find(phone.device_id))
        .filter(push_subscriptions::woken_at.eq(phone.woken_at))
        .set(push_subscriptions::woken_at.eq(now.max(Timestamp::from_millis(phone.woken_at.millis() + 1))))
        .execute(tx.conn())?;
    Ok(claimed == 1)
}
