//! Photos, signatures and other bytes that belong to rows, by the hash of their content: what is there already need not
//! be sent again, whoever sent it. They arrive in pieces by tus ([`tus`]), and lie in the object store; the database
//! knows what is whole ([`Blob`]) and what is on its way ([`uploads`]).

pub mod office;
pub mod sums;
pub mod tus;
pub mod uploads;

use db::schema::blobs;
use db::{Conn, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use object_store::path::Path;

use crate::error::Error;
use crate::sitework;

/// Bytes that are whole. A table of its own beside the store, so that one question tells of many.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = blobs)]
pub struct Blob {
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// How much.
    pub bytes: i64,
    /// `image/jpeg`, …; nothing that a browser would run.
    pub media_type: String,
    /// When it was whole.
    pub stored_at: Timestamp,
}

/// What a browser may show; anything else is only bytes to it.
const SHOWN: [&str; 5] = ["image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf"];
/// Bytes that nobody vouches for.
pub const ANY: &str = "application/octet-stream";

/// A type that a browser may be told.
pub fn media_type(said: &str) -> &'static str {
    SHOWN.into_iter().find(|known| *known == said).unwrap_or(ANY)
}

/// Where the bytes are.
pub fn object(sha256: &str) -> Path {
    Path::from(format!("blobs/{}/{sha256}", sha256.get(..2).unwrap_or("xx")))
}

/// Whether this is a hash as we write it.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The bytes of this hash, if they are whole.
///
/// # Errors
/// A failure of the database.
pub fn find(conn: &mut Conn, sha256: &str) -> Result<Option<Blob>, Error> {
    Ok(blobs::table.find(sha256).first(conn).optional()?)
}

/// Notes that the bytes are whole. Of two who send the same, one does.
///
/// # Errors
/// A failure of the database.
pub fn store(tx: &mut Tx<'_>, blob: &Blob) -> Result<(), Error> {
    each_backend!(tx.conn(), |c| diesel::insert_into(blobs::table)
        .values(blob)
        .on_conflict(blobs::sha256)
        .do_nothing()
        .execute(c))?;
    sitework::blob_stored(tx, &blob.sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_never_served_as_one() {
        assert_eq!(
            ["image/jpeg", "text/html", "image/svg+xml", ""].map(media_type),
            ["image/jpeg", ANY, ANY, ANY]
        );
    }

    #[test]
    fn a_hash_is_sixty_four_small_digits_and_no_path() {
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert!(is_hash(hash));
        assert!(
            !is_hash(&hash.to_uppercase()) && !is_hash(&hash[1..]) && !is_hash(&format!("..{}", &hash[2..]))
        );
        assert_eq!(object(hash).as_ref(), format!("blobs/9f/{hash}"));
    }
}
