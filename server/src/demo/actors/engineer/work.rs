//! An engineer at work: on the way, at the counter, on site. Each function is one step, taken when its time has come.

use db::Timestamp;
use dispatch::Point;
use mobile_sync_device::wire::docs::{PartOutcome, SiteDoc, TicketDoc};
use mobile_sync_device::wire::{EventKind, TicketStatus};
use mobile_sync_device::{DeviceError, PartUse};

use super::hands::{self, Need};
use super::{Doing, PATIENCE_MINUTES, PROVISIONAL_MINUTES, Worker, pick};
use crate::demo::chance::{happens, place};
use crate::demo::places::Depot;
use crate::demo::world::body::detour_ms;

/// However slow somebody is, a repair is over then.
const LONGEST_MINUTES: i64 = 150;
/// Of a hundred repairs so many are in a cellar without a network.
const CELLARS: u64 = 20;

const DONE: &[&str] = &[
    "Ran ten test trips, all clear.",
    "Adjusted and cleaned; running normally.",
    "Reset and observed for five minutes.",
    "Tested with the superintendent present.",
    "Checked the safety circuit; in service again.",
];

impl Worker {
    /// Drives to the site, by way of the depots where parts wait; or goes on where he was.
    pub(super) fn set_out(
        &mut self,
        now: Timestamp,
        ticket: &TicketDoc,
        site: &SiteDoc,
    ) -> Result<(), DeviceError> {
        let ticket_id = ticket.id.clone();
        match ticket.status {
            TicketStatus::OnSite => return self.begin(now, ticket_id),
            TicketStatus::Working => return self.decide(now, ticket_id),
            _ => self.step(&ticket_id, EventKind::Travel, None)?,
        }
        self.drive(now, ticket_id, site)
    }

    pub(super) fn drive(
        &mut self,
        now: Timestamp,
        ticket_id: String,
        site: &SiteDoc,
    ) -> Result<(), DeviceError> {
        let here = self.world.body(&self.me).place(now);
        let depots = hands::waiting_at(&self.phone.device, &ticket_id, here)?;
        let there = Point { latitude: site.latitude, longitude: site.longitude };
        let (to, doing) = match depots.first() {
            Some(depot) => {
                self.world.lose_by_fetching(detour_ms(here, hands::point(depot), there));
                (hands::point(depot), Doing::Fetching { ticket_id, depot: *depot })
            }
            None => (there, Doing::Driving { ticket_id }),
        };
        self.world.body(&self.me).go(now, to);
        self.doing = doing;
        Ok(())
    }

    pub(super) fn wait_at(
        &mut self,
        now: Timestamp,
        ticket_id: String,
        depot: Depot,
        until: Timestamp,
    ) -> Result<(), DeviceError> {
        let here = hands::point(&depot);
        let waiting = hands::waiting_at(&self.phone.device, &ticket_id, here)?;
        let still_here = waiting.iter().any(|other| other.code == depot.code);
        if still_here && now < until {
            self.sync_soon();
            return Ok(());
        }
        self.world.leave_counter(&self.me.code);
        let came_at = until.plus_minutes(-PATIENCE_MINUTES);
        self.world.lose_by_fetching((now.millis() - came_at.millis()).max(0));
        let Some(ticket) = self.phone.device.ticket(&ticket_id)? else {
            self.doing = Doing::Nothing;
            return Ok(());
        };
        let Some(site) = self.phone.device.document::<SiteDoc>(&ticket.site_id)? else {
            self.doing = Doing::Nothing;
            return Ok(());
        };
        if still_here {
            // He was not served. On site he will see whether it matters.
            let to = Point { latitude: site.latitude, longitude: site.longitude };
            self.world.body(&self.me).go(now, to);
            self.doing = Doing::Driving { ticket_id };
            return Ok(());
        }
        self.drive(now, ticket_id, &site)
    }

    pub(super) fn begin(&mut self, now: Timestamp, ticket_id: String) -> Result<(), DeviceError> {
        self.step(&ticket_id, EventKind::Start, None)?;
        if happens(&["cellar", &ticket_id], CELLARS) {
            self.offline_until = now.plus_minutes(10 + pick("cellar", &ticket_id, 25));
        }
        let until = self.after(3 + pick("look", &ticket_id, 6));
        self.doing = Doing::Looking { ticket_id, until };
        Ok(())
    }

    /// He has seen what it is.
    pub(super) fn decide(&mut self, now: Timestamp, ticket_id: String) -> Result<(), DeviceError> {
        let Some(ticket) = self.phone.device.ticket(&ticket_id)? else {
            self.doing = Doing::Nothing;
            return Ok(());
        };
        let (need, minutes) = hands::findings(&self.world, &self.phone.device, &ticket)?;
        let provisional =
            self.waits_since.get(&ticket_id).is_some_and(|at| now >= at.plus_minutes(PROVISIONAL_MINUTES));
        if let Some(need) = &need
            && !hands::has_in_hand(&self.phone.device, &ticket_id, need)?
            && !provisional
        {
            let text = format!("Part needed: {} {} {}.", need.amount, need.number, need.name);
            self.note(&ticket_id, &text)?;
            self.step(&ticket_id, EventKind::Pause, Some(&format!("Waiting for part {}", need.number)))?;
            self.waits_since.insert(ticket_id, now);
            self.doing = Doing::Nothing;
            return Ok(());
        }
        let began = hands::began_at(&self.phone.device, &ticket_id)?.unwrap_or(now.millis());
        let takes = (minutes * self.me.pace_percent() / 100).min(LONGEST_MINUTES);
        let until = Timestamp::from_millis(began).plus_minutes(takes).max(self.after(2));
        let need = need.filter(|_| !provisional);
        self.doing = Doing::Repairing { ticket_id, need, until };
        Ok(())
    }

    pub(super) fn finish(&mut self, ticket_id: String, need: Option<Need>) -> Result<(), DeviceError> {
        self.doing = Doing::Nothing;
        let Some(ticket) = self.phone.device.ticket(&ticket_id)? else { return Ok(()) };
        if !ticket.status.is_open() {
            return Ok(());
        }
        let mut done = DONE[place(&["done", &ticket_id], DONE.len())].to_owned();
        if let Some(need) = need {
            self.report_part(&ticket_id, &need.part_id, need.quantity, PartOutcome::Used)?;
            self.world.shelves().built_in(&self.me.van(), &need.number, need.quantity);
            done = format!("Replaced {} ({}). {done}", need.name, need.amount);
        } else if self.waits_since.contains_key(&ticket_id) {
            let (missing, _) = hands::findings(&self.world, &self.phone.device, &ticket)?;
            if let Some(missing) = missing {
                done = format!("Mended provisionally; {} to follow. {done}", missing.number);
            }
        }
        for (part_id, quantity) in hands::left_over(&self.phone.device, &ticket_id)? {
            self.report_part(&ticket_id, &part_id, quantity, PartOutcome::Returned)?;
        }
        self.note(&ticket_id, &done)?;
        self.step(&ticket_id, EventKind::Complete, None)?;
        self.look_at = self.after(1);
        Ok(())
    }

    pub(super) fn report_part(
        &mut self,
        ticket_id: &str,
        part_id: &str,
        quantity: i64,
        outcome: PartOutcome,
    ) -> Result<(), DeviceError> {
        let part =
            PartUse { part_id: part_id.to_owned(), quantity, serial: None, removed_serial: None, outcome };
        let now = self.phone.moment();
        self.phone.device.use_part(&now, ticket_id, &part).map(|_| ())
    }
}
