//! What phones ask of the rest of the server. One implementation: `server/src/sync.rs`, a match from the mutation to
//! the function that the console calls too.

use db::types::{EngineerId, TicketId, VisitId};
use db::{Failure, Tx};
use mobile_sync_wire::event_time::EventTime;
use mobile_sync_wire::{Collection, Fields, TicketStatus};

/// The ticket that a phone's row belongs to, as it is when the row arrives.
#[derive(Debug, Clone)]
pub struct TicketOfRow {
    /// Its id.
    pub id: TicketId,
    /// Its present visit.
    pub visit_id: VisitId,
    /// Where it stands.
    pub status: TicketStatus,
    /// Who has it.
    pub engineer_id: Option<EngineerId>,
}

/// A row that a phone made.
#[derive(Debug)]
pub struct NewRow<'a> {
    /// Where it belongs.
    pub collection: Collection,
    /// Its id, chosen by the phone.
    pub id: &'a str,
    /// The ticket it is about.
    pub ticket: &'a TicketOfRow,
    /// Whose phone it is, whatever the row says.
    pub engineer_id: EngineerId,
    /// When it was done, as well as can be told.
    pub at: EventTime,
    /// Order on the device.
    pub dseq: i64,
    /// Its columns as sent.
    pub set: &'a Fields,
}

/// A ticket that an engineer found to be needed.
#[derive(Debug)]
pub struct NewWork<'a> {
    /// Its id, chosen by the phone.
    pub id: &'a str,
    /// Whose phone it is.
    pub engineer_id: EngineerId,
    /// Its columns as sent; the phone holds the site or the asset.
    pub set: &'a Fields,
}

/// What the office says to a mutation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Done as asked.
    Applied,
    /// Done as asked, and the office has to look at something: a card of this kind.
    AppliedBut(&'static str),
    /// That row is there already; nothing was written.
    Known,
    /// The row is written, but what it asked for did not happen: a stable code.
    NotMoved(String),
    /// Nothing was written, and cannot be: a stable code.
    Refused(String),
}

/// The functions behind the mutations. Each runs in the transaction that stores the mutation.
pub trait Office: Send + Sync + 'static {
    /// What its functions fail with. The mutation is then stored alone and kept; whatever was written is undone.
    type Error: Failure + std::fmt::Display;

    /// Writes a row that a phone made.
    ///
    /// # Errors
    /// Whatever keeps it from being written.
    fn insert(&self, tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Self::Error>;

    /// Opens a ticket that an engineer found to be needed. Whose it will be is not the phone's to say.
    ///
    /// # Errors
    /// Whatever keeps it from being opened.
    fn open(&self, _tx: &mut Tx<'_>, _work: &NewWork<'_>) -> Result<Verdict, Self::Error> {
        Ok(Verdict::Refused("unsupported".to_owned()))
    }

    /// Writes the fields that the merge let through; `null` clears one.
    ///
    /// # Errors
    /// Whatever keeps them from being written.
    fn write(
        &self,
        tx: &mut Tx<'_>,
        collection: Collection,
        id: &str,
        fields: &Fields,
    ) -> Result<Verdict, Self::Error>;

    /// The stable code of a failure, for `why`.
    fn code(&self, error: &Self::Error) -> String;
}
