//! A small company on a fresh database: two engineers with a phone and a van each, two sites, and an office that
//! writes as the server does.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::schema::*;
use db::testing::{Backend, TestDb};
use db::types::UserId;
use db::{Actor, Db, Entity, Tx};
use diesel::prelude::*;
use mobile_sync::devices::{self, NewDevice};
use mobile_sync::{Error, Phone};
use mobile_sync_wire::pull::{ChangeOp, PullPage, PullRequest};
use mobile_sync_wire::push::{MutationResult, PushResponse};
use mobile_sync_wire::{Fields, Hlc, SCHEMA};
use serde_json::{Value, json};

use crate::office::TestOffice;
use crate::rows::{self, Asset, Ticket, Visit, id};

pub const ANNA: u32 = 1;
pub const BEN: u32 = 2;
pub const CUSTOMER: u32 = 10;
/// Two sites, each with a lift.
pub const SITES: [(u32, u32); 2] = [(20, 30), (21, 31)];
pub const PART: u32 = 40;
pub const VAN: u32 = 50;
pub const DEPOT: u32 = 60;

pub struct World {
    pub test: TestDb,
    pub office: Arc<TestOffice>,
}

impl World {
    pub fn fresh(backend: Backend) -> Self {
        let test = TestDb::with_hook(backend, Some(mobile_sync::feed::scopes));
        let world = Self { test, office: Arc::new(TestOffice) };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(world.found()));
        world
    }

    pub fn db(&self) -> &Db {
        &self.test.db
    }

    async fn found(&self) {
        self.write(|tx| {
            add(tx, &rows::customer(CUSTOMER), |row, c| {
                diesel::insert_into(customers::table).values(row).execute(c)
            })?;
            for (site, asset) in SITES {
                let site = rows::site(site, id(CUSTOMER));
                add(tx, &site, |row, c| diesel::insert_into(sites::table).values(row).execute(c))?;
                let asset: Asset = rows::asset(asset, site.id);
                add(tx, &asset, |row, c| diesel::insert_into(assets::table).values(row).execute(c))?;
            }
            add(tx, &rows::part(PART), |row, c| diesel::insert_into(parts::table).values(row).execute(c))?;
            let depot = rows::location(DEPOT, None);
            add(tx, &depot, |row, c| diesel::insert_into(stock_locations::table).values(row).execute(c))?;
            for n in [ANNA, BEN] {
                let engineer = rows::engineer(n);
                add(tx, &engineer, |row, c| diesel::insert_into(engineers::table).values(row).execute(c))?;
                let user = rows::user(n + 100, engineer.id.clone());
                add(tx, &user, |row, c| diesel::insert_into(users::table).values(row).execute(c))?;
                let van = rows::location(VAN + n, Some(engineer.id));
                add(tx, &van, |row, c| diesel::insert_into(stock_locations::table).values(row).execute(c))?;
            }
            Ok(())
        })
        .await;
    }

    /// A command of the office.
    pub async fn write<T: Send + 'static>(
        &self,
        body: impl FnMut(&mut Tx<'_>) -> Result<T, db::Error> + Send + 'static,
    ) -> T {
        self.pass(1);
        self.db().write(Actor::system("office"), body).await.unwrap()
    }

    /// Time goes by, so that no two commands fall on one instant.
    pub fn pass(&self, millis: i64) {
        self.test.clock.set(self.test.clock.now().plus_millis(millis));
    }

    pub fn now(&self) -> i64 {
        self.test.clock.now().millis()
    }

    /// A new ticket at one of the sites; the number is its id too.
    pub async fn ticket(&self, n: u32, at: usize, engineer: Option<u32>) -> String {
        let (site, asset) = SITES[at];
        let (mut ticket, visit) = rows::ticket(n, id(site), id(asset), id(CUSTOMER));
        ticket.engineer_id = engineer.map(id);
        ticket.status = if engineer.is_some() { "assigned".into() } else { "new".into() };
        self.write(move |tx| {
            let (ticket, visit): (&Ticket, &Visit) = (&ticket, &visit);
            add(tx, ticket, |row, c| diesel::insert_into(tickets::table).values(row).execute(c))?;
            add(tx, visit, |row, c| diesel::insert_into(visits::table).values(row).execute(c))
        })
        .await;
        id(n)
    }

    /// The office changes a ticket.
    pub async fn change(&self, n: u32, change: impl Fn(&mut Ticket) + Send + 'static) {
        self.write(move |tx| {
            let mut ticket: Ticket = tickets::table.find(id(n)).first(tx.conn())?;
            change(&mut ticket);
            diesel::update(tickets::table.find(id(n))).set(&ticket).execute(tx.conn())?;
            tx.changed(&ticket)
        })
        .await;
    }

    pub async fn give(&self, n: u32, engineer: Option<u32>) {
        self.change(n, move |ticket| {
            ticket.engineer_id = engineer.map(id);
            ticket.status = if engineer.is_some() { "assigned".into() } else { "new".into() };
        })
        .await;
    }

    pub async fn read_ticket(&self, n: u32) -> Ticket {
        self.db().read(move |c| Ok::<_, db::Error>(tickets::table.find(id(n)).first(c)?)).await.unwrap()
    }

    /// A phone of this engineer, enrolled. `device` tells his phones apart.
    pub async fn phone(&self, engineer: u32, device: u32) -> TestPhone<'_> {
        let who = Phone {
            device_id: id(device).parse().unwrap(),
            engineer_id: id(engineer).parse().unwrap(),
            actor: Actor {
                id: id(engineer + 100),
                name: format!("user-{}", engineer + 100),
                device_id: Some(id(device).parse().unwrap()),
            },
        };
        let new = NewDevice {
            id: who.device_id,
            user_id: id(engineer + 100).parse::<UserId>().unwrap(),
            engineer_id: who.engineer_id,
            platform: "test".into(),
            app_version: "1".into(),
            schema: SCHEMA,
        };
        let epoch = self.write(move |tx| devices::enrol(tx, &new)).await;
        TestPhone { world: self, who, epoch, cursor: 0, seq: 0, rows: BTreeMap::new() }
    }
}

