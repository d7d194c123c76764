//! Where work is done and on what, and who else works here.

use db::Conn;
use db::schema::{assets, customers, engineers, sites};
use diesel::prelude::*;
use mobile_sync_wire::docs::{AssetDoc, ColleagueDoc, SiteDoc};

use super::{Found, fields, some};

type SiteRow = (String, String, String, f64, f64, String, String, String, String);

pub(super) fn sites(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use sites as s;
    let rows: Vec<SiteRow> = s::table
        .inner_join(customers::table)
        .filter(s::id.eq_any(ids))
        .select((
            s::id,
            s::name,
            s::address,
            s::latitude,
            s::longitude,
            customers::name,
            s::access_note,
            s::contact,
            s::time_zone,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, name, address, latitude, longitude, customer, access_note, contact, time_zone)| {
            let doc = SiteDoc {
                id: id.clone(),
                sync_v: 0,
                name,
                address,
                latitude,
                longitude,
                customer_name: some(customer),
                access_note: some(access_note),
                contact: some(contact),
                time_zone: some(time_zone),
            };
            fields(id, &doc)
        })
        .collect()
}

type AssetRow = (String, String, String, String, String, String, String);

pub(super) fn assets(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use assets as a;
    let rows: Vec<AssetRow> = a::table
        .filter(a::id.eq_any(ids))
        .select((a::id, a::site_id, a::number, a::kind, a::model, a::manufacturer, a::description))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, site_id, number, kind, model, manufacturer, description)| {
            let doc = AssetDoc {
                id: id.clone(),
                sync_v: 0,
                // Lifts have numbers, no names; and they are where their site is.
                name: number.clone(),
                address: None,
                latitude: None,
                longitude: None,
                site_id,
                number: some(number),
                kind: some(kind),
                model: some(model),
                manufacturer: some(manufacturer),
                description: some(description),
            };
            fields(id, &doc)
        })
        .collect()
}

pub(super) fn colleagues(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use engineers as e;
    let rows: Vec<(String, String, String, String)> = e::table
        .filter(e::id.eq_any(ids))
        .filter(e::active.eq(true))
        .select((e::id, e::code, e::name, e::phone))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, code, name, phone)| {
            fields(id.clone(), &ColleagueDoc { id, sync_v: 0, code, name, phone: some(phone) })
        })
        .collect()
}
