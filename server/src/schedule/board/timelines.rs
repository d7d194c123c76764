//! Everybody's day out of memory: what he is at and what he will do, on the clock. By the routes and journeys that the
//! ranking uses, so that the timeline shows what an assignment would count on.

use db::Timestamp;
use db::types::EngineerId;
use dispatch::{Fresh, Interval, Query, TravelTimes, Verdict};

use super::{Board, Known};
use crate::engineers::Span;
use crate::schedule::in_hand::Work;
use crate::schedule::timelines::{Phase, Timeline, TimelineStop};

/// Timelines, and up to which change they are true.
pub struct Timelines {
    /// The last change that they know.
    pub cursor: i64,
    /// Whether it is everybody, not only those who changed.
    pub whole: bool,
    /// In order of id.
    pub items: Vec<Timeline>,
}

impl Board {
    /// The days of those whose day was touched after the change `since`; of everybody who works here, if that is
    /// absent or memory does not reach so far back. What is done already is not in memory.
    pub fn timelines(&self, since: Option<i64>, now: Timestamp) -> Timelines {
        let known = self.read();
        let since = since.filter(|since| (known.began_at..=known.cursor).contains(since));
        let mut wanted: Vec<EngineerId> = match since {
            Some(since) => known.touched.iter().filter(|(_, at)| **at > since).map(|(id, _)| *id).collect(),
            None => known.roster.ids().map(EngineerId::from_uuid).collect(),
        };
        wanted.sort_unstable();
        let roads = self.travel.roads(known.policies.general.straight_line);
        let items = wanted.into_iter().filter_map(|id| known.timeline(id, now, &roads)).collect();
        Timelines { cursor: known.cursor, whole: since.is_none(), items }
    }

    /// Everybody, whether he works here or not.
    pub fn everybody(&self) -> Vec<EngineerId> {
        self.read().roster.ids().map(EngineerId::from_uuid).collect()
    }

    /// What it would mean for each of them to take the visit.
    pub fn verdicts(&self, query: &Query<'_>, fresh: &Fresh<'_>) -> Vec<Verdict> {
        dispatch::verdicts(&self.read().roster, query, fresh)
    }
}

impl Known {
    fn timeline(&self, id: EngineerId, now: Timestamp, travel: &dyn TravelTimes) -> Option<Timeline> {
        let engineer = self.roster.engineer(id.uuid()).filter(|engineer| engineer.active)?;
        let hand = self.in_hand.of(id);
        let table = |route: &dispatch::Route| {
            self.roster.timetable(id.uuid(), route, now.millis(), &self.policies.general, travel)
        };
        // What is planned for another day is not driven today.
        let off_duty_at = table(&hand.route(|_| false))?.on_duty.map(|duty| at(duty.ends_at));
        let later = |work: &Work| off_duty_at.and_then(|instant| work.planned_from(instant));
        let today = table(&hand.route(|work| later(work).is_none()))?;
        let mut stops: Vec<TimelineStop> = hand.present.map(|work| present(work, now)).into_iter().collect();
        let driven = hand.ahead.iter().filter(|work| later(work).is_none());
        stops.extend(driven.zip(&today.calls).map(|(work, call)| ahead(work, call)));
        stops.extend(hand.ahead.iter().filter_map(|work| Some(planned(work, later(work)?))));
        let spans = |spans: &[Interval]| spans.iter().map(span).collect();
        Some(Timeline {
            engineer_id: id,
            shifts: spans(&engineer.shifts),
            absences: spans(&engineer.absences),
            home_at: today.home_at.map(at),
            stops,
        })
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn span(interval: &Interval) -> Span {
    Span { starts_at: at(interval.starts_at), ends_at: at(interval.ends_at) }
}

fn present(work: &Work, now: Timestamp) -> TimelineStop {
    let ends_at = work.ends_at().unwrap_or(now).max(now);
    stop(work, Phase::Present, (work.since(), ends_at))
}

fn planned(work: &Work, starts_at: Timestamp) -> TimelineStop {
    stop(work, Phase::Later, (starts_at, starts_at.plus_minutes(work.minutes())))
}

fn ahead(work: &Work, call: &dispatch::PlannedCall) -> TimelineStop {
    TimelineStop {
        leaves_at: Some(at(call.leaves_at)),
        arrives_at: Some(at(call.arrives_at)),
        late_percent: call.late_chance.map_or(0, |chance| (chance * 100.0).round() as i64),
        ..stop(work, Phase::Ahead, (at(call.starts_at), at(call.ends_at)))
    }
}

fn stop(work: &Work, phase: Phase, (starts_at, ends_at): (Timestamp, Timestamp)) -> TimelineStop {
    let (ticket_id, number) = work.name();
    let late_minutes = TimelineStop::late_minutes(starts_at, work.due_at());
    TimelineStop {
        ticket_id,
        number,
        phase,
        leaves_at: None,
        arrives_at: None,
        starts_at,
        ends_at,
        late_minutes,
        late_percent: 0,
    }
}
