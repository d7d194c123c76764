//! `fettle verify record` and `fettle record`: whether the record is as it was, of the whole database or of one bundle,
//! and the key that it is signed with. A bundle is judged without server and database.

use std::path::{Path, PathBuf};

use ::record::check::check;
use ::record::note::Head;
use ::record::verify::{Report, verify};
use ::record::{Bundle, PublicKey, bundle, keys};
use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use db::{Conn, Db};

use crate::auth::secret;
use crate::config::Config;
use crate::record::key_file;

/// What the record is judged by.
#[derive(Debug, Clone, Default, Args)]
pub struct Judged {
    /// One ticket's record, as the console exports it. Needs no database. Without it, the database's record is judged.
    #[arg(value_name = "BUNDLE")]
    pub bundle: Option<PathBuf>,
    /// The public key that the record must be signed with, or a file that has it.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// A head that was kept elsewhere, in a file: the database's record must still lead to it.
    #[arg(long, value_name = "FILE")]
    pub head: Option<PathBuf>,
}

/// The key of the record.
#[derive(Debug, Subcommand)]
pub enum Record {
    /// Print the public key in force, its fingerprint and the last head.
    Key,
    /// Begin a new key, since the old one is lost or known to others: a new file, and heads from now on. The old file
    /// must be out of the way.
    NewKey,
}

/// Judges a bundle: prints what it proves, names what is wrong, and fails if anything is.
///
/// # Errors
/// A file that cannot be read or is no bundle; faults.
pub fn judge_bundle(file: &Path, judged: &Judged) -> anyhow::Result<()> {
    let named = || file.display().to_string();
    let length = std::fs::metadata(file).with_context(named)?.len();
    ensure!(length <= bundle::LARGEST, "{} is longer than {} MiB", named(), bundle::LARGEST >> 20);
    let bundle: Bundle =
        serde_json::from_slice(&std::fs::read(file).with_context(named)?).with_context(named)?;
    let pinned = judged.key.as_deref().map(key).transpose()?;
    let report = check(&bundle, pinned.as_ref());
    if let Some(key) = &report.key {
        println!("Key {}\nFingerprint {}", key.text(), key.fingerprint());
        if pinned.is_none() {
            println!("The key came with the bundle: compare it with one that you know, or give --key.");
        }
    }
    for fault in &report.faults {
        println!("{fault}");
    }
    let Some(said) = report.statement.filter(|_| report.faults.is_empty()) else {
        bail!("{} faults in {}", report.faults.len(), named());
    };
    println!(
        "All {} entries of ticket {} are as they were at {}.",
        said.entries,
        said.ticket_id,
        at(said.at)
    );
    if !said.erased.is_empty() {
        println!("Erased before it was exported: {}.", said.erased.join(" "));
    }
    Ok(())
}

fn at(at: db::Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.millis());
    instant.map_or_else(|_| at.millis().to_string(), |instant| instant.to_string())
}

fn key(text: &str) -> anyhow::Result<PublicKey> {
    let from_file = || std::fs::read_to_string(text).ok().and_then(|text| PublicKey::parse(&text));
    PublicKey::parse(text).or_else(from_file).with_context(|| format!("{text} is no public key of a record"))
}

/// Judges the record of the whole database. Returns its faults.
///
/// # Errors
/// A failure of the database; a key or head that cannot be read.
pub async fn judge_database(db: &Db, judged: &Judged) -> anyhow::Result<usize> {
    let pinned: Vec<PublicKey> = judged.key.as_deref().map(key).transpose()?.into_iter().collect();
    let head = judged.head.as_deref().map(kept).transpose()?;
    let keys = pinned.clone();
    let report = db.read(move |conn: &mut Conn| verify(conn, &keys, head.as_ref())).await?;
    for fault in &report.faults {
        println!("record: {fault}");
    }
    if report.faults.is_empty() {
        tell(&report, pinned.is_empty());
    }
    Ok(report.faults.len())
}

fn tell(report: &Report, trusted: bool) {
    println!(
        "All {} sealed changes are as they were; {} signed heads lead to them.",
        report.sealed, report.heads
    );
    if report.erased > 0 {
        println!("Of {} something was erased; its digest stayed.", report.erased);
    }
    if let Some(since) = report.waiting_since {
        println!("{} changes since {} are not sealed yet.", report.waiting, at(since));
    }
    if let Some(head) = &report.head {
        println!("The last head has {} changes, of {}.", head.size, at(head.at));
    }
    for key in report.keys.iter().filter(|_| trusted) {
        println!("Signed with {}: compare it with one that you know, or give --key.", key.text());
    }
}

/// Reads a head that was kept. Its signature is not asked for: whoever kept it knows what it is.
fn kept(file: &Path) -> anyhow::Result<Head> {
    let note = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let text = note.split_once("\n\n").map_or(note.clone(), |(text, _)| format!("{text}\n"));
    Head::parse(&text).with_context(|| format!("{} is no head of a record", file.display()))
}

/// Runs `fettle record`.
///
/// # Errors
/// A key that is missing or in the way; a failure of the database.
pub async fn run(command: &Record, config: &Config, db: &Db) -> anyhow::Result<()> {
    let file = key_file(config);
    match command {
        Record::Key => {
            let known: Vec<PublicKey> = db.read(keys::known).await?;
            let key =
                known.last().context("nothing was signed yet: the first server that runs makes the key")?;
            println!("{}\nFingerprint {}\nPrivate key in {}", key.text(), key.fingerprint(), file.display());
            if let Some(head) = db.read(::record::export::head).await? {
                println!("\n{head}");
            }
        }
        Record::NewKey => {
            let signer = keys::renew(db, &file, secret::seed()?).await?;
            let key = signer.public();
            println!("{}\nFingerprint {}\nPrivate key in {}", key.text(), key.fingerprint(), file.display());
        }
    }
    Ok(())
}
