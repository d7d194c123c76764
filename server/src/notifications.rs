//! What somebody is told in the console until he has read it, and by mail ([`crate::mail`]) if he has an address; how,
//! he says himself ([`preferences`]).

pub mod preferences;

use actix_web::{HttpResponse, get, post, web};
use db::schema::{notes, notifications, tickets};
use db::types::{EngineerId, Id, NoteId, NotificationId, TicketId, UserId};
use db::{Conn, Timestamp, Tx, text_enum};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{ANYBODY, By};
use crate::error::{Error, Problem};
use crate::http::Path;
use crate::http::page::Page;
use crate::mail;
use crate::tickets::TicketStatus;
use crate::tickets::notes::{Note, NoteAudience};
use preferences::Ways;

/// Shown at most: the latest.
const MOST: i64 = 100;
/// Kept for so many days.
const KEPT_DAYS: i64 = 90;
/// So many characters of a note are shown.
const EXCERPT: usize = 200;

text_enum! {
    /// What somebody is told.
    pub enum NotificationKind {
        /// The response is due soon, or was.
        ResponseDue => "response_due",
        /// The resolution is due soon, or was.
        ResolutionDue => "resolution_due",
        /// The ticket was given to somebody else for that.
        Reassigned => "reassigned",
        /// A rule says so; its name says what.
        Rule => "rule",
        /// Somebody named him in a note.
        Mentioned => "mentioned",
        /// Somebody wrote on a ticket that he watches.
        Commented => "commented",
        /// A ticket that he watches came to another state.
        StatusChanged => "status_changed",
    }
}

/// Something that somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable)]
#[diesel(table_name = notifications)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Whom.
    pub user_id: UserId,
    /// About which ticket.
    pub ticket_id: TicketId,
    /// What.
    pub kind: NotificationKind,
    /// When that was so: for what was told late, the true time.
    pub at: Timestamp,
    /// When he read it.
    pub read_at: Option<Timestamp>,
    /// The rule by which he is told, in English.
    pub rule_en: Option<String>,
    /// The same in Chinese.
    pub rule_zh: Option<String>,
    /// The note that he is told of.
    pub note_id: Option<NoteId>,
    /// The state that the ticket came to.
    pub status: Option<String>,
}

/// The same with what the reader wants to know of the ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, ToSchema)]
pub struct NotificationView {
    /// Its id.
    pub id: NotificationId,
    /// About which ticket.
    pub ticket_id: TicketId,
    /// What people call the ticket.
    pub number: i64,
    /// The ticket in one line.
    pub title: String,
    /// What.
    pub kind: NotificationKind,
    /// When that was so: for what was told late, the true time.
    pub at: Timestamp,
    /// When he read it; `null` if he did not.
    pub read_at: Option<Timestamp>,
    /// The rule by which he is told, in English; `null` for other kinds.
    pub rule_en: Option<String>,
    /// The same in Chinese.
    pub rule_zh: Option<String>,
    /// The state that the ticket came to; `null` for other kinds.
    #[schema(value_type = Option<TicketStatus>)]
    pub status: Option<String>,
    /// Who wrote the note that he is told of; `null` for other kinds.
    pub note_author: Option<String>,
    /// How the note begins.
    pub note_text: Option<String>,
}

/// What the rule is called by which somebody is told.
#[derive(Debug, Clone)]
pub struct ByRule {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// Tells these people.
///
/// # Errors
/// A failure of the database.
pub fn tell(
    tx: &mut Tx<'_>,
    users: &[UserId],
    ticket_id: TicketId,
    kind: NotificationKind,
    at: Timestamp,
) -> Result<(), Error> {
    put(tx, users, &News::of(ticket_id, kind, at))
}

/// Tells these people what a rule says.
///
/// # Errors
/// A failure of the database.
pub fn tell_by_rule(
    tx: &mut Tx<'_>,
    users: &[UserId],
    ticket_id: TicketId,
    rule: &ByRule,
    at: Timestamp,
) -> Result<(), Error> {
    let rule = Some(rule.clone());
    put(tx, users, &News { rule, ..News::of(ticket_id, NotificationKind::Rule, at) })
}

/// Tells these people of a note.
///
/// # Errors
/// A failure of the database.
pub fn tell_of_note(
    tx: &mut Tx<'_>,
    users: &[UserId],
    kind: NotificationKind,
    note: &Note,
) -> Result<(), Error> {
    put(tx, users, &News { note_id: Some(note.id), ..News::of(note.ticket_id, kind, note.at) })
}

/// Tells these people which state a ticket came to. What they have not read of its former states is no news any more.
///
/// # Errors
/// A failure of the database.
pub fn tell_of_status(
    tx: &mut Tx<'_>,
    users: &[UserId],
    ticket_id: TicketId,
    status: TicketStatus,
) -> Result<(), Error> {
    if users.is_empty() {
        return Ok(());
    }
    let (kind, now) = (NotificationKind::StatusChanged, tx.now());
    let former = notifications::table.filter(notifications::ticket_id.eq(ticket_id));
    let unread = former.filter(notifications::kind.eq(kind)).filter(notifications::read_at.is_null());
    diesel::delete(unread.filter(notifications::user_id.eq_any(users))).execute(tx.conn())?;
    mail::forget_unsent(tx, users, ticket_id, kind)?;
    let status = Some(status.as_str().to_owned());
    put(tx, users, &News { status, ..News::of(ticket_id, kind, now) })
}

/// What several people are told at once.
struct News {
    ticket_id: TicketId,
    kind: NotificationKind,
    at: Timestamp,
    rule: Option<ByRule>,
    note_id: Option<NoteId>,
    status: Option<String>,
}

impl News {
    const fn of(ticket_id: TicketId, kind: NotificationKind, at: Timestamp) -> Self {
        Self { ticket_id, kind, at, rule: None, note_id: None, status: None }
    }

