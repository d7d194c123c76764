//! The bare SQL of a ticket's transaction with the same rows of the same size, 64 tickets a commit, their new rows
//! gathered as the server gathers them, without HTTP, JSON, rules or dispatch.

use std::time::{Duration, Instant};

use db::{Conn, each_backend};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use crate::setup::World;
use crate::shared::place::Place;
use crate::shared::sql::{id, insert, log, run};

/// Tickets a commit: as many as clients wait at most in the measured runs.
const GROUP: usize = 64;

/// What one ticket needs, by the names under which the statements know it.
struct One<'a> {
    number: usize,
    ticket: String,
    visit: String,
    lift: String,
    part: String,
    engineer: String,
    depot: String,
    dossier: &'a str,
    body: &'a str,
}

/// Tickets a second.
pub fn grouped(place: &Place, world: &World, length: Duration) -> anyhow::Result<f64> {
    let mut conn = place.raw();
    // As large as the server writes them: a ranked list of twenty with their terms, and a row in the log.
    let (dossier, body) = ("d".repeat(DOSSIER_BYTES), "b".repeat(BODY_BYTES));
    let site = first_text(&mut conn, "SELECT id AS text FROM sites LIMIT 1")?;
    let customer = first_text(&mut conn, "SELECT id AS text FROM customers LIMIT 1")?;
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < length {
        conn.batch_execute("BEGIN")?;
        let mut tickets = Vec::with_capacity(GROUP);
        for _ in 0..GROUP {
            let one = One {
                number: 1_000_000 + count,
                ticket: id(),
                visit: id(),
                lift: world.lifts[count % world.lifts.len()].to_string(),
                part: world.parts[count % world.parts.len()].to_string(),
                engineer: world.engineers[count % world.engineers.len()].to_string(),
                depot: world.depots[count % world.depots.len()].to_string(),
                dossier: &dossier,
                body: &body,
            };
            ticket(&mut conn, &one)?;
            tickets.push(one);
            count += 1;
        }
        rows(&mut conn, &tickets, &site, &customer)?;
        let told: Vec<_> = tickets.iter().map(|one| (one.ticket.as_str(), one.engineer.as_str())).collect();
        log(&mut conn, &told, ROWS, &body)?;
        conn.batch_execute("COMMIT")?;
    }
    let rate = count as f64 / began.elapsed().as_secs_f64();
    clear(&mut conn)?;
    Ok(rate)
}

/// Bytes of a stored dossier.
const DOSSIER_BYTES: usize = 6_000;
/// Bytes of a row in the log.
const BODY_BYTES: usize = 600;
/// Rows in the log a ticket: ticket, visit, balance, reservation, assignment.
const ROWS: usize = 5;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    text: String,
}

fn first_text(conn: &mut Conn, sql: &str) -> anyhow::Result<String> {
    let found: Found = each_backend!(conn, |c| sql_query(sql).get_result(c))?;
    Ok(found.text)
}

/// The statements of one ticket, in the order in which the server runs them; its new rows follow in [`rows`].
fn ticket(conn: &mut Conn, one: &One<'_>) -> anyhow::Result<()> {
    run(
        conn,
        "SELECT c.id, s.id, s.address, s.latitude, s.longitude, s.access_note, s.contact FROM assets a
         JOIN sites s ON s.id = a.site_id JOIN customers c ON c.id = s.customer_id WHERE a.id = $1",
        &[&one.lift],
    )?;
    run(conn, "SELECT tickets, minutes FROM engineer_loads WHERE engineer_id = $1", &[&one.engineer])?;
    run(
        conn,
        "SELECT b.location_id, l.latitude, b.on_hand - b.reserved FROM stock_balances b
         JOIN stock_locations l ON l.id = b.location_id WHERE b.part_id = $1 AND b.on_hand > b.reserved",
        &[&one.part],
    )?;
    run(
        conn,
        "UPDATE engineer_loads SET tickets = tickets + 1, minutes = minutes + 0 WHERE engineer_id = $1
         AND minutes + 0 <= (SELECT max_load_minutes FROM engineers WHERE id = $2)",
        &[&one.engineer, &one.engineer],
    )?;
    run(
        conn,
        "UPDATE stock_balances SET reserved = reserved + 1 WHERE part_id = $1 AND location_id = $2
         AND on_hand - reserved >= 1 RETURNING id, on_hand, reserved",
        &[&one.part, &one.depot],
    )
}

