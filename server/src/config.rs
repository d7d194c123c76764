//! The configuration, built once in `main`: defaults, then a TOML file, then the environment (`FETTLE_…`), then
//! flags. `config.example.toml` is the manual; a test reads it. What a dispatcher changes (weights, policies) is
//! data, not configuration.

use std::path::{Path, PathBuf};

use inventory::reservations::LONGEST_HOLD_MINUTES;
use serde::Deserialize;

use crate::http::checks::ServiceArea;
use crate::mail::{self, MailSecurity};
use crate::travel::engine::TravelEngine;
use crate::webhook;

/// Where the map's tiles come from.
#[derive(Debug, Clone, PartialEq, Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tiles {
    /// Address of a PMTiles archive; the bundled Midtown by default.
    pub url: String,
    /// The notice that the map must show.
    pub attribution: String,
    /// West, south, east, north of what the tiles cover.
    pub bounds: [f64; 4],
    /// Longitude and latitude at which the map opens.
    pub center: [f64; 2],
    /// Zoom at which the map opens.
    pub zoom: f64,
}

/// All settings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The one organisation that this deployment serves.
    pub organisation: String,
    /// Address to listen on.
    pub listen: String,
    /// Port; 0 takes a free one.
    pub port: u16,
    /// `sqlite://FILE`, a path, or `postgres://…`.
    pub database_url: String,
    /// Reading connections.
    pub database_readers: u32,
    /// Threads that serve HTTP.
    pub workers: usize,
    /// Send the session cookie over HTTPS only.
    pub secure_cookies: bool,
    /// Coordinates outside of it are refused.
    pub service_area: ServiceArea,
    /// The map.
    pub tiles: Tiles,
    /// Minutes for which parts are held for a ticket that nobody has; for work in hand they are held on.
    pub hold_minutes: i64,
    /// Days after which a completed ticket is closed if its customer says nothing.
    pub confirm_days: i64,
    /// Days in which a customer may say that it is not solved after all.
    pub reopen_days: i64,
    /// Where the purchase list is sent when it has changed; empty: nowhere.
    pub purchase_webhook_url: String,
    /// What it is signed with: `whsec_` and base64, as Standard Webhooks say.
    pub purchase_webhook_secret: String,
    /// Seconds that the planner may search in one round; 0 turns it off.
    pub plan_seconds: f64,
    /// Seconds from one round of the planner to the next, at least.
    pub plan_every_seconds: f64,
    /// Minutes on the road, or of lateness, that moving a visit to another engineer must save.
    pub plan_disturbance_minutes: i64,
    /// Whether the planner may move what an engineer has accepted, as long as he is not on his way.
    pub plan_moves_accepted: bool,
    /// Whether this server counts due times anew when a promise was changed, and takes the steps of escalations.
    pub sla_watch: bool,
    /// Whether this server runs rules and sends their webhooks.
    pub rules_run: bool,
    /// Webhooks of rules may lead to private addresses too, and without TLS: for systems of one's own network.
    pub webhook_private_addresses: bool,
    /// The road engine that is asked for travel times.
    pub travel_engine: TravelEngine,
    /// Its address.
    pub travel_url: String,
    /// How phones reach this server: `https://fettle.example`; empty: as the office does.
    pub public_url: String,
    /// Whom push services may ask about the messages that wake closed phones: `mailto:…` or `https://…`; empty: none
    /// are woken.
    pub push_contact: String,
    /// Phones may be woken at private addresses too, and without TLS: for a push service of one's own.
    pub push_private_addresses: bool,
    /// The mail server that takes mail for people; empty: none is sent.
    pub mail_host: String,
    /// Its port.
    pub mail_port: u16,
    /// How the way there is kept from others.
    pub mail_security: MailSecurity,
    /// Who may send there; empty: whoever reaches it.
    pub mail_user: String,
    /// His password.
    pub mail_password: String,
    /// Who writes: `Fettle <fettle@fettle.example>`.
    pub mail_from: String,
    /// Seconds that the mail server may take for one mail.
    pub mail_timeout_seconds: i64,
    /// Where photos and other bytes go: a folder, or `s3://BUCKET/PREFIX`; empty: `blobs` beside the database.
    pub blob_store: String,
    /// Address of a store that speaks S3 and is not Amazon's.
    pub s3_endpoint: String,
    /// Region of the bucket.
    pub s3_region: String,
    /// Who may read and write the bucket.
    pub s3_access_key_id: String,
    /// His secret.
    pub s3_secret_access_key: String,
    /// The file with the private key of the record; empty: `record.key` beside the database.
    pub record_key: String,
    /// Seconds from one sealing of the record to the next; 0: this server does not seal.
    pub record_seal_seconds: f64,
    /// Days after a ticket was closed in which its texts stay in the record; 0: for ever.
    pub record_keep_days: i64,
    /// Hours in which it is known where an engineer was; 0: until he is somewhere else.
    pub position_keep_hours: i64,
    /// `info`, `debug`, `server=debug,info`, …
    pub log: String,
    /// Log as JSON lines instead of text.
    pub log_json: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            organisation: "Fettle".to_owned(),
            listen: "127.0.0.1".to_owned(),
            port: 8080,
            database_url: "data/fettle.db".to_owned(),
            database_readers: 8,
            workers: 2,
            secure_cookies: false,
            service_area: ServiceArea::INHABITED,
            tiles: Tiles {
                url: "/tiles/midtown.pmtiles".to_owned(),
                attribution: "© OpenStreetMap contributors".to_owned(),
                bounds: [-74.014, 40.736, -73.963, 40.759],
                center: [-73.985, 40.7495],
                zoom: 14.0,
            },
            hold_minutes: 24 * 60,
            confirm_days: 7,
            reopen_days: 30,
            purchase_webhook_url: String::new(),
            purchase_webhook_secret: String::new(),
            sla_watch: true,
            rules_run: true,
            webhook_private_addresses: false,
            plan_seconds: 1.0,
            plan_every_seconds: 10.0,
            plan_disturbance_minutes: 15,
            plan_moves_accepted: false,
            travel_engine: TravelEngine::None,
            travel_url: String::new(),
            public_url: String::new(),
            push_contact: String::new(),
            push_private_addresses: false,
            mail_host: String::new(),
            mail_port: 587,
            mail_security: MailSecurity::Starttls,
            mail_user: String::new(),
            mail_password: String::new(),
            mail_from: String::new(),
            mail_timeout_seconds: 60,
            blob_store: String::new(),
            s3_endpoint: String::new(),
            s3_region: "us-east-1".to_owned(),
            s3_access_key_id: String::new(),
            s3_secret_access_key: String::new(),
            record_key: String::new(),
            record_seal_seconds: 2.0,
            record_keep_days: 0,
            position_keep_hours: 48,
            log: "info".to_owned(),
            log_json: false,
        }
    }
}

