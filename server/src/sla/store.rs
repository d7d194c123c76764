//! Policies, calendars, contracts and settings as rows. What comes with Fettle has no row until somebody changes it:
//! it is version 1, and what a row of the same id says holds instead.

use ::sla::{CalendarSpec, Table, defaults};
use db::schema::{sla_calendars, sla_contracts, sla_policies, sla_settings};
use db::types::{ContractId, CustomerId, Json, SiteId, UserId};
use db::{Conn, Entity, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::steps::{self, QuietHours, Step};
use crate::error::{Error, Problem};

/// There is one row of settings.
const SETTINGS: &str = "settings";

/// A table of policies.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = sla_policies)]
pub struct PolicyTable {
    /// A short name for addresses: `four-levels`.
    pub id: String,
    /// Counted up with every change; tickets name it.
    pub version: i64,
    /// Its rows, of which the first that fits holds, and which states stop the clock (docs/sla.md).
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Object)]
    pub body: Json<Table>,
}

/// When there is working time.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = sla_calendars)]
pub struct WorkCalendar {
    /// A short name for addresses: `china`.
    pub id: String,
    /// Counted up with every change; tickets name it.
    pub version: i64,
    /// Its hours are those of the site's clock, where that is known; else of the time zone in the body.
    pub in_site_zone: bool,
    /// Shifts, holidays, make-up workdays and the years that are known (docs/sla.md).
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Object)]
    pub body: Json<CalendarSpec>,
}

/// What a customer is entitled to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = sla_contracts, treat_none_as_null = true)]
pub struct Contract {
    /// Its id.
    pub id: ContractId,
    /// What people call it; unique. Rows of policies can ask for it.
    pub number: String,
    /// Whose.
    pub customer_id: CustomerId,
    /// For this site alone; `null`: for all of them.
    pub site_id: Option<SiteId>,
    /// For tickets that are opened from then on.
    pub valid_from: Timestamp,
    /// For tickets that are opened before; `null`: until further notice.
    pub valid_until: Option<Timestamp>,
    /// The table of policies.
    pub policy_id: String,
    /// The calendar; `null`: the one that holds without a contract.
    pub calendar_id: Option<String>,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// What holds without a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SlaSettings)]
pub struct Settings {
    /// The table of policies.
    pub policy_id: String,
    /// The calendar.
    pub calendar_id: String,
    /// What is done when so much of a promise is left.
    pub steps: Vec<Step>,
    /// When no messages are sent.
    pub quiet: Option<QuietHours>,
    /// Who is told when the engineer is not enough; everybody of the office if nobody is named.
    pub supervisors: Vec<UserId>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy_id: defaults::DEFAULT_TABLE.to_owned(),
            calendar_id: ROUND_THE_CLOCK.to_owned(),
            steps: steps::usual(),
            quiet: None,
            supervisors: Vec::new(),
        }
    }
}

/// The calendar of a new server.
pub const ROUND_THE_CLOCK: &str = "round-the-clock";

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = sla_settings)]
#[schema(as = SlaSettingsRow)]
pub struct SettingsRow {
    /// Always `settings`: there is one row.
    pub id: String,
    /// Counted up with every change.
    pub version: i64,
    /// They.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Settings)]
    pub body: Json<Settings>,
}

macro_rules! entity {
    ($row:ty, $table:literal) => {
        impl Entity for $row {
            const ENTITY: &'static str = $table;

            fn row_id(&self) -> String {
                self.id.to_string()
            }
        }
    };
}
entity!(PolicyTable, "sla_policies");
entity!(WorkCalendar, "sla_calendars");
entity!(Contract, "sla_contracts");
entity!(SettingsRow, "sla_settings");

/// The tables that come with Fettle.
pub fn shipped_policies() -> Vec<PolicyTable> {
    let row = |(id, _): &defaults::Shipped| {
        let body = Json(defaults::table(id)?.ok()?);
        Some(PolicyTable { id: (*id).to_owned(), version: 1, body })
    };
    defaults::TABLES.iter().filter_map(row).collect()
}

