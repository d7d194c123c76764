//! Work up: each mutation once, in order, and none that stops those behind it.

use mobile_sync_wire::problem::TOO_LARGE;
use mobile_sync_wire::pull::ChangeOp;
use mobile_sync_wire::push::{Outcome as Became, PushResponse};
use mobile_sync_wire::status::StatusResponse;
use reqwest::Method;
use serde_json::{Value, json};

use super::phone::{Reply, new_id};
use super::{Outcome, Report, Trial, Wrong, expect};

pub(super) async fn ask(trial: &mut Trial, report: &mut Report) {
    report.add("an insert is applied, and comes with the next pull", insert(trial).await);
    report.add("the same mutation again is a duplicate, and there is one row", twice(trial).await);
    report.add("one unreadable mutation stops none behind it", unreadable(trial).await);
    report.add("behind a gap mutations are held, until what is missing comes", gap(trial).await);
    report.add("numbers from the far future do no harm", future(trial).await);
    report.add("another phone's mid takes nothing from it and shows nothing", foreign(trial).await);
    report.add("events without a number take effect by their dseq", by_dseq(trial).await);
    report.add("too many mutations are a 413 with the limits, and none is taken", too_many(trial).await);
    report.add("a body that is no push is a 400", no_push(trial).await);
    report.add("packed bodies are taken", packed(trial).await);
}

async fn insert(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    trial.first.news().await?;
    let note = trial.first.note(&ticket, "conformance: a note");
    let id = note["id"].clone();
    let told = trial.first.push(vec![note]).await?;
    expect(told.results[0].result == Became::Applied, || format!("{:?}", told.results))?;
    expect(told.acked_seq == trial.first.seq, || format!("acknowledged up to {}", told.acked_seq))?;
    let news = trial.first.news().await?;
    let came = news.iter().filter(|c| c.c == "notes" && id == c.id.as_str() && c.op == ChangeOp::Put).count();
    expect(came == 1, || format!("the note came {came} times: {news:?}"))?;
    Ok(format!("version {:?}", told.results[0].v))
}

async fn twice(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let note = trial.first.note(&ticket, &format!("conformance: once {}", new_id()));
    let text = note["set"]["text"].clone();
    trial.first.push_one(note.clone()).await?;
    let second = trial.first.push_one(note).await?;
    let right =
        (second.result, second.first) == (Became::Duplicate, Some(Became::Applied)) && second.doc.is_some();
    let (pages, _) = trial.first.after(0, trial.first.told.limits.page_limit).await?;
    let is_it = |doc: &&mobile_sync_wire::Fields| doc.get("text") == Some(&text);
    let rows =
        pages.iter().flat_map(|page| &page.changes).filter_map(|c| c.doc.as_ref()).filter(is_it).count();
    expect(right && rows == 1, || format!("{rows} rows, {second:?}"))?;
    Ok("duplicate, first applied".to_owned())
}

async fn unreadable(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let before = trial.first.note(&ticket, "conformance: before");
    let mut wrong = trial.first.note(&ticket, "conformance: misspelt");
    wrong["bse"] = 1.into();
    let mut nested = trial.first.note(&ticket, "conformance: nested");
    nested["set"]["text"] = json!([1]);
    let after = trial.first.note(&ticket, "conformance: after");
    let told = trial.first.push(vec![before, wrong, nested, after]).await?;
    let became: Vec<Became> = told.results.iter().map(|r| r.result).collect();
    let wanted = [Became::Applied, Became::RejectedKept, Became::RejectedKept, Became::Applied];
    let why = told.results[1].why.as_deref();
    expect(became == wanted && why == Some("unreadable"), || format!("{:?}", told.results))?;
    expect(told.acked_seq == trial.first.seq, || format!("acknowledged up to {}", told.acked_seq))?;
    Ok(format!("{became:?}"))
}

async fn status(trial: &Trial) -> Result<StatusResponse, Wrong> {
    Reply::of(trial.first.request(Method::GET, "/status")).await?.read()
}

async fn gap(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let missing = trial.first.note(&ticket, "conformance: missing at first");
    let need_from = trial.first.seq;
    let early = trial.first.note(&ticket, "conformance: early");
    let held = trial.first.push_one(early.clone()).await?;
    expect((held.result, held.need_from) == (Became::Held, Some(need_from)), || format!("{held:?}"))?;
    let waiting = status(trial).await?;
    expect((waiting.acked_seq, waiting.held) == (need_from - 1, 1), || format!("{waiting:?}"))?;
    let told = trial.first.push(vec![missing, early]).await?;
    let done = told.results.iter().all(|r| matches!(r.result, Became::Applied | Became::Duplicate));
    expect(done && told.acked_seq == trial.first.seq, || format!("{told:?}"))?;
    let waiting = status(trial).await?;
    expect(waiting.held == 0, || format!("{waiting:?}"))?;
    Ok(format!("held from {need_from} on, then taken"))
}

