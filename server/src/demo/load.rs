//! Fills an empty database with the Midtown demo: all of it in one command, so that it is there or it is not.

use db::schema::{positions, settings};
use db::types::{CustomerId, EngineerId, Id};
use db::{Actor, Db, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use jiff::civil::Date;

use super::data::Data;
use super::error::DemoError;
use super::history::History;
use super::new_york::NewYork;
use super::people::{self, PASSWORD, SKILLS};
use super::{actors, keeper, places, stock};
use crate::auth::users::{self, NewUser};
use crate::auth::{Role, password};
use crate::customers::{Asset, Customer, Site};
use crate::engineers::{Certificate, Engineer, Shift};
use crate::error::Error;
use crate::meta::DemoLogin;
use crate::schedule::load as loads;
use crate::skills::{self, Skill};

/// Rows of one statement; PostgreSQL takes 65,535 parameters.
const PAGE: usize = 500;
/// The most work that an engineer may have in hand.
const MAX_LOAD_MINUTES: i64 = 180;
/// The roster is written so many days ahead.
pub const ROSTER_DAYS: i64 = 15;

/// Writes rows of one kind and tells the log of each.
macro_rules! insert {
    ($tx:expr, $table:ident, $rows:expr) => {{
        let rows = $rows;
        for page in rows.chunks(PAGE) {
            each_backend!($tx.conn(), |c| diesel::insert_into(db::schema::$table::table)
                .values(page)
                .execute(c))?;
        }
        for row in &rows {
            $tx.changed(row)?;
        }
        rows
    }};
}

/// Log-ins that the log-in page offers, one of each role.
pub fn logins() -> Vec<DemoLogin> {
    let login = |(role, login): (Role, &str)| DemoLogin {
        role,
        login: login.to_owned(),
        password: PASSWORD.to_owned(),
    };
    let all = [
        (Role::Admin, "admin"),
        (Role::Dispatcher, "dispatcher"),
        (Role::Engineer, "engineer"),
        (Role::Warehouse, "warehouse"),
    ];
    all.into_iter().map(login).collect()
}

/// Whether the demo is in this database; a database with anything else in it is left alone.
///
/// # Errors
/// A failure of the database.
pub async fn is_loaded(db: &Db) -> Result<bool, Error> {
    db.read(|conn| {
        let found: Option<String> =
            settings::table.find(keeper::SETTING).select(settings::value).first(conn).optional()?;
        Ok(found.is_some())
    })
    .await
}

/// Fills the database; the demo begins at `began_at`.
///
/// # Errors
/// Data that cannot be read, or a failure of the database.
pub async fn load(db: &Db, data: &Data, began_at: Timestamp) -> Result<(), DemoError> {
    let hash = password::hash(PASSWORD.to_owned()).await?;
    let rows = PlaceRows::of(data, began_at);
    let history = History::before(data, began_at);
    let fill = move |tx: &mut Tx<'_>| {
        let parts = stock::add_parts(tx)?;
        add_places(tx, &rows)?;
        let engineers = add_people(tx, began_at, &hash)?;
        stock::add(tx, &parts, &engineers)?;
        stock::add_orders(tx, &parts)?;
        history.write(tx, &parts)?;
        keeper::begin(tx, began_at)
    };
    db.write(Actor::system("demo"), fill).await?;
    Ok(())
}

/// Customers, sites and assets, made once although a command may run twice.
#[derive(Clone)]
struct PlaceRows {
    customers: Vec<Customer>,
    sites: Vec<Site>,
    assets: Vec<Asset>,
}

impl PlaceRows {
    fn of(data: &Data, now: Timestamp) -> Self {
        let companies = places::companies();
        let customers: Vec<Customer> = companies.iter().map(|company| customer(company, now)).collect();
        let mut rows = Self { customers, sites: Vec::new(), assets: Vec::new() };
        for building in places::buildings(&data.lifts) {
            let Some(first) = building.lifts.first() else { continue };
            let site = Site {
                id: Id::new(),
                customer_id: rows.customers[building.company % rows.customers.len()].id,
                name: first.address.split(',').next().unwrap_or_default().to_owned(),
                address: first.address.clone(),
                latitude: first.latitude,
                longitude: first.longitude,
                access_note: places::access_note(building.bin).to_owned(),
                contact: places::contact(building.bin),
                time_zone: "America/New_York".to_owned(),
                created_at: now,
            };
            rows.assets.extend(building.lifts.iter().map(|lift| Asset {
                id: Id::new(),
                site_id: site.id,
                number: lift.number.clone(),
                kind: lift.kind.clone(),
                model: lift.model.clone(),
                manufacturer: lift.manufacturer.clone(),
                description: lift.description.clone(),
                created_at: now,
            }));
            rows.sites.push(site);
        }
        rows
    }
}

