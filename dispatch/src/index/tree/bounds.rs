//! Boxes in space, turned so that they fit. People live on a sphere: in the axes of the earth a town is a
//! slanted patch, and boxes around its quarters would overlap. In axes of which one points to the middle of
//! all people it lies flat, the boxes are as good as those on a map, and there are no poles and no date line.

/// Boxes are kept in half the space, rounded outwards by this share of the coordinate: millimetres in a town
/// around the middle. It also covers the rounding of turned coordinates, so that a box never seems farther away
/// than somebody in it.
const OUTWARDS: f64 = 2e-7;
/// The same near zero, some 25 nanometres on the ground.
const LEAST_OUTWARDS: f64 = 4e-15;
/// What the rounding of a distance to a box, and of the exact chord, may take away from it.
const SURE: f32 = 1.0 - 2e-6;

/// A fourth axis, always zero, makes a side of the box one register of the processor.
type Side = [f32; 4];

#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    low: Side,
    high: Side,
}

impl Bounds {
    /// Holds nobody and is near nobody.
    pub const EMPTY: Bounds = {
        let (most, least) = (f32::INFINITY, f32::NEG_INFINITY);
        Bounds { low: [most, most, most, 0.0], high: [least, least, least, 0.0] }
    };

    pub fn around<'a>(points: impl Iterator<Item = &'a [f64; 3]>) -> Self {
        points.fold(Self::EMPTY, |mut bounds, point| {
            bounds.grow(point);
            bounds
        })
    }

    pub fn grow(&mut self, point: &[f64; 3]) {
        for (axis, at) in point.iter().enumerate() {
            let outwards = at.abs() * OUTWARDS + LEAST_OUTWARDS;
            self.low[axis] = self.low[axis].min((at - outwards) as f32);
            self.high[axis] = self.high[axis].max((at + outwards) as f32);
        }
    }

    /// Is it inside, with a margin to spare?
    pub fn holds(&self, point: &[f64; 3]) -> bool {
        (0..3).all(|axis| {
            let margin = point[axis].abs() * (0.6 * OUTWARDS) + 0.6 * LEAST_OUTWARDS;
            f64::from(self.low[axis]) + margin <= point[axis]
                && point[axis] + margin <= f64::from(self.high[axis])
        })
    }

    /// The squared chord to the nearest place in the box, never too much; infinite for an empty one.
    pub fn least_chord2(&self, from: &Side) -> f64 {
        let off: Side = std::array::from_fn(|axis| {
            (self.low[axis] - from[axis]).max(from[axis] - self.high[axis]).max(0.0) * SURE
        });
        let squares = off.map(|off| off * off);
        f64::from((squares[0] + squares[2]) + (squares[1] + squares[3]))
    }

    /// The axis along which it is longest.
    pub fn longest_axis(&self) -> usize {
        let length = |axis: &usize| self.high[*axis] - self.low[*axis];
        (0..3).max_by(|a, b| length(a).total_cmp(&length(b))).unwrap_or(0)
    }
}

/// A place to measure from. Its rounding is a share of its coordinates, and so covered by that of the box where
/// these are alike, by [`SURE`] where it is far from the box.
pub(super) fn side(turned: &[f64; 3]) -> Side {
    [turned[0] as f32, turned[1] as f32, turned[2] as f32, 0.0]
}

/// Three axes at right angles, the last through the middle of all people.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame([[f64; 3]; 3]);

impl Frame {
    pub fn over<'a>(units: impl Iterator<Item = &'a [f64; 3]>) -> Self {
        let sum =
            units.fold([0.0; 3], |sum: [f64; 3], unit| std::array::from_fn(|axis| sum[axis] + unit[axis]));
        let up = normal(sum).unwrap_or([0.0, 0.0, 1.0]);
        // Whichever axis of the earth is farthest from it.
        let other = if up[2].abs() < 0.7 { [0.0, 0.0, 1.0] } else { [1.0, 0.0, 0.0] };
        let east = normal(cross(other, up)).unwrap_or([0.0, 1.0, 0.0]);
        Self([east, cross(up, east), up])
    }

    pub fn turned(&self, unit: &[f64; 3]) -> [f64; 3] {
        self.0.map(|axis| axis[0] * unit[0] + axis[1] * unit[1] + axis[2] * unit[2])
    }
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// Of length one; `None` for what has hardly a direction.
fn normal(vector: [f64; 3]) -> Option<[f64; 3]> {
    let length = (vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]).sqrt();
    (length > 1e-9).then(|| vector.map(|part| part / length))
}
