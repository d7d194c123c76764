//! Who is where and holds what, in leaves of at most 64 people, which is one machine word: a bit of a word
//! stands for one of them. For each skill there is such a word a leaf, so "who of these holds both" is one
//! `and`, and a leaf without anybody suitable is passed over without being looked into. The leaves hang in a
//! binary tree of boxes that follows the density of people, in a city as in a country.
//!
//! Somebody who moves within the box of his leaf costs one write. Boxes only grow, but never out of the
//! region that the splits above leave them; [`Tree::is_worn`] says when it is better to build it anew.

mod bounds;
mod build;
mod curve;

use bounds::{Bounds, Frame, side};

pub(super) use curve::curve;

/// Everybody who is active, as if it were a skill; skills are numbered from 1.
pub(super) const ACTIVE: u32 = 0;

/// A leaf is full with as many people as a word has bits.
const LEAF: usize = u64::BITS as usize;

/// Somebody as the tree sees him: the number of his seat, and his place as a unit vector.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub number: u32,
    pub unit: [f64; 3],
}

#[derive(Clone, Debug)]
struct Leaf {
    node: u32,
    /// Who of the 64 is there.
    taken: u64,
    spots: [Spot; LEAF],
}

#[derive(Clone, Debug)]
#[repr(align(64))]
struct Node {
    bounds: Bounds,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Leaf(u32),
    /// Two children, one after the other; to the first goes who is before `at` on the axis.
    Fork {
        first: u32,
        axis: u32,
        at: f64,
    },
}

/// Where somebody sits in the tree.
#[derive(Clone, Copy, Debug)]
struct Slot {
    leaf: u32,
    bit: u8,
}

#[derive(Clone, Debug)]
pub(super) struct Tree {
    frame: Frame,
    nodes: Vec<Node>,
    leaves: Vec<Leaf>,
    /// By skill: a word for each leaf, with a bit for each holder.
    holders: Vec<Vec<u64>>,
    /// By skill: how many hold it.
    counts: Vec<u32>,
    /// By number.
    slots: Vec<Option<Slot>>,
    /// By number: the skills, and [`ACTIVE`] where that is so; each once.
    marks: Vec<Box<[u32]>>,
    len: usize,
    built_len: usize,
}

impl Default for Tree {
    fn default() -> Self {
        Self::build(Vec::new())
    }
}

impl Tree {
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many hold a skill.
    pub fn count(&self, mark: u32) -> usize {
        self.counts.get(mark as usize).map_or(0, |count| *count as usize)
    }

    pub fn leaves(&self) -> u32 {
        self.leaves.len() as u32
    }

    /// Who of a leaf is there at all.
    pub fn taken(&self, leaf: u32) -> u64 {
        self.leaves[leaf as usize].taken
    }

    /// Who of a leaf holds all of these.
    pub fn holding(&self, leaf: u32, marks: &[u32]) -> u64 {
        let word = |mark: &u32| self.holders.get(*mark as usize).map_or(0, |words| words[leaf as usize]);
        marks.iter().fold(u64::MAX, |all, mark| all & word(mark))
    }

    /// What is kept of somebody; nothing of who is not here.
    pub fn marks(&self, number: u32) -> &[u32] {
        self.marks.get(number as usize).map_or(&[], |marks| marks)
    }

    /// Does somebody hold all of these?
    pub fn has(&self, number: u32, marks: &[u32]) -> bool {
        let slot = self.slots.get(number as usize).copied().flatten();
        slot.is_some_and(|slot| self.holding(slot.leaf, marks) & 1 << slot.bit != 0)
    }

    /// The people behind the bits of a word.
    pub fn spots(&self, leaf: u32, mut word: u64) -> impl Iterator<Item = &Spot> {
        let spots = &self.leaves[leaf as usize].spots;
        std::iter::from_fn(move || {
            let bit = word.trailing_zeros() as usize;
            word &= word.wrapping_sub(1);
            spots.get(bit)
        })
    }

    pub fn spot(&self, number: u32) -> Option<&Spot> {
        let Slot { leaf, bit } = (*self.slots.get(number as usize)?)?;
        Some(&self.leaves[leaf as usize].spots[usize::from(bit)])
    }

    /// Puts somebody in, in place of what was known under his number.
    pub fn put(&mut self, spot: Spot, marks: Box<[u32]>) {
        self.remove(spot.number);
        for mark in &marks {
            self.count_mark(*mark);
        }
        let number = spot.number as usize;
        if self.slots.len() <= number {
            self.slots.resize(number + 1, None);
            self.marks.resize(number + 1, Box::default());
        }
        self.marks[number] = marks;
        self.len += 1;
        self.seat(spot);
    }

    pub fn remove(&mut self, number: u32) {
        if self.unseat(number).is_none() {
            return;
        }
        for mark in std::mem::take(&mut self.marks[number as usize]) {
            self.counts[mark as usize] -= 1;
        }
        self.len -= 1;
    }

