//! What an engineer does next: he answers what is new on his phone, and chooses among what he has.

use db::Timestamp;
use dispatch::Point;
use mobile_sync_device::wire::docs::{SiteDoc, TicketDoc};
use mobile_sync_device::wire::{EventKind, TicketStatus};
use mobile_sync_device::{DeviceError, Stop};

use super::{Doing, PROVISIONAL_MINUTES, Worker, hands, pick};
use crate::demo::chance::{happens, place};

/// Of a hundred tickets he declines so many.
const DECLINES: u64 = 5;
/// A next shift that is farther away than this is another day's.
const ANOTHER_DAY_MINUTES: i64 = 5 * 60;

const REASONS: &[&str] = &[
    "Stuck in traffic on the other side of town.",
    "My van is in the workshop.",
    "I was there last week; a colleague should look with fresh eyes.",
    "Too close to the end of my shift.",
];

impl Worker {
    /// Looks at the phone: answers what is new, and if his hands are free decides what to do next.
    pub(super) fn look_around(&mut self, now: Timestamp) -> Result<(), DeviceError> {
        self.look_at = self.after(2);
        let on_duty = self.is_on_duty(now);
        let stops: Vec<Stop> = self.phone.device.todays_visits(i64::MIN, i64::MAX)?;
        let stops: Vec<Stop> = stops.into_iter().filter(|stop| stop.ticket.status.is_open()).collect();
        for stop in &stops {
            self.answer(now, &stop.ticket, on_duty)?;
        }
        if self.doing != Doing::Nothing {
            return Ok(());
        }
        match self.choose(now, stops, on_duty)? {
            Some((ticket, site)) => self.set_out(now, &ticket, &site),
            None if !on_duty => {
                self.go_home(now);
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(super) fn go_home(&mut self, now: Timestamp) {
        let home = Point { latitude: self.me.home.0, longitude: self.me.home.1 };
        let mut body = self.world.body(&self.me);
        if !body.is_at(now, home) {
            body.go(now, home);
            self.doing = Doing::DrivingHome;
        }
    }

    /// Accepts or declines what is new, and gives back at the end of the shift what he did not begin.
    pub(super) fn answer(
        &mut self,
        now: Timestamp,
        ticket: &TicketDoc,
        on_duty: bool,
    ) -> Result<(), DeviceError> {
        if !matches!(ticket.status, TicketStatus::Assigned | TicketStatus::Accepted) {
            return Ok(());
        }
        let (seen_at, seen_on_duty) = *self.seen.entry(ticket.id.clone()).or_insert((now, on_duty));
        let next = self.world.duty(&self.me.code);
        let over = next.is_none_or(|duty| duty.starts_at > now.plus_minutes(ANOTHER_DAY_MINUTES));
        if !on_duty && over && seen_on_duty {
            self.declined.insert(ticket.id.clone());
            return self.step(&ticket.id, EventKind::Decline, Some("My shift is over."));
        }
        let thought = seen_at.plus_minutes(1 + pick("think", &ticket.id, 3));
        if !on_duty || ticket.status != TicketStatus::Assigned || now < thought {
            return Ok(());
        }
        let words = ["declines", &ticket.id, &self.me.code];
        // Urgent work is not declined, nor what somebody asked him for a second time.
        if ticket.priority > 1 && happens(&words, DECLINES) && self.declined.insert(ticket.id.clone()) {
            return self.step(&ticket.id, EventKind::Decline, Some(REASONS[place(&words, REASONS.len())]));
        }
        self.step(&ticket.id, EventKind::Accept, None)
    }

    /// What was begun comes first, then what only waited for a part that is there now, then the plan.
    pub(super) fn choose(
        &mut self,
        now: Timestamp,
        stops: Vec<Stop>,
        on_duty: bool,
    ) -> Result<Option<(TicketDoc, SiteDoc)>, DeviceError> {
        let mut best: Option<((u8, i64, i64), TicketDoc, SiteDoc)> = None;
        for stop in stops {
            // The site may come with the next page.
            let Some(site) = stop.site else { continue };
            // As it is after what he has just answered.
            let Some(ticket) = self.phone.device.ticket(&stop.ticket.id)? else { continue };
            let rank = match ticket.status {
                status if hands::is_begun(status) => 0,
                TicketStatus::Waiting if self.can_go_on(now, &ticket)? => 1,
                TicketStatus::Accepted if on_duty && ticket.priority == 1 => 2,
                TicketStatus::Accepted if on_duty => 3,
                _ => continue,
            };
            let key = (rank, ticket.planned_at.unwrap_or(i64::MAX), ticket.number);
            if best.as_ref().is_none_or(|(known, ..)| key < *known) {
                best = Some((key, ticket, site));
            }
        }
        Ok(best.map(|(_, ticket, site)| (ticket, site)))
    }

    /// Whether a ticket that waits for a part need not wait any longer.
    pub(super) fn can_go_on(&mut self, now: Timestamp, ticket: &TicketDoc) -> Result<bool, DeviceError> {
        let since = *self.waits_since.entry(ticket.id.clone()).or_insert(now);
        let device = &self.phone.device;
        let (need, _) = hands::findings(&self.world, device, ticket)?;
        let Some(need) = need else { return Ok(true) };
        Ok(hands::has_in_hand(device, &ticket.id, &need)?
            || hands::can_be_fetched(device, &ticket.id, &need)?
            || now >= since.plus_minutes(PROVISIONAL_MINUTES))
    }
}
