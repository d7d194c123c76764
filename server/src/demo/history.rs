//! What the demo's company repaired before the demo began: its record of parts that were built in, from which the
//! server learns what tickets need. It is the record of other breakdowns than those that are played.

use std::collections::BTreeMap;

use db::types::PartId;
use db::{Timestamp, Tx};
use inventory::needs::{self, Case, Fault, Use};

use super::catalogue;
use super::data::Data;
use super::stream::Stream;
use super::truth::{self, Subject};
use crate::error::Error;

/// So many days of repairs are on record.
const DAYS: i64 = 60;

/// Tickets, and how many of them used each part and how much of it.
#[derive(Default)]
struct Count {
    tickets: i64,
    uses: BTreeMap<&'static str, (i64, i64)>,
}

/// What was counted before the demo began.
pub struct History(BTreeMap<Fault, Count>);

impl History {
    /// Looks back from this day.
    pub fn before(data: &Data, began_at: Timestamp) -> Self {
        let stream = Stream::new(data);
        let from = began_at.plus_minutes(-DAYS * 24 * 60);
        let mut counts: BTreeMap<Fault, Count> = BTreeMap::new();
        for breakdown in stream.between(data, from, began_at) {
            let (lift, outage) = (&data.lifts[breakdown.lift], &data.outages[breakdown.outage]);
            let fault = Fault {
                ticket_kind: outage.symptom.kind().to_owned(),
                asset_model: lift.model.clone(),
                symptom: outage.symptom.name().to_owned(),
            };
            let found = truth::of(Subject {
                reference: &breakdown.reference,
                family: lift.family,
                model: &lift.model,
                symptom: outage.symptom,
                recorded_minutes: outage.minutes,
            });
            let count = counts.entry(fault).or_default();
            count.tickets += 1;
            if let Some((part, quantity)) = found.part {
                let (tickets, used) = count.uses.entry(part).or_default();
                *tickets += 1;
                *used += quantity;
            }
        }
        Self(counts)
    }

    /// Writes it down; `parts` are those of the catalogue, in its order.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn write(&self, tx: &mut Tx<'_>, parts: &[PartId]) -> Result<(), Error> {
        let part_of = |number: &str| {
            let at = catalogue::PARTS.iter().position(|item| item.number == number)?;
            parts.get(at).copied()
        };
        let case = |(fault, count): (&Fault, &Count)| Case { fault: fault.clone(), tickets: count.tickets };
        let uses = |(fault, count): (&Fault, &Count)| {
            let one = |(number, (tickets, quantity)): (&&'static str, &(i64, i64))| {
                let (tickets, quantity) = (*tickets, *quantity);
                Some(Use { fault: fault.clone(), part_id: part_of(number)?, tickets, quantity })
            };
            count.uses.iter().filter_map(one).collect::<Vec<_>>()
        };
        let cases: Vec<Case> = self.0.iter().map(case).collect();
        let uses: Vec<Use> = self.0.iter().flat_map(uses).collect();
        Ok(needs::add(tx, &cases, &uses)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::new_york::NewYork;
    use jiff::civil::date;

    fn began_at() -> Timestamp {
        NewYork::default().hour(date(2026, 11, 22), 7, 0)
    }

    /// What one stretch of time would have been counted as.
    fn counted(data: &Data, from: Timestamp, to: Timestamp) -> BTreeMap<Fault, i64> {
        let mut counts = BTreeMap::new();
        for breakdown in Stream::new(data).between(data, from, to) {
            let (lift, outage) = (&data.lifts[breakdown.lift], &data.outages[breakdown.outage]);
            let fault = Fault {
                ticket_kind: outage.symptom.kind().to_owned(),
                asset_model: lift.model.clone(),
                symptom: outage.symptom.name().to_owned(),
            };
            *counts.entry(fault).or_default() += 1;
        }
        counts
    }

    fn tickets(history: &History) -> BTreeMap<Fault, i64> {
        history.0.iter().map(|(fault, count)| (fault.clone(), count.tickets)).collect()
    }

    type Uses<'a> = (&'a Fault, &'a BTreeMap<&'static str, (i64, i64)>);

    fn uses(history: &History) -> Vec<Uses<'_>> {
        history.0.iter().map(|(fault, count)| (fault, &count.uses)).collect()
    }

    #[test]
    fn the_record_is_the_same_each_time_it_is_read() {
        let (first, second) = (Data::read().expect("data"), Data::read().expect("data"));
        let (first, second) = (History::before(&first, began_at()), History::before(&second, began_at()));
        assert_eq!(tickets(&first), tickets(&second));
        assert_eq!(uses(&first), uses(&second));
    }

    #[test]
    fn it_ends_where_the_demo_begins_and_goes_back_sixty_days() {
        let data = Data::read().expect("data");
        let history = History::before(&data, began_at());
        let from = began_at().plus_minutes(-60 * 24 * 60);
        assert_eq!(tickets(&history), counted(&data, from, began_at()));
        // A day that is played is in none of it: with the next hours it would have been another record.
        let later = began_at().plus_minutes(4 * 60);
        assert_ne!(tickets(&history), counted(&data, from, later));
        assert!(!counted(&data, began_at(), later).is_empty());
    }

    #[test]
    fn no_part_was_used_on_more_tickets_than_there_were() {
        let data = Data::read().expect("data");
        let history = History::before(&data, began_at());
        let total: i64 = history.0.values().map(|count| count.tickets).sum();
        assert!(total > 9_000, "two hundred a day or so: {total}");
        let mut with_parts = 0;
        for (fault, count) in &history.0 {
            let used: i64 = count.uses.values().map(|(tickets, _)| tickets).sum();
            assert!(used <= count.tickets, "{fault:?}: one part a ticket at most");
            assert!(
                count.uses.values().all(|(tickets, quantity)| *tickets > 0 && quantity >= tickets),
                "{fault:?}"
            );
            with_parts += used;
        }
        assert!((total / 4..total).contains(&with_parts), "{with_parts} of {total}");
    }

    #[test]
    fn every_part_that_was_used_is_in_the_catalogue() {
        let data = Data::read().expect("data");
        let history = History::before(&data, began_at());
        for (fault, count) in &history.0 {
            for number in count.uses.keys() {
                assert!(catalogue::PARTS.iter().any(|item| item.number == *number), "{number} of {fault:?}");
            }
        }
    }
}
