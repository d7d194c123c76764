//! One run: a few days of phones, an office and a server, with whatever the seed lets go wrong; then calm, until all
//! is said.

use std::collections::BTreeMap;

use db::testing::START;
use mobile_sync_device::{Answer, Request, RequestKind, Response};
use rusqlite::Connection;

use crate::chance::Chance;
use crate::facts::{self, Facts};
use crate::handset::{Handset, Kind, Wish};
use crate::server::{Server, Turn};
use crate::town::Town;
use crate::weather;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Phones keep acknowledged work for 30 days; a restore that goes further back than that loses some by design.
const LONGEST: i64 = 26 * 24 * HOUR;
/// Rounds of calm after which everything must have been said.
const ROUNDS: usize = 12;
/// Exchanges of one phone in one round.
const EXCHANGES: usize = 400;

pub struct Run<'s> {
    pub server: &'s mut Server,
    pub town: &'s Town,
    pub chance: Chance,
    pub now: i64,
    pub phones: Vec<Handset>,
    pub facts: Facts,
    /// Faults by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Requests on a slow way: when they arrive, and whose they are.
    pub mail: Vec<(i64, usize, Request)>,
    /// Of a hundred exchanges, so many go wrong.
    pub weather: u64,
    /// The server has come back from a backup before.
    pub restored: bool,
    pub exchanges: u64,
    pub pushes: u64,
    pub step: usize,
    /// Everything that was answered, so that two runs can be compared.
    pub trace: u64,
    /// Tell what happens.
    pub tell: bool,
}

impl<'s> Run<'s> {
    pub fn new(server: &'s mut Server, town: &'s Town, seed: u64) -> Self {
        server.begin(seed);
        let mut chance = Chance::new(seed);
        let now = START.millis() + HOUR;
        server.set_time(now);
        let phones = (0..2 + chance.below(2)).map(|nth| Handset::new(nth, town, now, &mut chance)).collect();
        let weather = [0, 10, 30, 60][chance.below(4)];
        Self {
            server,
            town,
            chance,
            now,
            phones,
            facts: Facts::default(),
            faults: BTreeMap::new(),
            mail: Vec::new(),
            weather,
            restored: false,
            exchanges: 0,
            pushes: 0,
            step: 0,
            trace: 0,
            tell: false,
        }
    }

    pub fn say(&self, what: impl FnOnce() -> String) {
        if self.tell {
            eprintln!("{:>3} {}", self.step, what());
        }
    }

    pub fn fault(&mut self, kind: &'static str) {
        self.say(|| kind.to_owned());
        *self.faults.entry(kind).or_default() += 1;
    }

    /// The days, and the calm after them. What is wrong with the way it ended, if anything is.
    pub fn play(&mut self) -> Result<(), String> {
        for _ in 0..20 + self.chance.below(20) {
            self.step += 1;
            self.pass_time();
            self.deliver();
            self.something();
        }
        self.calm()
    }

    fn pass_time(&mut self) {
        let by = match self.chance.below(10) {
            0..=5 => self.chance.between(MINUTE / 6, 10 * MINUTE),
            6..=8 => self.chance.between(10 * MINUTE, 5 * HOUR),
            _ => self.chance.between(5 * HOUR, 30 * HOUR),
        };
        self.now = (self.now + by).min(START.millis() + LONGEST);
        self.server.set_time(self.now);
    }

    fn deliver(&mut self) {
        let (due, later) = std::mem::take(&mut self.mail).into_iter().partition(|(at, _, _)| *at <= self.now);
        self.mail = later;
        let due: Vec<(i64, usize, Request)> = due;
        for (_, phone, request) in due {
            let who = self.phones[phone].who.clone();
            // Nobody waits for the answer any more.
            drop(self.server.answer(&who, &request, Turn::Commit));
        }
    }

    fn something(&mut self) {
        let phone = self.chance.below(self.phones.len());
        match self.chance.below(100) {
            0..=44 => self.act(phone),
            45..=66 => {
                let most = 1 + self.chance.below(12);
                self.talk(phone, most);
            }
            67..=86 => self.office(),
            _ => weather::misfortune(self, phone),
        }
    }

