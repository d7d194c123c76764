//! The change log as a stream of server-sent events. One task follows the log and puts each change into words once,
//! whatever the number of listeners; a listener that was away catches up from its cursor in the log itself, so a
//! lost connection loses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use db::types::EngineerId;
use db::{Change, Timestamp};
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use crate::app::App;
use crate::auth::{By, Role, STOCK, session};
use crate::error::{Error, Problem};
use crate::http::{Params, event_stream};

/// Messages that a slow listener may be behind before it has to catch up from the log.
const BEHIND: usize = 4_096;
/// Changes read at once while catching up.
const PAGE: i64 = 500;
/// A comment line is sent when nothing else was, so that dead connections are noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often a listener's session is looked at.
const LOOK_AT_SESSION: Duration = Duration::from_secs(5);
/// How long the follower sleeps when another server may have written.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Most listeners at once.
const MOST_LISTENERS: usize = 2_000;

/// What warehouse people may see.
const STOCK_ENTITIES: &[&str] = &[
    "parts",
    "part_codes",
    "part_lots",
    "part_serials",
    "part_substitutes",
    "part_usage",
    "purchase_order_lines",
    "purchase_orders",
    "put_backs",
    "reservations",
    "stock_balances",
    // Not their lines, which say what is expected: a blind count is blind here too.
    "stock_counts",
    "stock_levels",
    "stock_locations",
    "stock_movements",
    "tasks",
    "used_part_returns",
];

/// One message, in words.
#[derive(Debug, Clone)]
struct Message {
    /// The number of the change; none for positions.
    seq: Option<i64>,
    entity: Arc<str>,
    text: Bytes,
}

/// The stream that all listeners share.
pub struct Live {
    messages: broadcast::Sender<Message>,
    cursor: AtomicI64,
}

impl Live {
    /// A stream that begins after this change.
    pub fn new(cursor: i64) -> Self {
        Self { messages: broadcast::channel(BEHIND).0, cursor: AtomicI64::new(cursor) }
    }

    /// The last change that was put on the stream.
    pub fn cursor(&self) -> i64 {
        self.cursor.load(Ordering::Acquire)
    }

    /// Tells listeners where engineers are now.
    pub fn positions(&self, items: &[LivePosition]) {
        if !items.is_empty() {
            self.tell("positions", &serde_json::json!({ "items": items }));
        }
    }

    /// Whether anybody listens here.
    pub fn has_listeners(&self) -> bool {
        self.messages.receiver_count() > 0
    }

    /// Tells listeners something that is no change of the log: whoever is away misses it.
    pub fn tell(&self, event: &str, data: &impl Serialize) {
        if !self.has_listeners() {
            return;
        }
        let Ok(json) = serde_json::to_string(data) else { return };
        let text = Bytes::from(format!("event: {event}\ndata: {json}\n\n"));
        let _ = self.messages.send(Message { seq: None, entity: event.into(), text });
    }
}

/// Where an engineer was when.
#[derive(Debug, Clone, Serialize)]
pub struct LivePosition {
    /// The engineer.
    pub engineer_id: EngineerId,
    /// WGS-84 degrees.
    pub latitude: f64,
    /// WGS-84 degrees.
    pub longitude: f64,
    /// When.
    pub at: Timestamp,
}

fn message(change: &Change) -> Option<Message> {
    let json = serde_json::to_string(change).ok()?;
    let text = Bytes::from(format!("id: {}\nevent: change\ndata: {json}\n\n", change.seq));
    Some(Message { seq: Some(change.seq), entity: change.entity.as_str().into(), text })
}

/// Follows the log: keeps dispatch's memory up to date, and puts every change on the stream. Runs for ever.
pub async fn follow(app: Arc<App>) {
    loop {
        let cursor = app.live.cursor();
        let page = app.db.read(move |conn| db::changes::after(conn, cursor, db::changes::PAGE)).await;
        match page {
            Ok(changes) if changes.is_empty() => app.db.changed_after(cursor, LOOK_AGAIN).await,
            Ok(changes) => {
                if let Err(error) = app.board.learn(&app.db, &changes).await {
                    tracing::warn!(%error, "dispatch could not take changes in; trying again");
                    tokio::time::sleep(LOOK_AGAIN).await;
                    continue;
                }
                for change in &changes {
                    if app.live.messages.receiver_count() > 0
                        && let Some(message) = message(change)
                    {
                        let _ = app.live.messages.send(message);
                    }
                    app.live.cursor.store(change.seq, Ordering::Release);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "cannot read the change log");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
}

/// Where to begin.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamParams {
    /// The last change that the client knows; the header `Last-Event-ID` goes before it. Absent: from now on.
    cursor: Option<i64>,
}

/// Changes as they are committed, and positions as they arrive: `text/event-stream` with the events `hello`,
/// `change` and `positions`, and for the office `presence`: which pages show which tickets.
#[utoipa::path(
    tag = "live",
    params(StreamParams, ("Last-Event-ID" = Option<i64>, Header)),
    responses((status = 200, content_type = "text/event-stream")),
)]
#[get("/stream")]
pub async fn stream(
    app: web::Data<App>,
    by: By<STOCK>,
    req: HttpRequest,
    params: Params<StreamParams>,
) -> Result<HttpResponse, Error> {
    if app.live.messages.receiver_count() >= MOST_LISTENERS {
        let detail = "Too many listeners.";
        return Err(Problem::new(actix_web::http::StatusCode::SERVICE_UNAVAILABLE, "busy", detail).into());
    }
    let header =
        req.headers().get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let cursor = header.or(params.0.cursor);
    let events = listen(app.into_inner(), by.0.role, session::hash_of(req.headers()), cursor);
    Ok(event_stream(events))
}

