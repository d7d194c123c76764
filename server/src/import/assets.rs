//! Assets with their sites and customers. A customer is known by his number, a site by its customer and address;
//! what is missing is made from the first row that names it, what is there already stays as it is.

use std::collections::{HashMap, HashSet};

use db::schema::{assets, customers, sites};
use db::types::{CustomerId, Id, SiteId};
use db::{Conn, Entity, Timestamp, Tx, each_backend};
use diesel::prelude::*;

use super::table::{Cells, Column};
use super::{Fault, IN_LIST, INSERT, Import, Numbered};
use crate::customers::{Asset, Customer, LONGEST_ADDRESS, LONGEST_NAME, LONGEST_NUMBER, Site};
use crate::error::Error;
use crate::http::Checks;
use crate::http::checks::ServiceArea;

/// Assets inside this area.
pub struct Assets {
    pub area: ServiceArea,
}

/// A row of the file.
pub struct Row {
    number: String,
    kind: String,
    model: String,
    manufacturer: String,
    description: String,
    site_name: String,
    address: String,
    latitude: f64,
    longitude: f64,
    customer_number: String,
    customer_name: String,
}

impl Import for Assets {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::needed("number"),
        Column::needed("kind"),
        Column::needed("model"),
        Column::optional("manufacturer"),
        Column::optional("description"),
        Column::optional("site_name"),
        Column::needed("address"),
        Column::needed("latitude"),
        Column::needed("longitude"),
        Column::needed("customer_number"),
        Column::optional("customer_name"),
    ];

    const KEY: &'static str = "number";

    fn read(&self, cells: &Cells<'_>, checks: &mut Checks) -> Row {
        let (latitude, longitude) = cells.place(checks, ("latitude", "longitude"), &self.area);
        let text = |column: &str| cells.text(column).to_owned();
        let row = Row {
            number: text("number"),
            kind: text("kind"),
            model: text("model"),
            manufacturer: text("manufacturer"),
            description: text("description"),
            site_name: cells.text_or("site_name", cells.text("address")).to_owned(),
            address: text("address"),
            latitude,
            longitude,
            customer_number: text("customer_number"),
            customer_name: cells.text_or("customer_name", cells.text("customer_number")).to_owned(),
        };
        // The site is not known yet, and nothing is checked of it here.
        row.asset(Id::new(), Timestamp::from_millis(0)).check(checks);
        checks
            .name("address", &row.address, LONGEST_ADDRESS)
            .place(("latitude", "longitude"), latitude, longitude, &self.area)
            .name("customer_number", &row.customer_number, LONGEST_NUMBER);
        // Where these are empty they are filled from their neighbours, whose faults are told already.
        for (column, value) in [("site_name", &row.site_name), ("customer_name", &row.customer_name)] {
            if !cells.text(column).is_empty() {
                checks.name(column, value, LONGEST_NAME);
            }
        }
        row
    }

    fn key(row: &Row) -> &str {
        &row.number
    }

    fn check(&self, conn: &mut Conn, rows: &[Numbered<Row>]) -> Result<Vec<Fault>, Error> {
        let mut known = HashSet::new();
        for rows in rows.chunks(IN_LIST) {
            let numbers = rows.iter().map(|row| row.value.number.as_str());
            let found: Vec<String> =
                assets::table.filter(assets::number.eq_any(numbers)).select(assets::number).load(conn)?;
            known.extend(found);
        }
        Ok(super::taken::<Self>(rows, &known))
    }

    fn write(&self, tx: &mut Tx<'_>, rows: &[&Row]) -> Result<(), Error> {
        let customers = customers_of(tx, rows)?;
        let sites = sites_of(tx, rows, &customers)?;
        let now = tx.now();
        let mut new = Vec::with_capacity(rows.len());
        for row in rows {
            let customer = customers.get(row.customer_number.as_str());
            let site = customer.and_then(|customer| sites.get(&(*customer, row.address.as_str())));
            let site = site.ok_or_else(|| Error::Internal("a site went missing".to_owned()))?;
            new.push(row.asset(*site, now));
        }
        for page in new.chunks(INSERT) {
            each_backend!(tx.conn(), |c| diesel::insert_into(assets::table).values(page).execute(c))?;
        }
        changed(tx, &new)
    }
}

