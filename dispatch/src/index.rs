//! Everybody, in memory, found by place and by skill. [`Roster`] is rebuilt from the database when a
//! process starts and then told of each change; it is never the truth, only the fast way to it.
//!
//! Four structures answer "who is near and may". A [`Tree`] of leaves with a bit set for each skill says who is
//! where and holds what (see [`nearest`](Roster::nearest)); a [`Roll`] of everybody in columns says of many at once
//! who surely may, so that they can be counted; a [`Gate`] for each engineer says in a few words of memory what the
//! rules would; his profile, which all are made from, is asked when the gate does not know. Why no library's tree:
//! `docs/adr/0008-index-of-engineers.md`.

mod census;
mod gate;
mod nearest;
mod roll;
mod spell;
mod tree;
mod wallet;

use crate::case::{Case, Hand};
use crate::policy::Policy;
use crate::problem::{Certificate, Engineer, Load, MS_PER_MINUTE, Millis, Point, Position};
use crate::profile::Profile;
use crate::query::Query;
use crate::route::{Route, Timetable};
use crate::rules::{Rule, first_broken};
use crate::travel::{TravelTimes, chord2, chord2_to_m, unit_vector};
use gate::{Asked, Away, Gate, Verdict};
use roll::Roll;
use std::collections::HashMap;
use std::sync::Arc;
use tree::{ACTIVE, Spot, Tree};
use uuid::Uuid;
use wallet::Wallet;

pub use nearest::Near;
pub(crate) use nearest::{Duty, Found};

/// What the roll says of certificates is good for so long, and renewed so often.
const CERTIFIED_MS: Millis = 48 * 60 * MS_PER_MINUTE;
const CERTIFIED_ANEW_MS: Millis = 12 * 60 * MS_PER_MINUTE;

fn certified_from(now: Millis) -> (Millis, Millis) {
    (now, now.saturating_add(CERTIFIED_MS))
}

/// One engineer as he is now.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub profile: Arc<Profile>,
    pub load: Load,
    /// What he will do, if that is known.
    pub route: Option<Arc<Route>>,
    /// Where he is taken to be: at his position, or at home if that is unknown or old.
    pub place: Point,
    position: Option<Position>,
}

impl Seat {
    pub fn case<'a>(&'a self, query: &'a Query<'a>, chord2: f64) -> Case<'a> {
        let hand = if self.route.is_some() { Hand::Route } else { Hand::Minutes };
        Case::new(query, &self.profile, self.load, chord2_to_m(chord2)).with_hand(hand)
    }
}

/// All engineers of one deployment.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// `None` where somebody was removed, until the number is used again.
    seats: Vec<Option<Seat>>,
    /// One for each seat.
    gates: Vec<Gate>,
    wallets: Vec<Wallet>,
    roll: Roll,
    /// The roll says whose certificates hold from the one instant to the other.
    certified: (Millis, Millis),
    vacant: Vec<u32>,
    by_id: HashMap<Uuid, u32>,
    /// Numbers for the skills that anybody ever held, from 1.
    skills: HashMap<String, u32>,
    tree: Tree,
    /// When it was last refreshed.
    now: Millis,
    /// Positions from before this instant are too old.
    positions_since: Millis,
}

impl Roster {
    pub fn new(now: Millis, policy: &Policy) -> Self {
        Self {
            now,
            roll: Roll::new(now),
            certified: certified_from(now),
            positions_since: policy.positions_since(now),
            ..Self::default()
        }
    }

    /// Takes everybody at once, which makes a better tree and is faster than one by one. Of two
    /// engineers with the same id the later one stays.
    pub fn build(engineers: impl IntoIterator<Item = Engineer>, now: Millis, policy: &Policy) -> Self {
        let mut roster = Self::new(now, policy);
        let mut engineers: Vec<Engineer> = engineers.into_iter().collect();
        // Neighbours get neighbouring seats: what a question reads then lies close together in memory.
        let mut along: HashMap<Uuid, u64> = HashMap::with_capacity(engineers.len());
        for engineer in &engineers {
            along
                .entry(engineer.id)
                .or_insert(tree::curve(roster.place_of(engineer.home, engineer.position)));
        }
        engineers.sort_by_cached_key(|engineer| along.get(&engineer.id).copied());
        for engineer in engineers {
            roster.put(engineer);
        }
        let entry =
            |(number, seat): (u32, &Seat)| (roster.spot_for(number, seat), roster.marks(&seat.profile));
        let entries: Vec<(Spot, Box<[u32]>)> = roster.seats().map(entry).collect();
        for (spot, marks) in &entries {
            roster.roll.mark(spot.number, &[], marks);
            roster.certify(spot.number);
        }
        roster.tree = Tree::build(entries);
        roster
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Everybody, in no order.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.by_id.keys().copied()
    }

    /// An engineer as he was last put in. His position is a separate question.
    pub fn engineer(&self, id: Uuid) -> Option<&Engineer> {
        self.seat_of(id).map(|seat| &seat.profile.engineer)
    }

    /// His last known position, however old.
    pub fn position(&self, id: Uuid) -> Option<Position> {
        self.seat_of(id)?.position
    }

