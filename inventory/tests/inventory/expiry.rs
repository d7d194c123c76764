//! Promises with a time.

use db::both_backends;
use db::testing::TestDb;
use db::types::ReservationId;
use inventory::reservations::{
    EXPIRE_BATCH, Goods, Request, ReservationStatus as Status, expire_due, extend, pick,
};
use inventory::{Error, Reservation};

use crate::fixture::Shop;

async fn held_for(shop: &Shop, minutes: i64) -> ReservationId {
    let request = Request { expires_at: Some(shop.at_minute(minutes)), ..shop.request(shop.depots[0], 1) };
    shop.reserve(request).await.unwrap().id
}

async fn expire(shop: &Shop, minutes: i64) -> Vec<Reservation> {
    let now = shop.at_minute(minutes);
    shop.test.clock.set(now);
    shop.write(move |tx| expire_due(tx, now)).await.unwrap()
}

both_backends! {
    async fn what_is_held_too_long_is_free_again(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        let soon = held_for(&shop, 10).await;
        let late = held_for(&shop, 20).await;
        shop.reserve(shop.request(shop.depots[0], 1)).await.unwrap();
        assert_eq!(expire(&shop, 9).await, []);
        let ended = expire(&shop, 10).await;
        assert_eq!(ended.iter().map(|r| (r.id, r.status)).collect::<Vec<_>>(), [(soon, Status::Expired)]);
        assert_eq!(shop.stock(shop.depots[0]).await, (5, 2));
        assert_eq!(expire(&shop, 1_000_000).await.iter().map(|r| r.id).collect::<Vec<_>>(), [late]);
        assert_eq!(shop.stock(shop.depots[0]).await, (5, 1), "without a time it never ends by itself");
        shop.assert_proven().await;
    }

    async fn what_was_picked_or_handed_over_does_not_expire(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        let picked = held_for(&shop, 10).await;
        shop.write(move |tx| pick(tx, picked, &Goods::default())).await.unwrap();
        let issued = held_for(&shop, 10).await;
        shop.issue(issued).await.unwrap();
        assert_eq!(expire(&shop, 60).await, []);
        assert_eq!(shop.stock(shop.vans[0]).await, (1, 1));
    }

    async fn an_extended_reservation_lives_on(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        let id = held_for(&shop, 10).await;
        let until = Some(shop.at_minute(30));
        let extended = shop.write(move |tx| extend(tx, id, until)).await.unwrap();
        assert_eq!(extended.expires_at, until);
        assert_eq!(expire(&shop, 20).await, []);
        assert_eq!(expire(&shop, 30).await.len(), 1);
        let too_late = shop.write(move |tx| extend(tx, id, None)).await.unwrap_err();
        assert!(matches!(too_late, Error::IllegalMove { from: Status::Expired, .. }), "{too_late:?}");
    }

    async fn extending_beyond_a_year_is_refused(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        let id = held_for(&shop, 10).await;
        let until = Some(shop.at_minute(400 * 24 * 60));
        let refused = shop.write(move |tx| extend(tx, id, until)).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "expires_at", .. }), "{refused:?}");
    }

    async fn many_are_ended_in_batches_until_none_is_left(test: TestDb) {
        let shop = Shop::open(test).await;
        let more = 30;
        shop.receive(shop.parts[0], shop.depots[0], EXPIRE_BATCH + more).await;
        let request = Request { expires_at: Some(shop.at_minute(1)), ..shop.request(shop.depots[0], 1) };
        let all = vec![request; usize::try_from(EXPIRE_BATCH + more).unwrap()];
        shop.write(move |tx| inventory::reservations::reserve_all(tx, &all)).await.unwrap();
        let mut batches = Vec::new();
        for _ in 0..3 {
            batches.push(i64::try_from(expire(&shop, 2).await.len()).unwrap());
        }
        assert_eq!(batches, [EXPIRE_BATCH, more, 0]);
        assert_eq!(shop.stock(shop.depots[0]).await, (EXPIRE_BATCH + more, 0));
    }
}
