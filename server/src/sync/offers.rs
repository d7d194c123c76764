//! Tickets that are offered to all who may take them. They are in nobody's scope, so phones ask for them beside the
//! sync; who wants one sends the intent `claim`, and the table of steps says who gets it.

use actix_web::{get, web};
use db::types::{EngineerId, TicketId};
use db::{Conn, Timestamp};
use dispatch::Query;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Phone;
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::schedule::assign;
use crate::tickets::{Ticket, store};

/// Most waiting tickets that are looked at, and so the most that are offered.
const MOST: i64 = 50;

/// A ticket that nobody has yet, as far as somebody has to know it who may want it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offer {
    /// Its id.
    pub id: TicketId,
    /// Its number.
    pub number: i64,
    /// What is wrong.
    pub title: String,
    /// 1 is urgent, 4 is low.
    pub priority: i32,
    /// Where.
    pub address: String,
    /// By when.
    pub due_at: Option<Timestamp>,
}

/// Whether dispatch leaves the choice to the engineers, and this one may take it.
fn is_offered(app: &App, ticket: &Ticket, declined: &[EngineerId], to: EngineerId) -> bool {
    let policies = app.board.policies();
    let policy = policies.of_kind(&ticket.kind);
    if policy.strategy.chooses() || declined.contains(&to) {
        return false;
    }
    let visit = assign::visit_of(ticket, declined);
    let query = Query::new(&visit, app.db.clock().now().millis(), policy);
    app.board.shortlist(&query, Some(to)).engineer_ids().any(|id| id == to.uuid())
}

/// What is offered to this engineer, the most urgent first.
#[utoipa::path(
    tag = "sync",
    responses((status = 200, body = Page<Offer>), (status = 401, body = Problem)),
)]
#[get("/offers")]
pub async fn list(app: web::Data<App>, phone: Phone) -> Result<web::Json<Page<Offer>>, Error> {
    let to = phone.0.engineer()?;
    let look = |conn: &mut Conn| {
        let waiting = store::waiting(conn, MOST)?;
        let ids: Vec<TicketId> = waiting.iter().map(|ticket| ticket.id).collect();
        Ok::<_, Error>((waiting, store::declines(conn, &ids)?))
    };
    let (waiting, declines) = app.db.read(look).await?;
    let nobody = Vec::new();
    let offered = waiting
        .into_iter()
        .filter(|ticket| is_offered(&app, ticket, declines.get(&ticket.id).unwrap_or(&nobody), to))
        .map(|ticket| Offer {
            id: ticket.id,
            number: ticket.number,
            title: ticket.title,
            priority: ticket.priority,
            address: ticket.address,
            due_at: Some(ticket.due_at),
        });
    Ok(web::Json(Page::whole(offered.collect())))
}
