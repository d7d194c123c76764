//! What can be changed, how it is done, and how it is said.

use super::Scene;
use crate::problem::{Certificate, MS_PER_MINUTE, Millis, Point};
use crate::rules::At;
use crate::sourcing::{FreeStock, VanStock};
use crate::travel::{distance_m, unit_vector};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// One change of one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// He is free so much earlier: he can leave earlier on his route; without a known route, has less in hand.
    FreedEarlier { minutes: u32 },
    /// He is so much nearer, in a straight line.
    Nearer { metres: u32 },
    /// He may have so much more in hand.
    CapacityRaised { minutes: u32 },
    /// He holds a certificate that he does not hold at all.
    Certified { skill: String, level: u8 },
    /// His certificate is of this level.
    CertificateLevel { skill: String, number: String, level: u8 },
    /// His certificate holds until then. `longer_ms`: so much longer than it does.
    CertificateUntil { skill: String, number: String, valid_until: Millis, longer_ms: i64 },
    /// His certificate holds from then on. `earlier_ms`: so much earlier than it does.
    CertificateFrom { skill: String, number: String, valid_from: Millis, earlier_ms: i64 },
    /// The visit may begin until then. `later_ms`: so much later than it may; without a window, than the policy waits.
    WindowUntil { latest_at: Millis, later_ms: i64 },
    /// The policy sends people so far. `farther_m`: so much farther than it does.
    ReachRaised { max_distance_m: u32, farther_m: u32 },
    /// His van has so many more of a part.
    PartOnVan { part_id: Uuid, quantity: i64 },
    /// A depot has so many more of a part, for everybody.
    PartAtDepot { part_id: Uuid, location_id: Uuid, quantity: i64 },
}

impl Change {
    /// Changes of one kind can be compared by size.
    pub(super) fn kind(&self) -> u8 {
        match self {
            Change::FreedEarlier { .. } => 0,
            Change::Nearer { .. } => 1,
            Change::CapacityRaised { .. } => 2,
            Change::Certified { .. } => 3,
            Change::CertificateLevel { .. } => 4,
            Change::CertificateUntil { .. } => 5,
            Change::CertificateFrom { .. } => 6,
            Change::WindowUntil { .. } => 7,
            Change::ReachRaised { .. } => 8,
            Change::PartOnVan { .. } => 9,
            Change::PartAtDepot { .. } => 10,
        }
    }

    pub(super) fn size(&self) -> i64 {
        match *self {
            Change::FreedEarlier { minutes } | Change::CapacityRaised { minutes } => i64::from(minutes),
            Change::Nearer { metres } => i64::from(metres),
            Change::Certified { level, .. } | Change::CertificateLevel { level, .. } => i64::from(level),
            Change::CertificateUntil { longer_ms, .. } => longer_ms,
            Change::CertificateFrom { earlier_ms, .. } => earlier_ms,
            Change::WindowUntil { later_ms, .. } => later_ms,
            Change::ReachRaised { farther_m, .. } => i64::from(farther_m),
            Change::PartOnVan { quantity, .. } | Change::PartAtDepot { quantity, .. } => quantity,
        }
    }

    /// Makes the change.
    pub fn apply(&self, scene: &mut Scene) {
        let certificates = &mut scene.engineer.certificates;
        let mut certificate = |of: &str, numbered: &str, change: &dyn Fn(&mut Certificate)| {
            certificates.iter_mut().filter(|c| c.skill == of && c.number == numbered).for_each(change);
        };
        match self {
            Change::FreedEarlier { minutes } => match &mut scene.route {
                Some(route) => {
                    route.leaves_at = route.leaves_at.saturating_sub(i64::from(*minutes) * MS_PER_MINUTE);
                }
                None => scene.load.minutes = scene.load.minutes.saturating_sub(*minutes),
            },
            Change::Nearer { metres } => scene.place = towards(scene.place, scene.visit.point, *metres),
            Change::CapacityRaised { minutes } => {
                scene.engineer.max_load_minutes = scene.engineer.max_load_minutes.saturating_add(*minutes);
            }
            Change::Certified { skill, level } => certificates.push(Certificate {
                skill: skill.clone(),
                level: *level,
                number: String::new(),
                valid_from: Millis::MIN,
                valid_until: None,
            }),
            Change::CertificateLevel { skill, number, level } => {
                certificate(skill, number, &|c| c.level = *level)
            }
            Change::CertificateUntil { skill, number, valid_until, .. } => {
                certificate(skill, number, &|c| c.valid_until = Some(*valid_until));
            }
            Change::CertificateFrom { skill, number, valid_from, .. } => {
                certificate(skill, number, &|c| c.valid_from = *valid_from);
            }
            Change::WindowUntil { latest_at, .. } => scene.visit.latest_at = Some(*latest_at),
            Change::ReachRaised { max_distance_m, .. } => {
                scene.policy.max_distance_m = f64::from(*max_distance_m)
            }
            Change::PartOnVan { part_id, quantity } => {
                let van = VanStock { location_id: scene.engineer.id, free: Vec::new(), point: None };
                let van = scene.supply.vans.entry(scene.engineer.id).or_insert(van);
                van.free.push(FreeStock { part_id: *part_id, quantity: *quantity, kept: 0 });
            }
            Change::PartAtDepot { part_id, location_id, quantity } => {
                let depots = scene.supply.depots.iter_mut().filter(|depot| depot.location_id == *location_id);
                let more = FreeStock { part_id: *part_id, quantity: *quantity, kept: 0 };
                depots.for_each(|depot| depot.free.push(more));
            }
        }
    }
}

/// So many metres along the straight line between two places, but not beyond its end.
fn towards(from: Point, to: Point, metres: u32) -> Point {
    let whole_m = distance_m(from, to);
    let share = f64::from(metres) / whole_m;
    // Also where the distance is nothing, or no number.
    if share.is_nan() || share >= 1.0 {
        return to;
    }
    let (a, b) = (unit_vector(from), unit_vector(to));
    let [x, y, z]: [f64; 3] = std::array::from_fn(|axis| a[axis] + share * (b[axis] - a[axis]));
    Point { latitude: z.atan2(x.hypot(y)).to_degrees(), longitude: y.atan2(x).to_degrees() }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::FreedEarlier { minutes } => write!(f, "free {minutes} min earlier"),
            Change::Nearer { metres } => write!(f, "{:.1} km nearer", f64::from(*metres) / 1_000.0),
            Change::CapacityRaised { minutes } => write!(f, "allowed {minutes} min more in hand"),
            Change::Certified { skill, level } => write!(f, "certified for {skill} at level {level}"),
            Change::CertificateLevel { skill, number, level } => {
                write!(f, "{skill} certificate {number} were of level {level}")
            }
            Change::CertificateUntil { skill, number, valid_until, .. } => {
                write!(f, "{skill} certificate {number} held until {}", At(*valid_until))
            }
            Change::CertificateFrom { skill, number, valid_from, .. } => {
                write!(f, "{skill} certificate {number} held from {}", At(*valid_from))
            }
            Change::WindowUntil { latest_at, .. } => write!(f, "it may begin until {}", At(*latest_at)),
            Change::ReachRaised { max_distance_m, .. } => {
                write!(f, "people are sent {:.1} km", f64::from(*max_distance_m) / 1_000.0)
            }
            Change::PartOnVan { part_id, quantity } => {
                write!(f, "the van had {quantity} more of part {part_id}")
            }
            Change::PartAtDepot { part_id, location_id, quantity } => {
                write!(f, "depot {location_id} had {quantity} more of part {part_id}")
            }
        }
    }
}
