//! What breaks a rule, with the numbers and dates in it, so that a screen can say it in any language.
//! `Display` says it in English, for logs and for people who read the API raw.

use super::Rule;
use crate::problem::Millis;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// What breaks a rule; `rule` tells which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Fact {
    Inactive,
    ExcludedByCustomer,
    /// `skills`: all that he lacks.
    SkillMissing {
        skills: Vec<String>,
    },
    /// `held_level`: the highest that he has.
    CertificateLevel {
        skill: String,
        held_level: u8,
        required_level: u8,
    },
    /// `valid_until`: the last of them to end.
    CertificateExpired {
        skill: String,
        number: String,
        valid_until: Millis,
        visit_ends_at: Millis,
    },
    /// `valid_from`: the first of them to begin.
    CertificateNotYetValid {
        skill: String,
        number: String,
        valid_from: Millis,
        visit_starts_at: Millis,
    },
    /// `next_shift_at`: the first shift to begin after now. `shift_ends_at`: the end of the present
    /// shift, before which he cannot begin. `in_hand_minutes`: the work that he would do first.
    OffShift {
        next_shift_at: Option<Millis>,
        shift_ends_at: Option<Millis>,
        in_hand_minutes: u32,
    },
    /// `back_at`: when he could begin after all.
    Absent {
        starts_at: Millis,
        ends_at: Millis,
        back_at: Option<Millis>,
    },
    /// `start_at`: when he could begin.
    WindowMissed {
        start_at: Option<Millis>,
        latest_at: Millis,
    },
    TooFar {
        distance_m: u32,
        max_distance_m: u32,
    },
    Workload {
        in_hand_minutes: u32,
        expected_minutes: u32,
        max_minutes: u32,
    },
    /// `tickets`: what he has in hand. `shift_ends_at`: the end of the shift in which he would do them.
    RouteFull {
        tickets: u32,
        shift_ends_at: Option<Millis>,
    },
    /// Probabilities from 0 to 1. `part_id`: the part that would raise it most, by `gain`, if one is to be had.
    FirstVisitUnlikely {
        probability: f64,
        least_probability: f64,
        part_id: Option<Uuid>,
        gain: f64,
    },
}

impl Fact {
    pub fn rule(&self) -> Rule {
        match self {
            Fact::Inactive => Rule::Inactive,
            Fact::ExcludedByCustomer => Rule::ExcludedByCustomer,
            Fact::SkillMissing { .. } => Rule::SkillMissing,
            Fact::CertificateLevel { .. } => Rule::CertificateLevel,
            Fact::CertificateExpired { .. } => Rule::CertificateExpired,
            Fact::CertificateNotYetValid { .. } => Rule::CertificateNotYetValid,
            Fact::OffShift { .. } => Rule::OffShift,
            Fact::Absent { .. } => Rule::Absent,
            Fact::WindowMissed { .. } => Rule::WindowMissed,
            Fact::TooFar { .. } => Rule::TooFar,
            Fact::Workload { .. } => Rule::Workload,
            Fact::RouteFull { .. } => Rule::RouteFull,
            Fact::FirstVisitUnlikely { .. } => Rule::FirstVisitUnlikely,
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Inactive => write!(f, "is not active"),
            Fact::ExcludedByCustomer => write!(f, "is not wanted by the customer"),
            Fact::SkillMissing { skills } => write!(f, "holds no certificate for {}", skills.join(", ")),
            Fact::CertificateLevel { skill, held_level, required_level } => {
                write!(f, "holds {skill} at level {held_level}, level {required_level} is required")
            }
            Fact::CertificateExpired { skill, number, valid_until, visit_ends_at } => {
                let (until, end) = (At(*valid_until), At(*visit_ends_at));
                write!(f, "{skill} certificate {number} ends on {until}, the visit on {end}")
            }
            Fact::CertificateNotYetValid { skill, number, valid_from, visit_starts_at } => {
                let (from, start) = (At(*valid_from), At(*visit_starts_at));
                write!(f, "{skill} certificate {number} begins on {from}, the visit on {start}")
            }
            Fact::OffShift { next_shift_at, shift_ends_at, in_hand_minutes } => {
                match shift_ends_at {
                    Some(end) => write!(f, "cannot begin before the shift ends at {}", At(*end))?,
                    None => write!(f, "is off shift")?,
                }
                if *in_hand_minutes > 0 {
                    write!(f, ", with {in_hand_minutes} min in hand")?;
                }
                match next_shift_at {
                    Some(next) => write!(f, "; the next shift begins at {}", At(*next)),
                    None => write!(f, "; no further shift is known"),
                }
            }
            Fact::Absent { starts_at, ends_at, .. } => {
                write!(f, "is absent from {} to {}", At(*starts_at), At(*ends_at))
            }
            Fact::WindowMissed { start_at: Some(start), latest_at } => {
                write!(f, "could begin at {}, the window closes at {}", At(*start), At(*latest_at))
            }
            Fact::WindowMissed { start_at: None, latest_at } => {
                write!(f, "cannot begin before the window closes at {}", At(*latest_at))
            }
            Fact::TooFar { distance_m, max_distance_m } => {
                write!(f, "is {:.1} km away, the limit is {:.1} km", km(*distance_m), km(*max_distance_m))
            }
            Fact::Workload { in_hand_minutes, expected_minutes, max_minutes } => {
                write!(
                    f,
                    "has {in_hand_minutes} min in hand; with {expected_minutes} more it would be over "
                )?;
                write!(f, "the limit of {max_minutes}")
            }
            Fact::RouteFull { tickets, shift_ends_at } => {
                write!(f, "has no place for it between the {tickets} tickets in hand")?;
                match shift_ends_at {
                    Some(end) => write!(f, " before the shift ends at {}", At(*end)),
                    None => Ok(()),
                }
            }
            Fact::FirstVisitUnlikely { probability, least_probability, part_id, gain } => {
                let percent = |share: f64| (100.0 * share).round();
                let (likely, least) = (percent(*probability), percent(*least_probability));
                write!(f, "would fix it at the first visit in {likely} % of cases, {least} % are asked for")?;
                match part_id {
                    Some(part) => write!(f, "; {} points more with part {part}", percent(*gain)),
                    None => Ok(()),
                }
            }
        }
    }
}

