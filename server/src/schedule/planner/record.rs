//! What became of the rounds: the last one, and those of late in which something happened. It is kept in memory, by
//! the server that planned; who has had which ticket since when, and by whom, is in the ticket's assignments.

use std::collections::VecDeque;

use actix_web::{get, web};
use db::Timestamp;
use db::types::TicketId;
use serde::Serialize;
use utoipa::ToSchema;

use super::locked;
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::http::page::Page;
use crate::travel::TravelBasis;

/// So many rounds in which something happened are remembered.
const MOST_ROUNDS: usize = 100;

/// What became of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RoundOutcome)]
pub enum Outcome {
    /// Nothing is open, or nobody is on duty.
    NothingToDo,
    /// What is in force is as good, or better by less than moving costs; only planned times may have been corrected.
    Kept,
    /// Visits were moved or given out.
    Published,
    /// The plan was better, but something changed meanwhile or a part would be missing; it is tried again.
    Refused,
    /// The search made a plan that breaks a rule: a fault of ours, and nothing was done.
    Faulty,
    /// The day could not be read or planned; the log says why.
    Failed,
    /// Another server plans.
    Elsewhere,
}

/// Why nobody got anything else to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RoundReason)]
pub enum Why {
    /// No ticket is open that has a place in a plan.
    NothingOpen,
    /// Nobody is on duty, or will be soon.
    NobodyOnDuty,
    /// What was found costs no less than what is in force, with the price of what it would move.
    NothingBetter,
    /// What was found is better, but gives nobody anything else to do: only the order and the times change.
    OnlyTimes,
    /// A ticket was changed while the day was planned.
    ChangedMeanwhile,
    /// A ticket's parts left their shelf while the day was planned.
    PartsHaveLeft,
    /// A rule that the plan does not know excludes the engineer.
    RuleExcludes,
    /// The engineer has as much in hand as he may.
    HandsFull,
    /// A part would be missing that was not missing before.
    PartMissing,
    /// The plan did not pass the proof.
    BreaksARule,
}

impl Why {
    /// Those for which a plan is refused when it is to be published.
    const REFUSALS: [Why; 5] =
        [Why::ChangedMeanwhile, Why::PartsHaveLeft, Why::RuleExcludes, Why::HandsFull, Why::PartMissing];

    /// For people who read the API raw.
    pub fn text(self) -> &'static str {
        match self {
            Why::NothingOpen => "No ticket is open.",
            Why::NobodyOnDuty => "Nobody is on duty.",
            Why::NothingBetter => "Nothing was found that saves more than it moves.",
            Why::OnlyTimes => "Only the order and the times change.",
            Why::ChangedMeanwhile => "It was changed meanwhile.",
            Why::PartsHaveLeft => "Its parts have left their shelf meanwhile.",
            Why::RuleExcludes => "A rule excludes the engineer.",
            Why::HandsFull => "The engineer's hands are full.",
            Why::PartMissing => "A part would be missing.",
            Why::BreaksARule => "The plan breaks a rule.",
        }
    }

    /// The reason behind a refusal.
    pub fn refused_with(detail: &str) -> Option<Self> {
        Self::REFUSALS.into_iter().find(|why| why.text() == detail)
    }
}

/// One round of the planner.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Round {
    /// When the day was read.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
    /// Why nobody got anything else to do; absent if somebody did, and where another server plans.
    pub why: Option<Why>,
    /// The ticket for which the plan was refused.
    pub refused_ticket_id: Option<TicketId>,
    /// Tickets in the plan.
    pub tickets: usize,
    /// Engineers in it.
    pub engineers: usize,
    /// Tickets that nobody can do today, by the plan.
    pub left_out: usize,
    /// Seconds on the road, weighted seconds late, and more, of what was in force; none if that broke a rule.
    pub cost_in_force: Option<f64>,
    /// The same of the plan, with the price of what it moves.
    pub cost: f64,
    /// The price of what the plan moves, in the same seconds: a part of `cost`.
    pub disturbance_s: Option<i64>,
    /// What each visit that changes hands must save, in minutes.
    pub disturbance_minutes: Option<i64>,
    /// Visits that went to another engineer.
    pub moved: usize,
    /// Visits that nobody had.
    pub given_out: usize,
    /// Visits whose planned time was corrected.
    pub retimed: usize,
    /// By which travel times it was planned; absent if nothing was.
    pub travel: Option<TravelBasis>,
}

impl Round {
    pub(super) fn without_plan(at: Timestamp, outcome: Outcome) -> Self {
        Self {
            at,
            outcome,
            why: None,
            refused_ticket_id: None,
            tickets: 0,
            engineers: 0,
            left_out: 0,
            cost_in_force: None,
            cost: 0.0,
            disturbance_s: None,
            disturbance_minutes: None,
            moved: 0,
            given_out: 0,
            retimed: 0,
            travel: None,
        }
    }

    /// Whether it is worth remembering.
    fn is_eventful(&self) -> bool {
        self.retimed > 0 || !matches!(self.outcome, Outcome::NothingToDo | Outcome::Kept | Outcome::Elsewhere)
    }
}

/// The rounds of this server.
#[derive(Debug, Default)]
pub struct Record {
    last: Option<Round>,
    /// The latest first.
    eventful: VecDeque<Round>,
}

impl Record {
    /// Notes a round.
    pub fn add(&mut self, round: Round) {
        if round.is_eventful() {
            self.eventful.truncate(MOST_ROUNDS - 1);
            self.eventful.push_front(round.clone());
        }
        self.last = Some(round);
    }
}

/// The last round of this server's planner.
#[utoipa::path(tag = "dispatch", responses((status = 200, body = Option<Round>)))]
#[get("/dispatch/plan")]
pub async fn last(app: web::Data<App>, _by: By<OFFICE>) -> web::Json<Option<Round>> {
    web::Json(locked(&app.planner.record).last.clone())
}

/// The last hundred rounds of this server's planner in which something happened, the latest first: visits were moved,
/// given out or had their times corrected, or a plan came to nothing. Since the server was started.
#[utoipa::path(tag = "dispatch", responses((status = 200, body = Page<Round>)))]
#[get("/dispatch/plan/rounds")]
pub async fn rounds(app: web::Data<App>, _by: By<OFFICE>) -> web::Json<Page<Round>> {
    web::Json(Page::whole(locked(&app.planner.record).eventful.iter().cloned().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(outcome: Outcome, moved: usize) -> Round {
        Round { moved, ..Round::without_plan(Timestamp::from_millis(0), outcome) }
    }

    #[test]
    fn the_latest_hundred_rounds_in_which_something_happened_are_remembered() {
        let mut record = Record::default();
        for moved in 0..150 {
            record.add(round(Outcome::Published, moved));
            record.add(round(Outcome::Kept, 0));
        }
        let moved: Vec<usize> = record.eventful.iter().map(|round| round.moved).collect();
        assert_eq!(moved, (50..150).rev().collect::<Vec<_>>());
        assert_eq!(record.last.unwrap().outcome, Outcome::Kept);
    }

    #[test]
    fn a_round_that_only_corrected_times_is_remembered_too() {
        let mut record = Record::default();
        record.add(Round { retimed: 1, ..round(Outcome::Kept, 0) });
        assert_eq!(record.eventful.len(), 1);
    }

    #[test]
    fn each_refusal_is_known_by_its_words() {
        for why in Why::REFUSALS {
            assert_eq!(Why::refused_with(why.text()), Some(why));
        }
        assert_eq!(Why::refused_with(Why::NothingOpen.text()), None);
    }
}
