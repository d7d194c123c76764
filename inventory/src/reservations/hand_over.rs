//! From the shelf into the van, and back. Handing over moves goods and promise together: what was reserved at the
//! depot is reserved in the van, and at no moment anybody else's.

use db::schema::stock_movements;
use db::types::{LocationId, LotId, ReservationId};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;

use super::{Reservation, ReservationStatus, extend, get, store};
use crate::balances::{self, Shelf};
use crate::ledger::{self, Detail, Entry, MovementKind};
use crate::lots::{self, Which};
use crate::parts::{self, Part, Tracking};
use crate::pieces::{self, Serial, Target};
use crate::{Error, locations, put_backs};

/// Which goods: how much, and which pieces or lot of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Goods<'a> {
    /// How much; all that is reserved if absent.
    pub quantity: Option<i64>,
    /// Which pieces, of parts that are followed one by one.
    pub serials: &'a [String],
    /// Of which lot, of parts that are followed by lot.
    pub lot: Option<&'a str>,
}

impl Goods<'_> {
    /// How much of a reservation that is.
    fn quantity_of(&self, reservation: &Reservation) -> i64 {
        let named = i64::try_from(self.serials.len()).ok().filter(|count| *count > 0);
        self.quantity.or(named).unwrap_or(reservation.quantity)
    }
}

/// Takes goods of a held reservation off the shelf: of parts with serial numbers just these pieces, and of parts with
/// lots this one, or at hand-over what expires first. They stay reserved where they were; what was not found stays
/// held. Returns the part that was picked.
///
/// # Errors
/// A reservation that is not held, more than it holds, or pieces or a lot that are not there, or promised to another
/// ticket.
pub fn pick(tx: &mut Tx<'_>, id: ReservationId, goods: &Goods<'_>) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    let part = parts::get(tx.conn(), reservation.part_id)?;
    let quantity = goods.quantity.unwrap_or(reservation.quantity);
    pieces::check(&part, quantity, goods.serials, goods.lot)?;
    let picked = store::finish(tx, &reservation, ReservationStatus::Picked, quantity)?;
    for number in goods.serials {
        let target =
            Target { location_id: reservation.location_id, asset_id: None, reservation_id: Some(picked.id) };
        pieces::shift(tx, part.id, number, reservation.location_id, target)?;
    }
    let picked = match goods.lot {
        Some(lot) => pick_lot(tx, picked, lot)?,
        None => picked,
    };
    put_backs::picked_again(tx, &picked, goods.serials)?;
    Ok(picked)
}

/// Notes the lot, if what lies there of it is not picked for others and may still be used.
fn pick_lot(tx: &mut Tx<'_>, picked: Reservation, number: &str) -> Result<Reservation, Error> {
    let invalid = |problem| Err(Error::Invalid { field: "lot", problem });
    // Nobody else picks from this shelf until the commit.
    balances::hold_still(tx, picked.shelf())?;
    let lot_id = lots::known(tx.conn(), picked.part_id, number)?;
    let there = lots::at(tx.conn(), picked.part_id, picked.location_id)?;
    let Some((lot, on_hand)) = there.into_iter().find(|(lot, _)| lot.id == lot_id) else {
        return invalid("is not at this place");
    };
    if lot.expires_at.is_some_and(|at| at <= tx.now()) {
        return invalid("must not be used any more: it has expired");
    }
    if on_hand - store::picked_of_lot(tx.conn(), lot_id, picked.location_id)? < picked.quantity {
        return invalid("has less at this place than is picked");
    }
    store::note_lot(tx, &picked, Some(lot_id))
}

/// Puts what was picked back on its shelf: it is held as before, and at least until `until`.
///
/// # Errors
/// A reservation that was not picked.
pub fn put_back(tx: &mut Tx<'_>, id: ReservationId, until: Timestamp) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    if reservation.status != ReservationStatus::Picked {
        return Err(Error::IllegalMove { from: reservation.status, to: ReservationStatus::Held });
    }
    let mut held = store::step(tx, &reservation, ReservationStatus::Held, reservation.location_id)?;
    pieces::let_go(tx, &[id])?;
    if held.lot_id.is_some() {
        held = store::note_lot(tx, &held, None)?;
    }
    // Its time may have run out while it was off the shelf.
    if held.expires_at.is_some_and(|at| at < until) {
        held = extend(tx, id, Some(until))?;
    }
    Ok(held)
}

