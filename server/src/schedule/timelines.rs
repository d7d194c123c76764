//! The day of every engineer as the console draws it: shifts and absences, what he has done, is at and will do, with
//! the journeys between. What lies ahead comes from the board in memory, what is done from the tickets. A console
//! reads everybody once, and from then on, by the cursor of the answer, those whose day has changed since.

use std::collections::HashMap;

use actix_web::{get, web};
use db::schema::{ticket_events, tickets};
use db::types::{EngineerId, TicketId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::engineers::Span;
use crate::error::{Error, Problem};
use crate::http::Params;

/// Longest span of time that is asked for.
const MOST_DAYS: i64 = 8;
const DAY_MINUTES: i64 = 24 * 60;

/// Which part of whose days.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimelineParams {
    /// From when; twelve hours ago if absent.
    pub from: Option<Timestamp>,
    /// Until when, at most eight days later; a day after `from` if absent.
    pub until: Option<Timestamp>,
    /// The `cursor` of an earlier answer: only those whose day has changed since then.
    pub since: Option<i64>,
}

/// Where a stop is in its engineer's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The work is completed.
    Done,
    /// He is at it.
    Present,
    /// He will do it in the present shift, or drives to it.
    Ahead,
    /// It is planned for a later shift.
    Later,
}

/// One ticket in an engineer's day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TimelineStop {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number.
    pub number: i64,
    /// Where in the day.
    pub phase: Phase,
    /// When he sets out, or set out, for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves_at: Option<Timestamp>,
    /// When he is there; from then until the start he waits for its window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrives_at: Option<Timestamp>,
    /// When the work begins, or began.
    pub starts_at: Timestamp,
    /// When it is, or was, done.
    pub ends_at: Timestamp,
    /// So long after its due time it begins.
    pub late_minutes: i64,
    /// How likely it begins late, 0 to 100, as journeys scatter; for what lies ahead.
    pub late_percent: i64,
}

impl TimelineStop {
    /// Minutes begun between the due time and the start; 0 if it starts in time.
    pub fn late_minutes(starts_at: Timestamp, due_at: Timestamp) -> i64 {
        let late_ms = (starts_at.millis() - due_at.millis()).max(0);
        (late_ms + db::types::MINUTE_MS - 1) / db::types::MINUTE_MS
    }
}

/// One engineer's day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Timeline {
    /// Whose.
    pub engineer_id: EngineerId,
    /// When he is rostered; shifts that were over when the server began are not among them.
    pub shifts: Vec<Span>,
    /// When he is away.
    pub absences: Vec<Span>,
    /// When he is at home again after what is in his hands for the present shift.
    pub home_at: Option<Timestamp>,
    /// What is done, present, ahead and planned for later, in this order.
    pub stops: Vec<TimelineStop>,
}

/// Everybody's days, or of those who changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelinePage {
    /// Up to which change they are true.
    pub cursor: i64,
    /// Whether it is everybody who works here.
    pub whole: bool,
    /// The server's time.
    pub now_at: Timestamp,
    /// In order of id.
    pub items: Vec<Timeline>,
}

/// The days of all engineers.
#[utoipa::path(
    tag = "dispatch",
    params(TimelineParams),
    responses((status = 200, body = TimelinePage), (status = 422, body = Problem)),
)]
#[get("/dispatch/timelines")]
pub async fn timelines(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<TimelineParams>,
) -> Result<web::Json<TimelinePage>, Error> {
    let now_at = app.db.clock().now();
    let (from, until) = span(&params.0, now_at)?;
    let found = app.board.timelines(params.0.since, now_at);
    let (cursor, whole, mut items) = (found.cursor, found.whole, found.items);
    let whose: Vec<EngineerId> = items.iter().map(|timeline| timeline.engineer_id).collect();
    let only = (!whole).then_some(whose);
    if only.as_ref().is_none_or(|whose| !whose.is_empty()) {
        let mut done = app.db.read(move |conn| done(conn, only.as_deref(), from, until)).await?;
        for timeline in &mut items {
            let before = done.remove(&timeline.engineer_id).unwrap_or_default();
            timeline.stops.splice(0..0, before);
        }
    }
    for timeline in &mut items {
        let within = |span: &Span| span.starts_at < until && span.ends_at > from;
        timeline.shifts.retain(within);
        timeline.absences.retain(within);
        timeline.stops.retain(|stop| stop.leaves_at.unwrap_or(stop.starts_at) < until && stop.ends_at > from);
    }
    Ok(web::Json(TimelinePage { cursor, whole, now_at, items }))
}

