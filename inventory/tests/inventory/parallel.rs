//! Many at once. The guard is one statement, so what is left is arithmetic.

use db::testing::TestDb;
use db::types::LocationId;
use db::{Actor, Db, Options, both_backends};
use inventory::reservations::{Request, issue, release, reserve};
use inventory::usage::{Usage, use_part};
use inventory::{Error, Outcome};

use crate::fixture::Shop;

const TASKS: usize = 64;
const TRIES: usize = 10;
const STOCK: i64 = 500;

/// Tries to reserve one piece after the other and returns how often it could; any other failure is a fault.
async fn grab(db: Db, request: Request) -> usize {
    let mut got = 0;
    for _ in 0..TRIES {
        match db.write(Actor::system("test"), move |tx| reserve(tx, request)).await {
            Ok(_) => got += 1,
            Err(Error::Shortage { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    got
}

async fn fight(shop: &Shop, servers: &[Db]) {
    let depot = shop.depots[0];
    shop.receive(shop.parts[0], depot, STOCK).await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|n| {
            let request = Request { ticket_id: shop.tickets[n % 3], ..shop.request(depot, 1) };
            tokio::spawn(grab(servers[n % servers.len()].clone(), request))
        })
        .collect();
    let mut got = 0;
    for task in tasks {
        got += task.await.unwrap();
    }
    assert_eq!(got, usize::try_from(STOCK).unwrap(), "as many as there were, of {} tries", TASKS * TRIES);
    assert_eq!(shop.stock(depot).await, (STOCK, STOCK));
    shop.assert_proven().await;
}

/// Reserves, hands over and uses a piece, or gives it up half-way.
async fn work(db: Db, request: Request, usage: Usage, keeps: bool) -> (i64, i64) {
    let done = db.write(Actor::system("test"), move |tx| reserve(tx, request)).await;
    let reservation = match done {
        Ok(reservation) => reservation.id,
        Err(Error::Shortage { .. }) => return (0, 0),
        Err(error) => panic!("{error}"),
    };
    if !keeps {
        db.write(Actor::system("test"), move |tx| release(tx, reservation)).await.unwrap();
        return (0, 0);
    }
    db.write(Actor::system("test"), move |tx| issue(tx, reservation)).await.unwrap();
    let said = db.write(Actor::system("test"), move |tx| use_part(tx, usage.clone())).await.unwrap();
    assert!(!said.went_negative);
    (1, 1)
}

async fn whole_way(shop: &Shop, depot: LocationId) -> i64 {
    let mut tasks = Vec::new();
    for n in 0..TASKS {
        let who = n % 2;
        let request = Request {
            ticket_id: shop.tickets[n % 3],
            engineer_id: Some(shop.engineers[who]),
            ..shop.request(depot, 1)
        };
        let usage = Usage {
            ticket_id: request.ticket_id,
            visit_id: shop.visits[n % 3],
            engineer_id: shop.engineers[who],
            ..shop.says(1, Outcome::Used)
        };
        tasks.push(tokio::spawn(work(shop.test.db.clone(), request, usage, n % 4 != 0)));
    }
    let mut used = 0;
    for task in tasks {
        used += task.await.unwrap().1;
    }
    used
}

both_backends! {
    async fn sixty_four_who_want_the_same_part_get_exactly_what_is_there(test: TestDb) {
        let shop = Shop::open(test).await;
        let servers = [shop.test.db.clone()];
        fight(&shop, &servers).await;
    }

    async fn two_servers_on_one_database_promise_nothing_twice(test: TestDb) {
        let shop = Shop::open(test).await;
        let options = Options { clock: shop.test.clock.clone(), guard: true, ..Options::new(shop.test.url.clone()) };
        let servers = [shop.test.db.clone(), Db::open(options).unwrap()];
        fight(&shop, &servers).await;
    }

    async fn parts_on_their_way_at_the_same_time_all_arrive(test: TestDb) {
        let shop = Shop::open(test).await;
        let depot = shop.depots[0];
        shop.receive(shop.parts[0], depot, 100).await;
        let used = whole_way(&shop, depot).await;
        assert_eq!(used, 48);
        assert_eq!(shop.stock(depot).await, (100 - used, 0));
        assert_eq!(shop.stock(shop.vans[0]).await, (0, 0));
        assert_eq!(shop.stock(shop.vans[1]).await, (0, 0));
        shop.assert_proven().await;
    }
}
