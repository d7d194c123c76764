//! Editing tables of policies, calendars and what holds without a contract. A change is checked by the crate `sla`,
//! which names the field; open tickets are counted anew after it ([`super::sweep`]).

use ::sla::fault::{Problem as Wrong, SpecFaults};
use ::sla::{Calendar, CalendarSpec, Table};
use actix_web::{HttpResponse, delete, get, post, put, web};
use db::types::Json;
use db::{Conn, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::kept::{CALENDARS, POLICIES};
use super::steps;
use super::store::{self, PolicyTable, Settings, SettingsRow, WorkCalendar};
use crate::app::App;
use crate::auth::{ADMIN, By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, IdempotencyKey, IfMatch, Path, rows};

/// People who are told.
const MOST_SUPERVISORS: usize = 100;

/// Adds what the crate found to the faults of a request, under the field that the body has in it.
fn found(checks: &mut Checks, faults: Result<(), SpecFaults>) {
    let Err(SpecFaults(faults)) = faults else { return };
    for fault in faults {
        let code = match fault.problem {
            Wrong::Empty
            | Wrong::WorkdayWithoutShifts
            | Wrong::NoWorkingTime
            | Wrong::PromisesNothing
            | Wrong::StopsNothing => "required",
            Wrong::TooLong(..) => "too_long",
            Wrong::TooMany(..) => "too_many",
            Wrong::OutOfRange(..) => "out_of_range",
            Wrong::UnknownZone => "unknown",
            Wrong::ShiftsOverlap | Wrong::ResponseAfterResolution => "out_of_order",
            Wrong::Twice | Wrong::NeverReached(_) => "duplicate",
            Wrong::YearNotKnown | Wrong::HolidayWithShifts => "invalid",
        };
        checks.fault(&format!("body.{}", fault.field), code, fault.problem.to_string());
    }
}

pub(super) fn check_table(body: &Table) -> Result<(), Error> {
    let mut checks = Checks::new();
    checks.name("body.name", &body.name, 200);
    for (nth, row) in body.rows.iter().enumerate().take(::sla::table::MOST_ROWS) {
        checks.name(&format!("body.rows[{nth}].name"), &row.name, 200);
        for (k, one) in row.internal.iter().enumerate().take(::sla::table::MOST_ROWS) {
            checks.name(&format!("body.rows[{nth}].internal[{k}].name"), &one.name, 200);
        }
    }
    if checks.faults().is_empty() {
        found(&mut checks, body.check());
    }
    checks.finish()
}

fn check_calendar(body: &CalendarSpec) -> Result<(), Error> {
    let mut checks = Checks::new();
    checks.text("body.name", &body.name, 200);
    if checks.faults().is_empty() {
        found(&mut checks, Calendar::compile(body).map(drop));
    }
    checks.finish()
}

/// A table of policies to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPolicyTable {
    /// A short name for addresses: lower-case letters, digits and hyphens.
    pub id: String,
    /// Its rows and pauses, as in docs/sla.md.
    #[schema(value_type = Object)]
    pub body: Table,
}

/// What a table of policies is to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyTableChange {
    /// Its rows and pauses, as in docs/sla.md.
    #[schema(value_type = Object)]
    pub body: Table,
}

/// A calendar to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkCalendar {
    /// A short name for addresses: lower-case letters, digits and hyphens.
    pub id: String,
    /// Its hours are those of the site's clock, where that is known.
    #[serde(default)]
    pub in_site_zone: bool,
    /// Shifts, holidays and years, as in docs/sla.md.
    #[schema(value_type = Object)]
    pub body: CalendarSpec,
}

/// What a calendar is to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkCalendarChange {
    /// Its hours are those of the site's clock, where that is known.
    #[serde(default)]
    pub in_site_zone: bool,
    /// Shifts, holidays and years, as in docs/sla.md.
    #[schema(value_type = Object)]
    pub body: CalendarSpec,
}

/// All tables of policies, by id: those that come with Fettle too.
#[utoipa::path(tag = "sla", responses((status = 200, body = Page<PolicyTable>)))]
#[get("/sla/policies")]
pub async fn list_policies(
    app: web::Data<App>,
    _by: By<OFFICE>,
) -> Result<web::Json<Page<PolicyTable>>, Error> {
    Ok(web::Json(Page::whole(app.db.read(store::policies).await?)))
}

/// One table of policies.
#[utoipa::path(
    tag = "sla",
    params(("id" = String, Path)),
    responses((status = 200, body = PolicyTable), (status = 404, body = Problem)),
)]
#[get("/sla/policies/{id}")]
pub async fn one_policy(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| store::policy(conn, &id.0)).await
}

/// Add a table of policies.
#[utoipa::path(
    tag = "sla",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewPolicyTable,
    responses((status = 201, body = PolicyTable), (status = 422, body = Problem)),
)]
#[post("/sla/policies")]
pub async fn add_policy(
    app: web::Data<App>,
    by: By<ADMIN>,
    key: IdempotencyKey,
    body: Body<NewPolicyTable>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    check_table(&new.body)?;
    let row = PolicyTable { id: new.id.clone(), version: 1, body: Json(new.body.clone()) };
    POLICIES.add((&app, by, key), &new, row).await
}

