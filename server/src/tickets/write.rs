//! Opening a ticket, and editing one.

use db::schema::{assets, customers, sites};
use db::types::{AssetId, CustomerId, Id, Json, PartId, SiteId};
use db::{Conn, Timestamp, Tx, prepared};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PartNeed, SkillNeed, Ticket, TicketStatus, store};
use crate::error::Error;
use crate::http::Checks;
use crate::schedule::load;
use crate::sla::{Promises, TicketSla, recompute};

/// Whether the server assigns a new ticket by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dispatch {
    /// At once, or as soon as somebody can take it.
    #[default]
    Auto,
    /// A dispatcher decides.
    Manual,
}

/// A ticket to be opened. Either `asset_id` or `site_id` says where.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    /// `repair`, `inspection`, …
    pub kind: String,
    /// 1 urgent, 2 high, 3 medium, 4 low.
    pub priority: i32,
    /// In one line.
    pub title: String,
    /// In full; at most 20,000 characters.
    #[serde(default)]
    pub description: String,
    /// What the customer sees.
    #[serde(default)]
    pub symptom: String,
    /// Which lift.
    pub asset_id: Option<AssetId>,
    /// Where, if it is about no asset.
    pub site_id: Option<SiteId>,
    /// Skills that the work needs.
    #[serde(default)]
    pub required_skills: Vec<SkillNeed>,
    /// Parts that the work needs.
    #[serde(default)]
    pub needed_parts: Vec<PartNeed>,
    /// Minutes of work on site; 60 if absent.
    pub expected_minutes: Option<i64>,
    /// Not to be begun before; now if absent.
    pub earliest_at: Option<Timestamp>,
    /// Not to be begun after.
    pub latest_at: Option<Timestamp>,
    /// How to get in; the site's note if absent.
    pub access_note: Option<String>,
    /// Whom to ask on site; the site's contact if absent.
    pub site_contact: Option<String>,
    /// A number of your own; the next free one if absent.
    pub number: Option<i64>,
    /// How it came in: `phone`, `portal`, …; policies may ask for it.
    pub channel: Option<String>,
    /// Whether the server assigns it by itself.
    #[serde(default)]
    pub dispatch: Dispatch,
}

/// Longest work on site in minutes: four weeks.
const LONGEST: i64 = 28 * 24 * 60;
/// Most skills or parts of one ticket.
const MOST_NEEDS: usize = 50;
/// Longest description in characters.
const DESCRIPTION: usize = 20_000;
/// Numbers given by clients stay below those that JavaScript can count.
const HIGHEST_NUMBER: i64 = 1 << 52;

impl NewTicket {
    /// Checks what can be checked without the database.
    ///
    /// # Errors
    /// All faults.
    pub fn check(&self, now: Timestamp) -> Result<(), Error> {
        let mut checks = Checks::new();
        checks
            .name("kind", &self.kind, 50)
            .within("priority", i64::from(self.priority), 1, 4)
            .name("title", &self.title, 200)
            .text("description", &self.description, DESCRIPTION)
            .text("symptom", &self.symptom, 200)
            .text("access_note", self.access_note.as_deref().unwrap_or(""), 2_000)
            .text("site_contact", self.site_contact.as_deref().unwrap_or(""), 500)
            .within("expected_minutes", self.expected_minutes.unwrap_or(60), 1, LONGEST)
            .text("channel", self.channel.as_deref().unwrap_or(""), 50)
            .within("number", self.number.unwrap_or(1), 1, HIGHEST_NUMBER);
        let placed = self.asset_id.is_some() != self.site_id.is_some();
        checks.require(placed, "asset_id", "required", "name either asset_id or site_id");
        self.check_needs(&mut checks);
        window(&mut checks, self.earliest_at.unwrap_or(now), self.latest_at, now);
        checks.finish()
    }

    /// Whether the server assigns it by itself.
    pub fn is_dispatched(&self) -> bool {
        self.dispatch == Dispatch::Auto
    }

