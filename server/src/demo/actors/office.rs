//! The people of the office: they close what customers confirm, reserve the part that an engineer on site asks for,
//! talk somebody into a ticket that everybody declined, and hang up the roster. Normal assignment is the server's.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use db::Timestamp;
use dispatch::Point;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::demo::chance::place;
use crate::demo::line::{CallError, Caller};
use crate::demo::world::{Duty, World};

/// The log-in.
pub const LOGIN: &str = "front-desk";
/// How often somebody looks, in real time.
const TICK: Duration = Duration::from_millis(500);
/// How often the roster is written anew, in real time.
const ROSTER_EVERY: u32 = 10;
/// A ticket that nobody has for so long is looked into, again and again.
const QUEUE_MINUTES: i64 = 20;
/// A ticket that somebody has and has not begun for so long is offered to others, again and again.
const UNBEGUN_MINUTES: i64 = 90;
/// Somebody else gets it if he begins within so many minutes, and by so many sooner than planned.
const SOON_MINUTES: i64 = 45;
const SOONER_MINUTES: i64 = 60;
/// A request for a part that could not be met is tried again after so long.
const AGAIN_MINUTES: i64 = 15;

/// How content a customer is: 82 in a hundred are, 6 are not.
fn satisfaction(ticket_id: &str) -> &'static str {
    match place(&["content", ticket_id], 100) {
        0..82 => "satisfied",
        82..94 => "neutral",
        _ => "dissatisfied",
    }
}

#[derive(Deserialize)]
struct Ticket {
    id: String,
    status: String,
    created_at: Timestamp,
    completed_at: Option<Timestamp>,
    planned_at: Option<Timestamp>,
    engineer_id: Option<String>,
    queue_reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    rule: String,
}

#[derive(Deserialize)]
struct Note {
    id: String,
    text: String,
}

#[derive(Deserialize)]
struct Part {
    id: String,
    number: String,
    decimals: u32,
}

#[derive(Deserialize)]
struct Reserved {
    part_id: String,
    status: String,
}

#[derive(Deserialize)]
struct Colleague {
    id: String,
    code: String,
    shift: Option<Duty>,
    position: Option<Seen>,
}

#[derive(Deserialize)]
struct Seen {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Recommendation {
    ranked: Vec<Candidate>,
    excluded: Vec<Excluded>,
}

#[derive(Deserialize)]
struct Candidate {
    engineer_id: String,
    starts_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Excluded {
    engineer_id: String,
    rule: String,
}

/// The people of the office.
pub struct Office {
    world: Arc<World>,
    caller: Caller,
    parts: Vec<Part>,
    /// When a ticket's wish was last seen to.
    seen_to: HashMap<String, Timestamp>,
}

impl Office {
    /// Comes to work: reads the catalogue and hangs up the roster. The ids of the engineers by code.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn open(world: &Arc<World>) -> Result<(Self, HashMap<String, String>), CallError> {
        let caller = Caller::new(&world.line, LOGIN);
        let parts = caller.all("/api/v1/parts").await?;
        let office = Self { world: world.clone(), caller, parts, seen_to: HashMap::new() };
        let people = office.roster().await?;
        for engineer in &world.people {
            let seen = people.iter().find(|c| c.code == engineer.code).and_then(|c| c.position.as_ref());
            if let Some(Seen { latitude, longitude }) = seen {
                // After a restart everybody is where he was.
                let here = Point { latitude: *latitude, longitude: *longitude };
                *world.body(engineer) = crate::demo::world::body::Body::at(here);
            }
        }
        Ok((office, people.into_iter().map(|c| (c.code, c.id)).collect()))
    }

    async fn roster(&self) -> Result<Vec<Colleague>, CallError> {
        let people: Vec<Colleague> = self.caller.all("/api/v1/engineers").await?;
        let duties = people.iter().filter_map(|c| Some((c.code.clone(), c.shift?)));
        self.world.hang_up_roster(duties.collect());
        Ok(people)
    }

