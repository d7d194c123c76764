//! As what the lines of an order are bought: which article of the supplier's, in whole packs, and for how much.

use std::collections::BTreeMap;

use db::Conn;
use db::types::{Id, PartId};

use super::offer::{Sold, articles, cheapest, is_known};
use super::{NewLine, NewOrder, OrderLine, PurchaseOrder};
use crate::costs::scale;
use crate::{Error, Part, check_quantity};

/// What is to be ordered, and what the supplier says of it.
pub(super) struct Buying<'a> {
    new: &'a NewOrder,
    /// Of the lines, in their order.
    parts: &'a [Part],
    sold: BTreeMap<PartId, Vec<Sold>>,
}

impl<'a> Buying<'a> {
    /// Asks for all parts at once; `parts` are those of the lines.
    ///
    /// # Errors
    /// A number under which the supplier is known to sell something else than the part, or does not sell it.
    pub fn of(conn: &mut Conn, new: &'a NewOrder, parts: &'a [Part]) -> Result<Self, Error> {
        let ids: Vec<PartId> = new.lines.iter().map(|line| line.part_id).collect();
        let sold = articles(conn, new.supplier_id, &ids)?;
        for (n, line) in new.lines.iter().enumerate() {
            let Some(number) = named(line) else { continue };
            let fits = match sold.get(&line.part_id) {
                Some(of_part) => of_part.iter().any(|one| one.is(number)),
                // Nobody has told what he sells it under: what is typed is believed, if it is nothing else's.
                None => !is_known(conn, new.supplier_id, number)?,
            };
            if !fits {
                let problem = "is no number under which this supplier sells the part";
                return Err(Error::Invalid { field: "supplier_part_number", problem }.on_line(n));
            }
        }
        Ok(Self { new, parts, sold })
    }

    /// What the supplier asks for the first of these parts of which he says so: what the part is priced in if he can.
    pub fn currency(&self) -> Option<String> {
        let asked = |(line, part): (&NewLine, &Part)| {
            let sold = self.sold.get(&line.part_id)?;
            let named = named(line).map_or(sold.as_slice(), |number| {
                sold.iter().find(|one| one.is(number)).map_or(&[], std::slice::from_ref)
            });
            let same = named.iter().find(|one| one.currency(&part.currency) == Some(part.currency.as_str()));
            let one = same.or_else(|| named.iter().find(|one| one.currency("").is_some()))?;
            one.currency(&part.currency).map(str::to_owned)
        };
        self.new.lines.iter().zip(self.parts).find_map(asked)
    }

    /// The lines as they are ordered. An article that goes to several places is ordered in whole packs all the same:
    /// the first of them gets what is over.
    ///
    /// # Errors
    /// A quantity, or a sum of money, that nobody can count.
    pub fn lines(&self, order: &PurchaseOrder) -> Result<Vec<OrderLine>, Error> {
        let articles = self.articles(&order.currency);
        let sums =
            sums(self.new.lines.iter().zip(&articles).map(|(line, of)| (key(line, of), line.quantity)));
        let mut over: BTreeMap<Key<'_>, i64> = BTreeMap::new();
        for (line, of) in self.new.lines.iter().zip(&articles) {
            let sum = sums[&key(line, of)];
            over.insert(key(line, of), of.in_packs(sum) - sum);
        }
        let mut owed = 0_i128;
        let mut lines = Vec::with_capacity(articles.len());
        for (n, ((line, part), of)) in self.new.lines.iter().zip(self.parts).zip(&articles).enumerate() {
            let quantity = line.quantity.saturating_add(over.remove(&key(line, of)).unwrap_or(0));
            check_quantity(quantity).map_err(|error| error.on_line(n))?;
            let all = of.in_packs(sums[&key(line, of)]);
            let price = line.unit_price_micros.or_else(|| of.price(all, &order.currency));
            owed += i128::from(quantity) * i128::from(price.unwrap_or(0)) / scale(part);
            if owed > i128::from(i64::MAX) {
                let problem = "is more than can be paid for at this price";
                return Err(Error::Invalid { field: "quantity", problem }.on_line(n));
            }
            lines.push(OrderLine {
                id: Id::new(),
                order_id: order.id,
                part_id: line.part_id,
                location_id: line.location_id,
                supplier_part_number: of.number.clone(),
                quantity,
                received: 0,
                cancelled: 0,
                unit_price_micros: price,
            });
        }
        Ok(lines)
    }

    /// What each line is bought as: what it names, else what all of the part that names nothing costs least as.
    fn articles(&self, currency: &str) -> Vec<Sold> {
        let unnamed = self.new.lines.iter().filter(|line| named(line).is_none());
        let unnamed = sums(unnamed.map(|line| (line.part_id, line.quantity)));
        let article = |line: &NewLine| {
            let sold = self.sold.get(&line.part_id).map_or(&[] as &[Sold], Vec::as_slice);
            let found = match named(line) {
                Some(number) => sold.iter().find(|one| one.is(number)),
                None => cheapest(sold, unnamed[&line.part_id], currency),
            };
            found.cloned().unwrap_or_else(|| Sold::unknown(named(line).unwrap_or_default()))
        };
        self.new.lines.iter().map(article).collect()
    }
}

/// A part under a number.
type Key<'a> = (PartId, &'a str);

fn key<'a>(line: &NewLine, of: &'a Sold) -> Key<'a> {
    (line.part_id, &of.number)
}

/// The number that a line names; nothing typed is nothing named.
fn named(line: &NewLine) -> Option<&str> {
    line.supplier_part_number.as_deref().map(str::trim).filter(|number| !number.is_empty())
}

fn sums<K: Ord>(of: impl Iterator<Item = (K, i64)>) -> BTreeMap<K, i64> {
    let mut sums = BTreeMap::new();
    for (key, quantity) in of {
        let sum: &mut i64 = sums.entry(key).or_default();
        *sum = sum.saturating_add(quantity);
    }
    sums
}
