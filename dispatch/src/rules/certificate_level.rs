//! A certificate counts from its level downwards.

use super::Fact;
use crate::case::Case;
use crate::problem::SkillRequirement;

pub fn is_broken(case: &Case) -> bool {
    too_low(case).is_some()
}

pub fn fact(case: &Case) -> Fact {
    let (skill, held_level, required_level) = too_low(case)
        .map(|(requirement, held)| (requirement.skill.clone(), held, requirement.level))
        .unwrap_or_default();
    Fact::CertificateLevel { skill, held_level, required_level }
}

/// The first requirement above the highest level that he holds, and that level.
fn too_low<'a>(case: &Case<'a>) -> Option<(&'a SkillRequirement, u8)> {
    let (query, profile) = (case.query, case.profile);
    query
        .requirements()
        .map(|(requirement, key)| {
            let levels =
                profile.certificates_for(&requirement.skill, key).map(|certificate| certificate.level);
            (requirement, levels.max().unwrap_or(0))
        })
        .find(|(requirement, held)| *held < requirement.level)
}

#[cfg(test)]
mod tests {
    use crate::rules::sample::{Scene, engineer};
    use crate::rules::{Fact, Rule};

    #[test]
    fn a_level_below_the_required_one_excludes() {
        let scene = Scene::new().engineer(engineer().shift(0, 600).with("LIFT-A", 1).with("LIFT-A", 2));
        let fact = Fact::CertificateLevel { skill: "LIFT-A".into(), held_level: 2, required_level: 3 };
        scene.requires("LIFT-A", 3).excludes(Rule::CertificateLevel, fact);
    }

    #[test]
    fn the_best_of_several_certificates_counts() {
        let scene = Scene::new().engineer(engineer().shift(0, 600).with("LIFT-A", 1).with("LIFT-A", 4));
        scene.requires("LIFT-A", 3).accepts();
    }
}
