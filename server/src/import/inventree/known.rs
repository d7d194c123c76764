//! What the database has already of what an export would bring.

use std::collections::HashSet;

use db::Conn;
use db::schema::{part_codes, parts, stock_locations, supplier_parts, suppliers};
use diesel::prelude::*;

use super::judge::{code_of_part, code_of_place, number_of};
use super::read::Set;
use crate::error::Error;
use crate::import::IN_LIST;

/// Numbers and codes that are taken.
#[derive(Debug, Default)]
pub struct Known {
    pub numbers: HashSet<String>,
    pub codes: HashSet<String>,
    pub places: HashSet<String>,
    /// Supplier and his number.
    pub supplier_parts: HashSet<(String, String)>,
}

/// Looks up all that must be unique.
pub fn look_up(conn: &mut Conn, set: &Set) -> Result<Known, Error> {
    let mut known = Known::default();
    for rows in set.parts.chunks(IN_LIST) {
        let numbers = rows.iter().map(|row| number_of(&row.value).1);
        let found: Vec<String> =
            parts::table.filter(parts::number.eq_any(numbers)).select(parts::number).load(conn)?;
        known.numbers.extend(found);
        let codes = rows.iter().map(|row| code_of_part(row.value.pk));
        let found: Vec<String> =
            part_codes::table.filter(part_codes::code.eq_any(codes)).select(part_codes::code).load(conn)?;
        known.codes.extend(found);
    }
    for rows in set.places.chunks(IN_LIST / 2) {
        let codes = rows.iter().flat_map(|row| [row.value.name.clone(), code_of_place(row.value.pk)]);
        let found: Vec<String> = stock_locations::table
            .filter(stock_locations::code.eq_any(codes))
            .select(stock_locations::code)
            .load(conn)?;
        known.places.extend(found);
    }
    for rows in set.supplier_parts.chunks(IN_LIST) {
        let numbers = rows.iter().map(|row| row.value.number.as_str());
        let found: Vec<(String, String)> = supplier_parts::table
            .inner_join(suppliers::table)
            .filter(supplier_parts::number.eq_any(numbers))
            .select((suppliers::name, supplier_parts::number))
            .load(conn)?;
        known.supplier_parts.extend(found);
    }
    Ok(known)
}
