//! A phone that says what it is told to say, and reads the answers with the contract's own types.

use std::time::Duration;

use db::types::{Id, of};
use mobile_sync_wire::enrol::EnrolResponse;
use mobile_sync_wire::problem::SyncProblem;
use mobile_sync_wire::pull::{ChangeOp, PageChange, PullPage};
use mobile_sync_wire::push::{MutationResult, PushResponse};
use mobile_sync_wire::{Fields, Hlc, SCHEMA};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Target, Vouch, Wrong, expect};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pages after which a pull that does not end is given up.
const PAGES: usize = 100_000;

/// An id that nobody else has.
pub(crate) fn new_id() -> String {
    Id::<of::Session>::new().to_string()
}

fn failed(error: &reqwest::Error) -> Wrong {
    Wrong::Failed(format!("no answer: {error}"))
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub body: String,
}

impl Reply {
    pub async fn of(request: RequestBuilder) -> Result<Self, Wrong> {
        let response = request.send().await.map_err(|e| failed(&e))?;
        let status = response.status();
        let body = response.text().await.map_err(|e| failed(&e))?;
        Ok(Self { status, body })
    }

    /// In short, for the table.
    pub fn seen(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.body.chars().take(160).collect::<String>())
    }

    /// The body of a 200, as the contract describes it.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Wrong> {
        expect(self.status == StatusCode::OK, || self.seen())?;
        serde_json::from_str(&self.body).map_err(|e| Wrong::Failed(format!("{e}: {}", self.seen())))
    }

    /// The problem document of a refusal with this status and code.
    pub fn refusal(&self, status: u16, code: &str) -> Result<SyncProblem, Wrong> {
        let problem: Option<SyncProblem> = serde_json::from_str(&self.body).ok();
        match problem {
            Some(problem) if self.status.as_u16() == status && problem.code == code => Ok(problem),
            _ => Err(Wrong::Failed(self.seen())),
        }
    }
}

/// Enrols phones, as long as there is somebody to vouch for them.
pub(crate) struct Enrolment {
    pub http: Client,
    base: String,
    vouch: Vouch,
}

impl Enrolment {
    pub fn new(target: &Target) -> Self {
        let http = Client::builder().timeout(PATIENCE).build().unwrap_or_default();
        Self { http, base: target.base.clone(), vouch: target.vouch.clone() }
    }

    /// Who says that phones may enrol.
    pub fn vouch(&self) -> &Vouch {
        &self.vouch
    }

    /// A phone that nobody has seen before.
    pub async fn next(&mut self) -> Result<Phone, Wrong> {
        self.enrol(&new_id()).await
    }

    /// The phone of this id, perhaps once more.
    pub async fn enrol(&mut self, device_id: &str) -> Result<Phone, Wrong> {
        let mut body =
            json!({"device_id": device_id, "platform": "conform", "app_version": "1", "schema": SCHEMA});
        let request = self.http.post(format!("{}/sync/v1/devices", self.base));
        let request = match &mut self.vouch {
            Vouch::Token(token) => request.bearer_auth(token),
            Vouch::Cookie(cookie) => request.header("cookie", cookie.as_str()),
            Vouch::Codes(codes) => {
                let code = codes.pop().ok_or_else(|| Wrong::Missing("needs one more --code".to_owned()))?;
                body["code"] = code.into();
                request
            }
        };
        let told: EnrolResponse = Reply::of(request.json(&body)).await?.read()?;
        Ok(Phone {
            http: self.http.clone(),
            base: self.base.clone(),
            device_id: device_id.to_owned(),
            told,
            seq: 0,
            cursor: 0,
        })
    }
}

/// An enrolled phone.
#[derive(Clone)]
pub(crate) struct Phone {
    pub http: Client,
    pub base: String,
    pub device_id: String,
    pub told: EnrolResponse,
    /// The number of its last mutation.
    pub seq: i64,
    pub cursor: i64,
}

