//! What tickets of a kind need: what was learnt from those that are closed, and what people say.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, delete, get, post, web};
use db::schema::assets;
use db::types::{PartId, PartNeedId, TicketId};
use db::{Conn, Tx};
use diesel::prelude::*;
use dispatch::needs::{Edit, Fault, LikelyPart, Needs, Outlook, TicketCount, UseCount, Weight};
use inventory::needs::{HEAVIEST, NewNeed, PartNeed};
use inventory::usage::Outcome;
use inventory::{MAX_QUANTITY, needs};
use serde::Deserialize;
use utoipa::IntoParams;

use super::named_part;
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, Params, Path, rows};
use crate::tickets::{Ticket, store};

/// The model of the ticket's asset; empty if it has none.
fn model_of(conn: &mut Conn, ticket: &Ticket) -> Result<String, Error> {
    let Some(asset) = ticket.asset_id else { return Ok(String::new()) };
    Ok(assets::table.find(asset).select(assets::model).first(conn).optional()?.unwrap_or_default())
}

/// Counts a ticket that was closed, and what it used.
///
/// # Errors
/// A failure of the database.
pub fn learn(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(), Error> {
    let (fault, used) = lesson(tx, ticket)?;
    Ok(needs::learn(tx, &fault, &used)?)
}

/// Takes back what was counted of a ticket that is open again: it is counted when it is closed for good.
///
/// # Errors
/// A failure of the database.
pub fn unlearn(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(), Error> {
    let (fault, used) = lesson(tx, ticket)?;
    Ok(needs::unlearn(tx, &fault, &used)?)
}

/// What is to be learnt from a ticket: its fault, and what it used.
fn lesson(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(needs::Fault, BTreeMap<PartId, i64>), Error> {
    let fault = needs::Fault {
        ticket_kind: ticket.kind.clone(),
        asset_model: model_of(tx.conn(), ticket)?,
        symptom: ticket.symptom.clone(),
    };
    let mut used = BTreeMap::new();
    for usage in inventory::usage::of_ticket(tx.conn(), ticket.id)? {
        if usage.outcome != Outcome::Returned {
            *used.entry(usage.part_id).or_insert(0) += usage.quantity;
        }
    }
    Ok((fault, used))
}

/// Of tickets and edits, empty means that it is not known, or for all.
pub(super) fn named(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Everything that was counted and said, as dispatch takes it.
///
/// # Errors
/// A failure of the database.
pub fn known(conn: &mut Conn) -> Result<Needs, Error> {
    let fault = |of: &needs::Fault| Fault {
        kind: of.ticket_kind.clone(),
        asset_model: named(&of.asset_model),
        symptom: named(&of.symptom),
    };
    // Below nothing: a ticket that was closed before anybody counted was opened again.
    let few = |count: i64| u32::try_from(count.max(0)).unwrap_or(u32::MAX);
    let (cases, uses) = needs::counted(conn)?;
    let cases =
        cases.iter().map(|case| TicketCount { fault: fault(&case.fault), tickets: few(case.tickets) });
    let uses = uses.iter().map(|used| UseCount {
        fault: fault(&used.fault),
        part_id: used.part_id.uuid(),
        tickets: few(used.tickets),
        quantity: used.quantity,
    });
    let edits = needs::all_said(conn)?.into_iter().map(|need| Edit {
        fault: Fault {
            kind: need.ticket_kind,
            asset_model: named(&need.asset_model),
            symptom: named(&need.symptom),
        },
        part_id: need.part_id.uuid(),
        probability: need.probability,
        quantity: need.quantity,
        weight: need.weight.map_or(Weight::Fixed, Weight::Tickets),
    });
    Ok(Needs::learn(cases, uses, edits))
}

/// What dispatch compares the ticket on.
///
/// # Errors
/// A failure of the database.
pub fn fault_of(conn: &mut Conn, ticket: &Ticket) -> Result<Fault, Error> {
    let model = model_of(conn, ticket)?;
    Ok(Fault { kind: ticket.kind.clone(), asset_model: named(&model), symptom: named(&ticket.symptom) })
}

/// Longest kind of a ticket.
pub(super) const LONGEST_KIND: usize = 50;

/// Which entries.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Of this kind of ticket.
    pub ticket_kind: Option<String>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// What people say that tickets need.
#[utoipa::path(tag = "part needs", params(Filter), responses((status = 200, body = Page<PartNeed>)))]
#[get("/part-needs")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Filter>,
) -> Result<web::Json<Page<PartNeed>>, Error> {
    let Filter { ticket_kind, limit, after } = params.0;
    let limit = page::limit(limit)?;
    let after = page::cursor(after.as_deref())?;
    if let Some(kind) = &ticket_kind {
        Checks::new().text("ticket_kind", kind, LONGEST_KIND).finish()?;
    }
    let read =
        move |conn: &mut Conn| Ok::<_, Error>(needs::said(conn, ticket_kind.as_deref(), after, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |need| need.id.to_string())))
}

/// Say what tickets of a kind need, instead of what was said of the same part before. It counts as much as so many
/// tickets that were seen, or, without a weight, whatever was seen.
#[utoipa::path(
    tag = "part needs",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewNeed,
    responses((status = 201, body = PartNeed), (status = 422, body = Problem)),
)]
#[post("/part-needs")]
pub async fn say(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    body: Body<NewNeed>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    checks
        .name("ticket_kind", &new.ticket_kind, LONGEST_KIND)
        .text("asset_model", &new.asset_model, 200)
        .text("symptom", &new.symptom, 200)
        .within("quantity", new.quantity, 1, MAX_QUANTITY);
    let likely = (0.0..=1.0).contains(&new.probability);
    checks.require(likely, "probability", "out_of_range", "must be between 0 and 1");
    let weighs = new.weight.is_none_or(|weight| (0.0..=HEAVIEST).contains(&weight));
    checks.require(weighs, "weight", "out_of_range", "must be between 0 and a million").finish()?;
    let for_tx = new.clone();
    let run = move |tx: &mut Tx<'_>| {
        named_part(tx.conn(), for_tx.part_id)?;
        let need = needs::say(tx, for_tx.clone())?;
        Created::new(format!("/api/v1/part-needs?ticket_kind={}", need.ticket_kind), &need)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// Take back what was said.
#[utoipa::path(
    tag = "part needs",
    params(("id" = PartNeedId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/part-needs/{id}")]
pub async fn unsay(app: web::Data<App>, by: By<STOCK>, id: Path<PartNeedId>) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| Ok(needs::unsay(tx, id.0)?)).await
}

/// What a ticket will probably need, the most probable part first.
#[utoipa::path(
    tag = "part needs",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = Vec<LikelyPart>), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/likely-parts")]
pub async fn of_ticket(
    app: web::Data<App>,
    _by: By<STOCK>,
    id: Path<TicketId>,
) -> Result<web::Json<Vec<LikelyPart>>, Error> {
    let read = move |conn: &mut Conn| {
        let ticket = store::get(conn, id.0)?;
        fault_of(conn, &ticket)
    };
    let fault = app.db.read(read).await?;
    Ok(web::Json(app.board.needs().of(&fault, &Outlook::default())))
}
