//! Somebody who does not work here now is sent nowhere.

use super::Fact;
use crate::case::Case;

pub fn is_broken(case: &Case) -> bool {
    !case.profile.engineer.active
}

pub fn fact() -> Fact {
    Fact::Inactive
}

#[cfg(test)]
mod tests {
    use crate::rules::sample::{Scene, engineer};
    use crate::rules::{Fact, Rule};

    #[test]
    fn someone_inactive_is_excluded() {
        Scene::new().engineer(engineer().inactive()).excludes(Rule::Inactive, Fact::Inactive);
    }
}
