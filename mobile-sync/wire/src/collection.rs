//! The collections a phone holds. Their names are fixed for ever: adapters, stored cursors and conformance runs
//! rely on them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A named set of flat rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    Tickets,
    Visits,
    TicketEvents,
    PartUsage,
    Labour,
    Notes,
    ChecklistAnswers,
    Readings,
    Photos,
    Signatures,
    Sites,
    Assets,
    Parts,
    VanStock,
    Reservations,
    Checklists,
    Articles,
    Colleagues,
}

impl Collection {
    pub const ALL: [Self; 18] = [
        Self::Tickets,
        Self::Visits,
        Self::TicketEvents,
        Self::PartUsage,
        Self::Labour,
        Self::Notes,
        Self::ChecklistAnswers,
        Self::Readings,
        Self::Photos,
        Self::Signatures,
        Self::Sites,
        Self::Assets,
        Self::Parts,
        Self::VanStock,
        Self::Reservations,
        Self::Checklists,
        Self::Articles,
        Self::Colleagues,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tickets => "tickets",
            Self::Visits => "visits",
            Self::TicketEvents => "ticket_events",
            Self::PartUsage => "part_usage",
            Self::Labour => "labour",
            Self::Notes => "notes",
            Self::ChecklistAnswers => "checklist_answers",
            Self::Readings => "readings",
            Self::Photos => "photos",
            Self::Signatures => "signatures",
            Self::Sites => "sites",
            Self::Assets => "assets",
            Self::Parts => "parts",
            Self::VanStock => "van_stock",
            Self::Reservations => "reservations",
            Self::Checklists => "checklists",
            Self::Articles => "articles",
            Self::Colleagues => "colleagues",
        }
    }

    /// The collection of that name; `None` for one that only a newer server or phone knows.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == name)
    }
}

impl std::fmt::Display for Collection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_itself_in_json_and_in_text() {
        for c in Collection::ALL {
            assert_eq!(Collection::parse(c.as_str()), Some(c));
            assert_eq!(serde_json::to_value(c).unwrap(), c.as_str());
        }
    }

    #[test]
    fn a_collection_of_a_newer_server_is_not_guessed() {
        assert_eq!(Collection::parse("price_book"), None);
        assert_eq!(Collection::parse("Tickets"), None);
    }
}
