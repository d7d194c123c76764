//! A whole stock from InvenTree: the tables of its export, sent together since each names rows of the others. Parts,
//! places within places, stock with serial and batch numbers, what parts are made of, and who sells them for how much.
//! All of it becomes rows of ours, and all stock a movement from outside, so that the ledger adds up from the first
//! day on. What was done there before stays there: history of another system proves nothing in ours.

mod decimal;
mod judge;
mod known;
mod pack;
mod plan;
mod read;
pub mod routes;
mod stock;
mod supply;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use db::{Actor, Conn, Db, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Fault, MOST_FAULTS, Mode, Options};
use crate::error::{Error, Problem};
use crate::http::Checks;
use crate::http::checks::ServiceArea;
use plan::Plan;
use read::Set;

/// Most rows in all files together: in mode `all` they are written in one transaction, for which others wait.
pub const MOST_ROWS: usize = 100_000;

db::text_enum! {
    /// The files of an export, in the order in which they are imported.
    pub enum File {
        /// The catalogue.
        Parts => "parts",
        /// Places.
        StockLocations => "stock_locations",
        /// What is where.
        StockItems => "stock_items",
        /// What parts are made of.
        Bom => "bom",
        /// What may be taken instead.
        BomSubstitutes => "bom_substitutes",
        /// Who sells what.
        SupplierParts => "supplier_parts",
        /// For how much.
        SupplierPriceBreaks => "supplier_price_breaks",
        /// What was done: read, and left where it is.
        StockTracking => "stock_tracking",
    }
}

impl File {
    fn of(self, fault: Fault) -> Fault {
        Fault { file: Some(self.to_string()), ..fault }
    }
}

/// What InvenTree says of the state of a stock item.
mod status {
    pub const OK: u64 = 10;
    pub const ATTENTION: u64 = 50;
    pub const DAMAGED: u64 = 55;
    pub const DESTROYED: u64 = 60;
    pub const REJECTED: u64 = 65;
    pub const LOST: u64 = 70;
    pub const QUARANTINED: u64 = 75;
    pub const RETURNED: u64 = 85;
}

/// Files by what they are.
pub type Files = BTreeMap<File, Vec<u8>>;

/// Where the places stand that are in no other one.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// In degrees.
    pub latitude: f64,
    /// In degrees.
    pub longitude: f64,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileReport {
    /// `parts`, `stock_items`, …
    pub file: String,
    /// Rows in it.
    pub rows: usize,
    /// Rows that were imported.
    pub imported: usize,
    /// Rows with which nothing is wrong and which have no place here: history, and stock that is lost or gone.
    pub left_out: usize,
}

/// What became of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetReport {
    /// Each file that was sent.
    pub files: Vec<FileReport>,
    /// Rows that were imported, of all files.
    pub imported: usize,
    /// Faults in all.
    pub fault_count: usize,
    /// The faults, by file and row; at most 1,000.
    pub faults: Vec<Fault>,
}

/// Imports an export.
///
/// # Errors
/// A file that cannot be read as a whole, a set without parts or with too many rows, places without an origin.
pub async fn run(
    db: &Db,
    actor: Actor,
    area: ServiceArea,
    files: Files,
    origin: Option<Origin>,
    options: Options,
) -> Result<SetReport, Error> {
    let reading = tokio::task::spawn_blocking(move || read::read(&files)).await;
    let mut set = reading.map_err(|e| Error::Internal(e.to_string()))??;
    check(&set, origin, &area)?;
    let faults = std::mem::take(&mut set.faults);
    let spoiled = !faults.is_empty() && options.mode == Mode::All;
    let set = Arc::new(set);
    if options.dry_run || spoiled {
        let looked = set.clone();
        let judged = db.read(move |conn| judge(conn, &looked)).await?;
        return Ok(report(&set, None, faults, judged.1));
    }
    let judged = set.clone();
    let write = move |tx: &mut Tx<'_>| {
        let (plan, faults) = judge(tx.conn(), &judged)?;
        if options.mode == Mode::All && !faults.is_empty() {
            return Ok::<_, Error>((None, faults));
        }
        write::write(tx, &plan, origin)?;
        Ok((Some(plan.counts()), faults))
    };
    let (counts, found) = db.write(actor, write).await?;
    Ok(report(&set, counts, faults, found))
}

/// Sees the rows together with each other and with what is there already.
fn judge(conn: &mut Conn, set: &Set) -> Result<(Plan, Vec<Fault>), Error> {
    let known = known::look_up(conn, set)?;
    Ok(judge::judge(set, &known))
}

fn check(set: &Set, origin: Option<Origin>, area: &ServiceArea) -> Result<(), Error> {
    let mut checks = Checks::new();
    let has_parts = set.files.iter().any(|file| file.file == File::Parts.as_str());
    checks.require(has_parts, File::Parts.as_str(), "required", "is missing: all other files name parts");
    let rows: usize = set.files.iter().map(|file| file.rows).sum();
    let most = "has more than 100,000 rows in all files together";
    checks.require(rows <= MOST_ROWS, "body", "too_many", most);
    match origin {
        Some(Origin { latitude, longitude }) => {
            checks.place(("latitude", "longitude"), latitude, longitude, area);
        }
        None if set.places.iter().any(|place| place.value.parent.is_none()) => {
            let problem = "is needed: where the places stand that are in no other one";
            checks.fault("latitude", "required", problem).fault("longitude", "required", problem);
        }
        None => {}
    }
    checks.finish()
}

fn report(
    set: &Set,
    counts: Option<BTreeMap<File, plan::Count>>,
    faults: Vec<Fault>,
    more: Vec<Fault>,
) -> SetReport {
    let mut files = set.files.clone();
    for (file, count) in counts.unwrap_or_default() {
        for report in files.iter_mut().filter(|report| report.file == file.as_str()) {
            (report.imported, report.left_out) = (count.imported, report.left_out + count.left_out);
        }
    }
    let mut faults: Vec<Fault> = faults.into_iter().chain(more).collect();
    let order = |file: &Option<String>| files.iter().position(|report| Some(&report.file) == file.as_ref());
    faults.sort_by_key(|fault| (order(&fault.file), fault.row));
    let fault_count = faults.len();
    faults.truncate(MOST_FAULTS);
    let imported = files.iter().map(|file| file.imported).sum();
    SetReport { files, imported, fault_count, faults }
}

/// The parameters of an import say where its places stand.
///
/// # Errors
/// One coordinate without the other.
fn origin(latitude: Option<f64>, longitude: Option<f64>) -> Result<Option<Origin>, Error> {
    match (latitude, longitude) {
        (Some(latitude), Some(longitude)) => Ok(Some(Origin { latitude, longitude })),
        (None, None) => Ok(None),
        (latitude, _) => {
            let field = if latitude.is_some() { "longitude" } else { "latitude" };
            Err(Problem::invalid_field(field, "required", "comes with its twin or not at all").into())
        }
    }
}
