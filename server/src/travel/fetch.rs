//! A table of any size from an engine that takes only so much at once, and that refuses all of it because of one
//! point: it is cut into tiles, points off the map are found and left out, and what is refused all the same is
//! halved until it is clear which pair it was.

use std::collections::VecDeque;

use dispatch::Point;
use dispatch::travel::distance_m;

use super::engine::{Engine, Failure, Limits};

/// Seconds from each source (a row) to each target; `None` where there is no answer.
pub type Table = Vec<Vec<Option<u32>>>;

/// Most calls for one table beyond one a tile: whoever has more bad points gets no answer for the rest.
const MOST_MENDING: usize = 64;
/// Nobody drives faster, in metres a second, along the straight line: 200 km/h. An engine that says so has taken
/// one of the points for another place.
const FASTEST_M_S: f64 = 55.6;

/// Rows and columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tile {
    rows: Vec<usize>,
    columns: Vec<usize>,
    /// Points off the map are out of it already.
    located: bool,
}

impl Tile {
    fn is_one_pair(&self) -> bool {
        self.rows.len() == 1 && self.columns.len() == 1
    }

    fn halves(self) -> [Self; 2] {
        let Self { rows, columns, located } = self;
        if rows.len() >= columns.len() {
            let (a, b) = rows.split_at(rows.len() / 2);
            [a, b].map(|rows| Self { rows: rows.to_vec(), columns: columns.clone(), located })
        } else {
            let (a, b) = columns.split_at(columns.len() / 2);
            [a, b].map(|columns| Self { rows: rows.clone(), columns: columns.to_vec(), located })
        }
    }
}

/// Cuts a table of this size into tiles that an engine takes.
fn tiles(rows: usize, columns: usize, limits: Limits) -> VecDeque<Tile> {
    if rows == 0 || columns == 0 {
        return VecDeque::new();
    }
    let wide =
        columns.min((limits.points / 2).max(limits.points.saturating_sub(rows))).min(limits.pairs).max(1);
    let high = rows.min(limits.points - wide.min(limits.points - 1)).min(limits.pairs / wide).max(1);
    let (rows, columns): (Vec<usize>, Vec<usize>) = ((0..rows).collect(), (0..columns).collect());
    let tile = |rows: &[usize], columns: &[usize]| Tile {
        rows: rows.to_vec(),
        columns: columns.to_vec(),
        located: false,
    };
    rows.chunks(high).flat_map(|rows| columns.chunks(wide).map(move |columns| tile(rows, columns))).collect()
}

/// Seconds from each source to each target. Bad points cost their own answers and nobody else's.
///
/// # Errors
/// The engine does not answer.
pub async fn matrix(engine: &Engine, sources: &[Point], targets: &[Point]) -> Result<Table, Failure> {
    let mut table = vec![vec![None; targets.len()]; sources.len()];
    let mut open = tiles(sources.len(), targets.len(), engine.limits());
    let mut calls_left = open.len() + MOST_MENDING;
    while let Some(tile) = open.pop_front() {
        if calls_left == 0 {
            tracing::warn!("too many points that the road engine refuses; some journeys are straight lines");
            break;
        }
        calls_left -= 1;
        let (from, to) = (pick(sources, &tile.rows), pick(targets, &tile.columns));
        match engine.table(&from, &to).await {
            Ok(answer) => {
                for ((row, place), answer) in tile.rows.iter().zip(&from).zip(answer) {
                    for ((column, other), seconds) in tile.columns.iter().zip(&to).zip(answer) {
                        let credible =
                            |s: &u32| distance_m(*place, *other) <= FASTEST_M_S * f64::from(*s + 60);
                        table[*row][*column] = seconds.filter(credible);
                    }
                }
            }
            Err(Failure::Refused(_)) if tile.is_one_pair() => {}
            Err(Failure::Refused(why)) => {
                tracing::debug!(why, "the road engine refuses a table; it is asked for in parts");
                if tile.located {
                    open.extend(tile.halves());
                } else {
                    open.extend(on_the_map(engine, tile, &from, &to).await?);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(table)
}

fn pick(points: &[Point], numbers: &[usize]) -> Vec<Point> {
    numbers.iter().map(|number| points[*number]).collect()
}

/// What is to be asked instead of a refused tile: the same without points off the map, or else its halves.
async fn on_the_map(engine: &Engine, tile: Tile, from: &[Point], to: &[Point]) -> Result<Vec<Tile>, Failure> {
    let both = (engine.locate(from).await?, engine.locate(to).await?);
    let (Some(from), Some(to)) = both else { return Ok(tile.halves().into()) };
    let kept = |numbers: &[usize], good: &[bool]| -> Vec<usize> {
        numbers.iter().zip(good).filter(|(_, good)| **good).map(|(number, _)| *number).collect()
    };
    let (rows, columns) = (kept(&tile.rows, &from), kept(&tile.columns, &to));
    if rows.is_empty() || columns.is_empty() {
        return Ok(Vec::new());
    }
    if rows.len() == tile.rows.len() && columns.len() == tile.columns.len() {
        return Ok(Tile { located: true, ..tile }.halves().into());
    }
    Ok(vec![Tile { rows, columns, located: true }])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tiles_cover_every_pair_once_and_are_never_too_large(
            rows in 0..300usize, columns in 0..300usize, few in prop::bool::ANY,
        ) {
            let limits = Limits { pairs: 2_500, points: if few { 100 } else { usize::MAX } };
            let mut seen = vec![0; rows * columns];
            for tile in tiles(rows, columns, limits) {
                prop_assert!(tile.rows.len() * tile.columns.len() <= limits.pairs);
                prop_assert!(tile.rows.len() + tile.columns.len() <= limits.points);
                for row in &tile.rows {
                    tile.columns.iter().for_each(|column| seen[row * columns + column] += 1);
                }
            }
            prop_assert!(seen.iter().all(|count| *count == 1));
        }
    }

    #[test]
    fn halves_end_with_one_pair() {
        let tile = Tile { rows: vec![0, 1, 2], columns: vec![0], located: false };
        let [a, b] = tile.halves();
        assert_eq!((a.rows.clone(), b.rows.clone()), (vec![0], vec![1, 2]));
        assert!(a.is_one_pair() && !b.is_one_pair());
        let wide = Tile { rows: vec![7], columns: vec![4, 5], located: true };
        assert!(wide.halves().iter().all(Tile::is_one_pair));
    }
}
