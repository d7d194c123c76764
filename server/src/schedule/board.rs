//! Every engineer in memory. Built from the database at the start, kept up to date from the change log, whoever
//! wrote it; a restart loses nothing.

mod timelines;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use db::schema::stock_locations;
use db::types::{EngineerId, LocationId};
use db::{Change, Conn, Db, Timestamp};
use diesel::prelude::*;
use dispatch::{
    Counterfactual, Familiarity, Fresh, Load, Needs, Point, Policies, Position, Query, Roster, Shortlist,
    shortlist,
};
use inventory::locations::LocationKind;
use uuid::Uuid;

use super::familiar::Familiar;
use super::in_hand::{InHand, Work};
use super::{load, policies};
use crate::engineers::roster;
use crate::error::Error;
use crate::inventory::needs;
use crate::positions::{self, NewPosition};
use crate::sla::Promises;
use crate::tickets::Ticket;
use crate::travel::Travel;

/// Who is where, with what, until when.
pub struct Board {
    known: RwLock<Known>,
    travel: Arc<Travel>,
}

struct Known {
    roster: Roster,
    /// What the roster's routes are made from.
    in_hand: InHand,
    familiar: Familiar,
    policies: Arc<Policies>,
    promises: Arc<Promises>,
    needs: Arc<Needs>,
    /// Tickets were closed since the needs were read.
    needs_grew: bool,
    needs_read_at: Timestamp,
    vans: HashMap<EngineerId, LocationId>,
    depots: Vec<LocationId>,
    /// The last change that is taken in.
    cursor: i64,
    /// The change after which memory began: what was changed before is not in `touched`.
    began_at: i64,
    /// By which change each engineer's day was last touched.
    touched: HashMap<EngineerId, i64>,
    refreshed_at: Timestamp,
}

/// What changes say, as far as dispatch has to know it.
struct News {
    engineers: Vec<dispatch::Engineer>,
    loads: HashMap<Uuid, Load>,
    stock: Option<Places>,
    policies: Option<Policies>,
    promises: Option<Promises>,
    needs: Option<Needs>,
    needs_grew: bool,
    /// With the number of the change that shows it.
    work: Vec<(i64, Work)>,
}

/// How often, on the server's clock, shifts that ended and positions that aged are seen to.
const REFRESH_MINUTES: i64 = 1;

/// With more depots and bins, stock is asked for by part alone.
const MOST_NAMED_PLACES: usize = 200;

type Places = (HashMap<EngineerId, LocationId>, Vec<LocationId>);

impl Board {
    /// Reads everybody.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn load(db: &Db, travel: Arc<Travel>) -> Result<Self, Error> {
        let now = db.clock().now();
        let known = db
            .read(move |conn| {
                let cursor = db::changes::last(conn)?;
                let engineers = roster::load(conn, None, now)?;
                let policies = Arc::new(policies::current(conn)?.body.0);
                let mut roster = Roster::build(engineers, now.millis(), &policies.general);
                for (id, load) in load::all(conn)? {
                    roster.loaded(id, load);
                }
                for position in positions::all(conn)? {
                    move_to(&mut roster, &position);
                }
                let (vans, depots) = places(conn)?;
                let work =
                    load::in_hand(conn)?.iter().map(|(ticket, since)| Work::of(ticket, *since)).collect();
                let mut known = Known {
                    roster,
                    in_hand: InHand::default(),
                    familiar: Familiar::load(conn)?,
                    policies,
                    promises: Arc::new(Promises::load(conn)?),
                    needs: Arc::new(needs::known(conn)?),
                    needs_grew: false,
                    needs_read_at: now,
                    vans,
                    depots,
                    cursor,
                    began_at: cursor,
                    touched: HashMap::new(),
                    refreshed_at: now,
                };
                known.learn_work(work, cursor);
                let everybody: Vec<EngineerId> = known.roster.ids().map(EngineerId::from_uuid).collect();
                everybody.into_iter().for_each(|engineer| known.route(engineer, cursor));
                Ok::<_, Error>(known)
            })
            .await?;
        Ok(Self { known: RwLock::new(known), travel })
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long journeys take.
    pub fn travel(&self) -> &Travel {
        &self.travel
    }

    /// The rules and weights in force.
    pub fn policies(&self) -> Arc<Policies> {
        self.read().policies.clone()
    }

    /// What customers were promised.
    pub fn promises(&self) -> Arc<Promises> {
        self.read().promises.clone()
    }

    /// What tickets will probably need.
    pub fn needs(&self) -> Arc<Needs> {
        self.read().needs.clone()
    }

    /// How well these engineers know the ticket's customer and asset.
    pub fn familiarity(&self, ticket: &Ticket, engineers: &[EngineerId]) -> HashMap<Uuid, Familiarity> {
        self.read().familiar.of(ticket.customer_id, ticket.asset_id, engineers)
    }

    /// The last change that is taken in: with it a dossier can be recomputed.
    pub fn cursor(&self) -> i64 {
        self.read().cursor
    }

