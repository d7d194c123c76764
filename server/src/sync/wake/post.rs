//! One message to one push service: bounded in time and size, to public addresses only, followed nowhere.

use std::sync::Arc;
use std::time::Duration;

use mobile_sync_wire::stream::Poke;
use reqwest::{Client, StatusCode, redirect};

use super::address::{self, PublicOnly};
use super::seal::{Sender, seal};
use super::subscriptions::Subscription;
use crate::error::Error;

/// How long a push service may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long it keeps a poke for a phone that it cannot reach, in seconds: half a working day.
const KEEP_SECONDS: u32 = 4 * 60 * 60;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It will be delivered.
    Taken,
    /// The subscription has ended.
    Gone,
    /// Not now: it is tried again.
    Later(String),
    /// Not so: trying again would change nothing.
    Refused(String),
}

/// The way to push services.
pub struct Post {
    client: Client,
    private: bool,
}

impl Post {
    /// `private`: to private addresses too.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(private: bool) -> Result<Self, Error> {
        let mut builder = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).no_proxy();
        if !private {
            builder = builder.dns_resolver(Arc::new(PublicOnly)).https_only(true);
        }
        let client = builder.build().map_err(|error| Error::Internal(format!("push: {error}")))?;
        Ok(Self { client, private })
    }

    /// Sends a poke. The answer's body is not read.
    pub async fn send(&self, sender: &Sender, contact: &str, phone: &Subscription, cursor: i64) -> Outcome {
        let refused = |why: &str| Outcome::Refused(why.to_owned());
        let url = match address::read(&phone.endpoint, self.private) {
            Ok(url) => url,
            Err(why) => return refused(why),
        };
        let words = serde_json::to_vec(&Poke { cursor }).unwrap_or_default();
        let sealed = phone.keys().and_then(|(point, auth)| seal(&words, &point, &auth).ok());
        let Some(sealed) = sealed else { return refused("its keys are none") };
        // Whoever receives it compares with his own clock.
        let seconds = db::clock::real_now().millis() / 1_000;
        let Ok(proof) = sender.proof(&address::origin(&url), contact, seconds) else {
            return refused("no randomness");
        };
        let request = self
            .client
            .post(url)
            .header("authorization", proof)
            .header("content-type", "application/octet-stream")
            .header("content-encoding", "aes128gcm")
            .header("ttl", KEEP_SECONDS)
            .header("urgency", "high")
            // One that waits is replaced by the next.
            .header("topic", "poke")
            .body(sealed);
        match request.send().await {
            Ok(answer) => outcome(answer.status()),
            Err(error) => Outcome::Later(error.without_url().to_string()),
        }
    }
}

fn outcome(status: StatusCode) -> Outcome {
    match status.as_u16() {
        200..=299 => Outcome::Taken,
        404 | 410 => Outcome::Gone,
        429 | 500..=599 => Outcome::Later(status.to_string()),
        _ => Outcome::Refused(status.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_whether_to_forget_to_wait_or_to_give_up() {
        let of = |code| outcome(StatusCode::from_u16(code).unwrap());
        assert_eq!([200, 201, 202].map(of), [Outcome::Taken, Outcome::Taken, Outcome::Taken]);
        assert_eq!([404, 410].map(of), [Outcome::Gone, Outcome::Gone]);
        assert!([429, 500, 503].map(of).iter().all(|outcome| matches!(outcome, Outcome::Later(_))));
        assert!(
            [301, 400, 401, 403, 413].map(of).iter().all(|outcome| matches!(outcome, Outcome::Refused(_)))
        );
    }
}
