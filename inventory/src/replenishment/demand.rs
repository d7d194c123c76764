//! From what was used day by day to a reorder point: pure arithmetic, with every step of it in the answer.

use serde::Serialize;
use utoipa::ToSchema;

/// What a place used of a part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Demand {
    /// Days that were looked at, those without use among them.
    pub days: i32,
    /// What was used on them, in all.
    pub used: i64,
    /// Mean use a day.
    pub mean_per_day: f64,
    /// Standard deviation of the use of a day.
    pub deviation_per_day: f64,
}

impl Demand {
    /// From the days on which anything was used; on all others nothing was.
    pub fn of(used: &[i64], days: i32) -> Self {
        let count = f64::from(days.max(1));
        let total: i64 = used.iter().sum();
        let mean = real(total) / count;
        let squares: f64 = used.iter().map(|u| real(*u) * real(*u)).sum();
        // With one day there is nothing to deviate from.
        let variance = if days > 1 { (squares - count * mean * mean) / (count - 1.0) } else { 0.0 };
        Self { days, used: total, mean_per_day: mean, deviation_per_day: variance.max(0.0).sqrt() }
    }
}

/// Quantities stay far below what a double holds exactly.
#[expect(clippy::cast_precision_loss, reason = "rounded to 2^-53, and then to whole pieces")]
const fn real(quantity: i64) -> f64 {
    quantity as f64
}

/// A whole quantity that is enough.
#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
fn enough(quantity: f64) -> i64 {
    // What is whole but for rounding stays what it is.
    (quantity - 1e-6).ceil().max(0.0) as i64
}

/// When to order, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct ReorderPlan {
    /// How likely no day of the lead time is without stock: 0.5 to 0.9999.
    pub service_level: f64,
    /// So many deviations are kept for it: the quantile of the normal distribution.
    pub z: f64,
    /// `z * deviation * sqrt(lead days)`, rounded up: what is kept against more use than usual.
    pub safety_stock: i64,
    /// `mean * lead days + safety stock`, rounded up: order when no more than this is free.
    pub reorder_point: i64,
    /// `mean * days to cover`, rounded up: so much at once.
    pub quantity: i64,
}

impl ReorderPlan {
    /// What this use asks for, if a delivery takes so many days and is to last so many.
    pub fn of(demand: &Demand, lead_days: i32, cover_days: i32, service_level: f64) -> Self {
        let z = normal_quantile(service_level);
        let lead = f64::from(lead_days.max(0));
        let safety = z * demand.deviation_per_day * lead.sqrt();
        Self {
            service_level,
            z,
            safety_stock: enough(safety),
            reorder_point: enough(demand.mean_per_day * lead + safety),
            quantity: enough(demand.mean_per_day * f64::from(cover_days)),
        }
    }

    /// What is to be had now with so much free: up to a whole order above the reorder point.
    pub fn wanted(&self, free: i64) -> i64 {
        if self.quantity == 0 || free > self.reorder_point {
            return 0;
        }
        (self.reorder_point + self.quantity).saturating_sub(free).max(0)
    }
}

/// Where the normal distribution has `p` below: Acklam's rational approximation, good to nine digits.
pub fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
        1.0,
    ];
    const C: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        0.007_784_695_709_041_462,
        0.322_467_129_070_039_8,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let x = (-2.0 * p.ln()).sqrt();
        polynomial(&C, x) / polynomial(&D, x)
    };
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    if p < 0.024_25 {
        return tail(p);
    }
    if p > 1.0 - 0.024_25 {
        return -tail(1.0 - p);
    }
    let from_middle = p - 0.5;
    let square = from_middle * from_middle;
    from_middle * polynomial(&A, square) / polynomial(&B, square)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, z) in
            [(0.5, 0.0), (0.9, 1.281_552), (0.95, 1.644_854), (0.99, 2.326_348), (0.9999, 3.719_016)]
        {
            assert!((normal_quantile(p) - z).abs() < 1e-6, "{p}: {}", normal_quantile(p));
            assert!((normal_quantile(1.0 - p) + z).abs() < 1e-6, "{p}");
        }
    }

    #[test]
    fn days_without_use_are_days_too() {
        let demand = Demand::of(&[3, 1], 4);
        assert_eq!((demand.used, demand.days), (4, 4));
        assert!((demand.mean_per_day - 1.0).abs() < 1e-12);
        // (2² + 0² + 1² + 1²) / 3
        assert!((demand.deviation_per_day - 2.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Demand::of(&[5], 1).deviation_per_day, 0.0);
    }

    #[test]
    fn a_steady_part_needs_no_safety_and_a_restless_one_does() {
        let steady = ReorderPlan::of(&Demand::of(&[2; 30], 30), 5, 10, 0.95);
        assert_eq!((steady.safety_stock, steady.reorder_point, steady.quantity), (0, 10, 20));
        let restless = ReorderPlan::of(&Demand::of(&[20, 20, 20], 30), 5, 10, 0.95);
        assert!(restless.safety_stock > 0, "{restless:?}");
        assert_eq!(restless.quantity, 20, "{restless:?}");
        let surer = ReorderPlan::of(&Demand::of(&[20, 20, 20], 30), 5, 10, 0.99);
        assert!(surer.reorder_point > restless.reorder_point);
    }

    #[test]
    fn what_nobody_uses_is_not_ordered_and_what_is_short_is_filled_up() {
        let never = ReorderPlan::of(&Demand::of(&[], 30), 5, 10, 0.95);
        assert_eq!(never.wanted(-4), 0);
        let plan = ReorderPlan::of(&Demand::of(&[2; 30], 30), 5, 10, 0.95);
        assert_eq!((plan.wanted(11), plan.wanted(10), plan.wanted(-3)), (0, 20, 33));
    }
}
