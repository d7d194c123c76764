//! Small scenes for the tests of this crate: time in minutes from instant zero, one engineer, one
//! visit of 60 minutes, nothing in the way unless a test puts it there.

use super::{Fact, Rule, first_broken};
use crate::case::{Case, Hand};
use crate::first_visit::FirstVisit;
use crate::problem::{
    Certificate, Engineer, Interval, Load, MS_PER_MINUTE, Millis, Point, SkillRequirement, Visit,
};
use crate::profile::Profile;
use crate::{Policy, Query};
use uuid::Uuid;

pub const ENGINEER_ID: Uuid = Uuid::from_u128(7);
const MIDTOWN: Point = Point { latitude: 40.7549, longitude: -73.9840 };

pub fn minutes(minutes: i64) -> Millis {
    minutes * MS_PER_MINUTE
}

pub fn visit() -> Visit {
    Visit {
        ticket_id: Uuid::from_u128(1),
        point: MIDTOWN,
        priority: 2,
        fault: "door".into(),
        required_skills: Vec::new(),
        needed_parts: Vec::new(),
        expected_minutes: 60,
        earliest_at: 0,
        latest_at: None,
        due_at: None,
        excluded_engineers: Vec::new(),
        territory: None,
        skill_group: None,
        customer_level: None,
    }
}

/// An active engineer without shifts or certificates.
pub fn engineer() -> EngineerBuilder {
    EngineerBuilder(Engineer {
        id: ENGINEER_ID,
        code: "E-7".into(),
        name: "Ada".into(),
        active: true,
        home: MIDTOWN,
        position: None,
        shifts: Vec::new(),
        absences: Vec::new(),
        certificates: Vec::new(),
        max_load_minutes: 480,
        speeds: Vec::new(),
        territory: None,
        skill_group: None,
    })
}

#[derive(Clone)]
pub struct EngineerBuilder(pub Engineer);

impl EngineerBuilder {
    pub fn build(self) -> Engineer {
        self.0
    }

    pub fn inactive(mut self) -> Self {
        self.0.active = false;
        self
    }

    pub fn shift(mut self, from: i64, until: i64) -> Self {
        self.0.shifts.push(Interval { starts_at: minutes(from), ends_at: minutes(until) });
        self
    }

    pub fn absent(mut self, from: i64, until: i64) -> Self {
        self.0.absences.push(Interval { starts_at: minutes(from), ends_at: minutes(until) });
        self
    }

    pub fn with(self, skill: &str, level: u8) -> Self {
        self.certificate(skill, level, "C-0", 0, None)
    }

    pub fn certificate(
        mut self,
        skill: &str,
        level: u8,
        number: &str,
        from: i64,
        until: Option<i64>,
    ) -> Self {
        self.0.certificates.push(Certificate {
            skill: skill.into(),
            level,
            number: number.into(),
            valid_from: minutes(from),
            valid_until: until.map(minutes),
        });
        self
    }
}

/// One engineer before one visit, at minute zero.
pub struct Scene {
    pub engineer: Engineer,
    pub visit: Visit,
    pub policy: Policy,
    pub load: Load,
    pub hand: Hand,
    pub distance_m: f64,
    pub travel_minutes: u32,
    pub detour_minutes: u32,
    pub first_visit: Option<FirstVisit>,
}

impl Scene {
    /// On shift for eight hours, on the spot, with nothing in hand: fit for the visit.
    pub fn new() -> Self {
        Self {
            engineer: engineer().shift(0, 480).build(),
            visit: visit(),
            policy: Policy::default(),
            load: Load::default(),
            hand: Hand::Minutes,
            distance_m: 0.0,
            travel_minutes: 0,
            detour_minutes: 0,
            first_visit: None,
        }
    }

    pub fn engineer(mut self, engineer: EngineerBuilder) -> Self {
        self.engineer = engineer.build();
        self
    }

    pub fn engineer_on_shift_for_ever(mut self) -> Self {
        self.engineer.shifts = vec![Interval { starts_at: 0, ends_at: Millis::MAX }];
        self.policy.max_wait_minutes = u32::MAX;
        self
    }

    pub fn visit(mut self, change: impl FnOnce(&mut Visit)) -> Self {
        change(&mut self.visit);
        self
    }

    pub fn policy(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(&mut self.policy);
        self
    }

    pub fn requires(self, skill: &str, level: u8) -> Self {
        let requirement = SkillRequirement { skill: skill.into(), level };
        self.visit(|visit| visit.required_skills.push(requirement))
    }

    pub fn latest(self, minute: i64) -> Self {
        self.visit(|visit| visit.latest_at = Some(minutes(minute)))
    }

    pub fn in_hand(mut self, minutes: u32) -> Self {
        self.load = Load { tickets: 1, minutes };
        self
    }

    pub fn hand(mut self, hand: Hand) -> Self {
        self.hand = hand;
        self
    }

    pub fn distance_m(mut self, distance_m: f64) -> Self {
        self.distance_m = distance_m;
        self
    }

    pub fn travel_minutes(mut self, minutes: u32) -> Self {
        self.travel_minutes = minutes;
        self
    }

    pub fn detour_minutes(mut self, minutes: u32) -> Self {
        self.detour_minutes = minutes;
        self
    }

    pub fn first_visit(mut self, first_visit: FirstVisit) -> Self {
        self.first_visit = Some(first_visit);
        self
    }

    pub fn check(&self, check: impl FnOnce(&Case)) {
        let query = Query::new(&self.visit, 0, &self.policy);
        let profile = Profile::new(self.engineer.clone());
        let case = Case::new(&query, &profile, self.load, self.distance_m);
        let case = case.with_journey(self.travel_minutes * 60, self.detour_minutes * 60).with_hand(self.hand);
        check(&case.with_first_visit(self.first_visit.clone()));
    }

    pub fn accepts(&self) {
        self.check(|case| assert_eq!(first_broken(case), None));
    }

    pub fn excludes(&self, rule: Rule, fact: Fact) {
        self.check(|case| {
            assert_eq!(first_broken(case), Some(rule));
            assert_eq!(rule.fact(case), fact);
        });
    }
}
