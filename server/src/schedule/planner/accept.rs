//! Accepting what the planner proposes: all of it, what goes to one engineer, single tickets, or all that is safe. It
//! is one action of whoever accepts, and undone as one. What has changed since it was proposed is never overwritten.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use actix_web::{HttpResponse, post, web};
use db::Tx;
use db::schema::tickets;
use db::types::{EngineerId, ProposalId, TicketId};
use diesel::prelude::*;
use dispatch::calendar::{Duty, stretch_at};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::proposal::Offer;
use super::publish::{self, Changes, Move};
use super::record::Why;
use super::{is_stuck, locked};
use crate::actions::{self, Action, ActionKind, blame};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::engineers::roster;
use crate::error::{Error, Problem};
use crate::http::{Body, Checks, IdempotencyKey};
use crate::schedule::load;
use crate::tickets::{Ticket, TicketStatus, store};

/// Most tickets that are named.
const MOST_NAMED: usize = 1_000;

/// How much of a proposal is accepted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// Which one.
    pub proposal_id: ProposalId,
    /// What goes to this engineer. At most one of these three is given; without any, all of it is accepted.
    pub engineer_id: Option<EngineerId>,
    /// These tickets; at most 1,000.
    pub ticket_ids: Option<Vec<TicketId>>,
    /// All that is safe.
    #[serde(default)]
    pub safe: bool,
}

impl Acceptance {
    fn check(&self) -> Result<(), Error> {
        let ways = [self.engineer_id.is_some(), self.ticket_ids.is_some(), self.safe];
        let named = self.ticket_ids.as_ref().map_or(0, Vec::len);
        let mut checks = Checks::new();
        let one = ways.iter().filter(|given| **given).count() <= 1;
        checks.require(one, "ticket_ids", "invalid", "give one of engineer_id, ticket_ids and safe");
        checks.require(named <= MOST_NAMED, "ticket_ids", "too_many", "at most 1000");
        checks.finish()
    }

    /// The moves that are accepted.
    fn chosen(&self, offer: &Offer) -> Result<Vec<Move>, Error> {
        let safe: HashSet<TicketId> =
            offer.proposal.entries.iter().filter(|entry| entry.safe).map(|entry| entry.ticket_id).collect();
        let named: Option<HashSet<TicketId>> =
            self.ticket_ids.as_ref().map(|ids| ids.iter().copied().collect());
        let is_meant = |one: &&Move| {
            self.engineer_id.is_none_or(|engineer| one.to == engineer)
                && named.as_ref().is_none_or(|ids| ids.contains(&one.seen.id))
                && (!self.safe || safe.contains(&one.seen.id))
        };
        let chosen: Vec<Move> = offer.moves.iter().filter(is_meant).cloned().collect();
        if named.is_some_and(|ids| ids.len() != chosen.len()) {
            return Err(Problem::invalid_field("ticket_ids", "unknown", "is not in the proposal").into());
        }
        if chosen.is_empty() {
            return Err(Problem::conflict("proposal_empty", "There is nothing of that in it.").into());
        }
        Ok(chosen)
    }
}

