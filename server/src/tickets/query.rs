//! Finding tickets: the list, the map, and one ticket's record.

use std::collections::HashMap;

use db::schema::tickets;
use db::types::EngineerId;
use db::{Change, Conn, Timestamp};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{Ticket, TicketStatus};
use crate::error::{Error, Problem};
use crate::http::page;

/// Which tickets.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Statuses, separated by commas.
    pub status: Option<String>,
    /// Of this engineer.
    pub engineer_id: Option<EngineerId>,
    /// Words in number, title, address or symptom.
    pub q: Option<String>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// Reads `new,assigned`.
///
/// # Errors
/// An unknown status.
pub fn statuses(text: Option<&str>) -> Result<Vec<String>, Error> {
    let parse = |name: &str| {
        let known = TicketStatus::parse(name.trim());
        let unknown = || Problem::invalid_field("status", "invalid", format!("{name} is no status")).into();
        known.map(|status| status.as_str().to_owned()).ok_or_else(unknown)
    };
    text.map_or_else(|| Ok(Vec::new()), |text| text.split(',').map(parse).collect())
}

/// Escapes what a `LIKE` pattern would take for a wildcard, and finds the text anywhere.
pub fn contains(text: &str) -> String {
    let escaped = text.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{}%", escaped.to_lowercase())
}

diesel::define_sql_function! {
    /// Lower case, on both databases.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}
pub use lower as sql_lower;

/// Tickets by number, the newest first; one more than `limit`, to know whether there are more.
///
/// # Errors
/// A bad filter.
pub fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<Ticket>, Error> {
    let mut query = tickets::table.order(tickets::number.desc()).limit(limit + 1).into_boxed();
    let statuses = statuses(filter.status.as_deref())?;
    if !statuses.is_empty() {
        query = query.filter(tickets::status.eq_any(statuses));
    }
    if let Some(engineer) = filter.engineer_id {
        query = query.filter(tickets::engineer_id.eq(engineer));
    }
    if let Some(after) = page::cursor::<i64>(filter.after.as_deref())? {
        query = query.filter(tickets::number.lt(after));
    }
    if let Some(text) = page::search(filter.q.clone())? {
        let pattern = contains(&text);
        let number = text.trim().parse::<i64>().unwrap_or(-1);
        query = query.filter(
            tickets::number
                .eq(number)
                .or(lower(tickets::title).like(pattern.clone()).escape('\\'))
                .or(lower(tickets::address).like(pattern.clone()).escape('\\'))
                .or(lower(tickets::symptom).like(pattern).escape('\\')),
        );
    }
    Ok(query.load(conn)?)
}

/// A box on the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl BoundingBox {
    /// Reads `west,south,east,north`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let numbers: Vec<f64> = text.split(',').filter_map(|n| n.trim().parse().ok()).collect();
        match numbers[..] {
            [west, south, east, north] if numbers.iter().all(|n| n.is_finite()) => {
                Ok(Self { west, south, east, north })
            }
            _ => Err(Problem::invalid_field("bbox", "invalid", "must be west,south,east,north").into()),
        }
    }
}

/// Most tickets on the map.
const MOST_ON_MAP: i64 = 50_000;

/// Tickets for the map: those that are not closed or cancelled, unless asked otherwise.
///
/// # Errors
/// A bad filter.
pub fn on_map(
    conn: &mut Conn,
    status: Option<&str>,
    area: Option<BoundingBox>,
) -> Result<Vec<Ticket>, Error> {
    let mut query = tickets::table.order(tickets::number).limit(MOST_ON_MAP).into_boxed();
    let mut wanted = statuses(status)?;
    if wanted.is_empty() {
        let open = |s: &TicketStatus| !matches!(s, TicketStatus::Closed | TicketStatus::Cancelled);
        wanted = TicketStatus::ALL.iter().filter(|s| open(s)).map(|s| s.as_str().to_owned()).collect();
    }
    query = query.filter(tickets::status.eq_any(wanted));
    if let Some(area) = area {
        query = query
            .filter(tickets::latitude.between(area.south, area.north))
            .filter(tickets::longitude.between(area.west, area.east));
    }
    Ok(query.load(conn)?)
}

/// One entry of a ticket's record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// Number of the change.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who, by log-in, or a part of the server.
    pub actor: String,
    /// The table.
    pub entity: String,
    /// The row.
    pub row_id: String,
    /// `put` or `delete`.
    pub op: &'static str,
    /// Field by field: before and after. For a new row, all its fields.
    #[schema(value_type = Object)]
    pub changed: Map<String, Value>,
}

/// The record of a ticket, told field by field: each change compared with the one before on the same row.
pub fn history(changes: Vec<Change>) -> Vec<HistoryEntry> {
    let mut rows: HashMap<(String, String), Map<String, Value>> = HashMap::new();
    let mut entries = Vec::with_capacity(changes.len());
    for change in changes {
        let now: Map<String, Value> =
            change.row.as_ref().and_then(|row| serde_json::from_str(row.get()).ok()).unwrap_or_default();
        let key = (change.entity.clone(), change.row_id.clone());
        let before = rows.insert(key, now.clone()).unwrap_or_default();
        let changed = now
            .into_iter()
            .filter(|(field, value)| before.get(field) != Some(value))
            .map(|(field, value)| {
                let old = before.get(&field).cloned().unwrap_or(Value::Null);
                (field, Value::Array(vec![old, value]))
            })
            .collect();
        entries.push(HistoryEntry {
            seq: change.seq,
            at: change.at,
            actor: change.actor,
            entity: change.entity,
            row_id: change.row_id,
            op: change.op.as_str(),
            changed,
        });
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_and_underscore_are_found_as_they_are() {
        assert_eq!(contains(" 100%_A "), "%100\\%\\_a%");
    }

    #[test]
    fn a_bounding_box_of_three_numbers_is_refused() {
        assert!(BoundingBox::parse("1,2,3").is_err());
        assert!(BoundingBox::parse("1,2,3,inf").is_err());
        assert!(BoundingBox::parse("-74,40.7,-73.9,40.8").is_ok());
    }

    #[test]
    fn an_unknown_status_is_refused_by_name() {
        let problem = statuses(Some("new,broken")).unwrap_err().problem();
        assert_eq!(problem.field.as_deref(), Some("status"));
    }
}
