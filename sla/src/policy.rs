//! What was promised: targets, and what stops their clocks. Which policy a ticket has, [`crate::table`] says.

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::events::Hold;
use crate::fault::{Problem, SpecFault, SpecFaults};

/// A minute in milliseconds.
pub const MINUTE: Millis = 60_000;
/// What a business day counts, whatever its length. See [`Unit::BusinessDays`].
pub const BUSINESS_DAY: i64 = 86_400_000;
/// Ten years: what is promised later is a slip of the keyboard.
pub const MOST_MINUTES: i64 = 10 * 366 * 24 * 60;
/// Business days in ten years, at most.
pub const MOST_DAYS: i64 = 10 * 366;
/// Rules about pauses in one policy.
pub const MOST_PAUSES: usize = 100;
/// Agreements among ourselves in one policy.
pub const MOST_AGREEMENTS: usize = 10;
/// Characters of an agreement's name.
pub const LONGEST_NAME: usize = 200;

/// What a target is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Round the clock. No calendar is asked.
    Minutes,
    /// Round the clock.
    Hours,
    /// Of the calendar's working time.
    BusinessMinutes,
    /// Of the calendar's working time.
    BusinessHours,
    /// A day on which the calendar has working time is one, long or short; of a day that is begun, the share of
    /// its working time counts. Where days are alike, that is the same time of day, so many working days later.
    BusinessDays,
}

/// How long something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub amount: u32,
    pub unit: Unit,
}

impl Target {
    /// In milliseconds, or in shares of [`BUSINESS_DAY`].
    pub(crate) fn units(self) -> i64 {
        let amount = i64::from(self.amount);
        match self.unit {
            Unit::Minutes | Unit::BusinessMinutes => amount * MINUTE,
            Unit::Hours | Unit::BusinessHours => amount * 60 * MINUTE,
            Unit::BusinessDays => amount * BUSINESS_DAY,
        }
    }

    fn check(self, field: &str, faults: &mut Vec<SpecFault>) {
        let most = match self.unit {
            Unit::Minutes | Unit::BusinessMinutes => MOST_MINUTES,
            Unit::Hours | Unit::BusinessHours => MOST_MINUTES / 60,
            Unit::BusinessDays => MOST_DAYS,
        };
        if !(1..=most).contains(&i64::from(self.amount)) {
            faults.push(SpecFault::new(format!("{field}.amount"), Problem::OutOfRange(1, most)));
        }
    }
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    Response,
    Resolution,
}

/// A state in which the clock stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseRule {
    pub state: String,
    /// For these reasons alone; for every one, and without, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Which clocks it stops.
    #[serde(default = "both")]
    pub targets: Vec<TargetKind>,
}

fn both() -> Vec<TargetKind> {
    vec![TargetKind::Response, TargetKind::Resolution]
}

/// What we agree on among ourselves, beside what the customer was promised: that the group has taken a ticket up after
/// so long, that it is solved a day before it has to be. It is counted by the same rules, and moves no due time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Who agreed on what: `Hydraulics accepts`.
    pub name: String,
    /// What it waits for.
    pub until: TargetKind,
    pub within: Target,
}

/// The promise for one kind of ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Until somebody has taken it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Target>,
    /// Until it is solved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Target>,
    /// States that stop the clock. A pause that somebody asked for ([`crate::Kind::Paused`]) stops it always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<PauseRule>,
    /// Internal agreements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub internal: Vec<Agreement>,
}

impl Policy {
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self) -> Result<(), SpecFaults> {
        let mut faults = Vec::new();
        check_targets("", self.response, self.resolution, &mut faults);
        check_pauses(&self.pauses, &mut faults);
        check_agreements("", &self.internal, &mut faults);
        SpecFaults::none(faults)
    }

    pub(crate) fn target(&self, kind: TargetKind) -> Option<Target> {
        match kind {
            TargetKind::Response => self.response,
            TargetKind::Resolution => self.resolution,
        }
    }

    /// Whether a calendar has any say in its due times: one of the targets is counted in working time.
    pub fn asks_calendar(&self) -> bool {
        let of_calendar = |target: Target| !matches!(target.unit, Unit::Minutes | Unit::Hours);
        let agreed = self.internal.iter().map(|agreement| agreement.within);
        [self.response, self.resolution].into_iter().flatten().chain(agreed).any(of_calendar)
    }

    pub(crate) fn stops(&self, kind: TargetKind, state: &str, hold: &Hold) -> bool {
        self.pauses.iter().any(|rule| {
            let reason = rule.reasons.is_empty() || rule.reasons.contains(&hold.reason);
            rule.state == state && reason && rule.targets.contains(&kind)
        })
    }
}

/// `prefix` ends in a dot if it is not empty.
pub(crate) fn check_targets(
    prefix: &str,
    response: Option<Target>,
    resolution: Option<Target>,
    faults: &mut Vec<SpecFault>,
) {
    if let Some(target) = response {
        target.check(&format!("{prefix}response"), faults);
    }
    if let Some(target) = resolution {
        target.check(&format!("{prefix}resolution"), faults);
    }
    match (response, resolution) {
        (None, None) => {
            let field = if prefix.is_empty() { "response" } else { prefix.trim_end_matches('.') };
            faults.push(SpecFault::new(field, Problem::PromisesNothing));
        }
        // Of different units neither is surely the longer one.
        (Some(first), Some(last)) if same_measure(first.unit, last.unit) && first.units() > last.units() => {
            faults.push(SpecFault::new(format!("{prefix}response"), Problem::ResponseAfterResolution));
        }
        _ => {}
    }
}

/// `prefix` ends in a dot if it is not empty.
pub(crate) fn check_agreements(prefix: &str, internal: &[Agreement], faults: &mut Vec<SpecFault>) {
    let field = format!("{prefix}internal");
    if internal.len() > MOST_AGREEMENTS {
        faults.push(SpecFault::new(field.as_str(), Problem::TooMany(internal.len(), MOST_AGREEMENTS)));
        return;
    }
    for (index, agreement) in internal.iter().enumerate() {
        let at = format!("{field}[{index}]");
        let long = agreement.name.chars().count();
        if agreement.name.trim().is_empty() {
            faults.push(SpecFault::new(format!("{at}.name"), Problem::Empty));
        } else if long > LONGEST_NAME {
            faults.push(SpecFault::new(format!("{at}.name"), Problem::TooLong(long, LONGEST_NAME)));
        }
        if internal[..index].iter().any(|other| other.name == agreement.name) {
            faults.push(SpecFault::new(format!("{at}.name"), Problem::Twice));
        }
        agreement.within.check(&format!("{at}.within"), faults);
    }
}

pub(crate) fn check_pauses(pauses: &[PauseRule], faults: &mut Vec<SpecFault>) {
    if pauses.len() > MOST_PAUSES {
        faults.push(SpecFault::new("pauses", Problem::TooMany(pauses.len(), MOST_PAUSES)));
    }
    for (index, rule) in pauses.iter().enumerate() {
        if rule.state.is_empty() {
            faults.push(SpecFault::new(format!("pauses[{index}].state"), Problem::Empty));
        }
        if rule.targets.is_empty() {
            faults.push(SpecFault::new(format!("pauses[{index}].targets"), Problem::StopsNothing));
        }
    }
}

fn same_measure(one: Unit, other: Unit) -> bool {
    let measure = |unit| match unit {
        Unit::Minutes | Unit::Hours => 0,
        Unit::BusinessMinutes | Unit::BusinessHours => 1,
        Unit::BusinessDays => 2,
    };
    measure(one) == measure(other)
}
