//! An engineer's day in small: his phone is real, the server behind it is a few rows that follow what he does.

use std::collections::BTreeMap;
use std::sync::Arc;

use db::{Clock, Timestamp};
use jiff::civil::date;
use mobile_sync_device::wire::intents::step;
use mobile_sync_device::wire::push::PushRequest;
use mobile_sync_device::wire::{Collection, TicketStatus};
use mobile_sync_device::{Answer, Next, Request, RequestKind, Response};
use serde_json::{Value, json};

use super::*;
use crate::demo::catalogue;
use crate::demo::data::Data;
use crate::demo::line::Line;
use crate::demo::new_york::NewYork;
use crate::demo::places::DEPOTS;
use crate::demo::stream::Breakdown;
use crate::demo::world::{Duty, reference_text};

const ENGINEER: &str = "0198f3c0-1111-7000-8000-000000000007";
const VAN: &str = "van";

/// What the office's side holds for this engineer, and what he did, in order.
struct Office {
    rows: BTreeMap<(String, String), (i64, Value)>,
    version: i64,
    told: i64,
    done: Vec<String>,
    notes: Vec<String>,
}

impl Office {
    fn put(&mut self, c: &str, id: &str, mut doc: Value) {
        self.version += 1;
        doc["id"] = id.into();
        doc["sync_v"] = self.version.into();
        self.rows.insert((c.to_owned(), id.to_owned()), (self.version, doc));
    }

    fn set(&mut self, c: &str, id: &str, column: &str, value: Value) {
        let mut doc = self.rows[&(c.to_owned(), id.to_owned())].1.clone();
        doc[column] = value;
        self.put(c, id, doc);
    }

    fn answer(&mut self, request: &Request, now: Timestamp) -> Answer {
        let body = match request.kind {
            RequestKind::Enrol => json!({
                "token": "t", "epoch": "e1", "server_time": now.millis(),
                "limits": {
                    "push_mutations": 1000, "body_bytes": 8_388_608, "page_limit": 1000, "mutation_bytes": 262_144,
                },
                "policy": {"engineer_id": ENGINEER, "keep_acked_days": 30},
            }),
            RequestKind::Push => self.take(request, now),
            RequestKind::Pull => self.page(now),
        };
        let body = serde_json::to_vec(&body).unwrap();
        Answer::Arrived(Response { status: 200, retry_after_seconds: None, body })
    }

    fn page(&mut self, now: Timestamp) -> Value {
        let news = self.rows.iter().filter(|(_, (version, _))| *version > self.told);
        let put = |((c, id), (v, doc)): (&(String, String), &(i64, Value))| match doc {
            Value::Null => json!({"c": c, "id": id, "op": "remove"}),
            doc => json!({"c": c, "id": id, "op": "put", "v": v, "doc": doc}),
        };
        let changes: Vec<Value> = news.map(put).collect();
        self.told = self.version;
        json!({
            "epoch": "e1", "cursor": self.version.max(1), "more": false, "acked_seq": 0,
            "server_time": now.millis(), "changes": changes,
        })
    }

    /// Takes everything as it comes, and lets the tickets follow.
    fn take(&mut self, request: &Request, now: Timestamp) -> Value {
        let push: PushRequest = serde_json::from_slice(&request.body).unwrap();
        let mut results = Vec::new();
        for mutation in &push.mutations {
            let doc = Value::Object(mutation.set.clone());
            let ticket_id = doc["ticket_id"].as_str().unwrap().to_owned();
            match mutation.c {
                Collection::TicketEvents => self.follow(&ticket_id, &doc),
                Collection::PartUsage => {
                    let used =
                        format!("{} {}", doc["outcome"].as_str().unwrap(), doc["part_id"].as_str().unwrap());
                    self.done.push(used);
                }
                _ => self.notes.push(doc["text"].as_str().unwrap_or_default().to_owned()),
            }
            self.put(mutation.c.as_str(), &mutation.id, doc);
            results.push(json!({"mid": mutation.mid, "result": "applied", "v": self.version}));
        }
        json!({"epoch": "e1", "acked_seq": 0, "server_time": now.millis(), "results": results})
    }

    fn follow(&mut self, ticket_id: &str, event: &Value) {
        let kind: EventKind = serde_json::from_value(event["kind"].clone()).unwrap();
        let status = TicketStatus::parse(self.status(ticket_id)).unwrap();
        let next = step(kind, status).unwrap().from(status);
        self.done.push(kind.as_str().to_owned());
        self.set("tickets", ticket_id, "status", next.as_str().into());
        if kind == EventKind::Decline {
            self.version += 1;
            self.rows.insert(("tickets".to_owned(), ticket_id.to_owned()), (self.version, Value::Null));
        }
    }

