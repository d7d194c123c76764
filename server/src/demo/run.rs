//! The command `fettle demo`: opens or makes the database, serves it on this machine alone, plays the day, and says
//! at the end whether everything was as it should be.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use db::{Clock, Db, Timestamp, Url};
use jiff::civil::Date;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::data::Data;
use super::error::DemoError;
use super::keeper::{self, Times};
use super::line::Line;
use super::load;
use super::new_york::NewYork;
use super::play::Play;
use super::world::World;
use crate::app::{self, App, AppOptions};
use crate::config::Config;
use crate::error::Error;
use crate::http::checks::ServiceArea;
use crate::schedule::policies;

/// Degrees around Midtown in which the demo takes coordinates.
const AROUND: f64 = 0.5;
/// The hour at which the first day begins.
const FIRST_HOUR: i8 = 7;

/// How often somebody looks whether the demo's hours are over, in real time.
const LOOK: Duration = Duration::from_millis(200);
const HOUR_MS: f64 = 3_600_000.0;

/// How the demo is played.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Simulated seconds in a second.
    #[arg(long, default_value_t = 20.0)]
    pub speed: f64,
    /// Port to listen on, on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Folder of the database and of the simulated phones.
    #[arg(long, default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// Forget the demo of the last time.
    #[arg(long)]
    pub fresh: bool,
    /// The clock stands still and nothing is played.
    #[arg(long)]
    pub paused: bool,
    /// Begin on this day instead of today, as 2026-11-23: the same day brings the same breakdowns.
    #[arg(long, value_name = "DATE")]
    pub date: Option<Date>,
    /// A second visit has a price, and likely parts are brought where that is cheaper.
    #[arg(long)]
    pub first_visit: bool,
    /// Stop after so many hours of the demo's day, check what it promises, and fail if that does not hold.
    #[arg(long, value_name = "N")]
    pub for_hours: Option<f64>,
}

/// The fastest clock that the people of the demo can follow.
const FASTEST: f64 = 1_000.0;

impl Options {
    /// The database's file.
    pub fn file(&self) -> PathBuf {
        // A name of its own: `--fresh` must never forget a real server's database.
        self.data.join("demo.db")
    }

    /// What was carried from where to where.
    fn diary(&self) -> PathBuf {
        self.data.join("shelves.txt")
    }

    fn phones(&self) -> PathBuf {
        self.data.join("phones")
    }

    /// How fast the clock runs.
    pub fn pace(&self) -> f64 {
        if self.paused { 0.0 } else { self.speed.clamp(0.1, FASTEST) }
    }

    fn forget(&self) -> Result<(), DemoError> {
        let file = self.file();
        for suffix in ["", "-wal", "-shm"] {
            let mut name = file.clone().into_os_string();
            name.push(suffix);
            gone(Path::new(&name), std::fs::remove_file(&name))?;
        }
        gone(&self.diary(), std::fs::remove_file(self.diary()))?;
        gone(&self.phones(), std::fs::remove_dir_all(self.phones()))
    }
}

fn gone(path: &Path, removed: std::io::Result<()>) -> Result<(), DemoError> {
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(DemoError::Io(path.display().to_string(), error))
        }
        _ => Ok(()),
    }
}

/// A demo that runs.
pub struct Demo {
    /// The server.
    pub app: Arc<App>,
    /// The world around it.
    pub world: Arc<World>,
    /// Where it is served.
    pub base: String,
    /// When it began.
    pub began_at: Timestamp,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    keeping: Option<JoinHandle<()>>,
    play: Option<Play>,
}

