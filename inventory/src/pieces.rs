//! Parts that are followed one by one. A piece is at one place: it moves from there or not at all. Only an engineer is
//! believed when he has one that the books know elsewhere. Numbers are compared without blanks around them and whatever
//! the case, as scanners and people spell them.

use std::collections::HashSet;

use db::schema::part_serials;
use db::types::{AssetId, Id, LocationId, LotId, PartId, ReservationId, SerialId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::parts::{Part, Tracking};
use crate::{Error, PAGE, locations};

/// Longest number of a serial or a lot, in characters.
pub const LONGEST_NUMBER: usize = 100;

/// Most pieces in one movement.
pub const MOST_PIECES: usize = 1_000;

/// One piece of a part, with its serial number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = part_serials)]
pub struct Serial {
    /// Its id.
    pub id: SerialId,
    /// Of what.
    pub part_id: PartId,
    /// What is stamped on it; unique among the pieces of the part.
    pub number: String,
    /// The lot that it came in.
    pub lot_id: Option<LotId>,
    /// Where it is; [`locations::installed`] once it is built in.
    pub location_id: LocationId,
    /// The lift that it is in.
    pub asset_id: Option<AssetId>,
    /// For which reservation it was picked.
    pub reservation_id: Option<ReservationId>,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

impl Entity for Serial {
    const ENTITY: &'static str = "part_serials";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// How a number of a piece or a lot is kept: no blanks around it, in capitals.
pub fn plain_number(number: &str) -> String {
    number.trim().to_ascii_uppercase()
}

/// Refuses a movement whose numbers do not fit its part: a serial for each piece, or none where none are kept.
pub(crate) fn check(part: &Part, quantity: i64, serials: &[String], lot: Option<&str>) -> Result<(), Error> {
    let invalid = |field, problem| Err(Error::Invalid { field, problem });
    let blank = |number: &str| {
        let number = number.trim();
        number.is_empty() || number.chars().count() > LONGEST_NUMBER || number.chars().any(char::is_control)
    };
    if part.tracking != Tracking::Serial && !serials.is_empty() {
        return invalid("serials", "are kept of parts with serial numbers only");
    }
    if part.tracking == Tracking::Serial {
        if i64::try_from(serials.len()).ok() != Some(quantity) {
            return invalid("serials", "must be as many as the pieces that move");
        }
        let different: HashSet<String> = serials.iter().map(|number| plain_number(number)).collect();
        if different.len() != serials.len() {
            return invalid("serials", "name a piece twice");
        }
        if serials.len() > MOST_PIECES || serials.iter().any(|number| blank(number)) {
            return invalid("serials", "must be at most 1,000 numbers of 1 to 100 printable characters");
        }
    }
    match lot {
        Some(_) if part.tracking == Tracking::None => invalid("lot", "is kept of parts with lots only"),
        Some(lot) if blank(lot) => invalid("lot", "must be 1 to 100 printable characters"),
        _ => Ok(()),
    }
}

/// The piece of this number, if it was ever seen.
pub fn find(conn: &mut Conn, part_id: PartId, number: &str) -> Result<Option<Serial>, Error> {
    Ok(part_serials::table
        .filter(part_serials::part_id.eq(part_id))
        .filter(part_serials::number.eq(plain_number(number)))
        .first(conn)
        .optional()?)
}

/// Where a piece goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub location_id: LocationId,
    pub asset_id: Option<AssetId>,
    pub reservation_id: Option<ReservationId>,
}

impl Target {
    pub fn place(location_id: LocationId) -> Self {
        Self { location_id, asset_id: None, reservation_id: None }
    }
}

/// A piece comes in: it is new, or was outside.
pub(crate) fn arrive(
    tx: &mut Tx<'_>,
    part_id: PartId,
    number: &str,
    lot_id: Option<LotId>,
    to: LocationId,
) -> Result<Serial, Error> {
    match find(tx.conn(), part_id, number)? {
        None => add(tx, part_id, number, lot_id, Target::place(to)),
        Some(known) if locations::get(tx.conn(), known.location_id)?.kind.has_stock() => {
            Err(Error::SerialElsewhere { number: number.to_owned(), location_id: known.location_id })
        }
        Some(known) => put(tx, &known, Target::place(to)),
    }
}

/// A piece moves from where it has to be. One that was picked for a ticket moves with its reservation only.
pub(crate) fn shift(
    tx: &mut Tx<'_>,
    part_id: PartId,
    number: &str,
    from: LocationId,
    to: Target,
) -> Result<Serial, Error> {
    let known = find(tx.conn(), part_id, number)?
        .ok_or_else(|| Error::NotFound { what: "serial", id: number.to_owned() })?;
    let promised = known.reservation_id.is_some() && known.reservation_id != to.reservation_id;
    if known.location_id != from {
        return Err(Error::SerialElsewhere { number: number.to_owned(), location_id: known.location_id });
    }
    if promised {
        return Err(Error::SerialPromised { number: number.to_owned() });
    }
    put(tx, &known, to)
}

/// A piece is where an engineer says that it is, whatever the books say.
pub(crate) fn believe(tx: &mut Tx<'_>, part_id: PartId, number: &str, to: Target) -> Result<Serial, Error> {
    match find(tx.conn(), part_id, number)? {
        None => add(tx, part_id, number, None, to),
        Some(known) => put(tx, &known, to),
    }
}

fn add(
    tx: &mut Tx<'_>,
    part_id: PartId,
    number: &str,
    lot_id: Option<LotId>,
    to: Target,
) -> Result<Serial, Error> {
    let serial = Serial {
        id: Id::new(),
        part_id,
        number: plain_number(number),
        lot_id,
        location_id: to.location_id,
        asset_id: to.asset_id,
        reservation_id: to.reservation_id,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    diesel::insert_into(part_serials::table).values(&serial).execute(tx.conn())?;
    tx.changed(&serial)?;
    Ok(serial)
}

/// From the place that was read to another: of two who move one piece, the second is refused.
pub(crate) fn put(tx: &mut Tx<'_>, from: &Serial, to: Target) -> Result<Serial, Error> {
    let now = tx.now();
    let moved: Option<Serial> = diesel::update(part_serials::table.find(from.id))
        .filter(part_serials::location_id.eq(from.location_id))
        .set((
            part_serials::location_id.eq(to.location_id),
            part_serials::asset_id.eq(to.asset_id),
            part_serials::reservation_id.eq(to.reservation_id),
            part_serials::updated_at.eq(now),
        ))
        .returning(part_serials::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let elsewhere = || Error::SerialElsewhere { number: from.number.clone(), location_id: from.location_id };
    let moved = moved.ok_or_else(elsewhere)?;
    tx.changed(&moved)?;
    Ok(moved)
}

/// Pieces that were picked for reservations which have ended stay where they are, for anybody.
pub(crate) fn let_go(tx: &mut Tx<'_>, ended: &[ReservationId]) -> Result<(), Error> {
    if ended.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let free: Vec<Serial> = diesel::update(part_serials::table)
        .filter(part_serials::reservation_id.eq_any(ended))
        .set((part_serials::reservation_id.eq(None::<ReservationId>), part_serials::updated_at.eq(now)))
        .returning(part_serials::all_columns)
        .get_results(tx.conn())?;
    for serial in &free {
        tx.changed(serial)?;
    }
    Ok(())
}

/// Pieces that were picked for reservations that hold less than them now: which of them are still meant nobody knows,
/// so they are all for anybody.
pub(crate) fn let_go_surplus(tx: &mut Tx<'_>, held: &[(ReservationId, i64)]) -> Result<(), Error> {
    let mut surplus = Vec::new();
    for (id, quantity) in held {
        let picked: i64 =
            part_serials::table.filter(part_serials::reservation_id.eq(id)).count().get_result(tx.conn())?;
        if picked > *quantity {
            surplus.push(*id);
        }
    }
    let_go(tx, &surplus)
}

/// The pieces that were picked for a reservation, in order of number.
pub fn of_reservation(conn: &mut Conn, id: ReservationId) -> Result<Vec<Serial>, Error> {
    Ok(part_serials::table
        .filter(part_serials::reservation_id.eq(id))
        .order(part_serials::number)
        .load(conn)?)
}

/// The pieces that are in a lift now, in order of part and number.
pub fn of_asset(conn: &mut Conn, id: AssetId) -> Result<Vec<Serial>, Error> {
    Ok(part_serials::table
        .filter(part_serials::asset_id.eq(id))
        .order((part_serials::part_id, part_serials::number))
        .limit(PAGE)
        .load(conn)?)
}

/// Which pieces to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this part.
    pub part_id: Option<PartId>,
    /// Only at this place.
    pub location_id: Option<LocationId>,
    /// Only with this number.
    pub number: Option<String>,
}

/// Pieces in order of id, after the id `after`.
pub fn list(
    conn: &mut Conn,
    filter: Filter,
    after: Option<SerialId>,
    limit: i64,
) -> Result<Vec<Serial>, Error> {
    let mut query = part_serials::table.order(part_serials::id).limit(limit.clamp(1, PAGE)).into_boxed();
    if let Some(id) = filter.part_id {
        query = query.filter(part_serials::part_id.eq(id));
    }
    if let Some(id) = filter.location_id {
        query = query.filter(part_serials::location_id.eq(id));
    }
    if let Some(number) = filter.number {
        query = query.filter(part_serials::number.eq(plain_number(&number)));
    }
    if let Some(after) = after {
        query = query.filter(part_serials::id.gt(after));
    }
    Ok(query.load(conn)?)
}
