//! An imaginary town for tests and benches: the same engineers and visits for the same seed, always.
//! Skills are spread as in the published comparison: each engineer holds 1 to 6 of 40.

use dispatch::{
    Certificate, Depot, Engineer, FaultSpeed, FreeStock, Interval, Load, Millis, PartQuantity, PartSupply,
    Point, Position, Route, SkillRequirement, Stop, VanStock, Visit,
};
use uuid::Uuid;

pub const MINUTE: Millis = 60_000;
pub const HOUR: Millis = 60 * MINUTE;
/// Monday 2 March 2026, 10:00 UTC.
pub const NOW: Millis = 1_772_445_600_000;
pub const SKILLS: usize = 40;
pub const PARTS: u128 = 3;

/// SplitMix64: a few lines, so that the figures do not change with somebody's crate.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Somewhere within about 20 km of the middle of Manhattan.
    pub fn point(&mut self) -> Point {
        Point { latitude: 40.75 + 0.36 * (self.unit() - 0.5), longitude: -73.98 + 0.47 * (self.unit() - 0.5) }
    }
}

pub fn skill(number: u64) -> String {
    format!("SKILL-{number:02}")
}

/// On shift at `NOW` unless `number` is divisible by three; one in twenty is absent.
pub fn engineer(number: u64, dice: &mut Dice) -> Engineer {
    let midnight = NOW - 10 * HOUR;
    let starts = if number.is_multiple_of(3) { 15 * HOUR } else { 7 * HOUR };
    let shift = |day: i64| {
        let starts_at = midnight + 24 * HOUR * day + starts;
        Interval { starts_at, ends_at: starts_at + 9 * HOUR }
    };
    let absence = Interval { starts_at: midnight, ends_at: midnight + 48 * HOUR };
    let certificates = (0..=dice.below(6)).map(|_| Certificate {
        skill: skill(dice.below(SKILLS as u64)),
        level: 1 + dice.below(3) as u8,
        number: format!("C-{number}"),
        valid_from: NOW - 300 * 24 * HOUR,
        valid_until: dice.below(4).checked_sub(1).map(|quarter| NOW + (quarter as i64 * 90) * 24 * HOUR),
    });
    Engineer {
        id: Uuid::from_u128(u128::from(number) + 1),
        code: format!("E-{number}"),
        name: format!("Engineer {number}"),
        active: !number.is_multiple_of(50),
        certificates: certificates.collect(),
        home: dice.point(),
        position: (dice.below(10) > 0).then(|| Position { point: dice.point(), at: NOW - 5 * MINUTE }),
        shifts: (-1..6).map(shift).collect(),
        absences: if dice.below(20) == 0 { vec![absence] } else { Vec::new() },
        max_load_minutes: 480,
        speeds: vec![FaultSpeed { fault: "door".into(), count: 4, ratio: 0.7 + 0.6 * dice.unit() }],
        territory: None,
        skill_group: None,
    }
}

pub fn engineers(count: u64) -> Vec<Engineer> {
    let mut dice = Dice(count);
    (0..count).map(|number| engineer(number, &mut dice)).collect()
}

pub fn load(dice: &mut Dice) -> Load {
    let tickets = dice.below(8) as u32;
    Load { tickets, minutes: tickets * 60 }
}

/// So many short tickets in hand, within some three kilometres, due today.
pub fn route(near: Point, tickets: u64, dice: &mut Dice) -> Route {
    let mut stop = |_| Stop {
        ticket_id: Uuid::from_u128(u128::from(dice.next())),
        point: Point {
            latitude: near.latitude + 0.05 * (dice.unit() - 0.5),
            longitude: near.longitude + 0.07 * (dice.unit() - 0.5),
        },
        priority: 1 + dice.below(4) as u8,
        expected_minutes: 20,
        earliest_at: NOW,
        latest_at: None,
        due_at: Some(NOW + (dice.below(10) as i64) * HOUR),
        pinned: false,
    };
    Route { leaves_at: NOW, leaves_from: None, stops: (0..tickets).map(&mut stop).collect() }
}

/// A breakdown that needs `skills` of the 40, at level 1.
pub fn visit(skills: u64, dice: &mut Dice) -> Visit {
    let first = dice.below(SKILLS as u64);
    let other = |n: u64| SkillRequirement { skill: skill((first + 7 * n) % SKILLS as u64), level: 1 };
    Visit {
        ticket_id: Uuid::from_u128(u128::from(dice.next())),
        point: dice.point(),
        priority: 1 + dice.below(4) as u8,
        fault: "door".into(),
        required_skills: (0..skills).map(other).collect(),
        needed_parts: vec![PartQuantity {
            part_id: Uuid::from_u128(u128::from(dice.next()) % PARTS),
            quantity: 2,
        }],
        expected_minutes: 60,
        earliest_at: NOW,
        latest_at: None,
        due_at: Some(NOW + 4 * HOUR),
        excluded_engineers: Vec::new(),
        territory: None,
        skill_group: None,
        customer_level: None,
    }
}

/// Four depots with a little of everything, and every other van with one of each part.
pub fn supply(engineers: &[Engineer], dice: &mut Dice) -> PartSupply {
    let of_part = |part, quantity| FreeStock { part_id: Uuid::from_u128(part), quantity, kept: 0 };
    let stock = |quantity| (0..PARTS).map(|part| of_part(part, quantity)).collect();
    let depot = |id: u128| Depot {
        location_id: Uuid::from_u128(1_000_000 + id),
        point: dice.point(),
        free: stock(50),
    };
    let depots = (0..4).map(depot).collect();
    let van = |engineer: &Engineer| {
        let location_id = Uuid::from_u128(2_000_000 + engineer.id.as_u128());
        (engineer.id, VanStock { location_id, free: stock(1), point: None })
    };
    PartSupply { vans: engineers.iter().step_by(2).map(van).collect(), depots, substitutes: Vec::new() }
}
