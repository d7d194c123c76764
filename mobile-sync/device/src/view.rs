//! What the user sees: the server's rows, and over them the work that the server has not shown yet.
//!
//! Nothing of it is stored. When the truth arrives the overlay ends, so a refused act takes itself back.

use std::collections::BTreeMap;

use mobile_sync_wire::{
    Collection, EventKind, Fields, TicketStatus,
    docs::PartOutcome,
    intents,
    push::{Mutation, Op},
};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::Value;

use crate::{DeviceError, outbox, rows};

type View = BTreeMap<String, Fields>;

/// All rows of a collection as the user should see them.
pub(crate) fn rows_of(db: &Connection, collection: Collection) -> Result<View, DeviceError> {
    let mut view: View =
        rows::all(db, collection.as_str())?.into_iter().map(|row| (row.id, row.doc)).collect();
    for mutation in outbox::unsettled(db)? {
        lay_over(&mut view, collection, &mutation);
    }
    Ok(view)
}

/// One row as the user should see it.
pub(crate) fn row_of(
    db: &Connection,
    collection: Collection,
    id: &str,
) -> Result<Option<Fields>, DeviceError> {
    let mut view: View =
        rows::get(db, collection.as_str(), id)?.into_iter().map(|row| (row.id, row.doc)).collect();
    for mutation in outbox::unsettled(db)? {
        lay_over(&mut view, collection, &mutation);
    }
    Ok(view.remove(id))
}

fn lay_over(view: &mut View, collection: Collection, m: &Mutation) {
    if m.c == collection {
        match m.op {
            Op::Insert | Op::Intent => insert(view, m),
            Op::Patch => patch(view, m),
            Op::Delete => {}
        }
    }
    match (m.c, collection) {
        (Collection::TicketEvents, Collection::Tickets) => move_status(view, m, "ticket_id"),
        (Collection::TicketEvents, Collection::Visits) => move_status(view, m, "visit_id"),
        (Collection::PartUsage, Collection::VanStock) => draw_stock(view, m),
        _ => {}
    }
}

fn insert(view: &mut View, m: &Mutation) {
    view.entry(m.id.clone()).or_insert_with(|| {
        let mut doc = m.set.clone();
        doc.insert("id".into(), m.id.clone().into());
        doc.insert("sync_v".into(), 0.into());
        doc
    });
}

fn patch(view: &mut View, m: &Mutation) {
    if let Some(doc) = view.get_mut(&m.id) {
        for (field, value) in &m.set {
            if value.is_null() {
                doc.remove(field);
            } else {
                doc.insert(field.clone(), value.clone());
            }
        }
    }
}

/// Moves the ticket, or its visit, as the server will if nothing came between.
fn move_status(view: &mut View, m: &Mutation, key: &str) {
    let text = |name: &str| m.set.get(name).and_then(Value::as_str);
    let (Some(kind), Some(doc)) =
        (text("kind").and_then(EventKind::parse), text(key).and_then(|id| view.get_mut(id)))
    else {
        return;
    };
    let Some(status) = doc.get("status").and_then(Value::as_str).and_then(TicketStatus::parse) else {
        return;
    };
    if let Ok(step) = intents::step(kind, status) {
        doc.insert("status".into(), step.from(status).as_str().into());
    }
}

/// Takes what was used from the van, so that the next look says what is really in it.
fn draw_stock(view: &mut View, m: &Mutation) {
    #[derive(Deserialize)]
    struct Usage {
        part_id: String,
        quantity: i64,
        outcome: PartOutcome,
    }
    let Ok(usage) = serde_json::from_value::<Usage>(Value::Object(m.set.clone())) else { return };
    let taken = match usage.outcome {
        PartOutcome::Used | PartOutcome::Defective => usage.quantity,
        PartOutcome::Returned => -usage.quantity,
    };
    let of_part = |doc: &&mut Fields| doc.get("part_id").and_then(Value::as_str) == Some(&usage.part_id);
    if let Some(doc) = view.values_mut().find(of_part)
        && let Some(on_hand) = doc.get("on_hand").and_then(Value::as_i64)
    {
        doc.insert("on_hand".into(), on_hand.saturating_sub(taken).into());
    }
}