fn span(params: &TimelineParams, now: Timestamp) -> Result<(Timestamp, Timestamp), Error> {
    let from = params.from.unwrap_or(now.plus_minutes(-DAY_MINUTES / 2));
    let until = params.until.unwrap_or(from.plus_minutes(DAY_MINUTES));
    if from < until && until <= from.plus_minutes(MOST_DAYS * DAY_MINUTES) {
        return Ok((from, until));
    }
    Err(Problem::invalid_field("until", "out_of_range", "must be after `from`, at most eight days").into())
}

type Completed = (TicketId, i64, Option<EngineerId>, Timestamp, Option<Timestamp>, i64);

/// What was completed in that time, by engineer, in order.
fn done(
    conn: &mut Conn,
    only: Option<&[EngineerId]>,
    from: Timestamp,
    until: Timestamp,
) -> Result<HashMap<EngineerId, Vec<TimelineStop>>, Error> {
    let mut completed = tickets::table
        .filter(tickets::completed_at.between(from, until))
        .filter(tickets::engineer_id.is_not_null())
        .select((
            tickets::id,
            tickets::number,
            tickets::engineer_id,
            tickets::due_at,
            tickets::completed_at,
            tickets::expected_minutes,
        ))
        .order((tickets::completed_at, tickets::number))
        .into_boxed();
    if let Some(only) = only {
        completed = completed.filter(tickets::engineer_id.eq_any(only.to_vec()));
    }
    let completed: Vec<Completed> = completed.load(conn)?;
    let on_the_way = begun(conn, only, from, until)?;
    let mut by_engineer: HashMap<EngineerId, Vec<TimelineStop>> = HashMap::new();
    for (ticket_id, number, engineer, due_at, ends_at, minutes) in completed {
        let (Some(engineer), Some(ends_at)) = (engineer, ends_at) else { continue };
        let said = on_the_way.get(&ticket_id).copied().unwrap_or_default();
        // Whoever only said that he is done was there for as long as expected, as far as anybody knows.
        let starts_at = said.arrived.unwrap_or(ends_at.plus_minutes(-minutes)).min(ends_at);
        by_engineer.entry(engineer).or_default().push(TimelineStop {
            ticket_id,
            number,
            phase: Phase::Done,
            leaves_at: said.left.filter(|left| *left <= starts_at),
            arrives_at: said.left.map(|_| starts_at),
            starts_at,
            ends_at,
            late_minutes: TimelineStop::late_minutes(starts_at, due_at),
            late_percent: 0,
        });
    }
    Ok(by_engineer)
}

/// When somebody set out for a ticket, and when he was there.
#[derive(Clone, Copy, Default)]
struct Said {
    left: Option<Timestamp>,
    arrived: Option<Timestamp>,
}

fn begun(
    conn: &mut Conn,
    only: Option<&[EngineerId]>,
    from: Timestamp,
    until: Timestamp,
) -> Result<HashMap<TicketId, Said>, Error> {
    let mut events = ticket_events::table
        .inner_join(tickets::table.on(tickets::id.eq(ticket_events::ticket_id)))
        .filter(tickets::completed_at.between(from, until))
        .filter(ticket_events::engineer_id.eq(tickets::engineer_id))
        .filter(ticket_events::kind.eq_any(["travel", "arrive", "start"]))
        .select((ticket_events::ticket_id, ticket_events::kind, ticket_events::at))
        .order(ticket_events::at)
        .into_boxed();
    if let Some(only) = only {
        events = events.filter(tickets::engineer_id.eq_any(only.to_vec()));
    }
    let rows: Vec<(TicketId, String, Timestamp)> = events.load(conn)?;
    let mut said: HashMap<TicketId, Said> = HashMap::new();
    for (ticket, kind, at) in rows {
        let said = said.entry(ticket).or_default();
        if kind == "travel" {
            // He sets out anew: what was before was another attempt.
            *said = Said { left: Some(at), arrived: None };
        } else {
            said.arrived.get_or_insert(at);
        }
    }
    Ok(said)
}
