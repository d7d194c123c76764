//! Live positions. They arrive by the thousand, so they are gathered in memory, the latest of each engineer, and
//! written once a moment past the change log. Dispatch and the map know them at once. Another server on the same
//! database hears of them by looking at the table.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::{HttpResponse, post, web};
use db::schema::positions;
use db::types::EngineerId;
use db::{Actor, Conn, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{By, FIELD};
use crate::error::Error;
use crate::http::{Body, Checks};
use crate::live::LivePosition;

/// Most positions in one request.
pub const MOST_AT_ONCE: usize = 1_000;
/// How often the gathered positions are written.
const EVERY: Duration = Duration::from_millis(400);
/// Rows in one command, so that tickets do not wait behind them for long.
const CHUNK: usize = 500;
/// How far ahead of the server's clock a phone's clock may be.
const AHEAD_MINUTES: i64 = 5;

/// Where an engineer is.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPosition {
    /// The engineer.
    pub engineer_id: EngineerId,
    /// WGS-84 degrees.
    pub latitude: f64,
    /// WGS-84 degrees.
    pub longitude: f64,
    /// When he was there.
    pub at: Timestamp,
    /// Radius of uncertainty in metres.
    pub accuracy_m: Option<f64>,
}

/// Positions, at most 1,000.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPositions {
    positions: Vec<NewPosition>,
}

/// How many were taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {
    accepted: usize,
}

/// The latest position of each engineer that is not written yet.
#[derive(Debug, Default)]
pub struct Buffer(Mutex<HashMap<EngineerId, NewPosition>>);

impl Buffer {
    /// Takes positions in; an older one never replaces a newer one.
    pub fn put(&self, new: &[NewPosition]) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for position in new {
            let latest = waiting.entry(position.engineer_id).or_insert(*position);
            if latest.at <= position.at {
                *latest = *position;
            }
        }
    }

    fn take(&self) -> Vec<NewPosition> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut taken: Vec<NewPosition> = taken.into_values().collect();
        // A fixed order, so that two servers never wait for each other in a circle.
        taken.sort_by_key(|position| position.engineer_id);
        taken
    }
}

/// Report positions; engineers only their own.
#[utoipa::path(
    tag = "positions",
    request_body = NewPositions,
    responses((status = 202, body = Accepted), (status = 422, body = crate::error::Problem)),
)]
#[post("/positions")]
pub async fn report(
    app: web::Data<App>,
    by: By<FIELD>,
    body: Body<NewPositions>,
) -> Result<HttpResponse, Error> {
    let new = body.0.positions;
    let only = if by.0.is_office() { None } else { Some(by.0.engineer()?) };
    check(&app, &new, only)?;
    take_in(&app, &new);
    Ok(HttpResponse::Accepted().json(Accepted { accepted: new.len() }))
}

fn check(app: &App, new: &[NewPosition], only: Option<EngineerId>) -> Result<(), Error> {
    let mut checks = Checks::new();
    let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
    checks.within("positions", count, 1, MOST_AT_ONCE as i64);
    let latest = app.db.clock().now().plus_minutes(AHEAD_MINUTES);
    for (i, position) in new.iter().enumerate() {
        let field = |name: &str| format!("positions[{i}].{name}");
        checks.place(
            (&field("latitude"), &field("longitude")),
            position.latitude,
            position.longitude,
            &crate::http::checks::ServiceArea::INHABITED,
        );
        checks.require(position.at <= latest, &field("at"), "out_of_range", "lies in the future");
        checks.instant(&field("at"), position.at);
        let known = app.board.knows(position.engineer_id);
        let allowed = only.is_none_or(|engineer| engineer == position.engineer_id);
        checks.require(known && allowed, &field("engineer_id"), "unknown", "is no engineer of yours");
        let accuracy = position.accuracy_m.is_none_or(|m| (0.0..=1e7).contains(&m));
        checks.require(accuracy, &field("accuracy_m"), "out_of_range", "must be between 0 and 10,000,000");
    }
    checks.finish()
}

fn take_in(app: &App, new: &[NewPosition]) {
    app.positions.put(new);
    app.board.moved(new);
    let live: Vec<LivePosition> = new
        .iter()
        .map(|p| LivePosition {
            engineer_id: p.engineer_id,
            latitude: p.latitude,
            longitude: p.longitude,
            at: p.at,
        })
        .collect();
    app.live.positions(&live);
}

/// Writes what has gathered.
///
/// # Errors
/// A failure of the database; what was not written is gathered again.
pub async fn flush(app: &App) -> Result<(), Error> {
    let taken = app.positions.take();
    for chunk in taken.chunks(CHUNK) {
        let rows = chunk.to_vec();
        let written = app.db.write(Actor::system("positions"), move |tx| write(tx, &rows)).await;
        if let Err(error) = written {
            app.positions.put(&taken);
            return Err(error);
        }
    }
    Ok(())
}

/// Writes again and again, and on PostgreSQL learns what other servers wrote. Runs for ever.
pub async fn flush_forever(app: Arc<App>) {
    let mut since = db::clock::real_now();
    let mut timer = tokio::time::interval(EVERY);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        if let Err(error) = flush(&app).await {
            tracing::warn!(%error, "positions wait for the database");
        }
        if matches!(db::Url::parse(&app.config.database_url), db::Url::Postgres(_)) {
            since = learn_from_others(&app, since).await;
        }
    }
}