/// The calendars that come with Fettle.
pub fn shipped_calendars() -> Vec<WorkCalendar> {
    let row = |(id, _): &defaults::Shipped| {
        let body = Json(defaults::calendar(id)?.ok()?);
        Some(WorkCalendar { id: (*id).to_owned(), version: 1, in_site_zone: *id == ROUND_THE_CLOCK, body })
    };
    defaults::CALENDARS.iter().filter_map(row).collect()
}

/// All tables of policies by id, with those that come with Fettle.
///
/// # Errors
/// A failure of the database.
pub fn policies(conn: &mut Conn) -> Result<Vec<PolicyTable>, Error> {
    let stored: Vec<PolicyTable> = sla_policies::table.order(sla_policies::id).load(conn)?;
    let mut all = shipped_policies();
    all.retain(|shipped| stored.iter().all(|row| row.id != shipped.id));
    all.extend(stored);
    all.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(all)
}

/// All calendars by id, with those that come with Fettle.
///
/// # Errors
/// A failure of the database.
pub fn calendars(conn: &mut Conn) -> Result<Vec<WorkCalendar>, Error> {
    let stored: Vec<WorkCalendar> = sla_calendars::table.order(sla_calendars::id).load(conn)?;
    let mut all = shipped_calendars();
    all.retain(|shipped| stored.iter().all(|row| row.id != shipped.id));
    all.extend(stored);
    all.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(all)
}

/// A table of policies, if there is one of this id.
///
/// # Errors
/// A failure of the database.
pub fn find_policy(conn: &mut Conn, id: &str) -> Result<Option<PolicyTable>, Error> {
    let stored: Option<PolicyTable> = sla_policies::table.find(id).first(conn).optional()?;
    Ok(stored.or_else(|| shipped_policies().into_iter().find(|row| row.id == id)))
}

/// The table of policies of this id.
///
/// # Errors
/// 404.
pub fn policy(conn: &mut Conn, id: &str) -> Result<PolicyTable, Error> {
    find_policy(conn, id)?.ok_or_else(|| Problem::not_found("table of policies").into())
}

/// A calendar, if there is one of this id.
///
/// # Errors
/// A failure of the database.
pub fn find_calendar(conn: &mut Conn, id: &str) -> Result<Option<WorkCalendar>, Error> {
    let stored: Option<WorkCalendar> = sla_calendars::table.find(id).first(conn).optional()?;
    Ok(stored.or_else(|| shipped_calendars().into_iter().find(|row| row.id == id)))
}

/// The calendar of this id.
///
/// # Errors
/// 404.
pub fn calendar(conn: &mut Conn, id: &str) -> Result<WorkCalendar, Error> {
    find_calendar(conn, id)?.ok_or_else(|| Problem::not_found("calendar").into())
}

/// The contract of this id.
///
/// # Errors
/// 404.
pub fn contract(conn: &mut Conn, id: ContractId) -> Result<Contract, Error> {
    let found = sla_contracts::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("contract").into())
}

/// Whose number this is, if it is one.
///
/// # Errors
/// A failure of the database.
pub fn contract_of_number(conn: &mut Conn, number: &str) -> Result<Option<ContractId>, Error> {
    let of_number = sla_contracts::table.filter(sla_contracts::number.eq(number));
    Ok(of_number.select(sla_contracts::id).first(conn).optional()?)
}

/// All contracts, by number.
///
/// # Errors
/// A failure of the database.
pub fn contracts(conn: &mut Conn) -> Result<Vec<Contract>, Error> {
    Ok(sla_contracts::table.order(sla_contracts::number).load(conn)?)
}

/// What holds without a contract.
///
/// # Errors
/// A failure of the database.
pub fn settings(conn: &mut Conn) -> Result<SettingsRow, Error> {
    let stored: Option<SettingsRow> = sla_settings::table.find(SETTINGS).first(conn).optional()?;
    Ok(stored.unwrap_or_else(|| SettingsRow {
        id: SETTINGS.to_owned(),
        version: 1,
        body: Json(Settings::default()),
    }))
}

