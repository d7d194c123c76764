//! The processes, the way to them, and their end.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use mobile_sync_device::{Request, RequestKind, Response};
use mobile_sync_wire::SCHEMA;
use mobile_sync_wire::enrol::EnrolResponse;
use reqwest::Client;
use serde_json::json;
use tokio::time::Instant;

use crate::server::Who;

/// Longest wait for an answer: a server that is alive answers long before.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a request goes.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// It never leaves.
    Lost,
    /// To this server; the answer never comes.
    Deaf(usize),
    /// To this server and back.
    Straight(usize),
    /// To both at the same time; the first one's answer is heard.
    Twice(usize, usize),
}

struct Process {
    child: Child,
    base: String,
}

pub struct Servers {
    database_url: String,
    running: Vec<Option<Process>>,
    http: Client,
    /// By device.
    tokens: Mutex<HashMap<String, String>>,
}

impl Drop for Servers {
    fn drop(&mut self) {
        for at in 0..self.running.len() {
            self.bury(at);
        }
    }
}

impl Servers {
    pub fn new(database_url: &str, count: usize) -> Self {
        let running = (0..count).map(|_| None).collect();
        // A connection that died with its server is not tried a second time.
        let http = Client::builder().timeout(PATIENCE).pool_max_idle_per_host(0).build().unwrap();
        let tokens = Mutex::default();
        Self { database_url: database_url.to_owned(), running, http, tokens }
    }

    pub fn count(&self) -> usize {
        self.running.len()
    }

    /// Whoever is dead is started again.
    pub fn start_all(&mut self) {
        for slot in self.running.iter_mut().filter(|slot| slot.is_none()) {
            let mut child = Command::new(env!("CARGO_BIN_EXE_fettle"))
                .args(["--database-url", &self.database_url, "serve", "--port", "0"])
                .env("FETTLE_LOG", "off")
                .env("FETTLE_PLAN_SECONDS", "0")
                .env("FETTLE_BLOB_STORE", std::env::temp_dir().join("fettle-crash"))
                .env("FETTLE_RECORD_SEAL_SECONDS", "0")
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let base = format!("http://{}", line.trim().rsplit_once("http://").unwrap().1);
            *slot = Some(Process { child, base });
        }
    }

    /// Kills one, after so many microseconds of whatever it is doing then.
    pub async fn kill_after(&self, victim: Option<usize>, micros: u64) {
        let Some(process) = victim.and_then(|victim| self.running[victim].as_ref()) else { return };
        // Nothing is waited for here: any moment is as good as any other.
        tokio::time::sleep_until(Instant::now() + Duration::from_micros(micros)).await;
        // SIGKILL: no handler runs, nothing is flushed.
        let pid = i32::try_from(process.child.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    /// Waits for the end of one that was killed.
    pub fn bury(&mut self, at: usize) {
        if let Some(mut process) = self.running[at].take() {
            drop(process.child.kill());
            process.child.wait().unwrap();
        }
    }

    /// Remembers the token that a phone was given.
    pub fn enrolled(&self, who: &Who, response: &Response) {
        if let Ok(told) = serde_json::from_slice::<EnrolResponse>(&response.body) {
            self.tokens.lock().unwrap().insert(who.device_id.to_string(), told.token);
        }
    }

    pub async fn carry(&self, who: &Who, request: &Request, way: Way) -> Option<Response> {
        match way {
            Way::Lost => None,
            Way::Deaf(at) => {
                self.post(at, who, request).await;
                None
            }
            Way::Straight(at) => self.post(at, who, request).await,
            Way::Twice(one, other) => {
                tokio::join!(self.post(one, who, request), self.post(other, who, request)).0
            }
        }
    }

    async fn post(&self, at: usize, who: &Who, request: &Request) -> Option<Response> {
        let base = &self.running[at].as_ref()?.base;
        let device = who.device_id.to_string();
        let token = self.tokens.lock().unwrap().get(&device).cloned().unwrap_or_default();
        let (path, token, body) = match request.kind {
            RequestKind::Enrol => {
                let body =
                    json!({"device_id": device, "platform": "crash", "app_version": "1", "schema": SCHEMA});
                ("devices", super::vouches(&who.user_id), body.to_string().into_bytes())
            }
            RequestKind::Pull => ("pull", token, request.body.clone()),
            RequestKind::Push => ("push", token, request.body.clone()),
        };
        let posted = self.http.post(format!("{base}/sync/v1/{path}")).bearer_auth(token);
        let answer = posted.header("content-type", "application/json").body(body).send().await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.ok()?.to_vec();
        Some(Response { status, retry_after_seconds: None, body })
    }
}
