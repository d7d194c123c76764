//! What a screen asks, answered from the view. Nothing here waits for anything.

use std::collections::BTreeMap;

use mobile_sync_wire::{
    Collection, EventKind, Fields,
    docs::{Document, NoteDoc, PartDoc, PartUsageDoc, ReservationDoc, SiteDoc, TicketDoc, VanStockDoc},
    intents::{self, Step},
};

use crate::{Device, DeviceError, acts::read, view};

/// One stop of the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    pub ticket: TicketDoc,
    pub site: Option<SiteDoc>,
    /// The primary button.
    pub next: Option<EventKind>,
}

/// A part held for a ticket, with what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldPart {
    pub reservation: ReservationDoc,
    pub part: Option<PartDoc>,
}

impl Device {
    /// All documents of a collection as the user should see them. A document that this app cannot read (a newer
    /// server's) is left out rather than failing the screen; it is kept in the file.
    pub fn documents<D: Document>(&self) -> Result<Vec<D>, DeviceError> {
        let rows = view::rows_of(self.db(), D::COLLECTION)?;
        Ok(rows.into_values().filter_map(|doc| read(doc).ok()).collect())
    }

    /// All rows of a collection as the user should see them, untyped, by id.
    pub fn rows(&self, collection: Collection) -> Result<Vec<Fields>, DeviceError> {
        Ok(view::rows_of(self.db(), collection)?.into_values().collect())
    }

    /// One document as the user should see it.
    pub fn document<D: Document>(&self, id: &str) -> Result<Option<D>, DeviceError> {
        view::row_of(self.db(), D::COLLECTION, id)?.map(read).transpose()
    }

    pub fn ticket(&self, ticket_id: &str) -> Result<Option<TicketDoc>, DeviceError> {
        self.document(ticket_id)
    }

    /// The open tickets planned before the day's end, also those left over, and all that were planned within the
    /// day, in the order of the plan. Both bounds are UTC milliseconds: the caller knows the time zone.
    pub fn todays_visits(&self, day_starts_at: i64, day_ends_at: i64) -> Result<Vec<Stop>, DeviceError> {
        let sites: BTreeMap<String, SiteDoc> =
            self.documents::<SiteDoc>()?.into_iter().map(|site| (site.id.clone(), site)).collect();
        let today = |t: &TicketDoc| match t.planned_at {
            Some(at) => at < day_ends_at && (t.status.is_open() || at >= day_starts_at),
            None => t.status.is_open(),
        };
        let mut tickets = self.documents::<TicketDoc>()?;
        tickets.retain(today);
        tickets.sort_by_key(|t| (t.planned_at.unwrap_or(i64::MAX), t.priority, t.number));
        Ok(tickets
            .into_iter()
            .map(|ticket| Stop {
                // Several tickets may share a site.
                site: sites.get(&ticket.site_id).cloned(),
                next: intents::next_action(ticket.status),
                ticket,
            })
            .collect())
    }

    /// What the engineer most likely does next at a ticket.
    pub fn next_action(&self, ticket_id: &str) -> Result<Option<EventKind>, DeviceError> {
        Ok(self.ticket(ticket_id)?.and_then(|ticket| intents::next_action(ticket.status)))
    }

    /// Every step that would move the ticket now.
    pub fn actions(&self, ticket_id: &str) -> Result<Vec<EventKind>, DeviceError> {
        let Some(ticket) = self.ticket(ticket_id)? else { return Ok(Vec::new()) };
        let moves = |kind: &EventKind| matches!(intents::step(*kind, ticket.status), Ok(Step::To(_)));
        Ok(EventKind::ALL.into_iter().filter(|kind| kind.is_engineers() && moves(kind)).collect())
    }

    /// The parts held for a ticket.
    pub fn held_parts(&self, ticket_id: &str) -> Result<Vec<HeldPart>, DeviceError> {
        let parts = self.documents::<PartDoc>()?;
        let mut held = self.documents::<ReservationDoc>()?;
        held.retain(|reservation| reservation.ticket_id == ticket_id);
        let with_part = |reservation: ReservationDoc| HeldPart {
            part: parts.iter().find(|part| part.id == reservation.part_id).cloned(),
            reservation,
        };
        Ok(held.into_iter().map(with_part).collect())
    }

    /// The parts used at a ticket.
    pub fn part_usage(&self, ticket_id: &str) -> Result<Vec<PartUsageDoc>, DeviceError> {
        let mut used = self.documents::<PartUsageDoc>()?;
        used.retain(|usage| usage.ticket_id == ticket_id);
        Ok(used)
    }

    /// The notes at a ticket, oldest first.
    pub fn notes(&self, ticket_id: &str) -> Result<Vec<NoteDoc>, DeviceError> {
        let mut notes = self.documents::<NoteDoc>()?;
        notes.retain(|note| note.ticket_id == ticket_id);
        notes.sort_by_key(|note| note.at);
        Ok(notes)
    }

    /// What is in the van, less what was used and not yet counted by the server.
    pub fn van_stock(&self) -> Result<Vec<VanStockDoc>, DeviceError> {
        self.documents()
    }
}
