//! Canned replies: what the office writes again and again, in both languages, with placeholders that a ticket fills
//! ([`fill`]). They are put into the box of a note, where one reads them before they are sent.

mod fill;

use actix_web::{HttpResponse, delete, get, post, put, web};
use db::schema::{canned_replies as replies, customers, engineers, users};
use db::types::{Id, ReplyId, TicketId, UserId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Path, rows};
use crate::tickets::notes::{LONGEST, NoteAudience};
use crate::tickets::words::{state, time};
use crate::tickets::{Ticket, store};

/// Most replies that there are.
const MOST: i64 = 200;

/// A text that is written again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = replies)]
#[schema(as = CannedReply)]
pub struct Reply {
    /// Its id.
    pub id: ReplyId,
    /// By which one finds it.
    pub title: String,
    /// The same in Chinese.
    pub title_zh: String,
    /// What is written, with placeholders such as `{number}`.
    pub text: String,
    /// The same in Chinese; empty: there is none.
    pub text_zh: String,
    /// For whom it usually is.
    pub audience: NoteAudience,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Entity for Reply {
    const ENTITY: &'static str = "canned_replies";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// A reply as it is to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCannedReply)]
pub struct NewReply {
    /// By which one finds it, at most 100 characters.
    pub title: String,
    /// The same in Chinese; may be empty.
    #[serde(default)]
    pub title_zh: String,
    /// What is written, at most 20,000 characters. Placeholders: `{number}`, `{title}`, `{status}`, `{customer}`,
    /// `{address}`, `{contact}`, `{engineer}`, `{planned}`, `{due}`, `{organisation}`, `{author}`.
    pub text: String,
    /// The same in Chinese; may be empty.
    #[serde(default)]
    pub text_zh: String,
    /// For whom it usually is.
    pub audience: NoteAudience,
}

impl NewReply {
    fn check(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        checks.name("title", &self.title, 100).text("title_zh", &self.title_zh, 100);
        checks.require(!self.text.trim().is_empty(), "text", "required", "must not be empty");
        for (field, text) in [("text", &self.text), ("text_zh", &self.text_zh)] {
            checks.text(field, text, LONGEST);
            fill::check(&mut checks, field, text);
        }
        checks.finish()
    }

    fn row(self, id: ReplyId, created_at: Timestamp) -> Reply {
        let Self { title, title_zh, text, text_zh, audience } = self;
        Reply { id, title, title_zh, text, text_zh, audience, created_at }
    }
}

fn get(conn: &mut Conn, id: ReplyId) -> Result<Reply, Error> {
    let found = replies::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("canned reply").into())
}

fn all(conn: &mut Conn) -> Result<Vec<Reply>, Error> {
    Ok(replies::table.order((replies::title, replies::id)).limit(MOST).load(conn)?)
}

/// Canned replies, by title.
#[utoipa::path(tag = "canned replies", responses((status = 200, body = Page<Reply>)))]
#[get("/canned-replies")]
pub async fn list(app: web::Data<App>, _by: By<OFFICE>) -> Result<web::Json<Page<Reply>>, Error> {
    Ok(web::Json(Page::whole(app.db.read(all).await?)))
}

/// One canned reply.
#[utoipa::path(
    tag = "canned replies",
    params(("id" = ReplyId, Path)),
    responses((status = 200, body = Reply), (status = 404, body = Problem)),
)]
#[get("/canned-replies/{id}")]
pub async fn one(app: web::Data<App>, _by: By<OFFICE>, id: Path<ReplyId>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| get(conn, id.0)).await
}

