//! Places where stock is. Depots and vans have balances; the three outside places (suppliers, lifts that parts were
//! installed in, count differences) exist so that every movement has two ends.

use db::schema::stock_locations;
use db::types::{EngineerId, Id, LocationId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Error, PAGE};

/// Where received stock comes from; made by the migration, like the two below.
const SUPPLIER: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);
const INSTALLED: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002);
const ADJUSTMENT: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0003);

/// Where received stock comes from.
pub fn supplier() -> LocationId {
    Id::from_uuid(SUPPLIER)
}

/// Where used parts go: the customers' lifts.
pub fn installed() -> LocationId {
    Id::from_uuid(INSTALLED)
}

/// The other end of what a count found too much or too little.
pub fn adjustment() -> LocationId {
    Id::from_uuid(ADJUSTMENT)
}

db::text_enum! {
    /// What a place is.
    pub enum LocationKind {
        /// A warehouse.
        Depot => "depot",
        /// An engineer's van.
        Van => "van",
        /// Outside: all suppliers.
        Supplier => "supplier",
        /// Outside: all lifts.
        Installed => "installed",
        /// Outside: count differences.
        Adjustment => "adjustment",
    }
}

impl LocationKind {
    /// Whether balances are kept for it.
    pub const fn has_stock(self) -> bool {
        matches!(self, Self::Depot | Self::Van)
    }
}

/// A place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = stock_locations)]
pub struct StockLocation {
    /// Its id.
    pub id: LocationId,
    /// What it is.
    pub kind: LocationKind,
    /// What people call it by; unique.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where it stands; a van is where its engineer is.
    pub latitude: Option<f64>,
    /// Where it stands.
    pub longitude: Option<f64>,
    /// Whose van it is.
    pub engineer_id: Option<EngineerId>,
    /// Whether its stock may be promised.
    pub active: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Entity for StockLocation {
    const ENTITY: &'static str = "stock_locations";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// A place to be: a depot with coordinates, or a van with its engineer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLocation {
    /// `depot` or `van`.
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
}

/// Adds a place. A code that is taken, or a second van of one engineer, comes back as the database's violation of
/// `stock_locations.code` or `stock_locations.engineer_id`.
pub fn create(tx: &mut Tx<'_>, new: NewLocation) -> Result<StockLocation, Error> {
    check(&new)?;
    let location = StockLocation {
        id: Id::new(),
        kind: new.kind,
        code: new.code,
        name: new.name,
        latitude: new.latitude,
        longitude: new.longitude,
        engineer_id: new.engineer_id,
        active: true,
        created_at: tx.now(),
    };
    diesel::insert_into(stock_locations::table).values(&location).execute(tx.conn())?;
    tx.changed(&location)?;
    Ok(location)
}

fn check(new: &NewLocation) -> Result<(), Error> {
    let invalid = |field, problem| Err(Error::Invalid { field, problem });
    if new.code.trim().is_empty() {
        return invalid("code", "must not be empty");
    }
    if new.latitude.is_some_and(|l| !(-90.0..=90.0).contains(&l)) {
        return invalid("latitude", "must be between -90 and 90");
    }
    if new.longitude.is_some_and(|l| !(-180.0..=180.0).contains(&l)) {
        return invalid("longitude", "must be between -180 and 180");
    }
    match new.kind {
        LocationKind::Depot if new.latitude.is_none() => invalid("latitude", "is needed for a depot"),
        LocationKind::Depot if new.longitude.is_none() => invalid("longitude", "is needed for a depot"),
        LocationKind::Depot if new.engineer_id.is_some() => invalid("engineer_id", "is for vans only"),
        LocationKind::Van if new.engineer_id.is_none() => invalid("engineer_id", "is needed for a van"),
        LocationKind::Depot | LocationKind::Van => Ok(()),
        _ => invalid("kind", "must be depot or van"),
    }
}

/// One place.
pub fn get(conn: &mut Conn, id: LocationId) -> Result<StockLocation, Error> {
    let found = stock_locations::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Error::NotFound { what: "location", id: id.to_string() })
}

/// Refuses places that keep no balance; `field` is how the caller named this one.
pub(crate) fn check_has_stock(conn: &mut Conn, id: LocationId, field: &'static str) -> Result<(), Error> {
    if get(conn, id)?.kind.has_stock() {
        return Ok(());
    }
    Err(Error::Invalid { field, problem: "must be a depot or a van" })
}

/// Places in order of code, after the code `after`.
pub fn list(
    conn: &mut Conn,
    kind: Option<LocationKind>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<StockLocation>, Error> {
    let mut query =
        stock_locations::table.order(stock_locations::code).limit(limit.clamp(1, PAGE)).into_boxed();
    if let Some(kind) = kind {
        query = query.filter(stock_locations::kind.eq(kind));
    }
    if let Some(after) = after {
        query = query.filter(stock_locations::code.gt(after.to_owned()));
    }
    Ok(query.load(conn)?)
}

/// The engineer's van, if he has one.
pub fn van_of(conn: &mut Conn, engineer_id: EngineerId) -> Result<Option<StockLocation>, Error> {
    Ok(stock_locations::table.filter(stock_locations::engineer_id.eq(engineer_id)).first(conn).optional()?)
}

/// The engineer's van, or the refusal that names him.
pub(crate) fn needed_van(conn: &mut Conn, engineer_id: EngineerId) -> Result<LocationId, Error> {
    let van = stock_locations::table
        .filter(stock_locations::engineer_id.eq(engineer_id))
        .select(stock_locations::id)
        .first(conn)
        .optional()?;
    van.ok_or(Error::NoVan { engineer_id })
}

/// All depots in use, in order of code.
pub fn depots(conn: &mut Conn) -> Result<Vec<StockLocation>, Error> {
    Ok(stock_locations::table
        .filter(stock_locations::kind.eq(LocationKind::Depot))
        .filter(stock_locations::active.eq(true))
        .order(stock_locations::code)
        .load(conn)?)
}
