//! Parts and places with what people call them, for answers that are read by somebody who has no catalogue at hand.

use std::collections::BTreeMap;

use db::schema::stock_locations;
use db::types::{LocationId, PartId};
use db::{Conn, each_backend, padded, prepared};
use diesel::prelude::*;
use inventory::{LocationKind, Part};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;

/// A part with its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedPart {
    /// Its id.
    pub id: PartId,
    /// What people call it by.
    pub number: String,
    /// In English.
    pub name: String,
    /// In Chinese; may be empty.
    pub name_zh: String,
    /// `pcs`, `m`, `kg`.
    pub unit: String,
    /// Quantities are integers of 10^-decimals units.
    pub decimals: i32,
}

impl From<Part> for NamedPart {
    fn from(part: Part) -> Self {
        let Part { id, number, name, name_zh, unit, decimals, .. } = part;
        Self { id, number, name, name_zh, unit, decimals }
    }
}

/// A place with its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable)]
pub struct NamedPlace {
    /// Its id.
    pub id: LocationId,
    /// What is on its label.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: LocationKind,
}

/// These parts by id.
///
/// # Errors
/// A failure of the database.
pub fn parts(
    conn: &mut Conn,
    ids: impl Iterator<Item = PartId>,
) -> Result<BTreeMap<PartId, NamedPart>, Error> {
    let ids = distinct(ids);
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = inventory::parts::by_ids(conn, &ids)?;
    Ok(rows.into_iter().map(|part| (part.id, part.into())).collect())
}

/// These places by id.
///
/// # Errors
/// A failure of the database.
pub fn places(
    conn: &mut Conn,
    ids: impl Iterator<Item = LocationId>,
) -> Result<BTreeMap<LocationId, NamedPlace>, Error> {
    let ids = distinct(ids);
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = stock_locations::table.filter(stock_locations::id.eq_any(padded(&ids))).select((
        stock_locations::id,
        stock_locations::code,
        stock_locations::name,
        stock_locations::kind,
    ));
    let rows: Vec<NamedPlace> = each_backend!(conn, |c| prepared(query).load(c))?;
    Ok(rows.into_iter().map(|place| (place.id, place)).collect())
}

fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
