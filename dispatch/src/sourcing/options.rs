//! What could supply a visit: the needs, each listed once; and of each place what it has of use.

use super::{FreeStock, PartSupply, Rates};
use crate::problem::{PartQuantity, Point};
use uuid::Uuid;

/// One entry for each part, even if it is listed twice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    pub part_id: Uuid,
    pub wanted: i64,
}

/// A part that will do for a need.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant {
    pub need: usize,
    pub part_id: Uuid,
    /// If the whole need is met by it.
    pub penalty_seconds: f64,
}

/// What a place has of one part that is of use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shelf {
    pub part_id: Uuid,
    /// Can be taken for nothing.
    pub spare: i64,
    /// Can be taken at a price.
    pub kept: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// His own van: no stop at all.
    Aboard,
    Depot,
    Meeting,
}

impl Stop {
    /// So much later he leaves it than he came.
    pub fn delay_seconds(self, rates: &Rates) -> u64 {
        match self {
            Stop::Aboard => 0,
            Stop::Depot => u64::from(rates.pickup_seconds),
            Stop::Meeting => u64::from(rates.meeting_seconds.unwrap_or(0)),
        }
    }

    /// So much time it takes of everybody: a meeting, that of two.
    pub fn cost_seconds(self, rates: &Rates) -> u64 {
        let engineers = if self == Stop::Meeting { 2 } else { 1 };
        engineers * self.delay_seconds(rates)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Place {
    pub location_id: Uuid,
    pub stop: Stop,
    pub point: Point,
    pub shelves: Vec<Shelf>,
}

pub(super) struct Options {
    pub needs: Vec<Need>,
    pub variants: Vec<Variant>,
    /// Nowhere on the map, and nothing in it if he has none.
    pub van: Place,
    /// Only those that have something of use.
    pub places: Vec<Place>,
}

impl Options {
    pub fn new(
        needs: &[PartQuantity],
        engineer_id: Option<Uuid>,
        supply: &PartSupply,
        rates: &Rates,
    ) -> Self {
        let needs = summed(needs);
        let variants = variants(&needs, supply, rates);
        let nowhere = Point { latitude: f64::NAN, longitude: f64::NAN };
        let own = engineer_id.and_then(|id| supply.vans.get(&id));
        let van = Place {
            location_id: own.map_or(Uuid::nil(), |van| van.location_id),
            stop: Stop::Aboard,
            point: nowhere,
            shelves: own.map_or_else(Vec::new, |van| shelves(&variants, &van.free)),
        };
        let mut places = Vec::new();
        let mut add = |location_id, stop, point, free: &[FreeStock]| {
            let shelves = shelves(&variants, free);
            if !shelves.is_empty() {
                places.push(Place { location_id, stop, point, shelves });
            }
        };
        for depot in &supply.depots {
            add(depot.location_id, Stop::Depot, depot.point, &depot.free);
        }
        if rates.meeting_seconds.is_some() {
            let others = supply.vans.iter().filter(|(id, _)| Some(**id) != engineer_id);
            for (point, van) in others.filter_map(|(_, van)| Some((van.point?, van))) {
                add(van.location_id, Stop::Meeting, point, &van.free);
            }
        }
        Self { needs, variants, van, places }
    }
}

/// One entry for each part, even if it is listed twice; nothing for what is not wanted.
fn summed(needs: &[PartQuantity]) -> Vec<Need> {
    let mut summed: Vec<Need> = Vec::with_capacity(needs.len());
    for &PartQuantity { part_id, quantity } in needs.iter().filter(|need| need.quantity > 0) {
        match summed.iter_mut().find(|need| need.part_id == part_id) {
            Some(need) => need.wanted = need.wanted.saturating_add(quantity),
            None => summed.push(Need { part_id, wanted: quantity }),
        }
    }
    summed
}

fn variants(needs: &[Need], supply: &PartSupply, rates: &Rates) -> Vec<Variant> {
    let itself = |(need, part): (usize, &Need)| Variant { need, part_id: part.part_id, penalty_seconds: 0.0 };
    let mut variants: Vec<Variant> = needs.iter().enumerate().map(itself).collect();
    if !rates.substitutes {
        return variants;
    }
    for substitute in supply.substitutes.iter().filter(|s| s.substitute_id != s.part_id) {
        let Some(need) = needs.iter().position(|need| need.part_id == substitute.part_id) else { continue };
        let (part_id, seconds) = (substitute.substitute_id, 60.0 * substitute.minutes);
        // What is no number is no bargain.
        let penalty_seconds = if seconds.is_finite() { seconds.clamp(0.0, 1e6) } else { 1e6 };
        match variants.iter_mut().find(|v| v.need == need && v.part_id == part_id) {
            Some(listed) => listed.penalty_seconds = listed.penalty_seconds.min(penalty_seconds),
            None => variants.push(Variant { need, part_id, penalty_seconds }),
        }
    }
    variants
}

/// What is of use, each part once. A balance may be negative: he used what the books did not know of.
fn shelves(variants: &[Variant], free: &[FreeStock]) -> Vec<Shelf> {
    let mut shelves: Vec<Shelf> = Vec::new();
    for variant in variants {
        if shelves.iter().any(|shelf| shelf.part_id == variant.part_id) {
            continue;
        }
        let of_part = free.iter().filter(|stock| stock.part_id == variant.part_id);
        let (free, kept) = of_part.fold((0_i64, 0_i64), |(free, kept), stock| {
            (free.saturating_add(stock.quantity), kept.saturating_add(stock.kept.max(0)))
        });
        if free > 0 {
            let spare = free.saturating_sub(kept).max(0);
            shelves.push(Shelf { part_id: variant.part_id, spare, kept: free - spare });
        }
    }
    shelves
}
