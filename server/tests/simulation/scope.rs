//! I5: when all is said, each phone holds exactly its scope, field for field. What the scope is, is said here once
//! more, in SQL.

use std::collections::BTreeMap;

use mobile_sync_wire::{Collection, Fields};
use rusqlite::Connection;
use serde_json::Value;

use crate::handset::{Handset, text};

/// The tickets in the hands of the engineer ?1.
const TICKETS: &str =
    "SELECT id FROM tickets WHERE engineer_id = ?1 AND status NOT IN ('closed', 'cancelled')";

/// Collection, its table, its columns as phones know them, and which rows are in the scope.
const SCOPE: [(Collection, &str, &str, &str); 10] = [
    (
        Collection::Tickets,
        "tickets",
        "'number', number, 'kind', kind, 'title', title, 'description', description, 'status', status,
         'priority', priority, 'engineer_id', engineer_id, 'visit_id', visit_id, 'site_id', site_id,
         'asset_id', asset_id, 'access_note', access_note, 'site_contact', site_contact, 'earliest_at', earliest_at,
         'due_at', due_at, 'planned_at', planned_at, 'expected_minutes', expected_minutes,
         'form', NULLIF(form, 'null')",
        "id IN (TICKETS)",
    ),
    (
        Collection::Visits,
        "visits",
        "'ticket_id', ticket_id, 'number', number, 'status', status, 'planned_at', planned_at,
         'expected_minutes', expected_minutes, 'lead_engineer_id', lead_engineer_id, 'crew', lead_engineer_id",
        "ticket_id IN (TICKETS)",
    ),
    (
        Collection::TicketEvents,
        "ticket_events",
        "'ticket_id', ticket_id, 'visit_id', visit_id, 'engineer_id', engineer_id, 'kind', kind, 'at', at,
         'dseq', dseq, 'reason', reason",
        "ticket_id IN (TICKETS)",
    ),
    (
        Collection::PartUsage,
        "part_usage",
        "'ticket_id', ticket_id, 'visit_id', visit_id, 'engineer_id', engineer_id, 'part_id', part_id,
         'quantity', quantity, 'serial', serial, 'removed_serial', removed_serial, 'outcome', outcome",
        "ticket_id IN (TICKETS)",
    ),
    (
        Collection::Notes,
        "notes",
        "'ticket_id', ticket_id, 'visit_id', visit_id, 'engineer_id', engineer_id, 'at', at, 'text', text",
        "ticket_id IN (TICKETS)",
    ),
    (
        Collection::Sites,
        "sites",
        "'name', name, 'address', address, 'latitude', latitude, 'longitude', longitude,
         'customer_name', (SELECT c.name FROM customers c WHERE c.id = t.customer_id), 'access_note', access_note,
         'contact', contact, 'time_zone', time_zone",
        "id IN (SELECT site_id FROM tickets WHERE id IN (TICKETS))",
    ),
    (
        Collection::Assets,
        "assets",
        "'name', number, 'site_id', site_id, 'number', number, 'kind', kind, 'model', model,
         'manufacturer', manufacturer, 'description', description",
        "id IN (SELECT asset_id FROM tickets WHERE id IN (TICKETS))",
    ),
    (
        Collection::Parts,
        "parts",
        "'number', number, 'name', name, 'name_zh', name_zh, 'unit', unit, 'decimals', decimals",
        "?1 = ?1",
    ),
    (
        Collection::VanStock,
        "stock_balances",
        "'engineer_id', ?1, 'location_id', location_id, 'part_id', part_id, 'on_hand', on_hand, 'reserved', reserved",
        "location_id IN (SELECT id FROM stock_locations WHERE engineer_id = ?1 AND kind = 'van')",
    ),
    (Collection::Colleagues, "engineers", "'code', code, 'name', name, 'phone', phone", "active AND ?1 = ?1"),
];

/// What differs between a phone and its scope.
pub fn same(sql: &Connection, phone: &Handset) -> Vec<String> {
    let engineer = phone.who.engineer_id.to_string();
    let mut wrong = Vec::new();
    for (collection, table, columns, rows) in SCOPE {
        let query = format!(
            "SELECT json_object('id', id, 'sync_v', (SELECT max(seq) FROM changes WHERE entity = '{table}'
             AND row_id = t.id), {columns}) FROM {table} t WHERE {}",
            rows.replace("TICKETS", TICKETS)
        );
        let mut statement = sql.prepare_cached(&query).unwrap();
        let docs = statement.query_map([&engineer], |row| row.get::<_, String>(0)).unwrap();
        let docs = docs.map(|doc| serde_json::from_str::<Fields>(&doc.unwrap()).unwrap());
        let expected: BTreeMap<String, Fields> = docs.map(keyed).collect();
        let shown: BTreeMap<String, Fields> = phone.rows(collection).into_iter().map(keyed).collect();
        let of = format!("phone {} ({engineer})", phone.index);
        for (id, doc) in &expected {
            match shown.get(id) {
                None => wrong.push(format!("I5: {of} lacks {collection} {id}")),
                Some(here) if here != doc => {
                    wrong.push(format!("I5: {of} shows {collection} {id} as {here:?}, and it is {doc:?}"));
                }
                Some(_) => {}
            }
        }
        let foreign = shown.keys().filter(|id| !expected.contains_key(*id));
        wrong.extend(foreign.map(|id| format!("I5: {of} has {collection} {id}, which is not his")));
    }
    wrong
}

/// An empty column and none are the same.
fn keyed(mut doc: Fields) -> (String, Fields) {
    doc.retain(|_, value| !matches!(value, Value::Null) && value.as_str() != Some(""));
    (text(&doc, "id"), doc)
}
