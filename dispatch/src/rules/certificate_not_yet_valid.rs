//! A certificate that begins only after the visit would does not count yet.

use super::Fact;
use super::certificate_expired::holds;
use crate::case::Case;
use crate::problem::{Certificate, SkillRequirement};
use crate::profile::SkillKey;

pub fn is_broken(case: &Case) -> bool {
    pending(case).is_some()
}

pub fn fact(case: &Case) -> Fact {
    let (visit_starts_at, _) = case.span();
    let (skill, number, valid_from) =
        pending(case).map(|c| (c.skill.clone(), c.number.clone(), c.valid_from)).unwrap_or_default();
    Fact::CertificateNotYetValid { skill, number, valid_from, visit_starts_at }
}

/// For the first requirement that only fails because of a beginning: the certificate to begin first.
fn pending<'a>(case: &Case<'a>) -> Option<&'a Certificate> {
    let span = case.span();
    let (query, profile) = (case.query, case.profile);
    let of_level = |requirement: &'a SkillRequirement, key: SkillKey| {
        profile.certificates_for(&requirement.skill, key).filter(|c| c.level >= requirement.level)
    };
    query.requirements().find_map(|(requirement, key)| {
        if of_level(requirement, key).any(|certificate| holds(certificate, span)) {
            return None;
        }
        of_level(requirement, key).filter(|c| c.valid_from > span.0).min_by_key(|c| c.valid_from)
    })
}

#[cfg(test)]
mod tests {
    use crate::problem::MS_PER_MINUTE;
    use crate::rules::sample::{Scene, engineer};
    use crate::rules::{Fact, Rule};

    #[test]
    fn a_certificate_that_begins_after_the_visit_does_not_count_yet() {
        let scene = |from: i64| {
            let pending = engineer().shift(0, 600).certificate("LIFT-A", 1, "C-1", from, None);
            Scene::new().engineer(pending).requires("LIFT-A", 1)
        };
        let fact = Fact::CertificateNotYetValid {
            skill: "LIFT-A".into(),
            number: "C-1".into(),
            valid_from: MS_PER_MINUTE,
            visit_starts_at: 0,
        };
        scene(1).excludes(Rule::CertificateNotYetValid, fact);
        scene(0).accepts();
    }

    #[test]
    fn of_an_ended_and_a_coming_certificate_the_ended_one_is_the_reason() {
        let gap = engineer().shift(0, 600).certificate("LIFT-A", 1, "NEXT", 90, None).certificate(
            "LIFT-A",
            1,
            "LAST",
            -90,
            Some(-1),
        );
        let scene = Scene::new().engineer(gap).requires("LIFT-A", 1);
        scene.check(|case| assert_eq!(super::super::first_broken(case), Some(Rule::CertificateExpired)));
    }
}
