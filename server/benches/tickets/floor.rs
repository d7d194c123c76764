//! The floor: what the same disk and the same database do without us. One row a commit, one by one; and the bare SQL
//! of a ticket's transaction with the same rows of the same size, 64 tickets a commit with a savepoint each, on one
//! connection, with its statements kept prepared, without HTTP, JSON, rules or dispatch.

use std::time::{Duration, Instant};

use db::types::{Id, of};
use db::{Conn, each_backend, prepared};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use crate::setup::{Place, World};

/// Tickets a commit: as many as clients wait at most in the measured runs.
const GROUP: usize = 64;

/// Commits a second of one small row each.
pub fn one_by_one(place: &Place, length: Duration) -> anyhow::Result<f64> {
    let mut conn = place.raw();
    conn.batch_execute("CREATE TABLE IF NOT EXISTS bench_floor (n BIGINT PRIMARY KEY, v BIGINT NOT NULL)")?;
    conn.batch_execute("DELETE FROM bench_floor")?;
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < length {
        let insert = sql_query("INSERT INTO bench_floor (n, v) VALUES ($1, 7)");
        let _: Vec<Nothing> =
            each_backend!(&mut conn, |c| prepared(insert.bind::<BigInt, _>(count)).load(c))?;
        count += 1;
    }
    let rate = count as f64 / began.elapsed().as_secs_f64();
    conn.batch_execute("DROP TABLE bench_floor")?;
    Ok(rate)
}

fn id() -> String {
    Id::<of::Session>::new().to_string()
}

/// One statement with text parameters; numbers are written into it, as they are the same for every ticket.
fn run(conn: &mut Conn, sql: &str, texts: &[&str]) -> anyhow::Result<()> {
    let mut query = sql_query(sql).into_boxed();
    match conn {
        Conn::Sqlite(c) => {
            for text in texts {
                query = query.bind::<Text, _>(*text);
            }
            let _: Vec<Nothing> = prepared(query).load(c)?;
        }
        Conn::Postgres(c) => {
            let mut query = sql_query(sql).into_boxed();
            for text in texts {
                query = query.bind::<Text, _>(*text);
            }
            let _: Vec<Nothing> = prepared(query).load(c)?;
        }
    }
    Ok(())
}

/// A row that nobody looks at: statements stay prepared only if they are asked for rows.
struct Nothing;

impl<DB: diesel::backend::Backend> QueryableByName<DB> for Nothing {
    fn build<'a>(_: &impl diesel::row::NamedRow<'a, DB>) -> diesel::deserialize::Result<Self> {
        Ok(Self)
    }
}

/// What one ticket needs, by the names under which the statements know it.
struct One<'a> {
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
                ticket: id(),
                visit: id(),
                lift: world.lifts[count % world.lifts.len()].to_string(),
                part: world.parts[count % world.parts.len()].to_string(),
                engineer: world.engineers[count % world.engineers.len()].to_string(),
                depot: world.depots[count % world.depots.len()].to_string(),
                dossier: &dossier,
                body: &body,
            };
            conn.batch_execute("SAVEPOINT s")?;
            ticket(&mut conn, &one, count, &site, &customer)?;
            conn.batch_execute("RELEASE SAVEPOINT s")?;
            tickets.push(one);
            count += 1;
        }
        log(&mut conn, &tickets)?;
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

