//! Parts that are followed by lot. Each place has a balance a lot, and the balance of the part is their sum. Whoever
//! does not say which lot takes the one that expires first; stock of which nobody knows the lot is of the nameless one.
//!
//! Every caller changes the balance of the part first: that row keeps other servers from the lots on the same shelf.

use db::schema::{lot_balances, part_lots};
use db::types::{Id, LocationId, LotId, PartId};
use db::{Conn, Entity, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Error;
use crate::balances::{self, Shelf};
use crate::parts::{Part, Tracking};
use crate::pieces::plain_number;
use crate::reservations::broken;

/// The number of the lot of which nobody knows the number.
pub const NAMELESS: &str = "";

/// A lot of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = part_lots)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// Of what.
    pub part_id: PartId,
    /// Its number; unique among the lots of the part. Empty for stock of which nobody knows the lot.
    pub number: String,
    /// When it must not be used any more.
    pub expires_at: Option<Timestamp>,
    /// When it was first seen.
    pub created_at: Timestamp,
}

impl Entity for Lot {
    const ENTITY: &'static str = "part_lots";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// So much of a lot; of no lot where the part is not followed by lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub lot_id: Option<LotId>,
    pub quantity: i64,
}

/// Which lot is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// This one, or nothing.
    Named(LotId),
    /// What expires first and may still be used at this time.
    Usable(Timestamp),
    /// What expires first.
    First,
    /// This one, or what expires first, whatever the books say is there.
    Believed(Option<LotId>),
}

/// The lot of this number, made if it is new. Without a day of expiry it keeps the one that it has.
///
/// # Errors
/// Another day of expiry than the lot has.
pub(crate) fn named(
    tx: &mut Tx<'_>,
    part_id: PartId,
    number: &str,
    expires_at: Option<Timestamp>,
) -> Result<Lot, Error> {
    let number = plain_number(number);
    let known = match find(tx.conn(), part_id, &number)? {
        Some(known) => known,
        None => add(tx, Lot { id: Id::new(), part_id, number, expires_at, created_at: tx.now() })?,
    };
    match (known.expires_at, expires_at) {
        (_, None) => Ok(known),
        (None, Some(_)) => {
            let lot = Lot { expires_at, ..known };
            diesel::update(part_lots::table.find(lot.id))
                .set(part_lots::expires_at.eq(expires_at))
                .execute(tx.conn())?;
            tx.changed(&lot)?;
            Ok(lot)
        }
        (Some(kept), Some(said)) if kept == said => Ok(known),
        _ => Err(Error::Invalid { field: "expires_on", problem: "is another day than this lot has" }),
    }
}

/// Adds a lot, unless another server has done so since: then it is that one.
fn add(tx: &mut Tx<'_>, lot: Lot) -> Result<Lot, Error> {
    let added = each_backend!(tx.conn(), |c| diesel::insert_into(part_lots::table)
        .values(&lot)
        .on_conflict((part_lots::part_id, part_lots::number))
        .do_nothing()
        .execute(c))?;
    if added == 1 {
        tx.changed(&lot)?;
        return Ok(lot);
    }
    let found = find(tx.conn(), lot.part_id, &lot.number)?;
    found.ok_or_else(|| Error::NotFound { what: "lot", id: lot.number })
}

/// The lot of this number, if its part has one.
///
/// # Errors
/// A failure of the database.
pub fn find(conn: &mut Conn, part_id: PartId, number: &str) -> Result<Option<Lot>, Error> {
    Ok(part_lots::table
        .filter(part_lots::part_id.eq(part_id))
        .filter(part_lots::number.eq(plain_number(number)))
        .first(conn)
        .optional()?)
}

/// The lot that a request names.
pub(crate) fn known(conn: &mut Conn, part_id: PartId, number: &str) -> Result<LotId, Error> {
    let found = find(conn, part_id, number)?;
    found.map(|lot| lot.id).ok_or(Error::Invalid { field: "lot", problem: "is no known lot of this part" })
}

