//! The parts of a ticket, for everybody who works at it: what it needs and how far that is, where more is to be had,
//! and one call that reserves all of it, or all that there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use db::types::{EngineerId, LocationId, PartId, TicketId};
use db::{Conn, Tx};
use dispatch::PartQuantity;
use inventory::levels::{Awaited, awaited};
use inventory::reservations::{self as stock, ReservationView};
use inventory::{MAX_QUANTITY, Reservation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits;
use super::needs::fault_of;
use super::places::{self, NearPlace};
use super::reservations::open_ticket;
use super::words::{self, NamedPart, NamedPlace};
use crate::app::App;
use crate::auth::{ANYBODY, By, Role, Who};
use crate::error::{Error, Problem};
use crate::http::{Body, Checks, Created, IdempotencyKey, Path};
use crate::schedule::assign::Means;
use crate::schedule::sourcing::{self, Progress, Reserved};
use crate::tickets::{PartNeed, Ticket, routes, store};
use crate::travel::ahead;

/// The ticket, if this caller may know of its parts: an engineer of his own tickets only.
fn reachable(conn: &mut Conn, who: &Who, id: TicketId) -> Result<Ticket, Error> {
    if who.role == Role::Engineer { routes::visible(conn, who, id) } else { store::get(conn, id) }
}

/// How far a part is that the ticket asks for or waits for.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketNeed {
    /// Which.
    pub part: NamedPart,
    /// What the ticket asks for; 0 of what somebody wanted besides.
    pub quantity: i64,
    /// Of it, what is promised to it, substitutes included.
    pub promised: i64,
    /// Of it, what was used already.
    pub used: i64,
    /// What the ticket waits for: it is held as soon as there is any.
    pub wanted: i64,
    /// What nobody promised yet.
    pub missing: i64,
    /// Of what it waits for, what is on order for it: not what those get who wait before it.
    pub on_order: i64,
    /// The day on which the last of that is expected, `YYYY-MM-DD`.
    #[schema(format = Date)]
    pub expected_on: Option<String>,
}

/// A part that tickets like this one needed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProbablePart {
    /// Which.
    pub part: NamedPart,
    /// From 0 to 1.
    pub probability: f64,
    /// How much, if it is needed.
    pub quantity: i64,
}

/// So much of a part from this place.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartSource {
    /// Of what.
    pub part: NamedPart,
    /// From where.
    pub place: NamedPlace,
    /// How much.
    pub quantity: i64,
    /// The part that was asked for, if this one is taken instead.
    pub instead_of: Option<NamedPart>,
}

/// What is not to be had.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartShort {
    /// Of what.
    pub part: NamedPart,
    /// What was asked for.
    pub wanted: i64,
    /// What there is of it.
    pub available: i64,
}

/// Where parts come from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartsPlan {
    /// What from where; from the engineer's own van first.
    pub sources: Vec<PartSource>,
    /// What is not to be had.
    pub shortages: Vec<PartShort>,
    /// Where he stops on the way, in this order.
    pub stops: Vec<NamedPlace>,
    /// Minutes by which he is later at the site: the longer way, and the time at the stops.
    pub detour_minutes: i64,
}

/// The parts of a ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketParts {
    /// What it asks for, in order of part number.
    pub needed: Vec<TicketNeed>,
    /// What it will probably need besides, the most probable first.
    pub likely: Vec<ProbablePart>,
    /// What it has, and what it waits for: where it lies, and how far it is.
    pub reservations: Vec<ReservationView>,
    /// Where there is more of what is missing or likely: of each part the nearest places, his own van first.
    pub places: Vec<NearPlace>,
    /// What reserving all that is missing would take from where.
    pub plan: PartsPlan,
}

/// What came of reserving.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReservedParts {
    /// What is held now.
    pub reservations: Vec<Reservation>,
    /// What the ticket waits for: it is held as soon as there is any.
    pub wanted: Vec<Reservation>,
    /// Where it comes from, and what is short.
    pub plan: PartsPlan,
}

/// What to reserve.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicketReservations {
    /// These parts; absent: whatever the ticket asks for and has not.
    pub parts: Option<Vec<PartNeed>>,
    /// On whose way, if nobody has the ticket yet; absent: on the way of whoever has it.
    pub engineer_id: Option<EngineerId>,
    /// Reserve what there is, and wait for the rest. Otherwise it is all or nothing.
    #[serde(default)]
    pub partial: bool,
}

/// Most parts that one call reserves.
const MOST_PARTS: usize = 100;
/// Most likely parts that are shown: what is less likely than these says little.
const MOST_LIKELY: usize = 12;

impl NewTicketReservations {
    fn check(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        let parts = self.parts.as_deref().unwrap_or_default();
        checks.require(parts.len() <= MOST_PARTS, "parts", "too_many", "must be at most 100");
        for (n, part) in parts.iter().enumerate().take(MOST_PARTS) {
            checks.within(&format!("parts[{n}].quantity"), part.quantity, 1, MAX_QUANTITY);
            let again = parts[..n].iter().any(|other| other.part_id == part.part_id);
            checks.require(!again, &format!("parts[{n}].part_id"), "duplicate", "is named twice");
        }
        checks.finish()
    }

