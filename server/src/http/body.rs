//! Strict readers of JSON bodies and of query strings. A fault names its field by path; nothing half-read ever
//! reaches a handler.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::{Error, FieldFault, Problem};

/// Most bytes of a JSON body. Generous, so that a text which is far too long is still read, and its field named.
pub const BODY_LIMIT: usize = 12 * 1024 * 1024;

/// A JSON body. `T` should `deny_unknown_fields`.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = req.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
        let is_json =
            declared.split(';').next().is_some_and(|t| t.trim().eq_ignore_ascii_case("application/json"));
        let payload = payload.take();
        Box::pin(async move {
            if !is_json {
                return Err(Problem::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "not_json",
                    "Send the body as application/json.",
                )
                .into());
            }
            let bytes = read(payload, BODY_LIMIT).await?;
            // Serde would take a list for the fields in their order.
            if bytes.trim_ascii_start().starts_with(b"[") {
                return Err(Problem::invalid_field("body", "invalid", "must be an object").into());
            }
            refuse_nul(&bytes)?;
            parse(&bytes).map(Body)
        })
    }
}

/// PostgreSQL takes no text with U+0000 in it, not even to compare, and no text of ours has one. Refused here once for
/// all bodies, whatever the handlers look at.
fn refuse_nul(bytes: &[u8]) -> Result<(), Error> {
    // In JSON it can only stand escaped; hardly any body has this.
    if !bytes.windows(NUL.len()).any(|window| window == NUL) {
        return Ok(());
    }
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else { return Ok(()) };
    match nul_in(&body, "") {
        Some(field) => Err(nul_fault(&field).into()),
        None => Ok(()),
    }
}

/// How JSON writes U+0000.
const NUL: &[u8] = b"\\u0000";

/// The path of the first text with U+0000 in it.
fn nul_in(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(|| path.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(n, item)| nul_in(item, &format!("{path}[{n}]")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let inside = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if name.contains('\0') { Some(inside) } else { nul_in(value, &inside) }
        }),
        _ => None,
    }
}

fn nul_fault(field: &str) -> Problem {
    let field = field.replace('\0', "\u{fffd}");
    Problem::invalid_field(field, "control_character", "contains the control character U+0000")
}

/// Reads a payload of at most `limit` bytes.
///
/// # Errors
/// 413 beyond the limit, 400 when the connection breaks.
pub async fn read(mut payload: Payload, limit: usize) -> Result<web::BytesMut, Error> {
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| {
            Error::from(Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", e.to_string()))
        })?;
        if bytes.len() + chunk.len() > limit {
            let detail = format!("The body is longer than {limit} bytes.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail).into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Parses JSON; a fault names its field.
///
/// # Errors
/// 400 for what is no JSON, 422 for JSON of the wrong shape.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_syntax() || inner.is_eof() || inner.is_io() {
            return Problem::new(StatusCode::BAD_REQUEST, "malformed_json", inner.to_string());
        }
        Problem::invalid(vec![fault(&path, &inner.to_string())])
    })?;
    deserializer.end().map_err(|e| Problem::new(StatusCode::BAD_REQUEST, "malformed_json", e.to_string()))?;
    Ok(value)
}

/// Tells a field that is `null` from one that is absent.
///
/// # Errors
/// A value of the wrong shape.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Turns serde's words into a field, a code and a message.
fn fault(path: &str, words: &str) -> FieldFault {
    let message = words.split(" at line ").next().unwrap_or(words);
    let named = message.split('`').nth(1).unwrap_or("");
    let inside = |name: &str| match path {
        "" | "." | "?" => name.to_owned(),
        path if path.ends_with(name) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    if message.starts_with("missing field") {
        FieldFault::new(inside(named), "required", "is missing")
    } else if message.starts_with("unknown field") {
        FieldFault::new(inside(named), "unknown_field", message)
    } else {
        FieldFault::new(if path == "." { "body" } else { path }, "invalid", message)
    }
}

/// A query string. `T` should `deny_unknown_fields`.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Params<T> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(query(req.query_string()).map(Self))
    }
}

