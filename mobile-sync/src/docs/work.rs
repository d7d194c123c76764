//! Tickets and what belongs to them.

use std::collections::HashMap;

use db::Conn;
use db::schema::{notes, part_usage, parts, ticket_events, tickets, visit_crew, visits};
use diesel::prelude::*;
use mobile_sync_wire::docs::{NoteDoc, PartOutcome, PartUsageDoc, TicketDoc, TicketEventDoc, VisitDoc};
use mobile_sync_wire::{EventKind, TicketStatus};

use super::{Found, fields, read, some};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tickets)]
struct Ticket {
    id: String,
    number: i64,
    kind: String,
    title: String,
    description: String,
    status: String,
    priority: i32,
    engineer_id: Option<String>,
    visit_id: String,
    site_id: String,
    asset_id: Option<String>,
    access_note: String,
    site_contact: String,
    earliest_at: i64,
    due_at: i64,
    planned_at: Option<i64>,
    expected_minutes: i64,
    form: String,
}

pub(super) fn tickets(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    let rows: Vec<Ticket> =
        tickets::table.filter(tickets::id.eq_any(ids)).select(Ticket::as_select()).load(conn)?;
    rows.into_iter()
        .map(|t| {
            let doc = TicketDoc {
                id: t.id.clone(),
                sync_v: 0,
                number: t.number,
                kind: t.kind,
                title: t.title,
                description: t.description,
                status: read(TicketStatus::parse(&t.status), &t.status)?,
                priority: t.priority.into(),
                engineer_id: t.engineer_id,
                visit_id: some(t.visit_id),
                site_id: t.site_id,
                asset_id: t.asset_id,
                access_note: some(t.access_note),
                site_contact: some(t.site_contact),
                earliest_at: Some(t.earliest_at),
                due_at: Some(t.due_at),
                planned_at: t.planned_at,
                expected_minutes: Some(t.expected_minutes),
                form: Some(t.form).filter(|form| form != "null"),
            };
            fields(t.id, &doc)
        })
        .collect()
}

type VisitRow = (String, String, i32, String, Option<i64>, i64, Option<String>);

pub(super) fn visits(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    let rows: Vec<VisitRow> = visits::table.filter(visits::id.eq_any(ids)).load(conn)?;
    let others: Vec<(String, String)> = visit_crew::table
        .filter(visit_crew::visit_id.eq_any(ids))
        .order(visit_crew::id)
        .select((visit_crew::visit_id, visit_crew::engineer_id))
        .load(conn)?;
    let mut crews: HashMap<String, Vec<String>> = HashMap::new();
    for (visit_id, engineer_id) in others {
        crews.entry(visit_id).or_default().push(engineer_id);
    }
    rows.into_iter()
        .map(|(id, ticket_id, number, status, planned_at, expected_minutes, lead_engineer_id)| {
            let mut crew: Vec<String> = lead_engineer_id.iter().cloned().collect();
            crew.extend(crews.remove(&id).unwrap_or_default());
            let doc = VisitDoc {
                id: id.clone(),
                sync_v: 0,
                ticket_id,
                number: number.into(),
                status,
                planned_at,
                expected_minutes: Some(expected_minutes),
                lead_engineer_id,
                crew: crew.join(","),
            };
            fields(id, &doc)
        })
        .collect()
}

type EventRow = (String, String, String, Option<String>, String, i64, i64, String);

pub(super) fn events(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use ticket_events as e;
    let rows: Vec<EventRow> = e::table
        .filter(e::id.eq_any(ids))
        .select((e::id, e::ticket_id, e::visit_id, e::engineer_id, e::kind, e::at, e::dseq, e::reason))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, ticket_id, visit_id, engineer_id, kind, at, dseq, reason)| {
            let doc = TicketEventDoc {
                id: id.clone(),
                sync_v: 0,
                ticket_id,
                visit_id: some(visit_id),
                // What the office did names no engineer.
                engineer_id: engineer_id.unwrap_or_default(),
                kind: read(EventKind::parse(&kind), &kind)?,
                at,
                dseq,
                reason: some(reason),
            };
            fields(id, &doc)
        })
        .collect()
}

type UsageRow = (String, String, String, Option<String>, String, i64, (String, String, String), String);

pub(super) fn part_usage(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use part_usage as u;
    let rows: Vec<UsageRow> = u::table
        .inner_join(parts::table)
        .filter(u::id.eq_any(ids))
        .select((
            u::id,
            u::ticket_id,
            u::visit_id,
            u::engineer_id,
            u::part_id,
            u::quantity,
            (u::serial, u::removed_serial, parts::tracking),
            u::outcome,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(
            |(
                id,
                ticket_id,
                visit_id,
                engineer_id,
                part_id,
                quantity,
                (number, removed, tracking),
                outcome,
            )| {
                let (serial, lot) =
                    if tracking == "lot" { (None, some(number)) } else { (some(number), None) };
                let doc = PartUsageDoc {
                    id: id.clone(),
                    sync_v: 0,
                    ticket_id,
                    visit_id: some(visit_id),
                    engineer_id: engineer_id.unwrap_or_default(),
                    part_id,
                    quantity,
                    serial,
                    lot,
                    removed_serial: some(removed),
                    outcome: read(part_outcome(&outcome), &outcome)?,
                };
                fields(id, &doc)
            },
        )
        .collect()
}

fn part_outcome(text: &str) -> Option<PartOutcome> {
    match text {
        "used" => Some(PartOutcome::Used),
        "defective" => Some(PartOutcome::Defective),
        "returned" => Some(PartOutcome::Returned),
        _ => None,
    }
}

/// The audience of notes that no phone is shown.
pub(crate) const OFFICE_ALONE: &str = "office";

type NoteRow = (String, String, String, Option<String>, i64, String);

pub(super) fn notes(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use notes as n;
    let rows: Vec<NoteRow> = n::table
        .filter(n::id.eq_any(ids))
        .filter(n::audience.ne(OFFICE_ALONE))
        .select((n::id, n::ticket_id, n::visit_id, n::engineer_id, n::at, n::text))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, ticket_id, visit_id, engineer_id, at, text)| {
            let visit_id = some(visit_id);
            fields(id.clone(), &NoteDoc { id, sync_v: 0, ticket_id, visit_id, engineer_id, at, text })
        })
        .collect()
}
