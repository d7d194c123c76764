//! Engines answer rectangles, every source to every target; what is missing is seldom one. Sources that want nearly
//! the same targets are asked for together.

use std::collections::{BTreeMap, BTreeSet};

use dispatch::Point;

use super::cell::Cell;

/// A rectangle may be so many times as large as what is wanted of it,
const WASTE: usize = 4;
/// or have so many pairs: those cost no more than the call itself.
const CHEAP: usize = 400;

/// What is asked for in one table.
#[derive(Debug, Default)]
pub struct Rectangle {
    /// From where.
    pub sources: Vec<Point>,
    /// To where.
    pub targets: Vec<Point>,
}

/// Rectangles that cover all these pairs.
pub fn cover(pairs: &[(Point, Point)]) -> Vec<Rectangle> {
    let mut places: BTreeMap<Cell, Point> = BTreeMap::new();
    let mut wanted: BTreeMap<Cell, BTreeSet<Cell>> = BTreeMap::new();
    for (from, to) in pairs {
        let (source, target) = (Cell::of(*from), Cell::of(*to));
        places.entry(source).or_insert(*from);
        places.entry(target).or_insert(*to);
        wanted.entry(source).or_default().insert(target);
    }
    // Those that want the same stand side by side.
    let mut rows: Vec<(BTreeSet<Cell>, Cell)> =
        wanted.into_iter().map(|(source, all)| (all, source)).collect();
    rows.sort();
    let point = |cell: &Cell| places.get(cell).copied();
    let mut done = Vec::new();
    let (mut sources, mut targets, mut count) = (Vec::new(), BTreeSet::new(), 0);
    let mut finish = |sources: &mut Vec<Cell>, targets: &mut BTreeSet<Cell>| {
        if !sources.is_empty() {
            let sources = std::mem::take(sources).iter().filter_map(point).collect();
            let targets = std::mem::take(targets).iter().filter_map(point).collect();
            done.push(Rectangle { sources, targets });
        }
    };
    for (row, source) in rows {
        let union = targets.union(&row).count();
        let area = (sources.len() + 1) * union;
        if area > CHEAP && area > WASTE * (count + row.len()) {
            finish(&mut sources, &mut targets);
            count = 0;
        }
        count += row.len();
        sources.push(source);
        targets.extend(row);
    }
    finish(&mut sources, &mut targets);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(north: usize, east: usize) -> Point {
        Point { latitude: 40.0 + north as f64 / 100.0, longitude: -74.0 + east as f64 / 100.0 }
    }

    fn pairs_in(rectangles: &[Rectangle]) -> BTreeSet<(Cell, Cell)> {
        let of = |r: &Rectangle| {
            let pair = |from: Point| {
                r.targets.iter().map(move |to| (Cell::of(from), Cell::of(*to))).collect::<Vec<_>>()
            };
            r.sources.iter().flat_map(|from| pair(*from)).collect::<Vec<_>>()
        };
        rectangles.iter().flat_map(of).collect()
    }

    #[test]
    fn many_sources_of_one_target_are_one_rectangle() {
        let pairs: Vec<_> = (1..=200).map(|i| (at(i, 0), at(0, 0))).collect();
        let covered = cover(&pairs);
        assert_eq!((covered.len(), covered[0].sources.len(), covered[0].targets.len()), (1, 200, 1));
    }

    #[test]
    fn scattered_pairs_are_all_covered_without_a_table_of_everything() {
        let pairs: Vec<_> = (0..500).map(|i| (at(i, 0), at(i, 7))).collect();
        let covered = cover(&pairs);
        let asked: usize = covered.iter().map(|r| r.sources.len() * r.targets.len()).sum();
        assert!(asked <= 20 * 500, "{asked}");
        let in_them = pairs_in(&covered);
        assert!(pairs.iter().all(|(from, to)| in_them.contains(&(Cell::of(*from), Cell::of(*to)))));
    }
}
