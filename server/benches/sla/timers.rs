//! 1,000,000 open timers: what finding the next one costs, a thousand times more of them costing hardly more; what a
//! start costs with them, since none is loaded; and how soon what fell due while no server ran is done. Beside it what
//! it would take to read all of them into memory at the start.

use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use anyhow::Context;
use db::schema::{escalations, settings, sla_timers};
use db::types::TicketId;
use db::{Db, Options, Timestamp, Tx, each_backend};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use server::error::Error;
use server::sla::timers;

use crate::median;
use crate::shared::people;
use crate::shared::place::Place;
use crate::shared::server::Running;
use crate::world::{Kind, World};

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Steps that fell due while nobody ran.
const LATE: usize = 100;
/// How often each question is asked.
const ROUNDS: usize = 200;
/// 30 % of seven business days are left, where every hour is one of work.
const WARNED_AFTER: i64 = 7 * 24 * 3_600_000 / 10 * 7;
/// Over which the tickets were opened: before that, their steps would be due.
const OPENED_WITHIN: i64 = 3 * 24 * 3_600_000;
/// What is waited for comes within that.
const PATIENCE: Duration = Duration::from_secs(120);

pub async fn measure(place: &Place, world: &mut World) -> anyhow::Result<()> {
    let db = Db::open(Options::new(place.url.clone()))?;
    // Nothing was promised since all was counted, so that the start is measured and not a sweep.
    db.write(people::actor(), swept).await?;
    world.conn.batch_execute("DELETE FROM sla_timers")?;
    let mut there = 0;
    println!("  timers       next due us   of bare SQL us   taken and set again us   start s");
    for size in SIZES {
        let now = db::clock::real_now().millis();
        let step = OPENED_WITHIN / i64::try_from(size)?;
        let created_at = format!("{now} - (n % {size}) * CAST({step} AS BIGINT)");
        let kind = Kind { status: "new", priority: "4", created_at: &created_at, given: false };
        let made = world.tickets(size - there, &kind)?;
        world.timers(made, WARNED_AFTER)?;
        world.conn.batch_execute("ANALYZE")?;
        there = size;
        let (found, bare) = (next_due(&db).await?, bare(world, now)?);
        let again = set_again(&db).await?;
        let began = Instant::now();
        let server = Running::start(place, &[("FETTLE_PLAN_SECONDS", "0")]).await?;
        let start = began.elapsed().as_secs_f64();
        server.stop().await?;
        println!("  {size:>9}  {found:>12.0}  {bare:>15.0}  {again:>23.0}   {start:>7.2}");
    }
    let read = into_memory(&db).await?;
    println!("  reading all of them into a heap in memory  {read:>8.2} s");
    late(place, world, &db).await
}

fn swept(tx: &mut Tx<'_>) -> Result<(), Error> {
    let (name, value) = (settings::name.eq("sla_swept"), settings::value.eq(i64::MAX.to_string()));
    each_backend!(tx.conn(), |c| diesel::insert_into(settings::table).values((name, value)).execute(c))?;
    Ok(())
}

/// Microseconds of the question that the watch asks every second.
async fn next_due(db: &Db) -> anyhow::Result<f64> {
    let now = db.clock().now();
    let ask = move |conn: &mut db::Conn| {
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            let began = Instant::now();
            timers::due(conn, now, 200)?;
            took.push(began.elapsed().as_secs_f64() * 1e6);
        }
        Ok::<_, Error>(median(took))
    };
    Ok(db.read(ask).await?)
}

/// Microseconds of the same question by hand.
fn bare(world: &mut World, now: i64) -> anyhow::Result<f64> {
    let mut took = Vec::new();
    let sql = format!("SELECT ticket_id FROM sla_timers WHERE fires_at <= {now} ORDER BY fires_at LIMIT 200");
    for _ in 0..ROUNDS {
        let began = Instant::now();
        world.conn.batch_execute(&sql)?;
        took.push(began.elapsed().as_secs_f64() * 1e6);
    }
    Ok(median(took))
}

/// Microseconds for taking the first timer away and setting it where it was, without the commit.
async fn set_again(db: &Db) -> anyhow::Result<f64> {
    let change = |tx: &mut Tx<'_>| {
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            let first = sla_timers::table.order(sla_timers::fires_at);
            let (ticket, at): (TicketId, Timestamp) =
                first.select((sla_timers::ticket_id, sla_timers::fires_at)).first(tx.conn())?;
            let began = Instant::now();
            timers::take(tx, ticket, at)?;
            timers::set(tx, ticket, Some(at))?;
            took.push(began.elapsed().as_secs_f64() * 1e6);
        }
        Ok::<_, Error>(median(took))
    };
    Ok(db.write(people::actor(), change).await?)
}

/// Seconds for what a server would have to do at its start that had its timers in memory.
async fn into_memory(db: &Db) -> anyhow::Result<f64> {
    let read = |conn: &mut db::Conn| {
        let began = Instant::now();
        let columns = (sla_timers::fires_at, sla_timers::ticket_id);
        let all: Vec<(Timestamp, String)> = sla_timers::table.select(columns).load(conn)?;
        let heap: BinaryHeap<_> = all.into_iter().map(std::cmp::Reverse).collect();
        drop(std::hint::black_box(heap));
        Ok::<_, Error>(began.elapsed().as_secs_f64())
    };
    Ok(db.read(read).await?)
}

/// How soon after its start a server has done what fell due while none ran.
async fn late(place: &Place, world: &mut World, db: &Db) -> anyhow::Result<()> {
    let created_at = (db::clock::real_now().millis() - WARNED_AFTER - 3_600_000).to_string();
    let kind = Kind { status: "new", priority: "4", created_at: &created_at, given: false };
    let made = world.tickets(LATE, &kind)?;
    world.timers(made, WARNED_AFTER)?;
    let began = Instant::now();
    let server = Running::start(place, &[("FETTLE_PLAN_SECONDS", "0")]).await?;
    let done = |conn: &mut db::Conn| Ok::<i64, Error>(escalations::table.count().get_result(conn)?);
    loop {
        let count = usize::try_from(db.read(done).await?).context("a count")?;
        if count >= LATE {
            break;
        }
        anyhow::ensure!(began.elapsed() < PATIENCE, "{count} of {LATE} late steps were taken");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    println!("  {LATE} late steps taken after the start in  {:>6.2} s", began.elapsed().as_secs_f64());
    server.stop().await
}
