//! Notes: what was seen and said, in rows that are only ever added. Each says for whom it is, once and for all: what
//! the office says among itself reaches no phone, and what is not for the customer no page of his.

use actix_web::{HttpResponse, get, post, web};
use db::schema::notes;
use db::types::{EngineerId, Id, Json, NoteId, TicketId, UserId, VisitId};
use db::{Conn, Entity, Timestamp, Tx, text_enum};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{store, watchers};
use crate::app::App;
use crate::auth::{By, FIELD, Role, Who};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Created, IdempotencyKey, Path};

/// Longest note in characters.
pub const LONGEST: usize = 20_000;
/// Most notes shown of one ticket.
const MOST: i64 = 500;
/// Most of them that its customer is shown: the latest.
const MOST_FOR_CUSTOMER: i64 = 50;
/// Most people whom one note names.
const MOST_MENTIONS: usize = 20;

text_enum! {
    /// For whom a note is.
    pub enum NoteAudience {
        /// The office alone.
        Office => "office",
        /// The office, and the engineer who has the ticket.
        Team => "team",
        /// They and the customer, on the page where he says whether the work is good.
        Customer => "customer",
    }
}

impl NoteAudience {
    /// Whether somebody of this role reads it; `is_his`: on a ticket that is his own, as an engineer.
    #[must_use]
    pub fn includes(self, role: Role, is_his: bool) -> bool {
        matches!(role, Role::Admin | Role::Dispatcher) || (is_his && self != Self::Office)
    }

    /// The text of a note, if there is one and somebody of this role, and who this engineer is, reads it now: who has
    /// another role by now, or not the ticket any more, is not told what others say there.
    #[must_use]
    pub fn shown(
        audience: Option<Self>,
        text: Option<String>,
        role: Role,
        (engineer, holder): (Option<EngineerId>, Option<EngineerId>),
    ) -> Option<String> {
        let is_his = engineer.is_some() && engineer == holder;
        text.filter(|_| audience.is_some_and(|it| it.includes(role, is_his)))
    }
}

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
    /// For whom.
    pub audience: NoteAudience,
    /// Whom it names.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<UserId>)]
    pub mentions: Json<Vec<UserId>>,
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
    /// For whom.
    pub audience: NoteAudience,
    /// Whom it names.
    pub mentions: Vec<UserId>,
}

/// Adds a note; one that is there already is left as it is. Who is named and who watches the ticket is told.
///
/// # Errors
/// 404 for an unknown ticket; 422 for somebody named who may not read the note.
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
        audience: noted.audience,
        mentions: Json(noted.mentions),
    };
    diesel::insert_into(notes::table).values(note.clone()).execute(tx.conn())?;
    tx.changed(&note)?;
    watchers::noted(tx, &ticket, &note)?;
    Ok(note)
}

/// What somebody wants to write down.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// At most 20,000 characters.
    pub text: String,
    /// For whom; the team if absent. Engineers write for the team.
    #[serde(default = "NewNote::usual")]
    pub audience: NoteAudience,
    /// Whom it names, at most 20 who may read it: they are told, and watch the ticket from now on.
    #[serde(default)]
    pub mentions: Vec<UserId>,
}

impl NewNote {
    const fn usual() -> NoteAudience {
        NoteAudience::Team
    }

    fn check(&self, who: &Who) -> Result<(), Error> {
        if !who.is_office() && self.audience != NoteAudience::Team {
            return Err(Problem::forbidden("Engineers write for the team.").into());
        }
        let mut checks = Checks::new();
        checks.require(!self.text.trim().is_empty(), "text", "required", "must not be empty");
        checks.text("text", &self.text, LONGEST);
        checks.require(self.mentions.len() <= MOST_MENTIONS, "mentions", "too_many", "at most 20");
        for (nth, user) in self.mentions.iter().enumerate().take(MOST_MENTIONS) {
            let again = self.mentions[..nth].contains(user);
            checks.require(!again, &format!("mentions[{nth}]"), "duplicate", "is named twice");
        }
        checks.finish()
    }
}

/// What a ticket's customer may read, the first first.
///
/// # Errors
/// A failure of the database.
pub fn for_customer(conn: &mut Conn, id: TicketId) -> Result<Vec<(Timestamp, String)>, Error> {
    let for_him = notes::table.filter(notes::ticket_id.eq(id)).filter(notes::text.ne(""));
    let mut found: Vec<(Timestamp, String)> = for_him
        .filter(notes::audience.eq(NoteAudience::Customer))
        .order((notes::at.desc(), notes::id.desc()))
        .limit(MOST_FOR_CUSTOMER)
        .select((notes::at, notes::text))
        .load(conn)?;
    found.reverse();
    Ok(found)
}

/// The notes of a ticket and of its duplicates, oldest first; of more than 500 the latest. Engineers are not shown
/// those of the office.
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
        let ticket = super::routes::visible(conn, &by.0, id.0)?;
        let shown = super::merge::with_duplicates(conn, &by.0, &ticket)?;
        let mut of_ticket = notes::table.filter(notes::ticket_id.eq_any(shown)).into_boxed();
        if !by.0.is_office() {
            of_ticket = of_ticket.filter(notes::audience.ne(NoteAudience::Office));
        }
        let mut found: Vec<Note> =
            of_ticket.order((notes::at.desc(), notes::id.desc())).limit(MOST).load(conn)?;
        found.reverse();
        Ok::<_, Error>(found)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// Write something down. Who is named in it is told and watches the ticket; so is who watches it.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewNote,
    responses((status = 201, body = Note), (status = 403, body = Problem), (status = 422, body = Problem)),
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
    new.check(&by.0)?;
    let (who, wanted) = (by.0.clone(), new.clone());
    let run = move |tx: &mut Tx<'_>| {
        super::routes::visible(tx.conn(), &who, id.0)?;
        let noted = Noted {
            id: Id::new(),
            ticket_id: id.0,
            engineer_id: who.engineer_id,
            at: tx.now(),
            text: wanted.text.clone(),
            audience: wanted.audience,
            mentions: wanted.mentions.clone(),
        };
        let note = add(tx, noted)?;
        Created::new(format!("/api/v1/tickets/{}/notes", id.0), &note)
    };
    key.create(&app.db, by.0, &new, run).await
}