/// What a place has of each lot of a part, the first to expire first; lots of which nothing is there are left out.
///
/// # Errors
/// A failure of the database.
pub fn at(conn: &mut Conn, part_id: PartId, location_id: LocationId) -> Result<Vec<(Lot, i64)>, Error> {
    Ok(lot_balances::table
        .inner_join(part_lots::table)
        .filter(part_lots::part_id.eq(part_id))
        .filter(lot_balances::location_id.eq(location_id))
        .filter(lot_balances::on_hand.ne(0))
        .order((part_lots::expires_at.is_null(), part_lots::expires_at, part_lots::id))
        .select((part_lots::all_columns, lot_balances::on_hand))
        .load(conn)?)
}

/// Takes `quantity` away, and says of which lots that was.
///
/// # Errors
/// A named lot of which there is less, or too little that may still be used.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    part: &Part,
    from: LocationId,
    quantity: i64,
    which: Which,
) -> Result<Vec<Share>, Error> {
    if part.tracking != Tracking::Lot {
        return Ok(vec![Share { lot_id: None, quantity }]);
    }
    let shares = match which {
        Which::Named(lot_id) => {
            take_named(tx, lot_id, from, quantity)?;
            return Ok(vec![Share { lot_id: Some(lot_id), quantity }]);
        }
        Which::Believed(Some(lot_id)) => vec![Share { lot_id: Some(lot_id), quantity }],
        Which::Usable(now) => {
            let there = at(tx.conn(), part.id, from)?;
            let usable = there.into_iter().filter(|(lot, _)| lot.expires_at.is_none_or(|at| at > now));
            let (shares, left) = first_expiring(usable, quantity);
            if left > 0 {
                let (wanted, available) = (quantity, quantity - left);
                return Err(Error::Shortage { part_id: part.id, location_id: from, wanted, available });
            }
            shares
        }
        Which::First | Which::Believed(None) => {
            let (mut shares, left) = first_expiring(at(tx.conn(), part.id, from)?, quantity);
            if left > 0 {
                let lot_id = Some(named(tx, part.id, NAMELESS, None)?.id);
                shares.push(Share { lot_id, quantity: left });
            }
            shares
        }
    };
    for share in &shares {
        change(tx, share, from, -share.quantity)?;
    }
    Ok(shares)
}

/// What to take of lots in this order, and how much is not there.
fn first_expiring(there: impl IntoIterator<Item = (Lot, i64)>, quantity: i64) -> (Vec<Share>, i64) {
    let mut left = quantity;
    let mut shares = Vec::new();
    for (lot, on_hand) in there.into_iter().filter(|(_, on_hand)| *on_hand > 0) {
        if left == 0 {
            break;
        }
        let quantity = left.min(on_hand);
        shares.push(Share { lot_id: Some(lot.id), quantity });
        left -= quantity;
    }
    (shares, left)
}

/// Check and change in one statement.
fn take_named(tx: &mut Tx<'_>, lot_id: LotId, from: LocationId, quantity: i64) -> Result<(), Error> {
    let taken = diesel::update(lot_balances::table.find((lot_id, from)))
        .filter(lot_balances::on_hand.ge(quantity))
        .set(lot_balances::on_hand.eq(lot_balances::on_hand - quantity))
        .execute(tx.conn())?;
    if taken == 1 {
        return follow_expiry(tx, lot_id, from);
    }
    Err(Error::Invalid { field: "lot", problem: "is not at this place, or not so much of it" })
}

/// Puts these shares there.
pub(crate) fn put(tx: &mut Tx<'_>, to: LocationId, shares: &[Share]) -> Result<(), Error> {
    shares.iter().try_for_each(|share| change(tx, share, to, share.quantity))
}

/// Puts there what has no number on it.
pub(crate) fn put_nameless(
    tx: &mut Tx<'_>,
    part: &Part,
    to: LocationId,
    quantity: i64,
) -> Result<Share, Error> {
    let lot_id = match part.tracking {
        Tracking::Lot => Some(named(tx, part.id, NAMELESS, None)?.id),
        _ => None,
    };
    let share = Share { lot_id, quantity };
    put(tx, to, &[share])?;
    Ok(share)
}

