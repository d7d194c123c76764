//! Every error that leaves the server, as RFC 9457 problem documents with stable codes. Features have their own
//! error types; this file alone knows which status and code each of them becomes. Internal errors are logged once,
//! with the id of the request, and never shown.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use db::ViolationKind;
use inventory::ReservationStatus;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldFault {
    /// Where, as a path: `needed_parts[0].quantity`.
    pub field: String,
    /// A stable code: `required`, `out_of_range`, `too_long`, `unknown`, `duplicate`, …
    pub code: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

impl FieldFault {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.to_owned(), message: message.into() }
    }
}

/// What a client gets instead of what it asked for (`application/problem+json`, RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable and documented; what programs look at.
    pub code: String,
    /// What happened, for people.
    pub detail: String,
    /// The field at fault, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// All faults of the request, where it was read and found wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldFault>,
    /// What it is about, where that can be said in figures and ids: `part_id`, `location_id`, `wanted`, `available`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Value>,
}

impl Problem {
    /// A problem with a stable code.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.into(),
            field: None,
            errors: Vec::new(),
            facts: BTreeMap::new(),
        }
    }

    /// With a fact that programs can read.
    pub fn with(mut self, name: &str, fact: impl Serialize) -> Self {
        // What cannot be written is left out: the refusal itself says what matters.
        if let Ok(fact) = serde_json::to_value(fact) {
            self.facts.insert(name.to_owned(), fact);
        }
        self
    }

    /// The request was understood, and these fields of it are wrong.
    pub fn invalid(faults: Vec<FieldFault>) -> Self {
        let first = faults.first();
        let detail = first.map_or_else(String::new, |f| format!("{}: {}", f.field, f.message));
        let field = first.map(|f| f.field.clone());
        Self { field, errors: faults, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail) }
    }

    /// One field is wrong.
    pub fn invalid_field(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldFault::new(field, code, message)])
    }

    /// What the path names does not exist, or not for this caller.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }

    /// The request contradicts the present state.
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// Somebody else has this value already, and only one may have it.
    pub fn duplicate(field: &str) -> Self {
        let fault = FieldFault::new(field, "duplicate", "is taken already");
        let detail = format!("{field}: is taken already");
        Self { field: Some(field.to_owned()), errors: vec![fault], ..Self::conflict("duplicate", detail) }
    }

    /// The caller may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }
}

/// An error on its way to the client.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that the client can understand.
    #[error("{}: {}", .0.code, .0.detail)]
    Problem(Box<Problem>),
    /// A failure of the database.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// Anything else that is ours alone.
    #[error("{0}")]
    Internal(String),
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<inventory::Error> for Error {
    fn from(error: inventory::Error) -> Self {
        use inventory::Error as E;
        let problem = match &error {
            E::Database(_) => None,
            // Named by its number in the body, never by the path.
            E::NotFound { what: what @ ("serial" | "lot" | "piece"), id } => Some(
                Problem::invalid_field(
                    if *what == "lot" { "lot" } else { "serials" },
                    "unknown",
                    format!("{id} is not known"),
                )
                .with("number", id),
            ),
            E::NotFound { what, .. } => Some(Problem::not_found(what)),
            E::Invalid { field, problem } => Some(Problem::invalid_field(*field, "invalid", *problem)),
            E::InvalidLine { line, field, problem } => {
                Some(Problem::invalid_field(format!("lines[{line}].{field}"), "invalid", *problem))
            }
            E::Shortage { part_id, location_id, wanted, available } => Some(
                Problem::conflict("shortage", error.to_string())
                    .with("part_id", part_id)
                    .with("location_id", location_id)
                    .with("wanted", wanted)
                    .with("available", available),
            ),
            E::IllegalMove { from, to } => Some(illegal_move(*from, *to, &error)),
            E::NoVan { .. } => Some(Problem::conflict("no_van", error.to_string())),
            E::SerialElsewhere { number, location_id } => Some(
                Problem::conflict("serial_elsewhere", error.to_string())
                    .with("number", number)
                    .with("location_id", location_id),
            ),
            E::SerialPromised { .. } => Some(Problem::conflict("serial_promised", error.to_string())),
            E::NotUndoable { .. } => Some(Problem::conflict("not_undoable", error.to_string())),
            E::NoEngineer { .. } => Some(Problem::conflict("no_engineer", error.to_string())),
            E::CountRunning { location_id } => {
                Some(Problem::conflict("count_running", error.to_string()).with("location_id", location_id))
            }
            E::CountStatus { .. } => Some(Problem::conflict("count_status", error.to_string())),
            E::CountIncomplete { .. } => Some(Problem::conflict("count_incomplete", error.to_string())),
            E::ReturnStatus { .. } => Some(Problem::conflict("return_status", error.to_string())),
            E::PlaceInUse { .. }
            | E::PartOnOrder { .. }
            | E::OverReceipt { .. }
            | E::OrderStatus { .. }
            | E::NotLacking { .. } => on_order(&error),
            E::Ambiguous { .. } => Some(Problem::conflict("ambiguous_code", error.to_string())),
            E::Unreadable { fault } => Some(Problem::invalid_field("code", "unreadable", fault.to_string())),
        };
        match (problem, error) {
            (Some(problem), _) => problem.into(),
            (None, E::Database(error)) => Self::Database(error),
            (None, error) => Self::Internal(error.to_string()),
        }
    }
}