/// Hands a reservation over to its engineer. If it is not in his van yet, it moves there with a movement, one for each
/// piece that was picked by its number and one for each lot.
///
/// # Errors
/// Nobody to hand it to, no van, or pieces that nobody has picked.
pub fn issue(tx: &mut Tx<'_>, id: ReservationId) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    let engineer_id = reservation.engineer_id.ok_or(Error::NoEngineer { reservation_id: id })?;
    let van = locations::needed_van(tx.conn(), engineer_id)?;
    let issued = store::step(tx, &reservation, ReservationStatus::HandedOver, van)?;
    if reservation.location_id == van {
        return Ok(issued);
    }
    let part = parts::get(tx.conn(), reservation.part_id)?;
    carry(tx, &reservation, reservation.quantity, van, reservation.quantity)?;
    let way = Way { kind: MovementKind::Issue, of: &reservation, to: van };
    if part.tracking == Tracking::Serial {
        let picked = pieces::of_reservation(tx.conn(), id)?;
        if count(&picked) != reservation.quantity {
            return Err(Error::Invalid {
                field: "serials",
                problem: "are needed: its pieces have to be picked first, each by its number",
            });
        }
        way.pieces(tx, picked, Some(id))?;
        return Ok(issued);
    }
    let which = reservation.lot_id.map_or(Which::Usable(tx.now()), Which::Named);
    let lot_id = way.shares(tx, &part, reservation.quantity, which)?;
    if lot_id == issued.lot_id { Ok(issued) } else { store::note_lot(tx, &issued, lot_id) }
}

/// Takes back goods that were handed over and not used, to the place `to` or to where they came from. Returns that
/// part of the reservation; what is left of it stays in the van.
///
/// # Errors
/// A reservation that was not handed over, more than it has, no place to go to, or pieces that nobody has named
/// although there are others that stay.
pub fn return_part(
    tx: &mut Tx<'_>,
    id: ReservationId,
    goods: &Goods<'_>,
    to: Option<LocationId>,
) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    let returned = ReservationStatus::Returned;
    if !reservation.status.may_become(returned) {
        return Err(Error::IllegalMove { from: reservation.status, to: returned });
    }
    let to = target(tx, &reservation, to)?;
    let part = parts::get(tx.conn(), reservation.part_id)?;
    let quantity = goods.quantity_of(&reservation);
    let done = store::finish(tx, &reservation, returned, quantity)?;
    carry(tx, &reservation, quantity, to, 0)?;
    let way = Way { kind: MovementKind::Return, of: &reservation, to };
    if part.tracking == Tracking::Serial {
        let back = pieces_back(tx.conn(), &part, &reservation, quantity, goods.serials)?;
        way.pieces(tx, back, None)?;
    } else {
        pieces::check(&part, quantity, goods.serials, goods.lot)?;
        let named = goods.lot.map(|number| lots::known(tx.conn(), part.id, number)).transpose()?;
        way.shares(tx, &part, quantity, named.or(reservation.lot_id).map_or(Which::First, Which::Named))?;
    }
    if done.id == id {
        pieces::let_go(tx, &[id])?;
    }
    Ok(done)
}

/// Where goods that come back go.
fn target(tx: &mut Tx<'_>, reservation: &Reservation, to: Option<LocationId>) -> Result<LocationId, Error> {
    let origin = match to {
        Some(to) => Some(to),
        None => origin(tx.conn(), reservation)?,
    };
    let problem = "is needed: the part was the van's own";
    let to = origin.ok_or(Error::Invalid { field: "location_id", problem })?;
    if to == reservation.location_id {
        return Err(Error::Invalid { field: "location_id", problem: "must be another place than the van" });
    }
    locations::check_takes_stock(tx.conn(), to, "location_id")?;
    Ok(to)
}