    fn to(&self, user_id: UserId) -> Notification {
        let Self { ticket_id, kind, at, note_id, .. } = *self;
        Notification {
            id: Id::new(),
            user_id,
            ticket_id,
            kind,
            at,
            read_at: None,
            rule_en: self.rule.as_ref().map(|rule| rule.en.clone()),
            rule_zh: self.rule.as_ref().map(|rule| rule.zh.clone()),
            note_id,
            status: self.status.clone(),
        }
    }
}

fn put(tx: &mut Tx<'_>, users: &[UserId], news: &News) -> Result<(), Error> {
    if users.is_empty() {
        return Ok(());
    }
    let ways = Ways::of(tx.conn(), users, news.kind)?;
    for one in users.iter().map(|user_id| news.to(*user_id)) {
        if ways.mail(one.user_id) {
            mail::note(tx, &one)?;
        }
        if ways.bell(one.user_id) {
            diesel::insert_into(notifications::table).values(one).execute(tx.conn())?;
        }
    }
    Ok(())
}

/// Forgets what is old, read or not.
///
/// # Errors
/// A failure of the database.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<(), Error> {
    let before = tx.now().plus_minutes(-KEPT_DAYS * 24 * 60);
    diesel::delete(notifications::table.filter(notifications::at.lt(before))).execute(tx.conn())?;
    Ok(())
}

/// What the caller is told, the latest first, at most 100.
#[utoipa::path(tag = "notifications", responses((status = 200, body = Page<NotificationView>)))]
#[get("/notifications")]
pub async fn list(app: web::Data<App>, by: By<ANYBODY>) -> Result<web::Json<Page<NotificationView>>, Error> {
    let user = by.0.user_id;
    let read = move |conn: &mut Conn| {
        let rows: Vec<(NotificationView, Option<NoteAudience>, Option<EngineerId>)> = notifications::table
            .inner_join(tickets::table)
            .left_join(notes::table.on(notifications::note_id.eq(notes::id.nullable())))
            .filter(notifications::user_id.eq(user))
            .order(notifications::id.desc())
            .limit(MOST)
            .select((
                (
                    notifications::id,
                    notifications::ticket_id,
                    tickets::number,
                    tickets::title,
                    notifications::kind,
                    notifications::at,
                    notifications::read_at,
                    notifications::rule_en,
                    notifications::rule_zh,
                    notifications::status,
                    notes::author.nullable(),
                    notes::text.nullable(),
                ),
                notes::audience.nullable(),
                tickets::engineer_id,
            ))
            .load(conn)?;
        Ok::<_, Error>(rows)
    };
    let (role, engineer) = (by.0.role, by.0.engineer_id);
    let shown = |(mut one, audience, of): (NotificationView, Option<NoteAudience>, Option<EngineerId>)| {
        let text = NoteAudience::shown(audience, one.note_text, role, (engineer, of));
        one.note_text = text.map(|text| text.chars().take(EXCERPT).collect());
        one
    };
    let rows = app.db.read(read).await?;
    Ok(web::Json(Page::whole(rows.into_iter().map(shown).collect())))
}

/// Mark one of the caller's as read.
#[utoipa::path(
    tag = "notifications",
    params(("id" = NotificationId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[post("/notifications/{id}/read")]
pub async fn mark_read(
    app: web::Data<App>,
    by: By<ANYBODY>,
    id: Path<NotificationId>,
) -> Result<HttpResponse, Error> {
    let user = by.0.user_id;
    let run = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        let his = notifications::table.find(id.0).filter(notifications::user_id.eq(user));
        let first = his.filter(notifications::read_at.is_null());
        diesel::update(first).set(notifications::read_at.eq(Some(now))).execute(tx.conn())?;
        let there: i64 = his.count().get_result(tx.conn())?;
        if there == 0 { Err(Error::from(Problem::not_found("notification"))) } else { Ok(()) }
    };
    app.db.write(by.0.actor(), run).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Mark all of the caller's as read.
#[utoipa::path(tag = "notifications", responses((status = 204)))]
#[post("/notifications/read")]
pub async fn mark_all_read(app: web::Data<App>, by: By<ANYBODY>) -> Result<HttpResponse, Error> {
    let user = by.0.user_id;
    let run = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        let his = notifications::table.filter(notifications::user_id.eq(user));
        let unread = his.filter(notifications::read_at.is_null());
        diesel::update(unread).set(notifications::read_at.eq(Some(now))).execute(tx.conn())?;
        Ok::<_, Error>(())
    };
    app.db.write(by.0.actor(), run).await?;
    Ok(HttpResponse::NoContent().finish())
}