    /// Where he is taken to be: at his position, or at home if that is unknown or too old.
    pub fn place(&self, id: Uuid) -> Option<Point> {
        self.seat_of(id).map(|seat| seat.place)
    }

    pub fn load(&self, id: Uuid) -> Option<Load> {
        self.seat_of(id).map(|seat| seat.load)
    }

    /// When he will do what is in his hands, if this is his route; `None` if there is no such engineer.
    pub fn timetable(
        &self,
        id: Uuid,
        route: &Route,
        now: Millis,
        policy: &Policy,
        travel: &dyn TravelTimes,
    ) -> Option<Timetable> {
        let seat = self.seat_of(id)?;
        Some(Timetable::of(&seat.profile, seat.place, route, now, policy, travel))
    }

    /// Adds somebody, or replaces what is known of him. His load and route stay, and the later of two positions.
    pub fn upsert(&mut self, engineer: Engineer) {
        let number = self.put(engineer);
        if let Some(seat) = self.seat(number) {
            let (spot, marks) = (self.spot_for(number, seat), self.marks(&seat.profile));
            self.roll.mark(number, self.tree.marks(number), &marks);
            self.tree.put(spot, marks);
            self.certify(number);
        }
    }

    /// Forgets somebody; false if he was not known.
    pub fn remove(&mut self, id: Uuid) -> bool {
        let Some(number) = self.by_id.remove(&id) else { return false };
        self.roll.mark(number, self.tree.marks(number), &[]);
        self.tree.remove(number);
        self.seats[number as usize] = None;
        self.vacant.push(number);
        true
    }

    /// Notes where somebody is. False, and nothing changes, if he is unknown or if a later position of
    /// his is known already: phones deliver out of order.
    pub fn moved(&mut self, id: Uuid, position: Position) -> bool {
        let Some(&number) = self.by_id.get(&id) else { return false };
        let Some(seat) = self.seats[number as usize].as_mut() else { return false };
        if seat.position.is_some_and(|known| known.at > position.at) {
            return false;
        }
        seat.position = Some(position);
        self.settle(number);
        true
    }

    /// Forgets positions from before this instant: where people were long ago is nobody's business.
    pub fn forget_positions(&mut self, before: Millis) {
        for number in 0..self.seats.len() {
            let seat = self.seats.get_mut(number).and_then(Option::as_mut);
            let Some(seat) = seat.filter(|seat| seat.position.is_some_and(|known| known.at < before)) else {
                continue;
            };
            seat.position = None;
            if let Ok(number) = u32::try_from(number) {
                self.settle(number);
            }
        }
    }

    /// Notes what somebody has in hand; false if he is unknown.
    pub fn loaded(&mut self, id: Uuid, load: Load) -> bool {
        let Some(&number) = self.by_id.get(&id) else { return false };
        let Some(seat) = self.seats[number as usize].as_mut() else { return false };
        seat.load = load;
        let is_routed = seat.route.is_some();
        self.in_hand(number, load, is_routed);
        true
    }

    /// Notes somebody's route, or that it is not known any more; false if he is unknown.
    pub fn routed(&mut self, id: Uuid, route: Option<Route>) -> bool {
        let Some(&number) = self.by_id.get(&id) else { return false };
        let Some(seat) = self.seats[number as usize].as_mut() else { return false };
        seat.route = route.map(Arc::new);
        let (load, is_routed) = (seat.load, seat.route.is_some());
        self.in_hand(number, load, is_routed);
        true
    }

    /// Sends home everybody whose position has become too old, and sees to shifts that are over. The roster
    /// has no clock: between two calls it goes by the time of the last one, so call this every minute or so,
    /// and when the policy changes. Looks at everybody (some nanoseconds each).
    pub fn refresh(&mut self, now: Millis, policy: &Policy) {
        let is_earlier = now < self.now;
        self.now = now;
        self.positions_since = policy.positions_since(now);
        let is_recertified = is_earlier || now > self.certified.0.saturating_add(CERTIFIED_ANEW_MS);
        if is_recertified {
            self.certified = certified_from(now);
        }
        for number in 0..self.seats.len() as u32 {
            self.settle(number);
            if is_recertified {
                self.certify(number);
            }
            if is_earlier || self.gates[number as usize].is_over(now) {
                self.write_gate(number);
            }
        }
        if self.tree.is_worn() {
            self.tree.rebuild();
        }
    }

    pub(crate) fn seat_of(&self, id: Uuid) -> Option<&Seat> {
        self.seat(*self.by_id.get(&id)?)
    }

    pub(crate) fn seat(&self, number: u32) -> Option<&Seat> {
        self.seats[number as usize].as_ref()
    }

