//! When the stops of a route begin, by the rules of a problem without parts, in which ids are places in the lists
//! ([`Day`](super::day::Day)): what the planner asks of routes that it did not make itself, and what it
//! tells people of those that it did.

use dispatch::Point;
use dispatch::plan::{LONGEST_JOURNEY, PlanBreak, PlanEngineer, PlanTicket, Problem, RequiredSkill, Travel};
use dispatch::travel::{StraightLine, distance_m};

/// A route as it would be driven.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Driven {
    /// Each stop with its start, in seconds from the beginning of the plan.
    pub starts: Vec<(i64, i32)>,
    /// Stops that cannot be begun in time, or not be finished within the shift.
    pub left_out: Vec<i64>,
    /// Seconds on the road, the way home included.
    pub travel_s: i64,
}

/// By its coordinates, and by its row in a matrix.
#[derive(Clone, Copy)]
struct Place {
    point: Point,
    row: usize,
}

impl Place {
    fn site(visit: &PlanTicket) -> Self {
        let point = Point { latitude: visit.lat, longitude: visit.lon };
        Self { point, row: usize::try_from(visit.id).unwrap_or(usize::MAX) }
    }

    fn home(problem: &Problem, engineer: &PlanEngineer) -> Self {
        let number = usize::try_from(engineer.id).unwrap_or(usize::MAX);
        let point = Point { latitude: engineer.lat, longitude: engineer.lon };
        Self { point, row: problem.tickets.len().saturating_add(number) }
    }

    fn start(problem: &Problem, engineer: &PlanEngineer) -> Self {
        let home = Self::home(problem, engineer);
        let latitude = engineer.start_lat.unwrap_or(engineer.lat);
        let longitude = engineer.start_lon.unwrap_or(engineer.lon);
        Self { point: Point { latitude, longitude }, row: engineer.start_row.unwrap_or(home.row) }
    }
}

/// Drives an engineer's stops in this order, and leaves out what does not fit.
pub fn route(problem: &Problem, engineer: &PlanEngineer, stops: &[i64]) -> Driven {
    let way = |from: Place, to: Place| match &problem.travel {
        Travel::Haversine { road_factor, speed_kmh, .. } => {
            let straight = StraightLine { road_factor: *road_factor, speed_kmh: *speed_kmh };
            i64::from(straight.seconds_for(distance_m(from.point, to.point)))
        }
        Travel::Matrix { seconds } => {
            let known = seconds.get(from.row).and_then(|row| row.get(to.row));
            known.map_or(i64::from(LONGEST_JOURNEY), |seconds| i64::from(*seconds))
        }
    };
    let (home, mut place) = (Place::home(problem, engineer), Place::start(problem, engineer));
    let mut free = i64::from(engineer.shift_start_s.max(engineer.available_from_s.unwrap_or(i32::MIN)));
    let mut pause = engineer.pause;
    let mut driven = Driven::default();
    for id in stops {
        let Some(visit) = usize::try_from(*id).ok().and_then(|id| problem.tickets.get(id)) else { continue };
        let site = Place::site(visit);
        let begun = visit.started_at_s.map(i64::from);
        let (arrival, earliest) = (free + way(place, site), i64::from(visit.earliest_s));
        let mut start = begun.unwrap_or_else(|| arrival.max(earliest));
        let mut over = start + i64::from(visit.duration_s);
        // What would not be over when he has to leave waits until he is back.
        let leaves = pause.filter(|pause| begun.is_none() && over > i64::from(pause.latest_s));
        if let Some(pause) = leaves {
            start = rested(&pause, arrival).max(earliest);
            over = start + i64::from(visit.duration_s);
        }
        let untaken = pause.filter(|_| leaves.is_none());
        let home_at = over + way(site, home);
        let in_time = start <= i64::from(visit.latest_start_s.unwrap_or(i32::MAX))
            && untaken.map_or(home_at, |pause| rested(&pause, home_at)) <= i64::from(engineer.shift_end_s)
            && holds(engineer, visit, start, over);
        if begun.is_none() && !in_time {
            driven.left_out.push(*id);
            continue;
        }
        pause = untaken;
        driven.starts.push((*id, i32::try_from(start).unwrap_or(i32::MAX)));
        driven.travel_s += way(place, site);
        (free, place) = (free.max(over), site);
    }
    driven.travel_s += way(place, home);
    driven
}

/// When he is ready, who would arrive at this moment without the break.
fn rested(pause: &PlanBreak, arrival: i64) -> i64 {
    arrival.max(i64::from(pause.earliest_s)) + i64::from(pause.duration_s)
}

/// Whether he holds, at the start and at the end, whatever the visit requires: a certificate may be renewed between.
fn holds(engineer: &PlanEngineer, visit: &PlanTicket, start: i64, over: i64) -> bool {
    let holds_at = |need: &RequiredSkill, at: i64| {
        engineer.certificates.iter().any(|held| {
            held.skill == need.skill
                && held.level >= need.level
                && held.valid_from_s.is_none_or(|from| i64::from(from) <= at)
                && held.valid_until_s.is_none_or(|until| at <= i64::from(until))
        })
    };
    visit.required_skills.iter().all(|need| holds_at(need, start) && holds_at(need, over))
}
