//! A phone that runs a library which knows states and not acts, as RxDB and WatermelonDB do, behind an adapter that
//! does what PROTOCOL.md asks of such a client. Two edits of a row that meet in its outbox are one; mutations have no
//! number, and their names are derived; a batch that failed is formed anew, in any order, and sent whole.

use std::collections::{BTreeMap, BTreeSet};

use mobile_sync_device::{Answer, Moment, Request, RequestKind};
use mobile_sync_wire::enrol::EnrolResponse;
use mobile_sync_wire::limits::Limits;
use mobile_sync_wire::mutants::{self, Mutant};
use mobile_sync_wire::pull::{ChangeOp, PullPage};
use mobile_sync_wire::push::{MutationResult, Outcome, PushResponse};
use mobile_sync_wire::{Collection, Fields, Hlc};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::facts::{Facts, What};
use crate::handset::{Wish, text};
use crate::server::Who;

pub type Key = (Collection, String);

/// A row that was edited here and not acknowledged.
pub struct Dirty {
    /// The version under the first of the edits.
    pub base: i64,
    pub set: Fields,
    pub hlc: Hlc,
}

/// A mutation on its way, or acknowledged and kept.
#[derive(Clone)]
pub struct Formed {
    pub mid: String,
    pub key: Key,
    pub body: Value,
    pub is_patch: bool,
}

impl Formed {
    /// Its place among the steps of this phone; what is no step comes after them.
    fn dseq(&self) -> i64 {
        self.body["set"]["dseq"].as_i64().unwrap_or(i64::MAX)
    }
}

pub struct StatePhone {
    pub device_id: String,
    pub engineer_id: String,
    epoch: String,
    cursor: i64,
    limits: Limits,
    enrolled: bool,
    /// A new epoch: nothing is pushed before its first page has come.
    ask_first: bool,
    pulled: bool,
    number: u64,
    under_way: Option<(u64, RequestKind, Vec<Formed>)>,
    pub docs: BTreeMap<Key, Fields>,
    /// Rows that this epoch has mentioned.
    mentioned: BTreeSet<Key>,
    pub dirty: BTreeMap<Key, Dirty>,
    /// New rows that wait, in the order in which they were made.
    pub rows: Vec<Formed>,
    /// What was acknowledged, for a server that comes back from a backup.
    kept: Vec<Formed>,
    again: Vec<Formed>,
    pub dseq: i64,
    pub hlc: Hlc,
    /// The last mutation formed of each dirty row.
    formed: BTreeMap<Key, String>,
    pub index: usize,
    /// WatermelonDB pulls before it pushes, RxDB does not wait.
    pull_first: bool,
}

impl StatePhone {
    pub fn new(who: &Who, pull_first: bool) -> Self {
        let device_id = who.device_id.to_string();
        Self {
            hlc: Hlc::new(0, 0, &Hlc::tag_of(&device_id)),
            device_id,
            engineer_id: who.engineer_id.to_string(),
            epoch: String::new(),
            cursor: 0,
            limits: Limits::default(),
            enrolled: false,
            ask_first: false,
            pulled: false,
            number: 0,
            under_way: None,
            docs: BTreeMap::new(),
            mentioned: BTreeSet::new(),
            dirty: BTreeMap::new(),
            rows: Vec::new(),
            kept: Vec::new(),
            again: Vec::new(),
            dseq: 0,
            formed: BTreeMap::new(),
            index: 0,
            pull_first,
        }
    }

    pub fn restart(&mut self) {
        self.under_way = None;
        self.pulled = false;
    }

    pub fn wake(&mut self) {
        self.pulled = false;
    }

    pub fn waiting(&self) -> i64 {
        (self.dirty.len() + self.rows.len() + self.again.len()) as i64
    }

    pub fn rows(&self, collection: Collection) -> Vec<Fields> {
        self.docs.iter().filter(|((c, _), _)| *c == collection).map(|(_, doc)| doc.clone()).collect()
    }

