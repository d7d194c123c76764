//! How fast the parts of a ticket are reserved: one call over HTTP finds three parts among 200 places and 50,000 parts,
//! reserves them, and is durable when it answers; at 1 and 16 clients, on SQLite and on PostgreSQL. In the same run and
//! on the same disk: what the database commits one by one, and what the bare SQL of the same transaction commits,
//! grouped alike, without HTTP. At the end nothing must have been promised twice. Run by `cargo xtask bench reserve`.

mod client;
mod floor;
mod proof;
mod setup;
#[path = "../shared/mod.rs"]
mod shared;

use std::time::{Duration, Instant};

use clap::Parser;
use db::testing::Backend;
use shared::Args;
use shared::place::Place;
use shared::server::Running;

/// The one of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tickets that are made ready for each second: more than any run has used up.
const TICKETS_A_SECOND: u64 = 5_000;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    shared::on_each_database(&args, |backend| measure(backend, &args))
}

async fn measure(backend: Backend, args: &Args) -> anyhow::Result<()> {
    let length = Duration::from_secs(args.seconds);
    let place = Place::new(backend)?;
    shared::begin(backend, &place, length)?;
    let began = Instant::now();
    let mut world = setup::world(&place).await?;
    println!("  {} made in {:.1} s", setup::SIZE, began.elapsed().as_secs_f64());
    let bare = floor::grouped(&place, &mut world, length)?;
    println!("  bare SQL of a reservation, 16 a commit {bare:>6.0} tickets/s");
    // The planner is not what is measured: it would go over tens of thousands of open tickets every few seconds.
    let server = Running::start(&place, &[("FETTLE_PLAN_SECONDS", "0")]).await?;
    shared::heading("tickets");
    let mut promised = client::Promised::default();
    for clients in args.clients(&[1, 16]) {
        let warm = world.tickets(&place, TICKETS_A_SECOND as usize)?;
        client::run(&server, &world.token, warm, clients, Duration::from_secs(1), &mut promised).await?;
        let tickets = world.tickets(&place, (TICKETS_A_SECOND * args.seconds) as usize)?;
        let before = server.cpu()?;
        let run = client::run(&server, &world.token, tickets, clients, length, &mut promised).await?;
        shared::show(clients, &run, bare, server.cpu()?.since(before));
    }
    server.stop().await?;
    proof::check(&place, &promised)
}
