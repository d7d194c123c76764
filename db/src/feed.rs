//! The phones' feed: one entry a row and scope, renewed on every change. What belongs to which scope is decided by
//! the hook given to [`Db::open`](crate::Db::open); the group's end calls it once, with all changes of the group.

use diesel::prelude::*;

use crate::changes::Change;
use crate::error::Error;
use crate::schema::sync_feed;
use crate::{Conn, prepared};

/// Says which scopes have to hear of these changes. Called inside the transaction, after the numbers are taken.
pub type FeedHook = fn(&mut Conn, &[&Change]) -> Result<Vec<FeedEntry>, Error>;

/// One row that one scope has to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = sync_feed)]
pub struct FeedEntry {
    /// An engineer's id, or `*` for everybody.
    pub scope: String,
    /// The collection as phones name it.
    pub collection: String,
    /// The row.
    pub row_id: String,
    /// Its place in the scope's feed: higher is later. Unique, so that pages can be cut anywhere.
    pub seq: i64,
    /// `put`, `remove` (no longer yours) or `delete` (gone for everybody).
    pub op: String,
}

/// Rows a statement: five parameters each, PostgreSQL takes 65,535.
const BATCH: usize = 1_000;

macro_rules! upsert {
    ($values:ident) => {
        diesel::insert_into(sync_feed::table)
            .values($values)
            .on_conflict((sync_feed::scope, sync_feed::collection, sync_feed::row_id))
            .do_update()
            .set((
                sync_feed::seq.eq(diesel::upsert::excluded(sync_feed::seq)),
                sync_feed::op.eq(diesel::upsert::excluded(sync_feed::op)),
            ))
    };
}

/// Writes feed entries over those that are there; the last one given for a row and scope wins.
pub fn write(conn: &mut Conn, mut entries: Vec<FeedEntry>) -> Result<(), Error> {
    // One statement must not touch one row twice (PostgreSQL refuses), so earlier entries give way to later ones.
    entries.reverse();
    let mut seen = std::collections::HashSet::new();
    entries.retain(|e| seen.insert((e.scope.clone(), e.collection.clone(), e.row_id.clone())));
    // A fixed order keeps two servers on one database from waiting for each other in a circle.
    entries.sort_by(|a, b| (&a.collection, &a.row_id, &a.scope).cmp(&(&b.collection, &b.row_id, &b.scope)));
    match conn {
        // SQLite has no round trip to save, and diesel no multi-row upsert for it.
        Conn::Sqlite(c) => {
            for entry in &entries {
                let _: i64 = prepared(upsert!(entry).returning(sync_feed::seq)).get_result(c)?;
            }
        }
        Conn::Postgres(c) => {
            for batch in entries.chunks(BATCH) {
                upsert!(batch).execute(c)?;
            }
        }
    }
    Ok(())
}
