//! Each required skill needs a certificate, of whatever level and date; those are other rules.

use super::Fact;
use crate::case::Case;

pub fn is_broken(case: &Case) -> bool {
    !case.profile.may_hold(case.query.marks()) || missing(case).next().is_some()
}

pub fn fact(case: &Case) -> Fact {
    Fact::SkillMissing { skills: missing(case).map(str::to_owned).collect() }
}

fn missing<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a str> {
    let (query, profile) = (case.query, case.profile);
    query
        .requirements()
        .filter(|(requirement, key)| profile.certificates_for(&requirement.skill, *key).next().is_none())
        .map(|(requirement, _)| requirement.skill.as_str())
}

#[cfg(test)]
mod tests {
    use crate::rules::sample::{Scene, engineer};
    use crate::rules::{Fact, Rule};

    #[test]
    fn someone_who_lacks_skills_is_excluded_and_told_which() {
        let scene = Scene::new().engineer(engineer().shift(0, 600).with("LIFT-B", 1));
        scene.requires("LIFT-A", 1).requires("LIFT-B", 1).requires("LIFT-C", 1).excludes(
            Rule::SkillMissing,
            Fact::SkillMissing { skills: vec!["LIFT-A".into(), "LIFT-C".into()] },
        );
    }

    #[test]
    fn someone_who_holds_all_required_skills_is_accepted() {
        let scene = Scene::new().engineer(engineer().shift(0, 600).with("LIFT-A", 1).with("LIFT-B", 1));
        scene.requires("LIFT-A", 1).requires("LIFT-B", 1).accepts();
    }
}
