//! What vans have to take on before they leave: up to their minimum, and for the tickets of their engineers.

use std::collections::BTreeMap;

use db::Conn;
use db::schema::{parts, reservations, stock_locations, tickets};
use db::types::{EngineerId, LocationId, PartId};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::levels::{Source, low};
use crate::{Error, LocationKind, ReservationStatus};

/// What one van has to take on of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TopUp {
    /// Which van.
    pub location_id: LocationId,
    /// Its code.
    pub location_code: String,
    /// Whose it is.
    pub engineer_id: Option<EngineerId>,
    /// Of what.
    pub part_id: PartId,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
    /// Reserved elsewhere for the engineer's tickets: to be handed over.
    pub for_tickets: i64,
    /// The numbers of these tickets.
    pub tickets: Vec<i64>,
    /// Where they lie.
    pub reserved_at: Vec<Source>,
    /// To be filled up to the van's maximum, because it is below its minimum.
    pub to_level: i64,
    /// From where that can be had.
    pub transfers: Vec<Source>,
    /// Of it, what nobody can spare.
    pub short: i64,
}

type Row = (LocationId, String, Option<EngineerId>, PartId, String, String, i64, i64, LocationId, String);

/// What all vans have to take on, in order of van and part.
///
/// # Errors
/// A failure of the database.
pub fn top_up(conn: &mut Conn) -> Result<Vec<TopUp>, Error> {
    let mut found: BTreeMap<(String, String), TopUp> = BTreeMap::new();
    for row in for_tickets(conn)? {
        let (location_id, van, engineer_id, part_id, number, name, ticket, quantity, from, code) = row;
        let line = found.entry((van.clone(), number.clone())).or_insert_with(|| TopUp {
            location_id,
            location_code: van,
            engineer_id,
            part_id,
            part_number: number,
            part_name: name,
            for_tickets: 0,
            tickets: Vec::new(),
            reserved_at: Vec::new(),
            to_level: 0,
            transfers: Vec::new(),
            short: 0,
        });
        line.for_tickets += quantity;
        if !line.tickets.contains(&ticket) {
            line.tickets.push(ticket);
        }
        match line.reserved_at.iter_mut().find(|source| source.from_location_id == from) {
            Some(source) => source.quantity += quantity,
            None => {
                line.reserved_at.push(Source { from_location_id: from, from_location_code: code, quantity });
            }
        }
    }
    let owners = owners(conn)?;
    for lack in low(conn)?.into_iter().filter(|lack| lack.location_kind == LocationKind::Van) {
        let key = (lack.location_code.clone(), lack.part_number.clone());
        let line = found.entry(key).or_insert_with(|| TopUp {
            location_id: lack.location_id,
            location_code: lack.location_code,
            engineer_id: owners.get(&lack.location_id).copied().flatten(),
            part_id: lack.part_id,
            part_number: lack.part_number,
            part_name: lack.part_name,
            for_tickets: 0,
            tickets: Vec::new(),
            reserved_at: Vec::new(),
            to_level: 0,
            transfers: Vec::new(),
            short: 0,
        });
        line.to_level = lack.maximum - lack.free;
        let comes: i64 = lack.transfers.iter().map(|source| source.quantity).sum();
        line.transfers = lack.transfers;
        // What is on order does not leave with the van tomorrow.
        line.short = (line.to_level - comes).max(0);
    }
    Ok(found.into_values().collect())
}

fn owners(conn: &mut Conn) -> Result<BTreeMap<LocationId, Option<EngineerId>>, Error> {
    let vans: Vec<(LocationId, Option<EngineerId>)> = stock_locations::table
        .filter(stock_locations::kind.eq(LocationKind::Van))
        .select((stock_locations::id, stock_locations::engineer_id))
        .load(conn)?;
    Ok(vans.into_iter().collect())
}

diesel::alias! {
    const VANS: Alias<Vans> = stock_locations as vans;
}

/// What is held or picked for somebody who has a van, and is not in it yet.
fn for_tickets(conn: &mut Conn) -> Result<Vec<Row>, Error> {
    let van = VANS.field(stock_locations::engineer_id).eq(reservations::engineer_id);
    Ok(reservations::table
        .inner_join(VANS.on(van))
        .inner_join(stock_locations::table.on(stock_locations::id.eq(reservations::location_id)))
        .inner_join(parts::table.on(parts::id.eq(reservations::part_id)))
        .inner_join(tickets::table.on(tickets::id.eq(reservations::ticket_id)))
        .filter(reservations::status.eq_any([ReservationStatus::Held, ReservationStatus::Picked]))
        .filter(reservations::location_id.ne(VANS.field(stock_locations::id)))
        .order(reservations::id)
        .select((
            VANS.field(stock_locations::id),
            VANS.field(stock_locations::code),
            VANS.field(stock_locations::engineer_id),
            reservations::part_id,
            parts::number,
            parts::name,
            tickets::number,
            reservations::quantity,
            reservations::location_id,
            stock_locations::code,
        ))
        .load(conn)?)
}
