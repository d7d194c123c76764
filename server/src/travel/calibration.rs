//! What finished journeys have taught: how long they really take, by area (a tenth of a degree) and hour, beside
//! what was estimated. A journey takes some minutes however short it is (to the car, around the block, to a place to
//! park) and then its share of the estimate: `base + pace * estimate`, fitted by least squares of the relative error,
//! and bent towards "as estimated" as if `PRIOR` journeys had said so. Each hour has a factor on top of that. The
//! same is learned for road times, whose engines know free roads only.
//!
//! No single journey moves anything far: what takes four times as long was no journey, old ones fade, and pace, base
//! and factor have bounds.

use std::collections::HashMap;

use db::schema::travel_speeds;
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;
use dispatch::{Millis, Point};

use crate::error::Error;

/// So many journeys "as estimated" everybody begins with.
const PRIOR: f64 = 20.0;
/// So many seconds of base count as much against the prior as a pace of twice the estimate.
const BASE_SCALE: f64 = 150.0;
/// After so many journeys the old ones count half.
const MEMORY: i64 = 500;
const LONGEST_BASE: f64 = 600.0;
const SLOWEST_PACE: f64 = 4.0;
const LARGEST_FACTOR: f64 = 2.0;
/// How much journeys scatter before any was seen, as a deviation of the logarithm: four of five within a quarter.
const PRIOR_SCATTER: f64 = 0.174;
/// Four of five are within so many deviations.
const FOUR_OF_FIVE: f64 = 1.28;
/// In the table: the whole area, not one of its hours.
const ALL_DAY: i32 = -1;
/// Cells to a degree.
const PER_DEGREE: f64 = 10.0;

/// What a journey is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rod {
    /// The great circle times 1.3 at 30 km/h, whatever the policy says: it must not change under what was learned.
    StraightLine,
    /// The engine's seconds.
    Roads,
}

impl Rod {
    const fn as_str(self) -> &'static str {
        match self {
            Self::StraightLine => "straight_line",
            Self::Roads => "roads",
        }
    }
}

/// A tenth of a degree, by its south-western corner.
pub type Area = (i32, i32);

/// Where a journey begins, as far as its speed goes.
pub fn area(point: Point) -> Area {
    ((point.latitude * PER_DEGREE).floor() as i32, (point.longitude * PER_DEGREE).floor() as i32)
}

/// The hour of the day in UTC, 24 more at weekends.
pub fn band(at: Millis) -> i32 {
    let hours = at.div_euclid(3_600_000);
    let (day, hour) = (hours.div_euclid(24), hours.rem_euclid(24));
    // The epoch began on a Thursday.
    let weekend = day.rem_euclid(7) == 2 || day.rem_euclid(7) == 3;
    hour as i32 + if weekend { 24 } else { 0 }
}

/// Sums over the journeys of an area, weighted by the square of their estimate.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// How many.
    pub journeys: f64,
    weight: f64,
    estimate: f64,
    seconds: f64,
    products: f64,
    /// Squares of the logarithm of what they took over what was expected of them.
    scatter: f64,
}

/// What an estimate becomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    base: f64,
    pace: f64,
    factor: f64,
    /// Share of a journey by which four of five differ at most.
    pub spread: f64,
}

impl Fit {
    /// Seconds for an estimate.
    pub fn seconds(&self, estimate: f64) -> f64 {
        (self.base + self.pace * estimate) * self.factor
    }
}

impl Sums {
    fn fit(&self, prior_pace: f64) -> Fit {
        // Normal equations with a ridge. Each journey's weight times its squared estimate is one, so that `journeys`
        // is the coefficient of the pace.
        let (a, b, c) = (self.weight + PRIOR / BASE_SCALE.powi(2), self.estimate, self.journeys + PRIOR);
        let (p, q) = (self.seconds, self.products + PRIOR * prior_pace);
        let base = ((p * c - b * q) / (a * c - b * b)).clamp(0.0, LONGEST_BASE);
        let pace = ((q - b * base) / c).clamp(prior_pace / SLOWEST_PACE, prior_pace * SLOWEST_PACE);
        let scatter = (self.scatter + PRIOR * PRIOR_SCATTER.powi(2)) / (self.journeys + PRIOR);
        let spread = ((FOUR_OF_FIVE * scatter.sqrt()).exp() - 1.0).clamp(0.05, 1.0);
        Fit { base, pace, factor: 1.0, spread }
    }

