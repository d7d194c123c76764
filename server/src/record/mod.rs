//! The record of what was done, as this server keeps it: the key that it signs with, the task that seals the change
//! log, and the routes that hand a ticket's record out. What a record is and how it is judged is the crate's matter.

pub mod erasure;
pub mod routes;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::record::seal::Sealer;
use tokio::sync::OnceCell;

use crate::app::App;
use crate::auth::secret;
use crate::config::Config;
use crate::error::{Error, Problem};

/// How long nothing is said again of a key that is missing.
const SAY_AGAIN: Duration = Duration::from_secs(600);

/// What seals, once its key is found.
#[derive(Default)]
pub struct Keeper(OnceCell<Arc<Sealer>>);

impl Keeper {
    /// What seals. The key is looked for, and made if nothing was ever signed, when it is first needed; if that fails
    /// it is tried again the next time, so a key that is put in its place is taken without a restart.
    ///
    /// # Errors
    /// No key, or another than the one in force; a failure of the database.
    pub async fn sealer(&self, app: &App) -> Result<Arc<Sealer>, Error> {
        let open = || async {
            let seed = secret::seed()?;
            let signer = ::record::keys::open(&app.db, &key_file(&app.config), || seed).await?;
            Ok::<_, Error>(Arc::new(Sealer::new(signer)))
        };
        self.0.get_or_try_init(open).await.cloned()
    }
}

/// Where the private key is.
pub fn key_file(config: &Config) -> PathBuf {
    if !config.record_key.is_empty() {
        return PathBuf::from(&config.record_key);
    }
    let file = config.sqlite_file();
    let beside = file.as_deref().and_then(|file| file.parent()).map(|folder| folder.join("record.key"));
    beside.unwrap_or_else(|| PathBuf::from("data/record.key"))
}

/// Seals what is there.
///
/// # Errors
/// No key; a failure of the database.
pub async fn seal(app: &App) -> Result<usize, Error> {
    let sealer = app.record.sealer(app).await?;
    let epoch = mobile_sync::epochs::current(&app.db).await.map_err(|e| Error::Internal(e.to_string()))?;
    Ok(sealer.seal(&app.db, &epoch).await?)
}

/// Seals again and again. Runs for ever.
pub async fn run(app: Arc<App>) {
    if app.config.record_seal_seconds <= 0.0 {
        return;
    }
    let every = Duration::from_secs_f64(app.config.record_seal_seconds.clamp(0.1, 3_600.0));
    let mut timer = tokio::time::interval(every);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut said: Option<std::time::Instant> = None;
    loop {
        timer.tick().await;
        match seal(&app).await {
            Ok(_) => said = None,
            Err(error) if said.is_none_or(|at| at.elapsed() > SAY_AGAIN) => {
                tracing::warn!(%error, "the record is not sealed; it is tried again");
                said = Some(std::time::Instant::now());
            }
            Err(_) => {}
        }
    }
}

impl From<::record::Error> for Error {
    fn from(error: ::record::Error) -> Self {
        use ::record::Error as E;
        match error {
            E::Database(error) => Self::Database(error),
            // Which file, and which key is in force, is for the log of the server.
            E::NoKey(_) | E::Key { .. } => {
                tracing::warn!(%error, "the record cannot be signed");
                Problem::conflict("record_key", "This server has no key to sign the record with.").into()
            }
            E::Damaged(_) => Problem::conflict("record_damaged", error.to_string()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_beside_the_database_unless_it_is_said_where() {
        let file = |database_url: &str, record_key: &str| {
            let (database_url, record_key) = (database_url.to_owned(), record_key.to_owned());
            key_file(&Config { database_url, record_key, ..Config::default() })
        };
        assert_eq!(file("/srv/fettle/day.db", ""), PathBuf::from("/srv/fettle/record.key"));
        assert_eq!(file("postgres://db/fettle", ""), PathBuf::from("data/record.key"));
        assert_eq!(file("/srv/fettle/day.db", "/run/secrets/key"), PathBuf::from("/run/secrets/key"));
    }
}
