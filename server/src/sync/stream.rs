//! `GET /sync/v1/stream`: wakes phones that listen. One task looks at the feed when something was committed, once for
//! all of them; a poke says only that there is something to pull, so a phone that misses one loses nothing.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use db::Conn;
use db::schema::sync_feed;
use db::types::{DeviceId, EngineerId};
use diesel::prelude::*;
use futures_util::Stream;
use mobile_sync_wire::stream::{Hello, Poke, Wipe};
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

use crate::app::App;
use crate::auth::{Entrance, Phone, session};
use crate::error::{Error, Problem};
use crate::http::event_stream;

/// Most phones that listen at once.
const MOST_LISTENERS: usize = 5_000;
/// How long pokes are gathered: a group of changes is one poke.
const GATHER: Duration = Duration::from_millis(50);
/// How long the follower sleeps when another server may have written.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How often a listener's token is looked at.
const LOOK_AT_TOKEN: Duration = Duration::from_secs(5);
/// Looks without an event after which a comment is sent, so that dead connections are noticed.
const LOOKS_A_BEAT: u32 = 3;
/// Most scopes in one statement: SQLite takes 32,766 parameters.
const SCOPES: usize = 10_000;

/// What a listener is told.
#[derive(Debug, Clone, Copy, Default)]
struct News {
    /// His feed has moved, up to here at the latest.
    cursor: i64,
    /// Rises when his token may have ended.
    looks: u64,
}

struct Listener {
    number: u64,
    engineer_id: EngineerId,
    news: watch::Sender<News>,
}

/// The phones that listen to this server, one stream each.
#[derive(Default)]
pub struct Pokes {
    listeners: Mutex<HashMap<DeviceId, Listener>>,
    numbers: AtomicU64,
}

impl Pokes {
    /// Has each listener look at his token now: one may have ended.
    pub fn look(&self) {
        self.all(|listeners| {
            for listener in listeners.values() {
                listener.news.send_modify(|news| news.looks += 1);
            }
        });
    }

