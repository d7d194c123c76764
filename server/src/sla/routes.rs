//! A ticket's clock over HTTP: when it is due, and how that came about, as data and in words.

use ::sla::derivation::Why;
use ::sla::{Agreement, Answer, Calendar, Event, Kind, Language, Policy, Step, count, internal, words};
use actix_web::{get, web};
use db::types::{ContractId, TicketId};
use db::{Change, Conn, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::recompute::{self, Asked};
use super::timers::{self, FailedStep};
use super::{Promises, TicketSla, events};
use crate::app::App;
use crate::auth::{By, FIELD};
use crate::error::{Error, Problem};
use crate::http::Path;
use crate::tickets::{Ticket, routes::visible};

/// Most changes of a ticket that are looked through for a new priority, policy or site.
const MOST_CHANGES: i64 = 1_000;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spoken {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

impl Spoken {
    fn of(say: impl Fn(Language) -> String) -> Self {
        Self { en: say(Language::English), zh: say(Language::Chinese) }
    }
}

/// A stretch in which a clock stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockPause {
    /// Since when.
    pub from: Timestamp,
    /// Until when; `null` if it goes on.
    pub until: Option<Timestamp>,
    /// Milliseconds of it that would have counted; `null` if nobody knows, or it goes on.
    pub counted_ms: Option<i64>,
    /// As policies know it: `part`, `customer`; or the state it was in.
    pub reason: String,
    /// What else was said.
    pub note: Option<String>,
}

/// One of the two clocks.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClockAnswer {
    /// What is promised: `amount` and `unit`.
    #[schema(value_type = Object)]
    pub target: ::sla::Target,
    /// The same in words.
    pub promised: Spoken,
    /// `due` with `at`, `paused` with `since` and `left`, or `unknown_year` with `year`.
    #[schema(value_type = Object)]
    pub outcome: ::sla::Outcome,
    /// When it is due, if that is known.
    pub due_at: Option<Timestamp>,
    /// When it was met, if it was.
    pub met_at: Option<Timestamp>,
    /// Met in time or not; `null` if it is not met, or has no due time.
    pub in_time: Option<bool>,
    /// The derivation as data (docs/sla.md); instants are milliseconds since 1970, UTC.
    #[schema(value_type = Vec<Object>)]
    pub steps: Vec<serde_json::Value>,
    /// The derivation in words, at the site's clock.
    pub derivation: Spoken,
    /// When it stood, and why.
    pub pauses: Vec<ClockPause>,
}

/// What we agreed on among ourselves, and how it stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InternalClock {
    /// Who agreed on what.
    pub name: String,
    /// `response` or `resolution`: what it waits for.
    #[schema(value_type = String)]
    pub until: ::sla::TargetKind,
    /// When it is due, counted like a promise.
    pub answer: ClockAnswer,
}

/// When a ticket is due, and why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TicketClock {
    /// The ticket.
    pub ticket_id: TicketId,
    /// The time of this answer, on the server's clock.
    pub now: Timestamp,
    /// The table of policies.
    pub policy_id: String,
    /// What it is called.
    pub policy_name: String,
    /// Its version.
    pub policy_version: i64,
    /// The row that fits the ticket; `null` if nothing is promised.
    pub row: Option<String>,
    /// The contract that names the policy.
    pub contract_id: Option<ContractId>,
    /// Its number.
    pub contract_number: Option<String>,
    /// The calendar.
    pub calendar_id: String,
    /// What it is called.
    pub calendar_name: String,
    /// Its version.
    pub calendar_version: i64,
    /// Whose clock the words are told by: an IANA name.
    pub time_zone: String,
    /// Until somebody has taken it up; `null` if that is not promised.
    pub response: Option<ClockAnswer>,
    /// Until it is solved; `null` if that is not promised.
    pub resolution: Option<ClockAnswer>,
    /// Internal agreements; the customer was promised none of them.
    pub internal: Vec<InternalClock>,
    /// That the next step of the escalation was due and could not be taken; absent if none failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_step: Option<FailedStep>,
}

/// When a ticket is due, with the derivation: counted now, from its record, by the policy and calendar in force.
#[utoipa::path(
    tag = "sla",
    params(("id" = TicketId, Path)),
    responses((status = 200, body = TicketClock), (status = 404, body = Problem)),
)]
#[get("/tickets/{id}/sla")]
pub async fn of_ticket(
    app: web::Data<App>,
    by: By<FIELD>,
    id: Path<TicketId>,
) -> Result<web::Json<TicketClock>, Error> {
    let (promises, now) = (app.board.promises(), app.db.clock().now());
    let read = move |conn: &mut Conn| {
        let ticket = visible(conn, &by.0, id.0)?;
        let steps = events::of_tickets(conn, &[ticket.id])?.remove(&ticket.id).unwrap_or_default();
        let changes = db::changes::of_ticket(conn, ticket.id.as_str(), 0, MOST_CHANGES)?;
        let asked = recompute::asked(&promises, &ticket, &steps);
        let mut asked = asked.ok_or_else(|| Problem::not_found("policy"))?;
        note_changes(&promises, &ticket, &changes, &mut asked.events);
        let failed_step = timers::failed(conn, ticket.id)?;
        Ok::<_, Error>(TicketClock { failed_step, ..told(&ticket, &asked, now) })
    };
    Ok(web::Json(app.db.read(read).await?))
}

