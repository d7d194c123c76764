//! All places with free stock, in memory: which few of them could supply a visit? For each part an R-tree of the
//! places that have any of it. A journey by way of a place is longer by at least twice the distance from its middle
//! to the place, less the direct way; so places are looked at from the middle outwards, and no farther than one could
//! still be among the best. What it answers is a proposal: stock is read again, and guarded, where it is promised.

use super::{Depot, FreeStock, PartSupply, Rates, Substitute, VanStock};
use crate::problem::{PartQuantity, Point};
use crate::travel::unit_vector;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// For each part so many places by the shortest way are proposed, as many of those that have enough of it alone, and
/// as many by the way for all that they have.
const FOR_EACH_PART: usize = 8;
/// Where none has enough alone and those together have not, so many.
const OF_LITTLE: usize = 32;
/// Nobody looks at more places of one part, however little they have.
const LOOKED_AT: usize = 512;

/// A depot, or a van if it is somebody's.
#[derive(Clone, Debug, PartialEq)]
pub struct StockPlace {
    pub location_id: Uuid,
    /// Whose van it is.
    pub engineer_id: Option<Uuid>,
    /// Where it is; `None`: not known, so nobody can go there.
    pub point: Option<Point>,
    pub free: Vec<FreeStock>,
}

/// A place in a tree, by its unit vector.
type Spot = GeomWithData<[f64; 3], Uuid>;

struct Known {
    engineer_id: Option<Uuid>,
    point: Option<Point>,
    free: HashMap<Uuid, FreeStock>,
}

impl Known {
    /// Where the trees have it.
    fn spot(&self, location_id: Uuid) -> Option<Spot> {
        let point = self.point.filter(|p| p.latitude.is_finite() && p.longitude.is_finite())?;
        Some(Spot::new(unit_vector(point), location_id))
    }
}

/// The index. It holds what it was told last; telling it is cheap.
#[derive(Default)]
pub struct StockPlaces {
    places: HashMap<Uuid, Known>,
    vans: HashMap<Uuid, Uuid>,
    by_part: HashMap<Uuid, RTree<Spot>>,
    /// By the part that is needed.
    substitutes: HashMap<Uuid, Vec<Substitute>>,
}

