//! Orders out of the purchase list: what is ticked there is ordered, one order for each supplier and currency. The
//! list is worked out anew in the transaction, so of two who order the same lines the second hears that nothing is
//! lacking.

use std::collections::BTreeMap;

use db::types::{PartId, SupplierId};
use db::{Timestamp, Tx};

use super::{Policy, PurchaseLine, purchase_list};
use crate::orders::{NewLine, NewOrder, PurchaseOrder, place};
use crate::{Error, check_quantity};

/// A line of the list that is to be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Which part.
    pub part_id: PartId,
    /// How much; what the list says if absent. Whole packs are ordered.
    pub quantity: Option<i64>,
}

/// What is to be ordered of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Which lines.
    pub lines: Vec<Choice>,
    /// From whom what nobody is known to sell.
    pub otherwise: Option<SupplierId>,
    /// The day on which it is expected, `YYYY-MM-DD`; if absent, after the longest lead time of each order's lines.
    pub expected_on: Option<String>,
    /// What somebody wanted to add.
    pub note: String,
}

/// Orders lines of the purchase list, each to the supplier that it names and for the places that lack it.
///
/// # Errors
/// A part that is not on the list any more, or that nobody is known to sell while nobody else is named; and as
/// [`place`].
pub fn order(
    tx: &mut Tx<'_>,
    now: Timestamp,
    policy: Policy,
    selection: &Selection,
) -> Result<Vec<PurchaseOrder>, Error> {
    let list = purchase_list(tx.conn(), now, policy)?;
    // With each line goes the choice that it comes of, for faults to be named by.
    let mut orders: BTreeMap<(SupplierId, String), Vec<(NewLine, usize)>> = BTreeMap::new();
    for (n, choice) in selection.lines.iter().enumerate() {
        let Some(line) = list.iter().find(|line| line.part_id == choice.part_id) else {
            let known = crate::levels::on_order(tx.conn())?;
            let on_order = known.get(&choice.part_id).map_or(0, |all| all.quantity);
            return Err(Error::NotLacking { part_id: choice.part_id, on_order });
        };
        let problem = "is needed: nobody is known to sell a part of these";
        let supplier_id = line
            .supplier_id
            .or(selection.otherwise)
            .ok_or(Error::Invalid { field: "supplier_name", problem })?;
        let key = (supplier_id, line.currency.clone());
        let lines = lines(line, choice.quantity).map_err(|error| error.on_line(n))?;
        orders.entry(key).or_default().extend(lines.into_iter().map(|line| (line, n)));
    }
    let order = |((supplier_id, currency), lines): ((SupplierId, String), Vec<(NewLine, usize)>)| {
        let currency = Some(currency).filter(|currency| !currency.is_empty());
        let (expected_on, note) = (selection.expected_on.clone(), selection.note.clone());
        let (lines, choices): (Vec<NewLine>, Vec<usize>) = lines.into_iter().unzip();
        let made = place(tx, &NewOrder { supplier_id, currency, expected_on, note, lines });
        Ok(made.map_err(|error| error.of_line(|n| choices.get(n).copied().unwrap_or(n)))?.0)
    };
    orders.into_iter().map(order).collect()
}

/// One for each place, in order, as far as the quantity goes; what is over goes to the first.
fn lines(of: &PurchaseLine, quantity: Option<i64>) -> Result<Vec<NewLine>, Error> {
    let wanted = quantity.unwrap_or(of.quantity);
    check_quantity(wanted)?;
    let mut left = wanted;
    let mut lines = Vec::new();
    for place in &of.places {
        let quantity = place.quantity.min(left);
        left -= quantity;
        lines.push(NewLine {
            part_id: of.part_id,
            location_id: place.location_id,
            quantity,
            // Another quantity has another price.
            unit_price_micros: of.unit_price_micros.filter(|_| wanted == of.quantity),
            supplier_part_number: Some(of.supplier_part_number.clone()).filter(|number| !number.is_empty()),
        });
    }
    if let Some(first) = lines.first_mut() {
        first.quantity += left;
    }
    lines.retain(|line| line.quantity > 0);
    Ok(lines)
}