    /// Works until it is stopped.
    pub async fn work(mut self) {
        let mut timer = tokio::time::interval(TICK);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for round in 0_u32.. {
            timer.tick().await;
            if self.world.is_over() {
                break;
            }
            if let Err(error) = self.round(round).await {
                tracing::debug!(%error, "the office tries again");
            }
        }
    }

    async fn round(&mut self, round: u32) -> Result<(), CallError> {
        if round.is_multiple_of(ROSTER_EVERY) {
            self.roster().await?;
        }
        let now = self.world.now();
        let open: Vec<Ticket> = self.caller.all(OPEN).await?;
        self.seen_to.retain(|id, _| open.iter().any(|ticket| ticket.id == *id));
        for ticket in &open {
            let done = match ticket.status.as_str() {
                "completed" => self.confirm(now, ticket).await,
                "waiting" => self.see_to_part(now, ticket).await,
                "assigned" | "accepted" => self.see_to_delay(now, ticket).await,
                _ => self.see_to_queue(now, ticket).await,
            };
            match done {
                // Somebody was faster, or there is none on any shelf: another look later.
                Err(error) if error.is_refusal() => tracing::debug!(%error, "the office was refused"),
                other => other?,
            }
        }
        Ok(())
    }

    /// Customers confirm after some minutes, and most are content; then the ticket is closed.
    async fn confirm(&self, now: Timestamp, ticket: &Ticket) -> Result<(), CallError> {
        let minutes = 4 + place(&["confirms", &ticket.id], 17) as i64;
        if ticket.completed_at.is_none_or(|at| now < at.plus_minutes(minutes)) {
            return Ok(());
        }
        // As the customer does it: by the link that the office would send him.
        let known: Value = self.caller.get(&format!("/api/v1/tickets/{}/confirmation", ticket.id)).await?;
        let Some((_, token)) = known["url"].as_str().and_then(|url| url.split_once('#')) else {
            return Ok(());
        };
        let answer = json!({"solved": true, "satisfaction": satisfaction(&ticket.id)});
        self.caller.post::<Value>(&format!("/api/v1/confirmations/{token}"), &answer).await?;
        Ok(())
    }

    /// Whether this ticket's turn has come again; then it is put off.
    fn is_due(&mut self, now: Timestamp, ticket: &Ticket, again_minutes: i64) -> bool {
        let due = self.seen_to.get(&ticket.id).is_none_or(|at| now >= at.plus_minutes(again_minutes));
        if due {
            self.seen_to.insert(ticket.id.clone(), now);
        }
        due
    }

    /// Reserves the part that the engineer on site has asked for in his last note.
    async fn see_to_part(&mut self, now: Timestamp, ticket: &Ticket) -> Result<(), CallError> {
        if !self.is_due(now, ticket, AGAIN_MINUTES) {
            return Ok(());
        }
        let notes: Vec<Note> = self
            .caller
            .get::<crate::demo::line::List<Note>>(&format!("/api/v1/tickets/{}/notes", ticket.id))
            .await?
            .items;
        let wish = notes.iter().rev().find_map(|note| Some((note, wish(&self.parts, &note.text)?)));
        let Some((note, (part_id, quantity))) = wish else { return Ok(()) };
        let reserved: Vec<Reserved> =
            self.caller.all(&format!("/api/v1/reservations?ticket_id={}", ticket.id)).await?;
        let live = |r: &Reserved| matches!(r.status.as_str(), "held" | "picked" | "handed_over");
        if reserved.iter().any(|r| live(r) && r.part_id == part_id) {
            return Ok(());
        }
        let asked = json!({"ticket_id": ticket.id, "part_id": part_id, "quantity": quantity});
        let key = format!("wish-{}", note.id);
        self.caller.create::<Value>("/api/v1/reservations", &key, &asked).await?;
        Ok(())
    }

