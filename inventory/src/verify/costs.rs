//! Average costs against what was received for money and not taken back.

use std::collections::BTreeMap;

use db::Conn;
use db::schema::part_costs;
use db::types::PartId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use super::Difference;
use crate::Error;

#[derive(QueryableByName)]
struct Received {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Integer)]
    decimals: i32,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    quantity: i64,
    #[diesel(sql_type = BigInt)]
    unit_cost_micros: i64,
}

/// Quantity and value, as kept and as recomputed.
type Both = [(i64, i64); 2];

pub(super) fn differing(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let mut sums: BTreeMap<(PartId, String), Both> = BTreeMap::new();
    let kept: Vec<(PartId, String, i64, i64)> = part_costs::table
        .select((part_costs::part_id, part_costs::currency, part_costs::quantity, part_costs::value_micros))
        .load(conn)?;
    for (part_id, currency, quantity, value) in kept {
        sums.entry((part_id, currency)).or_default()[0] = (quantity, value);
    }
    for Received { part_id, decimals, currency, quantity, unit_cost_micros } in received(conn)? {
        let scale = 10_i128.pow(decimals.clamp(0, 6).unsigned_abs());
        let value = i128::from(unit_cost_micros) * i128::from(quantity) / scale;
        let [_, sum] = sums.entry((part_id, currency)).or_default();
        sum.0 = sum.0.saturating_add(quantity);
        sum.1 = sum.1.saturating_add(i64::try_from(value).unwrap_or(i64::MAX));
    }
    let differs = sums.into_iter().filter(|(_, [kept, received])| kept != received);
    let cost = |((part_id, currency), [kept, by_movements]): ((PartId, String), Both)| Difference::Cost {
        part_id,
        currency,
        kept,
        by_movements,
    };
    Ok(differs.map(cost).collect())
}

/// What came in for money. Multiplied by us: the product may be more than a database's integers hold.
fn received(conn: &mut Conn) -> Result<Vec<Received>, Error> {
    let sql = "SELECT m.part_id, p.decimals, m.currency, m.quantity, m.unit_cost_micros
         FROM stock_movements m JOIN parts p ON p.id = m.part_id
         WHERE m.unit_cost_micros IS NOT NULL AND m.kind = 'receive' AND m.reverses_id IS NULL
           AND m.id NOT IN (SELECT reverses_id FROM stock_movements WHERE reverses_id IS NOT NULL)";
    Ok(diesel::sql_query(sql).load(conn)?)
}