    fn check_needs(&self, checks: &mut Checks) {
        for (field, count) in
            [("required_skills", self.required_skills.len()), ("needed_parts", self.needed_parts.len())]
        {
            checks.require(count <= MOST_NEEDS, field, "too_many", "at most 50");
        }
        for (i, need) in self.required_skills.iter().enumerate() {
            checks.name(&format!("required_skills[{i}].skill"), &need.skill, 50);
            checks.within(&format!("required_skills[{i}].level"), i64::from(need.level), 1, 9);
            let repeated = self.required_skills[..i].iter().any(|other| other.skill == need.skill);
            checks.require(!repeated, &format!("required_skills[{i}].skill"), "duplicate", "is named twice");
        }
        check_parts(checks, &self.needed_parts);
    }
}

fn check_parts(checks: &mut Checks, needed: &[PartNeed]) {
    for (i, need) in needed.iter().enumerate() {
        let field = format!("needed_parts[{i}].quantity");
        checks.within(&field, need.quantity, 1, inventory::MAX_QUANTITY);
        let repeated = needed[..i].iter().any(|other| other.part_id == need.part_id);
        checks.require(!repeated, &format!("needed_parts[{i}].part_id"), "duplicate", "is named twice");
    }
}

/// Parts that a ticket is to need from now on: few, each once, and known.
fn check_needed(tx: &mut Tx<'_>, checks: &mut Checks, needed: &[PartNeed]) -> Result<(), Error> {
    checks.require(needed.len() <= MOST_NEEDS, "needed_parts", "too_many", "at most 50");
    check_parts(checks, needed);
    let ids: Vec<PartId> = needed.iter().map(|need| need.part_id).take(MOST_NEEDS).collect();
    let known = inventory::parts::by_ids(tx.conn(), &ids)?;
    for (i, need) in needed.iter().enumerate().take(MOST_NEEDS) {
        let is_known = known.iter().any(|part| part.id == need.part_id);
        checks.require(is_known, &format!("needed_parts[{i}].part_id"), "unknown", "is no known part");
    }
    Ok(())
}

fn window(checks: &mut Checks, earliest: Timestamp, latest: Option<Timestamp>, now: Timestamp) {
    checks.instant("earliest_at", earliest);
    let Some(latest) = latest else { return };
    checks.instant("latest_at", latest);
    checks.require(latest > earliest, "latest_at", "out_of_order", "must be after earliest_at");
    checks.require(latest > now, "latest_at", "in_the_past", "lies in the past");
}

/// Where a ticket is, as its site says.
struct Place {
    customer_id: CustomerId,
    site_id: SiteId,
    address: String,
    latitude: f64,
    longitude: f64,
    access_note: String,
    contact: String,
    time_zone: String,
}

type PlaceRow = (CustomerId, SiteId, String, f64, f64, String, String, String);

fn place(conn: &mut Conn, new: &NewTicket) -> Result<Place, Error> {
    let columns = (
        customers::id,
        sites::id,
        sites::address,
        sites::latitude,
        sites::longitude,
        sites::access_note,
        sites::contact,
        sites::time_zone,
    );
    let found: Option<PlaceRow> = match (new.asset_id, new.site_id) {
        (Some(asset), _) => assets::table
            .inner_join(sites::table.inner_join(customers::table))
            .filter(assets::id.eq(asset))
            .select(columns)
            .first(conn)
            .optional()?,
        (None, Some(site)) => sites::table
            .inner_join(customers::table)
            .filter(sites::id.eq(site))
            .select(columns)
            .first(conn)
            .optional()?,
        (None, None) => None,
    };
    let field = if new.asset_id.is_some() { "asset_id" } else { "site_id" };
    let Some((customer_id, site_id, address, latitude, longitude, access_note, contact, time_zone)) = found
    else {
        return Err(crate::error::Problem::invalid_field(field, "unknown", "does not exist").into());
    };
    Ok(Place { customer_id, site_id, address, latitude, longitude, access_note, contact, time_zone })
}

/// A ticket as it will be opened, with its number; [`Known`](super::known::Known) has checked its skills and parts.
/// `schedule::assign::open` writes it, assigned if it can be.
///
/// # Errors
/// Faults by field.
pub fn draft(tx: &mut Tx<'_>, promises: &Promises, new: &NewTicket) -> Result<Ticket, Error> {
    let now = tx.now();
    let ticket = sketch(tx.conn_beside(), promises, new, now)?;
    let number = match new.number {
        Some(number) => number,
        None => next_number(tx)?,
    };
    Ok(Ticket { number, ..ticket })
}

