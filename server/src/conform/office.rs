//! What only an office can bring about: a ticket that leaves the engineer. Asked last, for the ticket is gone then.

use mobile_sync_wire::pull::ChangeOp;
use mobile_sync_wire::push::Outcome as Became;
use serde_json::json;

use super::phone::Reply;
use super::{Outcome, Report, Trial, Wrong, expect};

pub(super) async fn ask(trial: &mut Trial, report: &mut Report) {
    report.add("a ticket that is taken away is removed, with all that belongs to it", removed(trial).await);
    report.add("a note on a ticket that is not his any more is written, and a conflict", late(trial).await);
}

async fn removed(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let missing =
        || Wrong::Missing("needs --office-token, of a server with Fettle's own REST API".to_owned());
    let token = trial.target.office.clone().ok_or_else(missing)?;
    trial.first.news().await?;
    let (pages, _) = trial.first.after(0, trial.first.told.limits.page_limit).await?;
    let belongs = |change: &&mobile_sync_wire::pull::PageChange| {
        let of_it =
            change.doc.as_ref().is_some_and(|doc| doc.get("ticket_id") == Some(&ticket.as_str().into()));
        of_it || change.id == ticket
    };
    let held: Vec<String> =
        pages.iter().flat_map(|page| &page.changes).filter(belongs).map(|change| change.id.clone()).collect();
    let url = format!("{}/api/v1/tickets/{ticket}/events", trial.target.base);
    let taken = trial.first.http.post(url).bearer_auth(token);
    let reply = Reply::of(taken.json(&json!({"kind": "unassign", "reason": "conformance"}))).await?;
    expect(reply.status.is_success(), || reply.seen())?;
    let news = trial.first.news().await?;
    let gone = |id: &&String| news.iter().any(|change| change.id == **id && change.op == ChangeOp::Remove);
    let stays: Vec<&String> = held.iter().filter(|id| !gone(id)).collect();
    expect(stays.is_empty(), || format!("{} of {} rows stay", stays.len(), held.len()))?;
    trial.ticket = None;
    trial.late = Some(ticket);
    Ok(format!("{} rows", held.len()))
}

async fn late(trial: &mut Trial) -> Outcome {
    let missing = || Wrong::Missing("no ticket was taken away".to_owned());
    let ticket = trial.late.clone().ok_or_else(missing)?;
    let note = trial.first.note(&ticket, "conformance: too late");
    let result = trial.first.push_one(note).await?;
    let right = result.result == Became::Conflict && result.why.as_deref() == Some("not_yours");
    expect(right && result.conflict.is_some(), || format!("{result:?}"))?;
    Ok("conflict, not_yours".to_owned())
}
