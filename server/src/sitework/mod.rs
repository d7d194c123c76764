//! What engineers record at a site beside steps, parts and notes: time worked, answers to the checklist, readings,
//! photos and signatures. Rows that phones make and nobody changes, but for answers; bytes of photos and signatures
//! come later and by another way ([`crate::blobs`]).

pub mod checklists;
pub mod routes;
pub mod take;

use db::schema::{checklist_answers, labour, photos, readings, signatures};
use db::types::{
    ChecklistAnswerId, EngineerId, LabourId, PhotoId, QuestionId, ReadingId, SignatureId, TicketId, VisitId,
};
use db::{Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;

/// The bytes have not come yet.
pub const PENDING: &str = "pending";
/// The bytes are here.
pub const STORED: &str = "stored";

/// Time worked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = labour)]
pub struct Labour {
    /// Its id, made by the phone.
    pub id: LabourId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// At which visit.
    pub visit_id: VisitId,
    /// Who worked.
    pub engineer_id: EngineerId,
    /// When it was written down.
    pub at: Timestamp,
    /// How long.
    pub minutes: i64,
    /// `work`, `travel`, …, as the phone says; may be empty.
    pub kind: String,
}

/// An answer to a question of the checklist; of each question and visit there is one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = checklist_answers)]
pub struct ChecklistAnswer {
    /// Its id, made by the phone that answered first.
    pub id: ChecklistAnswerId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// At which visit.
    pub visit_id: VisitId,
    /// Who answered first.
    pub engineer_id: EngineerId,
    /// Which question; it may be gone since.
    pub question_id: QuestionId,
    /// As it was asked.
    pub question: String,
    /// `yes` or `no`, a number, or words.
    pub answer: String,
    /// When.
    pub at: Timestamp,
}

/// What an instrument showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = readings)]
pub struct Reading {
    /// Its id, made by the phone.
    pub id: ReadingId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// At which visit.
    pub visit_id: VisitId,
    /// Who read it.
    pub engineer_id: EngineerId,
    /// When.
    pub at: Timestamp,
    /// What was read: `trips`, `door_voltage`, …
    pub kind: String,
    /// What it showed.
    pub value: f64,
    /// In which unit; may be empty.
    pub unit: String,
}

/// A photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = photos)]
pub struct Photo {
    /// Its id, made by the phone.
    pub id: PhotoId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// At which visit.
    pub visit_id: VisitId,
    /// Who took it.
    pub engineer_id: EngineerId,
    /// When.
    pub at: Timestamp,
    /// `before`, `after` or `other`.
    pub purpose: String,
    /// May be empty.
    pub caption: String,
    /// SHA-256 of its bytes: `GET /blobs/{sha256}` once they are here.
    pub sha256: String,
    /// How many bytes.
    pub bytes: i64,
    /// `pending` or `stored`.
    pub blob: String,
}

/// Somebody's signature under what was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = signatures)]
pub struct Signature {
    /// Its id, made by the phone.
    pub id: SignatureId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// At which visit.
    pub visit_id: VisitId,
    /// Whose phone it was given on.
    pub engineer_id: EngineerId,
    /// When.
    pub at: Timestamp,
    /// Who signed.
    pub signed_by: String,
    /// SHA-256 of what was shown and signed: a signature is under this and nothing else.
    pub signed_sha256: String,
    /// SHA-256 of the picture of the signature.
    pub sha256: String,
    /// How many bytes.
    pub bytes: i64,
    /// `pending` or `stored`.
    pub blob: String,
}

impl Entity for Labour {
    const ENTITY: &'static str = "labour";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

impl Entity for ChecklistAnswer {
    const ENTITY: &'static str = "checklist_answers";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

impl Entity for Reading {
    const ENTITY: &'static str = "readings";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

impl Entity for Photo {
    const ENTITY: &'static str = "photos";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

impl Entity for Signature {
    const ENTITY: &'static str = "signatures";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// The bytes of this hash are here: whatever waited for them says so, to phones too.
///
/// # Errors
/// A failure of the database.
pub fn blob_stored(tx: &mut Tx<'_>, sha256: &str) -> Result<(), Error> {
    let waiting = photos::table.filter(photos::sha256.eq(sha256)).filter(photos::blob.eq(PENDING));
    let found: Vec<Photo> = diesel::update(waiting)
        .set(photos::blob.eq(STORED))
        .returning(photos::all_columns)
        .get_results(tx.conn())?;
    for photo in &found {
        tx.changed(photo)?;
    }
    let waiting =
        signatures::table.filter(signatures::sha256.eq(sha256)).filter(signatures::blob.eq(PENDING));
    let found: Vec<Signature> = diesel::update(waiting)
        .set(signatures::blob.eq(STORED))
        .returning(signatures::all_columns)
        .get_results(tx.conn())?;
    for signature in &found {
        tx.changed(signature)?;
    }
    Ok(())
}
