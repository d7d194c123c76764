//! Whoever serves a ticket holds each required skill, of the level, from the beginning of the visit to its end.

use std::collections::HashMap;

use super::super::instance::{FAR, Pair};
use crate::plan::{PlanTicket, Problem};

/// That an engineer holds a skill.
#[derive(Clone, Copy)]
struct Held {
    engineer: u32,
    level: u32,
    from: i32,
    until: i32,
}

/// Who holds which skill: asked for each ticket, so that only those are looked at who hold what it needs.
pub struct Holders {
    /// By engineer, then by beginning.
    by_skill: HashMap<i64, Vec<Held>>,
    /// How many of a ticket's skills each engineer was found to hold.
    counts: Vec<u32>,
    /// When each may serve it, as far as is known.
    spans: Vec<(i32, i32)>,
    shifts: Vec<(i32, i32)>,
}

impl Holders {
    pub fn new(problem: &Problem) -> Self {
        let mut by_skill: HashMap<i64, Vec<Held>> = HashMap::new();
        for (engineer, person) in (0..).zip(&problem.engineers) {
            let plain = person.skills.iter().map(|skill| (*skill, 1, None, None));
            let dated =
                person.certificates.iter().map(|c| (c.skill, c.level, c.valid_from_s, c.valid_until_s));
            for (skill, level, from, until) in plain.chain(dated) {
                let (from, until) = (from.unwrap_or(-FAR), until.unwrap_or(FAR));
                by_skill.entry(skill).or_default().push(Held { engineer, level, from, until });
            }
        }
        by_skill.values_mut().for_each(|held| held.sort_by_key(|held| (held.engineer, held.from)));
        let count = problem.engineers.len();
        let shifts = problem.engineers.iter().map(|engineer| (engineer.shift_start_s, engineer.shift_end_s));
        Self { by_skill, counts: vec![0; count], spans: vec![(-FAR, FAR); count], shifts: shifts.collect() }
    }

    /// Everybody who holds what the ticket needs, and from when until when he may begin it.
    pub fn who(&mut self, ticket: &PlanTicket) -> Vec<Pair> {
        let plain = ticket.skills.iter().map(|skill| (*skill, 1));
        let levels = ticket.required_skills.iter().map(|required| (required.skill, required.level));
        let mut needed: Vec<(i64, u32)> = plain.chain(levels).collect();
        // Of a skill that is named twice, the highest level.
        needed.sort_unstable_by_key(|(skill, level)| (*skill, std::cmp::Reverse(*level)));
        needed.dedup_by_key(|(skill, _)| *skill);
        self.counts.fill(0);
        self.spans.fill((-FAR, FAR));
        for (skill, level) in &needed {
            self.count(*skill, *level);
        }
        let all = needed.len() as u32;
        let holds = |(engineer, count): (u32, &u32)| (*count == all).then_some(engineer);
        let pair = |engineer: u32| {
            let (from, until) = self.spans[engineer as usize];
            Pair { engineer, earliest: from, latest: until.saturating_sub(ticket.duration_s), credit: 0 }
        };
        (0..).zip(&self.counts).filter_map(holds).map(pair).collect()
    }

    /// One skill more: who holds it, and when.
    fn count(&mut self, skill: i64, level: u32) {
        let Some(held) = self.by_skill.get(&skill) else { return };
        for certificates in held.chunk_by(|one, other| one.engineer == other.engineer) {
            let engineer = certificates[0].engineer as usize;
            let Some((from, until)) = longest(certificates, level, self.shifts[engineer]) else { continue };
            self.counts[engineer] += 1;
            let span = &mut self.spans[engineer];
            *span = (span.0.max(from), span.1.min(until));
        }
    }
}

/// The time that certificates of this level cover without a gap. Where there are several, the search knows the one of
/// which most is within the shift.
fn longest(certificates: &[Held], level: u32, shift: (i32, i32)) -> Option<(i32, i32)> {
    let within = |(from, until): (i32, i32)| until.min(shift.1) - from.max(shift.0);
    let mut best: Option<(i32, i32)> = None;
    let mut present: Option<(i32, i32)> = None;
    for held in certificates.iter().filter(|held| held.level >= level) {
        present = match present {
            Some((from, until)) if held.from <= until => Some((from, until.max(held.until))),
            _ => Some((held.from, held.until)),
        };
        if let Some(span) = present
            && best.is_none_or(|best| within(best) < within(span) || best.0 == span.0)
        {
            best = Some(span);
        }
    }
    best
}