fn listen(
    app: Arc<App>,
    role: Role,
    session: Option<String>,
    cursor: Option<i64>,
) -> impl Stream<Item = Result<Bytes, Error>> {
    let (sender, receiver) = mpsc::channel(64);
    tokio::spawn(async move {
        // The listener going away ends it, there is nobody left to tell; and so does the end of his session.
        tokio::select! {
            _ = feed(app.clone(), role, cursor, &sender) => {}
            () = logged_out(&app, session) => {}
            () = app.stopped() => {}
        }
    });
    ReceiverStream::new(receiver)
}

/// Ends when the session does: after a log-out, a new password, other rights.
async fn logged_out(app: &App, session: Option<String>) {
    let mut timer = tokio::time::interval(LOOK_AT_SESSION);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let Some(session) = session else { return };
    loop {
        timer.tick().await;
        // A database that cannot be asked is no reason to send anybody away.
        if matches!(session::who(app, &session).await, Ok(None)) {
            return;
        }
    }
}

type Out = mpsc::Sender<Result<Bytes, Error>>;
/// The listener is gone.
struct Gone;

async fn feed(app: Arc<App>, role: Role, cursor: Option<i64>, out: &Out) -> Result<(), Gone> {
    // Subscribe first, then look at the log: what is committed in between comes twice, and is dropped by number.
    let mut messages = app.live.messages.subscribe();
    // A client that knows more than we do knew a server that was since restored: it hears where we really are.
    let present = app.live.cursor();
    let mut sent = cursor.map_or(present, |cursor| cursor.min(present));
    let clock = app.db.clock();
    let hello = serde_json::json!({ "cursor": sent, "now_at": clock.now(), "speed": clock.speed() });
    send(out, Bytes::from(format!("retry: 1000\nevent: hello\ndata: {hello}\n\n"))).await?;
    sent = catch_up(&app, role, sent, out).await?;
    loop {
        match tokio::time::timeout(KEEP_ALIVE, messages.recv()).await {
            Err(_) => send(out, Bytes::from_static(b": still here\n\n")).await?,
            Ok(Ok(message)) => {
                let is_new = message.seq.is_none_or(|seq| seq > sent);
                if is_new && may_see(role, &message.entity) {
                    send(out, message.text).await?;
                }
                sent = message.seq.unwrap_or(sent).max(sent);
            }
            Ok(Err(broadcast::error::RecvError::Lagged(_))) => sent = catch_up(&app, role, sent, out).await?,
            Ok(Err(broadcast::error::RecvError::Closed)) => return Err(Gone),
        }
    }
}

/// Sends what the log has after `sent`; returns the number reached.
async fn catch_up(app: &App, role: Role, mut sent: i64, out: &Out) -> Result<i64, Gone> {
    loop {
        let from = sent;
        let page = app.db.read(move |conn| db::changes::after(conn, from, PAGE)).await.map_err(|_| Gone)?;
        let Some(last) = page.last() else { return Ok(sent) };
        sent = last.seq;
        for change in page.iter().filter(|change| may_see(role, &change.entity)) {
            if let Some(message) = message(change) {
                send(out, message.text).await?;
            }
        }
    }
}

async fn send(out: &Out, text: Bytes) -> Result<(), Gone> {
    out.send(Ok(text)).await.map_err(|_| Gone)
}

fn may_see(role: Role, entity: &str) -> bool {
    match role {
        Role::Admin => true,
        Role::Dispatcher => entity != "users",
        Role::Warehouse => STOCK_ENTITIES.contains(&entity),
        Role::Engineer => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warehouse_sees_stock_and_nothing_of_people() {
        assert!(may_see(Role::Warehouse, "reservations"));
        assert!(may_see(Role::Warehouse, "tasks"));
        assert!(!may_see(Role::Warehouse, "users"));
        assert!(!may_see(Role::Warehouse, "positions"));
        assert!(!may_see(Role::Warehouse, "presence"));
        assert!(may_see(Role::Dispatcher, "presence"));
        assert!(!may_see(Role::Dispatcher, "users"));
        assert!(may_see(Role::Admin, "users"));
    }
}
