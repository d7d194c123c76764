//! The guard of the tests: triggers record which rows of logged tables were really written, and a transaction whose
//! log misses one of them fails. Installed only where [`Options::guard`](crate::Options) asks for it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::Conn;
use crate::error::Error;
use crate::schema::LOGGED;

/// Installs the triggers on every logged table.
pub fn install(conn: &mut Conn) -> Result<(), Error> {
    let mut sql = String::from(
        "CREATE TABLE IF NOT EXISTS guard_written_rows (entity TEXT NOT NULL, row_id TEXT NOT NULL);\n",
    );
    if conn.is_postgres() {
        sql.push_str(
            "CREATE OR REPLACE FUNCTION guard_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               INSERT INTO guard_written_rows VALUES (TG_TABLE_NAME,
                 CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ->> TG_ARGV[0] ELSE to_jsonb(NEW) ->> TG_ARGV[0] END);
               RETURN NULL; END $$;\n",
        );
    }
    for (table, key) in LOGGED {
        if conn.is_postgres() {
            sql.push_str(&format!(
                "CREATE OR REPLACE TRIGGER guard AFTER INSERT OR UPDATE OR DELETE ON {table}
                 FOR EACH ROW EXECUTE FUNCTION guard_note('{key}');\n"
            ));
        } else {
            for (event, row) in [("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")] {
                sql.push_str(&format!(
                    "CREATE TRIGGER IF NOT EXISTS guard_{table}_{event} AFTER {event} ON {table} BEGIN
                     INSERT INTO guard_written_rows VALUES ('{table}', {row}.{key}); END;\n"
                ));
            }
        }
    }
    Ok(conn.batch_execute(&sql)?)
}

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = Text)]
    entity: String,
    #[diesel(sql_type = Text)]
    row_id: String,
}

/// Fails if a row was written since number `start` that the log does not tell of.
pub(crate) fn check(conn: &mut Conn, start: i64) -> Result<(), Error> {
    let sql = "SELECT DISTINCT entity, row_id FROM guard_written_rows w WHERE NOT EXISTS
               (SELECT 1 FROM changes c WHERE c.entity = w.entity AND c.row_id = w.row_id AND c.seq > ";
    let missing: Vec<Written> = match conn {
        Conn::Sqlite(c) => diesel::sql_query(format!("{sql} ?)")).bind::<BigInt, _>(start).load(c)?,
        Conn::Postgres(c) => diesel::sql_query(format!("{sql} $1)")).bind::<BigInt, _>(start).load(c)?,
    };
    conn.batch_execute("DELETE FROM guard_written_rows")?;
    if missing.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = missing.into_iter().map(|w| format!("{} {}", w.entity, w.row_id)).collect();
    Err(Error::Unlogged(rows.join(", ")))
}
