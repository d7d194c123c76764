//! The telephone lines of the demo's people: HTTP to the running server, each caller with a log-in of his own, and
//! no more than a few calls at once.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::{Mutex, Semaphore};

use super::pace::Pace;
use super::people::PASSWORD;

/// Calls of all people of the demo that are under way at once.
const AT_ONCE: usize = 6;
/// Longest call.
const WITHIN: Duration = Duration::from_secs(10);

/// A call that came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The server said no.
    #[error("{path}: {status} {code}: {detail}")]
    Refused {
        /// What was called.
        path: String,
        /// The status.
        status: StatusCode,
        /// The stable code of the problem.
        code: String,
        /// In words.
        detail: String,
    },
    /// No answer, or one that makes no sense.
    #[error("{path}: {why}")]
    Lost {
        /// What was called.
        path: String,
        /// What happened instead.
        why: String,
    },
}

impl CallError {
    fn lost(path: &str, why: impl ToString) -> Self {
        Self::Lost { path: path.to_owned(), why: why.to_string() }
    }

    /// Whether the server refused, rather than being away.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

/// The way to the server.
#[derive(Clone)]
pub struct Line {
    client: Client,
    base: String,
    gate: Arc<Semaphore>,
    pace: Arc<Pace>,
}

impl Line {
    /// To the server at this address.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn to(base: &str) -> Result<Self, CallError> {
        // No proxy: the server is on this machine. No compression: it would only cost time here.
        let client = Client::builder().no_proxy().no_gzip().timeout(WITHIN).build();
        let client = client.map_err(|e| CallError::lost(base, e))?;
        Ok(Self {
            client,
            base: base.to_owned(),
            gate: Arc::new(Semaphore::new(AT_ONCE)),
            pace: Arc::default(),
        })
    }

    /// Whether its calls come through in time.
    pub fn pace(&self) -> &Arc<Pace> {
        &self.pace
    }

    /// A request that can still be changed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Sends a request when it is its turn; status, headers and body.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn send(&self, path: &str, request: RequestBuilder) -> Result<Reply, CallError> {
        let _call = self.pace.call();
        let _turn = self.gate.acquire().await.map_err(|e| CallError::lost(path, e))?;
        let response = request.send().await.map_err(|e| CallError::lost(path, e))?;
        let status = response.status();
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let (cookie, retry_after) = (header("set-cookie"), header("retry-after"));
        let body = response.bytes().await.map_err(|e| CallError::lost(path, e))?;
        Ok(Reply { status, cookie, retry_after, body: body.to_vec() })
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// A cookie that was set.
    pub cookie: Option<String>,
    /// How long to wait.
    pub retry_after: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        if !self.status.is_success() {
            return Err(self.refusal(path));
        }
        // An empty body is read as nothing, so that a call which needs no answer takes any.
        let body: &[u8] = if self.body.is_empty() { b"null" } else { &self.body };
        serde_json::from_slice(body).map_err(|e| CallError::lost(path, e))
    }

    fn refusal(&self, path: &str) -> CallError {
        let problem: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        let (code, detail) = (text("code"), text("detail"));
        CallError::Refused { path: path.to_owned(), status: self.status, code, detail }
    }
}

/// How somebody shows who he is.
enum Pass {
    /// By log-in; the cookie that it gave.
    Cookie(Mutex<Option<String>>),
    /// By a token of another program.
    Token(String),
}

/// Somebody who calls the server.
pub struct Caller {
    line: Line,
    login: String,
    pass: Pass,
}

impl Caller {
    /// Somebody with a log-in of the demo; he logs in when he first calls, and again when his session has ended.
    pub fn new(line: &Line, login: &str) -> Self {
        Self { line: line.clone(), login: login.to_owned(), pass: Pass::Cookie(Mutex::new(None)) }
    }

    /// A program with a token.
    pub fn with_token(line: &Line, token: String) -> Self {
        Self { line: line.clone(), login: String::new(), pass: Pass::Token(token) }
    }

    /// Asks.
    ///
    /// # Errors
    /// A refusal, or no answer.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        self.call(path, || self.line.request(Method::GET, path)).await?.read(path)
    }

    /// Does something.
    ///
    /// # Errors
    /// A refusal, or no answer.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, CallError> {
        self.call(path, || self.line.request(Method::POST, path).json(body)).await?.read(path)
    }

    /// Makes something, once for this key.
    ///
    /// # Errors
    /// A refusal, or no answer.
    pub async fn create<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &impl Serialize,
    ) -> Result<T, CallError> {
        let request = || self.line.request(Method::POST, path).header("idempotency-key", key).json(body);
        self.call(path, request).await?.read(path)
    }

    /// Ends something.
    ///
    /// # Errors
    /// A refusal, or no answer.
    pub async fn delete(&self, path: &str) -> Result<(), CallError> {
        self.call(path, || self.line.request(Method::DELETE, path)).await?.read(path)
    }

    /// A request under his name, whatever comes of it.
    ///
    /// # Errors
    /// When no answer came, or he cannot log in.
    pub async fn call(&self, path: &str, request: impl Fn() -> RequestBuilder) -> Result<Reply, CallError> {
        let pass = match &self.pass {
            Pass::Token(token) => {
                let request = request().bearer_auth(token);
                return self.line.send(path, request).await;
            }
            Pass::Cookie(cookie) => cookie,
        };
        let known = pass.lock().await.clone();
        if let Some(cookie) = known {
            let reply = self.line.send(path, request().header("cookie", cookie)).await?;
            if reply.status != StatusCode::UNAUTHORIZED {
                return Ok(reply);
            }
        }
        let cookie = self.log_in().await?;
        *pass.lock().await = Some(cookie.clone());
        self.line.send(path, request().header("cookie", cookie)).await
    }

    async fn log_in(&self) -> Result<String, CallError> {
        let path = "/api/v1/session";
        let who = json!({"login": self.login, "password": PASSWORD});
        let reply = self.line.send(path, self.line.request(Method::POST, path).json(&who)).await?;
        let cookie = reply.cookie.as_deref().and_then(|c| c.split(';').next()).map(str::to_owned);
        cookie.ok_or_else(|| reply.refusal(path))
    }
}

/// A page of a list.
#[derive(Debug, serde::Deserialize)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// Most pages that are read of one list.
const PAGES: usize = 100;

impl Caller {
    /// All rows of a list; `path` may have a query already.
    ///
    /// # Errors
    /// A refusal, or no answer.
    pub async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, CallError> {
        let mut found = Vec::new();
        let mut after = String::new();
        let joint = if path.contains('?') { '&' } else { '?' };
        for _ in 0..PAGES {
            let page: List<T> = self.get(&format!("{path}{joint}limit=200{after}")).await?;
            found.extend(page.items);
            match page.next {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        Ok(found)
    }
}
