//! The server's rows as they came, one JSON document each; unknown columns and unknown collections included, so
//! that an app's update finds what its predecessor did not understand.

use mobile_sync_wire::{
    Fields,
    mutants::{self, Mutant},
    pull::{ChangeOp, PageChange},
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::DeviceError;

/// One row of the server.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub id: String,
    pub v: i64,
    pub doc: Fields,
}

pub(crate) fn apply(db: &Connection, change: &PageChange, generation: i64) -> Result<(), DeviceError> {
    match (change.op, &change.doc) {
        (ChangeOp::Put, Some(doc)) => {
            let v = change.v.or_else(|| doc.get("sync_v")?.as_i64()).unwrap_or(0);
            put(db, &change.c, &change.id, v, doc, generation)
        }
        // A put without a document says nothing that could be stored; the row keeps what it has.
        (ChangeOp::Put, None) => Ok(()),
        // Un-acknowledged work on the row stays: it is in the outbox, not here.
        (ChangeOp::Remove | ChangeOp::Delete, _) => {
            db.prepare_cached("DELETE FROM rows WHERE c = ?1 AND id = ?2")?
                .execute(params![change.c, change.id])?;
            if mutants::on(Mutant::WorkOnRemovedRows) {
                let about = "json_extract(body, '$.id') = ?1 OR json_extract(body, '$.set.ticket_id') = ?1";
                let drop = format!("DELETE FROM mutations WHERE acked_at IS NULL AND ({about})");
                db.execute(&drop, [&change.id])?;
            }
            Ok(())
        }
    }
}

pub(crate) fn put(
    db: &Connection,
    c: &str,
    id: &str,
    v: i64,
    doc: &Fields,
    generation: i64,
) -> Result<(), DeviceError> {
    db.prepare_cached("INSERT OR REPLACE INTO rows (c, id, v, doc, generation) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![c, id, v, serde_json::to_string(doc)?, generation])?;
    Ok(())
}

pub(crate) fn get(db: &Connection, c: &str, id: &str) -> Result<Option<Row>, DeviceError> {
    let found: Option<(i64, String)> = db
        .prepare_cached("SELECT v, doc FROM rows WHERE c = ?1 AND id = ?2")?
        .query_row(params![c, id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(v, doc)| Ok(Row { id: id.to_owned(), v, doc: serde_json::from_str(&doc)? })).transpose()
}

pub(crate) fn all(db: &Connection, c: &str) -> Result<Vec<Row>, DeviceError> {
    let mut statement = db.prepare_cached("SELECT id, v, doc FROM rows WHERE c = ?1 ORDER BY id")?;
    let mut found = statement.query([c])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let doc: String = row.get(2)?;
        rows.push(Row { id: row.get(0)?, v: row.get(1)?, doc: serde_json::from_str(&doc)? });
    }
    Ok(rows)
}

/// Drops what a complete new truth did not mention again.
pub(crate) fn forget_before(db: &Connection, generation: i64) -> Result<(), DeviceError> {
    db.execute("DELETE FROM rows WHERE generation < ?1", [generation])?;
    Ok(())
}

pub(crate) fn forget_all(db: &Connection) -> Result<(), DeviceError> {
    db.execute("DELETE FROM rows", [])?;
    Ok(())
}
