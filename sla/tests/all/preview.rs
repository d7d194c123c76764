//! Files of tickets, as a company would export them.

use sla::preview::{Preview, Unreadable, preview};
use sla::{Language, Table, defaults};

use super::site::*;

fn previewed(csv: &str) -> Result<Preview, Unreadable> {
    let table: Table = defaults::table(defaults::DEFAULT_TABLE).expect("shipped").expect("a table");
    preview(&table, &shipped("china"), csv.as_bytes(), Language::English)
}

fn faults(csv: &str) -> Vec<String> {
    let preview = previewed(csv).expect("a CSV file");
    preview
        .faults
        .iter()
        .map(|fault| format!("row {}, {}: {}", fault.row, fault.column, fault.message))
        .collect()
}

#[test]
fn each_ticket_gets_its_due_times_and_their_derivation() {
    let preview = previewed(
        "id,type,priority,opened,pauses\n\
         A-1,repair,1,2026-03-06T17:40:00+08:00,\n\
         A-2,repair,3,2026-03-06T17:00:00+08:00,2026-03-09T10:00:00+08:00/2026-03-09T12:10:00+08:00 part 4711\n",
    )
    .expect("a good file");
    assert_eq!((preview.lines.len(), preview.fault_count), (2, 0));
    let [urgent, medium] = &preview.lines[..] else { panic!("two lines") };
    let due = |line: &Option<sla::preview::TargetLine>| line.as_ref().and_then(|line| line.due.clone());
    assert_eq!(due(&urgent.response).as_deref(), Some("2026-03-06T17:55:00+08:00"));
    assert_eq!(due(&urgent.resolution).as_deref(), Some("2026-03-06T19:40:00+08:00"));
    assert_eq!(medium.policy.as_deref(), Some("Medium"));
    // Three days and the two hours before lunch; the ten minutes of lunch never counted.
    assert_eq!(due(&medium.resolution).as_deref(), Some("2026-03-12T10:00:00+08:00"));
    assert_eq!(
        medium.derivation(Language::English),
        "response: opened Fri 2026-03-06 17:00, 4 hours, due Fri 21:00; \
         resolution: opened Fri 2026-03-06 17:00, 3 business days, paused 2 h 10 min, 2 h of it working time, \
         waiting for part 4711 (Mon 10:00 to 12:10), counts again from Mon 13:00, due Thu 10:00"
    );
}

#[test]
fn columns_are_found_by_their_names_and_what_was_met_is_judged() {
    let preview = previewed(
        "opened,resolved,id,responded,priority\n\
         2026-03-06T10:00Z,2026-03-06T12:01Z,A-1,2026-03-06T10:15Z,urgent\n",
    )
    .expect("a good file");
    let line = &preview.lines[0];
    assert_eq!(line.response.as_ref().and_then(|line| line.in_time), Some(true));
    assert_eq!(line.resolution.as_ref().and_then(|line| line.in_time), Some(false));
}

#[test]
fn faults_are_named_by_row_and_column_and_the_other_tickets_are_counted() {
    let csv = "id,priority,opened,pauses\n\
        A-1,1,2026-03-06T17:40:00,\n\
        ,1,yesterday,\n\
        A-3,1,2026-03-06T17:40:00Z,2026-03-06T18:00Z/2026-03-06T17:50Z\n\
        A-4,1,2026-03-06T17:40:00Z,2026-03-06T17:00Z/2026-03-06T17:50Z\n\
        A-5,1,2026-03-06T17:40:00Z,2026-03-06T18:00Z/; 2026-03-06T19:00Z/\n\
        A-6,1,2026-03-06T17:40:00Z,lunch\n\
        A-7,1,2026-03-06T17:40:00Z,\n";
    let wanted = [
        "row 2, opened: \"2026-03-06T17:40:00\" is not a time with its zone, like 2026-03-06T17:40:00+08:00",
        "row 3, id: must have 1 to 200 characters",
        "row 3, opened: \"yesterday\" is not a time with its zone, like 2026-03-06T17:40:00+08:00",
        "row 4, pauses: \"2026-03-06T18:00Z/2026-03-06T17:50Z\" ends before it begins",
        "row 5, pauses: event 1: is earlier than the one before it; was a clock set back?",
        "row 6, pauses: two pauses overlap",
        "row 7, pauses: \"lunch\" is not FROM/UNTIL, two times with their zone",
    ];
    assert_eq!(faults(csv), wanted);
    let lines = previewed(csv).expect("a CSV file").lines;
    assert_eq!(lines.iter().map(|line| line.id.as_str()).collect::<Vec<_>>(), ["A-7"]);
}

#[test]
fn a_ticket_for_which_nothing_is_promised_says_so() {
    let preview = previewed("id,priority,opened\nA-1,9,2026-03-06T17:40Z\n").expect("a good file");
    assert_eq!(preview.lines[0].derivation(Language::English), "nothing is promised");
    assert_eq!(preview.lines[0].derivation(Language::Chinese), "没有承诺时限");
}

#[test]
fn a_header_that_says_something_else_is_refused() {
    let error = |csv: &str| previewed(csv).err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error("id,priority\n"), "there is no column opened");
    assert_eq!(error("id,opened,id\n"), "column id is there twice");
    assert!(error("id,opened,oponed\n").starts_with("column \"oponed\" is none of id, type,"));
    assert!(error("id,opened\nA-1\n").contains("found record with 1 fields"));
    assert_eq!(previewed("\u{feff}id,opened\n").expect("a byte order mark").lines, []);
}