    /// On whose way: his who has the ticket. Somebody else's only while nobody has it.
    fn engineer(&self, who: &Who, ticket: &Ticket) -> Result<Option<EngineerId>, Error> {
        let Some(given) = self.engineer_id.filter(|given| ticket.engineer_id != Some(*given)) else {
            return Ok(ticket.engineer_id);
        };
        if who.role == Role::Engineer {
            return Err(Problem::invalid_field("engineer_id", "invalid", "must be you").into());
        }
        if ticket.engineer_id.is_some() {
            return Err(Problem::conflict("already_assigned", "Somebody else has the ticket.").into());
        }
        Ok(Some(given))
    }

    fn needs(
        &self,
        conn: &mut Conn,
        progress: &BTreeMap<PartId, Progress>,
    ) -> Result<Vec<PartQuantity>, Error> {
        let Some(parts) = &self.parts else { return Ok(sourcing::missing(progress)) };
        let ids: Vec<PartId> = parts.iter().map(|part| part.part_id).collect();
        let known = inventory::parts::by_ids(conn, &ids)?;
        let mut checks = Checks::new();
        for (n, part) in parts.iter().enumerate() {
            let field = format!("parts[{n}].part_id");
            match known.iter().find(|one| one.id == part.part_id) {
                None => checks.fault(&field, "unknown", "is no known part"),
                Some(one) => checks.require(one.active, &field, "inactive", "is no longer in use"),
            };
        }
        checks.finish()?;
        Ok(parts.iter().map(|p| PartQuantity { part_id: p.part_id.uuid(), quantity: p.quantity }).collect())
    }

    fn reserve(&self, tx: &mut Tx<'_>, app: &App, who: &Who, id: TicketId) -> Result<Created, Error> {
        // Nothing here may write what other commands of the group hold back: it is done once for all of them.
        let record = id.to_string();
        if who.role == Role::Engineer {
            routes::visible(tx.conn_for(&record), who, id)?;
        }
        let ticket = open_ticket(tx, id)?;
        let engineer = self.engineer(who, &ticket)?;
        if let Some(given) = engineer.filter(|given| !app.board.knows(*given)) {
            let message = format!("{given} is no engineer");
            return Err(Problem::invalid_field("engineer_id", "unknown", message).into());
        }
        let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
        let progress = sourcing::progress(tx.conn_for(&record), &ticket)?;
        let needs = self.needs(tx.conn_beside(), &progress)?;
        if who.role == Role::Engineer && self.parts.is_some() {
            limits::check(tx.conn_for(&record), &app.board, &ticket, &progress, &needs)?;
        }
        let Reserved { held, wanted, sourcing } =
            sourcing::reserve_parts(tx, &means, &ticket, engineer, &needs, &progress, self.partial)?;
        let plan = plan(tx.conn_beside(), app, &ticket, &sourcing)?;
        let first = held.first().or(wanted.first()).cloned();
        let view = ReservedParts { reservations: held, wanted, plan };
        match first {
            Some(first) => Created::showing(format!("/api/v1/tickets/{id}/parts"), &first, &view),
            // It has all that it needs.
            None => Created::done(&view),
        }
    }
}

fn plan(
    conn: &mut Conn,
    app: &App,
    ticket: &Ticket,
    sourcing: &dispatch::Sourcing,
) -> Result<PartsPlan, Error> {
    let policies = app.board.policies();
    let rates = dispatch::sourcing::Rates::of(policies.of_kind(&ticket.kind));
    let id = PartId::from_uuid;
    let taken = sourcing.allocations.iter().flat_map(|a| [Some(a.part_id), a.instead_of]).flatten();
    let short = sourcing.shortages.iter().map(|short| short.part_id);
    let parts = words::parts(conn, taken.chain(short).map(id))?;
    let stops = sourcing.stops.iter().copied();
    let at = sourcing.allocations.iter().map(|a| a.location_id);
    let places = words::places(conn, stops.chain(at).map(LocationId::from_uuid))?;
    let source = |a: &dispatch::Allocation| {
        Some(PartSource {
            part: parts.get(&id(a.part_id))?.clone(),
            place: places.get(&LocationId::from_uuid(a.location_id))?.clone(),
            quantity: a.quantity,
            instead_of: a.instead_of.and_then(|part| parts.get(&id(part))).cloned(),
        })
    };
    let short = |s: &dispatch::Shortage| {
        let part = parts.get(&id(s.part_id))?.clone();
        Some(PartShort { part, wanted: s.wanted, available: s.available })
    };
    let stop = |stop: &uuid::Uuid| places.get(&LocationId::from_uuid(*stop)).cloned();
    Ok(PartsPlan {
        sources: sourcing.allocations.iter().filter_map(source).collect(),
        shortages: sourcing.shortages.iter().filter_map(short).collect(),
        stops: sourcing.stops.iter().filter_map(stop).collect(),
        detour_minutes: i64::from(sourcing.delay_seconds(&rates).div_ceil(60)),
    })
}

