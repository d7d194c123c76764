//! What would become of open tickets if a table of policies were saved: their due times before and after.

use ::sla::Table;
use actix_web::{post, web};
use db::types::{Json, TicketId};
use db::{Conn, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::edit::check_table;
use super::store::PolicyTable;
use super::{DueState, Promises, events, sweep};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::Body;
use crate::tickets::{Ticket, store};

/// Open tickets that are tried at most.
const MOST_TRIED: i64 = 10_000;
/// Tickets that are shown: those that it moves furthest.
const MOST_SHOWN: usize = 100;

/// A table of policies that is not saved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The table in whose place it would stand.
    pub policy_id: String,
    /// What it would be.
    #[schema(value_type = Object)]
    pub body: Table,
}

/// When a ticket is due, and what that is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stand {
    /// Its due time.
    pub due_at: Timestamp,
    /// What that means.
    pub state: DueState,
    /// The response's; `null` if none is promised.
    pub response_due_at: Option<Timestamp>,
}

impl Stand {
    fn of(ticket: &Ticket) -> Self {
        let sla = &ticket.sla.0;
        Self { due_at: ticket.due_at, state: sla.state, response_due_at: sla.response_due_at }
    }

    fn is_late(self, now: Timestamp) -> bool {
        self.state == DueState::Due && self.due_at < now
    }
}

/// One ticket before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tried {
    /// The ticket.
    pub ticket_id: TicketId,
    /// What people call it.
    pub number: i64,
    /// In one line.
    pub title: String,
    /// 1 urgent to 4 low.
    pub priority: i32,
    /// The row that would hold; `null` if nothing would be promised.
    pub row: Option<String>,
    /// As it is.
    pub before: Stand,
    /// As it would be.
    pub after: Stand,
}

/// What would become of the open tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrialResult {
    /// Open tickets that were tried, at most 10,000.
    pub tickets: usize,
    /// Those with another due time.
    pub changed: usize,
    /// Late now.
    pub late_before: usize,
    /// Late if it were saved.
    pub late_after: usize,
    /// Those that it moves furthest, at most 100.
    pub items: Vec<Tried>,
}

/// Try a table of policies on the open tickets, without saving it.
#[utoipa::path(
    tag = "sla",
    request_body = Trial,
    responses((status = 200, body = TrialResult), (status = 422, body = Problem)),
)]
#[post("/sla/preview")]
pub async fn preview(
    app: web::Data<App>,
    _by: By<OFFICE>,
    body: Body<Trial>,
) -> Result<web::Json<TrialResult>, Error> {
    let Trial { policy_id, body } = body.0;
    check_table(&body)?;
    let (in_force, now) = (app.board.promises(), app.db.clock().now());
    let trial = in_force.with_policy(PolicyTable { id: policy_id, version: 0, body: Json(body) });
    let read = move |conn: &mut Conn| tried(conn, &in_force, &trial, now);
    Ok(web::Json(app.db.read(read).await?))
}

fn tried(
    conn: &mut Conn,
    in_force: &Promises,
    trial: &Promises,
    now: Timestamp,
) -> Result<TrialResult, Error> {
    let tickets = store::open(conn, None, MOST_TRIED)?;
    let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id).collect();
    let mut steps = events::of_tickets(conn, &ids)?;
    let mut result =
        TrialResult { tickets: tickets.len(), changed: 0, late_before: 0, late_after: 0, items: Vec::new() };
    for mut ticket in tickets {
        let steps = steps.remove(&ticket.id).unwrap_or_default();
        sweep::moved(in_force, &mut ticket, &steps);
        let before = Stand::of(&ticket);
        sweep::moved(trial, &mut ticket, &steps);
        let after = Stand::of(&ticket);
        result.late_before += usize::from(before.is_late(now));
        result.late_after += usize::from(after.is_late(now));
        if before != after {
            let Ticket { id, number, title, priority, sla, .. } = ticket;
            let row = sla.0.row;
            result.items.push(Tried { ticket_id: id, number, title, priority, row, before, after });
        }
    }
    result.changed = result.items.len();
    let moved_by = |item: &Tried| (item.after.due_at.millis() - item.before.due_at.millis()).abs();
    result.items.sort_by_key(|item| std::cmp::Reverse(moved_by(item)));
    result.items.truncate(MOST_SHOWN);
    Ok(result)
}
