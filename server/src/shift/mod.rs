//! The card that a dispatcher sees when his shift begins: what changed while he was away, who is really there, which
//! promises will be broken in the next hours and what is not ready, each with the one action that mends it; and what
//! the dispatcher before him left him. Times and verdicts are those of the engine that assigns.

mod changes;
mod fix;
pub mod handover;
mod people;
mod risks;
pub mod routes;
mod unready;

use db::types::{TicketId, UserId};
use db::{Conn, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

pub use self::changes::{ChangeKind, Changed};
pub use self::fix::Fix;
use self::handover::HandoverNote;
pub use self::people::{Away, People, Silent};
pub use self::risks::Risk;
pub use self::unready::{Lack, Unready};
use crate::error::Error;
use crate::schedule::Board;
use crate::tickets::Ticket;

/// Most tickets in one list of the card: who has more to mend begins with these.
const MOST: usize = 20;

/// A ticket as the card names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ShiftTicket)]
pub struct Named {
    /// Its id.
    pub ticket_id: TicketId,
    /// What people call it.
    pub number: i64,
    /// The ticket in one line.
    pub title: String,
}

impl Named {
    fn of(ticket: &Ticket) -> Self {
        Self { ticket_id: ticket.id, number: ticket.number, title: ticket.title.clone() }
    }
}

/// What one should know when a shift begins.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShiftCard {
    /// The server's time.
    pub now_at: Timestamp,
    /// Changes are told from here on.
    pub since: Timestamp,
    /// When the caller last said that he had seen the card.
    pub looked_at: Option<Timestamp>,
    /// When the first of those who are on shift now began.
    pub shift_began_at: Option<Timestamp>,
    /// Promises are looked at until here.
    pub until: Timestamp,
    /// What happened, by kind; kinds of which nothing happened are left out.
    pub changes: Vec<Changed>,
    /// Who is there.
    pub people: People,
    /// What will be begun after it is due, or likelier so than not, the most urgent first; at most 20.
    pub risks: Vec<Risk>,
    /// How many there are of these.
    pub risk_count: usize,
    /// What somebody cannot begin or has not said that he will, the most urgent first; at most 20.
    pub unready: Vec<Unready>,
    /// How many there are of these.
    pub unready_count: usize,
    /// Tickets that nobody has.
    pub undecided: usize,
    /// What dispatchers left to be dealt with.
    pub notes: Vec<HandoverNote>,
}

/// For whom, since when and until when.
struct Asked {
    user: UserId,
    since: Option<Timestamp>,
    now: Timestamp,
    until: Timestamp,
}

/// Without a time to begin at: since he last looked, else since the shift began, else of the last twelve hours.
fn card(conn: &mut Conn, board: &Board, asked: &Asked) -> Result<ShiftCard, Error> {
    let (now, until) = (asked.now, asked.until);
    let looked_at = changes::looked_at(conn, asked.user)?;
    let there = people::there(conn, board, now, until)?;
    let otherwise = || now.plus_minutes(-60 * changes::USUAL_HOURS);
    let since = asked.since.or(looked_at).or(there.began_at).unwrap_or_else(otherwise);
    let since = since.max(now.plus_minutes(-60 * changes::MOST_HOURS)).min(now);
    let plan = risks::Plan::read(conn, board, now)?;
    let unready = unready::find(conn, &plan, until)?;
    let named: Vec<TicketId> = unready.iter().map(|one| one.ticket.ticket_id).collect();
    let risks = risks::find(&plan, until, &named);
    let (risk_count, unready_count) = (risks.len(), unready.len());
    Ok(ShiftCard {
        now_at: now,
        since,
        looked_at,
        shift_began_at: there.began_at,
        until,
        changes: changes::since(conn, since)?,
        people: there.people,
        risks: fix::of_risks(conn, board, &plan, risks)?,
        risk_count,
        unready: fix::of_unready(conn, board, &plan, unready)?,
        unready_count,
        undecided: plan.undecided(),
        notes: handover::open(conn)?,
    })
}
