//! The catalogue of parts. Quantities everywhere are integers scaled by a part's `decimals`, which therefore never
//! change once the part exists.

use db::schema::{part_substitutes, parts, purchase_order_lines as order_lines};
use db::types::{Id, PartId};
use db::{Conn, Entity, Timestamp, Tx, each_backend, padded, prepared};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, PAGE};

diesel::define_sql_function! {
    /// Both databases fold ASCII; PostgreSQL more.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

db::text_enum! {
    /// How closely the pieces of a part are followed.
    #[derive(Default)]
    pub enum Tracking {
        /// By quantity alone.
        #[default]
        None => "none",
        /// By lot.
        Lot => "lot",
        /// Each piece by its serial number.
        Serial => "serial",
    }
}

/// Something that can be on a shelf, in a van or in a lift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = parts)]
pub struct Part {
    /// Its id.
    pub id: PartId,
    /// What people call it by; unique.
    pub number: String,
    /// In English.
    pub name: String,
    /// In Chinese; may be empty.
    pub name_zh: String,
    /// `pcs`, `m`, `kg`.
    pub unit: String,
    /// Quantities are integers of 10^-decimals units.
    pub decimals: i32,
    /// Price of a unit in millionths of the currency's unit.
    pub unit_price_micros: i64,
    /// ISO 4217.
    pub currency: String,
    /// Whether it may still be ordered and reserved.
    pub active: bool,
    /// When it came into the catalogue.
    pub created_at: Timestamp,
    /// How closely its pieces are followed.
    pub tracking: Tracking,
    /// Whether the old one has to come back when a new one is built in.
    pub returnable: bool,
    /// For so many days after it was built in, its failure is the supplier's to pay.
    pub warranty_days: i32,
}

impl Entity for Part {
    const ENTITY: &'static str = "parts";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// A part to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPart {
    /// What people call it by; unique.
    pub number: String,
    /// In English.
    pub name: String,
    /// In Chinese.
    #[serde(default)]
    pub name_zh: String,
    /// `pcs` if nothing else is said.
    #[serde(default = "pieces")]
    pub unit: String,
    /// 0 to 6; 0 for what is counted in pieces.
    #[serde(default)]
    pub decimals: i32,
    /// Price of a unit in millionths of the currency's unit.
    #[serde(default)]
    pub unit_price_micros: i64,
    /// ISO 4217; `USD` if nothing else is said.
    #[serde(default = "dollars")]
    pub currency: String,
    /// `none`, `lot` or `serial`.
    #[serde(default)]
    pub tracking: Tracking,
    /// Whether the old one has to come back when a new one is built in.
    #[serde(default)]
    pub returnable: bool,
    /// For so many days after it was built in, its failure is the supplier's to pay.
    #[serde(default)]
    pub warranty_days: i32,
}

impl Default for NewPart {
    fn default() -> Self {
        Self {
            number: String::new(),
            name: String::new(),
            name_zh: String::new(),
            unit: pieces(),
            decimals: 0,
            unit_price_micros: 0,
            currency: dollars(),
            tracking: Tracking::None,
            returnable: false,
            warranty_days: 0,
        }
    }
}

fn pieces() -> String {
    "pcs".to_owned()
}

fn dollars() -> String {
    "USD".to_owned()
}

/// What may be changed of a part; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, AsChangeset)]
#[diesel(table_name = parts)]
#[serde(deny_unknown_fields)]
pub struct PartChanges {
    /// What people call it by; unique.
    pub number: Option<String>,
    /// In English.
    pub name: Option<String>,
    /// In Chinese.
    pub name_zh: Option<String>,
    /// Price of a unit in millionths of the currency's unit.
    pub unit_price_micros: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Whether it may still be ordered and reserved.
    pub active: Option<bool>,
    /// Whether the old one has to come back when a new one is built in.
    pub returnable: Option<bool>,
    /// For so many days after it was built in, its failure is the supplier's to pay.
    pub warranty_days: Option<i32>,
}

impl PartChanges {
    fn is_empty(&self) -> bool {
        self.number.is_none()
            && self.name.is_none()
            && self.name_zh.is_none()
            && self.unit_price_micros.is_none()
            && self.currency.is_none()
            && self.active.is_none()
            && self.returnable.is_none()
            && self.warranty_days.is_none()
    }
}

/// Adds a part. A number that is taken comes back as the database's violation of `parts.number`.
pub fn create(tx: &mut Tx<'_>, new: NewPart) -> Result<Part, Error> {
    check(Some(&new.number), Some(&new.name), Some(new.unit_price_micros), Some(&new.currency))?;
    if !(0..=6).contains(&new.decimals) {
        return Err(Error::Invalid { field: "decimals", problem: "must be between 0 and 6" });
    }
    if new.tracking == Tracking::Serial && new.decimals != 0 {
        return Err(Error::Invalid { field: "decimals", problem: "must be 0 for what has serial numbers" });
    }
    check_warranty(Some(new.warranty_days))?;
    let part = Part {
        id: Id::new(),
        number: new.number,
        name: new.name,
        name_zh: new.name_zh,
        unit: new.unit,
        decimals: new.decimals,
        unit_price_micros: new.unit_price_micros,
        currency: new.currency,
        active: true,
        created_at: tx.now(),
        tracking: new.tracking,
        returnable: new.returnable,
        warranty_days: new.warranty_days,
    };
    diesel::insert_into(parts::table).values(&part).execute(tx.conn())?;
    tx.changed(&part)?;
    Ok(part)
}

/// Changes a part and returns it as it is then.
///
/// # Errors
/// A value that cannot be, or a part that is not to be used any more and is still to come from a supplier.
pub fn update(tx: &mut Tx<'_>, id: PartId, changes: &PartChanges) -> Result<Part, Error> {
    check(
        changes.number.as_deref(),
        changes.name.as_deref(),
        changes.unit_price_micros,
        changes.currency.as_deref(),
    )?;
    check_warranty(changes.warranty_days)?;
    if changes.is_empty() {
        return get(tx.conn(), id);
    }
    if changes.active == Some(false) {
        check_not_on_order(tx.conn(), id)?;
    }
    let part: Option<Part> = diesel::update(parts::table.find(id))
        .set(changes)
        .returning(parts::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let part = part.ok_or_else(|| not_found(id))?;
    tx.changed(&part)?;
    Ok(part)
}

/// What is on order comes one day, and is not taken in where its part is out of use: it is cancelled first.
fn check_not_on_order(conn: &mut Conn, id: PartId) -> Result<(), Error> {
    let part = get(conn, id)?;
    let open: Vec<i64> = order_lines::table
        .filter(order_lines::part_id.eq(id))
        .filter((order_lines::received + order_lines::cancelled).lt(order_lines::quantity))
        .select(order_lines::quantity - order_lines::received - order_lines::cancelled)
        .load(conn)?;
    if open.is_empty() || !part.active {
        return Ok(());
    }
    let orders = i64::try_from(open.len()).unwrap_or(i64::MAX);
    let open = open.into_iter().fold(0, i64::saturating_add);
    Err(Error::PartOnOrder { part_id: id, number: part.number, orders, open })
}

fn check(
    number: Option<&str>,
    name: Option<&str>,
    price: Option<i64>,
    currency: Option<&str>,
) -> Result<(), Error> {
    let blank = |text: Option<&str>| text.is_some_and(|t| t.trim().is_empty());
    if blank(number) {
        return Err(Error::Invalid { field: "number", problem: "must not be empty" });
    }
    if blank(name) {
        return Err(Error::Invalid { field: "name", problem: "must not be empty" });
    }
    if price.is_some_and(|p| p < 0) {
        return Err(Error::Invalid { field: "unit_price_micros", problem: "must not be negative" });
    }
    let is_code = |c: &str| c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase());
    if currency.is_some_and(|c| !is_code(c)) {
        return Err(Error::Invalid {
            field: "currency",
            problem: "must be three capital letters, as in ISO 4217",
        });
    }
    Ok(())
}

/// A hundred years.
pub const LONGEST_WARRANTY_DAYS: i32 = 36_525;

fn check_warranty(days: Option<i32>) -> Result<(), Error> {
    if days.is_none_or(|days| (0..=LONGEST_WARRANTY_DAYS).contains(&days)) {
        return Ok(());
    }
    Err(Error::Invalid { field: "warranty_days", problem: "must be between 0 and 36,525" })
}

fn not_found(id: PartId) -> Error {
    Error::NotFound { what: "part", id: id.to_string() }
}

/// One part.
pub fn get(conn: &mut Conn, id: PartId) -> Result<Part, Error> {
    parts::table.find(id).first(conn).optional()?.ok_or_else(|| not_found(id))
}

/// The part that people call by this number.
pub fn by_number(conn: &mut Conn, number: &str) -> Result<Option<Part>, Error> {
    Ok(parts::table.filter(parts::number.eq(number)).first(conn).optional()?)
}

/// What may be taken instead of these parts: each part with its substitute, in order.
pub fn substitutes(conn: &mut Conn, ids: &[PartId]) -> Result<Vec<(PartId, PartId)>, Error> {
    Ok(part_substitutes::table
        .filter(part_substitutes::part_id.eq_any(ids.iter().copied()))
        .order((part_substitutes::part_id, part_substitutes::substitute_id))
        .select((part_substitutes::part_id, part_substitutes::substitute_id))
        .load(conn)?)
}

/// Those of these parts that exist, in order of number.
pub fn by_ids(conn: &mut Conn, ids: &[PartId]) -> Result<Vec<Part>, Error> {
    let query = parts::table.filter(parts::id.eq_any(padded(ids))).order(parts::number);
    Ok(each_backend!(conn, |c| prepared(query).load(c))?)
}

/// Parts in order of number, after the number `after`; `q` is looked for in number and names, whatever the case.
pub fn list(conn: &mut Conn, q: Option<&str>, after: Option<&str>, limit: i64) -> Result<Vec<Part>, Error> {
    let mut query = parts::table.order(parts::number).limit(limit.clamp(1, PAGE)).into_boxed();
    if let Some(after) = after {
        query = query.filter(parts::number.gt(after.to_owned()));
    }
    if let Some(q) = q {
        let pattern = containing(q);
        query = query.filter(
            lower(parts::number)
                .like(pattern.clone())
                .escape('\\')
                .or(lower(parts::name).like(pattern.clone()).escape('\\'))
                .or(lower(parts::name_zh).like(pattern).escape('\\')),
        );
    }
    Ok(query.load(conn)?)
}

/// The LIKE pattern for texts that contain `q`, taken literally.
fn containing(q: &str) -> String {
    let mut pattern = String::with_capacity(q.len() + 2);
    pattern.push('%');
    for c in q.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
