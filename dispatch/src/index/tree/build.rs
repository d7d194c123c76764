//! Building a tree at once, by medians, and splitting a leaf that is full.

use super::bounds::{Bounds, Frame};
use super::{Kind, LEAF, Leaf, Node, Slot, Spot, Tree};

/// People in a leaf that is built: some room is left, so that the first who come do not split it.
pub(super) const FILL: usize = 48;

const NOBODY: Spot = Spot { number: u32::MAX, unit: [0.0; 3] };

/// Somebody with his turned place.
type Placed = (Spot, [f64; 3]);

impl Tree {
    /// Numbers must differ.
    pub fn build(people: Vec<(Spot, Box<[u32]>)>) -> Self {
        let frame = Frame::over(people.iter().map(|(spot, _)| &spot.unit));
        let numbers = people.iter().map(|(spot, _)| spot.number as usize + 1).max().unwrap_or(0);
        let mut tree = Self {
            frame,
            nodes: Vec::new(),
            leaves: Vec::new(),
            holders: Vec::new(),
            counts: Vec::new(),
            slots: vec![None; numbers],
            marks: vec![Box::default(); numbers],
            len: people.len(),
            built_len: people.len(),
        };
        let mut placed: Vec<Placed> = Vec::with_capacity(people.len());
        for (spot, marks) in people {
            marks.iter().for_each(|mark| tree.count_mark(*mark));
            tree.marks[spot.number as usize] = marks;
            placed.push((spot, frame.turned(&spot.unit)));
        }
        let bounds = Bounds::around(placed.iter().map(|(_, turned)| turned));
        tree.nodes.push(Node { bounds, kind: Kind::Leaf(0) });
        tree.branch(0, &mut placed);
        tree
    }

    /// Makes a node of these people a leaf, or a fork of two halves.
    fn branch(&mut self, node: u32, people: &mut [Placed]) {
        if people.len() <= FILL {
            let leaf = self.new_leaf(node);
            self.nodes[node as usize].kind = Kind::Leaf(leaf);
            for (bit, (spot, _)) in (0..).zip(people.iter()) {
                self.write(*spot, Slot { leaf, bit });
            }
            return;
        }
        // In whole leaves, so that all but the last are filled alike.
        let leaves = people.len().div_ceil(FILL);
        let middle = people.len() * (leaves / 2) / leaves;
        let first = self.fork(node, people, middle);
        let (before, after) = people.split_at_mut(middle);
        self.branch(first, before);
        self.branch(first + 1, after);
    }

    /// Splits people along the longest axis and gives the node two children, which are leaves for the time
    /// being; the first of them.
    fn fork(&mut self, node: u32, people: &mut [Placed], middle: usize) -> u32 {
        let axis = Bounds::around(people.iter().map(|(_, turned)| turned)).longest_axis();
        people.select_nth_unstable_by(middle, |a, b| {
            a.1[axis].total_cmp(&b.1[axis]).then(a.0.number.cmp(&b.0.number))
        });
        let at = people[middle].1[axis];
        let first = self.nodes.len() as u32;
        for half in [&people[..middle], &people[middle..]] {
            let bounds = Bounds::around(half.iter().map(|(_, turned)| turned));
            self.nodes.push(Node { bounds, kind: Kind::Leaf(u32::MAX) });
        }
        self.nodes[node as usize].kind = Kind::Fork { first, axis: axis as u32, at };
        first
    }

    fn new_leaf(&mut self, node: u32) -> u32 {
        self.leaves.push(Leaf { node, taken: 0, spots: [NOBODY; LEAF] });
        self.holders.iter_mut().for_each(|words| words.push(0));
        self.leaves.len() as u32 - 1
    }

    /// Gives half of a full leaf to a new one. Both are below the node that was the leaf's.
    pub(super) fn split(&mut self, leaf: u32) {
        let node = self.leaves[leaf as usize].node;
        let mut people: Vec<Placed> =
            self.leaves[leaf as usize].spots.map(|s| (s, self.frame.turned(&s.unit))).into();
        let bounds = self.nodes[node as usize].bounds;
        for (spot, _) in &people {
            self.unseat(spot.number);
        }
        // Nobody was in it for a moment; now they are below it.
        self.nodes[node as usize].bounds = bounds;
        let middle = people.len() / 2;
        let first = self.fork(node, &mut people, middle);
        let new = self.new_leaf(first + 1);
        self.leaves[leaf as usize].node = first;
        self.nodes[first as usize].kind = Kind::Leaf(leaf);
        self.nodes[first as usize + 1].kind = Kind::Leaf(new);
        for (place, (spot, _)) in people.iter().enumerate() {
            let leaf = if place < middle { leaf } else { new };
            self.write(*spot, Slot { leaf, bit: (place % middle) as u8 });
        }
    }
}
