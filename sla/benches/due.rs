//! How long a due time takes: `cargo bench -p sla`. The calendar is China's, with lunch, 322 listed days and nine
//! years; a ticket is paused twice, half of them change their priority, and both targets are counted with their
//! derivations.

use divan::{Bencher, black_box};
use sla::{Calendar, CalendarSpec, Event, Kind, Language, Policy, count, defaults, words};

const MINUTE: i64 = 60_000;
/// 2026-01-05 01:00 UTC, a Monday at nine in China.
const MONDAY: i64 = 1_767_574_800_000;

fn main() {
    divan::main();
}

fn spec(name: &str) -> CalendarSpec {
    match defaults::calendar(name) {
        Some(Ok(spec)) => spec,
        other => panic!("{name} is not shipped: {other:?}"),
    }
}

fn calendar() -> Calendar {
    match Calendar::compile(&spec("china")) {
        Ok(calendar) => calendar,
        Err(faults) => panic!("{faults}"),
    }
}

fn policies() -> Vec<Policy> {
    match defaults::table(defaults::DEFAULT_TABLE) {
        Some(Ok(table)) => table.policies(),
        other => panic!("the default table is not shipped: {other:?}"),
    }
}

/// Tickets of half a year, at any hour.
fn tickets(count: i64) -> Vec<Vec<Event>> {
    let ticket = |n: i64| {
        let opened = MONDAY + (n * 7_919 % 260_000) * MINUTE;
        let after = |minutes: i64| opened + minutes * MINUTE;
        let mut events = vec![
            Event::new(opened, Kind::Opened),
            Event::new(after(5), Kind::Responded),
            Event::new(after(9), Kind::state("waiting", "part", Some("4711"))),
            Event::new(after(139), Kind::state("working", "", None)),
            Event::new(after(150), Kind::paused("customer", None)),
            Event::new(after(600), Kind::Resumed),
        ];
        if n % 2 == 0 {
            events.insert(4, Event::new(after(140), Kind::Priority("3".to_owned())));
        }
        events
    };
    (0..count).map(ticket).collect()
}

/// Response and resolution of one ticket; the resolution in hours, or in business days.
#[divan::bench(args = ["High", "Medium"], sample_count = 1_000)]
fn one_ticket(bencher: Bencher, row: &str) {
    let (calendar, tickets) = (calendar(), tickets(1_000));
    let policy = &policies()[usize::from(row == "Medium") + 1];
    let mut next = (0..tickets.len()).cycle();
    bencher
        .with_inputs(|| next.next().unwrap_or(0))
        .bench_local_values(|n| drop(black_box(count(policy, &calendar, &tickets[n]))));
}

/// What an edited policy costs.
#[divan::bench]
fn ten_thousand_tickets(bencher: Bencher) {
    let (calendar, tickets, policies) = (calendar(), tickets(10_000), policies());
    bencher.bench_local(|| {
        for (n, events) in tickets.iter().enumerate() {
            drop(black_box(count(&policies[n % policies.len()], &calendar, events)));
        }
    });
}

/// What an edited calendar costs before that.
#[divan::bench(args = ["china", "new-york", "round-the-clock"])]
fn compile(bencher: Bencher, name: &str) {
    let spec = spec(name);
    bencher.bench_local(|| drop(black_box(Calendar::compile(&spec))));
}

#[divan::bench]
fn words_of_one_ticket(bencher: Bencher) {
    let (calendar, tickets, policies) = (calendar(), tickets(1), policies());
    let Ok(clock) = count(&policies[2], &calendar, &tickets[0]) else { return };
    let Some(answer) = clock.resolution else { return };
    bencher.bench_local(|| drop(black_box(words::derivation(&answer, &calendar, Language::English))));
}
