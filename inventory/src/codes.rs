//! Barcodes under which a part is scanned, and parts that may be taken instead of another.

use db::schema::{part_codes, part_substitutes};
use db::types::{Id, PartCodeId, PartId, SubstituteId};
use db::{Conn, Entity, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, PAGE, parts};

/// Longest code that a part has, in characters.
pub const LONGEST_CODE: usize = 100;

/// What is printed on a part or on its box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = part_codes)]
pub struct PartCode {
    /// Its id.
    pub id: PartCodeId,
    /// Of what.
    pub part_id: PartId,
    /// As a scanner reads it; unique among all parts.
    pub code: String,
    /// What somebody wanted to add: whose code it is.
    pub note: String,
}

impl Entity for PartCode {
    const ENTITY: &'static str = "part_codes";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// Adds a code. One that is taken comes back as the database's violation of `part_codes.code`.
///
/// # Errors
/// An empty or too long code, one with control characters, or a part that is not there.
pub fn add(tx: &mut Tx<'_>, part_id: PartId, code: &str, note: &str) -> Result<PartCode, Error> {
    let code = code.trim();
    if code.is_empty() || code.chars().count() > LONGEST_CODE || code.chars().any(char::is_control) {
        return Err(Error::Invalid { field: "code", problem: "must be 1 to 100 visible characters" });
    }
    parts::get(tx.conn(), part_id)?;
    let row = PartCode { id: Id::new(), part_id, code: code.to_owned(), note: note.to_owned() };
    diesel::insert_into(part_codes::table).values(&row).execute(tx.conn())?;
    tx.changed(&row)?;
    Ok(row)
}

/// Removes a code.
///
/// # Errors
/// There is no such code.
pub fn remove(tx: &mut Tx<'_>, id: PartCodeId) -> Result<(), Error> {
    let gone: Option<PartCode> = diesel::delete(part_codes::table.find(id))
        .returning(part_codes::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let gone = gone.ok_or_else(|| Error::NotFound { what: "code", id: id.to_string() })?;
    Ok(tx.removed(&gone)?)
}

/// The codes of a part, the oldest first.
///
/// # Errors
/// There is no such part.
pub fn of_part(conn: &mut Conn, part_id: PartId) -> Result<Vec<PartCode>, Error> {
    parts::get(conn, part_id)?;
    Ok(part_codes::table
        .filter(part_codes::part_id.eq(part_id))
        .order(part_codes::id)
        .limit(PAGE)
        .load(conn)?)
}

/// A part that may be taken instead of another, one for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = part_substitutes)]
pub struct Substitute {
    /// Its id.
    pub id: SubstituteId,
    /// Instead of what.
    pub part_id: PartId,
    /// What may be taken.
    pub substitute_id: PartId,
}

impl Entity for Substitute {
    const ENTITY: &'static str = "part_substitutes";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// Lets a part be taken instead of another. Said twice, it comes back as the database's violation of
/// `part_substitutes.part_id`.
///
/// # Errors
/// The part itself, parts that are not there, or parts that are counted in other units.
pub fn allow(tx: &mut Tx<'_>, part_id: PartId, substitute_id: PartId) -> Result<Substitute, Error> {
    let invalid = |problem| Err(Error::Invalid { field: "substitute_id", problem });
    if part_id == substitute_id {
        return invalid("must be another part");
    }
    let (part, other) = (parts::get(tx.conn(), part_id)?, parts::get(tx.conn(), substitute_id)?);
    if (part.decimals, &part.unit) != (other.decimals, &other.unit) {
        return invalid("must be counted in the same unit, with as many decimals");
    }
    let row = Substitute { id: Id::new(), part_id, substitute_id };
    diesel::insert_into(part_substitutes::table).values(&row).execute(tx.conn())?;
    tx.changed(&row)?;
    Ok(row)
}

/// Takes a substitute out of the catalogue.
///
/// # Errors
/// There is no such row.
pub fn forbid(tx: &mut Tx<'_>, id: SubstituteId) -> Result<(), Error> {
    let gone: Option<Substitute> = diesel::delete(part_substitutes::table.find(id))
        .returning(part_substitutes::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let gone = gone.ok_or_else(|| Error::NotFound { what: "substitute", id: id.to_string() })?;
    Ok(tx.removed(&gone)?)
}

/// What may be taken instead of a part, in the order in which it was said.
///
/// # Errors
/// There is no such part.
pub fn substitutes(conn: &mut Conn, part_id: PartId) -> Result<Vec<Substitute>, Error> {
    parts::get(conn, part_id)?;
    Ok(part_substitutes::table
        .filter(part_substitutes::part_id.eq(part_id))
        .order(part_substitutes::id)
        .limit(PAGE)
        .load(conn)?)
}
