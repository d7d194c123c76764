//! The question: one visit, at one instant, under one policy. What is the same for every engineer is
//! worked out here, once.

use crate::policy::Policy;
use crate::problem::{MS_PER_MINUTE, Millis, SkillRequirement, Visit};
use crate::profile::SkillKey;
use crate::travel::unit_vector;

#[derive(Clone, Debug)]
pub struct Query<'a> {
    pub visit: &'a Visit,
    pub now: Millis,
    pub policy: &'a Policy,
    keys: Vec<SkillKey>,
    marks: u64,
    unit: [f64; 3],
}

impl<'a> Query<'a> {
    pub fn new(visit: &'a Visit, now: Millis, policy: &'a Policy) -> Self {
        let keys: Vec<SkillKey> = visit.required_skills.iter().map(|r| SkillKey::new(&r.skill)).collect();
        let marks = keys.iter().fold(0, |marks, key| marks | key.mark());
        Self { visit, now, policy, keys, marks, unit: unit_vector(visit.point) }
    }

    /// The first instant at which the visit may begin at all.
    pub fn begins_at(&self) -> Millis {
        self.visit.earliest_at.max(self.now)
    }

    /// The last instant at which it may begin: what the customer says, else what the policy says.
    pub fn ends_at(&self) -> Millis {
        let wait_ms = i64::from(self.policy.max_wait_minutes) * MS_PER_MINUTE;
        self.visit.latest_at.unwrap_or_else(|| self.begins_at().saturating_add(wait_ms))
    }

    pub fn visit_ms(&self) -> i64 {
        i64::from(self.visit.expected_minutes) * MS_PER_MINUTE
    }

    pub fn requirements(&self) -> impl Iterator<Item = (&'a SkillRequirement, SkillKey)> {
        self.visit.required_skills.iter().zip(self.keys.iter().copied())
    }

    pub(crate) fn marks(&self) -> u64 {
        self.marks
    }

    pub(crate) fn unit(&self) -> &[f64; 3] {
        &self.unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample::visit;

    #[test]
    fn an_earliest_time_in_the_past_means_now() {
        let (policy, mut visit) = (Policy::default(), visit());
        visit.earliest_at = 50;
        assert_eq!(Query::new(&visit, 70, &policy).begins_at(), 70);
        assert_eq!(Query::new(&visit, 20, &policy).begins_at(), 50);
    }

    #[test]
    fn the_customers_window_goes_before_the_policys_patience() {
        let policy = Policy { max_wait_minutes: 30, ..Policy::default() };
        let mut visit = visit();
        assert_eq!(Query::new(&visit, 0, &policy).ends_at(), 30 * MS_PER_MINUTE);
        visit.latest_at = Some(999 * MS_PER_MINUTE);
        assert_eq!(Query::new(&visit, 0, &policy).ends_at(), 999 * MS_PER_MINUTE);
    }
}