fn told(ticket: &Ticket, asked: &Asked<'_>, now: Timestamp) -> TicketClock {
    let Asked { held, calendar, events } = asked;
    // Steps of which no sense can be made were logged when they were counted.
    let clock = held.row.and_then(|(_, policy)| count(policy, calendar, events).ok());
    let (response, resolution) = clock.map_or((None, None), |clock| (clock.response, clock.resolution));
    TicketClock {
        ticket_id: ticket.id,
        now,
        policy_id: held.table.id.clone(),
        policy_name: held.table.body.0.name.clone(),
        policy_version: held.table.version,
        row: held.row.map(|(name, _)| name.to_owned()),
        contract_id: held.contract.map(|contract| contract.id),
        contract_number: held.contract.map(|contract| contract.number.clone()),
        calendar_id: held.calendar.id.clone(),
        calendar_name: held.calendar.body.0.name.clone(),
        calendar_version: held.calendar.version,
        time_zone: calendar.zone.iana_name().unwrap_or("UTC").to_owned(),
        response: response.map(|answer| ClockAnswer::of(&answer, calendar)),
        resolution: resolution.map(|answer| ClockAnswer::of(&answer, calendar)),
        internal: held.row.map_or_else(Vec::new, |(_, policy)| agreed(policy, calendar, events)),
        failed_step: None,
    }
}

fn agreed(policy: &Policy, calendar: &Calendar, events: &[Event]) -> Vec<InternalClock> {
    let answers = internal(policy, calendar, events).unwrap_or_default();
    let told = |(agreement, answer): (&Agreement, &Answer<'_>)| InternalClock {
        name: agreement.name.clone(),
        until: agreement.until,
        answer: ClockAnswer::of(answer, calendar),
    };
    policy.internal.iter().zip(&answers).map(told).collect()
}

impl ClockAnswer {
    fn of(answer: &Answer<'_>, calendar: &Calendar) -> Self {
        let (due_at, met_at) = (answer.due_at(), answer.met_at);
        Self {
            target: answer.target,
            promised: Spoken::of(|language| words::target(answer.target, language)),
            outcome: answer.outcome,
            due_at: due_at.map(Timestamp::from_millis),
            met_at: met_at.map(Timestamp::from_millis),
            in_time: due_at.zip(met_at).map(|(due, met)| met <= due),
            steps: answer.steps.iter().filter_map(|step| serde_json::to_value(step).ok()).collect(),
            derivation: Spoken::of(|language| words::derivation(answer, calendar, language)),
            pauses: answer.steps.iter().filter_map(pause).collect(),
        }
    }
}

fn pause(step: &Step<'_>) -> Option<ClockPause> {
    let Step::Paused { from, until, counted_ms, why, .. } = *step else { return None };
    let (reason, note) = match why {
        Why::Asked { reason, note } => (reason, note),
        Why::State { state, reason: "", note } => (state, note),
        Why::State { reason, note, .. } => (reason, note),
        Why::Resolved => ("resolved", None),
    };
    Some(ClockPause {
        from: Timestamp::from_millis(from),
        until: until.map(Timestamp::from_millis),
        counted_ms,
        reason: reason.to_owned(),
        note: note.map(str::to_owned),
    })
}

/// What the record keeps of a ticket, as far as its clock was begun anew by it.
#[derive(PartialEq, Eq, Deserialize)]
struct Kept {
    priority: i32,
    #[serde(default)]
    sla: TicketSla,
}

/// Adds where another priority, policy or site made everything be counted anew. They move nothing, since what holds
/// now holds from the opening on; but whoever reads the derivation wants to know.
fn note_changes(promises: &Promises, ticket: &Ticket, changes: &[Change], events: &mut Vec<Event>) {
    let kept = |change: &Change| {
        let row = change.row.as_ref().filter(|_| change.entity == "tickets")?;
        Some((change.at, serde_json::from_str::<Kept>(row.get()).ok()?))
    };
    let versions: Vec<(Timestamp, Kept)> = changes.iter().filter_map(kept).collect();
    for ((_, before), (at, now)) in versions.iter().zip(versions.iter().skip(1)) {
        let at = (*at).max(ticket.created_at).millis();
        let by = |sla: &TicketSla| (sla.policy_id.clone(), sla.policy_version);
        if before.priority != now.priority {
            events.push(Event::new(at, Kind::Priority(now.priority.to_string())));
        }
        if by(&before.sla) != by(&now.sla) && !before.sla.policy_id.is_empty() {
            let name = promises.policy_name(&now.sla.policy_id);
            events.push(Event::new(at, Kind::Policy(format!("{name} v{}", now.sla.policy_version))));
        }
        if before.sla.time_zone != now.sla.time_zone {
            events.push(Event::new(at, Kind::Site(now.sla.time_zone.clone())));
        }
    }
    events.sort_by_key(|event| event.at);
}
