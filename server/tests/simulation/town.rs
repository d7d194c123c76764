//! Where every run begins: three engineers with vans, a few sites and assets, and tickets, some of them assigned.

use db::schema::{engineer_loads, engineers};
use db::testing::START;
use db::types::{EngineerId, Id, UserId};
use diesel::prelude::*;
use inventory::locations::NewLocation;
use inventory::parts::NewPart;
use inventory::{LocationKind, ledger, locations, parts};
use serde_json::json;
use server::auth::Role;
use server::auth::users::{self, NewUser};
use server::customers::{Asset, Customer, Site, store};
use server::engineers::Engineer;
use server::error::Error;

use crate::desk::Desk;
use crate::office;

/// Quantity of the part in each van at the beginning.
pub const IN_VAN: i64 = 1_000;
const ENGINEERS: usize = 3;
const SITES: usize = 3;
const TICKETS: usize = 5;

/// Who and what there is.
pub struct Town {
    pub engineers: Vec<(EngineerId, UserId)>,
    pub sites: Vec<String>,
    pub assets: Vec<String>,
    pub part: String,
}

/// Fills an empty server.
pub fn build(server: &mut impl Desk) -> Town {
    let part = server.write("town", |tx| {
        let new: NewPart = serde_json::from_value(json!({"number": "DR-1", "name": "Door roller"})).unwrap();
        Ok(parts::create(tx, new)?.id)
    });
    let part = part.unwrap();
    let engineers = (0..ENGINEERS).map(|nth| engineer(server, nth, part).unwrap()).collect();
    let (sites, assets): (Vec<_>, Vec<_>) = (0..SITES).map(|nth| place(server, nth).unwrap()).unzip();
    let town = Town { engineers, sites, assets, part: part.to_string() };
    for nth in 0..TICKETS {
        let id = office::open_ticket(server, &town, nth).unwrap();
        if nth < TICKETS - 1 {
            office::assign(server, &id, town.engineers[nth % ENGINEERS].0).unwrap();
        }
    }
    town
}

fn engineer(
    server: &mut impl Desk,
    nth: usize,
    part: db::types::PartId,
) -> Result<(EngineerId, UserId), Error> {
    server.write("town", move |tx| {
        let engineer = Engineer {
            id: Id::new(),
            code: format!("E-{nth}"),
            name: format!("Engineer {nth}"),
            phone: String::new(),
            home_latitude: 40.75,
            home_longitude: -73.5,
            max_load_minutes: 1_000_000,
            active: true,
            created_at: START,
        };
        diesel::insert_into(engineers::table).values(engineer.clone()).execute(tx.conn())?;
        tx.changed(&engineer)?;
        diesel::insert_into(engineer_loads::table)
            .values((
                engineer_loads::engineer_id.eq(engineer.id),
                engineer_loads::tickets.eq(0),
                engineer_loads::minutes.eq(0),
            ))
            .execute(tx.conn())?;
        let new = NewUser {
            login: format!("engineer-{nth}"),
            display_name: engineer.name.clone(),
            role: Role::Engineer,
            password: "not used here".to_owned(),
            engineer_id: Some(engineer.id),
            locale: None,
            email: None,
        };
        let user = users::create(tx, &new, "no hash")?;
        let van = NewLocation {
            kind: LocationKind::Van,
            code: format!("VAN-{nth}"),
            name: format!("Van {nth}"),
            latitude: None,
            longitude: None,
            parent_id: None,
            engineer_id: Some(engineer.id),
        };
        let van = locations::create(tx, van)?;
        ledger::receive(tx, part, van.id, IN_VAN, "")?;
        Ok((engineer.id, user.id))
    })
}

fn place(server: &mut impl Desk, nth: usize) -> Result<(String, String), Error> {
    server.write("town", move |tx| {
        let customer = Customer {
            id: Id::new(),
            number: format!("C-{nth}"),
            name: format!("Customer {nth}"),
            phone: String::new(),
            email: String::new(),
            level: String::new(),
            created_at: START,
        };
        store::insert_customer(tx, &customer)?;
        let site = Site {
            id: Id::new(),
            customer_id: customer.id,
            name: format!("Site {nth}"),
            address: format!("{nth} 5 AVENUE"),
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
            number: format!("A-{nth}"),
            kind: "lift".to_owned(),
            model: String::new(),
            manufacturer: String::new(),
            description: String::new(),
            created_at: START,
        };
        store::insert_asset(tx, &asset)?;
        Ok((site.id.to_string(), asset.id.to_string()))
    })
}
