//! Old parts as the warehouse sees them: with what people call the ticket and the engineer.

use db::schema::{engineers, tickets, used_part_returns};
use db::types::{EngineerId, TicketId, UsedPartReturnId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ReturnStatus, UsedPartReturn};
use crate::{Error, PAGE};

/// Which old parts to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only these.
    pub status: Option<ReturnStatus>,
    /// Only what this engineer has to bring.
    pub engineer_id: Option<EngineerId>,
    /// Only of this ticket.
    pub ticket_id: Option<TicketId>,
    /// Only what came out before; with [`ReturnStatus::Expected`], what is overdue.
    pub before: Option<Timestamp>,
}

/// An old part with what people call its ticket and who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsedPartReturnView {
    /// The old part.
    #[serde(flatten)]
    pub used: UsedPartReturn,
    /// The ticket's number.
    pub ticket_number: i64,
    /// The engineer's code.
    pub engineer_code: Option<String>,
    /// His name.
    pub engineer_name: Option<String>,
}

/// Old parts in order of id, after the id `after`.
///
/// # Errors
/// A failure of the database.
pub fn list(
    conn: &mut Conn,
    filter: Filter,
    after: Option<UsedPartReturnId>,
    limit: i64,
) -> Result<Vec<UsedPartReturnView>, Error> {
    let mut query = used_part_returns::table
        .inner_join(tickets::table.on(tickets::id.eq(used_part_returns::ticket_id)))
        .left_join(engineers::table.on(engineers::id.nullable().eq(used_part_returns::engineer_id)))
        .order(used_part_returns::id)
        .limit(limit.clamp(1, PAGE))
        .select((
            used_part_returns::all_columns,
            tickets::number,
            engineers::code.nullable(),
            engineers::name.nullable(),
        ))
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(used_part_returns::status.eq(status));
    }
    if let Some(id) = filter.engineer_id {
        query = query.filter(used_part_returns::engineer_id.eq(id));
    }
    if let Some(id) = filter.ticket_id {
        query = query.filter(used_part_returns::ticket_id.eq(id));
    }
    if let Some(before) = filter.before {
        query = query.filter(used_part_returns::created_at.lt(before));
    }
    if let Some(after) = after {
        query = query.filter(used_part_returns::id.gt(after));
    }
    let rows: Vec<(UsedPartReturn, i64, Option<String>, Option<String>)> = query.load(conn)?;
    let named = |(used, ticket_number, engineer_code, engineer_name)| UsedPartReturnView {
        used,
        ticket_number,
        engineer_code,
        engineer_name,
    };
    Ok(rows.into_iter().map(named).collect())
}