    pub fn wish(&mut self, now: &Moment) -> Wish {
        self.number += 1;
        if !self.enrolled {
            return self.send(RequestKind::Enrol, Vec::new(), Value::Null);
        }
        if !self.ask_first && self.waiting() > 0 && (self.pulled || !self.pull_first) {
            let batch = self.batch();
            let bodies: Vec<&Value> = batch.iter().map(|formed| &formed.body).collect();
            let body = json!({"epoch": self.epoch, "sent": {"wall": now.wall, "mono": now.mono, "boot": now.boot},
                "mutations": bodies});
            return self.send(RequestKind::Push, batch, body);
        }
        if self.pulled {
            return Wish::Nothing;
        }
        let body = json!({"cursor": self.cursor, "limit": self.limits.page_limit, "schema": 1});
        self.send(RequestKind::Pull, Vec::new(), body)
    }

    fn send(&mut self, kind: RequestKind, batch: Vec<Formed>, body: Value) -> Wish {
        self.under_way = Some((self.number, kind, batch));
        let body = serde_json::to_vec(&body).unwrap();
        Wish::Send(Request { number: self.number, kind, path: "", token: None, body })
    }

    /// Everything that waits, as far as it fits; whoever made the library did not think of an order.
    fn batch(&mut self) -> Vec<Formed> {
        let mut batch: Vec<Formed> = self.again.clone();
        for (key, dirty) in &self.dirty {
            let set = Value::Object(dirty.set.clone());
            let said = format!("{}|{}|{}|{}|{set}|{}", self.device_id, key.0, key.1, dirty.base, dirty.hlc);
            let mid = db::changes::digest("", &said)[..40].to_owned();
            let body = json!({"mid": mid, "op": "patch", "c": key.0, "id": key.1, "base": dirty.base, "set": set,
                "hlc": dirty.hlc, "schema": 1});
            batch.push(Formed { mid, key: key.clone(), body, is_patch: true });
        }
        batch.extend(self.rows.iter().cloned());
        batch.truncate(self.limits.push_mutations);
        let mut chance = Chance::new(self.number);
        chance.shuffle(&mut batch);
        batch
    }

    /// The facts of the patches in a batch: they exist from the moment they are formed.
    fn note_formed(&mut self, batch: &[Formed], facts: &mut Facts) {
        for formed in batch.iter().filter(|formed| formed.is_patch) {
            if facts.made.iter().any(|made| made.mid == formed.mid) {
                continue;
            }
            if let Some(earlier) = self.formed.insert(formed.key.clone(), formed.mid.clone()) {
                facts.replace(&earlier);
            }
            let set = formed.body["set"].as_object().unwrap();
            let values =
                set.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
            facts.made.push(crate::facts::Made {
                phone: self.index,
                mid: formed.mid.clone(),
                collection: formed.key.0,
                row: formed.key.1.clone(),
                what: What::Patch(values.collect()),
                replaced: false,
            });
        }
    }

