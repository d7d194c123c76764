//! Stock promised to a ticket: wanted → held → picked → handed over → used or returned. While a reservation is live,
//! its quantity counts as reserved at the place it names; every step moves that figure in the same transaction.

pub(crate) mod broken;
mod hand_over;
mod list;
pub(crate) mod store;
pub mod wanted;

use std::collections::BTreeMap;

use db::schema::{reservations, tickets};
use db::types::{EngineerId, Id, LocationId, LotId, PartId, ReservationId, TicketId};
use db::{Conn, Entity, Timestamp, Tx, each_backend, prepared};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::balances::{self, Shelf};
use crate::{Error, check_quantity, pieces, put_backs};

pub use hand_over::{Goods, issue, pick, put_back, return_part};
pub use list::{Filter, ReservationView, list, of_ticket};

db::text_enum! {
    /// How far a reservation has come.
    pub enum ReservationStatus {
        /// Asked for; nothing is promised yet.
        Wanted => "wanted",
        /// Promised, until a time if it has one.
        Held => "held",
        /// Taken off the shelf.
        Picked => "picked",
        /// In the engineer's van.
        HandedOver => "handed_over",
        /// In the lift.
        Used => "used",
        /// Not needed after all.
        Returned => "returned",
        /// Given up: cancelled, reassigned or closed.
        Released => "released",
        /// Its time ran out.
        Expired => "expired",
    }
}

impl ReservationStatus {
    /// What counts as reserved.
    pub const LIVE: [Self; 3] = [Self::Held, Self::Picked, Self::HandedOver];

    /// Whether it counts as reserved.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Held | Self::Picked | Self::HandedOver)
    }

    /// Whether a reservation may go from this status to that one. What is held may be handed over unpicked, since a
    /// van's own stock is on no shelf; and used from there, since an engineer takes it without asking.
    pub const fn may_become(self, to: Self) -> bool {
        match to {
            Self::Wanted => false,
            // What was picked by mistake is put back on its shelf.
            Self::Held => matches!(self, Self::Wanted | Self::Picked),
            Self::Picked | Self::Expired => matches!(self, Self::Held),
            Self::HandedOver => matches!(self, Self::Held | Self::Picked),
            Self::Used => self.is_live(),
            Self::Returned => matches!(self, Self::HandedOver),
            Self::Released => self.is_live() || matches!(self, Self::Wanted),
        }
    }
}

/// A promise of stock to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = reservations)]
pub struct Reservation {
    /// Its id.
    pub id: ReservationId,
    /// For which ticket.
    pub ticket_id: TicketId,
    /// Who will use it.
    pub engineer_id: Option<EngineerId>,
    /// Of what.
    pub part_id: PartId,
    /// Where it lies now.
    pub location_id: LocationId,
    /// How much.
    pub quantity: i64,
    /// How far it has come.
    pub status: ReservationStatus,
    /// When it is given up, if it is only held then.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The part that the ticket asked for, if this is a substitute.
    pub instead_of_part_id: Option<PartId>,
    /// The lot that was picked or handed over, if it is one.
    pub lot_id: Option<LotId>,
}

impl Reservation {
    pub(crate) fn shelf(&self) -> Shelf {
        Shelf { part_id: self.part_id, location_id: self.location_id }
    }
}

impl Entity for Reservation {
    const ENTITY: &'static str = "reservations";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// What to promise to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// For which ticket.
    pub ticket_id: TicketId,
    /// Who will use it, if that is known.
    pub engineer_id: Option<EngineerId>,
    /// Of what.
    pub part_id: PartId,
    /// From where.
    pub location_id: LocationId,
    /// How much.
    pub quantity: i64,
    /// Until when; without it, until somebody releases it.
    pub expires_at: Option<Timestamp>,
    /// The part that the ticket asked for, if this is a substitute.
    pub instead_of_part_id: Option<PartId>,
}

/// The longest that stock is held without anybody saying so again: a year.
pub const LONGEST_HOLD_MINUTES: i64 = 366 * 24 * 60;

/// Most reservations that one call of [`expire_due`] ends.
pub const EXPIRE_BATCH: i64 = 200;

/// Promises stock, or says how much is short: two statements, the first of which is guard and promise in one.
pub fn reserve(tx: &mut Tx<'_>, request: Request) -> Result<Reservation, Error> {
    check_quantity(request.quantity)?;
    check_expiry(request.expires_at, tx.now())?;
    let shelf = Shelf { part_id: request.part_id, location_id: request.location_id };
    balances::hold(tx, shelf, request.quantity)?;
    let reservation = Reservation {
        id: Id::new(),
        ticket_id: request.ticket_id,
        engineer_id: request.engineer_id,
        part_id: request.part_id,
        location_id: request.location_id,
        quantity: request.quantity,
        status: ReservationStatus::Held,
        expires_at: request.expires_at,
        created_at: tx.now(),
        updated_at: tx.now(),
        instead_of_part_id: request.instead_of_part_id,
        lot_id: None,
    };
    store::insert(tx, &reservation)?;
    Ok(reservation)
}

