//! What a policy would have made of tickets in a CSV file: due times and derivations, before it is saved.

mod read;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::calendar::Calendar;
use crate::clock::count;
use crate::derivation::{Answer, Outcome};
use crate::events::Event;
use crate::fault::Fault;
use crate::policy::Target;
use crate::table::Table;
use crate::words::{self, Language};
use crate::{Millis, Policy};

/// Tickets of one file.
pub const MOST_TICKETS: usize = 1_000_000;
/// Faults that are named; the others are counted.
pub const MOST_FAULTS: usize = 1_000;

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("there is no column {0}")]
    NoColumn(&'static str),
    #[error(
        "column {0:?} is none of id, type, priority, customer, contract, channel, opened, responded, resolved, pauses"
    )]
    UnknownColumn(String),
    #[error("column {0} is there twice")]
    ColumnTwice(String),
    #[error("more than {MOST_TICKETS} tickets")]
    TooLong,
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

/// What is wrong with a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowFault {
    /// As a spreadsheet counts: the header is row 1.
    pub row: usize,
    pub column: &'static str,
    pub message: String,
}

/// What came of one ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub id: String,
    /// The row of the table; `None` if nothing is promised for it.
    pub policy: Option<String>,
    pub response: Option<TargetLine>,
    pub resolution: Option<TargetLine>,
}

/// One target of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TargetLine {
    pub target: Target,
    /// RFC 3339 at the site's clock; `None` while it stands or if nobody knows.
    pub due: Option<String>,
    pub met: Option<String>,
    /// Met in time, or not; `None` if it is not met, or has no due time.
    pub in_time: Option<bool>,
    pub outcome: Outcome,
    pub derivation: String,
    /// As [`crate::Step`]; instants are milliseconds since 1970, UTC.
    pub steps: serde_json::Value,
}

/// What came of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    pub lines: Vec<Line>,
    pub faults: Vec<RowFault>,
    /// Also those that are not named.
    pub fault_count: usize,
}

/// Counts every ticket of a CSV file. Tickets with faults are left out, and named.
///
/// # Errors
/// It is not such a file.
pub fn preview(
    table: &Table,
    calendar: &Calendar,
    csv: &[u8],
    language: Language,
) -> Result<Preview, Unreadable> {
    let policies = table.policies();
    let mut preview = Preview::default();
    for ticket in read::tickets(csv)? {
        let line = ticket?.and_then(|ticket| {
            let row = table.row_for(&ticket.subject());
            let promised = row.and_then(|row| policies.get(row));
            let (response, resolution) = match promised {
                Some(policy) => targets(policy, calendar, &ticket.events, language)
                    .map_err(|fault| vec![ticket.fault(fault)])?,
                // Its events must make sense all the same.
                None => targets(&Policy::default(), calendar, &ticket.events, language)
                    .map_err(|fault| vec![ticket.fault(fault)])?,
            };
            let policy = row.and_then(|row| table.rows.get(row)).map(|row| row.name.clone());
            Ok(Line { id: ticket.id, policy, response, resolution })
        });
        match line {
            Ok(line) => preview.lines.push(line),
            Err(faults) => {
                preview.fault_count += faults.len();
                let room = MOST_FAULTS.saturating_sub(preview.faults.len());
                preview.faults.extend(faults.into_iter().take(room));
            }
        }
        if preview.lines.len() > MOST_TICKETS {
            return Err(Unreadable::TooLong);
        }
    }
    Ok(preview)
}

type Targets = (Option<TargetLine>, Option<TargetLine>);

fn targets(
    policy: &Policy,
    calendar: &Calendar,
    events: &[Event],
    language: Language,
) -> Result<Targets, Fault> {
    let clock = count(policy, calendar, events)?;
    let line = |answer: Answer<'_>| TargetLine::new(&answer, calendar, language);
    Ok((clock.response.map(line), clock.resolution.map(line)))
}

impl TargetLine {
    fn new(answer: &Answer<'_>, calendar: &Calendar, language: Language) -> Self {
        let due_at = answer.due_at();
        let local = |at: Millis| at_site(at, &calendar.zone);
        Self {
            target: answer.target,
            due: due_at.map(local),
            met: answer.met_at.map(local),
            in_time: due_at.zip(answer.met_at).map(|(due, met)| met <= due),
            outcome: answer.outcome,
            derivation: words::derivation(answer, calendar, language),
            steps: serde_json::to_value(&answer.steps).unwrap_or_default(),
        }
    }
}

impl Line {
    /// One line for a CSV file.
    pub fn derivation(&self, language: Language) -> String {
        let (response, resolution, none) = match language {
            Language::English => ("response: ", "resolution: ", "nothing is promised"),
            Language::Chinese => ("响应：", "解决：", "没有承诺时限"),
        };
        let named = |name: &str, line: &Option<TargetLine>| {
            line.as_ref().map(|line| format!("{name}{}", line.derivation))
        };
        let both: Vec<String> = [named(response, &self.response), named(resolution, &self.resolution)]
            .into_iter()
            .flatten()
            .collect();
        if both.is_empty() { none.to_owned() } else { both.join("; ") }
    }
}

/// `2026-03-10T11:25:00+08:00`
fn at_site(at: Millis, zone: &TimeZone) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.display_with_offset(zone.to_offset(at)).to_string()
}
