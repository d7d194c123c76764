//! Templates over HTTP: the list, and editing with checks that name the field.

use actix_web::{HttpResponse, delete, get, post, put, web};
use db::types::{Id, Json, of};
use db::{Conn, Timestamp, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Field, Question, Template, check, store};
use crate::app::App;
use crate::auth::{ADMIN, By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Path, rows};
use crate::tickets::{PartNeed, SkillNeed};

/// Most templates; those that come with Fettle count once they are changed.
const MOST_TEMPLATES: i64 = 200;

/// What a template is to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateBody {
    /// For tickets of this kind: `repair`, …
    pub kind: String,
    /// English.
    pub name_en: String,
    /// Simplified Chinese.
    pub name_zh: String,
    /// Whether tickets can be opened by it.
    pub enabled: bool,
    /// 1 urgent to 4 low.
    pub priority: Option<i32>,
    /// Minutes of work on site.
    pub expected_minutes: Option<i64>,
    /// Skills that the work needs; at most 50.
    #[serde(default)]
    pub required_skills: Vec<SkillNeed>,
    /// Parts that the work needs; at most 50.
    #[serde(default)]
    pub needed_parts: Vec<PartNeed>,
    /// What the office fills in; at most 40.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// What the phone asks, beside the questions of the kind; at most 100.
    #[serde(default)]
    pub checklist: Vec<Question>,
}

impl TemplateBody {
    /// What a template is.
    #[cfg(test)]
    pub fn of(template: Template) -> Self {
        Self {
            kind: template.kind,
            name_en: template.name_en,
            name_zh: template.name_zh,
            enabled: template.enabled,
            priority: template.priority,
            expected_minutes: template.expected_minutes,
            required_skills: template.required_skills.0,
            needed_parts: template.needed_parts.0,
            fields: template.fields.0,
            checklist: template.checklist.0,
        }
    }

    /// Refuses ids of questions that this template never had: answers are told apart by them.
    fn check_ids(&self, known: &[Question]) -> Result<(), Error> {
        let mut checks = Checks::new();
        for (i, question) in self.checklist.iter().enumerate() {
            let is_known = question.id.is_none() || known.iter().any(|one| one.id == question.id);
            checks.require(
                is_known,
                &format!("checklist[{i}].id"),
                "unknown",
                "is no question of this template",
            );
        }
        checks.finish()
    }

    fn into_template(mut self, id: String, version: i64, changed_at: Timestamp) -> Template {
        for question in &mut self.checklist {
            question.id.get_or_insert_with(Id::new);
        }
        Template {
            id,
            version,
            kind: self.kind,
            name_en: self.name_en,
            name_zh: self.name_zh,
            enabled: self.enabled,
            priority: self.priority,
            expected_minutes: self.expected_minutes,
            required_skills: Json(self.required_skills),
            needed_parts: Json(self.needed_parts),
            fields: Json(self.fields),
            checklist: Json(self.checklist),
            changed_at,
        }
    }
}

async fn checked(app: &App, body: TemplateBody) -> Result<TemplateBody, Error> {
    check::shape(&body)?;
    let read = move |conn: &mut Conn| check::needs(conn, &body).map(|()| body);
    app.db.read(read).await
}

/// All templates, by id: those that come with Fettle too.
#[utoipa::path(tag = "templates", responses((status = 200, body = Page<Template>)))]
#[get("/templates")]
pub async fn list(app: web::Data<App>, _by: By<OFFICE>) -> Result<web::Json<Page<Template>>, Error> {
    Ok(web::Json(Page::whole(app.db.read(store::all).await?)))
}

/// Add a template.
#[utoipa::path(
    tag = "templates",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = TemplateBody,
    responses((status = 201, body = Template), (status = 422, body = Problem)),
)]
#[post("/templates")]
pub async fn add(
    app: web::Data<App>,
    by: By<ADMIN>,
    key: IdempotencyKey,
    body: Body<TemplateBody>,
) -> Result<HttpResponse, Error> {
    let new = checked(&app, body.0).await?;
    new.check_ids(&[])?;
    let (id, body) = (Id::<of::Question>::new().to_string(), new.clone());
    let run = move |tx: &mut Tx<'_>| {
        if store::count(tx.conn())? >= MOST_TEMPLATES {
            let detail = "There are 200 templates; remove one.";
            return Err(Problem::conflict("too_many_templates", detail).into());
        }
        let template = body.clone().into_template(id.clone(), 1, tx.now());
        store::put(tx, &template)?;
        Created::new(format!("/api/v1/templates/{id}"), &template)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// One template.
#[utoipa::path(
    tag = "templates",
    params(("id" = String, Path)),
    responses((status = 200, body = Template), (status = 404, body = Problem)),
)]
#[get("/templates/{id}")]
pub async fn one_template(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| store::get(conn, &id.0)).await
}

/// Change a template: its next version. Tickets that there are stay as they are.
#[utoipa::path(
    tag = "templates",
    params(("id" = String, Path), ("If-Match" = String, Header)),
    request_body = TemplateBody,
    responses((status = 200, body = Template), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[put("/templates/{id}")]
pub async fn put(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<String>,
    if_match: IfMatch,
    body: Body<TemplateBody>,
) -> Result<HttpResponse, Error> {
    let body = checked(&app, body.0).await?;
    let run = move |tx: &mut Tx<'_>| {
        let present = store::get(tx.conn(), &id.0)?;
        body.check_ids(&present.checklist.0)?;
        let template = body.clone().into_template(present.id, present.version + 1, tx.now());
        store::put(tx, &template)?;
        Ok(template)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}

/// Remove a template. Tickets keep what they have of it; one that comes with Fettle can only be turned off.
#[utoipa::path(
    tag = "templates",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
#[delete("/templates/{id}")]
pub async fn remove(app: web::Data<App>, by: By<ADMIN>, id: Path<String>) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| store::remove(tx, &id.0)).await
}
