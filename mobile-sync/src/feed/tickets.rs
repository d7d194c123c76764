//! Tickets that come into a scope, leave it or stay in it, and the rows that belong to them.

use std::collections::{HashMap, HashSet};

use db::schema::{changes, notes, tickets};
use db::{Change, Conn, Op};
use diesel::prelude::*;
use mobile_sync_wire::Collection;
use mobile_sync_wire::mutants::{self, Mutant};
use serde::Deserialize;

use super::group::{Group, OVER, Ticket, row};
use super::{Holders, IDS, News, Tell};
use crate::docs::OFFICE_ALONE;

/// The tables whose rows belong to a ticket, and the collections that phones know them by.
const CHILDREN: [(&str, Collection); 10] = [
    ("visits", Collection::Visits),
    ("ticket_events", Collection::TicketEvents),
    ("part_usage", Collection::PartUsage),
    ("notes", Collection::Notes),
    ("reservations", Collection::Reservations),
    ("labour", Collection::Labour),
    ("checklist_answers", Collection::ChecklistAnswers),
    ("readings", Collection::Readings),
    ("photos", Collection::Photos),
    ("signatures", Collection::Signatures),
];

/// A ticket on its way into or out of a scope.
struct Move<'a> {
    scope: &'a str,
    ticket: &'a Ticket,
    tell: Tell,
}

pub(super) fn follow(
    conn: &mut Conn,
    group: &Group<'_>,
    holders: &Holders,
    news: &mut Vec<News>,
) -> Result<(), db::Error> {
    let mut moves = Vec::new();
    for ticket in &group.tickets {
        let (now, before) = (ticket.scope(), holders.scopes(&ticket.id));
        for scope in before.iter().filter(|scope| Some(scope.as_str()) != now) {
            if mutants::on(Mutant::RemovalOnReassignment) {
                continue;
            }
            moves.push(Move { scope, ticket, tell: Tell::Remove });
        }
        let Some(scope) = now else { continue };
        news.push(News::new(scope, Collection::Tickets, &ticket.id, Tell::Put));
        if !before.iter().any(|held| held == scope) {
            moves.push(Move { scope, ticket, tell: Tell::Put });
        }
    }
    carry(conn, &moves, news)?;
    leave_places(conn, &moves, news)?;
    children(conn, group, news)
}

