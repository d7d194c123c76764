//! The bare SQL of a reservation's transaction with the same rows of the same size, 16 tickets a commit, their new rows
//! gathered as the server gathers them, without HTTP, JSON, rules or sourcing.

use std::time::{Duration, Instant};

use db::Conn;
use diesel::connection::SimpleConnection;

use crate::setup::{World, needs_of, places_of};
use crate::shared::place::Place;
use crate::shared::sql::{id, insert, log, run};

/// Tickets a commit: as many as clients wait at most in the measured runs.
const GROUP: usize = 16;
/// Tickets that are used again and again: nothing is kept of them.
const TICKETS: usize = 2_000;
/// Rows in the log a ticket: three balances, three reservations.
const ROWS: usize = 6;
/// Bytes of a row in the log.
const BODY_BYTES: usize = 320;
/// Bytes of an answer that is kept for its key.
const ANSWER_BYTES: usize = 1_200;

/// One ticket, by the names under which the statements know what it needs.
struct One {
    ticket: String,
    engineer: String,
    parts: [String; 3],
    /// From which place each part comes.
    places: [String; 3],
}

/// Tickets a second.
pub fn grouped(place: &Place, world: &mut World, length: Duration) -> anyhow::Result<f64> {
    let first = world.next();
    let tickets = world.tickets(place, TICKETS)?;
    let mut conn = place.raw();
    let (body, answer) = ("b".repeat(BODY_BYTES), "a".repeat(ANSWER_BYTES));
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < length {
        conn.batch_execute("BEGIN")?;
        let group: Vec<One> = (count..count + GROUP).map(|n| one(world, &tickets, first, n)).collect();
        for one in &group {
            ticket(&mut conn, one)?;
        }
        rows(&mut conn, &group, &answer)?;
        let told: Vec<_> = group.iter().map(|one| (one.ticket.as_str(), one.engineer.as_str())).collect();
        log(&mut conn, &told, ROWS, &body)?;
        conn.batch_execute("COMMIT")?;
        count += GROUP;
    }
    let rate = count as f64 / began.elapsed().as_secs_f64();
    clear(&mut conn)?;
    Ok(rate)
}

fn one(world: &World, tickets: &[String], first: usize, n: usize) -> One {
    let number = n % tickets.len();
    let needs = needs_of(first + number);
    let from = [places_of(needs[0])[0], places_of(needs[1])[3], places_of(needs[2])[3]];
    One {
        ticket: tickets[number].clone(),
        engineer: world.engineer_of(first + number).to_string(),
        parts: needs.map(|part| world.parts[part].clone()),
        places: from.map(|place| world.places[place].clone()),
    }
}

/// The statements of one ticket, in the order in which the server runs them; its new rows follow in [`rows`].
fn ticket(conn: &mut Conn, one: &One) -> anyhow::Result<()> {
    run(conn, "SELECT * FROM tickets WHERE id = $1", &[&one.ticket])?;
    run(conn, "SELECT * FROM reservations WHERE ticket_id = $1 ORDER BY created_at, id", &[&one.ticket])?;
    let [a, b, c] = &one.parts;
    run(
        conn,
        "SELECT b.part_id, b.location_id, l.kind, l.engineer_id, l.latitude, l.longitude, b.on_hand - b.reserved,
         v.minimum FROM stock_balances b JOIN stock_locations l ON l.id = b.location_id
         LEFT JOIN stock_levels v ON v.part_id = b.part_id AND v.location_id = b.location_id
         WHERE b.part_id IN ($1, $2, $3) AND b.on_hand > b.reserved AND l.active
         AND l.kind IN ('depot', 'bin', 'van') ORDER BY b.part_id, b.location_id",
        &[a, b, c],
    )?;
    for (part, place) in one.parts.iter().zip(&one.places) {
        // Promised without an end: the same tickets are used again and again, and no shelf runs dry.
        run(
            conn,
            "UPDATE stock_balances SET on_hand = on_hand + 0, reserved = reserved + 1
             WHERE part_id = $1 AND location_id = $2 AND on_hand - reserved >= -1000000
             RETURNING id, part_id, location_id, on_hand, reserved",
            &[part, place],
        )?;
    }
    Ok(())
}

/// The new rows of a group, table by table, in one statement where the database has a round trip to save.
fn rows(conn: &mut Conn, group: &[One], answer: &str) -> anyhow::Result<()> {
    let columns =
        "reservations (id, ticket_id, engineer_id, part_id, location_id, quantity, status, expires_at,
        created_at, updated_at)";
    let of = |one: &One, n: usize| {
        vec![id(), one.ticket.clone(), one.engineer.clone(), one.parts[n].clone(), one.places[n].clone()]
    };
    let cells = group.iter().flat_map(|one| (0..3).map(move |n| of(one, n))).collect();
    insert(conn, columns, "(?, ?, ?, ?, ?, 1, 'held', 1, 0, 0)", cells)?;
    let columns = "idempotency_keys (user_id, key, request, status, location, body, created_at)";
    let cells = |one: &One| vec![id(), "f".repeat(64), one.ticket.clone(), answer.to_owned()];
    insert(conn, columns, "('floor', ?, ?, 201, ?, ?, 0)", group.iter().map(cells).collect())
}

/// Takes the floor's promises back, so that the server finds all stock free. Reservations stay, as they do in life.
fn clear(conn: &mut Conn) -> anyhow::Result<()> {
    Ok(conn.batch_execute(
        "UPDATE reservations SET status = 'released'; UPDATE stock_balances SET reserved = 0 WHERE reserved <> 0;
         DELETE FROM idempotency_keys; DELETE FROM sync_feed",
    )?)
}
