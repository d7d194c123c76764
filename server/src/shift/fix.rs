//! The one action that mends something: whom the engine would rather send, whom one could send against a rule, what to
//! order, whom to ring up. Asked of the engine ticket by ticket, so only for what is shown.

use db::Conn;
use db::schema::{customers, engineers};
use db::types::{EngineerId, PartId};
use diesel::prelude::*;
use dispatch::{Grade, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

use super::MOST;
use super::risks::{Plan, Risk};
use super::unready::{Lack, Unready};
use crate::error::Error;
use crate::schedule::{Board, assign, verdicts, whatif};
use crate::tickets::{Ticket, TicketStatus};

/// What mends it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = ShiftFix)]
pub enum Fix {
    /// Give it to him; where somebody has it, instead of that one.
    Give {
        /// Who, and what it would mean.
        verdict: Verdict,
    },
    /// Give it to him though a rule excludes him, with a reason: of all he comes closest.
    Override {
        /// Who, and the rule.
        verdict: Verdict,
    },
    /// Order the part.
    Order {
        /// Which.
        part_id: PartId,
    },
    /// Ring the engineer up.
    CallEngineer {
        /// His telephone.
        phone: String,
    },
    /// Tell the customer.
    CallCustomer {
        /// The customer.
        name: String,
        /// Its telephone.
        phone: String,
    },
    /// Nothing that one could do at once: look at it.
    Look,
}

/// The first of these, each with what mends it.
pub fn of_risks(
    conn: &mut Conn,
    board: &Board,
    plan: &Plan,
    mut risks: Vec<Risk>,
) -> Result<Vec<Risk>, Error> {
    risks.truncate(MOST);
    for risk in &mut risks {
        let Some(ticket) = plan.tickets.get(&risk.ticket.ticket_id) else { continue };
        let late_minutes = risk.engineer_id.map(|_| risk.late_minutes);
        risk.fix = match better(conn, board, plan, ticket, late_minutes)? {
            Some(verdict) => Fix::Give { verdict },
            None if ticket.engineer_id.is_none() => against_a_rule(conn, board, plan, ticket)?,
            None => call_customer(conn, ticket)?,
        };
    }
    Ok(risks)
}

/// The first of these, each with what mends it.
pub fn of_unready(
    conn: &mut Conn,
    board: &Board,
    plan: &Plan,
    mut unready: Vec<Unready>,
) -> Result<Vec<Unready>, Error> {
    unready.truncate(MOST);
    for one in &mut unready {
        let Some(ticket) = plan.tickets.get(&one.ticket.ticket_id) else { continue };
        one.fix = match &one.lack {
            Lack::Part { part_id, on_order: 0, .. } => Fix::Order { part_id: *part_id },
            Lack::Part { .. } => call_customer(conn, ticket)?,
            Lack::Anybody { .. } => match better(conn, board, plan, ticket, None)? {
                Some(verdict) => Fix::Give { verdict },
                None => against_a_rule(conn, board, plan, ticket)?,
            },
            Lack::Answer { .. } => match call_engineer(conn, one.engineer_id)? {
                Fix::Look => match better(conn, board, plan, ticket, None)? {
                    Some(verdict) => Fix::Give { verdict },
                    None => Fix::Look,
                },
                call => call,
            },
        };
    }
    Ok(unready)
}

/// Whom the engine would send; where somebody has it who would be late, only who would be less so, and who breaks no
/// other promise for it.
fn better(
    conn: &mut Conn,
    board: &Board,
    plan: &Plan,
    ticket: &Ticket,
    late_minutes: Option<i64>,
) -> Result<Option<Verdict>, Error> {
    // Whoever is on his way, or there, is not called back by a button.
    let may_move =
        matches!(ticket.status, TicketStatus::New | TicketStatus::Assigned | TicketStatus::Accepted);
    if !may_move {
        return Ok(None);
    }
    let mut able = verdicts::of_ticket(conn, board, ticket, plan.now)?.items;
    able.retain(|verdict| verdict.grade != Grade::Forbidden);
    if let Some(late_minutes) = late_minutes {
        able.retain(|verdict| {
            verdict.price.as_ref().is_some_and(|p| p.late_minutes < late_minutes.max(1) && p.slips.is_empty())
        });
    }
    let order = |verdict: &Verdict| {
        let price = verdict.price.as_ref();
        let late = price.map_or(i64::MAX, |price| price.late_minutes);
        (verdict.grade != Grade::Fits, late, price.map(|price| price.score_minutes), verdict.engineer_id)
    };
    able.sort_by(|a, b| order(a).partial_cmp(&order(b)).unwrap_or(std::cmp::Ordering::Equal));
    Ok(able.into_iter().next())
}

/// Whom the smallest change would let take it.
fn against_a_rule(conn: &mut Conn, board: &Board, plan: &Plan, ticket: &Ticket) -> Result<Fix, Error> {
    let visit = assign::visit_without_held(conn, ticket, &[])?;
    let closest = whatif::counterfactuals(conn, board, ticket, &visit, plan.now, None)?;
    let Some(closest) = closest.first().map(|found| found.counterfactual.engineer_id) else {
        return Ok(Fix::Look);
    };
    let said = verdicts::of_ticket(conn, board, ticket, plan.now)?.items;
    let found = said.into_iter().find(|verdict| verdict.engineer_id == closest);
    Ok(found.map_or(Fix::Look, |verdict| Fix::Override { verdict }))
}

fn call_engineer(conn: &mut Conn, engineer: Option<EngineerId>) -> Result<Fix, Error> {
    let Some(id) = engineer else { return Ok(Fix::Look) };
    let phone: String = engineers::table.find(id).select(engineers::phone).first(conn)?;
    Ok(if phone.is_empty() { Fix::Look } else { Fix::CallEngineer { phone } })
}

fn call_customer(conn: &mut Conn, ticket: &Ticket) -> Result<Fix, Error> {
    let (name, phone): (String, String) =
        customers::table.find(ticket.customer_id).select((customers::name, customers::phone)).first(conn)?;
    Ok(if phone.is_empty() { Fix::Look } else { Fix::CallCustomer { name, phone } })
}
