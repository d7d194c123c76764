//! The best few stops. Places are thinned out twice: by the straight line to the [`NEAR`] that are asked of the road
//! engine, and of these to the [`CANDIDATES`] of which every combination of up to [`STOPS`] is tried. The plain way,
//! nearest place first until nothing is missing, is always tried too, so that no bound makes it worse than that.

use super::fill::{Filled, Market, PER_SECOND, Take};
use super::legs::{Legs, is_allowed};
use super::options::{Options, Place, Stop};
use super::{Allocation, Rates, Shortage, Sourcing, Trip};
use crate::travel::{TravelTimes, chord2, unit_vector};
use uuid::Uuid;

/// So many places are asked of the road engine.
const NEAR: usize = 32;
/// Of so many every combination is tried.
const CANDIDATES: usize = 12;
/// Where two needs compete for a shelf, each combination takes longer.
const SHARED_CANDIDATES: usize = 8;
/// Stops in a combination.
const STOPS: usize = 4;
/// Where so few do not have all, stops are added one by one up to these.
const MOST_STOPS: usize = 16;
/// Journeys are whole seconds, so by way of a stop one may be shorter by as much.
const ROUNDING_SECONDS: u64 = 2;

/// What is missing, then what it costs, then the way, then the stops.
type Key = (i128, i128, u64, usize);

struct Trial {
    key: Key,
    detour_seconds: u64,
    /// In the order in which they are driven to.
    order: Vec<usize>,
    filled: Filled,
}

pub(super) fn best(options: &Options, trip: Trip, rates: &Rates, travel: &dyn TravelTimes) -> Sourcing {
    let aboard = Search::new(options, Vec::new(), trip, rates, travel);
    let alone = aboard.trial(&[]);
    if options.places.is_empty() || (alone.filled.missing, alone.filled.cost) == (0, 0) {
        return aboard.answer(&alone);
    }
    let everywhere: Vec<&Place> = options.places.iter().collect();
    let near = if everywhere.len() <= NEAR {
        everywhere.clone()
    } else {
        let roughly = straight(&everywhere, trip, rates);
        shortlisted(options, &everywhere, &roughly, NEAR).into_iter().map(|place| everywhere[place]).collect()
    };
    let is_all = near.len() == everywhere.len();
    let mut search = Search::new(options, near, trip, rates, travel);
    let best = search.best();
    if best.filled.missing == 0 || is_all {
        return search.answer(&best);
    }
    // Nobody near has enough: the long way, over all places.
    let wide = Search::new(options, everywhere, trip, rates, travel);
    let plain = wide.plain(&[]);
    if plain.key < best.key { wide.answer(&plain) } else { search.answer(&best) }
}

/// Seconds by way of each place, along straight lines in a town: good enough to choose whom to ask about.
fn straight(places: &[&Place], trip: Trip, rates: &Rates) -> Vec<f64> {
    const SECONDS_PER_EARTH_RADIUS: f64 = 6_371_008.8 * 1.3 / (30.0 / 3.6);
    let (from, to) = (unit_vector(trip.from), unit_vector(trip.to));
    let direct = chord2(&from, &to).sqrt();
    let seconds = |place: &&Place| {
        let at = unit_vector(place.point);
        let longer = chord2(&from, &at).sqrt() + chord2(&at, &to).sqrt() - direct;
        longer.max(0.0) * SECONDS_PER_EARTH_RADIUS + place.stop.cost_seconds(rates) as f64
    };
    places.iter().map(seconds).collect()
}

/// The numbers of the best places: in turn the next by way alone and, for each need, the next by way for what it has.
fn shortlisted(options: &Options, places: &[&Place], seconds: &[f64], limit: usize) -> Vec<usize> {
    if places.len() <= limit {
        return (0..places.len()).collect();
    }
    let sorted = |mut list: Vec<(f64, Uuid, usize)>| {
        list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        list.into_iter().map(|(.., place)| place).collect::<Vec<_>>().into_iter()
    };
    let entry = |place: usize, seconds: f64| (seconds, places[place].location_id, place);
    let shares: Vec<Vec<f64>> = places.iter().map(|place| shares(options, place)).collect();
    let plain = (0..places.len()).map(|place| entry(place, seconds[place])).collect();
    let mut lists = vec![sorted(plain)];
    for need in 0..options.needs.len() {
        let suppliers = (0..places.len()).filter(|place| shares[*place][need] > 0.0);
        // A second more, so that also of places on the way the one that has more comes first.
        let by_share = |place: usize| (seconds[place] + 1.0) / shares[place].iter().sum::<f64>();
        lists.push(sorted(suppliers.map(|place| entry(place, by_share(place))).collect()));
    }
    let (mut chosen, mut is_chosen) = (Vec::new(), vec![false; places.len()]);
    while chosen.len() < limit {
        let before = chosen.len();
        for list in &mut lists {
            if let Some(place) = list.find(|place| !is_chosen[*place]).filter(|_| chosen.len() < limit) {
                is_chosen[place] = true;
                chosen.push(place);
            }
        }
        if chosen.len() == before {
            break;
        }
    }
    chosen.sort_unstable();
    chosen
}

