//! The ledger over HTTP: goods in, transfers, counts.

use actix_web::{HttpResponse, get, post, web};
use db::types::{LocationId, MovementId, PartId, TicketId};
use db::{Conn, Tx};
use inventory::ledger::{Receipt, Transfer};
use inventory::pieces::LONGEST_NUMBER;
use inventory::{Cost, MAX_QUANTITY, MovementKind, StockMovement, Tracking, ledger};
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
    /// Of which lot, of parts that are followed by lot.
    pub lot: Option<String>,
    /// What a unit cost; of a `receive` only.
    pub cost: Option<Cost>,
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
            (MovementKind::Adjust, _) if part.tracking == Tracking::Serial => {
                Ok(ledger::found(tx, part_id, to, serials, note)?)
            }
            (MovementKind::Adjust, _) => {
                Ok(ledger::adjust(tx, part_id, to, quantity, note)?.movement.into_iter().collect())
            }
            _ => {
                let cost = self.cost.clone();
                Ok(ledger::take_in(tx, &Receipt { part_id, to, quantity, serials, lot, cost, note })?)
            }
        }
    }
}

/// Record goods in, a transfer, or a count. Free stock only is transferred; a count is believed. Parts that are
/// followed one by one make a movement for each piece, of which the first is the answer.
#[utoipa::path(
    tag = "movements",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewMovement,
    responses(
        (status = 201, body = StockMovement),
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
        let movements = for_tx.record(tx)?;
        let right = || Problem::conflict("no_difference", "The books say so already.");
        let movement = movements.first().ok_or_else(right)?;
        Created::new(format!("/api/v1/stock-movements?part_id={}", movement.part_id), movement)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// Take a movement back that was made by hand: another one moves the stock back.
#[utoipa::path(
    tag = "movements",
    params(("id" = MovementId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses(
        (status = 201, body = StockMovement),
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
        let movement = ledger::undo(tx, id.0)?;
        Created::new(format!("/api/v1/stock-movements?part_id={}", movement.part_id), &movement)
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
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// The ledger, the newest movement first.
#[utoipa::path(tag = "movements", params(Filter), responses((status = 200, body = Page<StockMovement>)))]
#[get("/stock-movements")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Filter>,
) -> Result<web::Json<Page<StockMovement>>, Error> {
    let Filter { part_id, location_id, ticket_id, limit, after } = params.0;
    let limit = page::limit(limit)?;
    let after = page::cursor(after.as_deref())?;
    let filter = ledger::Filter { part_id, location_id, ticket_id };
    let read = move |conn: &mut Conn| Ok::<_, Error>(ledger::movements(conn, filter, after, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |movement| movement.id.to_string())))
}
