//! The application: what all handlers share, the table of routes, and the server that runs them until it is told to
//! stop.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::{Compress, DefaultHeaders, from_fn};
use actix_web::{HttpServer, web};
use db::{Clock, Db, Options, Url};
use mobile_sync::fleet::Seen;
use tokio::sync::watch;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;

use crate::auth::{self, session};
use crate::config::Config;
use crate::error::Error;
use crate::live::Live;
use crate::record::Keeper;
use crate::schedule::Board;
use crate::schedule::planner::{self, Planner};
use crate::storage::Storage;
use crate::sync::devices;
use crate::sync::stream::{self, Pokes};
use crate::sync::wake::{self, Sleepers};
use crate::tickets::Known;
use crate::travel::{self, Travel};
use crate::{assets, confirmations, housekeeping, meta, metrics, openapi, positions, record, routes};

/// What all handlers share.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Sessions looked up of late.
    pub sessions: session::Remembered,
    /// Wrong passwords of late.
    pub attempts: auth::routes::Attempts,
    /// Every engineer in memory, for dispatch.
    pub board: Board,
    /// How long journeys take.
    pub travel: Arc<Travel>,
    /// Skills and parts that tickets have named.
    pub known: Known,
    /// What the links of customers are made with.
    pub confirmation_key: confirmations::Key,
    /// What the planner remembers.
    pub planner: Planner,
    /// Positions on their way to the database.
    pub positions: positions::Buffer,
    /// The change log as a stream.
    pub live: Live,
    /// The phones that listen.
    pub pokes: Pokes,
    /// The phones that are woken when they do not.
    pub sleepers: Sleepers,
    /// When phones were last heard of, on the way to the database.
    pub seen: Seen,
    /// Where bytes go that are no rows.
    pub storage: Storage,
    /// Whether the server is on its way down.
    pub stopping: watch::Sender<bool>,
    /// What seals the change log.
    pub record: Keeper,
    /// Counters for `/metrics`.
    pub metrics: metrics::Metrics,
    /// Log-ins of the demo, shown on the log-in page; empty on a real server.
    pub demo_logins: Vec<meta::DemoLogin>,
}

/// How long open requests may take to end after the signal to stop.
const STOP_SECONDS: u64 = 10;
/// How long a connection may be idle: longer than clients and proxies keep theirs, so that they end it first, and no
/// request runs into one that is just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Longest wait for the headers of a request.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

impl App {
    /// Opens the database and loads what dispatch keeps in memory.
    ///
    /// # Errors
    /// When the database cannot be opened or read.
    pub async fn open(config: Config, clock: Clock, options: AppOptions) -> Result<Arc<Self>, Error> {
        let database = Options {
            clock,
            readers: config.database_readers,
            hook: Some(mobile_sync::feed::scopes),
            guard: options.guard,
            ..Options::new(Url::parse(&config.database_url))
        };
        Self::over(config, Db::open(database)?, options).await
    }

    /// Like [`open`](Self::open), over a database that is open.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn over(config: Config, db: Db, options: AppOptions) -> Result<Arc<Self>, Error> {
        let storage = Storage::open(&config)?;
        let travel = Arc::new(Travel::new(&config)?);
        travel.relearn(&db).await?;
        let board = Board::load(&db, travel.clone()).await?;
        // From where the board stopped reading: it learns from the same follower, and must miss nothing.
        let live = Live::new(board.cursor());
        Ok(Arc::new(Self {
            config,
            db,
            sessions: session::remembered(),
            attempts: auth::routes::attempts(),
            board,
            travel,
            known: Known::default(),
            confirmation_key: confirmations::Key::default(),
            planner: Planner::default(),
            positions: positions::Buffer::default(),
            live,
            pokes: Pokes::default(),
            sleepers: Sleepers::default(),
            seen: Seen::default(),
            storage,
            stopping: watch::channel(false).0,
            record: Keeper::default(),
            metrics: metrics::Metrics::default(),
            demo_logins: options.demo_logins,
        }))
    }

    /// Done when the server is on its way down: whoever would listen for ever must not hold it up.
    pub async fn stopped(&self) {
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// Whether this log-in is one of the demo's, whose passwords everybody knows.
    pub fn is_demo_login(&self, login: &str) -> bool {
        self.demo_logins.iter().any(|known| known.login == login)
    }
}