/// The statements of one ticket, in the order in which the server runs them.
fn ticket(conn: &mut Conn, one: &One<'_>, n: usize, site: &str, customer: &str) -> anyhow::Result<()> {
    let number = 1_000_000 + n;
    run(
        conn,
        "SELECT request FROM idempotency_keys WHERE user_id = $1 AND key = $2",
        &["bench", &one.ticket],
    )?;
    run(
        conn,
        "SELECT c.id, s.id, s.address, s.latitude, s.longitude, s.access_note, s.contact FROM assets a
         JOIN sites s ON s.id = a.site_id JOIN customers c ON c.id = s.customer_id WHERE a.id = $1",
        &[&one.lift],
    )?;
    run(conn, "SELECT id FROM parts WHERE id = $1", &[&one.part])?;
    run(conn, "UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value", &["tickets"])?;
    run(conn, "SELECT number FROM tickets WHERE number = 0 AND id = $1", &[&one.ticket])?;
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
    let sql = "INSERT INTO tickets (id, number, kind, priority, title, description, symptom, status, customer_id,
        site_id, asset_id, visit_id, engineer_id, required_skills, needed_parts, expected_minutes, earliest_at,
        due_at, access_note, site_contact, address, latitude, longitude, auto_dispatch, queue_reasons, created_at)
        SELECT $1, CAST($2 AS BIGINT), 'repair', 1, 'Lift stands still between two floors',
        'The caller says that it stopped',
        'CALLBACK/REPAIR', 'assigned', $3, $4, $5, $6, $7, '[]', '[]', 1, 0, 1, '', '', '1 BROADWAY', 40.7, -74.0,
        b, '[]', 0 FROM (SELECT active AS b FROM engineers LIMIT 1) f";
    // The number differs from ticket to ticket, so it is a parameter too, cast from text. SQLite counts parameters in
    // the order in which they appear.
    let number = number.to_string();
    run(conn, sql, &[&one.ticket, &number, customer, site, &one.lift, &one.visit, &one.engineer])?;
    run(
        conn,
        "INSERT INTO visits (id, ticket_id, number, status, expected_minutes, lead_engineer_id)
         VALUES ($1, $2, 1, 'assigned', 1, $3)",
        &[&one.visit, &one.ticket, &one.engineer],
    )?;
    run(
        conn,
        "UPDATE stock_balances SET reserved = reserved + 1 WHERE part_id = $1 AND location_id = $2
         AND on_hand - reserved >= 1 RETURNING id, on_hand, reserved",
        &[&one.part, &one.depot],
    )?;
    run(
        conn,
        "INSERT INTO reservations (id, ticket_id, engineer_id, part_id, location_id, quantity, status, created_at,
         updated_at) VALUES ($1, $2, $3, $4, $5, 1, 'held', 0, 0)",
        &[&id(), &one.ticket, &one.engineer, &one.part, &one.depot],
    )?;
    run(
        conn,
        "INSERT INTO assignments (id, ticket_id, visit_id, engineer_id, assigned_at, assigned_by, reason, dossier,
         shortages) VALUES ($1, $2, $3, $4, 0, 'bench', '', $5, '[]')",
        &[&id(), &one.ticket, &one.visit, &one.engineer, one.dossier],
    )?;
    run(
        conn,
        "INSERT INTO idempotency_keys (user_id, key, request, status, location, body, created_at)
         VALUES ('floor', $1, $2, 201, $3, $4, 0)",
        &[&one.ticket, &"f".repeat(64), &one.ticket, one.body],
    )
}

/// The end of the group: the counter, the log with its contents, and the phones' feed, many rows a statement where
/// the database has a round trip to save.
fn log(conn: &mut Conn, tickets: &[One<'_>]) -> anyhow::Result<()> {
    let rows = tickets.len() * ROWS;
    let next = format!("UPDATE counters SET value = value + {rows} WHERE name = 'changes' RETURNING value");
    let last: Next = each_backend!(&mut *conn, |c| sql_query(&next).get_result(c))?;
    let first = last.value - rows as i64;
    let each = |row: &dyn Fn(i64, &One<'_>) -> String| {
        let of = |(n, one): (usize, &One<'_>)| {
            let number = |k: usize| first + (n * ROWS + k) as i64 + 1;
            (0..ROWS).map(|k| row(number(k), one)).collect::<Vec<_>>()
        };
        tickets.iter().enumerate().flat_map(of).collect::<Vec<_>>().join(",")
    };
    let digest = "e".repeat(64);
    let changes = each(&|n, one| {
        let ticket = &one.ticket;
        format!("({n}, 0, 'bench', 'bench', NULL, 'tickets', '{ticket}', '{ticket}', 'put', '{digest}')")
    });
    let columns = "seq, at, actor_id, actor, device_id, entity, row_id, ticket_id, op, digest";
    conn.batch_execute(&format!("INSERT INTO changes ({columns}) VALUES {changes}"))?;
    let contents = each(&|n, one| format!("({n}, '{}', '{}')", &digest[..32], one.body));
    conn.batch_execute(&format!("INSERT INTO change_contents (seq, salt, body) VALUES {contents}"))?;
    let feed = each(&|n, one| format!("('{}', 'tickets', '{}-{n}', {n}, 'put')", one.engineer, one.ticket));
    Ok(conn.batch_execute(&format!(
        "INSERT INTO sync_feed (scope, collection, row_id, seq, op) VALUES {feed}"
    ))?)
}

#[derive(QueryableByName)]
struct Next {
    #[diesel(sql_type = BigInt)]
    value: i64,
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
