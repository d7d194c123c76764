//! Undoing and redoing: one function, forth and back. What somebody did since is never overwritten: it is said who
//! changed it, and when.

use db::Tx;
use db::types::{ActionId, TicketId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::blame;
use super::place::{self, Placement};
use super::{Action, KEPT_HOURS, Standing, Step, store};
use crate::error::{Error, Problem};
use crate::schedule::assign::Means;
use crate::tickets::edit::{self, TicketPatch};
use crate::tickets::{Ticket, TicketStatus};

/// Somebody changed the same since.
const CHANGED: &str = "undo_changed";

/// Which action.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// This one, whoever did it; absent: the caller's own last.
    pub action_id: Option<ActionId>,
    /// The caller's own last with this ticket.
    pub ticket_id: Option<TicketId>,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Undo,
    Redo,
}

impl Way {
    /// How the ticket has to stand, and how it is to stand.
    fn way(self, step: &Step) -> (&Standing, &Standing) {
        match self {
            Self::Undo => (&step.after.0, &step.before.0),
            Self::Redo => (&step.before.0, &step.after.0),
        }
    }
}

/// Undoes an action, or does it again.
///
/// # Errors
/// 409 with what stands in the way: nothing to undo, a phone that acted, somebody who changed the same, parts that
/// went elsewhere.
pub fn turn(tx: &mut Tx<'_>, means: &Means<'_>, which: Which, way: Way) -> Result<Action, Error> {
    let mut action = find(tx, which, way)?;
    let steps = store::steps(tx.conn(), action.id)?;
    if steps.is_empty() || action.at < tx.now().plus_minutes(-60 * KEPT_HOURS) {
        let detail = "How its tickets stood before is not known any more.";
        return Err(Problem::conflict("undo_too_late", detail).into());
    }
    let ids: Vec<TicketId> = steps.iter().map(|step| step.ticket_id).collect();
    let held = place::of_all(tx, &ids)?;
    for (step, (ticket, _)) in steps.iter().zip(&held) {
        check(tx, &action, ticket, way.way(step).0)?;
    }
    // First everything is taken away, then it is given: two who exchange tickets may both have their hands full.
    for (step, (ticket, _)) in steps.iter().zip(&held) {
        if matches!(way.way(step).1, Standing::Place(to) if to.status != TicketStatus::Cancelled) {
            place::take(tx, ticket)?;
        }
    }
    for (step, (ticket, _)) in steps.iter().zip(held) {
        let (_, to) = way.way(step);
        let id = ticket.id;
        match to {
            Standing::Place(to) if to.status == TicketStatus::Cancelled => {
                place::cancel(tx, means, &ticket, to)?
            }
            Standing::Place(to) => place::put(tx, means, ticket, to)?,
            Standing::Fields(patch) => edit::patch(tx, &means.board.promises(), ticket, patch).map(drop)?,
        }
        if let Standing::Place(_) = to {
            note(tx, step, id, way)?;
        }
    }
    let undone = way == Way::Undo;
    action.undone_at = undone.then(|| tx.now());
    action.undone_by = undone.then(|| tx.actor().name.clone());
    action.undone_number = if undone { Some(tx.count("dispatch_actions")?) } else { None };
    store::turned(tx, &action)?;
    Ok(action)
}

/// Notes how the ticket stands now: who got it back has it as assigned, whatever it was before.
fn note(tx: &mut Tx<'_>, step: &Step, ticket: TicketId, way: Way) -> Result<(), Error> {
    let ticket = crate::tickets::store::get(tx.conn(), ticket)?;
    let now = Some(Standing::Place(Placement::of(tx.conn(), &ticket)?));
    let (before, after) = if way == Way::Undo { (now, None) } else { (None, now) };
    store::note(tx, step, before, after)
}

fn find(tx: &mut Tx<'_>, which: Which, way: Way) -> Result<Action, Error> {
    let me = tx.actor().clone();
    let found = match (which.action_id, way) {
        (Some(id), _) => Some(store::get(tx.conn(), id)?),
        (None, Way::Undo) => store::last_done(tx.conn(), &me.id, which.ticket_id)?,
        (None, Way::Redo) => store::last_undone(tx.conn(), &me, which.ticket_id)?,
    };
    match (found, way) {
        (None, Way::Undo) => Err(Problem::conflict("nothing_to_undo", "There is nothing to undo.").into()),
        (None, Way::Redo) => Err(Problem::conflict("nothing_to_redo", "There is nothing to redo.").into()),
        (Some(action), Way::Undo) if action.undone_at.is_some() => {
            let problem = Problem::conflict("already_undone", "It is undone already.");
            Err(problem.with("by", &action.undone_by).with("at", action.undone_at).into())
        }
        (Some(action), Way::Redo) if action.undone_at.is_none() => {
            Err(Problem::conflict("not_undone", "It is not undone.").into())
        }
        (Some(action), _) => Ok(action),
    }
}

/// Whether the ticket still stands as the action left it.
fn check(tx: &mut Tx<'_>, action: &Action, ticket: &Ticket, expected: &Standing) -> Result<(), Error> {
    match expected {
        Standing::Place(placement) => {
            if let Some((engineer, kind, at)) = placement.told_since(tx.conn(), ticket.id)? {
                let detail = format!("{engineer} has acted on {} since: {}.", ticket.number, kind.as_str());
                let problem = blame::about(Problem::conflict("undo_phone_acted", detail), ticket);
                return Err(problem.with("engineer", engineer).with("kind", kind).with("at", at).into());
            }
            if let Some(later) = store::placed_since(tx.conn(), action, ticket.id)? {
                return Err(blame::refusal(CHANGED, ticket, Some((later.login, later.at))).into());
            }
            if !placement.is_of(ticket) {
                let now = (ticket.status, ticket.engineer_id, ticket.auto_dispatch);
                let same = |row: &Ticket| (row.status, row.engineer_id, row.auto_dispatch) == now;
                return Err(blame::refusal(CHANGED, ticket, blame::who(tx.conn(), ticket, same)?).into());
            }
        }
        Standing::Fields(patch) => {
            let left = |row: &Ticket| TicketPatch::of(row, patch);
            let now = left(ticket);
            if now != **patch {
                let whom = blame::who(tx.conn(), ticket, |row| left(row) == now)?;
                return Err(blame::refusal(CHANGED, ticket, whom).into());
            }
        }
    }
    Ok(())
}
