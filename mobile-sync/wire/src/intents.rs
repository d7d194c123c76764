//! The life of a ticket as pure data: which event leads from which status to which, and why not.
//!
//! The server's domain functions and the phone's button both ask [`step`], so that a phone offline shows what the
//! server will say. It is lenient on purpose: an engineer in a cellar presses the button he remembers. A forward
//! step may skip others (start without travel, complete without start), an event that says what is already true or
//! already past is recorded and moves nothing, and only what contradicts the office (not his, closed, cancelled) or
//! itself (declining begun work) is refused. A refused event is stored all the same; the office gets a card.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    New,
    Assigned,
    Accepted,
    Travelling,
    OnSite,
    Working,
    Waiting,
    Completed,
    Closed,
    Cancelled,
}

/// What can be done to a ticket. The first nine are an engineer's and travel as `ticket_events` rows; the rest are
/// the office's and never come from a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Accept,
    Decline,
    Claim,
    Travel,
    Arrive,
    Start,
    Pause,
    Resume,
    Complete,
    Assign,
    Unassign,
    Close,
    Reopen,
    Cancel,
}

/// A legal event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The ticket moves to this status.
    To(TicketStatus),
    /// Already so, or already past it: the event is recorded, the status stays.
    Stay,
}

impl Step {
    /// The status after the event.
    pub const fn from(self, status: TicketStatus) -> TicketStatus {
        match self {
            Self::To(next) => next,
            Self::Stay => status,
        }
    }
}

/// Why an event does not move the ticket. The text is the stable code in `why`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Nobody holds the ticket.
    #[error("not_assigned")]
    NotAssigned,
    /// Somebody holds the ticket already.
    #[error("already_taken")]
    AlreadyTaken,
    /// There is no work to pause or to resume yet.
    #[error("not_accepted")]
    NotAccepted,
    /// Work has begun: it can be paused, not declined.
    #[error("already_begun")]
    AlreadyBegun,
    /// There is nothing to close or to reopen yet.
    #[error("not_completed")]
    NotCompleted,
    #[error("already_completed")]
    AlreadyCompleted,
    #[error("closed")]
    Closed,
    #[error("cancelled")]
    Cancelled,
}

/// What `kind` does to a ticket in `status`. That the actor is the assigned engineer is the caller's to check.
pub const fn step(kind: EventKind, status: TicketStatus) -> Result<Step, Refusal> {
    match kind {
        EventKind::Accept | EventKind::Decline | EventKind::Claim => taking(kind, status),
        EventKind::Travel | EventKind::Arrive | EventKind::Start | EventKind::Resume | EventKind::Pause => {
            working(kind, status)
        }
        EventKind::Complete => match status {
            TicketStatus::Completed => Ok(Step::Stay),
            _ => forward(TicketStatus::Completed, status),
        },
        EventKind::Assign
        | EventKind::Unassign
        | EventKind::Close
        | EventKind::Reopen
        | EventKind::Cancel => office(kind, status),
    }
}

const fn taking(kind: EventKind, status: TicketStatus) -> Result<Step, Refusal> {
    use TicketStatus as S;
    match (kind, status) {
        (EventKind::Claim, S::New) | (EventKind::Accept, S::Assigned) => Ok(Step::To(S::Accepted)),
        (
            EventKind::Claim,
            S::Assigned | S::Accepted | S::Travelling | S::OnSite | S::Working | S::Waiting,
        ) => Err(Refusal::AlreadyTaken),
        (EventKind::Claim | EventKind::Decline, S::Completed) => Err(Refusal::AlreadyCompleted),
        (EventKind::Decline, S::Assigned | S::Accepted) => Ok(Step::To(S::New)),
        (EventKind::Decline, S::Travelling | S::OnSite | S::Working | S::Waiting) => {
            Err(Refusal::AlreadyBegun)
        }
        _ => forward(S::Accepted, status),
    }
}

const fn working(kind: EventKind, status: TicketStatus) -> Result<Step, Refusal> {
    use TicketStatus as S;
    match (kind, status) {
        // He returns another day: the journey begins again.
        (EventKind::Travel, S::Waiting) => Ok(Step::To(S::Travelling)),
        (EventKind::Arrive, S::Waiting) => Ok(Step::To(S::OnSite)),
        (EventKind::Start | EventKind::Resume, S::Waiting) => Ok(Step::To(S::Working)),
        (EventKind::Pause | EventKind::Resume, S::Assigned) => Err(Refusal::NotAccepted),
        (EventKind::Resume, S::Accepted) => Err(Refusal::NotAccepted),
        // A pause after completion contradicts it; a late arrival or start only precedes it.
        (EventKind::Pause | EventKind::Resume, S::Completed) => Err(Refusal::AlreadyCompleted),
        (EventKind::Travel, _) => forward(S::Travelling, status),
        (EventKind::Arrive, _) => forward(S::OnSite, status),
        (EventKind::Pause, _) => forward(S::Waiting, status),
        _ => forward(S::Working, status),
    }
}

