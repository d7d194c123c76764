//! The Merkle tree of RFC 6962, over leaves that are kept elsewhere: its right edge while it grows, and roots and
//! paths from tiles of 256 hashes, so that a proof in a tree of ten million reads three ranges of rows. Proofs are
//! checked by the crate `ct-merkle`, which also judges this file in its tests.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::Error;

/// A SHA-256.
pub type Hash = [u8; 32];

/// Hashes in a tile.
pub const TILE: u64 = 256;
/// Levels of the tree in a tile.
const TILE_HEIGHT: u32 = 8;

/// The hash of a leaf: of a zero byte and its text.
pub fn leaf_hash(text: &str) -> Hash {
    Sha256::new().chain_update([0]).chain_update(text.as_bytes()).finalize().into()
}

/// The hash of a node: of a one byte and what is below it.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The SHA-256 of a text, in hexadecimal.
pub fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// Reads 64 hexadecimal digits.
pub fn unhex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (i, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(hash)
}

/// A complete subtree of 256, 65,536, … leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// 1 for 256 leaves, 2 for 65,536, …
    pub level: u32,
    /// The how manieth on its level, from 0.
    pub position: u64,
    /// Its root.
    pub hash: Hash,
}

/// The right edge of a tree that grows: the roots of its complete subtrees, the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    peaks: Vec<(u32, Hash)>,
}

impl Edge {
    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf, and says which tiles' nodes that completed.
    pub fn push(&mut self, leaf: Hash) -> Vec<Node> {
        let (mut height, mut hash) = (0, leaf);
        let mut completed = Vec::new();
        while let Some((_, left)) = self.peaks.pop_if(|(other, _)| *other == height) {
            hash = node_hash(&left, &hash);
            height += 1;
            if height % TILE_HEIGHT == 0 {
                completed.push(Node { level: height / TILE_HEIGHT, position: self.size >> height, hash });
            }
        }
        self.peaks.push((height, hash));
        self.size += 1;
        completed
    }

    /// Adds complete subtrees of that height to a tree that is a multiple of them: for reading an edge back.
    pub(crate) fn append(&mut self, height: u32, hashes: &[Hash]) {
        for hash in hashes {
            let (mut height_now, mut root) = (height, *hash);
            while let Some((_, left)) = self.peaks.pop_if(|(other, _)| *other == height_now) {
                root = node_hash(&left, &root);
                height_now += 1;
            }
            self.peaks.push((height_now, root));
            self.size += 1 << height;
        }
    }

