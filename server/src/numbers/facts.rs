//! What the numbers are counted from: one [`Fact`] a ticket, read from the tickets, their steps and customers' answers.

use std::collections::HashMap;

use db::schema::{confirmations, ticket_events, tickets};
use db::types::{EngineerId, Json, TicketId};
use db::{Conn, Timestamp, each_backend};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::confirmations::Satisfaction;
use crate::error::{Error, Problem};
use crate::sla::{DueState, TicketSla};
use crate::tickets::{EventKind, TicketStatus};

/// Most tickets that are counted at once.
pub const MOST_TICKETS: i64 = 200_000;

/// One ticket, as it counts.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = NumberFact)]
pub struct Fact {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number.
    pub number: i64,
    /// In one line.
    pub title: String,
    /// `repair`, `inspection`, ...
    pub kind: String,
    /// 1 urgent to 4 low.
    pub priority: i32,
    /// How it came in; empty if nobody said.
    pub channel: String,
    /// What the customer saw.
    pub symptom: String,
    /// Where it stands.
    pub status: TicketStatus,
    /// Who did it, or has it.
    pub engineer_id: Option<EngineerId>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When somebody took it up.
    pub responded_at: Option<Timestamp>,
    /// Until when that was promised.
    pub response_due_at: Option<Timestamp>,
    /// When the work was done.
    pub done_at: Option<Timestamp>,
    /// Until when that is promised, with all pauses; none if nothing is, or while the clock stands.
    pub due_at: Option<Timestamp>,
    /// How often somebody came.
    pub visits: i64,
    /// How often it was opened again.
    pub reopened: i64,
    /// Milliseconds of work on it.
    pub worked_ms: i64,
    /// What the customer said last: also of an earlier completion, if he has not said anything since.
    pub satisfaction: Option<Satisfaction>,
    /// Who worked on it, and for how many milliseconds.
    #[serde(skip)]
    pub work: Vec<(EngineerId, i64)>,
}

impl Fact {
    /// Done by the first visit, and for good.
    pub fn at_first_visit(&self) -> bool {
        self.done_at.is_some() && self.visits <= 1 && self.reopened == 0
    }
}

type Row = (
    (TicketId, i64, String, String, i32),
    (String, String, Option<EngineerId>),
    (Timestamp, Option<Timestamp>, Timestamp, String),
);

/// Every ticket that was opened, or done, from `from` until before `until`, in the order of numbers.
///
/// # Errors
/// 422 if there are more than [`MOST_TICKETS`].
pub fn read(conn: &mut Conn, (from, until): (Timestamp, Timestamp)) -> Result<Vec<Fact>, Error> {
    use tickets as t;
    let opened = t::created_at.ge(from).and(t::created_at.lt(until));
    let done = t::completed_at.ge(from).and(t::completed_at.lt(until));
    let within = opened.or(done.assume_not_null());
    let rows: Vec<Row> = t::table
        .filter(within)
        .order(t::number)
        .limit(MOST_TICKETS + 1)
        .select((
            (t::id, t::number, t::title, t::kind, t::priority),
            (t::symptom, t::status, t::engineer_id),
            (t::created_at, t::completed_at, t::due_at, t::sla),
        ))
        .load(conn)?;
    if i64::try_from(rows.len()).unwrap_or(i64::MAX) > MOST_TICKETS {
        let message = format!("has more than {MOST_TICKETS} tickets; ask for a shorter time");
        return Err(Problem::invalid_field("until", "too_many", message).into());
    }
    let steps: Vec<Step> = each_backend!(conn, |c| {
        ticket_events::table
            .inner_join(t::table.on(t::id.eq(ticket_events::ticket_id)))
            .filter(within)
            .filter(ticket_events::applied.eq(true))
            .order((
                ticket_events::ticket_id,
                ticket_events::at,
                ticket_events::received_at,
                ticket_events::dseq,
            ))
            .select((
                ticket_events::ticket_id,
                ticket_events::kind,
                ticket_events::at,
                ticket_events::engineer_id,
            ))
            .load(c)
    })?;
    let said: Vec<(TicketId, Option<String>)> = each_backend!(conn, |c| {
        confirmations::table
            .inner_join(t::table.on(t::id.eq(confirmations::ticket_id)))
            .filter(within)
            .filter(confirmations::satisfaction.is_not_null())
            .order((confirmations::ticket_id, confirmations::completed_at))
            .select((confirmations::ticket_id, confirmations::satisfaction))
            .load(c)
    })?;
    let (mut work, said) = (works(&steps), said.into_iter().collect::<HashMap<_, _>>());
    let fact = |row: Row| {
        let id = row.0.0;
        let said = said.get(&id).and_then(Option::as_deref).and_then(|text| text.parse().ok());
        fact(row, work.remove(&id).unwrap_or_default(), said)
    };
    rows.into_iter().map(fact).collect()
}

