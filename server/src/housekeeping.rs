//! What has to be done every now and then: expired reservations are freed, old sessions and idempotency keys
//! forgotten. Every server does it; doing it twice does nothing.

use std::sync::Arc;
use std::time::Duration;

use db::{Actor, Tx};

use crate::app::App;
use crate::auth::session;
use crate::error::Error;
use crate::http::idempotency;

/// How often, in real time.
const EVERY: Duration = Duration::from_secs(5);

/// Runs for ever.
pub async fn run(app: Arc<App>) {
    let mut timer = tokio::time::interval(EVERY);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        if let Err(error) = once(&app).await {
            tracing::warn!(%error, "housekeeping failed; it is tried again");
        }
    }
}

/// One round.
///
/// # Errors
/// A failure of the database.
pub async fn once(app: &App) -> Result<(), Error> {
    app.board.refresh(app.db.clock().now());
    let expire = |tx: &mut Tx<'_>| {
        Ok::<_, Error>({
            let now = tx.now();
            inventory::reservations::expire_due(tx, now)?.len()
        })
    };
    while app.db.write(Actor::system("inventory"), expire).await? as i64
        == inventory::reservations::EXPIRE_BATCH
    {}
    let forget = |tx: &mut Tx<'_>| {
        idempotency::forget_old(tx)?;
        session::forget_expired(tx)?;
        Ok::<_, Error>(())
    };
    app.db.write(Actor::system("housekeeping"), forget).await
}
