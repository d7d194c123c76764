//! Everybody, in memory, found by place and by skill. [`Roster`] is rebuilt from the database when a
//! process starts and then told of each change; it is never the truth, only the fast way to it.
//!
//! Two structures answer "who is near": an R-tree over the place of everybody, and for each skill a
//! list of its holders. A walk through the tree is best when many qualify; when a skill is rare, it
//! would meet hundreds who lack it for each one who holds it, so the short list is scanned instead
//! (see [`nearest`](Roster::nearest)). Lists do not depend on places: a move costs one tree only.

mod nearest;

use crate::case::Case;
use crate::policy::Policy;
use crate::problem::{Engineer, Load, Millis, Point, Position};
use crate::profile::Profile;
use crate::query::Query;
use crate::travel::{chord2, chord2_to_m, unit_vector};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) use nearest::Found;
pub use nearest::Near;

type Entry = GeomWithData<[f64; 3], Tag>;

/// Who, and what he may hold: enough to pass over somebody without touching anything else of him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tag {
    number: u32,
    marks: u64,
}

/// What a scan looks at, apart from the rest of the seat so that more of it fits the processor's cache.
#[derive(Clone, Copy, Debug)]
struct Spot {
    unit: [f64; 3],
    id: Uuid,
}

/// One engineer as he is now.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub profile: Arc<Profile>,
    pub load: Load,
    /// Where he is taken to be: at his position, or at home if that is unknown or old.
    pub place: Point,
    position: Option<Position>,
}

impl Seat {
    pub fn id(&self) -> Uuid {
        self.profile.engineer.id
    }

    pub fn case<'a>(&'a self, query: &'a Query<'a>, chord2: f64) -> Case<'a> {
        Case::new(query, &self.profile, self.load, chord2_to_m(chord2))
    }
}

/// All engineers of one deployment.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// `None` where somebody was removed, until the number is used again.
    seats: Vec<Option<Seat>>,
    /// One for each seat.
    spots: Vec<Spot>,
    vacant: Vec<u32>,
    by_id: HashMap<Uuid, u32>,
    by_skill: HashMap<String, Vec<Tag>>,
    tree: RTree<Entry>,
    /// Positions from before this instant are too old.
    positions_since: Millis,
}

impl Roster {
    pub fn new(now: Millis, policy: &Policy) -> Self {
        Self { positions_since: policy.positions_since(now), ..Self::default() }
    }

    /// Takes everybody at once, which makes a better tree and is much faster than one by one. Of two
    /// engineers with the same id the later one stays.
    pub fn build(engineers: impl IntoIterator<Item = Engineer>, now: Millis, policy: &Policy) -> Self {
        let mut roster = Self::new(now, policy);
        for engineer in engineers {
            roster.put(engineer);
        }
        let numbers = roster.by_id.values();
        roster.tree = RTree::bulk_load(numbers.filter_map(|number| roster.entry(*number)).collect());
        roster
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
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

    /// Adds somebody, or replaces what is known of him. His load stays, and the later of two positions.
    pub fn upsert(&mut self, engineer: Engineer) {
        let known = self.by_id.get(&engineer.id).and_then(|number| self.entry(*number));
        if let Some(entry) = known {
            self.tree.remove(&entry);
        }
        let number = self.put(engineer);
        if let Some(entry) = self.entry(number) {
            self.tree.insert(entry);
        }
    }

    /// Forgets somebody; false if he was not known.
    pub fn remove(&mut self, id: Uuid) -> bool {
        let Some(number) = self.by_id.remove(&id) else { return false };
        if let Some(entry) = self.entry(number) {
            self.tree.remove(&entry);
        }
        if let Some(seat) = self.seats[number as usize].take() {
            self.forget_skills(number, &seat.profile);
        }
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

    /// Notes what somebody has in hand; false if he is unknown.
    pub fn loaded(&mut self, id: Uuid, load: Load) -> bool {
        let seat = self.by_id.get(&id).and_then(|number| self.seats[*number as usize].as_mut());
        let known = seat.is_some();
        if let Some(seat) = seat {
            seat.load = load;
        }
        known
    }

    /// Sends home everybody whose position has become too old. The roster has no clock: between two
    /// calls it goes by the time of the last one, so call this every minute or so, and when the policy
    /// changes. Looks at everybody (about a nanosecond each).
    pub fn refresh(&mut self, now: Millis, policy: &Policy) {
        self.positions_since = policy.positions_since(now);
        for number in 0..self.seats.len() as u32 {
            self.settle(number);
        }
    }

    pub(crate) fn seat_of(&self, id: Uuid) -> Option<&Seat> {
        self.seat(*self.by_id.get(&id)?)
    }

    pub(crate) fn seat(&self, number: u32) -> Option<&Seat> {
        self.seats[number as usize].as_ref()
    }

    pub(crate) fn chord2(&self, number: u32, query: &Query) -> f64 {
        chord2(&self.spots[number as usize].unit, query.unit())
    }

    /// Somebody's case, from memory.
    pub(crate) fn case_of<'a>(&'a self, query: &'a Query<'a>, id: Uuid) -> Option<Case<'a>> {
        let number = *self.by_id.get(&id)?;
        self.seat(number).map(|seat| seat.case(query, self.chord2(number, query)))
    }

