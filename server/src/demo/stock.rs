//! What the demo begins with in stock: the catalogue with its barcodes, who sells what for how much, depots and vans
//! with their first stock, how much of a part each shall have, and what is on order. Sellers, prices and numbers are
//! invented; barcodes are of the range that every shop may use inside its own walls.

use db::schema::{purchase_orders, stock_locations};
use db::types::{Id, LocationId, PartId, SupplierId};
use db::{Timestamp, Tx};
use diesel::prelude::*;
use inventory::catalogue::{PartCode, StockLevel, SupplierPart, SupplierPrice};
use inventory::orders::{self, NewLine, NewOrder, PurchaseOrder};
use inventory::parts::NewPart;
use inventory::{LocationKind, StockLocation, ledger};
use jiff::ToSpan;

use super::catalogue::{Item, PARTS, kit};
use super::load::Known;
use super::places::{DEPOTS, Depot};
use crate::error::Error;

/// Who sells parts of which groups, and in how many days they come.
const SUPPLIERS: [(&str, &[&str], i32); 3] = [
    ("Atlantic Lift Supply", &["DR", "CR", "GD", "MC", "GV", "HY"], 3),
    ("Northside Electric", &["EL"], 2),
    ("Escalator Parts East", &["ES"], 5),
];
/// What is worth mending comes back, and fails within a year at the supplier's cost.
const WORTH_MENDING: [&str; 6] = ["EL-BRD", "EL-PSU", "MC-COI", "MC-ENC", "DR-MOT", "HY-VLV"];
const WARRANTY_DAYS: i32 = 365;
/// Doses from which on a piece is a tenth cheaper.
const BULK: i64 = 10;

/// Adds the catalogue; the parts in its order.
///
/// # Errors
/// A failure of the database.
pub fn add_parts(tx: &mut Tx<'_>) -> Result<Vec<PartId>, Error> {
    let mut parts = Vec::with_capacity(PARTS.len());
    for item in PARTS {
        parts.push(inventory::parts::create(tx, part(item))?.id);
    }
    let code = |(n, part_id): (usize, &PartId)| PartCode {
        id: Id::new(),
        part_id: *part_id,
        code: ean(n),
        note: "EAN".to_owned(),
    };
    let codes: Vec<PartCode> = parts.iter().enumerate().map(code).collect();
    inventory::catalogue::add_codes(tx, &codes)?;
    for (name, groups, _) in SUPPLIERS {
        let supplier = inventory::catalogue::supplier(tx, name)?;
        offer(tx, supplier, groups, &parts)?;
    }
    Ok(parts)
}

fn part(item: &Item) -> NewPart {
    let returnable = WORTH_MENDING.contains(&item.number);
    NewPart {
        number: item.number.to_owned(),
        name: item.name.to_owned(),
        name_zh: item.name_zh.to_owned(),
        unit: item.unit.to_owned(),
        decimals: item.decimals,
        unit_price_micros: price(item),
        currency: "USD".to_owned(),
        returnable,
        warranty_days: if returnable { WARRANTY_DAYS } else { 0 },
        ..NewPart::default()
    }
}

/// Millionths of a dollar for a unit.
const fn price(item: &Item) -> i64 {
    item.cents * 10_000
}

/// The barcode of the n-th part: 13 digits, the last of them the check digit.
fn ean(n: usize) -> String {
    let digits = format!("2040{n:08}");
    let weighted =
        digits.bytes().zip([1, 3].iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight);
    let check = (10 - weighted.sum::<u32>() % 10) % 10;
    format!("{digits}{check}")
}

/// Who sells a part.
pub fn supplier(item: &Item) -> &'static str {
    SUPPLIERS.iter().find(|(_, groups, _)| is_of(item, groups)).map_or("", |(name, ..)| *name)
}

/// What is on its way when the demo begins: from each supplier two parts for two depots. The first was to have come
/// yesterday.
///
/// # Errors
/// A failure of the database.
pub fn add_orders(tx: &mut Tx<'_>, parts: &[PartId]) -> Result<(), Error> {
    let depots = inventory::locations::depots(tx.conn())?;
    let today = orders::day_of(tx.now());
    for (n, (name, groups, days)) in SUPPLIERS.iter().enumerate() {
        let of_his = PARTS.iter().zip(parts).filter(|(item, _)| is_of(item, groups));
        let lines = of_his.take(2).zip(depots.iter().skip(n)).map(|((item, part_id), depot)| NewLine {
            part_id: *part_id,
            location_id: depot.id,
            quantity: item.depot * item.dose,
            unit_price_micros: None,
            supplier_part_number: None,
        });
        let new = NewOrder {
            supplier_id: inventory::catalogue::supplier(tx, name)?,
            currency: None,
            expected_on: Some(today.saturating_add(days.days()).to_string()),
            note: String::new(),
            lines: lines.collect(),
        };
        let (order, _) = orders::place(tx, &new)?;
        if n == 0 {
            overdue(tx, &order, &today.saturating_sub(1.day()).to_string())?;
        }
    }
    Ok(())
}

