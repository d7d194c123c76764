//! Devices: enrolment, and how far the server has come with a phone.

use db::schema::{conflict_cards, devices, sync_inbox};
use db::types::{DeviceId, EngineerId, UserId};
use db::{Conn, Db, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use mobile_sync_wire::status::StatusResponse;

use crate::{Error, Phone, epochs, inbox};

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
    epochs::first(tx)
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
                Ok(Self { epoch: epochs::known(conn)?.unwrap_or_default(), acked_seq })
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
