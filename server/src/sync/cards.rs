//! Conflict cards over HTTP: what did not go as a phone sent it, for the office and the warehouse to look at and to
//! put away. A card about a balance that went below zero offers the count that would settle it.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, get, post, web};
use db::schema::{conflict_cards, engineers, part_usage, stock_balances, tickets};
use db::types::{ConflictCardId, EngineerId, LocationId, PartId, PartUsageId, TicketEventId, TicketId};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;
use mobile_sync::ConflictCard;
use mobile_sync::cards;
use mobile_sync_wire::Collection;
use mobile_sync_wire::cards::{CardAnswer, CardResolution};
use mobile_sync_wire::push::Kept;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, IdempotencyKey, Params, Path};
use crate::inventory::words::{self, NamedPart, NamedPlace};
use crate::schedule::assign::Means;
use crate::tickets::late;

/// A phone used a part that the books say is not there: it is believed, and somebody has to count.
pub(super) const NEGATIVE_STOCK: &str = "negative_stock";

/// Longest kind that is asked for.
const LONGEST_KIND: usize = 50;

/// Which cards.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CardFilter {
    /// `late_work`, `step`, `fields`, `rejected` or `negative_stock`.
    pub kind: Option<String>,
    /// `open` or `resolved`.
    pub status: Option<String>,
    /// About this ticket.
    pub ticket_id: Option<TicketId>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// One thing that did not go as the phone sent it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardEntry {
    /// What it was about: `part_usage`, `ticket_events`, `notes`, ...
    pub collection: Option<Collection>,
    /// Its row.
    pub row_id: String,
    /// A stable code that says why.
    pub why: String,
    /// Both values of each field.
    pub kept: BTreeMap<String, Kept>,
    /// When it arrived.
    pub at: Timestamp,
}

/// What would settle it: a count of this part at this place, with `POST /stock-counts`.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountOffer {
    /// Of what.
    pub part: NamedPart,
    /// Where.
    pub place: NamedPlace,
    /// What the books say: less than nothing.
    pub on_hand: i64,
}

/// A question to the office.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardView {
    /// Its id.
    pub id: ConflictCardId,
    /// What it is about: `late_work`, `step`, `fields`, `rejected` or `negative_stock`.
    pub kind: String,
    /// `open` or `resolved`.
    pub status: String,
    /// About which ticket, if it is about one.
    pub ticket_id: Option<TicketId>,
    /// The ticket's number.
    pub ticket_number: Option<i64>,
    /// Whose work.
    pub engineer_id: Option<EngineerId>,
    /// His name.
    pub engineer_name: Option<String>,
    /// What happened, the first first.
    pub entries: Vec<CardEntry>,
    /// The counts that would settle it, while something of what it is about is below zero.
    pub counts: Vec<CountOffer>,
    /// When it came up.
    pub created_at: Timestamp,
    /// When it was put away.
    pub resolved_at: Option<Timestamp>,
    /// By whom.
    pub resolved_by: Option<String>,
    /// What was answered to work that came too late.
    #[schema(value_type = Option<CardAnswer>)]
    pub answer: Option<String>,
}

/// Cards, the newest first.
#[utoipa::path(
    tag = "conflict cards",
    params(CardFilter),
    responses((status = 200, body = Page<CardView>), (status = 422, body = Problem)),
)]
#[get("/conflict-cards")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<CardFilter>,
) -> Result<web::Json<Page<CardView>>, Error> {
    let CardFilter { kind, status, ticket_id, limit, after } = params.0;
    let limit = page::limit(limit)?;
    let after: Option<ConflictCardId> = page::cursor(after.as_deref())?;
    let mut checks = Checks::new();
    checks.text("kind", kind.as_deref().unwrap_or(""), LONGEST_KIND);
    let known = status.as_deref().is_none_or(|status| matches!(status, "open" | "resolved"));
    checks.require(known, "status", "invalid", "must be open or resolved").finish()?;
    let filter = cards::Filter { kind, status, ticket_id };
    let read = move |conn: &mut Conn| {
        let found = cards::list(conn, &filter, after, limit)?;
        views(conn, found)
    };
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |card| card.id.to_string())))
}

