//! What was picked for a ticket that needs it no more, or not from here: it lies in a tray, though the books have it
//! free on its shelf, until somebody says that it is back there, or it is picked for the same ticket again.

use db::schema::{engineers, part_lots, parts, put_backs, stock_locations, tickets};
use db::types::{EngineerId, Id, Json, LocationId, LotId, PartId, PutBackId, ReservationId, TicketId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::reservations::{Reservation, ReservationStatus};
use crate::{Error, LocationKind, PAGE, locations, pieces};

/// Goods that have to be carried back to their shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = put_backs)]
pub struct PutBack {
    /// Its id.
    pub id: PutBackId,
    /// The reservation that they were picked for.
    pub reservation_id: ReservationId,
    /// For which ticket that was.
    pub ticket_id: TicketId,
    /// Who was to get them.
    pub engineer_id: Option<EngineerId>,
    /// Of what.
    pub part_id: PartId,
    /// Their shelf.
    pub location_id: LocationId,
    /// The lot that was picked, if it is one.
    pub lot_id: Option<LotId>,
    /// The numbers of the pieces that were picked.
    #[schema(value_type = Vec<String>)]
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub serials: Json<Vec<String>>,
    /// How much.
    pub quantity: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// Who put them back; empty until then.
    pub done_by: String,
    /// When.
    pub done_at: Option<Timestamp>,
}

impl Entity for PutBack {
    const ENTITY: &'static str = "put_backs";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// Notes that what was picked for a reservation which ends has to go back. Call it before its pieces are let go.
///
/// # Errors
/// A failure of the database.
pub(crate) fn note(tx: &mut Tx<'_>, picked: &Reservation) -> Result<(), Error> {
    if locations::get(tx.conn(), picked.location_id)?.kind == LocationKind::Van {
        return Ok(());
    }
    let serials = pieces::of_reservation(tx.conn(), picked.id)?.into_iter().map(|piece| piece.number);
    let row = PutBack {
        id: Id::new(),
        reservation_id: picked.id,
        ticket_id: picked.ticket_id,
        engineer_id: picked.engineer_id,
        part_id: picked.part_id,
        location_id: picked.location_id,
        lot_id: picked.lot_id,
        serials: Json(serials.collect()),
        quantity: picked.quantity,
        created_at: tx.now(),
        done_by: String::new(),
        done_at: None,
    };
    diesel::insert_into(put_backs::table).values(row.clone()).execute(tx.conn())?;
    Ok(tx.changed(&row)?)
}

/// The same of all that a ticket has picked.
///
/// # Errors
/// A failure of the database.
pub(crate) fn note_all(tx: &mut Tx<'_>, picked: &[Reservation]) -> Result<(), Error> {
    picked.iter().filter(|one| one.status == ReservationStatus::Picked).try_for_each(|one| note(tx, one))
}

/// Says that what is picked for a ticket is what lay in the tray for it: nobody has to carry it to and fro. Only what
/// was really picked again leaves the tray: the pieces with these numbers, or so much of the same lot as was picked.
///
/// # Errors
/// A failure of the database.
pub(crate) fn picked_again(tx: &mut Tx<'_>, picked: &Reservation, serials: &[String]) -> Result<(), Error> {
    let waiting: Vec<PutBack> = put_backs::table
        .filter(put_backs::ticket_id.eq(picked.ticket_id))
        .filter(put_backs::part_id.eq(picked.part_id))
        .filter(put_backs::location_id.eq(picked.location_id))
        .filter(put_backs::done_at.is_null())
        .order(put_backs::id)
        .load(tx.conn())?;
    let numbers: Vec<String> = serials.iter().map(|number| pieces::plain_number(number)).collect();
    let mut left = picked.quantity;
    for one in waiting.iter().filter(|one| one.lot_id == picked.lot_id) {
        let (again, stays): (Vec<String>, Vec<String>) =
            one.serials.0.iter().cloned().partition(|number| numbers.contains(number));
        // Of pieces whose numbers nobody knows, nobody knows either whether it was they that were picked.
        let quantity = if numbers.is_empty() { one.quantity } else { count(&again) }.min(left);
        if quantity > 0 {
            left -= quantity;
            take_out(tx, one, (quantity, again), stays)?;
        }
    }
    Ok(())
}

/// Takes so much out of the tray, as a row of its own if something stays: the sum of both is what was picked at first.
fn take_out(tx: &mut Tx<'_>, of: &PutBack, out: (i64, Vec<String>), stays: Vec<String>) -> Result<(), Error> {
    let (quantity, serials) = out;
    if quantity == of.quantity {
        return done(tx, of.id).map(drop);
    }
    let rest: Option<PutBack> = diesel::update(put_backs::table.find(of.id))
        .filter(put_backs::done_at.is_null())
        .filter(put_backs::quantity.eq(of.quantity))
        .set((
            put_backs::quantity.eq(of.quantity - quantity),
            put_backs::serials.eq(String::from(Json(stays))),
        ))
        .returning(put_backs::all_columns)
        .get_result(tx.conn())
        .optional()?;
    // Somebody else has said meanwhile that it is back: he is believed.
    let Some(rest) = rest else { return Ok(()) };
    tx.changed(&rest)?;
    let (done_by, done_at) = (tx.actor().name.clone(), Some(tx.now()));
    let row = PutBack { id: Id::new(), serials: Json(serials), quantity, done_by, done_at, ..rest };
    diesel::insert_into(put_backs::table).values(row.clone()).execute(tx.conn())?;
    Ok(tx.changed(&row)?)
}

fn count(numbers: &[String]) -> i64 {
    i64::try_from(numbers.len()).unwrap_or(i64::MAX)
}

/// Says that goods are back on their shelf. Said again, it stays as it was said first.
///
/// # Errors
/// There is nothing of this id to be put back, or a failure of the database.
pub fn done(tx: &mut Tx<'_>, id: PutBackId) -> Result<PutBack, Error> {
    let (now, by) = (tx.now(), tx.actor().name.clone());
    let done: Option<PutBack> = diesel::update(put_backs::table.find(id))
        .filter(put_backs::done_at.is_null())
        .set((put_backs::done_at.eq(now), put_backs::done_by.eq(by)))
        .returning(put_backs::all_columns)
        .get_result(tx.conn())
        .optional()?;
    if let Some(done) = done {
        tx.changed(&done)?;
        return Ok(done);
    }
    let known = put_backs::table.find(id).first(tx.conn()).optional()?;
    known.ok_or_else(|| Error::NotFound { what: "put-back", id: id.to_string() })
}

/// Goods to be put back, with what people call their ticket, part and place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable)]
pub struct PutBackView {
    /// What it is.
    #[serde(flatten)]
    pub put_back: PutBack,
    /// The ticket's number.
    pub ticket_number: i64,
    /// Who was to get them, by his code.
    pub engineer_code: Option<String>,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
    /// Their shelf's code.
    pub location_code: String,
    /// The number of the lot that was picked, if it is one.
    pub lot: Option<String>,
}

/// What has to be put back, the oldest first, after the id `after`.
///
/// # Errors
/// A failure of the database.
pub fn open(conn: &mut Conn, after: Option<PutBackId>, limit: i64) -> Result<Vec<PutBackView>, Error> {
    let mut query = put_backs::table
        .inner_join(tickets::table)
        .inner_join(parts::table)
        .inner_join(stock_locations::table)
        .left_join(engineers::table.on(engineers::id.nullable().eq(put_backs::engineer_id)))
        .left_join(part_lots::table.on(part_lots::id.nullable().eq(put_backs::lot_id)))
        .filter(put_backs::done_at.is_null())
        .order(put_backs::id)
        .limit(limit.clamp(1, PAGE))
        .select((
            put_backs::all_columns,
            tickets::number,
            engineers::code.nullable(),
            parts::number,
            parts::name,
            stock_locations::code,
            part_lots::number.nullable(),
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(put_backs::id.gt(after));
    }
    Ok(query.load(conn)?)
}