impl StockPlaces {
    /// All at once, which is faster than one by one.
    pub fn build(
        places: impl IntoIterator<Item = StockPlace>,
        substitutes: impl IntoIterator<Item = Substitute>,
    ) -> Self {
        let mut index = Self::default();
        for place in places {
            let free = place.free.iter().map(|stock| (stock.part_id, *stock)).collect();
            let known = Known { engineer_id: place.engineer_id, point: place.point, free };
            index.places.insert(place.location_id, known);
        }
        let mut spots: HashMap<Uuid, Vec<Spot>> = HashMap::new();
        for (location_id, known) in &index.places {
            index.vans.extend(known.engineer_id.map(|engineer| (engineer, *location_id)));
            let Some(spot) = known.spot(*location_id) else { continue };
            for stock in known.free.values().filter(|stock| stock.quantity > 0) {
                spots.entry(stock.part_id).or_default().push(spot);
            }
        }
        index.by_part = spots.into_iter().map(|(part, spots)| (part, RTree::bulk_load(spots))).collect();
        index.set_substitutes(substitutes);
        index
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Replaces all substitutes.
    pub fn set_substitutes(&mut self, substitutes: impl IntoIterator<Item = Substitute>) {
        self.substitutes.clear();
        for substitute in substitutes {
            self.substitutes.entry(substitute.part_id).or_default().push(substitute);
        }
    }

    /// Adds a place, or replaces all that is known of it.
    pub fn put(&mut self, place: StockPlace) {
        self.remove(place.location_id);
        self.vans.extend(place.engineer_id.map(|engineer| (engineer, place.location_id)));
        let (engineer_id, point) = (place.engineer_id, place.point);
        self.places.insert(place.location_id, Known { engineer_id, point, free: HashMap::new() });
        place.free.into_iter().for_each(|stock| self.stocked(place.location_id, stock));
    }

    /// A place that is closed. Nothing happens if it is not known.
    pub fn remove(&mut self, location_id: Uuid) {
        let Some(known) = self.places.remove(&location_id) else { return };
        if let Some(spot) = known.spot(location_id) {
            known.free.keys().for_each(|part| unlist(&mut self.by_part, *part, &spot));
        }
        self.vans.retain(|_, van| *van != location_id);
    }

    /// What is free of one part there now. Nothing happens if the place is not known.
    pub fn stocked(&mut self, location_id: Uuid, stock: FreeStock) {
        let Some(known) = self.places.get_mut(&location_id) else { return };
        let before = known.free.insert(stock.part_id, stock).is_some_and(|before| before.quantity > 0);
        let Some(spot) = known.spot(location_id) else { return };
        match (before, stock.quantity > 0) {
            (false, true) => self.by_part.entry(stock.part_id).or_default().insert(spot),
            (true, false) => unlist(&mut self.by_part, stock.part_id, &spot),
            _ => {}
        }
    }

    /// Where a van is now; `None`: not known. Nothing happens if the place is not known.
    pub fn moved(&mut self, location_id: Uuid, point: Option<Point>) {
        let Some(known) = self.places.get_mut(&location_id) else { return };
        let before = known.spot(location_id);
        known.point = point;
        let after = known.spot(location_id);
        for stock in known.free.values().filter(|stock| stock.quantity > 0) {
            if let Some(spot) = &before {
                unlist(&mut self.by_part, stock.part_id, spot);
            }
            if let Some(spot) = after {
                self.by_part.entry(stock.part_id).or_default().insert(spot);
            }
        }
    }

    /// What [`source`](super::source) needs for a visit at `to`: the vans of these engineers, and for each of their
    /// ways the best places for each part, other vans only if the policy lets engineers meet. Its `kept` comes along.
    pub fn supply(
        &self,
        needs: &[PartQuantity],
        engineers: impl IntoIterator<Item = (Uuid, Point)>,
        to: Point,
        rates: &Rates,
    ) -> PartSupply {
        let listed: Vec<&Substitute> = if rates.substitutes {
            needs.iter().filter_map(|need| self.substitutes.get(&need.part_id)).flatten().collect()
        } else {
            Vec::new()
        };
        let mut wanted: Vec<PartQuantity> = needs.iter().filter(|need| need.quantity > 0).copied().collect();
        for substitute in &listed {
            let quantity =
                needs.iter().find(|need| need.part_id == substitute.part_id).map_or(0, |n| n.quantity);
            wanted.push(PartQuantity { part_id: substitute.substitute_id, quantity });
        }
        let mut supply = PartSupply {
            substitutes: listed.iter().map(|substitute| **substitute).collect(),
            ..Default::default()
        };
        let mut chosen = BTreeSet::new();
        let mut asked = Vec::new();
        for (engineer_id, from) in engineers {
            if let Some((location_id, van)) = self.van_of(engineer_id) {
                supply.vans.insert(engineer_id, van_stock(location_id, van, &wanted));
            }
            // Several stand in the same place: at a depot in the morning.
            let from = unit_vector(from);
            if !asked.contains(&from) {
                asked.push(from);
                let way = Way { from, to: unit_vector(to), rates, needs, listed: &listed };
                wanted.iter().for_each(|part| self.nearest(*part, &way, &mut chosen));
            }
        }
        for (location_id, known) in chosen.into_iter().filter_map(|id| Some((id, self.places.get(&id)?))) {
            match (known.engineer_id, known.point) {
                (Some(engineer_id), _) => {
                    let van = van_stock(location_id, known, &wanted);
                    supply.vans.entry(engineer_id).or_insert(van);
                }
                (None, Some(point)) => {
                    supply.depots.push(Depot { location_id, point, free: of_use(known, &wanted) });
                }
                (None, None) => {}
            }
        }
        supply
    }

    fn van_of(&self, engineer_id: Uuid) -> Option<(Uuid, &Known)> {
        let location_id = *self.vans.get(&engineer_id)?;
        Some((location_id, self.places.get(&location_id)?))
    }

    /// The best places for one part on one way: by the way alone; of those that have enough to spare; and by the way
    /// and the stop for what they have of all that is needed.
    fn nearest(&self, part: PartQuantity, way: &Way, chosen: &mut BTreeSet<Uuid>) {
        let Some(tree) = self.by_part.get(&part.part_id) else { return };
        let middle: [f64; 3] = std::array::from_fn(|axis| (way.from[axis] + way.to[axis]) / 2.0);
        let (direct, most) = (distance(&way.from, &way.to), way.needs.len() as f64);
        let least_stop = way.stop(false).min(way.stop(true));
        for limit in [FOR_EACH_PART, OF_LITTLE] {
            let [mut any, mut enough, mut rich] = [limit, FOR_EACH_PART, limit].map(Nearest::of);
            for (spot, distance_2) in tree.nearest_neighbor_iter_with_distance_2(middle).take(LOOKED_AT) {
                let at_least = (2.0 * distance_2.sqrt() - direct).max(0.0);
                let is_rich_settled = rich.is_settled((at_least + least_stop) / most);
                if any.is_settled(at_least) && enough.is_settled(at_least) && is_rich_settled {
                    break;
                }
                // Most are too far out of the way for any list, and need not be looked up.
                let longer = distance(&way.from, spot.geom()) + distance(spot.geom(), &way.to) - direct;
                let is_rich_full = !rich.may_take((longer + least_stop) / most);
                if is_rich_full && !any.may_take(longer) && !enough.may_take(longer) {
                    continue;
                }
                let Some(known) = self.places.get(&spot.data) else { continue };
                let is_van = known.engineer_id.is_some();
                if is_van && way.rates.meeting_seconds.is_none() {
                    continue;
                }
                let (free, spare) = known.free.get(&part.part_id).map_or((0, 0), |s| (s.quantity, spare(s)));
                any.offer(longer, spot.data, free);
                if spare >= part.quantity {
                    enough.offer(longer, spot.data, free);
                }
                if !is_rich_full {
                    rich.offer((longer + way.stop(is_van)) / way.share(known), spot.data, free);
                }
            }
            let together = any.found.iter().fold(0_i64, |sum, (.., free)| sum.saturating_add(*free));
            if limit == OF_LITTLE || together >= part.quantity || !enough.found.is_empty() {
                let found = any.found.into_iter().chain(enough.found).chain(rich.found);
                chosen.extend(found.map(|(_, location_id, _)| location_id));
                break;
            }
        }
    }
}

/// What is asked of one way: from where to where, in unit vectors, and what is wanted.
struct Way<'a> {
    from: [f64; 3],
    to: [f64; 3],
    rates: &'a Rates,
    needs: &'a [PartQuantity],
    /// Substitutes for them.
    listed: &'a [&'a Substitute],
}

