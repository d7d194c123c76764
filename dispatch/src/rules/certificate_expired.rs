//! A certificate must hold until the visit is over: one that ends before does not count, even if it
//! holds today.

use super::Fact;
use crate::case::Case;
use crate::problem::{Certificate, Millis, SkillRequirement};
use crate::profile::SkillKey;

pub fn is_broken(case: &Case) -> bool {
    expired(case).is_some()
}

pub fn fact(case: &Case) -> Fact {
    let (_, visit_ends_at) = case.span();
    let (skill, number, valid_until) = expired(case)
        .map(|c| (c.skill.clone(), c.number.clone(), c.valid_until.unwrap_or(Millis::MAX)))
        .unwrap_or_default();
    Fact::CertificateExpired { skill, number, valid_until, visit_ends_at }
}

/// For the first requirement that only fails because of an end: the certificate that ended last.
fn expired<'a>(case: &Case<'a>) -> Option<&'a Certificate> {
    let span = case.span();
    let (query, profile) = (case.query, case.profile);
    let of_level = |requirement: &'a SkillRequirement, key: SkillKey| {
        profile.certificates_for(&requirement.skill, key).filter(|c| c.level >= requirement.level)
    };
    query.requirements().find_map(|(requirement, key)| {
        if of_level(requirement, key).any(|certificate| holds(certificate, span)) {
            return None;
        }
        of_level(requirement, key).filter(|c| c.valid_from <= span.0).max_by_key(|c| c.valid_until)
    })
}

/// Is it valid during all of the span?
pub(super) fn holds(certificate: &Certificate, (starts_at, ends_at): (Millis, Millis)) -> bool {
    certificate.valid_from <= starts_at && certificate.valid_until.is_none_or(|until| ends_at <= until)
}

#[cfg(test)]
mod tests {
    use crate::problem::MS_PER_MINUTE;
    use crate::rules::sample::{Scene, engineer};
    use crate::rules::{Fact, Rule};

    fn fact(number: &str, until_minute: i64) -> Fact {
        Fact::CertificateExpired {
            skill: "LIFT-A".into(),
            number: number.into(),
            valid_until: until_minute * MS_PER_MINUTE,
            visit_ends_at: 60 * MS_PER_MINUTE,
        }
    }

    #[test]
    fn a_certificate_that_ends_during_the_visit_does_not_count() {
        let valid = |until| engineer().shift(0, 600).certificate("LIFT-A", 1, "C-1", 0, Some(until));
        let scene = |until| Scene::new().engineer(valid(until)).requires("LIFT-A", 1);
        scene(59).excludes(Rule::CertificateExpired, fact("C-1", 59));
        scene(60).accepts();
    }

    #[test]
    fn the_visit_is_dated_when_he_could_begin_not_when_he_is_asked() {
        let later = engineer().shift(100, 600).certificate("LIFT-A", 1, "C-1", 0, Some(120));
        let scene = Scene::new().engineer(later).requires("LIFT-A", 1);
        scene.check(|case| assert_eq!(super::super::first_broken(case), Some(Rule::CertificateExpired)));
    }

    #[test]
    fn a_renewed_certificate_counts_and_of_ended_ones_the_last_is_named() {
        let renewed = engineer()
            .shift(0, 600)
            .certificate("LIFT-A", 1, "OLD", -900, Some(-10))
            .certificate("LIFT-A", 1, "NEW", -10, None);
        Scene::new().engineer(renewed).requires("LIFT-A", 1).accepts();
        let ended = engineer().shift(0, 600).certificate("LIFT-A", 1, "LAST", -900, Some(-5)).certificate(
            "LIFT-A",
            1,
            "OLDER",
            -900,
            Some(-10),
        );
        let scene = Scene::new().engineer(ended).requires("LIFT-A", 1);
        scene.excludes(Rule::CertificateExpired, fact("LAST", -5));
    }

    #[test]
    fn a_valid_certificate_of_too_low_a_level_does_not_save_an_expired_one() {
        let mixed = engineer().shift(0, 600).certificate("LIFT-A", 1, "LOW", 0, None).certificate(
            "LIFT-A",
            2,
            "HIGH",
            0,
            Some(5),
        );
        let scene = Scene::new().engineer(mixed).requires("LIFT-A", 2);
        scene.excludes(Rule::CertificateExpired, fact("HIGH", 5));
    }
}
