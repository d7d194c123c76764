//! The actions' SQL.

use db::schema::{dispatch_actions, dispatch_steps};
use db::types::{ActionId, TicketId};
use db::{Actor, Conn, Timestamp, Tx, each_backend};
use diesel::prelude::*;

use super::{Action, ActionKind, KEPT_HOURS, Standing, Step};
use crate::error::{Error, Problem};

/// Steps in one statement.
const AT_ONCE: usize = 500;

pub fn insert(tx: &mut Tx<'_>, action: &Action, steps: Vec<Step>) -> Result<(), Error> {
    diesel::insert_into(dispatch_actions::table).values(action.clone()).execute(tx.conn())?;
    for some in steps.chunks(AT_ONCE) {
        let some = some.to_vec();
        each_backend!(tx.conn(), |c| diesel::insert_into(dispatch_steps::table).values(some).execute(c))?;
    }
    Ok(tx.changed(action)?)
}

pub fn get(conn: &mut Conn, id: ActionId) -> Result<Action, Error> {
    let found: Option<Action> = dispatch_actions::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("action").into())
}

/// In the order of their tickets, in which everybody holds them.
pub fn steps(conn: &mut Conn, id: ActionId) -> Result<Vec<Step>, Error> {
    Ok(dispatch_steps::table
        .filter(dispatch_steps::action_id.eq(id))
        .order(dispatch_steps::ticket_id)
        .load(conn)?)
}

/// Notes that it was undone, or done again.
pub fn turned(tx: &mut Tx<'_>, action: &Action) -> Result<(), Error> {
    let row = dispatch_actions::table.find(action.id);
    let was_undone = action.undone_at.is_none();
    // Of two who undo it at once, the second finds it undone.
    let guard = row.filter(dispatch_actions::undone_at.is_not_null().eq(was_undone));
    let turned = diesel::update(guard)
        .set((
            dispatch_actions::undone_at.eq(action.undone_at),
            dispatch_actions::undone_by.eq(action.undone_by.clone()),
            dispatch_actions::undone_number.eq(action.undone_number),
        ))
        .execute(tx.conn())?;
    if turned == 0 {
        return Err(Problem::conflict("changed_meanwhile", "Somebody was faster.").into());
    }
    Ok(tx.changed(action)?)
}

/// How a ticket stands now that it was put back: what a later undo or redo compares with.
pub fn note(
    tx: &mut Tx<'_>,
    step: &Step,
    before: Option<Standing>,
    after: Option<Standing>,
) -> Result<(), Error> {
    let text = |standing: Standing| String::from(db::types::Json(standing));
    let row = dispatch_steps::table.find((step.action_id, step.ticket_id));
    if let Some(before) = before {
        diesel::update(row).set(dispatch_steps::before.eq(text(before))).execute(tx.conn())?;
    }
    if let Some(after) = after {
        diesel::update(row).set(dispatch_steps::after.eq(text(after))).execute(tx.conn())?;
    }
    Ok(())
}

/// The last thing that somebody did and that is not undone, with a ticket if one is given.
pub fn last_done(conn: &mut Conn, user: &str, ticket: Option<TicketId>) -> Result<Option<Action>, Error> {
    let mut query = dispatch_actions::table
        .filter(dispatch_actions::user_id.eq(user.to_owned()))
        .filter(dispatch_actions::undone_at.is_null())
        .order(dispatch_actions::number.desc())
        .into_boxed();
    if let Some(ticket) = ticket {
        let of_ticket = dispatch_steps::table
            .filter(dispatch_steps::ticket_id.eq(ticket))
            .select(dispatch_steps::action_id);
        query = query.filter(dispatch_actions::id.eq_any(of_ticket));
    }
    Ok(query.first(conn).optional()?)
}

/// What somebody undid last, whoever had done it, if he has done nothing else since.
pub fn last_undone(conn: &mut Conn, who: &Actor, ticket: Option<TicketId>) -> Result<Option<Action>, Error> {
    let mine = dispatch_actions::table.filter(dispatch_actions::user_id.eq(&who.id));
    let newest: Option<i64> = mine.select(diesel::dsl::max(dispatch_actions::number)).first(conn)?;
    let mut query = dispatch_actions::table
        .filter(dispatch_actions::undone_by.eq(who.name.clone()))
        .filter(dispatch_actions::undone_number.gt(newest.unwrap_or(0)))
        .order(dispatch_actions::undone_number.desc())
        .into_boxed();
    if let Some(ticket) = ticket {
        let of_ticket = dispatch_steps::table
            .filter(dispatch_steps::ticket_id.eq(ticket))
            .select(dispatch_steps::action_id);
        query = query.filter(dispatch_actions::id.eq_any(of_ticket));
    }
    Ok(query.first(conn).optional()?)
}

/// Who gave or took the ticket after this action, if anybody did.
pub fn placed_since(conn: &mut Conn, action: &Action, ticket: TicketId) -> Result<Option<Action>, Error> {
    Ok(dispatch_actions::table
        .inner_join(dispatch_steps::table)
        .filter(dispatch_steps::ticket_id.eq(ticket))
        .filter(dispatch_actions::number.gt(action.number))
        .filter(dispatch_actions::kind.ne(ActionKind::Edit))
        .filter(dispatch_actions::undone_at.is_null())
        .order(dispatch_actions::number.desc())
        .select(dispatch_actions::all_columns)
        .first(conn)
        .optional()?)
}

/// What everybody did of late, the last first.
pub fn recent(
    conn: &mut Conn,
    since: Timestamp,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Action>, Error> {
    Ok(dispatch_actions::table
        .filter(dispatch_actions::at.ge(since))
        .filter(dispatch_actions::number.lt(before.unwrap_or(i64::MAX)))
        .order(dispatch_actions::number.desc())
        .limit(limit)
        .load(conn)?)
}

/// Forgets how tickets stood; the actions themselves stay.
///
/// # Errors
/// A failure of the database.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<(), Error> {
    let before = tx.now().plus_minutes(-60 * KEPT_HOURS);
    diesel::delete(dispatch_steps::table.filter(dispatch_steps::at.lt(before))).execute(tx.conn())?;
    Ok(())
}
