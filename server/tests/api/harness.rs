//! A running server on a fresh database, and somebody to talk to it. The write guard is on: a change that the log
//! misses fails the test. The clock stands at [`db::testing::START`] until the test sets it.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use db::testing::{Backend, START, Scratch, fresh_url};
use db::types::{Id, of};
use db::{Actor, Clock, Tx, Url};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use server::app::{self, App, AppOptions};
use server::auth::users::{self, NewUser};
use server::auth::{Role, password};
use server::config::Config;

/// The password of everybody in tests.
pub const PASSWORD: &str = "correct horse battery";

pub struct Server {
    pub app: Arc<App>,
    pub clock: Clock,
    pub base: String,
    // Last, so that the database is closed before it is removed.
    _scratch: Option<Scratch>,
    _blobs: Option<Blobs>,
}

/// A folder for photos and the like; gone with the server.
struct Blobs(PathBuf);

impl Drop for Blobs {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
        drop(std::fs::remove_file(self.0.with_extension("key")));
    }
}

impl Server {
    /// Called by `both_backends!` inside a runtime.
    pub fn fresh(backend: Backend) -> Self {
        let (url, scratch) = fresh_url(backend);
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(Self::start(&url, scratch)))
    }

    async fn start(url: &Url, scratch: Scratch) -> Self {
        let database_url = match url {
            Url::Sqlite(path) => path.to_string_lossy().into_owned(),
            Url::Postgres(url) => url.clone(),
        };
        let blobs = std::env::temp_dir().join(format!("fettle-blobs-{}", Id::<of::Session>::new()));
        let config = Config {
            database_url,
            database_readers: 4,
            workers: 1,
            // Tests plan when they want to.
            plan_seconds: 0.0,
            sla_watch: false,
            rules_run: false,
            blob_store: blobs.to_string_lossy().into_owned(),
            record_key: blobs.with_extension("key").to_string_lossy().into_owned(),
            ..Config::default()
        };
        let server = Self::serve(config, Clock::scaled(START, 0.0), Some(scratch)).await;
        Self { _blobs: Some(Blobs(blobs)), ..server }
    }

    /// A second server on the same database.
    pub async fn another(&self) -> Self {
        Self::serve(self.app.config.clone(), self.clock.clone(), None).await
    }

    /// A second server on the same database, with other settings.
    pub async fn another_with(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.app.config.clone();
        change(&mut config);
        Self::serve(config, self.clock.clone(), None).await
    }

    async fn serve(config: Config, clock: Clock, scratch: Option<Scratch>) -> Self {
        let options = AppOptions { guard: true, ..AppOptions::default() };
        let app = App::open(config, clock.clone(), options).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(app::serve(app.clone(), listener));
        Self { app, clock, base, _scratch: scratch, _blobs: None }
    }

    /// The database, to look at it from outside.
    pub fn url(&self) -> Url {
        Url::parse(&self.app.config.database_url)
    }

    /// Somebody with this role who has logged in.
    pub async fn log_in(&self, role: Role) -> Person {
        self.log_in_as(&format!("{role}-1"), role, None).await
    }

    /// Makes a user, if there is none of that name yet, and logs in.
    pub async fn log_in_as(&self, login: &str, role: Role, engineer_id: Option<&str>) -> Person {
        let new = NewUser {
            login: login.to_owned(),
            display_name: login.to_owned(),
            role,
            password: PASSWORD.to_owned(),
            engineer_id: engineer_id.map(|id| id.parse().unwrap()),
            locale: None,
            email: None,
        };
        let wanted = new.login.clone();
        let known = self.app.db.read(move |conn| users::by_login(conn, &wanted)).await.unwrap();
        if known.is_none() {
            let hash = password::hash(PASSWORD.to_owned()).await.unwrap();
            let create = move |tx: &mut Tx<'_>| users::create(tx, &new, &hash);
            self.app.db.write(Actor::system("test"), create).await.unwrap();
        }
        let person = self.stranger();
        let answer = person.post("/api/v1/session", &json!({"login": login, "password": PASSWORD})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        Person { cookie: answer.cookie, ..person }
    }

    /// Nobody in particular.
    pub fn stranger(&self) -> Person {
        Person { client: Client::new(), base: self.base.clone(), cookie: None }
    }
}

/// Somebody at a browser.
#[derive(Clone)]
pub struct Person {
    pub client: Client,
    pub base: String,
    pub cookie: Option<String>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub etag: Option<String>,
    pub location: Option<String>,
    pub content_type: String,
    pub cookie: Option<String>,
    pub replayed: bool,
    pub body: Value,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self.body
    }

    /// The stable code of a refusal, after checking that it is a proper problem document.
    #[track_caller]
    pub fn code(&self) -> &str {
        assert!(!self.status.is_success(), "expected a refusal, got {}: {}", self.status, self.body);
        assert!(!self.status.is_server_error(), "{}: {}", self.status, self.body);
        assert_eq!(self.content_type, "application/problem+json");
        assert_eq!(self.body["status"], self.status.as_u16());
        self.body["code"].as_str().unwrap()
    }

    /// The field that a refusal names.
    #[track_caller]
    pub fn field(&self) -> &str {
        self.code();
        self.body["field"].as_str().unwrap_or_else(|| panic!("no field named: {}", self.body))
    }
}

impl Person {
    /// A request that can still be changed; send it with [`send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, path: &str, etag: &str, body: &Value) -> Answer {
        send(self.request(Method::PATCH, path).header("if-match", etag).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }
}

/// Sends a request and reads the answer.
pub async fn send(request: RequestBuilder) -> Answer {
    read(request.send().await.unwrap()).await
}

async fn read(response: Response) -> Answer {
    let header = |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
    let cookie = header("set-cookie").map(|c| c.split(';').next().unwrap().to_owned());
    let (etag, location) = (header("etag"), header("location"));
    let content_type = header("content-type").unwrap_or_default();
    let replayed = header("idempotent-replayed").is_some();
    let status = response.status();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, etag, location, content_type, cookie, replayed, body }
}
