//! Adding and changing engineers.

use db::types::EngineerId;
use db::types::Id;
use db::{Timestamp, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Engineer, store};
use crate::error::{Error, Problem};
use crate::http::Checks;
use crate::http::checks::ServiceArea;
use crate::schedule::load;

/// Work that an engineer may have in hand if nothing else is said: a day of eight hours.
pub const USUAL_LOAD: i64 = 8 * 60;
/// Most work that may be allowed: four weeks.
pub const MOST_LOAD: i64 = 28 * 24 * 60;

/// An engineer to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEngineer {
    /// What people call him: `E-12`; unique.
    pub code: String,
    /// His name.
    pub name: String,
    /// His telephone.
    pub phone: Option<String>,
    /// Where his day begins; WGS-84 degrees.
    pub home_latitude: f64,
    /// WGS-84 degrees.
    pub home_longitude: f64,
    /// The most work in minutes that he may have in hand at once; 480 if absent.
    pub max_load_minutes: Option<i64>,
}

impl NewEngineer {
    /// The row that he becomes.
    pub fn row(&self, now: Timestamp) -> Engineer {
        Engineer {
            id: Id::new(),
            code: self.code.clone(),
            name: self.name.clone(),
            phone: self.phone.clone().unwrap_or_default(),
            home_latitude: self.home_latitude,
            home_longitude: self.home_longitude,
            max_load_minutes: self.max_load_minutes.unwrap_or(USUAL_LOAD),
            active: true,
            created_at: now,
        }
    }
}

/// What of an engineer can be changed; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineerPatch {
    /// What people call him.
    pub code: Option<String>,
    /// His name.
    pub name: Option<String>,
    /// His telephone; empty for none.
    pub phone: Option<String>,
    /// Where his day begins.
    pub home_latitude: Option<f64>,
    /// Where his day begins.
    pub home_longitude: Option<f64>,
    /// The most work in minutes that he may have in hand at once.
    pub max_load_minutes: Option<i64>,
    /// Whether he works here: who does not is sent nowhere.
    pub active: Option<bool>,
}

/// Notes what is wrong with an engineer as he would be.
pub fn check(checks: &mut Checks, engineer: &Engineer, area: &ServiceArea) {
    checks
        .name("code", &engineer.code, 50)
        .name("name", &engineer.name, 200)
        .text("phone", &engineer.phone, 50)
        .place(("home_latitude", "home_longitude"), engineer.home_latitude, engineer.home_longitude, area)
        .within("max_load_minutes", engineer.max_load_minutes, 1, MOST_LOAD);
}

/// Refuses to let somebody go who still has work: first somebody else has to take it.
fn check_hands_are_empty(tx: &mut Tx<'_>, id: EngineerId) -> Result<(), Error> {
    let load = load::of(tx.conn(), &[id])?.remove(&id.uuid()).unwrap_or_default();
    if load.tickets == 0 {
        return Ok(());
    }
    let detail = format!("He has {} tickets in hand; give them to somebody else first.", load.tickets);
    Err(Problem::conflict("has_open_tickets", detail).into())
}

/// Changes an engineer.
///
/// # Errors
/// 404, faults by field, a taken code.
pub fn patch(
    tx: &mut Tx<'_>,
    id: EngineerId,
    patch: &EngineerPatch,
    area: &ServiceArea,
) -> Result<Engineer, Error> {
    let mut engineer = store::get(tx.conn(), id)?;
    engineer.code = patch.code.clone().unwrap_or(engineer.code);
    engineer.name = patch.name.clone().unwrap_or(engineer.name);
    engineer.phone = patch.phone.clone().unwrap_or(engineer.phone);
    engineer.home_latitude = patch.home_latitude.unwrap_or(engineer.home_latitude);
    engineer.home_longitude = patch.home_longitude.unwrap_or(engineer.home_longitude);
    engineer.max_load_minutes = patch.max_load_minutes.unwrap_or(engineer.max_load_minutes);
    let was_active = engineer.active;
    engineer.active = patch.active.unwrap_or(engineer.active);
    if was_active && !engineer.active {
        check_hands_are_empty(tx, id)?;
    }
    let mut checks = Checks::new();
    check(&mut checks, &engineer, area);
    checks.finish()?;
    store::update(tx, &engineer)?;
    Ok(engineer)
}