    /// Users do several things in a row, and look at the phone rarely.
    fn act(&mut self, phone: usize) {
        for _ in 0..1 + self.chance.below(4) {
            let now = self.phones[phone].moment(self.now, &mut self.chance);
            let (town, facts) = (self.town, &mut self.facts);
            self.phones[phone].act(&now, town, facts, &mut self.chance);
            self.now += 1_000;
            self.server.set_time(self.now);
        }
    }

    pub fn office(&mut self) {
        let tickets = open_tickets(&self.server.sql);
        for _ in 0..1 + self.chance.below(2) {
            let value = facts::office_value(self.facts.next());
            let said = crate::office::act(self.server, self.town, &tickets, value, &mut self.chance);
            self.say(|| said);
        }
    }

    /// A phone talks with the server, until it has nothing to say, or for so long.
    pub fn talk(&mut self, phone: usize, most: usize) {
        self.phones[phone].wake();
        for _ in 0..most {
            if !self.exchange(phone) {
                return;
            }
            if self.weather > 0 && self.chance.percent(8) {
                self.act(phone);
            }
        }
    }

    /// One request, as the weather lets it. False if the phone wants none.
    fn exchange(&mut self, phone: usize) -> bool {
        let now = self.phones[phone].moment(self.now, &mut self.chance);
        let Wish::Send(request) = self.phones[phone].wish(&now) else { return false };
        self.exchanges += 1;
        if request.kind == RequestKind::Push {
            self.pushes += 1;
            self.facts.sending(&request.body);
        }
        if request.kind == RequestKind::Push && self.chance.percent(25) {
            self.fault("office at the same time");
            self.server.together = true;
            self.office();
            self.server.together = false;
        }
        self.say(|| format!("phone {phone} asks: {}", String::from_utf8_lossy(&request.body)));
        let answer = weather::carry(self, phone, &request);
        let told = |response: &Response| String::from_utf8_lossy(&response.body).into_owned();
        self.say(|| format!("phone {phone} hears: {}", answer.as_ref().map(told).unwrap_or_default()));
        self.now += 200;
        self.server.set_time(self.now);
        if let Some(response) = &answer {
            self.remember(response);
        }
        if answer.is_none() && self.chance.percent(self.weather / 2) {
            self.fault("phone died before the answer");
            self.phones[phone].restart(self.now);
            return true;
        }
        let answer = answer.map_or(Answer::Lost, Answer::Arrived);
        let now = self.phones[phone].moment(self.now, &mut self.chance);
        self.phones[phone].receive(&now, request.number, answer, &mut self.facts);
        if self.chance.percent(self.weather / 6) {
            self.fault("phone died after the answer");
            self.phones[phone].restart(self.now);
        }
        true
    }

    fn remember(&mut self, response: &Response) {
        for byte in &response.body {
            self.trace = (self.trace ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// The sun comes out: every queue must drain (I7).
    fn calm(&mut self) -> Result<(), String> {
        self.weather = 0;
        self.server.fill_disk(false);
        for phone in &mut self.phones {
            if let Kind::Log(phone) = &mut phone.kind {
                phone.fill_disk(false);
            }
        }
        for round in 0..ROUNDS {
            let pushes = self.pushes;
            for phone in 0..self.phones.len() {
                self.talk(phone, EXCHANGES);
            }
            // What was on its way for days comes when nobody thinks of it any more.
            let late = !self.mail.is_empty();
            self.now = self.mail.iter().map(|(at, _, _)| *at).max().unwrap_or(self.now).max(self.now);
            self.server.set_time(self.now);
            self.deliver();
            let waiting = self.phones.iter().map(Handset::waiting).sum::<i64>();
            if round > 0 && !late && pushes == self.pushes && waiting == 0 {
                return Ok(());
            }
        }
        let waiting: Vec<i64> = self.phones.iter().map(Handset::waiting).collect();
        Err(format!("I7: after {ROUNDS} rounds of calm phones still hold {waiting:?}"))
    }
}

fn open_tickets(sql: &Connection) -> Vec<String> {
    let mut statement = sql.prepare_cached("SELECT id FROM tickets ORDER BY number").unwrap();
    let ids = statement.query_map([], |row| row.get(0)).unwrap();
    ids.map(Result::unwrap).collect()
}
