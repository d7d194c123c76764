//! What is where. A balance is derived from movements and live reservations, but kept as a row, because a promise
//! needs one place to be guarded at: every change here is one statement that checks and changes together.

use db::schema::{stock_balances, stock_levels, stock_locations};
use db::types::{BalanceId, EngineerId, LocationId, PartId};
use db::{Conn, Entity, Tx, each_backend, padded, prepared};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, LocationKind, PAGE};

/// How much of a part is at a depot or in a van.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StockBalance {
    /// Its id.
    pub id: BalanceId,
    /// Of what.
    pub part_id: PartId,
    /// Where.
    pub location_id: LocationId,
    /// What the movements sum to. Below zero, on paper, if more was used than the books knew of.
    pub on_hand: i64,
    /// What live reservations hold of it.
    pub reserved: i64,
    /// What may still be promised: on hand without what is reserved and what has expired.
    pub available: i64,
    /// What of it is of lots that must not be used any more; it may still be moved away.
    #[serde(default)]
    pub expired: i64,
}

type Row = (BalanceId, PartId, LocationId, i64, i64, i64);

impl From<Row> for StockBalance {
    fn from((id, part_id, location_id, on_hand, reserved, expired): Row) -> Self {
        let available = on_hand - reserved - expired;
        Self { id, part_id, location_id, on_hand, reserved, available, expired }
    }
}

impl Entity for StockBalance {
    const ENTITY: &'static str = "stock_balances";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// A part at a place: what has a balance. Ordered, so that a command which touches several takes them in one order
/// and two servers do not wait for each other in a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shelf {
    pub part_id: PartId,
    pub location_id: LocationId,
}

/// By how much a balance changes, and what it must have before.
#[derive(Debug, Clone, Copy)]
struct Shift {
    on_hand: i64,
    reserved: i64,
    /// On hand without reserved must be at least this.
    needs_free: i64,
    /// And without what has expired, this.
    needs_usable: i64,
    /// On hand must be at least this.
    needs_on_hand: i64,
}

impl Shift {
    /// No condition.
    const fn free_of_guard(on_hand: i64, reserved: i64) -> Self {
        let (needs_free, needs_usable, needs_on_hand) = (i64::MIN, i64::MIN, i64::MIN);
        Self { on_hand, reserved, needs_free, needs_usable, needs_on_hand }
    }
}

/// The one statement that changes a balance; none if there is no such row or it does not have what is needed.
fn shift(tx: &mut Tx<'_>, shelf: Shelf, by: Shift) -> Result<Option<StockBalance>, Error> {
    let shifting = diesel::update(stock_balances::table)
        .filter(stock_balances::part_id.eq(shelf.part_id))
        .filter(stock_balances::location_id.eq(shelf.location_id))
        .filter((stock_balances::on_hand - stock_balances::reserved).ge(by.needs_free))
        .filter(
            (stock_balances::on_hand - stock_balances::reserved - stock_balances::expired)
                .ge(by.needs_usable),
        )
        .filter(stock_balances::on_hand.ge(by.needs_on_hand))
        .set((
            stock_balances::on_hand.eq(stock_balances::on_hand + by.on_hand),
            stock_balances::reserved.eq(stock_balances::reserved + by.reserved),
        ))
        .returning(stock_balances::all_columns);
    let row: Option<Row> = prepared(shifting).get_result(tx.conn_beside()).optional()?;
    let balance = row.map(StockBalance::from);
    if let Some(balance) = &balance {
        tx.changed(balance)?;
    }
    Ok(balance)
}

/// Promises `quantity` of what is free.
pub(crate) fn hold(tx: &mut Tx<'_>, shelf: Shelf, quantity: i64) -> Result<StockBalance, Error> {
    let by = Shift { needs_usable: quantity, ..Shift::free_of_guard(0, quantity) };
    match shift(tx, shelf, by)? {
        Some(balance) => Ok(balance),
        None => Err(shortage(tx.conn(), shelf, quantity, |b| b.available)?),
    }
}

