//! Tickets by the hundred thousand, made by the database itself, with their visits, steps and timers.

use db::types::{EngineerId, Id, of};
use db::{Conn, Db, Options};
use diesel::connection::SimpleConnection;

use crate::shared::people;
use crate::shared::place::Place;

/// Engineers, and lifts at as many sites.
const ENGINEERS: usize = 400;
const LIFTS: usize = 2_000;

/// A connection that knows the lifts, and how many tickets there are.
pub struct World {
    pub conn: Conn,
    pub engineers: Vec<EngineerId>,
    made: usize,
}

/// A ticket as it is to be; the n-th one's column is an expression of `n`.
pub struct Kind<'a> {
    pub status: &'a str,
    /// 1 urgent to 4 low.
    pub priority: &'a str,
    pub created_at: &'a str,
    /// Whether the engineers have them, in turn.
    pub given: bool,
}

impl World {
    pub async fn new(place: &Place) -> anyhow::Result<Self> {
        let db = Db::open(Options::new(place.url.clone()))?;
        let engineers = db.write(people::actor(), |tx| people::engineers(tx, ENGINEERS)).await?;
        db.write(people::actor(), |tx| people::lifts(tx, LIFTS)).await?;
        let mut conn = place.raw();
        conn.batch_execute(
            "CREATE TEMPORARY TABLE lift AS SELECT row_number() OVER (ORDER BY a.id) - 1 AS k, a.id AS asset,
             s.id AS site, s.customer_id AS customer FROM assets a JOIN sites s ON s.id = a.site_id;
             CREATE INDEX lift_by_k ON lift (k);
             CREATE TEMPORARY TABLE worker AS SELECT row_number() OVER (ORDER BY id) - 1 AS k, id FROM engineers;
             CREATE INDEX worker_by_k ON worker (k)",
        )?;
        Ok(Self { conn, engineers, made: 0 })
    }

    /// The id of the n-th row of a kind: as the program makes them, and in order.
    fn id(&self, kind: char, n: &str) -> String {
        let hex = if self.conn.is_postgres() {
            format!("lpad(to_hex({n}), 12, '0')")
        } else {
            format!("printf('%012x', {n})")
        };
        format!("'0190000{kind}-0000-7000-8000-' || {hex}")
    }

    fn id_of(&self, kind: char) -> String {
        self.id(kind, "n")
    }

    /// So many more tickets; the numbers of the first, and of the one after the last.
    pub fn tickets(&mut self, count: usize, kind: &Kind<'_>) -> anyhow::Result<(usize, usize)> {
        let (from, to) = (self.made, self.made + count);
        self.made = to;
        let (ticket, visit) = (self.id_of('0'), self.id_of('1'));
        let Kind { status, priority, created_at, given } = kind;
        let engineer = if *given { "w.id" } else { "NULL" };
        let rows = numbers(from, to);
        self.conn.batch_execute(&format!(
            "INSERT INTO tickets (id, number, kind, priority, title, description, symptom, status, customer_id,
             site_id, asset_id, visit_id, engineer_id, required_skills, needed_parts, expected_minutes, earliest_at,
             due_at, access_note, site_contact, address, latitude, longitude, auto_dispatch, queue_reasons,
             created_at, sla)
             {rows} SELECT {ticket}, n + 1, 'repair', {priority}, 'Lift stands still between two floors',
             'The caller says that it stopped with a bang and that the doors stay closed.', 'CALLBACK/REPAIR',
             '{status}', l.customer, l.site, l.asset, {visit}, {engineer}, '[]', '[]', 60, {created_at},
             {created_at}, '', '', '1 BROADWAY', 40.7, -74.0, FALSE, '[]', {created_at},
             '{{\"time_zone\": \"America/New_York\"}}'
             FROM counted JOIN lift l ON l.k = n % {LIFTS} JOIN worker w ON w.k = n % {ENGINEERS};
             INSERT INTO visits (id, ticket_id, number, status, expected_minutes, lead_engineer_id)
             {rows} SELECT {visit}, {ticket}, 1, '{status}', 60, {engineer}
             FROM counted JOIN worker w ON w.k = n % {ENGINEERS}"
        ))?;
        Ok((from, to))
    }

    /// A step of each of these tickets, so many minutes after its opening.
    pub fn step(&mut self, (from, to): (usize, usize), kind: &str, minutes: i64) -> anyhow::Result<()> {
        let prefix = Id::<of::Session>::new().to_string();
        let ticket = self.id_of('0');
        let id = format!("'{}' || substr({ticket}, 25)", &prefix[..24]);
        let at = format!("t.created_at + {minutes} * 60000");
        Ok(self.conn.batch_execute(&format!(
            "INSERT INTO ticket_events (id, ticket_id, visit_id, engineer_id, kind, at, received_at, dseq, reason,
             actor, applied, time_uncertain)
             {} SELECT {id}, t.id, t.visit_id, t.engineer_id, '{kind}', {at}, {at}, 0, 'part', 'bench', TRUE, FALSE
             FROM counted JOIN tickets t ON t.id = {ticket}",
            numbers(from, to)
        ))?)
    }

    /// A timer of each of these tickets, so long after its opening.
    pub fn timers(&mut self, (from, to): (usize, usize), after_ms: i64) -> anyhow::Result<()> {
        let ticket = self.id_of('0');
        Ok(self.conn.batch_execute(&format!(
            "INSERT INTO sla_timers (ticket_id, fires_at) {} SELECT t.id, t.created_at + {after_ms}
             FROM counted JOIN tickets t ON t.id = {ticket}",
            numbers(from, to)
        ))?)
    }
}

/// `counted` with its column `n`, from one number to the one before another.
fn numbers(from: usize, to: usize) -> String {
    let last = to - 1;
    format!(
        "WITH RECURSIVE counted (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM counted WHERE n < {last})"
    )
}
