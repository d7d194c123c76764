//! Passwords: argon2id with the library's recommended costs. Hashing is slow on purpose, so it runs off the async
//! threads and only two at a time: a flood of log-ins must not starve everybody else.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::sync::Semaphore;

use crate::error::Error;
use crate::http::Checks;

/// Shortest password.
pub const SHORTEST: usize = 10;
/// Longest password; bounds the work of a hash.
pub const LONGEST: usize = 200;

static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Hashes a new password.
///
/// # Errors
/// When the system has no randomness.
pub async fn hash(password: String) -> Result<String, Error> {
    off_thread(move || hash_now(&password)).await?
}

/// Hashes on this thread: for commands and fixtures.
///
/// # Errors
/// When the system has no randomness.
pub fn hash_now(password: &str) -> Result<String, Error> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    Ok(hashed.map_err(|e| Error::Internal(e.to_string()))?.to_string())
}

/// Whether the password is the one that was hashed. Without a hash it takes just as long and says no, so that the
/// time of an answer does not tell which log-ins exist.
///
/// # Errors
/// When the server is stopping.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, Error> {
    off_thread(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let Ok(parsed) = PasswordHash::new(&hash) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known
    })
    .await
}

/// A hash of nobody's password, with the same costs.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let stopped = || Error::Internal("the server is stopping".to_owned());
    let _permit = AT_ONCE.acquire().await.map_err(|_| stopped())?;
    tokio::task::spawn_blocking(work).await.map_err(|_| stopped())
}

/// Checks a password that somebody chose.
pub fn check(checks: &mut Checks, field: &str, password: &str) {
    let length = password.chars().count();
    let message = format!("must have {SHORTEST} to {LONGEST} characters");
    checks.require((SHORTEST..=LONGEST).contains(&length), field, "length", &message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_opens() {
        let hash = hash("correct horse battery".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("correct horse battery".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!verify("wrong horse".to_owned(), Some(hash)).await.unwrap());
        assert!(!verify("anything".to_owned(), None).await.unwrap());
    }
}
