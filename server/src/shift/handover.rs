//! What the dispatcher who leaves tells the next one: notes, of a ticket or of the day, that are shown to everybody who
//! comes until somebody ticks them off.

use actix_web::{HttpResponse, get, post, web};
use db::schema::{handover_notes, tickets};
use db::types::{HandoverNoteId, Id, TicketId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Body, Checks, Created, IdempotencyKey, Params, Path};

/// Longest note in characters.
const LONGEST: usize = 2_000;
/// Most notes that are shown on a card: the latest.
const MOST_SHOWN: i64 = 50;

/// Something that one dispatcher tells the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = handover_notes)]
pub struct HandoverNote {
    /// Its id.
    pub id: HandoverNoteId,
    /// The ticket that it is about, if it is about one.
    pub ticket_id: Option<TicketId>,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it, by log-in.
    pub author: String,
    /// What.
    pub text: String,
    /// When somebody ticked it off.
    pub done_at: Option<Timestamp>,
    /// Who did, by log-in.
    pub done_by: Option<String>,
}

impl Entity for HandoverNote {
    const ENTITY: &'static str = "handover_notes";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        self.ticket_id.map(|id| id.to_string())
    }
}

/// A note to be left.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandoverNote {
    /// At most 2,000 characters.
    pub text: String,
    /// The ticket that it is about.
    pub ticket_id: Option<TicketId>,
}

/// What nobody has ticked off yet, the latest first.
///
/// # Errors
/// A failure of the database.
pub fn open(conn: &mut Conn) -> Result<Vec<HandoverNote>, Error> {
    Ok(handover_notes::table
        .filter(handover_notes::done_at.is_null())
        .order((handover_notes::at.desc(), handover_notes::id.desc()))
        .limit(MOST_SHOWN)
        .load(conn)?)
}

/// All notes that were ever left, ticked off or not, the latest first.
#[utoipa::path(tag = "shift", params(PageParams), responses((status = 200, body = Page<HandoverNote>)))]
#[get("/handover-notes")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<HandoverNote>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let after: Option<HandoverNoteId> = page::cursor(params.0.after.as_deref())?;
    let read = move |conn: &mut Conn| {
        let mut query = handover_notes::table.order(handover_notes::id.desc()).limit(limit + 1).into_boxed();
        if let Some(after) = after {
            query = query.filter(handover_notes::id.lt(after));
        }
        Ok::<_, Error>(query.load::<HandoverNote>(conn)?)
    };
    Ok(web::Json(Page::cut(app.db.read(read).await?, limit, |note| note.id.to_string())))
}

/// Leave a note to the next dispatcher.
#[utoipa::path(
    tag = "shift",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewHandoverNote,
    responses((status = 201, body = HandoverNote), (status = 422, body = Problem)),
)]
#[post("/handover-notes")]
pub async fn create(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<NewHandoverNote>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    checks.require(!new.text.trim().is_empty(), "text", "required", "must not be empty");
    checks.text("text", &new.text, LONGEST).finish()?;
    let for_tx = new.clone();
    let run = move |tx: &mut Tx<'_>| {
        if let Some(id) = for_tx.ticket_id {
            let known: i64 = tickets::table.find(id).count().get_result(tx.conn())?;
            if known == 0 {
                return Err(Problem::invalid_field("ticket_id", "unknown", "is no known ticket").into());
            }
        }
        let note = HandoverNote {
            id: Id::new(),
            ticket_id: for_tx.ticket_id,
            at: tx.now(),
            author: tx.actor().name.clone(),
            text: for_tx.text.trim().to_owned(),
            done_at: None,
            done_by: None,
        };
        diesel::insert_into(handover_notes::table).values(note.clone()).execute(tx.conn())?;
        tx.changed(&note)?;
        Created::new("/api/v1/handover-notes".to_owned(), &note)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// Tick a note off: it is dealt with. Who was faster stays.
#[utoipa::path(
    tag = "shift",
    params(("id" = HandoverNoteId, Path)),
    responses((status = 200, body = HandoverNote), (status = 404, body = Problem)),
)]
#[post("/handover-notes/{id}/done")]
pub async fn done(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<HandoverNoteId>,
) -> Result<web::Json<HandoverNote>, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let (now, name) = (tx.now(), tx.actor().name.clone());
        let row = handover_notes::table.find(id.0);
        let ticked = diesel::update(row.filter(handover_notes::done_at.is_null()))
            .set((handover_notes::done_at.eq(Some(now)), handover_notes::done_by.eq(Some(name))))
            .execute(tx.conn())?;
        let note: Option<HandoverNote> = row.first(tx.conn()).optional()?;
        let note = note.ok_or_else(|| Problem::not_found("handover note"))?;
        if ticked > 0 {
            tx.changed(&note)?;
        }
        Ok::<_, Error>(note)
    };
    Ok(web::Json(app.db.write(by.0.actor(), run).await?))
}
