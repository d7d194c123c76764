//! An engineer prepared for many questions: certificates with their skill as a number, so that most
//! comparisons are of one machine word, and shifts folded into duty. Made when he changes, shared by
//! reference from then on; his position and load, which change all day, are kept elsewhere.

use crate::calendar::Duty;
use crate::problem::{Certificate, Engineer};

#[derive(Clone, Debug)]
pub struct Profile {
    /// As given, without the position.
    pub engineer: Engineer,
    pub duty: Duty,
    /// One key for each of `engineer.certificates`, in the same order.
    keys: Vec<SkillKey>,
    marks: u64,
}

impl Profile {
    pub fn new(mut engineer: Engineer) -> Self {
        engineer.position = None;
        let duty = Duty::new(&engineer.shifts, &engineer.absences);
        let keys: Vec<SkillKey> = engineer.certificates.iter().map(|c| SkillKey::new(&c.skill)).collect();
        let marks = keys.iter().fold(0, |marks, key| marks | key.mark());
        Self { engineer, duty, keys, marks }
    }

    /// His certificates for a skill, valid or not.
    pub fn certificates_for(&self, skill: &str, key: SkillKey) -> impl Iterator<Item = &Certificate> {
        self.keys
            .iter()
            .zip(&self.engineer.certificates)
            .filter(move |(held, certificate)| **held == key && certificate.skill == skill)
            .map(|(_, certificate)| certificate)
    }

    /// His skills as a set of marks. Whoever lacks a mark lacks the skill; the reverse is not certain.
    pub fn marks(&self) -> u64 {
        self.marks
    }

    /// False only if at least one of the skills behind `marks` is certainly not held.
    pub fn may_hold(&self, marks: u64) -> bool {
        self.marks & marks == marks
    }
}

/// The hash of a skill's name (FNV-1a). Only a filter: equal keys are followed by comparing names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkillKey(u64);

impl SkillKey {
    pub fn new(skill: &str) -> Self {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(skill.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step))
    }

    /// One of 64 bits, so that a set of skills fits a machine word.
    pub fn mark(self) -> u64 {
        // FNV hardly carries the last letters into its high bits; one more multiplication does.
        let spread = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        1 << (spread >> 58)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample::engineer;

    #[test]
    fn certificates_are_found_by_the_exact_name_of_their_skill() {
        let profile = Profile::new(engineer().with("LIFT-A", 2).with("LIFT-B", 1).with("LIFT-A", 3).build());
        let levels = |skill| {
            profile.certificates_for(skill, SkillKey::new(skill)).map(|c| c.level).collect::<Vec<_>>()
        };
        assert_eq!(levels("LIFT-A"), [2, 3]);
        assert_eq!(levels("LIFT-B"), [1]);
        assert!(levels("lift-a").is_empty());
    }

    #[test]
    fn equal_keys_of_different_names_do_not_pass_for_each_other() {
        let profile = Profile::new(engineer().with("LIFT-A", 2).build());
        assert_eq!(profile.certificates_for("LIFT-C", SkillKey::new("LIFT-A")).count(), 0);
    }

    #[test]
    fn names_that_differ_in_their_last_letters_get_different_marks() {
        let marks = (0..40).fold(0, |marks, n| marks | SkillKey::new(&format!("SKILL-{n:02}")).mark());
        // Forty balls into 64 boxes fill thirty on average.
        assert!(marks.count_ones() >= 25, "{}", marks.count_ones());
    }

    #[test]
    fn the_filter_never_denies_a_skill_that_is_held() {
        let skills: Vec<String> = (0..200).map(|n| format!("SKILL-{n}")).collect();
        let holder = skills.iter().fold(engineer(), |engineer, skill| engineer.with(skill, 1));
        let profile = Profile::new(holder.build());
        assert!(skills.iter().all(|skill| profile.may_hold(SkillKey::new(skill).mark())));
        assert!(!Profile::new(engineer().build()).may_hold(SkillKey::new("SKILL-1").mark()));
    }
}