/// Writes a row and tells the log.
pub fn add<R: Entity>(
    tx: &mut Tx<'_>,
    row: &R,
    insert: impl Fn(&R, &mut db::Conn) -> diesel::QueryResult<usize>,
) -> Result<(), db::Error> {
    insert(row, tx.conn())?;
    tx.changed(row)
}

/// A phone that believes what it is told.
pub struct TestPhone<'w> {
    pub world: &'w World,
    pub who: Phone,
    pub epoch: String,
    pub cursor: i64,
    pub seq: i64,
    /// What it holds: collection and id.
    pub rows: BTreeMap<(String, String), Fields>,
}

impl TestPhone<'_> {
    pub async fn page(&self, limit: u32) -> Result<PullPage, Error> {
        let request = PullRequest {
            cursor: self.cursor,
            limit: Some(limit),
            collections: None,
            last_seq: None,
            schema: SCHEMA,
        };
        mobile_sync::pull(self.world.db(), &self.who, request).await
    }

    /// Pulls to the end, in pages of this size. Returns what came, as `op collection id`.
    pub async fn pull_by(&mut self, limit: u32) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            let page = self.page(limit).await.unwrap();
            assert!(!page.more || page.changes.len() == limit as usize, "a full page but for the last");
            assert!(page.cursor >= 1 && page.cursor >= self.cursor);
            self.cursor = page.cursor;
            for change in page.changes {
                let key = (change.c.clone(), change.id.clone());
                let op = serde_json::to_value(change.op).unwrap();
                heard.push(format!("{} {} {}", op.as_str().unwrap(), change.c, change.id));
                match change.op {
                    ChangeOp::Put => self.rows.insert(key, change.doc.unwrap()),
                    ChangeOp::Remove | ChangeOp::Delete => self.rows.remove(&key),
                };
            }
            if !page.more {
                return heard;
            }
        }
    }

    pub async fn pull(&mut self) -> Vec<String> {
        self.pull_by(100).await
    }

    pub fn holds(&self, collection: &str, id: &str) -> bool {
        self.rows.contains_key(&(collection.to_owned(), id.to_owned()))
    }

    #[track_caller]
    pub fn row(&self, collection: &str, id: &str) -> &Fields {
        &self.rows[&(collection.to_owned(), id.to_owned())]
    }

    /// The version that the phone knows of a ticket.
    pub fn base(&self, ticket: &str) -> i64 {
        self.row("tickets", ticket)["sync_v"].as_i64().unwrap()
    }

    /// How many rows it holds of a collection.
    pub fn count(&self, collection: &str) -> usize {
        self.rows.keys().filter(|(c, _)| c == collection).count()
    }

    /// The next mutation: `c`, `id`, `op`, `set` and whatever else is in `with`.
    pub fn mutation(&mut self, with: Value) -> Value {
        self.seq += 1;
        let mut mutation = json!({"seq": self.seq, "schema": SCHEMA, "set": {}});
        mutation.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        let row_id = mutation["id"].clone();
        let named = format!("{}-{}", self.who.device_id, self.seq);
        let mid = if mutation["op"] == "patch" { json!(named) } else { row_id };
        mutation.as_object_mut().unwrap().entry("mid").or_insert(mid);
        mutation
    }

    pub fn note(&mut self, id: &str, ticket: &str, text: &str) -> Value {
        self.mutation(
            json!({"op": "insert", "c": "notes", "id": id, "set": {"ticket_id": ticket, "text": text}}),
        )
    }

    pub fn act(&mut self, id: &str, ticket: &str, kind: &str) -> Value {
        let set = json!({"ticket_id": ticket, "kind": kind});
        self.mutation(json!({"op": "intent", "c": "ticket_events", "id": id, "set": set}))
    }

    pub fn part(&mut self, id: &str, ticket: &str, part: &str, quantity: i64) -> Value {
        let set = json!({"ticket_id": ticket, "part_id": part, "quantity": quantity, "outcome": "used"});
        self.mutation(json!({"op": "insert", "c": "part_usage", "id": id, "set": set}))
    }

    /// An edit of a ticket, made at this time of the phone's clock.
    pub fn patch(&mut self, ticket: &str, base: i64, at: i64, set: Value) -> Value {
        let hlc = Hlc::new(at, 0, &Hlc::tag_of(self.who.device_id.as_str()));
        self.mutation(
            json!({"op": "patch", "c": "tickets", "id": ticket, "base": base, "hlc": hlc, "set": set}),
        )
    }

    pub async fn try_push(&self, mutations: &[Value]) -> Result<PushResponse, Error> {
        self.world.pass(1);
        let body = json!({"epoch": self.epoch, "mutations": mutations}).to_string();
        mobile_sync::push(self.world.db(), &self.world.office, &self.who, body.as_bytes()).await
    }

    pub async fn push(&self, mutations: &[Value]) -> PushResponse {
        let answer = self.try_push(mutations).await.unwrap();
        assert_eq!(answer.results.len(), mutations.len());
        answer
    }

    pub async fn push_one(&self, mutation: &Value) -> MutationResult {
        self.push(std::slice::from_ref(mutation)).await.results.remove(0)
    }
}

/// Results as text: `applied`, `conflict cancelled`, `duplicate of applied`, `held from 3`.
pub fn told(answer: &PushResponse) -> Vec<String> {
    answer.results.iter().map(tell).collect()
}

pub fn tell(result: &MutationResult) -> String {
    let name = |outcome| serde_json::to_value(outcome).unwrap().as_str().unwrap().to_owned();
    let mut text = name(result.result);
    if let Some(first) = result.first {
        text = format!("{text} of {}", name(first));
    }
    if let Some(why) = &result.why {
        text = format!("{text} {why}");
    }
    if let Some(from) = result.need_from {
        text = format!("{text} from {from}");
    }
    text
}
