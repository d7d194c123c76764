//! The files of an export as rows. A column that is not used here may be there, of whatever version the export is;
//! what is wrong with a row by itself is a fault of that row.

use super::decimal::Decimal;
use super::pack::Pack;
use super::{File, FileReport, Files};
use crate::error::{Error, FieldFault, Problem};
use crate::http::Checks;
use crate::import::parts::micros;
use crate::import::table::{self, Cells, Column, Records};
use crate::import::{Fault, Numbered};
use crate::inventory::parts::HIGHEST_PRICE;

/// A row of `parts`.
pub struct Part {
    pub pk: u64,
    /// InvenTree's IPN, where it has one.
    pub number: String,
    pub name: String,
    pub description: String,
    pub unit: String,
    pub minimum: Decimal,
    pub trackable: bool,
    pub active: bool,
}

/// A row of `stock_locations`.
pub struct Place {
    pub pk: u64,
    pub name: String,
    pub parent: Option<u64>,
}

/// A row of `stock_items`.
pub struct Item {
    pub pk: u64,
    pub part: u64,
    pub place: Option<u64>,
    pub quantity: Decimal,
    pub serial: String,
    pub batch: String,
    pub status: u64,
    /// Of a unit, in millionths.
    pub price: Option<i64>,
    pub currency: String,
    /// The item that it is built into.
    pub belongs_to: Option<u64>,
}

/// A row of `bom`.
pub struct Line {
    pub pk: u64,
    pub part: u64,
    pub component: u64,
    pub quantity: Decimal,
    pub reference: String,
}

/// A row of `bom_substitutes`.
pub struct Substitute {
    pub line: u64,
    pub part: u64,
}

/// A row of `supplier_parts`.
pub struct SupplierPart {
    pub pk: u64,
    pub part: u64,
    pub supplier: String,
    pub number: String,
    pub note: String,
    pub pack: Pack,
}

/// A row of `supplier_price_breaks`: for so many packs, a pack costs so much.
pub struct Price {
    pub supplier_part: u64,
    pub quantity: Decimal,
    pub price: i64,
    pub currency: String,
}

/// An export that was read.
#[derive(Default)]
pub struct Set {
    pub parts: Vec<Numbered<Part>>,
    pub places: Vec<Numbered<Place>>,
    pub items: Vec<Numbered<Item>>,
    pub lines: Vec<Numbered<Line>>,
    pub substitutes: Vec<Numbered<Substitute>>,
    pub supplier_parts: Vec<Numbered<SupplierPart>>,
    pub prices: Vec<Numbered<Price>>,
    /// What was found in each file.
    pub files: Vec<FileReport>,
    pub faults: Vec<Fault>,
}

const PARTS: &[Column] = &[
    Column::needed("pk"),
    Column::needed("name"),
    Column::optional("IPN"),
    Column::optional("description"),
    Column::optional("units"),
    Column::optional("minimum_stock"),
    Column::optional("trackable"),
    Column::optional("active"),
];
const PLACES: &[Column] = &[Column::needed("pk"), Column::needed("name"), Column::needed("parent")];
const ITEMS: &[Column] = &[
    Column::needed("pk"),
    Column::needed("part"),
    Column::needed("location"),
    Column::needed("quantity"),
    Column::optional("serial"),
    Column::optional("batch"),
    Column::optional("status"),
    Column::optional("purchase_price"),
    Column::optional("purchase_price_currency"),
    Column::optional("belongs_to"),
];
const LINES: &[Column] = &[
    Column::needed("pk"),
    Column::needed("part"),
    Column::needed("sub_part"),
    Column::needed("quantity"),
    Column::optional("reference"),
];
const SUBSTITUTES: &[Column] = &[Column::needed("bom_item"), Column::needed("part")];
const SUPPLIER_PARTS: &[Column] = &[
    Column::needed("pk"),
    Column::needed("part"),
    Column::needed("supplier_name"),
    Column::needed("SKU"),
    Column::optional("description"),
    Column::optional("pack_quantity"),
];
const PRICES: &[Column] = &[
    Column::needed("part"),
    Column::needed("quantity"),
    Column::needed("price"),
    Column::needed("price_currency"),
];
const TRACKING: &[Column] = &[Column::needed("pk")];

