//! What the planner proposes where it is not to decide: for kinds of tickets that are not assigned automatically, and
//! for tickets that a dispatcher keeps for himself. The day is planned with all of them, and what would be different
//! is offered, change by change. Like the rounds it is kept in memory, by each server for itself.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use actix_web::{get, web};
use db::types::{EngineerId, Id, ProposalId, TicketId};
use db::{Conn, Timestamp};
use dispatch::plan::Plan;
use dispatch::verify::verify;
use dispatch::{Policies, Strategy};
use serde::Serialize;
use utoipa::ToSchema;

use super::day::Day;
use super::diff::{self, Sheet};
use super::publish::{Changes, Move};
use super::{aside, freedom, locked};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::Error;
use crate::schedule::load;
use crate::tickets::store;

/// Proposals that can still be accepted: the page may show one that is a little older.
const MOST_OFFERS: usize = 10;

/// What is different for a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposedChange {
    /// Somebody else does it.
    Moved,
    /// Nobody had it.
    Added,
    /// Nobody can do it today; it stays with whoever has it until somebody decides.
    Dropped,
}

/// One ticket of a proposal.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProposalEntry {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its number.
    pub ticket_number: i64,
    /// Its title.
    pub title: String,
    /// What is different.
    pub change: ProposedChange,
    /// Who has it.
    pub from_engineer_id: Option<EngineerId>,
    /// Who is to have it.
    pub to_engineer_id: Option<EngineerId>,
    /// When it is planned for now.
    pub planned_at: Option<Timestamp>,
    /// When he would begin.
    pub proposed_at: Option<Timestamp>,
    /// Minutes of work on site.
    pub expected_minutes: i64,
    /// Minutes on the road that it saves; less than nothing where it costs some.
    pub travel_minutes_won: i64,
    /// So long after its due time it begins now; none if nobody does it.
    pub late_minutes: Option<i64>,
    /// So long after its due time it would begin; none if nobody does it.
    pub proposed_late_minutes: Option<i64>,
    /// Whether it can be accepted without looking, together with all others that are safe: nobody's promise gets
    /// worse. What has begun, or what a person decided, is never in a proposal.
    pub safe: bool,
}

/// What the planner would have different.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PlanProposal)]
pub struct Proposal {
    /// What an acceptance names.
    pub id: ProposalId,
    /// When the day was read.
    pub at: Timestamp,
    /// Minutes on the road that all of it saves; less than nothing where it costs some.
    pub travel_minutes_won: i64,
    /// So many more promises are kept.
    pub promises_won: i64,
    /// In the order in which the work would begin; what nobody can do comes last.
    pub entries: Vec<ProposalEntry>,
}

/// A proposal, and what it takes to carry it out.
#[derive(Debug)]
pub struct Offer {
    pub proposal: Proposal,
    pub moves: Vec<Move>,
    /// What everybody had in hand: who has got more since is not as he was planned for.
    pub in_hand: HashMap<EngineerId, HashSet<TicketId>>,
}

/// What is offered now, and what was a moment ago.
#[derive(Default)]
pub struct Offers {
    now: Option<Arc<Offer>>,
    known: VecDeque<Arc<Offer>>,
}

impl Offers {
    fn put(&mut self, offer: Option<Offer>) {
        let Some(mut offer) = offer else {
            self.now = None;
            return;
        };
        // The same with newer figures is the same: what one is about to accept does not go away under one's hands.
        let what =
            |offer: &Offer| -> Vec<_> { offer.moves.iter().map(|one| (one.seen.id, one.to)).collect() };
        if let Some(now) = self.now.as_ref().filter(|now| what(now) == what(&offer)) {
            offer.proposal.id = now.proposal.id;
            self.known.retain(|known| known.proposal.id != offer.proposal.id);
        }
        let offer = Arc::new(offer);
        self.known.truncate(MOST_OFFERS - 1);
        self.known.push_front(offer.clone());
        self.now = Some(offer);
    }

    /// The proposal of this id, if it is not too old.
    pub fn of(&self, id: ProposalId) -> Option<Arc<Offer>> {
        self.known.iter().find(|offer| offer.proposal.id == id).cloned()
    }

    /// These are carried out; the rest is still offered, until the next round.
    pub fn accepted(&mut self, tickets: &HashSet<TicketId>) {
        let Some(now) = self.now.take() else { return };
        let moves: Vec<Move> =
            now.moves.iter().filter(|one| !tickets.contains(&one.seen.id)).cloned().collect();
        if moves.is_empty() {
            return;
        }
        let mut proposal = Proposal { id: Id::new(), ..now.proposal.clone() };
        proposal.entries.retain(|entry| !tickets.contains(&entry.ticket_id));
        let mut in_hand = now.in_hand.clone();
        for one in now.moves.iter().filter(|one| tickets.contains(&one.seen.id)) {
            in_hand.entry(one.to).or_default().insert(one.seen.id);
        }
        self.put(Some(Offer { proposal, moves, in_hand }));
    }
}

/// What the planner would have different where it does not decide itself; `null` if nothing.
#[utoipa::path(tag = "dispatch", responses((status = 200, body = Option<Proposal>)))]
#[get("/dispatch/proposal")]
pub async fn get(app: web::Data<App>, _by: By<OFFICE>) -> web::Json<Option<Proposal>> {
    web::Json(locked(&app.planner.offers).now.as_ref().map(|offer| offer.proposal.clone()))
}

