//! What happened to a ticket, in the words of the crate `sla`. Only steps that took effect count, each at the time at
//! which it was done: that of the phone, corrected, where there was no network. So a step that arrives late is
//! counted in its place.

use std::collections::HashMap;

use ::sla::events::Hold;
use ::sla::{Event, Kind};
use db::schema::{assignments, ticket_events};
use db::types::TicketId;
use db::{Conn, Timestamp};
use diesel::prelude::*;

use crate::error::Error;
use crate::tickets::{EventKind, TicketStatus};

/// Most tickets in one question.
const MOST_ASKED: usize = 1_000;

/// Words with which a reason begins, and the short name by which policies know it. A phone says them in the language
/// of whoever holds it (web/messages).
const REASONS: [(&str, &str); 12] = [
    ("Waiting for the customer", "customer"),
    ("Waiting for a part", "part"),
    ("Waiting for a third party", "third_party"),
    ("Waiting for approval", "approval"),
    ("等待客户", "customer"),
    ("等待配件", "part"),
    ("等待第三方", "third_party"),
    ("等待审批", "approval"),
    ("customer", "customer"),
    ("part", "part"),
    ("third_party", "third_party"),
    ("approval", "approval"),
];

/// A step of a ticket that took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// When it was done.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Why, in somebody's words.
    pub reason: String,
}

/// The steps of these tickets, each ticket's in order of time.
///
/// # Errors
/// A failure of the database.
pub fn of_tickets(conn: &mut Conn, ids: &[TicketId]) -> Result<HashMap<TicketId, Vec<Happened>>, Error> {
    use ticket_events as e;
    type Row = (TicketId, Timestamp, String, String);
    let mut found: HashMap<TicketId, Vec<Happened>> = HashMap::new();
    for some in ids.chunks(MOST_ASKED) {
        let rows: Vec<Row> = e::table
            .filter(e::ticket_id.eq_any(some))
            .filter(e::applied.eq(true))
            .order((e::ticket_id, e::at, e::received_at, e::dseq, e::id))
            .select((e::ticket_id, e::at, e::kind, e::reason))
            .load(conn)?;
        for (ticket, at, kind, reason) in rows {
            let Some(kind) = EventKind::parse(&kind) else { continue };
            found.entry(ticket).or_default().push(Happened { at, kind, reason });
        }
    }
    // Being given to somebody is no step of its own, and matters only where it ends a pause.
    let paused = |(id, steps): (&TicketId, &Vec<Happened>)| {
        steps.iter().any(|step| step.kind == EventKind::Pause).then_some(*id)
    };
    let paused: Vec<TicketId> = found.iter().filter_map(paused).collect();
    for some in paused.chunks(MOST_ASKED) {
        let rows: Vec<(TicketId, Timestamp)> = assignments::table
            .filter(assignments::ticket_id.eq_any(some))
            .select((assignments::ticket_id, assignments::assigned_at))
            .load(conn)?;
        for (ticket, at) in rows {
            let assigned = Happened { at, kind: EventKind::Assign, reason: String::new() };
            found.entry(ticket).or_default().push(assigned);
        }
    }
    for id in paused {
        if let Some(steps) = found.get_mut(&id) {
            steps.sort_by_key(|step| step.at);
        }
    }
    Ok(found)
}

/// The same as the crate counts it. Whatever the steps are, the result makes sense to it.
pub fn told(opened_at: Timestamp, steps: &[Happened]) -> Vec<Event> {
    let mut events = vec![Event::new(opened_at.millis(), Kind::Opened)];
    let (mut status, mut responded, mut resolved, mut last) = (TicketStatus::New, false, false, opened_at);
    for step in steps {
        let Some(next) = after(step.kind, status) else { continue };
        // A phone whose clock is years behind did not work before there was anything to do.
        let at = step.at.max(last);
        last = at;
        let mut push = |kind| events.push(Event::new(at.millis(), kind));
        if responds(step.kind) && !responded {
            responded = true;
            push(Kind::Responded);
        }
        match next {
            TicketStatus::Completed if !resolved => {
                resolved = true;
                push(Kind::Resolved);
            }
            _ if step.kind == EventKind::Reopen && resolved => {
                resolved = false;
                push(Kind::Reopened);
            }
            _ => {}
        }
        let hold = if next == TicketStatus::Waiting { hold(&step.reason) } else { Hold::default() };
        push(Kind::State { state: next.as_str().to_owned(), hold });
        status = next;
    }
    events
}

/// Somebody on the way to it, or at it, has taken it up. That a machine gave it to him is not enough.
fn responds(kind: EventKind) -> bool {
    kind.is_engineers() && kind != EventKind::Decline
}

