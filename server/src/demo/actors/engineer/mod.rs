//! A simulated engineer. He knows what his phone holds, what he sees on site, and when his shift ends; nothing else.
//! What he does next is decided anew from the phone's rows whenever he has nothing in his hands, so that a restart
//! of the demo finds him where his phone says he is.

pub mod hands;
pub mod phone;
mod plan;
#[cfg(test)]
mod tests;
mod work;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use db::Timestamp;
use db::clock::real_now;
use mobile_sync_device::wire::EventKind;
use mobile_sync_device::wire::docs::TicketEventDoc;
use mobile_sync_device::{DeviceError, Place};

use crate::demo::chance::place;
use crate::demo::error::DemoError;
use crate::demo::people::Engineer;
use crate::demo::places::Depot;
use crate::demo::world::World;
use hands::Need;
use phone::Phone;

/// How often he looks up, in real time.
const TICK: Duration = Duration::from_millis(250);
/// Least real time between two talks of his phone with the server: a fast clock must not become a flood.
const LEAST_PAUSE_MS: f64 = 400.0;
/// Simulated minutes between two talks: usually, after he did something, and while he waits at a counter.
const SYNC_MINUTES: i64 = 4;
const SYNC_SOON_MINUTES: i64 = 1;
/// How long he waits at a counter before he drives on without the part.
const PATIENCE_MINUTES: i64 = 25;
/// A part that does not come: after so long he mends it provisionally.
const PROVISIONAL_MINUTES: i64 = 150;
/// Somebody who took over an engineer's work with a phone of his own is not interfered with for so many real
/// minutes after his last step.
const HANDS_OFF_MINUTES: i64 = 5;

/// What he is doing.
#[derive(Debug, Clone, PartialEq)]
enum Doing {
    Nothing,
    DrivingHome,
    Fetching { ticket_id: String, depot: Depot },
    AtCounter { ticket_id: String, depot: Depot, until: Timestamp },
    Driving { ticket_id: String },
    WalkingIn { ticket_id: String, until: Timestamp },
    Looking { ticket_id: String, until: Timestamp },
    Repairing { ticket_id: String, need: Option<Need>, until: Timestamp },
}

impl Doing {
    fn ticket_id(&self) -> Option<&str> {
        match self {
            Self::Nothing | Self::DrivingHome => None,
            Self::Fetching { ticket_id, .. }
            | Self::AtCounter { ticket_id, .. }
            | Self::Driving { ticket_id }
            | Self::WalkingIn { ticket_id, .. }
            | Self::Looking { ticket_id, .. }
            | Self::Repairing { ticket_id, .. } => Some(ticket_id),
        }
    }
}

/// A simulated engineer with his phone.
pub struct Worker {
    world: Arc<World>,
    me: Engineer,
    phone: Phone,
    doing: Doing,
    sync_at: Timestamp,
    /// Until then he is in a cellar: nothing goes out or comes in.
    offline_until: Timestamp,
    look_at: Timestamp,
    /// When he first saw a ticket, and whether he was on shift then.
    seen: HashMap<String, (Timestamp, bool)>,
    /// When a ticket began to wait for a part.
    waits_since: HashMap<String, Timestamp>,
    declined: HashSet<String>,
    /// Events of which he knows: his own, and those that were there when he came.
    known_events: HashSet<String>,
    /// Until then, in real time, somebody else does his work with another phone.
    stands_back_until: Timestamp,
}

impl Worker {
    /// Somebody with a phone in this folder.
    ///
    /// # Errors
    /// When the phone cannot be switched on.
    pub fn new(world: &Arc<World>, me: Engineer, folder: &Path) -> Result<Self, DemoError> {
        let file = Place::File(folder.join(format!("{}.db", me.code)));
        Self::with_phone_at(world, me, &file)
    }

    fn with_phone_at(world: &Arc<World>, me: Engineer, phone: &Place) -> Result<Self, DemoError> {
        let phone = Phone::on(&me, phone, &world.line, &world.clock)?;
        let events = phone.device.documents::<TicketEventDoc>()?;
        let known_events = events.into_iter().map(|event| event.id).collect();
        let now = world.now();
        // Not all at the same moment.
        let first = now.plus_millis(i64::try_from(place(&["first", &me.code], 60_000)).unwrap_or(0));
        Ok(Self {
            world: world.clone(),
            me,
            phone,
            doing: Doing::Nothing,
            sync_at: first,
            offline_until: first,
            look_at: first,
            seen: HashMap::new(),
            waits_since: HashMap::new(),
            declined: HashSet::new(),
            known_events,
            stands_back_until: Timestamp::from_millis(0),
        })
    }

    /// Lives until the day is over. Before he goes home he lets his phone say what it has to say.
    pub async fn live(mut self) {
        let mut timer = tokio::time::interval(TICK);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.world.is_over() {
            timer.tick().await;
            if let Err(error) = self.tick().await {
                tracing::warn!(%error, engineer = %self.me.code, "a simulated engineer lost his thread");
                self.drop_everything();
            }
        }
        if let Err(error) = self.phone.sync().await {
            tracing::warn!(%error, engineer = %self.me.code, "a phone went home without a word");
        }
    }