/// Writes a table of policies, as a new row or in place of the one of this id.
///
/// # Errors
/// A failure of the database.
pub fn put_policy(tx: &mut Tx<'_>, row: &PolicyTable) -> Result<(), Error> {
    let stored = row.clone();
    each_backend!(tx.conn(), |c| {
        use diesel::upsert::excluded;
        diesel::insert_into(sla_policies::table)
            .values(stored)
            .on_conflict(sla_policies::id)
            .do_update()
            .set((
                sla_policies::version.eq(excluded(sla_policies::version)),
                sla_policies::body.eq(excluded(sla_policies::body)),
            ))
            .execute(c)
    })?;
    Ok(tx.changed(row)?)
}

/// Writes a calendar, as a new row or in place of the one of this id.
///
/// # Errors
/// A failure of the database.
pub fn put_calendar(tx: &mut Tx<'_>, row: &WorkCalendar) -> Result<(), Error> {
    let stored = row.clone();
    each_backend!(tx.conn(), |c| {
        use diesel::upsert::excluded;
        diesel::insert_into(sla_calendars::table)
            .values(stored)
            .on_conflict(sla_calendars::id)
            .do_update()
            .set((
                sla_calendars::version.eq(excluded(sla_calendars::version)),
                sla_calendars::in_site_zone.eq(excluded(sla_calendars::in_site_zone)),
                sla_calendars::body.eq(excluded(sla_calendars::body)),
            ))
            .execute(c)
    })?;
    Ok(tx.changed(row)?)
}

/// Writes the settings.
///
/// # Errors
/// A failure of the database.
pub fn put_settings(tx: &mut Tx<'_>, settings: &Settings) -> Result<SettingsRow, Error> {
    let version = self::settings(tx.conn())?.version + 1;
    let row = SettingsRow { id: SETTINGS.to_owned(), version, body: Json(settings.clone()) };
    let stored = row.clone();
    each_backend!(tx.conn(), |c| {
        use diesel::upsert::excluded;
        diesel::insert_into(sla_settings::table)
            .values(stored)
            .on_conflict(sla_settings::id)
            .do_update()
            .set((
                sla_settings::version.eq(excluded(sla_settings::version)),
                sla_settings::body.eq(excluded(sla_settings::body)),
            ))
            .execute(c)
    })?;
    tx.changed(&row)?;
    Ok(row)
}

/// Adds a contract.
///
/// # Errors
/// A number that is taken, or a customer or site that there is not.
pub fn insert_contract(tx: &mut Tx<'_>, contract: &Contract) -> Result<(), Error> {
    diesel::insert_into(sla_contracts::table).values(contract.clone()).execute(tx.conn())?;
    Ok(tx.changed(contract)?)
}

/// Writes a contract back.
///
/// # Errors
/// A number that is taken, or a customer or site that there is not.
pub fn update_contract(tx: &mut Tx<'_>, contract: &Contract) -> Result<(), Error> {
    diesel::update(sla_contracts::table.find(contract.id)).set(contract.clone()).execute(tx.conn())?;
    Ok(tx.changed(contract)?)
}

/// Removes a contract.
///
/// # Errors
/// 404.
pub fn remove_contract(tx: &mut Tx<'_>, id: ContractId) -> Result<(), Error> {
    let contract = contract(tx.conn(), id)?;
    diesel::delete(sla_contracts::table.find(id)).execute(tx.conn())?;
    Ok(tx.removed(&contract)?)
}

/// Removes a table of policies; one that comes with Fettle is as it came then.
///
/// # Errors
/// 404.
pub fn remove_policy(tx: &mut Tx<'_>, id: &str) -> Result<(), Error> {
    let row = policy(tx.conn(), id)?;
    if diesel::delete(sla_policies::table.find(id)).execute(tx.conn())? == 1 {
        tx.removed(&row)?;
    }
    Ok(())
}

/// Removes a calendar; one that comes with Fettle is as it came then.
///
/// # Errors
/// 404.
pub fn remove_calendar(tx: &mut Tx<'_>, id: &str) -> Result<(), Error> {
    let row = calendar(tx.conn(), id)?;
    if diesel::delete(sla_calendars::table.find(id)).execute(tx.conn())? == 1 {
        tx.removed(&row)?;
    }
    Ok(())
}
