//! What tickets wait for, and what of it nobody has: those who wait come before any shelf, so what is free anywhere is
//! as good as theirs before shelves are looked at.

use std::collections::BTreeMap;

use db::Conn;
use db::schema::{parts, reservations, stock_balances, tickets};
use db::types::{LocationId, PartId};
use diesel::prelude::*;

use super::{Place, places};
use crate::{Error, LocationKind, ReservationStatus};

/// So much of each part at each place.
pub(crate) type At = BTreeMap<(PartId, LocationId), i64>;

/// What tickets wait for of one part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// What nobody has: it has to be bought.
    pub short: i64,
    /// The numbers of the tickets, the oldest promise first.
    pub tickets: Vec<i64>,
}

/// What those who wait leave for the shelves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outlook {
    /// By part.
    pub waiting: BTreeMap<PartId, Waiting>,
    /// What is free now, and as good as promised.
    pub taken: At,
}

impl Outlook {
    /// As it is now.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn now(conn: &mut Conn) -> Result<Self, Error> {
        let mut outlook = Self::default();
        for (part_id, number, quantity) in waiting(conn)? {
            let part = outlook.waiting.entry(part_id).or_default();
            part.short = part.short.saturating_add(quantity);
            if !part.tickets.contains(&number) {
                part.tickets.push(number);
            }
        }
        let places = places(conn)?;
        let free = free(conn, outlook.waiting.keys().copied().collect())?;
        for (part_id, part) in &mut outlook.waiting {
            for (place, quantity) in take(&places, &free, *part_id, part.short) {
                part.short -= quantity;
                outlook.taken.insert((*part_id, place), quantity);
            }
        }
        Ok(outlook)
    }

    /// What is as good as promised of a part at a place.
    pub fn taken(&self, part_id: PartId, place: LocationId) -> i64 {
        self.taken.get(&(part_id, place)).copied().unwrap_or(0)
    }
}

/// Part, ticket and quantity of all waits for parts that can still be had, the oldest promise first.
fn waiting(conn: &mut Conn) -> Result<Vec<(PartId, i64, i64)>, Error> {
    Ok(reservations::table
        .inner_join(tickets::table.on(tickets::id.eq(reservations::ticket_id)))
        .inner_join(parts::table.on(parts::id.eq(reservations::part_id)))
        .filter(reservations::status.eq(ReservationStatus::Wanted))
        .filter(parts::active.eq(true))
        .order((tickets::due_at, reservations::created_at, reservations::id))
        .select((reservations::part_id, tickets::number, reservations::quantity))
        .load(conn)?)
}

fn free(conn: &mut Conn, part_ids: Vec<PartId>) -> Result<At, Error> {
    let free = stock_balances::on_hand - stock_balances::reserved;
    let rows: Vec<(PartId, LocationId, i64)> = stock_balances::table
        .filter(stock_balances::part_id.eq_any(part_ids))
        .filter(free.gt(0))
        .select((stock_balances::part_id, stock_balances::location_id, free))
        .load(conn)?;
    Ok(rows.into_iter().map(|(part, place, free)| ((part, place), free)).collect())
}

/// From where so much of a part would come: depots and their bins before vans, those with most first.
fn take(
    places: &BTreeMap<LocationId, Place>,
    stock: &At,
    part_id: PartId,
    mut quantity: i64,
) -> Vec<(LocationId, i64)> {
    let of_part = stock.iter().filter(|((part, _), there)| *part == part_id && **there > 0);
    let mut sources: Vec<(bool, i64, LocationId)> = of_part
        .filter_map(|((_, at), there)| Some((places.get(at)?.kind == LocationKind::Van, -there, *at)))
        .collect();
    sources.sort_unstable();
    let mut takes = Vec::new();
    for (_, there, at) in sources {
        let some = quantity.min(-there);
        if some > 0 {
            quantity -= some;
            takes.push((at, some));
        }
    }
    takes
}
