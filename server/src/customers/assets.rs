//! Assets over HTTP.

use actix_web::{HttpResponse, get, patch, post, web};
use db::types::{AssetId, Id, PartId, SiteId};
use db::{Conn, Timestamp, Tx};
use inventory::{Part, Serial};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Asset, store};
use crate::app::App;
use crate::auth::{ANYBODY, By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Params, Path, rows};

/// Which assets.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Words in number, model, or address of the site.
    pub q: Option<String>,
    /// At this site.
    pub site_id: Option<SiteId>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// An asset to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAsset {
    /// Where it is.
    pub site_id: SiteId,
    /// What people call it by; unique.
    pub number: String,
    /// What it is: passenger lift, escalator.
    pub kind: String,
    /// Which one of its kind.
    pub model: String,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Whatever else is known.
    pub description: Option<String>,
}

impl NewAsset {
    fn row(&self, now: Timestamp) -> Asset {
        Asset {
            id: Id::new(),
            site_id: self.site_id,
            number: self.number.clone(),
            kind: self.kind.clone(),
            model: self.model.clone(),
            manufacturer: self.manufacturer.clone().unwrap_or_default(),
            description: self.description.clone().unwrap_or_default(),
            created_at: now,
        }
    }
}

/// What of an asset can be changed; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssetPatch {
    /// What people call it by.
    pub number: Option<String>,
    /// What it is.
    pub kind: Option<String>,
    /// Which one of its kind.
    pub model: Option<String>,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Whatever else is known.
    pub description: Option<String>,
}

impl AssetPatch {
    fn apply(&self, asset: &mut Asset) {
        let fields = [
            (&self.number, &mut asset.number),
            (&self.kind, &mut asset.kind),
            (&self.model, &mut asset.model),
            (&self.manufacturer, &mut asset.manufacturer),
            (&self.description, &mut asset.description),
        ];
        super::take_over(fields);
    }
}

/// Assets in order of number.
#[utoipa::path(tag = "assets", params(Filter), responses((status = 200, body = Page<Asset>)))]
#[get("/assets")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<Filter>,
) -> Result<web::Json<Page<Asset>>, Error> {
    let filter = params.0;
    let limit = page::limit(filter.limit)?;
    let (q, after) = (page::search(filter.q)?, page::text_cursor(filter.after)?);
    let read =
        move |conn: &mut Conn| store::assets(conn, q.as_deref(), filter.site_id, after.as_deref(), limit + 1);
    Ok(web::Json(Page::cut(app.db.read(read).await?, limit, |asset| asset.number.clone())))
}

/// Add an asset.
#[utoipa::path(
    tag = "assets",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewAsset,
    responses((status = 201, body = Asset), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
#[post("/assets")]
pub async fn create(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<NewAsset>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let asset = new.row(app.db.clock().now());
    let mut checks = Checks::new();
    asset.check(&mut checks);
    checks.finish()?;
    let run = move |tx: &mut Tx<'_>| {
        if store::find_site(tx.conn(), asset.site_id)?.is_none() {
            return Err(Problem::invalid_field("site_id", "unknown", "is no known site").into());
        }
        store::insert_asset(tx, &asset)?;
        Created::new(format!("/api/v1/assets/{}", asset.id), &asset)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// One asset.
#[utoipa::path(
    tag = "assets",
    params(("id" = AssetId, Path)),
    responses((status = 200, body = Asset), (status = 404, body = Problem)),
)]
#[get("/assets/{id}")]
pub async fn one(app: web::Data<App>, _by: By<OFFICE>, id: Path<AssetId>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| store::asset(conn, id.0)).await
}

/// A piece that is in an asset, with the names of its part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssetPart {
    /// The piece.
    #[serde(flatten)]
    pub piece: Serial,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
    /// Its name in Chinese.
    pub part_name_zh: String,
}

/// The pieces with serial numbers that are in an asset now, in order of part and number.
#[utoipa::path(
    tag = "assets",
    params(("id" = AssetId, Path)),
    responses((status = 200, body = Page<AssetPart>), (status = 404, body = Problem)),
)]
#[get("/assets/{id}/parts")]
pub async fn parts(
    app: web::Data<App>,
    _by: By<ANYBODY>,
    id: Path<AssetId>,
) -> Result<web::Json<Page<AssetPart>>, Error> {
    let read = move |conn: &mut Conn| {
        store::asset(conn, id.0)?;
        let pieces = inventory::pieces::of_asset(conn, id.0)?;
        let ids: Vec<PartId> = pieces.iter().map(|piece| piece.part_id).collect();
        let known = inventory::parts::by_ids(conn, &ids)?;
        Ok::<_, Error>(pieces.into_iter().filter_map(|piece| with_part(piece, &known)).collect())
    };
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

fn with_part(piece: Serial, known: &[Part]) -> Option<AssetPart> {
    let part = known.iter().find(|part| part.id == piece.part_id)?;
    let (part_number, part_name, part_name_zh) = (&part.number, &part.name, &part.name_zh);
    Some(AssetPart {
        piece,
        part_number: part_number.clone(),
        part_name: part_name.clone(),
        part_name_zh: part_name_zh.clone(),
    })
}

/// Change an asset.
#[utoipa::path(
    tag = "assets",
    params(("id" = AssetId, Path), ("If-Match" = String, Header)),
    request_body = AssetPatch,
    responses(
        (status = 200, body = Asset),
        (status = 409, body = Problem),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[patch("/assets/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<AssetId>,
    if_match: IfMatch,
    body: Body<AssetPatch>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let mut asset = store::asset(tx.conn(), id.0)?;
        body.0.apply(&mut asset);
        let mut checks = Checks::new();
        asset.check(&mut checks);
        checks.finish()?;
        store::update_asset(tx, &asset)?;
        Ok(asset)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}
