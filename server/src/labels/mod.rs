//! Labels for parts, places and engineers' badges, as a PDF to print: on sheets of A4 or on a roll, with a symbol that
//! scanners read, the number and the name.
//!
//! Latin text is set in Helvetica, which every viewer has; all else in a Chinese face that the program carries, and of
//! which a file carries the glyphs that it shows.

mod han;
mod page;
mod pdf;
mod symbol;
mod text;

use actix_web::{HttpResponse, get, web};
use db::Conn;
use db::schema::{engineers, parts, stock_locations};
use db::types::{EngineerId, Id, LocationId, PartId};
use diesel::prelude::*;
use inventory::LocationKind;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::{Checks, Params};
use page::Layout;
use symbol::Symbol;

/// Most labels of a file.
pub const MOST_LABELS: usize = 1_000;
/// Most ids in a request, which is as long as its address may be.
pub const MOST_IDS: usize = 100;

db::text_enum! {
    /// What the labels are for.
    pub enum Kind {
        /// Parts.
        Parts => "parts",
        /// Depots, bins and vans.
        Places => "places",
        /// Badges.
        Engineers => "engineers",
    }
}

/// Which labels, and how.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LabelParams {
    /// `parts`, `places` or `engineers`.
    kind: String,
    /// Ids separated by commas, at most 100; all that are in use if absent.
    ids: Option<String>,
    /// `qr` (default), `data-matrix` or `code-128`.
    symbol: Option<String>,
    /// `sheet` (default): A4, three by eight labels of 70 x 37 mm. `roll`: one label of 57 x 32 mm a page.
    layout: Option<String>,
    /// Labels that are gone from the first sheet already, 0 to 23.
    skip: Option<i64>,
}

/// What is on a label.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Label {
    /// What the scanner reads.
    pub code: String,
    /// In English, or in whatever language there is.
    pub name: String,
    /// In Chinese; may be empty.
    pub name_zh: String,
}

/// How labels are printed.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub symbol: Symbol,
    pub layout: Layout,
    pub skip: usize,
}

fn parse<T: std::str::FromStr>(checks: &mut Checks, field: &str, text: &str, otherwise: T) -> T {
    text.parse().unwrap_or_else(|_| {
        checks.fault(field, "invalid", "is none of those that there are");
        otherwise
    })
}

impl LabelParams {
    fn style(&self, checks: &mut Checks) -> Style {
        let symbol = parse(checks, "symbol", self.symbol.as_deref().unwrap_or("qr"), Symbol::Qr);
        let layout = parse(checks, "layout", self.layout.as_deref().unwrap_or("sheet"), Layout::Sheet);
        let skip = self.skip.unwrap_or(0);
        let most = i64::try_from(layout.labels()).unwrap_or(1) - 1;
        checks.within("skip", skip, 0, most);
        Style { symbol, layout, skip: usize::try_from(skip).unwrap_or(0) }
    }

    fn ids(&self) -> Option<Vec<&str>> {
        self.ids.as_deref().map(|ids| ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect())
    }
}

/// Labels as a PDF, in order of number or code. At most 1,000.
#[utoipa::path(
    tag = "export",
    params(LabelParams),
    responses((status = 200, content_type = "application/pdf"), (status = 422, body = Problem)),
)]
#[get("/labels.pdf")]
pub async fn labels(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<LabelParams>,
) -> Result<HttpResponse, Error> {
    let params = params.0;
    let mut checks = Checks::new();
    let kind = parse(&mut checks, "kind", &params.kind, Kind::Parts);
    let style = params.style(&mut checks);
    let too_many = params.ids().is_some_and(|ids| ids.len() > MOST_IDS);
    checks.require(!too_many, "ids", "too_many", "are more than 100");
    checks.finish()?;
    let found = app.db.read(move |conn| read(conn, kind, params.ids())).await?;
    let draw = tokio::task::spawn_blocking(move || pdf::draw(&found, style));
    let bytes = draw.await.map_err(|e| Error::Internal(e.to_string()))??;
    let name = format!("inline; filename=\"{kind}.pdf\"");
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("content-disposition", name))
        .body(bytes))
}

fn read(conn: &mut Conn, kind: Kind, ids: Option<Vec<&str>>) -> Result<Vec<Label>, Error> {
    let asked = ids.as_ref().map(Vec::len);
    let found = match kind {
        Kind::Parts => of_parts(conn, known_ids(ids)?)?,
        Kind::Places => of_places(conn, known_ids(ids)?)?,
        Kind::Engineers => of_engineers(conn, known_ids(ids)?)?,
    };
    if asked.is_some_and(|asked| asked != found.len()) {
        return Err(
            Problem::invalid_field("ids", "unknown", "name something that is not there, or twice").into()
        );
    }
    if found.len() > MOST_LABELS {
        let message = format!("are more than {MOST_LABELS}; name those that are wanted");
        return Err(Problem::invalid_field("ids", "too_many", message).into());
    }
    Ok(found)
}

fn known_ids<T>(ids: Option<Vec<&str>>) -> Result<Option<Vec<Id<T>>>, Error> {
    let invalid = |_| Problem::invalid_field("ids", "invalid", "must be ids separated by commas");
    let parsed = ids.map(|ids| ids.into_iter().map(str::parse::<Id<T>>).collect::<Result<Vec<_>, _>>());
    Ok(parsed.transpose().map_err(invalid)?)
}

/// One more than may be, to see that there are more.
const LIMIT: i64 = MOST_LABELS as i64 + 1;

fn of_parts(conn: &mut Conn, ids: Option<Vec<PartId>>) -> Result<Vec<Label>, Error> {
    let mut query = parts::table
        .select((parts::number, parts::name, parts::name_zh))
        .order(parts::number)
        .limit(LIMIT)
        .into_boxed();
    query = match ids {
        Some(ids) => query.filter(parts::id.eq_any(ids)),
        None => query.filter(parts::active.eq(true)),
    };
    Ok(query.load(conn)?)
}

fn of_places(conn: &mut Conn, ids: Option<Vec<LocationId>>) -> Result<Vec<Label>, Error> {
    let mut query = stock_locations::table
        .select((stock_locations::code, stock_locations::name))
        .order(stock_locations::code)
        .limit(LIMIT)
        .into_boxed();
    query = match ids {
        Some(ids) => query.filter(stock_locations::id.eq_any(ids)),
        None => query
            .filter(stock_locations::active.eq(true))
            .filter(stock_locations::kind.eq_any(LocationKind::PROMISED_FROM)),
    };
    Ok(query.load::<(String, String)>(conn)?.into_iter().map(named).collect())
}

fn of_engineers(conn: &mut Conn, ids: Option<Vec<EngineerId>>) -> Result<Vec<Label>, Error> {
    let mut query = engineers::table
        .select((engineers::code, engineers::name))
        .order(engineers::code)
        .limit(LIMIT)
        .into_boxed();
    query = match ids {
        Some(ids) => query.filter(engineers::id.eq_any(ids)),
        None => query.filter(engineers::active.eq(true)),
    };
    Ok(query.load::<(String, String)>(conn)?.into_iter().map(named).collect())
}

fn named((code, name): (String, String)) -> Label {
    Label { code, name, name_zh: String::new() }
}