    /// Who is near and may, from memory alone; `also` is somebody whom the dispatcher asks about.
    pub fn shortlist(&self, query: &Query<'_>, also: Option<EngineerId>) -> Shortlist {
        let known = self.read();
        let mut list = shortlist(&known.roster, query);
        if let Some(engineer) = also {
            list.include(&known.roster, query, engineer.uuid());
        }
        list
    }

    /// What would have to be different.
    pub fn counterfactuals(
        &self,
        query: &Query<'_>,
        fresh: &Fresh<'_>,
        engineer: Option<EngineerId>,
    ) -> Vec<Counterfactual> {
        dispatch::counterfactuals(&self.read().roster, query, fresh, engineer.map(|id| id.uuid()))
    }

    /// Whether there is such an engineer.
    pub fn knows(&self, engineer: EngineerId) -> bool {
        self.read().roster.engineer(engineer.uuid()).is_some()
    }

    /// Where he is as far as dispatch knows: at home, if he was not seen of late.
    pub fn place_of(&self, engineer: EngineerId) -> Option<Point> {
        self.read().roster.place(engineer.uuid())
    }

    /// His last position, however old.
    pub fn position_of(&self, engineer: EngineerId) -> Option<Position> {
        self.read().roster.position(engineer.uuid())
    }

    /// The places to look for parts: all depots with their bins, and the vans of these engineers. None where they are
    /// so many that it is quicker to look everywhere.
    pub fn stock_places(&self, engineers: impl Iterator<Item = EngineerId>) -> Option<Vec<LocationId>> {
        let known = self.read();
        if known.depots.len() > MOST_NAMED_PLACES {
            return None;
        }
        let vans = engineers.filter_map(|engineer| known.vans.get(&engineer).copied());
        Some(known.depots.iter().copied().chain(vans).collect())
    }

    /// Moves engineers; returns those reports that were news.
    pub fn moved(&self, reports: &[NewPosition]) -> Vec<NewPosition> {
        let mut known = self.write();
        reports.iter().filter(|report| move_to(&mut known.roster, report)).copied().collect()
    }

    /// Forgets positions from before this instant.
    pub fn forget_positions(&self, before: Timestamp) {
        self.write().roster.forget_positions(before.millis());
    }

    /// Takes note of work that was just committed, ahead of the log.
    pub fn loaded(&self, engineer: EngineerId, load: Load) {
        self.write().roster.loaded(engineer.uuid(), load);
    }

    /// Sees to shifts that ended and positions that aged; cheap if called too often.
    pub fn refresh(&self, now: Timestamp) {
        if now < self.read().refreshed_at.plus_minutes(REFRESH_MINUTES) {
            return;
        }
        let mut known = self.write();
        known.refreshed_at = now;
        let policies = known.policies.clone();
        known.roster.refresh(now.millis(), &policies.general);
    }

    /// Takes in now what is committed already, for a caller who knows of somebody that memory does not.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn catch_up(&self, db: &Db) -> Result<(), Error> {
        loop {
            let cursor = self.cursor();
            let changes = db.read(move |conn| db::changes::after(conn, cursor, db::changes::PAGE)).await?;
            if changes.is_empty() {
                return Ok(());
            }
            self.learn(db, &changes).await?;
        }
    }

    /// Takes committed changes in.
    ///
    /// # Errors
    /// A failure of the database; nothing was taken in then.
    pub async fn learn(&self, db: &Db, changes: &[Change]) -> Result<(), Error> {
        let Some(last) = changes.last().map(|c| c.seq) else { return Ok(()) };
        let engineers = touched_engineers(changes);
        let busy = busy_engineers(changes);
        let has = |entity: &str| changes.iter().any(|c| c.entity == entity);
        let stock = has("stock_locations");
        let new_policies = has("dispatch_policies");
        let new_promises = changes.iter().any(|change| change.entity.starts_with("sla_"));
        let now = db.clock().now();
        // What people say counts at once; what was learnt is read again with the shifts, for many tickets together.
        let needs_grew = changes.iter().any(is_closed);
        let new_needs = has("part_needs") || self.needs_are_due(now);
        let mut news = db
            .read(move |conn| {
                let wanted: Vec<EngineerId> = engineers.into_iter().collect();
                let engineers =
                    if wanted.is_empty() { Vec::new() } else { roster::load(conn, Some(&wanted), now)? };
                let busy: Vec<EngineerId> = busy.into_iter().chain(wanted).collect();
                let loads = if busy.is_empty() { HashMap::new() } else { load::of(conn, &busy)? };
                Ok::<_, Error>(News {
                    engineers,
                    loads,
                    stock: if stock { Some(places(conn)?) } else { None },
                    needs: if new_needs { Some(needs::known(conn)?) } else { None },
                    needs_grew,
                    policies: if new_policies { Some(policies::current(conn)?.body.0) } else { None },
                    promises: if new_promises { Some(Promises::load(conn)?) } else { None },
                    work: Vec::new(),
                })
            })
            .await?;
        news.work = changes.iter().filter_map(|change| Some((change.seq, Work::shown(change)?))).collect();
        self.take_in(last, news, now);
        Ok(())
    }

    fn needs_are_due(&self, now: Timestamp) -> bool {
        let known = self.read();
        known.needs_grew && now >= known.needs_read_at.plus_minutes(REFRESH_MINUTES)
    }

    fn take_in(&self, cursor: i64, news: News, now: Timestamp) {
        let News { engineers, loads, stock, policies, promises, needs, needs_grew, work } = news;
        let mut known = self.write();
        known.needs_grew |= needs_grew;
        if let Some(needs) = needs {
            known.needs = Arc::new(needs);
            (known.needs_grew, known.needs_read_at) = (false, now);
        }
        if let Some(promises) = promises {
            known.promises = Arc::new(promises);
        }
        if let Some(policies) = policies {
            known.roster.refresh(now.millis(), &policies.general);
            known.policies = Arc::new(policies);
        }
        for engineer in engineers {
            let id = EngineerId::from_uuid(engineer.id);
            known.roster.upsert(engineer);
            known.route(id, cursor);
        }
        // Two may read the log at once, and the slower one must not turn back what the faster one has taken in.
        let cursor_before = known.cursor;
        let work = work.into_iter().filter(|(seq, _)| *seq > cursor_before).map(|(_, work)| work).collect();
        known.learn_work(work, cursor);
        for (id, load) in loads {
            known.roster.loaded(id, load);
        }
        if let Some((vans, depots)) = stock {
            known.vans = vans;
            known.depots = depots;
        }
        known.cursor = known.cursor.max(cursor);
    }
}

