//! Duplicates: two tickets about one fault. The one that is merged is cancelled and says of which it is a duplicate;
//! its notes and photos are shown with the one that goes on, however many lie between them. What is still to be done
//! for it is to be done for that one, and who watched it watches that one.

use std::collections::HashSet;

use actix_web::{HttpResponse, get, post, web};
use db::schema::{ticket_duplicates, tickets};
use db::types::TicketId;
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::events::{self, Incoming};
use super::{EventKind, Ticket, TicketStatus, store, watchers};
use crate::actions::{self, ActionKind};
use crate::app::App;
use crate::auth::{By, FIELD, OFFICE, Who};
use crate::error::{Error, Problem};
use crate::http::{Body, IdempotencyKey, Path};
use crate::schedule::assign::Means;
use crate::tasks;

/// Most tickets that are shown with one.
const MOST: usize = 200;

/// Which ticket goes on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The ticket that goes on.
    pub into_id: TicketId,
    /// It is meant so though it is about another lift or another place.
    #[serde(default)]
    pub elsewhere: bool,
    /// It is meant so though it is more urgent than the one that goes on.
    #[serde(default)]
    pub less_urgent: bool,
}

/// A ticket that was merged into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable)]
#[diesel(table_name = ticket_duplicates)]
struct Duplicate {
    id: TicketId,
    into_id: TicketId,
    at: Timestamp,
}

impl Entity for Duplicate {
    const ENTITY: &'static str = "ticket_duplicates";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.id.to_string())
    }
}

/// What goes together with a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Duplicates {
    /// The ticket that goes on, if this one was merged.
    pub into: Option<Ticket>,
    /// What was merged into this one, and what into those.
    pub duplicates: Vec<Ticket>,
}

/// Into which ticket it was merged, if it was.
///
/// # Errors
/// A failure of the database.
pub fn into_of(conn: &mut Conn, id: TicketId) -> Result<Option<TicketId>, Error> {
    let of_ticket = ticket_duplicates::table.find(id).select(ticket_duplicates::into_id);
    Ok(of_ticket.first(conn).optional()?)
}

/// Notes that a ticket was merged into another.
///
/// # Errors
/// A failure of the database.
pub fn link(tx: &mut Tx<'_>, id: TicketId, into_id: TicketId) -> Result<(), Error> {
    let row = Duplicate { id, into_id, at: tx.now() };
    diesel::insert_into(ticket_duplicates::table).values(row.clone()).execute(tx.conn())?;
    Ok(tx.changed(&row)?)
}

/// A ticket stands for itself again, if it did not.
///
/// # Errors
/// A failure of the database.
pub fn release(tx: &mut Tx<'_>, id: TicketId) -> Result<(), Error> {
    let there: Option<Duplicate> = ticket_duplicates::table.find(id).first(tx.conn()).optional()?;
    if let Some(row) = there {
        diesel::delete(ticket_duplicates::table.find(id)).execute(tx.conn())?;
        tx.removed(&row)?;
    }
    Ok(())
}

/// The duplicates of a ticket, and theirs, the first opened first.
///
/// # Errors
/// A failure of the database.
pub fn duplicates(conn: &mut Conn, id: TicketId) -> Result<Vec<Ticket>, Error> {
    let (mut seen, mut ask) = (HashSet::from([id]), vec![id]);
    let mut found: Vec<Ticket> = Vec::new();
    while !ask.is_empty() && found.len() < MOST {
        let merged = ticket_duplicates::table.filter(ticket_duplicates::into_id.eq_any(ask));
        let of_those = tickets::table.filter(tickets::id.eq_any(merged.select(ticket_duplicates::id)));
        let next: Vec<Ticket> = of_those.order(tickets::number).limit(MOST as i64).load(conn)?;
        ask = next.iter().map(|ticket| ticket.id).filter(|id| seen.insert(*id)).collect();
        found.extend(next.into_iter().filter(|ticket| ask.contains(&ticket.id)));
    }
    found.sort_by_key(|ticket| ticket.number);
    found.truncate(MOST);
    Ok(found)
}

/// The duplicates of a ticket that its reader may see: of another place, engineers are shown nothing.
///
/// # Errors
/// A failure of the database.
fn shown(conn: &mut Conn, who: &Who, ticket: &Ticket) -> Result<Vec<Ticket>, Error> {
    let mut found = duplicates(conn, ticket.id)?;
    found.retain(|one| who.is_office() || one.site_id == ticket.site_id);
    Ok(found)
}

