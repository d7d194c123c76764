//! Another promise for 10,000 open tickets, each with three steps and a pause: counting alone, and all of it with
//! reading and writing, in the batches in which the server does it. Beside it what the bare SQL of the same rows takes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use db::types::Json;
use db::{Clock, Tx};
use diesel::connection::SimpleConnection;
use server::app::{App, AppOptions};
use server::config::Config;
use server::sla::store::{self, PolicyTable};
use server::sla::sweep::{self, Swept};

use crate::median;
use crate::shared::people;
use crate::shared::place::Place;
use crate::shared::sql::{log, run};
use crate::world::{Kind, World};

const TICKETS: usize = 10_000;
/// Tickets that are written at once, as the server does.
const BATCH: usize = 200;
/// Bytes of a ticket's row in the log.
const BODY_BYTES: usize = 1_500;
/// Bytes of what is kept of a ticket's promise.
const SLA_BYTES: usize = 400;
/// How often the promise is changed.
const ROUNDS: i64 = 3;

pub async fn measure(place: &Place, world: &mut World) -> anyhow::Result<()> {
    let now = db::clock::real_now().millis();
    let kind = Kind {
        status: "working",
        priority: "n % 4 + 1",
        created_at: &format!("{now} - 36000000 + n * 1000"),
        given: true,
    };
    let made = world.tickets(TICKETS, &kind)?;
    for (step, minutes) in [("accept", 5), ("pause", 20), ("resume", 50)] {
        world.step(made, step, minutes)?;
    }
    let bare = bare(place, world)?;
    let app = app(place).await?;
    sweep::all(&app).await?;
    let mut rounds = Vec::new();
    for version in 1..=ROUNDS {
        change(&app, version).await?;
        let swept = sweep::all(&app).await?;
        anyhow::ensure!(swept.changed == TICKETS, "{} of {TICKETS} changed", swept.changed);
        rounds.push(swept);
    }
    let middle = |of: fn(&Swept) -> Duration| median(rounds.iter().map(|r| of(r).as_secs_f64()).collect());
    println!("  another promise for {TICKETS} open tickets, in the middle of {ROUNDS} times");
    println!("    counting them                      {:>8.0} ms", 1e3 * middle(|swept| swept.counting));
    println!("    reading them                       {:>8.0} ms", 1e3 * middle(|swept| swept.reading));
    println!("    writing them, {BATCH} a commit         {:>8.0} ms", 1e3 * middle(|swept| swept.writing));
    println!("    bare SQL of the writing            {:>8.0} ms", 1e3 * bare.as_secs_f64());
    Ok(())
}

async fn app(place: &Place) -> anyhow::Result<Arc<App>> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let config = Config {
        database_url: place.url_text(),
        blob_store: folder.join("bench-blobs").to_string_lossy().into_owned(),
        record_key: folder.join("bench.key").to_string_lossy().into_owned(),
        ..Config::default()
    };
    Ok(App::open(config, Clock::system(), AppOptions::default()).await?)
}

/// The table that holds for everybody, with every target longer than it came by so many units.
async fn change(app: &Arc<App>, version: i64) -> anyhow::Result<()> {
    let mut table =
        store::shipped_policies().into_iter().find(|row| row.id == "four-levels").context("shipped")?;
    for row in &mut table.body.0.rows {
        for target in [&mut row.response, &mut row.resolution].into_iter().flatten() {
            target.amount += u32::try_from(version)?;
        }
    }
    let row = PolicyTable { version: version + 1, body: Json(table.body.0), ..table };
    let put = move |tx: &mut Tx<'_>| store::put_policy(tx, &row);
    Ok(app.db.write(people::actor(), put).await?)
}

/// The same rows written by hand: the ticket, its timer, the log and the phones' feed.
fn bare(place: &Place, world: &World) -> anyhow::Result<Duration> {
    let mut conn = place.raw();
    let (sla, body) = ("s".repeat(SLA_BYTES), "b".repeat(BODY_BYTES));
    let ids: Vec<String> = (0..TICKETS).map(|n| format!("01900000-0000-7000-8000-{n:012x}")).collect();
    let began = Instant::now();
    for (nth, batch) in ids.chunks(BATCH).enumerate() {
        conn.batch_execute("BEGIN")?;
        for id in batch {
            let update =
                "UPDATE tickets SET due_at = CAST($1 AS BIGINT), sla = $2 WHERE id = $3 RETURNING id";
            run(&mut conn, update, &["1700000000000", &sla, id])?;
            let timer = "INSERT INTO sla_timers (ticket_id, fires_at) VALUES ($1, CAST($2 AS BIGINT))
                ON CONFLICT (ticket_id) DO UPDATE SET fires_at = excluded.fires_at RETURNING ticket_id";
            run(&mut conn, timer, &[id, "1700000000000"])?;
        }
        let scope = |k: usize| world.engineers[(nth * BATCH + k) % world.engineers.len()].to_string();
        let scopes: Vec<String> = (0..batch.len()).map(scope).collect();
        let told: Vec<(&str, &str)> =
            batch.iter().zip(&scopes).map(|(id, scope)| (id.as_str(), scope.as_str())).collect();
        log(&mut conn, &told, 1, &body)?;
        conn.batch_execute("COMMIT")?;
    }
    let took = began.elapsed();
    conn.batch_execute(
        "UPDATE tickets SET sla = '{\"time_zone\": \"America/New_York\"}'; DELETE FROM sla_timers;
         DELETE FROM sync_feed",
    )?;
    Ok(took)
}
