//! What to buy from whom.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use db::schema::{supplier_parts, supplier_prices, suppliers};
use db::types::{LocationId, PartId, SupplierId, SupplierPartId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::offers::{Break, Offer, choose};
use super::{Policy, chain, review_beside};
use crate::costs::minor;
use crate::levels::{OnOrder, Outlook, Place, Waiting, low_beside, places};
use crate::{Error, LocationKind, Part, parts};

/// So much of a line is for one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Destination {
    /// Where to.
    pub location_id: LocationId,
    /// The place's code.
    pub location_code: String,
    /// How much.
    pub quantity: i64,
}

/// One part to be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PurchaseLine {
    /// From whom; none if nobody is known to sell it.
    pub supplier_id: Option<SupplierId>,
    /// His name.
    pub supplier_name: String,
    /// His number for the part.
    pub supplier_part_number: String,
    /// What.
    pub part_id: PartId,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
    /// Its unit.
    pub unit: String,
    /// Quantities are integers of 10^-decimals units.
    pub decimals: i32,
    /// What the places lack, and what tickets wait for: beyond what is on order.
    pub wanted: i64,
    /// Of it, what tickets wait for, nobody has and is not on order.
    pub waiting: i64,
    /// The numbers of the tickets that wait for it, the oldest promise first.
    pub tickets: Vec<i64>,
    /// What is on order of it already.
    pub on_order: i64,
    /// The day on which the first of that is expected, `YYYY-MM-DD`.
    #[schema(format = Date)]
    pub expected_on: Option<String>,
    /// Where what is bought is to go: vans are filled from depots, and what tickets wait for goes to a depot too.
    pub places: Vec<Destination>,
    /// How much is in one of the supplier's packs; 1 is no pack.
    pub pack: i64,
    /// What to buy, in whole packs: more where the supplier's least quantity is, or where more costs less.
    pub quantity: i64,
    /// A unit, in millionths of the currency's unit; none if no price is known.
    pub unit_price_micros: Option<i64>,
    /// All of it, in millionths.
    pub total_micros: Option<i64>,
    /// All of it as it is paid: in the currency's smallest unit, halves rounded up.
    pub total_minor: Option<i64>,
    /// ISO 4217; empty without a price.
    pub currency: String,
}

/// What tickets wait for and nobody has, what places lack that no other can spare, and what depots use up, by supplier
/// and part, without what is on order. Of a part that is below its minimum and below its reorder point, the greater
/// figure counts. What is free or on order while a ticket waits for it is not counted for the shelves: it goes to the
/// ticket.
///
/// # Errors
/// A figure of the policy out of its bounds, or a failure of the database.
pub fn purchase_list(conn: &mut Conn, now: Timestamp, policy: Policy) -> Result<Vec<PurchaseLine>, Error> {
    let mut outlook = Outlook::now(conn)?;
    let places = places(conn)?;
    let mut lacks = lacks(conn, &places, now, policy, &outlook)?;
    outlook.waiting.retain(|_, part| part.short > 0);
    let ids: BTreeSet<PartId> = lacks.keys().chain(outlook.waiting.keys()).copied().collect();
    let ids: Vec<PartId> = ids.into_iter().collect();
    let mut offers = offers(conn, &ids)?;
    let parts = parts::by_ids(conn, &ids)?;
    let line = |part: &Part| {
        let offers = offers.remove(&part.id).unwrap_or_default();
        let waiting = outlook.waiting.remove(&part.id).unwrap_or_default();
        let lacking = lacks.remove(&part.id).unwrap_or_default();
        let on_order = outlook.on_order.remove(&part.id).unwrap_or_default();
        line(part, &places, lacking, waiting, on_order, &offers)
    };
    let mut lines: Vec<PurchaseLine> = parts.iter().map(line).collect();
    // Stable: within a supplier the parts stay in order of number. Without a supplier come last.
    lines.sort_by(|a, b| {
        (a.supplier_id.is_none(), &a.supplier_name).cmp(&(b.supplier_id.is_none(), &b.supplier_name))
    });
    Ok(lines)
}

/// So much for each place.
type Lacking = BTreeMap<LocationId, i64>;

fn add(to: &mut Lacking, place: LocationId, quantity: i64) {
    if quantity > 0 {
        let sum = to.entry(place).or_default();
        *sum = sum.saturating_add(quantity);
    }
}

/// What places lack of each part, all of one depot together no less than what it uses up.
fn lacks(
    conn: &mut Conn,
    places: &BTreeMap<LocationId, Place>,
    now: Timestamp,
    policy: Policy,
    outlook: &Outlook,
) -> Result<BTreeMap<PartId, Lacking>, Error> {
    let mut lacks: BTreeMap<PartId, Lacking> = BTreeMap::new();
    // What a depot uses up and what its bins lack is the same want: the greater counts.
    let mut orders: BTreeMap<(PartId, LocationId), i64> = BTreeMap::new();
    for proposal in low_beside(conn, outlook)? {
        let outermost = chain(places, proposal.location_id).last().copied();
        let at = outermost.unwrap_or(proposal.location_id);
        let sum = orders.entry((proposal.part_id, at)).or_default();
        *sum = sum.saturating_add(proposal.order);
        add(lacks.entry(proposal.part_id).or_default(), proposal.location_id, proposal.order);
    }
    let reviewed = review_beside(conn, now, policy, outlook)?;
    for row in reviewed.into_iter().filter(|row| row.location_kind != LocationKind::Van) {
        let ordered = orders.get(&(row.part_id, row.location_id)).copied().unwrap_or(0);
        add(lacks.entry(row.part_id).or_default(), row.location_id, row.wanted - ordered);
    }
    lacks.retain(|_, of_part| !of_part.is_empty());
    Ok(lacks)
}

