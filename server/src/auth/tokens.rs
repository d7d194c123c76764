//! Tokens of other programs: shown once, limited to a role, ended at will.

use actix_web::{HttpResponse, delete, get, post, web};
use db::schema::sessions;
use db::types::SessionId;
use db::{Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::{self, NewSession};
use super::{ADMIN, By, Entrance, Role, secret};
use crate::app::App;
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Path};

/// A token to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, in words.
    name: String,
    /// What it may do.
    role: Role,
}

/// A token as it can be seen later.
#[derive(Debug, Serialize, Queryable, ToSchema)]
pub struct Token {
    id: SessionId,
    name: String,
    role: Role,
    created_at: Timestamp,
    expires_at: Timestamp,
}

/// A new token, with the secret that is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuedToken {
    id: SessionId,
    name: String,
    role: Role,
    /// Send it as `Authorization: Bearer …`.
    token: String,
}

/// The tokens of all programs.
#[utoipa::path(tag = "tokens", responses((status = 200, body = Page<Token>)))]
#[get("/tokens")]
pub async fn list(app: web::Data<App>, _by: By<ADMIN>) -> Result<web::Json<Page<Token>>, Error> {
    let found: Vec<Token> = app
        .db
        .read(|conn| {
            Ok::<_, Error>(
                sessions::table
                    .filter(sessions::kind.eq("integration"))
                    .order(sessions::id)
                    .select((
                        sessions::id,
                        sessions::name,
                        sessions::role,
                        sessions::created_at,
                        sessions::expires_at,
                    ))
                    .load(conn)?,
            )
        })
        .await?;
    Ok(web::Json(Page::whole(found)))
}

/// Make a token for another program.
#[utoipa::path(
    tag = "tokens",
    request_body = NewToken,
    responses((status = 201, body = IssuedToken), (status = 422, body = Problem)),
)]
#[post("/tokens")]
pub async fn add(app: web::Data<App>, by: By<ADMIN>, body: Body<NewToken>) -> Result<HttpResponse, Error> {
    let Body(NewToken { name, role }) = body;
    let mut checks = Checks::new();
    checks.name("name", &name, 200);
    checks.require(role != Role::Engineer, "role", "invalid", "a program is no engineer").finish()?;
    let token = secret::token()?;
    let new = NewSession {
        user_id: by.0.user_id,
        entrance: Entrance::Integration,
        name: name.clone(),
        role,
        device_id: None,
    };
    let for_tx = token.clone();
    let id = app.db.write(by.0.actor(), move |tx| session::open(tx, &for_tx, &new)).await?;
    Ok(HttpResponse::Created().json(IssuedToken { id, name, role, token }))
}

/// End a token.
#[utoipa::path(
    tag = "tokens",
    params(("id" = SessionId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/tokens/{id}")]
pub async fn remove(app: web::Data<App>, by: By<ADMIN>, id: Path<SessionId>) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let tokens = sessions::table.filter(sessions::id.eq(id.0)).filter(sessions::kind.eq("integration"));
        let ended = diesel::delete(tokens).execute(tx.conn())?;
        if ended == 0 { Err(Error::from(Problem::not_found("token"))) } else { Ok(()) }
    };
    app.db.write(by.0.actor(), run).await?;
    app.sessions.invalidate_all();
    Ok(HttpResponse::NoContent().finish())
}