/// A ticket and its duplicates: what was noted on any of them is shown with it.
///
/// # Errors
/// A failure of the database.
pub fn with_duplicates(conn: &mut Conn, who: &Who, ticket: &Ticket) -> Result<Vec<TicketId>, Error> {
    let duplicates = shown(conn, who, ticket)?;
    Ok(std::iter::once(ticket.id).chain(duplicates.into_iter().map(|one| one.id)).collect())
}

/// Merges a ticket into another.
///
/// # Errors
/// 404; 409 when somebody works on it, either is over, or what they are about or how urgent they are differs and that
/// was not meant.
pub fn merge(tx: &mut Tx<'_>, means: &Means<'_>, id: TicketId, merge: Merge) -> Result<Ticket, Error> {
    if id == merge.into_id {
        return Err(Problem::invalid_field("into_id", "itself", "is the ticket itself").into());
    }
    let held = store::hold_all(tx, &[id, merge.into_id])?;
    let one = |wanted: TicketId| held.iter().find(|ticket| ticket.id == wanted).cloned();
    let ticket = one(id).ok_or_else(|| Problem::not_found("ticket"))?;
    let unknown = || Problem::invalid_field("into_id", "unknown", "is no known ticket");
    let into = one(merge.into_id).ok_or_else(unknown)?;
    check(&ticket, &into, merge)?;
    let reason = format!("Duplicate of {}", into.number);
    let cancelled = events::demand(tx, means, &Incoming::by_office(tx, id, EventKind::Cancel, &reason))?;
    link(tx, id, into.id)?;
    tasks::hand_over(tx, id, into.id)?;
    watchers::hand_over(tx, id, into.id)?;
    Ok(cancelled)
}

/// Whether something can be merged into this ticket.
///
/// # Errors
/// 409 when it is over.
pub fn check_into(into: &Ticket) -> Result<(), Error> {
    if store::is_over(into.status) {
        let detail = format!("{} is {}.", into.number, into.status.as_str());
        return Err(Problem::conflict("merge_into_ended", detail).into());
    }
    Ok(())
}

fn check(ticket: &Ticket, into: &Ticket, merge: Merge) -> Result<(), Error> {
    use TicketStatus as S;
    if store::is_over(ticket.status) {
        let detail = format!("The ticket is {}.", ticket.status.as_str());
        return Err(Problem::conflict("ticket_ended", detail).into());
    }
    if !matches!(ticket.status, S::New | S::Assigned | S::Accepted) {
        let detail = format!("The ticket is {}: an engineer works on it.", ticket.status.as_str());
        return Err(Problem::conflict("merge_in_work", detail).into());
    }
    check_into(into)?;
    let same_asset = ticket.asset_id.is_none() || into.asset_id.is_none() || ticket.asset_id == into.asset_id;
    if !merge.elsewhere && (ticket.site_id != into.site_id || !same_asset) {
        let detail = format!("{} is about another lift or another place.", into.number);
        return Err(Problem::conflict("merge_elsewhere", detail).into());
    }
    if !merge.less_urgent && ticket.priority < into.priority {
        let detail = format!("{} is less urgent, and stays so.", into.number);
        return Err(Problem::conflict("merge_less_urgent", detail).into());
    }
    Ok(())
}

/// Merge a ticket into another, of which it is a duplicate: it is cancelled, its engineer has it in hand no more, its
/// parts are given back, its open tasks and who watches it go over. Undone like a cancellation, but for these two.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Merge,
    responses((status = 200, body = Ticket), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
#[post("/tickets/{id}/merge")]
pub async fn merge_into(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    id: Path<TicketId>,
    body: Body<Merge>,
) -> Result<HttpResponse, Error> {
    let for_tx = app.clone();
    let run = move |tx: &mut Tx<'_>| {
        let means = Means { board: &for_tx.board, hold_minutes: for_tx.config.hold_minutes };
        let step = |tx: &mut Tx<'_>| merge(tx, &means, id.0, body.0);
        Ok::<_, Error>(actions::placing(tx, ActionKind::Cancel, &[id.0], step)?.0)
    };
    key.step(&app.db, by.0, &body.0, run).await
}

/// Into which ticket this one was merged, and which were merged into it.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Duplicates), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/duplicates")]
pub async fn list(
    app: web::Data<App>,
    by: By<FIELD>,
    id: Path<TicketId>,
) -> Result<web::Json<Duplicates>, Error> {
    let read = move |conn: &mut Conn| {
        let ticket = super::routes::visible(conn, &by.0, id.0)?;
        let into = match into_of(conn, id.0)? {
            // What engineers may not see, they are not told.
            Some(into) if by.0.is_office() => store::find(conn, into)?,
            _ => None,
        };
        Ok::<_, Error>(Duplicates { into, duplicates: shown(conn, &by.0, &ticket)? })
    };
    Ok(web::Json(app.db.read(read).await?))
}
