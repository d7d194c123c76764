//! What carries bytes and wake-ups: photos by tus, rescues, and the stream.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mobile_sync_wire::rescue::RescueResponse;
use reqwest::{Method, Response};
use sha2::{Digest, Sha256};

use super::phone::{Reply, new_id};
use super::{Outcome, Report, Trial, Wrong, expect};

/// Longest wait for a word of the stream.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn ask(trial: &mut Trial, report: &mut Report) {
    report.add("a photo goes up in pieces, and is known by its hash", upload(trial).await);
    report.add("bytes of another hash are a 422 wrong_hash", wrong_hash(trial).await);
    report.add("a photo that is too large is a 413 before it is sent", too_large(trial).await);
    report.add("a rescue is answered with its hash", rescue(trial).await);
    report.add("the stream says hello, and pokes when there is news", stream(trial).await);
}

/// The SHA-256 in hexadecimal.
fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

async fn send(request: reqwest::RequestBuilder) -> Result<Response, Wrong> {
    let request = request.header("tus-resumable", "1.0.0");
    request.send().await.map_err(|e| Wrong::Failed(format!("no answer: {e}")))
}

/// Announces an upload.
async fn create(trial: &Trial, length: usize, sha256: &str) -> Result<Response, Wrong> {
    let metadata = format!("sha256 {}", STANDARD.encode(sha256));
    let request = trial.first.request(Method::POST, "/blobs").header("upload-length", length);
    send(request.header("upload-metadata", metadata)).await
}

async fn piece(trial: &Trial, at: &str, offset: usize, bytes: &[u8]) -> Result<Response, Wrong> {
    let url = if at.starts_with("http") { at.to_owned() } else { format!("{}{at}", trial.first.base) };
    let request = trial.first.http.patch(url).bearer_auth(&trial.first.told.token);
    let request =
        request.header("upload-offset", offset).header("content-type", "application/offset+octet-stream");
    send(request.body(bytes.to_vec())).await
}

async fn upload(trial: &Trial) -> Outcome {
    let bytes = format!("a photo {}", new_id()).into_bytes();
    let sha256 = hash(&bytes);
    let there = format!("/blobs/sha256:{sha256}");
    let before = send(trial.first.request(Method::HEAD, &there)).await?;
    expect(before.status().as_u16() == 404, || format!("{there} is {} before it was sent", before.status()))?;
    let created = create(trial, bytes.len(), &sha256).await?;
    let place = header(&created, "location");
    expect(created.status().as_u16() == 201 && !place.is_empty(), || format!("{created:?}"))?;
    let (first, rest) = bytes.split_at(7);
    let sent = piece(trial, &place, 0, first).await?;
    expect(header(&sent, "upload-offset") == "7", || format!("{sent:?}"))?;
    let wrong = piece(trial, &place, 3, rest).await?;
    expect(wrong.status().as_u16() == 409, || format!("a wrong offset was answered {}", wrong.status()))?;
    let sent = piece(trial, &place, 7, rest).await?;
    expect(sent.status().as_u16() == 204, || format!("{sent:?}"))?;
    let after = send(trial.first.request(Method::HEAD, &there)).await?;
    expect(after.status().as_u16() == 200, || format!("{there} is {} after it was sent", after.status()))?;
    Ok("in two pieces".to_owned())
}

async fn wrong_hash(trial: &Trial) -> Outcome {
    let created = create(trial, 5, &hash(new_id().as_bytes())).await?;
    let sent = piece(trial, &header(&created, "location"), 0, b"other").await?;
    expect(sent.status().as_u16() == 422, || format!("{sent:?}"))?;
    Ok("422".to_owned())
}

async fn too_large(trial: &Trial) -> Outcome {
    let created = create(trial, 2 << 30, &hash(new_id().as_bytes())).await?;
    expect(created.status().as_u16() == 413, || format!("2 GiB were answered {}", created.status()))?;
    Ok("413 for 2 GiB".to_owned())
}

async fn rescue(trial: &Trial) -> Outcome {
    let bytes = format!("an outbox {}", new_id()).into_bytes();
    let sha256 = hash(&bytes);
    let reply = Reply::of(trial.first.request(Method::POST, "/rescue").body(bytes)).await?;
    let told: Option<RescueResponse> = serde_json::from_str(&reply.body).ok();
    let right = reply.status.as_u16() == 201 && told.is_some_and(|told| told.sha256 == sha256);
    expect(right, || reply.seen())?;
    Ok(reply.seen())
}

/// Reads on until the stream has said this.
async fn until(response: &mut Response, heard: &mut String, word: &str) -> Result<(), Wrong> {
    while !heard.contains(word) {
        let chunk = tokio::time::timeout(PATIENCE, response.chunk()).await;
        let silent = || Wrong::Failed(format!("no {word} within {} s: {heard:?}", PATIENCE.as_secs()));
        match chunk {
            Ok(Ok(Some(bytes))) => heard.push_str(&String::from_utf8_lossy(&bytes)),
            _ => return Err(silent()),
        }
    }
    Ok(())
}

async fn stream(trial: &mut Trial) -> Outcome {
    let ticket = trial.ticket()?;
    let mut response = send(trial.first.request(Method::GET, "/stream")).await?;
    let kind = header(&response, "content-type");
    expect(kind.starts_with("text/event-stream"), || format!("{} {kind}", response.status()))?;
    let mut heard = String::new();
    until(&mut response, &mut heard, "event: hello").await?;
    let note = trial.first.note(&ticket, "conformance: wake up");
    trial.first.push_one(note).await?;
    until(&mut response, &mut heard, "event: poke").await?;
    Ok("hello, poke".to_owned())
}
