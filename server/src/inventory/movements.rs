//! The ledger over HTTP: goods in, transfers, counts.

use actix_web::{HttpResponse, get, post, web};
use db::types::{LocationId, MovementId, OrderLineId, PartId, TicketId};
use db::{Conn, Timestamp, Tx};
use inventory::ledger::MovementView;
use inventory::ledger::{Receipt, Transfer};
use inventory::pieces::LONGEST_NUMBER;
use inventory::{Cost, MAX_QUANTITY, MovementKind, Part, StockMovement, Tracking, ledger};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::reservations::Nothing;
use super::{check_serials, known_place, named_part, named_place};
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, Params, Path};

/// A movement to be recorded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMovement {
    /// `receive` from a supplier, `transfer` between two places (`SCRAP` and `QUARANTINE` are places too), or `adjust`
    /// to what was counted.
    pub kind: MovementKind,
    /// Of what.
    pub part_id: PartId,
    /// How much moves; of an `adjust`, how much was counted.
    pub quantity: i64,
    /// From where; of a `transfer` only.
    pub from_location_id: Option<LocationId>,
    /// To where; of an `adjust`, where it was counted.
    pub to_location_id: LocationId,
    /// What somebody wanted to add.
    #[serde(default)]
    pub note: String,
    /// Which pieces, of parts that are followed one by one; of an `adjust`, all that were found.
    #[serde(default)]
    pub serials: Vec<String>,
    /// Of which lot, of parts that are followed by lot; of a `transfer`, what expires first if absent, and of an
    /// `adjust`, all lots together.
    pub lot: Option<String>,
    /// The last day on which the lot may be used, `YYYY-MM-DD`, in UTC; of a `receive` with a lot only.
    #[schema(format = Date)]
    pub expires_on: Option<String>,
    /// What a unit cost; of a `receive` only. If absent, what the line of the order says.
    pub cost: Option<Cost>,
    /// The line of the order on which it came; of a `receive` only.
    pub order_line_id: Option<OrderLineId>,
}

impl NewMovement {
    fn check(&self) -> Result<(), Error> {
        use MovementKind as K;
        let mut checks = Checks::new();
        let by_hand = matches!(self.kind, K::Receive | K::Transfer | K::Adjust);
        checks.require(by_hand, "kind", "invalid", "must be receive, transfer or adjust");
        checks.within("quantity", self.quantity, i64::from(self.kind != K::Adjust), MAX_QUANTITY);
        checks.text("note", &self.note, 2_000);
        check_serials(&mut checks, &self.serials);
        if let Some(lot) = &self.lot {
            checks.name("lot", lot, LONGEST_NUMBER);
        }
        checks.require(
            self.cost.is_none() || self.kind == K::Receive,
            "cost",
            "invalid",
            "is for goods in only",
        );
        let ordered = self.order_line_id.is_none() || self.kind == K::Receive;
        checks.require(ordered, "order_line_id", "invalid", "is for goods in only");
        let dated = self.expires_on.is_none() || (self.kind == K::Receive && self.lot.is_some());
        checks.require(dated, "expires_on", "invalid", "is for goods in with a lot only");
        let readable = self.expires_on.is_none() || self.expires_at().is_some();
        checks.require(readable, "expires_on", "invalid", "must be a day, as in 2027-04-30");
        let year = self.expires_on.as_deref().and_then(|day| day.parse::<Date>().ok()).map(Date::year);
        let sane = year.is_none_or(|year| (2000..=2100).contains(&year));
        checks.require(sane, "expires_on", "invalid", "must be between 2000 and 2100");
        match (self.kind, self.from_location_id) {
            (K::Transfer, None) => {
                checks.fault("from_location_id", "required", "is needed for a transfer");
            }
            (K::Transfer, Some(from)) => {
                let message = "must be another place than the first";
                checks.require(from != self.to_location_id, "to_location_id", "invalid", message);
            }
            (_, from) => {
                checks.require(from.is_none(), "from_location_id", "invalid", "is for transfers only");
            }
        }
        checks.finish()
    }

    fn record(&self, tx: &mut Tx<'_>) -> Result<Vec<StockMovement>, Error> {
        let part = named_part(tx.conn(), self.part_id)?;
        if self.kind != MovementKind::Transfer {
            named_place(tx.conn(), self.to_location_id, "to_location_id")?;
        }
        let Self { part_id, quantity, to_location_id: to, .. } = *self;
        let (serials, lot, note) = (&self.serials[..], self.lot.as_deref(), &self.note[..]);
        match (self.kind, self.from_location_id) {
            (MovementKind::Transfer, Some(from)) => {
                named_place(tx.conn(), from, "from_location_id")?;
                known_place(tx.conn(), to, "to_location_id")?;
                let transfer = Transfer { part_id, from, to, quantity, serials, lot, note };
                Ok(ledger::move_stock(tx, &transfer)?)
            }
            (MovementKind::Adjust, _) => self.count(tx, &part),
            _ => {
                let (cost, expires_at) = (self.cost.clone(), self.expires_at());
                let order_line_id = self.order_line_id;
                let receipt =
                    Receipt { part_id, to, quantity, serials, lot, expires_at, cost, order_line_id, note };
                Ok(ledger::take_in(tx, &receipt)?)
            }
        }
    }