fn change(tx: &mut Tx<'_>, share: &Share, place: LocationId, by: i64) -> Result<(), Error> {
    let Some(lot_id) = share.lot_id else { return Ok(()) };
    let values =
        (lot_balances::lot_id.eq(lot_id), lot_balances::location_id.eq(place), lot_balances::on_hand.eq(by));
    each_backend!(tx.conn(), |c| diesel::insert_into(lot_balances::table)
        .values(values)
        .on_conflict((lot_balances::lot_id, lot_balances::location_id))
        .do_update()
        .set(lot_balances::on_hand.eq(lot_balances::on_hand + by))
        .execute(c))?;
    follow_expiry(tx, lot_id, place)
}

/// A lot that must not be used any more came to a place or left it: what is free there follows.
fn follow_expiry(tx: &mut Tx<'_>, lot_id: LotId, place: LocationId) -> Result<(), Error> {
    let over: Option<PartId> = part_lots::table
        .find(lot_id)
        .filter(part_lots::expires_at.le(tx.now()))
        .select(part_lots::part_id)
        .first(tx.conn())
        .optional()?;
    match over {
        Some(part_id) => note_expired(tx, Shelf { part_id, location_id: place }).map(drop),
        None => Ok(()),
    }
}

/// Works out anew how much at a place has expired; whether that is another figure than before.
fn note_expired(tx: &mut Tx<'_>, shelf: Shelf) -> Result<bool, Error> {
    let over: Vec<i64> = lot_balances::table
        .inner_join(part_lots::table)
        .filter(part_lots::part_id.eq(shelf.part_id))
        .filter(part_lots::expires_at.le(tx.now()))
        .filter(lot_balances::location_id.eq(shelf.location_id))
        .filter(lot_balances::on_hand.gt(0))
        .select(lot_balances::on_hand)
        .load(tx.conn())?;
    balances::note_expired(tx, shelf, over.into_iter().sum())
}

#[derive(QueryableByName)]
struct Spoilt {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Text)]
    location_id: LocationId,
}

/// Where lots have expired by now, or been given another day, and the books do not say so yet; at most
/// [`EXPIRE_BATCH`](crate::reservations::EXPIRE_BATCH) places.
///
/// # Errors
/// A failure of the database.
pub fn spoilt(conn: &mut Conn, now: Timestamp) -> Result<Vec<(PartId, LocationId)>, Error> {
    let sql = format!(
        "SELECT b.part_id, b.location_id
         FROM stock_balances b
         JOIN (SELECT l.part_id, a.location_id, SUM(a.on_hand) AS gone
               FROM lot_balances a JOIN part_lots l ON l.id = a.lot_id
               WHERE l.expires_at <= {} AND a.on_hand > 0
               GROUP BY l.part_id, a.location_id) AS e
           ON e.part_id = b.part_id AND e.location_id = b.location_id
         WHERE b.expired <> e.gone
         ORDER BY b.part_id, b.location_id
         LIMIT {}",
        now.millis(),
        crate::reservations::EXPIRE_BATCH
    );
    let found: Vec<Spoilt> = diesel::sql_query(sql).load(conn)?;
    Ok(found.into_iter().map(|row| (row.part_id, row.location_id)).collect())
}

/// Takes what has expired there out of what is free. Who was promised more than may still be used waits for it again.
///
/// # Errors
/// A failure of the database.
pub fn expire(tx: &mut Tx<'_>, part_id: PartId, location_id: LocationId) -> Result<(), Error> {
    let shelf = Shelf { part_id, location_id };
    if note_expired(tx, shelf)? {
        broken::keep_what_can_be_kept(tx, shelf, None)?;
    }
    Ok(())
}

/// The lot that all of these are of, if it is one.
pub(crate) fn only(shares: &[Share]) -> Option<LotId> {
    match shares {
        [one] => one.lot_id,
        _ => None,
    }
}
