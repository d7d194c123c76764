//! Places where stock is. Depots, their bins and vans have stock that may be promised; quarantine, repair and what is
//! not placed yet have stock that may not. The outside places (suppliers, lifts that parts were installed in, count
//! differences, scrap) keep no balance and exist so that every movement has two ends.

use db::schema::stock_locations;
use db::types::{EngineerId, Id, LocationId};
use db::{Conn, Entity, Timestamp};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Error, PAGE};

mod write;

pub use write::{LocationChanges, NewLocation, create, update};

/// Where received stock comes from; made by the migration, like the two below.
const SUPPLIER: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);
const INSTALLED: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002);
const ADJUSTMENT: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0003);
const SCRAP: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0004);
const QUARANTINE: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0005);
const REPAIR: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0006);
const UNPLACED: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0007);

/// Bins stand in rooms, rooms in depots; deeper than this nobody finds anything.
pub(crate) const DEEPEST: usize = 8;

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

/// Where what nobody can use goes.
pub fn scrap() -> LocationId {
    Id::from_uuid(SCRAP)
}

/// Where parts wait until somebody has looked at them.
pub fn quarantine() -> LocationId {
    Id::from_uuid(QUARANTINE)
}

/// Where parts are that are being repaired.
pub fn repair() -> LocationId {
    Id::from_uuid(REPAIR)
}

/// Where stock is of which nobody has said where it is.
pub fn unplaced() -> LocationId {
    Id::from_uuid(UNPLACED)
}

db::text_enum! {
    /// What a place is.
    pub enum LocationKind {
        /// A warehouse.
        Depot => "depot",
        /// A room, a shelf or a box in a depot.
        Bin => "bin",
        /// An engineer's van.
        Van => "van",
        /// Parts that somebody has to look at.
        Quarantine => "quarantine",
        /// Parts that are being repaired.
        Repair => "repair",
        /// Stock of which nobody has said where it is.
        Unplaced => "unplaced",
        /// Outside: what nobody can use.
        Scrap => "scrap",
        /// Outside: all suppliers.
        Supplier => "supplier",
        /// Outside: all lifts.
        Installed => "installed",
        /// Outside: count differences.
        Adjustment => "adjustment",
    }
}

impl LocationKind {
    /// Those for which balances are kept.
    pub const WITH_STOCK: [Self; 6] =
        [Self::Depot, Self::Bin, Self::Van, Self::Quarantine, Self::Repair, Self::Unplaced];

    /// Those whose stock may be promised.
    pub const PROMISED_FROM: [Self; 3] = [Self::Depot, Self::Bin, Self::Van];

    /// Whether balances are kept for it.
    pub const fn has_stock(self) -> bool {
        !matches!(self, Self::Scrap | Self::Supplier | Self::Installed | Self::Adjustment)
    }

    /// Whether its stock may be promised.
    pub const fn may_promise(self) -> bool {
        matches!(self, Self::Depot | Self::Bin | Self::Van)
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
    /// The depot or bin that a bin is in.
    pub parent_id: Option<LocationId>,
}

impl Entity for StockLocation {
    const ENTITY: &'static str = "stock_locations";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// The places that a place is in, the innermost first.
///
/// # Errors
/// A failure of the database.
pub fn above(conn: &mut Conn, location: &StockLocation) -> Result<Vec<StockLocation>, Error> {
    let (mut found, mut next) = (Vec::new(), location.parent_id);
    while let Some(id) = next.filter(|_| found.len() < DEEPEST) {
        let parent = get(conn, id)?;
        next = parent.parent_id;
        found.push(parent);
    }
    Ok(found)
}

/// A place and all that are in it.
///
/// # Errors
/// A failure of the database.
pub fn within(conn: &mut Conn, id: LocationId) -> Result<Vec<LocationId>, Error> {
    Ok(floors(conn, id)?.into_iter().flatten().collect())
}

/// How many levels a place has, its own among them.
fn levels(conn: &mut Conn, id: LocationId) -> Result<usize, Error> {
    Ok(floors(conn, id)?.len())
}

/// A place, what is in it, what is in that, and so on.
fn floors(conn: &mut Conn, id: LocationId) -> Result<Vec<Vec<LocationId>>, Error> {
    let mut all = vec![vec![id]];
    let mut count = 0;
    while let Some(last) = all.last().filter(|_| count < MOST_WITHIN) {
        let next: Vec<LocationId> = stock_locations::table
            .filter(stock_locations::parent_id.eq_any(last.clone()))
            .order(stock_locations::id)
            .select(stock_locations::id)
            .load(conn)?;
        if next.is_empty() {
            break;
        }
        count += next.len();
        all.push(next);
    }
    Ok(all)
}

/// Most places that [`within`] names.
const MOST_WITHIN: usize = 20_000;

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
    Err(Error::Invalid { field, problem: "must be a place that has stock" })
}

/// Refuses places that nothing is put at: those without stock, and those that are not in use any more.
pub(crate) fn check_takes_stock(conn: &mut Conn, id: LocationId, field: &'static str) -> Result<(), Error> {
    let place = get(conn, id)?;
    if !place.kind.has_stock() {
        return Err(Error::Invalid { field, problem: "must be a place that has stock" });
    }
    if place.active { Ok(()) } else { Err(Error::Invalid { field, problem: "is no longer in use" }) }
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