fn customer(company: &places::Company, now: Timestamp) -> Customer {
    Customer {
        id: CustomerId::new(),
        number: company.number.clone(),
        name: company.name.clone(),
        phone: company.phone.clone(),
        email: company.email.clone(),
        level: company.level.to_owned(),
        created_at: now,
    }
}

fn add_places(tx: &mut Tx<'_>, rows: &PlaceRows) -> Result<(), Error> {
    insert!(tx, customers, rows.customers.clone());
    insert!(tx, sites, rows.sites.clone());
    insert!(tx, assets, rows.assets.clone());
    Ok(())
}

/// An engineer's id with who he is.
pub(super) type Known = (EngineerId, people::Engineer);

fn add_people(tx: &mut Tx<'_>, now: Timestamp, hash: &str) -> Result<Vec<Known>, Error> {
    for (code, name, name_zh, _) in SKILLS {
        let skill =
            Skill { code: (*code).to_owned(), name: (*name).to_owned(), name_zh: (*name_zh).to_owned() };
        skills::insert(tx, &skill)?;
    }
    let known: Vec<Known> = people::engineers().into_iter().map(|e| (EngineerId::new(), e)).collect();
    insert!(tx, engineers, known.iter().map(|known| engineer(known, now)).collect::<Vec<_>>());
    for (id, engineer) in &known {
        loads::begin(tx, *id)?;
        at_home(tx, *id, engineer.home, now)?;
    }
    let certificates: Vec<Certificate> = known.iter().flat_map(|known| certificates(known, now)).collect();
    insert!(tx, skill_certificates, certificates);
    let clocks = NewYork::default();
    let today = clocks.local(now).date();
    add_shifts(tx, &known, &clocks, today, ROSTER_DAYS)?;
    add_users(tx, &known, hash)?;
    Ok(known)
}

fn engineer((id, engineer): &Known, now: Timestamp) -> Engineer {
    Engineer {
        id: *id,
        code: engineer.code.clone(),
        name: engineer.name.to_owned(),
        phone: engineer.phone.clone(),
        home_latitude: engineer.home.0,
        home_longitude: engineer.home.1,
        max_load_minutes: MAX_LOAD_MINUTES,
        active: true,
        created_at: now,
    }
}

/// The day begins with everybody at home, so that the map is not empty before the first van moves.
fn at_home(tx: &mut Tx<'_>, id: EngineerId, home: (f64, f64), now: Timestamp) -> Result<(), Error> {
    diesel::insert_into(positions::table)
        .values((
            positions::engineer_id.eq(id),
            positions::latitude.eq(home.0),
            positions::longitude.eq(home.1),
            positions::accuracy_m.eq(None::<f64>),
            positions::at.eq(now),
            positions::received_at.eq(db::clock::real_now()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn certificates((id, engineer): &Known, now: Timestamp) -> Vec<Certificate> {
    let row = |certificate: people::Certificate| Certificate {
        id: Id::new(),
        engineer_id: *id,
        skill: certificate.skill.to_owned(),
        level: certificate.level,
        number: certificate.number,
        valid_from: certificate.valid_from,
        valid_until: certificate.valid_until,
    };
    engineer.certificates(now).into_iter().map(row).collect()
}

/// Writes the shifts that begin on these days.
///
/// # Errors
/// A failure of the database.
pub fn add_shifts(
    tx: &mut Tx<'_>,
    known: &[Known],
    clocks: &NewYork,
    from: Date,
    days: i64,
) -> Result<usize, Error> {
    let shifts = known.iter().flat_map(|(id, engineer)| {
        let row = |(starts_at, ends_at)| Shift { id: Id::new(), engineer_id: *id, starts_at, ends_at };
        engineer.shifts(clocks, from, days).into_iter().map(row)
    });
    Ok(insert!(tx, shifts, shifts.collect::<Vec<_>>()).len())
}

fn add_users(tx: &mut Tx<'_>, known: &[Known], hash: &str) -> Result<(), Error> {
    let office = [
        ("admin", "Ada Admin", Role::Admin),
        ("dispatcher", "Dana Dispatcher", Role::Dispatcher),
        ("warehouse", "Walt Warehouse", Role::Warehouse),
        (actors::call_centre::LOGIN, "Call centre", Role::Dispatcher),
        (actors::office::LOGIN, "Front desk", Role::Dispatcher),
        (actors::warehouse::LOGIN, "Stores", Role::Warehouse),
    ];
    for (login, name, role) in office {
        users::create(tx, &user(login, name, role, None), hash)?;
    }
    for (id, engineer) in known {
        users::create(tx, &user(&engineer.login, engineer.name, Role::Engineer, Some(*id)), hash)?;
    }
    Ok(())
}

fn user(login: &str, name: &str, role: Role, engineer_id: Option<EngineerId>) -> NewUser {
    NewUser {
        login: login.to_owned(),
        display_name: name.to_owned(),
        role,
        password: String::new(),
        engineer_id,
        locale: None,
        email: None,
    }
}
