//! Rules over HTTP: the list, editing with checks that name the field, what a rule would have matched, the versions
//! that there were, and what rules did.

use actix_web::{HttpResponse, delete, get, post, put, web};
use db::types::{Id, Json, RuleFiringId, TicketId, of};
use db::{Change, Conn, Entity, Timestamp, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts::{self, Variable};
use super::{Action, Firing, Rule, Trigger, check, preview, store};
use crate::app::App;
use crate::auth::{ADMIN, By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Body, Created, IdempotencyKey, IfMatch, Params, Path, rows};

/// Most rules, those that come with Fettle not counted.
const MOST_RULES: i64 = 200;

/// What a rule is to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBody {
    /// English.
    pub name_en: String,
    /// Simplified Chinese.
    pub name_zh: String,
    /// Whether it runs.
    pub enabled: bool,
    /// When it looks.
    pub trigger: Trigger,
    /// What must hold: an expression in CEL of at most 4,096 bytes (docs/rules.md).
    pub condition: String,
    /// What it does, in this order; at most 10.
    pub actions: Vec<Action>,
}

impl RuleBody {
    /// What a rule is.
    pub fn of(rule: &Rule) -> Self {
        Self {
            name_en: rule.name_en.clone(),
            name_zh: rule.name_zh.clone(),
            enabled: rule.enabled,
            trigger: rule.trigger.0.clone(),
            condition: rule.condition.clone(),
            actions: rule.actions.0.clone(),
        }
    }

    fn into_rule(self, id: String, version: i64, changed_at: Timestamp) -> Rule {
        Rule {
            id,
            version,
            name_en: self.name_en,
            name_zh: self.name_zh,
            enabled: self.enabled,
            trigger: Json(self.trigger),
            condition: self.condition,
            actions: Json(self.actions),
            changed_at,
        }
    }
}

/// All rules, by id: those that come with Fettle too.
#[utoipa::path(tag = "rules", responses((status = 200, body = Page<Rule>)))]
#[get("/rules")]
pub async fn list(app: web::Data<App>, _by: By<OFFICE>) -> Result<web::Json<Page<Rule>>, Error> {
    Ok(web::Json(Page::whole(app.db.read(store::all).await?)))
}

/// What conditions can ask about.
#[utoipa::path(tag = "rules", responses((status = 200, body = Page<Variable>)))]
#[get("/rules/variables")]
pub async fn variables(_by: By<OFFICE>) -> Result<web::Json<Page<Variable>>, Error> {
    Ok(web::Json(Page::whole(facts::variables())))
}

/// Whether a rule would be taken, without saving it.
#[utoipa::path(
    tag = "rules",
    request_body = RuleBody,
    responses((status = 204), (status = 422, body = Problem)),
)]
#[post("/rules/check")]
pub async fn try_out(
    app: web::Data<App>,
    _by: By<OFFICE>,
    body: Body<RuleBody>,
) -> Result<HttpResponse, Error> {
    checked(&app, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reading a condition takes a thread of its own for a moment, so it is not done in a worker's.
async fn checked(app: &App, rule: RuleBody) -> Result<RuleBody, Error> {
    let private = app.config.webhook_private_addresses;
    let read = move |conn: &mut Conn| {
        check::shape(&rule, private)?;
        check::names(conn, &rule)?;
        Ok::<_, Error>(rule)
    };
    app.db.read(read).await
}

/// Which tickets of the last 30 days a rule would have matched. Takes at most some seconds; `complete` says whether
/// all of them were looked at.
#[utoipa::path(
    tag = "rules",
    request_body = preview::Asked,
    responses((status = 200, body = preview::Preview), (status = 422, body = Problem)),
)]
#[post("/rules/preview")]
pub async fn would_match(
    app: web::Data<App>,
    _by: By<OFFICE>,
    body: Body<preview::Asked>,
) -> Result<web::Json<preview::Preview>, Error> {
    let (asked, now) = (body.0, app.db.clock().now());
    let read = move |conn: &mut Conn| {
        let condition = check::question(&asked.trigger, &asked.condition)?;
        preview::of(conn, &asked.trigger, &condition, now)
    };
    Ok(web::Json(app.db.read(read).await?))
}

/// Which firings.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FiringFilter {
    /// Of this rule.
    rule_id: Option<String>,
    /// For this ticket.
    ticket_id: Option<TicketId>,
    /// At most so many, 1 to 200.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// What a rule did, with what people call the ticket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RuleFiring {
    /// What it did.
    #[serde(flatten)]
    pub firing: Firing,
    /// The ticket's number.
    pub ticket_number: i64,
}

