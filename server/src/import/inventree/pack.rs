//! In what packs a supplier sells: InvenTree keeps it as people write it, `500 feet` or `250 ml`.

use super::decimal::Decimal;

/// So much of a unit is in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    amount: Decimal,
    /// Empty: the part's own unit.
    unit: String,
}

/// Names of a unit, and what it is in ten-thousandths of which other one.
const UNITS: &[(&[&str], &str, i64)] = &[
    (&["m", "metre", "metres", "meter", "meters"], "m", 10_000),
    (&["cm"], "m", 100),
    (&["mm"], "m", 10),
    (&["ft", "foot", "feet"], "m", 3_048),
    (&["in", "inch", "inches"], "m", 254),
    (&["l", "L", "litre", "litres", "liter", "liters"], "l", 10_000),
    (&["ml", "mL"], "l", 10),
    (&["kg"], "kg", 10_000),
    (&["g"], "kg", 10),
];

fn known(unit: &str) -> Option<(&'static str, i64)> {
    UNITS.iter().find(|(names, ..)| names.contains(&unit)).map(|(_, base, factor)| (*base, *factor))
}

impl Pack {
    /// One unit of the part.
    pub const ONE: Self = Self { amount: Decimal::ONE, unit: String::new() };

    /// Reads a pack; empty is one unit.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (amount, unit) = (&text[..end], text[end..].trim());
        let amount = if amount.is_empty() { Ok(Decimal::ONE) } else { Decimal::read(amount) };
        let amount = amount.ok().filter(|amount| !amount.is_zero());
        let amount = amount.ok_or("must be a quantity such as 10, 500 feet or 250 ml")?;
        Ok(Self { amount, unit: unit.to_owned() })
    }

    /// How much it is in a part's unit.
    ///
    /// # Errors
    /// A unit that cannot be told in the part's.
    pub fn amount_in(&self, unit: &str) -> Result<Decimal, &'static str> {
        if self.unit.is_empty() || self.unit == unit {
            return Ok(self.amount);
        }
        match (known(&self.unit), known(unit)) {
            (Some((base, factor)), Some((wanted, 10_000))) if base == wanted => {
                self.amount.by_ten_thousandths(factor).ok_or("has too many digits")
            }
            _ => Err("cannot be told in the unit of the part"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(pack: &str, unit: &str) -> Decimal {
        Pack::read(pack).unwrap().amount_in(unit).unwrap()
    }

    #[test]
    fn packs_are_told_in_the_unit_of_their_part() {
        let number = |text: &str| Decimal::read(text).unwrap();
        for (pack, unit, expected) in [
            ("", "pcs", "1"),
            ("100", "m", "100"),
            ("100m", "m", "100"),
            ("1 metre", "m", "1"),
            ("500 feet", "m", "152.4"),
            ("foot", "m", "0.3048"),
            ("250 ml", "litres", "0.25"),
            ("25 l", "litres", "25"),
            ("3 boxes", "boxes", "3"),
        ] {
            assert_eq!(amount(pack, unit), number(expected), "{pack}");
        }
    }

    #[test]
    fn what_is_no_pack_or_of_another_kind_is_refused() {
        assert!(Pack::read("0").is_err() && Pack::read("1.2.3 m").is_err());
        assert!(Pack::read("3 feet").unwrap().amount_in("litres").is_err());
        assert!(Pack::read("3 boxes").unwrap().amount_in("pcs").is_err());
    }
}
