//! Edits that meet: the office's columns, two phones at one field, and one phone's older edit.

use mobile_sync_wire::push::{KeptWhy, MutationResult, Outcome as Became};
use serde_json::{Value, json};

use super::phone::new_id;
use super::{Outcome, Report, Trial, Wrong, expect};

pub(super) async fn ask(trial: &mut Trial, report: &mut Report) {
    report.add("an edit by somebody who saw the row is applied", plain(trial).await);
    report.add("a column of the office stays, and the row comes back at once and again", office(trial).await);
    report.add("a status moves by steps alone", status(trial).await);
    report.add("a column that nobody knows is kept as unknown", unknown(trial).await);
    report.add("two phones at one field: one value stands, a card keeps both", concurrent(trial).await);
    report.add("a phone that edits twice before it pulls does not meet itself", itself(trial).await);
    report.add("a phone's older edit never comes back over its newer one", older(trial).await);
}

/// The row's present version.
async fn version(trial: &Trial, ticket: &str) -> Result<i64, Wrong> {
    let row = trial.first.row("tickets", ticket).await?;
    let v = row.as_ref().and_then(|doc| doc.get("sync_v")).and_then(Value::as_i64);
    v.ok_or_else(|| Wrong::Failed(format!("the ticket has no version: {row:?}")))
}

fn why(result: &MutationResult, field: &str) -> Option<KeptWhy> {
    result.kept.get(field).map(|kept| kept.why)
}

async fn note_of(trial: &Trial, ticket: &str) -> Result<Option<String>, Wrong> {
    let row = trial.first.row("tickets", ticket).await?;
    Ok(row.and_then(|doc| Some(doc.get("access_note")?.as_str()?.to_owned())))
}

async fn plain(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let base = version(trial, &ticket).await?;
    let value = format!("conformance {}", new_id());
    let edit = trial.first.edit(&ticket, base, &json!({"access_note": value}));
    let result = trial.first.push_one(edit).await?;
    expect(result.result == Became::Applied && result.v > Some(base), || format!("{result:?}"))?;
    let shown = note_of(trial, &ticket).await?;
    expect(shown.as_ref() == Some(&value), || format!("the note is {shown:?}"))?;
    Ok(format!("version {:?} after {base}", result.v))
}

async fn office(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let base = version(trial, &ticket).await?;
    trial.first.news().await?;
    let edit = trial.first.edit(&ticket, base, &json!({"title": format!("conformance {}", new_id())}));
    let result = trial.first.push_one(edit).await?;
    let right = result.result == Became::Conflict && why(&result, "title") == Some(KeptWhy::Server);
    expect(right && result.doc.is_some() && result.conflict.is_some(), || format!("{result:?}"))?;
    let news = trial.first.news().await?;
    let again =
        news.iter().any(|change| change.c == "tickets" && change.id == ticket && change.doc.is_some());
    expect(again, || format!("the row did not come again: {news:?}"))?;
    Ok("conflict, kept by the server".to_owned())
}

async fn status(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let base = version(trial, &ticket).await?;
    let edit = trial.first.edit(&ticket, base, &json!({"status": "completed"}));
    let result = trial.first.push_one(edit).await?;
    let shown = result.doc.as_ref().and_then(|doc| doc.get("status")).and_then(Value::as_str);
    let right = why(&result, "status") == Some(KeptWhy::Intent) && shown.is_some_and(|s| s != "completed");
    expect(right, || format!("{result:?}"))?;
    Ok(format!("it stays {}", shown.unwrap_or_default()))
}

async fn unknown(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let base = version(trial, &ticket).await?;
    let edit = trial.first.edit(&ticket, base, &json!({"no_such_column": 1}));
    let result = trial.first.push_one(edit).await?;
    let right = why(&result, "no_such_column") == Some(KeptWhy::Unknown);
    expect(right && result.result == Became::Conflict, || format!("{result:?}"))?;
    Ok("conflict, unknown".to_owned())
}

async fn concurrent(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let base = version(trial, &ticket).await?;
    let (mine, theirs) = (format!("mine {}", new_id()), format!("theirs {}", new_id()));
    let mut edit = trial.first.edit(&ticket, base, &json!({"access_note": mine}));
    edit["hlc"] = trial.first.clock(1).into();
    trial.first.push_one(edit).await?;
    let second = trial.second()?;
    let mut edit = second.edit(&ticket, base, &json!({"access_note": theirs}));
    edit["hlc"] = second.clock(2).into();
    let result = second.push_one(edit).await?;
    let kept = result.kept.get("access_note");
    let both = kept.is_some_and(|kept| kept.server == mine.as_str() && kept.device == theirs.as_str());
    let ruled = kept.is_some_and(|kept| matches!(kept.why, KeptWhy::Later | KeptWhy::Device));
    expect(both && ruled && result.conflict.is_some(), || format!("{result:?}"))?;
    let shown = result.doc.as_ref().and_then(|doc| doc.get("access_note")).and_then(Value::as_str);
    let wanted = if kept.is_some_and(|kept| kept.why == KeptWhy::Later) { &mine } else { &theirs };
    expect(shown == Some(wanted), || format!("{result:?}"))?;
    Ok(format!("{:?} won, card {}", kept.map(|kept| kept.why), result.conflict.unwrap_or_default()))
}

async fn itself(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let base = version(trial, &ticket).await?;
    let edits: Vec<Value> = (0..2)
        .map(|nth| {
            trial.first.edit(&ticket, base, &json!({"site_contact": format!("conformance {nth} {base}")}))
        })
        .collect();
    let told = trial.first.push(edits).await?;
    let right = told.results.iter().all(|r| r.result == Became::Applied && r.conflict.is_none());
    expect(right, || format!("{:?}", told.results))?;
    Ok("both applied".to_owned())
}

async fn older(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let base = version(trial, &ticket).await?;
    let value = format!("newer {}", new_id());
    let mut newer = trial.first.edit(&ticket, base, &json!({"access_note": value}));
    newer["hlc"] = trial.first.clock(10).into();
    trial.first.push_one(newer).await?;
    // As a library does that does not number its edits, and gives an old one again.
    let set = json!({"access_note": format!("older {}", new_id())});
    let mut edit = trial
        .first
        .unnumbered(json!({"op": "patch", "c": "tickets", "id": ticket, "base": base, "set": set}));
    edit["hlc"] = trial.first.clock(-3_600_000).into();
    let result = trial.first.push_one(edit).await?;
    let shown = note_of(trial, &ticket).await?;
    expect(shown.as_ref() == Some(&value), || format!("the note is {shown:?}: {result:?}"))?;
    Ok(format!("{:?}", why(&result, "access_note")))
}