impl Phone {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/sync/v1{path}", self.base)).bearer_auth(&self.told.token)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply, Wrong> {
        Reply::of(self.request(Method::POST, path).json(body)).await
    }

    /// One page.
    pub async fn page(&self, asked: Value) -> Result<PullPage, Wrong> {
        self.post("/pull", &asked).await?.read()
    }

    /// All pages of this size after a cursor.
    pub async fn after(&self, cursor: i64, limit: u32) -> Result<(Vec<PullPage>, i64), Wrong> {
        let (mut pages, mut cursor) = (Vec::new(), cursor);
        for _ in 0..PAGES {
            let page = self.page(json!({"cursor": cursor, "limit": limit, "schema": SCHEMA})).await?;
            expect(page.cursor > cursor || !page.more, || {
                format!("cursor {cursor} leads to {}", page.cursor)
            })?;
            cursor = page.cursor;
            let more = page.more;
            pages.push(page);
            if !more {
                return Ok((pages, cursor));
            }
        }
        Err(Wrong::Failed(format!("`more` is still true after {PAGES} pages")))
    }

    /// What is new since it last looked.
    pub async fn news(&mut self) -> Result<Vec<PageChange>, Wrong> {
        let (pages, cursor) = self.after(self.cursor, self.told.limits.page_limit).await?;
        self.cursor = cursor;
        Ok(pages.into_iter().flat_map(|page| page.changes).collect())
    }

    /// The row as the next pull from the beginning shows it.
    pub async fn row(&self, collection: &str, id: &str) -> Result<Option<Fields>, Wrong> {
        let (pages, _) = self.after(0, self.told.limits.page_limit).await?;
        let mut changes = pages.into_iter().flat_map(|page| page.changes);
        Ok(changes.find(|c| c.c == collection && c.id == id && c.op == ChangeOp::Put).and_then(|c| c.doc))
    }

    /// A mutation with the next number; what matters is given.
    pub fn next(&mut self, given: Value) -> Value {
        self.seq += 1;
        let mut mutation = self.unnumbered(given);
        mutation["seq"] = self.seq.into();
        mutation
    }

    /// A mutation without a number.
    pub fn unnumbered(&self, given: Value) -> Value {
        let id = new_id();
        let mut mutation = json!({"mid": id, "id": id, "op": "insert", "schema": SCHEMA});
        if let (Some(all), Value::Object(given)) = (mutation.as_object_mut(), given) {
            all.extend(given);
        }
        mutation
    }

    /// A note that says this.
    pub fn note(&mut self, ticket: &str, text: &str) -> Value {
        let engineer = self.told.policy.engineer_id.clone();
        self.next(json!({"c": "notes", "set": {"ticket_id": ticket, "engineer_id": engineer, "text": text}}))
    }

    /// An edit of a ticket by somebody who saw it as of `base`.
    pub fn edit(&mut self, ticket: &str, base: i64, set: &Value) -> Value {
        self.next(json!({"op": "patch", "c": "tickets", "id": ticket, "base": base, "set": set}))
    }

    /// The phone's clock, so many milliseconds after it was enrolled.
    pub fn clock(&self, offset: i64) -> String {
        Hlc::new(self.told.server_time + offset, 0, &Hlc::tag_of(&self.device_id)).to_string()
    }

    pub async fn push(&self, mutations: Vec<Value>) -> Result<PushResponse, Wrong> {
        let count = mutations.len();
        let body = json!({"epoch": self.told.epoch, "mutations": mutations});
        let told: PushResponse = self.post("/push", &body).await?.read()?;
        expect(told.results.len() == count, || format!("{} results for {count}", told.results.len()))?;
        Ok(told)
    }

    /// The result of one mutation.
    pub async fn push_one(&self, mutation: Value) -> Result<MutationResult, Wrong> {
        let told = self.push(vec![mutation]).await?;
        told.results.into_iter().next().ok_or_else(|| Wrong::Failed("no result".to_owned()))
    }
}