/// Takes the rows of moving tickets along. The log knows them all, whatever table they are in.
fn carry(conn: &mut Conn, moves: &[Move<'_>], news: &mut Vec<News>) -> Result<(), db::Error> {
    // The rows of a ticket that was just opened are in this group; `children` tells of them.
    let moved = moves.iter().filter(|m| !m.ticket.created);
    let ids: HashSet<&str> = moved.map(|m| m.ticket.id.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let mut rows: HashMap<String, Vec<(Collection, String)>> = HashMap::new();
    for ids in ids.chunks(IDS) {
        let found: Vec<(Option<String>, String, String)> = changes::table
            .filter(changes::ticket_id.eq_any(ids))
            .filter(changes::entity.eq_any(CHILDREN.map(|(table, _)| table)))
            .select((changes::ticket_id, changes::entity, changes::row_id))
            .distinct()
            .load(conn)?;
        for (ticket_id, table, row_id) in found {
            if let (Some(ticket_id), Some(collection)) = (ticket_id, collection_of(&table)) {
                rows.entry(ticket_id).or_default().push((collection, row_id));
            }
        }
    }
    let withheld = of_the_office(conn, &ids)?;
    for Move { scope, ticket, tell } in moves {
        for (collection, row_id) in rows.get(&ticket.id).into_iter().flatten() {
            if *collection != Collection::Notes || !withheld.contains(row_id) {
                news.push(News::new(scope, *collection, row_id, *tell));
            }
        }
        let (site, asset) = (Collection::Sites, Collection::Assets);
        match tell {
            Tell::Put => {
                news.push(News::new(scope, site, &ticket.site_id, Tell::Put));
                let asset_id = ticket.asset_id.iter();
                news.extend(asset_id.map(|id| News::new(scope, asset, id, Tell::Put)));
            }
            _ => news.push(News::new(scope, Collection::Tickets, &ticket.id, *tell)),
        }
    }
    Ok(())
}

/// The notes of these tickets that no phone hears of.
fn of_the_office(conn: &mut Conn, tickets: &[&str]) -> Result<HashSet<String>, db::Error> {
    let mut found = HashSet::new();
    for ids in tickets.chunks(IDS) {
        let of_tickets = notes::table.filter(notes::ticket_id.eq_any(ids));
        let some: Vec<String> =
            of_tickets.filter(notes::audience.eq(OFFICE_ALONE)).select(notes::id).load(conn)?;
        found.extend(some);
    }
    Ok(found)
}

/// A site or an asset leaves with the last ticket that needed it.
fn leave_places(conn: &mut Conn, moves: &[Move<'_>], news: &mut Vec<News>) -> Result<(), db::Error> {
    let leaving: Vec<&Move<'_>> = moves.iter().filter(|m| m.tell == Tell::Remove).collect();
    let mut needed: HashSet<(String, String)> = HashSet::new();
    for batch in leaving.chunks(IDS / 2) {
        let found: Vec<(Option<String>, String, Option<String>)> = tickets::table
            .filter(tickets::engineer_id.eq_any(batch.iter().map(|m| m.scope)))
            .filter(tickets::site_id.eq_any(batch.iter().map(|m| m.ticket.site_id.as_str())))
            .filter(tickets::status.ne_all(OVER))
            .select((tickets::engineer_id, tickets::site_id, tickets::asset_id))
            .load(conn)?;
        for (engineer_id, site_id, asset_id) in found {
            let Some(engineer_id) = engineer_id else { continue };
            needed.extend(asset_id.map(|id| (engineer_id.clone(), id)));
            needed.insert((engineer_id, site_id));
        }
    }
    for m in leaving {
        let site = (Collection::Sites, Some(&m.ticket.site_id));
        for (collection, id) in [site, (Collection::Assets, m.ticket.asset_id.as_ref())] {
            let Some(id) = id else { continue };
            if !needed.contains(&(m.scope.to_owned(), id.clone())) {
                news.push(News::new(m.scope, collection, id, Tell::Remove));
            }
        }
    }
    Ok(())
}

/// Changed rows of a ticket go to whoever has it.
fn children(conn: &mut Conn, group: &Group<'_>, news: &mut Vec<News>) -> Result<(), db::Error> {
    let mut changed: Vec<(&Change, Collection)> = Vec::new();
    for (table, collection) in CHILDREN {
        changed.extend(group.puts(table).map(|change| (change, collection)));
    }
    // Who else comes is told by the visit.
    changed.extend(group.puts("visit_crew").map(|change| (change, Collection::Visits)));
    let mut scopes: HashMap<&str, Option<String>> =
        group.tickets.iter().map(|t| (t.id.as_str(), t.scope().map(str::to_owned))).collect();
    let others: HashSet<&str> =
        changed.iter().filter_map(|(change, _)| change.ticket_id.as_deref()).collect();
    let others: Vec<&str> = others.into_iter().filter(|id| !scopes.contains_key(id)).collect();
    for ids in others.chunks(IDS) {
        let found: Vec<(String, Option<String>)> = tickets::table
            .filter(tickets::id.eq_any(ids))
            .filter(tickets::status.ne_all(OVER))
            .select((tickets::id, tickets::engineer_id))
            .load(conn)?;
        for (id, engineer_id) in found {
            if let Some(known) = ids.iter().find(|known| **known == id) {
                scopes.insert(known, engineer_id);
            }
        }
    }
    for (change, collection) in changed {
        let said = collection == Collection::Notes && change.op != Op::Delete;
        if said && row::<Said>(change)?.audience == OFFICE_ALONE {
            continue;
        }
        let scope = change.ticket_id.as_deref().and_then(|id| scopes.get(id).cloned().flatten());
        let Some(scope) = scope else { continue };
        if change.entity == "visit_crew" {
            let member: Member = row(change)?;
            news.push(News::new(&scope, collection, &member.visit_id, Tell::Put));
            continue;
        }
        let tell = if change.op == Op::Delete { Tell::Delete } else { Tell::Put };
        news.push(News::new(&scope, collection, &change.row_id, tell));
    }
    Ok(())
}

/// For whom a note is.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    audience: String,
}

#[derive(Deserialize)]
struct Member {
    visit_id: String,
}

fn collection_of(table: &str) -> Option<Collection> {
    CHILDREN.iter().find(|(name, _)| *name == table).map(|(_, collection)| *collection)
}
