//! PROTOCOL.md says what the code does: its examples are the vectors, its tables the code's.

use std::collections::BTreeMap;

use mobile_sync_wire::{
    Collection, EventKind, TicketStatus,
    limits::{self, Limits},
    policy::{Rows, Rule, TABLE},
    shapes::{CHANGES, Change},
};
use serde_json::Value;

use crate::{
    files::{text, vector},
    steps::cell,
};

/// The fenced JSON blocks of the page, by name.
fn examples(page: &str) -> BTreeMap<String, Value> {
    let blocks = page.split("```json ").skip(1).map(|block| {
        let (name, rest) = block.split_once('\n').unwrap();
        let (json, _) = rest.split_once("```").unwrap();
        let value = serde_json::from_str(json).unwrap_or_else(|e| panic!("{name}: {e}"));
        (name.to_owned(), value)
    });
    blocks.collect()
}

#[test]
fn every_example_of_the_page_is_a_vector_and_the_other_way_round() {
    assert_eq!(examples(&text("PROTOCOL.md")), vector::<BTreeMap<String, Value>>("messages"));
}

fn name<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn limits_table() -> String {
    let Limits { push_mutations, body_bytes, page_limit, mutation_bytes } = Limits::default();
    [
        "| limit | |".to_owned(),
        "|---|---|".to_owned(),
        format!("| mutations in a push | {push_mutations} |"),
        format!("| bytes of a body, unpacked | {body_bytes} |"),
        format!("| bytes of one mutation | {mutation_bytes} |"),
        format!("| changes in a page | {page_limit}, {} unless asked |", limits::PAGE_DEFAULT),
        format!("| characters of `mid`, ids, `boot`, clock tag | {} |", limits::ID_CHARS),
        format!("| largest cursor, version, `seq` | {} |", limits::MAX_NUMBER),
        format!("| bytes of a blob | {} |", limits::BLOB_BYTES),
        format!("| uploads of a device under way | {} |", limits::BLOB_UPLOADS),
        format!("| bytes of a rescue | {} |", limits::RESCUE_BYTES),
        format!("| rescues of a device | {} |", limits::RESCUES),
        format!("| days acknowledged mutations are kept | {} |", limits::KEEP_ACKED_DAYS),
    ]
    .join("\n")
}

fn merge_table() -> String {
    let mut lines = vec!["| collection | rows | column | rule |".to_owned(), "|---|---|---|---|".to_owned()];
    for entry in &TABLE {
        let mut by_rule: Vec<(Rule, Vec<&str>)> = Vec::new();
        for (column, rule) in entry.columns {
            match by_rule.iter_mut().find(|(known, _)| known == rule) {
                Some((_, columns)) => columns.push(column),
                None => by_rule.push((*rule, vec![column])),
            }
        }
        for (rule, columns) in by_rule {
            lines.push(format!(
                "| `{}` | {} | `{}` | `{}` |",
                entry.collection,
                name(entry.rows),
                columns.join(", "),
                name(rule)
            ));
        }
        let others = if entry.columns.is_empty() { "all" } else { "others" };
        lines.push(format!(
            "| `{}` | {} | {others} | `{}` |",
            entry.collection,
            name(entry.rows),
            name(entry.others)
        ));
    }
    lines.join("\n")
}

fn steps_table() -> String {
    let row = |first: &str, cells: Vec<String>| format!("| {first} | {} |", cells.join(" | "));
    let header = TicketStatus::ALL.iter().map(|status| format!("`{}`", status.as_str())).collect();
    let mut lines = vec![row("", header), format!("|{}", "---|".repeat(TicketStatus::ALL.len() + 1))];
    for kind in EventKind::ALL {
        let cells = TicketStatus::ALL.into_iter().map(|status| cell(kind, status)).collect();
        lines.push(row(&format!("`{}`", kind.as_str()), cells));
    }
    lines.join("\n")
}

fn shapes_table() -> String {
    let mut lines = vec!["| schema | collection | what changed |".to_owned(), "|---|---|---|".to_owned()];
    for Change { schema, collection, what, .. } in &CHANGES {
        lines.push(format!("| {schema} | `{collection}` | {what} |"));
    }
    lines.join("\n")
}

#[test]
fn the_tables_of_the_page_are_the_codes() {
    let page = text("PROTOCOL.md");
    for (mark, table) in [
        ("limits", limits_table()),
        ("merge-table", merge_table()),
        ("steps", steps_table()),
        ("shapes", shapes_table()),
    ] {
        let expected = format!("<!-- {mark} -->\n\n{table}\n");
        assert!(page.contains(&expected), "PROTOCOL.md should say:\n{expected}");
    }
}

#[test]
fn every_collection_result_and_refusal_is_explained() {
    let page = text("PROTOCOL.md");
    let results = ["applied", "merged", "duplicate", "conflict", "rejected_kept", "held"];
    let names = Collection::ALL.iter().map(|c| c.as_str()).chain(results);
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "{name} is not in PROTOCOL.md");
    }
    assert!(
        TABLE.iter().all(|entry| entry.rows != Rows::Intents || entry.collection == Collection::TicketEvents)
    );
}
