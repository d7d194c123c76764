//! Where the borders are: halved again and again, across the longer side, at another place in each round.

use crate::plan::{PlanEngineer, PlanTicket};

/// Tickets and engineers of a sector, at most; few in tests, so that small problems have several.
const TICKETS: usize = if cfg!(test) { 8 } else { 2_000 };
const ENGINEERS: usize = if cfg!(test) { 3 } else { 1_000 };
/// How much is on the near side of a border, in each round.
const CUTS: [f64; 3] = [0.5, 0.38, 0.62];

/// What is not divided.
pub struct Unit {
    pub engineers: Vec<usize>,
    pub tickets: Vec<usize>,
    /// Latitude and longitude.
    place: [f64; 2],
}

impl Unit {
    /// An engineer where he begins.
    pub fn of(engineer: usize, person: &PlanEngineer) -> Self {
        let place = [person.start_lat.unwrap_or(person.lat), person.start_lon.unwrap_or(person.lon)];
        Self { engineers: vec![engineer], tickets: Vec::new(), place }
    }

    /// A ticket that nobody has.
    pub fn alone(ticket: usize, visit: &PlanTicket) -> Self {
        Self { engineers: Vec::new(), tickets: vec![ticket], place: [visit.lat, visit.lon] }
    }

    /// Nothing, where another unit has taken it in.
    pub fn empty() -> Self {
        Self { engineers: Vec::new(), tickets: Vec::new(), place: [0.0; 2] }
    }

    /// Together from now on.
    pub fn join(&mut self, other: &mut Self) {
        self.engineers.append(&mut other.engineers);
        self.tickets.append(&mut other.tickets);
    }

    /// To the middle of these places, if there are any.
    pub fn move_to(&mut self, places: impl Iterator<Item = (f64, f64)>) {
        let (mut sum, mut count) = ([0.0, 0.0], 0.0);
        for (lat, lon) in places {
            sum = [sum[0] + lat, sum[1] + lon];
            count += 1.0;
        }
        if count > 0.0 {
            self.place = [sum[0] / count, sum[1] / count];
        }
    }
}

/// The sectors of a round.
pub fn split(units: Vec<Unit>, round: usize) -> Vec<Vec<Unit>> {
    let (mut sectors, mut rest) = (Vec::new(), vec![units]);
    while let Some(mut units) = rest.pop() {
        let tickets: usize = units.iter().map(|unit| unit.tickets.len()).sum();
        let engineers: usize = units.iter().map(|unit| unit.engineers.len()).sum();
        if units.len() < 2 || (tickets <= TICKETS && engineers <= ENGINEERS) {
            sectors.push(units);
            continue;
        }
        let axis = longer(&units);
        let cut = CUTS[round % CUTS.len()] * units.len() as f64;
        let cut = (cut as usize).clamp(1, units.len() - 1);
        units.select_nth_unstable_by(cut, |one, other| one.place[axis].total_cmp(&other.place[axis]));
        let far = units.split_off(cut);
        rest.extend([far, units]);
    }
    sectors
}

/// 0 if it is longer from south to north, 1 if from west to east.
fn longer(units: &[Unit]) -> usize {
    let side = |axis: usize| {
        let places = || units.iter().map(|unit| unit.place[axis]);
        places().fold(f64::MIN, f64::max) - places().fold(f64::MAX, f64::min)
    };
    let across = side(1) * units[0].place[0].to_radians().cos();
    usize::from(across > side(0))
}