/// The demo begins with an order that should have come: nobody could make one.
fn overdue(tx: &mut Tx<'_>, order: &PurchaseOrder, since: &str) -> Result<(), Error> {
    let late: PurchaseOrder = diesel::update(purchase_orders::table.find(order.id))
        .set(purchase_orders::expected_on.eq(since))
        .returning(purchase_orders::all_columns)
        .get_result(tx.conn())?;
    Ok(tx.changed(&late)?)
}

/// One of the groups of parts that a number begins with.
fn is_of(item: &Item, groups: &[&str]) -> bool {
    item.number.split('-').next().is_some_and(|group| groups.contains(&group))
}

fn offer(tx: &mut Tx<'_>, supplier_id: SupplierId, groups: &[&str], parts: &[PartId]) -> Result<(), Error> {
    let (mut sold, mut prices) = (Vec::new(), Vec::new());
    for (item, part_id) in PARTS.iter().zip(parts).filter(|(item, _)| is_of(item, groups)) {
        let one = SupplierPart {
            id: Id::new(),
            part_id: *part_id,
            supplier_id,
            number: format!("{}/US", item.number),
            note: String::new(),
            pack: 1,
        };
        let breaks = [(1, price(item)), (BULK * item.dose, price(item) / 10 * 9)];
        prices.extend(breaks.map(|(quantity, unit_price_micros)| SupplierPrice {
            id: Id::new(),
            supplier_part_id: one.id,
            quantity,
            unit_price_micros,
            currency: "USD".to_owned(),
        }));
        sold.push(one);
    }
    inventory::catalogue::add_supplier_parts(tx, &sold)?;
    Ok(inventory::catalogue::add_supplier_prices(tx, &prices)?)
}

/// Depots and vans, what is in them, received from suppliers like any other stock, and what shall be in them.
///
/// # Errors
/// A failure of the database.
pub fn add(tx: &mut Tx<'_>, parts: &[PartId], engineers: &[Known]) -> Result<(), Error> {
    let now = tx.now();
    let mut levels = Vec::new();
    for depot in DEPOTS {
        let id = add_place(tx, &of_depot(&depot, now))?;
        for (item, part) in PARTS.iter().zip(parts) {
            let full = item.depot * item.dose;
            ledger::receive(tx, *part, id, full, "First stock")?;
            // Ordered when a third is left, never when there is enough for one repair more.
            let minimum = (item.depot / 3).max(1) * item.dose;
            levels.push(level(*part, id, (minimum, full), lead_days(item)));
        }
    }
    for (engineer_id, engineer) in engineers {
        let van = StockLocation {
            kind: LocationKind::Van,
            code: engineer.van(),
            name: format!("Van {}", engineer.code),
            latitude: None,
            longitude: None,
            engineer_id: Some(*engineer_id),
            ..of_depot(&DEPOTS[0], now)
        };
        let id = add_place(tx, &van)?;
        for (item, quantity) in kit(|skill| engineer.holds(skill)) {
            let at = PARTS.iter().position(|other| other.number == item.number);
            let Some(part) = at.and_then(|at| parts.get(at)) else { continue };
            ledger::receive(tx, *part, id, quantity, "First kit")?;
            // Filled up from a depot on the next round, in a day.
            levels.push(level(*part, id, (item.dose, quantity), 1));
        }
    }
    Ok(inventory::catalogue::add_levels(tx, &levels)?)
}

fn lead_days(item: &Item) -> i32 {
    SUPPLIERS.iter().find(|(_, groups, _)| is_of(item, groups)).map_or(0, |(_, _, days)| *days)
}

fn level(
    part_id: PartId,
    location_id: LocationId,
    (minimum, maximum): (i64, i64),
    lead_days: i32,
) -> StockLevel {
    StockLevel { id: Id::new(), part_id, location_id, minimum, maximum, lead_days }
}

fn of_depot(depot: &Depot, created_at: Timestamp) -> StockLocation {
    StockLocation {
        id: Id::new(),
        kind: LocationKind::Depot,
        code: depot.code.to_owned(),
        name: depot.name.to_owned(),
        latitude: Some(depot.latitude),
        longitude: Some(depot.longitude),
        engineer_id: None,
        active: true,
        created_at,
        parent_id: None,
    }
}

fn add_place(tx: &mut Tx<'_>, place: &StockLocation) -> Result<LocationId, Error> {
    diesel::insert_into(stock_locations::table).values(place).execute(tx.conn())?;
    tx.changed(place)?;
    Ok(place.id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_part_has_a_barcode_of_its_own_with_a_check_digit() {
        let codes: BTreeSet<String> = (0..PARTS.len()).map(ean).collect();
        assert_eq!(codes.len(), PARTS.len());
        // Worked out by hand: 2 and 4 count once, and 4 makes ten of their 6.
        assert_eq!(ean(0), "2040000000004");
        assert!(codes.iter().all(|code| code.len() == 13 && code.bytes().all(|b| b.is_ascii_digit())));
    }

    #[test]
    fn every_part_is_sold_by_one_supplier() {
        for item in PARTS {
            let sellers = SUPPLIERS.iter().filter(|(_, groups, _)| is_of(item, groups)).count();
            assert_eq!(sellers, 1, "{}", item.number);
        }
    }

    #[test]
    fn what_comes_back_is_in_the_catalogue() {
        for number in WORTH_MENDING {
            assert!(super::super::catalogue::item(number).is_some(), "{number}");
        }
    }
}
