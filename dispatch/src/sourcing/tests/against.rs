//! Beside brute force, which tries every set of stops in every order and every way to hand out every unit; and
//! beside the plain way, nearest place first.

use super::*;

/// What is missing, as shares of the needs, and what the rest costs in seconds.
type Cost = (f64, f64);

/// Journeys are whole seconds, so that passing by a place may look a second or two shorter than not.
const ROUNDING: f64 = 5.0;

fn is_worse(a: Cost, b: Cost) -> bool {
    a.0 > b.0 + 1e-9 || (a.0 > b.0 - 1e-9 && a.1 > b.1 + ROUNDING)
}

/// All orders of all subsets.
fn routes(count: usize) -> Vec<Vec<usize>> {
    let (mut all, mut longest) = (vec![Vec::new()], vec![Vec::new()]);
    for _ in 0..count {
        let longer = |route: &Vec<usize>| {
            let more = (0..count).filter(|stop| !route.contains(stop));
            more.map(|stop| [route.clone(), vec![stop]].concat()).collect::<Vec<_>>()
        };
        longest = longest.iter().flat_map(longer).collect();
        all.extend(longest.iter().cloned());
    }
    all
}

#[derive(Clone, Debug)]
struct Scene {
    needs: Vec<PartQuantity>,
    supply: PartSupply,
    rates: Rates,
}

struct Spot {
    point: Point,
    delay_seconds: u32,
    cost_seconds: u32,
    free: Vec<FreeStock>,
}

impl Scene {
    fn spots(&self) -> Vec<(Uuid, Spot)> {
        let pickup = self.rates.pickup_seconds;
        let depot = |d: &Depot| {
            let free = d.free.clone();
            (d.location_id, Spot { point: d.point, delay_seconds: pickup, cost_seconds: pickup, free })
        };
        let mut spots: Vec<(Uuid, Spot)> = self.supply.depots.iter().map(depot).collect();
        let meeting = self.rates.meeting_seconds;
        let others = self.supply.vans.iter().filter(|(id, van)| **id != ME && van.point.is_some());
        for ((_, van), meeting) in others.filter_map(|other| Some((other, meeting?))) {
            let point = van.point.unwrap_or(TRIP.to);
            let free = van.free.clone();
            let spot = Spot { point, delay_seconds: meeting, cost_seconds: 2 * meeting, free };
            spots.push((van.location_id, spot));
        }
        spots
    }

    /// How much longer by way of these, without the time there.
    fn detour_seconds(&self, points: &[Point]) -> u32 {
        let line = StraightLine::default();
        let all: Vec<Point> =
            [TRIP.from].into_iter().chain(points.iter().copied()).chain([TRIP.to]).collect();
        let seconds: u32 = all.windows(2).map(|leg| line.travel_seconds(leg[0], leg[1], 0)).sum();
        seconds.saturating_sub(line.travel_seconds(TRIP.from, TRIP.to, 0))
    }

    fn brute_force(&self) -> Cost {
        let spots = self.spots();
        let mut best = (f64::MAX, f64::MAX);
        for route in routes(spots.len()) {
            let points: Vec<Point> = route.iter().map(|stop| spots[*stop].1.point).collect();
            let detour = self.detour_seconds(&points);
            let sum =
                |seconds: fn(&Spot) -> u32| route.iter().map(|stop| seconds(&spots[*stop].1)).sum::<u32>();
            let most = self.rates.max_detour_seconds.unwrap_or(u32::MAX);
            if detour + sum(|spot| spot.delay_seconds) > most {
                continue;
            }
            let open = route.iter().map(|stop| &spots[*stop].1.free).chain([&self.supply.vans[&ME].free]);
            let mut tiers: Vec<(Uuid, i64, f64)> =
                open.flatten().flat_map(|stock| self.tiers(stock)).collect();
            let (missing, burden) = self.handed_out(&mut tiers, 0, 0);
            let time = f64::from(detour + sum(|spot| spot.cost_seconds));
            let cost = (missing, burden + self.rates.travel_weight * time);
            if is_worse(best, cost) || (cost.0 <= best.0 + 1e-9 && cost.1 < best.1) {
                best = cost;
            }
        }
        best
    }

    fn tiers(&self, stock: &FreeStock) -> [(Uuid, i64, f64); 2] {
        let spare = (stock.quantity - stock.kept).max(0);
        [
            (stock.part_id, spare, 0.0),
            (stock.part_id, stock.quantity.max(0) - spare, self.rates.starving_seconds),
        ]
    }

