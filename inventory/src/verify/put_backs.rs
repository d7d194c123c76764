//! The tray: what is noted as picked and not needed against the reservations that it was picked for, and the rows
//! against the log of what was written.

use std::collections::{BTreeMap, BTreeSet};

use db::Conn;
use db::schema::{changes, put_backs, reservations};
use db::types::{LocationId, LotId, PartId, PutBackId, ReservationId, TicketId};
use diesel::prelude::*;

use super::Difference;
use crate::{Error, ReservationStatus};

/// For which ticket, of what, where, of which lot, how much.
type Goods = (TicketId, PartId, LocationId, Option<LotId>, i64);

/// Reservations of which the tray got something else than was given up: it keeps all of it, in one row or several,
/// though it was put back or picked again.
pub(super) fn differing(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let rows: Vec<(ReservationId, ReservationStatus, Goods, Goods)> = put_backs::table
        .inner_join(reservations::table.on(reservations::id.eq(put_backs::reservation_id)))
        .order(put_backs::id)
        .select((
            reservations::id,
            reservations::status,
            (
                reservations::ticket_id,
                reservations::part_id,
                reservations::location_id,
                reservations::lot_id,
                reservations::quantity,
            ),
            (
                put_backs::ticket_id,
                put_backs::part_id,
                put_backs::location_id,
                put_backs::lot_id,
                put_backs::quantity,
            ),
        ))
        .load(conn)?;
    let mut sums: BTreeMap<ReservationId, (i64, i64)> = BTreeMap::new();
    for (id, status, given_up, noted) in rows {
        let same = (given_up.0, given_up.1, given_up.2, given_up.3) == (noted.0, noted.1, noted.2, noted.3);
        let over = status == ReservationStatus::Released;
        let sum = sums.entry(id).or_insert((given_up.4, 0));
        // Of other goods, or for somebody who has his, nothing was given up.
        sum.0 = if same && over { sum.0 } else { 0 };
        sum.1 += noted.4;
    }
    let differs = sums.into_iter().filter(|(_, (given_up, noted))| given_up != noted);
    let tray = |(reservation_id, (given_up, noted))| Difference::PutBack { reservation_id, given_up, noted };
    Ok(differs.map(tray).collect())
}

/// Rows that the log knows and that are not there: nothing ever takes one away.
pub(super) fn gone(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let known = put_backs::table.select(put_backs::id).load::<PutBackId>(conn)?;
    let known: BTreeSet<String> = known.into_iter().map(|id| id.to_string()).collect();
    let mut logged: Vec<String> = changes::table
        .filter(changes::entity.eq("put_backs"))
        .select(changes::row_id)
        .distinct()
        .order(changes::row_id)
        .load(conn)?;
    logged.retain(|id| !known.contains(id));
    Ok(logged.into_iter().map(|put_back_id| Difference::PutBackGone { put_back_id }).collect())
}
