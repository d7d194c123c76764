//! What a dispatcher hears before he lets go: of a ticket, what it would mean for every engineer. One question to the
//! engine that ranks and assigns, so that a row which is green takes the ticket and one which is red says why not.

use actix_web::{post, web};
use db::types::{EngineerId, TicketId};
use db::{Conn, Timestamp};
use dispatch::{Query, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Board;
use super::ask::{self, Facts};
use super::assign;
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::Body;
use crate::tickets::{Ticket, store};
use crate::travel::TravelBasis;

/// Of which ticket.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictQuestion {
    /// The ticket that somebody wants to give to somebody.
    pub ticket_id: TicketId,
}

/// What it would mean for everybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verdicts {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Who has it now; of him nothing is said.
    pub engineer_id: Option<EngineerId>,
    /// The last change that dispatch knew.
    pub cursor: i64,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// By which travel times.
    pub travel: TravelBasis,
    /// Everybody else who works here, in order of id.
    pub items: Vec<Verdict>,
}

/// What it would mean for each engineer that he takes the ticket: green, amber with its price, red with the reason.
/// It changes nothing.
#[utoipa::path(
    tag = "dispatch",
    request_body = VerdictQuestion,
    responses((status = 200, body = Verdicts), (status = 404, body = Problem)),
)]
#[post("/dispatch/verdicts")]
pub async fn verdicts(
    app: web::Data<App>,
    _by: By<OFFICE>,
    body: Body<VerdictQuestion>,
) -> Result<web::Json<Verdicts>, Error> {
    let app = app.into_inner();
    let (db, id) = (app.db.clone(), body.0.ticket_id);
    let found = db
        .read(move |conn| {
            let ticket = store::get(conn, id)?;
            of_ticket(conn, &app.board, &ticket, app.db.clock().now())
        })
        .await?;
    Ok(web::Json(found))
}

/// With loads and stock as this connection sees them.
///
/// # Errors
/// A failure of the database.
pub fn of_ticket(
    conn: &mut Conn,
    board: &Board,
    ticket: &Ticket,
    asked_at: Timestamp,
) -> Result<Verdicts, Error> {
    // As for an assignment by hand: whoever declined it may be asked again.
    let visit = assign::visit_without_held(conn, ticket, &[])?;
    let policies = board.policies();
    let policy = policies.of_kind(&ticket.kind);
    let visit = ask::completed(conn, policy, ticket, &visit)?;
    let query = Query::new(&visit, asked_at.millis(), policy);
    let facts = Facts::read(conn, board, ticket, &query, &board.everybody())?;
    let roads = board.travel().roads(policy.straight_line);
    let mut items = board.verdicts(&query, &facts.fresh(&roads));
    items.retain(|verdict| ticket.engineer_id.is_none_or(|holder| holder.uuid() != verdict.engineer_id));
    let (cursor, travel) = (board.cursor(), roads.basis());
    Ok(Verdicts { ticket_id: ticket.id, engineer_id: ticket.engineer_id, cursor, asked_at, travel, items })
}
