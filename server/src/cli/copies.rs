//! `fettle backup` and `fettle restore`, in words for the terminal.

use std::path::Path;

use anyhow::ensure;
use db::clock::real_now;

use crate::backup;
use crate::config::Config;

/// Writes a backup.
///
/// # Errors
/// None was written; or it was, and photos are missing in it that the database names.
pub async fn backup(config: &Config, to: &Path) -> anyhow::Result<()> {
    let saved = backup::write(config, to, real_now()).await?;
    let manifest = &saved.manifest;
    let rows: u64 = manifest.tables.iter().map(|table| table.count).sum();
    println!("{}: {rows} rows, {} photos and other objects", saved.path.display(), manifest.objects.len());
    for missing in &manifest.missing {
        println!("missing in the object store: {missing}");
    }
    ensure!(
        manifest.missing.is_empty(),
        "the backup is written, but {} objects are missing",
        manifest.missing.len()
    );
    Ok(())
}

/// Restores one.
///
/// # Errors
/// Nothing was restored, and why.
pub async fn restore(config: &Config, from: &Path, force: bool) -> anyhow::Result<()> {
    let restored = backup::restore(config, from, force, real_now()).await?;
    let rows: u64 = restored.manifest.tables.iter().map(|table| table.count).sum();
    println!("{rows} rows and {} objects are as they were.", restored.manifest.objects.len());
    if let Some(file) = restored.replaced {
        println!("What was there before is {}.", file.display());
    }
    println!(
        "The epoch is {} now: phones pull all anew, and give again what the backup did not have.",
        restored.epoch
    );
    Ok(())
}