/// The same without its number: what can be said of a ticket before it is opened.
///
/// # Errors
/// Faults by field.
pub fn sketch(
    conn: &mut Conn,
    promises: &Promises,
    new: &NewTicket,
    now: Timestamp,
) -> Result<Ticket, Error> {
    let place = place(conn, new)?;
    let channel = new.channel.clone().unwrap_or_default();
    let mut ticket = Ticket {
        id: Id::new(),
        number: 0,
        kind: new.kind.clone(),
        priority: new.priority,
        title: new.title.clone(),
        description: new.description.clone(),
        symptom: new.symptom.clone(),
        status: TicketStatus::New,
        customer_id: place.customer_id,
        site_id: place.site_id,
        asset_id: new.asset_id,
        visit_id: Id::new(),
        engineer_id: None,
        required_skills: Json(new.required_skills.clone()),
        needed_parts: Json(new.needed_parts.clone()),
        expected_minutes: new.expected_minutes.unwrap_or(60),
        earliest_at: new.earliest_at.unwrap_or(now),
        latest_at: new.latest_at,
        due_at: now,
        planned_at: None,
        access_note: new.access_note.clone().unwrap_or(place.access_note),
        site_contact: new.site_contact.clone().unwrap_or(place.contact),
        address: place.address,
        latitude: place.latitude,
        longitude: place.longitude,
        auto_dispatch: new.dispatch == Dispatch::Auto,
        queue_reasons: Json(Vec::new()),
        created_at: now,
        completed_at: None,
        closed_at: None,
        sla: Json(TicketSla { time_zone: place.time_zone, channel, ..TicketSla::default() }),
    };
    recompute::begin(promises, &mut ticket);
    Ok(ticket)
}

/// The next number of ours that nobody has taken with a number of his own.
fn next_number(tx: &mut Tx<'_>) -> Result<i64, Error> {
    use db::schema::{counters, tickets};
    if tx.may_hope() {
        return Ok(tx.count("tickets")?);
    }
    loop {
        let taken = diesel::dsl::exists(tickets::table.filter(tickets::number.eq(counters::value)));
        let counting = diesel::update(counters::table.find("tickets"))
            .set(counters::value.eq(counters::value + 1))
            .returning((counters::value, taken));
        let (number, taken): (i64, bool) = prepared(counting).get_result(tx.conn())?;
        if !taken {
            return Ok(number);
        }
    }
}

/// What of a ticket can be edited; the rest follows from events and assignments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketPatch {
    /// 1 urgent to 4 low; moves the due times, counted from the opening with all pauses.
    pub priority: Option<i32>,
    /// In one line.
    pub title: Option<String>,
    /// In full.
    pub description: Option<String>,
    /// How to get in.
    pub access_note: Option<String>,
    /// Whom to ask.
    pub site_contact: Option<String>,
    /// Minutes of work on site.
    pub expected_minutes: Option<i64>,
    /// Not to be begun before.
    pub earliest_at: Option<Timestamp>,
    /// Not to be begun after; `null`: no such limit.
    #[serde(
        default,
        deserialize_with = "crate::http::body::present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<Timestamp>)]
    pub latest_at: Option<Option<Timestamp>>,
    /// Whether the server assigns it by itself while nobody has it.
    pub auto_dispatch: Option<bool>,
    /// The parts that it needs, instead of those that were known before. What is reserved stays reserved.
    pub needed_parts: Option<Vec<PartNeed>>,
}

