//! Customers over HTTP.

use actix_web::{HttpResponse, get, patch, post, web};
use db::types::{CustomerId, Id};
use db::{Conn, Timestamp, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Customer, store};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Params, Path, rows};

/// Which customers.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Words in number, name or e-mail address.
    pub q: Option<String>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// A customer to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    /// What people call it by; unique.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Its telephone.
    pub phone: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// How dear it is to us.
    pub level: Option<String>,
}

impl NewCustomer {
    fn row(&self, now: Timestamp) -> Customer {
        Customer {
            id: Id::new(),
            number: self.number.clone(),
            name: self.name.clone(),
            phone: self.phone.clone().unwrap_or_default(),
            email: self.email.clone().unwrap_or_default(),
            level: self.level.clone().unwrap_or_default(),
            created_at: now,
        }
    }
}

/// What of a customer can be changed; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerPatch {
    /// What people call it by.
    pub number: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its telephone.
    pub phone: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// How dear it is to us.
    pub level: Option<String>,
}

impl CustomerPatch {
    fn apply(&self, customer: &mut Customer) {
        let fields = [
            (&self.number, &mut customer.number),
            (&self.name, &mut customer.name),
            (&self.phone, &mut customer.phone),
            (&self.email, &mut customer.email),
            (&self.level, &mut customer.level),
        ];
        super::take_over(fields);
    }
}

/// Customers in order of number.
#[utoipa::path(tag = "customers", params(Filter), responses((status = 200, body = Page<Customer>)))]
#[get("/customers")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<Filter>,
) -> Result<web::Json<Page<Customer>>, Error> {
    let filter = params.0;
    let limit = page::limit(filter.limit)?;
    let (q, after) = (page::search(filter.q)?, page::text_cursor(filter.after)?);
    let read = move |conn: &mut Conn| store::customers(conn, q.as_deref(), after.as_deref(), limit + 1);
    Ok(web::Json(Page::cut(app.db.read(read).await?, limit, |customer| customer.number.clone())))
}

/// Add a customer.
#[utoipa::path(
    tag = "customers",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewCustomer,
    responses(
        (status = 201, body = Customer),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/customers")]
pub async fn create(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<NewCustomer>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let customer = new.row(app.db.clock().now());
    let mut checks = Checks::new();
    customer.check(&mut checks);
    checks.finish()?;
    let run = move |tx: &mut Tx<'_>| {
        store::insert_customer(tx, &customer)?;
        Created::new(format!("/api/v1/customers/{}", customer.id), &customer)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// One customer.
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path)),
    responses((status = 200, body = Customer), (status = 404, body = Problem)),
)]
#[get("/customers/{id}")]
pub async fn one(app: web::Data<App>, _by: By<OFFICE>, id: Path<CustomerId>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| store::customer(conn, id.0)).await
}

/// Change a customer.
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path), ("If-Match" = String, Header)),
    request_body = CustomerPatch,
    responses(
        (status = 200, body = Customer),
        (status = 409, body = Problem),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[patch("/customers/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<CustomerId>,
    if_match: IfMatch,
    body: Body<CustomerPatch>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let mut customer = store::customer(tx.conn(), id.0)?;
        body.0.apply(&mut customer);
        let mut checks = Checks::new();
        customer.check(&mut checks);
        checks.finish()?;
        store::update_customer(tx, &customer)?;
        Ok(customer)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}
