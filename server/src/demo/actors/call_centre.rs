//! The call centre: whoever stands before a lift that does not run calls here, and a ticket is opened. What was
//! opened is recognised by the reference in its description, and each call has an idempotency key, so neither a
//! restart nor a lost answer doubles a ticket.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use db::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::demo::catalogue;
use crate::demo::faults::{Symptom, priority, skills};
use crate::demo::line::{CallError, Caller};
use crate::demo::stream::Breakdown;
use crate::demo::trade;
use crate::demo::world::{World, reference_in, reference_text};

/// The log-in.
pub const LOGIN: &str = "call-centre";
/// How often somebody answers, in real time.
const TICK: Duration = Duration::from_millis(250);
/// After a restart tickets of so many hours are looked through for what was opened already.
const LOOK_BACK_HOURS: i64 = 26;

#[derive(Deserialize)]
struct Named {
    id: String,
    number: String,
}

#[derive(Deserialize)]
struct Opened {
    description: String,
    created_at: Timestamp,
}

/// The people at the telephones.
pub struct CallCentre {
    world: Arc<World>,
    caller: Caller,
    assets: HashMap<String, String>,
    parts: HashMap<String, String>,
    /// Up to here, calls are in the queue or answered.
    heard_until: Timestamp,
    queue: VecDeque<Breakdown>,
}

impl CallCentre {
    /// Reads the register, and what was opened already since `began_at`.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn open(world: &Arc<World>, began_at: Timestamp) -> Result<Self, CallError> {
        let caller = Caller::new(&world.line, LOGIN);
        let by_number = |rows: Vec<Named>| rows.into_iter().map(|row| (row.number, row.id)).collect();
        let assets = by_number(caller.all("/api/v1/assets").await?);
        let parts = by_number(caller.all("/api/v1/parts").await?);
        let now = world.now();
        let since = began_at.max(now.plus_minutes(-60 * (LOOK_BACK_HOURS - 1)));
        let opened = opened_since(&caller, since.plus_minutes(-60)).await?;
        let missed = world.stream.between(&world.data, since, now);
        let queue = missed.into_iter().filter(|call| !opened.contains(&call.reference)).collect();
        Ok(Self { world: world.clone(), caller, assets, parts, heard_until: now, queue })
    }

    /// Answers calls until it is stopped.
    pub async fn answer(mut self) {
        let mut timer = tokio::time::interval(TICK);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.world.is_over() {
            timer.tick().await;
            let now = self.world.now();
            if now > self.heard_until {
                let calls = self.world.stream.between(&self.world.data, self.heard_until, now);
                self.queue.extend(calls);
                self.heard_until = now;
            }
            while let Some(call) = self.queue.front() {
                match self.open_ticket(call).await {
                    Ok(()) => drop(self.queue.pop_front()),
                    Err(error) if error.is_refusal() => {
                        tracing::error!(%error, reference = %call.reference, "a breakdown was refused");
                        self.queue.pop_front();
                    }
                    Err(error) => {
                        tracing::debug!(%error, "the call is tried again");
                        break;
                    }
                }
            }
        }
    }

    async fn open_ticket(&self, call: &Breakdown) -> Result<(), CallError> {
        let key = format!("call-{}", call.reference);
        self.caller.create::<Value>("/api/v1/tickets", &key, &self.ticket(call)).await.map(|_| ())
    }

    /// What the call centre writes down. It knows symptom and machine, never what is really broken.
    fn ticket(&self, call: &Breakdown) -> Value {
        let data = &self.world.data;
        let (lift, outage) = (&data.lifts[call.lift], &data.outages[call.outage]);
        let need = |number: &&str| {
            let item = catalogue::item(number)?;
            Some(json!({"part_id": self.parts.get(*number)?, "quantity": item.dose}))
        };
        let guess = trade::guess(lift.family, outage.symptom, &call.reference);
        let needed: Vec<Value> = guess.iter().filter_map(need).collect();
        let description = format!(
            "Replays the record of {} ({}, {}). {}",
            outage.unit,
            outage.station,
            outage.date,
            reference_text(&call.reference)
        );
        let mut ticket = json!({
            "kind": outage.symptom.kind(),
            "priority": priority(outage.symptom, lift.family, lift.alone),
            "title": format!("{} {}: {}", lift.family.noun(), lift.number, outage.symptom.words()),
            "description": description,
            "symptom": outage.symptom.name(),
            "asset_id": self.assets.get(&lift.number),
            "required_skills": skills(outage.symptom, lift.family),
            "needed_parts": needed,
            "expected_minutes": self.world.stream.expected_minutes(outage.escalator, outage.symptom),
        });
        if outage.symptom == Symptom::Callback && !outage.escalator {
            ticket["template_id"] = json!("lift-standing-still");
            ticket["fields"] =
                json!({"model": lift.model, "symptom": "no_reaction", "only_lift": lift.alone});
        }
        ticket
    }
}

/// References of the tickets that were opened since then, the newest first.
async fn opened_since(caller: &Caller, since: Timestamp) -> Result<HashSet<String>, CallError> {
    let mut found = HashSet::new();
    let mut after = String::new();
    loop {
        let path = format!("/api/v1/tickets?limit=200{after}");
        let page: crate::demo::line::List<Opened> = caller.get(&path).await?;
        let old = page.items.last().is_none_or(|ticket| ticket.created_at < since);
        for ticket in &page.items {
            found.extend(reference_in(&ticket.description).map(str::to_owned));
        }
        match page.next {
            Some(next) if !old => after = format!("&after={next}"),
            _ => return Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::data::Data;
    use crate::demo::line::Line;
    use crate::tickets::write::NewTicket;
    use db::Clock;
    use db::types::{Id, of};

    fn call_centre() -> CallCentre {
        let clock = Clock::scaled(Timestamp::from_millis(1_795_348_800_000), 0.0);
        let line = Line::to("http://127.0.0.1:1").unwrap();
        let world = Arc::new(World::new(Data::read().unwrap(), clock, line));
        let assets = world.data.lifts.iter();
        let assets = assets.map(|l| (l.number.clone(), Id::<of::Asset>::new().to_string())).collect();
        let parts = catalogue::PARTS.iter();
        let parts = parts.map(|p| (p.number.to_owned(), Id::<of::Part>::new().to_string())).collect();
        let (caller, heard_until) = (Caller::new(&world.line, LOGIN), world.now());
        CallCentre { world, caller, assets, parts, heard_until, queue: VecDeque::new() }
    }

    #[test]
    fn every_call_of_a_week_makes_a_ticket_that_the_server_takes() {
        let centre = call_centre();
        for day in jiff::civil::date(2026, 11, 23).series(jiff::ToSpan::days(1)).take(7) {
            for call in centre.world.day(day).iter() {
                let ticket: NewTicket = serde_json::from_value(centre.ticket(call)).unwrap();
                ticket.check(call.at).unwrap();
                assert!(ticket.asset_id.is_some() && !ticket.skills().is_empty());
                assert_eq!(reference_in(&ticket.description), Some(call.reference.as_str()));
            }
        }
    }
}