    /// What lies in somebody's van unbegun while others could begin at once goes to one of those.
    async fn see_to_delay(&mut self, now: Timestamp, ticket: &Ticket) -> Result<(), CallError> {
        let old = now >= ticket.created_at.plus_minutes(UNBEGUN_MINUTES);
        if !old || !self.is_due(now, ticket, QUEUE_MINUTES) {
            return Ok(());
        }
        let path = format!("/api/v1/tickets/{}", ticket.id);
        let found: Recommendation = self.caller.get(&format!("{path}/recommendation")).await?;
        let Some(best) = found.ranked.first() else { return Ok(()) };
        let soon = |at: Timestamp| {
            at < now.plus_minutes(SOON_MINUTES)
                && ticket.planned_at.is_none_or(|planned| at.plus_minutes(SOONER_MINUTES) < planned)
        };
        if Some(&best.engineer_id) != ticket.engineer_id.as_ref() && best.starts_at.is_some_and(soon) {
            let mut who = json!({"engineer_id": best.engineer_id, "reason": "Can begin sooner."});
            who["instead_of"] = json!(ticket.engineer_id);
            self.caller.post::<Value>(&format!("{path}/assignments"), &who).await?;
        }
        Ok(())
    }

    /// Somebody who declined is asked again if there is nobody else.
    async fn see_to_queue(&mut self, now: Timestamp, ticket: &Ticket) -> Result<(), CallError> {
        let declined = ticket.queue_reasons.iter().any(|reason| reason.rule == DECLINED);
        let old = now >= ticket.created_at.plus_minutes(QUEUE_MINUTES);
        if !declined || !old || !self.is_due(now, ticket, QUEUE_MINUTES) {
            return Ok(());
        }
        let path = format!("/api/v1/tickets/{}", ticket.id);
        let found: Recommendation = self.caller.get(&format!("{path}/recommendation")).await?;
        for excluded in found.excluded.iter().filter(|e| e.rule == DECLINED) {
            let who = json!({"engineer_id": excluded.engineer_id, "reason": "Nobody else can; agreed by telephone."});
            match self.caller.post::<Value>(&format!("{path}/assignments"), &who).await {
                Err(error) if error.is_refusal() => {}
                other => return other.map(|_| ()),
            }
        }
        Ok(())
    }
}

/// What the office looks after: all but what somebody is at.
const OPEN: &str = "/api/v1/tickets?status=new,assigned,accepted,waiting,completed";
/// The rule under which those who declined are counted.
const DECLINED: &str = "excluded_by_customer";

/// The part and quantity that a note asks for: `Part needed: 5.0 L MC-OIL Gear oil.`
fn wish(parts: &[Part], text: &str) -> Option<(String, i64)> {
    let mut words = text.strip_prefix("Part needed: ")?.split(' ');
    let amount: f64 = words.next()?.parse().ok()?;
    let number = words.nth(1)?;
    let part = parts.iter().find(|part| part.number == number)?;
    let quantity = amount * 10_f64.powi(i32::try_from(part.decimals).ok()?);
    Some((part.id.clone(), quantity.round() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::actors::engineer::hands::amount;

    fn parts() -> Vec<Part> {
        let part = |id: &str, number: &str, decimals| Part {
            id: id.to_owned(),
            number: number.to_owned(),
            decimals,
        };
        vec![part("1", "MC-OIL", 1), part("2", "ES-CMB", 0)]
    }

    #[test]
    fn the_office_reads_part_and_quantity_from_an_engineers_note() {
        let text = format!("Part needed: {} MC-OIL Gear oil.", amount(50, 1, "L"));
        assert_eq!(wish(&parts(), &text), Some(("1".to_owned(), 50)));
        let text = format!("Part needed: {} ES-CMB Comb plate.", amount(2, 0, "pcs"));
        assert_eq!(wish(&parts(), &text), Some(("2".to_owned(), 2)));
    }

    #[test]
    fn other_notes_and_unknown_parts_ask_for_nothing() {
        assert_eq!(wish(&parts(), "Ran ten test trips, all clear."), None);
        assert_eq!(wish(&parts(), "Part needed: 1 pcs XX-YYY Something."), None);
        assert_eq!(wish(&parts(), "Part needed: some oil"), None);
    }
}
