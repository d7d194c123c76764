//! What becomes of InvenTree's stock items: where each goes, and as which pieces.

use std::collections::{HashMap, HashSet};

use inventory::Tracking;
use inventory::costs::Cost;
use inventory::pieces::MOST_PIECES;

use super::judge::{Firsts, Judge, Kept};
use super::plan::{self, Spot};
use super::read::Item;
use super::{File, status};
use crate::import::Numbered;

const FILE: File = File::StockItems;

/// What is wrong with an item: column, code and message.
type Wrong = (&'static str, &'static str, &'static str);

/// What was paid for a part in a currency may not sum up to more, in millionths.
const MOST_VALUE: i128 = i64::MAX as i128;

impl Judge<'_> {
    pub fn stock(&mut self) {
        let set = self.set;
        let places: HashSet<u64> = self.plan.places.iter().map(|place| place.pk).collect();
        let items: HashSet<u64> = set.items.iter().map(|item| item.value.pk).collect();
        let (mut pks, mut serials) = (Firsts::new(), Firsts::new());
        let mut values: HashMap<(u64, &str), i128> = HashMap::new();
        for Numbered { row, value: item } in &set.items {
            let row = *row;
            let Some(part) = self.parts.get(&item.part).cloned() else {
                self.unknown(FILE, row, "part", File::Parts);
                continue;
            };
            if let Some(first) = pks.before(item.pk, row) {
                self.repeated(FILE, row, "pk", first);
            } else if let Some(first) = repeats(&mut serials, item, row) {
                self.repeated(FILE, row, "serial", first);
            } else if item.place.is_some_and(|place| !places.contains(&place)) {
                self.unknown(FILE, row, "location", File::StockLocations);
            } else if item.belongs_to.is_some_and(|other| other == item.pk || !items.contains(&other)) {
                self.unknown(FILE, row, "belongs_to", FILE);
            } else if item.quantity.is_zero() || matches!(item.status, status::DESTROYED | status::LOST) {
                self.plan.items_left_out += 1;
            } else {
                match planned(item, &part).and_then(|new| worth(&mut values, item, &part, new)) {
                    Ok(new) => self.plan.items.push(new),
                    Err((column, code, message)) => self.fault(FILE, row, column, code, message),
                }
            }
        }
    }
}

/// The row that had this serial number before.
fn repeats<'a>(serials: &mut Firsts<(u64, &'a str)>, item: &'a Item, row: usize) -> Option<usize> {
    if item.serial.is_empty() {
        return None;
    }
    serials.before((item.part, &item.serial), row)
}

fn planned(item: &Item, part: &Kept) -> Result<plan::Item, Wrong> {
    let quantity = item.quantity.scaled(part.decimals);
    let quantity = quantity.ok_or(match part.tracking {
        Tracking::Serial => {
            ("quantity", "invalid", "must be whole: other pieces of the part have serial numbers")
        }
        _ => ("quantity", "out_of_range", "is more than can be on a shelf"),
    })?;
    let serials = match (part.tracking, item.serial.as_str()) {
        (Tracking::Serial, "") => made_up(item.pk, quantity)?,
        (Tracking::Serial, serial) if quantity == 1 => vec![serial.to_owned()],
        (Tracking::Serial, _) => {
            return Err(("quantity", "invalid", "must be 1 for what has a serial number"));
        }
        _ => Vec::new(),
    };
    let lot = match (part.tracking, item.batch.as_str()) {
        (Tracking::None, _) | (Tracking::Serial, "") => None,
        (Tracking::Lot, "") => Some(code_of(item.pk)),
        (_, batch) => Some(batch.to_owned()),
    };
    let (spot, cost) = (spot(item)?, cost(item));
    Ok(plan::Item { part: item.part, spot, quantity, serials, lot, cost, note: note(item) })
}

fn cost(item: &Item) -> Option<Cost> {
    item.price.map(|unit_micros| Cost { unit_micros, currency: item.currency.clone() })
}

/// What InvenTree prints on the label of an item.
fn code_of(pk: u64) -> String {
    format!("INV-SI{pk}")
}

/// Pieces among others with serial numbers have one too: until somebody reads it off, that of their item.
fn made_up(pk: u64, quantity: i64) -> Result<Vec<String>, Wrong> {
    if usize::try_from(quantity).is_ok_and(|quantity| quantity <= MOST_PIECES) {
        return Ok((1..=quantity).map(|piece| format!("{}-{piece}", code_of(pk))).collect());
    }
    Err(("quantity", "out_of_range", "must be at most 1,000: other pieces of the part have serial numbers"))
}

/// Stock that may not be promised is where nobody promises it: what is built into another item or of which nobody
/// knows where it is, and what somebody has to look at.
fn spot(item: &Item) -> Result<Spot, Wrong> {
    let Some(place) = item.place.filter(|_| item.belongs_to.is_none()) else {
        return Ok(Spot::Unplaced);
    };
    match item.status {
        status::OK | status::ATTENTION => Ok(Spot::Place(place)),
        status::DAMAGED | status::REJECTED | status::QUARANTINED | status::RETURNED => Ok(Spot::Quarantine),
        _ => Err(("status", "unknown", "is no status that InvenTree comes with")),
    }
}

/// Where it came from, for whoever looks at the movement.
fn note(item: &Item) -> String {
    let mut note = format!("InvenTree stock item {}", item.pk);
    if let Some(other) = item.belongs_to {
        note.push_str(&format!(", in stock item {other}"));
    }
    if let Some(place) = item.place.filter(|_| !matches!(spot(item), Ok(Spot::Place(_)))) {
        note.push_str(&format!(", was at location {place}"));
    }
    if item.status != status::OK {
        note.push_str(&format!(", status {}", item.status));
    }
    if !item.batch.is_empty() {
        note.push_str(&format!(", batch {}", item.batch));
    }
    note
}

/// Refuses what would be worth more than can be summed up.
fn worth<'a>(
    values: &mut HashMap<(u64, &'a str), i128>,
    item: &'a Item,
    part: &Kept,
    new: plan::Item,
) -> Result<plan::Item, Wrong> {
    let Some(price) = item.price else { return Ok(new) };
    let value = i128::from(price) * i128::from(new.quantity) / 10_i128.pow(part.decimals);
    let sum = values.entry((item.part, &item.currency)).or_default();
    if *sum + value > MOST_VALUE {
        return Err(("purchase_price", "out_of_range", "is more than can be summed up"));
    }
    *sum += value;
    Ok(new)
}
