//! What whoever answers the telephone has to know before a ticket is opened: who calls, what is open there already, and
//! what could be promised. Nothing here writes.

use actix_web::{get, post, web};
use db::schema::{assets, customers, sites, tickets};
use db::types::{EngineerId, SiteId, TicketId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use dispatch::{Grade, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::customers::{Asset, Customer, Site};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Params};
use crate::schedule::verdicts;
use crate::tickets::write::{self, NewTicket};
use crate::tickets::{Ticket, TicketStatus};

/// Fewer digits say nothing.
const FEWEST_DIGITS: usize = 4;
/// Longest number with all its signs.
const LONGEST: usize = 40;
/// So many of the last digits are compared: what stands before them is the country's or a leading zero.
const COMPARED: usize = 9;
/// Rows that are looked at, and that are shown.
const MOST_LOOKED_AT: i64 = 500;
const MOST_CALLERS: usize = 10;
const MOST_SITES: i64 = 50;
const MOST_ASSETS: i64 = 200;
const MOST_OPEN: i64 = 20;

/// Who calls.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CallerParams {
    /// The caller's number, as the telephone shows it; at least four digits.
    pub number: String,
}

/// A site with what is there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CallerSite {
    /// The site.
    #[serde(flatten)]
    pub site: Site,
    /// Whether the number stands in its contact.
    pub by_contact: bool,
    /// Its assets, at most 200.
    pub assets: Vec<Asset>,
}

/// A customer with his sites.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Caller {
    /// The customer.
    #[serde(flatten)]
    pub customer: Customer,
    /// His sites: those first in whose contact the number stands; at most 50.
    pub sites: Vec<CallerSite>,
}

/// The digits of a text.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a text has this number in it, whatever stands between its digits and whether or not it has the country's.
fn has_number(text: &str, number: &str) -> bool {
    let tail = &number[number.len().saturating_sub(COMPARED)..];
    digits(text).contains(tail)
}

/// The customers who call from this number: it is theirs, or stands in the contact of one of their sites.
#[utoipa::path(
    tag = "intake",
    params(CallerParams),
    responses((status = 200, body = Page<Caller>), (status = 422, body = Problem)),
)]
#[get("/intake/callers")]
pub async fn callers(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<CallerParams>,
) -> Result<web::Json<Page<Caller>>, Error> {
    let number = digits(&params.0.number);
    if number.len() < FEWEST_DIGITS || params.0.number.chars().count() > LONGEST {
        return Err(Problem::invalid_field("number", "out_of_range", "must have 4 digits or more").into());
    }
    let found = app.db.read(move |conn: &mut Conn| who_calls(conn, &number)).await?;
    Ok(web::Json(Page::whole(found)))
}

fn who_calls(conn: &mut Conn, number: &str) -> Result<Vec<Caller>, Error> {
    // Whatever stands between the digits; what is found too much is left out below.
    let tail = &number[number.len().saturating_sub(COMPARED)..];
    let pattern = tail.chars().fold("%".to_owned(), |pattern, digit| format!("{pattern}{digit}%"));
    let mut found: Vec<Customer> = customers::table
        .filter(customers::phone.like(&pattern))
        .order(customers::number)
        .limit(MOST_LOOKED_AT)
        .load(conn)?;
    found.retain(|customer| has_number(&customer.phone, number));
    let by_contact: Vec<(Site, Customer)> = sites::table
        .inner_join(customers::table)
        .filter(sites::contact.like(&pattern))
        .order(customers::number)
        .limit(MOST_LOOKED_AT)
        .load(conn)?;
    for (site, customer) in by_contact {
        if has_number(&site.contact, number) && found.iter().all(|known| known.id != customer.id) {
            found.push(customer);
        }
    }
    found.truncate(MOST_CALLERS);
    found.into_iter().map(|customer| with_sites(conn, customer, number)).collect()
}

fn with_sites(conn: &mut Conn, customer: Customer, number: &str) -> Result<Caller, Error> {
    let his: Vec<Site> = sites::table
        .filter(sites::customer_id.eq(customer.id))
        .order(sites::id)
        .limit(MOST_SITES)
        .load(conn)?;
    let ids: Vec<SiteId> = his.iter().map(|site| site.id).collect();
    let there: Vec<Asset> = assets::table
        .filter(assets::site_id.eq_any(ids))
        .order(assets::number)
        .limit(MOST_ASSETS)
        .load(conn)?;
    let mut sites: Vec<CallerSite> = his
        .into_iter()
        .map(|site| CallerSite {
            by_contact: has_number(&site.contact, number),
            assets: there.iter().filter(|asset| asset.site_id == site.id).cloned().collect(),
            site,
        })
        .collect();
    sites.sort_by_key(|site| !site.by_contact);
    Ok(Caller { customer, sites })
}

