//! Mail over HTTP: what was sent, what is dead, sending it again. Administrators only: it says where people are
//! written to.

use actix_web::{HttpResponse, get, post, web};
use db::schema::{mails, tickets, users};
use db::types::{MailId, TicketId};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::Mail;
use crate::app::App;
use crate::auth::{ADMIN, By};
use crate::error::{Error, Problem};
use crate::http::page;
use crate::http::{Params, Path};
use crate::notifications::NotificationKind;

db::text_enum! {
    /// Where a mail stands.
    pub enum MailState {
        /// It is tried, again if it was not taken.
        Waiting => "waiting",
        /// The mail server took it.
        Sent => "sent",
        /// It was refused, or tried nine times, and is not tried any more.
        Dead => "dead",
    }
}

/// A mail to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailView {
    /// Its id, and the first part of its `Message-ID`.
    pub id: MailId,
    /// To whom.
    pub name: String,
    /// Where he is written to now.
    pub email: String,
    /// About which ticket.
    pub ticket_id: TicketId,
    /// What people call the ticket.
    pub number: i64,
    /// What he is told.
    pub kind: NotificationKind,
    /// Where it stands.
    pub state: MailState,
    /// So often it was tried.
    pub attempts: i32,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due_at: Option<Timestamp>,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
    /// Why it was not taken the last time.
    pub error: String,
}

impl MailView {
    fn of((mail, name, email, number): (Mail, String, String, i64)) -> Self {
        let state = match (mail.sent_at, mail.due_at) {
            (Some(_), _) => MailState::Sent,
            (None, Some(_)) => MailState::Waiting,
            (None, None) => MailState::Dead,
        };
        Self {
            id: mail.id,
            name,
            email,
            ticket_id: mail.ticket_id,
            number,
            kind: mail.kind,
            state,
            attempts: mail.attempts,
            created_at: mail.created_at,
            due_at: mail.due_at,
            sent_at: mail.sent_at,
            error: mail.error,
        }
    }
}

/// Mails, and whether any are sent at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mails {
    /// Whether the configuration names a mail server.
    pub is_sent: bool,
    /// The mails.
    pub items: Vec<MailView>,
    /// Cursor of the next page; none on the last.
    pub next: Option<String>,
}

/// Which mails.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// `waiting`, `sent` or `dead`; all if absent.
    state: Option<MailState>,
    /// At most so many, 1 to 200.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Mails to people, the latest first.
#[utoipa::path(tag = "notifications", params(Filter), responses((status = 200, body = Mails)))]
#[get("/mails")]
pub async fn list(
    app: web::Data<App>,
    _by: By<ADMIN>,
    params: Params<Filter>,
) -> Result<web::Json<Mails>, Error> {
    let Params(filter) = params;
    let limit = page::limit(filter.limit)?;
    let after: Option<MailId> = page::cursor(filter.after.as_deref())?;
    let read = move |conn: &mut Conn| {
        let all = mails::table.inner_join(users::table).inner_join(tickets::table);
        let mut query = all.into_boxed();
        query = match filter.state {
            None => query,
            Some(MailState::Sent) => query.filter(mails::sent_at.is_not_null()),
            Some(MailState::Waiting) => query.filter(mails::due_at.is_not_null()),
            Some(MailState::Dead) => query.filter(mails::due_at.is_null()).filter(mails::sent_at.is_null()),
        };
        if let Some(after) = after {
            query = query.filter(mails::id.lt(after));
        }
        let found: Vec<(Mail, String, String, i64)> = query
            .order(mails::id.desc())
            .limit(limit.saturating_add(1))
            .select((mails::all_columns, users::display_name, users::email, tickets::number))
            .load(conn)?;
        Ok::<_, Error>(found)
    };
    let found = app.db.read(read).await?.into_iter().map(MailView::of).collect();
    let page = page::Page::cut(found, limit, |one: &MailView| one.id.to_string());
    let is_sent = !app.config.mail_host.is_empty();
    Ok(web::Json(Mails { is_sent, items: page.items, next: page.next }))
}

/// Send a dead mail again, from the first attempt on, with the same `Message-ID`.
#[utoipa::path(
    tag = "notifications",
    params(("id" = MailId, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`mail_not_dead`"),
    ),
)]
#[post("/mails/{id}/replay")]
pub async fn replay(app: web::Data<App>, by: By<ADMIN>, id: Path<MailId>) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        let this = mails::table.find(id.0);
        let dead = this.filter(mails::due_at.is_null()).filter(mails::sent_at.is_null());
        let again = diesel::update(dead)
            .set((mails::attempts.eq(0), mails::due_at.eq(Some(now))))
            .execute(tx.conn())?;
        if again == 1 {
            return Ok(());
        }
        let there: i64 = this.count().get_result(tx.conn())?;
        let detail = "The mail was sent, or is still tried.";
        let problem =
            if there == 0 { Problem::not_found("mail") } else { Problem::conflict("mail_not_dead", detail) };
        Err(Error::from(problem))
    };
    app.db.write(by.0.actor(), run).await?;
    Ok(HttpResponse::NoContent().finish())
}
