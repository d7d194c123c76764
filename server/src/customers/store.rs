//! The SQL of customers, sites and assets. Every write ends with `tx.changed`.

use db::schema::{assets, customers, sites};
use db::types::{AssetId, CustomerId, SiteId};
use db::{Conn, Tx};
use diesel::prelude::*;

use super::{Asset, Customer, Site};
use crate::error::{Error, Problem};
use crate::tickets::query::{contains, sql_lower};

/// The customer of this id, if there is one.
///
/// # Errors
/// A failure of the database.
pub fn find_customer(conn: &mut Conn, id: CustomerId) -> Result<Option<Customer>, Error> {
    Ok(customers::table.find(id).first(conn).optional()?)
}

/// The customer of this id.
///
/// # Errors
/// 404.
pub fn customer(conn: &mut Conn, id: CustomerId) -> Result<Customer, Error> {
    find_customer(conn, id)?.ok_or_else(|| Problem::not_found("customer").into())
}

/// Customers in order of number, after the number `after`; `q` is looked for in number, name and e-mail address.
///
/// # Errors
/// A failure of the database.
pub fn customers(
    conn: &mut Conn,
    q: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Customer>, Error> {
    let mut query = customers::table.order(customers::number).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(customers::number.gt(after.to_owned()));
    }
    if let Some(q) = q {
        let pattern = contains(q);
        query = query.filter(
            sql_lower(customers::number)
                .like(pattern.clone())
                .escape('\\')
                .or(sql_lower(customers::name).like(pattern.clone()).escape('\\'))
                .or(sql_lower(customers::email).like(pattern).escape('\\')),
        );
    }
    Ok(query.load(conn)?)
}

/// Writes a new customer.
///
/// # Errors
/// A taken number.
pub fn insert_customer(tx: &mut Tx<'_>, customer: &Customer) -> Result<(), Error> {
    diesel::insert_into(customers::table).values(customer.clone()).execute(tx.conn())?;
    Ok(tx.changed(customer)?)
}

/// Writes a customer back.
///
/// # Errors
/// A taken number.
pub fn update_customer(tx: &mut Tx<'_>, customer: &Customer) -> Result<(), Error> {
    diesel::update(customers::table.find(customer.id)).set(customer.clone()).execute(tx.conn())?;
    Ok(tx.changed(customer)?)
}

/// The site of this id, if there is one.
///
/// # Errors
/// A failure of the database.
pub fn find_site(conn: &mut Conn, id: SiteId) -> Result<Option<Site>, Error> {
    Ok(sites::table.find(id).first(conn).optional()?)
}

/// The site of this id.
///
/// # Errors
/// 404.
pub fn site(conn: &mut Conn, id: SiteId) -> Result<Site, Error> {
    find_site(conn, id)?.ok_or_else(|| Problem::not_found("site").into())
}

/// Sites in the order in which they were added, after the id `after`; `q` is looked for in name and address.
///
/// # Errors
/// A failure of the database.
pub fn sites(
    conn: &mut Conn,
    q: Option<&str>,
    customer: Option<CustomerId>,
    after: Option<SiteId>,
    limit: i64,
) -> Result<Vec<Site>, Error> {
    let mut query = sites::table.order(sites::id).limit(limit).into_boxed();
    if let Some(customer) = customer {
        query = query.filter(sites::customer_id.eq(customer));
    }
    if let Some(after) = after {
        query = query.filter(sites::id.gt(after));
    }
    if let Some(q) = q {
        let pattern = contains(q);
        query = query.filter(
            sql_lower(sites::name)
                .like(pattern.clone())
                .escape('\\')
                .or(sql_lower(sites::address).like(pattern).escape('\\')),
        );
    }
    Ok(query.load(conn)?)
}

/// Writes a new site.
///
/// # Errors
/// A failure of the database.
pub fn insert_site(tx: &mut Tx<'_>, site: &Site) -> Result<(), Error> {
    diesel::insert_into(sites::table).values(site.clone()).execute(tx.conn())?;
    Ok(tx.changed(site)?)
}

/// Writes a site back.
///
/// # Errors
/// A failure of the database.
pub fn update_site(tx: &mut Tx<'_>, site: &Site) -> Result<(), Error> {
    diesel::update(sites::table.find(site.id)).set(site.clone()).execute(tx.conn())?;
    Ok(tx.changed(site)?)
}

/// The asset of this id.
///
/// # Errors
/// 404.
pub fn asset(conn: &mut Conn, id: AssetId) -> Result<Asset, Error> {
    let found = assets::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("asset").into())
}

/// Assets in order of number, after the number `after`; `q` is looked for in number, model, and address of the site.
///
/// # Errors
/// A failure of the database.
pub fn assets(
    conn: &mut Conn,
    q: Option<&str>,
    site: Option<SiteId>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Asset>, Error> {
    let mut query = assets::table
        .inner_join(sites::table)
        .order(assets::number)
        .limit(limit)
        .select(assets::all_columns)
        .into_boxed();
    if let Some(site) = site {
        query = query.filter(assets::site_id.eq(site));
    }
    if let Some(after) = after {
        query = query.filter(assets::number.gt(after.to_owned()));
    }
    if let Some(q) = q {
        let pattern = contains(q);
        query = query.filter(
            sql_lower(assets::number)
                .like(pattern.clone())
                .escape('\\')
                .or(sql_lower(assets::model).like(pattern.clone()).escape('\\'))
                .or(sql_lower(sites::address).like(pattern).escape('\\')),
        );
    }
    Ok(query.load(conn)?)
}

/// Writes a new asset.
///
/// # Errors
/// A taken number.
pub fn insert_asset(tx: &mut Tx<'_>, asset: &Asset) -> Result<(), Error> {
    diesel::insert_into(assets::table).values(asset.clone()).execute(tx.conn())?;
    Ok(tx.changed(asset)?)
}

/// Writes an asset back.
///
/// # Errors
/// A taken number.
pub fn update_asset(tx: &mut Tx<'_>, asset: &Asset) -> Result<(), Error> {
    diesel::update(assets::table.find(asset.id)).set(asset.clone()).execute(tx.conn())?;
    Ok(tx.changed(asset)?)
}
