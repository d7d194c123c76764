//! Who cannot take a visit. One file per rule, each with two functions: `is_broken`, which is asked of
//! everybody and allocates nothing, and `fact`, which is asked of the few that are shown and says what
//! a dispatcher needs to judge or to mend it.
//!
//! A new rule is a file, a variant of [`Rule`] and of [`Fact`], and a line in each of the two matches;
//! the compiler lists what is missing. Someone who breaks several rules is counted under the first in
//! [`Rule::ORDER`]: who he is before what he holds, before when and where he is, before how busy.

mod absent;
mod certificate_expired;
mod certificate_level;
mod certificate_not_yet_valid;
mod excluded_by_customer;
mod fact;
mod first_visit_unlikely;
mod inactive;
mod off_shift;
mod route_full;
#[cfg(test)]
pub(crate) mod sample;
mod skill_missing;
mod too_far;
mod window_missed;
mod workload;

use crate::case::Case;
use serde::{Deserialize, Serialize};

pub(crate) use fact::At;
pub use fact::Fact;

/// Why somebody cannot take a visit: the closed list of reason codes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// He no longer works here, or not yet. Remedy: activate him, if he does.
    Inactive,
    /// The customer does not want him again. Remedy: ask the customer.
    ExcludedByCustomer,
    /// He holds no certificate for a required skill. Remedy: train him, enter the certificate that he
    /// has, or correct what the ticket requires.
    SkillMissing,
    /// His certificate is of too low a level. Remedy: as for a missing skill.
    CertificateLevel,
    /// His certificate ends before the visit would. Remedy: renew it, or do the visit before it ends.
    CertificateExpired,
    /// His certificate begins only after the visit would. Remedy: do the visit later.
    CertificateNotYetValid,
    /// No shift lets him begin in time, with the work that he has in hand. Remedy: give him a shift, take
    /// work from him, or allow a later start.
    OffShift,
    /// He would be on shift but is absent. Remedy: wait until he is back, or correct the absence.
    Absent,
    /// He cannot be there before the customer's window closes. Remedy: free him of other work, or ask
    /// the customer for a later one.
    WindowMissed,
    /// He is farther away than the policy sends anybody. Remedy: raise the limit, if that is meant.
    TooFar,
    /// With this visit he would have more work in hand than he may. Remedy: take something from him,
    /// or raise his limit.
    Workload,
    /// In his route there is no place where it could begin in time without another visit beginning too late.
    /// Remedy: move one of his visits to somebody else, or allow a later start.
    RouteFull,
    /// He would fix it at the first visit with less than the policy's probability. Remedy: give him the part that
    /// raises it most, send somebody with a better record, or lower the limit.
    FirstVisitUnlikely,
}

