//! What must not be used any more is on hand and not free.

use db::both_backends;
use db::testing::TestDb;
use db::types::{LocationId, PartId};
use inventory::ledger::{self, Receipt, Transfer};
use inventory::levels::{self, NewLevel};
use inventory::replenishment::{Policy, purchase_list};
use inventory::reservations::{Request, wanted};
use inventory::{Error, Tracking, balances, free_stock, lots};

use crate::fixture::Shop;

const DAY: i64 = 24 * 60;

async fn take_in(
    shop: &Shop,
    part_id: PartId,
    to: LocationId,
    quantity: i64,
    lot: &'static str,
    days: Option<i64>,
) {
    let expires_at = days.map(|days| shop.at_minute(days * DAY));
    shop.write(move |tx| {
        let plain = Receipt::plain(part_id, to, quantity, "");
        ledger::take_in(tx, &Receipt { lot: Some(lot), expires_at, ..plain }).map(drop)
    })
    .await
    .unwrap();
}

/// One round of the housekeeping, so many days after the beginning; how many places it was about.
async fn days_later(shop: &Shop, days: i64) -> usize {
    shop.test.clock.set(shop.at_minute(days * DAY));
    let now = shop.test.clock.now();
    let spoilt = shop.read(move |conn| lots::spoilt(conn, now)).await;
    let count = spoilt.len();
    shop.write(move |tx| spoilt.iter().try_for_each(|(part, place)| lots::expire(tx, *part, *place)))
        .await
        .unwrap();
    count
}

/// On hand, available and expired.
async fn stands(shop: &Shop, part: PartId, place: LocationId) -> (i64, i64, i64) {
    let balance = shop.balance(part, place).await.unwrap();
    (balance.on_hand, balance.available, balance.expired)
}

both_backends! {
    async fn what_expires_is_free_no_more_and_is_promised_to_nobody(test: TestDb) {
        let shop = Shop::open(test).await;
        let (grease, place) = (shop.tracked(Tracking::Lot).await, shop.depots[0]);
        take_in(&shop, grease, place, 5, "L1", Some(2)).await;
        take_in(&shop, grease, place, 3, "L2", None).await;
        assert_eq!((days_later(&shop, 1).await, stands(&shop, grease, place).await), (0, (8, 8, 0)));
        assert_eq!((days_later(&shop, 2).await, stands(&shop, grease, place).await), (1, (8, 3, 5)));
        assert_eq!(days_later(&shop, 3).await, 0, "once is enough");
        let request = Request { part_id: grease, ..shop.request(place, 4) };
        let refused = shop.reserve(request).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { available: 3, .. }), "{refused:?}");
        let free = shop.read(move |conn| free_stock(conn, &[grease], None)).await;
        assert_eq!(free.iter().map(|one| one.available).collect::<Vec<_>>(), [3]);
        shop.reserve(Request { quantity: 3, ..request }).await.unwrap();
        shop.assert_proven().await;
    }

    async fn who_was_promised_what_expires_waits_for_it_again_and_it_is_bought(test: TestDb) {
        let shop = Shop::open(test).await;
        let (grease, place) = (shop.tracked(Tracking::Lot).await, shop.depots[0]);
        take_in(&shop, grease, place, 5, "L1", Some(2)).await;
        take_in(&shop, grease, place, 3, "L2", None).await;
        shop.reserve(Request { part_id: grease, ..shop.request(place, 6) }).await.unwrap();
        days_later(&shop, 2).await;
        let ticket = shop.tickets[0];
        let waiting = shop.read(move |conn| wanted::of_ticket(conn, ticket)).await;
        assert_eq!(waiting.iter().map(|one| one.quantity).collect::<Vec<_>>(), [3]);
        assert_eq!(stands(&shop, grease, place).await, (8, 0, 5));
        let new = NewLevel { part_id: grease, location_id: place, minimum: 1, maximum: 2, lead_days: 1 };
        shop.write(move |tx| levels::put(tx, new)).await.unwrap();
        let now = shop.test.clock.now();
        let list = shop.read(move |conn| purchase_list(conn, now, Policy::default())).await;
        assert_eq!((list[0].wanted, list[0].waiting), (5, 3), "what has expired fills no shelf");
        shop.assert_proven().await;
    }

    async fn what_has_expired_is_received_moved_away_and_taken_back_as_such(test: TestDb) {
        let shop = Shop::open(test).await;
        let (grease, [near, far]) = (shop.tracked(Tracking::Lot).await, shop.depots);
        shop.test.clock.set(shop.at_minute(3 * DAY));
        take_in(&shop, grease, near, 5, "L1", Some(2)).await;
        assert_eq!(stands(&shop, grease, near).await, (5, 0, 5), "it comes in, and is not free");
        let moved = shop.write(move |tx| {
            let (serials, lot, note) = (&[][..], Some("L1"), "");
            let transfer = Transfer { part_id: grease, from: near, to: far, quantity: 4, serials, lot, note };
            ledger::move_stock(tx, &transfer)
        }).await.unwrap();
        assert_eq!((stands(&shop, grease, near).await, stands(&shop, grease, far).await), ((1, 0, 1), (4, 0, 4)));
        let id = moved[0].id;
        shop.write(move |tx| ledger::undo(tx, id)).await.unwrap();
        assert_eq!((stands(&shop, grease, near).await, stands(&shop, grease, far).await), ((5, 0, 5), (0, 0, 0)));
        let all = shop.read(move |conn| balances::list(conn, balances::Filter::default(), None, 9)).await;
        assert!(all.iter().all(|one| one.available == one.on_hand - one.reserved - one.expired));
        shop.assert_proven().await;
    }
}
