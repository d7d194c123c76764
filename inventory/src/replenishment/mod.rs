//! What to order, and what vans have to take on. A van uses what is built in or found unfit; a depot uses what goes
//! into vans, less what comes back: from the days of the past come mean and deviation, from them and the lead time a
//! reorder point ([`demand`]), from suppliers' prices a purchase list ([`purchases`]), from its lines orders ([`buy`]).

mod buy;
pub mod demand;
pub mod offers;
mod purchases;
mod top_up;
mod used;

use std::collections::BTreeMap;

use db::Conn;
use db::schema::{stock_balances, stock_levels};
use db::types::{LocationId, PartId};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::levels::{Outlook, Place, Stock, USUAL_LEAD_DAYS, added, places};
use crate::{Error, LocationKind, parts};

pub use buy::{Choice, Selection, order};
pub use demand::{Demand, ReorderPlan};
pub(crate) use offers::Break;
pub(crate) use purchases::breaks;
pub use purchases::{Destination, PurchaseLine, purchase_list};
pub use top_up::{TopUp, top_up};

/// A van is filled over night.
const VAN_LEAD_DAYS: i32 = 1;

/// Most rows that [`review`] returns.
pub const MOST_ROWS: usize = 5_000;

/// How to look at the past and how sure to be of the future.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// How many days to look back, today not among them: 1 to 730.
    pub days: i32,
    /// How likely no day of the lead time is to be without stock: 0.5 to 0.9999.
    pub service_level: f64,
    /// How many days an order is to last: 1 to 730.
    pub cover_days: i32,
    /// How many days an order takes where no level says so: 0 to 730.
    pub lead_days: i32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { days: 90, service_level: 0.95, cover_days: 30, lead_days: USUAL_LEAD_DAYS }
    }
}

/// One part at one place: what was used, and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Replenishment {
    /// Of what.
    pub part_id: PartId,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
    /// Where.
    pub location_id: LocationId,
    /// The place's code.
    pub location_code: String,
    /// Depot, bin or van.
    pub location_kind: LocationKind,
    /// What was used.
    pub demand: Demand,
    /// How many days a delivery takes.
    pub lead_days: i32,
    /// When to order, and how much.
    pub plan: ReorderPlan,
    /// What is free there now; of a depot with its bins.
    pub free: i64,
    /// What is on order for it, and not for those who wait.
    pub on_order: i64,
    /// What is to be ordered now: what is on order counts as there.
    pub wanted: i64,
}

type At = (PartId, LocationId);

/// Every part at every place that used it in these days, in order of part and place.
///
/// # Errors
/// A figure of the policy out of its bounds, or a failure of the database.
pub fn review(conn: &mut Conn, now: db::Timestamp, policy: Policy) -> Result<Vec<Replenishment>, Error> {
    let outlook = Outlook::of_shelves(conn)?;
    review_beside(conn, now, policy, &outlook)
}

/// The same, with what those who wait will take counted as gone.
fn review_beside(
    conn: &mut Conn,
    now: db::Timestamp,
    policy: Policy,
    outlook: &Outlook,
) -> Result<Vec<Replenishment>, Error> {
    check(&policy)?;
    let places = places(conn)?;
    let mut used = used::by_day(conn, &places, now, policy.days)?;
    let part_ids: Vec<PartId> = used.keys().copied().collect();
    let leads = leads(conn)?;
    let free = free(conn, &part_ids)?;
    let positions = around(&places, &added(&free, &outlook.expected));
    let free = around(&places, &outlook.left(free));
    let ordered = around(&places, &outlook.coming);
    let mut found = Vec::new();
    for part in parts::by_ids(conn, &part_ids)?.into_iter().filter(|part| part.active) {
        for (location_id, days) in used.remove(&part.id).unwrap_or_default() {
            let Some(place) = places.get(&location_id) else { continue };
            let demand = Demand::of(&days, policy.days);
            let otherwise = if place.kind == LocationKind::Van { VAN_LEAD_DAYS } else { policy.lead_days };
            let lead_days = leads.get(&(part.id, location_id)).copied().unwrap_or(otherwise);
            let plan = ReorderPlan::of(&demand, lead_days, policy.cover_days, policy.service_level);
            let at = (part.id, location_id);
            let free = free.get(&at).copied().unwrap_or(0);
            let on_order = ordered.get(&at).copied().unwrap_or(0);
            found.push(Replenishment {
                part_id: part.id,
                part_number: part.number.clone(),
                part_name: part.name.clone(),
                location_id,
                location_code: place.code.clone(),
                location_kind: place.kind,
                demand,
                lead_days,
                plan,
                free,
                on_order,
                wanted: plan.wanted(positions.get(&at).copied().unwrap_or(0)),
            });
        }
    }
    found.truncate(MOST_ROWS);
    Ok(found)
}

fn check(policy: &Policy) -> Result<(), Error> {
    let invalid = |field, problem| Err(Error::Invalid { field, problem });
    if !(1..=730).contains(&policy.days) {
        return invalid("days", "must be between 1 and 730");
    }
    if !(0.5..=0.9999).contains(&policy.service_level) {
        return invalid("service_level", "must be between 0.5 and 0.9999");
    }
    if !(1..=730).contains(&policy.cover_days) {
        return invalid("cover_days", "must be between 1 and 730");
    }
    if !(0..=730).contains(&policy.lead_days) {
        return invalid("lead_days", "must be between 0 and 730");
    }
    Ok(())
}

fn leads(conn: &mut Conn) -> Result<BTreeMap<At, i32>, Error> {
    let rows: Vec<(PartId, LocationId, i32)> = stock_levels::table
        .select((stock_levels::part_id, stock_levels::location_id, stock_levels::lead_days))
        .load(conn)?;
    Ok(rows.into_iter().map(|(part, place, days)| ((part, place), days)).collect())
}

/// What is free of these parts at each place itself.
fn free(conn: &mut Conn, part_ids: &[PartId]) -> Result<Stock, Error> {
    let rows: Vec<(PartId, LocationId, i64)> = stock_balances::table
        .filter(stock_balances::part_id.eq_any(part_ids.iter().copied()))
        .select((
            stock_balances::part_id,
            stock_balances::location_id,
            stock_balances::on_hand - stock_balances::reserved - stock_balances::expired,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(|(part_id, location_id, free)| ((part_id, location_id), free)).collect())
}

/// What is at places, at each with all that is in it.
fn around(places: &BTreeMap<LocationId, Place>, there: &BTreeMap<At, i64>) -> BTreeMap<At, i64> {
    let mut sums: BTreeMap<At, i64> = BTreeMap::new();
    for ((part_id, location_id), quantity) in there {
        for at in chain(places, *location_id) {
            *sums.entry((*part_id, at)).or_default() += quantity;
        }
    }
    sums
}

/// A place and those that it is in, the innermost first; nothing for places out of use.
fn chain(places: &BTreeMap<LocationId, Place>, id: LocationId) -> Vec<LocationId> {
    let mut chain = Vec::new();
    let mut next = Some(id);
    while let Some((id, place)) =
        next.and_then(|id| Some((id, places.get(&id)?))).filter(|(id, _)| !chain.contains(id))
    {
        chain.push(id);
        next = place.parent_id;
    }
    chain
}