    fn all<T>(&self, body: impl FnOnce(&mut HashMap<DeviceId, Listener>) -> T) -> T {
        body(&mut self.listeners.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A newer stream of a device ends the older one, whose sender is dropped here.
    fn join(&self, device_id: DeviceId, engineer_id: EngineerId) -> Option<(u64, watch::Receiver<News>)> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (news, receiver) = watch::channel(News::default());
        self.all(|listeners| {
            if listeners.len() >= MOST_LISTENERS && !listeners.contains_key(&device_id) {
                return None;
            }
            listeners.insert(device_id, Listener { number, engineer_id, news });
            Some((number, receiver))
        })
    }

    fn leave(&self, device_id: DeviceId, number: u64) {
        self.all(|listeners| {
            if listeners.get(&device_id).is_some_and(|listener| listener.number == number) {
                listeners.remove(&device_id);
            }
        });
    }

    /// The phones that listen now.
    pub fn devices(&self) -> HashSet<DeviceId> {
        self.all(|listeners| listeners.keys().copied().collect())
    }

    fn scopes(&self) -> HashSet<EngineerId> {
        self.all(|listeners| listeners.values().map(|listener| listener.engineer_id).collect())
    }

    fn poke(&self, cursor: i64, moved: impl Fn(EngineerId) -> bool) {
        self.all(|listeners| {
            for listener in listeners.values().filter(|listener| moved(listener.engineer_id)) {
                listener.news.send_modify(|news| news.cursor = cursor);
            }
        });
    }
}

/// Looks at the feed whenever something was committed, and pokes those whom it concerns. Runs for ever.
pub async fn follow(app: Arc<App>) {
    let mut cursor = 0;
    loop {
        app.db.changed_after(cursor, LOOK_AGAIN).await;
        tokio::time::sleep(GATHER).await;
        let asked = app.pokes.scopes();
        let scopes = asked.clone();
        match app.db.read(move |conn| moved(conn, &scopes, cursor)).await {
            Ok((last, moved)) => {
                if last > cursor {
                    let everybody = moved.contains(mobile_sync::feed::EVERYBODY);
                    // Who came while we looked was not asked about.
                    let concerns =
                        |id: EngineerId| everybody || !asked.contains(&id) || moved.contains(id.as_str());
                    app.pokes.poke(last, concerns);
                }
                cursor = last;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot read the phones' feed");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
}

/// The last number there is, and those of the scopes that have news after `cursor`.
fn moved(
    conn: &mut Conn,
    scopes: &HashSet<EngineerId>,
    cursor: i64,
) -> Result<(i64, HashSet<String>), db::Error> {
    let last = db::changes::last(conn)?;
    let mut moved = HashSet::new();
    if last <= cursor || scopes.is_empty() {
        return Ok((last, moved));
    }
    let mut wanted: Vec<&str> = scopes.iter().map(|id| id.as_str()).collect();
    wanted.push(mobile_sync::feed::EVERYBODY);
    for scopes in wanted.chunks(SCOPES) {
        let found: Vec<String> = sync_feed::table
            .filter(sync_feed::scope.eq_any(scopes))
            .filter(sync_feed::seq.gt(cursor))
            .select(sync_feed::scope)
            .distinct()
            .load(conn)?;
        moved.extend(found);
    }
    Ok((last, moved))
}

/// Wakes a phone: `text/event-stream` with the events `hello`, `poke` and `wipe`.
#[utoipa::path(
    tag = "sync",
    responses(
        (status = 200, content_type = "text/event-stream"),
        (status = 401, body = Problem),
        (status = 503, body = Problem),
    ),
)]
#[get("/stream")]
pub async fn stream(app: web::Data<App>, phone: Phone, req: HttpRequest) -> Result<HttpResponse, Error> {
    let who = super::who(phone)?;
    let token = session::hash_of(req.headers()).unwrap_or_default();
    let Some((number, news)) = app.pokes.join(who.device_id, who.engineer_id) else {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Too many listeners.").into());
    };
    let events = listen(app.into_inner(), who.device_id, token, number, news);
    Ok(event_stream(events))
}

type Out = mpsc::Sender<Result<Bytes, Error>>;
/// The stream is over.
struct Over;

fn listen(
    app: Arc<App>,
    device_id: DeviceId,
    token: String,
    number: u64,
    news: watch::Receiver<News>,
) -> impl Stream<Item = Result<Bytes, Error>> {
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        tokio::select! {
            _ = tell(&app, &token, news, &sender) => {}
            () = sender.closed() => {}
            () = app.stopped() => {}
        }
        app.pokes.leave(device_id, number);
    });
    ReceiverStream::new(receiver)
}

async fn tell(app: &App, token: &str, mut news: watch::Receiver<News>, out: &Out) -> Result<(), Over> {
    let server_time = || app.db.clock().now().millis();
    event(out, "retry: 1000\n", "hello", &Hello { server_time: server_time() }).await?;
    let mut timer = tokio::time::interval(LOOK_AT_TOKEN);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut told, mut looked, mut quiet) = (0, 0, 0);
    loop {
        tokio::select! {
            changed = news.changed() => {
                // There is a newer stream of this device.
                changed.map_err(|_| Over)?;
                let News { cursor, looks } = *news.borrow_and_update();
                if cursor > told {
                    event(out, "", "poke", &Poke { cursor }).await?;
                    (told, quiet) = (cursor, 0);
                }
                if looks == looked {
                    continue;
                }
                looked = looks;
            }
            _ = timer.tick() => quiet += 1,
        }
        match session::who(app, token).await {
            Ok(Some(who)) if who.entrance == Entrance::Revoked => {
                return event(out, "", "wipe", &Wipe { server_time: server_time() }).await;
            }
            Ok(None) => return Err(Over),
            // A database that cannot be asked is no reason to send anybody away.
            Ok(Some(_)) | Err(_) => {}
        }
        if quiet >= LOOKS_A_BEAT {
            out.send(Ok(Bytes::from_static(b": still here\n\n"))).await.map_err(|_| Over)?;
            quiet = 0;
        }
    }
}

async fn event<T: Serialize>(out: &Out, before: &str, name: &str, data: &T) -> Result<(), Over> {
    let data = serde_json::to_string(data).map_err(|_| Over)?;
    let text = format!("{before}event: {name}\ndata: {data}\n\n");
    out.send(Ok(Bytes::from(text))).await.map_err(|_| Over)
}
