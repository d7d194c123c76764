//! Writes what an import has planned. Stock comes in from outside, one movement an item or piece, with a note that
//! says which item it was.

use std::collections::HashMap;

use db::Tx;
use db::types::{Id, LocationId, PartId, SupplierPartId};
use inventory::catalogue::{
    Component, PartCode, StockLevel, Substitute, SupplierPart, SupplierPrice, add_codes, add_components,
    add_levels, add_substitutes, add_supplier_parts, add_supplier_prices,
};
use inventory::ledger::{Receipt, take_in};
use inventory::locations::{self, LocationKind, NewLocation};
use inventory::parts::PartChanges;
use inventory::{catalogue, parts};

use super::Origin;
use super::judge::code_of_part;
use super::plan::{Plan, Spot};
use crate::error::Error;

fn lost(what: &str) -> Error {
    Error::Internal(format!("a {what} went missing from an import"))
}

/// Writes all of it.
pub fn write(tx: &mut Tx<'_>, plan: &Plan, origin: Option<Origin>) -> Result<(), Error> {
    let parts = write_parts(tx, plan)?;
    let places = write_places(tx, plan, origin)?;
    write_levels(tx, plan, &parts, &places)?;
    write_stock(tx, plan, &parts, &places)?;
    switch_off(tx, plan, &parts)?;
    write_lines(tx, plan, &parts)?;
    write_supply(tx, plan, &parts)
}

type Parts = HashMap<u64, PartId>;
type Places = HashMap<u64, LocationId>;

fn part_of(parts: &Parts, pk: u64) -> Result<PartId, Error> {
    parts.get(&pk).copied().ok_or_else(|| lost("part"))
}

fn write_parts(tx: &mut Tx<'_>, plan: &Plan) -> Result<Parts, Error> {
    let mut ids = Parts::with_capacity(plan.parts.len());
    let mut codes = Vec::with_capacity(plan.parts.len());
    for part in &plan.parts {
        let id = parts::create(tx, part.new.clone())?.id;
        ids.insert(part.pk, id);
        let note = "InvenTree".to_owned();
        codes.push(PartCode { id: Id::new(), part_id: id, code: code_of_part(part.pk), note });
    }
    add_codes(tx, &codes)?;
    Ok(ids)
}

fn write_places(tx: &mut Tx<'_>, plan: &Plan, origin: Option<Origin>) -> Result<Places, Error> {
    let mut ids = Places::with_capacity(plan.places.len());
    for place in &plan.places {
        let parent_id = match place.parent {
            Some(parent) => Some(*ids.get(&parent).ok_or_else(|| lost("place"))?),
            None => None,
        };
        let at = origin.filter(|_| parent_id.is_none());
        let new = NewLocation {
            kind: if parent_id.is_some() { LocationKind::Bin } else { LocationKind::Depot },
            code: place.code.clone(),
            name: place.name.clone(),
            latitude: at.map(|at| at.latitude),
            longitude: at.map(|at| at.longitude),
            engineer_id: None,
            parent_id,
        };
        ids.insert(place.pk, locations::create(tx, new)?.id);
    }
    Ok(ids)
}

/// InvenTree knows how much there should be of a part in all: that is what its first depot should have.
fn write_levels(tx: &mut Tx<'_>, plan: &Plan, parts: &Parts, places: &Places) -> Result<(), Error> {
    let first = plan.places.iter().find(|place| place.parent.is_none());
    let Some(location_id) = first.and_then(|place| places.get(&place.pk)).copied() else { return Ok(()) };
    let mut levels = Vec::new();
    for part in plan.parts.iter().filter(|part| part.minimum > 0) {
        let (part_id, minimum) = (part_of(parts, part.pk)?, part.minimum);
        levels.push(StockLevel {
            id: Id::new(),
            part_id,
            location_id,
            minimum,
            maximum: minimum,
            lead_days: inventory::levels::USUAL_LEAD_DAYS,
        });
    }
    Ok(add_levels(tx, &levels)?)
}

fn write_stock(tx: &mut Tx<'_>, plan: &Plan, parts: &Parts, places: &Places) -> Result<(), Error> {
    for item in &plan.items {
        let to = match item.spot {
            Spot::Place(pk) => *places.get(&pk).ok_or_else(|| lost("place"))?,
            Spot::Quarantine => locations::quarantine(),
            Spot::Unplaced => locations::unplaced(),
        };
        let receipt = Receipt {
            part_id: part_of(parts, item.part)?,
            to,
            quantity: item.quantity,
            serials: &item.serials,
            lot: item.lot.as_deref(),
            expires_at: None,
            cost: item.cost.clone(),
            order_line_id: None,
            note: &item.note,
        };
        take_in(tx, &receipt)?;
    }
    Ok(())
}

/// After the stock came in: nothing is received of a part that is not in use.
fn switch_off(tx: &mut Tx<'_>, plan: &Plan, parts: &Parts) -> Result<(), Error> {
    let off = PartChanges { active: Some(false), ..PartChanges::default() };
    for part in plan.parts.iter().filter(|part| !part.active) {
        parts::update(tx, part_of(parts, part.pk)?, &off)?;
    }
    Ok(())
}

fn write_lines(tx: &mut Tx<'_>, plan: &Plan, parts: &Parts) -> Result<(), Error> {
    let mut components = Vec::with_capacity(plan.lines.len());
    for line in &plan.lines {
        let (part_id, component_id) = (part_of(parts, line.part)?, part_of(parts, line.component)?);
        let (quantity, note) = (line.quantity, line.note.clone());
        components.push(Component { id: Id::new(), part_id, component_id, quantity, note });
    }
    add_components(tx, &components)?;
    let mut substitutes = Vec::with_capacity(plan.substitutes.len());
    for (wanted, instead) in &plan.substitutes {
        let (part_id, substitute_id) = (part_of(parts, *wanted)?, part_of(parts, *instead)?);
        substitutes.push(Substitute { id: Id::new(), part_id, substitute_id });
    }
    Ok(add_substitutes(tx, &substitutes)?)
}

fn write_supply(tx: &mut Tx<'_>, plan: &Plan, parts: &Parts) -> Result<(), Error> {
    let mut suppliers = HashMap::new();
    let mut ids: HashMap<u64, SupplierPartId> = HashMap::new();
    let mut sold = Vec::with_capacity(plan.supplier_parts.len());
    for row in &plan.supplier_parts {
        let supplier_id = match suppliers.get(row.supplier.as_str()) {
            Some(known) => *known,
            None => catalogue::supplier(tx, &row.supplier)?,
        };
        suppliers.insert(row.supplier.as_str(), supplier_id);
        let id = *ids.entry(row.pk).or_insert_with(Id::new);
        let (part_id, number, note) = (part_of(parts, row.part)?, row.number.clone(), row.note.clone());
        sold.push(SupplierPart { id, part_id, supplier_id, number, note, pack: row.pack });
    }
    add_supplier_parts(tx, &sold)?;
    let mut prices = Vec::with_capacity(plan.prices.len());
    for row in &plan.prices {
        prices.push(SupplierPrice {
            id: Id::new(),
            supplier_part_id: *ids.get(&row.supplier_part).ok_or_else(|| lost("supplier's part"))?,
            quantity: row.quantity,
            unit_price_micros: row.price,
            currency: row.currency.clone(),
        });
    }
    Ok(add_supplier_prices(tx, &prices)?)
}