    fn add(&mut self, estimate: f64, seconds: f64, expected: f64) {
        // Below a minute relative errors mean nothing.
        let x = estimate.max(60.0);
        let weight = 1.0 / (x * x);
        self.journeys += 1.0;
        self.weight += weight;
        self.estimate += weight * x;
        self.seconds += weight * seconds;
        self.products += weight * x * seconds;
        self.scatter += (seconds / expected).ln().powi(2);
        if self.journeys >= MEMORY as f64 {
            for sum in [
                &mut self.journeys,
                &mut self.weight,
                &mut self.estimate,
                &mut self.seconds,
                &mut self.products,
                &mut self.scatter,
            ] {
                *sum /= 2.0;
            }
        }
    }
}

/// How much longer journeys take at one hour than in the area on the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Hour {
    journeys: f64,
    /// Logarithms of what they took over what the area lets expect.
    logs: f64,
}

impl Hour {
    fn factor(self) -> f64 {
        (self.logs / (self.journeys + PRIOR)).exp().clamp(1.0 / LARGEST_FACTOR, LARGEST_FACTOR)
    }

    fn add(&mut self, log: f64) {
        self.journeys += 1.0;
        self.logs += log;
        if self.journeys >= MEMORY as f64 {
            self.journeys /= 2.0;
            self.logs /= 2.0;
        }
    }
}

/// Everything that was learned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    areas: HashMap<(Rod, Area), Sums>,
    hours: HashMap<(Rod, Area, i32), Hour>,
}

impl Calibration {
    /// Whether nothing was learned yet.
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }

    /// Whether anything was learned of this area.
    pub fn knows(&self, rod: Rod, area: Area) -> bool {
        self.areas.contains_key(&(rod, area))
    }

    /// What to make of an estimate; `prior_pace` is what is thought without any journey.
    pub fn fit(&self, rod: Rod, area: Area, band: i32, prior_pace: f64) -> Fit {
        let fit = self.areas.get(&(rod, area)).copied().unwrap_or_default().fit(prior_pace);
        let factor = self.hours.get(&(rod, area, band)).map_or(1.0, |hour| hour.factor());
        Fit { factor, ..fit }
    }

    /// Takes a journey in; false if it was none.
    pub fn learn(&mut self, rod: Rod, journey: &Journey, prior_pace: f64) -> bool {
        let Journey { area, band, estimate, seconds } = *journey;
        let whole = self.fit(rod, area, ALL_DAY, prior_pace);
        let fit = self.fit(rod, area, band, prior_pace);
        let credible = 1.0 / 4.0..=4.0;
        // Judged by what is thought without any journey: what was learned must not shut out what would correct it.
        if !credible.contains(&(seconds / (prior_pace * estimate + LONGEST_BASE / 4.0))) {
            return false;
        }
        let sums = self.areas.entry((rod, area)).or_default();
        sums.add(estimate, seconds, fit.seconds(estimate));
        let hour = self.hours.entry((rod, area, band)).or_default();
        hour.add((seconds / whole.seconds(estimate)).ln());
        true
    }
}

/// One journey that is over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Journey {
    /// Where it began.
    pub area: Area,
    /// When it began.
    pub band: i32,
    /// Seconds by the rod.
    pub estimate: f64,
    /// Seconds that it took.
    pub seconds: f64,
}

type Row = (String, i32, i32, i32, f64, f64, f64, f64, f64, f64, f64);

fn rod_of(text: &str) -> Option<Rod> {
    [Rod::StraightLine, Rod::Roads].into_iter().find(|rod| rod.as_str() == text)
}

fn put(known: &mut Calibration, row: Row) {
    let (rod, south, west, band, journeys, weight, estimate, seconds, products, scatter, logs) = row;
    let Some(rod) = rod_of(&rod) else { return };
    if band == ALL_DAY {
        let sums = Sums { journeys, weight, estimate, seconds, products, scatter };
        known.areas.insert((rod, (south, west)), sums);
    } else {
        known.hours.insert((rod, (south, west), band), Hour { journeys, logs });
    }
}

/// Everything that was learned.
///
/// # Errors
/// A failure of the database.
pub fn load(conn: &mut Conn) -> Result<Calibration, Error> {
    let mut known = Calibration::default();
    let rows: Vec<Row> = travel_speeds::table.load(conn)?;
    rows.into_iter().for_each(|row| put(&mut known, row));
    Ok(known)
}

