//! A server with an engineer who has a ticket, and somebody in the office.

use std::net::TcpListener;
use std::path::PathBuf;

use db::schema::{engineer_loads, engineers};
use db::testing::{Backend, START, Scratch, fresh_url};
use db::types::{EngineerId, Id, of};
use db::{Actor, Clock, Tx, Url};
use diesel::prelude::*;
use server::app::{self, App, AppOptions};
use server::auth::session::{self, NewSession};
use server::auth::users::{self, NewUser};
use server::auth::{Entrance, Role};
use server::config::Config;
use server::customers::{Asset, Customer, Site, store};
use server::engineers::Engineer;
use server::error::Error;
use server::schedule::assign::{self, Means};
use server::tickets::write::{self, Dispatch, NewTicket};

/// The engineer's own session.
pub const ENGINEER: &str = "conform-engineer";
/// Another engineer's, who has no ticket.
pub const COLLEAGUE: &str = "conform-colleague";
/// A dispatcher's.
pub const OFFICE: &str = "conform-office";

pub struct World {
    pub base: String,
    pub database_url: String,
    pub blob_store: String,
    pub ticket: String,
    _blobs: Blobs,
    // Last, so that the database is closed before it is removed.
    _scratch: Scratch,
}

/// A folder for photos; gone with the server.
struct Blobs(PathBuf);

impl Drop for Blobs {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

impl World {
    pub async fn new(backend: Backend) -> Self {
        let (url, scratch) = fresh_url(backend);
        let database_url = match url {
            Url::Sqlite(path) => path.to_string_lossy().into_owned(),
            Url::Postgres(url) => url,
        };
        let blobs = std::env::temp_dir().join(format!("fettle-conform-{}", Id::<of::Session>::new()));
        let blob_store = blobs.to_string_lossy().into_owned();
        let config = Config {
            database_url: database_url.clone(),
            database_readers: 4,
            workers: 1,
            plan_seconds: 0.0,
            blob_store: blob_store.clone(),
            record_seal_seconds: 0.0,
            ..Config::default()
        };
        let options = AppOptions { guard: true, ..AppOptions::default() };
        let app = App::open(config, Clock::scaled(START, 1.0), options).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(app::serve(app.clone(), listener));
        let filling = app.clone();
        let ticket = app.db.write(Actor::system("test"), move |tx| fill(tx, &filling)).await.unwrap();
        Self { base, database_url, blob_store, ticket, _blobs: Blobs(blobs), _scratch: scratch }
    }
}

pub fn new_id() -> String {
    Id::<of::Session>::new().to_string()
}

fn user(tx: &mut Tx<'_>, token: &str, role: Role, engineer_id: Option<EngineerId>) -> Result<(), Error> {
    let new = NewUser {
        login: token.to_owned(),
        display_name: token.to_owned(),
        role,
        password: String::new(),
        engineer_id,
        locale: None,
        email: None,
    };
    let user_id = users::create(tx, &new, "no password")?.id;
    let entrance = Entrance::Integration;
    session::open(
        tx,
        token,
        &NewSession { user_id, entrance, name: token.to_owned(), role, device_id: None },
    )?;
    Ok(())
}

fn engineer(tx: &mut Tx<'_>, code: &str) -> Result<EngineerId, Error> {
    let engineer = Engineer {
        id: Id::new(),
        code: code.to_owned(),
        name: format!("Engineer {code}"),
        phone: String::new(),
        home_latitude: 40.75,
        home_longitude: -73.5,
        max_load_minutes: 1_000_000,
        active: true,
        created_at: START,
    };
    diesel::insert_into(engineers::table).values(engineer.clone()).execute(tx.conn())?;
    tx.changed(&engineer)?;
    let load = (
        engineer_loads::engineer_id.eq(engineer.id),
        engineer_loads::tickets.eq(0),
        engineer_loads::minutes.eq(0),
    );
    diesel::insert_into(engineer_loads::table).values(load).execute(tx.conn())?;
    Ok(engineer.id)
}

fn lift(tx: &mut Tx<'_>) -> Result<db::types::AssetId, Error> {
    let customer = Customer {
        id: Id::new(),
        number: "C-1".to_owned(),
        name: "Customer".to_owned(),
        phone: String::new(),
        email: String::new(),
        level: String::new(),
        created_at: START,
    };
    store::insert_customer(tx, &customer)?;
    let site = Site {
        id: Id::new(),
        customer_id: customer.id,
        name: "Site".to_owned(),
        address: "1 5 AVENUE".to_owned(),
        latitude: 40.75,
        longitude: -73.5,
        access_note: String::new(),
        contact: String::new(),
        time_zone: String::new(),
        created_at: START,
    };
    store::insert_site(tx, &site)?;
    let asset = Asset {
        id: Id::new(),
        site_id: site.id,
        number: "A-1".to_owned(),
        kind: "lift".to_owned(),
        model: String::new(),
        manufacturer: String::new(),
        description: String::new(),
        created_at: START,
    };
    store::insert_asset(tx, &asset)?;
    Ok(asset.id)
}

/// The ticket's id.
fn fill(tx: &mut Tx<'_>, app: &App) -> Result<String, Error> {
    let (id, colleague) = (engineer(tx, "E-1")?, engineer(tx, "E-2")?);
    user(tx, COLLEAGUE, Role::Engineer, Some(colleague))?;
    user(tx, ENGINEER, Role::Engineer, Some(id))?;
    user(tx, OFFICE, Role::Dispatcher, None)?;
    let asset_id = Some(lift(tx)?);
    let means = Means { board: &app.board, hold_minutes: 60 };
    let new = NewTicket {
        kind: "breakdown".to_owned(),
        priority: Some(2),
        title: "It is stuck".to_owned(),
        asset_id,
        dispatch: Dispatch::Manual,
        ..NewTicket::default()
    };
    let drafted = write::draft(tx, &app.board.promises(), &new)?;
    let mut ticket = assign::open(tx, &means, drafted)?;
    assign::chosen(tx, &means, &mut ticket, None, id, "for the trial")?;
    Ok(ticket.id.to_string())
}
