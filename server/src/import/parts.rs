//! Parts of the catalogue. A price is written as people write it, `12.50`, and kept in millionths. The columns are
//! those that the export of parts has.

use std::collections::HashSet;

use db::schema::parts;
use db::{Conn, Tx};
use diesel::prelude::*;
use inventory::Tracking;
use inventory::parts::{LONGEST_WARRANTY_DAYS, NewPart, PartChanges};

use super::table::{Cells, Column};
use super::{Fault, IN_LIST, Import, Numbered};
use crate::error::Error;
use crate::http::Checks;
use crate::inventory::parts::{HIGHEST_PRICE, check};

/// Parts.
pub struct Parts;

/// A row of the file.
pub struct Row {
    part: NewPart,
    /// Whether it may be ordered and reserved.
    active: bool,
}

impl Import for Parts {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::needed("number"),
        Column::needed("name"),
        Column::optional("name_zh"),
        Column::optional("unit"),
        Column::optional("decimals"),
        Column::optional("unit_price"),
        Column::optional("currency"),
        Column::optional("tracking"),
        Column::optional("returnable"),
        Column::optional("warranty_days"),
        Column::optional("active"),
    ];

    const KEY: &'static str = "number";

    fn read(&self, cells: &Cells<'_>, checks: &mut Checks) -> Row {
        let unit_price_micros = micros(cells.text_or("unit_price", "0")).unwrap_or_else(|message| {
            checks.fault("unit_price", "invalid", message);
            0
        });
        let tracking = cells.text_or("tracking", Tracking::None.as_str()).parse().unwrap_or_else(|_| {
            checks.fault("tracking", "invalid", "must be none, lot or serial");
            Tracking::None
        });
        let part = NewPart {
            number: cells.text("number").to_owned(),
            name: cells.text("name").to_owned(),
            name_zh: cells.text("name_zh").to_owned(),
            unit: cells.text_or("unit", "pcs").to_owned(),
            decimals: cells.whole(checks, "decimals", 0),
            unit_price_micros,
            currency: cells.text_or("currency", "USD").to_owned(),
            tracking,
            returnable: cells.flag(checks, "returnable", false),
            warranty_days: cells.whole(checks, "warranty_days", 0),
        };
        check(checks, &part);
        let is_whole = part.tracking != Tracking::Serial || part.decimals == 0;
        checks.require(is_whole, "decimals", "invalid", "must be 0 for what has serial numbers");
        checks.within("warranty_days", part.warranty_days.into(), 0, LONGEST_WARRANTY_DAYS.into());
        Row { part, active: cells.flag(checks, "active", true) }
    }

    fn key(row: &Row) -> &str {
        &row.part.number
    }

    fn check(&self, conn: &mut Conn, rows: &[Numbered<Row>]) -> Result<Vec<Fault>, Error> {
        let mut known = HashSet::new();
        for rows in rows.chunks(IN_LIST) {
            let numbers = rows.iter().map(|row| row.value.part.number.as_str());
            let found: Vec<String> =
                parts::table.filter(parts::number.eq_any(numbers)).select(parts::number).load(conn)?;
            known.extend(found);
        }
        Ok(super::taken::<Self>(rows, &known))
    }

    fn write(&self, tx: &mut Tx<'_>, rows: &[&Row]) -> Result<(), Error> {
        for row in rows {
            let id = inventory::parts::create(tx, row.part.clone())?.id;
            if !row.active {
                let off = PartChanges { active: Some(false), ..PartChanges::default() };
                inventory::parts::update(tx, id, &off)?;
            }
        }
        Ok(())
    }
}

/// Digits after the point that a price may have.
const PLACES: usize = 6;

/// Millionths of a price such as `12.50`; or what is wrong with it.
pub fn micros(text: &str) -> Result<i64, &'static str> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return Err("must be a price such as 12.50");
    }
    if fraction.len() > PLACES {
        return Err("has more than six digits after the point");
    }
    let scaled = format!("{whole}{fraction:0<PLACES$}").parse::<i64>().ok();
    scaled.filter(|price| *price <= HIGHEST_PRICE).ok_or("is too high")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact_to_a_millionth() {
        let prices = ["0", "12.50", "0.000001", "007.1", "4503599627.370496"];
        assert_eq!(prices.map(|p| micros(p).unwrap()), [0, 12_500_000, 1, 7_100_000, 1 << 52]);
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for text in [
            "",
            ".",
            "5.",
            ".5",
            "-1",
            "1e3",
            "1,50",
            "$5",
            "1.0000001",
            "4503599627.370497",
            "99999999999999999999",
        ] {
            assert!(micros(text).is_err(), "{text}");
        }
    }
}
