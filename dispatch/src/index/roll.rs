//! Everybody by the number of his seat, 64 to a group and each fact in a column: what a question asks of all who
//! hold the skills, to count them. One pass over a group says, with the same few instructions for all 64, who could
//! surely begin in time; only the others are asked one by one. Times are whole seconds from the roster's beginning,
//! rounded against the engineer, so that "surely" is always right and now and then too modest.

use super::gate::Asked;
use crate::problem::{MS_PER_MINUTE, Millis};

/// A group is as many people as a word has bits.
const GROUP: usize = u64::BITS as usize;

/// Times beyond these seconds from the beginning, eight years, are left to those who ask one by one.
const FAR_S: i64 = 1 << 28;
/// Longer than any journey that ends within [`FAR_S`].
const ENDLESS_S: f32 = (1u32 << 29) as f32;
/// What rounding to half the digits may take away from the chord between two unit vectors.
const CHORD_SLACK: f32 = 4e-7;

/// One engineer's columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub starts_at: Millis,
    pub ends_at: Millis,
    pub must_end: bool,
    pub work_minutes: u32,
    pub load_minutes: u32,
    pub max_load_minutes: u32,
}

/// The same fact of 64 people.
type Column<T> = [T; GROUP];

#[derive(Clone, Debug)]
#[repr(align(64))]
struct Group {
    place: [Column<f32>; 3],
    /// When his duty begins, rounded up.
    starts_s: Column<i32>,
    work_s: Column<i32>,
    /// Before this he must begin, rounded down; before the beginning of time if that is not known.
    ends_s: Column<i32>,
    /// By then a visit must be over, where an absence begins.
    over_s: Column<i32>,
    /// So many minutes more he may have in hand.
    room_minutes: Column<i32>,
}

/// Of a group: who could surely begin in time and near enough, and who has room for the visit, which is exact.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Checked {
    pub in_time: u64,
    pub has_room: u64,
}

/// A question in the roll's own terms.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    place: [f32; 3],
    sure_chord: f32,
    seconds_per_chord: f32,
    now_s: i32,
    begins_s: i32,
    ends_s: i32,
    visit_s: i32,
    expected_minutes: i32,
}

/// A word for each group, with a bit for each holder.
type Words = Vec<u64>;

#[derive(Clone, Debug, Default)]
struct Skill {
    held: Words,
    /// Held for long at this level or above, by level; for each level that there ever was.
    valid: Vec<(u8, Words)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Roll {
    /// Where its seconds begin.
    epoch: Millis,
    groups: Vec<Group>,
    units: Vec<[f64; 3]>,
    /// By mark.
    skills: Vec<Skill>,
}

impl Roll {
    pub fn new(epoch: Millis) -> Self {
        Self { epoch, ..Self::default() }
    }

    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Who of a group holds all of these.
    pub fn holding(&self, group: usize, marks: &[u32]) -> u64 {
        let word = |mark: &u32| self.skills.get(*mark as usize).map_or(0, |skill| word(&skill.held, group));
        marks.iter().fold(u64::MAX, |all, mark| all & word(mark))
    }

    /// Who of a group holds all of these at their levels for as long as was said when they were certified.
    pub fn certified(&self, group: usize, wanted: &[(u32, u8)]) -> u64 {
        let word = |(mark, level): &(u32, u8)| {
            let skill = self.skills.get(*mark as usize)?;
            // Nobody has a level between the asked one and the next that there is.
            let (_, words) = skill.valid.get(skill.valid.partition_point(|(of, _)| of < level))?;
            Some(word(words, group))
        };
        wanted.iter().fold(u64::MAX, |all, wanted| all & word(wanted).unwrap_or(0))
    }

    /// The numbers behind the bits of a group's word.
    pub fn numbers(group: usize, mut word: u64) -> impl Iterator<Item = u32> {
        let first = (group * GROUP) as u32;
        std::iter::from_fn(move || {
            let bit = (word != 0).then(|| word.trailing_zeros())?;
            word &= word - 1;
            Some(first + bit)
        })
    }

    /// The bit of a number, if it is of this group.
    pub fn bit(group: usize, number: u32) -> u64 {
        if number as usize / GROUP == group { 1 << (number as usize % GROUP) } else { 0 }
    }

    pub fn unit(&self, number: u32) -> &[f64; 3] {
        &self.units[number as usize]
    }

