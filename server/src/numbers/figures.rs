//! What is counted, and how. Each count is a rule that holds for a ticket or not, so that whoever sees a number can be
//! shown its tickets: they are those of which the rule holds.

use std::collections::BTreeMap;

use db::types::{EngineerId, MINUTE_MS};
use db::{Timestamp, text_enum};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::Fact;
use crate::confirmations::Satisfaction;
use crate::tickets::TicketStatus;

/// Most causes that are listed.
const TOP: usize = 10;

text_enum! {
    /// A count. Those of the first group count tickets that were opened in the time asked for, the others those whose
    /// work was done in it.
    pub enum Figure {
        /// Opened.
        Opened => "opened",
        /// Opened, and neither done nor cancelled by now.
        StillOpen => "still_open",
        /// Opened, and not done by the time that was promised, which is over.
        Overdue => "overdue",
        /// Opened and cancelled.
        Cancelled => "cancelled",
        /// Opened, and taken up in time.
        ResponseKept => "response_kept",
        /// Opened, and taken up late, or not yet though it is time.
        ResponseMissed => "response_missed",
        /// Done.
        Done => "done",
        /// Done by the time that was promised.
        Kept => "kept",
        /// Done later than promised.
        Missed => "missed",
        /// Done by one visit, and not opened again.
        FirstVisit => "first_visit",
        /// Done by more visits, or opened again.
        MoreVisits => "more_visits",
        /// The customer is content.
        Satisfied => "satisfied",
        /// The customer is neither.
        Neutral => "neutral",
        /// The customer is not content.
        Dissatisfied => "dissatisfied",
    }
}

/// The time asked for, and the present.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// From then.
    pub from: Timestamp,
    /// Until before then.
    pub until: Timestamp,
    /// The server's time.
    pub now: Timestamp,
}

