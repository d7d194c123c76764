//! Document shapes by schema number. A phone says for which shapes it was built; what it pulls is turned back into
//! these, change by change, the newest first. What it pushes is never refused for its age: old columns are understood
//! as they were meant.
//!
//! Only an incompatible change gets a number: new columns and new collections do not, for phones ignore what they do
//! not know.

use crate::{Collection, Fields};

/// The number of the document shapes in [`crate::docs`].
pub const SCHEMA: u32 = 2;

/// The oldest shapes that are still served. Each is for two years after the next one came.
pub const OLDEST_SCHEMA: u32 = 1;

/// One incompatible change, and how to undo it.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The shapes since.
    pub schema: u32,
    /// Whose documents changed.
    pub collection: Collection,
    /// How, for people.
    pub what: &'static str,
    /// Makes a document what it was before.
    pub down: fn(&mut Fields),
}

/// All of them, the oldest first.
pub const CHANGES: [Change; 1] = [Change {
    schema: 2,
    collection: Collection::PartUsage,
    what: "the number of a lot is in `lot`; before, it was in `serial` like that of a piece",
    down: lot_as_serial,
}];

fn lot_as_serial(usage: &mut Fields) {
    if let Some(lot) = usage.remove("lot") {
        usage.insert("serial".into(), lot);
    }
}

/// Turns a document of today into what a phone of that schema knows.
pub fn down(collection: Collection, doc: &mut Fields, schema: u32) {
    for change in CHANGES.iter().rev().filter(|c| c.schema > schema && c.collection == collection) {
        (change.down)(doc);
    }
}

/// Whether documents can still be turned into these shapes.
pub const fn is_served(schema: u32) -> bool {
    schema >= OLDEST_SCHEMA
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn turned(collection: Collection, doc: Value, schema: u32) -> Value {
        let Value::Object(mut doc) = doc else { panic!("a document is an object") };
        down(collection, &mut doc, schema);
        Value::Object(doc)
    }

    #[test]
    fn a_phone_of_the_first_schema_reads_a_lot_where_it_always_was() {
        let lot = json!({"id": "U1", "part_id": "P5", "quantity": 2, "lot": "L-7"});
        let before = json!({"id": "U1", "part_id": "P5", "quantity": 2, "serial": "L-7"});
        assert_eq!(turned(Collection::PartUsage, lot.clone(), 1), before);
        assert_eq!(turned(Collection::PartUsage, lot.clone(), SCHEMA), lot);
        assert_eq!(
            turned(Collection::PartUsage, lot.clone(), SCHEMA + 1),
            lot,
            "a newer phone takes what there is"
        );
        let piece = json!({"id": "U2", "serial": "S-1"});
        assert_eq!(turned(Collection::PartUsage, piece.clone(), 1), piece);
        assert_eq!(turned(Collection::Notes, lot.clone(), 1), lot);
    }

    #[test]
    fn changes_are_in_order_and_end_with_the_present_schema() {
        assert!(CHANGES.windows(2).all(|pair| pair[0].schema <= pair[1].schema));
        assert_eq!(CHANGES.last().map(|change| change.schema), Some(SCHEMA));
        assert!(
            CHANGES.iter().all(|change| change.schema > OLDEST_SCHEMA),
            "what nobody asks for any more can go"
        );
        assert!(is_served(OLDEST_SCHEMA) && !is_served(OLDEST_SCHEMA - 1));
    }
}
