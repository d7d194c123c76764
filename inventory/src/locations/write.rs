//! Adding and changing places.

use db::schema::{purchase_order_lines as order_lines, reservations, stock_balances, stock_locations};
use db::types::{EngineerId, Id, LocationId};
use db::{Conn, Tx};
use diesel::prelude::*;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{DEEPEST, LocationKind, StockLocation, above, get, levels, within};
use crate::{Error, ReservationStatus};

/// A place to be: a depot with coordinates, a bin with the place that it is in, a van with its engineer, or a place
/// for parts that may not be used.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLocation {
    /// `depot`, `bin`, `van`, `quarantine` or `repair`.
    pub kind: LocationKind,
    /// What people call it by; unique.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where a depot stands.
    pub latitude: Option<f64>,
    /// Where a depot stands.
    pub longitude: Option<f64>,
    /// Whose van it is.
    pub engineer_id: Option<EngineerId>,
    /// The depot or bin that a bin is in.
    #[serde(default)]
    pub parent_id: Option<LocationId>,
}

/// Adds a place. A code that is taken, or a second van of one engineer, comes back as the database's violation of
/// `stock_locations.code` or `stock_locations.engineer_id`.
pub fn create(tx: &mut Tx<'_>, new: NewLocation) -> Result<StockLocation, Error> {
    check(&new)?;
    // A bin stands where its depot does, so that whoever looks for stock need not ask for both.
    let (latitude, longitude) = match new.parent_id {
        Some(parent_id) => {
            let parent = room_in(tx.conn(), parent_id, 1)?;
            (parent.latitude, parent.longitude)
        }
        None => (new.latitude, new.longitude),
    };
    let location = StockLocation {
        id: Id::new(),
        kind: new.kind,
        code: new.code,
        name: new.name,
        latitude,
        longitude,
        engineer_id: new.engineer_id,
        active: true,
        created_at: tx.now(),
        parent_id: new.parent_id,
    };
    diesel::insert_into(stock_locations::table).values(&location).execute(tx.conn())?;
    tx.changed(&location)?;
    Ok(location)
}

/// The place that a bin is to be in, with what is in the bin: `height` levels in all.
fn room_in(conn: &mut Conn, id: LocationId, height: usize) -> Result<StockLocation, Error> {
    let parent = get(conn, id)?;
    if !parent.active {
        return Err(Error::Invalid { field: "parent_id", problem: "is no longer in use" });
    }
    if !matches!(parent.kind, LocationKind::Depot | LocationKind::Bin) {
        return Err(Error::Invalid { field: "parent_id", problem: "must be a depot or a bin" });
    }
    if above(conn, &parent)?.len() + 1 + height > DEEPEST {
        return Err(Error::Invalid { field: "parent_id", problem: "would be more than eight places deep" });
    }
    Ok(parent)
}

fn check(new: &NewLocation) -> Result<(), Error> {
    use LocationKind as K;
    let invalid = |field, problem| Err(Error::Invalid { field, problem });
    if new.code.trim().is_empty() {
        return invalid("code", "must not be empty");
    }
    check_point(new.latitude, new.longitude)?;
    let (is_depot, is_bin, is_van) = (new.kind == K::Depot, new.kind == K::Bin, new.kind == K::Van);
    if !matches!(new.kind, K::Depot | K::Bin | K::Van | K::Quarantine | K::Repair) {
        return invalid("kind", "must be depot, bin, van, quarantine or repair");
    }
    if is_depot && new.latitude.is_none() {
        return invalid("latitude", "is needed for a depot");
    }
    if is_depot && new.longitude.is_none() {
        return invalid("longitude", "is needed for a depot");
    }
    if new.latitude.is_some() != new.longitude.is_some() {
        return invalid("latitude", "and longitude belong together");
    }
    if is_van != new.engineer_id.is_some() {
        return invalid("engineer_id", if is_van { "is needed for a van" } else { "is for vans only" });
    }
    if is_bin != new.parent_id.is_some() {
        return invalid("parent_id", if is_bin { "is needed for a bin" } else { "is for bins only" });
    }
    Ok(())
}

fn check_point(latitude: Option<f64>, longitude: Option<f64>) -> Result<(), Error> {
    if latitude.is_some_and(|l| !(-90.0..=90.0).contains(&l)) {
        return Err(Error::Invalid { field: "latitude", problem: "must be between -90 and 90" });
    }
    if longitude.is_some_and(|l| !(-180.0..=180.0).contains(&l)) {
        return Err(Error::Invalid { field: "longitude", problem: "must be between -180 and 180" });
    }
    Ok(())
}

/// What may be changed of a place; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationChanges {
    /// What people call it by; unique.
    pub code: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Where a depot stands, with its twin.
    pub latitude: Option<f64>,
    /// Where a depot stands, with its twin.
    pub longitude: Option<f64>,
    /// The depot or bin that a bin moves into, with all that is in it.
    pub parent_id: Option<LocationId>,
    /// Whether its stock may be promised.
    pub active: Option<bool>,
}

