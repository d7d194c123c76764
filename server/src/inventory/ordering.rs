//! New purchase orders over HTTP: by hand, or out of the purchase list.

use actix_web::{HttpResponse, post, web};
use db::Tx;
use db::types::{PartId, SupplierId};
use inventory::orders::{self, MOST_LINES, NewLine, NewOrder, OrderView, PurchaseOrder};
use inventory::replenishment::{self, Choice, Policy, Selection};
use inventory::{MAX_QUANTITY, catalogue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::orders::{LONGEST_NOTE, view};
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::{Body, Checks, Created, IdempotencyKey};

/// Longest name of a supplier.
const LONGEST_NAME: usize = 200;

/// An order to be made by hand.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPurchaseOrder {
    /// To whom.
    pub supplier_id: Option<SupplierId>,
    /// Or by name, if nothing was ever bought there.
    pub supplier_name: Option<String>,
    /// ISO 4217; if absent, what the supplier asks in.
    pub currency: Option<String>,
    /// The day on which it is expected, `YYYY-MM-DD`, today or later; if absent, after the longest lead time of its
    /// lines.
    #[schema(format = Date)]
    pub expected_on: Option<String>,
    /// What somebody wanted to add.
    #[serde(default)]
    pub note: String,
    /// A part and place each.
    pub lines: Vec<NewLine>,
}

impl NewPurchaseOrder {
    fn check(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        let named = self.supplier_id.is_some() != self.supplier_name.is_some();
        checks.require(named, "supplier_id", "required", "or supplier_name is needed, and not both");
        if let Some(name) = &self.supplier_name {
            checks.name("supplier_name", name, LONGEST_NAME);
        }
        checks.text("note", &self.note, LONGEST_NOTE);
        let few = (1..=MOST_LINES).contains(&self.lines.len());
        checks.require(few, "lines", "out_of_range", "must be 1 to 500");
        for (n, line) in self.lines.iter().enumerate().take(MOST_LINES) {
            checks.within(&format!("lines[{n}].quantity"), line.quantity, 1, MAX_QUANTITY);
            if let Some(number) = &line.supplier_part_number {
                checks.text(&format!("lines[{n}].supplier_part_number"), number, LONGEST_NAME);
            }
        }
        checks.finish()
    }

    fn place(&self, tx: &mut Tx<'_>) -> Result<PurchaseOrder, Error> {
        let mut checks = Checks::new();
        for (n, line) in self.lines.iter().enumerate() {
            if is_missing(inventory::parts::get(tx.conn(), line.part_id))? {
                checks.fault(&format!("lines[{n}].part_id"), "unknown", "is no known part");
            }
            if is_missing(inventory::locations::get(tx.conn(), line.location_id))? {
                checks.fault(&format!("lines[{n}].location_id"), "unknown", "is no known place");
            }
        }
        checks.finish()?;
        let supplier_id = match (self.supplier_id, &self.supplier_name) {
            (Some(id), _) => id,
            (None, name) => catalogue::supplier(tx, name.as_deref().unwrap_or_default().trim())?,
        };
        let new = NewOrder {
            supplier_id,
            currency: self.currency.clone(),
            expected_on: self.expected_on.clone(),
            note: self.note.clone(),
            lines: self.lines.clone(),
        };
        Ok(orders::place(tx, &new)?.0)
    }
}

fn is_missing<T>(found: Result<T, inventory::Error>) -> Result<bool, Error> {
    match found {
        Err(inventory::Error::NotFound { .. }) => Ok(true),
        found => Ok(found.map(|_| false)?),
    }
}

/// Order something by hand. Of what the supplier sells in packs, whole packs are ordered.
#[utoipa::path(
    tag = "orders",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewPurchaseOrder,
    responses((status = 201, body = OrderView), (status = 422, body = Problem)),
)]
#[post("/purchase-orders")]
pub async fn create(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    body: Body<NewPurchaseOrder>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.check()?;
    let for_tx = new.clone();
    let run = move |tx: &mut Tx<'_>| {
        let order = for_tx.place(tx)?;
        let view = view(tx, order.id)?;
        Created::showing(format!("/api/v1/purchase-orders/{}", order.id), &order, &view)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// A line of the purchase list that is to be ordered.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenLine {
    /// Which part.
    pub part_id: PartId,
    /// How much; what the list says if absent. Whole packs are ordered.
    pub quantity: Option<i64>,
}

/// What is to be ordered of the purchase list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderFromList {
    /// Which lines.
    pub lines: Vec<ChosenLine>,
    /// From whom what nobody is known to sell.
    pub supplier_name: Option<String>,
    /// The day on which it is expected, `YYYY-MM-DD`; if absent, after the longest lead time of each order's lines.
    #[schema(format = Date)]
    pub expected_on: Option<String>,
    /// What somebody wanted to add.
    #[serde(default)]
    pub note: String,
}

impl OrderFromList {
    fn check(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        let few = (1..=MOST_LINES).contains(&self.lines.len());
        checks.require(few, "lines", "out_of_range", "must be 1 to 500");
        checks.text("note", &self.note, LONGEST_NOTE);
        if let Some(name) = &self.supplier_name {
            checks.name("supplier_name", name, LONGEST_NAME);
        }
        for (n, line) in self.lines.iter().enumerate().take(MOST_LINES) {
            let quantity = line.quantity.unwrap_or(1);
            checks.within(&format!("lines[{n}].quantity"), quantity, 1, MAX_QUANTITY);
            let again = self.lines[..n].iter().any(|other| other.part_id == line.part_id);
            checks.require(!again, &format!("lines[{n}].part_id"), "duplicate", "is named twice");
        }
        checks.finish()
    }

    fn order(&self, tx: &mut Tx<'_>) -> Result<Created, Error> {
        let name = self.supplier_name.as_deref();
        let otherwise = name.map(|name| catalogue::supplier(tx, name.trim())).transpose()?;
        let selection = Selection {
            lines: self.lines.iter().map(|l| Choice { part_id: l.part_id, quantity: l.quantity }).collect(),
            otherwise,
            expected_on: self.expected_on.clone(),
            note: self.note.clone(),
        };
        let now = tx.now();
        let made = replenishment::order(tx, now, Policy::default(), &selection)?;
        let orders = made.iter().map(|order| view(tx, order.id)).collect::<Result<Vec<_>, _>>()?;
        let first = made.first().ok_or_else(|| Error::Internal("nothing was ordered".to_owned()))?;
        Created::showing("/api/v1/purchase-orders".to_owned(), first, &Ordered { orders })
    }
}

/// The orders that were made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ordered {
    /// One for each supplier and currency.
    pub orders: Vec<OrderView>,
}

/// Order lines of the purchase list, each from the supplier that it names and for the places that lack it: one order
/// for each supplier. What is not lacking any more, because somebody has ordered it, is refused (`not_lacking`).
#[utoipa::path(
    tag = "orders",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = OrderFromList,
    responses(
        (status = 201, body = Ordered),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/purchase-list/orders")]
pub async fn from_list(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    body: Body<OrderFromList>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.check()?;
    let for_tx = new.clone();
    let run = move |tx: &mut Tx<'_>| for_tx.order(tx);
    key.create(&app.db, by.0, &new, run).await
}
