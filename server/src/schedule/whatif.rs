//! What would have to be different for somebody else to get a ticket, or for anybody to be able to take it. Asked by
//! people who look at a dossier, not by the writer: it ranks again for every change that it tries.

use db::types::EngineerId;
use db::{Conn, Timestamp};
use dispatch::{Counterfactual, Query};
use serde::Serialize;
use utoipa::ToSchema;

use super::Board;
use super::ask::{self, Facts};
use crate::error::Error;
use crate::tickets::Ticket;

/// A change that alone would be enough, and the smallest of its kind that is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WhatIf {
    /// Whose, what, and what for.
    #[serde(flatten)]
    pub counterfactual: Counterfactual,
    /// The same in English.
    pub sentence: String,
}

/// What would have to be different, with loads and stock as this connection sees them. Without an engineer: for the
/// next who could take it, or, if nobody can, the smallest changes that would let somebody.
///
/// # Errors
/// A failure of the database.
pub fn counterfactuals(
    conn: &mut Conn,
    board: &Board,
    ticket: &Ticket,
    visit: &dispatch::Visit,
    now: Timestamp,
    engineer: Option<EngineerId>,
) -> Result<Vec<WhatIf>, Error> {
    let policies = board.policies();
    let policy = policies.of_kind(&ticket.kind);
    let visit = ask::completed(conn, policy, ticket, visit)?;
    let query = Query::new(&visit, now.millis(), policy);
    let shortlist = board.shortlist(&query, engineer);
    let facts = Facts::read(conn, board, ticket, &query, &ask::in_question(&shortlist, engineer))?;
    let roads = board.travel().roads(policy.straight_line);
    let found = board.counterfactuals(&query, &facts.fresh(&roads), engineer);
    let said =
        |counterfactual: Counterfactual| WhatIf { sentence: counterfactual.to_string(), counterfactual };
    Ok(found.into_iter().map(said).collect())
}
