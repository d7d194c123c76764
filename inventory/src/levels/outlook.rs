//! What tickets wait for, and what of it nobody has: those who wait come before any shelf, so what is free anywhere is
//! as good as theirs before shelves are looked at, and so is what is on order.

use std::collections::{BTreeMap, VecDeque};

use db::Conn;
use db::schema::{parts, reservations, stock_balances, tickets};
use db::types::{LocationId, PartId, ReservationId, TicketId};
use diesel::prelude::*;
use uuid::Uuid;

use super::{Place, places};
use crate::orders::{Coming, coming};
use crate::{Error, LocationKind, ReservationStatus};

/// So much of each part at each place.
pub(crate) type Stock = BTreeMap<(PartId, LocationId), i64>;

/// Of one part, by place.
pub(crate) fn of_part(stock: &Stock, part_id: PartId) -> BTreeMap<LocationId, i64> {
    let first = LocationId::from_uuid(Uuid::nil());
    let of_part = stock.range((part_id, first)..).take_while(|((part, _), _)| *part == part_id);
    of_part.map(|((_, place), quantity)| (*place, *quantity)).collect()
}

/// What tickets wait for of one part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// What nobody has and is not on order: it has to be bought.
    pub short: i64,
    /// The numbers of the tickets, the oldest promise first.
    pub tickets: Vec<i64>,
}

/// What is on order of one part, whoever gets it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnOrder {
    /// How much.
    pub quantity: i64,
    /// The day on which the first of it is expected, `YYYY-MM-DD`.
    pub expected_on: Option<String>,
}

/// What will come for one who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// For which ticket.
    pub ticket_id: TicketId,
    /// By which reservation.
    pub reservation_id: ReservationId,
    /// Of what.
    pub part_id: PartId,
    /// How much of what it waits for is on order for it.
    pub on_order: i64,
    /// The day on which the last of it is expected, `YYYY-MM-DD`.
    pub expected_on: String,
}

/// What those who wait leave for the shelves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outlook {
    /// By part.
    pub waiting: BTreeMap<PartId, Waiting>,
    /// What is free now, and as good as promised.
    pub taken: Stock,
    /// What is on order and will be free when it has come.
    pub coming: Stock,
    /// What is added to what is free now when all orders have come and those who wait have theirs: less than nothing
    /// where they take what is free now. Free and on order are one figure in it, so what comes never makes more be
    /// ordered.
    pub expected: Stock,
    /// All that is on order, by part.
    pub on_order: BTreeMap<PartId, OnOrder>,
    /// What will come for those who wait.
    pub awaited: Vec<Awaited>,
}

impl Outlook {
    /// As it is now.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn now(conn: &mut Conn) -> Result<Self, Error> {
        Self::of(conn, None)
    }

    /// The same, of these parts only.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn of(conn: &mut Conn, part_ids: Option<&[PartId]>) -> Result<Self, Error> {
        let waits = waiting(conn, part_ids)?;
        let ordered = coming(conn, part_ids)?;
        let places = places(conn)?;
        let mut of_part: BTreeMap<PartId, Vec<Wait>> = BTreeMap::new();
        for wait in waits {
            of_part.entry(wait.part_id).or_default().push(wait);
        }
        let free = free(conn, of_part.keys().copied().collect())?;
        let mut outlook = Self::default();
        outlook.note(&ordered);
        let mut queues: BTreeMap<PartId, VecDeque<Coming>> = BTreeMap::new();
        // What comes to quarantine, or to a place out of use, is nobody's.
        for one in ordered.into_iter().filter(|one| places.contains_key(&one.location_id)) {
            *outlook.expected.entry((one.part_id, one.location_id)).or_default() += one.quantity;
            queues.entry(one.part_id).or_default().push_back(one);
        }
        let positions = added(&free, &outlook.expected);
        for (part_id, waits) in of_part {
            let sum = waits.iter().fold(0_i64, |sum, wait| sum.saturating_add(wait.quantity));
            let mut had = 0;
            for (place, quantity) in take(&places, &free, part_id, sum) {
                had += quantity;
                outlook.taken.insert((part_id, place), quantity);
            }
            let queue = queues.entry(part_id).or_default();
            let tickets = outlook.wait(part_id, &waits, had, queue);
            let mut short = sum;
            for (place, quantity) in take(&places, &positions, part_id, sum) {
                short -= quantity;
                *outlook.expected.entry((part_id, place)).or_default() -= quantity;
            }
            outlook.waiting.insert(part_id, Waiting { short, tickets });
        }
        for one in queues.into_values().flatten() {
            *outlook.coming.entry((one.part_id, one.location_id)).or_default() += one.quantity;
        }
        Ok(outlook)
    }

    /// What is free now counts as there, whoever waits for it: what is on order is as it is for shelves.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn of_shelves(conn: &mut Conn) -> Result<Self, Error> {
        let now = Self::now(conn)?;
        Ok(Self { taken: Stock::new(), expected: now.coming.clone(), ..now })
    }

    fn note(&mut self, ordered: &[Coming]) {
        for one in ordered {
            let all = self.on_order.entry(one.part_id).or_default();
            all.quantity = all.quantity.saturating_add(one.quantity);
            // They come in order of day.
            all.expected_on.get_or_insert_with(|| one.expected_on.clone());
        }
    }

    /// Those who wait for a part get first what there is, then what is on order, in their turn. Returns the numbers of
    /// their tickets.
    fn wait(
        &mut self,
        part_id: PartId,
        waits: &[Wait],
        mut had: i64,
        queue: &mut VecDeque<Coming>,
    ) -> Vec<i64> {
        let mut tickets = Vec::new();
        for wait in waits {
            if !tickets.contains(&wait.number) {
                tickets.push(wait.number);
            }
            let mut left = wait.quantity - had.min(wait.quantity);
            had -= wait.quantity - left;
            let mut awaited = Awaited {
                ticket_id: wait.ticket_id,
                reservation_id: wait.reservation_id,
                part_id,
                on_order: 0,
                expected_on: String::new(),
            };
            while left > 0
                && let Some(first) = queue.front_mut()
            {
                let some = left.min(first.quantity);
                left -= some;
                first.quantity -= some;
                awaited.on_order += some;
                awaited.expected_on.clone_from(&first.expected_on);
                if first.quantity == 0 {
                    queue.pop_front();
                }
            }
            if awaited.on_order > 0 {
                self.awaited.push(awaited);
            }
        }
        tickets
    }

    /// What is left now of what is free.
    pub fn left(&self, mut free: Stock) -> Stock {
        for (at, quantity) in &mut free {
            *quantity -= self.taken.get(at).copied().unwrap_or(0);
        }
        free
    }
}