    async fn tick(&mut self) -> Result<(), DemoError> {
        let now = self.world.now();
        if now >= self.sync_at && now >= self.offline_until {
            let progress = self.phone.sync().await?;
            self.sync_at = self.after(SYNC_MINUTES);
            if progress.changes > 0 || progress.results > 0 {
                self.look_at = now;
                self.check_still_mine()?;
                self.notice_somebody_else()?;
            }
        }
        if real_now() >= self.stands_back_until {
            self.act(self.world.now())?;
        }
        let busy = self.doing != Doing::Nothing || self.is_on_duty(now);
        self.world.body(&self.me).tracked = busy;
        Ok(())
    }

    /// A visitor may play this engineer on the phone page: events that this phone did not make are his.
    fn notice_somebody_else(&mut self) -> Result<(), DeviceError> {
        let events = self.phone.device.documents::<TicketEventDoc>()?;
        let mine =
            events.into_iter().filter(|e| Some(e.engineer_id.as_str()) == self.phone.device.engineer_id());
        let ids: Vec<String> = mine.map(|event| event.id).collect();
        let mut foreign = false;
        for id in ids {
            foreign |= self.known_events.insert(id);
        }
        if foreign {
            self.stands_back_until = real_now().plus_minutes(HANDS_OFF_MINUTES);
            self.drop_everything();
        }
        Ok(())
    }

    /// So many simulated minutes from now, and not too soon in real time.
    fn after(&self, minutes: i64) -> Timestamp {
        let least = (LEAST_PAUSE_MS * self.world.clock.speed()) as i64;
        self.world.now().plus_millis((minutes * db::types::MINUTE_MS).max(least))
    }

    fn sync_soon(&mut self) {
        self.sync_at = self.sync_at.min(self.after(SYNC_SOON_MINUTES));
    }

    fn is_on_duty(&self, now: Timestamp) -> bool {
        self.world.duty(&self.me.code).is_some_and(|duty| duty.covers(now))
    }

    fn drop_everything(&mut self) {
        self.world.leave_counter(&self.me.code);
        self.doing = Doing::Nothing;
    }

    /// The office may have taken the ticket away, or closed it.
    fn check_still_mine(&mut self) -> Result<(), DeviceError> {
        let Some(ticket_id) = self.doing.ticket_id() else { return Ok(()) };
        let ticket = self.phone.device.ticket(ticket_id)?;
        if !ticket.is_some_and(|ticket| ticket.status.is_open()) {
            self.drop_everything();
        }
        Ok(())
    }

    /// One step, if it is time for one.
    fn act(&mut self, now: Timestamp) -> Result<(), DeviceError> {
        // In a cellar nothing new can have come.
        if now >= self.look_at && now >= self.offline_until {
            self.look_around(now)?;
        }
        match self.doing.clone() {
            Doing::DrivingHome => {
                if self.has_arrived(now) || self.is_on_duty(now) {
                    self.doing = Doing::Nothing;
                }
                Ok(())
            }
            Doing::Fetching { ticket_id, depot } if self.has_arrived(now) => {
                self.world.stand_at(&self.me.code, depot.code);
                let until = self.after(PATIENCE_MINUTES);
                self.doing = Doing::AtCounter { ticket_id, depot, until };
                self.sync_soon();
                Ok(())
            }
            Doing::AtCounter { ticket_id, depot, until } => self.wait_at(now, ticket_id, depot, until),
            Doing::Driving { ticket_id } if self.has_arrived(now) => {
                self.step(&ticket_id, EventKind::Arrive, None)?;
                let until = self.after(1 + pick("walk", &ticket_id, 3));
                self.doing = Doing::WalkingIn { ticket_id, until };
                Ok(())
            }
            Doing::WalkingIn { ticket_id, until } if now >= until => self.begin(now, ticket_id),
            Doing::Looking { ticket_id, until } if now >= until => self.decide(now, ticket_id),
            Doing::Repairing { ticket_id, need, until } if now >= until => self.finish(ticket_id, need),
            _ => Ok(()),
        }
    }

    fn has_arrived(&self, now: Timestamp) -> bool {
        self.world.body(&self.me).has_arrived(now)
    }

    /// One event of a ticket, if the phone lets him.
    fn step(&mut self, ticket_id: &str, kind: EventKind, reason: Option<&str>) -> Result<(), DeviceError> {
        let now = self.phone.moment();
        match self.phone.device.act(&now, ticket_id, kind, reason) {
            Ok(made) => {
                self.known_events.insert(made.id);
                self.sync_soon();
            }
            // The office was faster; the next look at the phone tells what to do instead.
            Err(DeviceError::Illegal(_) | DeviceError::NoSuchRow { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn note(&mut self, ticket_id: &str, text: &str) -> Result<(), DeviceError> {
        let now = self.phone.moment();
        self.phone.device.add_note(&now, ticket_id, text).map(|_| ())
    }
}

/// A number below `most`, the same for the same ticket.
fn pick(what: &str, ticket_id: &str, most: usize) -> i64 {
    i64::try_from(place(&[what, ticket_id], most)).unwrap_or(0)
}