/// What rules did, the latest first.
#[utoipa::path(tag = "rules", params(FiringFilter), responses((status = 200, body = Page<RuleFiring>)))]
#[get("/rules/firings")]
pub async fn firings(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<FiringFilter>,
) -> Result<web::Json<Page<RuleFiring>>, Error> {
    let filter = params.0;
    let limit = page::limit(filter.limit)?;
    let before = page::cursor::<RuleFiringId>(filter.after.as_deref())?;
    let rule = page::text_cursor(filter.rule_id)?;
    let read = move |conn: &mut Conn| {
        store::firings(conn, rule.as_deref(), filter.ticket_id, before, limit.saturating_add(1))
    };
    let view = |(firing, ticket_number)| RuleFiring { firing, ticket_number };
    let found: Vec<RuleFiring> = app.db.read(read).await?.into_iter().map(view).collect();
    Ok(web::Json(Page::cut(found, limit, |row: &RuleFiring| row.firing.id.to_string())))
}

/// Add a rule.
#[utoipa::path(
    tag = "rules",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = RuleBody,
    responses((status = 201, body = Rule), (status = 422, body = Problem)),
)]
#[post("/rules")]
pub async fn add(
    app: web::Data<App>,
    by: By<ADMIN>,
    key: IdempotencyKey,
    body: Body<RuleBody>,
) -> Result<HttpResponse, Error> {
    let new = checked(&app, body.0).await?;
    let (id, body) = (Id::<of::RuleFiring>::new().to_string(), new.clone());
    let run = move |tx: &mut Tx<'_>| {
        if store::count(tx.conn())? >= MOST_RULES {
            return Err(Problem::conflict("too_many_rules", "There are 200 rules; remove one.").into());
        }
        let rule = body.clone().into_rule(id.clone(), 1, tx.now());
        store::put(tx, &rule)?;
        Created::new(format!("/api/v1/rules/{id}"), &rule)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// One rule.
#[utoipa::path(
    tag = "rules",
    params(("id" = String, Path)),
    responses((status = 200, body = Rule), (status = 404, body = Problem)),
)]
#[get("/rules/{id}")]
pub async fn one_rule(app: web::Data<App>, _by: By<OFFICE>, id: Path<String>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| store::get(conn, &id.0)).await
}

/// Change a rule: its next version. What it did before names the version of then.
#[utoipa::path(
    tag = "rules",
    params(("id" = String, Path), ("If-Match" = String, Header)),
    request_body = RuleBody,
    responses((status = 200, body = Rule), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[put("/rules/{id}")]
pub async fn put_rule(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<String>,
    if_match: IfMatch,
    body: Body<RuleBody>,
) -> Result<HttpResponse, Error> {
    let body = checked(&app, body.0).await?;
    let run = move |tx: &mut Tx<'_>| {
        let present = store::get(tx.conn(), &id.0)?;
        if present.trigger.0 != body.trigger || !present.enabled {
            store::waits_anew(tx, &present.id)?;
        }
        let rule = body.clone().into_rule(present.id, present.version + 1, tx.now());
        store::put(tx, &rule)?;
        Ok(rule)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}

/// Remove a rule. What it did stays on record; one that comes with Fettle can only be turned off.
#[utoipa::path(
    tag = "rules",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
#[delete("/rules/{id}")]
pub async fn remove(app: web::Data<App>, by: By<ADMIN>, id: Path<String>) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| store::remove(tx, &id.0)).await
}

/// A version of a rule: what it was, since when, and by whom.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleVersion {
    /// As firings name it.
    pub version: i64,
    /// When it became so.
    pub at: Timestamp,
    /// By whom, as people know him.
    pub actor: String,
    /// What it was; absent if that is no longer understood.
    pub rule: Option<Rule>,
}

impl RuleVersion {
    fn of(change: Change) -> Option<(i64, Self)> {
        let kept: KeptRule = serde_json::from_str(change.row?.get()).ok()?;
        let Change { at, actor, .. } = change;
        Some((change.seq, Self { version: kept.version, at, actor, rule: kept.rule() }))
    }
}

/// What the change log keeps of a rule.
#[derive(Deserialize)]
struct KeptRule {
    version: i64,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

impl KeptRule {
    fn rule(self) -> Option<Rule> {
        let mut whole = self.rest;
        whole.insert("version".to_owned(), self.version.into());
        serde_json::from_value(whole.into()).ok()
    }
}

/// Every version of a rule that was saved, the latest first.
#[utoipa::path(
    tag = "rules",
    params(("id" = String, Path), PageParams),
    responses((status = 200, body = Page<RuleVersion>), (status = 404, body = Problem)),
)]
#[get("/rules/{id}/versions")]
pub async fn versions(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<String>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<RuleVersion>>, Error> {
    let (limit, before) = (page::limit(params.0.limit)?, page::cursor::<i64>(params.0.after.as_deref())?);
    let read = move |conn: &mut Conn| {
        let changes = db::changes::of_row(conn, Rule::ENTITY, &id.0, before, limit.saturating_add(1))?;
        if changes.is_empty() {
            store::get(conn, &id.0)?;
        }
        Ok::<_, Error>(changes)
    };
    let found = app.db.read(read).await?;
    let versions = found.into_iter().filter_map(RuleVersion::of).collect();
    let Page { items, next } = Page::cut(versions, limit, |(seq, _): &(i64, RuleVersion)| seq.to_string());
    Ok(web::Json(Page { items: items.into_iter().map(|(_, version)| version).collect(), next }))
}
