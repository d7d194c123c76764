//! Phones: the real device library over HTTP against the running server, in good weather and in bad.

use std::process::Command;

use db::both_backends;
use db::schema::{part_usage, stock_balances, sync_inbox, ticket_events};
use db::types::{EngineerId, Id, PartId};
use db::{Actor, Tx};
use diesel::prelude::*;
use inventory::locations::NewLocation;
use inventory::parts::NewPart;
use inventory::{LocationKind, ledger, locations, parts};
use mobile_sync_device::{
    Answer, Device, Identity, Moment, Next, PartUse, Place, Request, RequestKind, Response,
};
use mobile_sync_wire::docs::{
    Document, NoteDoc, PartOutcome, ReservationDoc, SiteDoc, VanStockDoc, VisitDoc,
};
use mobile_sync_wire::{Collection, EventKind, Fields, TicketStatus};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;
use server::error::Error;

use crate::harness::{Person, Server, send};
use crate::tickets::{engineer, lift, new_ticket};

/// What becomes of an exchange.
#[derive(Clone, Copy, PartialEq)]
pub enum Weather {
    Fine,
    /// Every request is lost once, its answer the next time, and then it comes twice.
    Bad,
}

/// A phone in somebody's hand.
pub struct Handset<'s> {
    server: &'s Server,
    owner: Person,
    pub device: Device,
    weather: Weather,
    moments: i64,
    exchanges: u32,
}

impl<'s> Handset<'s> {
    /// Enrolled, with everything pulled.
    pub async fn new(server: &'s Server, engineer_id: &str, name: &str) -> Self {
        let owner =
            server.log_in_as(&format!("phone-{engineer_id}"), Role::Engineer, Some(engineer_id)).await;
        let device_id = Id::<db::types::of::Device>::new().to_string();
        let identity = Identity { device_id, platform: name.into(), app_version: "test".into() };
        let device = Device::open(&Place::Memory, &identity).unwrap();
        let mut handset = Self { server, owner, device, weather: Weather::Fine, moments: 0, exchanges: 0 };
        handset.enrol().await;
        handset.sync().await;
        handset
    }

    async fn enrol(&mut self) {
        let now = self.now();
        let request = self.device.enrol(&now).unwrap();
        let answer = self.post(&request).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let now = self.now();
        self.device.receive(&now, request.number, Answer::Arrived(answer)).unwrap();
    }

    pub fn now(&mut self) -> Moment {
        self.moments += 1;
        let mono = self.server.clock.now().millis() - db::testing::START.millis() + 1_000_000;
        let mut random = [7; 10];
        random[2..].copy_from_slice(Id::<db::types::of::Device>::new().uuid().as_bytes()[8..].as_ref());
        Moment { wall: self.server.clock.now().millis(), mono, boot: "b1".into(), random }
    }

    /// Time goes by, on the server too.
    fn pass(&self, millis: i64) {
        self.server.clock.set(self.server.clock.now().plus_millis(millis));
    }

    async fn post(&self, request: &Request) -> Response {
        let post = match &request.token {
            Some(token) => {
                self.owner.client.post(format!("{}{}", self.owner.base, request.path)).bearer_auth(token)
            }
            None => self.owner.request(Method::POST, request.path),
        };
        let post = post.header("content-type", "application/json").body(request.body.clone());
        let answer = post.send().await.unwrap();
        let status = answer.status().as_u16();
        Response { status, retry_after_seconds: None, body: answer.bytes().await.unwrap().to_vec() }
    }

    /// The exchange as the weather lets it.
    async fn exchange(&mut self, request: &Request) -> Answer {
        self.exchanges += 1;
        if self.weather == Weather::Fine {
            return Answer::Arrived(self.post(request).await);
        }
        match self.exchanges % 3 {
            1 => Answer::Lost,
            2 => {
                self.post(request).await;
                Answer::Lost
            }
            _ => {
                self.post(request).await;
                Answer::Arrived(self.post(request).await)
            }
        }
    }

