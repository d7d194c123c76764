//! Stock as files for people: parts, what is where, movements, and what places should have, as CSV or XLSX. A file
//! is read in one piece, so that its rows belong together, and is therefore bounded. A CSV file of parts can be
//! imported again.

mod levels;
mod rows;
pub(crate) mod sheet;

use actix_web::{HttpResponse, get, web};
use db::{Conn, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::{Checks, Params, Path};
use sheet::Sheet;

/// Most rows of a file; who wants more movements asks for a shorter time.
pub const MOST_ROWS: usize = 100_000;

db::text_enum! {
    /// What can be had as a file.
    pub enum What {
        /// The catalogue.
        Parts => "parts",
        /// What is where.
        Stock => "stock",
        /// What moved.
        Movements => "movements",
        /// What places should have, and what they have of it.
        Levels => "levels",
        /// Those of them that have too little.
        LowStock => "low-stock",
    }
}

db::text_enum! {
    /// How.
    pub enum Format {
        /// UTF-8 with a byte order mark, without which Excel takes Chinese for something else.
        Csv => "csv",
        /// A workbook with one sheet.
        Xlsx => "xlsx",
    }
}

/// Which movements.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Span {
    /// `movements` only: not before, in UTC milliseconds.
    from: Option<i64>,
    /// `movements` only: before, in UTC milliseconds.
    until: Option<i64>,
}

impl Span {
    fn check(self, what: What) -> Result<(Timestamp, Timestamp), Error> {
        let from = Timestamp::from_millis(self.from.unwrap_or(0));
        let until = self.until.map_or(Timestamp::MAX, Timestamp::from_millis);
        let mut checks = Checks::new();
        checks.instant("from", from).instant("until", until);
        let given = [("from", self.from), ("until", self.until)];
        for (field, _) in given.into_iter().filter(|(_, at)| at.is_some() && what != What::Movements) {
            checks.fault(field, "invalid", "is for movements only");
        }
        checks.finish()?;
        Ok((from, until))
    }
}

/// Refuses more rows than a file has.
fn check_count(rows: usize) -> Result<(), Error> {
    if rows <= MOST_ROWS {
        return Ok(());
    }
    let message =
        format!("has more than {MOST_ROWS} rows; movements can be had for a time, by `from` and `until`");
    Err(Problem::invalid_field("what", "too_many", message).into())
}

/// A file of `parts`, `stock`, `movements`, `levels` or `low-stock`, as `csv` or `xlsx`. In CSV a text that a
/// spreadsheet would take for a formula begins with an apostrophe. At most 100,000 rows.
#[utoipa::path(
    tag = "export",
    params(("what" = inline(What), Path), ("format" = inline(Format), Path), Span),
    responses(
        (status = 200, content_type = "text/csv"),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[get("/exports/{what}.{format}")]
pub async fn export(
    app: web::Data<App>,
    _by: By<STOCK>,
    path: Path<(String, String)>,
    span: Params<Span>,
) -> Result<HttpResponse, Error> {
    let (what, format) = path.0;
    let what = what.parse::<What>().map_err(|_| Problem::not_found("export"))?;
    let format = format.parse::<Format>().map_err(|_| Problem::not_found("export"))?;
    let (from, until) = span.0.check(what)?;
    let sheet = app.db.read(move |conn: &mut Conn| read(conn, what, (from, until))).await?;
    file(sheet, what.as_str(), format).await
}

/// A sheet as a file of this name.
pub(crate) async fn file(
    sheet: Sheet,
    name: impl Into<String>,
    format: Format,
) -> Result<HttpResponse, Error> {
    let name: String = name.into();
    let title = name.clone();
    let write = tokio::task::spawn_blocking(move || match format {
        Format::Csv => sheet.csv(),
        Format::Xlsx => sheet.xlsx(&title),
    });
    let bytes = write.await.map_err(|e| Error::Internal(e.to_string()))??;
    let kind = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let name = format!("attachment; filename=\"{name}.{format}\"");
    Ok(HttpResponse::Ok().content_type(kind).insert_header(("content-disposition", name)).body(bytes))
}

fn read(conn: &mut Conn, what: What, span: (Timestamp, Timestamp)) -> Result<Sheet, Error> {
    match what {
        What::Parts => rows::parts(conn),
        What::Stock => rows::stock(conn),
        What::Movements => rows::movements(conn, span),
        What::Levels => levels::levels(conn, false),
        What::LowStock => levels::levels(conn, true),
    }
}
