//! Who is on duty on the planned day, from when until when, and when he is away in between.

use db::types::EngineerId;
use db::{Conn, Timestamp};
use dispatch::Interval;
use dispatch::calendar::{Duty, Stretch, current_or_next, next_after, stretch_at};
use dispatch::plan::{PlanBreak, PlanCertificate, PlanEngineer, Problem};

use super::day::{Names, seconds};
use crate::engineers::roster;
use crate::error::Error;
use crate::schedule::Board;
use crate::tickets::{Ticket, TicketStatus};

/// Who comes on duty later than in so many minutes has no part in the plan.
const HORIZON_MINUTES: i64 = 16 * 60;

/// An engineer of the plan.
pub struct Worker {
    /// As the roster knows him.
    pub engineer: dispatch::Engineer,
    /// From when until when he works.
    pub on_duty: Interval,
    /// An absence within that: he is back before his shift is over.
    pub away: Option<Interval>,
    /// When he is on duty again after all that: what he can do then stays with him.
    pub again_at: Option<Timestamp>,
}

/// The engineers' ids, in the order of the plan.
pub fn ids(workers: &[Worker]) -> Vec<EngineerId> {
    workers.iter().map(|worker| EngineerId::from_uuid(worker.engineer.id)).collect()
}

/// Who is on duty now or soon, in order of id.
///
/// # Errors
/// A failure of the database.
pub fn workers(conn: &mut Conn, now: Timestamp) -> Result<Vec<Worker>, Error> {
    let horizon = now.plus_minutes(HORIZON_MINUTES).millis();
    let working = |engineer: dispatch::Engineer| {
        let duty = Duty::new(&engineer.shifts, &engineer.absences);
        let first = current_or_next(duty.present(), now.millis())?;
        let next = next_after(duty.present(), first.starts_at);
        let back = next.filter(|next| same_shift(&duty, first, next));
        let ends_at = back.unwrap_or(first).ends_at;
        let again = match back {
            Some(back) => next_after(duty.present(), back.starts_at),
            None => next,
        };
        let worker = Worker {
            on_duty: Interval { starts_at: first.starts_at, ends_at },
            away: back.map(|back| Interval { starts_at: first.ends_at, ends_at: back.starts_at }),
            again_at: again.map(|next| Timestamp::from_millis(next.starts_at)),
            engineer,
        };
        (worker.engineer.active && worker.on_duty.starts_at < horizon).then_some(worker)
    };
    let mut workers: Vec<Worker> = roster::load(conn, None, now)?.into_iter().filter_map(working).collect();
    workers.sort_by_key(|worker| worker.engineer.id);
    Ok(workers)
}

/// Whether only an absence lies between these two stretches.
fn same_shift(duty: &Duty, one: &Stretch, next: &Stretch) -> bool {
    let shift =
        |stretch: &Stretch| stretch_at(duty.rostered(), stretch.starts_at).map(|shift| shift.starts_at);
    one.must_end && shift(one) == shift(next)
}

impl Worker {
    /// Whether he will do it when he is on duty again: its window opens only then, or it is planned for then.
    pub fn does_it_later(&self, ticket: &Ticket) -> bool {
        let ends_at = Timestamp::from_millis(self.on_duty.ends_at);
        let then = ticket.earliest_at.max(ticket.planned_at.unwrap_or(ticket.earliest_at));
        let ahead = matches!(ticket.status, TicketStatus::Assigned | TicketStatus::Accepted);
        ahead && self.again_at.is_some() && then >= ends_at
    }

    /// As the problem knows him, by his number there.
    pub fn engineer(&self, board: &Board, id: i64, now: Timestamp, skills: &mut Names) -> PlanEngineer {
        let Self { engineer, on_duty, .. } = self;
        let at = |millis| seconds(Timestamp::from_millis(millis), now);
        let place = board.place_of(EngineerId::from_uuid(engineer.id)).unwrap_or(engineer.home);
        let certificate = |c: &dispatch::Certificate| PlanCertificate {
            skill: skills.number(&c.skill),
            level: u32::from(c.level),
            valid_from_s: Some(at(c.valid_from)),
            valid_until_s: c.valid_until.map(at),
        };
        PlanEngineer {
            id,
            lat: engineer.home.latitude,
            lon: engineer.home.longitude,
            certificates: engineer.certificates.iter().map(certificate).collect(),
            start_lat: Some(place.latitude),
            start_lon: Some(place.longitude),
            available_from_s: Some(0),
            shift_start_s: at(on_duty.starts_at),
            shift_end_s: at(on_duty.ends_at).max(at(on_duty.starts_at)),
            capacity: Some(i64::from(engineer.max_load_minutes)),
            pause: self.away.map(|away| between(at(away.starts_at), at(away.ends_at))),
            ..PlanEngineer::default()
        }
    }
}

/// An absence is a break at a fixed time.
fn between(starts_s: i32, ends_s: i32) -> PlanBreak {
    PlanBreak { earliest_s: starts_s, latest_s: starts_s, duration_s: ends_s - starts_s }
}

/// Whoever is at work when his absence begins finishes that first, and is back when he said.
pub fn finish_before_leaving(problem: &mut Problem) {
    for visit in &problem.tickets {
        let holder = visit.pinned_engineer.and_then(|id| usize::try_from(id).ok());
        let engineer = holder.and_then(|place| problem.engineers.get_mut(place));
        if let (Some(begun), Some(engineer)) = (visit.started_at_s, engineer)
            && let Some(away) = engineer.pause
        {
            let (over, back) = (begun.saturating_add(visit.duration_s), away.latest_s + away.duration_s);
            engineer.pause = (over < back).then(|| between(over.max(away.latest_s), back));
        }
    }
}
