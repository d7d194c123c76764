//! Journeys by way of a few places, and the best order of them. Each leg is asked for once, at the time at which he
//! would leave the place if he came to it straight from where he is: exact for one stop, and for more as long as
//! journeys take as long a few minutes later. Nobody is assumed to get somewhere faster by way of somewhere else.

use super::options::Place;
use super::{Rates, Trip};
use crate::travel::TravelTimes;
use std::cell::{Cell, OnceCell};

/// Up to so many stops every order is tried.
const ALL_ORDERS: usize = 4;

/// Up to so many the best order is put together from the best orders of fewer; of more, each stop is put where it is
/// cheapest.
const BEST_ORDER: usize = 8;

/// Not asked for yet.
const UNKNOWN: u64 = u64::MAX;

pub(super) struct Legs<'a> {
    /// The nearest by the way, with the time at the stop, first; ties by id.
    pub places: Vec<&'a Place>,
    trip: Trip,
    travel: &'a dyn TravelTimes,
    direct: u64,
    ways: Vec<Way>,
    between: OnceCell<Vec<Cell<u64>>>,
}

/// From where he is to the place, and on from there, in seconds.
#[derive(Clone, Copy)]
struct Way {
    there: u64,
    onward: u64,
}

impl<'a> Legs<'a> {
    pub fn new(places: Vec<&'a Place>, trip: Trip, rates: &Rates, travel: &'a dyn TravelTimes) -> Self {
        let seconds = |from, to, at| u64::from(travel.travel_seconds(from, to, at));
        let way = |place: &'a Place| {
            let there = seconds(trip.from, place.point, trip.leave_at);
            let onward = seconds(place.point, trip.to, later(trip, there));
            (place, Way { there, onward })
        };
        let mut ways: Vec<_> = places.into_iter().map(way).collect();
        let direct = seconds(trip.from, trip.to, trip.leave_at);
        let longer = |way: &Way| (way.there + way.onward).saturating_sub(direct);
        ways.retain(|(place, way)| is_allowed(longer(way) + place.stop.delay_seconds(rates), rates));
        ways.sort_by_key(|(place, way)| {
            (longer(way) + place.stop.cost_seconds(rates), longer(way), place.location_id)
        });
        let (places, ways) = ways.into_iter().unzip();
        Self { places, trip, travel, direct, ways, between: OnceCell::new() }
    }

    /// How much longer the journey is by way of this place alone.
    pub fn single(&self, place: usize) -> u64 {
        (self.ways[place].there + self.ways[place].onward).saturating_sub(self.direct)
    }

    /// How much longer the journey is by way of all of them, and the order in which it is that.
    pub fn best_order(&self, stops: &[usize]) -> (u64, Vec<usize>) {
        let mut order = stops.to_vec();
        let seconds = match stops {
            [] => return (0, order),
            [one] => return (self.single(*one), order),
            few if few.len() <= ALL_ORDERS => self.of_all_orders(&mut order),
            some if some.len() <= BEST_ORDER => self.put_together(&mut order),
            _ => self.inserted(&mut order),
        };
        (seconds.saturating_sub(self.direct), order)
    }

    /// Whole seconds of the journey in the best order; of equal ones the first in the order of the given.
    fn of_all_orders(&self, order: &mut [usize]) -> u64 {
        let (mut least, mut best, given) = (u64::MAX, [0; ALL_ORDERS], order.len());
        let mut stops = [0; ALL_ORDERS];
        stops[..given].copy_from_slice(order);
        permuted(&mut stops[..given], 0, &mut |stops| {
            let seconds = self.seconds(stops);
            if seconds < least {
                least = seconds;
                best[..given].copy_from_slice(stops);
            }
        });
        order.copy_from_slice(&best[..given]);
        least
    }

    /// For each set of stops and the last of them, the shortest way through the set; each found from smaller sets.
    fn put_together(&self, order: &mut [usize]) -> u64 {
        let (stops, count) = (order.to_vec(), order.len());
        // Seconds, and the stop before the last.
        let mut ways = vec![(u64::MAX, count); count << count];
        for set in 1..1_usize << count {
            for last in (0..count).filter(|last| set & (1 << last) != 0) {
                let before = set ^ (1 << last);
                let through = |from: usize| {
                    let (so_far, _) = ways[before * count + from];
                    (so_far.saturating_add(self.leg(stops[from], stops[last])), from)
                };
                let from = (0..count).filter(|from| before & (1 << from) != 0);
                let first = (self.ways[stops[last]].there, count);
                ways[set * count + last] = from.map(through).min().unwrap_or(first);
            }
        }
        let mut set = (1 << count) - 1;
        let home = |last: usize| (ways[set * count + last].0 + self.ways[stops[last]].onward, last);
        let (seconds, mut last) = (0..count).map(home).min().unwrap_or_default();
        for place in order.iter_mut().rev() {
            *place = stops[last];
            let before = ways[set * count + last].1;
            set ^= 1 << last;
            last = before;
        }
        seconds
    }

    fn inserted(&self, order: &mut Vec<usize>) -> u64 {
        let stops = std::mem::take(order);
        for stop in stops {
            let lengthened = |position: usize| {
                let mut longer = order.clone();
                longer.insert(position, stop);
                self.seconds(&longer)
            };
            let cheapest = (0..=order.len()).min_by_key(|position| lengthened(*position));
            order.insert(cheapest.unwrap_or(0), stop);
        }
        self.seconds(order)
    }

    fn seconds(&self, order: &[usize]) -> u64 {
        let (Some(first), Some(last)) = (order.first(), order.last()) else { return self.direct };
        let legs: u64 = order.windows(2).map(|leg| self.leg(leg[0], leg[1])).sum();
        self.ways[*first].there + legs + self.ways[*last].onward
    }

    fn leg(&self, from: usize, to: usize) -> u64 {
        let count = self.places.len();
        let between = self.between.get_or_init(|| vec![Cell::new(UNKNOWN); count * count]);
        let leg = &between[from * count + to];
        if leg.get() == UNKNOWN {
            let leave_at = later(self.trip, self.ways[from].there);
            leg.set(u64::from(self.travel.travel_seconds(
                self.places[from].point,
                self.places[to].point,
                leave_at,
            )));
        }
        leg.get()
    }
}

/// Whether the policy lets a journey be so much longer, the time at the stops included.
pub(super) fn is_allowed(delay_seconds: u64, rates: &Rates) -> bool {
    rates.max_detour_seconds.is_none_or(|most| delay_seconds <= u64::from(most))
}

fn later(trip: Trip, seconds: u64) -> i64 {
    trip.leave_at.saturating_add(1_000 * i64::try_from(seconds).unwrap_or(i64::MAX / 1_000))
}

/// Every order of what stands from `first` on, beginning with the one that is given.
fn permuted(stops: &mut [usize], first: usize, visit: &mut dyn FnMut(&[usize])) {
    if first + 1 >= stops.len() {
        return visit(stops);
    }
    for next in first..stops.len() {
        stops[first..=next].rotate_right(1);
        permuted(stops, first + 1, visit);
        stops[first..=next].rotate_left(1);
    }
}
