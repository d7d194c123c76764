//! The changes of a group, as far as phones could care: the last one of each row, by table.

use std::collections::{HashMap, HashSet};

use db::Change;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What of a ticket decides whose it is.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Ticket {
    pub id: String,
    pub status: String,
    pub engineer_id: Option<String>,
    pub site_id: String,
    pub asset_id: Option<String>,
    /// It did not exist before this group: all its rows are in the group.
    #[serde(skip)]
    pub created: bool,
}

/// A ticket in one of these states is nobody's work any more.
pub(super) const OVER: [&str; 2] = ["closed", "cancelled"];

impl Ticket {
    /// The scope that it belongs to, if it belongs to any.
    pub fn scope(&self) -> Option<&str> {
        if OVER.contains(&self.status.as_str()) { None } else { self.engineer_id.as_deref() }
    }
}

/// The last change of each row.
pub(super) struct Group<'a> {
    by_table: HashMap<&'a str, Vec<&'a Change>>,
    /// The changed tickets as they are now.
    pub tickets: Vec<Ticket>,
}

impl<'a> Group<'a> {
    pub fn of(changes: &[&'a Change]) -> Result<Self, db::Error> {
        let mut last: HashMap<(&str, &str), usize> = HashMap::with_capacity(changes.len());
        for (at, change) in changes.iter().enumerate() {
            last.insert((&change.entity, &change.row_id), at);
        }
        let created: HashSet<&str> = changes
            .iter()
            .filter(|c| c.created && c.entity == "tickets")
            .map(|c| c.row_id.as_str())
            .collect();
        let mut by_table: HashMap<&str, Vec<&Change>> = HashMap::new();
        for (at, change) in changes.iter().enumerate() {
            if last.get(&(change.entity.as_str(), change.row_id.as_str())) == Some(&at) {
                by_table.entry(&change.entity).or_default().push(change);
            }
        }
        let mut group = Self { by_table, tickets: Vec::new() };
        let ticket = |change: &Change| {
            let ticket: Ticket = row(change)?;
            Ok(Ticket { created: created.contains(change.row_id.as_str()), ..ticket })
        };
        group.tickets = group.puts("tickets").map(ticket).collect::<Result<_, db::Error>>()?;
        Ok(group)
    }

    /// The changed rows of a table, each once.
    pub fn puts(&self, table: &str) -> impl Iterator<Item = &'a Change> + use<'_, 'a> {
        self.by_table.get(table).into_iter().flatten().copied()
    }
}

/// Reads the columns of a changed row that matter here.
pub(super) fn row<R: DeserializeOwned>(change: &Change) -> Result<R, db::Error> {
    let body = change.row.as_ref().map_or("null", |row| row.get());
    Ok(serde_json::from_str(body)?)
}
