//! Tickets out of a CSV file: columns by name, in any order.

use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::Timestamp;

use super::{RowFault, Unreadable};
use crate::Millis;
use crate::events::{Event, Hold, Kind};
use crate::fault::Fault;
use crate::table::Subject;

/// All columns that there can be.
const COLUMNS: [&str; 10] = [
    "id",
    "type",
    "priority",
    "customer",
    "contract",
    "channel",
    "opened",
    "responded",
    "resolved",
    "pauses",
];
/// Without these nothing can be said of a ticket.
const NEEDED: [&str; 2] = ["id", "opened"];
/// Longer than any real one.
const LONGEST_ID: usize = 200;

/// One ticket of the file.
pub struct Ticket {
    pub id: String,
    pub events: Vec<Event>,
    row: usize,
    /// Type, priority, customer, contract and channel.
    subject: [String; 5],
}

impl Ticket {
    pub fn subject(&self) -> Subject<'_> {
        let [ticket_type, priority, customer, contract, channel] = &self.subject;
        Subject { priority, ticket_type, customer, contract, channel }
    }

    /// In which column a contradiction is.
    pub fn fault(&self, fault: Fault) -> RowFault {
        let index = match fault {
            Fault::ClockSetBack { index, .. } | Fault::OutOfRange { index, .. } => index,
            _ => 0,
        };
        let column = match self.events.get(index).map(|event| &event.kind) {
            Some(Kind::Responded) => "responded",
            Some(Kind::Resolved) => "resolved",
            Some(Kind::Paused(_) | Kind::Resumed) => "pauses",
            _ => "opened",
        };
        RowFault { row: self.row, column, message: fault.to_string() }
    }
}

/// A ticket, or what is wrong with it.
type Read = Result<Ticket, Vec<RowFault>>;

/// # Errors
/// The header is wrong. The items: a row that is no CSV.
pub fn tickets(csv: &[u8]) -> Result<impl Iterator<Item = Result<Read, Unreadable>> + use<'_>, Unreadable> {
    // Spreadsheets like to begin a file with a byte order mark.
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(csv);
    let columns = Columns::of(reader.headers()?)?;
    let rows = reader.into_records().enumerate();
    Ok(rows.map(move |(index, record)| Ok(columns.ticket(index + 2, &record?))))
}

/// Where each of [`COLUMNS`] is.
struct Columns([Option<usize>; 10]);

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, Unreadable> {
        let mut places = [None; 10];
        for (place, name) in header.iter().enumerate() {
            let known = COLUMNS.iter().position(|known| *known == name);
            let Some(known) = known else { return Err(Unreadable::UnknownColumn(name.to_owned())) };
            if places[known].replace(place).is_some() {
                return Err(Unreadable::ColumnTwice(name.to_owned()));
            }
        }
        let columns = Self(places);
        match NEEDED.into_iter().find(|name| columns.place(name).is_none()) {
            Some(missing) => Err(Unreadable::NoColumn(missing)),
            None => Ok(columns),
        }
    }

    fn place(&self, name: &str) -> Option<usize> {
        COLUMNS.iter().position(|known| *known == name).and_then(|index| self.0[index])
    }

    fn ticket(&self, row: usize, record: &StringRecord) -> Read {
        let cell = |name: &str| self.place(name).and_then(|place| record.get(place)).unwrap_or_default();
        let mut faults = Vec::new();
        let mut wrong = |column, message: String| faults.push(RowFault { row, column, message });
        let id = cell("id");
        if id.is_empty() || id.chars().count() > LONGEST_ID {
            wrong("id", format!("must have 1 to {LONGEST_ID} characters"));
        }
        let mut events = Vec::new();
        for (column, kind) in
            [("opened", Kind::Opened), ("responded", Kind::Responded), ("resolved", Kind::Resolved)]
        {
            match cell(column) {
                "" if column != "opened" => {}
                text => match instant(text) {
                    Ok(at) => events.push(Event::new(at, kind)),
                    Err(message) => wrong(column, message),
                },
            }
        }
        match pauses(cell("pauses")) {
            Ok(pauses) => events.extend(pauses),
            Err(message) => wrong("pauses", message),
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        // The opening stays first, so that what claims to be before it is found.
        if let Some((_, later)) = events.split_first_mut() {
            later.sort_by_key(|event| event.at);
        }
        let subject =
            ["type", "priority", "customer", "contract", "channel"].map(|name| cell(name).to_owned());
        Ok(Ticket { id: id.to_owned(), events, row, subject })
    }
}

fn instant(text: &str) -> Result<Millis, String> {
    let at = text.parse::<Timestamp>().map(Timestamp::as_millisecond);
    at.map_err(|_| format!("{text:?} is not a time with its zone, like 2026-03-06T17:40:00+08:00"))
}

/// `FROM/UNTIL reason note; …`, without `UNTIL` if it goes on.
fn pauses(cell: &str) -> Result<Vec<Event>, String> {
    let mut pauses = Vec::new();
    for text in cell.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        let (times, why) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let (from, until) = times
            .split_once('/')
            .ok_or_else(|| format!("{times:?} is not FROM/UNTIL, two times with their zone"))?;
        let from = instant(from)?;
        let until = if until.is_empty() { None } else { Some(instant(until)?) };
        if until.is_some_and(|until| until < from) {
            return Err(format!("{times:?} ends before it begins"));
        }
        let (reason, note) = why.trim().split_once(char::is_whitespace).unwrap_or((why.trim(), ""));
        let note = (!note.trim().is_empty()).then(|| note.trim().to_owned());
        pauses.push((from, until, Hold { reason: reason.to_owned(), note }));
    }
    pauses.sort_by_key(|(from, ..)| *from);
    let overlap = pauses.windows(2).any(|pair| pair[0].1.is_none_or(|until| until > pair[1].0));
    if overlap {
        return Err("two pauses overlap".to_owned());
    }
    let events = pauses.into_iter().flat_map(|(from, until, hold)| {
        let paused = Event::new(from, Kind::Paused(hold));
        [Some(paused), until.map(|until| Event::new(until, Kind::Resumed))]
    });
    Ok(events.flatten().collect())
}