impl Config {
    /// Reads the file, if there is one, and the environment over it.
    ///
    /// # Errors
    /// A file or variable that cannot be read, or names an unknown setting.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut table = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))?
                .parse::<toml::Table>()?,
            None => toml::Table::new(),
        };
        for (name, value) in std::env::vars() {
            let Some(setting) = name.strip_prefix("FETTLE_").map(str::to_lowercase) else { continue };
            // Test runners, benchmarks and the front end have variables of their own.
            if setting.starts_with("test_")
                || setting.starts_with("bench_")
                || ["bin", "url", "mock"].contains(&setting.as_str())
            {
                continue;
            }
            table.insert(setting, guess(&value));
        }
        let config: Self = table.try_into().map_err(|e| anyhow::anyhow!("configuration: {e}"))?;
        config.check()?;
        Ok(config)
    }

    /// Refuses at the start what would be refused with every request.
    fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            (1..=LONGEST_HOLD_MINUTES).contains(&self.hold_minutes),
            "configuration: hold_minutes must be between 1 and {LONGEST_HOLD_MINUTES}, a year"
        );
        for (name, days) in [("confirm_days", self.confirm_days), ("reopen_days", self.reopen_days)] {
            anyhow::ensure!((1..=366).contains(&days), "configuration: {name} must be between 1 and 366");
        }
        if !self.purchase_webhook_url.is_empty() {
            webhook::check(&self.purchase_webhook_url, &self.purchase_webhook_secret)?;
        }
        mail::check(self)?;
        let contact = &self.push_contact;
        anyhow::ensure!(
            contact.is_empty() || contact.starts_with("mailto:") || contact.starts_with("https://"),
            "configuration: push_contact must begin with mailto: or https://"
        );
        Ok(())
    }

    /// The file behind a SQLite address.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        match db::Url::parse(&self.database_url) {
            db::Url::Sqlite(path) => Some(path),
            db::Url::Postgres(_) => None,
        }
    }
}

/// A variable is text; numbers, switches and tables are written as in TOML.
fn guess(value: &str) -> toml::Value {
    let parsed = format!("v = {value}").parse::<toml::Table>().ok().and_then(|mut t| t.remove("v"));
    parsed.unwrap_or_else(|| toml::Value::String(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_names_every_setting_with_its_default() {
        let example = include_str!("../../config.example.toml");
        let uncommented: String = example
            .lines()
            .map(|line| line.strip_prefix("#:").map_or_else(|| line.to_owned(), str::to_owned) + "\n")
            .collect();
        let table = uncommented.parse::<toml::Table>().unwrap();
        assert_eq!(table.len(), 44, "one line a setting");
        assert_eq!(table.try_into::<Config>().unwrap(), Config::default());
    }

    #[test]
    fn parts_are_held_for_a_minute_at_least_and_a_year_at_most() {
        let refused = |hold_minutes: i64| Config { hold_minutes, ..Config::default() }.check().is_err();
        assert_eq!([-1, 0, 1, 24 * 60, LONGEST_HOLD_MINUTES].map(refused), [true, true, false, false, false]);
        assert!(refused(LONGEST_HOLD_MINUTES + 1));
    }

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let error = "organisatoin = 'x'".parse::<toml::Table>().unwrap().try_into::<Config>().unwrap_err();
        assert!(error.to_string().contains("organisatoin"));
    }

    #[test]
    fn variables_are_read_as_numbers_switches_and_text() {
        assert_eq!(guess("8"), toml::Value::Integer(8));
        assert_eq!(guess("true"), toml::Value::Boolean(true));
        assert_eq!(guess("postgres://x"), toml::Value::String("postgres://x".to_owned()));
    }
}