/// Takes a promise back.
pub(crate) fn free(tx: &mut Tx<'_>, shelf: Shelf, quantity: i64) -> Result<StockBalance, Error> {
    shift(tx, shelf, Shift::free_of_guard(0, -quantity))?.ok_or_else(|| gone(shelf))
}

/// Takes away `quantity` of what is promised to nobody, expired or not.
pub(crate) fn take_free(tx: &mut Tx<'_>, shelf: Shelf, quantity: i64) -> Result<StockBalance, Error> {
    let by = Shift { needs_free: quantity, ..Shift::free_of_guard(-quantity, 0) };
    match shift(tx, shelf, by)? {
        Some(balance) => Ok(balance),
        None => Err(shortage(tx.conn(), shelf, quantity, |b| b.on_hand - b.reserved)?),
    }
}

/// Takes away `quantity` that was promised, promise and goods together.
pub(crate) fn take_promised(tx: &mut Tx<'_>, shelf: Shelf, quantity: i64) -> Result<StockBalance, Error> {
    let by = Shift { needs_on_hand: quantity, ..Shift::free_of_guard(-quantity, -quantity) };
    match shift(tx, shelf, by)? {
        Some(balance) => Ok(balance),
        None => Err(shortage(tx.conn(), shelf, quantity, |b| b.on_hand)?),
    }
}

/// Takes away what somebody says is gone, of it `promised` that was reserved for him. Not guarded: he is believed.
pub(crate) fn take_believed(
    tx: &mut Tx<'_>,
    shelf: Shelf,
    quantity: i64,
    promised: i64,
) -> Result<StockBalance, Error> {
    change(tx, shelf, -quantity, -promised)
}

/// Puts `quantity` there, of it `promised` already reserved.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    shelf: Shelf,
    quantity: i64,
    promised: i64,
) -> Result<StockBalance, Error> {
    change(tx, shelf, quantity, promised)
}

/// Finds the balance, made if there is none, and keeps other servers from changing it until the commit.
pub(crate) fn hold_still(tx: &mut Tx<'_>, shelf: Shelf) -> Result<StockBalance, Error> {
    change(tx, shelf, 0, 0)
}

fn change(tx: &mut Tx<'_>, shelf: Shelf, on_hand: i64, reserved: i64) -> Result<StockBalance, Error> {
    // Nearly always the row is there, and an update is cheaper than an upsert.
    if let Some(balance) = shift(tx, shelf, Shift::free_of_guard(on_hand, reserved))? {
        return Ok(balance);
    }
    let values = (
        stock_balances::id.eq(BalanceId::new()),
        stock_balances::part_id.eq(shelf.part_id),
        stock_balances::location_id.eq(shelf.location_id),
        stock_balances::on_hand.eq(on_hand),
        stock_balances::reserved.eq(reserved),
    );
    // Another server may have made the row since.
    let row: Row = each_backend!(tx.conn(), |c| diesel::insert_into(stock_balances::table)
        .values(values)
        .on_conflict((stock_balances::part_id, stock_balances::location_id))
        .do_update()
        .set((
            stock_balances::on_hand.eq(stock_balances::on_hand + on_hand),
            stock_balances::reserved.eq(stock_balances::reserved + reserved),
        ))
        .returning(stock_balances::all_columns)
        .get_result(c))?;
    let balance = StockBalance::from(row);
    tx.changed(&balance)?;
    Ok(balance)
}

/// Says how much of a shelf's stock must not be used any more. Whether that is another figure than before.
pub(crate) fn note_expired(tx: &mut Tx<'_>, shelf: Shelf, expired: i64) -> Result<bool, Error> {
    let row: Option<Row> = diesel::update(stock_balances::table)
        .filter(stock_balances::part_id.eq(shelf.part_id))
        .filter(stock_balances::location_id.eq(shelf.location_id))
        .filter(stock_balances::expired.ne(expired))
        .set(stock_balances::expired.eq(expired))
        .returning(stock_balances::all_columns)
        .get_result(tx.conn())
        .optional()?;
    if let Some(row) = row {
        tx.changed(&StockBalance::from(row))?;
        return Ok(true);
    }
    Ok(false)
}

