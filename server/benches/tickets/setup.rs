//! The world that is measured in: 400 engineers, 2,000 lifts, 20 parts in 5 depots, and a token to post with.

use std::time::{Duration, Instant};

use db::schema::positions;
use db::types::{AssetId, EngineerId, LocationId, PartId};
use db::{Db, Options, Timestamp, Tx};
use diesel::prelude::*;
use serde_json::json;
use server::error::Error;

use crate::shared::people;
use crate::shared::place::Place;

const ENGINEERS: usize = 400;
const LIFTS: usize = 2_000;
const PARTS: usize = 20;
const DEPOTS: usize = 5;

/// What the clients need to know.
#[derive(Clone)]
pub struct World {
    pub token: String,
    pub lifts: Vec<AssetId>,
    pub parts: Vec<PartId>,
    pub engineers: Vec<EngineerId>,
    pub depots: Vec<LocationId>,
    db: Db,
}

impl World {
    /// The body of the n-th ticket.
    pub fn ticket(&self, n: usize) -> String {
        let lift = self.lifts[n % self.lifts.len()];
        let part = self.parts[n % self.parts.len()];
        json!({
            "kind": "repair", "priority": n % 4 + 1, "title": "Lift stands still between two floors",
            "description": "The caller says that it stopped with a bang and that the doors stay closed.",
            "symptom": "CALLBACK/REPAIR", "asset_id": lift, "expected_minutes": 1,
            "needed_parts": [{"part_id": part, "quantity": 1}],
        })
        .to_string()
    }

    /// A batch of positions of engineers in turn.
    pub fn positions(&self, n: usize, count: usize) -> String {
        let at = db::clock::real_now();
        let position = |i: usize| {
            let engineer = self.engineers[(n * count + i) % self.engineers.len()];
            let shift = ((n + i) % 1_000) as f64 / 1e5;
            json!({"engineer_id": engineer, "latitude": 40.74 + shift, "longitude": -73.99 + shift, "at": at})
        };
        json!({ "positions": (0..count).map(position).collect::<Vec<_>>() }).to_string()
    }

    /// The number of the last change.
    pub async fn changes(&self) -> anyhow::Result<i64> {
        Ok(self.db.read(|conn| Ok::<_, Error>(db::changes::last(conn)?)).await?)
    }

    /// How long until what was accepted before now stands in the database.
    pub async fn wait_until_flushed(&self) -> anyhow::Result<Duration> {
        let (began, accepted) = (Instant::now(), db::clock::real_now());
        loop {
            let newest: Option<Timestamp> = self
                .db
                .read(|conn| {
                    Ok::<_, Error>(
                        positions::table.select(diesel::dsl::max(positions::received_at)).first(conn)?,
                    )
                })
                .await?;
            // The flush after the last request carries a later time than that request.
            if newest.is_some_and(|at| at >= accepted) || began.elapsed() > Duration::from_secs(1) {
                return Ok(began.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Makes the world, with the domain's functions where there are some.
pub async fn world(place: &Place) -> anyhow::Result<World> {
    let db = Db::open(Options::new(place.url.clone()))?;
    let engineers = db.write(people::actor(), |tx| people::engineers(tx, ENGINEERS)).await?;
    let lifts = db.write(people::actor(), |tx| people::lifts(tx, LIFTS)).await?;
    let (parts, depots) = db.write(people::actor(), stock_made).await?;
    let token = people::token(&db).await?;
    Ok(World { token, lifts, parts, engineers, depots, db })
}

fn stock_made(tx: &mut Tx<'_>) -> Result<(Vec<PartId>, Vec<LocationId>), Error> {
    use inventory::locations::{self, LocationKind, NewLocation};
    use inventory::parts::{self, NewPart};
    let mut depots = Vec::new();
    for n in 0..DEPOTS {
        let depot = NewLocation {
            kind: LocationKind::Depot,
            code: format!("D-{n}"),
            name: format!("Depot {n}"),
            latitude: Some(40.72 + n as f64 * 0.01),
            longitude: Some(-73.99),
            engineer_id: None,
            parent_id: None,
        };
        depots.push(locations::create(tx, depot)?.id);
    }
    let mut made = Vec::new();
    for n in 0..PARTS {
        let part = NewPart {
            number: format!("P-{n}"),
            name: format!("Part {n}"),
            name_zh: String::new(),
            unit: "piece".to_owned(),
            decimals: 0,
            unit_price_micros: 1_000_000,
            currency: "USD".to_owned(),
            ..NewPart::default()
        };
        let part = parts::create(tx, part)?.id;
        for depot in &depots {
            inventory::ledger::receive(tx, part, *depot, 1_000_000_000, "")?;
        }
        made.push(part);
    }
    Ok((made, depots))
}