async fn future(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let seq = trial.first.seq;
    let mut note = trial.first.note(&ticket, "conformance: far");
    note["seq"] = ((1_i64 << 53) - 1).into();
    trial.first.seq = seq;
    let far = trial.first.push_one(note).await?;
    expect((far.result, far.need_from) == (Became::Held, Some(seq + 1)), || format!("{far:?}"))?;
    let next = trial.first.note(&ticket, "conformance: next");
    let told = trial.first.push(vec![next]).await?;
    let right = told.results[0].result == Became::Applied && told.acked_seq == seq + 1;
    expect(right, || format!("{told:?}"))?;
    Ok(format!("held, and {} was applied", seq + 1))
}

async fn foreign(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let first = trial.first.note(&ticket, "conformance: mine");
    trial.first.push_one(first.clone()).await?;
    let second = trial.second()?;
    let mut same = second.note(&ticket, "conformance: theirs");
    same["mid"] = first["mid"].clone();
    let result = second.push_one(same).await?;
    let right = result.result == Became::RejectedKept && result.why.as_deref() == Some("mid_taken");
    let mine = result.doc.as_ref().and_then(|doc| doc.get("text")) == Some(&first["set"]["text"]);
    expect(right && !mine, || format!("{result:?}"))?;
    Ok("mid_taken".to_owned())
}

async fn by_dseq(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let phone = &mut trial.first;
    let engineer = phone.told.policy.engineer_id.clone();
    let event = |kind: &str, dseq: i64| {
        json!({"op": "insert", "c": "ticket_events", "set": {"ticket_id": ticket, "engineer_id": engineer,
            "kind": kind, "dseq": dseq, "reason": "conformance"}})
    };
    let start = event("start", phone.seq + 1);
    let start = phone.next(start);
    let begun = phone.push_one(start).await?;
    expect(begun.result == Became::Applied, || format!("{begun:?}"))?;
    // Handed over in the wrong order: the pause came first.
    let events = [event("resume", phone.seq + 3), event("pause", phone.seq + 2)];
    let told: PushResponse = phone.push(events.map(|e| phone.unnumbered(e)).to_vec()).await?;
    let row = phone.row("tickets", &ticket).await?;
    let status = row.as_ref().and_then(|doc| doc.get("status")).and_then(Value::as_str);
    expect(status == Some("working"), || format!("the ticket is {status:?}: {:?}", told.results))?;
    Ok("paused, then resumed: working".to_owned())
}

async fn too_many(trial: &mut Trial) -> Outcome {
    let most = trial.first.told.limits.push_mutations;
    let before = trial.first.seq;
    let many: Vec<Value> = (0..=most).map(|_| trial.first.next(json!({"c": "notes", "set": {}}))).collect();
    trial.first.seq = before;
    let body = json!({"epoch": trial.first.told.epoch, "mutations": many});
    let reply = trial.first.post("/push", &body).await?;
    let problem = reply.refusal(413, TOO_LARGE)?;
    let acked = status(trial).await?.acked_seq;
    expect(problem.limits.is_some() && acked == before, || {
        format!("{acked} acknowledged, {}", reply.seen())
    })?;
    Ok(format!("{} of them: 413", most + 1))
}

async fn no_push(trial: &Trial) -> Outcome {
    let epoch = &trial.first.told.epoch;
    for wrong in [
        json!({}),
        json!([]),
        json!({"epoch": epoch, "mutation": []}),
        json!({"epoch": epoch, "mutations": 1}),
    ] {
        let reply = trial.first.post("/push", &wrong).await?;
        expect(reply.status.as_u16() == 400, || format!("{wrong} was answered {}", reply.seen()))?;
    }
    Ok("four were refused".to_owned())
}

async fn packed(trial: &mut Trial) -> Outcome {
    use std::io::Write;
    let ticket = trial.ticket()?;
    let note = trial.first.note(&ticket, "conformance: packed");
    let body = json!({"epoch": trial.first.told.epoch, "mutations": [note]}).to_string();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let packed = packer.write_all(body.as_bytes()).and_then(|()| packer.finish());
    let packed = packed.map_err(|e| Wrong::Failed(e.to_string()))?;
    let request = trial.first.request(Method::POST, "/push").header("content-type", "application/json");
    let told: PushResponse =
        Reply::of(request.header("content-encoding", "gzip").body(packed)).await?.read()?;
    expect(told.results.iter().all(|r| r.result == Became::Applied), || format!("{told:?}"))?;
    Ok("applied".to_owned())
}
