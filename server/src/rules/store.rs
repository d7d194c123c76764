//! Rules and their firings as rows. A rule that comes with Fettle has no row until somebody changes it: it is
//! version 1.

use db::schema::{rule_clocks, rule_firings, rules, settings};
use db::types::{RuleFiringId, TicketId};
use db::{Conn, Entity, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Firing, Rule, shipped};
use crate::error::{Error, Problem};

/// How far the reader of the log has come.
const CURSOR: &str = "rules_cursor";
/// Until when it was looked what fell due.
const DUE_UNTIL: &str = "rules_due_until";

/// All rules, by id: those that come with Fettle too.
///
/// # Errors
/// A failure of the database.
pub fn all(conn: &mut Conn) -> Result<Vec<Rule>, Error> {
    let mut found: Vec<Rule> = rules::table.order(rules::id).load(conn)?;
    for rule in shipped::rules() {
        if !found.iter().any(|known| known.id == rule.id) {
            found.push(rule);
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// The rule of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: &str) -> Result<Rule, Error> {
    let stored: Option<Rule> = rules::table.find(id).first(conn).optional()?;
    let found = stored.or_else(|| shipped::rules().into_iter().find(|rule| rule.id == id));
    found.ok_or_else(|| Problem::not_found("rule").into())
}

/// How many rules there are rows of.
///
/// # Errors
/// A failure of the database.
pub fn count(conn: &mut Conn) -> Result<i64, Error> {
    Ok(rules::table.count().get_result(conn)?)
}

/// Writes a rule, as a new row or in place of the one of this id.
///
/// # Errors
/// A failure of the database.
pub fn put(tx: &mut Tx<'_>, rule: &Rule) -> Result<(), Error> {
    let stored = rule.clone();
    diesel::delete(rules::table.find(&rule.id)).execute(tx.conn())?;
    diesel::insert_into(rules::table).values(stored).execute(tx.conn())?;
    Ok(tx.changed(rule)?)
}

/// Removes a rule. What it did stays on record.
///
/// # Errors
/// 404; 409 for one that comes with Fettle.
pub fn remove(tx: &mut Tx<'_>, id: &str) -> Result<(), Error> {
    let rule = get(tx.conn(), id)?;
    if shipped::rules().iter().any(|known| known.id == id) {
        let detail = "It comes with Fettle; it can be turned off.";
        return Err(Problem::conflict("rule_shipped", detail).into());
    }
    diesel::delete(rules::table.find(id)).execute(tx.conn())?;
    diesel::delete(rule_clocks::table.find(id)).execute(tx.conn())?;
    Ok(tx.removed(&rule)?)
}

/// Writes down that a rule fires: false if it has fired for this cause already, here or on another server.
///
/// # Errors
/// A failure of the database.
pub fn begin(tx: &mut Tx<'_>, firing: &Firing) -> Result<bool, Error> {
    let row = firing.clone();
    let new = each_backend!(tx.conn(), |c| diesel::insert_into(rule_firings::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if new == 1 {
        // First of what this command changes: whoever reads the log knows that the rest came of it.
        tx.created(firing)?;
    }
    Ok(new == 1)
}

/// Writes down what came of it.
///
/// # Errors
/// A failure of the database.
pub fn end(tx: &mut Tx<'_>, firing: &Firing) -> Result<(), Error> {
    let results = String::from(firing.results.clone());
    diesel::update(rule_firings::table.find(firing.id))
        .set((rule_firings::outcome.eq(firing.outcome), rule_firings::results.eq(results)))
        .execute(tx.conn())?;
    Ok(tx.changed(firing)?)
}

/// Whether a rule has fired for this cause.
///
/// # Errors
/// A failure of the database.
pub fn has_fired(conn: &mut Conn, rule: &str, ticket: TicketId, cause: &str) -> Result<bool, Error> {
    let this = rule_firings::table
        .filter(rule_firings::rule_id.eq(rule))
        .filter(rule_firings::ticket_id.eq(ticket))
        .filter(rule_firings::cause.eq(cause));
    Ok(this.count().get_result::<i64>(conn)? > 0)
}

/// How often a rule has fired for a ticket since then.
///
/// # Errors
/// A failure of the database.
pub fn fired_since(conn: &mut Conn, rule: &str, ticket: TicketId, since: Timestamp) -> Result<i64, Error> {
    let those = rule_firings::table
        .filter(rule_firings::rule_id.eq(rule))
        .filter(rule_firings::ticket_id.eq(ticket))
        .filter(rule_firings::at.gt(since));
    Ok(those.count().get_result(conn)?)
}

/// Firings, the latest first: of one rule, or of one ticket, or all.
///
/// # Errors
/// A failure of the database.
pub fn firings(
    conn: &mut Conn,
    rule: Option<&str>,
    ticket: Option<TicketId>,
    before: Option<RuleFiringId>,
    limit: i64,
) -> Result<Vec<(Firing, i64)>, Error> {
    use db::schema::tickets;
    let mut query = rule_firings::table
        .inner_join(tickets::table)
        .select((rule_firings::all_columns, tickets::number))
        .into_boxed();
    if let Some(rule) = rule {
        query = query.filter(rule_firings::rule_id.eq(rule.to_owned()));
    }
    if let Some(ticket) = ticket {
        query = query.filter(rule_firings::ticket_id.eq(ticket));
    }
    if let Some(before) = before {
        query = query.filter(rule_firings::id.lt(before));
    }
    Ok(query.order(rule_firings::id.desc()).limit(limit).load(conn)?)
}

/// How far the reader has come, and by which rules the last change came about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The last change that was looked at.
    pub seq: i64,
    /// If rules made it.
    pub chain: Vec<String>,
}

/// How far the reader has come; none if it never ran.
///
/// # Errors
/// A failure of the database.
pub fn cursor(conn: &mut Conn) -> Result<Option<Cursor>, Error> {
    let text: Option<String> = settings::table.find(CURSOR).select(settings::value).first(conn).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Moves the cursor on; one that another server has moved further stays there.
///
/// # Errors
/// A failure of the database.
pub fn move_cursor(tx: &mut Tx<'_>, to: &Cursor) -> Result<(), Error> {
    if cursor(tx.conn())?.is_some_and(|there| there.seq >= to.seq) {
        return Ok(());
    }
    set(tx, CURSOR, &serde_json::to_string(to).map_err(db::Error::from)?)
}

/// Until when it was looked what fell due; none if it never was.
///
/// # Errors
/// A failure of the database.
pub fn due_until(conn: &mut Conn) -> Result<Option<Timestamp>, Error> {
    let text: Option<String> =
        settings::table.find(DUE_UNTIL).select(settings::value).first(conn).optional()?;
    Ok(text.and_then(|text| text.parse().ok()).map(Timestamp::from_millis))
}

/// It was looked until then.
///
/// # Errors
/// A failure of the database.
pub fn looked_until(tx: &mut Tx<'_>, at: Timestamp) -> Result<(), Error> {
    set(tx, DUE_UNTIL, &at.millis().to_string())
}

fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), Error> {
    each_backend!(tx.conn(), |c| diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq(value)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(diesel::upsert::excluded(settings::value)))
        .execute(c))?;
    Ok(())
}

/// When rules with a time last ran.
///
/// # Errors
/// A failure of the database.
pub fn clocks(conn: &mut Conn) -> Result<Vec<(String, Timestamp)>, Error> {
    Ok(rule_clocks::table.select((rule_clocks::rule_id, rule_clocks::ran_at)).load(conn)?)
}

/// A rule has run for this time.
///
/// # Errors
/// A failure of the database.
pub fn ran(tx: &mut Tx<'_>, rule: &str, at: Timestamp) -> Result<(), Error> {
    each_backend!(tx.conn(), |c| diesel::insert_into(rule_clocks::table)
        .values((rule_clocks::rule_id.eq(rule), rule_clocks::ran_at.eq(at)))
        .on_conflict(rule_clocks::rule_id)
        .do_update()
        .set(rule_clocks::ran_at.eq(diesel::upsert::excluded(rule_clocks::ran_at)))
        .execute(c))?;
    Ok(())
}

/// A rule is another one now, or runs again: it waits for its next time, as a new one does.
///
/// # Errors
/// A failure of the database.
pub fn waits_anew(tx: &mut Tx<'_>, rule: &str) -> Result<(), Error> {
    diesel::delete(rule_clocks::table.find(rule)).execute(tx.conn())?;
    Ok(())
}

/// Whether a change is the record of a firing, and then the rules that its command came about by.
pub fn chain_of(change: &db::Change) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Kept {
        rule_id: String,
        chain: Vec<String>,
    }
    let row = change.row.as_ref().filter(|_| change.entity == Firing::ENTITY)?;
    let Kept { rule_id, mut chain } = serde_json::from_str(row.get()).ok()?;
    chain.push(rule_id);
    Some(chain)
}
