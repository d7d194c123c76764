//! Devices and the epoch: enrolment, and how far the server has come with a phone.

use db::schema::{conflict_cards, counters, devices, settings, sync_inbox};
use db::types::{DeviceId, EngineerId, Id, UserId, of};
use db::{Actor, Conn, Db, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use mobile_sync_wire::limits::MAX_NUMBER;
use mobile_sync_wire::mutants::{self, Mutant};
use mobile_sync_wire::status::StatusResponse;

use crate::{Error, Phone, inbox};

/// The setting that holds the epoch.
const EPOCH: &str = "epoch";
/// How far versions jump with a new epoch: a version that a phone saw before the restore must never look newer than
/// a change made after it.
const JUMP: i64 = 1 << 32;

/// A device that introduces itself.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// Chosen by it.
    pub id: DeviceId,
    /// Who vouches for it.
    pub user_id: UserId,
    /// Whose phone it is.
    pub engineer_id: EngineerId,
    /// Shown to the office, decides nothing.
    pub platform: String,
    /// Likewise.
    pub app_version: String,
    /// The document shapes it was built for.
    pub schema: u32,
}

#[derive(Insertable)]
#[diesel(table_name = devices)]
struct Row<'a> {
    id: DeviceId,
    user_id: UserId,
    engineer_id: EngineerId,
    platform: &'a str,
    app_version: &'a str,
    schema_number: i32,
    acked_seq: i64,
    enrolled_at: Timestamp,
    last_seen_at: Timestamp,
}

/// Enrols a device, again if it was before: its inbox and its numbers go on where they were. Returns the epoch. The
/// token is the caller's to make, and those that the device had are the caller's to end.
///
/// # Errors
/// A failure of the database.
pub fn enrol(tx: &mut Tx<'_>, device: &NewDevice) -> Result<String, db::Error> {
    let now = tx.now();
    let row = Row {
        id: device.id,
        user_id: device.user_id,
        engineer_id: device.engineer_id,
        platform: &device.platform,
        app_version: &device.app_version,
        schema_number: i32::try_from(device.schema).unwrap_or(i32::MAX),
        acked_seq: 0,
        enrolled_at: now,
        last_seen_at: now,
    };
    each_backend!(tx.conn(), |c| diesel::insert_into(devices::table)
        .values(&row)
        .on_conflict(devices::id)
        .do_update()
        .set((
            devices::user_id.eq(row.user_id),
            devices::engineer_id.eq(row.engineer_id),
            devices::platform.eq(row.platform),
            devices::app_version.eq(row.app_version),
            devices::schema_number.eq(row.schema_number),
            devices::enrolled_at.eq(now),
            devices::last_seen_at.eq(now),
            devices::revoked_at.eq(None::<Timestamp>),
        ))
        .execute(c))?;
    first_epoch(tx)
}

fn known_epoch(conn: &mut Conn) -> Result<Option<String>, db::Error> {
    Ok(settings::table.find(EPOCH).select(settings::value).first(conn).optional()?)
}

/// A name that no other server and no earlier life of this one has had.
fn name() -> String {
    format!("e{}", Id::<of::Session>::new().uuid().simple())
}

fn first_epoch(tx: &mut Tx<'_>) -> Result<String, db::Error> {
    if let Some(epoch) = known_epoch(tx.conn())? {
        return Ok(epoch);
    }
    let row = (settings::name.eq(EPOCH), settings::value.eq(name()));
    each_backend!(tx.conn(), |c| diesel::insert_into(settings::table)
        .values(&row)
        .on_conflict(settings::name)
        .do_nothing()
        .execute(c))?;
    // Another server may have been faster.
    Ok(known_epoch(tx.conn())?.unwrap_or_default())
}

/// The epoch, named at first use.
///
/// # Errors
/// A failure of the database.
pub async fn epoch(db: &Db) -> Result<String, Error> {
    match db.read(known_epoch).await? {
        Some(epoch) => Ok(epoch),
        None => Ok(db.write(Actor::system("sync"), first_epoch).await?),
    }
}

/// Begins a new epoch, after the database was restored from a backup: phones pull all anew, and give again what
/// the backup did not have.
///
/// # Errors
/// A failure of the database.
pub fn begin_epoch(tx: &mut Tx<'_>) -> Result<String, db::Error> {
    let first = first_epoch(tx)?;
    let epoch = if mutants::on(Mutant::EpochName) { first } else { name() };
    diesel::update(settings::table.find(EPOCH)).set(settings::value.eq(&epoch)).execute(tx.conn())?;
    let jump = if mutants::on(Mutant::NumberJump) { 0 } else { JUMP };
    let jumped = diesel::update(counters::table.find("changes"))
        .filter(counters::value.lt(MAX_NUMBER - JUMP))
        .set(counters::value.eq(counters::value + jump))
        .execute(tx.conn())?;
    if jumped == 0 {
        return Err(db::Error::Group("the numbers of changes are used up: 2^53 is the last one".to_owned()));
    }
    Ok(epoch)
}

/// What every answer begins with: the epoch, and up to where this device's mutations are here.
pub(crate) struct Standing {
    pub epoch: String,
    pub acked_seq: i64,
}

impl Standing {
    /// Refuses a device that is not enrolled for this engineer: its cursor would be of another scope.
    pub fn of(conn: &mut Conn, phone: &Phone) -> Result<Self, Error> {
        let found: Option<(EngineerId, i64)> = devices::table
            .find(phone.device_id)
            .filter(devices::revoked_at.is_null())
            .select((devices::engineer_id, devices::acked_seq))
            .first(conn)
            .optional()?;
        match found {
            Some((engineer_id, acked_seq)) if engineer_id == phone.engineer_id => {
                Ok(Self { epoch: known_epoch(conn)?.unwrap_or_default(), acked_seq })
            }
            _ => Err(Error::NotEnrolled),
        }
    }
}

/// How far the server has come with this phone.
///
/// # Errors
/// A phone that is not enrolled, or a failure of the database.
pub async fn status(db: &Db, phone: &Phone) -> Result<StatusResponse, Error> {
    let server_time = db.clock().now().millis();
    let phone = phone.clone();
    db.read(move |conn| {
        let standing = Standing::of(conn, &phone)?;
        let held = sync_inbox::table
            .filter(sync_inbox::device_id.eq(phone.device_id))
            .filter(sync_inbox::result.eq(inbox::HELD))
            .count()
            .get_result(conn)?;
        let open_conflicts = conflict_cards::table
            .filter(conflict_cards::device_id.eq(phone.device_id))
            .filter(conflict_cards::status.eq("open"))
            .count()
            .get_result(conn)?;
        let Standing { epoch, acked_seq } = standing;
        Ok(StatusResponse { epoch, acked_seq, held, open_conflicts, server_time })
    })
    .await
}
