//! A customer may refuse to see somebody again.

use super::Fact;
use crate::case::Case;

pub fn is_broken(case: &Case) -> bool {
    case.query.visit.excluded_engineers.contains(&case.profile.engineer.id)
}

pub fn fact() -> Fact {
    Fact::ExcludedByCustomer
}

#[cfg(test)]
mod tests {
    use crate::rules::sample::{ENGINEER_ID, Scene};
    use crate::rules::{Fact, Rule};

    #[test]
    fn someone_whom_the_customer_refuses_is_excluded() {
        let scene = Scene::new().visit(|visit| visit.excluded_engineers = vec![ENGINEER_ID]);
        scene.excludes(Rule::ExcludedByCustomer, Fact::ExcludedByCustomer);
    }

    #[test]
    fn refusing_somebody_else_does_not_matter() {
        Scene::new().visit(|visit| visit.excluded_engineers = vec![uuid::Uuid::nil()]).accepts();
    }
}
