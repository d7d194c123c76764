//! The function: policy, calendar and events give due times and their derivation.
//!
//! A target is reached at the first instant at which the time that counts, from the opening on and without
//! pauses, is as much as was promised. What comes after that instant cannot move it. Priority, policy and site are
//! those of now, as if they had always been: all pauses are in the events, so none is forgotten.

use crate::Millis;
use crate::calendar::{Calendar, Counted};
use crate::derivation::{Answer, Changed, Outcome, Step, Why};
use crate::events::{self, Event, Hold, Kind};
use crate::fault::Fault;
use crate::policy::{Agreement, Policy, Target, TargetKind, Unit};

/// Both targets, as far as the policy has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock<'a> {
    pub response: Option<Answer<'a>>,
    pub resolution: Option<Answer<'a>>,
}

/// When a ticket's targets are due, with the derivation.
///
/// # Errors
/// Events that contradict each other.
pub fn count<'a>(policy: &Policy, calendar: &Calendar, events: &'a [Event]) -> Result<Clock<'a>, Fault> {
    events::check(events)?;
    let answer = |kind| {
        let target = policy.target(kind)?;
        Some(Counter::new(policy, calendar, kind, target).run(events))
    };
    Ok(Clock { response: answer(TargetKind::Response), resolution: answer(TargetKind::Resolution) })
}

/// When what we agreed on among ourselves is due, each with its derivation, in the policy's order.
///
/// # Errors
/// Events that contradict each other.
pub fn internal<'a>(
    policy: &Policy,
    calendar: &Calendar,
    events: &'a [Event],
) -> Result<Vec<Answer<'a>>, Fault> {
    events::check(events)?;
    let counted =
        |agreement: &Agreement| Counter::new(policy, calendar, agreement.until, agreement.within).run(events);
    Ok(policy.internal.iter().map(counted).collect())
}

/// When so much of a target's time is used up, in percent of it: a warning at 30 % left is due at 70. It is counted
/// as the due time is, so it lies in working time, and pauses move it.
///
/// # Errors
/// Events that contradict each other.
pub fn used_up(
    policy: &Policy,
    calendar: &Calendar,
    events: &[Event],
    kind: TargetKind,
    percent: u8,
) -> Result<Option<Outcome>, Fault> {
    events::check(events)?;
    let Some(target) = policy.target(kind) else { return Ok(None) };
    let mut counter = Counter::new(policy, calendar, kind, target);
    // Of nothing, nobody could say when it is used up.
    let (left, percent) = (counter.left, i64::from(percent.min(100)));
    counter.left = (left / 100 * percent + left % 100 * percent / 100).max(1);
    Ok(Some(counter.run(events).outcome))
}

/// What stops the clock at present. More than one thing may; it goes on when there is none.
#[derive(Default)]
struct Stops<'a> {
    asked: Option<&'a Hold>,
    state: Option<(&'a str, &'a Hold)>,
    met: bool,
}

impl<'a> Stops<'a> {
    fn why(&self) -> Option<Why<'a>> {
        if self.met {
            return Some(Why::Resolved);
        }
        let asked = self.asked.map(|hold| Why::Asked { reason: &hold.reason, note: hold.note.as_deref() });
        asked.or_else(|| {
            self.state.map(|(state, hold)| Why::State {
                state,
                reason: &hold.reason,
                note: hold.note.as_deref(),
            })
        })
    }
}

struct Counter<'p, 'a> {
    policy: &'p Policy,
    calendar: &'p Calendar,
    kind: TargetKind,
    target: Target,
    left: i64,
    /// Since when it runs or stands, and why it stands.
    since: Millis,
    why: Option<Why<'a>>,
    stops: Stops<'a>,
    met_at: Option<Millis>,
    /// Final: nothing that comes later can move it.
    outcome: Option<Outcome>,
    steps: Vec<Step<'a>>,
}

impl<'p, 'a> Counter<'p, 'a> {
    fn new(policy: &'p Policy, calendar: &'p Calendar, kind: TargetKind, target: Target) -> Self {
        Self {
            policy,
            calendar,
            kind,
            target,
            left: target.units(),
            since: 0,
            why: None,
            stops: Stops::default(),
            met_at: None,
            outcome: None,
            steps: Vec::with_capacity(4),
        }
    }

