//! The policies of dispatch: limits, weights and strategy, one for each kind of ticket that has its own. They are
//! data, with a version that every dossier names; what was in force before, since when and by whom is read from the
//! change log.

use actix_web::{HttpResponse, get, put, web};
use db::schema::dispatch_policies;
use db::types::Json;
use db::{Change, Conn, Entity, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use dispatch::Policies;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{ADMIN, By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Body, Checks, IfMatch, Params, rows};

/// There is one set.
const ID: &str = "policies";
/// Kinds with a policy of their own.
const MOST_KINDS: usize = 100;

/// The policies in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = dispatch_policies)]
pub struct PolicySet {
    /// Always `policies`: there is one set.
    pub id: String,
    /// Counted up with every change; dossiers name it.
    pub version: i64,
    /// Theirs.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Policies)]
    pub body: Json<Policies>,
}

impl Entity for PolicySet {
    const ENTITY: &'static str = "dispatch_policies";

    fn row_id(&self) -> String {
        self.id.clone()
    }
}

impl PolicySet {
    fn new(version: i64, mut policies: Policies) -> Self {
        // A dossier says by which policy it was made; what a client sends there means nothing.
        policies.general.version = version;
        policies.by_kind.values_mut().for_each(|policy| policy.version = version);
        Self { id: ID.to_owned(), version, body: Json(policies) }
    }
}

/// The policies in force; the defaults, as version 1, if nobody changed them.
///
/// # Errors
/// A failure of the database.
pub fn current(conn: &mut Conn) -> Result<PolicySet, Error> {
    let stored: Option<PolicySet> = dispatch_policies::table.find(ID).first(conn).optional()?;
    Ok(stored.unwrap_or_else(|| PolicySet::new(1, Policies::default())))
}

fn check(policies: &Policies) -> Result<(), Error> {
    let mut checks = Checks::new();
    checks.require(policies.by_kind.len() <= MOST_KINDS, "by_kind", "too_many", "at most 100");
    for kind in policies.by_kind.keys() {
        checks.name(&format!("by_kind.{kind}"), kind, 50);
    }
    if let Err((kind, error)) = policies.check() {
        let field = match kind {
            Some(kind) => format!("by_kind.{kind}.{}", error.field),
            None => format!("general.{}", error.field),
        };
        let message = format!("must be from {} to {}", error.least, error.most);
        checks.require(false, &field, "out_of_range", &message);
    }
    checks.finish()
}

/// Puts these in force, as the next version.
///
/// # Errors
/// A failure of the database.
pub fn replace(tx: &mut Tx<'_>, policies: &Policies) -> Result<PolicySet, Error> {
    let set = PolicySet::new(current(tx.conn())?.version + 1, policies.clone());
    let stored = set.clone();
    each_backend!(tx.conn(), |c| {
        use diesel::upsert::excluded;
        diesel::insert_into(dispatch_policies::table)
            .values(stored)
            .on_conflict(dispatch_policies::id)
            .do_update()
            .set((
                dispatch_policies::version.eq(excluded(dispatch_policies::version)),
                dispatch_policies::body.eq(excluded(dispatch_policies::body)),
            ))
            .execute(c)
    })?;
    tx.changed(&set)?;
    Ok(set)
}

/// A version of the policies: what was put in force, when, and by whom.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PolicyVersion {
    /// As dossiers name it.
    pub version: i64,
    /// When it was put in force.
    pub at: Timestamp,
    /// By whom: a user's id, or a part of the server.
    pub actor_id: String,
    /// By whom, as people know him.
    pub actor: String,
    /// The policies themselves; absent if they are no longer understood.
    pub policies: Option<Policies>,
}

/// What the change log keeps of a row; all that is asked of it here.
#[derive(Deserialize)]
struct Kept {
    version: i64,
    body: serde_json::Value,
}

impl PolicyVersion {
    fn of(change: Change) -> Option<(i64, Self)> {
        let kept: Kept = serde_json::from_str(change.row?.get()).ok()?;
        let policies = serde_json::from_value(kept.body).ok();
        let Change { at, actor_id, actor, .. } = change;
        Some((change.seq, Self { version: kept.version, at, actor_id, actor, policies }))
    }
}

/// Every version that was ever put in force, the latest first. Version 1, the defaults, was put in force by nobody.
#[utoipa::path(
    tag = "dispatch",
    params(PageParams),
    responses((status = 200, body = Page<PolicyVersion>), (status = 422, body = Problem)),
)]
#[get("/dispatch/policies/versions")]
pub async fn versions(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<PolicyVersion>>, Error> {
    let (limit, before) = (page::limit(params.0.limit)?, page::cursor::<i64>(params.0.after.as_deref())?);
    let read = move |conn: &mut Conn| {
        db::changes::of_row(conn, PolicySet::ENTITY, ID, before, limit.saturating_add(1))
    };
    let found = app.db.read(move |conn| read(conn).map_err(Error::from)).await?;
    let versions = found.into_iter().filter_map(PolicyVersion::of).collect();
    let Page { items, next } = Page::cut(versions, limit, |(seq, _): &(i64, PolicyVersion)| seq.to_string());
    Ok(web::Json(Page { items: items.into_iter().map(|(_, version)| version).collect(), next }))
}

/// By which limits, weights and strategies dispatch decides.
#[utoipa::path(tag = "dispatch", responses((status = 200, body = PolicySet)))]
#[get("/dispatch/policies")]
pub async fn get(app: web::Data<App>, _by: By<OFFICE>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, current).await
}

/// Replace the policies. Fields that are left out take their defaults; the version is counted by the server.
#[utoipa::path(
    tag = "dispatch",
    params(("If-Match" = String, Header)),
    request_body = Policies,
    responses((status = 200, body = PolicySet), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[put("/dispatch/policies")]
pub async fn put(
    app: web::Data<App>,
    by: By<ADMIN>,
    if_match: IfMatch,
    body: Body<Policies>,
) -> Result<HttpResponse, Error> {
    check(&body.0)?;
    rows::change(&app.db, &by.0, if_match, move |tx| replace(tx, &body.0)).await
}
