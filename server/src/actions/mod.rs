//! What dispatchers do, kept so that it can be undone. An action knows of each of its tickets how it stood before and
//! after. Undoing puts back how it stood before, if it still stands as the action left it; redoing is the same the
//! other way round. Both go through the functions by which tickets are given and edited anyway, so that parts, work in
//! hand, due times and the record follow.

pub mod blame;
mod place;
pub mod routes;
mod store;
mod turn;

use db::types::{ActionId, EngineerId, Id, Json, TicketId};
use db::{Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::place::Placement;
pub use self::store::forget_old;
use crate::error::Error;
use crate::tickets::Ticket;
use crate::tickets::edit::TicketPatch;

/// For so long an action can be undone, in hours: how its tickets stood is forgotten then.
pub const KEPT_HOURS: i64 = 24;

db::text_enum! {
    /// What somebody did.
    pub enum ActionKind {
        /// Gave tickets to engineers, whoever had them.
        Assign => "assign",
        /// Took a ticket back.
        Unassign => "unassign",
        /// Cancelled a ticket.
        Cancel => "cancel",
        /// Edited a ticket.
        Edit => "edit",
        /// Accepted what the planner proposed.
        AcceptProposal => "accept_proposal",
    }
}

/// Something that a dispatcher did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = db::schema::dispatch_actions)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// Higher is later.
    pub number: i64,
    /// What.
    pub kind: ActionKind,
    /// When.
    pub at: Timestamp,
    /// Who: a user's id.
    pub user_id: String,
    /// Who, as people know him.
    pub login: String,
    /// How many tickets it changed.
    pub tickets: i64,
    /// The ticket, if it is one.
    pub ticket_id: Option<TicketId>,
    /// Its number, if it is one.
    pub ticket_number: Option<i64>,
    /// Who had the tickets afterwards, if it is one engineer.
    pub engineer_id: Option<EngineerId>,
    /// When it was undone, if it is.
    pub undone_at: Option<Timestamp>,
    /// Who undid it, as people know him.
    pub undone_by: Option<String>,
    /// Its turn among all that was done and undone: what was done after it ends what could be done again.
    #[serde(skip)]
    pub undone_number: Option<i64>,
}

impl Entity for Action {
    const ENTITY: &'static str = "dispatch_actions";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// How a ticket stands, as far as an action touched it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// With whom, when, and with which parts.
    Place(Placement),
    /// What stands in the fields that were edited.
    Fields(Box<TicketPatch>),
}

/// One ticket of an action.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = db::schema::dispatch_steps)]
struct Step {
    action_id: ActionId,
    ticket_id: TicketId,
    at: Timestamp,
    #[diesel(serialize_as = String, deserialize_as = String)]
    before: Json<Standing>,
    #[diesel(serialize_as = String, deserialize_as = String)]
    after: Json<Standing>,
}

/// Runs what gives or takes these tickets, and keeps how they stood before and after; no action if nothing changed.
///
/// # Errors
/// What it returns, or a failure of the database.
pub fn placing<T>(
    tx: &mut Tx<'_>,
    kind: ActionKind,
    tickets: &[TicketId],
    run: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
) -> Result<(T, Option<Action>), Error> {
    let before = place::of_all(tx, tickets)?;
    let result = run(tx)?;
    let after = place::of_all(tx, tickets)?;
    let changed = before.into_iter().zip(after).filter(|((_, before), (_, after))| before != after);
    let mut steps = Vec::new();
    let mut last: Vec<Ticket> = Vec::new();
    for ((_, before), (ticket, after)) in changed {
        steps.push((ticket.id, Standing::Place(before), Standing::Place(after)));
        last.push(ticket);
    }
    Ok((result, keep(tx, kind, &last, steps)?))
}

/// Keeps what an edit changed.
///
/// # Errors
/// A failure of the database.
pub fn edited(tx: &mut Tx<'_>, before: &Ticket, after: &Ticket) -> Result<(), Error> {
    let (back, forth) = (TicketPatch::from_to(after, before), TicketPatch::from_to(before, after));
    if back != TicketPatch::default() {
        let fields = |patch| Standing::Fields(Box::new(patch));
        keep(
            tx,
            ActionKind::Edit,
            std::slice::from_ref(after),
            vec![(after.id, fields(back), fields(forth))],
        )?;
    }
    Ok(())
}

fn keep(
    tx: &mut Tx<'_>,
    kind: ActionKind,
    tickets: &[Ticket],
    steps: Vec<(TicketId, Standing, Standing)>,
) -> Result<Option<Action>, Error> {
    let Some(first) = tickets.first() else { return Ok(None) };
    let only = Some(first).filter(|_| tickets.len() == 1);
    let to_one = tickets.iter().all(|ticket| ticket.engineer_id == first.engineer_id);
    let action = Action {
        id: Id::new(),
        number: tx.count("dispatch_actions")?,
        kind,
        at: tx.now(),
        user_id: tx.actor().id.clone(),
        login: tx.actor().name.clone(),
        tickets: i64::try_from(tickets.len()).unwrap_or(i64::MAX),
        ticket_id: only.map(|ticket| ticket.id),
        ticket_number: only.map(|ticket| ticket.number),
        engineer_id: first.engineer_id.filter(|_| to_one),
        undone_at: None,
        undone_by: None,
        undone_number: None,
    };
    let step = |(ticket_id, before, after)| Step {
        action_id: action.id,
        ticket_id,
        at: action.at,
        before: Json(before),
        after: Json(after),
    };
    store::insert(tx, &action, steps.into_iter().map(step).collect())?;
    Ok(Some(action))
}
