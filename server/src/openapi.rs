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

/// Adds the two ways to prove who is asking.
pub fn finish(mut api: OpenApi) -> OpenApi {
    let components = api.components.get_or_insert_with(Components::new);
    let cookie = ApiKey::Cookie(ApiKeyValue::new(crate::auth::session::COOKIE));
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    api
}

/// The description itself. Open to everybody.
#[utoipa::path(tag = "operation", responses((status = 200, content_type = "application/json")))]
#[get("/openapi.json")]
pub async fn openapi(description: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(description.get_ref())
}
