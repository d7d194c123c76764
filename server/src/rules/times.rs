//! What the clock brings about: tickets whose time is over, and rules that run every so many minutes or once a day.
//! What fell due while no server ran is done once, at the next start.

use std::slice;
use std::sync::Arc;

use db::schema::tickets;
use db::types::TicketId;
use db::{Actor, Conn, Timestamp, Tx};
use diesel::prelude::*;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Instant};

use super::facts::EventFacts;
use super::fire::{Occasion, Ready, fire, first_in_need, ready};
use super::{ACTOR, RuleEvent, Trigger, check, events, run, store};
use crate::app::App;
use crate::error::Error;
use crate::sla::DueState;
use crate::tickets::store::is_over;
use crate::tickets::{Ticket, store as ticket_store};

/// Tickets that are read at once.
const BATCH: i64 = 500;
/// Until when it was looked is written down at the latest after so many minutes.
const NOTE_MINUTES: i64 = 1;

/// Does what is due; how many rules fired.
///
/// # Errors
/// A failure of the database.
pub async fn once(app: &Arc<App>) -> Result<usize, Error> {
    let now = app.db.clock().now();
    let read = |conn: &mut Conn| {
        let (rules, until, clocks) = (store::all(conn)?, store::due_until(conn)?, store::clocks(conn)?);
        Ok::<_, Error>((rules, until, clocks))
    };
    let (rules, until, clocks) = app.db.read(read).await?;
    let mine = |trigger: &Trigger| match trigger {
        Trigger::Event { event } => *event == RuleEvent::SlaBreached,
        _ => true,
    };
    let ready = ready(rules.into_iter().filter(|rule| mine(&rule.trigger.0)).collect());
    let mut fired = fallen_due(app, &ready, until, now).await?;
    for one in &ready {
        let Some(slot) = slot(&one.rule.trigger.0, now) else { continue };
        let ran_at = clocks.iter().find(|(id, _)| *id == one.rule.id).map(|(_, at)| *at);
        match ran_at {
            Some(at) if at >= slot => continue,
            Some(_) => fired += over_all(app, one, slot).await?,
            // A new rule waits for its time.
            None => {}
        }
        let id = one.rule.id.clone();
        let ran = move |tx: &mut Tx<'_>| store::ran(tx, &id, slot);
        app.db.write(Actor::system(ACTOR), ran).await?;
    }
    Ok(fired)
}

