//! Templates as rows. One that comes with Fettle has no row until somebody changes it: it is version 1.

use db::schema::{parts, skills, ticket_templates};
use db::types::PartId;
use db::{Conn, Tx};
use diesel::prelude::*;

use super::{Template, shipped};
use crate::error::{Error, Problem};

/// All templates, by id: those that come with Fettle too.
pub fn all(conn: &mut Conn) -> Result<Vec<Template>, Error> {
    let mut found: Vec<Template> = ticket_templates::table.order(ticket_templates::id).load(conn)?;
    for template in shipped::templates() {
        if !found.iter().any(|known| known.id == template.id) {
            found.push(template);
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

pub fn find(conn: &mut Conn, id: &str) -> Result<Option<Template>, Error> {
    let stored: Option<Template> = ticket_templates::table.find(id).first(conn).optional()?;
    Ok(stored.or_else(|| shipped::templates().into_iter().find(|template| template.id == id)))
}

pub fn get(conn: &mut Conn, id: &str) -> Result<Template, Error> {
    find(conn, id)?.ok_or_else(|| Problem::not_found("template").into())
}

/// How many there are rows of.
pub fn count(conn: &mut Conn) -> Result<i64, Error> {
    Ok(ticket_templates::table.count().get_result(conn)?)
}

/// Writes a template, as a new row or in place of the one of this id.
pub fn put(tx: &mut Tx<'_>, template: &Template) -> Result<(), Error> {
    diesel::delete(ticket_templates::table.find(&template.id)).execute(tx.conn())?;
    diesel::insert_into(ticket_templates::table).values(template.clone()).execute(tx.conn())?;
    Ok(tx.changed(template)?)
}

/// Removes a template. Tickets keep what they have of it.
pub fn remove(tx: &mut Tx<'_>, id: &str) -> Result<(), Error> {
    let template = get(tx.conn(), id)?;
    if shipped::templates().iter().any(|known| known.id == id) {
        let detail = "It comes with Fettle; it can be turned off.";
        return Err(Problem::conflict("template_shipped", detail).into());
    }
    diesel::delete(ticket_templates::table.find(id)).execute(tx.conn())?;
    Ok(tx.removed(&template)?)
}

/// Which of these skills there are.
pub fn known_skills(conn: &mut Conn, codes: &[&str]) -> Result<Vec<String>, Error> {
    Ok(skills::table.filter(skills::code.eq_any(codes)).select(skills::code).load(conn)?)
}

/// Which of these parts there are.
pub fn known_parts(conn: &mut Conn, ids: &[PartId]) -> Result<Vec<PartId>, Error> {
    Ok(parts::table.filter(parts::id.eq_any(ids)).select(parts::id).load(conn)?)
}