/// Change a table of policies. Open tickets are counted anew, from their opening, with all their pauses.
#[utoipa::path(
    tag = "sla",
    params(("id" = String, Path), ("If-Match" = String, Header)),
    request_body = PolicyTableChange,
    responses((status = 200, body = PolicyTable), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[put("/sla/policies/{id}")]
pub async fn put_policy(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<String>,
    if_match: IfMatch,
    body: Body<PolicyTableChange>,
) -> Result<HttpResponse, Error> {
    check_table(&body.0.body)?;
    let change = body.0;
    let run = move |tx: &mut Tx<'_>| {
        let present = store::policy(tx.conn(), &id.0)?;
        let body = Json(change.body.clone());
        let row = PolicyTable { id: present.id, version: present.version + 1, body };
        store::put_policy(tx, &row)?;
        Ok(row)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}

/// Remove a table of policies that no contract names. One that comes with Fettle is as it came again.
#[utoipa::path(
    tag = "sla",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
#[delete("/sla/policies/{id}")]
pub async fn remove_policy(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    POLICIES.remove(&app, &by, id.0).await
}

/// All calendars, by id: those that come with Fettle too.
#[utoipa::path(tag = "sla", responses((status = 200, body = Page<WorkCalendar>)))]
#[get("/sla/calendars")]
pub async fn list_calendars(
    app: web::Data<App>,
    _by: By<OFFICE>,
) -> Result<web::Json<Page<WorkCalendar>>, Error> {
    Ok(web::Json(Page::whole(app.db.read(store::calendars).await?)))
}

/// One calendar.
#[utoipa::path(
    tag = "sla",
    params(("id" = String, Path)),
    responses((status = 200, body = WorkCalendar), (status = 404, body = Problem)),
)]
#[get("/sla/calendars/{id}")]
pub async fn one_calendar(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| store::calendar(conn, &id.0)).await
}

/// Add a calendar.
#[utoipa::path(
    tag = "sla",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewWorkCalendar,
    responses((status = 201, body = WorkCalendar), (status = 422, body = Problem)),
)]
#[post("/sla/calendars")]
pub async fn add_calendar(
    app: web::Data<App>,
    by: By<ADMIN>,
    key: IdempotencyKey,
    body: Body<NewWorkCalendar>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    check_calendar(&new.body)?;
    let body = Json(new.body.clone());
    let row = WorkCalendar { id: new.id.clone(), version: 1, in_site_zone: new.in_site_zone, body };
    CALENDARS.add((&app, by, key), &new, row).await
}

/// Change a calendar. Open tickets are counted anew.
#[utoipa::path(
    tag = "sla",
    params(("id" = String, Path), ("If-Match" = String, Header)),
    request_body = WorkCalendarChange,
    responses((status = 200, body = WorkCalendar), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[put("/sla/calendars/{id}")]
pub async fn put_calendar(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<String>,
    if_match: IfMatch,
    body: Body<WorkCalendarChange>,
) -> Result<HttpResponse, Error> {
    check_calendar(&body.0.body)?;
    let change = body.0;
    let run = move |tx: &mut Tx<'_>| {
        let present = store::calendar(tx.conn(), &id.0)?;
        let (version, body) = (present.version + 1, Json(change.body.clone()));
        let row = WorkCalendar { id: present.id, version, in_site_zone: change.in_site_zone, body };
        store::put_calendar(tx, &row)?;
        Ok(row)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}

/// Remove a calendar that no contract names. One that comes with Fettle is as it came again.
#[utoipa::path(
    tag = "sla",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
#[delete("/sla/calendars/{id}")]
pub async fn remove_calendar(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    CALENDARS.remove(&app, &by, id.0).await
}

/// What holds without a contract.
#[utoipa::path(tag = "sla", responses((status = 200, body = SettingsRow)))]
#[get("/sla/settings")]
pub async fn show_settings(app: web::Data<App>, _by: By<OFFICE>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, store::settings).await
}

/// Change what holds without a contract. Open tickets are counted anew.
#[utoipa::path(
    tag = "sla",
    params(("If-Match" = String, Header)),
    request_body = Settings,
    responses((status = 200, body = SettingsRow), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[put("/sla/settings")]
pub async fn put_settings(
    app: web::Data<App>,
    by: By<ADMIN>,
    if_match: IfMatch,
    body: Body<Settings>,
) -> Result<HttpResponse, Error> {
    let settings = body.0;
    let mut checks = Checks::new();
    steps::check(&mut checks, &settings.steps, settings.quiet.as_ref());
    checks.require(settings.supervisors.len() <= MOST_SUPERVISORS, "supervisors", "too_many", "at most 100");
    checks.finish()?;
    let run = move |tx: &mut Tx<'_>| {
        check_names(tx.conn(), &settings.policy_id, Some(&settings.calendar_id))?;
        store::put_settings(tx, &settings)
    };
    rows::change::<SettingsRow, _>(&app.db, &by.0, if_match, run).await
}

/// Refuses a table or a calendar that there is not.
///
/// # Errors
/// Faults by field, or a failure of the database.
pub(super) fn check_names(conn: &mut Conn, policy: &str, calendar: Option<&str>) -> Result<(), Error> {
    let mut checks = Checks::new();
    let known = store::find_policy(conn, policy)?.is_some();
    checks.require(known, "policy_id", "unknown", "is no table of policies");
    if let Some(calendar) = calendar {
        let known = store::find_calendar(conn, calendar)?.is_some();
        checks.require(known, "calendar_id", "unknown", "is no calendar");
    }
    checks.finish()
}
