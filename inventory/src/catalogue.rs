//! What is known of a part beside its own record: the codes that are printed on it, what it is made of and what may
//! be taken instead, who sells it for how much, and how much of it a place should have. Rows are added in lists,
//! since whoever brings them brings many.

use db::schema::{
    part_codes, part_components, part_substitutes, stock_levels, supplier_parts, supplier_prices, suppliers,
};
use db::types::{
    ComponentId, Id, LocationId, PartCodeId, PartId, StockLevelId, SubstituteId, SupplierId, SupplierPartId,
    SupplierPriceId,
};
use db::{Conn, Entity, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, PAGE};

/// Rows in one `INSERT`: with six columns within both databases' parameters.
const INSERT: usize = 1_000;

/// A barcode or number under which a part is scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable)]
#[diesel(table_name = part_codes)]
pub struct PartCode {
    /// Its id.
    pub id: PartCodeId,
    /// Of what.
    pub part_id: PartId,
    /// What the scanner reads; unique.
    pub code: String,
    /// Whose code it is.
    pub note: String,
}

/// So much of a part is in another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable)]
#[diesel(table_name = part_components)]
pub struct Component {
    /// Its id.
    pub id: ComponentId,
    /// What is made.
    pub part_id: PartId,
    /// Of what.
    pub component_id: PartId,
    /// How much, in the component's decimals.
    pub quantity: i64,
    /// Where it goes.
    pub note: String,
}

/// What may be taken instead of a part, one for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable)]
#[diesel(table_name = part_substitutes)]
pub struct Substitute {
    /// Its id.
    pub id: SubstituteId,
    /// What is wanted.
    pub part_id: PartId,
    /// What will do.
    pub substitute_id: PartId,
}

