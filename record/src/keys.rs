//! The private key: a file beside the server, never in the database, so that whoever can write to the database alone
//! cannot sign what he made of it. Which public key is in force the database knows, so that of several servers none
//! signs with another.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use db::{Actor, Conn, Db, Tx};

use crate::note::{PublicKey, Signer};
use crate::{Error, store};

/// What the file begins with.
const PREFIX: &str = "fettle-record-private-key-1 ";

/// The key to sign with: from the file, or a new one in a new file if nothing was ever signed.
///
/// # Errors
/// [`Error::NoKey`] if heads were signed with a key that is not in the file; a file that cannot be read or written.
pub async fn open(db: &Db, file: &Path, seed: impl FnOnce() -> [u8; 32] + Send) -> Result<Signer, Error> {
    let in_force = in_force(db).await?;
    let signer = match (read(file)?, &in_force) {
        (Some(signer), _) => signer,
        (None, None) => create(file, seed())?,
        (None, Some(key)) => {
            let problem = format!("{} is missing, which has the private key of {key}", file.display());
            return Err(Error::NoKey(problem));
        }
    };
    let ours = signer.public().text();
    if in_force.is_none() {
        let text = ours.clone();
        // Another server may be faster: then its key is in force, not ours.
        let first = move |tx: &mut Tx<'_>| match store::keys(tx.conn())?.is_empty() {
            true => store::add_key(tx, &text),
            false => Ok(()),
        };
        db.write(Actor::system("record"), first).await?;
    }
    match in_force_of(db).await? {
        key if key == ours => Ok(signer),
        key => Err(Error::NoKey(format!("{} has {ours}, in force is {key}", file.display()))),
    }
}

/// Begins a new key in a new file: heads are signed with it from now on. The old heads stay under the old key.
///
/// # Errors
/// A file that is there already or cannot be written; a failure of the database.
pub async fn renew(db: &Db, file: &Path, seed: [u8; 32]) -> Result<Signer, Error> {
    let signer = create(file, seed)?;
    let key = signer.public().text();
    db.write(Actor::system("record"), move |tx: &mut Tx<'_>| store::replace_key(tx, &key)).await?;
    Ok(signer)
}

async fn in_force(db: &Db) -> Result<Option<String>, Error> {
    let keys = db.read(|conn: &mut Conn| store::keys(conn)).await?;
    Ok(keys.into_iter().last().map(|(_, key)| key))
}

async fn in_force_of(db: &Db) -> Result<String, Error> {
    Ok(in_force(db).await?.unwrap_or_default())
}

/// The public keys that the database knows, the one in force last.
///
/// # Errors
/// A failure of the database.
pub fn known(conn: &mut Conn) -> Result<Vec<PublicKey>, Error> {
    Ok(store::keys(conn)?.iter().filter_map(|(_, key)| PublicKey::parse(key)).collect())
}

fn read(file: &Path) -> Result<Option<Signer>, Error> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(file, error)),
    };
    let seed = text.trim_end().strip_prefix(PREFIX).and_then(|key| STANDARD.decode(key).ok());
    let seed: Option<[u8; 32]> = seed.and_then(|bytes| bytes.try_into().ok());
    seed.map(|seed| Some(Signer::from_seed(seed)))
        .ok_or_else(|| failed(file, "is no private key of a record"))
}

fn create(file: &Path, seed: [u8; 32]) -> Result<Signer, Error> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(file, error))?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file).map_err(|error| failed(file, error))?;
    let written = writeln!(opened, "{PREFIX}{}", STANDARD.encode(seed)).and_then(|()| opened.sync_all());
    written.map_err(|error| failed(file, error))?;
    Ok(Signer::from_seed(seed))
}

fn failed(file: &Path, problem: impl ToString) -> Error {
    Error::Key { file: file.display().to_string(), problem: problem.to_string() }
}
