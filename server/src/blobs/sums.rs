//! The checksum of one piece (tus calls it `Upload-Checksum`): taken as the bytes pass.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::Stream;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::error::{Error, Problem};

/// A checksum that was promised, and what has passed so far.
#[derive(Debug)]
pub enum Sum {
    /// What every tus server must know.
    Sha1(Sha1, Vec<u8>),
    /// What ours prefer.
    Sha256(Sha256, Vec<u8>),
}

impl Sum {
    /// Reads `ALGORITHM BASE64`.
    ///
    /// # Errors
    /// 400 for another algorithm, or for what is no base64.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = || {
            let detail = "Upload-Checksum is sha1 or sha256, a blank, and base64.";
            Error::from(Problem::new(StatusCode::BAD_REQUEST, "bad_checksum", detail))
        };
        let (algorithm, sum) = text.split_once(' ').ok_or_else(bad)?;
        let sum = BASE64.decode(sum.trim()).map_err(|_| bad())?;
        match algorithm {
            "sha1" => Ok(Self::Sha1(Sha1::new(), sum)),
            "sha256" => Ok(Self::Sha256(Sha256::new(), sum)),
            _ => Err(bad()),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash, _) => hash.update(bytes),
            Self::Sha256(hash, _) => hash.update(bytes),
        }
    }

    fn fits(self) -> bool {
        match self {
            Self::Sha1(hash, sum) => hash.finalize()[..] == sum[..],
            Self::Sha256(hash, sum) => hash.finalize()[..] == sum[..],
        }
    }
}

/// Bytes that are summed up as they pass, if a sum was promised.
#[derive(Debug)]
pub struct Summed<S> {
    /// Where they come from.
    pub source: S,
    /// What they have to be.
    pub sum: Option<Sum>,
}

impl<S> Summed<S> {
    /// Refuses what is not what was promised. A piece without a promise is as good as it came.
    ///
    /// # Errors
    /// 460, as tus has it.
    pub fn check(self) -> Result<(), Error> {
        if self.sum.is_none_or(Sum::fits) {
            return Ok(());
        }
        let status = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
        let problem =
            Problem::new(status, "checksum_mismatch", "The piece is not what Upload-Checksum says.");
        Err(Problem { title: "Checksum Mismatch".to_owned(), ..problem }.into())
    }
}

impl<S, E> Stream for Summed<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.source).poll_next(context);
        if let (Poll::Ready(Some(Ok(piece))), Some(sum)) = (&next, &mut self.sum) {
            sum.take(piece);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};

    use super::*;

    async fn passes(sum: Option<&str>) -> bool {
        let pieces: [Result<Bytes, ()>; 2] = [Ok(Bytes::from_static(b"a")), Ok(Bytes::from_static(b"bc"))];
        let sum = sum.map(|text| Sum::parse(text).unwrap());
        let mut summed = Summed { source: stream::iter(pieces), sum };
        while summed.next().await.is_some() {}
        summed.check().is_ok()
    }

    #[tokio::test]
    async fn both_algorithms_tell_what_was_promised_from_what_was_not() {
        assert!(passes(Some("sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")).await);
        assert!(passes(Some("sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")).await);
        assert!(!passes(Some("sha1 AAAANkcGgWq6PiVxeFDCbJzQ2J0=")).await);
        assert!(!passes(Some("sha256 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=")).await);
        assert!(passes(None).await, "who promises nothing is believed");
        for odd in ["md5 AAAA", "sha1", "sha1 !"] {
            assert_eq!(Sum::parse(odd).unwrap_err().problem().code, "bad_checksum", "{odd}");
        }
    }
}