/// Takes a journey in, beside what all servers have learned so far; false if it was none.
///
/// # Errors
/// A failure of the database.
pub fn learn(tx: &mut Tx<'_>, rod: Rod, journey: &Journey, prior_pace: f64) -> Result<bool, Error> {
    let (south, west) = journey.area;
    let mut known = Calibration::default();
    let rows: Vec<Row> = travel_speeds::table
        .filter(travel_speeds::rod.eq(rod.as_str()))
        .filter(travel_speeds::south.eq(south))
        .filter(travel_speeds::west.eq(west))
        .filter(travel_speeds::band.eq_any([ALL_DAY, journey.band]))
        .load(tx.conn())?;
    rows.into_iter().for_each(|row| put(&mut known, row));
    if !known.learn(rod, journey, prior_pace) {
        return Ok(false);
    }
    let sums = known.areas.get(&(rod, journey.area)).copied().unwrap_or_default();
    let Sums { journeys, weight, estimate, seconds, products, scatter } = sums;
    write(
        tx,
        (
            rod.as_str().into(),
            south,
            west,
            ALL_DAY,
            journeys,
            weight,
            estimate,
            seconds,
            products,
            scatter,
            0.0,
        ),
    )?;
    let hour = known.hours.get(&(rod, journey.area, journey.band)).copied().unwrap_or_default();
    let zero = 0.0;
    let row = (
        rod.as_str().into(),
        south,
        west,
        journey.band,
        hour.journeys,
        zero,
        zero,
        zero,
        zero,
        zero,
        hour.logs,
    );
    write(tx, row)?;
    Ok(true)
}

fn write(tx: &mut Tx<'_>, row: Row) -> Result<(), Error> {
    let (rod, south, west, band, journeys, weight, estimate, seconds, products, scatter, logs) = row;
    let sums = (
        travel_speeds::journeys.eq(journeys),
        travel_speeds::weight.eq(weight),
        travel_speeds::estimate.eq(estimate),
        travel_speeds::seconds.eq(seconds),
        travel_speeds::products.eq(products),
        travel_speeds::scatter.eq(scatter),
        travel_speeds::logs.eq(logs),
    );
    let place = travel_speeds::table.find((&rod, south, west, band));
    if diesel::update(place).set(sums).execute(tx.conn())? == 0 {
        let place = (
            travel_speeds::rod.eq(&rod),
            travel_speeds::south.eq(south),
            travel_speeds::west.eq(west),
            travel_speeds::band.eq(band),
        );
        diesel::insert_into(travel_speeds::table).values((place, sums)).execute(tx.conn())?;
    }
    Ok(())
}

/// When a journey began, as a band.
pub fn band_of(at: Timestamp) -> i32 {
    band(at.millis())
}

#[cfg(test)]
mod tests {
    use dispatch::StraightLine;
    use dispatch::travel::distance_m;
    use proptest::prelude::*;

    use super::*;

    const HERE: Area = (407, -740);

    fn journey(estimate: f64, seconds: f64) -> Journey {
        Journey { area: HERE, band: 9, estimate, seconds }
    }

    #[test]
    fn without_journeys_everything_is_as_estimated() {
        let fit = Calibration::default().fit(Rod::StraightLine, HERE, 9, 1.0);
        assert_eq!((fit.seconds(600.0), (fit.spread * 100.0).round()), (600.0, 25.0));
    }

    #[test]
    fn base_and_pace_are_found_where_journeys_show_them() {
        let mut known = Calibration::default();
        for i in 0..400_i32 {
            let estimate = 120.0 + f64::from(i % 20) * 60.0;
            assert!(known.learn(Rod::Roads, &journey(estimate, 90.0 + 0.9 * estimate), 1.0));
        }
        let fit = known.fit(Rod::Roads, HERE, 9, 1.0);
        for (estimate, at_most) in [(150.0, 0.12), (600.0, 0.05), (1_200.0, 0.05)] {
            let wrong = fit.seconds(estimate) / (90.0 + 0.9 * estimate) - 1.0;
            assert!(wrong.abs() < at_most, "{estimate}: {wrong}");
        }
        assert!(fit.spread < 0.15, "they hardly scatter: {}", fit.spread);
        assert_eq!(known.fit(Rod::Roads, (0, 0), 9, 1.0).seconds(600.0), 600.0, "elsewhere nothing is known");
    }

