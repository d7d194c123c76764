//! Recommendations and assignments over HTTP.

use actix_web::{HttpResponse, get, post, web};
use db::Tx;
use db::types::{EngineerId, TicketId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ask;
use super::assign::{self, Assigned, Means};
use super::assignment::{self, Assignment, Dossier};
use super::whatif::{self, WhatIf};
use crate::actions::{self, ActionKind};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Created, IdempotencyKey, Params, Path};
use crate::tickets::store;
use crate::travel::ahead;

/// Whom to give the ticket to.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssignment {
    /// The engineer; absent: the best one.
    pub engineer_id: Option<EngineerId>,
    /// Why, where a rule excludes him.
    pub reason: Option<String>,
    /// From whom the ticket is taken: who has it now, as far as the caller knows. Absent: nobody has it. So of two
    /// who decide at once, the second hears of the first.
    pub instead_of: Option<EngineerId>,
}

/// Who should take this ticket now, and why not the others.
#[utoipa::path(
    tag = "dispatch",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Dossier), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/recommendation")]
pub async fn recommendation(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<TicketId>,
) -> Result<web::Json<Dossier>, Error> {
    let app = app.into_inner();
    ahead::of_id(&app, id.0, None).await?;
    let db = app.db.clone();
    let dossier = db
        .read(move |conn| {
            let ticket = store::get(conn, id.0)?;
            let declined = store::declined_by(conn, id.0)?;
            let visit = assign::visit_without_held(conn, &ticket, &declined)?;
            let asked_at = app.db.clock().now();
            let considered = ask::recommend(conn, &app.board, &ticket, &visit, asked_at, None)?;
            let (recommendation, travel) = (considered.recommendation, Some(considered.travel));
            Ok::<_, Error>(Dossier { recommendation, cursor: app.board.cursor(), asked_at, travel })
        })
        .await?;
    Ok(web::Json(dossier))
}

/// About whom to ask.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhatIfParams {
    /// The engineer; absent: the next who could take it, or whoever comes closest.
    pub engineer_id: Option<EngineerId>,
}

/// What would have to be different for somebody else to be first, or for anybody to be able to take the ticket.
#[utoipa::path(
    tag = "dispatch",
    params(("id" = TicketId, Path), WhatIfParams),
    responses((status = 200, body = Page<WhatIf>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/counterfactuals")]
pub async fn counterfactuals(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<TicketId>,
    params: Params<WhatIfParams>,
) -> Result<web::Json<Page<WhatIf>>, Error> {
    let app = app.into_inner();
    let db = app.db.clone();
    let engineer = params.0.engineer_id;
    let found = db
        .read(move |conn| {
            let ticket = store::get(conn, id.0)?;
            let declined = store::declined_by(conn, id.0)?;
            let visit = assign::visit_without_held(conn, &ticket, &declined)?;
            whatif::counterfactuals(conn, &app.board, &ticket, &visit, app.db.clock().now(), engineer)
        })
        .await?;
    Ok(web::Json(Page::whole(found)))
}

/// Assign the ticket to an engineer, or to the best one; his parts are reserved in the same transaction.
#[utoipa::path(
    tag = "dispatch",
    params(("id" = TicketId, Path)),
    request_body = NewAssignment,
    responses((status = 201, body = Assignment), (status = 409, body = Problem)),
)]
#[post("/tickets/{id}/assignments")]
pub async fn add(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    id: Path<TicketId>,
    body: Body<NewAssignment>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    checks.text("reason", new.reason.as_deref().unwrap_or(""), 2_000).finish()?;
    let (app, for_tx) = (app.into_inner(), new.clone());
    let db = app.db.clone();
    if new.engineer_id.is_some_and(|engineer| !app.board.knows(engineer)) {
        app.board.catch_up(&db).await?;
    }
    ahead::of_id(&app, id.0, new.engineer_id).await?;
    let create = move |tx: &mut Tx<'_>| {
        let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
        let give = |tx: &mut Tx<'_>| give(tx, &means, id.0, &for_tx);
        let (assignment, _) = actions::placing(tx, ActionKind::Assign, &[id.0], give)?;
        Created::new(format!("/api/v1/tickets/{}/assignments", id.0), &assignment)
    };
    key.create(&db, by.0, &new, create).await
}

fn give(tx: &mut Tx<'_>, means: &Means<'_>, id: TicketId, new: &NewAssignment) -> Result<Assignment, Error> {
    let mut ticket = store::hold(tx, id)?;
    if let Some(engineer) = new.engineer_id {
        let reason = new.reason.as_deref().unwrap_or("");
        return assign::chosen(tx, means, &mut ticket, new.instead_of, engineer, reason);
    }
    if ticket.engineer_id.is_some() {
        return Err(assign::already_assigned());
    }
    let declined = store::declined_by(tx.conn(), ticket.id)?;
    match assign::best(tx, means, &mut ticket, &declined)? {
        Assigned::To(assignment) => Ok(*assignment),
        Assigned::Nobody => Err(Problem::conflict("nobody_fits", "Nobody can take it now.").into()),
    }
}

/// Who had the ticket, and why; the latest first.
#[utoipa::path(
    tag = "dispatch",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<Assignment>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/assignments")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<Assignment>>, Error> {
    let read = move |conn: &mut db::Conn| {
        store::get(conn, id.0)?;
        assignment::of_ticket(conn, id.0)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}
