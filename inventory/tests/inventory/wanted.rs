//! Waiting for stock: what is wanted promises nothing, and becomes a promise when there is some.

use db::both_backends;
use db::testing::TestDb;
use inventory::reservations::{
    ReservationStatus as Status, live_of_ticket, release_for_ticket, take_over, wanted,
};
use inventory::{Error, Reservation};

use crate::fixture::Shop;

async fn want(shop: &Shop, quantity: i64) -> Option<Reservation> {
    let (ticket, part) = (shop.tickets[0], shop.parts[0]);
    shop.write(move |tx| wanted::want(tx, ticket, None, part, quantity)).await.unwrap()
}

async fn waits(shop: &Shop) -> Vec<i64> {
    let ticket = shop.tickets[0];
    shop.read(move |conn| wanted::of_ticket(conn, ticket)).await.iter().map(|one| one.quantity).collect()
}

async fn promise(shop: &Shop, one: &Reservation, quantity: i64) -> Result<Reservation, Error> {
    let (one, request) = (one.clone(), shop.request(shop.depots[0], quantity));
    shop.write(move |tx| wanted::promise(tx, &one, request)).await
}

both_backends! {
    async fn what_is_wanted_promises_nothing(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        let wanted = want(&shop, 3).await.unwrap();
        assert_eq!((wanted.status, wanted.quantity, shop.stock(shop.depots[0]).await), (Status::Wanted, 3, (5, 0)));
        shop.assert_proven().await;
    }

    async fn the_last_word_on_what_is_wanted_counts(test: TestDb) {
        let shop = Shop::open(test).await;
        let first = want(&shop, 3).await.unwrap();
        assert_eq!(want(&shop, 3).await.unwrap().id, first.id, "said twice");
        want(&shop, 2).await;
        assert_eq!(waits(&shop).await, [2]);
        let (ticket, part) = (shop.tickets[0], shop.parts[0]);
        shop.write(move |tx| wanted::got(tx, ticket, part, 1)).await.unwrap();
        assert_eq!(waits(&shop).await, [1]);
        shop.write(move |tx| wanted::got(tx, ticket, part, 9)).await.unwrap();
        assert_eq!(waits(&shop).await, Vec::<i64>::new());
        assert_eq!(want(&shop, 0).await, None);
    }

    async fn what_came_is_held_and_the_rest_is_waited_for(test: TestDb) {
        let shop = Shop::open(test).await;
        let wanted = want(&shop, 3).await.unwrap();
        shop.receive(shop.parts[0], shop.depots[0], 3).await;
        let some = promise(&shop, &wanted, 1).await.unwrap();
        assert_eq!((some.status, some.quantity, waits(&shop).await), (Status::Held, 1, vec![2]));
        assert!(matches!(promise(&shop, &wanted, 2).await, Err(Error::IllegalMove { .. })), "as it was before");
        let rest = Reservation { quantity: 2, ..wanted.clone() };
        let all = promise(&shop, &rest, 2).await.unwrap();
        assert_eq!((all.id, all.status, all.location_id), (wanted.id, Status::Held, shop.depots[0]));
        assert_eq!((waits(&shop).await, shop.stock(shop.depots[0]).await), (vec![], (3, 3)));
        shop.assert_proven().await;
    }

    async fn who_asks_for_less_goes_on_waiting_for_the_rest_that_is_needed(test: TestDb) {
        let shop = Shop::open(test).await;
        let (ticket, part) = (shop.tickets[0], shop.parts[0]);
        for (waited, (held, short, lacked), left, why) in [
            (90, (0, 5, 90), vec![90], "nothing came of five"),
            (90, (5, 0, 90), vec![85], "five came of five"),
            (90, (2, 3, 90), vec![88], "two came of five"),
            (52, (20, 32, 52), vec![32], "all was asked for"),
            (0, (1, 4, 9), vec![4], "only what is asked for is waited for"),
            (9, (0, 2, 4), vec![4], "no more than it lacks"),
            (3, (0, 2, 0), vec![2], "nobody needs it but who asks"),
            (3, (3, 0, 3), vec![], "all has come"),
        ] {
            want(&shop, waited).await;
            let asked = wanted::Asked { held, short, lacked };
            shop.write(move |tx| wanted::asked(tx, ticket, None, part, asked)).await.unwrap();
            assert_eq!(waits(&shop).await, left, "{why}");
        }
    }

    async fn no_more_is_promised_than_is_there_or_wanted(test: TestDb) {
        let shop = Shop::open(test).await;
        let wanted = want(&shop, 2).await.unwrap();
        assert!(matches!(promise(&shop, &wanted, 2).await, Err(Error::Shortage { .. })));
        shop.receive(shop.parts[0], shop.depots[0], 9).await;
        assert!(matches!(promise(&shop, &wanted, 3).await, Err(Error::Invalid { field: "quantity", .. })));
        assert_eq!((waits(&shop).await, shop.stock(shop.depots[0]).await), (vec![2], (9, 0)));
        shop.assert_proven().await;
    }

    async fn a_substitute_ends_the_wait(test: TestDb) {
        let shop = Shop::open(test).await;
        let wanted = want(&shop, 1).await.unwrap();
        shop.receive(shop.parts[1], shop.depots[0], 1).await;
        let (part, instead) = (shop.parts[1], Some(shop.parts[0]));
        let request = inventory::reservations::Request {
            part_id: part, instead_of_part_id: instead, ..shop.request(shop.depots[0], 1)
        };
        let held = shop.write(move |tx| wanted::promise(tx, &wanted, request)).await.unwrap();
        assert_eq!((held.part_id, held.instead_of_part_id, waits(&shop).await), (part, instead, vec![]));
        shop.assert_proven().await;
    }

    async fn whoever_gets_the_ticket_waits_for_its_parts_and_nobody_when_it_is_over(test: TestDb) {
        let shop = Shop::open(test).await;
        let (ticket, engineer) = (shop.tickets[0], shop.engineers[1]);
        want(&shop, 1).await;
        let taken = shop.write(move |tx| take_over(tx, ticket, engineer)).await.unwrap();
        assert_eq!(taken[0].engineer_id, Some(engineer));
        shop.write(move |tx| release_for_ticket(tx, ticket)).await.unwrap();
        assert_eq!((waits(&shop).await, shop.read(move |conn| live_of_ticket(conn, ticket)).await), (vec![], vec![]));
    }
}
