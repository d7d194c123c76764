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
