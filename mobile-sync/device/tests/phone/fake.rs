//! The least server that keeps the protocol: one engineer's scope in memory, built from the wire crate alone, so
//! that the device is held to the protocol and not to our server.

use std::collections::{BTreeMap, BTreeSet};

use mobile_sync_device::{
    Request, RequestKind, Response,
    wire::{
        Collection, EventKind, Fields, TicketStatus,
        enrol::{EnrolRequest, EnrolResponse, Policy},
        intents,
        limits::Limits,
        merge::{self, FieldClock, Patch},
        problem::SyncProblem,
        pull::{ChangeOp, PageChange, PullPage, PullRequest},
        push::{Mutation, MutationResult, Op, Outcome, PushResponse, Received, read_push},
    },
};
use serde::Serialize;
use serde_json::{Value, json};

type Key = (Collection, String);

/// Cloneable, so that a test can restore it from a backup.
#[derive(Clone)]
pub struct FakeServer {
    pub epoch: String,
    pub now: i64,
    pub limits: Limits,
    pub engineer_id: String,
    pub revoked: bool,
    pub rows: BTreeMap<Key, Fields>,
    /// How often a row was inserted: once, if all is well.
    pub written: BTreeMap<String, u32>,
    /// By device, the numbers whose effect took place, in that order.
    pub order: BTreeMap<String, Vec<i64>>,
    pub inbox: BTreeMap<String, MutationResult>,
    held: BTreeMap<(String, i64), String>,
    clocks: BTreeMap<Key, BTreeMap<String, FieldClock>>,
    feed: BTreeMap<Key, (i64, ChangeOp)>,
    version: i64,
    cards: u32,
}

impl FakeServer {
    pub fn new(now: i64) -> Self {
        Self {
            epoch: "e1".into(),
            now,
            limits: Limits::default(),
            engineer_id: "E7".into(),
            revoked: false,
            rows: BTreeMap::new(),
            written: BTreeMap::new(),
            order: BTreeMap::new(),
            inbox: BTreeMap::new(),
            held: BTreeMap::new(),
            clocks: BTreeMap::new(),
            feed: BTreeMap::new(),
            version: 0,
            cards: 0,
        }
    }

    /// Writes a row as the office does.
    pub fn put(&mut self, c: Collection, id: &str, columns: Value) {
        let Value::Object(columns) = columns else { panic!("columns are an object") };
        self.version += 1;
        let key = (c, id.to_owned());
        let clock = FieldClock::of_office(self.version, self.now);
        let clocks = self.clocks.entry(key.clone()).or_default();
        clocks.extend(columns.keys().map(|field| (field.clone(), clock.clone())));
        self.rows.entry(key.clone()).or_default().extend(columns);
        self.emit(&key, ChangeOp::Put);
    }

    /// The row leaves the engineer's scope, or everybody's.
    pub fn take_away(&mut self, c: Collection, id: &str, op: ChangeOp) {
        self.version += 1;
        self.emit(&(c, id.to_owned()), op);
    }

    pub fn status(&self, ticket_id: &str) -> TicketStatus {
        let row = &self.rows[&(Collection::Tickets, ticket_id.to_owned())];
        TicketStatus::parse(row["status"].as_str().unwrap()).unwrap()
    }

    /// Comes back from a backup, in another epoch, with a jump that outruns every version it ever gave.
    pub fn restore(&mut self, backup: &Self, epoch: &str) {
        let now = self.now;
        *self = Self { epoch: epoch.into(), now, version: backup.version + (1 << 32), ..backup.clone() };
        for (seq, _) in self.feed.values_mut() {
            *seq += 1 << 32;
        }
    }

    /// What the phone should hold.
    pub fn scope(&self) -> BTreeMap<Key, Fields> {
        let live = |key: &Key| self.feed.get(key).is_some_and(|(_, op)| *op == ChangeOp::Put);
        self.rows.keys().filter(|key| live(key)).map(|key| (key.clone(), self.doc(key))).collect()
    }

