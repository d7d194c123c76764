//! What parts are made of, what may be taken instead, who sells them and for how much.

use std::collections::{HashMap, HashSet};

use super::File;
use super::decimal::Decimal;
use super::judge::{Firsts, Judge};
use super::plan;
use super::read;
use crate::import::Numbered;

impl Judge<'_> {
    pub fn lines(&mut self) {
        let set = self.set;
        let (mut pks, mut pairs) = (Firsts::new(), Firsts::new());
        for Numbered { row, value: line } in &set.lines {
            let row = *row;
            let Some(component) = self.parts.get(&line.component) else {
                self.unknown(File::Bom, row, "sub_part", File::Parts);
                continue;
            };
            let quantity = line.quantity.scaled(component.decimals).filter(|quantity| *quantity > 0);
            let Some(quantity) = quantity else {
                let problem = "must be more than nothing, and whole for what has serial numbers";
                self.fault(File::Bom, row, "quantity", "out_of_range", problem);
                continue;
            };
            if !self.parts.contains_key(&line.part) {
                self.unknown(File::Bom, row, "part", File::Parts);
            } else if line.part == line.component {
                self.fault(File::Bom, row, "sub_part", "inside_itself", "is the part itself");
            } else if let Some(first) = pks.before(line.pk, row) {
                self.repeated(File::Bom, row, "pk", first);
            } else if let Some(first) = pairs.before((line.part, line.component, &line.reference), row) {
                self.repeated(File::Bom, row, "reference", first);
            } else {
                let (part, component, note) = (line.part, line.component, line.reference.clone());
                self.plan.lines.push(plan::Line { part, component, quantity, note });
            }
        }
    }

    pub fn substitutes(&mut self) {
        let set = self.set;
        let wanted: HashMap<u64, u64> =
            set.lines.iter().map(|line| (line.value.pk, line.value.component)).collect();
        let mut pairs = HashSet::new();
        for Numbered { row, value: substitute } in &set.substitutes {
            let row = *row;
            let part = wanted.get(&substitute.line).filter(|part| self.parts.contains_key(part)).copied();
            let Some(part) = part else {
                self.unknown(File::BomSubstitutes, row, "bom_item", File::Bom);
                continue;
            };
            if !self.parts.contains_key(&substitute.part) {
                self.unknown(File::BomSubstitutes, row, "part", File::Parts);
            } else if part == substitute.part {
                self.fault(File::BomSubstitutes, row, "part", "inside_itself", "is the part itself");
            } else {
                self.plan.substitute_rows += 1;
                if pairs.insert((part, substitute.part)) {
                    self.plan.substitutes.push((part, substitute.part));
                }
            }
        }
    }

    pub fn supplier_parts(&mut self) {
        let (set, known) = (self.set, self.known);
        let (mut pks, mut numbers) = (Firsts::new(), Firsts::new());
        let mut kept: HashMap<u64, &read::SupplierPart> = HashMap::new();
        for Numbered { row, value: sold } in &set.supplier_parts {
            let (file, row) = (File::SupplierParts, *row);
            let Some(part) = self.parts.get(&sold.part).cloned() else {
                self.unknown(file, row, "part", File::Parts);
                continue;
            };
            let pack = match sold.pack.amount_in(&part.unit) {
                Ok(pack) => pack.times(Decimal::ONE, part.decimals),
                Err(problem) => {
                    self.fault(file, row, "pack_quantity", "invalid", problem);
                    continue;
                }
            };
            let Some(pack) = pack else {
                self.fault(file, row, "pack_quantity", "out_of_range", "is more than can be bought");
                continue;
            };
            if let Some(first) = pks.before(sold.pk, row) {
                self.repeated(file, row, "pk", first);
            } else if let Some(first) = numbers.before((&sold.supplier, &sold.number), row) {
                self.repeated(file, row, "SKU", first);
            } else if known.supplier_parts.contains(&(sold.supplier.clone(), sold.number.clone())) {
                self.fault(file, row, "SKU", "duplicate", "is taken already");
            } else {
                kept.insert(sold.pk, sold);
                self.plan.supplier_parts.push(plan::SupplierPart {
                    pk: sold.pk,
                    part: sold.part,
                    supplier: sold.supplier.clone(),
                    number: sold.number.clone(),
                    note: sold.note.clone(),
                    pack,
                });
            }
        }
        self.prices(&kept);
    }

    /// InvenTree's prices are for packs, ours for units.
    fn prices(&mut self, kept: &HashMap<u64, &read::SupplierPart>) {
        let set = self.set;
        let mut breaks = Firsts::new();
        for Numbered { row, value: price } in &set.prices {
            let (file, row) = (File::SupplierPriceBreaks, *row);
            let sold = kept.get(&price.supplier_part).copied();
            let part = sold.and_then(|sold| self.parts.get(&sold.part)).cloned();
            let (Some(sold), Some(part)) = (sold, part) else {
                self.unknown(file, row, "part", File::SupplierParts);
                continue;
            };
            let pack = sold.pack.amount_in(&part.unit).ok();
            let quantity = pack.and_then(|pack| price.quantity.times(pack, part.decimals));
            let (Some(pack), Some(quantity)) = (pack, quantity) else {
                self.fault(file, row, "quantity", "out_of_range", "is more than can be bought");
                continue;
            };
            if let Some(first) = breaks.before((price.supplier_part, quantity, &price.currency), row) {
                self.repeated(file, row, "quantity", first);
                continue;
            }
            self.plan.prices.push(plan::Price {
                supplier_part: price.supplier_part,
                quantity,
                price: pack.share(price.price),
                currency: price.currency.clone(),
            });
        }
    }
}
