//! Notes: what was seen and said, in rows that are only ever added.

use actix_web::{HttpResponse, get, post, web};
use db::schema::notes;
use db::types::{EngineerId, Id, NoteId, TicketId, VisitId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::app::App;
use crate::auth::{By, FIELD};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Created, IdempotencyKey, Path};

/// Longest note in characters.
pub const LONGEST: usize = 20_000;
/// Most notes shown of one ticket.
const MOST: i64 = 500;

/// Something that somebody wrote down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = notes)]
pub struct Note {
    /// Its id; a phone chooses it.
    pub id: NoteId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The visit.
    pub visit_id: VisitId,
    /// The engineer who wrote it, if one did.
    pub engineer_id: Option<EngineerId>,
    /// Who wrote it, by log-in.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

impl Entity for Note {
    const ENTITY: &'static str = "notes";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// A note to be added, by whoever made its id.
#[derive(Debug, Clone)]
pub struct Noted {
    /// Its id.
    pub id: NoteId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The engineer who wrote it, if one did.
    pub engineer_id: Option<EngineerId>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// Adds a note; one that is there already is left as it is.
///
/// # Errors
/// 404 for an unknown ticket.
pub fn add(tx: &mut Tx<'_>, noted: Noted) -> Result<Note, Error> {
    let known = notes::table.find(noted.id).first(tx.conn()).optional()?;
    if let Some(note) = known {
        return Ok(note);
    }
    let ticket = store::get(tx.conn(), noted.ticket_id)?;
    let note = Note {
        id: noted.id,
        ticket_id: ticket.id,
        visit_id: ticket.visit_id,
        engineer_id: noted.engineer_id,
        author: tx.actor().name.clone(),
        at: noted.at,
        text: noted.text,
    };
    diesel::insert_into(notes::table).values(note.clone()).execute(tx.conn())?;
    tx.changed(&note)?;
    Ok(note)
}

/// What somebody wants to write down.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// At most 20,000 characters.
    pub text: String,
}

/// The notes of a ticket and of its duplicates, oldest first.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<Note>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/notes")]
pub async fn list(
    app: web::Data<App>,
    by: By<FIELD>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<Note>>, Error> {
    let read = move |conn: &mut Conn| {
        super::routes::visible(conn, &by.0, id.0)?;
        let shown = super::merge::with_duplicates(conn, id.0)?;
        let of_ticket = notes::table.filter(notes::ticket_id.eq_any(shown));
        Ok::<_, Error>(of_ticket.order((notes::at, notes::id)).limit(MOST).load(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// Write something down.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    request_body = NewNote,
    responses((status = 201, body = Note), (status = 422, body = Problem)),
)]
#[post("/tickets/{id}/notes")]
pub async fn create(
    app: web::Data<App>,
    by: By<FIELD>,
    key: IdempotencyKey,
    id: Path<TicketId>,
    body: Body<NewNote>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    checks.require(!new.text.trim().is_empty(), "text", "required", "must not be empty");
    checks.text("text", &new.text, LONGEST).finish()?;
    let (who, text) = (by.0.clone(), new.text.clone());
    let run = move |tx: &mut Tx<'_>| {
        super::routes::visible(tx.conn(), &who, id.0)?;
        let noted = Noted {
            id: Id::new(),
            ticket_id: id.0,
            engineer_id: who.engineer_id,
            at: tx.now(),
            text: text.clone(),
        };
        let note = add(tx, noted)?;
        Created::new(format!("/api/v1/tickets/{}/notes", id.0), &note)
    };
    key.create(&app.db, by.0, &new, run).await
}
