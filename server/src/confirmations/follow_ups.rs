//! Answers of customers that somebody has to see to: the fault is still there, or he is not content. Each stays on the
//! office's list until somebody says what he did about it.

use actix_web::{HttpResponse, get, post, web};
use db::schema::{follow_ups, tickets};
use db::types::{FollowUpId, Id, TicketId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Params, Path};

/// Longest note, in characters.
const LONGEST: usize = 2_000;

db::text_enum! {
    /// Why somebody has to see to it.
    pub enum Reason {
        /// The fault is still there; the ticket is open again and nobody has it.
        NotSolved => "not_solved",
        /// Solved, but the customer is not content.
        Dissatisfied => "dissatisfied",
    }
}

/// An answer that somebody has to see to.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = follow_ups, treat_none_as_null = true)]
pub struct FollowUp {
    /// Its id.
    pub id: FollowUpId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// Why.
    pub reason: Reason,
    /// What the customer said.
    pub comment: String,
    /// When he said it.
    pub created_at: Timestamp,
    /// When somebody had seen to it.
    pub done_at: Option<Timestamp>,
    /// Who.
    pub done_by: Option<String>,
    /// What he did.
    pub note: String,
}

impl Entity for FollowUp {
    const ENTITY: &'static str = "follow_ups";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// Puts one on the list.
pub(super) fn open(tx: &mut Tx<'_>, ticket_id: TicketId, reason: Reason, comment: &str) -> Result<(), Error> {
    let row = FollowUp {
        id: Id::new(),
        ticket_id,
        reason,
        comment: comment.to_owned(),
        created_at: tx.now(),
        done_at: None,
        done_by: None,
        note: String::new(),
    };
    diesel::insert_into(follow_ups::table).values(row.clone()).execute(tx.conn())?;
    Ok(tx.changed(&row)?)
}

/// One on the list, with what people call its ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, ToSchema)]
pub struct FollowUpView {
    /// What there is to see to.
    #[serde(flatten)]
    pub follow_up: FollowUp,
    /// The ticket's number.
    pub ticket_number: i64,
    /// The ticket in one line.
    pub ticket_title: String,
}

/// Which ones.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Those that were seen to as well; without it only what is open.
    #[serde(default)]
    all: bool,
    /// At most so many, 1 to 200.
    limit: Option<i64>,
}

/// What customers said that somebody has to see to, the longest waiting first.
#[utoipa::path(tag = "confirmations", params(Filter), responses((status = 200, body = Page<FollowUpView>)))]
#[get("/follow-ups")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<Filter>,
) -> Result<web::Json<Page<FollowUpView>>, Error> {
    let Params(filter) = params;
    let limit = page::limit(filter.limit)?;
    let read = move |conn: &mut Conn| {
        let mut query = follow_ups::table
            .inner_join(tickets::table)
            .select((follow_ups::all_columns, tickets::number, tickets::title))
            .into_boxed();
        if !filter.all {
            query = query.filter(follow_ups::done_at.is_null());
        }
        Ok::<_, Error>(query.order((follow_ups::created_at, follow_ups::id)).limit(limit).load(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// What was done about it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// At least a word, at most 2,000 characters.
    pub note: String,
}

/// Say what was done about a customer's answer; it leaves the list. Said again, the first word stays.
#[utoipa::path(
    tag = "confirmations",
    params(("id" = FollowUpId, Path)),
    request_body = Done,
    responses(
        (status = 200, body = FollowUp),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/follow-ups/{id}/done")]
pub async fn done(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<FollowUpId>,
    body: Body<Done>,
) -> Result<HttpResponse, Error> {
    let note = body.0.note;
    let mut checks = Checks::new();
    checks.require(!note.trim().is_empty(), "note", "required", "must not be empty");
    checks.text("note", &note, LONGEST).finish()?;
    let run = move |tx: &mut Tx<'_>| {
        let row: Option<FollowUp> = follow_ups::table.find(id.0).first(tx.conn()).optional()?;
        let mut row = row.ok_or_else(|| Problem::not_found("follow_up"))?;
        if row.done_at.is_none() {
            row.done_at = Some(tx.now());
            row.done_by = Some(tx.actor().name.clone());
            row.note = note.clone();
            diesel::update(follow_ups::table.find(row.id)).set(row.clone()).execute(tx.conn())?;
            tx.changed(&row)?;
        }
        Ok::<_, Error>(row)
    };
    Ok(HttpResponse::Ok().json(app.db.write(by.0.actor(), run).await?))
}
