//! What a dispatcher hears while he still holds a ticket in his hand: of everybody, whether he may take it, and what
//! that costs him and those who wait behind it. By the same cases, rules and insertions as the ranking, so that no row
//! of a board promises what the assignment then refuses.

use super::{Fresh, Shortlisted, look};
use crate::case::Hand;
use crate::index::Roster;
use crate::problem::{MS_PER_MINUTE, Millis};
use crate::query::Query;
use crate::route::{Slip, slips};
use crate::rules::{Fact, Rule, first_broken};
use crate::score::{Minutes, terms, total};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What it would mean that he takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verdict {
    pub engineer_id: Uuid,
    pub grade: Grade,
    /// What it costs; absent if a rule forbids it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// The rule that forbids it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// What breaks that rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fact: Option<Fact>,
}

/// In one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VerdictGrade)]
pub enum Grade {
    /// Nobody pays for it but with time on the road.
    Fits,
    /// A promise is broken, or is broken by more; somebody works longer than his shift; or parts are missing.
    Costs,
    /// A rule excludes him.
    Forbidden,
}

/// What it costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Price {
    /// When he would begin.
    pub starts_at: Millis,
    /// Longer on the road, the way home included; less than nothing where the way through the site is shorter.
    pub travel_minutes: i64,
    /// So long past its own promise it would begin.
    pub late_minutes: i64,
    /// What he has promised to others and would break, or break by more; the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slips: Vec<Slip>,
    /// So much longer than his shift he would work.
    pub overtime_minutes: i64,
    /// So many of the needed parts could not be had.
    pub missing_parts: i64,
    /// What the ranking orders by; the lowest is best.
    pub score_minutes: Minutes,
}

impl Price {
    fn grade(&self) -> Grade {
        let is_kept = self.late_minutes == 0 && self.slips.is_empty();
        let is_free = is_kept && self.overtime_minutes == 0 && self.missing_parts == 0;
        if is_free { Grade::Fits } else { Grade::Costs }
    }
}

/// Of everybody who works here, in order of id.
pub fn verdicts(roster: &Roster, query: &Query, fresh: &Fresh) -> Vec<Verdict> {
    let mut ids: Vec<Uuid> = roster.ids().collect();
    ids.sort_unstable();
    ids.into_iter().filter_map(|id| verdict(roster, query, fresh, id)).collect()
}

fn verdict(roster: &Roster, query: &Query, fresh: &Fresh, engineer_id: Uuid) -> Option<Verdict> {
    let seat = roster.seat_of(engineer_id)?;
    if !seat.profile.engineer.active {
        return None;
    }
    let case = roster.case_of(query, engineer_id)?;
    // Most are excluded by what memory knows, before anybody looks for parts and places.
    if let Some(rule) = first_broken(&case) {
        return Some(Verdict::forbidden(engineer_id, rule, rule.fact(&case)));
    }
    let candidate = Shortlisted::new(seat, case.distance_m);
    let looked = look(&candidate, query, fresh);
    let case = &looked.case;
    if let Some(rule) = first_broken(case) {
        return Some(Verdict::forbidden(engineer_id, rule, rule.fact(case)));
    }
    let (travel_ms, overtime_ms) = match case.hand {
        Hand::Place(insertion) => (insertion.travel_ms, insertion.overtime_ms),
        _ => (case.road_ms(), 0),
    };
    let slips = match (case.hand, fresh.route_of(&candidate)) {
        (Hand::Place(insertion), Some(route)) => slips(
            query,
            &candidate.profile,
            candidate.place,
            route,
            &insertion,
            case.detour_seconds,
            fresh.travel,
        ),
        _ => Vec::new(),
    };
    let starts_at = case.start()?.start_at;
    let familiarity = fresh.familiarity.and_then(|all| all.get(&engineer_id)).copied().unwrap_or_default();
    let late_ms = query.visit.due_at.map_or(0, |due_at| starts_at.saturating_sub(due_at));
    let price = Price {
        starts_at,
        travel_minutes: nearest_minute(travel_ms),
        late_minutes: minutes_begun(late_ms),
        slips,
        overtime_minutes: minutes_begun(overtime_ms),
        missing_parts: i64::try_from(looked.sourcing.shortages.len()).unwrap_or(i64::MAX),
        score_minutes: total(&terms(case, &looked.sourcing, familiarity)),
    };
    Some(Verdict { engineer_id, grade: price.grade(), price: Some(price), rule: None, fact: None })
}

impl Verdict {
    fn forbidden(engineer_id: Uuid, rule: Rule, fact: Fact) -> Self {
        Self { engineer_id, grade: Grade::Forbidden, price: None, rule: Some(rule), fact: Some(fact) }
    }
}

fn nearest_minute(ms: Millis) -> i64 {
    (ms as f64 / MS_PER_MINUTE as f64).round() as i64
}

/// A promise that is broken by a second is broken.
fn minutes_begun(ms: Millis) -> i64 {
    ms.max(0).saturating_add(MS_PER_MINUTE - 1) / MS_PER_MINUTE
}

#[cfg(test)]
mod tests;
