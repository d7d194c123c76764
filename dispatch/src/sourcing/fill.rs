//! The cheapest way to fill the needs from places that are open: of each place first what it can spare, then what it
//! keeps; the needed part before a substitute, unless keeping costs more. If no shelf serves two needs, each need takes
//! from its cheapest shelves in turn. Otherwise needs compete, and units are moved along the cheapest augmenting
//! path, so that what one need gives up another gets.

use super::Rates;
use super::options::{Need, Place, Variant};
use uuid::Uuid;

/// Costs are whole units of a millionth of a millionth of a second, so that they add up alike in every order.
pub(super) const PER_SECOND: f64 = 1e12;

/// A need that is not met at all: more than any way to meet it.
const MISSING_SECONDS: f64 = 1e12;

/// No needs of this world take more steps.
const MOST_STEPS: usize = 10_000;

/// What can be taken at one place at one price.
#[derive(Clone, Copy, Debug)]
struct Tier {
    place: usize,
    part_id: Uuid,
    quantity: i64,
}

/// One need may take from one tier at so much a unit.
#[derive(Clone, Copy, Debug)]
struct Offer {
    tier: usize,
    unit_cost: i128,
}

/// So much for a need from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Take {
    pub need: usize,
    pub place: usize,
    pub part_id: Uuid,
    pub quantity: i64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Filled {
    pub takes: Vec<Take>,
    /// What all needs lack, each as a share of it: more than any cost.
    pub missing: i128,
    /// The price of substitutes and of what is kept for others.
    pub cost: i128,
    /// So much from each tier, by each need.
    drawn: Vec<(usize, i64)>,
}

impl Filled {
    fn clear(&mut self) {
        self.takes.clear();
        self.drawn.clear();
        (self.missing, self.cost) = (0, 0);
    }
}

/// Everything on offer at a list of places, cheapest first.
pub(super) struct Market {
    tiers: Vec<Tier>,
    /// For each need.
    offers: Vec<Vec<Offer>>,
    wanted: Vec<i64>,
    /// A unit that is missing, for each need.
    missing: Vec<i128>,
    is_shared: bool,
}

impl Market {
    /// Of equal prices the one at an earlier place comes first.
    pub fn new(needs: &[Need], variants: &[Variant], places: &[&Place], rates: &Rates) -> Self {
        let wanted: Vec<i64> = needs.iter().map(|need| need.wanted).collect();
        let per_unit = |seconds: f64, need: usize| (seconds * PER_SECOND) as i128 / i128::from(wanted[need]);
        let (mut tiers, mut offers) = (Vec::new(), vec![Vec::new(); needs.len()]);
        let mut is_shared = false;
        for (place, supplier) in places.iter().enumerate() {
            for shelf in &supplier.shelves {
                let takers = variants.iter().filter(|variant| variant.part_id == shelf.part_id);
                is_shared |= takers.clone().nth(1).is_some();
                let starving_seconds = rates.starving_seconds.max(0.0);
                for (quantity, seconds) in [(shelf.spare, 0.0), (shelf.kept, starving_seconds)] {
                    if quantity <= 0 {
                        continue;
                    }
                    for taker in takers.clone() {
                        let unit_cost = per_unit(taker.penalty_seconds + seconds, taker.need);
                        offers[taker.need].push(Offer { tier: tiers.len(), unit_cost });
                    }
                    tiers.push(Tier { place, part_id: shelf.part_id, quantity });
                }
            }
        }
        offers.iter_mut().for_each(|offers| offers.sort_by_key(|offer| (offer.unit_cost, offer.tier)));
        let missing = (0..needs.len()).map(|need| per_unit(MISSING_SECONDS, need)).collect();
        Self { tiers, offers, wanted, missing, is_shared }
    }

    /// Whether two needs compete for a shelf, which takes longer to settle.
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// The cheapest way from the places that are open.
    pub fn fill(&self, is_open: impl Fn(usize) -> bool, filled: &mut Filled) {
        self.fill_within(is_open, (i128::MAX, i128::MAX), filled);
    }

    /// The same, if it lacks and costs no more than `most`; else false, and what is filled means nothing.
    pub fn fill_within(
        &self,
        is_open: impl Fn(usize) -> bool,
        most: (i128, i128),
        filled: &mut Filled,
    ) -> bool {
        filled.clear();
        self.take_cheapest(&is_open, filled);
        // What suits each need by itself suits all, unless two have taken the same. Then all of them together lack and
        // cost at least as much.
        if self.is_shared && (filled.missing, filled.cost) <= most && self.is_overdrawn(filled) {
            filled.clear();
            self.share_out(&is_open, filled);
        }
        (filled.missing, filled.cost) <= most
    }

    fn is_overdrawn(&self, filled: &Filled) -> bool {
        let of = |tier: usize| filled.drawn.iter().filter(move |(other, _)| *other == tier);
        let sum = |tier| of(tier).fold(0_i64, |sum, (_, quantity)| sum.saturating_add(*quantity));
        filled.drawn.iter().any(|(tier, _)| sum(*tier) > self.tiers[*tier].quantity)
    }

    fn take_cheapest(&self, is_open: &impl Fn(usize) -> bool, filled: &mut Filled) {
        for (need, offers) in self.offers.iter().enumerate() {
            let mut left = self.wanted[need];
            for offer in offers.iter().filter(|offer| is_open(self.tiers[offer.tier].place)) {
                let quantity = left.min(self.tiers[offer.tier].quantity);
                self.add(filled, need, *offer, quantity);
                left -= quantity;
                if left == 0 {
                    break;
                }
            }
            filled.missing += self.missing[need] * i128::from(left);
        }
    }

