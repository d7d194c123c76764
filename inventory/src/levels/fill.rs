//! From where one part can be had for places that lack it, decided without any database: what one place gets is not
//! offered to another, and no place falls below its own minimum. What comes into a bin comes into its depot too.

use std::collections::{BTreeMap, BTreeSet};

use db::types::LocationId;

/// What the places have of one part.
#[derive(Debug, Clone, Default)]
pub struct Shelves {
    /// What is free at each place itself; less than nothing where more was promised than is there.
    pub free: BTreeMap<LocationId, i64>,
    /// The place that a bin is in.
    pub parent: BTreeMap<LocationId, LocationId>,
    /// The places that are vans.
    pub vans: BTreeSet<LocationId>,
    /// What places should have at least, all that is in them counted.
    pub minimum: BTreeMap<LocationId, i64>,
}

/// A place that has less than its minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// Where.
    pub location_id: LocationId,
    /// How much it is to get.
    pub quantity: i64,
}

/// So much from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// From where.
    pub from: LocationId,
    /// How much; always more than nothing.
    pub quantity: i64,
}

/// How a lack is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// Of which place.
    pub location_id: LocationId,
    /// What other places can spare.
    pub takes: Vec<Take>,
    /// What nobody can spare: it has to be ordered.
    pub order: i64,
}

impl Shelves {
    /// A place and those that it is in, the innermost first.
    pub(super) fn chain(&self, place: LocationId) -> Vec<LocationId> {
        let mut chain = vec![place];
        // A bin in itself cannot be made; if one was, this ends all the same.
        while let Some(outer) =
            chain.last().and_then(|last| self.parent.get(last)).filter(|p| !chain.contains(p))
        {
            chain.push(*outer);
        }
        chain
    }

    /// What is free at a place and in it.
    pub fn total(&self, place: LocationId) -> i64 {
        self.free.iter().filter(|(at, _)| self.chain(**at).contains(&place)).map(|(_, free)| free).sum()
    }

    /// What a place itself can give without it, or a place that it is in, falling below its minimum.
    fn spare(&self, place: LocationId) -> i64 {
        let own = self.free.get(&place).copied().unwrap_or(0);
        let over = |at: &LocationId| self.minimum.get(at).map(|minimum| self.total(*at) - minimum);
        self.chain(place).iter().filter_map(over).fold(own, i64::min)
    }
}

/// What a lack gets, and from where: none if it is ordered.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    to: LocationId,
    from: Option<LocationId>,
    quantity: i64,
}

impl Arrival {
    /// Whether there is more at a place, or in it, by this.
    fn adds_to(&self, shelves: &Shelves, place: LocationId) -> bool {
        let inside = |at: LocationId| shelves.chain(at).contains(&place);
        inside(self.to) && !self.from.is_some_and(inside)
    }
}

/// Fills the lacks in their order: from depots and their bins first, then from vans, from those that can spare most.
/// What a lack before got, if it is inside, counts: so the innermost places come first.
pub fn fill(shelves: &Shelves, lacks: &[Lack]) -> Vec<Fill> {
    let mut left = shelves.clone();
    let mut arrivals: Vec<Arrival> = Vec::new();
    let mut fills = Vec::new();
    for lack in lacks {
        let inside = arrivals.iter().filter(|arrival| arrival.adds_to(shelves, lack.location_id));
        let comes: i64 = inside.map(|arrival| arrival.quantity).sum();
        let fill = fill_one(&mut left, Lack { quantity: (lack.quantity - comes).max(0), ..*lack });
        let arrival = |from, quantity| Arrival { to: lack.location_id, from, quantity };
        arrivals.extend(fill.takes.iter().map(|take| arrival(Some(take.from), take.quantity)));
        arrivals.push(arrival(None, fill.order));
        fills.push(fill);
    }
    fills
}

fn fill_one(shelves: &mut Shelves, lack: Lack) -> Fill {
    let mut sources: Vec<(bool, i64, LocationId)> = shelves
        .free
        .keys()
        // What is in the place itself was counted there.
        .filter(|place| !shelves.chain(**place).contains(&lack.location_id))
        .map(|place| (shelves.vans.contains(place), -shelves.spare(*place), *place))
        .filter(|(_, spare, _)| *spare < 0)
        .collect();
    sources.sort_unstable();
    let mut order = lack.quantity;
    let mut takes = Vec::new();
    for (_, _, from) in sources {
        // Asked again: two bins of one depot share its minimum.
        let quantity = order.min(shelves.spare(from));
        if quantity <= 0 {
            continue;
        }
        order -= quantity;
        shelves.free.entry(from).and_modify(|free| *free -= quantity);
        takes.push(Take { from, quantity });
    }
    Fill { location_id: lack.location_id, takes, order }
}
