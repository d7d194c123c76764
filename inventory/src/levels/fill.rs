//! From where one part can be had for places that lack it, decided without any database: what one place gets is not
//! offered to another, and no place falls below its own minimum. What comes into a bin comes into its depot too. Asked
//! of what is free now, it says what to carry; asked of what will be free when all orders have come, what to order.

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
    /// What nobody can spare.
    pub lacking: i64,
}

impl Fill {
    /// What other places spare for it.
    pub fn taken(&self) -> i64 {
        self.takes.iter().map(|take| take.quantity).sum()
    }
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
        self.within(&self.free, place)
    }

    /// So much of something is at a place and in it.
    pub(super) fn within(&self, stock: &BTreeMap<LocationId, i64>, place: LocationId) -> i64 {
        stock.iter().filter(|(at, _)| self.chain(**at).contains(&place)).map(|(_, there)| there).sum()
    }

    /// What a place itself can give to another without it, or a place that it is in, falling below its minimum.
    fn spare(&self, place: LocationId, to: LocationId) -> i64 {
        let own = self.free.get(&place).copied().unwrap_or(0);
        self.left_by(place, to).map(|(at, minimum)| self.total(at) - minimum).fold(own, i64::min)
    }

    /// Which places have less, and should have at least so much, when something goes from one to another: not those
    /// that both are in, they have it still.
    fn left_by(&self, from: LocationId, to: LocationId) -> impl Iterator<Item = (LocationId, i64)> {
        let kept = self.chain(to);
        let chain = self.chain(from).into_iter().filter(move |at| !kept.contains(at));
        chain.filter_map(|at| Some((at, *self.minimum.get(&at)?)))
    }

    /// Moves what is free. Who it goes to counts it only where it stays in a place: what he gets is not offered on.
    fn take(&mut self, from: LocationId, to: LocationId, quantity: i64) {
        self.free.entry(from).and_modify(|free| *free -= quantity);
        let kept = self.chain(to);
        if self.chain(from).iter().any(|at| kept.contains(at)) {
            *self.free.entry(to).or_default() += quantity;
        }
    }
}

/// What a lack gets, and from where: none if nobody can spare it.
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

/// What to carry now, where what is lacking after it stays lacking.
pub fn carry(shelves: &Shelves, lacks: &[Lack]) -> Vec<Fill> {
    fill(shelves, lacks, false)
}

/// What to order, where all that is lacking is ordered: to a bin, and so to its depot too.
pub fn order(shelves: &Shelves, lacks: &[Lack]) -> Vec<Fill> {
    fill(shelves, lacks, true)
}

/// Fills the lacks in their order: from depots and their bins first, then from vans, from those that can spare most.
/// What a lack before got, if it is inside, counts: so the innermost places come first.
fn fill(shelves: &Shelves, lacks: &[Lack], ordered: bool) -> Vec<Fill> {
    let mut left = shelves.clone();
    let mut arrivals: Vec<Arrival> = Vec::new();
    let mut fills = Vec::new();
    for lack in lacks {
        let inside = arrivals.iter().filter(|arrival| arrival.adds_to(shelves, lack.location_id));
        let comes: i64 = inside.map(|arrival| arrival.quantity).sum();
        let arrival = |from, quantity| Arrival { to: lack.location_id, from, quantity };
        let here = Lack { quantity: (lack.quantity - comes).max(0), ..*lack };
        let fill = fill_one(&mut left, here, |place| lacks.iter().any(|lack| lack.location_id == place));
        arrivals.extend(fill.takes.iter().map(|take| arrival(Some(take.from), take.quantity)));
        if ordered {
            arrivals.push(arrival(None, fill.lacking));
        }
        fills.push(fill);
    }
    fills
}

fn fill_one(shelves: &mut Shelves, lack: Lack, is_low: impl Fn(LocationId) -> bool) -> Fill {
    let mut sources: Vec<(bool, i64, LocationId)> = shelves
        .free
        .keys()
        // What is in the place itself was counted there.
        .filter(|place| !shelves.chain(**place).contains(&lack.location_id))
        // Who lacks himself gives to those alone that are in him.
        .filter(|place| !is_low(**place) || shelves.chain(lack.location_id).contains(place))
        .map(|place| (shelves.vans.contains(place), -shelves.spare(*place, lack.location_id), *place))
        .filter(|(_, spare, _)| *spare < 0)
        .collect();
    sources.sort_unstable();
    let mut lacking = lack.quantity;
    let mut takes = Vec::new();
    for (_, _, from) in sources {
        // Asked again: two bins of one depot share its minimum.
        let quantity = lacking.min(shelves.spare(from, lack.location_id));
        if quantity <= 0 {
            continue;
        }
        lacking -= quantity;
        shelves.take(from, lack.location_id, quantity);
        takes.push(Take { from, quantity });
    }
    Fill { location_id: lack.location_id, takes, lacking }
}