    pub fn acked_seq(&self, device: &str) -> i64 {
        let known: BTreeSet<i64> = self.order.get(device).into_iter().flatten().copied().collect();
        (1..).take_while(|seq| known.contains(seq)).last().unwrap_or(0)
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        let device = request.token.as_deref().map(|token| token.trim_start_matches("token-").to_owned());
        match (request.kind, device) {
            (RequestKind::Enrol, _) => self.enrol(&request.body),
            (_, Some(_)) if self.revoked => reply(401, &json!({"status": 401, "code": "unauthenticated"})),
            (RequestKind::Pull, Some(device)) => self.pull(&device, &request.body),
            (RequestKind::Push, Some(device)) => self.push(&device, &request.body),
            (_, None) => reply(401, &json!({})),
        }
    }

    fn enrol(&self, body: &[u8]) -> Response {
        let asked: EnrolRequest = serde_json::from_slice(body).unwrap();
        let told = EnrolResponse {
            token: format!("token-{}", asked.device_id),
            epoch: self.epoch.clone(),
            server_time: self.now,
            limits: self.limits,
            policy: Policy { engineer_id: self.engineer_id.clone(), keep_acked_days: 30 },
        };
        reply(200, &told)
    }

    fn pull(&self, device: &str, body: &[u8]) -> Response {
        let asked: PullRequest = serde_json::from_slice(body).unwrap();
        let limit = asked.limit.unwrap() as usize;
        let mut newer: Vec<_> = self.feed.iter().filter(|(_, (seq, _))| *seq > asked.cursor).collect();
        newer.sort_by_key(|(_, (seq, _))| *seq);
        let more = newer.len() > limit;
        newer.truncate(limit);
        let cursor = newer.last().map_or(asked.cursor, |(_, (seq, _))| *seq).max(1);
        let changes = newer.into_iter().map(|(key, (_, op))| self.change(key, *op)).collect();
        let acked_seq = self.acked_seq(device);
        let page =
            PullPage { epoch: self.epoch.clone(), cursor, more, acked_seq, server_time: self.now, changes };
        reply(200, &page)
    }

    fn change(&self, key: &Key, op: ChangeOp) -> PageChange {
        match op {
            ChangeOp::Put => {
                let doc = self.doc(key);
                PageChange::put(key.0, &key.1, doc["sync_v"].as_i64().unwrap(), doc)
            }
            ChangeOp::Remove => PageChange::remove(key.0, &key.1),
            ChangeOp::Delete => PageChange::delete(key.0, &key.1),
        }
    }

    fn push(&mut self, device: &str, body: &[u8]) -> Response {
        let push = read_push(body).unwrap();
        if push.epoch != self.epoch {
            return reply(409, &SyncProblem::epoch_changed(&self.epoch));
        }
        if push.mutations.len() > self.limits.push_mutations || body.len() > self.limits.body_bytes {
            return reply(413, &SyncProblem::too_large(self.limits));
        }
        let results = push.mutations.into_iter().map(|received| self.take(device, received)).collect();
        let (epoch, acked_seq) = (self.epoch.clone(), self.acked_seq(device));
        reply(200, &PushResponse { epoch, acked_seq, server_time: self.now, results })
    }

    fn take(&mut self, device: &str, received: Received) -> MutationResult {
        let m = received.parsed.unwrap();
        if let Some(first) = self.inbox.get(&m.mid) {
            let doc = self.rows.contains_key(&(m.c, m.id.clone())).then(|| self.doc(&(m.c, m.id.clone())));
            return MutationResult {
                result: Outcome::Duplicate,
                first: Some(first.result),
                doc,
                ..first.clone()
            };
        }
        let (seq, expected) = (m.seq.unwrap(), self.acked_seq(device) + 1);
        if seq > expected {
            self.held.insert((device.to_owned(), seq), received.raw.get().to_owned());
            return MutationResult { need_from: Some(expected), ..MutationResult::new(m.mid, Outcome::Held) };
        }
        let result = self.apply(device, &m);
        let mut next = seq + 1;
        while let Some(raw) = self.held.remove(&(device.to_owned(), next)) {
            let held: Mutation = serde_json::from_str(&raw).unwrap();
            self.apply(device, &held);
            next += 1;
        }
        result
    }

