//! Which rule excludes how many, for the dossier. Whoever lacks a skill is counted by words; of those who hold them
//! the roll says for 64 at once who surely may come; only the others are asked one by one.

use super::gate::{Asked, Away};
use super::nearest::{Best, Found};
use super::roll::{Bar, Checked, Roll};
use super::tree::ACTIVE;
use super::{Roster, Verdict};
use crate::query::Query;
use crate::rules::Rule;
use crate::travel::chord2;
use uuid::Uuid;

/// Everybody who breaks a rule.
#[derive(Debug, Default)]
pub(crate) struct Census {
    pub eligible: u32,
    /// In the order of [`Rule::ORDER`].
    pub counts: [u32; Rule::ORDER.len()],
    /// The nearest of them, nearest first.
    pub nearest: Vec<(Found, Rule)>,
}

/// Fewer of a group are sooner asked one by one. Only for speed.
const WORTH_A_PASS: u32 = 3;

impl Roster {
    /// Asks the rules of everybody. Whoever is not active or lacks a skill is only counted, by words.
    pub(crate) fn census(&self, query: &Query, keep: usize) -> Census {
        let asked = self.asked(query);
        let bar = self.roll.bar(&asked);
        // Nobody who is in time begins before the first instant or is done after the last.
        let last_at = query.ends_at().saturating_add(query.visit_ms());
        let is_certified =
            asked.wanted.is_empty() || (self.certified.0 <= query.begins_at() && last_at <= self.certified.1);
        let mut best = Best::new(keep);
        let mut census = Census::default();
        let mut holders = 0;
        for group in 0..self.roll.groups() {
            let word = self.roll.holding(group, &asked.marks);
            if word == 0 {
                continue;
            }
            holders += word.count_ones();
            let sure = self.surely_in_time(&asked, bar.as_ref(), group, word);
            let certified = if is_certified { self.roll.certified(group, &asked.wanted) } else { 0 };
            let fits = sure.in_time & sure.has_room & certified;
            census.eligible += fits.count_ones();
            for number in Roll::numbers(group, word & !fits) {
                let bit = Roll::bit(group, number);
                let rule = match (sure.in_time & bit != 0, certified & bit != 0) {
                    (true, true) => Some(Rule::Workload),
                    (true, false) => self.broken_in_time(&asked, number, sure.has_room & bit != 0),
                    _ => {
                        self.broken_by_holder(&asked, number, self.away(&asked, number, certified & bit != 0))
                    }
                };
                self.count(&asked, number, rule, &mut census, &mut best);
            }
        }
        let active = self.tree.count(ACTIVE) as u32;
        let refused = self.refused_without_skill(&asked);
        census.counts[Rule::Inactive as usize] += self.tree.len() as u32 - active;
        census.counts[Rule::ExcludedByCustomer as usize] += refused;
        census.counts[Rule::SkillMissing as usize] += active - holders - refused;
        self.add_unskilled(&asked, &mut best);
        census.nearest = best.found;
        census
    }

    /// Counts one who holds the skills.
    fn count(
        &self,
        asked: &Asked,
        number: u32,
        rule: Option<Rule>,
        census: &mut Census,
        best: &mut Best<(Found, Rule)>,
    ) {
        let Some(rule) = rule else {
            census.eligible += 1;
            return;
        };
        census.counts[rule as usize] += 1;
        let chord2 = chord2(self.roll.unit(number), asked.query.unit());
        if !best.is_full() || best.found.last().is_some_and(|(last, _)| chord2 <= last.chord2) {
            best.offer((Found { chord2, id: self.gates[number as usize].id, number }, rule));
        }
    }

    /// The first rule that somebody breaks who is near and could begin in time: one about certificates or his load.
    fn broken_in_time(&self, asked: &Asked, number: u32, has_room: bool) -> Option<Rule> {
        let query = asked.query;
        match self.wallets[number as usize].broken(asked, query.begins_at(), query.ends_at()) {
            Verdict::Known(None) => (!has_room).then_some(Rule::Workload),
            Verdict::Known(rule) => rule,
            Verdict::AskTheRules => self.broken_by_holder(asked, number, self.away(asked, number, false)),
        }
    }

    fn away<'a>(&'a self, asked: &'a Asked, number: u32, is_certified: bool) -> Away<impl Fn() -> f64 + 'a> {
        let exact = move || chord2(self.roll.unit(number), asked.query.unit());
        Away { most: exact(), exact, is_certified }
    }

    /// Of these in a group: who could surely begin in time, near enough and not refused; and who has room, exactly.
    fn surely_in_time(&self, asked: &Asked, bar: Option<&Bar>, group: usize, word: u64) -> Checked {
        let Some(bar) = bar.filter(|_| word.count_ones() >= WORTH_A_PASS) else { return Checked::default() };
        let mut checked = self.roll.check(group, bar);
        checked.in_time &= word;
        for id in &asked.query.visit.excluded_engineers {
            if let Some(number) = self.by_id.get(id) {
                checked.in_time &= !Roll::bit(group, *number);
            }
        }
        checked
    }

    /// How many of those whom the customer refuses are active but lack a skill.
    fn refused_without_skill(&self, asked: &Asked) -> u32 {
        let mut refused: Vec<Uuid> = asked.query.visit.excluded_engineers.clone();
        refused.sort_unstable();
        refused.dedup();
        let numbers = refused.iter().filter_map(|id| self.by_id.get(id));
        numbers
            .filter(|number| self.tree.has(**number, &[ACTIVE]) && !self.tree.has(**number, &asked.marks))
            .count() as u32
    }

    /// The nearest of those who are not active or lack a skill.
    fn add_unskilled(&self, asked: &Asked, best: &mut Best<(Found, Rule)>) {
        let word = |leaf| self.tree.taken(leaf) & !self.tree.holding(leaf, &asked.marks);
        let farthest = |best: &Best<(Found, Rule)>| match best.found.last() {
            Some((last, _)) if best.is_full() => last.chord2,
            _ => f64::INFINITY,
        };
        let limit = farthest(best);
        self.tree.walk(asked.query.unit(), limit, word, |spot, chord2| {
            let id = self.gates[spot.number as usize].id;
            let rule = if !self.tree.has(spot.number, &[ACTIVE]) {
                Rule::Inactive
            } else if asked.query.visit.excluded_engineers.contains(&id) {
                Rule::ExcludedByCustomer
            } else {
                Rule::SkillMissing
            };
            best.offer((Found { chord2, id, number: spot.number }, rule));
            farthest(best)
        });
    }
}