impl Row {
    fn asset(&self, site_id: SiteId, now: Timestamp) -> Asset {
        Asset {
            id: Id::new(),
            site_id,
            number: self.number.clone(),
            kind: self.kind.clone(),
            model: self.model.clone(),
            manufacturer: self.manufacturer.clone(),
            description: self.description.clone(),
            created_at: now,
        }
    }

    fn site(&self, customer_id: CustomerId, now: Timestamp) -> Site {
        Site {
            id: Id::new(),
            customer_id,
            name: self.site_name.clone(),
            address: self.address.clone(),
            latitude: self.latitude,
            longitude: self.longitude,
            access_note: String::new(),
            contact: String::new(),
            time_zone: String::new(),
            created_at: now,
        }
    }

    fn customer(&self, now: Timestamp) -> Customer {
        Customer {
            id: Id::new(),
            number: self.customer_number.clone(),
            name: self.customer_name.clone(),
            phone: String::new(),
            email: String::new(),
            level: String::new(),
            created_at: now,
        }
    }
}

fn changed<R: Entity>(tx: &mut Tx<'_>, rows: &[R]) -> Result<(), Error> {
    for row in rows {
        tx.changed(row)?;
    }
    Ok(())
}

/// The customers that the rows name, those that are new written.
fn customers_of<'a>(tx: &mut Tx<'_>, rows: &[&'a Row]) -> Result<HashMap<&'a str, CustomerId>, Error> {
    let mut first: HashMap<&str, &Row> = HashMap::new();
    for row in rows {
        first.entry(&row.customer_number).or_insert(row);
    }
    let mut known: HashMap<&str, CustomerId> = HashMap::with_capacity(first.len());
    let numbers: Vec<&str> = first.keys().copied().collect();
    for numbers in numbers.chunks(IN_LIST) {
        let found: Vec<(String, CustomerId)> = customers::table
            .filter(customers::number.eq_any(numbers.iter().copied()))
            .select((customers::number, customers::id))
            .load(tx.conn())?;
        for (number, id) in found {
            known.extend(first.get(number.as_str()).map(|row| (row.customer_number.as_str(), id)));
        }
    }
    let now = tx.now();
    // In the order of the file, so that the log reads like it.
    let mut new: Vec<Customer> = Vec::new();
    for row in rows {
        if !known.contains_key(row.customer_number.as_str()) {
            let customer = row.customer(now);
            known.insert(&row.customer_number, customer.id);
            new.push(customer);
        }
    }
    for page in new.chunks(INSERT) {
        each_backend!(tx.conn(), |c| diesel::insert_into(customers::table).values(page).execute(c))?;
    }
    changed(tx, &new)?;
    Ok(known)
}

type Sites<'a> = HashMap<(CustomerId, &'a str), SiteId>;

/// The sites that the rows name, those that are new written.
fn sites_of<'a>(
    tx: &mut Tx<'_>,
    rows: &[&'a Row],
    customers: &HashMap<&str, CustomerId>,
) -> Result<Sites<'a>, Error> {
    let addresses: HashSet<&str> = rows.iter().map(|row| row.address.as_str()).collect();
    let mut known: Sites<'a> = HashMap::with_capacity(addresses.len());
    let ids: Vec<CustomerId> = customers.values().copied().collect();
    for ids in ids.chunks(IN_LIST) {
        let found: Vec<(CustomerId, String, SiteId)> = sites::table
            .filter(sites::customer_id.eq_any(ids.to_vec()))
            .order(sites::id.desc())
            .select((sites::customer_id, sites::address, sites::id))
            .load(tx.conn())?;
        // Of two sites at one address the older one, which comes last, is meant.
        for (customer, address, site) in found {
            known.extend(addresses.get(address.as_str()).map(|address| ((customer, *address), site)));
        }
    }
    let now = tx.now();
    let mut new: Vec<Site> = Vec::new();
    for row in rows {
        let Some(customer) = customers.get(row.customer_number.as_str()) else { continue };
        known.entry((*customer, &row.address)).or_insert_with(|| {
            let site = row.site(*customer, now);
            let id = site.id;
            new.push(site);
            id
        });
    }
    for page in new.chunks(INSERT) {
        each_backend!(tx.conn(), |c| diesel::insert_into(sites::table).values(page).execute(c))?;
    }
    changed(tx, &new)?;
    Ok(known)
}