/// Promises all of it or, with the first shortage, nothing: then the caller's command has to end with the error.
/// The reservations come back in the order of part and place.
pub fn reserve_all(tx: &mut Tx<'_>, requests: &[Request]) -> Result<Vec<Reservation>, Error> {
    let mut sorted: Vec<Request> = requests.to_vec();
    sorted.sort_by_key(|r| (r.part_id, r.location_id));
    sorted.into_iter().map(|request| reserve(tx, request)).collect()
}

fn check_expiry(expires_at: Option<Timestamp>, now: Timestamp) -> Result<(), Error> {
    if expires_at.is_some_and(|at| at > now.plus_minutes(LONGEST_HOLD_MINUTES)) {
        return Err(Error::Invalid { field: "expires_at", problem: "must be within a year" });
    }
    Ok(())
}

/// One reservation.
pub fn get(conn: &mut Conn, id: ReservationId) -> Result<Reservation, Error> {
    let found = reservations::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Error::NotFound { what: "reservation", id: id.to_string() })
}

/// What is promised to a ticket and not used yet, and what it waits for.
pub fn open_of_ticket(conn: &mut Conn, ticket_id: TicketId) -> Result<Vec<Reservation>, Error> {
    let query = reservations::table
        .filter(reservations::ticket_id.eq(ticket_id))
        .filter(reservations::status.eq_any(PROMISED))
        .order(reservations::id);
    Ok(each_backend!(conn, |c| prepared(query).load(c))?)
}

/// Which parts a ticket used instead of which that it had asked for.
pub fn used_instead(conn: &mut Conn, ticket_id: TicketId) -> Result<BTreeMap<PartId, PartId>, Error> {
    let found: Vec<(PartId, Option<PartId>)> = reservations::table
        .filter(reservations::ticket_id.eq(ticket_id))
        .filter(reservations::status.eq(ReservationStatus::Used))
        .filter(reservations::instead_of_part_id.is_not_null())
        .order(reservations::id)
        .select((reservations::part_id, reservations::instead_of_part_id))
        .load(conn)?;
    Ok(found.into_iter().filter_map(|(part, asked)| Some((part, asked?))).collect())
}

/// What a ticket has reserved and not used yet.
pub fn live_of_ticket(conn: &mut Conn, ticket_id: TicketId) -> Result<Vec<Reservation>, Error> {
    let mut found = open_of_ticket(conn, ticket_id)?;
    found.retain(|one| one.status.is_live());
    Ok(found)
}

/// What is promised, and what somebody waits for.
const PROMISED: [ReservationStatus; 4] = [
    ReservationStatus::Held,
    ReservationStatus::Picked,
    ReservationStatus::HandedOver,
    ReservationStatus::Wanted,
];

/// All that is promised to tickets or wanted for them, and not used yet.
pub fn all_promised(conn: &mut Conn) -> Result<Vec<Reservation>, Error> {
    Ok(reservations::table
        .filter(reservations::status.eq_any(PROMISED))
        .order(reservations::id)
        .load(conn)?)
}

/// Gives an engineer what was reserved or wanted for the ticket before anybody had it.
pub fn take_over(
    tx: &mut Tx<'_>,
    ticket_id: TicketId,
    engineer_id: EngineerId,
) -> Result<Vec<Reservation>, Error> {
    let now = tx.now();
    let taken: Vec<Reservation> = diesel::update(reservations::table)
        .filter(reservations::ticket_id.eq(ticket_id))
        .filter(reservations::engineer_id.is_null())
        .filter(reservations::status.eq_any(PROMISED))
        .set((reservations::engineer_id.eq(engineer_id), reservations::updated_at.eq(now)))
        .returning(reservations::all_columns)
        .get_results(tx.conn())?;
    for reservation in &taken {
        tx.changed(reservation)?;
    }
    Ok(taken)
}

/// Gives one reservation up; its stock is free where it lies.
pub fn release(tx: &mut Tx<'_>, id: ReservationId) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    put_backs::note_all(tx, std::slice::from_ref(&reservation))?;
    let released = store::step(tx, &reservation, ReservationStatus::Released, reservation.location_id)?;
    if reservation.status.is_live() {
        balances::free(tx, reservation.shelf(), reservation.quantity)?;
    }
    pieces::let_go(tx, &[id])?;
    Ok(released)
}

