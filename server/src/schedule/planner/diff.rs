//! What a plan changes and what each change is worth: minutes on the road, promises, and whether it is safe to take
//! without looking.

use std::collections::HashMap;

use dispatch::plan::{Plan, Problem};

use super::day::Day;
use super::drive::{self, Driven};

/// The stops of each engineer, by their numbers in the problem.
type Routes = HashMap<i64, Vec<i64>>;

/// A plan as it would be driven.
pub struct Sheet {
    pub routes: Routes,
    starts: HashMap<i64, i32>,
    travel_s: i64,
}

impl Sheet {
    pub fn of(problem: &Problem, plan: &Plan) -> Self {
        let mut sheet = Self { routes: Routes::new(), starts: HashMap::new(), travel_s: 0 };
        let stops: HashMap<i64, &Vec<i64>> = plan.routes.iter().map(|r| (r.engineer, &r.stops)).collect();
        for engineer in &problem.engineers {
            let stops = stops.get(&engineer.id).copied().cloned().unwrap_or_default();
            let driven = drive_of(problem, engineer.id, &stops);
            sheet.travel_s += driven.travel_s;
            sheet.starts.extend(driven.starts);
            sheet.routes.insert(engineer.id, stops);
        }
        sheet
    }

    /// Minutes begun after its due time; none if nobody does it.
    pub fn late_minutes(&self, problem: &Problem, visit: i64) -> Option<i64> {
        let (start, due) =
            (self.starts.get(&visit)?, problem.tickets.get(usize::try_from(visit).ok()?)?.due_s);
        Some(minutes_up(i64::from(*start) - i64::from(due)))
    }

    /// How many promises are kept.
    pub fn kept(&self, problem: &Problem) -> i64 {
        let kept = |visit: &i64| self.late_minutes(problem, *visit) == Some(0);
        i64::try_from(self.starts.keys().filter(|visit| kept(visit)).count()).unwrap_or(i64::MAX)
    }
}

fn minutes_up(seconds: i64) -> i64 {
    (seconds.max(0) + 59) / 60
}

fn drive_of(problem: &Problem, engineer: i64, stops: &[i64]) -> Driven {
    let engineer = usize::try_from(engineer).ok().and_then(|place| problem.engineers.get(place));
    engineer.map_or_else(Driven::default, |engineer| drive::route(problem, engineer, stops))
}

/// Minutes on the road that one plan saves against the other; less than nothing where it costs some.
pub fn travel_won(before: &Sheet, after: &Sheet) -> i64 {
    (before.travel_s - after.travel_s) / 60
}

/// Minutes on the road that giving this visit to another saves: what it cost where it was, less what it costs there.
pub fn travel_won_by(problem: &Problem, before: &Sheet, after: &Sheet, visit: i64) -> i64 {
    let costs = |sheet: &Sheet| {
        let route = sheet
            .routes
            .iter()
            .find(|(_, stops)| sheet.starts.contains_key(&visit) && stops.contains(&visit));
        route.map_or(0, |(engineer, stops)| {
            let without: Vec<i64> = stops.iter().copied().filter(|stop| *stop != visit).collect();
            drive_of(problem, *engineer, stops).travel_s - drive_of(problem, *engineer, &without).travel_s
        })
    };
    (costs(before) - costs(after)) / 60
}

/// Which of these moves (visit, engineer) are safe together: taken one after the other from what is in force, none of
/// them makes any visit begin later after its due time than it would anyway.
pub fn safe(day: &Day, before: &Sheet, moves: &[(i64, i64)]) -> Vec<bool> {
    let mut routes = before.routes.clone();
    moves.iter().map(|(visit, to)| apply(&day.problem, &mut routes, *visit, *to)).collect()
}

/// Moves the visit if that is safe.
fn apply(problem: &Problem, routes: &mut Routes, visit: i64, to: i64) -> bool {
    let from = routes.iter().find(|(_, stops)| stops.contains(&visit)).map(|(engineer, _)| *engineer);
    let target = routes.get(&to).cloned().unwrap_or_default();
    if from == Some(to) || !has_room(problem, to, &target, visit) {
        return false;
    }
    let mut late = late_of(problem, &drive_of(problem, to, &target));
    let left = from.map(|from| {
        let stops = routes.get(&from).cloned().unwrap_or_default();
        late.extend(late_of(problem, &drive_of(problem, from, &stops)));
        (from, stops.into_iter().filter(|stop| *stop != visit).collect::<Vec<i64>>())
    });
    let no_worse = |driven: &Driven| {
        let now = late_of(problem, driven);
        // What nobody does now cannot become worse.
        driven.left_out.iter().all(|stop| !late.contains_key(stop))
            && now.iter().all(|(stop, by)| late.get(stop).is_none_or(|before| by <= before))
    };
    if left.as_ref().is_some_and(|(from, stops)| !no_worse(&drive_of(problem, *from, stops))) {
        return false;
    }
    let best = (0..=target.len())
        .filter_map(|place| {
            let mut stops = target.clone();
            stops.insert(place, visit);
            let driven = drive_of(problem, to, &stops);
            (!driven.left_out.contains(&visit) && is_first_if_begun(problem, &stops) && no_worse(&driven))
                .then_some((driven.travel_s, stops))
        })
        .min();
    let Some((_, stops)) = best else { return false };
    routes.insert(to, stops);
    routes.extend(left);
    true
}

/// Nobody leaves what he has begun for something else.
fn is_first_if_begun(problem: &Problem, stops: &[i64]) -> bool {
    let begun = |stop: &i64| {
        let visit = usize::try_from(*stop).ok().and_then(|place| problem.tickets.get(place));
        visit.is_some_and(|visit| visit.started_at_s.is_some())
    };
    !stops.iter().skip(1).any(begun)
}

fn has_room(problem: &Problem, engineer: i64, stops: &[i64], visit: i64) -> bool {
    let limit = usize::try_from(engineer).ok().and_then(|place| problem.engineers.get(place)?.capacity);
    let load = |stop: &i64| {
        let visit = usize::try_from(*stop).ok().and_then(|place| problem.tickets.get(place));
        visit.and_then(|visit| visit.load).unwrap_or(0)
    };
    limit.is_none_or(|limit| stops.iter().map(load).sum::<i64>() + load(&visit) <= limit)
}

/// Seconds after the due time at which each stop begins.
fn late_of(problem: &Problem, driven: &Driven) -> HashMap<i64, i64> {
    let late = |(stop, start): &(i64, i32)| {
        let due =
            usize::try_from(*stop).ok().and_then(|place| problem.tickets.get(place)).map_or(0, |v| v.due_s);
        (*stop, (i64::from(*start) - i64::from(due)).max(0))
    };
    driven.starts.iter().map(late).collect()
}