    pub fn receive(&mut self, number: u64, answer: Answer, facts: &mut Facts) {
        let Some((expected, kind, batch)) = self.under_way.take() else { return };
        if expected != number {
            self.under_way = Some((expected, kind, batch));
            return;
        }
        self.note_formed(&batch, facts);
        let Answer::Arrived(response) = answer else { return };
        match (response.status, kind) {
            (200, RequestKind::Enrol) => {
                let told: EnrolResponse = serde_json::from_slice(&response.body).unwrap();
                self.enrolled = true;
                self.limits = told.limits;
                self.change_epoch(told.epoch);
            }
            (200, RequestKind::Pull) => self.take_page(serde_json::from_slice(&response.body).unwrap()),
            (200, RequestKind::Push) => {
                let told: PushResponse = serde_json::from_slice(&response.body).unwrap();
                for result in told.results {
                    if let Some(formed) = batch.iter().find(|formed| formed.mid == result.mid) {
                        self.take_result(formed.clone(), &result);
                    }
                }
                self.pulled = false;
            }
            (401, _) => self.enrolled = false,
            (409, _) => {
                let told: Value = serde_json::from_slice(&response.body).unwrap();
                self.change_epoch(told["epoch"].as_str().unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }

    fn change_epoch(&mut self, epoch: String) {
        if self.epoch == epoch {
            return;
        }
        self.epoch = epoch;
        self.cursor = 0;
        self.pulled = false;
        self.ask_first = true;
        self.mentioned.clear();
        if !mutants::on(Mutant::RePushAfterRestore) {
            self.again.append(&mut self.kept);
            // Cut into several pushes, steps are in order only if they were before.
            self.again.sort_by_key(Formed::dseq);
        }
    }

    fn take_page(&mut self, page: PullPage) {
        if page.epoch != self.epoch {
            self.change_epoch(page.epoch);
            return;
        }
        self.ask_first = false;
        for change in page.changes {
            let Some(collection) = Collection::parse(&change.c) else { continue };
            let key = (collection, change.id);
            match (change.op, change.doc) {
                (ChangeOp::Put, Some(doc)) => self.put(key, doc),
                _ => drop(self.docs.remove(&key)),
            }
        }
        self.cursor = page.cursor;
        self.pulled = !page.more;
        if self.pulled && !mutants::on(Mutant::RowsOfOldEpoch) {
            let waiting: BTreeSet<Key> =
                self.rows.iter().chain(&self.again).map(|formed| formed.key.clone()).collect();
            self.docs.retain(|key, _| self.mentioned.contains(key) || waiting.contains(key));
        }
    }

    /// The server's row, with the columns that were edited here and not acknowledged laid over it.
    fn put(&mut self, key: Key, mut doc: Fields) {
        if let Some(dirty) = self.dirty.get_mut(&key) {
            if mutants::on(Mutant::OldBase) {
                dirty.base = doc.get("sync_v").and_then(Value::as_i64).unwrap_or(0);
            }
            doc.extend(dirty.set.clone());
        }
        self.mentioned.insert(key.clone());
        self.docs.insert(key, doc);
    }

    fn take_result(&mut self, formed: Formed, result: &MutationResult) {
        self.again.retain(|other| other.mid != formed.mid);
        self.rows.retain(|other| other.mid != formed.mid);
        let was_last = self.formed.get(&formed.key) == Some(&formed.mid);
        if formed.is_patch && was_last {
            self.formed.remove(&formed.key);
            self.settle(&formed, result.v.filter(|_| result.result == Outcome::Applied));
        }
        // A row that left the scope must not come back by a late answer.
        if let (Some(doc), true) = (&result.doc, self.docs.contains_key(&formed.key)) {
            self.put(formed.key.clone(), doc.clone());
        }
        self.kept.push(formed);
    }

    /// What is as it was sent waits no longer. Only a clean answer tells a new base: beside any other, a repeat too,
    /// the user has yet to see what others wrote.
    fn settle(&mut self, formed: &Formed, v: Option<i64>) {
        let Some(dirty) = self.dirty.get_mut(&formed.key) else { return };
        let sent = formed.body["set"].as_object().unwrap();
        dirty.set.retain(|name, value| sent.get(name) != Some(value));
        if let Some(v) = v {
            dirty.base = v;
        }
        if dirty.set.is_empty() {
            self.dirty.remove(&formed.key);
        }
        if let (Some(v), Some(doc)) = (v, self.docs.get_mut(&formed.key)) {
            doc.insert("sync_v".to_owned(), v.into());
        }
    }

    /// The version of the row that the user sees.
    pub fn version(&self, key: &Key) -> i64 {
        self.docs.get(key).and_then(|doc| doc.get("sync_v")).and_then(Value::as_i64).unwrap_or(0)
    }

    pub fn shown(&self, key: &Key, field: &str) -> String {
        self.docs.get(key).map(|doc| text(doc, field)).unwrap_or_default()
    }
}