impl TicketPatch {
    /// What makes one version of a ticket of the other.
    pub fn from_to(from: &Ticket, to: &Ticket) -> Self {
        fn new<T: PartialEq + Clone>(from: &T, to: &T) -> Option<T> {
            (from != to).then(|| to.clone())
        }
        Self {
            priority: new(&from.priority, &to.priority),
            title: new(&from.title, &to.title),
            description: new(&from.description, &to.description),
            access_note: new(&from.access_note, &to.access_note),
            site_contact: new(&from.site_contact, &to.site_contact),
            expected_minutes: new(&from.expected_minutes, &to.expected_minutes),
            earliest_at: new(&from.earliest_at, &to.earliest_at),
            latest_at: new(&from.latest_at, &to.latest_at),
            auto_dispatch: new(&from.auto_dispatch, &to.auto_dispatch),
            needed_parts: new(&from.needed_parts.0, &to.needed_parts.0),
        }
    }

    /// What the ticket has in the fields of another patch.
    pub fn of(ticket: &Ticket, fields: &Self) -> Self {
        fn has<T: Clone, F>(asked: &Option<F>, value: &T) -> Option<T> {
            asked.is_some().then(|| value.clone())
        }
        Self {
            priority: has(&fields.priority, &ticket.priority),
            title: has(&fields.title, &ticket.title),
            description: has(&fields.description, &ticket.description),
            access_note: has(&fields.access_note, &ticket.access_note),
            site_contact: has(&fields.site_contact, &ticket.site_contact),
            expected_minutes: has(&fields.expected_minutes, &ticket.expected_minutes),
            earliest_at: has(&fields.earliest_at, &ticket.earliest_at),
            latest_at: has(&fields.latest_at, &ticket.latest_at),
            auto_dispatch: has(&fields.auto_dispatch, &ticket.auto_dispatch),
            needed_parts: has(&fields.needed_parts, &ticket.needed_parts.0),
        }
    }
}

/// Edits a ticket.
///
/// # Errors
/// Faults by field; 409 when it is closed or cancelled.
pub fn patch(
    tx: &mut Tx<'_>,
    promises: &Promises,
    mut ticket: Ticket,
    patch: &TicketPatch,
) -> Result<Ticket, Error> {
    if matches!(ticket.status, TicketStatus::Closed | TicketStatus::Cancelled) {
        let detail = format!("The ticket is {}.", ticket.status.as_str());
        return Err(crate::error::Problem::conflict("ticket_ended", detail).into());
    }
    let mut checks = Checks::new();
    if let Some(priority) = patch.priority {
        checks.within("priority", i64::from(priority), 1, 4);
        ticket.priority = priority;
    }
    let texts = [
        ("title", &patch.title, &mut ticket.title, 200),
        ("description", &patch.description, &mut ticket.description, DESCRIPTION),
        ("access_note", &patch.access_note, &mut ticket.access_note, 2_000),
        ("site_contact", &patch.site_contact, &mut ticket.site_contact, 500),
    ];
    for (field, new, old, most) in texts {
        if let Some(new) = new {
            checks.text(field, new, most);
            old.clone_from(new);
        }
    }
    checks.name("title", &ticket.title, 200);
    let before = ticket.expected_minutes;
    ticket.expected_minutes = patch.expected_minutes.unwrap_or(before);
    checks.within("expected_minutes", ticket.expected_minutes, 1, LONGEST);
    ticket.earliest_at = patch.earliest_at.unwrap_or(ticket.earliest_at);
    ticket.latest_at = patch.latest_at.unwrap_or(ticket.latest_at);
    ticket.auto_dispatch = patch.auto_dispatch.unwrap_or(ticket.auto_dispatch);
    if patch.earliest_at.is_some() || patch.latest_at.is_some() {
        window(&mut checks, ticket.earliest_at, ticket.latest_at, tx.now());
    }
    if let Some(needed) = &patch.needed_parts {
        check_needed(tx, &mut checks, needed)?;
        ticket.needed_parts = Json(needed.clone());
    }
    checks.finish()?;
    if patch.priority.is_some() {
        recompute::again(tx, promises, &mut ticket)?;
    }
    if let (Some(engineer), true) = (ticket.engineer_id, load::counts(ticket.status)) {
        load::correct(tx, engineer, ticket.expected_minutes - before)?;
    }
    store::update(tx, &ticket, ticket.status)?;
    // Nothing else that is edited here is the visit's too: a phone that edits a thousand notes sends no visit round.
    if ticket.expected_minutes != before {
        store::follow_visit(tx, &ticket)?;
    }
    Ok(ticket)
}