fn fact(row: Row, work: Work, satisfaction: Option<Satisfaction>) -> Result<Fact, Error> {
    let ((ticket_id, number, title, kind, priority), (symptom, status, engineer_id), times) = row;
    let (opened_at, done_at, due_at, sla) = times;
    let sla = Json::<TicketSla>::try_from(sla).map_err(|e| Error::Internal(e.to_string()))?.0;
    let status = TicketStatus::parse(&status).ok_or_else(|| Error::Internal(format!("status {status}")))?;
    Ok(Fact {
        ticket_id,
        number,
        title,
        kind,
        priority,
        channel: sla.channel,
        symptom,
        status,
        engineer_id,
        opened_at,
        responded_at: sla.responded_at,
        response_due_at: sla.response_due_at.filter(|_| sla.response_state == DueState::Due),
        done_at,
        due_at: (sla.state == DueState::Due).then_some(due_at),
        visits: work.visits,
        reopened: work.reopened,
        worked_ms: work.by.iter().map(|(_, ms)| ms).sum(),
        satisfaction,
        work: work.by.into_iter().filter_map(|(who, ms)| Some((who?, ms))).collect(),
    })
}

/// A step of a ticket: what, when and by whom.
type Step = (TicketId, String, Timestamp, Option<EngineerId>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Work {
    visits: i64,
    reopened: i64,
    /// Who worked for how many milliseconds; none: an engineer whom the step does not name.
    by: Vec<(Option<EngineerId>, i64)>,
    since: Option<(Timestamp, Option<EngineerId>)>,
}

impl Work {
    fn worked(&mut self, who: Option<EngineerId>, ms: i64) {
        match self.by.iter_mut().find(|(known, _)| *known == who) {
            Some((_, sum)) => *sum += ms,
            None => self.by.push((who, ms)),
        }
    }
}

/// What the steps of each ticket come to; a ticket's are given in order of time.
fn works(steps: &[Step]) -> HashMap<TicketId, Work> {
    let mut works: HashMap<TicketId, Work> = HashMap::new();
    for (ticket_id, kind, at, who) in steps {
        let Some(kind) = EventKind::parse(kind) else { continue };
        let work = works.entry(*ticket_id).or_default();
        match kind {
            EventKind::Arrive => work.visits += 1,
            EventKind::Reopen => work.reopened += 1,
            _ => {}
        }
        match kind {
            EventKind::Start | EventKind::Resume => work.since = work.since.or(Some((*at, *who))),
            // Notes, claims and the like do not end the work.
            EventKind::Accept | EventKind::Claim => {}
            _ => {
                if let Some((began, who)) = work.since.take() {
                    work.worked(who, (at.millis() - began.millis()).max(0));
                }
            }
        }
    }
    works
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::types::Id;

    fn steps(id: TicketId, kinds: &[(&str, i64)]) -> Vec<Step> {
        let step = |(kind, minute): &(&str, i64)| {
            (id, (*kind).to_owned(), Timestamp::from_millis(0).plus_minutes(*minute), None)
        };
        kinds.iter().map(step).collect()
    }

    #[test]
    fn work_stops_with_a_pause_and_goes_on_after_it() {
        let id = Id::new();
        let one = [("accept", 0), ("travel", 5), ("arrive", 20), ("start", 25), ("pause", 55)];
        let two = [("travel", 100), ("arrive", 120), ("start", 125), ("complete", 140), ("reopen", 200)];
        let work = works(&steps(id, &[&one[..], &two[..]].concat())).remove(&id).unwrap();
        assert_eq!((work.visits, work.reopened, work.by), (2, 1, vec![(None, 45 * 60_000)]));
    }

    #[test]
    fn work_that_is_still_going_on_is_not_counted_and_a_second_start_does_not_begin_it_anew() {
        let id = Id::new();
        let steps = steps(id, &[("start", 0), ("start", 10), ("complete", 30), ("resume", 40)]);
        assert_eq!(works(&steps)[&id].by, [(None, 30 * 60_000)]);
    }

    #[test]
    fn who_worked_is_who_began_not_who_has_the_ticket_in_the_end() {
        let (id, one, two) = (Id::new(), Id::new(), Id::new());
        let of = |who, kinds: &[(&str, i64)]| -> Vec<Step> {
            steps(id, kinds).into_iter().map(|(id, kind, at, _)| (id, kind, at, Some(who))).collect()
        };
        let first = of(one, &[("start", 0), ("pause", 40)]);
        let second = of(two, &[("start", 100), ("pause", 110), ("resume", 120), ("complete", 130)]);
        let work = works(&[first, second].concat());
        assert_eq!(work[&id].by, [(Some(one), 40 * 60_000), (Some(two), 20 * 60_000)]);
    }
}
