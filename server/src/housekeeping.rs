//! What has to be done every now and then: parts are held on for work that somebody has, other reservations whose
//! time ran out are freed, stock that came is promised to those who wait; old sessions, positions, idempotency keys
//! and texts of the record are forgotten. Every server does it; doing it twice does nothing.

use std::sync::Arc;
use std::time::Duration;

use db::{Actor, Conn, Tx};
use inventory::lots;
use inventory::reservations::{self, EXPIRE_BATCH, wanted};

use crate::actions;
use crate::app::App;
use crate::auth::session;
use crate::blobs::uploads;
use crate::confirmations;
use crate::error::Error;
use crate::http::idempotency;
use crate::mail;
use crate::notifications;
use crate::positions;
use crate::presence;
use crate::record::erasure;
use crate::schedule::assign::Means;
use crate::schedule::waiting;
use crate::sync::{devices, enrol};
use crate::tickets::TicketStatus;
use crate::webhook;

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
pub async fn once(app: &Arc<App>) -> Result<(), Error> {
    app.board.refresh(app.db.clock().now());
    hold_on_or_free(app).await?;
    spoil(app).await?;
    promise_what_came(app).await?;
    confirmations::close_unanswered(app).await?;
    webhook::once(app).await?;
    devices::flush(app).await?;
    uploads::sweep(app).await?;
    let now = app.db.clock().now();
    if app.config.position_keep_hours > 0 {
        positions::forget_old(app, now.plus_minutes(-60 * app.config.position_keep_hours)).await?;
    }
    expire_texts(app).await?;
    let speed = app.db.clock().speed();
    let sends_mail = !app.config.mail_host.is_empty();
    let forget = move |tx: &mut Tx<'_>| {
        idempotency::forget_old(tx)?;
        session::forget_expired(tx)?;
        enrol::forget_expired(tx)?;
        notifications::forget_old(tx)?;
        mail::forget_old(tx, sends_mail)?;
        webhook::rules::forget_old(tx)?;
        actions::forget_old(tx)?;
        presence::forget_gone(tx, speed)?;
        Ok::<_, Error>(())
    };
    app.db.write(Actor::system("housekeeping"), forget).await
}

/// Parts of a ticket that an engineer has are held until it is over, however long that takes. What was reserved for a
/// ticket that nobody took is free again after its time.
async fn hold_on_or_free(app: &App) -> Result<(), Error> {
    let in_hand: Vec<&str> =
        TicketStatus::ALL.iter().filter(|status| status.is_open()).map(|status| status.as_str()).collect();
    let hold_minutes = app.config.hold_minutes.max(1);
    loop {
        let in_hand = in_hand.clone();
        let round = move |tx: &mut Tx<'_>| {
            let now = tx.now();
            let held = reservations::hold_on(tx, &in_hand, now.plus_minutes(hold_minutes))?.len();
            // Only when none is left to be held on is it known that the others are not needed.
            let all_held = (held as i64) < EXPIRE_BATCH;
            let expired = if all_held { reservations::expire_due(tx, now)?.len() } else { 0 };
            Ok::<_, Error>(all_held && (expired as i64) < EXPIRE_BATCH)
        };
        if app.db.write(Actor::system("inventory"), round).await? {
            return Ok(());
        }
    }
}

/// Texts of tickets that were closed long ago go from the record, if that is wanted.
async fn expire_texts(app: &App) -> Result<(), Error> {
    let days = app.config.record_keep_days;
    if days <= 0 {
        return Ok(());
    }
    let before = app.db.clock().now().plus_minutes(-days.saturating_mul(24 * 60));
    // Hardly ever is there anything: then nothing is written.
    if !app.db.read(move |conn: &mut Conn| erasure::is_due(conn, before)).await? {
        return Ok(());
    }
    while app.db.write(Actor::system("housekeeping"), move |tx| erasure::expire(tx, before)).await? {}
    Ok(())
}

/// What has expired is not free any more.
async fn spoil(app: &App) -> Result<(), Error> {
    let now = app.db.clock().now();
    // Hardly ever does anything: then nothing is written.
    let spoilt = app.db.read(move |conn: &mut Conn| lots::spoilt(conn, now)).await?;
    if spoilt.is_empty() {
        return Ok(());
    }
    let write = move |tx: &mut Tx<'_>| {
        spoilt.iter().try_for_each(|(part_id, location_id)| lots::expire(tx, *part_id, *location_id))
    };
    Ok(app.db.write(Actor::system("inventory"), write).await?)
}

/// Stock that is free now goes to those who wait for it, the oldest promise first.
async fn promise_what_came(app: &Arc<App>) -> Result<(), Error> {
    // Hardly ever does anybody wait: then nothing is written.
    if app.db.read(|conn: &mut Conn| wanted::parts(conn)).await?.is_empty() {
        return Ok(());
    }
    loop {
        let for_tx = app.clone();
        let round = move |tx: &mut Tx<'_>| {
            let means = Means { board: &for_tx.board, hold_minutes: for_tx.config.hold_minutes };
            waiting::fill(tx, &means)
        };
        if app.db.write(Actor::system("inventory"), round).await? < waiting::ROUND {
            return Ok(());
        }
    }
}