impl Demo {
    /// Opens or makes the database, serves it, and plays.
    ///
    /// # Errors
    /// A port or file that cannot be had, or a failure of the database.
    pub async fn start(options: &Options, config: Config) -> Result<Self, DemoError> {
        if options.fresh {
            options.forget()?;
        }
        let io = |what: String| move |e| DemoError::Io(what, e);
        std::fs::create_dir_all(&options.data).map_err(io(options.data.display().to_string()))?;
        let config = configure(config, options);
        let address = format!("127.0.0.1:{}", config.port);
        let listener = TcpListener::bind(&address).map_err(io(address))?;
        let base = format!("http://{}", listener.local_addr().map_err(io("address".to_owned()))?);
        let data = Data::read()?;
        let times = prepare(&config, &data, first_moment(options.date)).await?;
        let clock = Clock::scaled(times.shown_at, options.pace());
        let app_options = AppOptions { demo_logins: load::logins(), ..AppOptions::default() };
        let app = App::open(config, clock.clone(), app_options).await?;
        keeper::extend_roster(&app.db).await?;
        if options.first_visit {
            ask_for_first_visits(&app).await?;
        }
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(app::serve_until(app.clone(), listener, async move {
            // Dropped without a word, too, is the end.
            let _ = stopped.await;
        }));
        let world = Arc::new(World::new(data, clock.clone(), Line::to(&base)?));
        let began_at = times.began_at;
        let (diary, anew) = (options.diary(), times.shown_at == began_at);
        let kept = world.shelves().keep_diary(&diary, anew);
        kept.map_err(io(diary.display().to_string()))?;
        let (mut keeping, mut play) = (None, None);
        if !options.paused {
            keeping = Some(tokio::spawn(keeper::run(app.db.clone(), clock, began_at)));
            play = Some(Play::start(world.clone(), options.phones(), began_at)?);
        }
        Ok(Self { app, world, base, began_at, stop, serving, keeping, play })
    }

    /// Runs until the server is told to stop by a signal, or so many hours of the demo's day.
    pub async fn run(&mut self, hours: Option<f64>) {
        let end = hours.map(|hours| self.world.now().plus_millis((hours * HOUR_MS) as i64));
        let clock = self.world.clock.clone();
        let end = async move {
            let mut timer = tokio::time::interval(LOOK);
            while end.is_none_or(|end| clock.now() < end) {
                timer.tick().await;
            }
        };
        tokio::select! {
            _ = &mut self.serving => {}
            () = end => {}
        }
    }

    /// Sends the people home, stops the server, and keeps the time.
    ///
    /// # Errors
    /// Why the play could not begin, if it could not; a failure of the database.
    pub async fn stop(self) -> Result<(), DemoError> {
        let Self { app, began_at, stop, serving, keeping, play, world, .. } = self;
        let played = match play {
            Some(play) => tokio::task::spawn_blocking(move || play.stop()).await.unwrap_or(Ok(())),
            None => Ok(()),
        };
        let _ = stop.send(());
        if !serving.is_finished() {
            let _ = serving.await;
        }
        if let Some(keeping) = keeping {
            keeping.abort();
            keeper::keep(&app.db, Times { began_at, shown_at: world.now() }).await?;
        }
        played
    }
}

/// The settings of the demo, whatever those of a real server are.
fn configure(config: Config, options: &Options) -> Config {
    let [west, south, east, north] = config.tiles.bounds;
    Config {
        organisation: "Midtown Lift Service".to_owned(),
        listen: "127.0.0.1".to_owned(),
        port: options.port,
        database_url: options.file().to_string_lossy().into_owned(),
        secure_cookies: false,
        service_area: ServiceArea {
            west: west - AROUND,
            south: south - AROUND,
            east: east + AROUND,
            north: north + AROUND,
        },
        ..config
    }
}

/// What the demo's company pays for having to come twice, in minutes.
const SECOND_VISIT_MINUTES: f64 = 120.0;

/// Gives the demo the policy under which first visits count; a policy that somebody changed stays.
async fn ask_for_first_visits(app: &App) -> Result<(), Error> {
    let write = |tx: &mut db::Tx<'_>| {
        let known = policies::current(tx.conn())?;
        if known.version > 1 {
            return Ok(());
        }
        let mut body = known.body.0;
        body.general.second_visit_minutes = SECOND_VISIT_MINUTES;
        policies::replace(tx, &body).map(drop)
    };
    app.db.write(db::Actor::system("demo"), write).await?;
    app.board.catch_up(&app.db).await
}

/// Loads the demo if it is not there yet; the time at which it goes on.
async fn prepare(config: &Config, data: &Data, first: Timestamp) -> Result<Times, DemoError> {
    let db = Db::open(db::Options {
        clock: Clock::scaled(first, 0.0),
        hook: Some(mobile_sync::feed::scopes),
        ..db::Options::new(Url::parse(&config.database_url))
    })?;
    if let Some(times) = db.read(keeper::times).await? {
        return Ok(times);
    }
    load::load(&db, data, first).await?;
    let times = db.read(keeper::times).await?;
    times.ok_or_else(|| Error::Internal("the demo was not loaded".to_owned()).into())
}

/// Seven in the morning of the first day, in New York.
fn first_moment(date: Option<Date>) -> Timestamp {
    let clocks = NewYork::default();
    let today = clocks.local(db::clock::real_now()).date();
    clocks.hour(date.unwrap_or(today), FIRST_HOUR, 0)
}
