//! What the demo promises, checked by plain SQL over what is in the database.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use db::schema::{parts, stock_balances, stock_locations, tickets};
use db::{Conn, Timestamp, each_backend};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use tracing::Level;
use tracing_subscriber::layer::{Context, Layer};

use super::world::{World, reference_in};
use crate::error::Error;
use crate::schedule::load;

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// In words.
    pub text: String,
    /// How often it is broken.
    pub broken: i64,
}

/// All promises, and some figures beside them.
#[derive(Debug, Clone)]
pub struct Report {
    /// The promises.
    pub claims: Vec<Claim>,
    /// Figures that only inform.
    pub figures: Vec<(String, i64)>,
}

impl Report {
    /// How many promises are broken.
    pub fn broken(&self) -> usize {
        self.claims.iter().filter(|claim| claim.broken > 0).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, figure) in &self.figures {
            writeln!(f, "{figure:>8}  {what}")?;
        }
        for claim in &self.claims {
            let verdict =
                if claim.broken == 0 { "holds".to_owned() } else { format!("BROKEN {}", claim.broken) };
            writeln!(f, "{verdict:>8}  {}", claim.text)?;
        }
        Ok(())
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// When the demo began.
    pub began_at: Timestamp,
    /// Breakdowns before this have a ticket, and tickets somebody or a reason why not.
    pub opened_before: Timestamp,
    /// Tickets that were opened before this are closed.
    pub closed_before: Timestamp,
    /// What the clock shows.
    pub now: Timestamp,
}

impl Span {
    /// How long the people of the office need to write down a call.
    const CALL_MINUTES: i64 = 5;
    /// How long a repair may take by day, from the call to the confirmation. What breaks in the evening and is not
    /// urgent may wait for the next day.
    const REPAIR_MINUTES: i64 = 5 * 60;