    /// Somebody's case, from memory.
    pub(crate) fn case_of<'a>(&'a self, query: &'a Query<'a>, id: Uuid) -> Option<Case<'a>> {
        let number = *self.by_id.get(&id)?;
        let chord2 = chord2(&self.tree.spot(number)?.unit, query.unit());
        self.seat(number).map(|seat| seat.case(query, chord2))
    }

    /// The first rule that somebody breaks who is active and holds certificates for all required skills.
    fn broken_by_holder(&self, asked: &Asked, number: u32, away: Away<impl Fn() -> f64>) -> Option<Rule> {
        let wallet = || &self.wallets[number as usize];
        let exact = &away.exact;
        let known = Away { exact, most: away.most, is_certified: away.is_certified };
        match self.gates[number as usize].verdict(asked, known, wallet) {
            Verdict::Known(rule) => rule,
            Verdict::AskTheRules => {
                self.seat(number).and_then(|seat| first_broken(&seat.case(asked.query, exact())))
            }
        }
    }

    /// Everybody, with the number of his seat.
    fn seats(&self) -> impl Iterator<Item = (u32, &Seat)> {
        (0..).zip(&self.seats).filter_map(|(number, seat)| Some((number, seat.as_ref()?)))
    }

    fn spot_for(&self, number: u32, seat: &Seat) -> Spot {
        Spot { number, unit: unit_vector(seat.place) }
    }

    /// What the tree keeps of him: [`ACTIVE`] and his skills, each once; of somebody who is not, nothing.
    fn marks(&self, profile: &Profile) -> Box<[u32]> {
        if !profile.engineer.active {
            return Box::default();
        }
        let held = profile.engineer.certificates.iter().filter_map(|c| self.skills.get(&c.skill).copied());
        let mut marks: Vec<u32> = std::iter::once(ACTIVE).chain(held).collect();
        marks.sort_unstable();
        marks.dedup();
        marks.into()
    }

    /// Writes everything but the tree.
    fn put(&mut self, engineer: Engineer) -> u32 {
        for certificate in &engineer.certificates {
            if !self.skills.contains_key(&certificate.skill) {
                let next = self.skills.len() as u32 + 1;
                self.skills.insert(certificate.skill.clone(), next);
            }
        }
        let known = self.by_id.get(&engineer.id).copied().or_else(|| self.vacant.pop());
        let number = known.unwrap_or(self.seats.len() as u32);
        self.by_id.insert(engineer.id, number);
        let before = self.seats.get_mut(number as usize).and_then(Option::take);
        let known_position = before.as_ref().and_then(|seat| seat.position);
        let position = known_position.into_iter().chain(engineer.position).max_by_key(|position| position.at);
        let place = self.place_of(engineer.home, position);
        let (load, route) = before.map(|seat| (seat.load, seat.route)).unwrap_or_default();
        let profile = Arc::new(Profile::new(engineer));
        let gate = Gate::new(&profile, load, route.is_some(), self.now);
        let wallet =
            Wallet::new(&profile, self.now, |skill| self.skills.get(skill).copied().unwrap_or(ACTIVE));
        let seat = Some(Seat { profile, load, route, place, position });
        let at = number as usize;
        if at < self.seats.len() {
            (self.seats[at], self.gates[at], self.wallets[at]) = (seat, gate, wallet);
        } else {
            self.seats.push(seat);
            self.gates.push(gate);
            self.wallets.push(wallet);
        }
        self.roll.place(number, unit_vector(place));
        self.roll.write(number, self.gates[at].line());
        number
    }

    /// Notes which of his certificates hold for as long as the roll says.
    fn certify(&mut self, number: u32) {
        let Some(seat) = &self.seats[number as usize] else { return };
        let engineer = &seat.profile.engineer;
        self.roll.uncertify(number);
        let (starts_at, ends_at) = self.certified;
        let holds = |c: &&Certificate| {
            engineer.active && c.valid_from <= starts_at && c.valid_until.is_none_or(|until| ends_at <= until)
        };
        for certificate in engineer.certificates.iter().filter(holds) {
            if let Some(mark) = self.skills.get(&certificate.skill) {
                self.roll.certify(number, *mark, certificate.level);
            }
        }
    }

    fn in_hand(&mut self, number: u32, load: Load, is_routed: bool) {
        let gate = &mut self.gates[number as usize];
        gate.loaded(load, is_routed);
        self.roll.write(number, gate.line());
    }

    fn write_gate(&mut self, number: u32) {
        if let Some(seat) = &self.seats[number as usize] {
            let at = number as usize;
            self.gates[at] = Gate::new(&seat.profile, seat.load, seat.route.is_some(), self.now);
            self.wallets[at].refresh(&seat.profile, self.now);
            self.roll.write(number, self.gates[at].line());
        }
    }

    fn place_of(&self, home: Point, position: Option<Position>) -> Point {
        let fresh = position.filter(|position| position.at >= self.positions_since);
        fresh.map_or(home, |position| position.point)
    }

    /// Puts somebody where he is now taken to be.
    fn settle(&mut self, number: u32) {
        let Some(seat) = self.seat(number) else { return };
        let place = self.place_of(seat.profile.engineer.home, seat.position);
        if place == seat.place {
            return;
        }
        if let Some(seat) = &mut self.seats[number as usize] {
            seat.place = place;
        }
        let unit = unit_vector(place);
        self.roll.place(number, unit);
        self.tree.moved(number, unit);
    }
}

#[cfg(test)]
mod tests;
