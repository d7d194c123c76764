//! Where in a route the break is. It is taken on the way to a stop or home, or while waiting there; on which of these
//! ways is part of the plan. What an insertion costs is worked out with the break between the same two stops, on
//! either side of the new one where that comes between them; once it is made, as after a removal, the best place is
//! looked for, unless the step keeps it where it is ([`Step::keep_pause`](super::solution::Step::keep_pause)).

use super::instance::{Instance, Job};
use super::route::{Insertion, Route, Trial};
use super::shift::{Pause, Shift};

impl Route {
    /// The way on which the break costs least, of a route whose times are those without it. Of several such ways the
    /// first and the last in turn, since what comes next may fit with either.
    pub fn best_pause(&self, pause: &Pause) -> usize {
        let mut best = (i64::MAX, 0);
        for at in (0..self.calls.len()).take_while(|at| self.calls[*at].depart <= pause.latest) {
            match self.paused(pause, at, best.0) {
                Some(cost) if cost < best.0 || (cost == best.0 && self.late_pause) => best = (cost, at),
                _ => {}
            }
        }
        best.1
    }

    /// What the break costs on the way to this stop, if it is allowed there.
    fn paused(&self, pause: &Pause, at: usize, bound: i64) -> Option<i64> {
        let (mut cost, mut ready) = (0, pause.ready(self.calls[at].depart + self.calls[at].leg));
        for (i, job) in self.jobs.iter().enumerate().skip(at) {
            let start = ready.max(job.earliest);
            if start > job.latest {
                return None;
            }
            if start == self.calls[i].start {
                break;
            }
            cost += job.lateness(start) - job.lateness(self.calls[i].start);
            ready = start + job.duration + self.calls.get(i + 1).map_or(0, |call| call.leg);
        }
        (cost <= bound).then_some(cost)
    }

    /// Tries a ticket on the way on which the break is: after it, and before it.
    pub fn beside_pause<D>(
        &self,
        instance: &Instance<'_, D>,
        shift: &Shift,
        job: &Job,
        (position, there, on): (usize, i32, i32),
        best: &mut Insertion,
    ) {
        let Some(pause) = &shift.pause else { return };
        let call = &self.calls[position];
        let detour = there + on - call.leg;
        let rested = pause.ready(call.depart + there).max(job.earliest);
        let tired = (call.depart + there).max(job.earliest);
        let trials = [
            (position, rested, rested + job.duration + on, call.depart),
            (position + 1, tired, pause.ready(tired + job.duration + on), tired + job.duration),
        ];
        for (pause_at, start, ready, leaves) in trials {
            let trial = Trial { position, start, ready, detour };
            if leaves <= pause.latest
                && let Some(delta) = self.tried(instance, shift, job, &trial, best.delta)
            {
                *best = Insertion { delta, position, pause_at, ..*best };
            }
        }
    }
}