    /// Notes where somebody is.
    pub fn place(&mut self, number: u32, unit: [f64; 3]) {
        let (group, lane) = self.cell(number);
        self.units[number as usize] = unit;
        for (column, at) in self.groups[group].place.iter_mut().zip(unit) {
            column[lane] = at as f32;
        }
    }

    /// Notes when he is on duty, and what he has in hand.
    pub fn write(&mut self, number: u32, line: Line) {
        let epoch = self.epoch;
        let (group, lane) = self.cell(number);
        let group = &mut self.groups[group];
        let work_s = i64::from(line.work_minutes) * 60;
        let starts_s = ceil_s(line.starts_at, epoch).max(-FAR_S);
        let ends_s = floor_s(line.ends_at, epoch).min(FAR_S);
        let is_known = starts_s <= FAR_S && ends_s >= -FAR_S && work_s <= FAR_S;
        group.starts_s[lane] = if is_known { starts_s as i32 } else { 0 };
        group.work_s[lane] = if is_known { work_s as i32 } else { 0 };
        group.ends_s[lane] = if is_known { ends_s as i32 } else { i32::MIN };
        group.over_s[lane] = if line.must_end { group.ends_s[lane] } else { i32::MAX };
        let room = i64::from(line.max_load_minutes) - i64::from(line.load_minutes);
        let room = room.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
        group.room_minutes[lane] = if line.max_load_minutes == u32::MAX { i32::MAX } else { room };
    }

    /// Notes which skills he holds, instead of those that he held; none of them is certified yet.
    pub fn mark(&mut self, number: u32, before: &[u32], now: &[u32]) {
        let (group, lane) = self.cell(number);
        self.uncertify(number);
        for mark in before {
            set(&mut self.skills[*mark as usize].held, group, lane, false);
        }
        for mark in now {
            if self.skills.len() <= *mark as usize {
                self.skills.resize(*mark as usize + 1, Skill::default());
            }
            set(&mut self.skills[*mark as usize].held, group, lane, true);
        }
    }

    /// Forgets how long he holds what he holds.
    pub fn uncertify(&mut self, number: u32) {
        let (group, lane) = self.cell(number);
        for skill in self.skills.iter_mut().filter(|skill| word(&skill.held, group) & 1 << lane != 0) {
            skill.valid.iter_mut().for_each(|(_, words)| set(words, group, lane, false));
        }
    }

    /// Notes that he holds this skill for long, at a level.
    pub fn certify(&mut self, number: u32, mark: u32, level: u8) {
        let (group, lane) = self.cell(number);
        let Some(skill) = self.skills.get_mut(mark as usize) else { return };
        let at = skill.valid.partition_point(|(of, _)| *of < level);
        if skill.valid.get(at).is_none_or(|(of, _)| *of != level) {
            // Who holds it at this level or above, so far, are those of the next.
            let above = skill.valid.get(at).map(|(_, words)| words.clone()).unwrap_or_default();
            skill.valid.insert(at, (level, above));
        }
        for (_, words) in &mut skill.valid[..=at] {
            set(words, group, lane, true);
        }
    }

    /// Passes over a group.
    pub fn check(&self, group: usize, bar: &Bar) -> Checked {
        let group = &self.groups[group];
        let (mut in_time, mut has_room): (Column<u8>, Column<u8>) = ([0; GROUP], [0; GROUP]);
        for lane in 0..GROUP {
            let off: [f32; 3] = std::array::from_fn(|axis| group.place[axis][lane] - bar.place[axis]);
            let chord = (off[0] * off[0] + off[1] * off[1] + off[2] * off[2]).sqrt() + CHORD_SLACK;
            let travel_s = (chord * bar.seconds_per_chord + 2.0).min(ENDLESS_S) as i32;
            let free_s = group.starts_s[lane].max(bar.now_s) + group.work_s[lane];
            let start_s = (free_s + travel_s).max(bar.begins_s);
            let sure = (chord <= bar.sure_chord)
                & (start_s < group.ends_s[lane])
                & (start_s <= bar.ends_s)
                & (start_s + bar.visit_s <= group.over_s[lane]);
            in_time[lane] = u8::from(sure);
            has_room[lane] = u8::from(bar.expected_minutes <= group.room_minutes[lane]);
        }
        Checked { in_time: packed(&in_time), has_room: packed(&has_room) }
    }

