//! How long it takes to find parts among 5,000 places, and to say how likely a first visit suffices:
//! `cargo bench -p dispatch --bench parts`. A square of 60 km; 1,000 depots with 60 of 200 parts, 4,000 vans with 30,
//! one to three of each. Median and 99th percentile of 2,000 questions, each asked five times: the least
//! counts, since others work on the machine too.

#[path = "../tests/all/town.rs"]
#[expect(dead_code, reason = "shared with the tests, of which each uses a part")]
mod town;

use dispatch::{
    Chances, FreeStock, LikelyPart, Outfit, PartQuantity, PartSupply, Point, Policy, Rates, Sourcing,
    StockPlace, StockPlaces, StraightLine, Substitute, Trip, source,
};
use std::hint::black_box;
use std::time::{Duration, Instant};
use town::{Dice, NOW};
use uuid::Uuid;

const DEPOTS: u128 = 1_000;
const VANS: u128 = 4_000;
const PARTS: u64 = 200;
const QUESTIONS: usize = 2_000;

fn main() {
    let mut dice = Dice(11);
    let places: Vec<StockPlace> = (0..DEPOTS + VANS).map(|id| place(id, &mut dice)).collect();
    let substitutes: Vec<Substitute> = (0..PARTS).map(substitute).collect();
    let index = StockPlaces::build(places.clone(), substitutes);
    let depots = Rates::of(&Policy::default());
    let meetings = Rates { meeting_seconds: Some(600), ..depots };
    let substitutes = Rates { substitutes: true, ..meetings };
    for (name, rates, parts, quantity) in [
        ("3 parts, depots", depots, 3, 1),
        ("3 parts, depots and vans", meetings, 3, 1),
        ("3 parts, depots, vans and substitutes", substitutes, 3, 1),
        ("1 part, 20 of it", meetings, 1, 20),
        ("3 parts, 6 of each", meetings, 3, 6),
        ("5 parts, 6 of each", meetings, 5, 6),
    ] {
        let questions: Vec<Question> = (0..QUESTIONS).map(|_| question(parts, quantity, &mut dice)).collect();
        let found = measured(&questions, |asked| asked.answer(&asked.supply(&index, &rates), &rates));
        show(&format!("{name}: by the index"), &found);
        let whole = everywhere(&places);
        let found = measured(&questions[..200], |asked| asked.answer(&whole, &rates));
        show(&format!("{name}: from a list of all"), &found);
        let dearer =
            |asked: &Question| asked.cost(&asked.supply(&index, &rates), &rates) - asked.cost(&whole, &rates);
        let dearer: Vec<f64> = questions[..200].iter().map(dearer).collect();
        let (more, less) = (dearer.iter().filter(|by| **by > 5.0), dearer.iter().filter(|by| **by < -5.0));
        let minutes = dearer.iter().filter(|by| by.abs() < 1e6).sum::<f64>() / 60.0 / dearer.len() as f64;
        println!(
            "{name}: by the index dearer in {}, cheaper in {} of 200, {minutes:.2} min on average",
            more.count(),
            less.count()
        );
    }
    first_visits(&index, 1, meetings, &mut dice);
    first_visits(&index, 20, meetings, &mut dice);
    changes(index, &places, &mut dice);
}

/// One candidate of several near the site: two parts are needed, eight more likely.
fn first_visits(index: &StockPlaces, candidates: u128, rates: Rates, dice: &mut Dice) {
    let policy = Policy { meeting_minutes: Some(10), ..Policy::default() };
    let mut times = Vec::new();
    let mut named = 0;
    for _ in 0..QUESTIONS / 4 {
        let question = question(10, 1, dice);
        let likely = |need: &PartQuantity| LikelyPart {
            part_id: need.part_id,
            probability: 0.3 * dice.unit(),
            quantity: 1,
            expected_quantity: 0.3,
            tickets: 40,
            uses: 10,
            is_edited: false,
        };
        let chances =
            Chances { likely: question.needs.iter().skip(2).map(likely).collect(), ..Chances::default() };
        let near = |n: u128| (Uuid::from_u128(question.engineer + n), near(Some(question.trip.to), dice));
        let engineers: Vec<(Uuid, Point)> = (0..candidates).map(near).collect();
        let supply = index.supply(&question.needs, engineers.clone(), question.trip.to, &rates);
        let asked = Question {
            needs: question.needs[..2].to_vec(),
            trip: question.trip,
            engineer: question.engineer,
        };
        let sourcing = asked.answer(&supply, &rates);
        let outfit = Outfit {
            engineer_id: engineers[0].0,
            is_certified: true,
            needed: &asked.needs,
            sourcing: &sourcing,
            supply: &supply,
            trip: question.trip,
            travel: &StraightLine::default(),
        };
        named += usize::from(chances.of(&outfit, &policy).raise.is_some());
        let once = |_| {
            let began = Instant::now();
            black_box(chances.of(&outfit, &policy));
            began.elapsed()
        };
        times.push((0..5).map(once).min().unwrap_or_default());
    }
    times.sort_unstable();
    let name = format!("first visit of a candidate of {candidates}, eight likely parts");
    show(&name, &(times, QUESTIONS / 4 - named));
}