impl Rule {
    /// The code that tables, messages and screens know.
    pub const fn as_str(self) -> &'static str {
        match self {
            Rule::Inactive => "inactive",
            Rule::ExcludedByCustomer => "excluded_by_customer",
            Rule::SkillMissing => "skill_missing",
            Rule::CertificateLevel => "certificate_level",
            Rule::CertificateExpired => "certificate_expired",
            Rule::CertificateNotYetValid => "certificate_not_yet_valid",
            Rule::OffShift => "off_shift",
            Rule::Absent => "absent",
            Rule::WindowMissed => "window_missed",
            Rule::TooFar => "too_far",
            Rule::Workload => "workload",
            Rule::RouteFull => "route_full",
            Rule::FirstVisitUnlikely => "first_visit_unlikely",
        }
    }

    /// Every rule, in the order in which they are asked.
    pub const ORDER: [Rule; 13] = [
        Rule::Inactive,
        Rule::ExcludedByCustomer,
        Rule::SkillMissing,
        Rule::CertificateLevel,
        Rule::CertificateExpired,
        Rule::CertificateNotYetValid,
        Rule::OffShift,
        Rule::Absent,
        Rule::WindowMissed,
        Rule::TooFar,
        Rule::Workload,
        Rule::RouteFull,
        Rule::FirstVisitUnlikely,
    ];

    /// Does this rule forbid it?
    pub fn is_broken(self, case: &Case) -> bool {
        match self {
            Rule::Inactive => inactive::is_broken(case),
            Rule::ExcludedByCustomer => excluded_by_customer::is_broken(case),
            Rule::SkillMissing => skill_missing::is_broken(case),
            Rule::CertificateLevel => certificate_level::is_broken(case),
            Rule::CertificateExpired => certificate_expired::is_broken(case),
            Rule::CertificateNotYetValid => certificate_not_yet_valid::is_broken(case),
            Rule::OffShift => off_shift::is_broken(case),
            Rule::Absent => absent::is_broken(case),
            Rule::WindowMissed => window_missed::is_broken(case),
            Rule::TooFar => too_far::is_broken(case),
            Rule::Workload => workload::is_broken(case),
            Rule::RouteFull => route_full::is_broken(case),
            Rule::FirstVisitUnlikely => first_visit_unlikely::is_broken(case),
        }
    }

    /// What breaks it. Meaningful only if it is broken.
    pub fn fact(self, case: &Case) -> Fact {
        match self {
            Rule::Inactive => inactive::fact(),
            Rule::ExcludedByCustomer => excluded_by_customer::fact(),
            Rule::SkillMissing => skill_missing::fact(case),
            Rule::CertificateLevel => certificate_level::fact(case),
            Rule::CertificateExpired => certificate_expired::fact(case),
            Rule::CertificateNotYetValid => certificate_not_yet_valid::fact(case),
            Rule::OffShift => off_shift::fact(case),
            Rule::Absent => absent::fact(case),
            Rule::WindowMissed => window_missed::fact(case),
            Rule::TooFar => too_far::fact(case),
            Rule::Workload => workload::fact(case),
            Rule::RouteFull => route_full::fact(case),
            Rule::FirstVisitUnlikely => first_visit_unlikely::fact(case),
        }
    }
}

/// The rule under which he is counted, or `None` if he may take it.
pub fn first_broken(case: &Case) -> Option<Rule> {
    Rule::ORDER.into_iter().find(|rule| rule.is_broken(case))
}

/// Whether his certificates cover all that is required, until the visit is over.
pub fn is_certified(case: &Case) -> bool {
    let of_certificates =
        [Rule::SkillMissing, Rule::CertificateLevel, Rule::CertificateExpired, Rule::CertificateNotYetValid];
    !of_certificates.iter().any(|rule| rule.is_broken(case))
}

#[cfg(test)]
mod tests {
    use super::sample::{Scene, engineer};
    use super::*;

    #[test]
    fn the_order_is_that_of_the_declaration_and_complete() {
        assert!(Rule::ORDER.is_sorted());
        assert_eq!(Rule::ORDER.map(|rule| rule as usize), std::array::from_fn(|index| index));
    }

    #[test]
    fn codes_are_snake_case() {
        let codes = Rule::ORDER.map(|rule| serde_json::to_value(rule).unwrap());
        assert_eq!(codes[5], "certificate_not_yet_valid");
        assert_eq!(codes[12], "first_visit_unlikely");
        assert!(Rule::ORDER.iter().zip(&codes).all(|(rule, code)| code == rule.as_str()));
    }

    #[test]
    fn someone_fit_breaks_no_rule() {
        Scene::new().check(|case| assert_eq!(first_broken(case), None));
    }

    #[test]
    fn someone_who_breaks_several_rules_is_counted_under_the_first() {
        let scene = Scene::new().engineer(engineer().inactive()).distance_m(1e6);
        scene.check(|case| assert_eq!(first_broken(case), Some(Rule::Inactive)));
    }

    #[test]
    fn every_fact_names_its_rule() {
        for rule in Rule::ORDER {
            let scene = Scene::new();
            scene.check(|case| assert_eq!(rule.fact(case).rule(), rule));
        }
    }
}