    fn status(&self, ticket_id: &str) -> &str {
        let (_, doc) = &self.rows[&("tickets".to_owned(), ticket_id.to_owned())];
        doc["status"].as_str().unwrap_or("gone")
    }
}

/// An engineer at the beginning of his shift, with a site in his phone and all parts in the catalogue.
struct Scene {
    worker: Worker,
    world: Arc<World>,
    office: Office,
    began_at: Timestamp,
}

impl Scene {
    fn new() -> Self {
        let began_at = NewYork::default().hour(date(2026, 11, 23), 8, 0);
        let clock = Clock::scaled(began_at, 0.0);
        let line = Line::to("http://127.0.0.1:1").unwrap();
        let world = Arc::new(World::new(Data::read().unwrap(), clock, line));
        let me = world.people[0].clone();
        let duty = Duty { starts_at: began_at, ends_at: began_at.plus_minutes(8 * 60) };
        world.hang_up_roster([(me.code.clone(), duty)].into());
        let worker = Worker::with_phone_at(&world, me, &Place::Memory).unwrap();
        let rows = BTreeMap::new();
        let office = Office { rows, version: 0, told: 0, done: Vec::new(), notes: Vec::new() };
        let mut scene = Self { worker, world, office, began_at };
        scene.office.put("sites", "s", json!({"name": "Site", "latitude": 40.75, "longitude": -73.98}));
        for item in catalogue::PARTS {
            let part = json!({"number": item.number, "name": item.name, "unit": item.unit, "decimals": item.decimals});
            scene.office.put("parts", item.number, part);
        }
        scene
    }

    /// A ticket about a breakdown of today that needs a part, or does not.
    fn ticket(&mut self, id: &str, needs_part: bool) -> Option<(&'static str, i64)> {
        let day = self.world.day(date(2026, 11, 23));
        let truth = |call: &&Breakdown| {
            let doc = serde_json::from_value(ticket_doc("x", &reference_text(&call.reference))).unwrap();
            self.world.look(&doc, None)
        };
        let call = day.iter().find(|call| truth(call).part.is_some() == needs_part).unwrap();
        let part = truth(&call).part;
        self.office.put("tickets", id, ticket_doc(id, &reference_text(&call.reference)));
        part
    }

    fn in_van(&mut self, part: &str, quantity: i64, reserved: i64) {
        let stock = json!({
            "engineer_id": ENGINEER, "location_id": VAN, "part_id": part, "on_hand": quantity, "reserved": reserved,
        });
        self.office.put("van_stock", part, stock);
    }

    fn reservation(&mut self, ticket_id: &str, part: (&str, i64), status: &str) {
        let place = if status == "handed_over" { (VAN, "Van E-01") } else { ("depot", DEPOTS[0].name) };
        let row = json!({
            "ticket_id": ticket_id, "engineer_id": ENGINEER, "part_id": part.0, "quantity": part.1,
            "location_id": place.0, "location_name": place.1, "status": status,
        });
        self.office.put("reservations", &format!("r-{ticket_id}"), row);
    }

    fn sync(&mut self) {
        let phone = &mut self.worker.phone;
        phone.device.want_pull();
        loop {
            let now = phone.moment();
            let request = match phone.device.next(&now).unwrap() {
                Next::Send(request) => request,
                Next::NeedsEnrolment => phone.device.enrol(&now).unwrap(),
                _ => break,
            };
            let answer = self.office.answer(&request, self.world.now());
            phone.device.receive(&now, request.number, answer).unwrap();
        }
        self.worker.check_still_mine().unwrap();
    }

    /// So many minutes pass; he acts and his phone talks in each of them.
    fn pass(&mut self, minutes: i64) {
        for _ in 0..minutes {
            self.world.clock.set(self.world.now().plus_minutes(1));
            self.sync();
            self.worker.act(self.world.now()).unwrap();
        }
        self.sync();
    }

    fn done(&self) -> Vec<&str> {
        self.office.done.iter().map(String::as_str).collect()
    }
}

fn ticket_doc(id: &str, description: &str) -> Value {
    json!({
        "id": id, "number": 1, "kind": "repair", "title": "Lift", "description": description, "status": "assigned",
        "priority": 1, "engineer_id": ENGINEER, "visit_id": "v", "site_id": "s", "expected_minutes": 60,
    })
}