    /// The question in seconds; `None` if it is about times so far away that it must be asked one by one.
    pub fn bar(&self, asked: &Asked) -> Option<Bar> {
        let query = asked.query;
        let now_s = ceil_s(query.now, self.epoch);
        let begins_s = ceil_s(query.begins_at(), self.epoch);
        let visit_s = i64::from(query.visit.expected_minutes) * (MS_PER_MINUTE / 1_000);
        let is_near = |seconds: i64| (-FAR_S..=FAR_S).contains(&seconds);
        if !asked.is_current || ![now_s, begins_s, visit_s].into_iter().all(is_near) {
            return None;
        }
        Some(Bar {
            place: query.unit().map(|at| at as f32),
            // A little less, for the digits that are left out.
            sure_chord: asked.sure_chord2.max(0.0).sqrt() as f32 * (1.0 - 1e-6) - CHORD_SLACK,
            seconds_per_chord: (asked.ms_per_chord / 1_000.0) as f32 * (1.0 + 1e-5),
            now_s: now_s as i32,
            begins_s: begins_s as i32,
            ends_s: floor_s(query.ends_at(), self.epoch).clamp(-2 * FAR_S, 2 * FAR_S) as i32,
            visit_s: visit_s as i32,
            expected_minutes: query.visit.expected_minutes.min(i32::MAX as u32) as i32,
        })
    }

    /// Where he is in the columns, which grow as needed.
    fn cell(&mut self, number: u32) -> (usize, usize) {
        let (group, lane) = (number as usize / GROUP, number as usize % GROUP);
        if self.groups.len() <= group {
            self.groups.resize(group + 1, Group::NOBODY);
            self.units.resize((group + 1) * GROUP, [0.0; 3]);
        }
        (group, lane)
    }
}

impl Group {
    const NOBODY: Group = Group {
        place: [[0.0; GROUP]; 3],
        starts_s: [0; GROUP],
        work_s: [0; GROUP],
        ends_s: [i32::MIN; GROUP],
        over_s: [i32::MIN; GROUP],
        room_minutes: [i32::MIN; GROUP],
    };
}

fn word(words: &Words, group: usize) -> u64 {
    words.get(group).copied().unwrap_or(0)
}

fn set(words: &mut Words, group: usize, lane: usize, holds: bool) {
    if holds && words.len() <= group {
        words.resize(group + 1, 0);
    }
    if let Some(word) = words.get_mut(group) {
        *word = *word & !(1 << lane) | u64::from(holds) << lane;
    }
}

fn ceil_s(at: Millis, epoch: Millis) -> i64 {
    -epoch.saturating_sub(at).div_euclid(1_000)
}

fn floor_s(at: Millis, epoch: Millis) -> i64 {
    at.saturating_sub(epoch).div_euclid(1_000)
}

/// 64 bytes, each zero or one, as the bits of a word.
fn packed(bytes: &[u8; GROUP]) -> u64 {
    let (chunks, _) = bytes.as_chunks::<8>();
    // The multiplication gathers the lowest bits of eight bytes in the highest byte.
    let eight = |chunk: &[u8; 8]| u64::from_le_bytes(*chunk).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    chunks.iter().rev().fold(0, |word, chunk| word << 8 | eight(chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_bits_in_their_order() {
        let mut bytes = [0; GROUP];
        [0, 3, 8, 31, 62, 63].into_iter().for_each(|bit| bytes[bit] = 1);
        assert_eq!(packed(&bytes), 1 | 1 << 3 | 1 << 8 | 1 << 31 | 1 << 62 | 1 << 63);
        assert_eq!(packed(&[1; GROUP]), u64::MAX);
    }

    #[test]
    fn seconds_are_rounded_away_from_the_engineer() {
        assert_eq!((ceil_s(1_001, 0), floor_s(1_999, 0)), (2, 1));
        assert_eq!((ceil_s(-1_001, 0), floor_s(-1_001, 0)), (-1, -2));
        assert_eq!((ceil_s(7_000, 2_000), floor_s(7_000, 2_000)), (5, 5));
        assert!(ceil_s(Millis::MAX, -5) > FAR_S && floor_s(Millis::MIN, 5) < -FAR_S);
    }

    #[test]
    fn the_numbers_of_a_word_are_those_of_its_group() {
        assert_eq!(Roll::numbers(2, 0b1010).collect::<Vec<_>>(), [129, 131]);
        assert_eq!((Roll::bit(2, 131), Roll::bit(1, 131)), (0b1000, 0));
    }
}
