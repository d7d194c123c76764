//! What an import is going to write: rows that are right and name each other by InvenTree's numbers.

use std::collections::BTreeMap;

use inventory::costs::Cost;
use inventory::parts::NewPart;

use super::File;

/// What becomes of an export.
#[derive(Default)]
pub struct Plan {
    pub parts: Vec<Part>,
    /// Each after the one that it is in.
    pub places: Vec<Place>,
    pub items: Vec<Item>,
    /// Items that are lost, destroyed or empty.
    pub items_left_out: usize,
    pub lines: Vec<Line>,
    /// What is wanted, and what will do.
    pub substitutes: Vec<(u64, u64)>,
    /// Rows of which these were made: a pair may be there for several lines.
    pub substitute_rows: usize,
    pub supplier_parts: Vec<SupplierPart>,
    pub prices: Vec<Price>,
}

/// A part to be.
pub struct Part {
    pub pk: u64,
    pub new: NewPart,
    pub active: bool,
    /// How much there should be of it.
    pub minimum: i64,
}

/// A place to be.
pub struct Place {
    pub pk: u64,
    pub code: String,
    pub name: String,
    pub parent: Option<u64>,
}

/// Where an item goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    Place(u64),
    Quarantine,
    Unplaced,
}

/// Stock that comes in.
pub struct Item {
    pub part: u64,
    pub spot: Spot,
    pub quantity: i64,
    pub serials: Vec<String>,
    pub lot: Option<String>,
    pub cost: Option<Cost>,
    pub note: String,
}

/// What a part is made of.
pub struct Line {
    pub part: u64,
    pub component: u64,
    pub quantity: i64,
    pub note: String,
}

/// What a supplier sells.
pub struct SupplierPart {
    pub pk: u64,
    pub part: u64,
    pub supplier: String,
    pub number: String,
    pub note: String,
    pub pack: i64,
}

/// What he asks for a unit.
pub struct Price {
    pub supplier_part: u64,
    pub quantity: i64,
    pub price: i64,
    pub currency: String,
}

/// What becomes of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub imported: usize,
    pub left_out: usize,
}

impl Plan {
    /// Rows by file.
    pub fn counts(&self) -> BTreeMap<File, Count> {
        let all = |imported: usize| Count { imported, left_out: 0 };
        BTreeMap::from([
            (File::Parts, all(self.parts.len())),
            (File::StockLocations, all(self.places.len())),
            (File::StockItems, Count { imported: self.items.len(), left_out: self.items_left_out }),
            (File::Bom, all(self.lines.len())),
            (File::BomSubstitutes, all(self.substitute_rows)),
            (File::SupplierParts, all(self.supplier_parts.len())),
            (File::SupplierPriceBreaks, all(self.prices.len())),
        ])
    }
}