/// How much of each need the place could meet, if no other need took it.
fn shares(options: &Options, place: &Place) -> Vec<f64> {
    let mut shares = vec![0.0; options.needs.len()];
    for variant in &options.variants {
        let wanted = options.needs[variant.need].wanted as f64;
        let shelf = place.shelves.iter().find(|shelf| shelf.part_id == variant.part_id);
        let has = shelf.map_or(0.0, |shelf| shelf.spare as f64 + 0.5 * shelf.kept as f64);
        shares[variant.need] = (shares[variant.need] + has / wanted).min(1.0);
    }
    shares
}

struct Search<'a> {
    options: &'a Options,
    rates: &'a Rates,
    legs: Legs<'a>,
    /// Of the van, number 0, and of the places of the legs, from 1.
    market: Market,
    scratch: Filled,
}

impl<'a> Search<'a> {
    fn new(
        options: &'a Options,
        places: Vec<&'a Place>,
        trip: Trip,
        rates: &'a Rates,
        travel: &'a dyn TravelTimes,
    ) -> Self {
        let legs = Legs::new(places, trip, rates, travel);
        let suppliers: Vec<&Place> = [&options.van].into_iter().chain(legs.places.iter().copied()).collect();
        let market = Market::new(&options.needs, &options.variants, &suppliers, rates);
        Self { options, rates, legs, market, scratch: Filled::default() }
    }

    fn best(&mut self) -> Trial {
        let candidates = self.candidates();
        let mut everything = Filled::default();
        self.market.fill(|place| place == 0 || candidates.contains(&(place - 1)), &mut everything);
        let alone = self.trial(&[]);
        // First, since whatever cannot be better than that is not looked at.
        let plain = self.plain(&[]);
        let mut best = if plain.key < alone.key { plain } else { alone };
        self.extend(&candidates, &mut Vec::new(), everything.missing, &mut best);
        let more = self.plain(&best.order);
        if more.key < best.key { more } else { best }
    }

    fn candidates(&self) -> Vec<usize> {
        let limit = if self.market.is_shared() { SHARED_CANDIDATES } else { CANDIDATES };
        let places = &self.legs.places;
        let seconds = |place| (self.legs.single(place) + places[place].stop.cost_seconds(self.rates)) as f64;
        let seconds: Vec<f64> = (0..places.len()).map(seconds).collect();
        shortlisted(self.options, places, &seconds, limit)
    }

    /// Tries every combination that has the chosen ones and more of `rest`. `least_missing`: what all of them lack.
    fn extend(&mut self, rest: &[usize], chosen: &mut Vec<usize>, least_missing: i128, best: &mut Trial) {
        for (index, next) in rest.iter().enumerate() {
            chosen.push(*next);
            if !self.is_hopeless(chosen, least_missing, best) {
                let mut filled = std::mem::take(&mut self.scratch);
                let open = chosen.iter().fold(1_u64, |open, place| open | 2 << place);
                // Only within these it may be better: asking for the best order takes the longest.
                let most = (best.key.0, best.key.1 - self.time_cost(self.at_least_seconds(chosen)));
                let is_open = |place: usize| open & (1 << place) != 0;
                let may_be_better = self.market.fill_within(is_open, most, &mut filled);
                // Also if it is no better: then what has these stops and more takes too long as well.
                let is_perfect = (filled.missing, filled.cost) == (0, 0);
                if may_be_better {
                    let trial = self.judged(chosen, filled);
                    match trial {
                        Ok(trial) if trial.key < best.key => {
                            self.scratch = std::mem::replace(best, trial).filled;
                        }
                        Ok(trial) => self.scratch = trial.filled,
                        Err(filled) => self.scratch = filled,
                    }
                } else {
                    self.scratch = filled;
                }
                if !is_perfect && chosen.len() < STOPS {
                    self.extend(&rest[index + 1..], chosen, least_missing, best);
                }
            }
            chosen.pop();
        }
    }

    /// No combination with these stops can be better: the best lacks no more, and these cost as much already.
    fn is_hopeless(&self, chosen: &[usize], least_missing: i128, best: &Trial) -> bool {
        if best.key.0 > least_missing {
            return false;
        }
        self.time_cost(self.at_least_seconds(chosen)) > best.key.1
    }