/// What stands in the way because something is on order, or is not.
fn on_order(error: &inventory::Error) -> Option<Problem> {
    use inventory::Error as E;
    let conflict = |code| Problem::conflict(code, error.to_string());
    let problem = match error {
        E::PlaceInUse { location_id, parts, promises, orders } => conflict("place_in_use")
            .with("location_id", location_id)
            .with("parts", parts)
            .with("promises", promises)
            .with("orders", orders),
        E::PartOnOrder { part_id, orders, open, .. } => {
            conflict("part_on_order").with("part_id", part_id).with("orders", orders).with("open", open)
        }
        E::OverReceipt { line_id, wanted, open } => {
            conflict("over_receipt").with("line_id", line_id).with("wanted", wanted).with("open", open)
        }
        E::OrderStatus { status, .. } => conflict("order_status").with("status", status),
        E::NotLacking { part_id, on_order } => {
            conflict("not_lacking").with("part_id", part_id).with("on_order", on_order)
        }
        _ => return None,
    };
    Some(problem)
}

/// Of two who do one thing, the second hears that it is done.
fn illegal_move(from: ReservationStatus, to: ReservationStatus, error: &inventory::Error) -> Problem {
    let detail = if from == to { format!("The reservation is {to} already.") } else { error.to_string() };
    Problem::conflict("illegal_move", detail).with("from", from).with("to", to)
}

impl db::Failure for Error {
    fn database(&self) -> Option<&db::Error> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}

/// Table and column of unique constraints, the field that a client knows, and what to say.
const DUPLICATES: &[(&str, &str, &str)] = &[
    ("tickets", "number", "number"),
    ("users", "login", "login"),
    ("engineers", "code", "code"),
    ("customers", "number", "number"),
    ("assets", "number", "number"),
    ("parts", "number", "number"),
    ("stock_locations", "code", "code"),
    ("stock_locations", "engineer_id", "engineer_id"),
    ("part_codes", "code", "code"),
    ("part_substitutes", "part_id", "substitute_id"),
    ("skills", "code", "code"),
    // Two servers met the same key at the same instant; the other one's answer can be had by asking again.
    ("idempotency_keys", "user_id", "Idempotency-Key"),
    // PostgreSQL names the constraint of a primary key so.
    ("skills", "pkey", "code"),
];

impl Error {
    /// The document that the client gets.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Problem(problem) => (**problem).clone(),
            Self::Database(error) => of_database(error),
            Self::Internal(_) => internal(),
        }
    }
}

fn of_database(error: &db::Error) -> Problem {
    let busy = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The database is busy; try again.");
    match error {
        db::Error::Query(diesel::result::Error::NotFound) => Problem::not_found("row"),
        db::Error::Pool(_) | db::Error::Connect(_) | db::Error::Stopped | db::Error::Group(_) => busy(),
        db::Error::CommitUnknown => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "commit_unknown",
            "The connection broke while writing. Look before you try again, or repeat it with its Idempotency-Key.",
        ),
        error if error.is_transient() => busy(),
        error => match error.violation() {
            Some(v) if v.kind == ViolationKind::Duplicate => {
                let known = DUPLICATES.iter().find(|(table, column, _)| v.concerns(table, column));
                Problem::duplicate(known.map_or("id", |(_, _, field)| field))
            }
            Some(v) if v.kind == ViolationKind::Unknown => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "unknown_reference",
                "The request names something that does not exist.",
            ),
            _ => internal(),
        },
    }
}

fn internal() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.")
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let problem = self.problem();
        if problem.status >= 500 {
            tracing::error!(error = %self, "request failed");
        }
        respond(&problem)
    }
}

/// The response that carries a problem.
pub fn respond(problem: &Problem) -> HttpResponse {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status).json(problem);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    let wait = match problem.status {
        503 => Some("1"),
        429 => Some("300"),
        _ => None,
    };
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_first_faulty_field() {
        let faults = vec![FieldFault::new("a.b", "required", "is missing"), FieldFault::new("c", "x", "y")];
        let problem = Problem::invalid(faults);
        assert_eq!(problem.field.as_deref(), Some("a.b"));
        assert_eq!(problem.status, 422);
        assert_eq!(problem.errors.len(), 2);
    }

    #[test]
    fn an_internal_error_keeps_its_words_to_itself() {
        let problem = Error::Internal("the password is hunter2".to_owned()).problem();
        assert_eq!(problem.code, "internal");
        assert!(!serde_json::to_string(&problem).unwrap().contains("hunter2"));
    }
}
