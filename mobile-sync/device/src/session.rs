//! The talk with the server: what to send next, and what an answer changes.
//!
//! One request is under way at a time. Work goes up before rows come down, so that the pull after a push shows what
//! became of it. An answer that is not the one waited for (late, repeated) changes nothing; a lost one is asked
//! for again, which the server recognises by `mid`.

use mobile_sync_wire::{
    SCHEMA, enrol::EnrolRequest, event_time::Stamp, limits::PAGE_DEFAULT, pull::PullRequest,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{Device, DeviceError, Moment, outbox};

mod answers;

/// First pause after a failure; doubles with each further one.
const FIRST_PAUSE_MS: i64 = 1_000;
/// Longest pause between two tries.
const LONGEST_PAUSE_MS: i64 = 5 * 60 * 1_000;

/// What the device wants from its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Send(Request),
    /// Nothing before the monotonic clock shows this: the last try failed.
    WaitUntil {
        mono: i64,
    },
    /// Nothing until the user acts, or somebody calls [`Device::want_pull`].
    Idle,
    /// There is no token, or the server refused it. What waits is kept.
    NeedsEnrolment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    Enrol,
    Pull,
    Push,
}

/// A POST of JSON. Compressing it is the transport's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// To be handed back with the answer.
    pub number: u64,
    pub kind: RequestKind,
    pub path: &'static str,
    /// Bearer token; `None` when enrolling, where the engineer's own session vouches.
    pub token: Option<String>,
    pub body: Vec<u8>,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Arrived(Response),
    /// No answer, whatever the reason: the server may or may not have heard it.
    Lost,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub retry_after_seconds: Option<u64>,
    pub body: Vec<u8>,
}

/// What an answer changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows put, removed or deleted.
    pub changes: usize,
    /// Mutations whose result is now known.
    pub results: usize,
    /// How many of them were not taken as sent: see [`Device::troubles`].
    pub troubles: usize,
    /// This pull reached the end.
    pub complete: bool,
    /// The server came back from a backup; all is pulled anew, and what it lacks is sent again.
    pub epoch_changed: bool,
    /// The request failed and will be tried again: a status, or 0 if there was no answer worth the name.
    pub failed: Option<u16>,
}

/// What is only in memory, and may be forgotten at any instruction.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    last_number: u64,
    under_way: Option<UnderWay>,
    /// A pull is due: at the start, after a push, when poked.
    pulled: bool,
    failures: u32,
    not_before_mono: i64,
    /// Mutations a push, once a 413 has halved it.
    batch: Option<usize>,
}

#[derive(Debug, Clone)]
struct UnderWay {
    number: u64,
    kind: RequestKind,
    sent_wall: i64,
    /// Mutations in it.
    count: usize,
}

#[derive(Serialize)]
struct PushBody<'a> {
    epoch: &'a str,
    sent: Stamp,
    mutations: &'a [Box<RawValue>],
}

impl Device {
    /// The request that enrols this device, to be sent with the engineer's own session.
    pub fn enrol(&mut self, now: &Moment) -> Result<Request, DeviceError> {
        let identity = &self.state.identity;
        let body = EnrolRequest {
            device_id: identity.device_id.clone(),
            platform: identity.platform.clone(),
            app_version: identity.app_version.clone(),
            code: None,
            schema: SCHEMA,
        };
        self.send(now, RequestKind::Enrol, serde_json::to_vec(&body)?, 0)
    }

    /// There may be something new: the user pulled down, a poke came, the network is back.
    pub fn want_pull(&mut self) {
        self.talk.pulled = false;
    }

    /// Forgets the pause after a failure: the network is back.
    pub fn try_now(&mut self) {
        self.talk.failures = 0;
        self.talk.not_before_mono = 0;
    }

