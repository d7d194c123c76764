//! What parts cost. A sum and a quantity are kept for each part and currency, as goods come in; their quotient is the
//! average cost. Currencies are never converted.

use db::schema::part_costs;
use db::types::PartId;
use db::{Conn, Tx, each_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Error;
use crate::parts::{self, Part};

/// What a unit cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// In millionths of the currency's unit.
    pub unit_micros: i64,
    /// ISO 4217.
    pub currency: String,
}

/// The highest cost of a unit, in millionths: what JavaScript can still count.
pub const HIGHEST_COST: i64 = 1 << 52;

const TOO_MUCH: Error =
    Error::Invalid { field: "cost.unit_micros", problem: "is more than can be summed up" };

/// What a unit of the part is counted as.
pub(crate) fn scale(part: &Part) -> i128 {
    10_i128.pow(part.decimals.clamp(0, 6).unsigned_abs())
}

/// The currencies of ISO 4217 that are money in somebody's hand: no funds, metals or test codes.
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP \
     BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF \
     GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD \
     LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR \
     PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY \
     TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// Whether people pay in it.
pub fn is_currency(code: &str) -> bool {
    CURRENCIES.split_ascii_whitespace().any(|known| known == code)
}

/// Refuses what is no currency: a slip of the finger would have an average of its own.
pub(crate) fn check_currency(code: &str, field: &'static str) -> Result<(), Error> {
    if is_currency(code) {
        return Ok(());
    }
    Err(Error::Invalid { field, problem: "must be a currency of ISO 4217, as in EUR" })
}

/// Adds goods of so much a unit to the average.
pub(crate) fn add(tx: &mut Tx<'_>, part: &Part, quantity: i64, cost: &Cost) -> Result<(), Error> {
    if !(0..=HIGHEST_COST).contains(&cost.unit_micros) {
        return Err(Error::Invalid { field: "cost.unit_micros", problem: "must be 0 to 2^52" });
    }
    check_currency(&cost.currency, "cost.currency")?;
    let value = value(part, quantity, cost)?;
    let done = change(tx, part.id, &cost.currency, quantity, value)?
        || insert(tx, part.id, &cost.currency, quantity, value)?
        // Another server made the row meanwhile.
        || change(tx, part.id, &cost.currency, quantity, value)?;
    if done { Ok(()) } else { Err(TOO_MUCH) }
}

/// Takes goods that never came out of the average.
pub(crate) fn take_back(tx: &mut Tx<'_>, part: &Part, quantity: i64, cost: &Cost) -> Result<(), Error> {
    let value = value(part, quantity, cost)?;
    change(tx, part.id, &cost.currency, -quantity, -value)?;
    Ok(())
}

fn value(part: &Part, quantity: i64, cost: &Cost) -> Result<i64, Error> {
    let value = i128::from(cost.unit_micros) * i128::from(quantity) / scale(part);
    i64::try_from(value).map_err(|_| TOO_MUCH)
}

/// Whether there was a row, and room in it: one statement, so that two servers cannot lose each other's goods.
fn change(
    tx: &mut Tx<'_>,
    part_id: PartId,
    currency: &str,
    quantity: i64,
    value: i64,
) -> Result<bool, Error> {
    let changed = diesel::update(part_costs::table)
        .filter(part_costs::part_id.eq(part_id))
        .filter(part_costs::currency.eq(currency))
        .filter(part_costs::quantity.le(i64::MAX.saturating_sub(quantity)))
        .filter(part_costs::value_micros.le(i64::MAX.saturating_sub(value)))
        .set((
            part_costs::quantity.eq(part_costs::quantity + quantity),
            part_costs::value_micros.eq(part_costs::value_micros + value),
        ))
        .execute(tx.conn())?;
    Ok(changed == 1)
}

fn insert(
    tx: &mut Tx<'_>,
    part_id: PartId,
    currency: &str,
    quantity: i64,
    value: i64,
) -> Result<bool, Error> {
    let values = (
        part_costs::id.eq(id_of(part_id, currency)),
        part_costs::part_id.eq(part_id),
        part_costs::currency.eq(currency),
        part_costs::quantity.eq(quantity),
        part_costs::value_micros.eq(value),
    );
    let inserted = each_backend!(tx.conn(), |c| diesel::insert_into(part_costs::table)
        .values(values)
        .on_conflict((part_costs::part_id, part_costs::currency))
        .do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

/// One row a part and currency.
fn id_of(part_id: PartId, currency: &str) -> String {
    format!("{part_id}:{currency}")
}

/// The average cost of a unit of a part, one for each currency in which it was bought, in order of currency.
///
/// # Errors
/// There is no such part, or a failure of the database.
pub fn average(conn: &mut Conn, part_id: PartId) -> Result<Vec<Cost>, Error> {
    let part = parts::get(conn, part_id)?;
    let sums: Vec<(String, i64, i64)> = part_costs::table
        .filter(part_costs::part_id.eq(part_id))
        .filter(part_costs::quantity.gt(0))
        .order(part_costs::currency)
        .select((part_costs::currency, part_costs::quantity, part_costs::value_micros))
        .load(conn)?;
    let cost = |(currency, quantity, value): (String, i64, i64)| {
        let unit = i128::from(value) * scale(&part) / i128::from(quantity);
        Cost { unit_micros: i64::try_from(unit).unwrap_or(i64::MAX), currency }
    };
    Ok(sums.into_iter().map(cost).collect())
}

/// How many decimals a currency is paid with: two, but for those of which ISO 4217 says otherwise.
pub fn minor_digits(currency: &str) -> i32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Millionths of a currency's unit in its smallest unit, halves rounded up.
pub fn minor(micros: i64, currency: &str) -> i64 {
    let unit = 10_i64.pow(6 - minor_digits(currency).unsigned_abs());
    let (whole, rest) = (micros.div_euclid(unit), micros.rem_euclid(unit));
    whole + i64::from(rest >= unit - rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_paid_in_the_smallest_unit_of_its_currency() {
        let paid = [
            (12_345_000, "USD", 1_235),
            (12_344_999, "USD", 1_234),
            (12_500_000, "JPY", 13),
            (1_234_500, "KWD", 1_235),
            (0, "EUR", 0),
            (-5_000, "EUR", 0),
            (i64::MAX, "EUR", 922_337_203_685_478),
        ];
        for (micros, currency, total) in paid {
            assert_eq!(minor(micros, currency), total, "{micros} {currency}");
        }
    }
}
