//! A database that is filled from elsewhere, whole or not at all: what a restore does. SQLite is filled in a file
//! beside the old one, which it then replaces; PostgreSQL in one transaction. Nobody else may have it open.

use std::path::{Path, PathBuf};

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};

use crate::conn::Access;
use crate::dump::{self, quoted};
use crate::error::Error;
use crate::{Conn, Url, changes, each_backend, migrate, schema};

/// What was there before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replaced {
    /// The number of its last change; 0 if there was none, or it could not be read.
    pub last: i64,
    /// Where the file lies now.
    pub file: Option<PathBuf>,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(diesel::QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// Replaces a database by one with these migrations, filled by `fill`, which is told the number of the last change of
/// what was there. `stamp` goes into the name under which a replaced file is kept.
///
/// # Errors
/// Something is in it and `force` is not given; there are tables of another program in it, or of a newer Fettle, in
/// PostgreSQL; somebody has it open; whatever `fill` returns; or a failure of the database. Then it is as it was.
pub fn refill<E: From<Error>>(
    url: &Url,
    migrations: &[String],
    force: bool,
    stamp: i64,
    fill: impl FnOnce(&mut Conn, i64) -> Result<(), E>,
) -> Result<Replaced, E> {
    match url {
        Url::Sqlite(path) => sqlite(path, migrations, force, stamp, fill),
        Url::Postgres(_) => postgres(url, migrations, force, fill),
    }
}

fn sqlite<E: From<Error>>(
    path: &Path,
    migrations: &[String],
    force: bool,
    stamp: i64,
    fill: impl FnOnce(&mut Conn, i64) -> Result<(), E>,
) -> Result<Replaced, E> {
    let last = if path.exists() { take_alone(path, force)? } else { 0 };
    let (fresh, kept) = (beside(path, "restoring"), beside(path, &format!("replaced-{stamp}")));
    remove(&fresh)?;
    let filled = fill_file(&fresh, migrations, last, fill);
    if let Err(error) = filled {
        remove(&fresh)?;
        return Err(error);
    }
    let there = path.exists();
    if there {
        std::fs::rename(path, &kept).map_err(|e| failed(path, &e))?;
    }
    std::fs::rename(&fresh, path).map_err(|e| failed(path, &e))?;
    Ok(Replaced { last, file: there.then_some(kept) })
}

/// The number of its last change, if nobody else has the file open and it may be replaced. Its write-ahead log is
/// folded into it, so that the file is all there is.
fn take_alone(path: &Path, force: bool) -> Result<i64, Error> {
    let mut conn = Conn::open(&Url::Sqlite(path.to_owned()), Access::Write)?;
    // Leaving write-ahead mode needs the file for oneself.
    conn.batch_execute("PRAGMA busy_timeout=1000; PRAGMA journal_mode=DELETE")
        .map_err(|_| Error::InUse(path.display().to_string()))?;
    inspect(&mut conn, force, &path.display().to_string())
}

fn fill_file<E: From<Error>>(
    fresh: &Path,
    migrations: &[String],
    last: i64,
    fill: impl FnOnce(&mut Conn, i64) -> Result<(), E>,
) -> Result<(), E> {
    let mut conn = Conn::open(&Url::Sqlite(fresh.to_owned()), Access::Write)?;
    migrate::only(&mut conn, migrations)?;
    conn.begin_write()?;
    // Rows come table by table; that all that is referred to is there is looked at when it ends.
    conn.batch_execute("PRAGMA defer_foreign_keys=ON").map_err(Error::from)?;
    empty(&mut conn)?;
    let done = fill(&mut conn, last);
    if done.is_err() {
        conn.roll_back()?;
        return done;
    }
    conn.commit()?;
    conn.batch_execute("PRAGMA journal_mode=DELETE").map_err(Error::from)?;
    Ok(())
}

fn postgres<E: From<Error>>(
    url: &Url,
    migrations: &[String],
    force: bool,
    fill: impl FnOnce(&mut Conn, i64) -> Result<(), E>,
) -> Result<Replaced, E> {
    let mut conn = Conn::open(url, Access::Write)?;
    conn.batch_execute("SET idle_in_transaction_session_timeout = 0").map_err(Error::from)?;
    let others = count(
        &mut conn,
        "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database()
         AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    )?;
    if others > 0 {
        return Err(Error::InUse(format!("the database ({others} connections)")).into());
    }
    conn.begin_write()?;
    let replaced = replace(&mut conn, migrations, force, fill);
    match &replaced {
        Ok(_) => conn.commit()?,
        Err(_) => conn.roll_back()?,
    }
    replaced
}

fn replace<E: From<Error>>(
    conn: &mut Conn,
    migrations: &[String],
    force: bool,
    fill: impl FnOnce(&mut Conn, i64) -> Result<(), E>,
) -> Result<Replaced, E> {
    let mut there = dump::tables(conn)?;
    // Somebody else's tables are not ours to drop, whatever is asked for.
    if let Some(table) = there.iter().find(|table| !is_ours(table)) {
        return Err(Error::Foreign(table.clone()).into());
    }
    let last = inspect(conn, force, "the database")?;
    there.push("__diesel_schema_migrations".to_owned());
    for table in there {
        let drop = format!("DROP TABLE IF EXISTS {} CASCADE", quoted(&table));
        conn.batch_execute(&drop).map_err(Error::from)?;
    }
    migrate::only(conn, migrations)?;
    empty(conn)?;
    // Rows come table by table: what refers to what is looked at when all are there.
    let keys = foreign_keys(conn)?;
    for Key { of, name, .. } in &keys {
        let drop = format!("ALTER TABLE {of} DROP CONSTRAINT {}", quoted(name));
        conn.batch_execute(&drop).map_err(Error::from)?;
    }
    fill(conn, last)?;
    for Key { of, name, definition } in &keys {
        let add = format!("ALTER TABLE {of} ADD CONSTRAINT {} {definition}", quoted(name));
        conn.batch_execute(&add).map_err(Error::from)?;
    }
    Ok(Replaced { last, file: None })
}

fn is_ours(table: &str) -> bool {
    schema::LOGGED.iter().any(|(known, _)| *known == table) || schema::UNLOGGED.contains(&table)
}

fn foreign_keys(conn: &mut Conn) -> Result<Vec<Key>, Error> {
    let query = "SELECT conrelid::regclass::text AS of, conname::text AS name, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";
    Ok(each_backend!(conn, |c| diesel::sql_query(query).load(c))?)
}

/// The number of the last change that is there. Refuses what has something in it, unless it may be replaced.
fn inspect(conn: &mut Conn, force: bool, name: &str) -> Result<i64, Error> {
    if !dump::tables(conn)?.iter().any(|table| table == "changes") {
        return Ok(0);
    }
    if !force && count(conn, "SELECT count(*) AS count FROM changes")? > 0 {
        return Err(Error::Occupied(name.to_owned()));
    }
    changes::last(conn)
}

fn count(conn: &mut Conn, query: &str) -> Result<i64, Error> {
    let found: Count = each_backend!(conn, |c| diesel::sql_query(query).get_result(c))?;
    Ok(found.count)
}

/// Removes what migrations have put into their tables.
fn empty(conn: &mut Conn) -> Result<(), Error> {
    let all = dump::tables(conn)?;
    if conn.is_postgres() {
        let names: Vec<String> = all.iter().map(|table| quoted(table)).collect();
        return Ok(conn.batch_execute(&format!("TRUNCATE {}", names.join(", ")))?);
    }
    for table in all {
        conn.batch_execute(&format!("DELETE FROM {}", quoted(&table)))?;
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{suffix}"));
    path.with_file_name(name)
}

/// Removes a file of ours and its logs, if they are there.
fn remove(path: &Path) -> Result<(), Error> {
    for file in [path.to_owned(), sibling(path, "-wal"), sibling(path, "-shm"), sibling(path, "-journal")] {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(&file, &error)),
            _ => {}
        }
    }
    Ok(())
}

fn sibling(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::Group(format!("{}: {error}", path.display()))
}
