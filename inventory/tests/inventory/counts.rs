//! Counts of a place, from the first figure to the movements.

use db::both_backends;
use db::testing::TestDb;
use db::types::{LocationId, PartId, StockCountId};
use db::{Actor, Timestamp};
use inventory::counts::{
    self, CountLineView, CountStatus as Status, Filter, NewCount, StockCount, approve, enter, open, reject,
    submit,
};
use inventory::ledger::{self, movements, transfer};
use inventory::usage::{Usage, use_part};
use inventory::{Error, MovementKind, Outcome, Tracking};

use crate::fixture::Shop;

fn here(location_id: LocationId) -> NewCount {
    NewCount { location_id, part_ids: Vec::new(), blind: false, note: String::new() }
}

async fn opened(shop: &Shop, new: NewCount) -> Result<StockCount, Error> {
    shop.write(move |tx| open(tx, &new)).await
}

async fn say(
    shop: &Shop,
    who: &str,
    id: StockCountId,
    part: PartId,
    quantity: i64,
) -> Result<CountLineView, Error> {
    shop.test.db.write(Actor::system(who), move |tx| enter(tx, id, part, quantity)).await
}

async fn lines(shop: &Shop, id: StockCountId) -> Vec<CountLineView> {
    shop.read(move |conn| counts::lines(conn, id)).await.1
}

/// Five of the first part and three of the second at the first depot.
async fn stocked(test: TestDb) -> Shop {
    let shop = Shop::open(test).await;
    shop.receive(shop.parts[0], shop.depots[0], 5).await;
    shop.receive(shop.parts[1], shop.depots[0], 3).await;
    shop
}