/// Changes a place and returns it as it is then. A depot that moves, a bin that goes elsewhere, and what goes out of
/// use, take all that is in them along.
///
/// # Errors
/// A place inside itself, one that closes with stock or promises in it, a field that this kind of place has not, or a
/// failure of the database.
pub fn update(tx: &mut Tx<'_>, id: LocationId, changes: &LocationChanges) -> Result<StockLocation, Error> {
    let invalid = |field, problem| Err(Error::Invalid { field, problem });
    let mut place = get(tx.conn(), id)?;
    check_point(changes.latitude, changes.longitude)?;
    if !place.kind.has_stock() {
        return invalid("kind", "is an outside place, which stays as it is");
    }
    if changes.code.as_deref().is_some_and(|code| code.trim().is_empty()) {
        return invalid("code", "must not be empty");
    }
    let point = changes.latitude.zip(changes.longitude);
    if point.is_none() && (changes.latitude.is_some() || changes.longitude.is_some()) {
        return invalid("latitude", "and longitude belong together");
    }
    if point.is_some() && place.kind != LocationKind::Depot {
        return invalid("latitude", "is for depots only");
    }
    if let Some(parent_id) = changes.parent_id {
        if place.kind != LocationKind::Bin {
            return invalid("parent_id", "is for bins only");
        }
        if within(tx.conn(), id)?.contains(&parent_id) {
            return invalid("parent_id", "is this place itself, or in it");
        }
        let height = levels(tx.conn(), id)?;
        let parent = room_in(tx.conn(), parent_id, height)?;
        (place.latitude, place.longitude) = (parent.latitude, parent.longitude);
        place.parent_id = Some(parent_id);
    }
    if let Some((latitude, longitude)) = point {
        (place.latitude, place.longitude) = (Some(latitude), Some(longitude));
    }
    place.code = changes.code.clone().unwrap_or(place.code);
    place.name = changes.name.clone().unwrap_or(place.name);
    let (was_active, closes) = (place.active, changes.active == Some(false));
    place.active = changes.active.unwrap_or(place.active);
    if place.active && !was_active {
        check_open_above(tx.conn(), &place)?;
    }
    if closes && was_active {
        check_empty(tx.conn(), id)?;
    }
    write(tx, &place)?;
    if point.is_some() || changes.parent_id.is_some() || closes {
        carry_along(tx, &place, closes)?;
    }
    Ok(place)
}

/// What is at a place that closes, or in it, is not free any more, and what is promised there is not found by anybody:
/// it has to go elsewhere first.
fn check_empty(conn: &mut Conn, id: LocationId) -> Result<(), Error> {
    let places = within(conn, id)?;
    let parts: i64 = stock_balances::table
        .filter(stock_balances::location_id.eq_any(&places))
        .filter(stock_balances::on_hand.ne(0))
        .count()
        .get_result(conn)?;
    let promises: i64 = reservations::table
        .filter(reservations::location_id.eq_any(&places))
        .filter(reservations::status.eq_any(ReservationStatus::LIVE))
        .count()
        .get_result(conn)?;
    let orders: i64 = order_lines::table
        .filter(order_lines::location_id.eq_any(&places))
        .filter((order_lines::received + order_lines::cancelled).lt(order_lines::quantity))
        .count()
        .get_result(conn)?;
    if parts + promises + orders == 0 {
        return Ok(());
    }
    Err(Error::PlaceInUse { location_id: id, parts, promises, orders })
}

/// What is in a place that is not in use cannot be used either.
fn check_open_above(conn: &mut Conn, place: &StockLocation) -> Result<(), Error> {
    if above(conn, place)?.iter().all(|parent| parent.active) {
        return Ok(());
    }
    Err(Error::Invalid { field: "active", problem: "cannot be, because what it is in is no longer in use" })
}

/// What is in a place stands where it stands, and goes out of use with it.
fn carry_along(tx: &mut Tx<'_>, place: &StockLocation, closes: bool) -> Result<(), Error> {
    for id in within(tx.conn(), place.id)?.into_iter().skip(1) {
        let inside = get(tx.conn(), id)?;
        let active = inside.active && !closes;
        let moved = StockLocation { latitude: place.latitude, longitude: place.longitude, active, ..inside };
        write(tx, &moved)?;
    }
    Ok(())
}

fn write(tx: &mut Tx<'_>, place: &StockLocation) -> Result<(), Error> {
    diesel::update(stock_locations::table.find(place.id))
        .set((
            stock_locations::code.eq(&place.code),
            stock_locations::name.eq(&place.name),
            stock_locations::latitude.eq(place.latitude),
            stock_locations::longitude.eq(place.longitude),
            stock_locations::parent_id.eq(place.parent_id),
            stock_locations::active.eq(place.active),
        ))
        .execute(tx.conn())?;
    Ok(tx.changed(place)?)
}
