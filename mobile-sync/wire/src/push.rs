//! `POST /sync/v1/push`: what the phone did, and what became of it.
//!
//! A batch must never fail for one row, so the server does not read it as [`PushRequest`] but as
//! [`ReceivedPush`], which keeps every mutation's text and reads each one by itself. The members of a mutation are
//! strict (`bse` for `base` would turn a careful edit into a blind one; it becomes `rejected_kept`), the columns
//! in its `set` are data and may be anything.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;

use crate::{Collection, Fields, Hlc, event_time::Stamp, limits};

/// A batch as a phone builds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushRequest {
    pub epoch: String,
    /// The phone's clocks at the moment of sending; lets the server correct event times (see
    /// [`crate::event_time`]). Absent: times are taken as they are and flagged uncertain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Stamp>,
    pub mutations: Vec<Mutation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// A new row whose id the phone chose.
    Insert,
    /// New values for some fields of a row; needs `base`.
    Patch,
    /// A row that asks for something: a `ticket_events` row that moves a ticket. `insert` into that collection
    /// means the same, for state-based clients know no other word.
    Intent,
    /// Not offered to phones yet: always `rejected_kept`.
    Delete,
}

/// One thing a phone did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// Idempotency key, at most 64 characters.
    pub mid: String,
    /// Gapless per device, from 1. State-based adapters, which cannot count, leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    pub op: Op,
    pub c: Collection,
    pub id: String,
    /// Version (`sync_v`) of the row that the user saw while editing; 0 when he saw none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<i64>,
    /// Columns to set; `null` clears one.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub set: Fields,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hlc: Option<Hlc>,
    /// Device wall clock in UTC milliseconds when it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<i64>,
    /// Milliseconds since the device's start when it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mono: Option<i64>,
    /// Which start of the device `mono` counts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    pub schema: u32,
}

impl Mutation {
    /// The clocks of the moment it was done, if the device gave all three.
    pub fn stamp(&self) -> Option<Stamp> {
        Some(Stamp { wall: self.wall?, mono: self.mono?, boot: self.boot.clone()? })
    }
}

/// A batch as the server reads it: see [`read_push`].
#[derive(Debug)]
pub struct ReceivedPush {
    pub epoch: String,
    pub sent: Option<Stamp>,
    pub mutations: Vec<Received>,
}

/// One mutation as it arrived.
#[derive(Debug)]
pub struct Received {
    /// The text, to be stored before anything else.
    pub raw: Box<RawValue>,
    /// The idempotency key, also of a mutation that is otherwise unreadable.
    pub mid: Option<String>,
    /// The place in the device's order, likewise: a bad row must not leave a gap that holds those behind it.
    pub seq: Option<i64>,
    pub parsed: Result<Mutation, Unreadable>,
}

/// Why a mutation is `rejected_kept` before any rule was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("{0}")]
    Shape(String),
    #[error("larger than {} bytes", limits::MUTATION_BYTES)]
    TooLarge,
    #[error("`{0}` is empty, too long or out of range")]
    Range(&'static str),
    #[error("`set.{0}` is not a string, number or boolean")]
    NotFlat(String),
}

/// Reads a push body. Only a body that is no push at all is an error of the whole request. Of a batch that is too
/// large one more mutation is kept than may come.
pub fn read_push(body: &[u8]) -> Result<ReceivedPush, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Envelope {
        epoch: String,
        #[serde(default)]
        sent: Option<Stamp>,
        #[serde(deserialize_with = "first_mutations")]
        mutations: Vec<Box<RawValue>>,
    }
    let Envelope { epoch, sent, mutations } = serde_json::from_slice(body)?;
    Ok(ReceivedPush { epoch, sent, mutations: mutations.into_iter().map(Received::read).collect() })
}

/// As many as may come, and one more, to show that there were too many. What follows is read and forgotten: a body of
/// the allowed length has room for millions, and each would cost a hundred times its length in memory.
fn first_mutations<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Box<RawValue>>, D::Error> {
    struct First;
    impl<'de> Visitor<'de> for First {
        type Value = Vec<Box<RawValue>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of mutations")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
            let mut first = Vec::new();
            while first.len() <= limits::PUSH_MUTATIONS
                && let Some(mutation) = all.next_element()?
            {
                first.push(mutation);
            }
            while all.next_element::<IgnoredAny>()?.is_some() {}
            Ok(first)
        }
    }
    source.deserialize_seq(First)
}

