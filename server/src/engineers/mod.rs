//! Engineers: who they are, what they may do (certificates), when they work (shifts, absences), and how they look to
//! the console with position and work in hand.

pub mod calendar;
pub mod certificates;
pub mod roster;
pub mod routes;
pub mod store;
pub mod write;

use db::schema::{engineers, shifts, skill_certificates, stock_locations};
use db::types::{AbsenceId, CertificateId, EngineerId, LocationId, ShiftId};
use db::{Conn, Entity, Timestamp};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;
use crate::schedule::load;

/// Somebody who repairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = engineers)]
pub struct Engineer {
    /// His id.
    pub id: EngineerId,
    /// What people call him: `E-12`; unique.
    pub code: String,
    /// His name.
    pub name: String,
    /// His telephone.
    pub phone: String,
    /// Where his day begins; WGS-84 degrees.
    pub home_latitude: f64,
    /// WGS-84 degrees.
    pub home_longitude: f64,
    /// The most work in minutes that he may have in hand at once.
    pub max_load_minutes: i64,
    /// Whether he works here.
    pub active: bool,
    /// When he was added.
    pub created_at: Timestamp,
}

/// Proof of a skill at a level, for a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = skill_certificates, treat_none_as_null = true)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// Whose.
    pub engineer_id: EngineerId,
    /// Code of the skill.
    pub skill: String,
    /// 1 to 9.
    pub level: i32,
    /// As printed on it.
    pub number: String,
    /// First instant at which it holds.
    pub valid_from: Timestamp,
    /// Last instant at which it holds; none: for ever.
    pub valid_until: Option<Timestamp>,
}

/// When he works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = shifts)]
pub struct Shift {
    /// Its id.
    pub id: ShiftId,
    /// Whose.
    pub engineer_id: EngineerId,
    /// From.
    pub starts_at: Timestamp,
    /// Until just before.
    pub ends_at: Timestamp,
}

/// When he does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = db::schema::absences)]
pub struct Absence {
    /// Its id.
    pub id: AbsenceId,
    /// Whose.
    pub engineer_id: EngineerId,
    /// From.
    pub starts_at: Timestamp,
    /// Until just before.
    pub ends_at: Timestamp,
    /// Why: sick, leave, training.
    pub reason: String,
}

macro_rules! entity {
    ($row:ident, $table:literal) => {
        impl Entity for $row {
            const ENTITY: &'static str = $table;

            fn row_id(&self) -> String {
                self.id.to_string()
            }
        }
    };
}
entity!(Engineer, "engineers");
entity!(Certificate, "skill_certificates");
entity!(Shift, "shifts");
entity!(Absence, "absences");

/// Where somebody was, and when.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SeenAt {
    /// WGS-84 degrees.
    pub latitude: f64,
    /// WGS-84 degrees.
    pub longitude: f64,
    /// When.
    pub at: Timestamp,
}

/// From when until when.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Span {
    /// From.
    pub starts_at: Timestamp,
    /// Until just before.
    pub ends_at: Timestamp,
}

/// Work in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct InHand {
    /// Open tickets.
    pub tickets: u32,
    /// Their expected minutes.
    pub minutes: u32,
}

/// An engineer as the console shows him.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EngineerView {
    /// Himself.
    #[serde(flatten)]
    pub engineer: Engineer,
    /// All his certificates, ended ones too.
    pub certificates: Vec<Certificate>,
    /// Where he was last seen.
    pub position: Option<SeenAt>,
    /// Work in hand.
    pub in_hand: InHand,
    /// Whether he is on shift now and not absent.
    pub on_shift: bool,
    /// The shift that he is in, or the next one.
    pub shift: Option<Span>,
    /// His van.
    pub van_id: Option<LocationId>,
}

/// Completes engineers with what the console shows of them.
///
/// # Errors
/// A failure of the database.
pub fn view(conn: &mut Conn, found: Vec<Engineer>, now: Timestamp) -> Result<Vec<EngineerView>, Error> {
    use db::schema::{absences, positions};
    let ids: Vec<EngineerId> = found.iter().map(|e| e.id).collect();
    let certificates: Vec<Certificate> = skill_certificates::table
        .filter(skill_certificates::engineer_id.eq_any(ids.clone()))
        .order((skill_certificates::skill, skill_certificates::valid_from, skill_certificates::id))
        .load(conn)?;
    let shifts: Vec<Shift> = shifts::table
        .filter(shifts::engineer_id.eq_any(ids.clone()))
        .filter(shifts::ends_at.gt(now))
        .order((shifts::starts_at, shifts::id))
        .load(conn)?;
    let absent: Vec<EngineerId> = absences::table
        .filter(absences::engineer_id.eq_any(ids.clone()))
        .filter(absences::starts_at.le(now))
        .filter(absences::ends_at.gt(now))
        .select(absences::engineer_id)
        .load(conn)?;
    let positions: Vec<(EngineerId, f64, f64, Timestamp)> = positions::table
        .filter(positions::engineer_id.eq_any(ids.clone()))
        .select((positions::engineer_id, positions::latitude, positions::longitude, positions::at))
        .load(conn)?;
    let vans: Vec<(Option<EngineerId>, LocationId)> = stock_locations::table
        .filter(stock_locations::engineer_id.eq_any(ids.clone()))
        .select((stock_locations::engineer_id, stock_locations::id))
        .load(conn)?;
    let loads = load::of(conn, &ids)?;
    let complete = |engineer: Engineer| {
        let id = engineer.id;
        let shift = shifts.iter().find(|s| s.engineer_id == id);
        let load = loads.get(&id.uuid()).copied().unwrap_or_default();
        let seen = positions.iter().find(|(e, ..)| *e == id);
        EngineerView {
            certificates: certificates.iter().filter(|c| c.engineer_id == id).cloned().collect(),
            position: seen.map(|(_, latitude, longitude, at)| SeenAt {
                latitude: *latitude,
                longitude: *longitude,
                at: *at,
            }),
            in_hand: InHand { tickets: load.tickets, minutes: load.minutes },
            on_shift: shift.is_some_and(|s| s.starts_at <= now) && !absent.contains(&id),
            shift: shift.map(|s| Span { starts_at: s.starts_at, ends_at: s.ends_at }),
            van_id: vans.iter().find(|(e, _)| *e == Some(id)).map(|(_, van)| *van),
            engineer,
        }
    };
    Ok(found.into_iter().map(complete).collect())
}

/// Everybody who works here.
///
/// # Errors
/// A failure of the database.
pub fn all_active(conn: &mut Conn, now: Timestamp) -> Result<Vec<EngineerView>, Error> {
    let found = engineers::table.filter(engineers::active.eq(true)).order(engineers::code).load(conn)?;
    view(conn, found, now)
}
