//! What an engineer does from leaving in the morning until he is back, minute by minute.

use std::collections::HashMap;

use super::certificates;
use crate::plan::{
    LONGEST_JOURNEY, PlanBreak, PlanDepot, PlanEngineer, PlanTicket, PlannedRoute, Problem, Travel,
};

/// A driven route.
#[derive(Default)]
pub struct Drive {
    /// When each stop begins.
    pub starts: Vec<i64>,
    /// Seconds on the road.
    pub travel: i64,
    /// How many stops come before the break, of whoever has one.
    pub break_after: Option<usize>,
    pub faults: Vec<String>,
}

/// A ticket and its row in a matrix.
pub type Stop<'p> = (usize, &'p PlanTicket);

/// Drives the stops with the break where the plan says, or else where it does least harm. What is `held` does not begin
/// before the moment that others are there, or have ended.
pub fn best(
    problem: &Problem,
    engineer: (usize, &PlanEngineer),
    stops: &[Stop<'_>],
    plan: &PlannedRoute,
    held: &HashMap<i64, i64>,
) -> Drive {
    let (name, break_after) = (engineer.1.id, plan.break_after);
    let fetches: Vec<Option<&PlanDepot>> = stops.iter().map(|stop| depot(problem, plan, stop)).collect();
    let begun = usize::from(stops.first().is_some_and(|(_, ticket)| ticket.started_at_s.is_some()));
    // Whoever has nothing else to do has his break when he is done.
    let Some(pause) = engineer.1.pause.filter(|_| stops.len() > begun) else {
        let mut drive = drive(problem, engineer, stops, (&fetches, held), None);
        if break_after.is_some_and(|after| after > 0) {
            drive.faults.push(format!("engineer {name} has no break"));
        }
        return drive;
    };
    if break_after.is_some_and(|after| !(begun..=stops.len()).contains(&after)) {
        let faults = vec![format!("engineer {name} cannot have his break there")];
        return Drive { faults, ..Drive::default() };
    }
    let all = break_after.map_or(begun..=stops.len(), |after| after..=after);
    let drives = all.map(|after| drive(problem, engineer, stops, (&fetches, held), Some((after, &pause))));
    let lateness = |drive: &Drive| {
        let late = |(start, (_, ticket)): (&i64, &Stop<'_>)| {
            (start - i64::from(ticket.due_s)).max(0) * i64::from(super::weight(ticket.priority))
        };
        drive.starts.iter().zip(stops).map(late).sum::<i64>()
    };
    drives.min_by_key(|drive| (drive.faults.len(), lateness(drive))).unwrap_or_default()
}

/// Drives the stops, with the break before the stop of this index, or on the way home.
fn drive(
    problem: &Problem,
    (row, engineer): (usize, &PlanEngineer),
    stops: &[Stop<'_>],
    (fetches, held): (&[Option<&PlanDepot>], &HashMap<i64, i64>),
    pause: Option<(usize, &PlanBreak)>,
) -> Drive {
    let name = engineer.id;
    let mut drive = Drive { break_after: pause.map(|(after, _)| after), ..Drive::default() };
    let home = (problem.tickets.len() + row, engineer.lat, engineer.lon);
    let (mut here, mut now) = (start_of(problem, home, engineer), i64::from(engineer.shift_start_s));
    now = now.max(engineer.available_from_s.map_or(i64::MIN, i64::from));
    let mut first = 0;
    if let Some((row, ticket, started)) = stops.first().and_then(begun) {
        drive.starts.push(started);
        (here, first) = ((row, ticket.lat, ticket.lon), 1);
        now = now.max(started + i64::from(ticket.duration_s));
    }
    for i in first..=stops.len() {
        let there = stops.get(i).map_or(home, |(row, ticket)| (*row, ticket.lat, ticket.lon));
        // Whoever is at home already is at home at once, whatever the matrix says.
        let mut travel = if i == stops.len() && here.0 == home.0 { 0 } else { seconds(problem, here, there) };
        if let Some(depot) = fetches.get(i).copied().flatten() {
            // A row that nothing else has, if there is no matrix.
            let at = (depot.row.unwrap_or(usize::MAX), depot.lat, depot.lon);
            travel = seconds(problem, here, at) + seconds(problem, at, there);
        }
        drive.travel += travel;
        let left = now;
        now += travel;
        if let Some((_, pause)) = pause.filter(|(before, _)| *before == i) {
            if left > i64::from(pause.latest_s) {
                drive.faults.push(format!("engineer {name} has his break after {left}, too late"));
            }
            now = now.max(i64::from(pause.earliest_s)) + i64::from(pause.duration_s);
        }
        if let Some((_, ticket)) = stops.get(i) {
            let ready = held.get(&ticket.id).map_or(now, |held| now.max(*held));
            now = certified(engineer, ticket, wanted(ticket).max(ready), &mut drive.faults);
            let latest = ticket.fixed_start_s.or(ticket.latest_start_s).map_or(i64::MAX, i64::from);
            if now > latest {
                drive.faults.push(format!("ticket {} begins at {now}, later than it must", ticket.id));
            }
            drive.starts.push(now);
            now += i64::from(ticket.duration_s);
        }
        here = there;
    }
    if stops.len() > first && now > i64::from(engineer.shift_end_s) {
        drive.faults.push(format!("engineer {name} is back at {now}, after his shift"));
    }
    drive
}

/// The depot at which the plan fetches the parts for this stop.
fn depot<'p>(problem: &'p Problem, plan: &PlannedRoute, stop: &Stop<'_>) -> Option<&'p PlanDepot> {
    let fetch = plan.fetches.iter().find(|fetch| fetch.ticket == stop.1.id)?;
    problem.depots.iter().find(|depot| depot.id == fetch.depot)
}

/// The first stop, if it has begun, and when.
fn begun<'p>(stop: &Stop<'p>) -> Option<(usize, &'p PlanTicket, i64)> {
    stop.1.started_at_s.map(|started| (stop.0, stop.1, i64::from(started)))
}

/// When it is to begin.
fn wanted(ticket: &PlanTicket) -> i64 {
    i64::from(ticket.fixed_start_s.unwrap_or(ticket.earliest_s))
}

/// Where he leaves for his first stop. Places that are neither a ticket nor a home have rows of their own.
fn start_of(problem: &Problem, home: Place, engineer: &PlanEngineer) -> Place {
    match (engineer.start_row, engineer.start_lat.zip(engineer.start_lon)) {
        (Some(row), _) => (row, 0.0, 0.0),
        (None, Some((lat, lon))) => (problem.tickets.len() + problem.engineers.len(), lat, lon),
        (None, None) => home,
    }
}

/// The first moment, not before `ready`, at which he holds each skill until the visit would be over.
fn certified(engineer: &PlanEngineer, ticket: &PlanTicket, ready: i64, faults: &mut Vec<String>) -> i64 {
    let begins = engineer.certificates.iter().filter_map(|c| c.valid_from_s).map(i64::from);
    let mut moments: Vec<i64> = begins.filter(|begin| *begin > ready).collect();
    moments.push(ready);
    moments.sort_unstable();
    let found = moments.into_iter().find(|start| certificates::lacking(engineer, ticket, *start).is_none());
    if found.is_none()
        && let Some((skill, level)) = certificates::lacking(engineer, ticket, ready)
    {
        let (who, what) = (engineer.id, ticket.id);
        faults.push(format!("engineer {who} lacks skill {skill} of level {level} for ticket {what}"));
    }
    found.unwrap_or(ready)
}

/// A place: its row in a matrix, and its coordinates.
type Place = (usize, f64, f64);

fn seconds(problem: &Problem, from: Place, to: Place) -> i64 {
    match &problem.travel {
        Travel::Matrix { seconds } => i64::from(seconds[from.0][to.0]),
        Travel::Haversine { .. } if from.0 == to.0 => 0,
        Travel::Haversine { radius_m, road_factor, speed_kmh, .. } => {
            let (lat1, lat2) = (from.1.to_radians(), to.1.to_radians());
            let across = ((to.2 - from.2).to_radians() / 2.0).sin().powi(2);
            let up = ((lat2 - lat1) / 2.0).sin().powi(2);
            let a = (up + lat1.cos() * lat2.cos() * across).min(1.0);
            let metres = 2.0 * radius_m.unwrap_or(6_371_008.8) * a.sqrt().asin();
            let seconds = (metres * road_factor / (speed_kmh / 3.6) + 0.5).floor() as i64;
            seconds.min(i64::from(LONGEST_JOURNEY))
        }
    }
}
