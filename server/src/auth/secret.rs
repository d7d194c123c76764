//! Tokens: 256 random bits from the system, shown once, kept as a hash. The one home of true randomness.

use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};

use crate::error::Error;

/// A new token in hexadecimal.
///
/// # Errors
/// When the system has no randomness.
pub fn token() -> Result<String, Error> {
    Ok(hex(&seed()?))
}

/// 32 random bytes, for a private key.
///
/// # Errors
/// When the system has no randomness.
pub fn seed() -> Result<[u8; 32], Error> {
    let mut bytes = [0; 32];
    SysRng.try_fill_bytes(&mut bytes).map_err(|e| Error::Internal(format!("no randomness: {e}")))?;
    Ok(bytes)
}

/// Letters and figures that nobody takes for one another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new code of 60 random bits that people can type, in three groups: for what is soon over.
///
/// # Errors
/// When the system has no randomness.
pub fn code() -> Result<String, Error> {
    let mut bytes = [0; 12];
    SysRng.try_fill_bytes(&mut bytes).map_err(|e| Error::Internal(format!("no randomness: {e}")))?;
    let letters: Vec<char> = bytes.iter().map(|b| char::from(LETTERS[usize::from(b & 31)])).collect();
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// What the database keeps of a token. A plain hash suffices: nobody guesses 256 bits.
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tokens_are_alike_and_their_hash_tells_nothing_back() {
        let (a, b) = (token().unwrap(), token().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.len(), 64);
        assert_ne!(hash(&a), a);
        assert_eq!(hash(&a), hash(&a));
    }

    #[test]
    fn a_code_has_three_groups_of_four_and_no_letter_that_looks_like_a_figure() {
        let code = code().unwrap();
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4]);
        assert!(!code.contains(['I', 'L', 'O', 'U']), "{code}");
    }
}
