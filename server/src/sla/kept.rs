//! Adding and removing what is known by a short name: tables of policies and calendars are alike in that. What comes
//! with Fettle has no row until somebody changes it, and cannot be lost.

use actix_web::HttpResponse;
use db::{Conn, Entity, Tx};
use serde::Serialize;

use super::store::{self, Contract, PolicyTable, Settings, WorkCalendar};
use crate::app::App;
use crate::auth::{ADMIN, By};
use crate::error::{Error, Problem};
use crate::http::{Checks, Created, IdempotencyKey, rows};

/// Longest short name.
const LONGEST_ID: usize = 50;

/// Where rows of a kind are kept, and who names them.
pub struct Kept<R: 'static> {
    address: &'static str,
    find: fn(&mut Conn, &str) -> Result<Option<R>, Error>,
    put: fn(&mut Tx<'_>, &R) -> Result<(), Error>,
    remove: fn(&mut Tx<'_>, &str) -> Result<(), Error>,
    shipped: fn() -> Vec<R>,
    /// Whether the settings name it; or, if one is given, this contract.
    names: fn(&str, &Settings, Option<&Contract>) -> bool,
}

/// Tables of policies.
pub static POLICIES: Kept<PolicyTable> = Kept {
    address: "/api/v1/sla/policies",
    find: store::find_policy,
    put: store::put_policy,
    remove: store::remove_policy,
    shipped: store::shipped_policies,
    names: |id, settings, contract| contract.map_or(&settings.policy_id, |one| &one.policy_id) == id,
};

/// Calendars.
pub static CALENDARS: Kept<WorkCalendar> = Kept {
    address: "/api/v1/sla/calendars",
    find: store::find_calendar,
    put: store::put_calendar,
    remove: store::remove_calendar,
    shipped: store::shipped_calendars,
    names: |id, settings, contract| match contract {
        Some(contract) => contract.calendar_id.as_deref() == Some(id),
        None => settings.calendar_id == id,
    },
};

impl<R: Entity + Serialize + Send + Sync + 'static> Kept<R> {
    /// Adds a row under a short name that nobody has; checked but for that.
    ///
    /// # Errors
    /// 422 by field.
    pub async fn add<B: Serialize>(
        &'static self,
        (app, by, key): (&App, By<ADMIN>, IdempotencyKey),
        new: &B,
        row: R,
    ) -> Result<HttpResponse, Error> {
        let mut checks = Checks::new();
        check_id(&mut checks, &row.row_id());
        checks.finish()?;
        let run = move |tx: &mut Tx<'_>| {
            let id = row.row_id();
            if (self.find)(tx.conn(), &id)?.is_some() {
                return Err(Problem::invalid_field("id", "duplicate", "is taken").into());
            }
            (self.put)(tx, &row)?;
            Created::new(format!("{}/{id}", self.address), &row)
        };
        key.create(&app.db, by.0, new, run).await
    }

    /// Removes a row that nobody names; one that comes with Fettle is as it came then, and may be named.
    ///
    /// # Errors
    /// 404; 409 where it is named.
    pub async fn remove(&'static self, app: &App, by: &By<ADMIN>, id: String) -> Result<HttpResponse, Error> {
        let run = move |tx: &mut Tx<'_>| {
            let shipped = (self.shipped)().iter().any(|known| known.row_id() == id);
            if !shipped && self.is_named(tx.conn(), &id)? {
                let detail = "A contract names it, or it holds for everybody without one.";
                return Err(Problem::conflict("sla_in_use", detail).into());
            }
            (self.remove)(tx, &id)
        };
        rows::remove(&app.db, &by.0, run).await
    }

    fn is_named(&self, conn: &mut Conn, id: &str) -> Result<bool, Error> {
        let settings = store::settings(conn)?.body.0;
        let mut contracts = store::contracts(conn)?.into_iter();
        let by_contract = contracts.any(|contract| (self.names)(id, &settings, Some(&contract)));
        Ok(by_contract || (self.names)(id, &settings, None))
    }
}

fn check_id(checks: &mut Checks, id: &str) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    checks.name("id", id, LONGEST_ID);
    checks.require(
        id.chars().all(plain),
        "id",
        "invalid",
        "has lower-case letters, digits and hyphens alone",
    );
}