/// A ticket that may be about the same.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpenThere {
    /// Which.
    pub ticket_id: TicketId,
    /// What people call it.
    pub number: i64,
    /// In one line.
    pub title: String,
    /// Where it stands.
    pub status: TicketStatus,
    /// Who has it.
    pub engineer_id: Option<EngineerId>,
    /// When he is expected.
    pub planned_at: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Whether it is about the same asset, not only about the same site.
    pub same_asset: bool,
}

/// What can be said before a ticket is opened.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IntakeAnswer {
    /// What is open at the same asset or site, the same asset first.
    pub open: Vec<OpenThere>,
    /// When it would be due.
    pub due_at: Timestamp,
    /// Who could begin first without anybody paying for it; nobody if absent.
    pub free: Option<Verdict>,
    /// Who could begin first of all, with what that would cost; absent if that is the same, or nobody may.
    pub earliest: Option<Verdict>,
}

/// What is open there already, and when somebody could come at what cost, if this ticket were opened. It changes
/// nothing.
#[utoipa::path(
    tag = "intake",
    request_body = NewTicket,
    responses((status = 200, body = IntakeAnswer), (status = 422, body = Problem)),
)]
#[post("/intake/question")]
pub async fn question(
    app: web::Data<App>,
    _by: By<OFFICE>,
    body: Body<NewTicket>,
) -> Result<web::Json<IntakeAnswer>, Error> {
    let (app, new) = (app.into_inner(), body.0);
    let now = app.db.clock().now();
    new.check(now)?;
    app.known.check(&app.db, &new).await?;
    let db = app.db.clone();
    let read = move |conn: &mut Conn| {
        let ticket = write::sketch(conn, &app.board.promises(), &new, now)?;
        let said = verdicts::of_ticket(conn, &app.board, &ticket, now)?.items;
        let (free, earliest) = promises(said);
        Ok::<_, Error>(IntakeAnswer {
            open: open_there(conn, &ticket)?,
            due_at: ticket.due_at,
            free,
            earliest,
        })
    };
    Ok(web::Json(db.read(read).await?))
}

/// Who begins first among those who can for nothing, and among all who may, if that is somebody else.
fn promises(said: Vec<Verdict>) -> (Option<Verdict>, Option<Verdict>) {
    let start =
        |verdict: &Verdict| verdict.price.as_ref().map(|price| (price.starts_at, verdict.engineer_id));
    let mut able: Vec<Verdict> = said.into_iter().filter(|one| one.grade != Grade::Forbidden).collect();
    able.sort_by_key(start);
    let free = able.iter().find(|verdict| verdict.grade == Grade::Fits).cloned();
    let earliest = able.into_iter().next();
    let same = free.as_ref().map(start) == earliest.as_ref().map(start);
    (free, earliest.filter(|_| !same))
}

fn open_there(conn: &mut Conn, like: &Ticket) -> Result<Vec<OpenThere>, Error> {
    let over = TicketStatus::ALL.iter().filter(|status| status.is_over()).map(|status| status.as_str());
    let rows: Vec<Ticket> = tickets::table
        .filter(tickets::site_id.eq(like.site_id))
        .filter(tickets::status.ne_all(over))
        .order(tickets::number.desc())
        .limit(MOST_OPEN)
        .load(conn)?;
    let mut found: Vec<OpenThere> = rows
        .into_iter()
        .map(|ticket| OpenThere {
            ticket_id: ticket.id,
            number: ticket.number,
            status: ticket.status,
            engineer_id: ticket.engineer_id,
            planned_at: ticket.planned_at,
            created_at: ticket.created_at,
            same_asset: like.asset_id.is_some() && ticket.asset_id == like.asset_id,
            title: ticket.title,
        })
        .collect();
    found.sort_by_key(|ticket| !ticket.same_asset);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for written in
            ["+1 212 555-0199", "(212) 555 0199", "0012125550199", "Front desk, 212-555-0199 ext. 4"]
        {
            assert!(has_number(written, "2125550199"), "{written}");
            assert!(has_number(written, "12125550199"), "{written}");
        }
        assert!(!has_number("+1 212 555-0198", "2125550199"));
        assert!(!has_number("", "2125550199"));
    }
}