    #[test]
    fn rush_hour_is_slower_than_the_rest_of_the_day() {
        let mut known = Calibration::default();
        for _ in 0..200 {
            known.learn(Rod::Roads, &journey(600.0, 900.0), 1.0);
            known.learn(Rod::Roads, &Journey { band: 14, ..journey(600.0, 600.0) }, 1.0);
        }
        let at = |band| known.fit(Rod::Roads, HERE, band, 1.0).seconds(600.0);
        assert!(at(9) > 1.2 * at(14), "{} {}", at(9), at(14));
    }

    #[test]
    fn a_coffee_break_is_no_journey() {
        let mut known = Calibration::default();
        assert!(!known.learn(Rod::StraightLine, &journey(300.0, 4.0 * 3_600.0), 1.0));
        assert!(!known.learn(Rod::StraightLine, &journey(600.0, 5.0), 1.0));
        assert!(known.is_empty());
    }

    proptest! {
        #[test]
        fn no_history_makes_a_journey_absurd(
            all in prop::collection::vec((60.0..7_200.0f64, 1.0..30_000.0f64), 0..700), asked in 60.0..7_200.0f64,
        ) {
            let mut known = Calibration::default();
            for (estimate, seconds) in all {
                known.learn(Rod::StraightLine, &journey(estimate, seconds), 1.0);
            }
            let fit = known.fit(Rod::StraightLine, HERE, 9, 1.0);
            let (least, most) = (asked / 8.0, (asked * 4.0 + 600.0) * 2.0);
            prop_assert!((least..=most).contains(&fit.seconds(asked)), "{fit:?}");
            prop_assert!((0.05..=1.0).contains(&fit.spread));
        }

        #[test]
        fn one_journey_moves_an_estimate_by_little(estimate in 120.0..3_600.0f64, ratio in 0.3..3.5f64) {
            let mut known = Calibration::default();
            known.learn(Rod::StraightLine, &journey(estimate, estimate * ratio), 1.0);
            let now = known.fit(Rod::StraightLine, HERE, 9, 1.0).seconds(estimate);
            prop_assert!((0.75..1.5).contains(&(now / estimate)), "{}", now / estimate);
        }
    }

    #[test]
    fn bands_are_hours_with_weekends_apart() {
        let thursday = 9 * 3_600_000;
        assert_eq!([0, 1, 2, 3, 4].map(|days| band(thursday + days * 86_400_000)), [9, 9, 33, 33, 9]);
    }

    /// Mean relative error in percent over every second recorded pair: of the straight line, and of what the other
    /// pairs make of it.
    fn errors(recorded: &str, column: usize) -> (f64, f64) {
        let mut known = Calibration::default();
        let rod = StraightLine::default();
        let (mut count, mut plain, mut learned) = (0.0, 0.0, 0.0);
        for (i, line) in recorded.lines().skip(1).enumerate() {
            let fields: Vec<f64> = line.split(',').map(|field| field.parse().unwrap_or(f64::NAN)).collect();
            let [from, to] = [0, 2].map(|i| Point { latitude: fields[i], longitude: fields[i + 1] });
            let estimate = distance_m(from, to) * rod.road_factor / (rod.speed_kmh / 3.6);
            let (seconds, area) = (fields[column], area(from));
            if i % 2 == 0 {
                known.learn(Rod::StraightLine, &Journey { area, band: 9, estimate, seconds }, 1.0);
            } else {
                let fit = known.fit(Rod::StraightLine, area, 9, 1.0);
                count += 1.0;
                plain += 100.0 * (estimate / seconds - 1.0).abs();
                learned += 100.0 * (fit.seconds(estimate) / seconds - 1.0).abs();
            }
        }
        (plain / count, learned / count)
    }

    /// The figures of docs/dispatch.md: `cargo test -p server --lib recorded -- --nocapture`.
    #[test]
    fn recorded_journeys_bring_the_straight_line_nearer_to_the_road() {
        let midtown = include_str!("../../tests/data/travel_pairs_midtown.csv");
        let heidelberg = include_str!("../../tests/data/travel_pairs_heidelberg.csv");
        for (name, recorded, column, at_most) in [
            ("Midtown, Valhalla", midtown, 6, 16.0),
            ("Midtown, OSRM", midtown, 7, 17.0),
            ("Heidelberg, Valhalla", heidelberg, 6, 25.5),
        ] {
            let (plain, learned) = errors(recorded, column);
            println!("{name}: {plain:.1} % before, {learned:.1} % after");
            assert!(learned < 0.95 * plain && learned < at_most, "{name}: {plain:.1} {learned:.1}");
        }
    }
}