/// Reads an export.
///
/// # Errors
/// A file that cannot be read as a whole, named with what is wrong.
pub fn read(files: &Files) -> Result<Set, Error> {
    let mut set = Set::default();
    for (file, bytes) in files {
        let mut reading = Reading { file: *file, set: &mut set };
        match file {
            File::Parts => reading.rows(bytes, PARTS, part, |set| &mut set.parts)?,
            File::StockLocations => reading.rows(bytes, PLACES, place, |set| &mut set.places)?,
            File::StockItems => reading.rows(bytes, ITEMS, item, |set| &mut set.items)?,
            File::Bom => reading.rows(bytes, LINES, line, |set| &mut set.lines)?,
            File::BomSubstitutes => {
                reading.rows(bytes, SUBSTITUTES, substitute, |set| &mut set.substitutes)?
            }
            File::SupplierParts => {
                reading.rows(bytes, SUPPLIER_PARTS, supplier_part, |set| &mut set.supplier_parts)?;
            }
            File::SupplierPriceBreaks => reading.rows(bytes, PRICES, price, |set| &mut set.prices)?,
            File::StockTracking => reading.history(bytes)?,
        }
    }
    Ok(set)
}

struct Reading<'a> {
    file: File,
    set: &'a mut Set,
}

impl Reading<'_> {
    fn rows<R>(
        &mut self,
        bytes: &[u8],
        columns: &'static [Column],
        read: fn(&Cells<'_>, &mut Checks) -> R,
        into: fn(&mut Set) -> &mut Vec<Numbered<R>>,
    ) -> Result<(), Error> {
        let Records { header, rows } = self.records(bytes)?;
        let (places, faults) = table::find(columns, &header);
        if !faults.is_empty() {
            return Err(Problem::invalid(self.named(faults)).into());
        }
        self.report(rows.len(), 0);
        for (index, record) in rows.iter().enumerate() {
            let row = index + 1;
            if let Some(fault) = table::wrong_length(row, record, &header) {
                self.set.faults.push(self.file.of(fault));
                continue;
            }
            let mut checks = Checks::new();
            let value = read(&Cells { places: &places, record }, &mut checks);
            if checks.faults().is_empty() {
                into(self.set).push(Numbered { row, value });
            }
            let faults = checks.faults().iter().map(|fault| self.file.of(Fault::from_check(row, fault)));
            self.set.faults.extend(faults);
        }
        Ok(())
    }

    /// What was done there before is history: our ledger begins with what is there now.
    fn history(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let Records { header, rows } = self.records(bytes)?;
        let (_, faults) = table::find(TRACKING, &header);
        if !faults.is_empty() {
            return Err(Problem::invalid(self.named(faults)).into());
        }
        self.report(rows.len(), rows.len());
        Ok(())
    }

    fn records(&self, bytes: &[u8]) -> Result<Records, Error> {
        table::records(bytes).map_err(|error| Problem::invalid(self.named(error.problem().errors)).into())
    }

    /// The faults of a file as a whole name it: `stock_items.quantity`.
    fn named(&self, faults: Vec<FieldFault>) -> Vec<FieldFault> {
        let name =
            |fault: FieldFault| FieldFault { field: format!("{}.{}", self.file, fault.field), ..fault };
        faults.into_iter().map(name).collect()
    }

    fn report(&mut self, rows: usize, left_out: usize) {
        let file = self.file.to_string();
        self.set.files.push(FileReport { file, rows, imported: 0, left_out });
    }
}

/// A number under which InvenTree knows something.
fn pk(cells: &Cells<'_>, checks: &mut Checks, column: &'static str) -> u64 {
    let text = cells.text(column);
    checks.require(!text.is_empty(), column, "required", "must not be empty");
    cells.whole(checks, column, 0)
}

fn pk_if_any(cells: &Cells<'_>, checks: &mut Checks, column: &'static str) -> Option<u64> {
    (!cells.text(column).is_empty()).then(|| cells.whole(checks, column, 0))
}

fn decimal(
    cells: &Cells<'_>,
    checks: &mut Checks,
    column: &'static str,
    otherwise: Option<Decimal>,
) -> Decimal {
    if let (Some(otherwise), "") = (otherwise, cells.text(column)) {
        return otherwise;
    }
    Decimal::read(cells.text(column)).unwrap_or_else(|(code, message)| {
        checks.fault(column, code, message);
        Decimal::ZERO
    })
}

