//! The devices as the office sees them: who has which, when it was last heard of, what it is known to hold back, and
//! an end to it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use db::schema::{devices, engineers, rescues, sync_inbox};
use db::types::{DeviceId, EngineerId};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;

use crate::inbox;

/// A device, and how far the server has come with it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Which one.
    pub id: DeviceId,
    /// Whose.
    pub engineer_id: EngineerId,
    /// His name.
    pub engineer_name: String,
    /// As it says.
    pub platform: String,
    /// As it says.
    pub app_version: String,
    /// The document shapes it was built for.
    pub schema: i32,
    /// All its mutations up to this number are here.
    pub acked_seq: i64,
    /// The highest number that it is known to have used.
    pub announced_seq: i64,
    /// When its token was made.
    pub enrolled_at: Timestamp,
    /// When it last asked for anything.
    pub last_seen_at: Timestamp,
    /// When the office ended it.
    pub revoked_at: Option<Timestamp>,
    /// Mutations that are here and wait for an earlier one.
    pub held: i64,
    /// What it gave away that could not be pushed.
    pub rescues: i64,
}

type Row =
    (DeviceId, EngineerId, String, String, String, i32, i64, i64, Timestamp, Timestamp, Option<Timestamp>);

/// Which devices.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<DeviceId>,
    /// Only of this engineer.
    pub engineer_id: Option<EngineerId>,
}

/// Devices in the order of their ids; `after` is the last one of the page before.
///
/// # Errors
/// A failure of the database.
pub fn list(
    conn: &mut Conn,
    filter: Filter,
    after: Option<DeviceId>,
    limit: i64,
) -> Result<Vec<Standing>, db::Error> {
    use devices as d;
    let mut query = d::table.inner_join(engineers::table).order(d::id).limit(limit).into_boxed();
    if let Some(id) = filter.id {
        query = query.filter(d::id.eq(id));
    }
    if let Some(id) = filter.engineer_id {
        query = query.filter(d::engineer_id.eq(id));
    }
    if let Some(after) = after {
        query = query.filter(d::id.gt(after));
    }
    let rows: Vec<Row> = query
        .select((
            d::id,
            d::engineer_id,
            engineers::name,
            d::platform,
            d::app_version,
            d::schema_number,
            d::acked_seq,
            d::announced_seq,
            d::enrolled_at,
            d::last_seen_at,
            d::revoked_at,
        ))
        .load(conn)?;
    let ids: Vec<DeviceId> = rows.iter().map(|row| row.0).collect();
    let held: Vec<(DeviceId, i64)> = sync_inbox::table
        .filter(sync_inbox::device_id.eq_any(&ids))
        .filter(sync_inbox::result.eq(inbox::HELD))
        .group_by(sync_inbox::device_id)
        .select((sync_inbox::device_id, diesel::dsl::count_star()))
        .load(conn)?;
    let rescued: Vec<(DeviceId, i64)> = rescues::table
        .filter(rescues::device_id.eq_any(&ids))
        .group_by(rescues::device_id)
        .select((rescues::device_id, diesel::dsl::count_star()))
        .load(conn)?;
    let held: HashMap<DeviceId, i64> = held.into_iter().collect();
    let rescued: HashMap<DeviceId, i64> = rescued.into_iter().collect();
    Ok(rows.into_iter().map(|row| standing(row, &held, &rescued)).collect())
}

fn standing(row: Row, held: &HashMap<DeviceId, i64>, rescued: &HashMap<DeviceId, i64>) -> Standing {
    let (
        id,
        engineer_id,
        engineer_name,
        platform,
        app_version,
        schema,
        acked_seq,
        announced,
        at,
        seen,
        revoked,
    ) = row;
    Standing {
        id,
        engineer_id,
        engineer_name,
        platform,
        app_version,
        schema,
        acked_seq,
        // What arrived was used, whatever was announced.
        announced_seq: announced.max(acked_seq),
        enrolled_at: at,
        last_seen_at: seen,
        revoked_at: revoked,
        held: held.get(&id).copied().unwrap_or(0),
        rescues: rescued.get(&id).copied().unwrap_or(0),
    }
}

/// Ends a device: its token opens nothing but the rescue from now on. Of one that was ended before, the time of then
/// stays. Says whether there is such a device.
///
/// # Errors
/// A failure of the database.
pub fn revoke(tx: &mut Tx<'_>, id: DeviceId) -> Result<bool, db::Error> {
    let now = tx.now();
    diesel::update(devices::table.find(id))
        .filter(devices::revoked_at.is_null())
        .set(devices::revoked_at.eq(now))
        .execute(tx.conn())?;
    let known: Option<DeviceId> = devices::table.find(id).select(devices::id).first(tx.conn()).optional()?;
    Ok(known.is_some())
}

/// When phones were last heard of, and what they said they have: gathered in memory, for a pull that finds nothing
/// must not cost a write.
#[derive(Debug, Default)]
pub struct Seen(Mutex<HashMap<DeviceId, Glimpse>>);

#[derive(Debug, Clone, Copy)]
struct Glimpse {
    at: Timestamp,
    announced_seq: i64,
}

impl Seen {
    /// A phone asked for something.
    pub fn note(&self, id: DeviceId, at: Timestamp, announced_seq: Option<i64>) {
        let announced_seq = announced_seq.unwrap_or(0).max(0);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let glimpse = seen.entry(id).or_insert(Glimpse { at, announced_seq });
        glimpse.at = glimpse.at.max(at);
        glimpse.announced_seq = glimpse.announced_seq.max(announced_seq);
    }

    /// What is to be written, in a fixed order, so that two servers never wait for each other in a circle.
    pub fn take(&self) -> Vec<Sighting> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut taken: Vec<Sighting> = taken
            .into_iter()
            .map(|(id, g)| Sighting { id, at: g.at, announced_seq: g.announced_seq })
            .collect();
        taken.sort_by_key(|sighting| sighting.id);
        taken
    }
}

/// A phone was heard of.
#[derive(Debug, Clone, Copy)]
pub struct Sighting {
    id: DeviceId,
    at: Timestamp,
    announced_seq: i64,
}

/// Writes down when phones were heard of.
///
/// # Errors
/// A failure of the database.
pub fn write(tx: &mut Tx<'_>, sightings: &[Sighting]) -> Result<(), db::Error> {
    for s in sightings {
        diesel::update(devices::table.find(s.id))
            .filter(devices::last_seen_at.lt(s.at))
            .set(devices::last_seen_at.eq(s.at))
            .execute(tx.conn())?;
        if s.announced_seq > 0 {
            announce(tx.conn(), s.id, s.announced_seq)?;
        }
    }
    Ok(())
}

/// The device has used this number.
pub(crate) fn announce(conn: &mut Conn, id: DeviceId, seq: i64) -> Result<(), db::Error> {
    diesel::update(devices::table.find(id))
        .filter(devices::announced_seq.lt(seq))
        .set(devices::announced_seq.eq(seq))
        .execute(conn)?;
    Ok(())
}
