//! Customer → site → asset: whose lift it is, where it is, and which one. A ticket copies where it is from its site,
//! so a site that moves takes its open tickets along.

pub mod assets;
pub mod routes;
pub mod sites;
pub mod store;

use db::types::{AssetId, CustomerId, SiteId};
use db::{Entity, Timestamp};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::Checks;
use crate::http::checks::ServiceArea;

/// Longest number of a customer or an asset.
pub const LONGEST_NUMBER: usize = 50;
/// Longest name of a customer or a site.
pub const LONGEST_NAME: usize = 200;
/// Longest address.
pub const LONGEST_ADDRESS: usize = 300;

/// Somebody for whom repairs are done.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable, AsChangeset, ToSchema,
)]
#[diesel(table_name = db::schema::customers)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// What people call it by; unique.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Its telephone.
    pub phone: String,
    /// Its e-mail address.
    pub email: String,
    /// How dear it is to us, in words of the organisation's own.
    pub level: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Where work is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = db::schema::sites)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Whose.
    pub customer_id: CustomerId,
    /// What people call it.
    pub name: String,
    /// Where, in words.
    pub address: String,
    /// WGS-84 degrees.
    pub latitude: f64,
    /// WGS-84 degrees.
    pub longitude: f64,
    /// How to get in.
    pub access_note: String,
    /// Whom to ask there.
    pub contact: String,
    /// IANA name, such as `America/New_York`; empty if nobody said.
    pub time_zone: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// What is repaired: a lift, an escalator.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Insertable, AsChangeset, ToSchema,
)]
#[diesel(table_name = db::schema::assets)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// Where it is.
    pub site_id: SiteId,
    /// What people call it by; unique.
    pub number: String,
    /// What it is: passenger lift, escalator.
    pub kind: String,
    /// Which one of its kind.
    pub model: String,
    /// Who made it.
    pub manufacturer: String,
    /// Whatever else is known.
    pub description: String,
    /// When it was added.
    pub created_at: Timestamp,
}

macro_rules! entity {
    ($row:ident, $table:literal) => {
        impl Entity for $row {
            const ENTITY: &'static str = $table;

            fn row_id(&self) -> String {
                self.id.to_string()
            }
        }
    };
}
entity!(Customer, "customers");
entity!(Site, "sites");
entity!(Asset, "assets");

impl Customer {
    /// Notes what is wrong with it.
    pub fn check(&self, checks: &mut Checks) {
        checks
            .name("number", &self.number, LONGEST_NUMBER)
            .name("name", &self.name, LONGEST_NAME)
            .text("phone", &self.phone, 50)
            .text("email", &self.email, 254)
            .text("level", &self.level, 50);
        let plausible = self.email.is_empty() || (self.email.contains('@') && !self.email.contains(' '));
        checks.require(plausible, "email", "invalid", "is no e-mail address");
    }
}

impl Site {
    /// Notes what is wrong with it.
    pub fn check(&self, checks: &mut Checks, area: &ServiceArea) {
        checks
            .name("name", &self.name, LONGEST_NAME)
            .name("address", &self.address, LONGEST_ADDRESS)
            .place(("latitude", "longitude"), self.latitude, self.longitude, area)
            .text("access_note", &self.access_note, 2_000)
            .text("contact", &self.contact, 500);
        let known = self.time_zone.is_empty() || jiff::tz::TimeZone::get(&self.time_zone).is_ok();
        let message = "is no time zone of the IANA database, such as America/New_York";
        checks.require(known, "time_zone", "unknown", message);
    }

    /// Whether it is somewhere else than `before`, on the map or in words.
    pub fn moved_from(&self, before: &Self) -> bool {
        let place =
            |site: &Self| (site.address.clone(), site.latitude, site.longitude, site.time_zone.clone());
        place(self) != place(before)
    }
}

impl Asset {
    /// Notes what is wrong with it.
    pub fn check(&self, checks: &mut Checks) {
        checks
            .name("number", &self.number, LONGEST_NUMBER)
            .name("kind", &self.kind, 100)
            .name("model", &self.model, 200)
            .text("manufacturer", &self.manufacturer, 200)
            .text("description", &self.description, 5_000);
    }
}

/// Takes the texts of a patch over; what is absent stays.
fn take_over<const FIELDS: usize>(fields: [(&Option<String>, &mut String); FIELDS]) {
    for (new, old) in fields {
        if let Some(new) = new {
            old.clone_from(new);
        }
    }
}
