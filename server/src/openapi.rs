//! The OpenAPI 3.1 description: generated from the routes, completed with what holds for all of them.

use actix_web::{HttpResponse, get, web};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder};

/// Name, version and ways to log in.
pub fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Fettle")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Field-service dispatch. Instants are UTC milliseconds, coordinates WGS-84 degrees, quantities integers \
             scaled by the part's decimals. Errors are RFC 9457 problem documents with a stable `code`. Lists are \
             paged by cursor. Creating requests take `Idempotency-Key`, changing ones `If-Match`.",
        ))
        .build();
    OpenApiBuilder::new().info(info).build()
}

/// Adds the two ways to prove who is asking, and names each operation by method and path: handlers of many features
/// are called `list`.
pub fn finish(mut api: OpenApi) -> OpenApi {
    for (path, item) in &mut api.paths.paths {
        let methods = [
            ("get", &mut item.get),
            ("post", &mut item.post),
            ("put", &mut item.put),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
            ("head", &mut item.head),
            ("options", &mut item.options),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{}", name_of(path)));
            }
        }
    }
    let components = api.components.get_or_insert_with(Components::new);
    let cookie = ApiKey::Cookie(ApiKeyValue::new(crate::auth::session::COOKIE));
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    api
}

/// `/api/v1/tickets/{id}/notes` is `tickets_id_notes`.
fn name_of(path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.skip_while(|word| ["api", "v1"].contains(word)).collect::<Vec<_>>().join("_")
}

/// The description itself. Open to everybody.
#[utoipa::path(tag = "operation", responses((status = 200, content_type = "application/json")))]
#[get("/openapi.json")]
pub async fn openapi(description: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(description.get_ref())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let api = serde_json::to_value(crate::app::description()).unwrap();
        let mut names = BTreeSet::new();
        for (path, item) in api["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path}"));
                assert!(names.insert(name.to_owned()), "{name} of {method} {path} is taken");
            }
        }
        assert!(names.contains("get_tickets_id_notes"));
    }

    #[test]
    fn enums_are_described_by_the_texts_that_are_sent() {
        let api = serde_json::to_value(crate::app::description()).unwrap();
        let roles = serde_json::json!(["admin", "dispatcher", "engineer", "warehouse"]);
        assert_eq!(api["components"]["schemas"]["Role"]["enum"], roles);
    }
}
