//! Nobody is sent farther than the policy's limit, in a straight line.

use super::Fact;
use crate::case::Case;

pub fn is_broken(case: &Case) -> bool {
    case.distance_m > case.query.policy.max_distance_m
}

pub fn fact(case: &Case) -> Fact {
    // Rounded up, so that a fact never says "60,000 m are more than 60,000 m".
    Fact::TooFar {
        distance_m: case.distance_m.ceil() as u32,
        max_distance_m: case.query.policy.max_distance_m as u32,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::sample::Scene;
    use crate::rules::{Fact, Rule};

    #[test]
    fn someone_beyond_the_limit_is_excluded() {
        Scene::new().distance_m(60_000.0).accepts();
        let fact = Fact::TooFar { distance_m: 60_001, max_distance_m: 60_000 };
        Scene::new().distance_m(60_000.5).excludes(Rule::TooFar, fact);
    }
}