impl Known {
    /// Takes in how tickets are now, and makes new routes for those who had or have them.
    fn learn_work(&mut self, work: Vec<Work>, cursor: i64) {
        let mut touched = BTreeSet::new();
        for work in work {
            if let Some((engineer, customer, asset)) = self.in_hand.completes(&work) {
                self.familiar.count(engineer, customer, asset, 1);
            }
            touched.extend(self.in_hand.learn(work));
        }
        touched.into_iter().for_each(|engineer| self.route(engineer, cursor));
    }

    fn route(&mut self, engineer: EngineerId, cursor: i64) {
        let touched = self.touched.entry(engineer).or_default();
        *touched = cursor.max(*touched);
        self.roster.routed(engineer.uuid(), self.in_hand.route(engineer));
    }
}

fn move_to(roster: &mut Roster, report: &NewPosition) -> bool {
    let point = Point { latitude: report.latitude, longitude: report.longitude };
    roster.moved(report.engineer_id.uuid(), Position { point, at: report.at.millis() })
}

/// Whether it shows a ticket that is closed: one that says something of what others will need.
fn is_closed(change: &Change) -> bool {
    change.entity == "tickets"
        && change.row.as_ref().is_some_and(|row| row.get().contains("\"status\":\"closed\""))
}

/// Engineers about whom the changes say something that dispatch has to know.
fn touched_engineers(changes: &[Change]) -> BTreeSet<EngineerId> {
    let mut found = BTreeSet::new();
    for change in changes {
        match change.entity.as_str() {
            "engineers" => found.extend(change.row_id.parse::<EngineerId>().ok()),
            "skill_certificates" | "shifts" | "absences" => found.extend(owner(change)),
            // A finished repair says something about his speed.
            "tickets"
                if change.row.as_ref().is_some_and(|r| r.get().contains("\"status\":\"completed\"")) =>
            {
                found.extend(owner(change));
            }
            _ => {}
        }
    }
    found
}

/// Engineers whose work in hand may have changed: holders of changed tickets, and former ones by their assignments.
fn busy_engineers(changes: &[Change]) -> BTreeSet<EngineerId> {
    let about_work = changes.iter().filter(|c| matches!(c.entity.as_str(), "tickets" | "assignments"));
    about_work.filter_map(owner).collect()
}

/// The engineer whom a row belongs to.
fn owner(change: &Change) -> Option<EngineerId> {
    #[derive(serde::Deserialize)]
    struct Owned {
        engineer_id: Option<EngineerId>,
    }
    let row = change.row.as_ref()?;
    serde_json::from_str::<Owned>(row.get()).ok()?.engineer_id
}

fn places(conn: &mut Conn) -> Result<Places, Error> {
    let rows: Vec<(LocationId, LocationKind, Option<EngineerId>)> = stock_locations::table
        .filter(stock_locations::active.eq(true))
        .select((stock_locations::id, stock_locations::kind, stock_locations::engineer_id))
        .load(conn)?;
    let vans = rows.iter().filter_map(|(id, _, engineer)| engineer.map(|engineer| (engineer, *id))).collect();
    let stands = |kind: LocationKind| matches!(kind, LocationKind::Depot | LocationKind::Bin);
    let depots = rows.iter().filter(|(_, kind, _)| stands(*kind)).map(|(id, _, _)| *id).collect();
    Ok((vans, depots))
}
