//! What is not taken as sent is kept, told with its reason, and comes with a card for the office.

use mobile_sync_wire::SCHEMA;
use mobile_sync_wire::push::Outcome as Became;
use reqwest::Method;
use serde_json::{Value, json};

use super::phone::{Reply, new_id};
use super::{Outcome, Report, Trial, expect};

/// What is refused, and why.
const REFUSED: [(&str, &str); 5] = [
    ("a note on a ticket that nobody knows is unknown_ticket", "unknown_ticket"),
    ("a row in somebody else's name is wrong_engineer", "wrong_engineer"),
    ("a delete is delete_not_offered", "delete_not_offered"),
    ("a schema from the future is unknown_schema", "unknown_schema"),
    ("a row of a collection that phones only read is not_insertable", "not_insertable"),
];

pub(super) async fn ask(trial: &mut Trial, report: &mut Report) {
    for (rule, why) in REFUSED {
        report.add(rule, refused(trial, why).await);
    }
    report.add("what was refused is kept: again, it is a duplicate", kept(trial).await);
    report.add(
        "a step that is not possible is a conflict with the row, and the ticket comes again",
        step(trial).await,
    );
    report.add("the status counts the cards of this phone", cards(trial).await);
}

/// A mutation that is refused for this reason.
fn bad(trial: &mut Trial, why: &str) -> Result<Value, super::Wrong> {
    let ticket = trial.ticket()?;
    let phone = &mut trial.first;
    let mut note = phone.note(&ticket, "conformance: not to be taken");
    match why {
        "unknown_ticket" => note["set"]["ticket_id"] = new_id().into(),
        "wrong_engineer" => note["set"]["engineer_id"] = new_id().into(),
        "delete_not_offered" => {
            (note["op"], note["c"], note["id"]) = ("delete".into(), "tickets".into(), ticket.into());
        }
        "unknown_schema" => note["schema"] = (SCHEMA + 1_000).into(),
        _ => note["c"] = "parts".into(),
    }
    Ok(note)
}

async fn refused(trial: &mut Trial, why: &str) -> Outcome {
    let mutation = bad(trial, why)?;
    let result = trial.first.push_one(mutation).await?;
    let right = result.result == Became::RejectedKept && result.why.as_deref() == Some(why);
    expect(right && result.conflict.is_some(), || format!("{result:?}"))?;
    Ok(format!("rejected_kept, card {}", result.conflict.unwrap_or_default()))
}

async fn kept(trial: &mut Trial) -> Outcome {
    let mutation = bad(trial, "unknown_ticket")?;
    let first = trial.first.push_one(mutation.clone()).await?;
    let second = trial.first.push_one(mutation).await?;
    let right = (second.result, second.first) == (Became::Duplicate, Some(Became::RejectedKept));
    expect(right && second.conflict == first.conflict, || format!("{second:?}"))?;
    Ok("duplicate, first rejected_kept, the same card".to_owned())
}

async fn step(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let phone = &mut trial.first;
    phone.news().await?;
    let set = json!({"ticket_id": ticket, "engineer_id": phone.told.policy.engineer_id, "kind": "claim",
        "dseq": phone.seq + 1});
    let claim = phone.next(json!({"op": "intent", "c": "ticket_events", "set": set}));
    let result = phone.push_one(claim).await?;
    let shown = result.doc.as_ref().is_some_and(|doc| doc.get("kind") == Some(&"claim".into()));
    let right = result.result == Became::Conflict && result.why.is_some() && result.conflict.is_some();
    expect(right && shown, || format!("{result:?}"))?;
    let news = phone.news().await?;
    let again =
        news.iter().any(|change| change.c == "tickets" && change.id == ticket && change.doc.is_some());
    expect(again, || format!("the ticket did not come again: {news:?}"))?;
    Ok(format!("conflict, {}", result.why.unwrap_or_default()))
}

async fn cards(trial: &Trial) -> Outcome {
    let reply = Reply::of(trial.first.request(Method::GET, "/status")).await?;
    let told: mobile_sync_wire::status::StatusResponse = reply.read()?;
    expect(told.open_conflicts > 0 && told.acked_seq == trial.first.seq, || reply.seen())?;
    Ok(format!("{} open", told.open_conflicts))
}