/// The pieces that come back: those that are named, or all that were handed over. Where none were picked, because they
/// are the van's own, any that lie in it for nobody may be named.
fn pieces_back(
    conn: &mut Conn,
    part: &Part,
    reservation: &Reservation,
    quantity: i64,
    serials: &[String],
) -> Result<Vec<Serial>, Error> {
    let picked = pieces::of_reservation(conn, reservation.id)?;
    if serials.is_empty() && quantity == reservation.quantity && count(&picked) == quantity {
        return Ok(picked);
    }
    if serials.is_empty() {
        let problem = "are needed: say which of the pieces come back";
        return Err(Error::Invalid { field: "serials", problem });
    }
    pieces::check(part, quantity, serials, None)?;
    let own = (!picked.is_empty()).then_some(reservation.id);
    let named = |number: &String| {
        let piece = pieces::find(conn, part.id, number)?;
        let here =
            |piece: &Serial| piece.location_id == reservation.location_id && piece.reservation_id == own;
        let problem = "name a piece that was not handed over with this reservation";
        piece.filter(here).ok_or(Error::Invalid { field: "serials", problem })
    };
    serials.iter().map(named).collect()
}

fn count(pieces: &[Serial]) -> i64 {
    i64::try_from(pieces.len()).unwrap_or(i64::MAX)
}

/// Changes both balances of a reservation that moves; `promised` of it stays reserved at its new place.
fn carry(
    tx: &mut Tx<'_>,
    from: &Reservation,
    quantity: i64,
    to: LocationId,
    promised: i64,
) -> Result<(), Error> {
    balances::take_promised(tx, from.shelf(), quantity)?;
    balances::put(tx, Shelf { part_id: from.part_id, location_id: to }, quantity, promised)?;
    Ok(())
}

/// A way that goods of a reservation go.
#[derive(Clone, Copy)]
struct Way<'a> {
    kind: MovementKind,
    /// As it was before.
    of: &'a Reservation,
    to: LocationId,
}

impl Way<'_> {
    fn entry(&self, at: Timestamp) -> Entry<'static> {
        Entry {
            kind: self.kind,
            part_id: self.of.part_id,
            quantity: self.of.quantity,
            from: self.of.location_id,
            to: self.to,
            ticket_id: Some(self.of.ticket_id),
            reservation_id: Some(self.of.id),
            at,
            note: "",
            detail: Detail::default(),
        }
    }

    fn pieces(self, tx: &mut Tx<'_>, pieces: Vec<Serial>, for_: Option<ReservationId>) -> Result<(), Error> {
        let target = Target { location_id: self.to, asset_id: None, reservation_id: for_ };
        let go = |piece: &Serial| {
            if piece.location_id == self.of.location_id {
                return pieces::put(tx, piece, target);
            }
            let (number, location_id) = (piece.number.clone(), piece.location_id);
            Err(Error::SerialElsewhere { number, location_id })
        };
        let moved: Vec<Serial> = pieces.iter().map(go).collect::<Result<_, _>>()?;
        ledger::record_all(tx, &self.entry(tx.now()), moved)?;
        Ok(())
    }

    /// The lot that all of it is of, if it is one.
    fn shares(
        self,
        tx: &mut Tx<'_>,
        part: &Part,
        quantity: i64,
        which: Which,
    ) -> Result<Option<LotId>, Error> {
        let shares = lots::take(tx, part, self.of.location_id, quantity, which)?;
        lots::put(tx, self.to, &shares)?;
        let lot_id = lots::only(&shares);
        ledger::record_all(tx, &self.entry(tx.now()), shares)?;
        Ok(lot_id)
    }
}

/// Where a reservation lay before it was handed over; none if that was the van itself.
fn origin(conn: &mut Conn, reservation: &Reservation) -> Result<Option<LocationId>, Error> {
    Ok(stock_movements::table
        // The ticket is named because it has an index.
        .filter(stock_movements::ticket_id.eq(reservation.ticket_id))
        .filter(stock_movements::reservation_id.eq(reservation.id))
        .filter(stock_movements::kind.eq(MovementKind::Issue))
        .select(stock_movements::from_location_id)
        .first(conn)
        .optional()?)
}
