//! Who was where how often: completed tickets by customer and by asset, in memory. Somebody who knows the house
//! finds the machine room.

use std::collections::HashMap;
use std::hash::Hash;

use db::Conn;
use db::schema::tickets;
use db::types::{AssetId, CustomerId, EngineerId};
use diesel::prelude::*;
use dispatch::Familiarity;

use crate::error::Error;

/// Visits of each engineer at one place.
type Visits = HashMap<EngineerId, u32>;

/// How often each engineer completed something for a customer, and on an asset.
#[derive(Debug, Default)]
pub struct Familiar {
    customers: HashMap<CustomerId, Visits>,
    assets: HashMap<AssetId, Visits>,
}

type Row = (Option<EngineerId>, CustomerId, Option<AssetId>, i64);

impl Familiar {
    /// All that was ever completed.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn load(conn: &mut Conn) -> Result<Self, Error> {
        let rows: Vec<Row> = tickets::table
            .filter(tickets::completed_at.is_not_null())
            .filter(tickets::engineer_id.is_not_null())
            .group_by((tickets::engineer_id, tickets::customer_id, tickets::asset_id))
            .select((
                tickets::engineer_id,
                tickets::customer_id,
                tickets::asset_id,
                diesel::dsl::count_star(),
            ))
            .load(conn)?;
        let mut familiar = Self::default();
        for (engineer, customer, asset, visits) in rows {
            if let Some(engineer) = engineer {
                familiar.count(engineer, customer, asset, u32::try_from(visits).unwrap_or(u32::MAX));
            }
        }
        Ok(familiar)
    }

    /// He completed so many more.
    pub fn count(&mut self, engineer: EngineerId, customer: CustomerId, asset: Option<AssetId>, visits: u32) {
        add(&mut self.customers, customer, engineer, visits);
        if let Some(asset) = asset {
            add(&mut self.assets, asset, engineer, visits);
        }
    }

    /// What these engineers know of a customer and an asset; without those who know neither.
    pub fn of(
        &self,
        customer: CustomerId,
        asset: Option<AssetId>,
        engineers: &[EngineerId],
    ) -> HashMap<uuid::Uuid, Familiarity> {
        let there = self.customers.get(&customer);
        let at_it = asset.and_then(|asset| self.assets.get(&asset));
        let times = |visits: Option<&Visits>, engineer: &EngineerId| {
            visits.and_then(|visits| visits.get(engineer)).copied().unwrap_or(0)
        };
        let known = |engineer: &EngineerId| Familiarity {
            customer_visits: times(there, engineer),
            asset_visits: times(at_it, engineer),
        };
        let all = engineers.iter().map(|engineer| (engineer.uuid(), known(engineer)));
        all.filter(|(_, known)| *known != Familiarity::default()).collect()
    }
}

fn add<K: Eq + Hash>(places: &mut HashMap<K, Visits>, place: K, engineer: EngineerId, visits: u32) {
    let known = places.entry(place).or_default().entry(engineer).or_default();
    *known = known.saturating_add(visits);
}
