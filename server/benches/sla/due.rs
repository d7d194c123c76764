//! What one due time costs: response and resolution of one ticket with their derivations, by calendar, zone and pauses.
//! Beside it the oracle of the crate's tests, which goes minute by minute as somebody might who has a calendar and no
//! prefix sums.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::json;
use sla::{Calendar, CalendarSpec, Event, Kind, Policy, Table, TargetKind, count, defaults};

use crate::median;
use crate::oracle::{MARGIN_DAYS, Said, World};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;
/// Tickets of each case.
const TICKETS: i64 = 1_000;
/// Days within which they are opened.
const OPENED_DAYS: i64 = 21;
/// Days that the oracle lays out.
const WORLD_DAYS: i64 = 120;
/// Tickets that the oracle counts: it takes its time.
const SLOW_TICKETS: usize = 100;
/// For how long each case is repeated.
const LENGTH: Duration = Duration::from_millis(500);

struct Case {
    what: &'static str,
    calendar: &'static str,
    /// The first day on which tickets are opened.
    from: &'static str,
    unit: &'static str,
    response: u32,
    resolution: u32,
    pauses: i64,
}

const CASES: [Case; 7] = [
    case("round the clock, hours", "round-the-clock", "2026-03-02", "hours", [4, 48], 2),
    case("China, business hours", "china", "2026-03-02", "business_hours", [4, 16], 2),
    case("China, business days", "china", "2026-03-02", "business_days", [1, 3], 2),
    case("China, over the Spring Festival", "china", "2026-02-02", "business_days", [1, 7], 0),
    case("New York, over a change of the clock", "new-york", "2026-03-02", "business_minutes", [240, 960], 2),
    case("New York, business days", "new-york", "2026-10-26", "business_days", [1, 7], 20),
    case("China, business days, 100 pauses", "china", "2026-03-02", "business_days", [1, 7], 100),
];

const fn case(
    what: &'static str,
    calendar: &'static str,
    from: &'static str,
    unit: &'static str,
    [response, resolution]: [u32; 2],
    pauses: i64,
) -> Case {
    Case { what, calendar, from, unit, response, resolution, pauses }
}

pub fn measure() -> anyhow::Result<()> {
    println!("\nOne due time: response and resolution of a ticket, with derivations");
    println!("  {:<38} pauses   us each   p99 us   us minute by minute", "");
    for case in &CASES {
        let spec = spec(case.calendar)?;
        let calendar = Calendar::compile(&spec).map_err(|faults| anyhow::anyhow!("{faults}"))?;
        let policy = case.policy()?;
        let from = format!("{}T00:00Z", case.from).parse::<jiff::Timestamp>()?.as_millisecond();
        let tickets: Vec<Vec<Event>> = (0..TICKETS).map(|n| ticket(from, n, case.pauses)).collect();
        let (each, worst) = ours(&policy, &calendar, &tickets)?;
        let slow = slow(&policy, &spec, &calendar, from, &tickets)?;
        println!("  {:<38} {:>6}  {each:>8.2} {worst:>8.2}   {slow:>19.0}", case.what, case.pauses);
    }
    Ok(())
}

fn spec(name: &str) -> anyhow::Result<CalendarSpec> {
    Ok(defaults::calendar(name).with_context(|| format!("{name} is not shipped"))??)
}

impl Case {
    fn policy(&self) -> anyhow::Result<Policy> {
        let target = |amount| json!({"amount": amount, "unit": self.unit});
        let table: Table = serde_json::from_value(json!({
            "name": self.what,
            "rows": [{"name": "All", "response": target(self.response), "resolution": target(self.resolution)}],
            "pauses": [{"state": "waiting", "targets": ["response", "resolution"]}],
        }))?;
        table.policies().into_iter().next().context("a table of one row")
    }
}

/// Opened at any minute of some weeks; every second pause is by state, the others are asked for. Nobody responds
/// before it was paused for the last time.
fn ticket(from: i64, n: i64, pauses: i64) -> Vec<Event> {
    let opened = from + (n * 7_919 % (OPENED_DAYS * 1_440)) * MINUTE;
    let mut events = vec![Event::new(opened, Kind::Opened)];
    let mut at = opened;
    for pause in 0..pauses {
        at += (3 + (n + pause) % 40) * MINUTE;
        let until = at + (10 + (n * 31 + pause * 17) % 130) * MINUTE;
        let (begins, ends) = if pause % 2 == 0 {
            (Kind::state("waiting", "part", Some("4711")), Kind::state("working", "", None))
        } else {
            (Kind::paused("customer", None), Kind::Resumed)
        };
        events.extend([Event::new(at, begins), Event::new(until, ends)]);
        at = until;
    }
    events.push(Event::new(at + 7 * MINUTE, Kind::Responded));
    events
}

/// Microseconds of one ticket: in the middle of many rounds, and what 99 of 100 calls stay below.
fn ours(policy: &Policy, calendar: &Calendar, tickets: &[Vec<Event>]) -> anyhow::Result<(f64, f64)> {
    let (mut rounds, mut singles) = (Vec::new(), Vec::new());
    let began = Instant::now();
    while began.elapsed() < LENGTH {
        let round = Instant::now();
        for events in tickets {
            drop(black_box(count(policy, calendar, black_box(events))));
        }
        rounds.push(round.elapsed().as_secs_f64() * 1e6 / tickets.len() as f64);
    }
    for events in tickets {
        let single = Instant::now();
        count(policy, calendar, black_box(events))?;
        singles.push(single.elapsed().as_secs_f64() * 1e6);
    }
    singles.sort_by(f64::total_cmp);
    let worst = singles.get(singles.len() * 99 / 100).copied().unwrap_or(f64::NAN);
    Ok((median(rounds), worst))
}

/// Microseconds of one ticket, minute by minute in days that are laid out already; and that it says the same.
fn slow(
    policy: &Policy,
    spec: &CalendarSpec,
    calendar: &Calendar,
    from: i64,
    tickets: &[Vec<Event>],
) -> anyhow::Result<f64> {
    let world = World::lay_out(spec, from - (MARGIN_DAYS + 1) * DAY, WORLD_DAYS);
    let (mut took, mut counted) = (Duration::ZERO, 0);
    for events in tickets.iter().step_by((TICKETS as usize).div_ceil(SLOW_TICKETS)) {
        let clock = count(policy, calendar, events)?;
        let pairs = [(TargetKind::Response, clock.response), (TargetKind::Resolution, clock.resolution)];
        for (kind, answer) in pairs {
            let answer = answer.context("an answer")?;
            let began = Instant::now();
            let said = black_box(world.say(policy, kind, answer.target, events));
            took += began.elapsed();
            let due = answer.due_at().context("it is due some time")?;
            anyhow::ensure!(said == Said::Due(due), "{kind:?}: {said:?}, not {due}");
        }
        counted += 1;
    }
    Ok(took.as_secs_f64() * 1e6 / f64::from(counted))
}