impl Window {
    fn has(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

impl Figure {
    /// Whether the ticket is one of those that are counted.
    pub fn holds(self, fact: &Fact, window: &Window) -> bool {
        let opened = window.has(fact.opened_at);
        let done = fact.done_at.filter(|at| window.has(*at));
        let cancelled = fact.status == TicketStatus::Cancelled;
        let waits = fact.done_at.is_none() && !cancelled;
        let in_time = |due: Option<Timestamp>, done: Timestamp| due.map(|due| done <= due);
        let said = |what| done.is_some() && fact.satisfaction == Some(what);
        match self {
            Self::Opened => opened,
            Self::StillOpen => opened && waits,
            Self::Overdue => opened && waits && fact.due_at.is_some_and(|due| due < window.now),
            Self::Cancelled => opened && cancelled,
            Self::ResponseKept => {
                opened && fact.responded_at.and_then(|at| in_time(fact.response_due_at, at)) == Some(true)
            }
            Self::ResponseMissed => {
                let at = fact.responded_at.or((!cancelled).then_some(window.now));
                opened && at.and_then(|at| in_time(fact.response_due_at, at)) == Some(false)
            }
            Self::Done => done.is_some(),
            Self::Kept => done.and_then(|at| in_time(fact.due_at, at)) == Some(true),
            Self::Missed => done.and_then(|at| in_time(fact.due_at, at)) == Some(false),
            Self::FirstVisit => done.is_some() && fact.at_first_visit(),
            Self::MoreVisits => done.is_some() && !fact.at_first_visit(),
            Self::Satisfied => said(Satisfaction::Satisfied),
            Self::Neutral => said(Satisfaction::Neutral),
            Self::Dissatisfied => said(Satisfaction::Dissatisfied),
        }
    }
}

text_enum! {
    /// How long a step of the trend is.
    pub enum Step {
        /// A day.
        Day => "day",
        /// A week, from Monday.
        Week => "week",
        /// A month.
        Month => "month",
    }
}

/// How long something takes, in minutes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = NumberSpread)]
pub struct Spread {
    /// Of so many tickets.
    pub count: usize,
    /// On average.
    pub mean: Option<f64>,
    /// Half of them take no longer.
    pub median: Option<f64>,
    /// Nine of ten take no longer.
    pub p90: Option<f64>,
}

impl Spread {
    fn of(mut millis: Vec<i64>) -> Self {
        millis.sort_unstable();
        let minutes = |ms: i64| ms as f64 / MINUTE_MS as f64;
        // The smallest value that so many per cent do not exceed.
        let at = |percent: usize| {
            let rank = (millis.len() * percent).div_ceil(100).max(1);
            millis.get(rank - 1).copied().map(minutes)
        };
        let mean = millis.iter().copied().map(minutes).sum::<f64>() / millis.len() as f64;
        Self {
            count: millis.len(),
            mean: Some(mean).filter(|mean| mean.is_finite()),
            median: at(50),
            p90: at(90),
        }
    }
}

/// One step of the trend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NumberTrendPoint)]
pub struct TrendPoint {
    /// When it begins.
    pub starts_at: Timestamp,
    /// Tickets opened in it.
    pub opened: usize,
    /// Done in it.
    pub done: usize,
    /// Of these, later than promised.
    pub missed: usize,
}

/// Tickets that have something in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NumberGroup)]
pub struct Group {
    /// What it is; empty if nobody said.
    pub name: String,
    /// Tickets opened.
    pub opened: usize,
    /// Done.
    pub done: usize,
    /// Of these, later than promised.
    pub missed: usize,
}

/// What one engineer did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EngineerNumbers {
    /// Who.
    pub engineer_id: EngineerId,
    /// Tickets done.
    pub done: usize,
    /// Of these, by the first visit.
    pub first_visit: usize,
    /// Later than promised.
    pub missed: usize,
    /// Minutes of his own work, also on tickets that another one finished.
    pub worked_minutes: i64,
}

/// Everything that is counted.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Numbers {
    /// Each figure, by its name.
    pub figures: BTreeMap<String, usize>,
    /// From the opening until somebody took it up, of tickets opened.
    pub first_response: Spread,
    /// From the opening until the work was done, pauses counted, of tickets done.
    pub resolution: Spread,
    /// In order of time, none left out.
    pub trend: Vec<TrendPoint>,
    /// By kind of work.
    pub kinds: Vec<Group>,
    /// By way in.
    pub channels: Vec<Group>,
    /// By priority.
    pub priorities: Vec<Group>,
    /// The ten most frequent symptoms.
    pub causes: Vec<Group>,
    /// Who did what, most work first. Who did nothing is not among them.
    pub engineers: Vec<EngineerNumbers>,
    /// How evenly the work lay on those who did some: 1 if all worked as long, 1/n if one did everything (Jain's
    /// index of their minutes).
    pub fairness: Option<f64>,
}

/// Counts these tickets; the trend in this zone.
pub fn count(facts: &[Fact], window: &Window, step: Step, zone: &TimeZone) -> Numbers {
    let number = |figure: &Figure| {
        (figure.as_str().to_owned(), facts.iter().filter(|fact| figure.holds(fact, window)).count())
    };
    let responses = facts.iter().filter(|fact| Figure::Opened.holds(fact, window));
    let responses = responses.filter_map(|fact| Some(fact.responded_at?.millis() - fact.opened_at.millis()));
    let resolutions = facts.iter().filter(|fact| Figure::Done.holds(fact, window));
    let resolutions = resolutions.filter_map(|fact| Some(fact.done_at?.millis() - fact.opened_at.millis()));
    let mut causes = groups(facts, window, |fact| fact.symptom.clone());
    causes.truncate(TOP);
    let engineers = engineers(facts, window);
    Numbers {
        figures: Figure::ALL.iter().map(number).collect(),
        first_response: Spread::of(responses.collect()),
        resolution: Spread::of(resolutions.collect()),
        trend: trend(facts, window, step, zone),
        kinds: groups(facts, window, |fact| fact.kind.clone()),
        channels: groups(facts, window, |fact| fact.channel.clone()),
        priorities: groups(facts, window, |fact| fact.priority.to_string()),
        causes,
        fairness: fairness(&engineers),
        engineers,
    }
}

/// The tickets by something that they have in common, most opened first.
fn groups(facts: &[Fact], window: &Window, name: impl Fn(&Fact) -> String) -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for fact in facts {
        let name = name(fact);
        let group = groups.entry(name.clone()).or_insert(Group { name, opened: 0, done: 0, missed: 0 });
        group.opened += usize::from(Figure::Opened.holds(fact, window));
        group.done += usize::from(Figure::Done.holds(fact, window));
        group.missed += usize::from(Figure::Missed.holds(fact, window));
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse((group.opened, group.done)));
    groups
}