#[test]
fn a_repair_without_parts_goes_its_way_from_accepting_to_completing() {
    let mut scene = Scene::new();
    scene.ticket("t", false);
    scene.pass(300);
    assert_eq!(scene.done(), ["accept", "travel", "arrive", "start", "complete"]);
    assert_eq!(scene.office.notes.len(), 1, "he says what he did: {:?}", scene.office.notes);
}

#[test]
fn nobody_accepts_in_the_moment_in_which_his_phone_rings() {
    let mut scene = Scene::new();
    scene.ticket("t", false);
    scene.sync();
    scene.worker.act(scene.world.now()).unwrap();
    scene.sync();
    assert_eq!(scene.office.status("t"), "assigned");
}

#[test]
fn a_part_that_is_in_the_van_is_used_before_the_ticket_is_completed() {
    let mut scene = Scene::new();
    let (part, quantity) = scene.ticket("t", true).unwrap();
    scene.in_van(part, quantity, 0);
    scene.pass(300);
    let used = format!("used {part}");
    assert_eq!(scene.done(), ["accept", "travel", "arrive", "start", &used, "complete"]);
    assert!(scene.office.notes[0].starts_with("Replaced "), "{:?}", scene.office.notes);
}

#[test]
fn a_part_that_is_promised_to_another_ticket_is_left_in_the_van() {
    let mut scene = Scene::new();
    let (part, quantity) = scene.ticket("t", true).unwrap();
    scene.in_van(part, quantity, quantity);
    scene.pass(100);
    assert_eq!(scene.office.status("t"), "waiting");
    // Promised to this very ticket it is his to use.
    scene.reservation("t", (part, quantity), "handed_over");
    scene.pass(250);
    assert_eq!(scene.office.status("t"), "completed");
}

#[test]
fn for_a_part_that_he_has_not_got_he_asks_fetches_it_when_it_is_reserved_and_goes_on() {
    let mut scene = Scene::new();
    let (part, quantity) = scene.ticket("t", true).unwrap();
    scene.pass(100);
    assert_eq!(scene.done(), ["accept", "travel", "arrive", "start", "pause"]);
    let note = scene.office.notes[0].clone();
    assert!(note.starts_with("Part needed: ") && note.contains(part), "{note}");

    scene.reservation("t", (part, quantity), "held");
    scene.pass(30);
    let me = scene.worker.me.code.clone();
    assert!(scene.world.is_at_counter(&me, DEPOTS[0].code), "{:?}", scene.worker.doing);

    scene.in_van(part, quantity, quantity);
    scene.reservation("t", (part, quantity), "handed_over");
    scene.pass(250);
    assert!(!scene.world.is_at_counter(&me, DEPOTS[0].code));
    let used = format!("used {part}");
    let after =
        ["accept", "travel", "arrive", "start", "pause", "travel", "arrive", "start", &used, "complete"];
    assert_eq!(scene.done(), after);
}

#[test]
fn what_the_office_guessed_is_fetched_on_the_way_and_given_back_if_it_was_not_needed() {
    let mut scene = Scene::new();
    scene.ticket("t", false);
    scene.reservation("t", ("EL-FUS", 1), "picked");
    scene.pass(40);
    assert!(matches!(scene.worker.doing, Doing::AtCounter { .. } | Doing::Fetching { .. }));
    scene.in_van("EL-FUS", 1, 1);
    scene.reservation("t", ("EL-FUS", 1), "handed_over");
    scene.pass(300);
    assert_eq!(scene.done(), ["accept", "travel", "arrive", "start", "returned EL-FUS", "complete"]);
}

#[test]
fn at_a_counter_where_nobody_serves_him_he_waits_for_a_while_and_drives_on() {
    let mut scene = Scene::new();
    scene.ticket("t", false);
    scene.reservation("t", ("EL-FUS", 1), "held");
    scene.pass(100);
    let me = scene.worker.me.code.clone();
    assert!(!scene.world.is_at_counter(&me, DEPOTS[0].code));
    scene.pass(200);
    assert_eq!(scene.office.status("t"), "completed");
}

#[test]
fn a_part_that_never_comes_is_mended_provisionally() {
    let mut scene = Scene::new();
    let (part, _) = scene.ticket("t", true).unwrap();
    scene.pass(7 * 60);
    assert_eq!(scene.office.status("t"), "completed");
    let last = scene.office.notes.last().unwrap();
    assert!(last.starts_with("Mended provisionally") && last.contains(part), "{last}");
    assert!(!scene.done().iter().any(|act| act.starts_with("used")));
}

