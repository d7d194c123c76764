//! Which fields tell of people, table by table: they are hashed apart from the rest of their row, with a salt of their
//! own, so that they can be erased and the rest still be proved.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Fields of customers and of their sites, what people wrote in their own words, and who they are. Adding a field here
/// holds for changes that are sealed later; what was sealed keeps its split, which is why the split is stored with a
/// content once it is erased.
const FIELDS: &[(&str, &[&str])] = &[
    ("absences", &["reason"]),
    ("assignments", &["reason"]),
    ("checklist_answers", &["answer"]),
    ("confirmations", &["comment"]),
    ("conflict_cards", &["answer", "detail"]),
    ("customers", &["email", "name", "phone"]),
    ("engineers", &["home_latitude", "home_longitude", "name", "phone"]),
    ("follow_ups", &["comment", "note"]),
    ("handover_notes", &["text"]),
    ("notes", &["text"]),
    ("photos", &["caption"]),
    ("signatures", &["signed_by"]),
    ("sites", &["access_note", "address", "contact", "latitude", "longitude", "name"]),
    ("stock_movements", &["note"]),
    ("tasks", &["text"]),
    ("ticket_events", &["reason"]),
    (
        "tickets",
        &["access_note", "address", "description", "form", "latitude", "longitude", "site_contact", "title"],
    ),
    ("used_part_returns", &["note"]),
    ("users", &["display_name", "email", "login"]),
];

/// The fields of a table that tell of people.
pub fn fields(entity: &str) -> &'static [&'static str] {
    FIELDS.iter().find(|(table, _)| *table == entity).map_or(&[], |(_, fields)| fields)
}

/// A row in two: what may always be kept, and what tells of people, each as a JSON object with its fields in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// What may be kept.
    pub open: String,
    /// What may have to go; none if the table has nothing of that kind.
    pub personal: Option<String>,
}

/// Splits the JSON of a row. What is no JSON object is kept whole.
pub fn split(entity: &str, body: &str) -> Split {
    let whole = || Split { open: body.to_owned(), personal: None };
    let Ok(mut open) = serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(body) else {
        return whole();
    };
    let mut personal = BTreeMap::new();
    for field in fields(entity) {
        if let Some((name, value)) = open.remove_entry(*field) {
            personal.insert(name, value);
        }
    }
    let text = |part: &BTreeMap<Cow<'_, str>, &RawValue>| serde_json::to_string(part);
    match (text(&open), text(&personal)) {
        (Ok(open), Ok(text)) => Split { open, personal: (!personal.is_empty()).then_some(text) },
        _ => whole(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_of_people_is_apart_and_both_parts_are_in_order() {
        let split = split("notes", r#"{"text":"the owner, Mrs Li","id":"n1","at":1.50}"#);
        assert_eq!(split.open, r#"{"at":1.50,"id":"n1"}"#, "values stay as they were written");
        assert_eq!(split.personal.as_deref(), Some(r#"{"text":"the owner, Mrs Li"}"#));
    }

    #[test]
    fn a_table_without_people_has_one_part() {
        assert_eq!(split("visits", r#"{"number":1}"#).personal, None);
        assert_eq!(split("notes", "no object").open, "no object");
    }

    #[test]
    fn every_table_named_is_in_the_log_and_named_once() {
        let logged = |table: &str| db::schema::LOGGED.iter().any(|(name, _)| *name == table);
        assert!(FIELDS.iter().all(|(table, _)| logged(table)));
        assert!(FIELDS.is_sorted_by_key(|(table, _)| *table));
        assert!(FIELDS.iter().all(|(_, fields)| fields.is_sorted()));
    }
}
