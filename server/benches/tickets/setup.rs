//! The world that is measured in: 400 engineers, 2,000 lifts, 20 parts in 5 depots, and a token to post with.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use db::schema::{assets, customers, engineer_loads, engineers, positions, shifts, sites};
use db::testing::Backend;
use db::types::{AssetId, EngineerId, Id, LocationId, PartId};
use db::{Actor, Db, Entity, Options, Timestamp, Tx, Url};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use server::auth::session::{self, NewSession};
use server::auth::users::{self, NewUser};
use server::auth::{Entrance, Role, secret};
use server::engineers::{Engineer, Shift};
use server::error::Error;

const ENGINEERS: usize = 400;
const LIFTS: usize = 2_000;
const PARTS: usize = 20;
const DEPOTS: usize = 5;

/// Where the measured database is: on the disk that holds `target`, since `/tmp` may be memory.
pub struct Place {
    pub url: Url,
}

impl Place {
    pub fn new(backend: Backend) -> anyhow::Result<Self> {
        let url = match backend {
            Backend::Sqlite => {
                let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
                std::fs::create_dir_all(&folder)?;
                let file = folder.join("bench.db");
                for suffix in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
                }
                Url::Sqlite(file)
            }
            Backend::Postgres => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the address comes from the command that runs us"
                )]
                let url = std::env::var("FETTLE_BENCH_POSTGRES").context("run it by `cargo xtask bench`")?;
                Url::Postgres(url)
            }
        };
        Ok(Self { url })
    }

    pub fn url_text(&self) -> String {
        match &self.url {
            Url::Sqlite(path) => path.to_string_lossy().into_owned(),
            Url::Postgres(url) => url.clone(),
        }
    }

    /// A connection for plain SQL.
    pub fn raw(&self) -> db::Conn {
        db::testing::raw(&self.url)
    }

    /// The process of one of our connections, to find the database's processes by.
    pub fn backend_pid(&self) -> anyhow::Result<Option<u32>> {
        #[derive(QueryableByName)]
        struct Pid {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            pid: i32,
        }
        match self.raw() {
            db::Conn::Sqlite(_) => Ok(None),
            db::Conn::Postgres(mut conn) => {
                // The parent of any backend is the server; that of ours lives until we return, so look it up now.
                let row: Pid = diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(&mut conn)?;
                std::mem::forget(conn);
                Ok(u32::try_from(row.pid).ok())
            }
        }
    }
}

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

    /// So that no two runs share idempotency keys.
    pub fn run_key(&self) -> String {
        Id::<db::types::of::Session>::new().to_string()
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

macro_rules! logged {
    ($name:ident, $table:literal) => {
        #[derive(Serialize)]
        struct $name {
            id: String,
        }
        impl Entity for $name {
            const ENTITY: &'static str = $table;
            fn row_id(&self) -> String {
                self.id.clone()
            }
        }
    };
}
logged!(CustomerRow, "customers");
logged!(SiteRow, "sites");
logged!(AssetRow, "assets");

/// Makes the world, with the domain's functions where there are some.
pub async fn world(place: &Place) -> anyhow::Result<World> {
    let db = Db::open(Options::new(place.url.clone()))?;
    let actor = || Actor::system("bench");
    let engineers = db.write(actor(), engineers_made).await?;
    let lifts = db.write(actor(), lifts_made).await?;
    let (parts, depots) = db.write(actor(), stock_made).await?;
    let token = secret::token()?;
    let for_tx = token.clone();
    let make = move |tx: &mut Tx<'_>| {
        let new = NewUser {
            login: "bench".to_owned(),
            display_name: "bench".to_owned(),
            role: Role::Dispatcher,
            password: String::new(),
            engineer_id: None,
            locale: None,
        };
        let user = users::create(tx, &new, "no password")?;
        let session = NewSession {
            user_id: user.id,
            entrance: Entrance::Integration,
            name: "bench".to_owned(),
            role: Role::Dispatcher,
            device_id: None,
        };
        session::open(tx, &for_tx, &session)
    };
    db.write(actor(), make).await?;
    Ok(World { token, lifts, parts, engineers, depots, db })
}

fn engineers_made(tx: &mut Tx<'_>) -> Result<Vec<EngineerId>, Error> {
    let now = tx.now();
    let mut ids = Vec::new();
    for n in 0..ENGINEERS {
        let engineer = Engineer {
            id: Id::new(),
            code: format!("E-{n}"),
            name: format!("Engineer {n}"),
            phone: String::new(),
            home_latitude: 40.70 + (n % 20) as f64 * 0.005,
            home_longitude: -74.02 + (n / 20) as f64 * 0.005,
            max_load_minutes: 1_000_000,
            active: true,
            created_at: now,
        };
        diesel::insert_into(engineers::table).values(engineer.clone()).execute(tx.conn())?;
        tx.changed(&engineer)?;
        let load = (
            engineer_loads::engineer_id.eq(engineer.id),
            engineer_loads::tickets.eq(0),
            engineer_loads::minutes.eq(0),
        );
        diesel::insert_into(engineer_loads::table).values(load).execute(tx.conn())?;
        let shift = Shift {
            id: Id::new(),
            engineer_id: engineer.id,
            starts_at: now.plus_minutes(-60),
            ends_at: now.plus_minutes(20 * 24 * 60),
        };
        diesel::insert_into(shifts::table).values(shift.clone()).execute(tx.conn())?;
        tx.changed(&shift)?;
        ids.push(engineer.id);
    }
    Ok(ids)
}

fn lifts_made(tx: &mut Tx<'_>) -> Result<Vec<AssetId>, Error> {
    let now = tx.now();
    let customer = Id::<db::types::of::Customer>::new();
    diesel::insert_into(customers::table)
        .values((
            customers::id.eq(customer),
            customers::number.eq("C-1"),
            customers::name.eq("Bench"),
            customers::phone.eq(""),
            customers::email.eq(""),
            customers::level.eq(""),
            customers::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    tx.changed(&CustomerRow { id: customer.to_string() })?;
    let mut ids = Vec::new();
    for n in 0..LIFTS {
        let (site, asset) = (Id::<db::types::of::Site>::new(), Id::<db::types::of::Asset>::new());
        diesel::insert_into(sites::table)
            .values((
                sites::id.eq(site),
                sites::customer_id.eq(customer),
                sites::name.eq(format!("Site {n}")),
                sites::address.eq(format!("{n} BROADWAY")),
                sites::latitude.eq(40.71 + (n % 50) as f64 * 0.001),
                sites::longitude.eq(-74.0 + (n / 50) as f64 * 0.001),
                sites::access_note.eq(""),
                sites::contact.eq(""),
                sites::time_zone.eq("America/New_York"),
                sites::created_at.eq(now),
            ))
            .execute(tx.conn())?;
        diesel::insert_into(assets::table)
            .values((
                assets::id.eq(asset),
                assets::site_id.eq(site),
                assets::number.eq(format!("1P{n}")),
                assets::kind.eq("Passenger Elevator"),
                assets::model.eq("Passenger Elevator GL"),
                assets::manufacturer.eq(""),
                assets::description.eq(""),
                assets::created_at.eq(now),
            ))
            .execute(tx.conn())?;
        tx.changed(&SiteRow { id: site.to_string() })?;
        tx.changed(&AssetRow { id: asset.to_string() })?;
        ids.push(asset);
    }
    Ok(ids)
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