    /// The best way to hand out unit after unit.
    fn handed_out(&self, tiers: &mut Vec<(Uuid, i64, f64)>, need: usize, unit: i64) -> Cost {
        let Some(wanted) = self.needs.get(need) else { return (0.0, 0.0) };
        if unit == wanted.quantity {
            return self.handed_out(tiers, need + 1, 0);
        }
        let share = 1.0 / wanted.quantity as f64;
        let (missing, cost) = self.handed_out(tiers, need, unit + 1);
        let mut best = (missing + share, cost);
        for tier in 0..tiers.len() {
            let (part_id, left, starving) = tiers[tier];
            let Some(penalty) = self.penalty(wanted.part_id, part_id).filter(|_| left > 0) else { continue };
            tiers[tier].1 -= 1;
            let (missing, cost) = self.handed_out(tiers, need, unit + 1);
            tiers[tier].1 += 1;
            let with = (missing, cost + share * (penalty + starving));
            if with.0 < best.0 - 1e-9 || (with.0 < best.0 + 1e-9 && with.1 < best.1) {
                best = with;
            }
        }
        best
    }

    fn penalty(&self, wanted: Uuid, part_id: Uuid) -> Option<f64> {
        if wanted == part_id {
            return Some(0.0);
        }
        let fits = |s: &&Substitute| (s.part_id, s.substitute_id) == (wanted, part_id);
        let listed = self.supply.substitutes.iter().filter(fits).map(|s| 60.0 * s.minutes);
        listed.min_by(f64::total_cmp).filter(|_| self.rates.substitutes)
    }

    /// What an answer costs, worked out again from its stops.
    fn cost_of(&self, sourcing: &Sourcing) -> Cost {
        let spots = self.spots();
        let stop = |id: &Uuid| spots.iter().find(|(other, _)| other == id).map(|(_, spot)| spot);
        let stops: Vec<&Spot> = sourcing.stops.iter().filter_map(stop).collect();
        let points: Vec<Point> = stops.iter().map(|spot| spot.point).collect();
        assert_eq!(self.detour_seconds(&points), sourcing.detour_seconds);
        let time = sourcing.detour_seconds + stops.iter().map(|spot| spot.cost_seconds).sum::<u32>();
        let short = sourcing.shortages.iter();
        let missing = short.map(|s| (s.wanted - s.available) as f64 / s.wanted as f64).sum();
        let burden = f64::from(sourcing.burden_seconds);
        (missing, burden + self.rates.travel_weight * f64::from(time))
    }

    fn answer(&self) -> Sourcing {
        source(&self.needs, Some(ME), &self.supply, TRIP, &self.rates, &StraightLine::default())
    }

    /// As it was done before: van, then depots by their own detour.
    fn plain(&self) -> Cost {
        let mut depots: Vec<&Depot> = self.supply.depots.iter().collect();
        depots.sort_by_key(|depot| (self.detour_seconds(&[depot.point]), depot.location_id));
        let mut left = self.needs.clone();
        let mut take = |free: &[FreeStock]| {
            let mut is_used = false;
            for need in &mut left {
                let of_part = free.iter().filter(|stock| stock.part_id == need.part_id);
                let taken = of_part.map(|stock| stock.quantity.max(0)).sum::<i64>().min(need.quantity);
                need.quantity -= taken;
                is_used |= taken > 0;
            }
            is_used
        };
        take(&self.supply.vans[&ME].free);
        let stops: Vec<Point> =
            depots.iter().filter(|depot| take(&depot.free)).map(|depot| depot.point).collect();
        let missing =
            self.needs.iter().zip(&left).map(|(need, left)| left.quantity as f64 / need.quantity as f64);
        let orders = routes(stops.len()).into_iter().filter(|order| order.len() == stops.len());
        let of_order = |order: Vec<usize>| {
            self.detour_seconds(&order.iter().map(|stop| stops[*stop]).collect::<Vec<_>>())
        };
        let detour = orders.map(of_order).min().unwrap_or(0);
        let at_stops = self.rates.pickup_seconds * stops.len() as u32;
        (missing.sum(), self.rates.travel_weight * f64::from(detour + at_stops))
    }
}

prop_compose! {
    fn place()(east in -8i32..20, up in -8i32..8, free in stock()) -> (Point, Vec<FreeStock>) {
        (north(east, up), free)
    }
}