/// Tickets that fell due since it was last looked.
async fn fallen_due(
    app: &Arc<App>,
    ready: &[Ready],
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<usize, Error> {
    let (mut fired, mut after) = (0, until.unwrap_or(now));
    let waits = |one: &Ready| one.rule.trigger.0 == Trigger::Event { event: RuleEvent::SlaBreached };
    let mut more = ready.iter().any(waits);
    while more {
        let found = app.db.read(move |conn: &mut Conn| due(conn, after, now)).await?;
        more = i64::try_from(found.len()).is_ok_and(|count| count >= BATCH);
        for ticket in found {
            after = ticket.due_at;
            if is_over(ticket.status) || ticket.sla.0.state != DueState::Due {
                continue;
            }
            let happened = events::due(ticket.id, ticket.due_at);
            let (ticket_id, cause, facts) = (happened.ticket_id, happened.cause, happened.facts);
            let occasion = Occasion { ticket_id, cause, facts, chain: Vec::new() };
            fired += run::on(app, ready, happened.event, occasion).await?;
        }
    }
    if until.is_none_or(|until| until.plus_minutes(NOTE_MINUTES) <= now) {
        let note = move |tx: &mut Tx<'_>| store::looked_until(tx, now);
        app.db.write(Actor::system(ACTOR), note).await?;
    }
    Ok(fired)
}

/// Tickets of one millisecond are not parted: whole milliseconds are read, however many tickets that are.
fn due(conn: &mut Conn, after: Timestamp, now: Timestamp) -> Result<Vec<Ticket>, Error> {
    let between = tickets::table.filter(tickets::due_at.gt(after)).filter(tickets::due_at.le(now));
    let mut found: Vec<Ticket> = between.order((tickets::due_at, tickets::id)).limit(BATCH).load(conn)?;
    if let Some(last) = found.last().map(|ticket| ticket.due_at) {
        let known: Vec<TicketId> =
            found.iter().filter(|ticket| ticket.due_at == last).map(|ticket| ticket.id).collect();
        let same = tickets::table.filter(tickets::due_at.eq(last)).filter(tickets::id.ne_all(known));
        let more = i64::try_from(found.len()).is_ok_and(|count| count == BATCH);
        if more {
            found.extend(same.load::<Ticket>(conn)?);
        }
    }
    Ok(found)
}

/// Asks a rule about every ticket that is not over.
async fn over_all(app: &Arc<App>, one: &Ready, slot: Timestamp) -> Result<usize, Error> {
    let (name, once) = match one.rule.trigger.0 {
        Trigger::Every { once, .. } => ("every", once),
        Trigger::Daily { once, .. } => ("daily", once),
        Trigger::Event { .. } => return Ok(0),
    };
    let cause = if once { "once".to_owned() } else { format!("at:{}", slot.millis()) };
    let facts = EventFacts { name: name.to_owned(), by: ACTOR.to_owned(), ..EventFacts::default() };
    let (mut fired, mut after) = (0, None);
    loop {
        let (rule, facts, cause) = (one.clone(), facts.clone(), cause.clone());
        let now = app.db.clock().now();
        let page = move |conn: &mut Conn| in_need(conn, &rule, after, &cause, &facts, now);
        let (last, occasions) = app.db.read(page).await?;
        for occasion in occasions {
            fired += usize::from(fire(app, one, &occasion).await?);
        }
        after = last;
        if after.is_none() {
            return Ok(fired);
        }
    }
}

/// The tickets of the next page for which a rule may have something to do, and where the page after it begins.
fn in_need(
    conn: &mut Conn,
    rule: &Ready,
    after: Option<TicketId>,
    cause: &str,
    facts: &EventFacts,
    now: Timestamp,
) -> Result<(Option<TicketId>, Vec<Occasion>), Error> {
    let page = ticket_store::open(conn, after, BATCH)?;
    let mut found = Vec::new();
    for ticket in &page {
        let (cause, facts) = (cause.to_owned(), facts.clone());
        let occasion = Occasion { ticket_id: ticket.id, cause, facts, chain: Vec::new() };
        if first_in_need(conn, slice::from_ref(rule), &occasion, now)?.is_some() {
            found.push(occasion);
        }
    }
    Ok((page.last().map(|ticket| ticket.id), found))
}

/// The last time at which a rule was to run.
fn slot(trigger: &Trigger, now: Timestamp) -> Option<Timestamp> {
    match trigger {
        Trigger::Event { .. } => None,
        Trigger::Every { minutes, .. } => {
            let length = (*minutes).max(1) * 60_000;
            Some(Timestamp::from_millis(now.millis().div_euclid(length) * length))
        }
        Trigger::Daily { time, time_zone, .. } => {
            let (time, zone) = (check::clock(time)?, TimeZone::get(time_zone).ok()?);
            let local = zone.to_datetime(Instant::from_millisecond(now.millis()).ok()?);
            let at = |days: i64| {
                let date = local.date().checked_sub(Span::new().days(days)).ok()?;
                let instant = zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible().ok()?;
                Some(Timestamp::from_millis(instant.as_millisecond()))
            };
            at(0).filter(|today| *today <= now).or_else(|| at(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<Instant>().unwrap().as_millisecond())
    }

    #[test]
    fn a_daily_rule_runs_at_its_hour_by_its_own_clock_also_when_clocks_change() {
        let rule = Trigger::Daily {
            time: "08:00".to_owned(),
            time_zone: "America/New_York".to_owned(),
            once: false,
        };
        let last = |text: &str| slot(&rule, at(text));
        assert_eq!(last("2026-03-07T12:59Z"), Some(at("2026-03-06T13:00Z")));
        assert_eq!(last("2026-03-07T13:00Z"), Some(at("2026-03-07T13:00Z")));
        assert_eq!(last("2026-03-08T12:00Z"), Some(at("2026-03-08T12:00Z")), "the clock went forward");
    }

    #[test]
    fn every_so_many_minutes_is_counted_from_the_epoch_so_that_all_servers_agree() {
        let rule = Trigger::Every { minutes: 15, once: true };
        assert_eq!(slot(&rule, at("2026-03-07T12:59Z")), Some(at("2026-03-07T12:45Z")));
        assert_eq!(slot(&Trigger::Event { event: RuleEvent::Created }, at("2026-03-07T12:59Z")), None);
    }
}
