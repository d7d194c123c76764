//! Three-way merge of one field patch: what the phone saw (`base`), what it sends, and who wrote what since.
//!
//! A field changed *foreignly* if its clock is newer than `base` and its writer is another device: a phone that
//! pushes twice before it pulls must not conflict with itself. Nothing that its writer had not seen is replaced
//! without a card that keeps it, and an older edit of one device never comes back over its newer one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Collection, Fields, Hlc,
    mutants::{self, Mutant},
    policy::{self, Rule},
    push::{Kept, KeptWhy, Outcome},
};

/// Who last wrote a field: read by the server from its change log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldClock {
    /// Version of the change that wrote it.
    pub v: i64,
    /// Device id; any other text (`office`) for writes that came from no device.
    pub writer: String,
    /// The device's `seq`, if it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// As clamped when it arrived. An office write takes `Hlc::new(now, 0, "office")`.
    pub hlc: Hlc,
    /// As the device sent it, where the clamp changed it: orders the edits of one device among themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_hlc: Option<Hlc>,
}

/// A patch, with what identifies it.
#[derive(Debug, Clone, Copy)]
pub struct Patch<'a> {
    pub collection: Collection,
    /// 0 when the phone saw no version.
    pub base: i64,
    /// The clock that each field it wins will carry; `v` is not read, for the version is not yet known.
    pub clock: &'a FieldClock,
    pub set: &'a Fields,
}

/// What to write and what to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// `applied`, `merged` or `conflict`.
    pub result: Outcome,
    /// The fields to write, each with the patch's clock.
    pub write: Fields,
    /// For the answer and the card: both values of every field where one gave way.
    pub kept: BTreeMap<String, Kept>,
    /// The office gets a card. False if all that gave way is the same device's own older edit.
    pub card: bool,
}

impl FieldClock {
    /// The clock of a device's mutation that arrives at `server_now`.
    pub fn of_device(device_id: &str, seq: Option<i64>, hlc: Option<&Hlc>, server_now: i64) -> Self {
        let tag = Hlc::tag_of(device_id);
        // Without a clock of its own an edit counts from its arrival.
        let sent = hlc.cloned().unwrap_or_else(|| Hlc::new(server_now, 0, &tag));
        let hlc = sent.clamped(server_now);
        let sent_hlc = (hlc != sent).then_some(sent);
        Self { v: 0, writer: device_id.into(), seq, hlc, sent_hlc }
    }

    /// The clock of a write by the office.
    pub fn of_office(v: i64, now: i64) -> Self {
        Self { v, writer: "office".into(), seq: None, hlc: Hlc::new(now, 0, "office"), sent_hlc: None }
    }

    /// Whether this edit was made before that one of the same device.
    pub fn is_older_than_own(&self, newer: &Self) -> bool {
        if self.writer != newer.writer {
            return false;
        }
        match (self.seq, newer.seq) {
            (Some(mine), Some(other)) => mine < other,
            _ => self.sent_hlc.as_ref().unwrap_or(&self.hlc) < newer.sent_hlc.as_ref().unwrap_or(&newer.hlc),
        }
    }

    fn is_later_than(&self, other: &Self) -> bool {
        (&self.hlc, &self.writer) > (&other.hlc, &other.writer)
    }
}

enum Verdict {
    /// The server has that value already.
    Same,
    Take,
    /// Gives way, or makes the other give way.
    Met(KeptWhy),
}

/// Decides a patch field by field against the row as it is (`current`) and its field clocks.
pub fn merge(patch: &Patch<'_>, current: &Fields, clocks: &BTreeMap<String, FieldClock>) -> Merge {
    let mut merge =
        Merge { result: Outcome::Applied, write: Fields::new(), kept: BTreeMap::new(), card: false };
    for (field, device) in patch.set {
        let server = current.get(field).unwrap_or(&Value::Null);
        match verdict(patch, field, device, server, clocks.get(field)) {
            Verdict::Same => {}
            Verdict::Take => {
                merge.write.insert(field.clone(), device.clone());
            }
            Verdict::Met(why) => {
                if why == KeptWhy::Device {
                    merge.write.insert(field.clone(), device.clone());
                }
                merge.card |= why != KeptWhy::Superseded;
                let kept = Kept { server: server.clone(), device: device.clone(), why };
                merge.kept.insert(field.clone(), kept);
            }
        }
    }
    let foreign = clocks.values().any(|c| c.v > patch.base && c.writer != patch.clock.writer);
    merge.result = outcome(&merge, foreign);
    merge
}

fn verdict(
    patch: &Patch<'_>,
    field: &str,
    device: &Value,
    server: &Value,
    clock: Option<&FieldClock>,
) -> Verdict {
    if device == server {
        return Verdict::Same;
    }
    match policy::rule(patch.collection, field) {
        Rule::Office => Verdict::Met(KeptWhy::Server),
        Rule::Intent => Verdict::Met(KeptWhy::Intent),
        Rule::InsertOnly => Verdict::Met(KeptWhy::InsertOnly),
        Rule::Unknown => Verdict::Met(KeptWhy::Unknown),
        Rule::Lww => match clock {
            Some(clock) if patch.clock.is_older_than_own(clock) && !mutants::on(Mutant::OlderOverNewer) => {
                Verdict::Met(KeptWhy::Superseded)
            }
            Some(clock)
                if clock.v > patch.base
                    && clock.writer != patch.clock.writer
                    && !mutants::on(Mutant::FieldClockCheck) =>
            {
                let later = patch.clock.is_later_than(clock);
                Verdict::Met(if later { KeptWhy::Device } else { KeptWhy::Later })
            }
            _ => Verdict::Take,
        },
    }
}

/// `conflict` only if nothing took effect and a rule, not a clock, was the reason: then the phone must be told why.
/// Anything in between is `merged`, with what gave way in `kept`.
fn outcome(merge: &Merge, foreign: bool) -> Outcome {
    let by_clock = |why| matches!(why, KeptWhy::Later | KeptWhy::Device | KeptWhy::Superseded);
    let refused = merge.kept.values().any(|kept| !by_clock(kept.why));
    if refused && merge.write.is_empty() {
        Outcome::Conflict
    } else if !merge.kept.is_empty() || foreign {
        Outcome::Merged
    } else {
        Outcome::Applied
    }
}
