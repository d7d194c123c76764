//! The same phones and the same office, but real servers: processes of the program over HTTP on a file or on
//! PostgreSQL, there two of them, killed at any moment while requests are under way. Time is the wall's, and what
//! meets what is left to the machine, so a run cannot be played again byte for byte; judged it is as any other.

mod copy;
mod servers;

use std::collections::BTreeMap;
use std::sync::Arc;

use db::testing::{Backend, fresh_url};
use db::{Actor, Clock, Tx, Url};
use futures_util::future::join_all;
use mobile_sync_device::{Answer, Request, RequestKind, Response};
use server::app::{App, AppOptions};
use server::auth::session::{self, NewSession};
use server::auth::{Entrance, Role};
use server::config::Config;
use server::error::Error;
use tokio::runtime::Runtime;

use crate::chance::Chance;
use crate::check;
use crate::desk::Desk;
use crate::facts::{self, Facts};
use crate::handset::{Handset, Wish};
use crate::office;
use crate::town::{self, Town};
use servers::{Servers, Way};

const PHONES: usize = 4;
/// Exchanges of each phone in one round.
const EXCHANGES: usize = 6;
/// Rounds of calm after which everything must have been said.
const CALM: usize = 12;
/// Exchanges of one phone in a round of calm.
const MANY: usize = 400;

/// The office at the real database, beside the servers.
struct Real {
    app: Arc<App>,
    runtime: Arc<Runtime>,
}

impl Desk for Real {
    fn app(&self) -> Arc<App> {
        self.app.clone()
    }

    fn write<T: Send + 'static>(
        &mut self,
        who: &str,
        body: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.runtime.block_on(self.app.db.write(Actor::system(who), body))
    }
}

struct Play {
    desk: Real,
    town: Town,
    servers: Servers,
    phones: Vec<Handset>,
    facts: Facts,
    chance: Chance,
    /// What went wrong on purpose, by kind.
    faults: BTreeMap<&'static str, u64>,
    exchanges: u64,
    pushes: u64,
}

/// Plays so many rounds on a new database: what was played, or what is wrong.
pub fn play(backend: Backend, seed: u64, rounds: u64) -> Result<String, String> {
    let (url, scratch) = fresh_url(backend);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = Arc::new(runtime.unwrap());
    let mut play = Play::new(&url, runtime, seed);
    for _ in 0..rounds {
        play.round();
    }
    play.calm()?;
    let wrong = check::all(&copy::of(&url), &play.facts, &play.phones);
    let Play { facts, faults, exchanges, pushes, .. } = &play;
    let made = facts.made.len();
    drop(scratch);
    match wrong.first() {
        Some(first) => Err(format!("{first} (and {} more)", wrong.len() - 1)),
        None => Ok(format!(
            "{backend:?}: {rounds} rounds, {made} mutations, {exchanges} exchanges, {pushes} of them pushes, {faults:?}"
        )),
    }
}

fn now() -> i64 {
    db::clock::real_now().millis()
}

/// The session that vouches for a phone.
fn vouches(user: &db::types::UserId) -> String {
    format!("crash-{user}")
}