both_backends! {
    async fn what_was_found_becomes_true_when_somebody_approves_it(test: TestDb) {
        let shop = stocked(test).await;
        let [first, second] = shop.parts;
        let id = opened(&shop, here(shop.depots[0])).await.unwrap().id;
        assert_eq!(lines(&shop, id).await.len(), 2);
        let line = say(&shop, "ann", id, first, 4).await.unwrap();
        assert_eq!((line.expected, line.counted, line.difference), (Some(5), Some(4), Some(-1)));
        say(&shop, "ann", id, second, 3).await.unwrap();
        assert_eq!(shop.stock(shop.depots[0]).await, (5, 0), "nothing is true yet");
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        let approved = shop.write(move |tx| approve(tx, id)).await.unwrap();
        assert_eq!((approved.status, approved.closed_by.as_str()), (Status::Approved, "test"));
        assert_eq!(shop.stock(shop.depots[0]).await, (4, 0));
        let filter = ledger::Filter { location_id: Some(shop.depots[0]), ..Default::default() };
        let moved = shop.read(move |conn| movements(conn, filter, None, 9)).await;
        let adjusted: Vec<_> = moved.iter().filter(|m| m.kind == MovementKind::Adjust).collect();
        assert_eq!((adjusted.len(), adjusted[0].quantity, adjusted[0].part_id), (1, 1, first));
        assert_eq!(adjusted[0].note, format!("count {id}"));
        shop.assert_proven().await;
    }

    async fn what_moves_after_the_figure_does_not_matter(test: TestDb) {
        let shop = stocked(test).await;
        let [near, far] = shop.depots;
        let part = shop.parts[0];
        let id = opened(&shop, NewCount { part_ids: vec![part], ..here(near) }).await.unwrap().id;
        shop.write(move |tx| transfer(tx, part, near, far, 1, "")).await.unwrap();
        let line = say(&shop, "ann", id, part, 6).await.unwrap();
        assert_eq!(line.difference, Some(2), "against the books of this moment, not of the opening");
        shop.write(move |tx| transfer(tx, part, near, far, 3, "")).await.unwrap();
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        shop.write(move |tx| approve(tx, id)).await.unwrap();
        assert_eq!(shop.stock(near).await, (3, 0), "one is left by the books, two more were found");
        shop.assert_proven().await;
    }

    async fn what_was_adjusted_since_the_figure_is_not_booked_again(test: TestDb) {
        let shop = stocked(test).await;
        let (near, part) = (shop.depots[0], shop.parts[0]);
        let id = opened(&shop, NewCount { part_ids: vec![part], ..here(near) }).await.unwrap().id;
        say(&shop, "ann", id, part, 3).await.unwrap();
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        // Somebody else saw the same two missing, and said so at once.
        shop.write(move |tx| ledger::adjust(tx, part, near, 3, "")).await.unwrap();
        shop.receive(part, near, 4).await;
        shop.write(move |tx| approve(tx, id)).await.unwrap();
        assert_eq!(shop.stock(near).await, (7, 0), "three were there, and four came since");
        shop.assert_proven().await;
    }

    async fn what_was_adjusted_before_the_figure_has_nothing_to_do_with_it(test: TestDb) {
        let shop = stocked(test).await;
        let (near, part) = (shop.depots[0], shop.parts[0]);
        shop.write(move |tx| ledger::adjust(tx, part, near, 4, "")).await.unwrap();
        let id = opened(&shop, NewCount { part_ids: vec![part], ..here(near) }).await.unwrap().id;
        shop.write(move |tx| ledger::adjust(tx, part, near, 6, "")).await.unwrap();
        say(&shop, "ann", id, part, 5).await.unwrap();
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        shop.write(move |tx| approve(tx, id)).await.unwrap();
        assert_eq!(shop.stock(near).await, (5, 0));
    }

    async fn a_blind_count_shows_what_is_expected_only_when_it_is_submitted(test: TestDb) {
        let shop = stocked(test).await;
        let new = NewCount { blind: true, part_ids: vec![shop.parts[0]], ..here(shop.depots[0]) };
        let id = opened(&shop, new).await.unwrap().id;
        let line = say(&shop, "ann", id, shop.parts[0], 4).await.unwrap();
        assert_eq!((line.expected, line.difference, line.counted), (None, None, Some(4)));
        let seen = lines(&shop, id).await;
        assert_eq!((seen[0].expected, seen[0].difference, seen[0].counted), (None, None, Some(4)));
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        let seen = lines(&shop, id).await;
        assert_eq!((seen[0].expected, seen[0].difference), (Some(5), Some(-1)));
    }

    async fn of_two_who_enter_one_line_the_last_says_and_both_are_in_the_log(test: TestDb) {
        let shop = stocked(test).await;
        let part = shop.parts[0];
        let id = opened(&shop, NewCount { part_ids: vec![part], ..here(shop.depots[0]) }).await.unwrap().id;
        let before = shop.read(|conn| Ok(db::changes::last(conn)?)).await;
        let first = say(&shop, "ann", id, part, 4).await.unwrap();
        let second = say(&shop, "bob", id, part, 7).await.unwrap();
        assert_eq!((second.id, second.counted, second.counted_by.as_str()), (first.id, Some(7), "bob"));
        let log = shop.read(move |conn| Ok(db::changes::after(conn, before, 99)?)).await;
        let said: Vec<_> = log.iter().filter(|change| change.entity == "stock_count_lines").collect();
        assert_eq!(said.iter().map(|change| change.actor.as_str()).collect::<Vec<_>>(), ["ann", "bob"]);
    }

    async fn a_part_that_nobody_expected_there_gets_a_line(test: TestDb) {
        let shop = stocked(test).await;
        let id = opened(&shop, NewCount { part_ids: vec![shop.parts[0]], ..here(shop.depots[1]) }).await.unwrap().id;
        let line = say(&shop, "ann", id, shop.parts[1], 2).await.unwrap();
        assert_eq!((line.expected, line.difference), (Some(0), Some(2)));
        let missing = shop.write(move |tx| submit(tx, id)).await.unwrap_err();
        assert!(matches!(missing, Error::CountIncomplete { uncounted: 1 }), "{missing:?}");
        assert_eq!(shop.read(move |conn| counts::get(conn, id)).await.status, Status::Open);
        say(&shop, "ann", id, shop.parts[0], 0).await.unwrap();
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        shop.write(move |tx| approve(tx, id)).await.unwrap();
        assert_eq!(shop.balance(shop.parts[1], shop.depots[1]).await.unwrap().on_hand, 2);
        shop.assert_proven().await;
    }

    async fn what_was_said_by_mistake_is_taken_back(test: TestDb) {
        let shop = stocked(test).await;
        let [part, other] = shop.parts;
        let id = opened(&shop, NewCount { part_ids: vec![part], ..here(shop.depots[0]) }).await.unwrap().id;
        say(&shop, "ann", id, part, 4).await.unwrap();
        let line = shop.write(move |tx| counts::clear(tx, id, part)).await.unwrap();
        assert_eq!((line.counted, line.difference, line.counted_by.as_str(), line.counted_at), (None, None, "", None));
        let missing = shop.write(move |tx| submit(tx, id)).await.unwrap_err();
        assert!(matches!(missing, Error::CountIncomplete { uncounted: 1 }), "{missing:?}");
        let refused = shop.write(move |tx| counts::clear(tx, id, other)).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "part_id", .. }), "{refused:?}");
        say(&shop, "ann", id, part, 5).await.unwrap();
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        let late = shop.write(move |tx| counts::clear(tx, id, part)).await.unwrap_err();
        assert!(matches!(late, Error::CountStatus { status: Status::Submitted, .. }), "{late:?}");
    }

    async fn a_count_goes_its_way_once(test: TestDb) {
        let shop = stocked(test).await;
        let part = shop.parts[0];
        let id = opened(&shop, NewCount { part_ids: vec![part], ..here(shop.depots[0]) }).await.unwrap().id;
        let early = shop.write(move |tx| approve(tx, id)).await.unwrap_err();
        assert!(matches!(early, Error::CountStatus { status: Status::Open, .. }), "{early:?}");
        let second = opened(&shop, here(shop.depots[0])).await.unwrap_err();
        assert!(matches!(second, Error::CountRunning { .. }), "{second:?}");
        say(&shop, "ann", id, part, 1).await.unwrap();
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        let late = say(&shop, "ann", id, part, 2).await.unwrap_err();
        assert!(matches!(late, Error::CountStatus { status: Status::Submitted, .. }), "{late:?}");
        shop.write(move |tx| reject(tx, id)).await.unwrap();
        for again in [shop.write(move |tx| approve(tx, id)).await, shop.write(move |tx| reject(tx, id)).await] {
            let refused = again.unwrap_err();
            assert!(matches!(refused, Error::CountStatus { status: Status::Rejected, .. }), "{refused:?}");
        }
        assert_eq!(shop.stock(shop.depots[0]).await, (5, 0), "nothing was booked");
        opened(&shop, here(shop.depots[0])).await.unwrap();
        let filter = Filter { location_id: Some(shop.depots[0]), status: Some(Status::Rejected) };
        assert_eq!(shop.read(move |conn| counts::list(conn, filter, None, 9)).await.len(), 1);
    }

    async fn what_cannot_be_counted_is_refused_by_field(test: TestDb) {
        let shop = stocked(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        shop.take_in(board, shop.depots[0], &["A"]).await.unwrap();
        for (new, expected) in [
            (here(inventory::locations::supplier()), "location_id"),
            (NewCount { part_ids: vec![board], ..here(shop.depots[0]) }, "part_ids"),
            (NewCount { part_ids: vec![PartId::new()], ..here(shop.depots[0]) }, "part_ids"),
        ] {
            let refused = opened(&shop, new).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field, .. } if field == expected), "{refused:?}");
        }
        let count = opened(&shop, here(shop.depots[0])).await.unwrap();
        assert_eq!(lines(&shop, count.id).await.len(), 2, "pieces are counted by number");
        for (part, quantity, expected) in [(shop.parts[0], -1, "quantity"), (board, 1, "part_id")] {
            let refused = say(&shop, "ann", count.id, part, quantity).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field, .. } if field == expected), "{refused:?}");
        }
        assert_eq!(count.created_at, Timestamp::from_millis(db::testing::START.millis()));
    }

    async fn a_slip_that_is_taken_back_before_the_approval_is_not_booked_again(test: TestDb) {
        let shop = stocked(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        // Received once, booked twice.
        let slip = shop.write(move |tx| ledger::receive(tx, part, depot, 5, "")).await.unwrap().id;
        shop.test.clock.set(shop.at_minute(10));
        let id = opened(&shop, NewCount { part_ids: vec![part], ..here(depot) }).await.unwrap().id;
        let line = say(&shop, "ann", id, part, 5).await.unwrap();
        assert_eq!(line.difference, Some(-5));
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        shop.write(move |tx| ledger::undo(tx, slip)).await.unwrap();
        shop.write(move |tx| approve(tx, id)).await.unwrap();
        assert_eq!(shop.stock(depot).await, (5, 0), "what was counted lies there");
        shop.assert_proven().await;
    }

    async fn what_moved_after_the_count_is_still_on_top_of_it(test: TestDb) {
        let shop = stocked(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        shop.test.clock.set(shop.at_minute(10));
        let id = opened(&shop, NewCount { part_ids: vec![part], ..here(depot) }).await.unwrap().id;
        say(&shop, "ann", id, part, 4).await.unwrap();
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        shop.test.clock.set(shop.at_minute(20));
        let second = shop.write(move |tx| ledger::receive(tx, part, depot, 7, "")).await.unwrap().id;
        shop.receive(part, depot, 2).await;
        shop.write(move |tx| ledger::undo(tx, second)).await.unwrap();
        shop.write(move |tx| approve(tx, id)).await.unwrap();
        assert_eq!(shop.stock(depot).await, (6, 0), "four were there, and two came");
        shop.assert_proven().await;
    }

    async fn what_a_phone_tells_late_was_gone_when_it_was_counted(test: TestDb) {
        let shop = stocked(test).await;
        let (part, van) = (shop.parts[0], shop.vans[0]);
        shop.receive(part, van, 5).await;
        shop.test.clock.set(shop.at_minute(60));
        let id = opened(&shop, NewCount { part_ids: vec![part], ..here(van) }).await.unwrap().id;
        say(&shop, "ann", id, part, 4).await.unwrap();
        shop.write(move |tx| submit(tx, id)).await.unwrap();
        // Used half an hour before the count, heard of after it; and one used after it.
        for (minute, quantity) in [(30, 1), (90, 2)] {
            shop.test.clock.set(shop.at_minute(100));
            let said = Usage { at: shop.at_minute(minute), ..shop.says(quantity, Outcome::Used) };
            shop.write(move |tx| use_part(tx, said.clone())).await.unwrap();
        }
        shop.write(move |tx| approve(tx, id)).await.unwrap();
        assert_eq!(shop.stock(van).await, (2, 0), "four were there, and two were used since");
        shop.assert_proven().await;
    }
}
