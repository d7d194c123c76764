//! Finding the smallest change: is the largest one enough at all? Then by halves down to the smallest that is.

use super::{Change, Counterfactual, Goal, Scene};
use crate::index::Seat;
use crate::needs::LikelyPart;
use crate::problem::{Certificate, MS_PER_MINUTE, Millis};
use crate::profile::Profile;
use crate::query::Query;
use crate::recommend::{Fresh, Order, Shortlist, Shortlisted, order_of};
use crate::sourcing::{Rates, Trip, source};
use crate::travel::{chord2, chord2_to_m, unit_vector};
use std::collections::HashMap;

/// Windows and certificates are not stretched farther than this.
const MOST_MS: i64 = 400 * 24 * 60 * MS_PER_MINUTE;
/// The policy is not taken farther than this: half around the earth.
const MOST_M: i64 = 20_040_000;
/// Levels are from 1 to 9.
const MOST_LEVEL: i64 = 9;
/// Depots that are tried for a part that nobody has.
const DEPOTS: usize = 8;

pub(super) struct Search<'a> {
    pub query: &'a Query<'a>,
    pub fresh: &'a Fresh<'a>,
    pub rivals: &'a Shortlist,
}

impl Search<'_> {
    /// Each kind of change that alone is enough for him, as small as it may be.
    pub fn smallest(&self, seat: &Seat) -> Vec<Counterfactual> {
        let scene = self.scene(seat);
        let rival = self.best_rival(&scene, false);
        let goal = match self.ask(&scene) {
            Some(own) if rival.is_none_or(|rival| own < rival) => return Vec::new(),
            Some(_) => Goal::First,
            None => Goal::Placeable,
        };
        let enough = |change: &Change| {
            let mut changed = scene.clone();
            change.apply(&mut changed);
            let own = self.ask(&changed)?;
            let is_for_all = matches!(change, Change::PartAtDepot { .. });
            let rival = if is_for_all { self.best_rival(&changed, true) } else { rival };
            (goal == Goal::Placeable || rival.is_none_or(|rival| own < rival)).then_some(own)
        };
        let families = match goal {
            Goal::First => self.for_a_loser(&scene),
            Goal::Placeable => self.for_the_excluded(&scene),
        };
        let smallest = |(most, make): (i64, Make)| {
            let mut found = enough(&make(most)).map(|order| (most, order))?;
            let mut too_small = 0;
            while found.0 - too_small > 1 {
                let middle = too_small + (found.0 - too_small) / 2;
                match enough(&make(middle)) {
                    Some(order) => found = (middle, order),
                    None => too_small = middle,
                }
            }
            let engineer = &scene.engineer;
            Some(Counterfactual {
                engineer_id: engineer.id,
                code: engineer.code.clone(),
                name: engineer.name.clone(),
                goal,
                change: make(found.0),
                score_minutes: found.1.1,
            })
        };
        families.into_iter().filter(|(most, _)| *most > 0).filter_map(smallest).collect()
    }

    fn scene(&self, seat: &Seat) -> Scene {
        let engineer = seat.profile.engineer.clone();
        let route = match self.fresh.routes {
            Some(routes) => routes.get(&engineer.id).cloned(),
            None => seat.route.as_deref().cloned(),
        };
        Scene {
            place: seat.place,
            load: self.fresh.loads.get(&engineer.id).copied().unwrap_or(seat.load),
            route,
            engineer,
            visit: self.query.visit.clone(),
            policy: self.query.policy.clone(),
            supply: self.fresh.supply.clone(),
        }
    }

    /// What he would be ordered by; `None` if a rule excludes him.
    fn ask(&self, scene: &Scene) -> Option<Order> {
        let query = Query::new(&scene.visit, self.query.now, &scene.policy);
        let distance_m = chord2_to_m(chord2(&unit_vector(scene.place), &unit_vector(scene.visit.point)));
        let candidate = Shortlisted::of(Profile::new(scene.engineer.clone()), scene.place, distance_m);
        let loads = HashMap::from([(scene.engineer.id, scene.load)]);
        let routes = scene.route.iter().map(|route| (scene.engineer.id, route.clone())).collect();
        let fresh = Fresh { loads: &loads, supply: &scene.supply, routes: Some(&routes), ..*self.fresh };
        order_of(&candidate, &query, &fresh)
    }

    /// The best of the others. Only a change that concerns them too needs the changed scene.
    fn best_rival(&self, scene: &Scene, is_changed: bool) -> Option<Order> {
        let supply = if is_changed { &scene.supply } else { self.fresh.supply };
        let fresh = Fresh { supply, ..*self.fresh };
        let others = self.rivals.candidates().filter(|rival| rival.id() != scene.engineer.id);
        others.filter_map(|rival| order_of(rival, self.query, &fresh)).min()
    }

    fn for_a_loser(&self, scene: &Scene) -> Vec<(i64, Make)> {
        let mut families = self.of_time_and_place(scene);
        let trip = Trip { from: scene.place, to: scene.visit.point, leave_at: self.query.now };
        let (needs, rates) = (&scene.visit.needed_parts, Rates::of(&scene.policy));
        let engineer_id = Some(scene.engineer.id);
        let sourcing = source(needs, engineer_id, &scene.supply, trip, &rates, self.fresh.travel);
        for need in &scene.visit.needed_parts {
            let part_id = need.part_id;
            families.push((need.quantity, Box::new(move |quantity| Change::PartOnVan { part_id, quantity })));
        }
        for shortage in &sourcing.shortages {
            let (part_id, missing) = (shortage.part_id, shortage.wanted - shortage.available);
            for depot in scene.supply.depots.iter().take(DEPOTS) {
                let location_id = depot.location_id;
                let make = move |quantity| Change::PartAtDepot { part_id, location_id, quantity };
                families.push((missing, Box::new(make)));
            }
        }
        families
    }

    fn for_the_excluded(&self, scene: &Scene) -> Vec<(i64, Make)> {
        let mut families = self.of_time_and_place(scene);
        let minutes = |minutes: i64| u32::try_from(minutes).unwrap_or(u32::MAX);
        families.push((
            i64::from(u32::MAX / 2),
            Box::new(move |more| Change::CapacityRaised { minutes: minutes(more) }),
        ));
        let ends_at = self.query.ends_at();
        let later =
            move |later_ms| Change::WindowUntil { latest_at: ends_at.saturating_add(later_ms), later_ms };
        families.push((MOST_MS, Box::new(later)));
        let reach_m = scene.policy.max_distance_m.floor() as i64;
        let metres = move |more: i64| u32::try_from(more).unwrap_or(u32::MAX);
        let raised = move |more| Change::ReachRaised {
            max_distance_m: metres(reach_m + more),
            farther_m: metres(more),
        };
        families.push((MOST_M - reach_m, Box::new(raised)));
        let likely = self.fresh.chances.map_or(&[][..], |chances| &chances.likely);
        for LikelyPart { part_id, quantity, .. } in likely.iter().copied() {
            families.push((quantity, Box::new(move |quantity| Change::PartOnVan { part_id, quantity })));
        }
        for (required, _) in self.query.requirements() {
            let held = scene.engineer.certificates.iter().filter(|c| c.skill == required.skill);
            let skill = required.skill.clone();
            if held.clone().next().is_none() {
                let make = move |level| Change::Certified { skill: skill.clone(), level: to_level(level) };
                families.push((MOST_LEVEL, Box::new(make)));
            }
            held.for_each(|certificate| of_certificate(certificate, &mut families));
        }
        families
    }

    fn of_time_and_place(&self, scene: &Scene) -> Vec<(i64, Make)> {
        let in_hand = match &scene.route {
            Some(route) => route.leaves_at.saturating_sub(self.query.now).max(0) / MS_PER_MINUTE + 1,
            None => i64::from(scene.load.minutes),
        };
        let away_m = crate::travel::distance_m(scene.place, scene.visit.point).ceil() as i64;
        let whole = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        vec![
            (in_hand, Box::new(move |minutes| Change::FreedEarlier { minutes: whole(minutes) })),
            (away_m, Box::new(move |metres| Change::Nearer { metres: whole(metres) })),
        ]
    }
}