impl Way<'_> {
    /// The time at a stop, as a distance in earth radii in a town.
    fn stop(&self, is_van: bool) -> f64 {
        const EARTH_RADII_PER_SECOND: f64 = 30.0 / 3.6 / 1.3 / 6_371_008.8;
        let seconds = if is_van {
            2.0 * f64::from(self.rates.meeting_seconds.unwrap_or(u32::MAX))
        } else {
            f64::from(self.rates.pickup_seconds)
        };
        // A second more, so that also of places on the way the one that has more comes first.
        (seconds + 1.0) * EARTH_RADII_PER_SECOND
    }

    /// How many of the needs it could meet, what is kept by half.
    fn share(&self, known: &Known) -> f64 {
        let has = |part_id: Uuid| {
            let stock = known.free.get(&part_id).filter(|stock| stock.quantity > 0);
            stock.map_or(0.0, |stock| (spare(stock) as f64 + stock.quantity as f64) / 2.0)
        };
        let met = |need: &PartQuantity| {
            let listed = self.listed.iter().filter(|substitute| substitute.part_id == need.part_id);
            let substitutes: f64 = listed.map(|substitute| has(substitute.substitute_id)).sum();
            ((has(need.part_id) + substitutes) / need.quantity as f64).min(1.0)
        };
        self.needs.iter().filter(|need| need.quantity > 0).map(met).sum()
    }
}

fn spare(stock: &FreeStock) -> i64 {
    stock.quantity.saturating_sub(stock.kept.max(0)).max(0)
}

/// The best few so far, shortest way first, ties by id: how much longer, where, how much is free.
struct Nearest {
    limit: usize,
    found: Vec<(f64, Uuid, i64)>,
}

impl Nearest {
    fn of(limit: usize) -> Self {
        Self { limit, found: Vec::with_capacity(limit + 1) }
    }

    fn offer(&mut self, longer: f64, location_id: Uuid, free: i64) {
        let is_before =
            |other: &(f64, Uuid, i64)| other.0.total_cmp(&longer).then(other.1.cmp(&location_id)).is_lt();
        let position = self.found.partition_point(is_before);
        if position < self.limit {
            self.found.insert(position, (longer, location_id, free));
            self.found.truncate(self.limit);
        }
    }

    /// Whether something from so far could be among them.
    fn may_take(&self, longer: f64) -> bool {
        self.found.len() < self.limit || self.found.last().is_none_or(|(longest, ..)| *longest >= longer)
    }

    /// Whether nothing from so far on can be among them.
    fn is_settled(&self, at_least: f64) -> bool {
        self.found.len() == self.limit && self.found.last().is_some_and(|(longest, ..)| *longest < at_least)
    }
}

fn distance(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    crate::travel::chord2(a, b).sqrt()
}

fn van_stock(location_id: Uuid, known: &Known, wanted: &[PartQuantity]) -> VanStock {
    VanStock { location_id, point: known.point, free: of_use(known, wanted) }
}

fn of_use(known: &Known, wanted: &[PartQuantity]) -> Vec<FreeStock> {
    let mut of_use: Vec<FreeStock> = Vec::new();
    for stock in wanted.iter().filter_map(|part| known.free.get(&part.part_id)) {
        if !of_use.iter().any(|listed| listed.part_id == stock.part_id) {
            of_use.push(*stock);
        }
    }
    of_use
}

fn unlist(by_part: &mut HashMap<Uuid, RTree<Spot>>, part_id: Uuid, spot: &Spot) {
    if let Some(tree) = by_part.get_mut(&part_id) {
        tree.remove(spot);
        if tree.size() == 0 {
            by_part.remove(&part_id);
        }
    }
}
