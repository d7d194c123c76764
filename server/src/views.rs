//! Saved views: the filters of the dispatcher's page and how it is divided, under a name, for oneself or for everybody.

use actix_web::{HttpResponse, delete, get, post, put, web};
use db::schema::saved_views;
use db::types::{Id, Json, SavedViewId, UserId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{By, OFFICE, Role, Who};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Path, rows};

/// Most of one user.
const MOST: i64 = 100;
/// Longest name, and longest address, in characters.
const LONGEST_NAME: usize = 60;
const LONGEST_QUERY: usize = 2_000;
/// Widest and highest pane in pixels.
const MOST_PIXELS: i64 = 4_000;

/// How the page is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Width of the queue in pixels.
    pub left: i64,
    /// Width of the drawer in pixels.
    pub right: i64,
    /// Height of the timeline in pixels.
    pub bottom: i64,
    /// Whether the timeline is unfolded.
    pub timeline: bool,
}

/// A view under its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = saved_views)]
pub struct SavedView {
    /// Its id.
    pub id: SavedViewId,
    /// Whose it is.
    pub user_id: UserId,
    /// Whose it is, by log-in.
    pub author: String,
    /// What it is called; unique among its owner's.
    pub name: String,
    /// Whether all dispatchers see it; only its owner changes it.
    pub shared: bool,
    /// What stands in the address after the question mark.
    pub query: String,
    /// How the page is divided.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Layout)]
    pub layout: Json<Layout>,
    /// When it was saved last.
    pub changed_at: Timestamp,
}

impl Entity for SavedView {
    const ENTITY: &'static str = "saved_views";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// A view to be saved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSavedView {
    /// What it is called, at most 60 characters.
    pub name: String,
    /// Whether all dispatchers see it.
    #[serde(default)]
    pub shared: bool,
    /// What stands in the address after the question mark, at most 2,000 characters.
    pub query: String,
    /// How the page is divided.
    pub layout: Layout,
}

impl NewSavedView {
    fn check(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        checks.name("name", &self.name, LONGEST_NAME).text("query", &self.query, LONGEST_QUERY);
        let Layout { left, right, bottom, .. } = self.layout;
        for (field, pixels) in [("left", left), ("right", right), ("bottom", bottom)] {
            checks.within(&format!("layout.{field}"), pixels, 0, MOST_PIXELS);
        }
        checks.finish()
    }

    fn row(&self, id: SavedViewId, user_id: UserId, tx: &Tx<'_>) -> SavedView {
        SavedView {
            id,
            user_id,
            author: tx.actor().name.clone(),
            name: self.name.trim().to_owned(),
            shared: self.shared,
            query: self.query.clone(),
            layout: Json(self.layout),
            changed_at: tx.now(),
        }
    }
}

/// The caller's views and those that others share, by name.
#[utoipa::path(tag = "views", responses((status = 200, body = Page<SavedView>)))]
#[get("/views")]
pub async fn list(app: web::Data<App>, by: By<OFFICE>) -> Result<web::Json<Page<SavedView>>, Error> {
    let user = by.0.user_id;
    let read = move |conn: &mut Conn| {
        let seen = saved_views::user_id.eq(user).or(saved_views::shared.eq(true));
        let order = (saved_views::name, saved_views::id);
        Ok::<_, Error>(saved_views::table.filter(seen).order(order).load::<SavedView>(conn)?)
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

/// One view.
#[utoipa::path(
    tag = "views",
    params(("id" = SavedViewId, Path)),
    responses((status = 200, body = SavedView), (status = 404, body = Problem)),
)]
#[get("/views/{id}")]
pub async fn one(app: web::Data<App>, by: By<OFFICE>, id: Path<SavedViewId>) -> Result<HttpResponse, Error> {
    let user = by.0.user_id;
    let read = move |conn: &mut Conn| {
        let view = get(conn, id.0)?;
        if view.shared || view.user_id == user { Ok(view) } else { Err(Problem::not_found("view").into()) }
    };
    rows::show(&app.db, read).await
}

fn get(conn: &mut Conn, id: SavedViewId) -> Result<SavedView, Error> {
    let found: Option<SavedView> = saved_views::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("view").into())
}

/// A name that another of his views has.
fn check_name(tx: &mut Tx<'_>, row: &SavedView) -> Result<(), Error> {
    let same: i64 = saved_views::table
        .filter(saved_views::user_id.eq(row.user_id))
        .filter(saved_views::name.eq(row.name.clone()))
        .filter(saved_views::id.ne(row.id))
        .count()
        .get_result(tx.conn())?;
    if same == 0 {
        Ok(())
    } else {
        Err(Problem::invalid_field("name", "duplicate", "is taken already").into())
    }
}

/// Save a view.
#[utoipa::path(
    tag = "views",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewSavedView,
    responses((status = 201, body = SavedView), (status = 422, body = Problem)),
)]
#[post("/views")]
pub async fn create(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<NewSavedView>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.check()?;
    let (for_tx, user) = (new.clone(), by.0.user_id);
    let run = move |tx: &mut Tx<'_>| {
        let row = for_tx.row(Id::new(), user, tx);
        check_name(tx, &row)?;
        let his: i64 =
            saved_views::table.filter(saved_views::user_id.eq(user)).count().get_result(tx.conn())?;
        if his >= MOST {
            return Err(Problem::invalid_field("name", "too_many", "at most 100 views").into());
        }
        diesel::insert_into(saved_views::table).values(row.clone()).execute(tx.conn())?;
        tx.changed(&row)?;
        Created::new(format!("/api/v1/views/{}", row.id), &row)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// The view, if it is the caller's: an administrator may remove what others share.
fn owned(tx: &mut Tx<'_>, who: &Who, id: SavedViewId, removing: bool) -> Result<SavedView, Error> {
    let view = get(tx.conn(), id)?;
    if view.user_id == who.user_id || (removing && view.shared && who.role == Role::Admin) {
        return Ok(view);
    }
    if !view.shared {
        return Err(Problem::not_found("view").into());
    }
    Err(Problem::forbidden("This view is somebody else's: save one of your own.").into())
}

/// Save one's view anew: under another name, for others, or as the page is now.
#[utoipa::path(
    tag = "views",
    params(("id" = SavedViewId, Path), ("If-Match" = String, Header)),
    request_body = NewSavedView,
    responses(
        (status = 200, body = SavedView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[put("/views/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<SavedViewId>,
    if_match: IfMatch,
    body: Body<NewSavedView>,
) -> Result<HttpResponse, Error> {
    body.0.check()?;
    let who = by.0.clone();
    let run = move |tx: &mut Tx<'_>| {
        let before = owned(tx, &who, id.0, false)?;
        let row = body.0.row(before.id, before.user_id, tx);
        check_name(tx, &row)?;
        diesel::update(saved_views::table.find(row.id)).set(row.clone()).execute(tx.conn())?;
        tx.changed(&row)?;
        Ok(row)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}

/// Remove a view: one's own; for administrators also one that somebody else shares.
#[utoipa::path(
    tag = "views",
    params(("id" = SavedViewId, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)),
)]
#[delete("/views/{id}")]
pub async fn remove(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<SavedViewId>,
) -> Result<HttpResponse, Error> {
    let who = by.0.clone();
    let run = move |tx: &mut Tx<'_>| {
        let view = owned(tx, &who, id.0, true)?;
        diesel::delete(saved_views::table.find(view.id)).execute(tx.conn())?;
        Ok(tx.removed(&view)?)
    };
    rows::remove(&app.db, &by.0, run).await
}