/// Accept what the planner proposes, or a part of it; the answer can be undone like any other action. Refused if a
/// ticket, or what an engineer has in hand, is not as it was when it was proposed.
#[utoipa::path(
    tag = "dispatch",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = Acceptance,
    responses((status = 200, body = Action), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
#[post("/dispatch/proposal/accept")]
pub async fn accept(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<Acceptance>,
) -> Result<HttpResponse, Error> {
    let acceptance = body.0;
    acceptance.check()?;
    let app = app.into_inner();
    let Some(offer) = locked(&app.planner.offers).of(acceptance.proposal_id) else {
        return Err(
            Problem::conflict("proposal_gone", "It is not offered any more; look at the newest.").into()
        );
    };
    let chosen = acceptance.chosen(&offer)?;
    let taken: HashSet<TicketId> = chosen.iter().map(|one| one.seen.id).collect();
    let db = app.db.clone();
    app.board.catch_up(&db).await?;
    let (for_tx, for_words) = (app.clone(), chosen.clone());
    let run = move |tx: &mut Tx<'_>| carry_out(tx, &for_tx, &offer, &chosen);
    match key.step(&db, by.0, &acceptance, run).await {
        Ok(answer) => {
            locked(&app.planner.offers).accepted(&taken);
            Ok(answer)
        }
        Err(error) => Err(in_words(&app, error, &for_words)),
    }
}

fn carry_out(tx: &mut Tx<'_>, app: &Arc<App>, offer: &Offer, chosen: &[Move]) -> Result<Action, Error> {
    let ids: Vec<TicketId> = chosen.iter().map(|one| one.seen.id).collect();
    let (_, action) = actions::placing(tx, ActionKind::AcceptProposal, &ids, |tx| {
        let mut moves = Vec::with_capacity(chosen.len());
        for one in chosen {
            let ticket = store::hold(tx, one.seen.id)?;
            if work(&ticket) != work(&one.seen) {
                return Err(changed(tx, &ticket, |row| work(row) == work(&ticket)));
            }
            moves.push(Move { seen: ticket, ..one.clone() });
        }
        nobody_has_more(tx, offer, chosen)?;
        everybody_is_there(tx, chosen)?;
        publish::moves(tx, app, &Changes::of(moves))
    })?;
    action.ok_or_else(|| Problem::conflict("proposal_empty", "It is so already.").into())
}

/// What a plan rests on; when it is planned for now does not matter.
fn work(ticket: &Ticket) -> impl PartialEq + use<> {
    (
        (ticket.status, ticket.engineer_id, ticket.priority, ticket.due_at, ticket.expected_minutes),
        (ticket.earliest_at, ticket.latest_at, ticket.needed_parts.clone(), ticket.required_skills.clone()),
        (ticket.latitude.to_bits(), ticket.longitude.to_bits()),
    )
}

/// Whoever has got other work since is not as he was planned for.
fn nobody_has_more(tx: &mut Tx<'_>, offer: &Offer, chosen: &[Move]) -> Result<(), Error> {
    let to: Vec<EngineerId> = chosen.iter().map(|one| one.to).collect::<HashSet<_>>().into_iter().collect();
    let counted = TicketStatus::ALL.into_iter().filter(|status| load::counts(*status));
    let now: Vec<Ticket> = tickets::table
        .filter(tickets::engineer_id.eq_any(to))
        .filter(tickets::status.eq_any(counted.map(TicketStatus::as_str)))
        .order(tickets::id)
        .load(tx.conn())?;
    for ticket in now {
        let Some(engineer) = ticket.engineer_id else { continue };
        let had = offer.in_hand.get(&engineer).is_some_and(|had| had.contains(&ticket.id));
        if !had {
            return Err(changed(tx, &ticket, |row| row.engineer_id == ticket.engineer_id));
        }
    }
    Ok(())
}

/// Whoever is absent by now, or off duty, when he was to begin is not as he was planned for.
fn everybody_is_there(tx: &mut Tx<'_>, chosen: &[Move]) -> Result<(), Error> {
    let now = tx.now();
    let people: Vec<EngineerId> = chosen.iter().map(|one| one.to).collect();
    let roster = roster::load(tx.conn(), Some(&people), now)?.into_iter();
    let duties: HashMap<EngineerId, Duty> =
        roster.map(|one| (EngineerId::from_uuid(one.id), Duty::new(&one.shifts, &one.absences))).collect();
    for one in chosen {
        // Plans count in seconds.
        let (from, until) = (one.planned_at.millis(), one.planned_at.plus_millis(1_000).millis());
        let there = |duty: &Duty| [from, until].iter().any(|at| stretch_at(duty.present(), *at).is_some());
        if !duties.get(&one.to).is_some_and(there) {
            return Err(publish::refused(one.seen.id, Why::RuleExcludes));
        }
    }
    Ok(())
}

fn changed(tx: &mut Tx<'_>, ticket: &Ticket, same: impl Fn(&Ticket) -> bool) -> Error {
    match blame::who(tx.conn(), ticket, same) {
        Ok(whom) => blame::refusal("proposal_changed", ticket, whom).into(),
        Err(error) => error,
    }
}

/// Names the ticket for which it was refused, and why; the next proposal is made without it.
fn in_words(app: &App, error: Error, chosen: &[Move]) -> Error {
    let Error::Problem(problem) = &error else { return error };
    let id = problem.field.as_deref().and_then(|field| field.parse::<TicketId>().ok());
    let refused =
        chosen.iter().find(|one| Some(one.seen.id) == id).filter(|_| problem.code == "plan_refused");
    let Some(Move { seen, .. }) = refused else { return error };
    is_stuck(app, seen.id);
    let refusal = Problem::conflict("proposal_refused", format!("{}: {}", seen.number, problem.detail));
    blame::about(refusal, seen).with("why", Why::refused_with(&problem.detail)).into()
}
