//! Rows down: pages, cursors, filters.

use std::collections::BTreeMap;

use mobile_sync_wire::problem::SCHEMA_TOO_OLD;
use mobile_sync_wire::pull::{ChangeOp, PageChange, PullPage};
use mobile_sync_wire::{Fields, SCHEMA};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{Outcome, Report, Trial, Wrong, expect};

/// Changes in a small page: small enough that any scope has several.
const SMALL: u32 = 2;

pub(super) async fn ask(trial: &mut Trial, report: &mut Report) {
    report.add("a first pull ends with a cursor and a ticket to work on", first(trial).await);
    report.add("a row is whole: flat, with its id, and its version in sync_v", whole(trial).await);
    report.add("a page holds exactly `limit` changes unless `more` is false", exact(trial).await);
    report.add("small pages bring the same rows as large ones", same(trial).await);
    report.add("a pull without news is empty, and its cursor never goes back", nothing(trial).await);
    report.add("a filter brings its collections alone, and unknown names are ignored", filter(trial).await);
    report.add("cursor and limit out of range, and unknown members, are a 400", range(trial).await);
    report.add("a schema that is not served any more is a 426 schema_too_old", schema(trial).await);
    report.add("answers are packed with gzip for those who ask", packed(trial).await);
}

/// What a phone holds after these changes.
fn held(pages: Vec<PullPage>) -> BTreeMap<(String, String), Option<Fields>> {
    let mut rows = BTreeMap::new();
    for PageChange { c, id, op, doc, .. } in pages.into_iter().flat_map(|page| page.changes) {
        match op {
            ChangeOp::Put => rows.insert((c, id), doc),
            ChangeOp::Remove | ChangeOp::Delete => rows.remove(&(c, id)),
        };
    }
    rows
}

async fn first(trial: &mut Trial) -> Outcome {
    let (pages, cursor) = trial.first.after(0, trial.first.told.limits.page_limit).await?;
    expect((1..1 << 53).contains(&cursor), || format!("cursor {cursor}"))?;
    trial.first.cursor = cursor;
    let rows = held(pages);
    let open = |doc: &&Fields| {
        let status = doc.get("status").and_then(Value::as_str).unwrap_or_default();
        ["assigned", "accepted", "travelling", "on_site", "working", "waiting"].contains(&status)
    };
    let tickets = rows.iter().filter(|((c, _), _)| c == "tickets").filter_map(|(_, doc)| doc.as_ref());
    let id = tickets.filter(open).filter_map(|doc| doc.get("id")?.as_str()).next();
    trial.ticket = id.map(str::to_owned);
    let ticket = trial.ticket()?;
    Ok(format!("{} rows, cursor {cursor}, ticket {ticket}", rows.len()))
}

async fn whole(trial: &Trial) -> Outcome {
    let (pages, _) = trial.first.after(0, trial.first.told.limits.page_limit).await?;
    let mut count = 0;
    for change in pages.into_iter().flat_map(|page| page.changes).filter(|c| c.op == ChangeOp::Put) {
        let seen = format!("{} {}: {:?}", change.c, change.id, change.doc);
        let doc = change.doc.ok_or_else(|| Wrong::Failed(seen.clone()))?;
        let flat = doc.values().all(|value| !value.is_array() && !value.is_object());
        let named = doc.get("id").and_then(Value::as_str) == Some(change.id.as_str());
        let version = doc.get("sync_v").and_then(Value::as_i64);
        expect(flat && named && version.is_some() && version == change.v, || seen)?;
        count += 1;
    }
    Ok(format!("{count} rows"))
}

async fn exact(trial: &Trial) -> Outcome {
    let (pages, _) = trial.first.after(0, SMALL).await?;
    for page in &pages {
        let count = page.changes.len();
        let right = count <= SMALL as usize && (count == SMALL as usize || !page.more);
        expect(right, || format!("{count} changes, more: {}", page.more))?;
    }
    Ok(format!("{} pages of {SMALL}", pages.len()))
}

async fn same(trial: &Trial) -> Outcome {
    let (large, _) = trial.first.after(0, trial.first.told.limits.page_limit).await?;
    let (small, _) = trial.first.after(0, SMALL).await?;
    let (large, small) = (held(large), held(small));
    expect(large == small, || format!("{} rows in large pages, {} in small ones", large.len(), small.len()))?;
    Ok(format!("{} rows", small.len()))
}

async fn nothing(trial: &Trial) -> Outcome {
    let asked = json!({"cursor": trial.first.cursor, "schema": SCHEMA});
    let page = trial.first.page(asked).await?;
    let right = page.changes.is_empty() && !page.more && page.cursor >= trial.first.cursor;
    expect(right, || format!("{page:?}"))?;
    Ok(format!("cursor {}", page.cursor))
}

async fn filter(trial: &Trial) -> Outcome {
    let collections = json!(["tickets", "tickets", "no_such_collection"]);
    let page = trial.first.page(json!({"cursor": 0, "collections": collections, "schema": SCHEMA})).await?;
    let others = page.changes.iter().filter(|change| change.c != "tickets").count();
    expect(others == 0, || format!("{others} rows of other collections"))?;
    Ok(format!("{} tickets", page.changes.len()))
}

async fn range(trial: &Trial) -> Outcome {
    let above = trial.first.told.limits.page_limit + 1;
    for wrong in [
        json!({"cursor": -1, "schema": SCHEMA}),
        json!({"cursor": 0, "limit": 0, "schema": SCHEMA}),
        json!({"cursor": 0, "limit": above, "schema": SCHEMA}),
        json!({"cursor": 0, "limits": 10, "schema": SCHEMA}),
        json!({"cursor": "0", "schema": SCHEMA}),
        json!([]),
    ] {
        let reply = trial.first.post("/pull", &wrong).await?;
        expect(reply.status.as_u16() == 400, || format!("{wrong} was answered {}", reply.seen()))?;
    }
    Ok("six were refused".to_owned())
}

async fn schema(trial: &Trial) -> Outcome {
    let reply = trial.first.post("/pull", &json!({"cursor": 0, "schema": 0})).await?;
    let problem = reply.refusal(426, SCHEMA_TOO_OLD)?;
    expect(problem.oldest_schema.is_some(), || reply.seen())?;
    Ok(reply.seen())
}

async fn packed(trial: &Trial) -> Outcome {
    let phone = &trial.first;
    let plain = Client::builder().gzip(false).build().map_err(|e| Wrong::Failed(e.to_string()))?;
    let request = plain.request(Method::POST, format!("{}/sync/v1/pull", phone.base));
    let request = request.bearer_auth(&phone.told.token).header(ACCEPT_ENCODING, "gzip");
    let response = request.json(&json!({"cursor": 0, "schema": SCHEMA})).send().await;
    let response = response.map_err(|e| Wrong::Failed(e.to_string()))?;
    let encoding = response.headers().get(CONTENT_ENCODING).cloned();
    expect(encoding.as_ref().is_some_and(|e| e == "gzip"), || format!("{encoding:?}"))?;
    Ok(format!("{} as gzip", response.status()))
}
