//! The database for the judges, who speak SQLite: a file as it is, PostgreSQL copied table by table.

use std::path::Path;

use db::testing::{Backend, fresh_url, raw};
use db::{Conn, Db, Options, Url};
use diesel::prelude::*;
use diesel::sql_types::Text;
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::{Map, Value};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    body: String,
}

/// What the judges look at.
pub fn of(url: &Url) -> Connection {
    match url {
        Url::Sqlite(path) => Connection::open(path).unwrap(),
        Url::Postgres(_) => copied(url),
    }
}

/// A database of the same tables in memory, with what is in them.
fn copied(url: &Url) -> Connection {
    let (place, _scratch) = fresh_url(Backend::Sqlite);
    drop(Db::open(Options::new(place.clone())).unwrap());
    let Url::Sqlite(path) = place else { panic!("a file was asked for") };
    let sql = in_memory(&path);
    let Conn::Postgres(mut source) = raw(url) else { panic!("PostgreSQL was asked for") };
    for table in tables(&sql) {
        sql.execute(&format!("DELETE FROM {table}"), []).unwrap();
        let query = format!("SELECT row_to_json(t)::text AS body FROM {table} t");
        let rows: Vec<Row> = diesel::sql_query(query).load(&mut source).unwrap();
        for row in rows {
            insert(&sql, &table, serde_json::from_str(&row.body).unwrap());
        }
    }
    sql
}

fn in_memory(path: &Path) -> Connection {
    let file = Connection::open(path).unwrap();
    let mut sql = Connection::open_in_memory().unwrap();
    rusqlite::backup::Backup::new(&file, &mut sql).unwrap().step(-1).unwrap();
    sql.pragma_update(None, "foreign_keys", false).unwrap();
    sql
}

fn tables(sql: &Connection) -> Vec<String> {
    let mut names = sql
        .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
             AND name NOT LIKE '__diesel%'",
        )
        .unwrap();
    names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn insert(sql: &Connection, table: &str, row: Map<String, Value>) {
    let names: Vec<&str> = row.keys().map(String::as_str).collect();
    let places = vec!["?"; names.len()].join(", ");
    let query = format!("INSERT INTO {table} ({}) VALUES ({places})", names.join(", "));
    let values = row.values().map(|value| match value {
        Value::Null => Sql::Null,
        Value::Bool(so) => Sql::Integer(i64::from(*so)),
        Value::Number(n) => n.as_i64().map_or_else(|| Sql::Real(n.as_f64().unwrap_or(0.0)), Sql::Integer),
        Value::String(text) => Sql::Text(text.clone()),
        other => Sql::Text(other.to_string()),
    });
    sql.prepare_cached(&query).unwrap().execute(rusqlite::params_from_iter(values)).unwrap();
}
