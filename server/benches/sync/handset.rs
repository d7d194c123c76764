//! A phone with the project's device library, over a file as on a phone, and a connection that counts.

use std::path::{Path, PathBuf};
use std::time::Instant;

use mobile_sync_device::{Answer, Device, Identity, Moment, Next, Place, Response};
use mobile_sync_wire::enrol::{EnrolResponse, Policy};
use mobile_sync_wire::limits::Limits;

use crate::documents::Chance;
use crate::http::Connection;
use crate::world::{Enrolled, World};

pub struct Handset {
    pub device: Device,
    pub connection: Connection,
    chance: Chance,
    started: Instant,
}

impl Handset {
    /// An enrolled phone with an empty file.
    pub async fn new(world: &World, who: &Enrolled, address: &str) -> anyhow::Result<Self> {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("phone.db");
        clear(&file);
        let identity = Identity {
            device_id: who.device_id.to_string(),
            platform: "bench".to_owned(),
            app_version: "1".to_owned(),
        };
        let device = Device::open(&Place::File(file), &identity)?;
        let connection = Connection::open(address).await?;
        let mut handset = Self { device, connection, chance: Chance::new(7), started: Instant::now() };
        let now = handset.now();
        let asked = handset.device.enrol(&now)?;
        let told = EnrolResponse {
            token: who.token.clone(),
            epoch: world.epoch.clone(),
            server_time: now.wall,
            limits: Limits::default(),
            policy: Policy { engineer_id: who.engineer_id.to_string(), keep_acked_days: 30 },
        };
        let response = Response { status: 200, retry_after_seconds: None, body: serde_json::to_vec(&told)? };
        handset.device.receive(&now, asked.number, Answer::Arrived(response))?;
        Ok(handset)
    }

    pub fn now(&mut self) -> Moment {
        let mut random = [0; 10];
        random.iter_mut().for_each(|byte| *byte = u8::try_from(self.chance.below(256)).unwrap_or(0));
        let mono = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Moment { wall: db::clock::real_now().millis(), mono, boot: "b1".to_owned(), random }
    }

    /// Talks until nothing is left to say.
    pub async fn sync(&mut self) -> anyhow::Result<()> {
        loop {
            let now = self.now();
            let Next::Send(request) = self.device.next(&now)? else { return Ok(()) };
            let token = request.token.clone().unwrap_or_default();
            let reply = self.connection.post(request.path, &token, &request.body).await?;
            anyhow::ensure!(
                reply.status == 200,
                "{}: {}",
                reply.status,
                String::from_utf8_lossy(&reply.body)
            );
            let response = Response { status: reply.status, retry_after_seconds: None, body: reply.body };
            let now = self.now();
            self.device.receive(&now, request.number, Answer::Arrived(response))?;
        }
    }
}

fn clear(file: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
}
