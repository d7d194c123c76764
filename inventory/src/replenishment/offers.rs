//! Who sells a part, and at which quantity it is cheapest. Pure; currencies are never compared.

use db::types::{SupplierId, SupplierPartId};

/// A price from a quantity on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// From so much on.
    pub quantity: i64,
    /// A unit, in millionths of the currency's unit.
    pub unit_price_micros: i64,
    /// ISO 4217.
    pub currency: String,
}

/// What one supplier asks for a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Under which number.
    pub supplier_part_id: SupplierPartId,
    /// Who.
    pub supplier_id: SupplierId,
    /// His name.
    pub supplier_name: String,
    /// His number for the part.
    pub number: String,
    /// How much is in a pack; 1 is no pack.
    pub pack: i64,
    /// In any order.
    pub breaks: Vec<Break>,
}

/// What is bought of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// At least what was wanted, in whole packs; more where his least quantity is, or where more costs less.
    pub quantity: i64,
    /// A unit, in millionths; none if no price is known.
    pub unit_price_micros: Option<i64>,
    /// All of it, in millionths.
    pub total_micros: Option<i64>,
    /// ISO 4217; empty without a price.
    pub currency: String,
}

impl Offer {
    /// So much in whole packs.
    fn in_packs(&self, quantity: i64) -> i64 {
        let pack = self.pack.max(1);
        quantity.saturating_add(pack - 1) / pack * pack
    }
}

/// The cheapest way to buy at least `wanted` of this offer in this currency; `scale` is one unit.
fn cheapest(offer: &Offer, wanted: i64, scale: i64, currency: &str) -> Option<Purchase> {
    let ways = offer.breaks.iter().filter(|b| b.currency == currency).map(|b| {
        let quantity = offer.in_packs(wanted.max(b.quantity));
        let total = i128::from(quantity) * i128::from(b.unit_price_micros) / i128::from(scale.max(1));
        (total, quantity, b.unit_price_micros)
    });
    let (total, quantity, unit) = ways.min()?;
    Some(Purchase {
        quantity,
        unit_price_micros: Some(unit),
        total_micros: Some(i64::try_from(total).unwrap_or(i64::MAX)),
        currency: currency.to_owned(),
    })
}

/// From whom to buy at least `wanted`: the cheapest in the currency that the part itself is priced in; without a price
/// in it, the cheapest in the first currency that anybody asks; without any price, the first supplier by name.
pub fn choose<'a>(
    offers: &'a [Offer],
    wanted: i64,
    scale: i64,
    currency: &str,
) -> Option<(&'a Offer, Purchase)> {
    let mut currencies: Vec<&str> =
        offers.iter().flat_map(|o| o.breaks.iter().map(|b| b.currency.as_str())).collect();
    currencies.sort_unstable();
    for currency in std::iter::once(currency).chain(currencies) {
        let priced = offers.iter().filter_map(|o| Some((o, cheapest(o, wanted, scale, currency)?)));
        let best = priced.min_by_key(|(offer, bought)| {
            (bought.total_micros, &offer.supplier_name, offer.supplier_part_id)
        });
        if best.is_some() {
            return best;
        }
    }
    let first = offers.iter().min_by_key(|offer| (&offer.supplier_name, offer.supplier_part_id))?;
    let quantity = first.in_packs(wanted);
    let unknown = Purchase { quantity, unit_price_micros: None, total_micros: None, currency: String::new() };
    Some((first, unknown))
}

#[cfg(test)]
mod tests {
    use db::types::Id;

    use super::*;

    fn offer(name: &str, breaks: &[(i64, i64, &str)]) -> Offer {
        let one = |(quantity, micros, currency): &(i64, i64, &str)| Break {
            quantity: *quantity,
            unit_price_micros: *micros,
            currency: (*currency).to_owned(),
        };
        Offer {
            supplier_part_id: Id::new(),
            supplier_id: Id::new(),
            supplier_name: name.to_owned(),
            number: format!("{name}-1"),
            pack: 1,
            breaks: breaks.iter().map(one).collect(),
        }
    }

