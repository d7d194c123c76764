//! The first step: who is near and may, from memory alone.

use super::answer::{Counts, Excluded};
use crate::index::{Duty, Found, Roster, Seat};
use crate::problem::{Load, Point};
use crate::profile::Profile;
use crate::query::Query;
use crate::route::Route;
use crate::rules::{Rule, first_broken};
use crate::travel::chord2_to_m;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// So many of the excluded are stored with their facts; the others are recomputed when asked for.
pub const EXCLUDED_IN_FULL: usize = 50;

/// The candidates for one visit, and the count of everybody else. It holds what it needs: the roster
/// may change, or be unlocked, before it is ranked.
#[derive(Clone, Debug)]
pub struct Shortlist {
    pub(super) candidates: Vec<Shortlisted>,
    pub(super) excluded: Vec<Excluded>,
    pub(super) counts: Counts,
    pub(super) beyond_shortlist: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Shortlisted {
    pub profile: Arc<Profile>,
    pub place: Point,
    pub distance_m: f64,
    /// As the roster knew it.
    load: Load,
    pub route: Option<Arc<Route>>,
}

/// Finds the candidates: the nearest who are on duty when the visit may begin; if there are not
/// enough of them, also the nearest who come on duty later. Someone at home in bed nearby does not
/// keep a colleague who is on the road off the list.
pub fn shortlist(roster: &Roster, query: &Query) -> Shortlist {
    let size = query.policy.shortlist_size;
    let mut found = roster.nearest_fit(query, size, Duty::Present(true));
    if found.len() < size {
        found.extend(roster.nearest_fit(query, size - found.len(), Duty::Present(false)));
    }
    let seats = found.iter().filter_map(|found| Some((roster.seat(found.number)?, found)));
    let candidates: Vec<Shortlisted> =
        seats.map(|(seat, found)| Shortlisted::new(seat, chord2_to_m(found.chord2))).collect();
    let census = roster.census(query, EXCLUDED_IN_FULL);
    Shortlist {
        beyond_shortlist: census.eligible.saturating_sub(candidates.len() as u32),
        excluded: explain(roster, query, &census.nearest),
        counts: Counts(census.counts),
        candidates,
    }
}

/// Everybody who is excluded, in full, nearest first. Given the roster, time and policy of then, this
/// recomputes what the stored dossier only counts.
pub fn explain_all(roster: &Roster, query: &Query) -> Vec<Excluded> {
    let census = roster.census(query, roster.len());
    explain(roster, query, &census.nearest)
}

impl Shortlist {
    /// Whose load and van stock the caller should read before it ranks.
    pub fn engineer_ids(&self) -> impl Iterator<Item = Uuid> {
        self.candidates.iter().map(|candidate| candidate.profile.engineer.id)
    }

    pub(crate) fn candidates(&self) -> impl Iterator<Item = &Shortlisted> {
        self.candidates.iter()
    }

    /// The journeys that ranking may ask for: along everybody's present route, from each place of it to the visit, and
    /// on from there. Whoever has road times can have them fetched before.
    pub fn legs(&self, visit: Point) -> Vec<(Point, Point)> {
        let mut legs = Vec::new();
        for candidate in &self.candidates {
            let route = candidate.route.as_deref();
            let start = route.and_then(|route| route.leaves_from).unwrap_or(candidate.place);
            let stops = route.map_or(&[][..], |route| &route.stops);
            let mut places: Vec<Point> =
                [start].into_iter().chain(stops.iter().map(|stop| stop.point)).collect();
            legs.push((candidate.place, visit));
            legs.extend(places.iter().map(|place| (*place, visit)));
            places.push(candidate.profile.engineer.home);
            legs.extend(places[1..].iter().map(|place| (visit, *place)));
            legs.extend(places.windows(2).map(|leg| (leg[0], leg[1])));
        }
        legs
    }

    /// The loads as the roster knew them.
    pub fn loads(&self) -> HashMap<Uuid, Load> {
        self.candidates.iter().map(|candidate| (candidate.profile.engineer.id, candidate.load)).collect()
    }

    /// Adds somebody whom the dispatcher asks about, however far he is: as a candidate if he breaks no
    /// rule, else with his reason. False if the roster does not know him.
    pub fn include(&mut self, roster: &Roster, query: &Query, engineer_id: Uuid) -> bool {
        let Some(seat) = roster.seat_of(engineer_id) else { return false };
        let Some(case) = roster.case_of(query, engineer_id) else { return false };
        let is_excluded = self.excluded.iter().any(|exclusion| exclusion.engineer_id == engineer_id);
        if is_excluded || self.engineer_ids().any(|id| id == engineer_id) {
            return true;
        }
        match first_broken(&case) {
            // He is counted already, he only was too far away to be listed.
            Some(rule) => self.excluded.push(Excluded::new(rule, &case)),
            None => {
                self.candidates.push(Shortlisted::new(seat, case.distance_m));
                self.beyond_shortlist = self.beyond_shortlist.saturating_sub(1);
            }
        }
        true
    }
}

impl Shortlisted {
    /// Somebody as he might be: what he has in hand comes with the question.
    pub fn of(profile: Profile, place: Point, distance_m: f64) -> Self {
        Self { profile: Arc::new(profile), place, distance_m, load: Load::default(), route: None }
    }

    pub fn id(&self) -> Uuid {
        self.profile.engineer.id
    }

    pub(super) fn new(seat: &Seat, distance_m: f64) -> Self {
        let (profile, route) = (Arc::clone(&seat.profile), seat.route.clone());
        Self { profile, place: seat.place, distance_m, load: seat.load, route }
    }
}

fn explain(roster: &Roster, query: &Query, nearest: &[(Found, Rule)]) -> Vec<Excluded> {
    let seats = nearest.iter().filter_map(|(found, rule)| Some((roster.seat(found.number)?, found, rule)));
    seats.map(|(seat, found, rule)| Excluded::new(*rule, &seat.case(query, found.chord2))).collect()
}