/// Plans the day once more with what is for people to decide, if there is anything, and offers what is different.
///
/// # Errors
/// A failure of the database.
pub async fn renew(app: &Arc<App>) -> Result<(), Error> {
    let offer = search(app).await?;
    locked(&app.planner.offers).put(offer);
    Ok(())
}

async fn search(app: &Arc<App>) -> Result<Option<Offer>, Error> {
    let (for_read, freedom, now) = (app.clone(), freedom(app, true), app.db.clock().now());
    let read = move |conn: &mut Conn| {
        let board = &for_read.board;
        if !is_asked(conn, &board.policies())? {
            return Ok(None);
        }
        Day::read(conn, board, now, &freedom).map(Some)
    };
    let Some(day) = app.db.read(read).await? else { return Ok(None) };
    if day.tickets.is_empty() || day.engineers.is_empty() {
        return Ok(None);
    }
    let seconds = app.config.plan_seconds.clamp(0.01, 60.0);
    let (day, plan) = aside::run(move || {
        let plan = super::search(&day, seconds);
        (day, plan)
    })
    .await?;
    let plan = plan.map_err(|error| Error::Internal(format!("no proposal can be made: {error}")))?;
    Ok(offer(&day, &plan))
}

/// Whether anything is for people to decide.
fn is_asked(conn: &mut Conn, policies: &Policies) -> Result<bool, Error> {
    let theirs = |kind: &str| !policies.of_kind(kind).auto;
    let smart = |kind: &str| policies.of_kind(kind).strategy == Strategy::Smart;
    let waiting = store::unassigned(conn, i64::MAX)?;
    let asked = waiting.iter().any(|t| smart(&t.kind) && (theirs(&t.kind) || !t.auto_dispatch));
    let all_are_ours = policies.general.auto && policies.by_kind.values().all(|policy| policy.auto);
    Ok(asked || !all_are_ours && load::in_hand(conn)?.iter().any(|(t, _)| smart(&t.kind) && theirs(&t.kind)))
}

/// What is different in this plan; nothing if it is no better, or breaks a rule.
fn offer(day: &Day, plan: &Plan) -> Option<Offer> {
    let (verdict, in_force) = (verify(&day.problem, plan), verify(&day.problem, &day.in_force));
    if let Some(fault) = verdict.faults.first() {
        tracing::error!(fault, "a proposal breaks a rule; it is thrown away");
        return None;
    }
    if in_force.faults.is_empty() && verdict.objective >= in_force.objective {
        return None;
    }
    let changes = Changes::between(day, plan);
    let mut moves = changes.moves().to_vec();
    moves.sort_by_key(|one| (one.planned_at, one.seen.id));
    let (before, after) = (Sheet::of(&day.problem, &day.in_force), Sheet::of(&day.problem, plan));
    let visits: HashMap<TicketId, i64> = day.tickets.iter().map(|ticket| ticket.id).zip(0..).collect();
    let engineers: HashMap<EngineerId, i64> = day.engineers.iter().copied().zip(0..).collect();
    let places: Vec<(i64, i64)> =
        moves.iter().filter_map(|one| Some((*visits.get(&one.seen.id)?, *engineers.get(&one.to)?))).collect();
    let safe = diff::safe(day, &before, &places);
    let mut entries: Vec<ProposalEntry> = moves
        .iter()
        .zip(places.iter().zip(safe))
        .map(|(one, ((visit, _), safe))| {
            let mut entry = entry(day, &before, &after, *visit, ProposedChange::Added);
            if one.seen.engineer_id.is_some() {
                entry.change = ProposedChange::Moved;
            }
            (entry.to_engineer_id, entry.proposed_at) = (Some(one.to), Some(one.planned_at));
            ProposalEntry { safe, ..entry }
        })
        .collect();
    let dropped = |visit: &i64| {
        before.late_minutes(&day.problem, *visit).is_some()
            && after.late_minutes(&day.problem, *visit).is_none()
    };
    let dropped = plan.unassigned.iter().filter(|visit| dropped(visit));
    entries.extend(dropped.map(|visit| entry(day, &before, &after, *visit, ProposedChange::Dropped)));
    (!moves.is_empty()).then(|| Offer {
        proposal: Proposal {
            id: Id::new(),
            at: day.now,
            travel_minutes_won: diff::travel_won(&before, &after),
            promises_won: after.kept(&day.problem) - before.kept(&day.problem),
            entries,
        },
        moves,
        in_hand: day.in_hand.clone(),
    })
}

fn entry(day: &Day, before: &Sheet, after: &Sheet, visit: i64, change: ProposedChange) -> ProposalEntry {
    let ticket = &day.tickets[usize::try_from(visit).unwrap_or_default()];
    ProposalEntry {
        ticket_id: ticket.id,
        ticket_number: ticket.number,
        title: ticket.title.clone(),
        change,
        from_engineer_id: ticket.engineer_id,
        to_engineer_id: None,
        planned_at: ticket.planned_at,
        proposed_at: None,
        expected_minutes: ticket.expected_minutes,
        travel_minutes_won: diff::travel_won_by(&day.problem, before, after, visit),
        late_minutes: before.late_minutes(&day.problem, visit),
        proposed_late_minutes: after.late_minutes(&day.problem, visit),
        safe: false,
    }
}