    /// What to do now. A request that is still under way is given up: its answer, should it come, is ignored.
    pub fn next(&mut self, now: &Moment) -> Result<Next, DeviceError> {
        self.talk.under_way = None;
        if self.state.token.is_none() {
            return Ok(Next::NeedsEnrolment);
        }
        if now.mono < self.talk.not_before_mono {
            return Ok(Next::WaitUntil { mono: self.talk.not_before_mono });
        }
        if !self.state.ask_acked {
            let batch = self.batch()?;
            if !batch.is_empty() {
                let body = PushBody { epoch: &self.state.epoch, sent: now.stamp(), mutations: &batch };
                let body = serde_json::to_vec(&body)?;
                return Ok(Next::Send(self.send(now, RequestKind::Push, body, batch.len())?));
            }
        }
        if self.talk.pulled {
            return Ok(Next::Idle);
        }
        let body = PullRequest {
            cursor: self.state.cursor,
            limit: Some(PAGE_DEFAULT.min(self.state.limits.page_limit)),
            collections: None,
            last_seq: Some(self.state.last_seq).filter(|seq| *seq > 0),
            schema: SCHEMA,
        };
        Ok(Next::Send(self.send(now, RequestKind::Pull, serde_json::to_vec(&body)?, 0)?))
    }

    /// Takes what came of a request.
    pub fn receive(&mut self, now: &Moment, number: u64, answer: Answer) -> Result<Progress, DeviceError> {
        match self.talk.under_way.take() {
            Some(under_way) if under_way.number == number => self.take_answer(now, &under_way, answer),
            other => {
                self.talk.under_way = other;
                Ok(Progress::default())
            }
        }
    }

    fn batch(&self) -> Result<Vec<Box<RawValue>>, DeviceError> {
        let limits = &self.state.limits;
        let most = self.talk.batch.unwrap_or(limits.push_mutations).clamp(1, limits.push_mutations.max(1));
        // Room for the envelope around the mutations.
        outbox::batch(self.db(), most, limits.body_bytes.saturating_sub(1024))
    }

    fn send(
        &mut self,
        now: &Moment,
        kind: RequestKind,
        body: Vec<u8>,
        count: usize,
    ) -> Result<Request, DeviceError> {
        self.talk.last_number += 1;
        let number = self.talk.last_number;
        self.talk.under_way = Some(UnderWay { number, kind, sent_wall: now.wall, count });
        let (path, token) = match kind {
            RequestKind::Enrol => ("/sync/v1/devices", None),
            RequestKind::Pull => ("/sync/v1/pull", self.state.token.clone()),
            RequestKind::Push => ("/sync/v1/push", self.state.token.clone()),
        };
        Ok(Request { number, kind, path, token, body })
    }

    /// Tries again later, later each time; spread out, so that phones that lost one server do not return as one.
    fn pause(&mut self, now: &Moment, status: u16, retry_after_seconds: Option<u64>) -> Progress {
        let doubled = FIRST_PAUSE_MS << self.talk.failures.min(16);
        let pause = doubled.min(LONGEST_PAUSE_MS);
        let [a, b, ..] = now.random;
        let spread = pause / 2 * i64::from(u16::from_le_bytes([a, b])) / i64::from(u16::MAX);
        let asked = i64::try_from(retry_after_seconds.unwrap_or(0)).unwrap_or(0).saturating_mul(1_000);
        // A server's wish is bounded too: nobody may silence a phone for a week.
        let pause = (pause / 2 + spread).max(asked.min(LONGEST_PAUSE_MS * 12));
        self.talk.failures += 1;
        self.talk.not_before_mono = now.mono.saturating_add(pause);
        Progress { failed: Some(status), ..Progress::default() }
    }
}

/// The `engineer_id`s agree, or there is nothing yet to agree with.
fn same_engineer(known: Option<&str>, told: &str) -> bool {
    known.is_none_or(|known| known == told)
}

/// Reads a body as JSON, whatever came.
fn read<T: serde::de::DeserializeOwned>(response: &Response) -> Option<T> {
    serde_json::from_slice(&response.body).ok()
}