#[test]
fn urgent_work_comes_before_what_was_planned_earlier() {
    let mut scene = Scene::new();
    for (id, priority, planned) in [("early", 3, 0), ("urgent", 1, 60)] {
        scene.ticket(id, false);
        scene.office.set("tickets", id, "priority", priority.into());
        scene.office.set("tickets", id, "status", "accepted".into());
        let at = scene.began_at.plus_minutes(planned);
        scene.office.set("tickets", id, "planned_at", at.millis().into());
    }
    scene.pass(5);
    assert_eq!((scene.office.status("urgent"), scene.office.status("early")), ("travelling", "accepted"));
}

#[test]
fn a_ticket_that_the_office_takes_away_is_dropped_wherever_he_is() {
    let mut scene = Scene::new();
    scene.ticket("t", false);
    scene.reservation("t", ("EL-FUS", 1), "held");
    scene.pass(30);
    let me = scene.worker.me.code.clone();
    assert!(scene.world.is_at_counter(&me, DEPOTS[0].code), "{:?}", scene.worker.doing);
    scene.office.version += 1;
    let removed = (scene.office.version, Value::Null);
    scene.office.rows.insert(("tickets".to_owned(), "t".to_owned()), removed);
    scene.pass(2);
    assert_eq!(scene.worker.doing, Doing::Nothing);
    assert!(!scene.world.is_at_counter(&me, DEPOTS[0].code));
}

#[test]
fn at_the_end_of_the_shift_he_finishes_what_he_began_gives_back_the_rest_and_goes_home() {
    let mut scene = Scene::new();
    scene.ticket("begun", false);
    scene.pass(60);
    scene.ticket("new", false);
    scene.office.set("tickets", "new", "priority", 3.into());
    scene.office.set("tickets", "new", "status", "accepted".into());
    scene.pass(1);
    assert!(hands::is_begun(TicketStatus::parse(scene.office.status("begun")).unwrap()));
    let tomorrow = scene.began_at.plus_minutes(24 * 60);
    let next = Duty { starts_at: tomorrow, ends_at: tomorrow.plus_minutes(480) };
    let me = scene.worker.me.clone();
    scene.world.hang_up_roster([(me.code.clone(), next)].into());
    scene.pass(3);
    assert_eq!(scene.office.status("new"), "gone", "declined");
    scene.pass(240);
    assert_eq!(scene.office.status("begun"), "completed");
    let home = dispatch::Point { latitude: me.home.0, longitude: me.home.1 };
    assert!(scene.world.body(&me).is_at(scene.world.now(), home));
}

#[test]
fn before_his_shift_he_answers_nothing() {
    let mut scene = Scene::new();
    let later = scene.began_at.plus_minutes(120);
    let duty = Duty { starts_at: later, ends_at: later.plus_minutes(480) };
    scene.world.hang_up_roster([(scene.worker.me.code.clone(), duty)].into());
    scene.ticket("t", false);
    scene.pass(110);
    assert_eq!(scene.done(), [""; 0]);
    scene.pass(20);
    assert!(scene.done().starts_with(&["accept", "travel"]), "{:?}", scene.done());
}

#[test]
fn after_a_restart_he_goes_on_where_his_phone_says_he_is() {
    let mut scene = Scene::new();
    scene.ticket("t", false);
    scene.office.set("tickets", "t", "status", "working".into());
    let began = scene.began_at.plus_minutes(-10).millis();
    let start = json!({"ticket_id": "t", "engineer_id": ENGINEER, "kind": "start", "at": began, "dseq": 4});
    scene.office.put("ticket_events", "e", start);
    scene.pass(200);
    assert_eq!(scene.done(), ["complete"]);
}

#[test]
fn steps_of_somebody_else_with_his_log_in_make_him_stand_back() {
    let mut scene = Scene::new();
    scene.ticket("t", false);
    scene.pass(6);
    scene.worker.notice_somebody_else().unwrap();
    assert!(scene.worker.stands_back_until < real_now(), "his own steps do not");
    let foreign = json!({"ticket_id": "t", "engineer_id": ENGINEER, "kind": "arrive", "at": 1, "dseq": 1});
    scene.office.put("ticket_events", "foreign", foreign);
    scene.sync();
    scene.worker.notice_somebody_else().unwrap();
    assert!(scene.worker.stands_back_until > real_now());
    assert_eq!(scene.worker.doing, Doing::Nothing);
}