    /// When the last day on which the lot may be used is over.
    fn expires_at(&self) -> Option<Timestamp> {
        let day: Date = self.expires_on.as_deref()?.parse().ok()?;
        let over = day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(Timestamp::from_millis(over.timestamp().as_millisecond()))
    }

    fn count(&self, tx: &mut Tx<'_>, part: &Part) -> Result<Vec<StockMovement>, Error> {
        let (to, note) = (self.to_location_id, &self.note[..]);
        if part.tracking == Tracking::Serial {
            if i64::try_from(self.serials.len()).ok() != Some(self.quantity) {
                let message = "must be as many as the pieces that were counted";
                return Err(Problem::invalid_field("serials", "invalid", message).into());
            }
            return Ok(ledger::found(tx, part.id, to, &self.serials, note)?);
        }
        if !self.serials.is_empty() {
            let message = "are kept of parts with serial numbers only";
            return Err(Problem::invalid_field("serials", "invalid", message).into());
        }
        let adjusted = match &self.lot {
            Some(lot) => ledger::adjust_lot(tx, (part.id, to), lot, self.quantity, note)?,
            None => ledger::adjust(tx, part.id, to, self.quantity, note)?,
        };
        Ok(adjusted.movements)
    }
}

/// What was recorded at once: all of it if it is one movement, else the first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Recorded {
    /// The movement, or the first of them.
    #[serde(flatten)]
    pub movement: StockMovement,
    /// How many there are. The others have the same `batch_id`, and are listed by it.
    pub recorded: usize,
}

impl Recorded {
    fn answer(movements: &[StockMovement], nothing: impl FnOnce() -> Error) -> Result<Created, Error> {
        let movement = movements.first().ok_or_else(nothing)?.clone();
        let location = match movement.batch_id {
            Some(batch) => format!("/api/v1/stock-movements?batch_id={batch}"),
            None => format!("/api/v1/stock-movements?part_id={}", movement.part_id),
        };
        let recorded = movements.len();
        Created::showing(location, &movement.clone(), &Self { movement, recorded })
    }
}

/// Record goods in, a transfer, or a count. Free stock only is transferred; a count is believed. Parts that are
/// followed one by one make a movement for each piece, and those with lots one for each lot: the first is the answer,
/// with how many there are.
#[utoipa::path(
    tag = "movements",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewMovement,
    responses(
        (status = 201, body = Recorded),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/stock-movements")]
pub async fn create(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    body: Body<NewMovement>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.check()?;
    let for_tx = new.clone();
    let run = move |tx: &mut Tx<'_>| {
        let right = || Problem::conflict("no_difference", "The books say so already.").into();
        Recorded::answer(&for_tx.record(tx)?, right)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// Take a movement back that was made by hand: another one moves the stock back. What was recorded at once with it is
/// taken back with it, all or nothing.
#[utoipa::path(
    tag = "movements",
    params(("id" = MovementId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses(
        (status = 201, body = Recorded),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/stock-movements/{id}/undo")]
pub async fn undo(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<MovementId>,
    _body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let nothing = || Error::Internal("nothing was taken back".to_owned());
        Recorded::answer(&ledger::undo(tx, id.0)?, nothing)
    };
    key.create(&app.db, by.0, &id.0, run).await
}

/// Which movements.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Of this part.
    pub part_id: Option<PartId>,
    /// From or to this place.
    pub location_id: Option<LocationId>,
    /// For this ticket.
    pub ticket_id: Option<TicketId>,
    /// Recorded at once.
    pub batch_id: Option<MovementId>,
    /// On this line of an order.
    pub order_line_id: Option<OrderLineId>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// The ledger, the newest movement first.
#[utoipa::path(tag = "movements", params(Filter), responses((status = 200, body = Page<MovementView>)))]
#[get("/stock-movements")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Filter>,
) -> Result<web::Json<Page<MovementView>>, Error> {
    let Filter { part_id, location_id, ticket_id, batch_id, order_line_id, limit, after } = params.0;
    let limit = page::limit(limit)?;
    let after = page::cursor(after.as_deref())?;
    let filter = ledger::Filter { part_id, location_id, ticket_id, batch_id, order_line_id };
    let read = move |conn: &mut Conn| Ok::<_, Error>(ledger::views(conn, filter, after, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |row| row.movement.id.to_string())))
}
