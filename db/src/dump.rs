//! Whole tables as lines of JSON, out of a database and into another. What is written on one backend can be read on
//! both: booleans are 0 and 1 here and true and false there, and either reads both. Which tables there are is asked of
//! the database, so a dump of an older version is read as it was.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};

use crate::conn::Access;
use crate::error::Error;
use crate::{Conn, Url, each_backend};

/// Rows that are fetched at once.
const PAGE: usize = 500;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = BigInt)]
    at: i64,
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(diesel::QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

/// Runs a read that sees one state of a database, as it is: nothing is migrated.
///
/// # Errors
/// Whatever the closure returns, or a failure of the database.
pub fn snapshot<T, E: From<Error>>(url: &Url, body: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
    let mut conn = Conn::open(url, Access::Read)?;
    conn.begin_read()?;
    let result = body(&mut conn);
    conn.roll_back()?;
    result
}

/// The tables of this database, by name; neither those of the migrations nor those of tests.
///
/// # Errors
/// A failure of the database.
pub fn tables(conn: &mut Conn) -> Result<Vec<String>, Error> {
    let query = match conn.is_postgres() {
        true => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()
             AND tablename NOT LIKE '\\_\\_%' AND tablename NOT LIKE 'guard\\_%' ORDER BY 1"
        }
        false => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'guard\\_%' ESCAPE '\\' ORDER BY 1"
        }
    };
    let found: Vec<Named> = each_backend!(conn, |c| diesel::sql_query(query).load(c))?;
    Ok(found.into_iter().map(|named| named.name).collect())
}

/// Gives each row of a table, as a line, to `each`. Within a read (`Db::read`), all tables are of one moment.
///
/// # Errors
/// A failure of the database, or what `each` returns.
pub fn rows<E: From<Error>>(
    conn: &mut Conn,
    table: &str,
    mut each: impl FnMut(&str) -> Result<(), E>,
) -> Result<u64, E> {
    let mut source = Source::open(conn, table)?;
    let mut count = 0;
    loop {
        let page = source.page(conn)?;
        for row in &page {
            each(&row.line)?;
        }
        count += page.len() as u64;
        if page.len() < PAGE {
            source.close(conn)?;
            return Ok(count);
        }
    }
}

/// Where the next page comes from: after a row's number on SQLite, from a cursor on PostgreSQL.
enum Source {
    Sqlite { query: String, after: i64 },
    Postgres,
}

impl Source {
    fn open(conn: &mut Conn, table: &str) -> Result<Self, Error> {
        let name = quoted(table);
        if conn.is_postgres() {
            let cursor = format!(
                "DECLARE fettle_dump NO SCROLL CURSOR FOR SELECT 0::bigint AS at, row_to_json(t)::text AS line
                 FROM {name} t"
            );
            conn.batch_execute(&cursor)?;
            return Ok(Self::Postgres);
        }
        let pairs: Vec<String> = columns(conn, table)?.iter().map(pair).collect();
        let query = format!(
            "SELECT rowid AS at, json_object({}) AS line FROM {name} WHERE rowid > ? ORDER BY rowid LIMIT {PAGE}",
            pairs.join(", ")
        );
        Ok(Self::Sqlite { query, after: i64::MIN })
    }

    fn page(&mut self, conn: &mut Conn) -> Result<Vec<Line>, Error> {
        match self {
            Self::Postgres => {
                let fetch = format!("FETCH {PAGE} FROM fettle_dump");
                Ok(each_backend!(conn, |c| diesel::sql_query(fetch).load(c))?)
            }
            Self::Sqlite { query, after } => {
                let asked = diesel::sql_query(query.as_str()).bind::<BigInt, _>(*after);
                let page: Vec<Line> = each_backend!(conn, |c| asked.load(c))?;
                *after = page.last().map_or(*after, |line| line.at);
                Ok(page)
            }
        }
    }

    fn close(&self, conn: &mut Conn) -> Result<(), Error> {
        match self {
            Self::Postgres => Ok(conn.batch_execute("CLOSE fettle_dump")?),
            Self::Sqlite { .. } => Ok(()),
        }
    }
}

/// A column of SQLite as a member of the object. SQLite writes floating numbers with fifteen digits, which loses the
/// last bits; with seventeen, as a text, none are lost.
fn pair(Column { name, kind }: &Column) -> String {
    let (text, column) = (name.replace('\'', "''"), quoted(name));
    match kind.as_str() {
        "REAL" => format!("'{text}', iif({column} IS NULL, NULL, format('%!.17g', {column}))"),
        _ => format!("'{text}', {column}"),
    }
}

fn columns(conn: &mut Conn, table: &str) -> Result<Vec<Column>, Error> {
    let query = "SELECT name, type AS kind FROM pragma_table_info(?)";
    Ok(each_backend!(conn, |c| diesel::sql_query(query).bind::<Text, _>(table).load(c))?)
}

/// Writes rows, as [`rows`] gave them, into a table.
///
/// # Errors
/// A failure of the database: a table or a column that it does not have, or a row that it does not take.
pub fn insert(conn: &mut Conn, table: &str, lines: &[String]) -> Result<(), Error> {
    let (name, all) = (quoted(table), format!("[{}]", lines.join(",")));
    let query = if conn.is_postgres() {
        format!("INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, $1::json)")
    } else {
        let columns = columns(conn, table)?;
        let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
        let values = columns.iter().map(|column| {
            let path = format!("$.\"{}\"", column.name).replace('\'', "''");
            format!("json_extract(j.value, '{path}')")
        });
        let values: Vec<String> = values.collect();
        format!("INSERT INTO {name} ({}) SELECT {} FROM json_each(?) j", names.join(", "), values.join(", "))
    };
    each_backend!(conn, |c| diesel::sql_query(query).bind::<Text, _>(all).execute(c))?;
    Ok(())
}

/// A name as SQL takes it, whatever is in it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
