//! A line through all places of the earth on which neighbours mostly stay neighbours.

use crate::problem::Point;

/// Where on the line a place is: the bits of its latitude and longitude in turns (Morton order), to some metres.
pub fn curve(point: Point) -> u64 {
    let north = (point.latitude.clamp(-90.0, 90.0) + 90.0) / 180.0;
    let east = (point.longitude.clamp(-180.0, 180.0) + 180.0) / 360.0;
    // `as` saturates, and takes what is no number for zero.
    spread((north * f64::from(u32::MAX)) as u32) << 1 | spread((east * f64::from(u32::MAX)) as u32)
}

/// Each bit to twice its place.
fn spread(bits: u32) -> u64 {
    let mut wide = u64::from(bits);
    for (shift, mask) in [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        wide = (wide | wide << shift) & mask;
    }
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_turns() {
        assert_eq!((spread(0b1011), spread(u32::MAX)), (0b100_0101, 0x5555_5555_5555_5555));
    }

    #[test]
    fn neighbours_are_nearer_on_the_line_than_people_in_another_town() {
        let at = |latitude, longitude| curve(Point { latitude, longitude });
        let (here, near, far) = (at(40.7510, -73.9810), at(40.7511, -73.9811), at(48.2, 16.4));
        assert!(here.abs_diff(near) < here.abs_diff(far));
        assert_eq!(at(f64::NAN, f64::NAN), 0);
    }
}
