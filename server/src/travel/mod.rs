//! How long journeys take. A road engine, if one is configured, is asked ahead of time and off the path of every
//! write; its answers are kept by cell (`known`) and read from there (`roads`). What is not known is the straight
//! line, corrected by what finished journeys have taught ([`calibration`]).
//!
//! Whoever is about to rank says which legs he will ask for ([`Travel::prefetch`]) and waits a quarter of a second
//! for them at most; what was asked for and missing is fetched behind him ([`run`]). A dead or slow engine is left
//! alone for a while and tried again (`breaker`): nothing waits for it, and dossiers and plans say so.

pub mod ahead;
mod basis;
mod breaker;
pub mod calibration;
mod cell;
pub mod engine;
pub mod fetch;
pub mod journeys;
mod known;
mod osrm;
mod rectangles;
mod roads;
mod valhalla;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use db::Db;
use dispatch::{Point, StraightLine};

pub use basis::{Times, TravelBasis, Why};
pub use roads::Roads;

use self::breaker::Breaker;
use self::calibration::Calibration;
use self::cell::Cell;
use self::engine::Engine;
use self::known::{Known, Wanted};
use crate::app::App;
use crate::config::Config;
use crate::error::Error;

/// So long a ticket waits for road times, and no longer.
pub const PATIENCE: Duration = Duration::from_millis(250);
/// How often the background looks for missing times when nobody wakes it, in real time.
const EVERY: Duration = Duration::from_secs(1);
/// How often what journeys have taught is read again, in real time.
const RELEARN: Duration = Duration::from_secs(60);
/// Most pairs that the background asks for in one go.
const ROUND: usize = 2_000;
/// So many answers in a row may come too late before nobody waits for them any more.
const LATE: u32 = 3;
/// So many calls in a row may fail before the engine is left alone.
const FAILURES: u32 = 2;

/// The road engine and all that belongs to it.
struct Road {
    engine: Engine,
    known: Known,
    wanted: Wanted,
    /// It does not answer.
    dead: Breaker,
    /// It answers, but too late to be waited for.
    slow: Breaker,
}

/// Journey times, for everybody in this process.
pub struct Travel {
    road: Option<Road>,
    calibration: RwLock<Arc<Calibration>>,
    relearned: Mutex<Option<Instant>>,
}

impl Travel {
    /// As configured; nothing is asked yet.
    ///
    /// # Errors
    /// An engine without an address, or with one that is none.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let engine = Engine::configured(config.travel_engine, &config.travel_url)?;
        let road = engine.map(|engine| Road {
            engine,
            known: Known::default(),
            wanted: Wanted::default(),
            dead: Breaker::after(FAILURES),
            slow: Breaker::after(LATE),
        });
        Ok(Self { road, calibration: RwLock::default(), relearned: Mutex::new(None) })
    }

    /// Whether there is anybody to ask.
    pub fn has_engine(&self) -> bool {
        self.road.is_some()
    }

    /// Whether anything is known beyond the straight line.
    pub fn knows_better(&self) -> bool {
        self.has_engine() || !self.calibration().is_empty()
    }

    fn calibration(&self) -> Arc<Calibration> {
        self.calibration.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is known now, for one question; it never blocks.
    pub fn roads(&self, straight: StraightLine) -> Roads<'_> {
        Roads::new(self, straight)
    }

    /// What the engine said of this leg, without a correction.
    fn engine_seconds(&self, from: Point, to: Point) -> Option<u32> {
        self.road.as_ref()?.known.get(Cell::of(from), Cell::of(to)).flatten()
    }

    /// Reads again what journeys have taught.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn relearn(&self, db: &Db) -> Result<(), Error> {
        let learned = Arc::new(db.read(calibration::load).await?);
        *self.calibration.write().unwrap_or_else(PoisonError::into_inner) = learned;
        Ok(())
    }

    async fn relearn_if_old(&self, db: &Db) -> Result<(), Error> {
        let now = Instant::now();
        {
            let mut last = self.relearned.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|last| now < last + RELEARN) {
                return Ok(());
            }
            *last = Some(now);
        }
        self.relearn(db).await
    }

    /// Asks for the legs that are not known yet, and waits a moment for them. What comes later is kept all the same.
    pub async fn prefetch(self: &Arc<Self>, legs: Vec<(Point, Point)>) {
        let Some(road) = &self.road else { return };
        let missing = road.known.missing(legs);
        if missing.is_empty() {
            return;
        }
        let now = Instant::now();
        if !road.slow.may_ask(now) || !road.dead.may_ask(now) {
            road.wanted.add(missing);
            return;
        }
        let asking = self.clone();
        let fetched = tokio::spawn(async move { asking.fetch(missing).await });
        match tokio::time::timeout(PATIENCE, fetched).await {
            Ok(_) => road.slow.answered(),
            Err(_) => {
                road.slow.failed(Instant::now());
            }
        }
    }

    /// Asks the engine for these pairs, and keeps what it says.
    async fn fetch(&self, pairs: Vec<(Point, Point)>) {
        let Some(road) = &self.road else { return };
        for rectangle in rectangles::cover(&pairs) {
            match fetch::matrix(&road.engine, &rectangle.sources, &rectangle.targets).await {
                Ok(table) => {
                    road.dead.answered();
                    road.known.learn(&rectangle.sources, &rectangle.targets, &table);
                }
                Err(why) => {
                    if road.dead.failed(Instant::now()) {
                        tracing::warn!(%why, "the road engine does not answer: journeys are straight lines for now");
                    }
                    // They are what it is tried with next time.
                    road.wanted.add(pairs);
                    return;
                }
            }
        }
    }

    /// Fetches what was asked for and missing; returns how many pairs were tried.
    pub async fn fill(&self) -> usize {
        let Some(road) = &self.road else { return 0 };
        if road.wanted.is_empty() || !road.dead.may_ask(Instant::now()) {
            return 0;
        }
        let wanted = road.known.missing(road.wanted.take(ROUND));
        let count = wanted.len();
        self.fetch(wanted).await;
        count
    }

    fn is_dead(&self) -> bool {
        self.road.as_ref().is_some_and(|road| road.dead.is_open())
    }
}

/// Runs for ever.
pub async fn run(app: Arc<App>) {
    loop {
        if let Err(error) = app.travel.relearn_if_old(&app.db).await {
            tracing::warn!(%error, "what journeys have taught could not be read");
        }
        let busy = app.travel.fill().await > 0;
        match &app.travel.road {
            Some(road) if busy => road.wanted.some(EVERY / 20).await,
            Some(road) => road.wanted.some(EVERY).await,
            None => tokio::time::sleep(RELEARN).await,
        }
    }
}