fn needed(
    names: &BTreeMap<PartId, NamedPart>,
    parts: &BTreeMap<PartId, Progress>,
    awaited: &[Awaited],
) -> Vec<TicketNeed> {
    let row = |(id, progress): (&PartId, &Progress)| {
        let &Progress { needed: quantity, promised, used, wanted } = progress;
        let coming = awaited.iter().find(|one| one.part_id == *id);
        Some(TicketNeed {
            part: names.get(id)?.clone(),
            quantity,
            promised,
            used,
            wanted,
            missing: progress.missing(),
            on_order: coming.map_or(0, |one| one.on_order),
            expected_on: coming.map(|one| one.expected_on.clone()),
        })
    };
    let mut rows: Vec<TicketNeed> = parts.iter().filter_map(row).collect();
    rows.sort_by(|a, b| a.part.number.cmp(&b.part.number));
    rows
}

fn reservations(conn: &mut Conn, id: TicketId) -> Result<Vec<ReservationView>, Error> {
    use inventory::ReservationStatus as S;
    let status = vec![S::Wanted, S::Held, S::Picked, S::HandedOver, S::Used];
    let filter = stock::Filter { status, location_id: None, ticket_id: Some(id) };
    Ok(stock::list(conn, filter, None, inventory::PAGE)?)
}

fn read(conn: &mut Conn, app: &App, ticket: &Ticket) -> Result<TicketParts, Error> {
    let progress = sourcing::progress(conn, ticket)?;
    let needs = sourcing::missing(&progress);
    let mut likely = app.board.needs().of(&fault_of(conn, ticket)?, &Default::default());
    likely.retain(|part| !progress.contains_key(&PartId::from_uuid(part.part_id)));
    likely.truncate(MOST_LIKELY);
    let probable = likely.iter().map(|part| PartId::from_uuid(part.part_id));
    let names = words::parts(conn, progress.keys().copied().chain(probable))?;
    let also = likely.iter().map(|part| PartQuantity { part_id: part.part_id, quantity: part.quantity });
    let looked_for: Vec<PartQuantity> = needs.iter().copied().chain(also).collect();
    let places = places::near(conn, &app.board, ticket, &looked_for, app.db.clock().now())?;
    let supply = sourcing::supply_of(conn, &app.board, ticket, &needs)?;
    let now = app.db.clock().now();
    let found = sourcing::find(&app.board, ticket, ticket.engineer_id, &needs, &supply, now);
    let likely = likely.iter().filter_map(|part| {
        let name = names.get(&PartId::from_uuid(part.part_id))?.clone();
        Some(ProbablePart { part: name, probability: part.probability, quantity: part.quantity })
    });
    let waits = progress.iter().filter(|(_, part)| part.wanted > 0).map(|(id, _)| *id);
    let mut awaited = awaited(conn, &waits.collect::<Vec<_>>())?;
    awaited.retain(|one| one.ticket_id == ticket.id);
    Ok(TicketParts {
        needed: needed(&names, &progress, &awaited),
        likely: likely.collect(),
        reservations: reservations(conn, ticket.id)?,
        places,
        plan: plan(conn, app, ticket, &found)?,
    })
}

/// The parts of a ticket: what it needs and how far that is, what it will probably need, and the nearest places that
/// have more. An engineer sees those of his own tickets.
#[utoipa::path(
    tag = "reservations",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = TicketParts), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/parts")]
pub async fn of_ticket(
    app: web::Data<App>,
    by: By<ANYBODY>,
    id: Path<TicketId>,
) -> Result<web::Json<TicketParts>, Error> {
    let app = app.into_inner();
    let (db, for_read) = (app.db.clone(), app.clone());
    let run = move |conn: &mut Conn| {
        let ticket = reachable(conn, &by.0, id.0)?;
        read(conn, &for_read, &ticket)
    };
    Ok(web::Json(db.read(run).await?))
}

/// Reserve all parts that a ticket needs and has not, in one call: from its engineer's van, then from where they cost
/// the least detour. All or nothing, or with `partial` all that there is; then the ticket waits for the rest, and gets
/// it as soon as there is any, before those who were promised to be helped later. `200` if nothing was missing. An
/// engineer reserves for his own tickets.
#[utoipa::path(
    tag = "reservations",
    params(("id" = TicketId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewTicketReservations,
    responses(
        (status = 200, body = ReservedParts),
        (status = 201, body = ReservedParts),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/tickets/{id}/reservations")]
pub async fn reserve(
    app: web::Data<App>,
    by: By<ANYBODY>,
    key: IdempotencyKey,
    id: Path<TicketId>,
    body: Body<NewTicketReservations>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.check()?;
    let app: Arc<App> = app.into_inner();
    let db = app.db.clone();
    if new.engineer_id.is_some_and(|engineer| !app.board.knows(engineer)) {
        app.board.catch_up(&db).await?;
    }
    ahead::of_id(&app, id.0, new.engineer_id).await?;
    let (for_tx, who) = (new.clone(), by.0.clone());
    let run = move |tx: &mut Tx<'_>| for_tx.reserve(tx, &app, &who, id.0);
    key.create(&db, by.0, &new, run).await
}
