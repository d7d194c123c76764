//! Taking a backup, while servers run: one read sees all tables as they were at one moment. The bytes that they name
//! come after it; what is stored under a hash never changes and is not removed.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use db::schema::{blobs, changes, rescues, settings};
use db::types::RescueId;
use db::{Conn, Timestamp, Url, dump, migrate};
use diesel::prelude::*;
use futures_util::StreamExt;
use object_store::path::Path as ObjectPath;

use super::archive::Writer;
use super::{Entry, FORMAT, LEFT_OUT, Manifest, kind, object_file, table_file};
use crate::config::Config;
use crate::error::Error;
use crate::storage::Storage;
use crate::sync::rescue;

/// Bytes that the database names: where they are, and their hash.
type Object = (ObjectPath, String);

/// A backup that was taken.
#[derive(Debug)]
pub struct Saved {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
}

/// Writes a backup of the database and its bytes to a new file, or to one that it names itself in a folder. What the
/// object store should have and does not is left out, and named in the manifest.
///
/// # Errors
/// The file is there already or cannot be written; there is no database, or it is of a newer Fettle; a failure of the
/// database or of the store. Then there is no file.
pub async fn write(config: &Config, to: &Path, now: Timestamp) -> anyhow::Result<Saved> {
    if let Some(file) = config.sqlite_file() {
        ensure!(file.exists(), "there is no database {}", file.display());
    }
    let path = if to.is_dir() { to.join(file_name(now)) } else { to.to_owned() };
    let mut writer = Writer::create(&path)?;
    let saved = fill(config, &mut writer, now).await;
    match saved.and_then(|manifest| writer.finish(&manifest).map(|()| manifest)) {
        Ok(manifest) => Ok(Saved { path, manifest }),
        Err(error) => {
            Writer::forget(&path);
            Err(error)
        }
    }
}

/// `fettle-20260302-090000.zip`, in UTC.
fn file_name(now: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(now.millis()).unwrap_or_default();
    format!("fettle-{}.zip", at.strftime("%Y%m%d-%H%M%S"))
}

async fn fill(config: &Config, writer: &mut Writer, now: Timestamp) -> anyhow::Result<Manifest> {
    let url = Url::parse(&config.database_url);
    let (mut manifest, objects) = dump::snapshot(&url, |conn| tables(conn, writer, now))?;
    let storage = Storage::open(config)?;
    for (place, sha256) in objects {
        match object(&storage, writer, &place).await? {
            Some(entry) if entry.sha256 == sha256 => manifest.objects.push(entry),
            _ => manifest.missing.push(place.to_string()),
        }
    }
    Ok(manifest)
}

fn tables(conn: &mut Conn, writer: &mut Writer, now: Timestamp) -> anyhow::Result<(Manifest, Vec<Object>)> {
    let mut manifest = Manifest {
        format: FORMAT,
        fettle: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at: now,
        database: kind(conn.is_postgres()).to_owned(),
        last_change: changes::table
            .select(diesel::dsl::max(changes::seq))
            .first::<Option<i64>>(conn)?
            .unwrap_or(0),
        epoch: settings::table.find("epoch").select(settings::value).first(conn).optional()?,
        migrations: migrate::applied(conn)?,
        tables: Vec::new(),
        objects: Vec::new(),
        missing: Vec::new(),
    };
    for table in dump::tables(conn)? {
        if LEFT_OUT.contains(&table.as_str()) {
            continue;
        }
        writer.begin(&table_file(&table), true)?;
        let count = dump::rows(conn, &table, |line| {
            writer.put(line.as_bytes())?;
            writer.put(b"\n")
        })?;
        manifest.tables.push(writer.end(&table, count));
    }
    let photos: Vec<String> = blobs::table.select(blobs::sha256).order(blobs::sha256).load(conn)?;
    let given: Vec<(RescueId, String)> =
        rescues::table.select((rescues::id, rescues::sha256)).order(rescues::id).load(conn)?;
    let photos = photos.into_iter().map(|sha256| (crate::blobs::object(&sha256), sha256));
    let objects = photos.chain(given.into_iter().map(|(id, sha256)| (rescue::object(id), sha256)));
    Ok((manifest, objects.collect()))
}

/// Copies what is there; None if nothing is.
async fn object(storage: &Storage, writer: &mut Writer, place: &ObjectPath) -> anyhow::Result<Option<Entry>> {
    let mut pieces = match storage.read(place).await {
        Ok((_, pieces)) => pieces,
        Err(Error::Problem(problem)) if problem.code == "not_found" => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    writer.begin(&object_file(place.as_ref()), false)?;
    let mut bytes = 0;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        bytes += piece.len() as u64;
        writer.put(&piece)?;
    }
    Ok(Some(writer.end(place.as_ref(), bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_in_a_folder_is_named_by_its_moment() {
        assert_eq!(file_name(Timestamp::from_millis(1_772_442_000_000)), "fettle-20260302-090000.zip");
    }
}
