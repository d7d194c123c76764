//! Seconds between places, as the search asks for them hundreds of millions of times. A place is a number: tickets
//! first, then the engineers' homes.

use super::places::Places;
use crate::plan::{LONGEST_JOURNEY, Travel};
use crate::travel::{EARTH_RADIUS_M, chord2, unit_vector};

/// Most places for which a table is filled beforehand: 16 MiB. A larger one is slower than calculating, because its
/// entries are no longer in the cache of the processor, and it grows with the square of the tickets.
const TABLE: usize = 2_048;

/// Rows that are filled between two looks at the caller's clock.
const LOOK: u32 = 64;

/// Seconds from one place to another; the search is compiled for each way to know them.
pub trait Distance {
    /// Whole seconds.
    fn seconds(&self, from: u32, to: u32) -> i32;
}

/// Every pair, row by row.
pub struct Table {
    places: usize,
    seconds: Vec<i32>,
}

impl Distance for Table {
    #[inline]
    fn seconds(&self, from: u32, to: u32) -> i32 {
        self.seconds[from as usize * self.places + to as usize]
    }
}

/// A table in which several places have one row.
pub struct Shared {
    rows: Vec<u32>,
    table: Table,
}

impl Distance for Shared {
    #[inline]
    fn seconds(&self, from: u32, to: u32) -> i32 {
        self.table.seconds(self.rows[from as usize], self.rows[to as usize])
    }
}

/// The great circle at a constant speed, worked out when asked for.
pub struct Calculated {
    places: Vec<[f64; 3]>,
    /// Seconds for one radian.
    factor: f64,
}

impl Distance for Calculated {
    #[inline]
    fn seconds(&self, from: u32, to: u32) -> i32 {
        let half = chord2(&self.places[from as usize], &self.places[to as usize]).sqrt() / 2.0;
        // `as` saturates, and what is further than the limit is not served on that day.
        ((2.0 * arcsine(half) * self.factor + 0.5) as i32).min(LONGEST_JOURNEY)
    }
}

/// The arc of a sine. Within 600 km (x < 0.05) the series below is exact to 13 digits, and three times as fast.
#[inline]
fn arcsine(x: f64) -> f64 {
    if x > 0.05 {
        return libm::asin(x.min(1.0));
    }
    let x2 = x * x;
    x * (1.0 + x2 * (1.0 / 6.0 + x2 * (3.0 / 40.0 + x2 * (15.0 / 336.0 + x2 * (105.0 / 3_456.0)))))
}

/// One of them.
pub enum Distances {
    Table(Table),
    Shared(Shared),
    Calculated(Calculated),
}

impl Distances {
    /// Chooses by the number of places, and does not fill a table when `is_over`. A given matrix is taken as it is.
    pub fn new(travel: &Travel, places: &Places, mut is_over: impl FnMut() -> bool) -> Self {
        let calculated = match travel {
            Travel::Matrix { seconds } => {
                let table =
                    Table { places: seconds.len(), seconds: seconds.iter().flatten().copied().collect() };
                return match places.rows.clone() {
                    Some(rows) => Self::Shared(Shared { rows, table }),
                    None => Self::Table(table),
                };
            }
            Travel::Haversine { radius_m, road_factor, speed_kmh, .. } => Calculated {
                places: places.points.iter().map(|place| unit_vector(*place)).collect(),
                factor: radius_m.unwrap_or(EARTH_RADIUS_M) * road_factor / (speed_kmh / 3.6),
            },
        };
        let places = places.points.len();
        if places > TABLE {
            return Self::Calculated(calculated);
        }
        let count = places as u32;
        let mut seconds = Vec::with_capacity(places * places);
        for from in 0..count {
            if from % LOOK == 0 && is_over() {
                return Self::Calculated(calculated);
            }
            seconds.extend((0..count).map(|to| calculated.seconds(from, to)));
        }
        Self::Table(Table { places, seconds })
    }
}