    fn run(mut self, events: &'a [Event]) -> Answer<'a> {
        for event in events {
            // Nobody responds twice: what comes after the response is no matter of this clock.
            if self.kind == TargetKind::Response && self.met_at.is_some() {
                break;
            }
            self.take(event);
        }
        let outcome = match self.outcome {
            Some(outcome) => outcome,
            None => self.last(),
        };
        Answer { target: self.target, outcome, met_at: self.met_at, steps: self.steps }
    }

    fn take(&mut self, event: &'a Event) {
        let at = event.at;
        match &event.kind {
            Kind::Opened => {
                self.since = at;
                self.steps.push(Step::Opened { at, target: self.target });
                if let Some(at) = self.later_start(at) {
                    self.steps.push(Step::CountsFrom { at });
                }
            }
            Kind::State { state, hold } => {
                self.stops.state =
                    self.policy.stops(self.kind, state, hold).then_some((state.as_str(), hold));
            }
            Kind::Paused(hold) => self.stops.asked = Some(hold),
            Kind::Resumed => self.stops.asked = None,
            Kind::Responded => {
                if self.kind == TargetKind::Response {
                    self.met(at);
                }
            }
            Kind::Resolved => {
                // What was solved without a word was also responded to.
                self.met(at);
            }
            Kind::Reopened => {
                if self.kind == TargetKind::Resolution {
                    self.steps.push(Step::Reopened { at });
                    self.met_at = None;
                    self.stops.met = false;
                }
            }
            Kind::Priority(to) => self.changed(at, Changed::Priority, to),
            Kind::Policy(to) => self.changed(at, Changed::Policy, to),
            Kind::Site(to) => self.changed(at, Changed::Site, to),
        }
        let why = self.stops.why();
        if why != self.why {
            self.turn(at, why);
        }
    }

    fn changed(&mut self, at: Millis, what: Changed, to: &'a str) {
        self.steps.push(Step::Changed { at, what, to });
    }

    fn met(&mut self, at: Millis) {
        self.steps.push(Step::Met { at });
        self.met_at = Some(at);
        self.stops.met = true;
    }

    /// The clock stops, goes on, or stands for another reason from here on.
    fn turn(&mut self, at: Millis, why: Option<Why<'a>>) {
        match self.why {
            None => {
                if self.outcome.is_none() {
                    match self.calendar.count(self.target.unit, self.left, self.since, Some(at)) {
                        Counted::Reached(at) => self.outcome = Some(Outcome::Due { at }),
                        Counted::Left(left) => self.left = left,
                        Counted::UnknownYear(year) => self.outcome = Some(Outcome::UnknownYear { year }),
                    }
                }
            }
            Some(why_before) => self.stood(Some(at), why_before, why.is_none()),
        }
        (self.since, self.why) = (at, why);
    }

    /// Notes a pause, also one of no length: somebody will look for it. One that came too late is no reason for
    /// anything.
    fn stood(&mut self, until: Option<Millis>, why: Why<'a>, goes_on: bool) {
        if self.outcome.is_some() {
            return;
        }
        let counted_ms = until.and_then(|until| match self.target.unit {
            Unit::Minutes | Unit::Hours => Some(until - self.since),
            _ => self.calendar.worked(self.since, until),
        });
        let counts_from = until.filter(|_| goes_on).and_then(|until| self.later_start(until));
        self.steps.push(Step::Paused { from: self.since, until, counted_ms, why, counts_from });
    }

    /// When counting begins, if not at once.
    fn later_start(&self, at: Millis) -> Option<Millis> {
        let round_the_clock = matches!(self.target.unit, Unit::Minutes | Unit::Hours);
        let next = if round_the_clock { None } else { self.calendar.next_working(at) };
        next.filter(|next| *next != at)
    }

    /// After the last event: when will it be due, if nothing else happens?
    fn last(&mut self) -> Outcome {
        match self.why {
            // Met: when it would have been due is what it is compared with.
            None | Some(Why::Resolved) => {
                match self.calendar.count(self.target.unit, self.left, self.since, None) {
                    Counted::Reached(at) => Outcome::Due { at },
                    Counted::Left(left) => Outcome::Paused { since: self.since, left },
                    Counted::UnknownYear(year) => Outcome::UnknownYear { year },
                }
            }
            Some(why) => {
                self.stood(None, why, false);
                Outcome::Paused { since: self.since, left: self.left }
            }
        }
    }
}