    /// No order of them takes less time.
    fn at_least_seconds(&self, chosen: &[usize]) -> u64 {
        let longest = chosen.iter().map(|place| self.legs.single(*place)).max().unwrap_or(0);
        longest.saturating_sub(ROUNDING_SECONDS * STOPS as u64) + self.at_stops(chosen)
    }

    fn at_stops(&self, chosen: &[usize]) -> u64 {
        chosen.iter().map(|place| self.legs.places[*place].stop.cost_seconds(self.rates)).sum()
    }

    fn time_cost(&self, seconds: u64) -> i128 {
        (self.rates.travel_weight.max(0.0) * PER_SECOND) as i128 * i128::from(seconds)
    }

    /// What stopping at these is worth, in the best order; nothing if one of them supplies nothing, or it takes
    /// longer than the policy allows.
    fn judged(&self, chosen: &[usize], filled: Filled) -> Result<Trial, Filled> {
        if !chosen.iter().all(|place| filled.takes.iter().any(|take| take.place == place + 1)) {
            return Err(filled);
        }
        let (detour_seconds, order) = self.legs.best_order(chosen);
        let delays = chosen.iter().map(|place| self.legs.places[*place].stop.delay_seconds(self.rates));
        if !is_allowed(detour_seconds + delays.sum::<u64>(), self.rates) {
            return Err(filled);
        }
        let cost = filled.cost + self.time_cost(detour_seconds + self.at_stops(chosen));
        let key = (filled.missing, cost, detour_seconds, chosen.len());
        Ok(Trial { key, detour_seconds, order, filled })
    }

    /// At these places, without those that supply nothing. They must be allowed.
    fn trial(&self, chosen: &[usize]) -> Trial {
        let mut filled = Filled::default();
        self.market.fill(|place| place == 0 || chosen.contains(&(place - 1)), &mut filled);
        let of_use = |place: &&usize| filled.takes.iter().any(|take| take.place == **place + 1);
        let useful: Vec<usize> = chosen.iter().filter(of_use).copied().collect();
        match self.judged(&useful, filled) {
            Ok(trial) => trial,
            // Only without a stop nothing can be in the way.
            Err(_) => self.trial(&[]),
        }
    }

    /// The nearest place that helps, and again, until nothing is missing.
    fn plain(&self, start: &[usize]) -> Trial {
        let (mut chosen, mut filled) = (start.to_vec(), Filled::default());
        let is_limited = self.rates.max_detour_seconds.is_some();
        let lacks = |chosen: &[usize], filled: &mut Filled| {
            self.market.fill(|place| place == 0 || chosen.contains(&(place - 1)), filled);
            filled.missing
        };
        let mut missing = lacks(&chosen, &mut filled);
        for place in 0..self.legs.places.len() {
            if missing == 0 || chosen.len() >= MOST_STOPS {
                break;
            }
            if chosen.contains(&place) {
                continue;
            }
            chosen.push(place);
            let lacking = lacks(&chosen, &mut filled);
            if lacking < missing && !(is_limited && self.trial(&chosen).filled.missing > lacking) {
                missing = lacking;
            } else {
                chosen.pop();
            }
        }
        chosen.sort_unstable();
        self.trial(&chosen)
    }

    fn answer(&self, best: &Trial) -> Sourcing {
        let position =
            |take: &Take| take.place.checked_sub(1).map(|at| best.order.iter().position(|p| *p == at));
        let mut takes = best.filled.takes.clone();
        takes.sort_by_key(|take| (position(take), take.need));
        let needs = &self.options.needs;
        let place =
            |take: &Take| take.place.checked_sub(1).map_or(&self.options.van, |at| self.legs.places[at]);
        let allocation = |take: &Take| Allocation {
            part_id: take.part_id,
            location_id: place(take).location_id,
            quantity: take.quantity,
            instead_of: (take.part_id != needs[take.need].part_id).then_some(needs[take.need].part_id),
        };
        let available = |need| takes.iter().filter(move |take| take.need == need).map(|take| take.quantity);
        let shortage = |(need, part): (usize, &super::options::Need)| Shortage {
            part_id: part.part_id,
            wanted: part.wanted,
            available: available(need).sum(),
        };
        let shortages = needs.iter().enumerate().map(shortage);
        let stops_of =
            |kind| best.order.iter().filter(|at| self.legs.places[**at].stop == kind).count() as u32;
        Sourcing {
            allocations: takes.iter().map(allocation).collect(),
            shortages: shortages.filter(|short| short.available < short.wanted).collect(),
            stops: best.order.iter().map(|at| self.legs.places[*at].location_id).collect(),
            detour_seconds: u32::try_from(best.detour_seconds).unwrap_or(u32::MAX),
            pickups: stops_of(Stop::Depot),
            meetings: stops_of(Stop::Meeting),
            burden_seconds: (best.filled.cost as f64 / PER_SECOND).round() as u32,
        }
    }
}
