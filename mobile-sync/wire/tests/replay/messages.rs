//! Every message reads and writes back unchanged; what is wrong is refused, and only that.

use std::collections::BTreeMap;

use mobile_sync_wire::{
    cards::CardResolution,
    docs::{Document, PartUsageDoc, PhotoDoc, SignatureDoc, TicketDoc, TicketEventDoc, VisitDoc},
    enrol::{EnrolRequest, EnrolResponse},
    limits::{ID_CHARS, MUTATION_BYTES},
    problem::SyncProblem,
    pull::{PullPage, PullRequest},
    push::{self, MutationResult, PushRequest, PushResponse, Received, Unreadable},
    rescue::RescueResponse,
    shapes::OLDEST_SCHEMA,
    status::StatusResponse,
    stream::{Hello, Poke, Wipe},
    wake::{PushState, Subscribe},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};

use crate::files::vector;

fn examples() -> BTreeMap<String, Value> {
    vector("messages")
}

/// What the type writes of what it read; equal to the original unless a member was lost or renamed.
fn through<T: DeserializeOwned + Serialize>(example: &Value) -> Value {
    serde_json::to_value(serde_json::from_value::<T>(example.clone()).unwrap()).unwrap()
}

#[test]
fn every_example_reads_and_writes_back_unchanged() {
    for (name, example) in examples() {
        let back = match name.as_str() {
            "enrol_request" | "enrol_request_by_code" => through::<EnrolRequest>(&example),
            "enrol_response" => through::<EnrolResponse>(&example),
            "pull_request" | "pull_request_filtered" => through::<PullRequest>(&example),
            "pull_page" => through::<PullPage>(&example),
            "push_request" => through::<PushRequest>(&example),
            "push_response" => through::<PushResponse>(&example),
            "card_resolution" => through::<CardResolution>(&example),
            "photo_row" => through::<PhotoDoc>(&example),
            "signature_row" => through::<SignatureDoc>(&example),
            "rescue_response" => through::<RescueResponse>(&example),
            "status_response" => through::<StatusResponse>(&example),
            "stream_hello" => through::<Hello>(&example),
            "stream_poke" | "wake_message" => through::<Poke>(&example),
            "stream_wipe" => through::<Wipe>(&example),
            "wake_state" => through::<PushState>(&example),
            "wake_subscribe" => through::<Subscribe>(&example),
            result if result.starts_with("result_") => through::<MutationResult>(&example),
            problem if problem.starts_with("problem_") => through::<SyncProblem>(&example),
            other => panic!("no type for {other}"),
        };
        assert_eq!(back, example, "{name}");
    }
}

#[test]
fn the_problems_are_what_the_server_makes() {
    let made = serde_json::to_value(SyncProblem::epoch_changed("e2")).unwrap();
    assert_eq!(made, examples()["problem_epoch_changed"]);
    let made = serde_json::to_value(SyncProblem::schema_too_old(OLDEST_SCHEMA)).unwrap();
    assert_eq!(made, examples()["problem_schema_too_old"]);
    let made = serde_json::to_value(SyncProblem::revoked()).unwrap();
    assert_eq!(made, examples()["problem_revoked"]);
    let made = serde_json::to_value(SyncProblem::too_large(Default::default())).unwrap();
    assert_eq!(made, examples()["problem_too_large"]);
}

#[test]
fn every_mutation_of_the_example_is_readable_and_kept_word_for_word() {
    let body = examples()["push_request"].to_string();
    let push = push::read_push(body.as_bytes()).unwrap();
    assert_eq!(push.mutations.len(), 3);
    for received in &push.mutations {
        assert_eq!(received.parsed.as_ref().unwrap().seq, received.seq);
        assert!(body.contains(received.raw.get()), "the text itself is kept");
    }
}

#[test]
fn the_documents_of_the_examples_have_their_types() {
    let page: PullPage = serde_json::from_value(examples()["pull_page"].clone()).unwrap();
    let docs: Vec<_> = page.changes.iter().filter_map(|change| change.doc.as_ref()).collect();
    assert_eq!(TicketDoc::from_fields(docs[0]).unwrap().to_fields().unwrap(), *docs[0]);
    assert_eq!(VisitDoc::from_fields(docs[1]).unwrap().to_fields().unwrap(), *docs[1]);
    // A row as a phone inserts it has no id of its own in `set`, and no version yet.
    let push: PushRequest = serde_json::from_value(examples()["push_request"].clone()).unwrap();
    let mut inserted = push.mutations[0].set.clone();
    inserted.insert("id".into(), "X".into());
    TicketEventDoc::from_fields(&inserted).unwrap();
    let mut used = push.mutations[1].set.clone();
    used.insert("id".into(), "X".into());
    assert_eq!(PartUsageDoc::from_fields(&used).unwrap().quantity, 2);
}