    /// Talks until there is nothing left to say.
    pub async fn sync(&mut self) {
        self.device.want_pull();
        for _ in 0..1_000 {
            let now = self.now();
            match self.device.next(&now).unwrap() {
                Next::Send(request) => {
                    let answer = self.exchange(&request).await;
                    let now = self.now();
                    self.device.receive(&now, request.number, answer).unwrap();
                }
                Next::WaitUntil { mono } => self.pass(mono - now.mono + 1),
                Next::Idle | Next::NeedsEnrolment => return,
            }
        }
        panic!("the phone never comes to rest");
    }

    fn act(&mut self, ticket: &str, kind: EventKind) {
        self.pass(60_000);
        let now = self.now();
        self.device.act(&now, ticket, kind, None).unwrap();
    }

    fn patch(&mut self, ticket: &str, columns: Value) {
        self.pass(1_000);
        let now = self.now();
        let Value::Object(set) = columns else { panic!("columns are an object") };
        self.device.patch(&now, Collection::Tickets, ticket, set).unwrap();
    }

    fn status(&self, ticket: &str) -> Option<TicketStatus> {
        self.device.ticket(ticket).unwrap().map(|ticket| ticket.status)
    }

    fn all<D: Document>(&self) -> Vec<D> {
        self.device.documents().unwrap()
    }

    fn rows(&self, collection: Collection) -> Vec<Fields> {
        self.device.rows(collection).unwrap()
    }

    /// Sends a body as this phone, past the library.
    async fn raw(&mut self, kind: RequestKind, body: &Value) -> (u16, Value) {
        self.device.want_pull();
        let now = self.now();
        let Next::Send(mut request) = self.device.next(&now).unwrap() else { panic!("something to send") };
        request.path = match kind {
            RequestKind::Push => "/sync/v1/push",
            _ => "/sync/v1/pull",
        };
        request.body = serde_json::to_vec(body).unwrap();
        let answer = self.post(&request).await;
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }
}

async fn write<T: Send + 'static>(
    server: &Server,
    body: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> T {
    server.app.db.write(Actor::system("test"), body).await.unwrap()
}

/// A van of this engineer with so many of a part.
pub async fn van(server: &Server, engineer_id: &str, quantity: i64) -> String {
    let driver: EngineerId = engineer_id.parse().unwrap();
    let (code, number) = (format!("VAN-{}", &engineer_id[30..]), format!("DR-{}", &engineer_id[30..]));
    let part: PartId = write(server, move |tx| {
        let new: NewPart = serde_json::from_value(json!({"number": number, "name": "Door roller"})).unwrap();
        let part = parts::create(tx, new)?;
        let van = NewLocation {
            kind: LocationKind::Van,
            code: code.clone(),
            name: code.clone(),
            latitude: None,
            longitude: None,
            parent_id: None,
            engineer_id: Some(driver),
        };
        let van = locations::create(tx, van)?;
        ledger::receive(tx, part.id, van.id, quantity, "")?;
        Ok(part.id)
    })
    .await;
    part.to_string()
}

/// A ticket in this engineer's hands.
pub async fn assigned(server: &Server, office: &Person, engineer_id: &str) -> String {
    let mut new = new_ticket(&lift(server).await);
    new["dispatch"] = json!("manual");
    let ticket = office.post("/api/v1/tickets", &new).await.ok();
    let id = ticket["id"].as_str().unwrap().to_owned();
    assign(office, &id, engineer_id).await;
    id
}

pub async fn assign(office: &Person, ticket: &str, engineer_id: &str) {
    let path = format!("/api/v1/tickets/{ticket}/assignments");
    let has_it = office.get(&format!("/api/v1/tickets/{ticket}")).await.ok()["engineer_id"].clone();
    let chosen = json!({"engineer_id": engineer_id, "reason": "as the test wants", "instead_of": has_it});
    office.post(&path, &chosen).await.ok();
}

async fn ticket(office: &Person, id: &str) -> Value {
    office.get(&format!("/api/v1/tickets/{id}")).await.ok()
}