/// Where a step leads, if anywhere. More lenient than the table of steps: that it took effect is known.
fn after(kind: EventKind, status: TicketStatus) -> Option<TicketStatus> {
    use TicketStatus as S;
    let forward = |target: S| match status {
        S::Completed | S::Closed => None,
        S::Waiting if target == S::Accepted => None,
        S::Cancelled | S::Waiting => Some(target),
        _ if (status as u8) < (target as u8) => Some(target),
        _ => None,
    };
    match kind {
        EventKind::Accept | EventKind::Claim => forward(S::Accepted),
        EventKind::Travel => forward(S::Travelling),
        EventKind::Arrive => forward(S::OnSite),
        EventKind::Start | EventKind::Resume => forward(S::Working),
        EventKind::Pause => (!matches!(status, S::Completed | S::Closed)).then_some(S::Waiting),
        EventKind::Complete => forward(S::Completed),
        EventKind::Decline | EventKind::Unassign => Some(S::New),
        EventKind::Assign | EventKind::Reopen => Some(S::Assigned),
        EventKind::Close => Some(S::Closed),
        EventKind::Cancel => Some(S::Cancelled),
    }
}

/// A reason in words as policies know it: a short name if it begins with one, and what else was said.
fn hold(reason: &str) -> Hold {
    let said = reason.trim();
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let known = REASONS.iter().find_map(|(words, name)| {
        said.strip_prefix(words).filter(|rest| ends(rest)).map(|rest| (*name, rest))
    });
    let (name, rest) = known.unwrap_or(("", said));
    let note = rest.trim_start_matches([':', '：', ' ', ',', '，']).trim();
    Hold { reason: name.to_owned(), note: (!note.is_empty()).then(|| note.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(minute: i64, kind: EventKind, reason: &str) -> Happened {
        Happened { at: Timestamp::from_millis(0).plus_minutes(minute), kind, reason: reason.to_owned() }
    }

    fn kinds(steps: &[Happened]) -> Vec<String> {
        let name = |event: &Event| match &event.kind {
            Kind::State { state, .. } => state.clone(),
            other => format!("{other:?}"),
        };
        told(Timestamp::from_millis(0), steps).iter().map(name).collect()
    }

    #[test]
    fn a_ticket_is_responded_to_once_however_often_it_is_taken_up() {
        let steps = [
            step(1, EventKind::Accept, ""),
            step(2, EventKind::Decline, "no time"),
            step(3, EventKind::Claim, ""),
            step(4, EventKind::Complete, ""),
            step(5, EventKind::Reopen, "it stands again"),
        ];
        let told = kinds(&steps);
        let expected = "Opened Responded accepted new accepted Resolved completed Reopened assigned";
        assert_eq!(told.join(" "), expected);
    }

    #[test]
    fn a_pause_ends_when_he_travels_again_or_somebody_else_gets_it() {
        for ends in [EventKind::Travel, EventKind::Start, EventKind::Resume, EventKind::Assign] {
            let told =
                kinds(&[step(1, EventKind::Start, ""), step(2, EventKind::Pause, "part"), step(3, ends, "")]);
            assert_eq!(told[3], "waiting");
            assert_ne!(told[4], "waiting", "{ends:?}");
        }
    }

    #[test]
    fn a_step_that_only_precedes_where_the_ticket_is_moves_nothing() {
        let steps =
            [step(1, EventKind::Start, ""), step(2, EventKind::Accept, ""), step(3, EventKind::Arrive, "")];
        assert_eq!(kinds(&steps), ["Opened", "Responded", "working"]);
        let steps = [step(1, EventKind::Complete, ""), step(2, EventKind::Start, "")];
        assert_eq!(kinds(&steps), ["Opened", "Responded", "Resolved", "completed"]);
    }

    #[test]
    fn a_step_dated_before_the_opening_counts_from_the_opening() {
        let told = told(Timestamp::from_millis(600_000), &[step(1, EventKind::Accept, "")]);
        assert!(told.iter().all(|event| event.at == 600_000), "{told:?}");
    }

    #[test]
    fn what_the_phone_says_in_either_language_is_a_reason_that_policies_know() {
        let told = |text| {
            let Hold { reason, note } = hold(text);
            (reason, note.unwrap_or_default())
        };
        let pair = |reason: &str, note: &str| (reason.to_owned(), note.to_owned());
        assert_eq!(told("Waiting for a part: 4711"), pair("part", "4711"));
        assert_eq!(told("等待配件：4711"), pair("part", "4711"));
        assert_eq!(told("third_party"), pair("third_party", ""));
        assert_eq!(told("partly flooded"), pair("", "partly flooded"));
        assert_eq!(told(""), pair("", ""));
    }

    #[test]
    fn the_phones_words_are_those_of_the_messages() {
        for (file, from) in [("en", 0), ("zh-CN", 4)] {
            let path = format!("{}/../web/messages/{file}.json", env!("CARGO_MANIFEST_DIR"));
            let messages: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(path).expect("messages")).expect("JSON");
            for (words, name) in &REASONS[from..from + 3] {
                assert_eq!(messages[format!("reason_{name}")], *words);
            }
        }
    }
}