/// What is on order for those who wait for these parts.
///
/// # Errors
/// A failure of the database.
pub fn awaited(conn: &mut Conn, part_ids: &[PartId]) -> Result<Vec<Awaited>, Error> {
    if part_ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Outlook::of(conn, Some(part_ids))?.awaited)
}

/// What is on order of each part.
///
/// # Errors
/// A failure of the database.
pub fn on_order(conn: &mut Conn) -> Result<BTreeMap<PartId, OnOrder>, Error> {
    let mut outlook = Outlook::default();
    outlook.note(&coming(conn, None)?);
    Ok(outlook.on_order)
}

/// So much of a part for a ticket.
#[derive(Debug, Clone, Queryable)]
struct Wait {
    part_id: PartId,
    ticket_id: TicketId,
    reservation_id: ReservationId,
    number: i64,
    quantity: i64,
}

/// All waits for parts that can still be had, the oldest promise first.
fn waiting(conn: &mut Conn, part_ids: Option<&[PartId]>) -> Result<Vec<Wait>, Error> {
    let mut query = reservations::table
        .inner_join(tickets::table.on(tickets::id.eq(reservations::ticket_id)))
        .inner_join(parts::table.on(parts::id.eq(reservations::part_id)))
        .filter(reservations::status.eq(ReservationStatus::Wanted))
        .filter(parts::active.eq(true))
        .order((tickets::due_at, reservations::created_at, reservations::id))
        .select((
            reservations::part_id,
            tickets::id,
            reservations::id,
            tickets::number,
            reservations::quantity,
        ))
        .into_boxed();
    if let Some(ids) = part_ids {
        query = query.filter(reservations::part_id.eq_any(ids.to_vec()));
    }
    Ok(query.load(conn)?)
}

fn free(conn: &mut Conn, part_ids: Vec<PartId>) -> Result<Stock, Error> {
    let free = stock_balances::on_hand - stock_balances::reserved - stock_balances::expired;
    let rows: Vec<(PartId, LocationId, i64)> = stock_balances::table
        .filter(stock_balances::part_id.eq_any(part_ids))
        .select((stock_balances::part_id, stock_balances::location_id, free))
        .load(conn)?;
    Ok(rows.into_iter().map(|(part, place, free)| ((part, place), free)).collect())
}

/// The sums of both, place by place.
pub(crate) fn added(one: &Stock, other: &Stock) -> Stock {
    let mut sums = one.clone();
    for (at, quantity) in other {
        *sums.entry(*at).or_default() += quantity;
    }
    sums
}

/// From where so much of a part would come: depots and their bins before vans, those with most first.
fn take(
    places: &BTreeMap<LocationId, Place>,
    stock: &Stock,
    part_id: PartId,
    mut quantity: i64,
) -> Vec<(LocationId, i64)> {
    let of_part = of_part(stock, part_id).into_iter().filter(|(_, there)| *there > 0);
    let mut sources: Vec<(bool, i64, LocationId)> = of_part
        .filter_map(|(at, there)| Some((places.get(&at)?.kind == LocationKind::Van, -there, at)))
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