impl Received {
    /// Reads one mutation; also used to replay one from the inbox.
    pub fn read(raw: Box<RawValue>) -> Self {
        #[derive(Default, Deserialize)]
        struct Keys {
            #[serde(default)]
            mid: Value,
            #[serde(default)]
            seq: Value,
        }
        let parsed = read_mutation(raw.get());
        let (mid, seq) = match &parsed {
            Ok(m) => (Some(m.mid.clone()), m.seq),
            Err(_) => {
                let keys: Keys = serde_json::from_str(raw.get()).unwrap_or_default();
                let mid = keys.mid.as_str().filter(|mid| is_id(mid)).map(str::to_owned);
                (mid, keys.seq.as_i64().filter(|seq| (1..=limits::MAX_NUMBER).contains(seq)))
            }
        };
        Self { raw, mid, seq, parsed }
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= limits::ID_CHARS && !text.contains('\0')
}

fn read_mutation(raw: &str) -> Result<Mutation, Unreadable> {
    if raw.len() > limits::MUTATION_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let m: Mutation = serde_json::from_str(raw).map_err(|e| Unreadable::Shape(e.to_string()))?;
    let within = |n: Option<i64>, least| n.is_none_or(|n| (least..=limits::MAX_NUMBER).contains(&n));
    let checks = [
        ("mid", is_id(&m.mid)),
        ("id", is_id(&m.id)),
        ("boot", m.boot.as_deref().is_none_or(is_id)),
        ("seq", within(m.seq, 1)),
        ("base", within(m.base, 0)),
        ("wall", within(m.wall, 0)),
        ("mono", within(m.mono, 0)),
    ];
    if let Some((name, _)) = checks.iter().find(|(_, ok)| !ok) {
        return Err(Unreadable::Range(name));
    }
    match m.set.iter().find(|(_, value)| value.is_array() || value.is_object()) {
        Some((name, _)) => Err(Unreadable::NotFlat(name.clone())),
        None => Ok(m),
    }
}

/// What became of a mutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As sent.
    Applied,
    /// Applied beside foreign changes, or an edit that lost by its clock was recorded. Take `doc`.
    Merged,
    /// The `mid` was seen before: `first` says what became of it then.
    Duplicate,
    /// Stored; some field or the intent did not take effect; the office has a card. Take `doc`, show why.
    Conflict,
    /// Stored; unknown operation, schema or ticket; can be replayed after a fix. Take `doc`, show why.
    RejectedKept,
    /// Stored; an earlier `seq` is missing: send from `need_from`.
    Held,
}

/// One answer for each mutation, in the order of the batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MutationResult {
    /// As sent; empty for a mutation whose own was unreadable.
    pub mid: String,
    pub result: Outcome,
    /// Version of the row after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v: Option<i64>,
    /// The current row, with every result but a clean `applied` (and absent if there is no row to show).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub doc: Option<Fields>,
    /// Field by field, both values where they met and one of them had to give way.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, Kept>,
    /// Id of the office's card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
    /// With `duplicate`: the result of the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Outcome>,
    /// With `held`: the first missing `seq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need_from: Option<i64>,
    /// With `conflict` and `rejected_kept`: a stable code to show in the user's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl MutationResult {
    pub fn new(mid: impl Into<String>, result: Outcome) -> Self {
        Self {
            mid: mid.into(),
            result,
            v: None,
            doc: None,
            kept: BTreeMap::new(),
            conflict: None,
            first: None,
            need_from: None,
            why: None,
        }
    }
}

/// Two values of one field that met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Kept {
    /// The server's value before this mutation.
    pub server: Value,
    /// The value the device sent.
    pub device: Value,
    pub why: KeptWhy,
}

/// Which rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeptWhy {
    /// The office owns the field: its value stands.
    Server,
    /// Somebody else's concurrent edit is later: his value stands.
    Later,
    /// This edit is later than a concurrent one: the device's value stands, the other is on the card.
    Device,
    /// The same device already wrote something newer: that stands. No card.
    Superseded,
    /// The field changes by what is done (intents), not by patches.
    Intent,
    /// Rows of this kind are never changed.
    InsertOnly,
    /// Nobody knows this field.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PushResponse {
    pub epoch: String,
    /// All mutations of this device up to this `seq` are in the inbox.
    pub acked_seq: i64,
    /// UTC milliseconds.
    pub server_time: i64,
    pub results: Vec<MutationResult>,
}
