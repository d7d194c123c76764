//! The vans tell where they are: one program with a token, which reports whoever moved in one request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::demo::line::{CallError, Caller};
use crate::demo::world::World;

/// How often, in real time.
const TICK: Duration = Duration::from_millis(500);
/// The token's name; the one of an earlier start is ended.
const NAME: &str = "Vehicle telematics";

#[derive(Deserialize)]
struct Token {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Issued {
    token: String,
}

/// The program.
pub struct Telematics {
    world: Arc<World>,
    caller: Caller,
    /// Ids by code.
    ids: HashMap<String, String>,
}

impl Telematics {
    /// Gets itself a token from the administrator.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn connect(world: &Arc<World>, ids: HashMap<String, String>) -> Result<Self, CallError> {
        let admin = Caller::new(&world.line, "admin");
        for old in admin.all::<Token>("/api/v1/tokens").await?.iter().filter(|token| token.name == NAME) {
            admin.delete(&format!("/api/v1/tokens/{}", old.id)).await?;
        }
        let asked = json!({"name": NAME, "role": "dispatcher"});
        let issued: Issued = admin.post("/api/v1/tokens", &asked).await?;
        let caller = Caller::with_token(&world.line, issued.token);
        Ok(Self { world: world.clone(), caller, ids })
    }

    /// Reports until it is stopped.
    pub async fn report(self) {
        let mut timer = tokio::time::interval(TICK);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.world.is_over() {
            timer.tick().await;
            let positions = self.moved();
            if positions.is_empty() {
                continue;
            }
            let body = json!({ "positions": positions });
            if let Err(error) = self.caller.post::<Value>("/api/v1/positions", &body).await {
                // The next report has newer ones.
                tracing::debug!(%error, "positions were not reported");
            }
        }
    }

    fn moved(&self) -> Vec<Value> {
        let now = self.world.now();
        let position = |engineer: &crate::demo::people::Engineer| {
            let id = self.ids.get(&engineer.code)?;
            let here = self.world.body(engineer).report(now)?;
            Some(json!({
                "engineer_id": id,
                "latitude": here.latitude,
                "longitude": here.longitude,
                "at": now,
                "accuracy_m": 8.0,
            }))
        };
        self.world.people.iter().filter_map(position).collect()
    }
}