fn km(metres: u32) -> f64 {
    f64::from(metres) / 1_000.0
}

/// An instant as people write it, in UTC.
pub(crate) struct At(pub Millis);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{}", instant.strftime("%Y-%m-%d %H:%M UTC")),
            // Beyond the year 9999: certificates "without end" look like this.
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Millis = 1_772_366_400_000;

    #[test]
    fn facts_read_as_plain_english() {
        let expired = Fact::CertificateExpired {
            skill: "LIFT-B".into(),
            number: "4711".into(),
            valid_until: NOON,
            visit_ends_at: NOON + 3_600_000,
        };
        let english =
            "LIFT-B certificate 4711 ends on 2026-03-01 12:00 UTC, the visit on 2026-03-01 13:00 UTC";
        assert_eq!(expired.to_string(), english);
        let far = Fact::TooFar { distance_m: 61_260, max_distance_m: 60_000 };
        assert_eq!(far.to_string(), "is 61.3 km away, the limit is 60.0 km");
        let off = Fact::OffShift { next_shift_at: Some(NOON), shift_ends_at: None, in_hand_minutes: 0 };
        assert_eq!(off.to_string(), "is off shift; the next shift begins at 2026-03-01 12:00 UTC");
        let never = Fact::OffShift { next_shift_at: None, shift_ends_at: Some(NOON), in_hand_minutes: 90 };
        let english = "cannot begin before the shift ends at 2026-03-01 12:00 UTC, with 90 min in hand; \
                       no further shift is known";
        assert_eq!(never.to_string(), english);
    }

    #[test]
    fn a_date_beyond_the_calendar_is_still_said() {
        let missed = Fact::WindowMissed { start_at: None, latest_at: i64::MAX };
        assert_eq!(missed.to_string(), "cannot begin before the window closes at 9223372036854775807 ms");
    }

    #[test]
    fn facts_are_tagged_with_their_rule_in_json() {
        let fact = Fact::Workload { in_hand_minutes: 400, expected_minutes: 90, max_minutes: 480 };
        let json = serde_json::json!({
            "rule": "workload", "in_hand_minutes": 400, "expected_minutes": 90, "max_minutes": 480,
        });
        assert_eq!(serde_json::to_value(&fact).unwrap(), json);
        assert_eq!(serde_json::from_value::<Fact>(json).unwrap(), fact);
    }
}