    /// What can be said at a time: calls of the last minutes may still be written down, repairs of the last hours
    /// be under way. A fast clock leaves people less real time, so they get some seconds in any case.
    pub fn at(began_at: Timestamp, now: Timestamp, speed: f64) -> Self {
        let seconds = (4_000.0 * speed) as i64;
        let writing = seconds.max(Self::CALL_MINUTES * db::types::MINUTE_MS);
        let closed_before =
            now.min(began_at.plus_minutes(2 * Self::REPAIR_MINUTES)).plus_minutes(-Self::REPAIR_MINUTES);
        Self { began_at, opened_before: now.plus_millis(-writing), closed_before, now }
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count(conn: &mut Conn, sql: &str) -> Result<i64, Error> {
    let query = diesel::sql_query(sql);
    let row: Count = each_backend!(conn, |c| query.get_result(c))?;
    Ok(row.count)
}

/// Tickets that are in no legal state, each with what is wrong.
const ILLEGAL: &[(&str, &str)] = &[
    (
        "somebody has every ticket that is under way",
        "status NOT IN ('new', 'cancelled') AND engineer_id IS NULL",
    ),
    ("nobody has a new ticket", "status = 'new' AND engineer_id IS NOT NULL"),
    (
        "what is done has the time at which it was done",
        "status IN ('completed', 'closed') AND completed_at IS NULL",
    ),
    ("what is closed has the time at which it was closed", "status = 'closed' AND closed_at IS NULL"),
    (
        "what is in somebody's hands has one assignment, what is not has none",
        "CASE WHEN status IN ('new', 'closed', 'cancelled') THEN 0 ELSE 1 END <> \
         (SELECT count(*) FROM assignments a WHERE a.ticket_id = t.id AND a.ended_at IS NULL)",
    ),
    (
        "every visit stands where its ticket stands",
        "NOT EXISTS (SELECT 1 FROM visits v WHERE v.id = t.visit_id AND v.status = t.status)",
    ),
];

/// Checks all promises.
///
/// # Errors
/// A failure of the database.
pub fn check(conn: &mut Conn, world: &World, span: Span) -> Result<Report, Error> {
    let mut claims = calls(conn, world, span)?;
    let mut claim = |text: &str, broken: i64| claims.push(Claim { text: text.to_owned(), broken });
    let (opened, closed) = (span.opened_before.millis(), span.closed_before.millis());
    let waiting = format!(
        "SELECT count(*) AS count FROM tickets WHERE status = 'new' AND queue_reasons = '[]' \
         AND auto_dispatch AND created_at < {opened}"
    );
    claim("every ticket is assigned or has its reasons", count(conn, &waiting)?);
    let open = format!(
        "SELECT count(*) AS count FROM tickets WHERE created_at < {closed} \
         AND status NOT IN ('closed', 'cancelled')"
    );
    claim("tickets of the day's first hours are closed", count(conn, &open)?);
    for (text, illegal) in ILLEGAL {
        claim(text, count(conn, &format!("SELECT count(*) AS count FROM tickets t WHERE {illegal}"))?);
    }
    claim(
        "no balance is below zero",
        count(conn, "SELECT count(*) AS count FROM stock_balances WHERE on_hand < 0")?,
    );
    claim("the ledger sums to the balances", length(&inventory::verify(conn)?));
    claim("depots and vans hold what the balances say", miscounted(conn, world)?);
    claim("work in hand is the sum of open tickets", length(&load::verify(conn)?));
    Ok(Report { claims, figures: figures(conn, world, span.now)? })
}

/// How many shelves hold something else than the books say, by those who carried it there.
fn miscounted(conn: &mut Conn, world: &World) -> Result<i64, Error> {
    let booked: Vec<(String, String, i64)> = stock_balances::table
        .inner_join(stock_locations::table)
        .inner_join(parts::table)
        .select((stock_locations::code, parts::number, stock_balances::on_hand))
        .load(conn)?;
    let mut left = world.shelves().counted();
    for (place, part, on_hand) in booked {
        *left.entry((place, part)).or_default() -= on_hand;
    }
    Ok(length(&left.values().filter(|difference| **difference != 0).collect::<Vec<_>>()))
}

fn length<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

/// Every breakdown became one ticket.
fn calls(conn: &mut Conn, world: &World, span: Span) -> Result<Vec<Claim>, Error> {
    let descriptions: Vec<String> = tickets::table.select(tickets::description).load(conn)?;
    let references: Vec<&str> = descriptions.iter().filter_map(|text| reference_in(text)).collect();
    let known: BTreeSet<&str> = references.iter().copied().collect();
    let due = world.stream.between(&world.data, span.began_at, span.opened_before);
    let missing = due.iter().filter(|call| !known.contains(call.reference.as_str())).count();
    let doubled = references.len() - known.len();
    let claim = |text: &str, broken: usize| Claim {
        text: text.to_owned(),
        broken: i64::try_from(broken).unwrap_or(i64::MAX),
    };
    let text = format!("every one of {} breakdowns became a ticket", due.len());
    Ok(vec![claim(&text, missing), claim("no breakdown became two tickets", doubled)])
}

fn figures(conn: &mut Conn, world: &World, now: Timestamp) -> Result<Vec<(String, i64)>, Error> {
    let rows: Vec<(String, i64)> = tickets::table
        .group_by(tickets::status)
        .select((tickets::status, diesel::dsl::count_star()))
        .load(conn)?;
    let by_status: BTreeMap<String, i64> = rows.into_iter().collect();
    let mut figures: Vec<(String, i64)> =
        by_status.into_iter().map(|(status, n)| (format!("tickets {status}"), n)).collect();
    let others = [
        ("tickets done", "SELECT count(*) AS count FROM tickets WHERE status IN ('completed', 'closed')"),
        (
            "of them at the first visit, without waiting for a part",
            "SELECT count(*) AS count FROM tickets t WHERE status IN ('completed', 'closed') AND NOT EXISTS \
             (SELECT 1 FROM ticket_events e WHERE e.ticket_id = t.id AND e.kind = 'pause' AND e.applied)",
        ),
        ("parts on hand", "SELECT CAST(COALESCE(SUM(on_hand), 0) AS BIGINT) AS count FROM stock_balances"),
        (
            "parts brought and not needed",
            "SELECT count(*) AS count FROM part_usage WHERE outcome = 'returned'",
        ),
        ("parts used", "SELECT count(*) AS count FROM part_usage WHERE outcome = 'used'"),
        ("parts handed over", "SELECT count(*) AS count FROM stock_movements WHERE kind = 'issue'"),
        (
            "worth of the parts used, in dollars",
            "SELECT CAST(COALESCE(SUM(u.quantity * p.unit_price_micros / CASE p.decimals WHEN 0 THEN 1 WHEN 1 \
             THEN 10 ELSE 100 END), 0) / 1000000 AS BIGINT) AS count FROM part_usage u \
             JOIN parts p ON p.id = u.part_id WHERE u.outcome = 'used'",
        ),
        (
            "worth of the parts on hand, in dollars",
            "SELECT CAST(COALESCE(SUM(b.on_hand * p.unit_price_micros / CASE p.decimals WHEN 0 THEN 1 WHEN 1 \
             THEN 10 ELSE 100 END), 0) / 1000000 AS BIGINT) AS count FROM stock_balances b \
             JOIN parts p ON p.id = b.part_id",
        ),
        ("waits for a part", "SELECT count(*) AS count FROM ticket_events WHERE kind = 'pause' AND applied"),
        (
            "tickets declined",
            "SELECT count(*) AS count FROM ticket_events WHERE kind = 'decline' AND applied",
        ),
        ("events that came too late", "SELECT count(*) AS count FROM ticket_events WHERE NOT applied"),
        // A part that was free when the phone last heard of it may be promised to somebody else by now.
        (
            "balances promised beyond what is there",
            "SELECT count(*) AS count FROM stock_balances WHERE on_hand < reserved",
        ),
        ("conflict cards", "SELECT count(*) AS count FROM conflict_cards"),
        ("changes in the log", "SELECT count(*) AS count FROM changes"),
    ];
    for (what, sql) in others {
        // SQLite keeps truth as numbers; both read `applied` and `NOT applied` alike.
        figures.push((what.to_owned(), count(conn, sql)?));
    }
    let late = format!(
        "SELECT count(*) AS count FROM tickets WHERE due_at < {} \
         AND status NOT IN ('completed', 'closed', 'cancelled')",
        now.millis()
    );
    figures.push(("tickets open beyond the time that was promised".to_owned(), count(conn, &late)?));
    figures.push(("minutes of detours and at counters for parts".to_owned(), world.fetching_minutes()));
    Ok(figures)
}

static ERRORS: AtomicU64 = AtomicU64::new(0);
static WARNINGS: AtomicU64 = AtomicU64::new(0);

/// Counts errors and warnings on their way to the log.
pub struct CountProblems;

impl<S: tracing::Subscriber> Layer<S> for CountProblems {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        match *event.metadata().level() {
            Level::ERROR => ERRORS.fetch_add(1, Ordering::Relaxed),
            Level::WARN => WARNINGS.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    }
}

impl Report {
    /// Adds what the log says: no errors is a promise, warnings are a figure.
    #[must_use]
    pub fn with_log(mut self) -> Self {
        let read = |counter: &AtomicU64| i64::try_from(counter.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        self.figures.push(("warnings in the log".to_owned(), read(&WARNINGS)));
        self.claims.push(Claim { text: "no error in the log".to_owned(), broken: read(&ERRORS) });
        self
    }
}