/// Add a canned reply; there are at most 200.
#[utoipa::path(
    tag = "canned replies",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewReply,
    responses((status = 201, body = Reply), (status = 422, body = Problem)),
)]
#[post("/canned-replies")]
pub async fn add(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<NewReply>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.check()?;
    let reply = new.clone().row(Id::new(), app.db.clock().now());
    let run = move |tx: &mut Tx<'_>| {
        let there: i64 = replies::table.count().get_result(tx.conn())?;
        if there >= MOST {
            return Err(Problem::invalid_field("title", "too_many", "at most 200 replies").into());
        }
        diesel::insert_into(replies::table).values(reply.clone()).execute(tx.conn())?;
        tx.created(&reply)?;
        Created::new(format!("/api/v1/canned-replies/{}", reply.id), &reply)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// Change a canned reply.
#[utoipa::path(
    tag = "canned replies",
    params(("id" = ReplyId, Path), ("If-Match" = String, Header)),
    request_body = NewReply,
    responses((status = 200, body = Reply), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[put("/canned-replies/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<ReplyId>,
    if_match: IfMatch,
    body: Body<NewReply>,
) -> Result<HttpResponse, Error> {
    let wanted = body.0;
    wanted.check()?;
    let run = move |tx: &mut Tx<'_>| {
        let created_at = get(tx.conn(), id.0)?.created_at;
        let reply = wanted.clone().row(id.0, created_at);
        diesel::update(replies::table.find(reply.id)).set(reply.clone()).execute(tx.conn())?;
        tx.changed(&reply)?;
        Ok(reply)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}

/// Remove a canned reply. What was written with it stays.
#[utoipa::path(
    tag = "canned replies",
    params(("id" = ReplyId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/canned-replies/{id}")]
pub async fn remove(app: web::Data<App>, by: By<OFFICE>, id: Path<ReplyId>) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let reply = get(tx.conn(), id.0)?;
        diesel::delete(replies::table.find(reply.id)).execute(tx.conn())?;
        Ok(tx.removed(&reply)?)
    };
    rows::remove(&app.db, &by.0, run).await
}

/// A reply as it is written on one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FilledReply {
    /// Of the reply.
    pub id: ReplyId,
    /// By which one finds it.
    pub title: String,
    /// The same in Chinese.
    pub title_zh: String,
    /// What is written.
    pub text: String,
    /// The same in Chinese; empty: there is none.
    pub text_zh: String,
    /// For whom it usually is.
    pub audience: NoteAudience,
}

/// What stands where nothing is known yet, in English and in Chinese.
const OPEN: (&str, &str) = ("to be confirmed", "待定");

/// What placeholders stand for: in English and in Chinese.
struct Values(Vec<(&'static str, (String, String))>);

impl Values {
    fn of(conn: &mut Conn, organisation: &str, ticket: &Ticket, author: UserId) -> Result<Self, Error> {
        let customer: String =
            customers::table.find(ticket.customer_id).select(customers::name).first(conn)?;
        let author: String = users::table.find(author).select(users::display_name).first(conn)?;
        let engineer: Option<String> = match ticket.engineer_id {
            Some(id) => engineers::table.find(id).select(engineers::name).first(conn).optional()?,
            None => None,
        };
        let zone = &ticket.sla.0.time_zone;
        let (english, chinese) = state(ticket.status);
        let same = |text: &str| (text.to_owned(), text.to_owned());
        let known = |text: Option<String>| match text.filter(|text| !text.is_empty()) {
            Some(text) => (text.clone(), text),
            None => (OPEN.0.to_owned(), OPEN.1.to_owned()),
        };
        Ok(Self(vec![
            ("number", same(&ticket.number.to_string())),
            ("title", same(&ticket.title)),
            ("status", (english.to_owned(), chinese.to_owned())),
            ("customer", same(&customer)),
            ("address", same(&ticket.address)),
            ("contact", known(Some(ticket.site_contact.clone()))),
            ("engineer", known(engineer)),
            ("planned", known(ticket.planned_at.map(|at| time(at, zone)))),
            ("due", known(ticket.sla.0.promised(ticket.due_at).map(|at| time(at, zone)))),
            ("organisation", same(organisation)),
            ("author", same(&author)),
        ]))
    }

    fn get(&self, name: &str) -> (&str, &str) {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map_or(("", ""), |(_, (english, chinese))| (english, chinese))
    }

    fn fill(&self, reply: Reply) -> FilledReply {
        FilledReply {
            id: reply.id,
            title: reply.title,
            title_zh: reply.title_zh,
            text: fill::filled(&reply.text, |name| self.get(name).0),
            text_zh: fill::filled(&reply.text_zh, |name| self.get(name).1),
            audience: reply.audience,
        }
    }
}

/// Canned replies as they are written on one ticket, in both languages, by title. Times are those of its site.
#[utoipa::path(
    tag = "canned replies",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Page<FilledReply>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/canned-replies")]
pub async fn of_ticket(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<TicketId>,
) -> Result<web::Json<Page<FilledReply>>, Error> {
    let (author, organisation) = (by.0.user_id, app.config.organisation.clone());
    let read = move |conn: &mut Conn| {
        let ticket = store::get(conn, id.0)?;
        let values = Values::of(conn, &organisation, &ticket, author)?;
        Ok::<_, Error>(all(conn)?.into_iter().map(|reply| values.fill(reply)).collect())
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}