/// Put a card away: somebody has looked at it and done what there was to do. One about work that came too late is
/// answered so by the office: accepted, the work takes effect with it.
#[utoipa::path(
    tag = "conflict cards",
    params(("id" = ConflictCardId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CardResolution,
    responses(
        (status = 200, body = CardView),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/conflict-cards/{id}/resolve")]
pub async fn resolve(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<ConflictCardId>,
    body: Body<CardResolution>,
) -> Result<HttpResponse, Error> {
    let (said, for_tx) = (body.0, app.clone());
    if said.answer.is_some() && !by.0.is_office() {
        return Err(Problem::forbidden("That is the office's to answer.").into());
    }
    let run = move |tx: &mut Tx<'_>| {
        let known: Option<String> =
            conflict_cards::table.find(id.0).select(conflict_cards::kind).first(tx.conn()).optional()?;
        let kind = known.ok_or_else(|| Problem::not_found("card"))?;
        let answer = match (kind.as_str(), said.answer) {
            (cards::LATE_WORK, answer) => Some(answer.unwrap_or(CardAnswer::KeepAsHistory)),
            (_, None) => None,
            (_, Some(_)) => {
                let message = "is for work that came too late";
                return Err(Problem::invalid_field("answer", "invalid", message).into());
            }
        };
        let over = || Problem::conflict("already_resolved", "Somebody has put it away already.");
        let card = cards::resolve(tx, id.0, answer)?.ok_or_else(over)?;
        if answer == Some(CardAnswer::AcceptWork) {
            accept(tx, &for_tx, &card)?;
        }
        views(tx.conn(), vec![card])?.pop().ok_or_else(|| Error::Internal("a card without a view".to_owned()))
    };
    key.step(&app.db, by.0, &said, run).await
}

/// What the card is about takes effect.
fn accept(tx: &mut Tx<'_>, app: &App, card: &ConflictCard) -> Result<(), Error> {
    let (Some(ticket_id), Some(engineer_id)) = (card.ticket_id, card.engineer_id) else { return Ok(()) };
    let steps = card.detail.0.iter().filter(|entry| entry.collection == Some(Collection::TicketEvents));
    let steps: Vec<TicketEventId> = steps.filter_map(|entry| entry.row_id.parse().ok()).collect();
    let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
    late::accept(tx, &means, ticket_id, engineer_id, &steps).map(drop)
}

fn views(conn: &mut Conn, cards: Vec<ConflictCard>) -> Result<Vec<CardView>, Error> {
    let numbers: BTreeMap<TicketId, i64> = tickets::table
        .filter(tickets::id.eq_any(cards.iter().filter_map(|card| card.ticket_id).collect::<Vec<_>>()))
        .select((tickets::id, tickets::number))
        .load(conn)?
        .into_iter()
        .collect();
    let names: BTreeMap<EngineerId, String> = engineers::table
        .filter(engineers::id.eq_any(cards.iter().filter_map(|card| card.engineer_id).collect::<Vec<_>>()))
        .select((engineers::id, engineers::name))
        .load(conn)?
        .into_iter()
        .collect();
    cards.into_iter().map(|card| view(conn, card, &numbers, &names)).collect()
}

fn view(
    conn: &mut Conn,
    card: ConflictCard,
    numbers: &BTreeMap<TicketId, i64>,
    names: &BTreeMap<EngineerId, String>,
) -> Result<CardView, Error> {
    let counts = if card.kind == NEGATIVE_STOCK && card.status == "open" {
        offers(conn, &card.detail.0)?
    } else {
        Vec::new()
    };
    let entry = |entry: cards::Entry| {
        let cards::Entry { collection, row_id, why, kept, at, .. } = entry;
        CardEntry { collection, row_id, why, kept, at }
    };
    Ok(CardView {
        id: card.id,
        kind: card.kind,
        status: card.status,
        ticket_id: card.ticket_id,
        ticket_number: card.ticket_id.and_then(|id| numbers.get(&id)).copied(),
        engineer_id: card.engineer_id,
        engineer_name: card.engineer_id.and_then(|id| names.get(&id)).cloned(),
        entries: card.detail.0.into_iter().map(entry).collect(),
        counts,
        created_at: card.created_at,
        resolved_at: card.resolved_at,
        resolved_by: card.resolved_by,
        answer: card.answer,
    })
}

/// Where the parts that were used are below zero now: a card is not younger than the books.
fn offers(conn: &mut Conn, entries: &[cards::Entry]) -> Result<Vec<CountOffer>, Error> {
    let used: Vec<PartUsageId> = entries.iter().filter_map(|entry| entry.row_id.parse().ok()).collect();
    let parts: BTreeSet<PartId> = part_usage::table
        .filter(part_usage::id.eq_any(used))
        .select(part_usage::part_id)
        .load(conn)?
        .into_iter()
        .collect();
    let below: Vec<(PartId, LocationId, i64)> = stock_balances::table
        .filter(stock_balances::part_id.eq_any(parts.into_iter().collect::<Vec<_>>()))
        .filter(stock_balances::on_hand.lt(0))
        .order((stock_balances::part_id, stock_balances::location_id))
        .select((stock_balances::part_id, stock_balances::location_id, stock_balances::on_hand))
        .load(conn)?;
    let parts = words::parts(conn, below.iter().map(|row| row.0))?;
    let places = words::places(conn, below.iter().map(|row| row.1))?;
    let offer = |(part, place, on_hand): (PartId, LocationId, i64)| {
        Some(CountOffer { part: parts.get(&part)?.clone(), place: places.get(&place)?.clone(), on_hand })
    };
    Ok(below.into_iter().filter_map(offer).collect())
}