fn query<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    if let Some(pair) = text.split('&').find(|pair| pair.contains("%00") || pair.contains('\0')) {
        return Err(nul_fault(pair.split('=').next().unwrap_or(".")).into());
    }
    let read = |text: &str| match web::Query::<T>::from_query(text) {
        Ok(query) => Ok(query.into_inner()),
        Err(error) => Err(error.to_string().trim_start_matches("Query deserialize error: ").to_owned()),
    };
    read(text).map_err(|message| {
        // The words do not say which value they are about, but the pair at fault earns them alone too.
        let pair = text.split('&').find(|pair| read(pair).err().as_ref() == Some(&message));
        let name = pair.and_then(|pair| pair.split('=').next()).unwrap_or(".");
        Problem::invalid(vec![fault(name, &message)]).into()
    })
}

/// Path parameters; an id that is none is a row that does not exist.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = web::Path::<T>::from_request(req, payload).into_inner();
        let not_found = |_| Problem::not_found("resource").into();
        std::future::ready(parsed.map(|path| Self(path.into_inner())).map_err(not_found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code)]
        quantity: i64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code)]
        parts: Vec<Inner>,
    }

    fn problem(json: &str) -> Problem {
        parse::<Outer>(json.as_bytes()).unwrap_err().problem()
    }

    #[test]
    fn a_missing_field_is_named_by_its_path() {
        assert_eq!(problem("{\"parts\":[{}]}").field.as_deref(), Some("parts[0].quantity"));
        assert_eq!(problem("{}").field.as_deref(), Some("parts"));
    }

    #[test]
    fn an_unknown_field_is_named() {
        let problem = problem("{\"parts\":[],\"partz\":1}");
        assert_eq!(problem.field.as_deref(), Some("partz"));
        assert_eq!(problem.errors[0].code, "unknown_field");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named() {
        assert_eq!(problem("{\"parts\":[{\"quantity\":\"2\"}]}").field.as_deref(), Some("parts[0].quantity"));
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        #[expect(dead_code)]
        limit: Option<i64>,
        #[expect(dead_code)]
        part_id: Option<db::types::PartId>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Needed {
        #[expect(dead_code)]
        kind: String,
    }

    #[test]
    fn what_a_query_lacks_is_named() {
        assert_eq!(query::<Needed>("").unwrap_err().problem().field.as_deref(), Some("kind"));
    }

    #[test]
    fn a_bad_value_of_a_query_is_named() {
        let field = |text: &str| query::<Filter>(text).unwrap_err().problem().field.unwrap();
        assert_eq!(field("limit=5&part_id=x"), "part_id");
        assert_eq!(field("limit=many"), "limit");
        assert_eq!(field("limit=1&limt=2"), "limt");
        assert!(query::<Filter>("limit=5").is_ok());
    }

    #[test]
    fn a_text_with_nul_is_named_wherever_it_stands() {
        let field = |json: &str| refuse_nul(json.as_bytes()).unwrap_err().problem().field.unwrap();
        assert_eq!(field(r#"{"serials":["A","K\u0000"]}"#), "serials[1]");
        assert_eq!(field(r#"{"a":{"b":"\u0000"}}"#), "a.b");
        assert_eq!(field(r#"{"a\u0000":1}"#), "a\u{fffd}");
        assert!(refuse_nul(br#"{"a":"\\u0000"}"#).is_ok(), "a backslash and five characters");
        let asked = |text: &str| query::<Filter>(text).unwrap_err().problem();
        assert_eq!(
            (asked("part_id=%00").field.as_deref(), &asked("limit=1%00").errors[0].code[..]),
            (Some("part_id"), "control_character")
        );
    }

    #[test]
    fn broken_json_is_a_400_and_wrong_json_a_422() {
        assert_eq!(problem("{\"parts\":").status, 400);
        assert_eq!(problem("{\"parts\":[]} trailing").status, 400);
        assert_eq!(problem("{\"parts\":3}").status, 422);
    }
}
