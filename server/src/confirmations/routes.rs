//! The customer's page over HTTP, which knows nobody and trusts the link alone; and the link for the office, which
//! sends it.

use actix_web::{HttpRequest, get, post, web};
use db::types::TicketId;
use db::{Conn, Timestamp, Tx};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{self, Answer};
use super::link::Asked;
use super::{Confirmation, Satisfaction};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::{Body, Path};
use crate::sync::enrol;
use crate::tickets::{Ticket, TicketStatus, notes, store};

/// How the question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmationState {
    /// It can be answered.
    Asked,
    /// It was answered.
    Answered,
    /// It cannot be answered any more.
    Over,
}

/// What the customer's page shows: of his own ticket, no more than the person at the door knows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmationView {
    /// Who asks.
    pub organisation: String,
    /// The ticket's number.
    pub ticket_number: i64,
    /// What it was about.
    pub title: String,
    /// Where.
    pub address: String,
    /// When the work was done.
    pub completed_at: Timestamp,
    /// How the question stands.
    pub state: ConfirmationState,
    /// What was answered.
    pub solved: Option<bool>,
    /// What was answered.
    pub satisfaction: Option<Satisfaction>,
    /// Until when it can be answered.
    pub open_until: Timestamp,
    /// What the office wrote for him, the first first.
    pub messages: Vec<CustomerMessage>,
}

/// A note for the customer. Who wrote it is nothing to him: the organisation did.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerMessage {
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// What the office sees of a ticket's confirmation.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketConfirmation {
    /// The page for the customer; whoever has it may answer. None while the work is not done.
    pub url: Option<String>,
    /// Whether and how he answered.
    pub confirmation: Option<Confirmation>,
}

type Shown = (Ticket, Option<Confirmation>, Vec<(Timestamp, String)>);

fn view(app: &App, asked: Asked, (ticket, known, messages): Shown) -> ConfirmationView {
    let days = app.config.reopen_days;
    let answered = known.filter(|known| known.answered_at.is_some());
    let state = match &answered {
        Some(_) => ConfirmationState::Answered,
        None if answer::is_open(&ticket, asked, app.db.clock().now(), days) => ConfirmationState::Asked,
        None => ConfirmationState::Over,
    };
    ConfirmationView {
        organisation: app.config.organisation.clone(),
        ticket_number: ticket.number,
        title: ticket.title,
        address: ticket.address,
        completed_at: asked.completed_at,
        state,
        solved: answered.as_ref().and_then(|given| given.solved),
        satisfaction: answered.as_ref().and_then(|given| given.satisfaction),
        open_until: asked.completed_at.plus_minutes(days * 24 * 60),
        messages: messages.into_iter().map(|(at, text)| CustomerMessage { at, text }).collect(),
    }
}

/// Nobody learns more of a wrong link than that it is one.
async fn asked(app: &App, token: &str) -> Result<Asked, Error> {
    let asked = app.confirmation_key.read(&app.db, token).await?;
    asked.ok_or_else(|| Problem::not_found("confirmation").into())
}

/// The customer's page: what was done, and whether he may answer. The link is all that is asked for.
#[utoipa::path(
    tag = "confirmations",
    params(("token" = String, Path)),
    responses((status = 200, body = ConfirmationView), (status = 404, body = Problem)),
)]
#[get("/confirmations/{token}")]
pub async fn show(app: web::Data<App>, token: Path<String>) -> Result<web::Json<ConfirmationView>, Error> {
    let asked = asked(&app, &token.0).await?;
    let read = move |conn: &mut Conn| {
        let messages = notes::for_customer(conn, asked.ticket_id)?;
        Ok::<_, Error>((store::get(conn, asked.ticket_id)?, answer::known(conn, asked)?, messages))
    };
    Ok(web::Json(view(&app, asked, app.db.read(read).await?)))
}

/// The customer's answer. Solved closes the ticket; not solved opens it again for the office. Once only: the same
/// answer again is no fault, another one is refused.
#[utoipa::path(
    tag = "confirmations",
    params(("token" = String, Path)),
    request_body = Answer,
    responses(
        (status = 200, body = ConfirmationView),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/confirmations/{token}")]
pub async fn give(
    app: web::Data<App>,
    token: Path<String>,
    body: Body<Answer>,
) -> Result<web::Json<ConfirmationView>, Error> {
    let asked = asked(&app, &token.0).await?;
    let Body(given) = body;
    given.check()?;
    let for_tx = app.clone();
    let run = move |tx: &mut Tx<'_>| {
        let given = answer::give(tx, &for_tx, asked, &given)?;
        let messages = notes::for_customer(tx.conn(), asked.ticket_id)?;
        Ok::<_, Error>((store::get(tx.conn(), asked.ticket_id)?, Some(given), messages))
    };
    Ok(web::Json(view(&app, asked, app.db.write(answer::customer(), run).await?)))
}

/// The link that a ticket's customer is sent, and what he answered.
#[utoipa::path(
    tag = "confirmations",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = TicketConfirmation), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/confirmation")]
pub async fn of_ticket(
    app: web::Data<App>,
    _by: By<OFFICE>,
    req: HttpRequest,
    id: Path<TicketId>,
) -> Result<web::Json<TicketConfirmation>, Error> {
    let read = move |conn: &mut Conn| {
        let ticket = store::get(conn, id.0)?;
        let done = matches!(ticket.status, TicketStatus::Completed | TicketStatus::Closed);
        let asked = ticket.completed_at.filter(|_| done);
        let asked = asked.map(|completed_at| Asked { ticket_id: ticket.id, completed_at });
        let known = asked.map(|asked| answer::known(conn, asked)).transpose()?.flatten();
        Ok::<_, Error>((asked, known))
    };
    let (asked, confirmation) = app.db.read(read).await?;
    let url = match asked {
        None => None,
        Some(asked) => {
            let token = app.confirmation_key.token(&app.db, asked).await?;
            // Behind the `#`: the address of the page alone says nothing, in a history or a referrer.
            Some(format!("{}/confirm#{token}", enrol::base(&app, &req)))
        }
    };
    Ok(web::Json(TicketConfirmation { url, confirmation }))
}
