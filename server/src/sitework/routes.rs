//! What was recorded at a ticket, for those who may see the ticket.

use actix_web::{get, web};
use db::Conn;
use db::schema::{checklist_answers, labour, photos, readings, signatures};
use db::types::TicketId;
use diesel::prelude::*;

use super::{ChecklistAnswer, Labour, Photo, Reading, Signature};
use crate::app::App;
use crate::auth::{By, FIELD};
use crate::error::{Error, Problem};
use crate::http::Path;
use crate::http::page::Page;
use crate::tickets::merge;
use crate::tickets::routes::visible;

/// Most rows shown of one ticket.
const MOST: i64 = 1_000;

/// Time worked on a ticket, the earliest first.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<Labour>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/labour")]
pub async fn list_labour(
    app: web::Data<App>,
    by: By<FIELD>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<Labour>>, Error> {
    let read = move |conn: &mut Conn| {
        visible(conn, &by.0, id.0)?;
        let of_ticket = labour::table.filter(labour::ticket_id.eq(id.0));
        Ok::<_, Error>(of_ticket.order((labour::at, labour::id)).limit(MOST).load(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// Answers to the checklist of a ticket, the earliest first.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<ChecklistAnswer>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/checklist-answers")]
pub async fn list_answers(
    app: web::Data<App>,
    by: By<FIELD>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<ChecklistAnswer>>, Error> {
    use checklist_answers as a;
    let read = move |conn: &mut Conn| {
        visible(conn, &by.0, id.0)?;
        let of_ticket = a::table.filter(a::ticket_id.eq(id.0));
        Ok::<_, Error>(of_ticket.order((a::at, a::id)).limit(MOST).load(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// Readings at a ticket, the earliest first.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<Reading>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/readings")]
pub async fn list_readings(
    app: web::Data<App>,
    by: By<FIELD>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<Reading>>, Error> {
    let read = move |conn: &mut Conn| {
        visible(conn, &by.0, id.0)?;
        let of_ticket = readings::table.filter(readings::ticket_id.eq(id.0));
        Ok::<_, Error>(of_ticket.order((readings::at, readings::id)).limit(MOST).load(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// Photos of a ticket and of its duplicates, the earliest first.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<Photo>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/photos")]
pub async fn list_photos(
    app: web::Data<App>,
    by: By<FIELD>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<Photo>>, Error> {
    let read = move |conn: &mut Conn| {
        let ticket = visible(conn, &by.0, id.0)?;
        let shown = merge::with_duplicates(conn, &by.0, &ticket)?;
        let of_ticket = photos::table.filter(photos::ticket_id.eq_any(shown));
        Ok::<_, Error>(of_ticket.order((photos::at, photos::id)).limit(MOST).load(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// Signatures under a ticket, the earliest first.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<Signature>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/signatures")]
pub async fn list_signatures(
    app: web::Data<App>,
    by: By<FIELD>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<Signature>>, Error> {
    use signatures as s;
    let read = move |conn: &mut Conn| {
        visible(conn, &by.0, id.0)?;
        let of_ticket = s::table.filter(s::ticket_id.eq(id.0));
        Ok::<_, Error>(of_ticket.order((s::at, s::id)).limit(MOST).load(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}