    /// Somebody is elsewhere now.
    pub fn moved(&mut self, number: u32, unit: [f64; 3]) {
        let Some(Slot { leaf, bit }) = self.slots.get(number as usize).copied().flatten() else { return };
        let leaf = &mut self.leaves[leaf as usize];
        if self.nodes[leaf.node as usize].bounds.holds(&self.frame.turned(&unit)) {
            leaf.spots[usize::from(bit)].unit = unit;
        } else if self.unseat(number).is_some() {
            self.seat(Spot { number, unit });
        }
    }

    /// Everybody in boxes that come within `limit`, near boxes first. `word` chooses whom of a leaf to meet;
    /// `meet` gets them with their squared chord and returns the limit from then on.
    pub fn walk(
        &self,
        target: &[f64; 3],
        mut limit: f64,
        word: impl Fn(u32) -> u64,
        mut meet: impl FnMut(&Spot, f64) -> f64,
    ) {
        let from = side(&self.frame.turned(target));
        // With whom to meet there, if it is a leaf that was looked at already.
        let mut open: Vec<(f64, u32, u64)> = Vec::with_capacity(64);
        let chosen = |node: &Node| if let Kind::Leaf(leaf) = node.kind { word(leaf) } else { u64::MAX };
        open.push((0.0, 0, chosen(&self.nodes[0])));
        while let Some((least, node, chosen_here)) = open.pop() {
            if least > limit {
                continue;
            }
            match self.nodes[node as usize].kind {
                Kind::Leaf(leaf) => {
                    for spot in self.spots(leaf, chosen_here) {
                        let chord2 = crate::travel::chord2(&spot.unit, target);
                        if chord2 <= limit {
                            limit = meet(spot, chord2);
                        }
                    }
                }
                Kind::Fork { first, .. } => {
                    // Most leaves have nobody suitable, and are not worth coming back to.
                    let child = |number: u32| {
                        let node = &self.nodes[number as usize];
                        let word = chosen(node);
                        let least = if word == 0 { f64::INFINITY } else { node.bounds.least_chord2(&from) };
                        (least, number, word)
                    };
                    let (a, b) = (child(first), child(first + 1));
                    let (near, far) = if a.0 <= b.0 { (a, b) } else { (b, a) };
                    for child in [far, near] {
                        if child.0 <= limit && child.0 < f64::INFINITY {
                            open.push(child);
                        }
                    }
                }
            }
        }
    }

    /// Is it so much changed since it was built that building it anew pays?
    pub fn is_worn(&self) -> bool {
        let needed = 2 * self.len.div_ceil(build::FILL) + 8;
        self.leaves.len() > needed || self.len > 2 * self.built_len + LEAF
    }

    /// The same people in a new tree.
    pub fn rebuild(&mut self) {
        let slots = std::mem::take(&mut self.slots);
        let mut marks = std::mem::take(&mut self.marks);
        let spot_at = |slot: &Slot| self.leaves[slot.leaf as usize].spots[usize::from(slot.bit)];
        let known = slots.iter().flatten().map(spot_at);
        let people = known.map(|spot| (spot, std::mem::take(&mut marks[spot.number as usize]))).collect();
        *self = Self::build(people);
    }

    fn count_mark(&mut self, mark: u32) {
        let mark = mark as usize;
        while self.holders.len() <= mark {
            self.holders.push(vec![0; self.leaves.len()]);
            self.counts.push(0);
        }
        self.counts[mark] += 1;
    }

    /// Finds him a place; his marks are known already.
    fn seat(&mut self, spot: Spot) {
        let turned = self.frame.turned(&spot.unit);
        let mut node = 0;
        let leaf = loop {
            self.nodes[node as usize].bounds.grow(&turned);
            match self.nodes[node as usize].kind {
                Kind::Leaf(leaf) if self.leaves[leaf as usize].taken == u64::MAX => self.split(leaf),
                Kind::Leaf(leaf) => break leaf,
                Kind::Fork { first, axis, at } => {
                    // Many at one place: by their numbers, so that the tree does not become a list.
                    let along = turned[axis as usize];
                    let second = along > at || (along == at && spot.number.is_multiple_of(2));
                    node = first + u32::from(second);
                }
            }
        };
        let bit = self.leaves[leaf as usize].taken.trailing_ones() as u8;
        self.write(spot, Slot { leaf, bit });
    }

    fn write(&mut self, spot: Spot, slot: Slot) {
        let leaf = &mut self.leaves[slot.leaf as usize];
        leaf.taken |= 1 << slot.bit;
        leaf.spots[usize::from(slot.bit)] = spot;
        for mark in &self.marks[spot.number as usize] {
            self.holders[*mark as usize][slot.leaf as usize] |= 1 << slot.bit;
        }
        self.slots[spot.number as usize] = Some(slot);
    }

    /// Takes him out of his leaf; where he was.
    fn unseat(&mut self, number: u32) -> Option<Slot> {
        let slot = self.slots.get_mut(number as usize)?.take()?;
        let leaf = &mut self.leaves[slot.leaf as usize];
        leaf.taken &= !(1 << slot.bit);
        if leaf.taken == 0 {
            self.nodes[leaf.node as usize].bounds = Bounds::EMPTY;
        }
        for mark in &self.marks[number as usize] {
            self.holders[*mark as usize][slot.leaf as usize] &= !(1 << slot.bit);
        }
        Some(slot)
    }
}

#[cfg(test)]
mod tests;
