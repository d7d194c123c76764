//! Exact decimal numbers such as `37.49040`: quantities become integers scaled by their part's decimals.

/// Digits after the point that a quantity may have.
const MOST_PLACES: u32 = 6;

/// A number that is not negative: `digits` / 10^`places`, without zeros at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: i64,
    places: u32,
}

impl Decimal {
    /// Reads a number; or says what is wrong with it, as a code and a message.
    pub fn read(text: &str) -> Result<Self, (&'static str, &'static str)> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if let Some(rest) = text.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            // Minus nothing is nothing.
            let is_zero = rest.bytes().all(|b| matches!(b, b'0' | b'.'));
            return if is_zero { Ok(Self::ZERO) } else { Err(("out_of_range", "must not be negative")) };
        }
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(("invalid", "must be a number such as 12.5"));
        }
        let fraction = fraction.trim_end_matches('0');
        let places = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
        if places > MOST_PLACES {
            return Err(("invalid", "has more than six digits after the point"));
        }
        let digits = format!("{whole}{fraction}").parse::<i64>();
        let digits = digits.map_err(|_| ("out_of_range", "must be at most a million million"))?;
        Ok(Self { digits, places })
    }

    /// Nothing.
    pub const ZERO: Self = Self { digits: 0, places: 0 };

    /// One.
    pub const ONE: Self = Self { digits: 1, places: 0 };

    /// Digits after the point that it needs.
    pub const fn places(self) -> u32 {
        self.places
    }

    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// In units of 10^-`decimals`; none if it is not whole then, or too much.
    pub fn scaled(self, decimals: u32) -> Option<i64> {
        let factor = 10_i64.checked_pow(decimals.checked_sub(self.places)?)?;
        self.digits.checked_mul(factor).filter(|scaled| *scaled <= inventory::MAX_QUANTITY)
    }

    /// The product in units of 10^-`decimals`, rounded up; none if it is too much.
    pub fn times(self, other: Self, decimals: u32) -> Option<i64> {
        let product = i128::from(self.digits) * i128::from(other.digits);
        let product = product.checked_mul(10_i128.checked_pow(decimals)?)?;
        let divisor = 10_i128.checked_pow(self.places + other.places)?;
        let scaled = product.checked_add(divisor - 1)? / divisor;
        i64::try_from(scaled).ok().filter(|scaled| *scaled <= inventory::MAX_QUANTITY)
    }

    /// A price divided by it, rounded to the nearest.
    pub fn share(self, price: i64) -> i64 {
        let scaled = i128::from(price) * 10_i128.pow(self.places);
        let digits = i128::from(self.digits.max(1));
        i64::try_from((scaled + digits / 2) / digits).unwrap_or(i64::MAX)
    }

    /// So many ten-thousandths of it; none if that has too many digits.
    pub fn by_ten_thousandths(self, factor: i64) -> Option<Self> {
        let mut digits = self.digits.checked_mul(factor)?;
        let mut places = self.places + 4;
        while digits % 10 == 0 && places > 0 {
            (digits, places) = (digits / 10, places - 1);
        }
        (places <= 10).then_some(Self { digits, places })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Decimal {
        Decimal::read(text).unwrap()
    }

    #[test]
    fn a_quantity_is_whole_in_its_decimals_or_refused() {
        assert_eq!(read("440.00000").scaled(0), Some(440));
        assert_eq!(read("37.49040").scaled(4), Some(374_904));
        assert_eq!(read("37.49040").scaled(6), Some(37_490_400));
        assert_eq!(read("37.49040").scaled(3), None);
        assert_eq!(read("1000000000001").scaled(0), None);
        assert_eq!((read("0.000").is_zero(), read("-0.0").is_zero()), (true, true));
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        let codes = ["", ".", ".5", "1e3", "1,5", "x", "-", "-1", "1.0000001", "99999999999999999999"]
            .map(|text| Decimal::read(text).unwrap_err().0);
        let invalid = "invalid";
        let expected = [invalid; 7].into_iter().chain(["out_of_range", invalid, "out_of_range"]);
        assert_eq!(codes.to_vec(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn packs_divide_prices_and_multiply_quantities() {
        assert_eq!(read("100").share(250_000_000), 2_500_000);
        assert_eq!(read("0.5").share(3_500_000), 7_000_000);
        assert_eq!(read("3").share(2_000_000), 666_667);
        assert_eq!(read("1").times(read("0.5"), 0), Some(1));
        let feet = read("500").by_ten_thousandths(3_048).unwrap();
        assert_eq!(Decimal::ONE.times(feet, 2), Some(15_240));
    }
}
