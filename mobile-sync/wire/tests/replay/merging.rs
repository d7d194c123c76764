//! The merge: the cases, and the invariants for any patch against any row.

use std::collections::BTreeMap;

use mobile_sync_wire::{
    Collection, Fields, Hlc,
    merge::{FieldClock, Merge, Patch, merge},
    policy::{Rows, Rule, TABLE, entry, rule, takes_inserts},
    push::{Kept, KeptWhy, Outcome},
};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::files::vector;

#[derive(Deserialize)]
struct Case {
    name: String,
    collection: Collection,
    base: i64,
    device_id: String,
    seq: Option<i64>,
    hlc: Option<Hlc>,
    server_now: i64,
    set: Fields,
    current: Fields,
    clocks: BTreeMap<String, FieldClock>,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    result: Outcome,
    write: Fields,
    kept: BTreeMap<String, Kept>,
    card: bool,
}

#[test]
fn the_merge_cases_hold() {
    for case in vector::<Vec<Case>>("merge") {
        let clock = FieldClock::of_device(&case.device_id, case.seq, case.hlc.as_ref(), case.server_now);
        let patch = Patch { collection: case.collection, base: case.base, clock: &clock, set: &case.set };
        let Expect { result, write, kept, card } = case.expect;
        let expected = Merge { result, write, kept, card };
        assert_eq!(merge(&patch, &case.current, &case.clocks), expected, "{}", case.name);
    }
}

/// The table as other languages read it.
pub fn table_json() -> Value {
    let entries = TABLE.iter().map(|entry| {
        let columns: BTreeMap<&str, Rule> = entry.columns.iter().copied().collect();
        let value = json!({"rows": entry.rows, "others": entry.others, "columns": columns});
        (entry.collection.as_str().to_owned(), value)
    });
    Value::Object(entries.collect())
}

#[test]
fn the_merge_table_for_other_languages_is_this_one() {
    let stored: Value = vector("merge-table");
    assert_eq!(table_json(), stored, "write this: {:#}", table_json());
}

#[test]
fn every_collection_has_its_entry_at_its_place() {
    for (collection, found) in Collection::ALL.into_iter().zip(&TABLE) {
        assert_eq!(collection, found.collection);
        assert_eq!(entry(collection).collection, collection);
        assert_eq!(takes_inserts(collection), found.rows != Rows::Office);
    }
    assert_eq!(rule(Collection::ChecklistAnswers, "value"), Rule::Lww);
    assert_eq!(rule(Collection::Tickets, "id"), Rule::InsertOnly);
    assert_eq!(rule(Collection::Tickets, "sync_v"), Rule::InsertOnly);
}

/// Few devices, few values and few fields, so that everything meets.
fn clock() -> impl Strategy<Value = FieldClock> {
    let writer = prop::sample::select(vec!["office", "device-1", "device-2"]);
    (0..6_i64, writer, prop::option::of(1..6_i64), 0..6_i64).prop_map(|(v, writer, seq, millis)| {
        let seq = seq.filter(|_| writer != "office");
        FieldClock {
            v,
            writer: writer.into(),
            seq,
            hlc: Hlc::new(millis, 0, &Hlc::tag_of(writer)),
            sent_hlc: None,
        }
    })
}

fn fields() -> impl Strategy<Value = Fields> {
    let name = prop::sample::select(vec!["access_note", "site_contact", "priority", "status", "unheard_of"]);
    prop::collection::btree_map(name, 0..3_i64, 0..5)
        .prop_map(|fields| fields.into_iter().map(|(name, n)| (name.to_owned(), json!(n))).collect())
}

fn clocks() -> impl Strategy<Value = BTreeMap<String, FieldClock>> {
    let name = prop::sample::select(vec!["access_note", "site_contact", "priority"]);
    prop::collection::btree_map(name.prop_map(str::to_owned), clock(), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_is_lost_and_nothing_is_silently_overwritten(
        set in fields(), current in fields(), clocks in clocks(), mine in clock(), base in 0..6_i64,
    ) {
        let patch = Patch { collection: Collection::Tickets, base, clock: &mine, set: &set };
        let merge = merge(&patch, &current, &clocks);
        for (field, sent) in &set {
            let server = current.get(field).unwrap_or(&Value::Null);
            let written = merge.write.contains_key(field);
            let kept = merge.kept.get(field);
            prop_assert!(written || kept.is_some() || sent == server, "{field} vanished");
            let foreign = clocks.get(field).is_some_and(|c| c.v > base && c.writer != mine.writer);
            if written && foreign {
                prop_assert!(merge.card && kept.unwrap().server == *server, "{field} was overwritten unseen");
            }
            if written {
                prop_assert_eq!(rule(Collection::Tickets, field), Rule::Lww);
            }
        }
        prop_assert!(merge.write.keys().all(|field| set.contains_key(field)));
    }

    #[test]
    fn a_phones_older_edit_never_comes_back_over_its_newer_one(
        set in fields(), current in fields(), clocks in clocks(), mine in clock(), base in 0..6_i64,
    ) {
        let patch = Patch { collection: Collection::Tickets, base, clock: &mine, set: &set };
        let merge = merge(&patch, &current, &clocks);
        for field in merge.write.keys() {
            let newer_own = clocks.get(field).is_some_and(|c| c.writer == mine.writer && mine.seq.zip(c.seq).is_some_and(|(a, b)| a < b));
            prop_assert!(!newer_own, "{field} went back");
        }
    }

    #[test]
    fn the_result_says_what_happened(
        set in fields(), current in fields(), clocks in clocks(), mine in clock(), base in 0..6_i64,
    ) {
        let patch = Patch { collection: Collection::Tickets, base, clock: &mine, set: &set };
        let merge = merge(&patch, &current, &clocks);
        match merge.result {
            Outcome::Applied => prop_assert!(merge.kept.is_empty() && !merge.card),
            Outcome::Conflict => prop_assert!(merge.write.is_empty() && merge.card),
            Outcome::Merged => {}
            other => prop_assert!(false, "{other:?} is not a merge's to give"),
        }
        let silent = merge.kept.values().all(|kept| kept.why == KeptWhy::Superseded);
        prop_assert_eq!(merge.card, !silent);
    }

    #[test]
    fn two_devices_that_edit_at_once_end_alike_in_either_order((a, b) in two_writers()) {
        let winner = |first: &FieldClock, second: &FieldClock| {
            let (one, two) = (fields_of(&first.writer), fields_of(&second.writer));
            let patch = Patch { collection: Collection::Tickets, base: 0, clock: second, set: &two };
            let stored = FieldClock { v: 7, ..first.clone() };
            let merged = merge(&patch, &one, &BTreeMap::from([("access_note".to_owned(), stored)]));
            merged.write.get("access_note").unwrap_or(&one["access_note"]).clone()
        };
        prop_assert_eq!(winner(&a, &b), winner(&b, &a));
    }
}

fn two_writers() -> impl Strategy<Value = (FieldClock, FieldClock)> {
    (clock(), clock()).prop_filter("two writers", |(a, b)| a.writer != b.writer)
}

fn fields_of(writer: &str) -> Fields {
    Fields::from_iter([("access_note".to_owned(), json!(writer))])
}
