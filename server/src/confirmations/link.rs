//! The link: which completion of which ticket, and a code that proves that this deployment made it. Nothing is stored
//! for a link, so it can be shown again; its key is the deployment's and in the database, for all of its servers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::schema::settings;
use db::types::TicketId;
use db::{Actor, Conn, Db, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::auth::secret;
use crate::error::Error;

/// Where the key is kept.
const SETTING: &str = "confirmation_key";
/// What the code is made over begins so, that no code of another kind is taken for one of these.
const CONTEXT: &[u8] = b"fettle confirmation 1";
/// Ticket, completion, and the first half of the code.
const BYTES: usize = 16 + 8 + 16;

/// Which completion of which ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The ticket.
    pub ticket_id: TicketId,
    /// When its work was done.
    pub completed_at: Timestamp,
}

/// What links are made and proved with; read once.
#[derive(Debug, Default)]
pub struct Key(OnceCell<String>);

impl Key {
    async fn get(&self, db: &Db) -> Result<&str, Error> {
        self.0.get_or_try_init(|| known_or_new(db)).await.map(String::as_str)
    }

    /// A key of its own for another purpose, which `said` must name.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn derived(&self, db: &Db, said: &str) -> Result<Vec<u8>, Error> {
        let mac = Hmac::<Sha256>::new_from_slice(self.get(db).await?.as_bytes());
        let mac = mac.map_err(|error| Error::Internal(error.to_string()))?;
        Ok(mac.chain_update(said.as_bytes()).finalize().into_bytes().to_vec())
    }

    /// The part of a link that says and proves what is asked.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn token(&self, db: &Db, asked: Asked) -> Result<String, Error> {
        Ok(sign(self.get(db).await?, asked))
    }

    /// What is asked, if this deployment made the link.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn read(&self, db: &Db, token: &str) -> Result<Option<Asked>, Error> {
        Ok(proved(self.get(db).await?, token))
    }
}

/// Of several servers that make one at once, the first one's holds.
async fn known_or_new(db: &Db) -> Result<String, Error> {
    let stored = |conn: &mut Conn| {
        let value = settings::table.find(SETTING).select(settings::value);
        Ok::<Option<String>, Error>(value.first(conn).optional()?)
    };
    if let Some(key) = db.read(stored).await? {
        return Ok(key);
    }
    let new = secret::token()?;
    let write = move |tx: &mut Tx<'_>| {
        let row = (settings::name.eq(SETTING), settings::value.eq(&new));
        let to = || diesel::insert_into(settings::table).values(row).on_conflict_do_nothing();
        each_backend!(tx.conn(), |c| to().execute(c))?;
        stored(tx.conn())
    };
    let key = db.write(Actor::system("confirmations"), write).await?;
    key.ok_or_else(|| Error::Internal("the key of confirmations was not stored".to_owned()))
}

fn code(key: &str, said: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(CONTEXT);
    mac.update(said);
    Some(mac)
}

fn sign(key: &str, asked: Asked) -> String {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.extend_from_slice(asked.ticket_id.uuid().as_bytes());
    bytes.extend_from_slice(&asked.completed_at.millis().to_be_bytes());
    if let Some(mac) = code(key, &bytes) {
        bytes.extend_from_slice(&mac.finalize().into_bytes()[..16]);
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

fn proved(key: &str, token: &str) -> Option<Asked> {
    // Longer texts are not even decoded.
    let bytes = (token.len() <= BYTES * 2).then(|| URL_SAFE_NO_PAD.decode(token).ok())??;
    let (said, mac) = bytes.split_at_checked(BYTES - 16)?;
    code(key, said)?.verify_truncated_left(mac).ok().filter(|()| mac.len() == 16)?;
    let (ticket, at) = said.split_at_checked(16)?;
    Some(Asked {
        ticket_id: TicketId::from_uuid(Uuid::from_slice(ticket).ok()?),
        completed_at: Timestamp::from_millis(i64::from_be_bytes(at.try_into().ok()?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "a key";

    fn asked() -> Asked {
        let ticket_id = "0199f3a0-0000-7000-8000-000000000001".parse().unwrap();
        Asked { ticket_id, completed_at: Timestamp::from_millis(1_790_000_000_123) }
    }

    #[test]
    fn a_link_says_which_completion_of_which_ticket() {
        assert_eq!(proved(KEY, &sign(KEY, asked())), Some(asked()));
    }

    #[test]
    fn nobody_without_the_key_makes_a_link() {
        let token = sign("another key", asked());
        assert_eq!(proved(KEY, &token), None);
    }

    #[test]
    fn a_link_that_was_changed_anywhere_or_cut_proves_nothing() {
        let token = sign(KEY, asked());
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(proved(KEY, &URL_SAFE_NO_PAD.encode(&changed)), None, "byte {at}");
            assert_eq!(proved(KEY, &URL_SAFE_NO_PAD.encode(&bytes[..at])), None, "cut to {at}");
        }
        for odd in ["", "=", "é", &token[1..], &format!("{token}AAAA"), &"A".repeat(100_000)] {
            assert_eq!(proved(KEY, odd), None, "{odd:.20}");
        }
    }
}