/// Forgets where engineers were before this instant. Returns how many positions that were in the database.
///
/// # Errors
/// A failure of the database.
pub async fn forget_old(app: &App, before: Timestamp) -> Result<usize, Error> {
    app.board.forget_positions(before);
    // Hardly ever does anything: then nothing is written.
    let is_old = move |conn: &mut Conn| {
        let old = positions::table.filter(positions::at.lt(before)).select(positions::engineer_id);
        Ok::<_, Error>(old.first::<EngineerId>(conn).optional()?.is_some())
    };
    if !app.db.read(is_old).await? {
        return Ok(0);
    }
    let forget = move |tx: &mut Tx<'_>| {
        Ok::<_, Error>(diesel::delete(positions::table.filter(positions::at.lt(before))).execute(tx.conn())?)
    };
    app.db.write(Actor::system("housekeeping"), forget).await
}

/// Clocks of two servers differ a little; looking back costs only a few rows that are known already.
const LOOK_BACK_MS: i64 = 3_000;

async fn learn_from_others(app: &App, since: Timestamp) -> Timestamp {
    let now = db::clock::real_now();
    let from = since.plus_millis(-LOOK_BACK_MS);
    match app.db.read(move |conn| received_after(conn, from)).await {
        Ok(found) => {
            let fresh = app.board.moved(&found);
            let live: Vec<LivePosition> = fresh
                .iter()
                .map(|p| LivePosition {
                    engineer_id: p.engineer_id,
                    latitude: p.latitude,
                    longitude: p.longitude,
                    at: p.at,
                })
                .collect();
            app.live.positions(&live);
            now
        }
        Err(error) => {
            tracing::warn!(%error, "cannot read positions");
            since
        }
    }
}

fn received_after(conn: &mut Conn, from: Timestamp) -> Result<Vec<NewPosition>, Error> {
    type Row = (EngineerId, f64, f64, Timestamp, Option<f64>);
    let rows: Vec<Row> = positions::table
        .filter(positions::received_at.gt(from))
        .select((
            positions::engineer_id,
            positions::latitude,
            positions::longitude,
            positions::at,
            positions::accuracy_m,
        ))
        .load(conn)?;
    let position = |(engineer_id, latitude, longitude, at, accuracy_m)| NewPosition {
        engineer_id,
        latitude,
        longitude,
        at,
        accuracy_m,
    };
    Ok(rows.into_iter().map(position).collect())
}

/// All positions that are known.
///
/// # Errors
/// A failure of the database.
pub fn all(conn: &mut Conn) -> Result<Vec<NewPosition>, Error> {
    received_after(conn, Timestamp::from_millis(-1))
}

#[derive(Insertable)]
#[diesel(table_name = positions)]
struct Row {
    engineer_id: EngineerId,
    latitude: f64,
    longitude: f64,
    accuracy_m: Option<f64>,
    at: Timestamp,
    received_at: Timestamp,
}

macro_rules! upsert {
    ($conn:ident, $rows:expr) => {{
        use diesel::query_dsl::methods::FilterDsl;
        use diesel::upsert::excluded;
        let upserting = diesel::insert_into(positions::table)
            .values($rows)
            .on_conflict(positions::engineer_id)
            .do_update()
            .set((
                positions::latitude.eq(excluded(positions::latitude)),
                positions::longitude.eq(excluded(positions::longitude)),
                positions::accuracy_m.eq(excluded(positions::accuracy_m)),
                positions::at.eq(excluded(positions::at)),
                positions::received_at.eq(excluded(positions::received_at)),
            ));
        // Another server may have heard something newer.
        FilterDsl::filter(upserting, excluded(positions::at).ge(positions::at)).execute($conn)
    }};
}

fn write(tx: &mut Tx<'_>, new: &[NewPosition]) -> Result<(), Error> {
    let received_at = db::clock::real_now();
    let rows: Vec<Row> = new
        .iter()
        .map(|p| Row {
            engineer_id: p.engineer_id,
            latitude: p.latitude,
            longitude: p.longitude,
            accuracy_m: p.accuracy_m,
            at: p.at,
            received_at,
        })
        .collect();
    match tx.conn() {
        Conn::Sqlite(c) => {
            for row in &rows {
                upsert!(c, row)?;
            }
        }
        Conn::Postgres(c) => {
            upsert!(c, &rows)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::types::Id;

    fn position(engineer_id: EngineerId, at: i64) -> NewPosition {
        let at = Timestamp::from_millis(at);
        NewPosition { engineer_id, latitude: 40.75, longitude: -73.98, at, accuracy_m: None }
    }

    #[test]
    fn an_older_position_never_replaces_a_newer_one() {
        let (buffer, engineer) = (Buffer::default(), Id::new());
        buffer.put(&[position(engineer, 5), position(engineer, 9)]);
        buffer.put(&[position(engineer, 7)]);
        assert_eq!(buffer.take(), [position(engineer, 9)]);
        assert!(buffer.take().is_empty());
    }
}
