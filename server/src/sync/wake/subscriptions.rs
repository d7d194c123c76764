//! Where each phone is woken: what its browser said, one a phone. Routes of the phones' own door.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, put, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::schema::push_subscriptions as subscriptions;
use db::types::DeviceId;
use db::{Conn, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use mobile_sync_wire::wake::{Keys, PushState, Subscribe};

use super::address;
use super::seal::{AUTH, POINT};
use crate::app::App;
use crate::auth::Phone;
use crate::error::{Error, Problem};
use crate::http::Body;
use crate::sync::{invalid, who};

/// Where a phone is woken.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = subscriptions)]
pub struct Subscription {
    /// Whose.
    pub device_id: DeviceId,
    /// The address at the push service.
    pub endpoint: String,
    /// The browser's point, base64url.
    pub p256dh: String,
    /// The browser's secret, base64url.
    pub auth: String,
    /// Since when.
    pub subscribed_at: Timestamp,
    /// When it was last woken, by whichever server.
    pub woken_at: Timestamp,
}

impl Subscription {
    /// The point and the secret, as bytes.
    pub fn keys(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        keys(&self.p256dh, &self.auth)
    }
}

fn keys(p256dh: &str, auth: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    // Browsers write no padding; some libraries do.
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
    let (point, auth) = (bytes(p256dh)?, bytes(auth)?);
    (point.len() == POINT && point.first() == Some(&4) && auth.len() == AUTH).then_some((point, auth))
}

/// This server wakes nobody: it has no contact to give to push services.
fn off() -> Error {
    Problem::new(StatusCode::NOT_FOUND, "push_off", "This server wakes no phones that are closed.").into()
}

/// With which key a browser subscribes, and whether this phone has.
#[utoipa::path(
    tag = "sync",
    responses((status = 200, body = PushState), (status = 401, body = Problem), (status = 404, body = Problem)),
)]
#[get("/push-subscription")]
pub async fn state(app: web::Data<App>, phone: Phone) -> Result<HttpResponse, Error> {
    let who = who(phone)?;
    let sender = super::sender(&app).await?.ok_or_else(off)?;
    let subscribed = app.db.read(move |conn| find(conn, who.device_id)).await?.is_some();
    Ok(HttpResponse::Ok().json(PushState { public_key: sender.public_key(), subscribed }))
}

/// Where this phone is woken from now on: what `PushSubscription.toJSON()` says.
#[utoipa::path(
    tag = "sync",
    request_body = Subscribe,
    responses(
        (status = 204),
        (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 404, body = Problem),
    ),
)]
#[put("/push-subscription")]
pub async fn subscribe(
    app: web::Data<App>,
    phone: Phone,
    body: Body<Subscribe>,
) -> Result<HttpResponse, Error> {
    let who = who(phone)?;
    if super::sender(&app).await?.is_none() {
        return Err(off());
    }
    let Subscribe { endpoint, keys: Keys { p256dh, auth }, .. } = body.0;
    if let Err(why) = address::read(&endpoint, app.config.push_private_addresses) {
        return Ok(invalid("endpoint", why));
    }
    if keys(&p256dh, &auth).is_none() {
        return Ok(invalid("keys", "are none that a browser makes"));
    }
    let run = move |tx: &mut Tx<'_>| {
        let row = Subscription {
            device_id: who.device_id,
            endpoint: endpoint.clone(),
            p256dh: p256dh.clone(),
            auth: auth.clone(),
            subscribed_at: tx.now(),
            woken_at: Timestamp::from_millis(0),
        };
        store(tx.conn(), &row)
    };
    app.db.write(who.actor, run).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// This phone is woken no more.
#[utoipa::path(tag = "sync", responses((status = 204), (status = 401, body = Problem)))]
#[delete("/push-subscription")]
pub async fn unsubscribe(app: web::Data<App>, phone: Phone) -> Result<HttpResponse, Error> {
    let who = who(phone)?;
    let device_id = who.device_id;
    app.db.write(who.actor, move |tx: &mut Tx<'_>| forget(tx.conn(), device_id, None)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn find(conn: &mut Conn, device_id: DeviceId) -> Result<Option<Subscription>, Error> {
    Ok(subscriptions::table.find(device_id).first(conn).optional()?)
}

fn store(conn: &mut Conn, row: &Subscription) -> Result<(), Error> {
    each_backend!(conn, |c| diesel::insert_into(subscriptions::table)
        .values(row)
        .on_conflict(subscriptions::device_id)
        .do_update()
        .set((
            subscriptions::endpoint.eq(&row.endpoint),
            subscriptions::p256dh.eq(&row.p256dh),
            subscriptions::auth.eq(&row.auth),
            subscriptions::subscribed_at.eq(row.subscribed_at),
        ))
        .execute(c))?;
    Ok(())
}

/// Forgets where a phone is woken; with an address only if it is still this one.
///
/// # Errors
/// A failure of the database.
pub fn forget(conn: &mut Conn, device_id: DeviceId, endpoint: Option<&str>) -> Result<(), Error> {
    let of_device = subscriptions::table.filter(subscriptions::device_id.eq(device_id));
    match endpoint {
        None => diesel::delete(of_device).execute(conn)?,
        Some(endpoint) => {
            diesel::delete(of_device.filter(subscriptions::endpoint.eq(endpoint))).execute(conn)?
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_a_point_and_a_secret_with_or_without_padding() {
        let point = URL_SAFE_NO_PAD.encode([&[4_u8][..], &[7; 64]].concat());
        let auth = URL_SAFE_NO_PAD.encode([9; AUTH]);
        assert!(keys(&point, &auth).is_some());
        assert!(keys(&format!("{point}="), &format!("{auth}==")).is_some());
        assert!(keys(&auth, &point).is_none());
        assert!(keys(&URL_SAFE_NO_PAD.encode([2; POINT]), &auth).is_none(), "a compressed point is another");
        assert!(keys("?", &auth).is_none());
    }
}
