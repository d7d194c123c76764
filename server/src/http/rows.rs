//! What reading, changing and removing one row over HTTP have in common: a row's version goes out as its entity tag
//! and comes back as the condition of a change.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use db::{Conn, Db, Entity, Tx};

use super::{IfMatch, with_tag};
use crate::auth::Who;
use crate::error::Error;

/// Answers with one row and its entity tag.
///
/// # Errors
/// What the reader returns.
pub async fn show<R, F>(db: &Db, read: F) -> Result<HttpResponse, Error>
where
    R: Entity + Send + 'static,
    F: FnOnce(&mut Conn) -> Result<R, Error> + Send + 'static,
{
    let run = move |conn: &mut Conn| {
        let row = read(conn)?;
        let version = db::changes::version(conn, R::ENTITY, &row.row_id())?;
        Ok::<_, Error>((row, version))
    };
    let (row, version) = db.read(run).await?;
    Ok(with_tag(StatusCode::OK, version, &row))
}

/// Changes one row, if it is still the version that the client saw, and answers with it as it is then.
///
/// # Errors
/// What the change returns; 412 when the row was changed meanwhile.
pub async fn change<R, F>(db: &Db, who: &Who, if_match: IfMatch, mut change: F) -> Result<HttpResponse, Error>
where
    R: Entity + Send + 'static,
    F: FnMut(&mut Tx<'_>) -> Result<R, Error> + Send + 'static,
{
    let run = move |tx: &mut Tx<'_>| {
        let row = change(tx)?;
        if_match.check(tx, R::ENTITY, &row.row_id())?;
        Ok::<_, Error>(row)
    };
    let (row, numbers) = db.write_numbered(who.actor(), run).await?;
    // What changes nothing keeps its version.
    let version = numbers.version(R::ENTITY, &row.row_id()).unwrap_or(if_match.0);
    Ok(with_tag(StatusCode::OK, version, &row))
}

/// Removes something, and answers that it is gone.
///
/// # Errors
/// What the removal returns.
pub async fn remove<F>(db: &Db, who: &Who, remove: F) -> Result<HttpResponse, Error>
where
    F: FnMut(&mut Tx<'_>) -> Result<(), Error> + Send + 'static,
{
    db.write(who.actor(), remove).await?;
    Ok(HttpResponse::NoContent().finish())
}