    fn apply(&mut self, device: &str, m: &Mutation) -> MutationResult {
        self.order.entry(device.to_owned()).or_default().push(m.seq.unwrap());
        self.version += 1;
        let key = (m.c, m.id.clone());
        let mut result = match m.op {
            Op::Insert | Op::Intent => self.insert(&key, m),
            Op::Patch => self.patch(device, &key, m),
            Op::Delete => MutationResult::new(&m.mid, Outcome::RejectedKept),
        };
        result.v = Some(self.version);
        if result.result != Outcome::Applied {
            result.doc = self.rows.contains_key(&key).then(|| self.doc(&key));
            self.emit_again(&key);
        }
        self.inbox.insert(m.mid.clone(), result.clone());
        result
    }

    fn insert(&mut self, key: &Key, m: &Mutation) -> MutationResult {
        self.rows.insert(key.clone(), m.set.clone());
        *self.written.entry(m.id.clone()).or_default() += 1;
        self.emit(key, ChangeOp::Put);
        let mut result = MutationResult::new(&m.mid, Outcome::Applied);
        if m.c == Collection::TicketEvents {
            let kind = EventKind::parse(m.set["kind"].as_str().unwrap()).unwrap();
            let ticket = (Collection::Tickets, m.set["ticket_id"].as_str().unwrap().to_owned());
            let status = self.status(&ticket.1);
            match intents::step(kind, status) {
                Ok(step) => {
                    self.rows.get_mut(&ticket).unwrap().insert("status".into(), json!(step.from(status)));
                    self.emit_again(&ticket);
                }
                Err(refusal) => {
                    result.result = Outcome::Conflict;
                    result.why = Some(refusal.to_string());
                    result.conflict = Some(self.card());
                    self.emit_again(&ticket);
                }
            }
        }
        result
    }

    fn patch(&mut self, device: &str, key: &Key, m: &Mutation) -> MutationResult {
        let mut clock = FieldClock::of_device(device, m.seq, m.hlc.as_ref(), self.now);
        let patch = Patch { collection: m.c, base: m.base.unwrap_or(0), clock: &clock, set: &m.set };
        let merged = merge::merge(&patch, &self.rows[key], self.clocks.entry(key.clone()).or_default());
        clock.v = self.version;
        for (field, value) in merged.write {
            self.rows.get_mut(key).unwrap().insert(field.clone(), value);
            self.clocks.get_mut(key).unwrap().insert(field, clock.clone());
        }
        self.emit_again(key);
        let conflict = merged.card.then(|| self.card());
        MutationResult { kept: merged.kept, conflict, ..MutationResult::new(&m.mid, merged.result) }
    }

    fn card(&mut self) -> String {
        self.cards += 1;
        format!("cf{}", self.cards)
    }

    fn doc(&self, key: &Key) -> Fields {
        let mut doc = self.rows[key].clone();
        doc.retain(|_, value| !value.is_null());
        doc.insert("id".into(), key.1.clone().into());
        doc.insert("sync_v".into(), self.feed[key].0.into());
        doc
    }

    fn emit(&mut self, key: &Key, op: ChangeOp) {
        self.feed.insert(key.clone(), (self.version, op));
    }

    /// Comes with the next pull once more, as whatever it is to this scope.
    fn emit_again(&mut self, key: &Key) {
        if let Some((seq, _)) = self.feed.get_mut(key) {
            *seq = self.version;
        }
    }
}

fn reply<T: Serialize>(status: u16, body: &T) -> Response {
    Response { status, retry_after_seconds: None, body: serde_json::to_vec(body).unwrap() }
}