/// What differs between a real server, the demo and a test.
#[derive(Debug, Clone, Default)]
pub struct AppOptions {
    /// Fail transactions whose log misses a write (tests).
    pub guard: bool,
    /// Log-ins that the log-in page offers.
    pub demo_logins: Vec<meta::DemoLogin>,
}

/// The description of all routes, generated from them.
pub fn description() -> OpenApi {
    let (_, api) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(openapi::base())
        .configure(routes::all)
        .split_for_parts();
    openapi::finish(api)
}

/// Serves until SIGTERM or Ctrl-C; then no new requests, and the open ones are finished.
///
/// # Errors
/// When the listener fails.
pub async fn serve(app: Arc<App>, listener: TcpListener) -> std::io::Result<()> {
    serve_until(app, listener, std::future::pending()).await
}

/// Like [`serve`], and until `stop` is done.
///
/// # Errors
/// When the listener fails.
pub async fn serve_until(
    app: Arc<App>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let background = spawn_background(&app);
    let data = web::Data::from(app.clone());
    let description = web::Data::new(description());
    let workers = app.config.workers;
    let server = HttpServer::new(move || {
        let (inner, _) = actix_web::App::new().into_utoipa_app().configure(routes::all).split_for_parts();
        inner
            .app_data(data.clone())
            .app_data(description.clone())
            .configure(assets::pages)
            .wrap(from_fn(session::middleware))
            .wrap(from_fn(metrics::middleware))
            .wrap(
                DefaultHeaders::new()
                    .add(("x-content-type-options", "nosniff"))
                    .add(("referrer-policy", "same-origin")),
            )
            .wrap(Compress::default())
    })
    .workers(workers)
    // Small events go out at once, instead of waiting 40 ms for the receipt of the one before.
    .tcp_nodelay(true)
    .client_request_timeout(HEADERS_WITHIN)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(STOP_SECONDS)
    .shutdown_signal(stopping(app.clone(), stop))
    .listen(listener)?
    .run();
    let result = server.await;
    for task in background {
        task.abort();
    }
    // What phones and cars reported in the last moment is not lost either.
    if let Err(error) = positions::flush(&app).await {
        tracing::warn!(%error, "last positions were not written");
    }
    if let Err(error) = devices::flush(&app).await {
        tracing::warn!(%error, "when phones were last seen was not written");
    }
    result
}

/// Done when the server is to stop; whoever listens for ever is sent away, so that it does not wait for him.
async fn stopping(app: Arc<App>, stop: impl Future<Output = ()>) {
    tokio::select! {
        () = stop => {}
        () = told_to_stop() => {}
    }
    app.stopping.send_replace(true);
}

/// SIGTERM or Ctrl-C.
async fn told_to_stop() {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "Ctrl-C cannot be heard");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            },
            Err(_) => interrupted.await,
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}

fn spawn_background(app: &Arc<App>) -> Vec<tokio::task::JoinHandle<()>> {
    vec![
        tokio::spawn(crate::live::follow(app.clone())),
        tokio::spawn(crate::presence::follow(app.clone())),
        tokio::spawn(stream::follow(app.clone())),
        tokio::spawn(wake::run(app.clone())),
        tokio::spawn(positions::flush_forever(app.clone())),
        tokio::spawn(housekeeping::run(app.clone())),
        tokio::spawn(crate::schedule::queue::run(app.clone())),
        tokio::spawn(planner::run(app.clone())),
        tokio::spawn(crate::sla::watch::run(app.clone())),
        tokio::spawn(crate::rules::run::run(app.clone())),
        tokio::spawn(crate::webhook::run(app.clone())),
        tokio::spawn(crate::mail::run(app.clone())),
        tokio::spawn(travel::run(app.clone())),
        tokio::spawn(record::run(app.clone())),
    ]
}
