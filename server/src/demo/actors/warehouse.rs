//! The people of the four depots: they take reserved parts off the shelf, hand them to the engineer who stands at
//! the counter, order what runs low, and take in what comes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use db::Timestamp;
use inventory::orders;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::demo::catalogue;
use crate::demo::chance::place;
use crate::demo::line::{CallError, Caller};
use crate::demo::stock;
use crate::demo::world::World;

/// The log-in.
pub const LOGIN: &str = "stores";
/// How often somebody looks, in real time.
const TICK: Duration = Duration::from_millis(400);
/// How often the shelves are counted, in simulated time.
const COUNT_MINUTES: i64 = 120;
/// What is said of an order that comes with the next round.
const ROUND: &str = "Next round";

#[derive(Deserialize)]
struct Held {
    id: String,
    engineer_code: Option<String>,
    location_code: String,
    location_kind: String,
    part_number: String,
    quantity: i64,
    status: String,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    number: String,
}

#[derive(Deserialize)]
struct Location {
    id: String,
}

#[derive(Deserialize)]
struct Order {
    note: String,
    lines: Vec<OrderedLine>,
}

#[derive(Deserialize)]
struct OrderedLine {
    id: String,
    part_id: String,
    part_number: String,
    location_id: String,
    location_code: String,
    open: i64,
}

#[derive(Deserialize)]
struct Shelf {
    part_id: String,
    available: i64,
}

/// The people of the depots.
pub struct Warehouse {
    world: Arc<World>,
    caller: Caller,
    seen: HashMap<String, Timestamp>,
    count_at: Timestamp,
}

impl Warehouse {
    /// Opens the depots.
    pub fn open(world: &Arc<World>) -> Self {
        let caller = Caller::new(&world.line, LOGIN);
        let count_at = world.now().plus_minutes(COUNT_MINUTES);
        Self { world: world.clone(), caller, seen: HashMap::new(), count_at }
    }

    /// Serves until it is stopped.
    pub async fn serve(mut self) {
        let mut timer = tokio::time::interval(TICK);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.world.is_over() {
            timer.tick().await;
            if let Err(error) = self.round().await {
                tracing::debug!(%error, "the depots try again");
            }
        }
    }

    async fn round(&mut self) -> Result<(), CallError> {
        let now = self.world.now();
        let held: Vec<Held> = self.caller.all("/api/v1/reservations?status=held,picked").await?;
        self.seen.retain(|id, _| held.iter().any(|h| h.id == *id));
        for reservation in held.iter().filter(|h| h.location_kind == "depot") {
            if self.world.is_over() {
                return Ok(());
            }
            let seen_at = *self.seen.entry(reservation.id.clone()).or_insert(now);
            let off_the_shelf = seen_at.plus_minutes(2 + place(&["pick", &reservation.id], 4) as i64);
            let here = |code: &&String| self.world.is_at_counter(code, &reservation.location_code);
            if reservation.status == "held" && now >= off_the_shelf {
                self.step(&reservation.id, "pick").await?;
            } else if reservation.status == "picked"
                && let Some(code) = reservation.engineer_code.as_ref().filter(here)
                && self.step(&reservation.id, "issue").await?
            {
                self.hand_over(reservation, code);
            }
        }
        if now >= self.count_at {
            self.count_at = now.plus_minutes(COUNT_MINUTES);
            self.take_in().await?;
            self.order().await?;
        }
        Ok(())
    }

    /// What is on the slip goes over the counter into the van.
    fn hand_over(&self, slip: &Held, code: &str) {
        let Some(engineer) = self.world.people.iter().find(|engineer| engineer.code == code) else { return };
        let (depot, part) = (&slip.location_code, &slip.part_number);
        self.world.shelves().handed_over(depot, &engineer.van(), part, slip.quantity);
    }

    /// Whether the server took it.
    async fn step(&self, id: &str, what: &str) -> Result<bool, CallError> {
        let path = format!("/api/v1/reservations/{id}/{what}");
        match self.caller.post::<Value>(&path, &json!({})).await {
            // Released meanwhile: the ticket was done, or given to somebody else.
            Err(error) if error.is_refusal() => {
                tracing::debug!(%error, "too late for this reservation");
                Ok(false)
            }
            other => other.map(|_| true),
        }
    }

    /// What was ordered on the last round has come, and is taken in.
    async fn take_in(&self) -> Result<(), CallError> {
        for order in
            self.caller.all::<Order>("/api/v1/purchase-orders?status=ordered,partly_received").await?
        {
            // What the demo begins with is on a longer way.
            if order.note != ROUND {
                continue;
            }
            for line in order.lines.iter().filter(|line| line.open > 0) {
                if self.world.is_over() {
                    return Ok(());
                }
                let movement = json!({
                    "kind": "receive",
                    "part_id": line.part_id,
                    "quantity": line.open,
                    "to_location_id": line.location_id,
                    "order_line_id": line.id,
                    "note": "Delivery",
                });
                self.caller.post::<Value>("/api/v1/stock-movements", &movement).await?;
                self.world.shelves().delivered(&line.location_code, &line.part_number, line.open);
            }
        }
        Ok(())
    }

    /// What is below half of what a depot should have is ordered, up to the whole of it, and comes with the next round.
    async fn order(&self) -> Result<(), CallError> {
        let parts: Vec<Named> = self.caller.all("/api/v1/parts").await?;
        let items: HashMap<&str, &catalogue::Item> = parts
            .iter()
            .filter_map(|part| Some((part.id.as_str(), catalogue::item(&part.number)?)))
            .collect();
        let mut lines: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for depot in self.caller.all::<Location>("/api/v1/stock-locations?kind=depot").await? {
            let path = format!("/api/v1/stock?location_id={}", depot.id);
            for shelf in self.caller.all::<Shelf>(&path).await? {
                let Some(item) = items.get(shelf.part_id.as_str()) else { continue };
                let full = item.depot * item.dose;
                if shelf.available * 2 < full {
                    let line = json!({
                        "part_id": shelf.part_id,
                        "location_id": depot.id,
                        "quantity": full - shelf.available,
                    });
                    lines.entry(stock::supplier(item)).or_default().push(line);
                }
            }
        }
        let today = orders::day_of(self.world.now()).to_string();
        for (supplier, lines) in lines {
            if self.world.is_over() {
                return Ok(());
            }
            let order =
                json!({"supplier_name": supplier, "expected_on": today, "note": ROUND, "lines": lines});
            self.caller.post::<Value>("/api/v1/purchase-orders", &order).await?;
        }
        Ok(())
    }
}