struct Question {
    needs: Vec<PartQuantity>,
    trip: Trip,
    engineer: u128,
}

impl Question {
    fn supply(&self, index: &StockPlaces, rates: &Rates) -> PartSupply {
        index.supply(&self.needs, [(Uuid::from_u128(self.engineer), self.trip.from)], self.trip.to, rates)
    }

    fn answer(&self, supply: &PartSupply, rates: &Rates) -> Sourcing {
        let engineer = Some(Uuid::from_u128(self.engineer));
        source(&self.needs, engineer, supply, self.trip, rates, &StraightLine::default())
    }
}

impl Question {
    /// Seconds of all that it takes, and far more for what is short.
    fn cost(&self, supply: &PartSupply, rates: &Rates) -> f64 {
        let found = self.answer(supply, rates);
        let short: i64 = found.shortages.iter().map(|short| short.wanted - short.available).sum();
        let seconds = found.delay_seconds(rates) + found.meeting_seconds(rates) + found.burden_seconds;
        1e6 * short as f64 + f64::from(seconds)
    }
}

fn place(id: u128, dice: &mut Dice) -> StockPlace {
    let is_van = id >= DEPOTS;
    let stock = |part| FreeStock {
        part_id: Uuid::from_u128(u128::from(part)),
        quantity: 1 + dice.below(3) as i64,
        kept: dice.below(2) as i64,
    };
    let first = id as u64 * 37;
    let parts = if is_van { 30 } else { 60 };
    let free = (0..parts).map(|n| (first + n * 7) % PARTS).map(stock).collect();
    StockPlace {
        location_id: Uuid::from_u128(1_000_000 + id),
        engineer_id: is_van.then(|| Uuid::from_u128(id)),
        point: Some(dice.point()),
        free,
    }
}

fn substitute(part: u64) -> Substitute {
    let id = |part: u64| Uuid::from_u128(u128::from(part % PARTS));
    Substitute { part_id: id(part), substitute_id: id(part + 1), minutes: 10.0 }
}

fn question(parts: u64, quantity: i64, dice: &mut Dice) -> Question {
    let first = dice.below(PARTS);
    let need = |n| PartQuantity { part_id: Uuid::from_u128(u128::from((first + n) % PARTS)), quantity };
    Question {
        needs: (0..parts).map(need).collect(),
        trip: Trip { from: dice.point(), to: dice.point(), leave_at: NOW },
        engineer: DEPOTS + u128::from(dice.below(VANS as u64)),
    }
}

fn everywhere(places: &[StockPlace]) -> PartSupply {
    let mut supply = PartSupply::default();
    for place in places {
        let (location_id, free) = (place.location_id, place.free.clone());
        match (place.engineer_id, place.point) {
            (Some(engineer), point) => {
                supply.vans.insert(engineer, dispatch::VanStock { location_id, point, free });
            }
            (None, Some(point)) => supply.depots.push(dispatch::Depot { location_id, point, free }),
            (None, None) => {}
        }
    }
    supply
}

/// How long each took, sorted, and how many lacked something.
fn measured(questions: &[Question], ask: impl Fn(&Question) -> Sourcing) -> (Vec<Duration>, usize) {
    let mut short = 0;
    let time = |question: &Question| {
        short += usize::from(!ask(question).shortages.is_empty());
        let once = |_| {
            let began = Instant::now();
            black_box(ask(question));
            began.elapsed()
        };
        (0..5).map(once).min().unwrap_or_default()
    };
    let mut times: Vec<Duration> = questions.iter().map(time).collect();
    times.sort_unstable();
    (times, short)
}

fn show(name: &str, (times, short): &(Vec<Duration>, usize)) {
    let us = |duration: &Duration| duration.as_secs_f64() * 1e6;
    let (median, p99) = (us(&times[times.len() / 2]), us(&times[times.len() * 99 / 100]));
    println!("{name:<62} median {median:>8.1} us, p99 {p99:>8.1} us; short {short} of {}", times.len());
}

/// What it takes to keep the index up to date.
fn changes(mut index: StockPlaces, places: &[StockPlace], dice: &mut Dice) {
    let vans = &places[DEPOTS as usize..];
    let began = Instant::now();
    vans.iter().for_each(|van| index.moved(van.location_id, Some(near(van.point, dice))));
    println!("a van with 30 parts moves: {:.1} us", began.elapsed().as_secs_f64() * 1e6 / vans.len() as f64);
    let began = Instant::now();
    for place in places {
        let quantity = dice.below(3) as i64;
        let part_id = place.free[dice.below(place.free.len() as u64) as usize].part_id;
        index.stocked(place.location_id, FreeStock { part_id, quantity, kept: 0 });
    }
    let each = began.elapsed().as_secs_f64() * 1e6 / places.len() as f64;
    println!("a place has other stock: {each:.2} us");
}

fn near(point: Option<Point>, dice: &mut Dice) -> Point {
    let point = point.unwrap_or(Point { latitude: 0.0, longitude: 0.0 });
    Point { latitude: point.latitude + 0.001 * (dice.unit() - 0.5), ..point }
}
