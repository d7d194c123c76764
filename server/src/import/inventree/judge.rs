//! The rows of an export seen together: what names what, what is there twice, and what becomes of it. Pure: what the
//! database knows is given. A row that is wrong takes along all that name it, each with a fault of its own.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use inventory::Tracking;
use inventory::parts::NewPart;

use super::File;
use super::known::Known;
use super::plan::{self, Plan};
use super::read::{self, Set};
use crate::import::{Fault, Numbered};

/// Places deeper than this are refused: see `inventory::locations`.
const DEEPEST: usize = 8;
/// Longest code of a place.
const LONGEST_CODE: usize = 50;

/// What InvenTree prints on the labels of its parts.
pub fn code_of_part(pk: u64) -> String {
    format!("INV-PA{pk}")
}

/// What InvenTree prints on the labels of its places.
pub fn code_of_place(pk: u64) -> String {
    format!("INV-SL{pk}")
}

/// What people call a part by, and the column that it comes from.
pub fn number_of(part: &read::Part) -> (&'static str, &str) {
    if part.number.is_empty() { ("name", &part.name) } else { ("IPN", &part.number) }
}

/// Sees all rows together.
pub fn judge(set: &Set, known: &Known) -> (Plan, Vec<Fault>) {
    let mut judge = Judge { set, known, plan: Plan::default(), faults: Vec::new(), parts: HashMap::new() };
    judge.parts();
    judge.places();
    judge.stock();
    judge.lines();
    judge.substitutes();
    judge.supplier_parts();
    (judge.plan, judge.faults)
}

pub struct Judge<'a> {
    pub set: &'a Set,
    pub known: &'a Known,
    pub plan: Plan,
    pub faults: Vec<Fault>,
    /// Parts that are imported.
    pub parts: HashMap<u64, Kept>,
}

/// What other rows have to know of a part.
#[derive(Debug, Clone)]
pub struct Kept {
    pub decimals: u32,
    pub tracking: Tracking,
    pub unit: String,
}

/// Where something was first seen.
pub struct Firsts<K>(HashMap<K, usize>);

impl<K: Hash + Eq> Firsts<K> {
    pub fn new() -> Self {
        Self(HashMap::new())
    }

    /// The row that had it before.
    pub fn before(&mut self, key: K, row: usize) -> Option<usize> {
        let first = *self.0.entry(key).or_insert(row);
        (first != row).then_some(first)
    }
}

impl Judge<'_> {
    pub fn fault(&mut self, file: File, row: usize, column: &str, code: &str, message: impl Into<String>) {
        self.faults.push(file.of(Fault::new(row, column, code, message)));
    }

    /// A row that names something which is not in its file, or wrong there.
    pub fn unknown(&mut self, file: File, row: usize, column: &str, of: File) {
        let message = format!("names no row of {of} that can be imported");
        self.fault(file, row, column, "unknown", message);
    }

    pub fn repeated(&mut self, file: File, row: usize, column: &str, first: usize) {
        self.fault(file, row, column, "duplicate", format!("is in row {first} already"));
    }

    fn parts(&mut self) {
        let (set, known) = (self.set, self.known);
        let (decimals, tracking) = (decimals(set), tracking(set));
        let (mut pks, mut numbers) = (Firsts::new(), Firsts::new());
        for Numbered { row, value: part } in &set.parts {
            let (column, number) = number_of(part);
            if let Some(first) = pks.before(part.pk, *row) {
                self.repeated(File::Parts, *row, "pk", first);
                continue;
            }
            if let Some(first) = numbers.before(number, *row) {
                self.repeated(File::Parts, *row, column, first);
                continue;
            }
            if known.numbers.contains(number) || known.codes.contains(&code_of_part(part.pk)) {
                let column = if known.numbers.contains(number) { column } else { "pk" };
                self.fault(File::Parts, *row, column, "duplicate", "is taken already");
                continue;
            }
            let tracking = tracking.get(&part.pk).copied().unwrap_or(Tracking::None);
            let needed = decimals.get(&part.pk).copied().unwrap_or(0);
            // Pieces with serial numbers are whole; what is not is a fault of the row that says so.
            let decimals = if tracking == Tracking::Serial { 0 } else { needed };
            let minimum = part.minimum.scaled(decimals).unwrap_or_default();
            self.parts.insert(part.pk, Kept { decimals, tracking, unit: part.unit.clone() });
            let new = new_part(part, number, decimals, tracking);
            self.plan.parts.push(plan::Part { pk: part.pk, new, active: part.active, minimum });
        }
    }

    fn places(&mut self) {
        let set = self.set;
        let mut names: HashMap<&str, usize> = HashMap::new();
        for place in &set.places {
            *names.entry(&place.value.name).or_default() += 1;
        }
        let mut pks = Firsts::new();
        let mut waiting: Vec<(&Numbered<read::Place>, String)> = Vec::new();
        for place in &set.places {
            let Numbered { row, value } = place;
            let fits =
                names.get(value.name.as_str()) == Some(&1) && value.name.chars().count() <= LONGEST_CODE;
            let code = if fits { value.name.clone() } else { code_of_place(value.pk) };
            if let Some(first) = pks.before(value.pk, *row) {
                self.repeated(File::StockLocations, *row, "pk", first);
            } else if self.known.places.contains(&code) {
                let column = if fits { "name" } else { "pk" };
                self.fault(File::StockLocations, *row, column, "duplicate", "is taken already");
            } else {
                waiting.push((place, code));
            }
        }
        self.nest(waiting);
    }

    /// Brings places into an order in which each comes after the one that it is in, level by level.
    fn nest(&mut self, mut waiting: Vec<(&Numbered<read::Place>, String)>) {
        let all: HashSet<u64> = waiting.iter().map(|(place, _)| place.value.pk).collect();
        let mut above: HashSet<Option<u64>> = HashSet::from([None]);
        for _ in 0..DEEPEST {
            let (now, later): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(place, _)| above.contains(&place.value.parent));
            above = now.iter().map(|(place, _)| Some(place.value.pk)).collect();
            let planned = now.into_iter().map(|(place, code)| {
                let read::Place { pk, ref name, parent } = place.value;
                plan::Place { pk, code, name: name.clone(), parent }
            });
            self.plan.places.extend(planned);
            waiting = later;
        }
        let inside: HashMap<u64, Option<u64>> =
            waiting.iter().map(|(place, _)| (place.value.pk, place.value.parent)).collect();
        let ends = ends(&inside);
        for (place, _) in waiting {
            let (file, row) = (File::StockLocations, place.row);
            match ends.get(&place.value.pk).copied().flatten() {
                None => self.fault(file, row, "parent", "inside_itself", "is this place, or in it"),
                Some(end) if all.contains(&end) => {
                    self.fault(file, row, "parent", "too_deep", "is eight places deep already");
                }
                Some(_) => self.unknown(file, row, "parent", File::StockLocations),
            }
        }
    }
}