/// Towards `target`: moves a ticket that is held and before it, leaves one that is there or past it.
const fn forward(target: TicketStatus, status: TicketStatus) -> Result<Step, Refusal> {
    match status {
        TicketStatus::New => Err(Refusal::NotAssigned),
        TicketStatus::Closed => Err(Refusal::Closed),
        TicketStatus::Cancelled => Err(Refusal::Cancelled),
        // The declaration order of the held statuses is their order in life.
        _ if (status as u8) < (target as u8) => Ok(Step::To(target)),
        _ => Ok(Step::Stay),
    }
}

const fn office(kind: EventKind, status: TicketStatus) -> Result<Step, Refusal> {
    use TicketStatus as S;
    match (kind, status) {
        (EventKind::Close, S::Completed) => Ok(Step::To(S::Closed)),
        (EventKind::Reopen, S::Completed | S::Closed) => Ok(Step::To(S::Assigned)),
        (EventKind::Unassign, S::New) | (EventKind::Close, S::Closed) | (EventKind::Cancel, S::Cancelled) => {
            Ok(Step::Stay)
        }
        (_, S::Closed) => Err(Refusal::Closed),
        (_, S::Cancelled) => Err(Refusal::Cancelled),
        (EventKind::Close | EventKind::Reopen, _) => Err(Refusal::NotCompleted),
        (_, S::Completed) => Err(Refusal::AlreadyCompleted),
        (EventKind::Assign, _) => Ok(Step::To(S::Assigned)),
        (EventKind::Unassign, _) => Ok(Step::To(S::New)),
        _ => Ok(Step::To(S::Cancelled)),
    }
}

/// The one thing an engineer most likely does next: the phone's primary button.
pub const fn next_action(status: TicketStatus) -> Option<EventKind> {
    match status {
        TicketStatus::Assigned => Some(EventKind::Accept),
        TicketStatus::Accepted => Some(EventKind::Travel),
        TicketStatus::Travelling => Some(EventKind::Arrive),
        TicketStatus::OnSite => Some(EventKind::Start),
        TicketStatus::Working => Some(EventKind::Complete),
        TicketStatus::Waiting => Some(EventKind::Resume),
        TicketStatus::New | TicketStatus::Completed | TicketStatus::Closed | TicketStatus::Cancelled => None,
    }
}

impl TicketStatus {
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::Assigned,
        Self::Accepted,
        Self::Travelling,
        Self::OnSite,
        Self::Working,
        Self::Waiting,
        Self::Completed,
        Self::Closed,
        Self::Cancelled,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Assigned => "assigned",
            Self::Accepted => "accepted",
            Self::Travelling => "travelling",
            Self::OnSite => "on_site",
            Self::Working => "working",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Held by an engineer and not yet done.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::New) && !self.is_over()
    }

    /// Nobody works on it any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Closed | Self::Cancelled)
    }
}

impl EventKind {
    pub const ALL: [Self; 14] = [
        Self::Accept,
        Self::Decline,
        Self::Claim,
        Self::Travel,
        Self::Arrive,
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::Complete,
        Self::Assign,
        Self::Unassign,
        Self::Close,
        Self::Reopen,
        Self::Cancel,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Claim => "claim",
            Self::Travel => "travel",
            Self::Arrive => "arrive",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Complete => "complete",
            Self::Assign => "assign",
            Self::Unassign => "unassign",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Cancel => "cancel",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }

    /// May come from a phone.
    pub const fn is_engineers(self) -> bool {
        (self as u8) <= (Self::Complete as u8)
    }

    /// A person must say why. A phone asks for it; a server that receives none takes the event without.
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Decline | Self::Pause | Self::Unassign | Self::Reopen | Self::Cancel)
    }
}

/// A text that is none of the fixed ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown value {0:?}")]
pub struct UnknownText(pub String);

// Databases keep both as text.
impl TryFrom<String> for TicketStatus {
    type Error = UnknownText;

    fn try_from(text: String) -> Result<Self, UnknownText> {
        Self::parse(&text).ok_or(UnknownText(text))
    }
}
impl From<TicketStatus> for String {
    fn from(status: TicketStatus) -> Self {
        status.as_str().to_owned()
    }
}
impl TryFrom<String> for EventKind {
    type Error = UnknownText;

    fn try_from(text: String) -> Result<Self, UnknownText> {
        Self::parse(&text).ok_or(UnknownText(text))
    }
}
impl From<EventKind> for String {
    fn from(kind: EventKind) -> Self {
        kind.as_str().to_owned()
    }
}