both_backends! {
    async fn a_day_offline_is_on_the_server_exactly_once_whatever_was_lost_on_the_way(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let part = van(&server, &anna, 4).await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Handset::new(&server, &anna, "android").await;
        assert_eq!(phone.status(&id), Some(TicketStatus::Assigned));
        assert_eq!(phone.all::<SiteDoc>()[0].address, "350 5 AVENUE");
        assert_eq!(phone.all::<VanStockDoc>()[0].on_hand, 4);

        // No network from here on.
        for kind in [EventKind::Accept, EventKind::Travel, EventKind::Arrive, EventKind::Start] {
            phone.act(&id, kind);
        }
        let used = PartUse { part_id: part.clone(), quantity: 2, serial: None, removed_serial: None, outcome: PartOutcome::Used };
        let now = phone.now();
        phone.device.use_part(&now, &id, &used).unwrap();
        let now = phone.now();
        phone.device.add_note(&now, &id, "rollers worn").unwrap();
        phone.act(&id, EventKind::Complete);
        assert_eq!(phone.device.waiting().unwrap().count, 7);
        assert_eq!(ticket(&office, &id).await["status"], "assigned");

        phone.weather = Weather::Bad;
        phone.sync().await;
        assert_eq!(phone.device.waiting().unwrap().count, 0);
        assert!(phone.device.troubles().unwrap().is_empty());
        let told = ticket(&office, &id).await;
        assert_eq!(told["status"], "completed");
        let completed_at = told["completed_at"].as_i64().unwrap();
        let notes = office.get(&format!("/api/v1/tickets/{id}/notes")).await.ok();
        assert_eq!(notes["items"].as_array().unwrap().len(), 1);
        assert_eq!(notes["items"][0]["text"], "rollers worn");
        let (events, usage, on_hand, inbox) = server.app.db.read(move |c| {
            let events: Vec<(String, i64, bool)> = ticket_events::table
                .filter(ticket_events::device_id.is_not_null())
                .order(ticket_events::dseq)
                .select((ticket_events::kind, ticket_events::at, ticket_events::time_uncertain))
                .load(c)?;
            let usage: i64 = part_usage::table.count().get_result(c)?;
            let on_hand: i64 = stock_balances::table.select(stock_balances::on_hand).first(c)?;
            let inbox: i64 = sync_inbox::table.count().get_result(c)?;
            Ok::<_, Error>((events, usage, on_hand, inbox))
        }).await.unwrap();
        let kinds: Vec<&str> = events.iter().map(|(kind, ..)| kind.as_str()).collect();
        assert_eq!(kinds, ["accept", "travel", "arrive", "start", "complete"]);
        assert!(events.windows(2).all(|pair| pair[1].1 - pair[0].1 == 60_000), "each at its own time: {events:?}");
        assert!(events.iter().all(|(.., uncertain)| !uncertain));
        assert_eq!(completed_at, events[4].1, "the office's clock counts from the phone's");
        assert_eq!((usage, on_hand, inbox), (1, 2, 7));
        // And the phone shows what the server knows.
        assert_eq!(phone.status(&id), Some(TicketStatus::Completed));
        assert_eq!(phone.all::<VanStockDoc>()[0].on_hand, 2);
        assert_eq!(phone.all::<NoteDoc>().len(), 1);
        assert_eq!(phone.all::<VisitDoc>()[0].status, "completed");
    }

    async fn a_reassigned_ticket_disappears_from_the_first_phone_and_appears_on_the_second(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let part = van(&server, &anna, 4).await;
        van(&server, &ben, 4).await;
        let office = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(&server).await);
        new["dispatch"] = json!("manual");
        new["needed_parts"] = json!([{"part_id": part, "quantity": 1}]);
        let id = office.post("/api/v1/tickets", &new).await.ok()["id"].as_str().unwrap().to_owned();
        assign(&office, &id, &anna).await;
        let (mut first, mut second) =
            (Handset::new(&server, &anna, "android").await, Handset::new(&server, &ben, "ios").await);
        first.act(&id, EventKind::Accept);
        first.sync().await;
        assert_eq!(first.all::<ReservationDoc>().len(), 1);

        assign(&office, &id, &ben).await;
        first.sync().await;
        second.sync().await;
        assert_eq!((first.status(&id), second.status(&id)), (None, Some(TicketStatus::Assigned)));
        for collection in [Collection::Visits, Collection::TicketEvents, Collection::Reservations, Collection::Sites] {
            assert!(first.rows(collection).is_empty(), "{collection} left the first phone");
        }
        assert_eq!((second.rows(Collection::Visits).len(), second.rows(Collection::Sites).len()), (1, 1));
        assert_eq!(second.rows(Collection::TicketEvents).len(), 1, "what was done before is there");
    }

    async fn work_done_offline_on_a_ticket_that_was_taken_away_is_not_lost_and_not_applied(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let part = van(&server, &anna, 4).await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Handset::new(&server, &anna, "android").await;
        phone.act(&id, EventKind::Start);
        let now = phone.now();
        let used = PartUse { part_id: part, quantity: 1, serial: None, removed_serial: None, outcome: PartOutcome::Used };
        phone.device.use_part(&now, &id, &used).unwrap();
        phone.act(&id, EventKind::Complete);
        phone.patch(&id, json!({"access_note": "gate 1234"}));
        assign(&office, &id, &ben).await;
        phone.sync().await;

        assert_eq!(phone.status(&id), None, "the ticket is gone");
        let troubles = phone.device.troubles().unwrap();
        let why: Vec<_> = troubles.iter().map(|t| t.result.why.clone().unwrap()).collect();
        assert_eq!(why, ["not_yours"; 4], "but not what he did");
        assert!(troubles.iter().all(|t| t.result.conflict == troubles[0].result.conflict), "one card");
        assert!(troubles[3].result.doc.is_none(), "another's ticket is not shown");
        let told = ticket(&office, &id).await;
        assert_eq!((told["status"].as_str(), told["access_note"].as_str()), (Some("assigned"), Some("Ask at the desk")));
        let usage = office.get(&format!("/api/v1/tickets/{id}/part-usage")).await.ok();
        assert_eq!(usage["items"].as_array().unwrap().len(), 1, "a part that was used is used");
    }

    async fn a_part_that_the_books_do_not_know_is_used_and_a_card_asks_for_a_count(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let part = van(&server, &anna, 4).await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Handset::new(&server, &anna, "android").await;
        phone.act(&id, EventKind::Start);
        for quantity in [6, 1_000_000_000_000] {
            let now = phone.now();
            let used = PartUse { part_id: part.clone(), quantity, serial: None, removed_serial: None, outcome: PartOutcome::Used };
            phone.device.use_part(&now, &id, &used).unwrap();
        }
        phone.sync().await;
        let keeper = server.log_in(Role::Warehouse).await;
        let cards = keeper.get("/api/v1/conflict-cards?status=open&kind=negative_stock").await.ok()["items"].clone();
        let (card, offer) = (&cards[0], &cards[0]["counts"][0]);
        assert_eq!((cards.as_array().unwrap().len(), card["entries"].as_array().unwrap().len()), (1, 1), "{cards}");
        assert_eq!((&card["ticket_id"], &card["engineer_name"]), (&json!(id), &json!("Engineer E-1")));
        assert_eq!((&offer["on_hand"], &offer["part"]["id"], &offer["place"]["kind"]), (&json!(-2), &json!(part), &json!("van")));
        let refused = keeper.get("/api/v1/conflict-cards?kind=rejected").await.ok()["items"].clone();
        assert_eq!(refused[0]["entries"][0]["why"], "bad_quantity", "a million million is a slip of the thumb");
        let count = json!({"location_id": offer["place"]["id"], "part_ids": [part]});
        keeper.post("/api/v1/stock-counts", &count).await.ok();
        let path = format!("/api/v1/conflict-cards/{}/resolve", card["id"].as_str().unwrap());
        let resolved = keeper.post(&path, &json!({})).await.ok();
        assert_eq!((&resolved["status"], &resolved["resolved_by"]), (&json!("resolved"), &json!("warehouse-1")));
        assert_eq!(keeper.post(&path, &json!({})).await.code(), "already_resolved");
        assert_eq!(keeper.get("/api/v1/conflict-cards?status=open&kind=negative_stock").await.ok()["items"], json!([]));
        assert_eq!(keeper.get("/api/v1/conflict-cards?status=shut").await.field(), "status");
        let first = keeper.get("/api/v1/conflict-cards?limit=1").await.ok();
        let next = format!("/api/v1/conflict-cards?limit=1&after={}", first["next"].as_str().unwrap());
        assert_ne!(keeper.get(&next).await.ok()["items"][0]["id"], first["items"][0]["id"]);
    }

    async fn two_phones_and_an_office_converge(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Handset::new(&server, &anna, "android").await;
        let mut tablet = Handset::new(&server, &anna, "tablet").await;
        tablet.patch(&id, json!({"access_note": "of the tablet", "site_contact": "Ms Ito"}));
        phone.patch(&id, json!({"access_note": "of the phone"}));
        phone.act(&id, EventKind::Accept);
        let path = format!("/api/v1/tickets/{id}");
        let seen = office.get(&path).await;
        office.patch(&path, &seen.etag.unwrap(), &json!({"priority": 3, "title": "Lift 2"})).await.ok();
        phone.weather = Weather::Bad;
        phone.sync().await;
        tablet.sync().await;
        tablet.act(&id, EventKind::Travel);
        tablet.sync().await;
        phone.sync().await;
        for collection in Collection::ALL {
            assert_eq!(phone.rows(collection), tablet.rows(collection), "{collection}");
        }
        let told = ticket(&office, &id).await;
        let shown = phone.device.ticket(&id).unwrap().unwrap();
        assert_eq!(shown.access_note.as_deref(), Some("of the phone"), "the later edit, though it came first");
        assert_eq!(told["access_note"], "of the phone");
        assert_eq!((told["site_contact"].as_str(), told["priority"].as_i64()), (Some("Ms Ito"), Some(3)));
        assert_eq!((shown.title.as_str(), told["status"].as_str()), ("Lift 2", Some("travelling")));
    }

    async fn a_phone_corrects_what_it_finds_at_the_site_and_on_the_lift(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Handset::new(&server, &anna, "android").await;
        let held = phone.device.ticket(&id).unwrap().unwrap();
        let asset = held.asset_id.unwrap();
        let mut patch = |collection, id: &str, columns: Value| {
            let now = phone.now();
            let Value::Object(set) = columns else { panic!("columns are an object") };
            phone.device.patch(&now, collection, id, set).unwrap();
        };
        patch(Collection::Sites, &held.site_id, json!({"access_note": "Use the loading dock", "contact": "Mr Wu"}));
        patch(Collection::Assets, &asset, json!({"manufacturer": "Otis"}));
        patch(Collection::Assets, &asset, json!({"meter_reading": 17}));
        patch(Collection::Assets, &asset, json!({"model": null}));
        phone.sync().await;
        let troubles = phone.device.troubles().unwrap();
        let why: Vec<_> = troubles.iter().map(|t| t.result.why.as_deref().unwrap()).collect();
        assert_eq!(why, ["unsupported", "bad_text"], "no column, and a lift has a model");
        let site = office.get(&format!("/api/v1/sites/{}", held.site_id)).await.ok();
        assert_eq!((site["access_note"].as_str(), site["contact"].as_str()), (Some("Use the loading dock"), Some("Mr Wu")));
        assert_eq!(office.get(&format!("/api/v1/assets/{asset}")).await.ok()["manufacturer"], "Otis");
        assert_eq!(phone.all::<SiteDoc>()[0].access_note.as_deref(), Some("Use the loading dock"));
    }

    async fn a_claim_is_taken_once(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let office = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(&server).await);
        new["dispatch"] = json!("manual");
        let told = office.post("/api/v1/tickets", &new).await.ok();
        let id = told["id"].as_str().unwrap().to_owned();
        let mut results = Vec::new();
        for engineer_id in [&anna, &ben] {
            let mut phone = Handset::new(&server, engineer_id, "android").await;
            let row = Id::<db::types::of::TicketEvent>::new().to_string();
            let epoch = phone.raw(RequestKind::Pull, &json!({"cursor": 0, "schema": 1})).await.1["epoch"].clone();
            let claim = json!({"mid": row, "id": row, "seq": 1, "op": "intent", "c": "ticket_events", "schema": 1,
                "set": {"ticket_id": id, "kind": "claim"}});
            let answer = phone.raw(RequestKind::Push, &json!({"epoch": epoch, "mutations": [claim]})).await.1;
            results.push((answer["results"][0]["result"].clone(), answer["results"][0]["why"].clone()));
            phone.sync().await;
            assert_eq!(phone.status(&id).is_some(), engineer_id == &anna);
        }
        assert_eq!(results, [(json!("applied"), Value::Null), (json!("conflict"), json!("already_taken"))]);
    }

    async fn repeats_gaps_and_other_epochs_are_answered_as_written(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Handset::new(&server, &anna, "android").await;
        let page = phone.raw(RequestKind::Pull, &json!({"cursor": 0, "schema": 1})).await.1;
        let epoch = page["epoch"].as_str().unwrap().to_owned();
        let note = |seq: i64| {
            let row = format!("0198f3c2-7b00-7aaa-8000-{seq:012}");
            json!({"mid": row, "id": row, "seq": seq, "op": "insert", "c": "notes", "schema": 1,
                "set": {"ticket_id": id, "text": format!("note {seq}")}})
        };
        let push = |mutations: Value| json!({"epoch": epoch, "mutations": mutations});
        let (_, held) = phone.raw(RequestKind::Push, &push(json!([note(2), note(3)]))).await;
        assert_eq!(held["results"][0], json!({"mid": note(2)["mid"], "result": "held", "need_from": 1}));
        let (_, taken) = phone.raw(RequestKind::Push, &push(json!([note(1)]))).await;
        assert_eq!((taken["results"][0]["result"].as_str(), taken["acked_seq"].as_i64()), (Some("applied"), Some(3)));
        let (_, again) = phone.raw(RequestKind::Push, &push(json!([note(1)]))).await;
        assert_eq!((again["results"][0]["result"].as_str(), again["results"][0]["first"].as_str()), (Some("duplicate"), Some("applied")));
        assert_eq!(again["results"][0]["doc"]["text"], "note 1");

        let (status, problem) = phone.raw(RequestKind::Push, &json!({"epoch": "another", "mutations": []})).await;
        assert_eq!((status, problem["code"].as_str(), problem["epoch"].as_str()), (409, Some("epoch_changed"), Some(epoch.as_str())));
        let many: Vec<Value> = (0..1_001).map(note).collect();
        let (status, problem) = phone.raw(RequestKind::Push, &push(json!(many))).await;
        assert_eq!((status, problem["code"].as_str()), (413, Some("too_large")));
        assert_eq!(problem["limits"]["push_mutations"], 1_000);
        for (kind, body) in [
            (RequestKind::Pull, json!({"cursor": -1, "schema": 1})),
            (RequestKind::Pull, json!({"cursor": 0, "limits": 10, "schema": 1})),
            (RequestKind::Push, json!({"epoch": epoch})),
        ] {
            let (status, problem) = phone.raw(kind, &body).await;
            assert_eq!((status, problem["status"].as_u64()), (400, Some(400)), "{body}");
        }
    }

    async fn after_an_epoch_change_the_phone_begins_anew_and_gives_again_what_is_missing(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Handset::new(&server, &anna, "android").await;
        phone.act(&id, EventKind::Accept);
        phone.sync().await;
        // The backup was made before the phone called.
        write(&server, |tx| {
            use db::schema::devices;
            diesel::delete(sync_inbox::table).execute(tx.conn())?;
            diesel::update(devices::table).set(devices::acked_seq.eq(0)).execute(tx.conn())?;
            Ok(())
        }).await;
        let new_epoch = Command::new(env!("CARGO_BIN_EXE_fettle"))
            .args(["--database-url", &server.app.config.database_url, "epoch", "new"])
            .output()
            .unwrap();
        assert!(new_epoch.status.success(), "{new_epoch:?}");
        phone.act(&id, EventKind::Travel);
        phone.sync().await;
        assert_eq!(phone.device.waiting().unwrap().count, 0);
        assert_eq!(ticket(&office, &id).await["status"], "travelling");
        let stored: i64 = server.app.db.read(|c| Ok::<_, Error>(sync_inbox::table.count().get_result(c)?)).await.unwrap();
        assert_eq!(stored, 2);
        assert_eq!(phone.status(&id), Some(TicketStatus::Travelling));
    }

    async fn a_phone_is_let_in_by_its_own_token_only_and_an_old_one_ends_with_the_next(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let owner = server.log_in_as("anna", Role::Engineer, Some(&anna)).await;
        let ask = json!({"device_id": "0198f3c1-0d2e-7b3c-9a41-5e6f708192d9", "platform": "android", "app_version": "1", "schema": 1});
        let first = owner.post("/sync/v1/devices", &ask).await.ok();
        assert_eq!(first["policy"]["engineer_id"], anna.as_str());
        let status = async |token: &str| {
            let request = owner.client.get(format!("{}/sync/v1/status", owner.base)).bearer_auth(token);
            send(request).await
        };
        let told = status(first["token"].as_str().unwrap()).await.ok();
        assert_eq!((told["acked_seq"].as_i64(), told["held"].as_i64(), &told["epoch"]), (Some(0), Some(0), &first["epoch"]));
        let second = owner.post("/sync/v1/devices", &ask).await.ok();
        assert_eq!(status(first["token"].as_str().unwrap()).await.code(), "unauthenticated");
        status(second["token"].as_str().unwrap()).await.ok();
        assert_eq!(status("fd_forged").await.code(), "unauthenticated");

        assert_eq!(owner.get("/sync/v1/status").await.code(), "forbidden", "a page is no phone");
        let office = server.log_in(Role::Dispatcher).await;
        assert_eq!(office.post("/sync/v1/devices", &ask).await.code(), "forbidden");
        assert_eq!(server.stranger().post("/sync/v1/pull", &json!({})).await.code(), "unauthenticated");
        let wrong = json!({"device_id": "nine", "platform": " ", "app_version": "1", "schema": 1});
        let refused = owner.post("/sync/v1/devices", &wrong).await;
        assert_eq!((refused.status, refused.body["errors"].as_array().unwrap().len()), (StatusCode::UNPROCESSABLE_ENTITY, 2));
    }

    async fn packed_bodies_are_unpacked_and_bombs_are_not(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let owner = server.log_in_as("anna", Role::Engineer, Some(&anna)).await;
        let ask = json!({"device_id": "0198f3c1-0d2e-7b3c-9a41-5e6f708192d9", "platform": "android", "app_version": "1", "schema": 1});
        let token = owner.post("/sync/v1/devices", &ask).await.ok()["token"].as_str().unwrap().to_owned();
        let pull = async |encoding: &str, body: Vec<u8>| {
            let request = owner.client.post(format!("{}/sync/v1/pull", owner.base)).bearer_auth(&token);
            send(request.header("content-encoding", encoding).body(body)).await
        };
        let page = pull("gzip", stored_gzip(br#"{"cursor":0,"schema":1}"#)).await.ok();
        assert!(page["cursor"].as_i64().unwrap() >= 1);
        let bomb = pull("gzip", stored_gzip(&vec![b' '; 8 * 1024 * 1024 + 1])).await;
        assert_eq!((bomb.code(), bomb.body["limits"]["body_bytes"].as_u64()), ("too_large", Some(8_388_608)));
        let plain = pull("identity", vec![b' '; 8 * 1024 * 1024 + 1]).await;
        assert_eq!(plain.code(), "too_large");
        assert_eq!(pull("br", b"x".to_vec()).await.code(), "unsupported_encoding");
        assert!(pull("gzip", b"no gzip".to_vec()).await.status.is_client_error());
    }
}

/// Gzip without compression: stored blocks, which every reader must take.
fn stored_gzip(data: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = data.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        packed.push(u8::from(blocks.peek().is_none()));
        let length = u16::try_from(block.len()).unwrap();
        packed.extend_from_slice(&length.to_le_bytes());
        packed.extend_from_slice(&(!length).to_le_bytes());
        packed.extend_from_slice(block);
    }
    packed.extend_from_slice(&crc32(data).to_le_bytes());
    packed.extend_from_slice(&u32::try_from(data.len()).unwrap().to_le_bytes());
    packed
}

fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 },
        )
    };
    !data.iter().fold(u32::MAX, step)
}