    fn bought(offers: &[Offer], wanted: i64) -> (String, i64, Option<i64>, Option<i64>) {
        let (offer, purchase) = choose(offers, wanted, 1, "USD").unwrap();
        (offer.supplier_name.clone(), purchase.quantity, purchase.unit_price_micros, purchase.total_micros)
    }

    #[test]
    fn the_price_of_the_quantity_counts_and_more_is_bought_where_it_costs_less() {
        let offers = [offer("Bolt", &[(1, 100, "USD"), (100, 80, "USD")])];
        assert_eq!(bought(&offers, 10), ("Bolt".to_owned(), 10, Some(100), Some(1_000)));
        assert_eq!(bought(&offers, 90), ("Bolt".to_owned(), 100, Some(80), Some(8_000)));
        assert_eq!(bought(&offers, 150), ("Bolt".to_owned(), 150, Some(80), Some(12_000)));
    }

    #[test]
    fn the_cheaper_supplier_gets_it_and_his_least_quantity_is_kept() {
        let offers = [offer("Bolt", &[(1, 100, "USD")]), offer("Nut", &[(50, 10, "USD")])];
        assert_eq!(bought(&offers, 4), ("Bolt".to_owned(), 4, Some(100), Some(400)));
        assert_eq!(bought(&offers, 6), ("Nut".to_owned(), 50, Some(10), Some(500)));
    }

    #[test]
    fn currencies_are_not_compared_and_no_price_is_better_than_no_supplier() {
        let offers = [offer("Yen", &[(1, 1, "JPY")]), offer("Bolt", &[(1, 100, "USD")])];
        assert_eq!(bought(&offers, 1).0, "Bolt");
        assert_eq!(bought(&offers[..1], 1), ("Yen".to_owned(), 1, Some(1), Some(1)));
        assert_eq!(bought(&[offer("B", &[]), offer("A", &[])], 7), ("A".to_owned(), 7, None, None));
        assert!(choose(&[], 1, 1, "USD").is_none());
    }

    #[test]
    fn whole_packs_are_bought_and_paid_and_the_cheaper_is_told_by_them() {
        let reel = Offer { pack: 300, ..offer("Reel", &[(300, 9, "USD"), (900, 8, "USD")]) };
        assert_eq!(bought(std::slice::from_ref(&reel), 1), ("Reel".to_owned(), 300, Some(9), Some(2_700)));
        assert_eq!(bought(std::slice::from_ref(&reel), 600), ("Reel".to_owned(), 600, Some(9), Some(5_400)));
        let more = bought(std::slice::from_ref(&reel), 601);
        assert_eq!(more, ("Reel".to_owned(), 900, Some(8), Some(7_200)), "three packs have the lower price");
        let cut = offer("Cut", &[(1, 10, "USD")]);
        assert_eq!(bought(&[reel.clone(), cut.clone()], 10).0, "Cut", "ten are cheaper than a reel");
        assert_eq!(bought(&[reel, cut], 290).0, "Reel");
        let unpriced = Offer { pack: 12, ..offer("Box", &[]) };
        assert_eq!(bought(&[unpriced], 13), ("Box".to_owned(), 24, None, None));
    }

    #[test]
    fn a_unit_of_three_decimals_is_a_thousand_and_no_sum_overflows() {
        let offers = [offer("Rope", &[(0, 8_000_000, "USD")])];
        let (_, purchase) = choose(&offers, 1_500, 1_000, "USD").unwrap();
        assert_eq!(purchase.total_micros, Some(12_000_000));
        let (_, huge) = choose(&[offer("H", &[(1, i64::MAX, "USD")])], i64::MAX, 1, "USD").unwrap();
        assert_eq!(huge.total_micros, Some(i64::MAX));
    }
}
