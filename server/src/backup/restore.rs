//! Restoring a backup: into an empty database, or over one that nobody else has open. Everything is there, in a new
//! epoch, or nothing has changed; the bytes come first, for bytes that no row names do no harm.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use db::{Conn, Timestamp, Url, dump, refill};
use futures_util::stream;
use mobile_sync::epochs;
use object_store::path::Path as ObjectPath;
use tokio::runtime::Handle;

use super::archive::Reader;
use super::{Entry, Manifest};
use crate::config::Config;
use crate::storage::Storage;

/// Rows, and bytes of rows, that go into one statement.
const BATCH: (usize, usize) = (500, 4 * 1024 * 1024);

/// What a restore has done.
#[derive(Debug)]
pub struct Restored {
    /// What was in the backup.
    pub manifest: Manifest,
    /// The epoch that began.
    pub epoch: String,
    /// Where the database lies that was there before, if it was a file.
    pub replaced: Option<PathBuf>,
}

/// Restores a backup, and begins a new epoch above every number that is known to have been given. `force` replaces a
/// database that has something in it.
///
/// # Errors
/// A damaged backup, or one of a newer Fettle; something is in the database and `force` is not given; somebody has it
/// open; a failure of the database or of the store. Then the database is as it was.
pub async fn restore(config: &Config, from: &Path, force: bool, now: Timestamp) -> anyhow::Result<Restored> {
    let (config, from, here) = (config.clone(), from.to_owned(), Handle::current());
    tokio::task::spawn_blocking(move || run(&config, &from, force, now, &here)).await?
}

fn run(config: &Config, from: &Path, force: bool, now: Timestamp, here: &Handle) -> anyhow::Result<Restored> {
    let mut backup = Reader::open(from)?;
    let migrations = backup.manifest.migrations.clone();
    let storage = Storage::open(config)?;
    let mut epoch = String::new();
    let fill = |conn: &mut Conn, last: i64| {
        for entry in backup.manifest.objects.clone() {
            here.block_on(object(&storage, &mut backup, &entry))?;
        }
        for entry in backup.manifest.tables.clone() {
            table(conn, &mut backup, &entry)?;
        }
        epoch = epochs::begin_on(conn, now, last)?;
        anyhow::Ok(())
    };
    let url = Url::parse(&config.database_url);
    let replaced = refill::refill(&url, &migrations, force, now.millis(), fill)?;
    Ok(Restored { manifest: backup.manifest, epoch, replaced: replaced.file })
}

fn table(conn: &mut Conn, backup: &mut Reader, entry: &Entry) -> anyhow::Result<()> {
    let (mut batch, mut bytes, mut count) = (Vec::new(), 0, 0);
    backup.lines(&entry.name, |line| {
        bytes += line.len();
        count += 1;
        batch.push(line);
        if batch.len() >= BATCH.0 || bytes >= BATCH.1 {
            dump::insert(conn, &entry.name, &batch).with_context(|| entry.name.clone())?;
            batch.clear();
            bytes = 0;
        }
        Ok(())
    })?;
    if !batch.is_empty() {
        dump::insert(conn, &entry.name, &batch).with_context(|| entry.name.clone())?;
    }
    ensure!(count == entry.count, "{} has {count} rows, not {}", entry.name, entry.count);
    Ok(())
}

/// Writes bytes to where they were, unless as many are there: under a hash lie no others.
async fn object(storage: &Storage, backup: &mut Reader, entry: &Entry) -> anyhow::Result<()> {
    let place = ObjectPath::from(entry.name.as_str());
    if storage.size(&place).await? == Some(entry.count) {
        return Ok(());
    }
    let pieces = backup.object(&entry.name)?;
    let written = storage.write(&place, stream::iter(pieces), u64::MAX).await?;
    ensure!(
        !written.cut && written.sha256 == entry.sha256,
        "{} could not be read from the backup",
        entry.name
    );
    Ok(())
}