/// Gives up whatever a ticket has reserved and not used: it was cancelled, closed or given to somebody else. What
/// was handed over stays in the van, as free stock; what was picked has to go back to its shelf.
pub fn release_for_ticket(tx: &mut Tx<'_>, ticket_id: TicketId) -> Result<Vec<Reservation>, Error> {
    let now = tx.now();
    // Wanted ones hold nothing, so they go apart from those whose stock has to be freed.
    let wanted: Vec<Reservation> = diesel::update(reservations::table)
        .filter(reservations::ticket_id.eq(ticket_id))
        .filter(reservations::status.eq(ReservationStatus::Wanted))
        .set((reservations::status.eq(ReservationStatus::Released), reservations::updated_at.eq(now)))
        .returning(reservations::all_columns)
        .get_results(tx.conn())?;
    let picked: Vec<Reservation> = reservations::table
        .filter(reservations::ticket_id.eq(ticket_id))
        .filter(reservations::status.eq(ReservationStatus::Picked))
        .order(reservations::id)
        .load(tx.conn())?;
    put_backs::note_all(tx, &picked)?;
    let mut released: Vec<Reservation> = diesel::update(reservations::table)
        .filter(reservations::ticket_id.eq(ticket_id))
        .filter(reservations::status.eq_any(ReservationStatus::LIVE))
        .set((reservations::status.eq(ReservationStatus::Released), reservations::updated_at.eq(now)))
        .returning(reservations::all_columns)
        .get_results(tx.conn())?;
    store::free_all(tx, &released)?;
    let ended: Vec<ReservationId> = released.iter().map(|reservation| reservation.id).collect();
    pieces::let_go(tx, &ended)?;
    for reservation in &wanted {
        tx.changed(reservation)?;
    }
    released.extend(wanted);
    Ok(released)
}

/// Holds what is due on until another time, if its ticket is in one of these states; at most [`EXPIRE_BATCH`]. Call it
/// again while it returns that many. For which tickets parts are held on is the caller's to say.
pub fn hold_on(
    tx: &mut Tx<'_>,
    ticket_statuses: &[&str],
    until: Timestamp,
) -> Result<Vec<Reservation>, Error> {
    let now = tx.now();
    check_expiry(Some(until), now)?;
    let due: Vec<ReservationId> = reservations::table
        .inner_join(tickets::table.on(tickets::id.eq(reservations::ticket_id)))
        .filter(reservations::status.eq(ReservationStatus::Held))
        .filter(reservations::expires_at.le(now))
        .filter(tickets::status.eq_any(ticket_statuses))
        .order((reservations::expires_at, reservations::id))
        .limit(EXPIRE_BATCH)
        .select(reservations::id)
        .load(tx.conn())?;
    due.into_iter().map(|id| extend(tx, id, Some(until))).collect()
}

/// Ends reservations that are only held and whose time has run out; at most [`EXPIRE_BATCH`], the oldest first. Call
/// it again while it returns that many.
pub fn expire_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Reservation>, Error> {
    let due: Vec<ReservationId> = reservations::table
        .filter(reservations::status.eq(ReservationStatus::Held))
        .filter(reservations::expires_at.le(now))
        .order((reservations::expires_at, reservations::id))
        .limit(EXPIRE_BATCH)
        .select(reservations::id)
        .load(tx.conn())?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    // Asked again in the statement: another server may have extended, picked or expired one since.
    let expired: Vec<Reservation> = diesel::update(reservations::table)
        .filter(reservations::id.eq_any(due))
        .filter(reservations::status.eq(ReservationStatus::Held))
        .filter(reservations::expires_at.le(now))
        .set((reservations::status.eq(ReservationStatus::Expired), reservations::updated_at.eq(now)))
        .returning(reservations::all_columns)
        .get_results(tx.conn())?;
    store::free_all(tx, &expired)?;
    Ok(expired)
}

/// Holds a reservation until another time. Only what is held runs out, so nothing else can be extended.
pub fn extend(
    tx: &mut Tx<'_>,
    id: ReservationId,
    expires_at: Option<Timestamp>,
) -> Result<Reservation, Error> {
    let now = tx.now();
    check_expiry(expires_at, now)?;
    let extended: Option<Reservation> = diesel::update(reservations::table.find(id))
        .filter(reservations::status.eq(ReservationStatus::Held))
        .set((reservations::expires_at.eq(expires_at), reservations::updated_at.eq(now)))
        .returning(reservations::all_columns)
        .get_result(tx.conn())
        .optional()?;
    match extended {
        Some(reservation) => {
            tx.changed(&reservation)?;
            Ok(reservation)
        }
        None => {
            let from = get(tx.conn(), id)?.status;
            Err(Error::IllegalMove { from, to: ReservationStatus::Held })
        }
    }
}