/// Where all of it is to go. Nobody orders to a van: what vans lack and what tickets wait for comes to the depot that
/// lacks most itself, or to the first by its code, and from there to them.
fn destinations(
    places: &BTreeMap<LocationId, Place>,
    lacking: &Lacking,
    waiting: i64,
    quantity: i64,
) -> Vec<Destination> {
    let is_van = |id: &LocationId| places.get(id).is_some_and(|place| place.kind == LocationKind::Van);
    let mut shelves = lacking.clone();
    shelves.retain(|place, _| !is_van(place));
    let most = shelves.iter().max_by_key(|(place, quantity)| (**quantity, Reverse(**place)));
    let depots = places.iter().filter(|(_, place)| place.kind == LocationKind::Depot);
    let first = depots.min_by_key(|(_, place)| &place.code).map(|(id, _)| *id);
    let main = most.map(|(place, _)| *place).or(first).or_else(|| lacking.keys().next().copied());
    let for_vans =
        lacking.iter().filter(|(place, _)| is_van(place)).map(|(_, quantity)| quantity).sum::<i64>();
    let spread: i64 = shelves.values().sum::<i64>().saturating_add(for_vans).saturating_add(waiting);
    if let Some(main) = main {
        add(&mut shelves, main, for_vans.saturating_add(waiting).saturating_add((quantity - spread).max(0)));
    }
    let one = |(location_id, quantity): (LocationId, i64)| Destination {
        location_id,
        location_code: places.get(&location_id).map(|place| place.code.clone()).unwrap_or_default(),
        quantity,
    };
    shelves.into_iter().map(one).collect()
}

fn line(
    part: &Part,
    places: &BTreeMap<LocationId, Place>,
    lacking: Lacking,
    waiting: Waiting,
    on_order: OnOrder,
    offers: &[Offer],
) -> PurchaseLine {
    let scale = 10_i64.pow(part.decimals.clamp(0, 6).unsigned_abs());
    let wanted = lacking.values().fold(waiting.short, |sum, quantity| sum.saturating_add(*quantity));
    let chosen = choose(offers, wanted, scale, &part.currency);
    let (offer, bought) = chosen.unzip();
    let quantity = bought.as_ref().map_or(wanted, |bought| bought.quantity);
    let total = bought.as_ref().and_then(|bought| Some((bought.total_micros?, bought.currency.as_str())));
    PurchaseLine {
        supplier_id: offer.map(|offer| offer.supplier_id),
        supplier_name: offer.map(|offer| offer.supplier_name.clone()).unwrap_or_default(),
        supplier_part_number: offer.map(|offer| offer.number.clone()).unwrap_or_default(),
        part_id: part.id,
        part_number: part.number.clone(),
        part_name: part.name.clone(),
        unit: part.unit.clone(),
        decimals: part.decimals,
        wanted,
        waiting: waiting.short,
        tickets: waiting.tickets,
        on_order: on_order.quantity,
        expected_on: on_order.expected_on,
        places: destinations(places, &lacking, waiting.short, quantity),
        pack: offer.map_or(1, |offer| offer.pack),
        quantity,
        unit_price_micros: bought.as_ref().and_then(|bought| bought.unit_price_micros),
        total_micros: bought.as_ref().and_then(|bought| bought.total_micros),
        total_minor: total.map(|(micros, currency)| minor(micros, currency)),
        currency: bought.map(|bought| bought.currency).unwrap_or_default(),
    }
}

/// What each of these articles costs from which quantity on, the least quantity first.
///
/// # Errors
/// A failure of the database.
pub(crate) fn breaks(
    conn: &mut Conn,
    articles: impl Iterator<Item = SupplierPartId>,
) -> Result<BTreeMap<SupplierPartId, Vec<Break>>, Error> {
    let prices: Vec<(SupplierPartId, i64, i64, String)> = supplier_prices::table
        .filter(supplier_prices::supplier_part_id.eq_any(articles.collect::<Vec<_>>()))
        .order((supplier_prices::quantity, supplier_prices::id))
        .select((
            supplier_prices::supplier_part_id,
            supplier_prices::quantity,
            supplier_prices::unit_price_micros,
            supplier_prices::currency,
        ))
        .load(conn)?;
    let mut breaks: BTreeMap<SupplierPartId, Vec<Break>> = BTreeMap::new();
    for (id, quantity, unit_price_micros, currency) in prices {
        breaks.entry(id).or_default().push(Break { quantity, unit_price_micros, currency });
    }
    Ok(breaks)
}

type Sold = (SupplierPartId, PartId, String, i64, SupplierId, String);

fn offers(conn: &mut Conn, part_ids: &[PartId]) -> Result<BTreeMap<PartId, Vec<Offer>>, Error> {
    let sold: Vec<Sold> = supplier_parts::table
        .inner_join(suppliers::table)
        .filter(supplier_parts::part_id.eq_any(part_ids.iter().copied()))
        .select((
            supplier_parts::id,
            supplier_parts::part_id,
            supplier_parts::number,
            supplier_parts::pack,
            suppliers::id,
            suppliers::name,
        ))
        .load(conn)?;
    let mut breaks = breaks(conn, sold.iter().map(|row| row.0))?;
    let mut offers: BTreeMap<PartId, Vec<Offer>> = BTreeMap::new();
    for (supplier_part_id, part_id, number, pack, supplier_id, supplier_name) in sold {
        let breaks = breaks.remove(&supplier_part_id).unwrap_or_default();
        let offer = Offer { supplier_part_id, supplier_id, supplier_name, number, pack, breaks };
        offers.entry(part_id).or_default().push(offer);
    }
    Ok(offers)
}
