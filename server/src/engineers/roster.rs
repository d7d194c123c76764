//! Engineers as dispatch sees them: put together from five tables.

use std::collections::HashMap;

use db::schema::{absences, engineers, repair_times, shifts, skill_certificates};
use db::types::EngineerId;
use db::{Conn, Timestamp};
use diesel::prelude::*;
use dispatch::{FaultSpeed, Interval, Point};

use super::{Absence, Certificate, Engineer, Shift};
use crate::error::Error;

/// Loads these engineers, or all. Shifts and absences that are over are left out: nobody can be sent into them.
///
/// # Errors
/// A failure of the database.
pub fn load(
    conn: &mut Conn,
    only: Option<&[EngineerId]>,
    now: Timestamp,
) -> Result<Vec<dispatch::Engineer>, Error> {
    let found: Vec<Engineer> = match only {
        Some(ids) => engineers::table.filter(engineers::id.eq_any(ids.to_vec())).load(conn)?,
        None => engineers::table.load(conn)?,
    };
    let ids: Vec<EngineerId> = found.iter().map(|e| e.id).collect();
    let mut details = Details::default();
    // Some thousand ids at once: databases bound the parameters of a statement.
    for ids in ids.chunks(1_000) {
        details.add(conn, ids, now)?;
    }
    Ok(found.into_iter().map(|engineer| details.complete(engineer)).collect())
}

#[derive(Default)]
struct Details {
    certificates: HashMap<EngineerId, Vec<dispatch::Certificate>>,
    shifts: HashMap<EngineerId, Vec<Interval>>,
    absences: HashMap<EngineerId, Vec<Interval>>,
    speeds: HashMap<EngineerId, Vec<FaultSpeed>>,
}

fn interval(starts_at: Timestamp, ends_at: Timestamp) -> Interval {
    Interval { starts_at: starts_at.millis(), ends_at: ends_at.millis() }
}

impl Details {
    fn add(&mut self, conn: &mut Conn, ids: &[EngineerId], now: Timestamp) -> Result<(), Error> {
        let certificates: Vec<Certificate> = skill_certificates::table
            .filter(skill_certificates::engineer_id.eq_any(ids.to_vec()))
            .load(conn)?;
        for c in certificates {
            self.certificates.entry(c.engineer_id).or_default().push(dispatch::Certificate {
                skill: c.skill,
                level: u8::try_from(c.level).unwrap_or(0),
                number: c.number,
                valid_from: c.valid_from.millis(),
                valid_until: c.valid_until.map(Timestamp::millis),
            });
        }
        let shifts: Vec<Shift> = shifts::table
            .filter(shifts::engineer_id.eq_any(ids.to_vec()))
            .filter(shifts::ends_at.gt(now))
            .load(conn)?;
        for s in shifts {
            self.shifts.entry(s.engineer_id).or_default().push(interval(s.starts_at, s.ends_at));
        }
        let absences: Vec<Absence> = absences::table
            .filter(absences::engineer_id.eq_any(ids.to_vec()))
            .filter(absences::ends_at.gt(now))
            .load(conn)?;
        for a in absences {
            self.absences.entry(a.engineer_id).or_default().push(interval(a.starts_at, a.ends_at));
        }
        let speeds: Vec<(EngineerId, String, i64, i64, i64)> =
            repair_times::table.filter(repair_times::engineer_id.eq_any(ids.to_vec())).load(conn)?;
        for (engineer, fault, repairs, minutes, expected) in speeds {
            let ratio = if expected > 0 { minutes as f64 / expected as f64 } else { 1.0 };
            let count = u32::try_from(repairs).unwrap_or(u32::MAX);
            self.speeds.entry(engineer).or_default().push(FaultSpeed { fault, count, ratio });
        }
        Ok(())
    }

    fn complete(&mut self, engineer: Engineer) -> dispatch::Engineer {
        let id = engineer.id;
        dispatch::Engineer {
            id: id.uuid(),
            code: engineer.code,
            name: engineer.name,
            active: engineer.active,
            home: Point { latitude: engineer.home_latitude, longitude: engineer.home_longitude },
            position: None,
            shifts: self.shifts.remove(&id).unwrap_or_default(),
            absences: self.absences.remove(&id).unwrap_or_default(),
            certificates: self.certificates.remove(&id).unwrap_or_default(),
            max_load_minutes: u32::try_from(engineer.max_load_minutes).unwrap_or(u32::MAX),
            speeds: self.speeds.remove(&id).unwrap_or_default(),
            territory: None,
            skill_group: None,
        }
    }
}
