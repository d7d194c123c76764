//! One rule and one ticket: whether the condition holds, and what comes of it, in one transaction with the record of
//! it. The database keeps one firing of a rule for a ticket and a cause, so whoever comes second, after a kill or on
//! another server, does nothing. An action that is refused is undone and named; the others are done all the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use db::types::{Id, Json, TicketId};
use db::{Actor, Conn, Timestamp, Tx};

use super::expression::Condition;
use super::facts::{self, Asks, EventFacts};
use super::{ACTOR, Firing, Rule, RuleOutcome, act, origin, store as rules};
use crate::app::App;
use crate::error::Error;
use crate::tickets::store;

/// Rules that may follow from one another.
const LONGEST_CHAIN: usize = 8;
/// How often a rule may fire for one ticket in an hour: what goes round through others than rules is stopped by that.
const MOST_AN_HOUR: i64 = 20;
/// Longest reason that is kept, in characters.
const LONGEST_REASON: usize = 200;
/// No action was begun.
const NONE: usize = usize::MAX;

/// A rule with its condition read.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Its condition.
    pub condition: Condition,
}

/// The rules that run, with their conditions read.
pub fn ready(rules: Vec<Rule>) -> Vec<Ready> {
    let read = |rule: Rule| match Condition::read(&rule.condition) {
        Ok(condition) => Some(Ready { rule: Arc::new(rule), condition }),
        Err(fault) => {
            tracing::warn!(rule = %rule.id, why = %fault.message, "a rule cannot be asked any more");
            None
        }
    };
    rules.into_iter().filter(|rule| rule.enabled).filter_map(read).collect()
}

/// What a rule is asked about.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Which ticket.
    pub ticket_id: TicketId,
    /// A rule fires once for it.
    pub cause: String,
    /// What happened.
    pub facts: EventFacts,
    /// The rules by which it came about.
    pub chain: Vec<String>,
}

/// Does what a rule says, if its condition holds. False if it does not, or this was done before.
///
/// # Errors
/// A failure of the database.
pub async fn fire(app: &Arc<App>, ready: &Ready, occasion: &Occasion) -> Result<bool, Error> {
    let mut refused = BTreeMap::new();
    loop {
        let at = Arc::new(AtomicUsize::new(NONE));
        let command = {
            let (app, at, refused) = (app.clone(), at.clone(), refused.clone());
            let (ready, occasion) = (ready.clone(), occasion.clone());
            move |tx: &mut Tx<'_>| fired(tx, &app, &ready, &occasion, &refused, &at)
        };
        let error = match app.db.write(Actor::system(ACTOR), command).await {
            Ok(fired) => return Ok(fired),
            Err(error) => error,
        };
        let problem = error.problem();
        let nth = at.load(Ordering::Acquire);
        // Each time round another action is left out, so this ends.
        if problem.status >= 500 || nth == NONE || refused.contains_key(&nth) {
            return Err(error);
        }
        refused.insert(nth, problem.code);
    }
}

/// The first of these rules that may have something to do; hardly ever has one. Asked of a reader, since a write is for
/// those that do.
///
/// # Errors
/// A failure of the database.
pub fn first_in_need(
    conn: &mut Conn,
    rules: &[Ready],
    occasion: &Occasion,
    now: Timestamp,
) -> Result<Option<usize>, Error> {
    if rules.is_empty() {
        return Ok(None);
    }
    let Some(ticket) = store::find(conn, occasion.ticket_id)? else { return Ok(None) };
    let asks = rules.iter().fold(Asks::default(), |asks, ready| asks.or(ready.condition.asks()));
    let facts = facts::of(conn, &ticket, occasion.facts.clone(), asks, now)?;
    for (nth, ready) in rules.iter().enumerate() {
        let may = ready.condition.holds(&facts) != Ok(false);
        if may && !rules::has_fired(conn, &ready.rule.id, ticket.id, &occasion.cause)? {
            return Ok(Some(nth));
        }
    }
    Ok(None)
}

fn fired(
    tx: &mut Tx<'_>,
    app: &App,
    ready: &Ready,
    occasion: &Occasion,
    refused: &BTreeMap<usize, String>,
    at: &AtomicUsize,
) -> Result<bool, Error> {
    at.store(NONE, Ordering::Release);
    let now = tx.now();
    // As it is now: others may have changed it since.
    let ticket = store::hold(tx, occasion.ticket_id)?;
    let facts = facts::of(tx.conn(), &ticket, occasion.facts.clone(), ready.condition.asks(), now)?;
    let verdict = ready.condition.holds(&facts);
    if verdict == Ok(false) {
        return Ok(false);
    }
    let rule = &ready.rule;
    let mut firing = Firing {
        id: Id::new(),
        rule_id: rule.id.clone(),
        rule_version: rule.version,
        name_en: rule.name_en.clone(),
        name_zh: rule.name_zh.clone(),
        ticket_id: ticket.id,
        cause: occasion.cause.clone(),
        chain: Json(occasion.chain.clone()),
        at: now,
        outcome: RuleOutcome::Done,
        reason: String::new(),
        results: Json(Vec::new()),
    };
    if let Err(why) = verdict {
        firing.outcome = RuleOutcome::Refused;
        firing.reason = why.chars().take(LONGEST_REASON).collect();
        return rules::begin(tx, &firing);
    }
    let often = rules::fired_since(tx.conn(), &rule.id, ticket.id, now.plus_minutes(-60))?;
    if often > MOST_AN_HOUR {
        // That it is stopped stands on record already.
        return Ok(false);
    }
    if origin::matters(rule) {
        firing.chain.0 = origin::of(tx.conn(), &ticket)?.into_iter().chain(firing.chain.0).collect();
    }
    if let Some(why) = circle(rule, &firing.chain.0, often) {
        if firing.chain.0 != occasion.chain {
            // Where a ticket comes from stays so: that is written down once.
            origin::ONCE.clone_into(&mut firing.cause);
        }
        firing.outcome = RuleOutcome::Stopped;
        why.clone_into(&mut firing.reason);
        tracing::warn!(rule = %rule.id, ticket = %ticket.number, %why, "a rule was stopped");
        return rules::begin(tx, &firing);
    }
    if !rules::begin(tx, &firing)? {
        return Ok(false);
    }
    for (nth, action) in rule.actions.0.iter().enumerate() {
        at.store(nth, Ordering::Release);
        let result = match refused.get(&nth) {
            Some(code) => act::refused(action, code),
            None => act::run(tx, app, &firing, action)?,
        };
        firing.results.0.push(result);
    }
    let failed = firing.results.0.iter().filter(|result| result.refused.is_some()).count();
    firing.outcome = match failed {
        0 => RuleOutcome::Done,
        all if all == firing.results.0.len() => RuleOutcome::Refused,
        _ => RuleOutcome::Partly,
    };
    rules::end(tx, &firing)?;
    Ok(true)
}

/// Why a rule must not run: it would be its own cause, or goes on for ever through others.
fn circle(rule: &Rule, chain: &[String], often: i64) -> Option<&'static str> {
    if chain.contains(&rule.id) {
        Some("loop")
    } else if chain.len() >= LONGEST_CHAIN {
        Some("too_deep")
    } else if often >= MOST_AN_HOUR {
        Some("too_often")
    } else {
        None
    }
}
