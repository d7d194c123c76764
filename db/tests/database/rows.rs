//! The smallest logged row there is, for tests that need something to write.

use db::schema::skills;
use db::{Actor, Conn, Db, Entity, Error, Numbers, Tx};
use diesel::prelude::*;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable)]
#[diesel(table_name = skills)]
pub struct Skill {
    pub code: String,
    pub name: String,
    pub name_zh: String,
}

impl Entity for Skill {
    const ENTITY: &'static str = "skills";

    fn row_id(&self) -> String {
        self.code.clone()
    }
}

pub fn skill(code: &str, name: &str) -> Skill {
    Skill { code: code.to_owned(), name: name.to_owned(), name_zh: String::new() }
}

pub fn actor() -> Actor {
    Actor::system("test")
}

pub fn insert(tx: &mut Tx<'_>, row: &Skill) -> Result<(), Error> {
    diesel::insert_into(skills::table).values(row).execute(tx.conn())?;
    tx.changed(row)
}

/// Gives a row another name, and says as what it is there now.
pub fn rename(tx: &mut Tx<'_>, code: &str, name: &str) -> Result<Skill, Error> {
    let row = diesel::update(skills::table.find(code))
        .set(skills::name.eq(name))
        .returning((skills::code, skills::name, skills::name_zh))
        .get_result(tx.conn())?;
    tx.changed(&row)?;
    Ok(row)
}

pub fn remove(tx: &mut Tx<'_>, row: &Skill) -> Result<(), Error> {
    diesel::delete(skills::table.find(&row.code)).execute(tx.conn())?;
    tx.removed(row)
}

pub async fn add(db: &Db, code: &str, name: &str) -> Numbers {
    let row = skill(code, name);
    db.write_numbered(actor(), move |tx| insert(tx, &row)).await.unwrap().1
}

pub fn all(conn: &mut Conn) -> Result<Vec<Skill>, Error> {
    Ok(skills::table.order(skills::code).load(conn)?)
}

/// The codes of all rows.
pub async fn codes(db: &Db) -> Vec<String> {
    db.read(all).await.unwrap().into_iter().map(|row| row.code).collect()
}
