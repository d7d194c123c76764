//! Whether an engineer holds what a ticket needs, from the beginning of the visit to its end.

use crate::plan::{PlanEngineer, PlanTicket};

/// A skill and level that he does not hold for all of a visit that begins at this moment.
pub fn lacking(engineer: &PlanEngineer, ticket: &PlanTicket, start: i64) -> Option<(i64, u32)> {
    let end = start + i64::from(ticket.duration_s);
    let plain = ticket.skills.iter().map(|skill| (*skill, 1));
    let levels = ticket.required_skills.iter().map(|required| (required.skill, required.level));
    plain.chain(levels).find(|(skill, level)| {
        let always = *level <= 1 && engineer.skills.contains(skill);
        !always && held_until(engineer, *skill, *level, start).is_none_or(|until| until < end)
    })
}

/// How long he holds a skill without a gap from this moment on.
fn held_until(engineer: &PlanEngineer, skill: i64, level: u32, start: i64) -> Option<i64> {
    let mut until = None;
    loop {
        let covered = until.unwrap_or(start);
        let held = engineer.certificates.iter().filter(|c| c.skill == skill && c.level >= level);
        let valid = held.filter(|c| c.valid_from_s.is_none_or(|from| i64::from(from) <= covered));
        let next = valid.map(|c| c.valid_until_s.map_or(i64::MAX, i64::from)).max();
        if next <= until || next.is_some_and(|next| next < covered) {
            return until;
        }
        until = next;
    }
}
