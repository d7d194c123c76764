//! What of a rule is refused when it is saved: each fault by its field.

use std::collections::BTreeSet;

use db::Conn;
use db::schema::{skills, users};
use diesel::prelude::*;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use mobile_sync_wire::EventKind;

use super::edit::RuleBody;
use super::expression::Condition;
use super::{Action, Trigger};
use crate::auth::Role;
use crate::error::Error;
use crate::http::Checks;
use crate::sync::wake::address;
use crate::tasks::NewTask;

/// Most actions of a rule.
const MOST_ACTIONS: usize = 10;
/// Most people that one action names.
const MOST_PEOPLE: usize = 100;
/// A week, in minutes.
const WEEK: i64 = 7 * 24 * 60;
/// Steps of the office that a rule may take.
const STEPS: [EventKind; 4] = [EventKind::Close, EventKind::Reopen, EventKind::Cancel, EventKind::Unassign];

/// Everything that can be said without the database. `private`: webhooks may lead into private networks.
///
/// # Errors
/// Faults by field.
pub fn shape(rule: &RuleBody, private: bool) -> Result<(), Error> {
    let mut checks = Checks::new();
    checks.name("name_en", &rule.name_en, 200).name("name_zh", &rule.name_zh, 200);
    trigger(&mut checks, &rule.trigger);
    if let Err(fault) = Condition::read(&rule.condition) {
        checks.fault("condition", fault.code, fault.message);
    }
    let count = rule.actions.len();
    checks.require(count > 0, "actions", "required", "say what is to be done");
    checks.require(count <= MOST_ACTIONS, "actions", "too_many", "at most 10");
    for (nth, one) in rule.actions.iter().enumerate().take(MOST_ACTIONS) {
        action(&mut checks, &format!("actions[{nth}]"), one, private);
    }
    checks.finish()
}

/// Trigger and condition alone, for a preview.
///
/// # Errors
/// Faults by field.
pub fn question(on: &Trigger, condition: &str) -> Result<Condition, Error> {
    let mut checks = Checks::new();
    trigger(&mut checks, on);
    match Condition::read(condition) {
        Ok(condition) => checks.finish().map(|()| condition),
        Err(fault) => {
            checks.fault("condition", fault.code, fault.message);
            checks.finish().and_then(|()| Err(Error::Internal("a fault that is none".to_owned())))
        }
    }
}

fn trigger(checks: &mut Checks, trigger: &Trigger) {
    match trigger {
        Trigger::Event { .. } => {}
        Trigger::Every { minutes, .. } => {
            checks.within("trigger.minutes", *minutes, 5, WEEK);
        }
        Trigger::Daily { time, time_zone, .. } => {
            checks.require(clock(time).is_some(), "trigger.time", "invalid", "is no time as 08:00");
            checks.text("trigger.time_zone", time_zone, 100);
            let known = TimeZone::get(time_zone).is_ok();
            checks.require(known, "trigger.time_zone", "unknown", "is no known time zone");
        }
    }
}

/// `08:00` as a time.
pub fn clock(text: &str) -> Option<Time> {
    (text.len() == 5).then(|| format!("{text}:00").parse().ok())?
}

fn action(checks: &mut Checks, at: &str, action: &Action, private: bool) {
    match action {
        Action::Assign { group } => {
            if let Some(group) = group {
                checks.name(&format!("{at}.group.skill"), &group.skill, 50);
                checks.within(&format!("{at}.group.level"), i64::from(group.level), 1, 9);
            }
        }
        Action::Notify { engineer, supervisors, roles, users } => {
            let somebody = *engineer || *supervisors || !roles.is_empty() || !users.is_empty();
            checks.require(somebody, &format!("{at}.users"), "required", "say who is told");
            checks.require(users.len() <= MOST_PEOPLE, &format!("{at}.users"), "too_many", "at most 100");
            let office = roles.iter().all(|role| *role != Role::Engineer);
            checks.require(office, &format!("{at}.roles"), "invalid", "not all engineers: name the one");
            checks.require(roles.len() <= 4, &format!("{at}.roles"), "too_many", "at most 4");
        }
        Action::Set { priority, auto_dispatch, expected_minutes } => {
            let any = priority.is_some() || auto_dispatch.is_some() || expected_minutes.is_some();
            checks.require(any, &format!("{at}.priority"), "required", "say what is set");
            checks.within(&format!("{at}.priority"), i64::from(priority.unwrap_or(1)), 1, 4);
            let minutes = expected_minutes.unwrap_or(1);
            checks.within(&format!("{at}.expected_minutes"), minutes, 1, 28 * 24 * 60);
        }
        Action::Step { event, reason } => {
            let may = STEPS.contains(event);
            checks.require(may, &format!("{at}.event"), "invalid", "close, reopen, cancel or unassign");
            checks.name(&format!("{at}.reason"), reason, 500);
        }
        Action::CreateTicket { kind, priority, title, description, .. } => {
            checks.name(&format!("{at}.kind"), kind, 50);
            checks.within(&format!("{at}.priority"), i64::from(*priority), 1, 4);
            checks.name(&format!("{at}.title"), title, 150);
            checks.text(&format!("{at}.description"), description, 2_000);
        }
        Action::AddTask { department, text, required } => {
            let task = NewTask { department: department.clone(), text: text.clone(), required: *required };
            task.check(checks, &format!("{at}."));
        }
        Action::Escalate {} => {}
        Action::Webhook { url } => {
            if let Err(why) = address::read(url, private) {
                checks.fault(&format!("{at}.url"), "invalid", why);
            }
        }
    }
}

/// Whether the people and the groups that it names are there.
///
/// # Errors
/// Faults by field.
pub fn names(conn: &mut Conn, rule: &RuleBody) -> Result<(), Error> {
    let mut checks = Checks::new();
    for (nth, action) in rule.actions.iter().enumerate() {
        match action {
            Action::Notify { users: named, .. } if !named.is_empty() => {
                let unique: BTreeSet<_> = named.iter().collect();
                let known: i64 = users::table.filter(users::id.eq_any(named)).count().get_result(conn)?;
                let all = usize::try_from(known).is_ok_and(|known| known == unique.len());
                checks.require(all, &format!("actions[{nth}].users"), "unknown", "names a stranger");
            }
            Action::Assign { group: Some(group) } => {
                let known: i64 =
                    skills::table.filter(skills::code.eq(&group.skill)).count().get_result(conn)?;
                let field = format!("actions[{nth}].group.skill");
                checks.require(known > 0, &field, "unknown", "is no known skill");
            }
            _ => {}
        }
    }
    checks.finish()
}
