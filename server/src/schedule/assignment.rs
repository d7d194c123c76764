//! Who has which ticket, since when, and why: the rows of assignments, which are written once and ended once.

use db::schema::assignments;
use db::types::{AssignmentId, EngineerId, Json, PartId, TicketId, VisitId};
use db::{Conn, Entity, Timestamp, Tx, later_row};
use diesel::prelude::*;
use dispatch::Recommendation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;
use crate::travel::TravelBasis;

/// Why this engineer: stored with the assignment. The nearest 50 of those who could not are in it with their
/// reasons, the others as counts; with policy version, time and cursor the rest can be recomputed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Dossier {
    /// The ranked list and the exclusions.
    #[serde(flatten)]
    pub recommendation: Recommendation,
    /// The last change that dispatch knew.
    pub cursor: i64,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// By which travel times; absent in answers of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub travel: Option<TravelBasis>,
}

/// A part that could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartShortage {
    /// Of what.
    pub part_id: PartId,
    /// What the ticket needs.
    pub wanted: i64,
    /// What was free.
    pub available: i64,
}

/// A ticket in an engineer's hands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = assignments)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The visit.
    pub visit_id: VisitId,
    /// Who has it.
    pub engineer_id: EngineerId,
    /// Since when.
    pub assigned_at: Timestamp,
    /// Who decided: a log-in, or `dispatch` for the server itself.
    pub assigned_by: String,
    /// Why, where a rule was overridden.
    pub reason: String,
    /// The score that he had; none if he was not on the list.
    pub score_minutes: Option<f64>,
    /// Why him.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Dossier)]
    pub dossier: Json<Dossier>,
    /// Parts that could not be had.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<PartShortage>)]
    pub shortages: Json<Vec<PartShortage>>,
    /// Until when, if it is over.
    pub ended_at: Option<Timestamp>,
}

later_row!(Assignment, assignments::table, rank 2);

/// How the change log shows an assignment: without the dossier, which stands in its own row and never changes.
#[derive(Serialize)]
struct Logged<'a> {
    id: AssignmentId,
    ticket_id: TicketId,
    visit_id: VisitId,
    engineer_id: EngineerId,
    assigned_at: Timestamp,
    assigned_by: &'a str,
    reason: &'a str,
    score_minutes: Option<f64>,
    shortages: &'a [PartShortage],
    ended_at: Option<Timestamp>,
}

impl Entity for Logged<'_> {
    const ENTITY: &'static str = "assignments";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

impl Entity for Assignment {
    const ENTITY: &'static str = "assignments";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

impl Assignment {
    fn logged(&self) -> Logged<'_> {
        Logged {
            id: self.id,
            ticket_id: self.ticket_id,
            visit_id: self.visit_id,
            engineer_id: self.engineer_id,
            assigned_at: self.assigned_at,
            assigned_by: &self.assigned_by,
            reason: &self.reason,
            score_minutes: self.score_minutes,
            shortages: &self.shortages.0,
            ended_at: self.ended_at,
        }
    }
}

/// Writes a new one.
///
/// # Errors
/// A failure of the database.
pub fn write(tx: &mut Tx<'_>, assignment: &Assignment) -> Result<(), Error> {
    tx.created(&assignment.logged())?;
    tx.insert_later(assignment.clone());
    Ok(())
}

/// Ends whatever assignment the ticket has.
///
/// # Errors
/// A failure of the database.
pub fn end_current(tx: &mut Tx<'_>, ticket_id: TicketId) -> Result<(), Error> {
    let current = of_ticket(tx.conn(), ticket_id)?.into_iter().filter(|a| a.ended_at.is_none());
    for mut assignment in current.collect::<Vec<_>>() {
        assignment.ended_at = Some(tx.now());
        diesel::update(assignments::table.find(assignment.id))
            .set(assignments::ended_at.eq(assignment.ended_at))
            .execute(tx.conn())?;
        tx.changed(&assignment.logged())?;
    }
    Ok(())
}

/// All assignments of a ticket, the latest first.
///
/// # Errors
/// A failure of the database.
pub fn of_ticket(conn: &mut Conn, ticket_id: TicketId) -> Result<Vec<Assignment>, Error> {
    Ok(assignments::table
        .filter(assignments::ticket_id.eq(ticket_id))
        .order((assignments::assigned_at.desc(), assignments::id.desc()))
        .load(conn)?)
}
