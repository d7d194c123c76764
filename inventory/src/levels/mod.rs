//! How much of a part a place should have: a minimum below which something is to be done, a maximum to fill up to, and
//! how many days its supplier takes. What is low, and from where it can be filled, is in [`propose`].

mod fill;
mod outlook;
mod propose;

use db::schema::stock_levels;
use db::types::{Id, LocationId, PartId, StockLevelId};
use db::{Conn, Entity, Tx, each_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, MAX_QUANTITY, PAGE, locations, parts};

pub use fill::{Fill, Lack, Shelves, Take, carry, order};
pub use outlook::{Awaited, OnOrder, awaited, on_order};
pub(crate) use outlook::{Outlook, Stock, Waiting, added};
pub use propose::{MOST_PROPOSALS, Proposal, Source, low};
pub(crate) use propose::{Place, low_beside, places};

/// Ten years: no supplier takes longer.
pub const LONGEST_LEAD_DAYS: i32 = 3_650;

/// A week: what is taken for the days until something comes where nobody has said how many.
pub const USUAL_LEAD_DAYS: i32 = 7;

/// What a place should have of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = stock_levels)]
pub struct StockLevel {
    /// Its id.
    pub id: StockLevelId,
    /// Of what.
    pub part_id: PartId,
    /// Where; a depot's level counts what is in its bins too.
    pub location_id: LocationId,
    /// With less than this free, something is to be done.
    pub minimum: i64,
    /// Up to this it is filled then.
    pub maximum: i64,
    /// How many days it takes to come.
    pub lead_days: i32,
}

impl Entity for StockLevel {
    const ENTITY: &'static str = "stock_levels";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// What a place should have of a part from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLevel {
    /// Of what.
    pub part_id: PartId,
    /// Where: a depot, a bin or a van.
    pub location_id: LocationId,
    /// With less than this free, something is to be done.
    pub minimum: i64,
    /// Up to this it is filled then.
    pub maximum: i64,
    /// How many days it takes to come: 0 is the same day. If absent, it is not known, and taken for 7.
    #[serde(default = "usual_lead_days")]
    pub lead_days: i32,
}

fn usual_lead_days() -> i32 {
    USUAL_LEAD_DAYS
}

/// Says what a place should have of a part, whether somebody had said so before or not.
///
/// # Errors
/// A maximum below the minimum, or a place from which nothing is promised.
pub fn put(tx: &mut Tx<'_>, new: NewLevel) -> Result<StockLevel, Error> {
    check(&new)?;
    parts::get(tx.conn(), new.part_id)?;
    if !locations::get(tx.conn(), new.location_id)?.kind.may_promise() {
        return Err(Error::Invalid { field: "location_id", problem: "must be a depot, a bin or a van" });
    }
    let level = StockLevel {
        id: Id::new(),
        part_id: new.part_id,
        location_id: new.location_id,
        minimum: new.minimum,
        maximum: new.maximum,
        lead_days: new.lead_days,
    };
    let level: StockLevel = each_backend!(tx.conn(), |c| diesel::insert_into(stock_levels::table)
        .values(&level)
        .on_conflict((stock_levels::part_id, stock_levels::location_id))
        .do_update()
        .set((
            stock_levels::minimum.eq(level.minimum),
            stock_levels::maximum.eq(level.maximum),
            stock_levels::lead_days.eq(level.lead_days),
        ))
        .returning(stock_levels::all_columns)
        .get_result(c))?;
    tx.changed(&level)?;
    Ok(level)
}

fn check(new: &NewLevel) -> Result<(), Error> {
    if !(0..=MAX_QUANTITY).contains(&new.minimum) {
        let problem = "must not be negative, and at most a million million";
        return Err(Error::Invalid { field: "minimum", problem });
    }
    if !(new.minimum..=MAX_QUANTITY).contains(&new.maximum) {
        let problem = "must not be below the minimum, and at most a million million";
        return Err(Error::Invalid { field: "maximum", problem });
    }
    if !(0..=LONGEST_LEAD_DAYS).contains(&new.lead_days) {
        return Err(Error::Invalid { field: "lead_days", problem: "must be between 0 and 3,650" });
    }
    Ok(())
}

/// One level.
///
/// # Errors
/// There is no such level, or a failure of the database.
pub fn get(conn: &mut Conn, id: StockLevelId) -> Result<StockLevel, Error> {
    let found = stock_levels::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Error::NotFound { what: "level", id: id.to_string() })
}

/// Forgets what a place should have.
///
/// # Errors
/// There is no such level.
pub fn remove(tx: &mut Tx<'_>, id: StockLevelId) -> Result<(), Error> {
    let gone: Option<StockLevel> = diesel::delete(stock_levels::table.find(id))
        .returning(stock_levels::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let gone = gone.ok_or_else(|| Error::NotFound { what: "level", id: id.to_string() })?;
    Ok(tx.removed(&gone)?)
}

/// Which levels to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only of this part.
    pub part_id: Option<PartId>,
    /// Only at this place.
    pub location_id: Option<LocationId>,
}

/// Levels in order of id, after the id `after`.
pub fn list(
    conn: &mut Conn,
    filter: Filter,
    after: Option<StockLevelId>,
    limit: i64,
) -> Result<Vec<StockLevel>, Error> {
    let mut query = stock_levels::table.order(stock_levels::id).limit(limit.clamp(1, PAGE)).into_boxed();
    if let Some(id) = filter.part_id {
        query = query.filter(stock_levels::part_id.eq(id));
    }
    if let Some(id) = filter.location_id {
        query = query.filter(stock_levels::location_id.eq(id));
    }
    if let Some(after) = after {
        query = query.filter(stock_levels::id.gt(after));
    }
    Ok(query.load(conn)?)
}