/// A change of a given size.
type Make = Box<dyn Fn(i64) -> Change>;

fn to_level(level: i64) -> u8 {
    u8::try_from(level).unwrap_or(u8::MAX)
}

fn of_certificate(certificate: &Certificate, families: &mut Vec<(i64, Make)>) {
    let Certificate { skill, number, level, valid_from, valid_until } = certificate.clone();
    let (of, numbered) = (skill.clone(), number.clone());
    let raised = move |more: i64| Change::CertificateLevel {
        skill: of.clone(),
        number: numbered.clone(),
        level: to_level(i64::from(level) + more),
    };
    families.push((MOST_LEVEL - i64::from(level), Box::new(raised)));
    if let Some(until) = valid_until {
        let (of, numbered) = (skill.clone(), number.clone());
        let longer = move |longer_ms: Millis| Change::CertificateUntil {
            skill: of.clone(),
            number: numbered.clone(),
            valid_until: until.saturating_add(longer_ms),
            longer_ms,
        };
        families.push((MOST_MS, Box::new(longer)));
    }
    let earlier = move |earlier_ms: Millis| Change::CertificateFrom {
        skill: skill.clone(),
        number: number.clone(),
        valid_from: valid_from.saturating_sub(earlier_ms),
        earlier_ms,
    };
    families.push((MOST_MS, Box::new(earlier)));
}
