//! The engineers' SQL. Every write ends with `tx.changed` or `tx.removed`.

use db::schema::{absences, engineers, shifts, skill_certificates};
use db::types::{AbsenceId, CertificateId, EngineerId, ShiftId};
use db::{Conn, Tx};
use diesel::prelude::*;

use super::{Absence, Certificate, Engineer, Shift};
use crate::error::{Error, Problem};
use crate::schedule::load;
use crate::tickets::query::{contains, sql_lower};

/// The engineer of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: EngineerId) -> Result<Engineer, Error> {
    let found = engineers::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("engineer").into())
}

/// Refuses an engineer who does not exist, as a fault of the field that names him.
///
/// # Errors
/// 422.
pub fn check_known(conn: &mut Conn, id: EngineerId) -> Result<(), Error> {
    let found: Option<EngineerId> = engineers::table.find(id).select(engineers::id).first(conn).optional()?;
    let unknown = || Problem::invalid_field("engineer_id", "unknown", "is no known engineer").into();
    found.map(drop).ok_or_else(unknown)
}

/// Engineers in order of code, after the code `after`; `q` is looked for in code, name and telephone.
///
/// # Errors
/// A failure of the database.
pub fn list(
    conn: &mut Conn,
    q: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Engineer>, Error> {
    let mut query = engineers::table.order(engineers::code).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(engineers::code.gt(after.to_owned()));
    }
    if let Some(q) = q {
        let pattern = contains(q);
        query = query.filter(
            sql_lower(engineers::code)
                .like(pattern.clone())
                .escape('\\')
                .or(sql_lower(engineers::name).like(pattern.clone()).escape('\\'))
                .or(engineers::phone.like(pattern).escape('\\')),
        );
    }
    Ok(query.load(conn)?)
}

/// Writes a new engineer, who has nothing in hand yet.
///
/// # Errors
/// A taken code.
pub fn insert(tx: &mut Tx<'_>, engineer: &Engineer) -> Result<(), Error> {
    diesel::insert_into(engineers::table).values(engineer.clone()).execute(tx.conn())?;
    load::begin(tx, engineer.id)?;
    Ok(tx.changed(engineer)?)
}

/// Writes an engineer back.
///
/// # Errors
/// A taken code.
pub fn update(tx: &mut Tx<'_>, engineer: &Engineer) -> Result<(), Error> {
    diesel::update(engineers::table.find(engineer.id)).set(engineer.clone()).execute(tx.conn())?;
    Ok(tx.changed(engineer)?)
}

/// The certificate of this id.
///
/// # Errors
/// 404.
pub fn certificate(conn: &mut Conn, id: CertificateId) -> Result<Certificate, Error> {
    let found = skill_certificates::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("certificate").into())
}

/// Writes a new certificate.
///
/// # Errors
/// A failure of the database.
pub fn insert_certificate(tx: &mut Tx<'_>, certificate: &Certificate) -> Result<(), Error> {
    diesel::insert_into(skill_certificates::table).values(certificate.clone()).execute(tx.conn())?;
    Ok(tx.changed(certificate)?)
}

/// Writes a certificate back.
///
/// # Errors
/// A failure of the database.
pub fn update_certificate(tx: &mut Tx<'_>, certificate: &Certificate) -> Result<(), Error> {
    diesel::update(skill_certificates::table.find(certificate.id))
        .set(certificate.clone())
        .execute(tx.conn())?;
    Ok(tx.changed(certificate)?)
}

/// Removes a certificate; the log keeps what it was.
///
/// # Errors
/// 404.
pub fn remove_certificate(tx: &mut Tx<'_>, id: CertificateId) -> Result<(), Error> {
    let certificate = certificate(tx.conn(), id)?;
    diesel::delete(skill_certificates::table.find(id)).execute(tx.conn())?;
    Ok(tx.removed(&certificate)?)
}

/// An engineer's shifts in the order in which they were added, after the id `after`.
///
/// # Errors
/// A failure of the database.
pub fn shifts_of(
    conn: &mut Conn,
    engineer: EngineerId,
    after: Option<ShiftId>,
    limit: i64,
) -> Result<Vec<Shift>, Error> {
    let mut query =
        shifts::table.filter(shifts::engineer_id.eq(engineer)).order(shifts::id).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(shifts::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Writes a new shift. The same one twice is a slip of the hand; overlapping ones add up to one.
///
/// # Errors
/// 409 when he has this very shift already.
pub fn insert_shift(tx: &mut Tx<'_>, shift: &Shift) -> Result<(), Error> {
    let same: Option<ShiftId> = shifts::table
        .filter(shifts::engineer_id.eq(shift.engineer_id))
        .filter(shifts::starts_at.eq(shift.starts_at))
        .filter(shifts::ends_at.eq(shift.ends_at))
        .select(shifts::id)
        .first(tx.conn())
        .optional()?;
    if same.is_some() {
        return Err(Problem::duplicate("starts_at").into());
    }
    diesel::insert_into(shifts::table).values(shift.clone()).execute(tx.conn())?;
    Ok(tx.changed(shift)?)
}

/// Removes a shift.
///
/// # Errors
/// 404.
pub fn remove_shift(tx: &mut Tx<'_>, id: ShiftId) -> Result<(), Error> {
    let found: Option<Shift> = shifts::table.find(id).first(tx.conn()).optional()?;
    let shift = found.ok_or_else(|| Problem::not_found("shift"))?;
    diesel::delete(shifts::table.find(id)).execute(tx.conn())?;
    Ok(tx.removed(&shift)?)
}

/// An engineer's absences in the order in which they were added, after the id `after`.
///
/// # Errors
/// A failure of the database.
pub fn absences_of(
    conn: &mut Conn,
    engineer: EngineerId,
    after: Option<AbsenceId>,
    limit: i64,
) -> Result<Vec<Absence>, Error> {
    let mut query = absences::table
        .filter(absences::engineer_id.eq(engineer))
        .order(absences::id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(absences::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Writes a new absence.
///
/// # Errors
/// A failure of the database.
pub fn insert_absence(tx: &mut Tx<'_>, absence: &Absence) -> Result<(), Error> {
    diesel::insert_into(absences::table).values(absence.clone()).execute(tx.conn())?;
    Ok(tx.changed(absence)?)
}

/// Removes an absence.
///
/// # Errors
/// 404.
pub fn remove_absence(tx: &mut Tx<'_>, id: AbsenceId) -> Result<(), Error> {
    let found: Option<Absence> = absences::table.find(id).first(tx.conn()).optional()?;
    let absence = found.ok_or_else(|| Problem::not_found("absence"))?;
    diesel::delete(absences::table.find(id)).execute(tx.conn())?;
    Ok(tx.removed(&absence)?)
}
