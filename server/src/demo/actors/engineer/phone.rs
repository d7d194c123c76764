//! An engineer's phone: the real device library over a database of its own, and the network that it sometimes has.

use db::types::{DeviceId, Id};
use db::{Clock, clock};
use mobile_sync_device::{Answer, Device, Identity, Moment, Next, Place, Progress, Request, Response};
use rand::RngExt;
use rand::rngs::StdRng;
use reqwest::Method;

use crate::demo::chance::dice;
use crate::demo::error::DemoError;
use crate::demo::line::{Caller, Line};
use crate::demo::people::Engineer;

/// Most requests of one talk with the server.
const ROUNDS: usize = 50;

/// A phone.
pub struct Phone {
    /// What it holds.
    pub device: Device,
    owner: Caller,
    line: Line,
    clock: Clock,
    boot: String,
    last_mono: i64,
    rng: StdRng,
}

impl Phone {
    /// Switches the phone on. Its database is made if it is missing.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub fn on(engineer: &Engineer, place: &Place, line: &Line, clock: &Clock) -> Result<Self, DemoError> {
        let identity = Identity {
            device_id: Id::to_string(&DeviceId::new()),
            platform: "simulated".to_owned(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let device = Device::open(place, &identity)?;
        // Each start has clocks and chance of its own, or two acts could get one id.
        let boot = clock::real_now().millis().to_string();
        Ok(Self {
            device,
            owner: Caller::new(line, &engineer.login),
            line: line.clone(),
            clock: clock.clone(),
            rng: dice(&["phone", &engineer.code, &boot]),
            boot,
            last_mono: 0,
        })
    }

    /// The phone's clocks now.
    pub fn moment(&mut self) -> Moment {
        let wall = self.clock.now().millis();
        self.last_mono = self.last_mono.max(wall);
        Moment { wall, mono: self.last_mono, boot: self.boot.clone(), random: self.rng.random() }
    }

    /// Talks with the server until there is nothing to say, or no network. Enrols first, if need be.
    ///
    /// # Errors
    /// A failure of the phone's own database; never the network's.
    pub async fn sync(&mut self) -> Result<Progress, DemoError> {
        let mut sum = Progress::default();
        self.device.want_pull();
        for _ in 0..ROUNDS {
            let now = self.moment();
            let request = match self.device.next(&now)? {
                Next::Send(request) => request,
                Next::NeedsEnrolment => self.device.enrol(&now)?,
                Next::WaitUntil { .. } | Next::Idle => break,
            };
            let answer = send(&self.line, &self.owner, &request).await;
            let now = self.moment();
            let progress = self.device.receive(&now, request.number, answer)?;
            sum.changes += progress.changes;
            sum.results += progress.results;
            sum.troubles += progress.troubles;
            if progress.failed.is_some() {
                sum.failed = progress.failed;
                break;
            }
        }
        Ok(sum)
    }
}

async fn send(line: &Line, owner: &Caller, request: &Request) -> Answer {
    let post = || {
        let json = ("content-type", "application/json");
        line.request(Method::POST, request.path).header(json.0, json.1).body(request.body.clone())
    };
    let reply = match &request.token {
        Some(token) => line.send(request.path, post().bearer_auth(token)).await,
        // Only the engineer himself can enrol his phone.
        None => owner.call(request.path, post).await,
    };
    match reply {
        Ok(reply) => Answer::Arrived(Response {
            status: reply.status.as_u16(),
            retry_after_seconds: reply.retry_after.and_then(|seconds| seconds.parse().ok()),
            body: reply.body,
        }),
        Err(error) => {
            tracing::debug!(%error, "no network");
            Answer::Lost
        }
    }
}
