//! Who works and where: engineers, lifts, and a token to post with.

use db::schema::{self, assets, customers, engineer_loads, shifts, sites};
use db::types::{AssetId, EngineerId, Id};
use db::{Actor, Db, Entity, Tx};
use diesel::prelude::*;
use serde::Serialize;
use server::auth::session::{self, NewSession};
use server::auth::users::{self, NewUser};
use server::auth::{Entrance, Role, secret};
use server::engineers::{Engineer, Shift};
use server::error::Error;

/// In whose name the world is made.
pub fn actor() -> Actor {
    Actor::system("bench")
}

/// So that no two runs share idempotency keys.
pub fn run_key() -> String {
    Id::<db::types::of::Session>::new().to_string()
}

/// A dispatcher's token.
pub async fn token(db: &Db) -> anyhow::Result<String> {
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
            email: None,
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
    Ok(token)
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

/// So many engineers, spread over the town, on shift for weeks.
pub fn engineers(tx: &mut Tx<'_>, count: usize) -> Result<Vec<EngineerId>, Error> {
    let now = tx.now();
    let mut ids = Vec::new();
    for n in 0..count {
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
        diesel::insert_into(schema::engineers::table).values(engineer.clone()).execute(tx.conn())?;
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

/// So many lifts, each at a site of its own.
pub fn lifts(tx: &mut Tx<'_>, count: usize) -> Result<Vec<AssetId>, Error> {
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
    for n in 0..count {
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