fn stock() -> impl Strategy<Value = Vec<FreeStock>> {
    let of = |id| (-1i64..3, 0i64..2).prop_map(move |(quantity, keep)| kept(id, quantity, keep));
    (of(1), of(2), of(3)).prop_map(|(a, b, c)| vec![a, b, c])
}

prop_compose! {
    fn scene()(
        wanted in (1i64..3, 0i64..3), places in prop::collection::vec(place(), 0..4), van in stock(),
        is_van in prop::collection::vec(any::<bool>(), 4), pairs in prop::collection::vec((1u128..3, 1u128..4), 0..3),
        pickup_seconds in prop::sample::select(vec![0, 300]), meeting in prop::sample::select(vec![None, Some(200)]),
        starving in prop::sample::select(vec![0.0, 900.0, 3_600.0]), substitutes in any::<bool>(),
        max_detour_seconds in prop::sample::select(vec![None, None, Some(1_500)]),
        travel_weight in prop::sample::select(vec![0.0, 1.0, 1.7]),
    ) -> Scene {
        let mut supply = PartSupply::default();
        supply.vans.insert(ME, VanStock { location_id: VAN, free: van, point: Some(TRIP.from) });
        for (id, ((point, free), is_van)) in (0u128..).zip(places.into_iter().zip(is_van)) {
            let location_id = Uuid::from_u128(200 + id);
            if is_van {
                let van = VanStock { location_id, free, point: Some(point) };
                supply.vans.insert(Uuid::from_u128(2_000 + id), van);
            } else {
                supply.depots.push(Depot { location_id, point, free });
            }
        }
        for (n, (of, with)) in (1..).zip(pairs).filter(|(_, (of, with))| of != with) {
            let (part_id, substitute_id) = (Uuid::from_u128(of), Uuid::from_u128(with));
            supply.substitutes.push(Substitute { part_id, substitute_id, minutes: f64::from(n) * 4.0 });
        }
        let needs = [part(1, wanted.0), part(2, wanted.1)].into_iter().filter(|need| need.quantity > 0).collect();
        let rates = Rates {
            travel_weight, pickup_seconds, meeting_seconds: meeting, starving_seconds: starving, substitutes,
            max_detour_seconds,
        };
        Scene { needs, supply, rates }
    }
}

prop_compose! {
    /// Many depots with little, and nothing but depots: what the plain way knows.
    fn plain_scene()(
        wanted in prop::collection::vec(1i64..5, 1..4),
        depots in prop::collection::vec((-20i32..40, -20i32..20, prop::collection::vec(-1i64..4, 3)), 0..7),
        van in prop::collection::vec(-1i64..2, 3), pickup_seconds in prop::sample::select(vec![0, 300]),
    ) -> Scene {
        let free = |free: Vec<i64>| (1..).zip(free).map(|(id, quantity)| kept(id, quantity, 0)).collect();
        let van = VanStock { location_id: VAN, free: free(van), point: None };
        let depot = |(id, (east, up, stock))| {
            Depot { location_id: Uuid::from_u128(id), point: north(east, up), free: free(stock) }
        };
        let supply = PartSupply {
            vans: HashMap::from([(ME, van)]), depots: (200..).zip(depots).map(depot).collect(),
            substitutes: Vec::new(),
        };
        let needs = (1..).zip(wanted).map(|(id, quantity)| part(id, quantity)).collect();
        Scene { needs, supply, rates: Rates { pickup_seconds, ..rates() } }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn nothing_is_better_than_what_is_found(scene in scene()) {
        let (found, best) = (scene.cost_of(&scene.answer()), scene.brute_force());
        prop_assert!(!is_worse(found, best), "{found:?}, yet {best:?}");
        prop_assert!(!is_worse(best, found), "{found:?} cannot be, at best {best:?}");
    }

    #[test]
    fn it_is_never_worse_than_the_nearest_place_first(scene in plain_scene()) {
        let (found, plain) = (scene.cost_of(&scene.answer()), scene.plain());
        prop_assert!(!is_worse(found, plain), "{found:?}, yet {plain:?}");
    }

    #[test]
    fn the_order_in_which_places_are_given_does_not_matter(scene in plain_scene(), by in 0usize..7) {
        let mut turned = scene.supply.clone();
        let by = by % turned.depots.len().max(1);
        turned.depots.rotate_left(by);
        let turned = Scene { supply: turned, needs: scene.needs.clone(), rates: scene.rates };
        prop_assert_eq!(scene.answer(), turned.answer());
    }
}