#[test]
fn a_document_with_columns_of_a_newer_server_is_read() {
    let page: PullPage = serde_json::from_value(examples()["pull_page"].clone()).unwrap();
    let mut doc = page.changes[0].doc.clone().unwrap();
    doc.insert("sla_tier".into(), "gold".into());
    assert_eq!(TicketDoc::from_fields(&doc).unwrap().number, 1041);
}

#[derive(Deserialize)]
struct UnreadableCase {
    name: String,
    mid: Option<String>,
    seq: Option<i64>,
    mutation: Value,
}

#[test]
fn an_unreadable_mutation_keeps_its_place_and_does_not_stop_the_batch() {
    let cases: Vec<UnreadableCase> = vector("unreadable");
    let good = examples()["push_request"]["mutations"][0].clone();
    let mut mutations: Vec<&Value> = cases.iter().map(|case| &case.mutation).collect();
    mutations.push(&good);
    let body = json!({"epoch": "e1", "mutations": mutations}).to_string();
    let push = push::read_push(body.as_bytes()).unwrap();
    for (case, received) in cases.iter().zip(&push.mutations) {
        assert!(received.parsed.is_err(), "{}", case.name);
        assert_eq!((&received.mid, received.seq), (&case.mid, case.seq), "{}", case.name);
    }
    assert!(push.mutations.last().unwrap().parsed.is_ok());
}

fn received(mutation: &Value) -> Received {
    Received::read(RawValue::from_string(mutation.to_string()).unwrap())
}

fn note(mid: &str, text: &str) -> Value {
    json!({"mid": mid, "op": "insert", "c": "notes", "id": "N1", "set": {"text": text}, "schema": 1})
}

#[test]
fn sizes_are_bounded_just_where_they_are_said_to_be() {
    assert!(received(&note(&"m".repeat(ID_CHARS), "")).parsed.is_ok());
    assert_eq!(received(&note(&"m".repeat(ID_CHARS + 1), "")).parsed.unwrap_err(), Unreadable::Range("mid"));
    let empty = note("m", "").to_string().len();
    assert!(received(&note("m", &"x".repeat(MUTATION_BYTES - empty))).parsed.is_ok());
    let large = received(&note("m", &"x".repeat(MUTATION_BYTES - empty + 1)));
    assert_eq!(large.parsed.unwrap_err(), Unreadable::TooLarge);
    assert_eq!(large.mid.as_deref(), Some("m"), "what is too large is still known by its key");
}

#[test]
fn any_column_may_be_set_and_a_deep_bomb_is_only_unreadable() {
    let odd = json!({"mid": "m", "op": "patch", "c": "tickets", "id": "T1", "set": {"no_such": 1, "": true}, "schema": 1});
    assert_eq!(received(&odd).parsed.unwrap().set.len(), 2);
    let bomb = format!(r#"{{"mid":"m","set":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    let body = format!(r#"{{"epoch":"e1","mutations":[{bomb}]}}"#);
    let push = push::read_push(body.as_bytes());
    assert!(push.is_err() || push.unwrap().mutations[0].parsed.is_err());
}

#[test]
fn of_a_batch_of_a_million_one_more_than_may_come_is_kept() {
    let many = |count: usize| format!(r#"{{"epoch":"e1","mutations":[{}0]}}"#, "0,".repeat(count - 1));
    let kept = |count: usize| push::read_push(many(count).as_bytes()).unwrap().mutations.len();
    let most = mobile_sync_wire::limits::PUSH_MUTATIONS;
    assert_eq!([most, most + 1, 1_000_000].map(kept), [most, most + 1, most + 1]);
    let cut = many(1_000_000).replace("0]}", "0");
    assert!(push::read_push(cut.as_bytes()).is_err(), "what is not kept is read all the same");
}

#[test]
fn an_envelope_with_a_misspelt_member_is_refused_whole() {
    assert!(push::read_push(br#"{"epoch":"e1","mutation":[],"mutations":[]}"#).is_err());
    assert!(push::read_push(br#"{"epoch":"e1"}"#).is_err());
    assert!(push::read_push(b"").is_err());
}
