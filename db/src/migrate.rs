//! Migrations, compiled in. Several processes may start at once on one database, so it is done under a lock: an
//! advisory one on PostgreSQL, the write lock on SQLite.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::Error;
use crate::{Conn, each_backend};

/// SQLite's migrations.
pub const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
/// PostgreSQL's migrations.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Any number that nothing else on the server locks.
const LOCK: i64 = 0x6665_7474_6c65;

/// Brings the database to the present schema.
pub fn run(conn: &mut Conn) -> Result<(), Error> {
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| Error::Migrate(e.to_string());
    match conn {
        Conn::Sqlite(c) => {
            // Taken before looking what is pending: else two processes would both find all of it.
            let run = c.immediate_transaction(|c| c.run_pending_migrations(SQLITE).map(drop));
            run.map_err(failed)?;
        }
        Conn::Postgres(c) => {
            c.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
            let result = c.run_pending_migrations(POSTGRES).map(|_| ()).map_err(failed);
            c.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
            result?;
        }
    }
    Ok(())
}

/// Brings an empty database to the schema that these migrations make, as it was when they were all.
///
/// # Errors
/// One of them is not known, or fails.
pub fn only(conn: &mut Conn, wanted: &[String]) -> Result<(), Error> {
    match conn {
        Conn::Sqlite(c) => run_only::<diesel::sqlite::Sqlite, _>(c, &SQLITE, wanted),
        Conn::Postgres(c) => run_only::<diesel::pg::Pg, _>(c, &POSTGRES, wanted),
    }
}

/// The names of the migrations that this database has seen, in order.
///
/// # Errors
/// It has seen one that is not known here: it is of a newer version.
pub fn applied(conn: &mut Conn) -> Result<Vec<String>, Error> {
    // Not asked of the migrations' own library: it would make its table first, which a read may not.
    let query = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let seen: Vec<Seen> = each_backend!(conn, |c| diesel::sql_query(query).load(c))?;
    let known = names(conn.is_postgres());
    let name = |Seen { version }: Seen| {
        let found = known.iter().find(|name| name.split('_').next() == Some(version.as_str()));
        found.cloned().ok_or_else(|| Error::Migrate(format!("{version} is not known here")))
    };
    seen.into_iter().map(name).collect()
}

#[derive(diesel::QueryableByName)]
struct Seen {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

fn run_only<DB, C>(conn: &mut C, source: &EmbeddedMigrations, wanted: &[String]) -> Result<(), Error>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| Error::Migrate(e.to_string());
    let mut known = MigrationSource::<DB>::migrations(source).map_err(failed)?;
    known.sort_by_key(|migration| migration.name().to_string());
    // This makes the table in which they are noted.
    conn.applied_migrations().map_err(failed)?;
    for name in wanted {
        let migration = known.iter().find(|migration| migration.name().to_string() == *name);
        let migration =
            migration.ok_or_else(|| Error::Migrate(format!("migration {name} is not known here")))?;
        conn.run_migration(migration).map_err(failed)?;
    }
    Ok(())
}

/// The names of all migrations, in order, for one database.
pub fn names(postgres: bool) -> Vec<String> {
    let sort = |mut names: Vec<String>| {
        names.sort();
        names
    };
    if postgres {
        let found = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES).unwrap_or_default();
        sort(found.iter().map(|m| m.name().to_string()).collect())
    } else {
        let found = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).unwrap_or_default();
        sort(found.iter().map(|m| m.name().to_string()).collect())
    }
}