fn shortage(
    conn: &mut Conn,
    shelf: Shelf,
    wanted: i64,
    had: fn(&StockBalance) -> i64,
) -> Result<Error, Error> {
    let available = get(conn, shelf.part_id, shelf.location_id)?.as_ref().map_or(0, had);
    let Shelf { part_id, location_id } = shelf;
    Ok(Error::Shortage { part_id, location_id, wanted, available })
}

/// A promise without a balance cannot be: whoever made the promise changed the balance.
fn gone(shelf: Shelf) -> Error {
    Error::NotFound { what: "balance", id: format!("{} at {}", shelf.part_id, shelf.location_id) }
}

/// The balance of a part at a place; none if nothing ever was there.
pub fn get(conn: &mut Conn, part_id: PartId, location_id: LocationId) -> Result<Option<StockBalance>, Error> {
    let row: Option<Row> = stock_balances::table
        .filter(stock_balances::part_id.eq(part_id))
        .filter(stock_balances::location_id.eq(location_id))
        .first(conn)
        .optional()?;
    Ok(row.map(StockBalance::from))
}

/// Which balances to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only of this part.
    pub part_id: Option<PartId>,
    /// Only at this place.
    pub location_id: Option<LocationId>,
}

/// Balances in order of id, after the id `after`.
pub fn list(
    conn: &mut Conn,
    filter: Filter,
    after: Option<BalanceId>,
    limit: i64,
) -> Result<Vec<StockBalance>, Error> {
    let mut query = stock_balances::table.order(stock_balances::id).limit(limit.clamp(1, PAGE)).into_boxed();
    if let Some(id) = filter.part_id {
        query = query.filter(stock_balances::part_id.eq(id));
    }
    if let Some(id) = filter.location_id {
        query = query.filter(stock_balances::location_id.eq(id));
    }
    if let Some(after) = after {
        query = query.filter(stock_balances::id.gt(after));
    }
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(StockBalance::from).collect())
}

/// Stock that may be promised, with what dispatch has to know of its place.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Queryable)]
pub struct Free {
    /// Of what.
    pub part_id: PartId,
    /// Where.
    pub location_id: LocationId,
    /// Depot or van.
    pub kind: LocationKind,
    /// Whose van.
    pub engineer_id: Option<EngineerId>,
    /// Where a depot stands; a van is where its engineer is.
    pub latitude: Option<f64>,
    /// Where a depot stands.
    pub longitude: Option<f64>,
    /// How much; always more than nothing.
    pub available: i64,
    /// How much should be there: the minimum of the place, if it has one.
    pub minimum: Option<i64>,
}

/// Where these parts are free: at these places, or at all depots, bins and vans in use.
pub fn free_stock(
    conn: &mut Conn,
    part_ids: &[PartId],
    location_ids: Option<&[LocationId]>,
) -> Result<Vec<Free>, Error> {
    let query = stock_balances::table
        .inner_join(stock_locations::table.on(stock_locations::id.eq(stock_balances::location_id)))
        .left_join(
            stock_levels::table.on(stock_levels::part_id
                .eq(stock_balances::part_id)
                .and(stock_levels::location_id.eq(stock_balances::location_id))),
        )
        .filter(stock_balances::part_id.eq_any(padded(part_ids)))
        .filter(stock_balances::on_hand.gt(stock_balances::reserved + stock_balances::expired))
        .filter(stock_locations::active.eq(true))
        .filter(stock_locations::kind.eq_any(LocationKind::PROMISED_FROM))
        .order((stock_balances::part_id, stock_balances::location_id))
        .select((
            stock_balances::part_id,
            stock_balances::location_id,
            stock_locations::kind,
            stock_locations::engineer_id,
            stock_locations::latitude,
            stock_locations::longitude,
            stock_balances::on_hand - stock_balances::reserved - stock_balances::expired,
            stock_levels::minimum.nullable(),
        ));
    // For each database by itself: PostgreSQL then gets arrays.
    Ok(match location_ids {
        Some(ids) => {
            let here = stock_balances::location_id.eq_any(padded(ids));
            each_backend!(conn, |c| prepared(query.filter(here)).load(c))
        }
        None => each_backend!(conn, |c| prepared(query).load(c)),
    }?)
}