fn money(cells: &Cells<'_>, checks: &mut Checks, columns: (&'static str, &'static str)) -> (i64, String) {
    let price = micros(cells.text(columns.0)).unwrap_or_else(|message| {
        checks.fault(columns.0, "invalid", message);
        0
    });
    let currency = cells.text(columns.1);
    let is_code = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
    checks.require(is_code, columns.1, "invalid", "must be three capital letters, as in ISO 4217");
    checks.within(columns.0, price, 0, HIGHEST_PRICE);
    (price, currency.to_owned())
}

fn part(cells: &Cells<'_>, checks: &mut Checks) -> Part {
    let text = |column: &str| cells.text(column).to_owned();
    // A part without a number is called by its name.
    let longest_name = if cells.text("IPN").is_empty() { 50 } else { 200 };
    checks.name("name", cells.text("name"), longest_name).text("IPN", cells.text("IPN"), 50);
    checks.text("description", cells.text("description"), 250).text("units", cells.text("units"), 20);
    Part {
        pk: pk(cells, checks, "pk"),
        number: text("IPN"),
        name: text("name"),
        description: text("description"),
        unit: cells.text_or("units", "pcs").to_owned(),
        minimum: decimal(cells, checks, "minimum_stock", Some(Decimal::ZERO)),
        trackable: cells.flag(checks, "trackable", false),
        active: cells.flag(checks, "active", true),
    }
}

fn place(cells: &Cells<'_>, checks: &mut Checks) -> Place {
    checks.name("name", cells.text("name"), 200);
    let parent = pk_if_any(cells, checks, "parent");
    Place { pk: pk(cells, checks, "pk"), name: cells.text("name").to_owned(), parent }
}

fn item(cells: &Cells<'_>, checks: &mut Checks) -> Item {
    let most = inventory::pieces::LONGEST_NUMBER;
    checks.text("serial", cells.text("serial"), most).text("batch", cells.text("batch"), most);
    let has_price = !cells.text("purchase_price").is_empty();
    let money = has_price.then(|| money(cells, checks, ("purchase_price", "purchase_price_currency")));
    let (price, currency) = money.map_or((None, String::new()), |(price, currency)| (Some(price), currency));
    Item {
        pk: pk(cells, checks, "pk"),
        part: pk(cells, checks, "part"),
        place: pk_if_any(cells, checks, "location"),
        quantity: decimal(cells, checks, "quantity", None),
        serial: cells.text("serial").to_owned(),
        batch: cells.text("batch").to_owned(),
        status: cells.whole(checks, "status", super::status::OK),
        price,
        currency,
        belongs_to: pk_if_any(cells, checks, "belongs_to"),
    }
}

fn line(cells: &Cells<'_>, checks: &mut Checks) -> Line {
    checks.text("reference", cells.text("reference"), 5_000);
    Line {
        pk: pk(cells, checks, "pk"),
        part: pk(cells, checks, "part"),
        component: pk(cells, checks, "sub_part"),
        quantity: decimal(cells, checks, "quantity", None),
        reference: cells.text("reference").to_owned(),
    }
}

fn substitute(cells: &Cells<'_>, checks: &mut Checks) -> Substitute {
    Substitute { line: pk(cells, checks, "bom_item"), part: pk(cells, checks, "part") }
}

fn supplier_part(cells: &Cells<'_>, checks: &mut Checks) -> SupplierPart {
    checks.name("supplier_name", cells.text("supplier_name"), 200).name("SKU", cells.text("SKU"), 100);
    checks.text("description", cells.text("description"), 250);
    let pack = Pack::read(cells.text("pack_quantity")).unwrap_or_else(|message| {
        checks.fault("pack_quantity", "invalid", message);
        Pack::ONE
    });
    let words = [cells.text("pack_quantity"), cells.text("description")];
    let note: Vec<&str> = words.into_iter().filter(|text| !text.is_empty()).collect();
    SupplierPart {
        pk: pk(cells, checks, "pk"),
        part: pk(cells, checks, "part"),
        supplier: cells.text("supplier_name").to_owned(),
        number: cells.text("SKU").to_owned(),
        note: note.join("; "),
        pack,
    }
}

fn price(cells: &Cells<'_>, checks: &mut Checks) -> Price {
    let (price, currency) = money(cells, checks, ("price", "price_currency"));
    Price {
        supplier_part: pk(cells, checks, "part"),
        quantity: decimal(cells, checks, "quantity", None),
        price,
        currency,
    }
}
