//! What rules do: each action is the function that the console calls, in the transaction of the firing.

use std::collections::BTreeSet;

use db::schema::users;
use db::types::UserId;
use db::{Conn, Tx};
use diesel::prelude::*;

use super::{Action, ActionResult, Firing, origin};
use crate::app::App;
use crate::auth::Role;
use crate::error::{Error, Problem};
use crate::notifications;
use crate::schedule::another::another;
use crate::schedule::assign::{self, Assigned, Means};
use crate::sla::timers;
use crate::tasks::{self, NewTask};
use crate::tickets::edit::{self, TicketPatch};
use crate::tickets::events::{self, Incoming};
use crate::tickets::write::{self, NewTicket};
use crate::tickets::{EventKind, SkillNeed, Ticket, store};
use crate::webhook;

/// Does one action.
///
/// # Errors
/// Why it was refused; what it wrote has to be undone then.
pub fn run(tx: &mut Tx<'_>, app: &App, firing: &Firing, action: &Action) -> Result<ActionResult, Error> {
    let mut ticket = store::hold(tx, firing.ticket_id)?;
    let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
    let mut result = ActionResult { action: action.name().to_owned(), refused: None, made: None, told: None };
    match action {
        Action::Assign { group } => assign(tx, &means, &mut ticket, group.as_ref(), &mut result)?,
        Action::Notify { .. } => {
            let people = named(tx, app, action, &ticket)?;
            tell(tx, firing, people, &mut result)?;
        }
        Action::Set { priority, auto_dispatch, expected_minutes } => {
            let patch = TicketPatch {
                priority: priority.filter(|one| *one != ticket.priority),
                auto_dispatch: auto_dispatch.filter(|one| *one != ticket.auto_dispatch),
                expected_minutes: expected_minutes.filter(|one| *one != ticket.expected_minutes),
                ..TicketPatch::default()
            };
            let changes =
                patch.priority.is_some() || patch.auto_dispatch.is_some() || patch.expected_minutes.is_some();
            // What is so already is no change, and no cause for other rules.
            if changes {
                edit::patch(tx, &app.board.promises(), ticket, &patch)?;
            }
        }
        Action::Step { event, reason } => {
            if *event == EventKind::Close {
                tasks::check_close(tx, ticket.id)?;
            }
            let incoming = Incoming::by_office(tx, ticket.id, *event, reason);
            events::demand(tx, &means, &incoming)?;
        }
        Action::CreateTicket { .. } => {
            let new = following(action, &ticket);
            new.check(tx.now())?;
            let draft = write::draft(tx, &app.board.promises(), &new)?;
            result.made = Some(assign::open(tx, &means, draft)?.number.to_string());
        }
        Action::AddTask { department, text, required } => {
            let text = text.replace("{number}", &ticket.number.to_string());
            let new = NewTask { department: department.clone(), text, required: *required };
            new.checked()?;
            result.made = Some(tasks::add(tx, ticket.id, &new)?.id.to_string());
        }
        Action::Escalate {} => {
            let reason = format!("rule: {}", firing.name_en);
            let given = another(tx, &means, &mut ticket, &reason)?;
            result.made = given.map(|engineer| engineer.to_string());
            let people = supervisors_of(tx, app)?.into_iter().collect();
            tell(tx, firing, people, &mut result)?;
        }
        Action::Webhook { url } => {
            result.made = Some(webhook::tell(tx, &app.config.organisation, url, firing, &ticket)?);
        }
    }
    Ok(result)
}

/// Nobody who can take it is no refusal: the ticket waits for somebody of the group.
fn assign(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &mut Ticket,
    group: Option<&SkillNeed>,
    result: &mut ActionResult,
) -> Result<(), Error> {
    if ticket.engineer_id.is_some() {
        return Err(assign::already_assigned());
    }
    if let Some(group) = group {
        let needs = &mut ticket.required_skills.0;
        match needs.iter_mut().find(|need| need.skill == group.skill) {
            Some(need) => need.level = need.level.max(group.level),
            None => needs.push(group.clone()),
        }
    }
    ticket.auto_dispatch = true;
    store::update(tx, ticket, ticket.status)?;
    let declined = store::declined_by(tx.conn(), ticket.id)?;
    match assign::best(tx, means, ticket, &declined)? {
        Assigned::To(assignment) => result.made = Some(assignment.engineer_id.to_string()),
        Assigned::Nobody => result.refused = Some("nobody_can".to_owned()),
    }
    Ok(())
}

fn following(action: &Action, ticket: &Ticket) -> NewTicket {
    let Action::CreateTicket { kind, priority, title, description, dispatch } = action else {
        return NewTicket::default();
    };
    NewTicket {
        kind: kind.clone(),
        priority: Some(*priority),
        title: title.replace("{number}", &ticket.number.to_string()),
        description: description.replace("{number}", &ticket.number.to_string()),
        asset_id: ticket.asset_id,
        site_id: Some(ticket.site_id).filter(|_| ticket.asset_id.is_none()),
        channel: Some(origin::CHANNEL.to_owned()),
        dispatch: *dispatch,
        ..NewTicket::default()
    }
}

fn named(tx: &mut Tx<'_>, app: &App, action: &Action, ticket: &Ticket) -> Result<BTreeSet<UserId>, Error> {
    let Action::Notify { engineer, supervisors, roles, users } = action else { return Ok(BTreeSet::new()) };
    let mut people = BTreeSet::from_iter(known(tx.conn(), users)?);
    people.extend(of_roles(tx.conn(), roles)?);
    if let Some(his) = ticket.engineer_id.filter(|_| *engineer) {
        people.extend(timers::users_of(tx.conn(), his)?);
    }
    if *supervisors {
        people.extend(supervisors_of(tx, app)?);
    }
    Ok(people)
}

fn tell(
    tx: &mut Tx<'_>,
    firing: &Firing,
    people: BTreeSet<UserId>,
    result: &mut ActionResult,
) -> Result<(), Error> {
    if people.is_empty() {
        return Err(Problem::conflict("nobody_to_tell", "There is nobody to be told.").into());
    }
    let people: Vec<UserId> = people.into_iter().collect();
    let by = notifications::ByRule { en: firing.name_en.clone(), zh: firing.name_zh.clone() };
    notifications::tell_by_rule(tx, &people, firing.ticket_id, &by, firing.at)?;
    result.told = i64::try_from(people.len()).ok();
    Ok(())
}

fn supervisors_of(tx: &mut Tx<'_>, app: &App) -> Result<Vec<UserId>, Error> {
    timers::supervisors(tx.conn(), &app.board.promises().settings().supervisors)
}

fn known(conn: &mut Conn, named: &[UserId]) -> Result<Vec<UserId>, Error> {
    let active = users::table.filter(users::active.eq(true)).filter(users::id.eq_any(named));
    Ok(active.select(users::id).load(conn)?)
}

fn of_roles(conn: &mut Conn, roles: &[Role]) -> Result<Vec<UserId>, Error> {
    let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let active = users::table.filter(users::active.eq(true)).filter(users::role.eq_any(roles));
    Ok(active.select(users::id).load(conn)?)
}

/// The result of an action that was refused.
pub fn refused(action: &Action, code: &str) -> ActionResult {
    ActionResult { action: action.name().to_owned(), refused: Some(code.to_owned()), made: None, told: None }
}
