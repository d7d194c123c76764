//! Certificates over HTTP: what an engineer may do, at which level, and until when.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use db::Timestamp;
use db::Tx;
use db::types::{CertificateId, EngineerId, Id};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Certificate, store};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Path, rows};
use crate::skills;

/// A certificate to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCertificate {
    /// Code of the skill.
    pub skill: String,
    /// 1 to 9.
    pub level: i32,
    /// As printed on it.
    pub number: String,
    /// First instant at which it holds.
    pub valid_from: Timestamp,
    /// Last instant at which it holds; none: for ever.
    pub valid_until: Option<Timestamp>,
}

/// What of a certificate can be changed; what is absent stays. For another skill, add another certificate.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificatePatch {
    /// 1 to 9.
    pub level: Option<i32>,
    /// As printed on it.
    pub number: Option<String>,
    /// First instant at which it holds.
    pub valid_from: Option<Timestamp>,
    /// Last instant at which it holds; `null`: for ever.
    #[serde(
        default,
        deserialize_with = "crate::http::body::present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<Timestamp>)]
    pub valid_until: Option<Option<Timestamp>>,
}

/// Notes what is wrong with a certificate as it would be.
pub fn check(checks: &mut Checks, certificate: &Certificate) {
    checks
        .name("skill", &certificate.skill, 50)
        .within("level", i64::from(certificate.level), 1, 9)
        .name("number", &certificate.number, 100)
        .instant("valid_from", certificate.valid_from);
    if let Some(until) = certificate.valid_until {
        checks.instant("valid_until", until);
        let message = "must be after valid_from";
        checks.require(until > certificate.valid_from, "valid_until", "out_of_order", message);
    }
}

/// Add a certificate.
#[utoipa::path(
    tag = "certificates",
    params(("id" = EngineerId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewCertificate,
    responses(
        (status = 201, body = Certificate),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/engineers/{id}/certificates")]
pub async fn create(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    id: Path<EngineerId>,
    body: Body<NewCertificate>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let certificate = Certificate {
        id: Id::new(),
        engineer_id: id.0,
        skill: new.skill.clone(),
        level: new.level,
        number: new.number.clone(),
        valid_from: new.valid_from,
        valid_until: new.valid_until,
    };
    let mut checks = Checks::new();
    check(&mut checks, &certificate);
    checks.finish()?;
    let run = move |tx: &mut Tx<'_>| {
        store::get(tx.conn(), id.0)?;
        skills::check_known(tx.conn(), &certificate.skill)?;
        store::insert_certificate(tx, &certificate)?;
        Created::new(format!("/api/v1/certificates/{}", certificate.id), &certificate)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// One certificate.
#[utoipa::path(
    tag = "certificates",
    params(("id" = CertificateId, Path)),
    responses((status = 200, body = Certificate), (status = 404, body = Problem)),
)]
#[get("/certificates/{id}")]
pub async fn one(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<CertificateId>,
) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| store::certificate(conn, id.0)).await
}

/// Change a certificate.
#[utoipa::path(
    tag = "certificates",
    params(("id" = CertificateId, Path), ("If-Match" = String, Header)),
    request_body = CertificatePatch,
    responses(
        (status = 200, body = Certificate),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[patch("/certificates/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<CertificateId>,
    if_match: IfMatch,
    body: Body<CertificatePatch>,
) -> Result<HttpResponse, Error> {
    let patch = body.0;
    let run = move |tx: &mut Tx<'_>| {
        let mut certificate = store::certificate(tx.conn(), id.0)?;
        certificate.level = patch.level.unwrap_or(certificate.level);
        certificate.number = patch.number.clone().unwrap_or(certificate.number);
        certificate.valid_from = patch.valid_from.unwrap_or(certificate.valid_from);
        certificate.valid_until = patch.valid_until.unwrap_or(certificate.valid_until);
        let mut checks = Checks::new();
        check(&mut checks, &certificate);
        checks.finish()?;
        store::update_certificate(tx, &certificate)?;
        Ok(certificate)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}

/// Remove a certificate.
#[utoipa::path(
    tag = "certificates",
    params(("id" = CertificateId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/certificates/{id}")]
pub async fn remove(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<CertificateId>,
) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| store::remove_certificate(tx, id.0)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_tells_for_ever_from_unchanged() {
        let patch = |json: &str| serde_json::from_str::<CertificatePatch>(json).unwrap().valid_until;
        assert_eq!(patch("{}"), None);
        assert_eq!(patch("{\"valid_until\":null}"), Some(None));
        assert_eq!(patch("{\"valid_until\":7}"), Some(Some(Timestamp::from_millis(7))));
    }
}
