//! Contracts: by which policy and calendar a customer's tickets are due, from when until when.

use actix_web::{HttpResponse, delete, get, post, put, web};
use db::schema::{customers, sites};
use db::types::{ContractId, CustomerId, Id, SiteId};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::edit::check_names;
use super::store::{self, Contract};
use crate::app::App;
use crate::auth::{ADMIN, By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Path, rows};

/// A contract as it is to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContract {
    /// What people call it; unique.
    pub number: String,
    /// Whose.
    pub customer_id: CustomerId,
    /// For this site alone; all of them if absent.
    pub site_id: Option<SiteId>,
    /// For tickets that are opened from then on.
    pub valid_from: Timestamp,
    /// For tickets that are opened before; until further notice if absent.
    pub valid_until: Option<Timestamp>,
    /// The table of policies.
    pub policy_id: String,
    /// The calendar; the one that holds without a contract if absent.
    pub calendar_id: Option<String>,
}

impl NewContract {
    fn row(&self, id: ContractId, created_at: Timestamp) -> Contract {
        Contract {
            id,
            number: self.number.clone(),
            customer_id: self.customer_id,
            site_id: self.site_id,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            policy_id: self.policy_id.clone(),
            calendar_id: self.calendar_id.clone(),
            created_at,
        }
    }

    fn check(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        checks.name("number", &self.number, 50).instant("valid_from", self.valid_from);
        if let Some(until) = self.valid_until {
            checks.instant("valid_until", until);
            let later = until > self.valid_from;
            checks.require(later, "valid_until", "out_of_order", "must be after valid_from");
        }
        checks.finish()
    }

    /// Against what there is: the customer, his site, table and calendar, and nobody else's number.
    fn check_known(&self, conn: &mut Conn, own: Option<ContractId>) -> Result<(), Error> {
        check_names(conn, &self.policy_id, self.calendar_id.as_deref())?;
        let mut checks = Checks::new();
        let customer: i64 =
            customers::table.filter(customers::id.eq(self.customer_id)).count().get_result(conn)?;
        checks.require(customer > 0, "customer_id", "unknown", "is no known customer");
        if let Some(site) = self.site_id {
            let his = sites::table.filter(sites::id.eq(site)).filter(sites::customer_id.eq(self.customer_id));
            let known: i64 = his.count().get_result(conn)?;
            checks.require(known > 0, "site_id", "unknown", "is no site of this customer");
        }
        let taken = store::contract_of_number(conn, &self.number)?.is_some_and(|id| Some(id) != own);
        checks.require(!taken, "number", "duplicate", "is taken");
        checks.finish()
    }
}

/// All contracts, by number.
#[utoipa::path(tag = "sla", responses((status = 200, body = Page<Contract>)))]
#[get("/sla/contracts")]
pub async fn list(app: web::Data<App>, _by: By<OFFICE>) -> Result<web::Json<Page<Contract>>, Error> {
    Ok(web::Json(Page::whole(app.db.read(store::contracts).await?)))
}

/// One contract.
#[utoipa::path(
    tag = "sla",
    params(("id" = ContractId, Path)),
    responses((status = 200, body = Contract), (status = 404, body = Problem)),
)]
#[get("/sla/contracts/{id}")]
pub async fn one(app: web::Data<App>, _by: By<OFFICE>, id: Path<ContractId>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| store::contract(conn, id.0)).await
}

/// Add a contract. The customer's open tickets that were opened while it holds are counted anew.
#[utoipa::path(
    tag = "sla",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewContract,
    responses((status = 201, body = Contract), (status = 422, body = Problem)),
)]
#[post("/sla/contracts")]
pub async fn add(
    app: web::Data<App>,
    by: By<ADMIN>,
    key: IdempotencyKey,
    body: Body<NewContract>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.check()?;
    let contract = new.row(Id::new(), app.db.clock().now());
    let wanted = new.clone();
    let run = move |tx: &mut Tx<'_>| {
        wanted.check_known(tx.conn(), None)?;
        store::insert_contract(tx, &contract)?;
        Created::new(format!("/api/v1/sla/contracts/{}", contract.id), &contract)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// Change a contract. Open tickets are counted anew.
#[utoipa::path(
    tag = "sla",
    params(("id" = ContractId, Path), ("If-Match" = String, Header)),
    request_body = NewContract,
    responses((status = 200, body = Contract), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[put("/sla/contracts/{id}")]
pub async fn put(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<ContractId>,
    if_match: IfMatch,
    body: Body<NewContract>,
) -> Result<HttpResponse, Error> {
    let wanted = body.0;
    wanted.check()?;
    let run = move |tx: &mut Tx<'_>| {
        let present = store::contract(tx.conn(), id.0)?;
        wanted.check_known(tx.conn(), Some(present.id))?;
        let contract = wanted.row(present.id, present.created_at);
        store::update_contract(tx, &contract)?;
        Ok(contract)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}

/// Remove a contract. The customer's open tickets are due by what holds without one.
#[utoipa::path(
    tag = "sla",
    params(("id" = ContractId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/sla/contracts/{id}")]
pub async fn remove(app: web::Data<App>, by: By<ADMIN>, id: Path<ContractId>) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| store::remove_contract(tx, id.0)).await
}