/// For each of these places the first above it that is none of them; none if they are in a circle.
fn ends(inside: &HashMap<u64, Option<u64>>) -> HashMap<u64, Option<u64>> {
    let mut ends: HashMap<u64, Option<u64>> = HashMap::new();
    for start in inside.keys() {
        let (mut path, mut at) = (HashSet::new(), *start);
        let end = loop {
            if let Some(known) = ends.get(&at) {
                break *known;
            }
            match inside.get(&at) {
                None => break Some(at),
                Some(_) if !path.insert(at) => break None,
                Some(None) => break None,
                Some(Some(parent)) => at = *parent,
            }
        };
        ends.extend(path.into_iter().map(|place| (place, end)));
    }
    ends
}

fn new_part(part: &read::Part, number: &str, decimals: u32, tracking: Tracking) -> NewPart {
    // A part without a number is called by its name, and its description says what it is.
    let described = part.number.is_empty() && !part.description.is_empty();
    let name: String = if described { &part.description } else { &part.name }.chars().take(200).collect();
    NewPart {
        number: number.to_owned(),
        name,
        unit: part.unit.clone(),
        decimals: i32::try_from(decimals).unwrap_or(0),
        tracking,
        ..NewPart::default()
    }
}

/// Digits after the point that each part needs: as many as any quantity of it has.
fn decimals(set: &Set) -> HashMap<u64, u32> {
    let mut needed: HashMap<u64, u32> = HashMap::new();
    let items = set.items.iter().map(|row| (row.value.part, row.value.quantity));
    let lines = set.lines.iter().map(|row| (row.value.component, row.value.quantity));
    let minimums = set.parts.iter().map(|row| (row.value.pk, row.value.minimum));
    for (part, quantity) in items.chain(lines).chain(minimums) {
        let places = needed.entry(part).or_default();
        *places = quantity.places().max(*places);
    }
    needed
}

/// How closely each part is followed: one by one if any piece has a serial number, by lot if InvenTree says that it is
/// to be followed and has batches. Other batch numbers are kept with the movement.
fn tracking(set: &Set) -> HashMap<u64, Tracking> {
    let trackable: HashSet<u64> =
        set.parts.iter().filter(|row| row.value.trackable).map(|row| row.value.pk).collect();
    let mut found = HashMap::new();
    for item in set.items.iter().map(|row| &row.value) {
        if !item.serial.is_empty() {
            found.insert(item.part, Tracking::Serial);
        } else if !item.batch.is_empty() && trackable.contains(&item.part) {
            found.entry(item.part).or_insert(Tracking::Lot);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of places, each with the one that it is in.
    fn judged(places: &[(u64, Option<u64>)]) -> (Vec<u64>, Vec<(usize, String)>) {
        let place = |(index, (pk, parent)): (usize, &(u64, Option<u64>))| {
            let value = read::Place { pk: *pk, name: format!("Place {pk}"), parent: *parent };
            Numbered { row: index + 1, value }
        };
        let set = Set { places: places.iter().enumerate().map(place).collect(), ..Set::default() };
        let (plan, faults) = judge(&set, &Known::default());
        let planned = plan.places.iter().map(|place| place.pk).collect();
        (planned, faults.into_iter().map(|fault| (fault.row, fault.code)).collect())
    }

    #[test]
    fn places_come_after_those_that_they_are_in_whatever_the_order_of_the_file() {
        assert_eq!(judged(&[(3, Some(2)), (1, None), (2, Some(1))]).0, [1, 2, 3]);
    }

    #[test]
    fn the_ninth_place_within_places_is_too_deep_and_all_below_it() {
        let chain: Vec<(u64, Option<u64>)> = (1..=10).map(|pk| (pk, (pk > 1).then(|| pk - 1))).collect();
        let (planned, faults) = judged(&chain);
        assert_eq!(planned, [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(faults, [(9, "too_deep".to_owned()), (10, "too_deep".to_owned())]);
    }

    #[test]
    fn what_hangs_on_a_circle_or_on_nothing_is_told_apart() {
        let (planned, faults) =
            judged(&[(1, Some(2)), (2, Some(1)), (3, Some(2)), (4, Some(9)), (5, Some(4))]);
        let codes: Vec<&str> = faults.iter().map(|fault| fault.1.as_str()).collect();
        assert_eq!(planned, Vec::<u64>::new());
        assert_eq!(codes, ["inside_itself", "inside_itself", "inside_itself", "unknown", "unknown"]);
    }
}