    /// Everybody, with the number of his seat.
    pub(crate) fn seats(&self) -> impl Iterator<Item = (u32, &Seat)> {
        (0..).zip(&self.seats).filter_map(|(number, seat)| Some((number, seat.as_ref()?)))
    }

    fn entry(&self, number: u32) -> Option<Entry> {
        let marks = self.seat(number)?.profile.marks();
        Some(Entry::new(self.spots[number as usize].unit, Tag { number, marks }))
    }

    /// Writes everything but the tree.
    fn put(&mut self, engineer: Engineer) -> u32 {
        let known = self.by_id.get(&engineer.id).copied();
        let number = known.or_else(|| self.vacant.pop()).unwrap_or_else(|| {
            self.seats.push(None);
            self.spots.push(Spot { unit: [0.0; 3], id: engineer.id });
            self.seats.len() as u32 - 1
        });
        let before = self.seats[number as usize].take();
        if let Some(before) = &before {
            self.forget_skills(number, &before.profile);
        }
        let known_position = before.as_ref().and_then(|seat| seat.position);
        let position = known_position.into_iter().chain(engineer.position).max_by_key(|position| position.at);
        let place = self.place_of(engineer.home, position);
        let profile = Arc::new(Profile::new(engineer));
        let tag = Tag { number, marks: profile.marks() };
        for skill in skills(&profile.engineer) {
            self.by_skill.entry(skill.to_owned()).or_default().push(tag);
        }
        self.by_id.insert(profile.engineer.id, number);
        self.spots[number as usize] = Spot { unit: unit_vector(place), id: profile.engineer.id };
        self.seats[number as usize] =
            Some(Seat { profile, load: before.map(|seat| seat.load).unwrap_or_default(), place, position });
        number
    }

    fn forget_skills(&mut self, number: u32, profile: &Profile) {
        for skill in skills(&profile.engineer) {
            if let Some(holders) = self.by_skill.get_mut(skill) {
                holders.retain(|holder| holder.number != number);
            }
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
        let before = self.entry(number);
        self.spots[number as usize].unit = unit_vector(place);
        if let Some(seat) = &mut self.seats[number as usize] {
            seat.place = place;
        }
        if let (Some(before), Some(after)) = (before, self.entry(number)) {
            self.tree.remove(&before);
            self.tree.insert(after);
        }
    }
}

/// The skills that he holds certificates for, each once.
fn skills(engineer: &Engineer) -> BTreeSet<&str> {
    engineer.certificates.iter().map(|certificate| certificate.skill.as_str()).collect()
}

#[cfg(test)]
mod tests;
