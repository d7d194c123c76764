//! What a supplier says of a part: his numbers for it, his packs, and the price of a quantity. Where he sells a part
//! under several numbers (a reel, cut tape) each of them is an article of its own.

use std::collections::BTreeMap;

use db::Conn;
use db::schema::supplier_parts;
use db::types::{PartId, SupplierId, SupplierPartId};
use diesel::prelude::*;

use crate::Error;
use crate::replenishment::{Break, breaks};

/// Under which number he sells it, in which packs and for how much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sold {
    /// His number; what somebody typed where he is not known to sell the part.
    pub number: String,
    /// 1 is no pack.
    pub pack: i64,
    /// What a unit costs, the least quantity first.
    breaks: Vec<Break>,
}

impl Sold {
    /// What he is not known to sell, under the number that somebody typed.
    pub fn unknown(number: &str) -> Self {
        Self { number: number.to_owned(), pack: 1, breaks: Vec::new() }
    }

    /// Whether this is his number for it.
    pub fn is(&self, number: &str) -> bool {
        self.number.trim() == number
    }

    /// So much in whole packs.
    pub const fn in_packs(&self, quantity: i64) -> i64 {
        quantity.saturating_add(self.pack - 1) / self.pack * self.pack
    }

    /// In which currency he asks for it, if in any: in this one if he does.
    pub fn currency(&self, rather: &str) -> Option<&str> {
        let same = self.breaks.iter().find(|one| one.currency == rather);
        same.or(self.breaks.first()).map(|one| one.currency.as_str())
    }

    /// What a unit costs where so much is bought; of less than his least quantity, as much as of that.
    pub fn price(&self, quantity: i64, currency: &str) -> Option<i64> {
        let mut asked = self.breaks.iter().filter(|one| one.currency == currency);
        let first = asked.clone().next()?.unit_price_micros;
        Some(asked.rfind(|one| one.quantity <= quantity).map_or(first, |one| one.unit_price_micros))
    }

    /// What at least so much costs: in whole packs, and no less than his least quantity.
    fn cost(&self, quantity: i64, currency: &str) -> Option<i128> {
        let least = self.breaks.iter().find(|one| one.currency == currency)?.quantity;
        let bought = self.in_packs(quantity.max(least));
        Some(i128::from(bought) * i128::from(self.price(bought, currency)?))
    }
}

/// What this supplier says of these parts, by number.
///
/// # Errors
/// A failure of the database.
pub(super) fn articles(
    conn: &mut Conn,
    supplier_id: SupplierId,
    part_ids: &[PartId],
) -> Result<BTreeMap<PartId, Vec<Sold>>, Error> {
    let sold: Vec<(SupplierPartId, PartId, String, i64)> = supplier_parts::table
        .filter(supplier_parts::supplier_id.eq(supplier_id))
        .filter(supplier_parts::part_id.eq_any(part_ids.iter().copied()))
        .order((supplier_parts::number, supplier_parts::id))
        .select((supplier_parts::id, supplier_parts::part_id, supplier_parts::number, supplier_parts::pack))
        .load(conn)?;
    let mut breaks = breaks(conn, sold.iter().map(|row| row.0))?;
    let mut found: BTreeMap<PartId, Vec<Sold>> = BTreeMap::new();
    for (id, part_id, number, pack) in sold {
        let breaks = breaks.remove(&id).unwrap_or_default();
        found.entry(part_id).or_default().push(Sold { number, pack: pack.max(1), breaks });
    }
    Ok(found)
}

/// Whether the supplier is known to sell anything under this number.
///
/// # Errors
/// A failure of the database.
pub(super) fn is_known(conn: &mut Conn, supplier_id: SupplierId, number: &str) -> Result<bool, Error> {
    let known: i64 = supplier_parts::table
        .filter(supplier_parts::supplier_id.eq(supplier_id))
        .filter(supplier_parts::number.eq(number))
        .count()
        .get_result(conn)?;
    Ok(known > 0)
}

/// Of all that he sells a part under, what so much of it costs least as; the first by its number where nothing has a
/// price in this currency.
pub(super) fn cheapest<'a>(sold: &'a [Sold], quantity: i64, currency: &str) -> Option<&'a Sold> {
    let priced = sold.iter().filter_map(|one| Some((one.cost(quantity, currency)?, one)));
    priced.min_by_key(|(cost, one)| (*cost, one.number.as_str())).map(|(_, one)| one).or_else(|| sold.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sold(pack: i64, breaks: &[(i64, i64, &str)]) -> Sold {
        let breaks = breaks.iter().map(|(quantity, price, currency)| Break {
            quantity: *quantity,
            unit_price_micros: *price,
            currency: (*currency).to_owned(),
        });
        Sold { number: "B-1".to_owned(), pack, breaks: breaks.collect() }
    }

    #[test]
    fn a_price_is_that_of_the_quantity_in_the_currency_of_the_order() {
        let sold = sold(1, &[(5, 100, "USD"), (7, 9, "EUR"), (100, 80, "USD")]);
        let prices = [1, 5, 99, 100, 1_000].map(|quantity| sold.price(quantity, "USD"));
        assert_eq!(prices, [Some(100), Some(100), Some(100), Some(80), Some(80)]);
        assert_eq!((sold.price(1, "EUR"), sold.price(1, "JPY")), (Some(9), None));
        assert_eq!(["EUR", "JPY"].map(|rather| sold.currency(rather)), [Some("EUR"), Some("USD")]);
    }

    #[test]
    fn whole_packs_are_ordered() {
        let sold = sold(30, &[]);
        assert_eq!([1, 30, 31, 60].map(|quantity| sold.in_packs(quantity)), [30, 30, 60, 60]);
        assert_eq!(sold.currency("USD"), None);
    }

    #[test]
    fn the_cheapest_article_is_told_by_all_that_has_to_be_paid() {
        let reel = Sold { number: "REEL".to_owned(), ..sold(300, &[(300, 5, "USD")]) };
        let cut = Sold { number: "CUT".to_owned(), ..sold(1, &[(1, 10, "USD")]) };
        let cheap = Sold { number: "EUR".to_owned(), ..sold(1, &[(1, 1, "EUR")]) };
        let all = [cheap, cut, reel];
        let of = |quantity, currency| cheapest(&all, quantity, currency).unwrap().number.as_str();
        assert_eq!([10, 149, 151, 600].map(|quantity| of(quantity, "USD")), ["CUT", "CUT", "REEL", "REEL"]);
        assert_eq!((of(600, "EUR"), of(600, "JPY")), ("EUR", "EUR"), "without a price the first by number");
        assert_eq!(cheapest(&[], 1, "USD"), None);
    }
}