/// Who sells parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = suppliers)]
pub struct Supplier {
    /// Its id.
    pub id: SupplierId,
    /// Unique.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Under which number a supplier sells a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable)]
#[diesel(table_name = supplier_parts)]
pub struct SupplierPart {
    /// Its id.
    pub id: SupplierPartId,
    /// What is sold.
    pub part_id: PartId,
    /// By whom.
    pub supplier_id: SupplierId,
    /// The supplier's number; unique for him.
    pub number: String,
    /// In what packs, in his words, and what else he says.
    pub note: String,
    /// How much is in a pack: only whole packs can be bought; 1 is no pack.
    pub pack: i64,
}

/// What a unit costs from this quantity on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable)]
#[diesel(table_name = supplier_prices)]
pub struct SupplierPrice {
    /// Its id.
    pub id: SupplierPriceId,
    /// What is sold.
    pub supplier_part_id: SupplierPartId,
    /// From so much on, in the part's decimals.
    pub quantity: i64,
    /// In millionths of the currency's unit.
    pub unit_price_micros: i64,
    /// ISO 4217.
    pub currency: String,
}

/// How much of a part a place should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable)]
#[diesel(table_name = stock_levels)]
pub struct StockLevel {
    /// Its id.
    pub id: StockLevelId,
    /// Of what.
    pub part_id: PartId,
    /// Where.
    pub location_id: LocationId,
    /// Below this it is low.
    pub minimum: i64,
    /// Up to this it is filled.
    pub maximum: i64,
    /// Days from an order to its arrival.
    pub lead_days: i32,
}

impl Entity for PartCode {
    const ENTITY: &'static str = "part_codes";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

impl Entity for Component {
    const ENTITY: &'static str = "part_components";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

impl Entity for Substitute {
    const ENTITY: &'static str = "part_substitutes";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

impl Entity for Supplier {
    const ENTITY: &'static str = "suppliers";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

impl Entity for SupplierPart {
    const ENTITY: &'static str = "supplier_parts";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

impl Entity for SupplierPrice {
    const ENTITY: &'static str = "supplier_prices";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

impl Entity for StockLevel {
    const ENTITY: &'static str = "stock_levels";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

fn log<R: Entity>(tx: &mut Tx<'_>, rows: &[R]) -> Result<(), Error> {
    for row in rows {
        tx.changed(row)?;
    }
    Ok(())
}

/// Adds codes.
///
/// # Errors
/// A code that is taken, as the database's violation of `part_codes.code`.
pub fn add_codes(tx: &mut Tx<'_>, rows: &[PartCode]) -> Result<(), Error> {
    for page in rows.chunks(INSERT) {
        each_backend!(tx.conn(), |c| diesel::insert_into(part_codes::table).values(page).execute(c))?;
    }
    log(tx, rows)
}

/// Adds what parts are made of.
///
/// # Errors
/// A line that is there already, or a part in itself.
pub fn add_components(tx: &mut Tx<'_>, rows: &[Component]) -> Result<(), Error> {
    for page in rows.chunks(INSERT) {
        each_backend!(tx.conn(), |c| diesel::insert_into(part_components::table).values(page).execute(c))?;
    }
    log(tx, rows)
}

/// Adds what may be taken instead.
///
/// # Errors
/// A pair that is there already, or a part instead of itself.
pub fn add_substitutes(tx: &mut Tx<'_>, rows: &[Substitute]) -> Result<(), Error> {
    for page in rows.chunks(INSERT) {
        each_backend!(tx.conn(), |c| diesel::insert_into(part_substitutes::table).values(page).execute(c))?;
    }
    log(tx, rows)
}

/// The supplier of this name, made if he is new.
///
/// # Errors
/// A failure of the database.
pub fn supplier(tx: &mut Tx<'_>, name: &str) -> Result<SupplierId, Error> {
    if let Some(known) = known_supplier(tx.conn(), name)? {
        return Ok(known);
    }
    let new = Supplier { id: Id::new(), name: name.to_owned(), created_at: tx.now() };
    diesel::insert_into(suppliers::table).values(&new).execute(tx.conn())?;
    tx.changed(&new)?;
    Ok(new.id)
}

/// The supplier of this name, if there is one.
///
/// # Errors
/// A failure of the database.
pub fn known_supplier(conn: &mut Conn, name: &str) -> Result<Option<SupplierId>, Error> {
    Ok(suppliers::table.filter(suppliers::name.eq(name)).select(suppliers::id).first(conn).optional()?)
}

/// Suppliers in order of name, after the name `after`.
///
/// # Errors
/// A failure of the database.
pub fn suppliers(conn: &mut Conn, after: Option<&str>, limit: i64) -> Result<Vec<Supplier>, Error> {
    let mut query = suppliers::table.order(suppliers::name).limit(limit.clamp(1, PAGE)).into_boxed();
    if let Some(after) = after {
        query = query.filter(suppliers::name.gt(after.to_owned()));
    }
    Ok(query.load(conn)?)
}

/// Adds what suppliers sell.
///
/// # Errors
/// A number that the supplier has already.
pub fn add_supplier_parts(tx: &mut Tx<'_>, rows: &[SupplierPart]) -> Result<(), Error> {
    for page in rows.chunks(INSERT) {
        each_backend!(tx.conn(), |c| diesel::insert_into(supplier_parts::table).values(page).execute(c))?;
    }
    log(tx, rows)
}

/// Adds what suppliers ask.
///
/// # Errors
/// A price that is there already for this quantity and currency.
pub fn add_supplier_prices(tx: &mut Tx<'_>, rows: &[SupplierPrice]) -> Result<(), Error> {
    for page in rows.chunks(INSERT) {
        each_backend!(tx.conn(), |c| diesel::insert_into(supplier_prices::table).values(page).execute(c))?;
    }
    log(tx, rows)
}

/// Adds what places should have.
///
/// # Errors
/// A level that is there already for this part and place.
pub fn add_levels(tx: &mut Tx<'_>, rows: &[StockLevel]) -> Result<(), Error> {
    for page in rows.chunks(INSERT) {
        each_backend!(tx.conn(), |c| diesel::insert_into(stock_levels::table).values(page).execute(c))?;
    }
    log(tx, rows)
}
