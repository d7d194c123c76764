//! The answer as it is stored with an assignment and sent to a screen: the dossier.

use crate::case::Case;
use crate::first_visit::FirstVisit;
use crate::problem::Millis;
use crate::rules::{Fact, Rule};
use crate::score::{Minutes, TermMinutes};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who should take a ticket, and why not the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Recommendation {
    /// Best first. Empty if nobody can take it; then the counts say why.
    pub ranked: Vec<Candidate>,
    /// The nearest 50, and whoever dropped off the shortlist; nearest first.
    pub excluded: Vec<Excluded>,
    /// Everybody who is excluded, under the first rule that he breaks; rules in the order in which
    /// they are asked, without those that nobody breaks.
    pub excluded_counts: Vec<RuleCount>,
    /// So many could take it but were farther away, or come on duty later, than the shortlist.
    pub beyond_shortlist: u32,
    pub policy_version: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Candidate {
    pub engineer_id: Uuid,
    pub code: String,
    pub name: String,
    /// The sum of the terms; the lowest is best.
    pub score_minutes: Minutes,
    /// In a straight line.
    pub distance_m: u32,
    /// When he could begin, with all that he has to do before; absent in answers of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Millis>,
    /// Four of five begin between these two, as journeys scatter; absent in answers of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_from: Option<Millis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_until: Option<Millis>,
    /// Without those that are zero.
    pub terms: Vec<TermMinutes>,
    /// How likely one visit is enough; absent if it was not asked, and in answers of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_visit: Option<FirstVisit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Excluded {
    pub engineer_id: Uuid,
    pub code: String,
    pub name: String,
    /// In a straight line.
    pub distance_m: u32,
    pub rule: Rule,
    pub fact: Fact,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RuleCount {
    pub rule: Rule,
    pub count: u32,
}

impl Excluded {
    pub(super) fn new(rule: Rule, case: &Case) -> Self {
        let engineer = &case.profile.engineer;
        Self {
            engineer_id: engineer.id,
            code: engineer.code.clone(),
            name: engineer.name.clone(),
            distance_m: case.distance_m.round() as u32,
            rule,
            fact: rule.fact(case),
        }
    }
}

/// How many break each rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts(pub [u32; Rule::ORDER.len()]);

impl Counts {
    pub fn add(&mut self, rule: Rule) {
        self.0[rule as usize] += 1;
    }

    pub fn into_list(self) -> Vec<RuleCount> {
        let counts = Rule::ORDER.into_iter().map(|rule| RuleCount { rule, count: self.0[rule as usize] });
        counts.filter(|count| count.count > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use utoipa::PartialSchema;

    fn schema<T: PartialSchema>() -> Value {
        serde_json::to_value(T::schema()).unwrap()
    }

    #[test]
    fn counts_come_in_the_order_of_the_rules_without_zeros() {
        let mut counts = Counts::default();
        [Rule::Workload, Rule::Inactive, Rule::Workload].into_iter().for_each(|rule| counts.add(rule));
        let expected =
            [RuleCount { rule: Rule::Inactive, count: 1 }, RuleCount { rule: Rule::Workload, count: 2 }];
        assert_eq!(counts.into_list(), expected);
    }

    #[test]
    fn the_published_schema_says_what_is_sent() {
        assert_eq!(schema::<Minutes>()["type"], "number");
        let rules = serde_json::to_value(Rule::ORDER).unwrap();
        assert_eq!(schema::<Rule>()["enum"], rules);
        assert_eq!(schema::<Fact>()["oneOf"].as_array().map(Vec::len), Some(Rule::ORDER.len()));
        let fields = schema::<Recommendation>()["required"].clone();
        let expected = ["ranked", "excluded", "excluded_counts", "beyond_shortlist", "policy_version"];
        assert_eq!(fields, serde_json::json!(expected));
    }
}
