//! The way to the mail server: one connection for a batch, and no mail waits longer than the configuration says.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::MailSecurity;
use super::store::Letter;
use super::words;
use crate::config::Config;

/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// Codes with which a server refuses whoever sends, not the mail: it is tried again when he has put that right.
const NOT_KNOWN: [u16; 4] = [530, 534, 535, 538];

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server has it.
    Taken,
    /// Not now: it is tried again.
    Later(String),
    /// Not this one: trying again would change nothing.
    Refused(String),
    /// The mail server could not be reached, does not let us in, or fell silent.
    Unreached(String),
    /// It was not tried.
    Unsent,
}

/// A way to the mail server, opened when it is first needed.
pub struct Post<'a> {
    config: &'a Config,
    timeout: Duration,
    connection: Option<AsyncSmtpConnection>,
}

impl<'a> Post<'a> {
    /// Not open yet.
    pub fn new(config: &'a Config) -> Self {
        let timeout = Duration::from_secs(config.mail_timeout_seconds.unsigned_abs());
        Self { config, timeout, connection: None }
    }

    /// Sends one mail.
    pub async fn send(&mut self, letter: &Letter) -> Outcome {
        let timeout = self.timeout;
        match tokio::time::timeout(timeout, self.send_at_leisure(letter)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                // Half a conversation: what the server says next would be taken for the answer to something else.
                self.connection = None;
                Outcome::Unreached(format!("no answer within {} s", timeout.as_secs()))
            }
        }
    }

    async fn send_at_leisure(&mut self, letter: &Letter) -> Outcome {
        let Ok(from) = self.config.mail_from.parse::<Mailbox>() else {
            return Outcome::Unreached("mail_from is no address".to_owned());
        };
        let message = match words::message(letter, &from, self.config) {
            Ok(message) => message,
            Err(why) => return Outcome::Refused(why),
        };
        let mut connection = match self.connection.take() {
            Some(open) => open,
            None => match connect(self.config, &from, self.timeout).await {
                Ok(open) => open,
                Err(error) => return Outcome::Unreached(said(&error)),
            },
        };
        match connection.send(message.envelope(), &message.formatted()).await {
            Ok(_) => {
                self.connection = Some(connection);
                Outcome::Taken
            }
            // The connection is closed with any error.
            Err(error) => outcome(error.status().map(u16::from), &error),
        }
    }

    /// Says goodbye; what was taken stays taken, whatever becomes of that.
    pub async fn close(self) {
        if let Some(mut connection) = self.connection {
            drop(tokio::time::timeout(GOODBYE, connection.quit()).await);
        }
    }
}

async fn connect(
    config: &Config,
    from: &Mailbox,
    timeout: Duration,
) -> Result<AsyncSmtpConnection, smtp::Error> {
    let server = (config.mail_host.as_str(), config.mail_port);
    let hello = ClientId::Domain(from.email.domain().to_owned());
    let tls = || TlsParameters::new(config.mail_host.clone());
    let at_once = if config.mail_security == MailSecurity::Tls { Some(tls()?) } else { None };
    let mut open = AsyncSmtpConnection::connect_tokio1(server, Some(timeout), &hello, at_once, None).await?;
    if config.mail_security == MailSecurity::Starttls {
        // A server that cannot is an error: nothing is said in the clear.
        open.starttls(tls()?, &hello).await?;
    }
    if !config.mail_user.is_empty() {
        let credentials = Credentials::new(config.mail_user.clone(), config.mail_password.clone());
        open.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
    }
    Ok(open)
}

fn outcome(code: Option<u16>, error: &smtp::Error) -> Outcome {
    match code {
        Some(421) | None => Outcome::Unreached(said(error)),
        Some(code) if NOT_KNOWN.contains(&code) => Outcome::Unreached(said(error)),
        Some(500..) => Outcome::Refused(said(error)),
        Some(_) => Outcome::Later(said(error)),
    }
}

/// An error with what is behind it: "network error" alone helps nobody.
fn said(error: &smtp::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(behind) = source {
        let more = behind.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        source = behind.source();
    }
    words
}
