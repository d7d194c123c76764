//! Skills: the words in which tickets ask and certificates answer. A code never changes once it is there, since
//! both name it.

use actix_web::{HttpResponse, get, post, web};
use db::schema::skills;
use db::{Conn, Entity, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{ADMIN, By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Body, Checks, Created, IdempotencyKey, Params};

/// Something that one has to have learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = skills)]
pub struct Skill {
    /// What tickets and certificates name; unique.
    pub code: String,
    /// In English.
    pub name: String,
    /// In Chinese; may be empty.
    pub name_zh: String,
}

impl Entity for Skill {
    const ENTITY: &'static str = "skills";

    fn row_id(&self) -> String {
        self.code.clone()
    }
}

/// A skill to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSkill {
    /// Letters, digits, `-`, `_`, `.`; unique.
    pub code: String,
    /// In English.
    pub name: String,
    /// In Chinese.
    #[serde(default)]
    pub name_zh: String,
}

impl NewSkill {
    fn check(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        checks.name("code", &self.code, 50).name("name", &self.name, 200).text("name_zh", &self.name_zh, 200);
        // No colon and no semicolon: lists of skills are written `LIFT-B:2;ESC-A:1`.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let message = "may have letters, digits, '-', '_' and '.'";
        checks.require(self.code.chars().all(plain), "code", "invalid", message).finish()
    }
}

/// Adds a skill.
///
/// # Errors
/// A taken code.
pub fn insert(tx: &mut Tx<'_>, skill: &Skill) -> Result<(), Error> {
    diesel::insert_into(skills::table).values(skill.clone()).execute(tx.conn())?;
    Ok(tx.changed(skill)?)
}

/// Refuses a skill that does not exist.
///
/// # Errors
/// 422 that names the field `skill`.
pub fn check_known(conn: &mut Conn, code: &str) -> Result<(), Error> {
    let found: Option<String> = skills::table.find(code).select(skills::code).first(conn).optional()?;
    match found {
        Some(_) => Ok(()),
        None => Err(Problem::invalid_field("skill", "unknown", "is no known skill").into()),
    }
}

/// All skills, in order of code.
#[utoipa::path(tag = "skills", params(PageParams), responses((status = 200, body = Page<Skill>)))]
#[get("/skills")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<Skill>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let after = page::text_cursor(params.0.after)?;
    let read = move |conn: &mut Conn| {
        let mut query = skills::table.order(skills::code).limit(limit + 1).into_boxed();
        if let Some(after) = after {
            query = query.filter(skills::code.gt(after));
        }
        Ok::<_, Error>(query.load(conn)?)
    };
    let found: Vec<Skill> = app.db.read(read).await?;
    Ok(web::Json(Page::cut(found, limit, |skill| skill.code.clone())))
}

/// Add a skill.
#[utoipa::path(
    tag = "skills",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewSkill,
    responses((status = 201, body = Skill), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
#[post("/skills")]
pub async fn create(
    app: web::Data<App>,
    by: By<ADMIN>,
    key: IdempotencyKey,
    body: Body<NewSkill>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.check()?;
    let skill = Skill { code: new.code.clone(), name: new.name.clone(), name_zh: new.name_zh.clone() };
    let run = move |tx: &mut Tx<'_>| {
        insert(tx, &skill)?;
        Created::new("/api/v1/skills".to_owned(), &skill)
    };
    key.create(&app.db, by.0, &new, run).await
}
