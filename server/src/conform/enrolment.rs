//! Who is let in: enrolment, tokens, and an earlier life of the server.

use mobile_sync_wire::SCHEMA;
use mobile_sync_wire::limits::Limits;
use mobile_sync_wire::problem::{EPOCH_CHANGED, UNAUTHENTICATED};
use reqwest::Method;
use serde_json::{Value, json};

use super::phone::{Phone, Reply, new_id};
use super::{Outcome, Report, Trial, Vouch, Wrong, expect};

pub(super) const ENROLS: &str = "enrolment gives a token, an epoch, limits and whose phone it is";

/// The answer to an enrolment promises at least what the contract does.
pub(super) fn announced(phone: &Phone) -> Outcome {
    let (told, least) = (&phone.told, Limits::default());
    let Limits { push_mutations, body_bytes, page_limit, mutation_bytes } = told.limits;
    let enough = push_mutations >= least.push_mutations
        && body_bytes >= least.body_bytes
        && page_limit >= least.page_limit
        && mutation_bytes >= least.mutation_bytes;
    expect(enough, || format!("too little: {:?}", told.limits))?;
    let named = [&told.token, &told.epoch, &told.policy.engineer_id].iter().all(|text| !text.is_empty());
    expect(named, || format!("{told:?}"))?;
    Ok(format!("epoch {}, {push_mutations} mutations a push", told.epoch))
}

pub(super) async fn ask(trial: &mut Trial, report: &mut Report) {
    report.add("a forged token is a 401 unauthenticated", forged(trial).await);
    report.add("no token is a 401 unauthenticated", nobody(trial).await);
    report.add("a wrong code is a 401 wrong_code", wrong_code(trial).await);
    report.add("another epoch is a 409 epoch_changed that names the present one", epoch(trial).await);
    report.add("the status tells epoch, acknowledged number, held and open conflicts", status(trial).await);
}

async fn forged(trial: &Trial) -> Outcome {
    let phone = &trial.first;
    let mut seen = String::new();
    for token in ["forged".to_owned(), format!("{}x", phone.told.token), "%00".to_owned(), "a".repeat(2_000)]
    {
        for path in ["/pull", "/push"] {
            let request = phone.http.post(format!("{}/sync/v1{path}", phone.base));
            let reply =
                Reply::of(request.bearer_auth(&token).json(&json!({"cursor": 0, "schema": SCHEMA}))).await?;
            reply.refusal(401, UNAUTHENTICATED)?;
            seen = reply.seen();
        }
    }
    Ok(seen)
}

async fn nobody(trial: &Trial) -> Outcome {
    let phone = &trial.first;
    let reply = Reply::of(phone.http.get(format!("{}/sync/v1/status", phone.base))).await?;
    reply.refusal(401, UNAUTHENTICATED)?;
    Ok(reply.seen())
}

async fn wrong_code(trial: &Trial) -> Outcome {
    let phone = &trial.first;
    let body = json!({"device_id": new_id(), "platform": "conform", "app_version": "1", "code": "0000-0000-0000",
        "schema": SCHEMA});
    let reply = Reply::of(phone.http.post(format!("{}/sync/v1/devices", phone.base)).json(&body)).await?;
    reply.refusal(401, "wrong_code")?;
    Ok(reply.seen())
}

async fn epoch(trial: &Trial) -> Outcome {
    let body = json!({"epoch": "an earlier life", "mutations": []});
    let reply = trial.first.post("/push", &body).await?;
    let problem = reply.refusal(409, EPOCH_CHANGED)?;
    let named = problem.epoch.as_deref() == Some(trial.first.told.epoch.as_str());
    expect(named, || reply.seen())?;
    Ok(reply.seen())
}

async fn status(trial: &Trial) -> Outcome {
    let reply = Reply::of(trial.first.request(Method::GET, "/status")).await?;
    let told: mobile_sync_wire::status::StatusResponse = reply.read()?;
    let right = (told.epoch.as_str(), told.acked_seq, told.held) == (&trial.first.told.epoch, 0, 0);
    expect(right, || reply.seen())?;
    Ok(reply.seen())
}

/// What ends the phone that everything else was asked with.
pub(super) async fn ask_last(trial: &mut Trial, report: &mut Report) {
    report.add("enrolling again ends the earlier token, and the numbers go on", again(trial).await);
}

async fn again(trial: &mut Trial) -> Outcome {
    if matches!(trial.enrolment.vouch(), Vouch::Codes(codes) if codes.is_empty()) {
        return Err(Wrong::Missing("needs one more --code, or --token".to_owned()));
    }
    let phone = trial.enrolment.enrol(&trial.first.device_id).await?;
    let old = Reply::of(trial.first.request(Method::GET, "/status")).await?;
    old.refusal(401, UNAUTHENTICATED)?;
    let told: Value = Reply::of(phone.request(Method::GET, "/status")).await?.read()?;
    expect(told["acked_seq"] == trial.first.seq, || format!("acknowledged up to {}", told["acked_seq"]))?;
    Ok(format!("the earlier token: {}", old.seen()))
}