    fn add(&self, filled: &mut Filled, need: usize, offer: Offer, quantity: i64) {
        let Tier { place, part_id, .. } = self.tiers[offer.tier];
        filled.cost += offer.unit_cost * i128::from(quantity);
        filled.drawn.push((offer.tier, quantity));
        let same = |take: &&mut Take| (take.need, take.place, take.part_id) == (need, place, part_id);
        match filled.takes.iter_mut().find(same) {
            Some(take) => take.quantity += quantity,
            None => filled.takes.push(Take { need, place, part_id, quantity }),
        }
    }

    /// Cheapest augmenting paths, one need after the other.
    fn share_out(&self, is_open: &impl Fn(usize) -> bool, filled: &mut Filled) {
        let open: Vec<bool> = self.tiers.iter().map(|tier| is_open(tier.place)).collect();
        let mut flow = Flow {
            left: self.tiers.iter().map(|tier| tier.quantity).collect(),
            lacking: self.wanted.clone(),
            taken: self.offers.iter().map(|offers| vec![0; offers.len()]).collect(),
        };
        for need in 0..self.offers.len() {
            for _ in 0..MOST_STEPS {
                if flow.lacking[need] == 0 || !flow.augment(self, &open, need) {
                    break;
                }
            }
        }
        for (need, offers) in self.offers.iter().enumerate() {
            for (offer, quantity) in offers.iter().zip(&flow.taken[need]).filter(|(_, taken)| **taken > 0) {
                self.add(filled, need, *offer, *quantity);
            }
            filled.missing += self.missing[need] * i128::from(flow.lacking[need]);
        }
    }
}

/// What needs have taken so far, while they compete.
struct Flow {
    /// Of each tier.
    left: Vec<i64>,
    /// Of each need: what it goes without, which costs too and can be traded for.
    lacking: Vec<i64>,
    /// By need and offer.
    taken: Vec<Vec<i64>>,
}

/// How a need is reached: from another that took from this tier, by these two offers.
#[derive(Clone, Copy)]
struct Via {
    need: usize,
    gets: usize,
    gives: usize,
}

impl Flow {
    /// Moves units along the cheapest path for a need that lacks something; false if going without is no dearer.
    fn augment(&mut self, market: &Market, open: &[bool], need: usize) -> bool {
        let (costs, via) = self.reached(market, open, need);
        // What a path costs, where it ends, and by which offer; no offer: somebody goes without.
        let mut cheapest: Option<(i128, usize, Option<usize>)> = None;
        let mut consider = |cost: i128, end: usize, offer: Option<usize>| {
            if cheapest.is_none_or(|(least, ..)| cost < least) {
                cheapest = Some((cost, end, offer));
            }
        };
        for (end, cost) in costs.iter().enumerate().filter_map(|(end, cost)| Some((end, (*cost)?))) {
            for (index, offer) in market.offers[end].iter().enumerate() {
                if open[offer.tier] && self.left[offer.tier] > 0 {
                    consider(cost + offer.unit_cost, end, Some(index));
                }
            }
            if end != need {
                consider(cost + market.missing[end], end, None);
            }
        }
        let is_gain = |path: &(i128, usize, Option<usize>)| path.0 < market.missing[need];
        let Some((_, end, offer)) = cheapest.filter(is_gain) else { return false };
        self.shift(market, &via, need, end, offer);
        true
    }

    /// The cheapest cost at which each need could be the next to look for something, and from where it is reached.
    fn reached(&self, market: &Market, open: &[bool], from: usize) -> (Vec<Option<i128>>, Vec<Option<Via>>) {
        let count = market.offers.len();
        let (mut costs, mut via) = (vec![None; count], vec![None; count]);
        costs[from] = Some(0);
        for _ in 0..count {
            let mut is_better = false;
            for need in 0..count {
                let Some(so_far) = costs[need] else { continue };
                for (gets, offer) in market.offers[need].iter().enumerate().filter(|(_, o)| open[o.tier]) {
                    for other in (0..count).filter(|other| *other != need) {
                        let held = |(index, held): (usize, &Offer)| {
                            (held.tier == offer.tier && self.taken[other][index] > 0).then_some(index)
                        };
                        let Some(gives) = market.offers[other].iter().enumerate().find_map(held) else {
                            continue;
                        };
                        let cost = so_far + offer.unit_cost - market.offers[other][gives].unit_cost;
                        if other != from && costs[other].is_none_or(|known| cost < known) {
                            (costs[other], via[other]) = (Some(cost), Some(Via { need, gets, gives }));
                            is_better = true;
                        }
                    }
                }
            }
            if !is_better {
                break;
            }
        }
        (costs, via)
    }

    fn shift(&mut self, market: &Market, via: &[Option<Via>], need: usize, end: usize, offer: Option<usize>) {
        let path = |end: usize| {
            let mut at = end;
            std::iter::from_fn(move || {
                let step = via[at]?;
                let reached = at;
                at = step.need;
                Some((reached, step))
            })
            .take(via.len())
        };
        let room = offer.map_or(i64::MAX, |offer| self.left[market.offers[end][offer].tier]);
        let most = path(end).map(|(reached, step)| self.taken[reached][step.gives]).min().unwrap_or(i64::MAX);
        let quantity = room.min(most).min(self.lacking[need]);
        for (reached, step) in path(end) {
            self.taken[reached][step.gives] -= quantity;
            self.taken[step.need][step.gets] += quantity;
        }
        self.lacking[need] -= quantity;
        match offer {
            Some(offer) => {
                self.taken[end][offer] += quantity;
                self.left[market.offers[end][offer].tier] -= quantity;
            }
            None => self.lacking[end] += quantity,
        }
    }
}