impl Play {
    fn new(url: &Url, runtime: Arc<Runtime>, seed: u64) -> Self {
        let database_url = match url {
            Url::Sqlite(path) => path.to_string_lossy().into_owned(),
            Url::Postgres(url) => url.clone(),
        };
        let blob_store = std::env::temp_dir().join("fettle-crash").to_string_lossy().into_owned();
        let config =
            Config { database_url: database_url.clone(), plan_seconds: 0.0, blob_store, ..Config::default() };
        let app = runtime.block_on(App::open(config, Clock::system(), AppOptions::default())).unwrap();
        let mut desk = Real { app, runtime };
        let town = town::build(&mut desk);
        for (_, user_id) in town.engineers.clone() {
            let (entrance, role) = (Entrance::Integration, Role::Engineer);
            let open = move |tx: &mut Tx<'_>| {
                let session =
                    NewSession { user_id, entrance, name: "crash".to_owned(), role, device_id: None };
                session::open(tx, &vouches(&user_id), &session).map(drop)
            };
            desk.write("crash", open).unwrap();
        }
        let mut chance = Chance::new(seed);
        let phones = (0..PHONES).map(|nth| Handset::new(nth, &town, now(), &mut chance)).collect();
        // One file has one server; a database has as many as one likes.
        let count = if matches!(url, Url::Sqlite(_)) { 1 } else { 2 };
        let servers = Servers::new(&database_url, count);
        let (facts, faults) = (Facts::default(), BTreeMap::new());
        Self { desk, town, servers, phones, facts, chance, faults, exchanges: 0, pushes: 0 }
    }

    fn fault(&mut self, kind: &'static str) {
        *self.faults.entry(kind).or_default() += 1;
    }

    /// People work, the office too, and all talk at once while servers die.
    fn round(&mut self) {
        for phone in 0..self.phones.len() {
            for _ in 0..1 + self.chance.below(4) {
                let now = self.phones[phone].moment(now(), &mut self.chance);
                self.phones[phone].act(&now, &self.town, &mut self.facts, &mut self.chance);
            }
            if self.chance.percent(15) {
                self.fault("phone restarted");
                self.phones[phone].restart(now());
            }
            self.phones[phone].wake();
        }
        for _ in 0..EXCHANGES {
            if self.chance.percent(30) {
                self.office();
            }
            self.all_at_once();
        }
    }

    fn office(&mut self) {
        let app = self.desk.app();
        let open = self.desk.runtime.block_on(app.db.read(|conn| {
            use db::schema::tickets;
            use diesel::prelude::*;
            Ok::<Vec<String>, Error>(tickets::table.order(tickets::number).select(tickets::id).load(conn)?)
        }));
        let value = facts::office_value(self.facts.next());
        office::act(&mut self.desk, &self.town, &open.unwrap(), value, &mut self.chance);
    }

    /// One request of each phone, at the same time, each as its way lets it.
    fn all_at_once(&mut self) {
        self.servers.start_all();
        let mut asked = Vec::new();
        for phone in 0..self.phones.len() {
            if let Some(request) = self.wanted(phone) {
                let way = self.way();
                asked.push((phone, request, way));
            }
        }
        let victim = self.chance.percent(60).then(|| self.chance.below(self.servers.count()));
        let after = u64::try_from(self.chance.below(40_000)).unwrap();
        let carried = join_all(
            asked
                .iter()
                .map(|(phone, request, way)| self.servers.carry(&self.phones[*phone].who, request, *way)),
        );
        let answers = self.desk.runtime.clone().block_on(async {
            let kill = self.servers.kill_after(victim, after);
            tokio::join!(carried, kill).0
        });
        if let Some(victim) = victim {
            self.servers.bury(victim);
            self.fault("server killed");
        }
        for ((phone, request, _), answer) in asked.into_iter().zip(answers) {
            self.hear(phone, &request, answer);
        }
    }

    fn wanted(&mut self, phone: usize) -> Option<Request> {
        let now = self.phones[phone].moment(now(), &mut self.chance);
        self.phones[phone].wake();
        let Wish::Send(request) = self.phones[phone].wish(&now) else { return None };
        self.exchanges += 1;
        if request.kind == RequestKind::Push {
            self.pushes += 1;
            self.facts.sending(&request.body);
        }
        Some(request)
    }

    fn way(&mut self) -> Way {
        let first = self.chance.below(self.servers.count());
        match self.chance.below(10) {
            0 => {
                self.fault("request lost");
                Way::Lost
            }
            1 => {
                self.fault("answer lost");
                Way::Deaf(first)
            }
            2 => {
                self.fault("request twice");
                Way::Twice(first, self.chance.below(self.servers.count()))
            }
            _ => Way::Straight(first),
        }
    }

    fn hear(&mut self, phone: usize, request: &Request, answer: Option<Response>) {
        if let (RequestKind::Enrol, Some(response)) = (request.kind, &answer) {
            self.servers.enrolled(&self.phones[phone].who, response);
        }
        let now = self.phones[phone].moment(now(), &mut self.chance);
        let answer = answer.map_or(Answer::Lost, Answer::Arrived);
        self.phones[phone].receive(&now, request.number, answer, &mut self.facts);
    }

    /// Nobody dies any more: every queue must drain (I7).
    fn calm(&mut self) -> Result<(), String> {
        self.servers.start_all();
        for round in 0..CALM {
            let pushes = self.pushes;
            for phone in 0..self.phones.len() {
                self.phones[phone].wake();
                for _ in 0..MANY {
                    let now = self.phones[phone].moment(now(), &mut self.chance);
                    let Wish::Send(request) = self.phones[phone].wish(&now) else { break };
                    if request.kind == RequestKind::Push {
                        self.pushes += 1;
                        self.facts.sending(&request.body);
                    }
                    let way = Way::Straight(self.chance.below(self.servers.count()));
                    let carried = self.servers.carry(&self.phones[phone].who, &request, way);
                    let answer = self.desk.runtime.clone().block_on(carried);
                    self.hear(phone, &request, answer);
                }
            }
            let waiting: i64 = self.phones.iter().map(Handset::waiting).sum();
            if round > 0 && waiting == 0 && pushes == self.pushes {
                return Ok(());
            }
        }
        let waiting: Vec<i64> = self.phones.iter().map(Handset::waiting).collect();
        Err(format!("I7: after {CALM} rounds of calm phones still hold {waiting:?}"))
    }
}
