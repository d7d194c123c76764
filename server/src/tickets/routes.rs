//! Tickets over HTTP.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, patch, post, web};
use db::types::{EngineerId, TicketId};
use db::{Conn, Entity, Timestamp, Tx};
use inventory::PartUsage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::edit::{self, TicketPatch};
use super::events::{self, Incoming};
use super::query::{self, Filter, HistoryEntry};
use super::write::{self, NewTicket};
use super::{EventKind, Ticket, store};
use crate::actions::{self, ActionKind};
use crate::app::App;
use crate::auth::{By, FIELD, OFFICE, STOCK, Who};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Params, Path, with_tag};
use crate::schedule::assign::{self, Means};
use crate::travel::ahead;
use crate::{tasks, templates};

/// The ticket, if this caller may see it: engineers see their own only, and learn nothing of others.
///
/// # Errors
/// 404.
pub fn visible(conn: &mut Conn, who: &Who, id: TicketId) -> Result<Ticket, Error> {
    let ticket = store::get(conn, id)?;
    let his = who.engineer_id.is_some() && ticket.engineer_id == who.engineer_id;
    if who.is_office() || his { Ok(ticket) } else { Err(Problem::not_found("ticket").into()) }
}

/// Tickets, the newest first.
#[utoipa::path(tag = "tickets", params(Filter), responses((status = 200, body = Page<Ticket>)))]
#[get("/tickets")]
pub async fn list(
    app: web::Data<App>,
    by: By<FIELD>,
    params: Params<Filter>,
) -> Result<web::Json<Page<Ticket>>, Error> {
    let mut filter = params.0;
    if !by.0.is_office() {
        filter.engineer_id = Some(by.0.engineer()?);
    }
    let limit = page::limit(filter.limit)?;
    let found = app.db.read(move |conn| query::list(conn, &filter, limit)).await?;
    Ok(web::Json(Page::cut(found, limit, |ticket| ticket.number.to_string())))
}

/// Open a ticket. With `dispatch: auto` it is assigned and its parts are reserved in the same transaction, if
/// anybody can take it.
#[utoipa::path(
    tag = "tickets",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewTicket,
    responses((status = 201, body = Ticket), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
#[post("/tickets")]
pub async fn create(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<NewTicket>,
) -> Result<HttpResponse, Error> {
    let (app, asked) = (app.into_inner(), body.0);
    let for_tx = match prepared(&app, &asked).await {
        Ok(new) => new,
        // What was opened once is not refused the second time, though its window is past or its template gone.
        Err(error) => return key.again(&app.db, &by.0, &asked).await?.ok_or(error),
    };
    let db = app.db.clone();
    let run = move |tx: &mut Tx<'_>| {
        let ticket = write::draft(tx, &app.board.promises(), &for_tx)?;
        let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
        let ticket = assign::open(tx, &means, ticket)?;
        Created::new(format!("/api/v1/tickets/{}", ticket.id), &ticket)
    };
    key.create(&db, by.0, &asked, run).await
}

/// The ticket with what its template brings along, as far as it can be checked outside of a transaction.
async fn prepared(app: &Arc<App>, asked: &NewTicket) -> Result<NewTicket, Error> {
    let new = templates::fill::fill(&app.db, asked).await?;
    new.check(app.db.clock().now())?;
    app.known.check(&app.db, &new).await?;
    ahead::of_new(app, &new).await?;
    Ok(new)
}

/// One ticket.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Ticket), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}")]
pub async fn one(app: web::Data<App>, by: By<FIELD>, id: Path<TicketId>) -> Result<HttpResponse, Error> {
    let read = move |conn: &mut Conn| {
        let ticket = visible(conn, &by.0, id.0)?;
        let version = db::changes::version(conn, Ticket::ENTITY, id.0.as_str())?;
        Ok::<_, Error>((ticket, version))
    };
    let (ticket, version) = app.db.read(read).await?;
    Ok(with_tag(StatusCode::OK, version, &ticket))
}

/// Edit a ticket.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path), ("If-Match" = String, Header)),
    request_body = TicketPatch,
    responses((status = 200, body = Ticket), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[patch("/tickets/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<TicketId>,
    if_match: IfMatch,
    body: Body<TicketPatch>,
) -> Result<HttpResponse, Error> {
    let for_tx = app.clone();
    let run = move |tx: &mut Tx<'_>| {
        let before = store::hold(tx, id.0)?;
        let ticket = edit::patch(tx, &for_tx.board.promises(), before.clone(), &body.0)?;
        if_match.check(tx, Ticket::ENTITY, id.0.as_str())?;
        actions::edited(tx, &before, &ticket)?;
        Ok::<_, Error>(ticket)
    };
    let (ticket, numbers) = app.db.write_numbered(by.0.actor(), run).await?;
    let version = numbers.version(Ticket::ENTITY, ticket.id.as_str()).unwrap_or(0);
    Ok(with_tag(StatusCode::OK, version, &ticket))
}

/// A step of a ticket.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// `close`, `reopen`, `cancel`, `unassign` for the office; `accept` to `complete` for the engineer himself.
    pub kind: EventKind,
    /// Why; required to decline, pause, unassign, reopen or cancel.
    pub reason: Option<String>,
    /// When it happened; now if absent.
    pub at: Option<Timestamp>,
}

