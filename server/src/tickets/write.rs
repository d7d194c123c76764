//! Opening a ticket.

use db::schema::{assets, customers, sites};
use db::types::{AssetId, CustomerId, Id, Json, SiteId};
use db::{Conn, Timestamp, Tx, prepared};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PartNeed, SkillNeed, Ticket, TicketStatus};
use crate::error::Error;
use crate::http::Checks;
use crate::sla::{Promises, TicketSla, recompute};
use crate::templates::{Answers, Form};

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
    /// `repair`, `inspection`, …; the template's if absent.
    #[serde(default)]
    #[schema(required = false)]
    pub kind: String,
    /// 1 urgent, 2 high, 3 medium, 4 low; the template's if absent.
    pub priority: Option<i32>,
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
    /// Skills that the work needs; the template's if absent.
    pub required_skills: Option<Vec<SkillNeed>>,
    /// Parts that the work needs; the template's if absent.
    pub needed_parts: Option<Vec<PartNeed>>,
    /// Minutes of work on site; the template's if absent, else 60.
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
    /// The template by which it is opened.
    pub template_id: Option<String>,
    /// Answers to the fields of the template, by their keys.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub fields: Answers,
    /// What it keeps of the template, once that is read.
    #[serde(skip)]
    pub form: Option<Form>,
}

/// Longest work on site in minutes: four weeks.
pub const LONGEST: i64 = 28 * 24 * 60;
/// Most skills or parts of one ticket.
pub(super) const MOST_NEEDS: usize = 50;
/// Longest description in characters.
pub(super) const DESCRIPTION: usize = 20_000;
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
            .require(self.priority.is_some(), "priority", "required", "is missing")
            .within("priority", i64::from(self.priority.unwrap_or(1)), 1, 4)
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

    /// Skills that the work needs.
    pub fn skills(&self) -> &[SkillNeed] {
        self.required_skills.as_deref().unwrap_or_default()
    }

    /// Parts that the work needs.
    pub fn parts(&self) -> &[PartNeed] {
        self.needed_parts.as_deref().unwrap_or_default()
    }

    fn check_needs(&self, checks: &mut Checks) {
        let (skills, parts) = (self.skills(), self.parts());
        for (field, count) in [("required_skills", skills.len()), ("needed_parts", parts.len())] {
            checks.require(count <= MOST_NEEDS, field, "too_many", "at most 50");
        }
        for (i, need) in skills.iter().enumerate() {
            checks.name(&format!("required_skills[{i}].skill"), &need.skill, 50);
            checks.within(&format!("required_skills[{i}].level"), i64::from(need.level), 1, 9);
            let repeated = skills[..i].iter().any(|other| other.skill == need.skill);
            checks.require(!repeated, &format!("required_skills[{i}].skill"), "duplicate", "is named twice");
        }
        check_parts(checks, parts);
    }
}

pub(super) fn check_parts(checks: &mut Checks, needed: &[PartNeed]) {
    for (i, need) in needed.iter().enumerate() {
        let field = format!("needed_parts[{i}].quantity");
        checks.within(&field, need.quantity, 1, inventory::MAX_QUANTITY);
        let repeated = needed[..i].iter().any(|other| other.part_id == need.part_id);
        checks.require(!repeated, &format!("needed_parts[{i}].part_id"), "duplicate", "is named twice");
    }
}

pub(super) fn window(checks: &mut Checks, earliest: Timestamp, latest: Option<Timestamp>, now: Timestamp) {
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
        priority: new.priority.unwrap_or(4),
        title: new.title.clone(),
        description: new.description.clone(),
        symptom: new.symptom.clone(),
        status: TicketStatus::New,
        customer_id: place.customer_id,
        site_id: place.site_id,
        asset_id: new.asset_id,
        visit_id: Id::new(),
        engineer_id: None,
        required_skills: Json(new.skills().to_vec()),
        needed_parts: Json(new.parts().to_vec()),
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
        form: Json(new.form.clone()),
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
