//! Which policy is for which ticket: rows, of which the first that fits holds.

use serde::{Deserialize, Serialize};

use crate::fault::{Problem, SpecFault, SpecFaults};
use crate::policy::{Agreement, PauseRule, Policy, Target, check_agreements, check_pauses, check_targets};

/// Rows of one table.
pub const MOST_ROWS: usize = 1_000;

/// Policies for all kinds of tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub name: String,
    pub rows: Vec<Row>,
    /// States that stop the clock, for all rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<PauseRule>,
}

/// What is promised for some tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub name: String,
    #[serde(default, skip_serializing_if = "When::is_any")]
    pub when: When,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Target>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Target>,
    /// Internal agreements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub internal: Vec<Agreement>,
}

/// Which tickets. Each list that is not empty must have the ticket's value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub priority: Vec<String>,
    #[serde(rename = "type", skip_serializing_if = "Vec::is_empty")]
    pub ticket_type: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub customer: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contract: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channel: Vec<String>,
}

/// What of a ticket decides; empty where it has none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    pub priority: &'a str,
    pub ticket_type: &'a str,
    pub customer: &'a str,
    pub contract: &'a str,
    pub channel: &'a str,
}

impl When {
    fn lists(&self) -> [&[String]; 5] {
        [&self.priority, &self.ticket_type, &self.customer, &self.contract, &self.channel]
    }

    fn is_any(&self) -> bool {
        self.lists().iter().all(|list| list.is_empty())
    }

    fn fits(&self, subject: &Subject) -> bool {
        let Subject { priority, ticket_type, customer, contract, channel } = *subject;
        let values = [priority, ticket_type, customer, contract, channel];
        self.lists()
            .iter()
            .zip(values)
            .all(|(list, value)| list.is_empty() || list.iter().any(|one| one == value))
    }

    /// Is it for every ticket that the other is for?
    fn covers(&self, other: &Self) -> bool {
        self.lists().iter().zip(other.lists()).all(|(mine, theirs)| {
            mine.is_empty() || (!theirs.is_empty() && theirs.iter().all(|value| mine.contains(value)))
        })
    }
}

impl Table {
    /// The row for a ticket, by its index; `None` if nothing is promised for it.
    pub fn row_for(&self, subject: &Subject) -> Option<usize> {
        self.rows.iter().position(|row| row.when.fits(subject))
    }

    /// The policies of all rows, in their order.
    pub fn policies(&self) -> Vec<Policy> {
        let policy = |row: &Row| Policy {
            response: row.response,
            resolution: row.resolution,
            pauses: self.pauses.clone(),
            internal: row.internal.clone(),
        };
        self.rows.iter().map(policy).collect()
    }

    /// # Errors
    /// Everything that is wrong with it, also rows that can never hold.
    pub fn check(&self) -> Result<(), SpecFaults> {
        let mut faults = Vec::new();
        if self.name.is_empty() {
            faults.push(SpecFault::new("name", Problem::Empty));
        }
        if self.rows.is_empty() {
            faults.push(SpecFault::new("rows", Problem::Empty));
        }
        if self.rows.len() > MOST_ROWS {
            faults.push(SpecFault::new("rows", Problem::TooMany(self.rows.len(), MOST_ROWS)));
            return Err(SpecFaults(faults));
        }
        for (index, row) in self.rows.iter().enumerate() {
            if row.name.is_empty() {
                faults.push(SpecFault::new(format!("rows[{index}].name"), Problem::Empty));
            }
            let prefix = format!("rows[{index}].");
            check_targets(&prefix, row.response, row.resolution, &mut faults);
            check_agreements(&prefix, &row.internal, &mut faults);
            if let Some(earlier) =
                self.rows[..index].iter().position(|earlier| earlier.when.covers(&row.when))
            {
                faults.push(SpecFault::new(format!("rows[{index}].when"), Problem::NeverReached(earlier)));
            }
        }
        check_pauses(&self.pauses, &mut faults);
        SpecFaults::none(faults)
    }
}
