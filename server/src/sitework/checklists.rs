//! What is asked at each kind of ticket: a list of questions, which every phone has.

use std::collections::HashSet;

use actix_web::{HttpResponse, get, put, web};
use db::schema::checklists;
use db::types::{Id, QuestionId};
use db::{Conn, Entity, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Path};

/// Most questions of one kind of ticket.
const MOST: usize = 200;

db::text_enum! {
    /// What an answer is.
    pub enum AnswerKind {
        /// `yes` or `no`.
        YesNo => "yes_no",
        /// A number.
        Number => "number",
        /// Words.
        Text => "text",
    }
}

/// A question of a checklist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = checklists)]
pub struct Question {
    /// Its id.
    pub id: QuestionId,
    /// At which kind of ticket it is asked.
    pub ticket_kind: String,
    /// Its place, from 1.
    pub position: i32,
    /// What is asked.
    pub question: String,
    /// The same in Chinese; may be empty.
    pub question_zh: String,
    /// What an answer is.
    pub answer_kind: AnswerKind,
    /// Whether the phone should insist on an answer. The server takes work without it.
    pub required: bool,
}

impl Entity for Question {
    const ENTITY: &'static str = "checklists";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// A question as it shall be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuestion {
    /// Of a question that is there already; absent for a new one.
    pub id: Option<QuestionId>,
    /// What is asked.
    pub question: String,
    /// The same in Chinese.
    #[serde(default)]
    pub question_zh: String,
    /// What an answer is.
    pub answer_kind: AnswerKind,
    /// Whether the phone should insist on an answer.
    #[serde(default)]
    pub required: bool,
}

/// All questions of one kind of ticket, in their order.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChecklist {
    /// At most 200.
    pub questions: Vec<NewQuestion>,
}

fn of_kind(conn: &mut Conn, ticket_kind: &str) -> Result<Vec<Question>, Error> {
    let of_kind = checklists::table.filter(checklists::ticket_kind.eq(ticket_kind));
    Ok(of_kind.order((checklists::position, checklists::id)).load(conn)?)
}

/// What is asked at this kind of ticket.
#[utoipa::path(
    tag = "checklists",
    params(("ticket_kind" = String, Path)),
    responses((status = 200, body = Page<Question>)),
)]
#[get("/checklists/{ticket_kind}")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    ticket_kind: Path<String>,
) -> Result<web::Json<Page<Question>>, Error> {
    let kind = ticket_kind.0;
    Checks::new().name("ticket_kind", &kind, 50).finish()?;
    Ok(web::Json(Page::whole(app.db.read(move |conn| of_kind(conn, &kind)).await?)))
}

/// Say what is asked at this kind of ticket, from now on. Answers that were given stay.
#[utoipa::path(
    tag = "checklists",
    params(("ticket_kind" = String, Path)),
    request_body = NewChecklist,
    responses((status = 200, body = Page<Question>), (status = 422, body = Problem)),
)]
#[put("/checklists/{ticket_kind}")]
pub async fn put(
    app: web::Data<App>,
    by: By<OFFICE>,
    ticket_kind: Path<String>,
    body: Body<NewChecklist>,
) -> Result<HttpResponse, Error> {
    let (kind, wanted) = (ticket_kind.0, body.0.questions);
    check(&kind, &wanted)?;
    let run = move |tx: &mut Tx<'_>| replace(tx, &kind, &wanted);
    let now = app.db.write(by.0.actor(), run).await?;
    Ok(HttpResponse::Ok().json(Page::whole(now)))
}

fn check(kind: &str, wanted: &[NewQuestion]) -> Result<(), Error> {
    let mut checks = Checks::new();
    checks.name("ticket_kind", kind, 50);
    checks.require(wanted.len() <= MOST, "questions", "too_many", "at most 200");
    let mut ids = HashSet::new();
    for (i, question) in wanted.iter().enumerate() {
        checks.name(&format!("questions[{i}].question"), &question.question, 500);
        checks.text(&format!("questions[{i}].question_zh"), &question.question_zh, 500);
        let again = question.id.is_some_and(|id| !ids.insert(id));
        checks.require(!again, &format!("questions[{i}].id"), "duplicate", "is named twice");
    }
    checks.finish()
}

fn replace(tx: &mut Tx<'_>, kind: &str, wanted: &[NewQuestion]) -> Result<Vec<Question>, Error> {
    let before = of_kind(tx.conn(), kind)?;
    for (i, new) in wanted.iter().enumerate() {
        let known = new.id.and_then(|id| before.iter().find(|question| question.id == id));
        if new.id.is_some() && known.is_none() {
            let field = format!("questions[{i}].id");
            return Err(Problem::invalid_field(field, "unknown", "is no question of this kind").into());
        }
        let question = Question {
            id: new.id.unwrap_or_else(Id::new),
            ticket_kind: kind.to_owned(),
            position: i32::try_from(i + 1).unwrap_or(i32::MAX),
            question: new.question.clone(),
            question_zh: new.question_zh.clone(),
            answer_kind: new.answer_kind,
            required: new.required,
        };
        match known {
            Some(known) if *known == question => {}
            Some(known) => {
                diesel::update(checklists::table.find(known.id)).set(question.clone()).execute(tx.conn())?;
                tx.changed(&question)?;
            }
            None => {
                diesel::insert_into(checklists::table).values(question.clone()).execute(tx.conn())?;
                tx.created(&question)?;
            }
        }
    }
    for gone in before.iter().filter(|question| !wanted.iter().any(|new| new.id == Some(question.id))) {
        diesel::delete(checklists::table.find(gone.id)).execute(tx.conn())?;
        tx.removed(gone)?;
    }
    of_kind(tx.conn(), kind)
}