fn engineers(facts: &[Fact], window: &Window) -> Vec<EngineerNumbers> {
    let mut engineers: BTreeMap<EngineerId, EngineerNumbers> = BTreeMap::new();
    let mut worked_ms: BTreeMap<EngineerId, i64> = BTreeMap::new();
    let none =
        |engineer_id| EngineerNumbers { engineer_id, done: 0, first_visit: 0, missed: 0, worked_minutes: 0 };
    for fact in facts.iter().filter(|fact| Figure::Done.holds(fact, window)) {
        for (who, ms) in &fact.work {
            *worked_ms.entry(*who).or_default() += ms;
        }
        let Some(engineer_id) = fact.engineer_id else { continue };
        let his = engineers.entry(engineer_id).or_insert_with(|| none(engineer_id));
        his.done += 1;
        his.first_visit += usize::from(fact.at_first_visit());
        his.missed += usize::from(Figure::Missed.holds(fact, window));
    }
    for (who, ms) in worked_ms {
        engineers.entry(who).or_insert_with(|| none(who)).worked_minutes = ms / MINUTE_MS;
    }
    let mut engineers: Vec<EngineerNumbers> = engineers.into_values().collect();
    engineers.sort_by_key(|his| std::cmp::Reverse((his.worked_minutes, his.done)));
    engineers
}

/// Jain, Chiu and Hawe, "A quantitative measure of fairness" (1984).
fn fairness(engineers: &[EngineerNumbers]) -> Option<f64> {
    let minutes = || engineers.iter().map(|his| his.worked_minutes as f64);
    let (sum, squares) = (minutes().sum::<f64>(), minutes().map(|x| x * x).sum::<f64>());
    (squares > 0.0).then(|| sum * sum / (engineers.len() as f64 * squares))
}

fn trend(facts: &[Fact], window: &Window, step: Step, zone: &TimeZone) -> Vec<TrendPoint> {
    let mut points = empty_trend(window, step, zone);
    let mut add = |at: Timestamp, count: fn(&mut TrendPoint)| {
        let index = points.partition_point(|point| point.starts_at <= at);
        // The first step may have begun before the time asked for.
        if let Some(point) = points.get_mut(index.saturating_sub(1)) {
            count(point);
        }
    };
    for fact in facts {
        if Figure::Opened.holds(fact, window) {
            add(fact.opened_at, |point| point.opened += 1);
        }
        if let Some(at) = fact.done_at.filter(|_| Figure::Done.holds(fact, window)) {
            add(at, |point| point.done += 1);
            if Figure::Missed.holds(fact, window) {
                add(at, |point| point.missed += 1);
            }
        }
    }
    points
}

/// Every step that has something of the window, with nothing counted.
fn empty_trend(window: &Window, step: Step, zone: &TimeZone) -> Vec<TrendPoint> {
    let Ok(first) = jiff::Timestamp::from_millisecond(window.from.millis()) else { return Vec::new() };
    let mut day = begin(zone.to_datetime(first).date(), step);
    let mut points = Vec::new();
    while let Ok(midnight) = day.to_zoned(zone.clone()) {
        let starts_at = Timestamp::from_millis(midnight.timestamp().as_millisecond());
        if starts_at >= window.until {
            break;
        }
        points.push(TrendPoint { starts_at, opened: 0, done: 0, missed: 0 });
        let next = match step {
            Step::Day => day.checked_add(1.day()),
            Step::Week => day.checked_add(1.week()),
            Step::Month => day.checked_add(1.month()),
        };
        let Ok(next) = next else { break };
        day = next;
    }
    points
}

/// The first day of the step that this day is in.
fn begin(day: Date, step: Step) -> Date {
    match step {
        Step::Day => day,
        Step::Week => {
            let since_monday = i32::from(day.weekday().to_monday_zero_offset());
            day.checked_sub(since_monday.days()).unwrap_or(day)
        }
        Step::Month => day.first_of_month(),
    }
}

#[cfg(test)]
mod tests;