/// The new rows of a group, as the server writes them: table by table, in one statement where the database has a
/// round trip to save.
fn rows(conn: &mut Conn, tickets: &[One<'_>], site: &str, customer: &str) -> anyhow::Result<()> {
    let columns = "tickets (id, number, kind, priority, title, description, symptom, status, customer_id,
        site_id, asset_id, visit_id, engineer_id, required_skills, needed_parts, expected_minutes, earliest_at,
        due_at, access_note, site_contact, address, latitude, longitude, auto_dispatch, queue_reasons, created_at)";
    let values = "(?, CAST(? AS BIGINT), 'repair', 1, 'Lift stands still between two floors',
        'The caller says that it stopped', 'CALLBACK/REPAIR', 'assigned', ?, ?, ?, ?, ?, '[]', '[]', 1, 0, 1, '', '',
        '1 BROADWAY', 40.7, -74.0, TRUE, '[]', 0)";
    let cells = |o: &One<'_>| {
        let (site, customer) = (site.to_owned(), customer.to_owned());
        vec![
            o.ticket.clone(),
            o.number.to_string(),
            customer,
            site,
            o.lift.clone(),
            o.visit.clone(),
            o.engineer.clone(),
        ]
    };
    insert(conn, columns, values, tickets.iter().map(cells).collect())?;
    let columns = "visits (id, ticket_id, number, status, expected_minutes, lead_engineer_id)";
    let cells = |o: &One<'_>| vec![o.visit.clone(), o.ticket.clone(), o.engineer.clone()];
    insert(conn, columns, "(?, ?, 1, 'assigned', 1, ?)", tickets.iter().map(cells).collect())?;
    let columns =
        "reservations (id, ticket_id, engineer_id, part_id, location_id, quantity, status, created_at,
        updated_at)";
    let cells =
        |o: &One<'_>| vec![id(), o.ticket.clone(), o.engineer.clone(), o.part.clone(), o.depot.clone()];
    insert(conn, columns, "(?, ?, ?, ?, ?, 1, 'held', 0, 0)", tickets.iter().map(cells).collect())?;
    let columns =
        "assignments (id, ticket_id, visit_id, engineer_id, assigned_at, assigned_by, reason, dossier,
        shortages)";
    let cells =
        |o: &One<'_>| vec![id(), o.ticket.clone(), o.visit.clone(), o.engineer.clone(), o.dossier.to_owned()];
    insert(conn, columns, "(?, ?, ?, ?, 0, 'bench', '', ?, '[]')", tickets.iter().map(cells).collect())?;
    let columns = "idempotency_keys (user_id, key, request, status, location, body, created_at)";
    let cells = |o: &One<'_>| vec![o.ticket.clone(), "f".repeat(64), o.ticket.clone(), o.body.to_owned()];
    insert(conn, columns, "('floor', ?, ?, 201, ?, ?, 0)", tickets.iter().map(cells).collect())?;
    let last = tickets.last().map_or(0, |one| one.number);
    Ok(conn.batch_execute(&format!("UPDATE counters SET value = {last} WHERE name = 'tickets'"))?)
}

/// Takes the floor's rows away, so that the server is measured on a database without them.
fn clear(conn: &mut Conn) -> anyhow::Result<()> {
    for table in ["assignments", "reservations", "visits"] {
        conn.batch_execute(&format!("DELETE FROM {table}"))?;
    }
    conn.batch_execute(
        "DELETE FROM tickets; UPDATE stock_balances SET reserved = 0;
         UPDATE engineer_loads SET tickets = 0, minutes = 0; DELETE FROM idempotency_keys; DELETE FROM sync_feed",
    )?;
    Ok(())
}
