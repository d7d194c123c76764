//! Import from CSV and XLSX: assets with their sites and customers, engineers with their certificates, parts, and a
//! whole stock from InvenTree. A file is read and checked outside the writer; what only the database can tell is
//! checked in the transaction that writes. Numbers are unique, so the same file sent twice imports nothing the second
//! time.

mod assets;
mod engineers;
pub mod inventree;
mod parts;
pub mod routes;
mod table;
mod xlsx;

use std::collections::HashSet;
use std::sync::Arc;

use db::{Actor, Conn, Db, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, FieldFault};
use crate::http::Checks;
use crate::http::checks::ServiceArea;
use table::{Cells, Column};

/// Most bytes of a file.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Most rows of a file.
pub const MOST_ROWS: usize = 200_000;
/// Most faults that a report lists; all are counted.
pub const MOST_FAULTS: usize = 1_000;
/// Rows that one command writes where not all have to be written at once: others need not wait long.
const CHUNK: usize = 500;
/// Values in one `IN (…)`: SQLite takes 32,766 parameters a statement.
const IN_LIST: usize = 10_000;
/// Rows in one `INSERT`: with eleven columns still within both databases' parameters.
const INSERT: usize = 1_000;

db::text_enum! {
    /// What a file is about.
    pub enum Kind {
        /// Assets, with the sites and customers that they need.
        Assets => "assets",
        /// Engineers, with their skills.
        Engineers => "engineers",
        /// Parts of the catalogue.
        Parts => "parts",
    }
}

db::text_enum! {
    /// What becomes of the good rows of a file with bad ones.
    pub enum Mode {
        /// All rows are imported in one transaction, or none.
        All => "all",
        /// Good rows are imported, bad ones are not.
        Rows => "rows",
    }
}

/// How to import.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What becomes of the good rows.
    pub mode: Mode,
    /// Only look.
    pub dry_run: bool,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// In which file, where several were sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// 1 is the first row after the header.
    pub row: usize,
    /// The column; none if it is about the row as a whole.
    pub column: Option<String>,
    /// A stable code: `required`, `duplicate`, `unknown`, …
    pub code: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

impl Fault {
    fn new(row: usize, column: &str, code: &str, message: impl Into<String>) -> Self {
        Self {
            file: None,
            row,
            column: Some(column.to_owned()),
            code: code.to_owned(),
            message: message.into(),
        }
    }

    fn from_check(row: usize, fault: &FieldFault) -> Self {
        Self::new(row, &fault.field, &fault.code, fault.message.clone())
    }
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Rows in the file.
    pub rows: usize,
    /// Rows that were imported.
    pub imported: usize,
    /// Faults in all.
    pub fault_count: usize,
    /// The faults, by row; at most 1,000.
    pub faults: Vec<Fault>,
}

impl Report {
    fn note(&mut self, faults: Vec<Fault>) {
        self.fault_count += faults.len();
        let room = MOST_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }
}

/// A row that can be read, and its number in the file.
#[derive(Debug)]
struct Numbered<R> {
    row: usize,
    value: R,
}

/// What differs from one kind of file to the next.
trait Import: Send + Sync + 'static {
    type Row: Send + Sync;

    /// The columns that a file may have.
    const COLUMNS: &'static [Column];

    /// The column that is unique.
    const KEY: &'static str;

    /// Reads a row, and notes what is wrong with it by itself.
    fn read(&self, cells: &Cells<'_>, checks: &mut Checks) -> Self::Row;

    /// The value of the unique column.
    fn key(row: &Self::Row) -> &str;

    /// What only the database can tell: what is taken, what does not exist.
    fn check(&self, conn: &mut Conn, rows: &[Numbered<Self::Row>]) -> Result<Vec<Fault>, Error>;

    /// Writes rows that are right.
    fn write(&self, tx: &mut Tx<'_>, rows: &[&Self::Row]) -> Result<(), Error>;
}

/// Imports a file.
///
/// # Errors
/// A file that cannot be read as a whole: no UTF-8, no header, unknown or missing columns, too many rows.
pub async fn run(
    db: &Db,
    actor: Actor,
    area: ServiceArea,
    kind: Kind,
    bytes: Vec<u8>,
    options: Options,
) -> Result<Report, Error> {
    match kind {
        Kind::Assets => import(db, actor, assets::Assets { area }, bytes, options).await,
        Kind::Engineers => {
            let now = db.clock().now();
            import(db, actor, engineers::Engineers { area, now }, bytes, options).await
        }
        Kind::Parts => import(db, actor, parts::Parts, bytes, options).await,
    }
}

async fn import<I: Import>(
    db: &Db,
    actor: Actor,
    kind: I,
    bytes: Vec<u8>,
    options: Options,
) -> Result<Report, Error> {
    let kind = Arc::new(kind);
    let reader = kind.clone();
    // Reading 16 MiB takes long enough to be felt by others on this thread.
    let read = tokio::task::spawn_blocking(move || table::read(reader.as_ref(), &bytes)).await;
    let sheet = read.map_err(|e| Error::Internal(e.to_string()))??;
    let mut report = Report { rows: sheet.rows, imported: 0, fault_count: 0, faults: Vec::new() };
    let spoiled = !sheet.faults.is_empty();
    report.note(sheet.faults);
    let good = Arc::new(sheet.good);
    if options.dry_run || (spoiled && options.mode == Mode::All) {
        // Nothing will be written, but whoever asked wants to hear of all faults at once.
        report.note(db.read(move |conn| kind.check(conn, &good)).await?);
    } else {
        let size = if options.mode == Mode::All { good.len().max(1) } else { CHUNK };
        for begin in (0..good.len()).step_by(size) {
            let (kind, good) = (kind.clone(), good.clone());
            let write = move |tx: &mut Tx<'_>| {
                let end = good.len().min(begin + size);
                write(tx, kind.as_ref(), &good[begin..end], options.mode)
            };
            let (imported, faults) = db.write(actor.clone(), write).await?;
            report.imported += imported;
            report.note(faults);
        }
    }
    report.faults.sort_by_key(|fault| fault.row);
    Ok(report)
}

/// Checks and writes in one transaction, so that nobody can come in between.
fn write<I: Import>(
    tx: &mut Tx<'_>,
    kind: &I,
    rows: &[Numbered<I::Row>],
    mode: Mode,
) -> Result<(usize, Vec<Fault>), Error> {
    let faults = kind.check(tx.conn(), rows)?;
    if mode == Mode::All && !faults.is_empty() {
        return Ok((0, faults));
    }
    let bad: HashSet<usize> = faults.iter().map(|fault| fault.row).collect();
    let good: Vec<&I::Row> =
        rows.iter().filter(|row| !bad.contains(&row.row)).map(|row| &row.value).collect();
    kind.write(tx, &good)?;
    Ok((good.len(), faults))
}

/// A fault for each row whose key is among those that are taken.
fn taken<I: Import>(rows: &[Numbered<I::Row>], taken: &HashSet<String>) -> Vec<Fault> {
    let of = |row: &Numbered<I::Row>| Fault::new(row.row, I::KEY, "duplicate", "is taken already");
    rows.iter().filter(|row| taken.contains(I::key(&row.value))).map(of).collect()
}