impl NewEvent {
    fn check(&self, who: &Who, now: Timestamp) -> Result<Option<EngineerId>, Error> {
        let reason = self.reason.as_deref().unwrap_or("");
        let mut checks = Checks::new();
        checks.text("reason", reason, 2_000);
        let reasoned = !self.kind.needs_reason() || !reason.trim().is_empty();
        checks.require(reasoned, "reason", "required", "say why");
        let assigns = self.kind == EventKind::Assign;
        checks.require(!assigns, "kind", "invalid", "assign by POST /tickets/{id}/assignments");
        if let Some(at) = self.at {
            checks.instant("at", at);
            checks.require(at <= now.plus_minutes(5), "at", "out_of_range", "lies in the future");
        }
        checks.finish()?;
        match (self.kind.is_engineers(), who.is_office()) {
            (true, _) => who.engineer().map(Some),
            (false, true) => Ok(None),
            (false, false) => Err(Problem::forbidden("That is the office's to do.").into()),
        }
    }
}

/// As what a step of the office can be undone. What is closed or reopened speaks with the customer, and is not.
fn undoable(kind: EventKind) -> Option<ActionKind> {
    match kind {
        EventKind::Unassign => Some(ActionKind::Unassign),
        EventKind::Cancel => Some(ActionKind::Cancel),
        _ => None,
    }
}

/// Move a ticket along. Refused with the reason where its state does not allow it.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    request_body = NewEvent,
    responses((status = 200, body = Ticket), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
#[post("/tickets/{id}/events")]
pub async fn event(
    app: web::Data<App>,
    by: By<FIELD>,
    id: Path<TicketId>,
    body: Body<NewEvent>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let engineer_id = new.check(&by.0, app.db.clock().now())?;
    let (who, for_tx) = (by.0.clone(), app.clone());
    let run = move |tx: &mut Tx<'_>| {
        if new.kind != EventKind::Claim {
            visible(tx.conn(), &who, id.0)?;
        }
        let mut incoming = Incoming::by_office(tx, id.0, new.kind, new.reason.as_deref().unwrap_or(""));
        incoming.engineer_id = engineer_id;
        incoming.at = new.at.unwrap_or(incoming.at);
        let means = Means { board: &for_tx.board, hold_minutes: for_tx.config.hold_minutes };
        match undoable(new.kind) {
            Some(kind) => {
                let step = |tx: &mut Tx<'_>| events::demand(tx, &means, &incoming);
                Ok(actions::placing(tx, kind, &[id.0], step)?.0)
            }
            None => {
                if new.kind == EventKind::Close {
                    tasks::check_close(tx, id.0)?;
                }
                events::demand(tx, &means, &incoming)
            }
        }
    };
    let (ticket, numbers) = app.db.write_numbered(by.0.actor(), run).await?;
    let version = match numbers.version(Ticket::ENTITY, ticket.id.as_str()) {
        Some(version) => version,
        // The step was true already: nothing moved, and the tag is the one it had.
        None => app.db.read(move |conn| db::changes::version(conn, Ticket::ENTITY, id.0.as_str())).await?,
    };
    Ok(with_tag(StatusCode::OK, version, &ticket))
}

/// Most changes of one ticket's record that are shown.
const MOST_HISTORY: i64 = 1_000;

/// The record of a ticket: every change with time, actor, before and after.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<HistoryEntry>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/history")]
pub async fn history(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<HistoryEntry>>, Error> {
    let read = move |conn: &mut Conn| {
        store::get(conn, id.0)?;
        Ok::<_, Error>(db::changes::of_ticket(conn, id.0.as_str(), 0, MOST_HISTORY)?)
    };
    Ok(web::Json(Page::whole(query::history(app.db.read(read).await?))))
}

/// Parts used on a ticket.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<PartUsage>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/part-usage")]
pub async fn part_usage(
    app: web::Data<App>,
    _by: By<STOCK>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<PartUsage>>, Error> {
    let read = move |conn: &mut Conn| {
        store::get(conn, id.0)?;
        Ok::<_, Error>(inventory::usage::of_ticket(conn, id.0)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}
