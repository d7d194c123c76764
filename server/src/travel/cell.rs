//! Squares of some 150 m: within one, everybody is at the same place as far as road times go.

use dispatch::Point;

/// Side of a cell in degrees of latitude: 150 m.
const SIDE: f64 = 0.00135;

/// A square on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    row: i32,
    column: i32,
}

impl Cell {
    /// The cell of a point.
    pub fn of(point: Point) -> Self {
        let row = (point.latitude / SIDE).floor();
        // Degrees of longitude shrink towards the poles; all of a row are taken alike, so that its cells do not
        // overlap.
        let shrink = (row * SIDE).to_radians().cos().max(0.01);
        // `as` saturates: what is no place shares a cell at the edge.
        Self { row: row as i32, column: (point.longitude * shrink / SIDE).floor() as i32 }
    }
}

#[cfg(test)]
mod tests {
    use dispatch::travel::distance_m;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cell_is_small_wherever_people_live(
            latitude in -60.0..75.0f64, longitude in -179.0..179.0f64,
            north in -0.003..0.003f64, east in -0.01..0.01f64,
        ) {
            let here = Point { latitude, longitude };
            let there = Point { latitude: latitude + north, longitude: longitude + east };
            if Cell::of(here) == Cell::of(there) {
                prop_assert!(distance_m(here, there) < 225.0, "{}", distance_m(here, there));
            }
            prop_assert_eq!(Cell::of(here), Cell::of(here));
        }
    }

    #[test]
    fn the_next_block_is_another_cell() {
        let here = Point { latitude: 40.7501, longitude: -73.98 };
        assert_ne!(Cell::of(here), Cell::of(Point { latitude: 40.7525, ..here }));
        assert_ne!(Cell::of(here), Cell::of(Point { longitude: -73.977, ..here }));
    }
}
