//! Migrations, compiled in. Several processes may start at once on one database, so it is done under a lock: an
//! advisory one on PostgreSQL, the write lock on SQLite.

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::Conn;
use crate::error::Error;

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