    /// The root; of the empty tree, the hash of nothing.
    pub fn root(&self) -> Hash {
        let smallest_first = self.peaks.iter().rev().map(|(_, hash)| *hash);
        smallest_first
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// Reads roots and paths from tiles, each of which it asks for once. `read(level, tile)` gives the hashes of that
/// tile: leaves on level 0, nodes above.
pub struct Tiles<F> {
    read: F,
    tiles: HashMap<(u32, u64), Vec<Hash>>,
    /// Nodes inside of tiles that were asked for: neighbours' paths share most of theirs.
    nodes: HashMap<(u32, u64), Hash>,
}

impl<F: FnMut(u32, u64) -> Result<Vec<Hash>, Error>> Tiles<F> {
    /// Tiles of one tree.
    pub fn new(read: F) -> Self {
        Self { read, tiles: HashMap::new(), nodes: HashMap::new() }
    }

    /// The edge of a tree of `size` leaves.
    ///
    /// # Errors
    /// Tiles that cannot be read or lack hashes.
    pub fn edge(&mut self, size: u64) -> Result<Edge, Error> {
        let mut edge = Edge::default();
        for height in (0..64 - size.leading_zeros()).rev().filter(|height| size >> height & 1 == 1) {
            edge.append(height, &[self.complete(height, edge.size >> height)?]);
        }
        Ok(edge)
    }

    /// The path of RFC 6962, 2.1.1, from the leaf up.
    ///
    /// # Errors
    /// Tiles that cannot be read or lack hashes.
    pub fn path(&mut self, position: u64, size: u64) -> Result<Vec<Hash>, Error> {
        let (mut start, mut end) = (0, size);
        let mut path = Vec::new();
        while end - start > 1 {
            let middle = start + left_size(end - start);
            if position < middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(start, middle)?);
                start = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The root of the leaves from `start` to before `end`, as they hang together in the tree.
    fn range(&mut self, start: u64, end: u64) -> Result<Hash, Error> {
        let size = end - start;
        if size.is_power_of_two() {
            return self.complete(size.trailing_zeros(), start / size);
        }
        let middle = start + left_size(size);
        Ok(node_hash(&self.range(start, middle)?, &self.range(middle, end)?))
    }

    fn complete(&mut self, height: u32, position: u64) -> Result<Hash, Error> {
        if let Some(known) = self.nodes.get(&(height, position)) {
            return Ok(*known);
        }
        let (level, within) = (height / TILE_HEIGHT, height % TILE_HEIGHT);
        let first = position << within;
        let (tile, offset) = (first / TILE, (first % TILE) as usize);
        let hashes = match self.tiles.entry((level, tile)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => place.insert((self.read)(level, tile)?),
        };
        let lacking = || Error::Damaged(format!("hashes of tile {tile} on level {level} are missing"));
        let mut row = hashes.get(offset..offset + (1 << within)).ok_or_else(lacking)?.to_vec();
        while row.len() > 1 {
            row = row.chunks(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
        }
        let root = row.first().copied().ok_or_else(lacking)?;
        self.nodes.insert((height, position), root);
        Ok(root)
    }
}

/// How many leaves are on the left: the largest power of two that is less than all.
fn left_size(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;

    use super::*;

    /// Leaves and nodes as the database would keep them.
    fn grown(size: u64) -> (Edge, HashMap<(u32, u64), Vec<Hash>>) {
        let (mut edge, mut tiles) = (Edge::default(), HashMap::<_, Vec<Hash>>::new());
        for i in 0..size {
            let leaf = leaf_hash(&i.to_string());
            tiles.entry((0, i / TILE)).or_default().push(leaf);
            for node in edge.push(leaf) {
                tiles.entry((node.level, node.position / TILE)).or_default().push(node.hash);
            }
        }
        (edge, tiles)
    }

    fn judge(size: u64) -> MemoryBackedTree<Sha256, String> {
        let mut tree = MemoryBackedTree::new();
        (0..size).for_each(|i| tree.push(i.to_string()));
        tree
    }

    #[test]
    fn the_empty_tree_and_the_first_leaves_have_the_roots_of_the_rfc() {
        assert!(hex(&Edge::default().root()).starts_with("e3b0c44298fc1c14"));
        let mut edge = Edge::default();
        edge.push(leaf_hash(""));
        assert!(hex(&edge.root()).starts_with("6e340b9cffb37a98"));
    }

    #[test]
    fn roots_edges_and_paths_are_those_of_the_other_implementation() {
        for size in [1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 1_000] {
            let (edge, tiles) = grown(size);
            let other = judge(size);
            assert_eq!(edge.root().as_slice(), other.root().as_bytes().as_slice(), "{size}");
            let mut reader = Tiles::new(|level, tile| Ok(tiles[&(level, tile)].clone()));
            assert_eq!(reader.edge(size).unwrap(), edge);
            for position in [0, size / 2, size - 1] {
                let path = reader.path(position, size).unwrap().concat();
                assert_eq!(path, other.prove_inclusion(position as usize).as_bytes(), "{position} of {size}");
            }
        }
    }

    #[test]
    fn a_tree_of_seventy_thousand_needs_few_tiles_for_a_path() {
        let (edge, tiles) = grown(70_000);
        let mut asked = 0;
        let mut reader = Tiles::new(|level, tile| {
            asked += 1;
            Ok(tiles[&(level, tile)].clone())
        });
        let path = reader.path(12_345, 70_000).unwrap();
        drop(reader);
        assert!(asked <= 5, "{asked}");
        assert_eq!(path.len(), 17);
        assert_eq!(edge.size(), 70_000);
    }

    #[test]
    fn a_tile_that_lacks_a_hash_is_an_error() {
        let mut reader = Tiles::new(|_, _| Ok(vec![[0; 32]; 3]));
        assert!(matches!(reader.path(0, 8), Err(Error::Damaged(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_leaf_of_any_tree_has_the_path_of_the_other_implementation(size in 1_u64..800, at in 0.0..1.0) {
            let position = (size as f64 * at) as u64;
            let (_, tiles) = grown(size);
            let mut reader = Tiles::new(|level, tile| Ok(tiles[&(level, tile)].clone()));
            let path = reader.path(position, size).unwrap().concat();
            let proof = judge(size).prove_inclusion(position as usize);
            prop_assert_eq!(path, proof.as_bytes());
        }

        #[test]
        fn hexadecimal_reads_back(bytes in any::<[u8; 32]>()) {
            prop_assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        }
    }
}
