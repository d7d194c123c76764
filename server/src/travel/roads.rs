//! Journey times for one question, from what is known at that moment. It keeps count of how many were by road, and
//! has those fetched that it missed.

use std::cell::{Cell as Slot, RefCell};
use std::sync::Arc;

use dispatch::travel::distance_m;
use dispatch::{Millis, Point, StraightLine, TravelTimes};

use super::basis::{Times, TravelBasis, Why};
use super::calibration::{Area, Calibration, Fit, Rod, area, band};
use super::cell::Cell;
use super::journeys::{by_rod, prior_pace};
use super::{Road, Travel};

/// Most legs that one question has fetched.
const MOST_MISSED: usize = 20_000;

/// Whose speed is asked for: by what it is measured, where and when.
type Wanted = (Rod, Area, i32);

/// Road times as far as they are known, else straight lines; both as journeys have corrected them.
pub struct Roads<'a> {
    road: Option<&'a Road>,
    is_dead: bool,
    straight: StraightLine,
    prior_pace: f64,
    calibration: Option<Arc<Calibration>>,
    /// The last fit: the next leg mostly wants the same.
    last: Slot<Option<(Wanted, Option<Fit>)>>,
    asked: Slot<u32>,
    by_road: Slot<u32>,
    calibrated: Slot<bool>,
    missed: RefCell<Vec<(Point, Point)>>,
}

impl<'a> Roads<'a> {
    pub(super) fn new(travel: &'a Travel, straight: StraightLine) -> Self {
        Self {
            road: travel.road.as_ref(),
            is_dead: travel.is_dead(),
            straight,
            prior_pace: prior_pace(straight),
            calibration: Some(travel.calibration()).filter(|known| !known.is_empty()),
            last: Slot::new(None),
            asked: Slot::new(0),
            by_road: Slot::new(0),
            calibrated: Slot::new(false),
            missed: RefCell::default(),
        }
    }

    /// What was learned of journeys that begin here at this time; `None` if nothing was.
    fn fit(&self, rod: Rod, from: Point, leave_at: Millis) -> Option<Fit> {
        let calibration = self.calibration.as_ref()?;
        let (area, band) = (area(from), band(leave_at));
        if let Some((_, fit)) = self.last.get().filter(|(wanted, _)| *wanted == (rod, area, band)) {
            return fit;
        }
        let prior_pace = if rod == Rod::Roads { 1.0 } else { self.prior_pace };
        let fit = calibration.knows(rod, area).then(|| calibration.fit(rod, area, band, prior_pace));
        self.last.set(Some(((rod, area, band), fit)));
        fit
    }

    fn by_road(&self, from: Point, to: Point) -> Option<u32> {
        let road = self.road?;
        let (source, target) = (Cell::of(from), Cell::of(to));
        if source == target {
            // Around the corner no engine knows better.
            return None;
        }
        self.asked.set(self.asked.get().saturating_add(1));
        let known = road.known.get(source, target);
        if known.is_none() {
            let mut missed = self.missed.borrow_mut();
            if missed.len() < MOST_MISSED {
                missed.push((from, to));
            }
        }
        let seconds = known.flatten()?;
        self.by_road.set(self.by_road.get().saturating_add(1));
        Some(seconds)
    }

    fn corrected(&self, estimate: f64, fit: Fit) -> u32 {
        self.calibrated.set(true);
        // `as` saturates, so that even a speed of zero gives a number.
        (fit.seconds(estimate) + 0.5).floor() as u32
    }

    /// By which times the question was answered so far; what it missed is fetched for the next one.
    pub fn basis(&self) -> TravelBasis {
        let missed = std::mem::take(&mut *self.missed.borrow_mut());
        let (asked, by_road, calibrated) = (self.asked.get(), self.by_road.get(), self.calibrated.get());
        let Some(road) = self.road else {
            return TravelBasis { calibrated, ..TravelBasis::straight_line(Why::NoEngine) };
        };
        road.wanted.add(missed);
        let why = if self.is_dead { Why::EngineDown } else { Why::NotKnown };
        let (times, why) = match by_road {
            _ if by_road == asked && !(asked == 0 && self.is_dead) => (Times::Roads, None),
            0 => (Times::StraightLine, Some(why)),
            _ => (Times::PartlyRoads, Some(why)),
        };
        TravelBasis { times, why, calibrated, asked, by_road }
    }
}

impl TravelTimes for Roads<'_> {
    fn travel_seconds(&self, from: Point, to: Point, leave_at: Millis) -> u32 {
        if let Some(seconds) = self.by_road(from, to) {
            return match self.fit(Rod::Roads, from, leave_at) {
                Some(fit) => self.corrected(f64::from(seconds), fit),
                None => seconds,
            };
        }
        let metres = distance_m(from, to);
        match self.fit(Rod::StraightLine, from, leave_at) {
            // Whoever is there already does not set out.
            Some(fit) if metres > 1.0 => self.corrected(by_rod(metres), fit),
            _ => self.straight.seconds_for(metres),
        }
    }

    fn spread(&self, from: Point, leave_at: Millis) -> f64 {
        let rod = if self.road.is_some() && !self.is_dead { Rod::Roads } else { Rod::StraightLine };
        self.fit(rod, from, leave_at).map_or(dispatch::travel::SPREAD, |fit| fit.spread)
    }
}
