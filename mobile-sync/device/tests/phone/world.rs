//! A phone, a server, and the weather between them, all from one seed.

use mobile_sync_device::{
    Answer, Device, Identity, Moment, Next, Place, Progress, Request, Response, Transport, TransportError,
    wire::Collection,
};
use serde_json::json;

use crate::fake::FakeServer;

pub const DEVICE: &str = "0198f3c1-0d2e-7b3c-9a41-5e6f708192d9";
pub const DAY_STARTS: i64 = 1_763_769_600_000;
pub const DAY_ENDS: i64 = DAY_STARTS + 24 * 3_600_000;

/// Small, seeded and good enough to make trouble (splitmix64).
#[derive(Clone)]
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

pub struct World {
    pub server: FakeServer,
    pub chance: Chance,
    pub wall: i64,
    pub mono: i64,
    pub boot: u32,
    /// Faults in a hundred exchanges.
    pub faults: u64,
    /// Requests that the network still holds, to be delivered once more at the worst moment.
    pub stray: Vec<Request>,
    pub requests: u32,
}

pub fn identity() -> Identity {
    Identity { device_id: DEVICE.into(), platform: "simulated".into(), app_version: "test".into() }
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut server = FakeServer::new(DAY_STARTS + 9 * 3_600_000);
        let wall = server.now;
        one_ticket(&mut server, "T1", 1041);
        Self {
            server,
            chance: Chance(seed),
            wall,
            mono: 1_000,
            boot: 1,
            faults: 0,
            stray: Vec::new(),
            requests: 0,
        }
    }

    /// An enrolled phone with everything pulled.
    pub fn phone(&mut self) -> Device {
        let mut phone = Device::open(&Place::Memory, &identity()).unwrap();
        self.enrol(&mut phone);
        self.sync(&mut phone);
        phone
    }

    pub fn enrol(&mut self, phone: &mut Device) {
        let request = phone.enrol(&self.moment()).unwrap();
        let answer = Answer::Arrived(self.server.answer(&request));
        phone.receive(&self.moment(), request.number, answer).unwrap();
    }

    /// A moment later than all before.
    pub fn moment(&mut self) -> Moment {
        self.pass(10);
        let (a, b) = (self.chance.next().to_le_bytes(), self.chance.next().to_le_bytes());
        let random = [a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], b[0], b[1]];
        Moment { wall: self.wall, mono: self.mono, boot: format!("b{}", self.boot), random }
    }

    pub fn pass(&mut self, ms: i64) {
        self.wall += ms;
        self.mono += ms;
        self.server.now += ms;
    }

    /// Talks, waiting as the phone asks, until it has nothing more to say. The drain is bounded.
    pub fn sync(&mut self, phone: &mut Device) -> Progress {
        let mut sum = Progress::default();
        phone.want_pull();
        for _ in 0..10_000 {
            let moment = self.moment();
            match phone.next(&moment).unwrap() {
                Next::Send(request) => {
                    let answer = self.post(&request).map_or(Answer::Lost, Answer::Arrived);
                    let progress = phone.receive(&self.moment(), request.number, answer).unwrap();
                    sum.results += progress.results;
                    sum.changes += progress.changes;
                    sum.troubles += progress.troubles;
                    sum.epoch_changed |= progress.epoch_changed;
                    sum.failed = progress.failed.or(sum.failed);
                }
                Next::WaitUntil { mono } => self.pass(mono - self.mono),
                Next::Idle | Next::NeedsEnrolment => return sum,
            }
        }
        panic!("the phone never comes to rest");
    }
}

impl Transport for World {
    fn post(&mut self, request: &Request) -> Result<Response, TransportError> {
        self.requests += 1;
        let lost = || TransportError("the weather".into());
        if self.chance.below(100) >= self.faults {
            return Ok(self.server.answer(request));
        }
        match self.chance.below(4) {
            0 => Err(lost()),
            1 => {
                self.server.answer(request);
                Err(lost())
            }
            2 => {
                self.server.answer(request);
                Ok(self.server.answer(request))
            }
            _ => {
                // An earlier request arrives only now; its answer goes nowhere.
                if let Some(old) = self.stray.pop() {
                    self.server.answer(&old);
                }
                self.stray.push(request.clone());
                Err(lost())
            }
        }
    }
}

pub fn one_ticket(server: &mut FakeServer, id: &str, number: i64) {
    server.put(
        Collection::Sites,
        "S1",
        json!({"name": "Penn 1", "address": "1 Penn Plaza", "latitude": 40.75, "longitude": -73.99}),
    );
    server.put(Collection::Parts, "P5", json!({"number": "DR-5", "name": "Door roller", "decimals": 0}));
    server.put(
        Collection::VanStock,
        "E7:P5",
        json!({"engineer_id": "E7", "location_id": "van-7", "part_id": "P5", "on_hand": 4, "reserved": 2}),
    );
    server.put(
        Collection::Reservations,
        &format!("R-{id}"),
        json!({"ticket_id": id, "part_id": "P5", "quantity": 2, "status": "held", "location_name": "Van 7"}),
    );
    server.put(
        Collection::Visits,
        &format!("V-{id}"),
        json!({"ticket_id": id, "number": 1, "status": "assigned", "crew": "E7"}),
    );
    server.put(
        Collection::Tickets,
        id,
        json!({"number": number, "kind": "breakdown", "title": "Lift stuck", "status": "assigned", "priority": 1, "engineer_id": "E7",
            "visit_id": format!("V-{id}"), "site_id": "S1", "access_note": "ask the porter", "planned_at": DAY_STARTS + 10 * 3_600_000}),
    );
}
