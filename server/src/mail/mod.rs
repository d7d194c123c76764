//! What people are told by mail, besides the bell: written in the transaction of the notification, sent afterwards over
//! SMTP (RFC 5321) until the mail server takes or refuses it. The outbox ([`store`]) names who and which ticket; the
//! words ([`words`]) are made when they are sent, so that nothing of a customer lies here, and what was erased
//! meanwhile is not sent. Off unless the configuration names a mail server. Why it may arrive twice:
//! docs/adr/0018-mail-may-come-twice.md.

mod post;
pub mod routes;
mod store;
mod words;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use db::{Actor, Conn, Tx, text_enum};
use lettre::Address;
use lettre::message::Mailbox;

use crate::app::App;
use crate::config::Config;
use crate::error::Error;
use crate::http::Checks;
use post::{Outcome, Post};
pub use store::{LEASE_MINUTES, RETRY_MINUTES, forget_old, forget_unsent, note};

/// How often it is looked whether something is to be sent, in real time.
const EVERY: Duration = Duration::from_secs(2);
/// After the mail server could not be reached it is left alone for so long.
const REST: Duration = Duration::from_secs(30);
/// Longest address, in characters (RFC 5321, 4.5.3.1.3).
const LONGEST_ADDRESS: usize = 254;
/// Longest wait for one mail: with [`store::A_BATCH`] of them a batch is over before its lease is.
const LONGEST_TIMEOUT_SECONDS: i64 = 60;

text_enum! {
    /// How the way to the mail server is kept from others.
    pub enum MailSecurity {
        /// Encrypted before anything else is said (STARTTLS), usually on port 587.
        Starttls => "starttls",
        /// Encrypted from the beginning, usually on port 465.
        Tls => "tls",
        /// Not at all: only to a mail server on this machine.
        Plain => "plain",
    }
}

/// Notes a fault of somebody's address; an empty one is none.
pub fn check_address(checks: &mut Checks, field: &str, address: &str) {
    let fits = address.is_empty()
        || (address.is_ascii() && address.len() <= LONGEST_ADDRESS && address.parse::<Address>().is_ok());
    checks.require(fits, field, "invalid", "must be an address such as li@fettle.example");
}

/// Refuses settings by which no mail can be sent.
///
/// # Errors
/// What is wrong with them, for people.
pub fn check(config: &Config) -> anyhow::Result<()> {
    if config.mail_host.is_empty() {
        return Ok(());
    }
    let from: Result<Mailbox, _> = config.mail_from.parse();
    let plain =
        |from: &Mailbox| from.email.to_string().is_ascii() && !config.mail_from.contains(char::is_control);
    anyhow::ensure!(
        from.is_ok_and(|from| plain(&from)),
        "configuration: mail_from must be an address such as \"Fettle <fettle@fettle.example>\""
    );
    anyhow::ensure!(
        config.mail_security != MailSecurity::Plain || is_this_machine(&config.mail_host),
        "configuration: mail_security = \"plain\" is for a mail server on this machine"
    );
    anyhow::ensure!(
        (1..=LONGEST_TIMEOUT_SECONDS).contains(&config.mail_timeout_seconds),
        "configuration: mail_timeout_seconds must be between 1 and {LONGEST_TIMEOUT_SECONDS}"
    );
    Ok(())
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Sends what is due. Runs for ever.
pub async fn run(app: Arc<App>) {
    if app.config.mail_host.is_empty() {
        return;
    }
    loop {
        let wait = match once(&app).await {
            Ok(Round { reached: true, .. }) => EVERY,
            Ok(Round { reached: false, .. }) => REST,
            Err(error) => {
                tracing::warn!(%error, "mail failed; it is tried again");
                EVERY
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// What came of looking once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Mails that were taken.
    pub taken: usize,
    /// False if the mail server could not be reached, or fell silent: then the others wait.
    pub reached: bool,
}

/// Sends everything that is due, once.
///
/// # Errors
/// A failure of the database. One of the mail server is noted, and tried again.
pub async fn once(app: &Arc<App>) -> Result<Round, Error> {
    let mut round = Round { taken: 0, reached: true };
    if app.config.mail_host.is_empty() {
        return Ok(round);
    }
    while round.reached {
        let now = app.db.clock().now();
        // Hardly ever is there one: then nothing is written.
        if !app.db.read(move |conn: &mut Conn| store::is_due(conn, now)).await? {
            break;
        }
        let letters = app.db.write(Actor::system("mail"), store::claim).await?;
        let mut post = Post::new(&app.config);
        for letter in letters {
            // What comes after a silence goes back unharmed: each mail would wait as long for nothing.
            let outcome = if round.reached { post.send(&letter).await } else { Outcome::Unsent };
            round.taken += usize::from(outcome == Outcome::Taken);
            round.reached &= !matches!(outcome, Outcome::Unreached(_));
            let settle = move |tx: &mut Tx<'_>| store::settle(tx, &letter.mail, &outcome);
            app.db.write(Actor::system("mail"), settle).await?;
        }
        post.close().await;
    }
    Ok(round)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_in_one_line() {
        let refused = |address: &str| {
            let mut checks = Checks::new();
            check_address(&mut checks, "email", address);
            !checks.faults().is_empty()
        };
        let long = format!("{}@fettle.example", "x".repeat(250));
        for bad in [
            "li",
            "li@",
            "@x.example",
            "li@x.example\r\nBcc: all@x.example",
            "li@x.example, all@x.example",
            "李@x.example",
            &long,
        ] {
            assert!(refused(bad), "{bad}");
        }
        assert!(
            ["", "li@fettle.example", "li.wei+post@mail.fettle.example"].iter().all(|fine| !refused(fine))
        );
    }

    #[test]
    fn settings_by_which_no_mail_can_be_sent_are_refused_at_the_start() {
        let fine = Config {
            mail_host: "mail.fettle.example".to_owned(),
            mail_from: "Fettle <fettle@fettle.example>".to_owned(),
            ..Config::default()
        };
        assert!(check(&fine).is_ok());
        assert!(check(&Config::default()).is_ok(), "it is off");
        let with = |change: fn(&mut Config)| {
            let mut config = fine.clone();
            change(&mut config);
            check(&config).is_err()
        };
        assert!(with(|config| config.mail_from.clear()));
        assert!(with(|config| config.mail_from = "Fettle\r\nBcc: all@x.example <f@x.example>".to_owned()));
        assert!(with(|config| config.mail_security = MailSecurity::Plain), "in the clear to another machine");
        assert!(with(|config| config.mail_timeout_seconds = 0));
        assert!(with(|config| config.mail_timeout_seconds = 61));
        assert!(["localhost", "127.0.0.1", "::1"].into_iter().all(is_this_machine));
    }
}
