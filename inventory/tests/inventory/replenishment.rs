//! Reorder points, purchase lists and what vans have to take on.

use db::both_backends;
use db::testing::{TestDb, raw};
use db::types::{Id, LocationId};
use diesel::connection::SimpleConnection;
use inventory::levels::{NewLevel, put};
use inventory::locations::{self, NewLocation};
use inventory::replenishment::{Policy, PurchaseLine, Replenishment, purchase_list, review, top_up};
use inventory::reservations::{Goods, return_part, wanted};
use inventory::usage::{Usage, use_part};
use inventory::{Error, LocationKind, Outcome, ledger};

use crate::fixture::{Shop, depot};

const DAY: i64 = 24 * 60;
const POLICY: Policy = Policy { days: 10, service_level: 0.95, cover_days: 5, lead_days: 4 };

/// On each of these days, counted from the first, so much of the first part goes from the first depot by van into a
/// lift. Then it is the eleventh day.
async fn days(shop: &Shop, used: &[i64]) {
    shop.receive(shop.parts[0], shop.depots[0], 1_000).await;
    for (day, quantity) in (0..).zip(used) {
        let at = shop.at_minute(day * DAY);
        shop.test.clock.set(at);
        let id = shop.reserve(shop.request(shop.depots[0], *quantity)).await.unwrap().id;
        shop.issue(id).await.unwrap();
        let usage = Usage { at, ..shop.says(*quantity, Outcome::Used) };
        shop.write(move |tx| use_part(tx, usage.clone())).await.unwrap();
    }
    shop.test.clock.set(shop.at_minute(10 * DAY));
}

async fn reviewed(shop: &Shop, policy: Policy) -> Vec<Replenishment> {
    let now = shop.test.clock.now();
    shop.read(move |conn| review(conn, now, policy)).await
}

async fn should_have(shop: &Shop, location_id: LocationId, minimum: i64, maximum: i64, lead_days: i32) {
    let new = NewLevel { part_id: shop.parts[0], location_id, minimum, maximum, lead_days };
    shop.write(move |tx| put(tx, new)).await.unwrap();
}

/// From now on the ticket waits for so much of the first part.
async fn waits(shop: &Shop, ticket: usize, quantity: i64) {
    let (ticket, part) = (shop.tickets[ticket], shop.parts[0]);
    shop.write(move |tx| wanted::want(tx, ticket, None, part, quantity)).await.unwrap();
}

async fn bought(shop: &Shop) -> Vec<PurchaseLine> {
    let now = shop.test.clock.now();
    shop.read(move |conn| purchase_list(conn, now, POLICY)).await
}

fn at(rows: &[Replenishment], place: LocationId) -> Replenishment {
    rows.iter().find(|row| row.location_id == place).unwrap().clone()
}

both_backends! {
    async fn a_reorder_point_follows_from_what_was_used_and_says_how(test: TestDb) {
        let shop = Shop::open(test).await;
        days(&shop, &[2, 0, 4, 2, 2].map(|n: i64| n.max(1))).await;
        let rows = reviewed(&shop, POLICY).await;
        let depot = at(&rows, shop.depots[0]);
        assert_eq!((depot.demand.days, depot.demand.used), (10, 11));
        assert!((depot.demand.mean_per_day - 1.1).abs() < 1e-9);
        assert_eq!((depot.lead_days, depot.free), (4, 989));
        assert!((depot.plan.z - 1.644_854).abs() < 1e-5);
        let safety = depot.plan.z * depot.demand.deviation_per_day * 2.0;
        assert_eq!(depot.plan.safety_stock, safety.ceil() as i64);
        assert_eq!(depot.plan.reorder_point, (1.1 * 4.0 + safety).ceil() as i64);
        assert_eq!((depot.plan.quantity, depot.wanted), (6, 0), "there is plenty");
        let van = at(&rows, shop.vans[0]);
        assert_eq!((van.demand.used, van.lead_days), (11, 1), "a van is filled over night");
    }

    async fn the_level_says_how_long_it_takes_and_what_came_back_was_not_used(test: TestDb) {
        let shop = Shop::open(test).await;
        days(&shop, &[3]).await;
        shop.test.clock.set(shop.at_minute(DAY));
        let id = shop.reserve(shop.request(shop.depots[0], 5)).await.unwrap().id;
        shop.issue(id).await.unwrap();
        shop.write(move |tx| return_part(tx, id, &Goods { quantity: Some(4), ..Goods::default() }, None)).await.unwrap();
        shop.test.clock.set(shop.at_minute(10 * DAY));
        should_have(&shop, shop.depots[0], 1, 9, 9).await;
        let depot = at(&reviewed(&shop, POLICY).await, shop.depots[0]);
        assert_eq!((depot.demand.used, depot.lead_days), (4, 9));
    }

    async fn what_was_used_long_ago_or_today_does_not_count(test: TestDb) {
        let shop = Shop::open(test).await;
        days(&shop, &[3]).await;
        shop.test.clock.set(shop.at_minute(11 * DAY));
        assert_eq!(reviewed(&shop, POLICY).await, []);
        shop.test.clock.set(shop.at_minute(0));
        assert_eq!(reviewed(&shop, POLICY).await, [], "the day is not over");
    }

    async fn a_policy_that_makes_no_sense_is_refused_by_field(test: TestDb) {
        let shop = Shop::open(test).await;
        for (policy, expected) in [
            (Policy { days: 0, ..POLICY }, "days"),
            (Policy { service_level: 1.0, ..POLICY }, "service_level"),
            (Policy { service_level: f64::NAN, ..POLICY }, "service_level"),
            (Policy { cover_days: 731, ..POLICY }, "cover_days"),
            (Policy { lead_days: -1, ..POLICY }, "lead_days"),
        ] {
            let now = shop.test.clock.now();
            let refused = shop.test.db.read(move |conn| review(conn, now, policy)).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field, .. } if field == expected), "{refused:?}");
        }
    }

    async fn what_is_lacking_is_bought_where_it_is_cheapest(test: TestDb) {
        let shop = Shop::open(test).await;
        let now = shop.test.clock.now();
        should_have(&shop, shop.depots[0], 60, 95, 3).await;
        let nobody = shop.read(move |conn| purchase_list(conn, now, POLICY)).await;
        assert_eq!((nobody.len(), nobody[0].supplier_id, nobody[0].quantity), (1, None, 95));
        let (part, id) = (shop.parts[0], Id::<db::types::of::Supplier>::new());
        let sold = format!(
            "INSERT INTO suppliers VALUES ('{id}', 'Bolt {id}', 0);
             INSERT INTO supplier_parts VALUES ('{id}', '{part}', '{id}', 'B-1', '', 1);
             INSERT INTO supplier_prices VALUES ('{id}-1', '{id}', 1, 100, 'USD'), ('{id}-2', '{id}', 100, 80, 'USD');
             DELETE FROM guard_written_rows;"
        );
        raw(&shop.test.url).batch_execute(&sold).unwrap();
        let list = shop.read(move |conn| purchase_list(conn, now, POLICY)).await;
        assert_eq!((list[0].wanted, list[0].quantity, list[0].total_micros), (95, 100, Some(8_000)));
        assert_eq!((list[0].supplier_part_number.as_str(), list[0].currency.as_str()), ("B-1", "USD"));
        raw(&shop.test.url).batch_execute("UPDATE supplier_parts SET pack = 30; DELETE FROM guard_written_rows;").unwrap();
        let list = shop.read(move |conn| purchase_list(conn, now, POLICY)).await;
        assert_eq!((list[0].quantity, list[0].pack, list[0].total_micros), (120, 30, Some(9_600)), "four packs");
        shop.receive(part, shop.depots[0], 60).await;
        assert_eq!(shop.read(move |conn| purchase_list(conn, now, POLICY)).await, []);
    }

    async fn what_tickets_wait_for_and_nobody_has_is_bought_beside_what_places_lack(test: TestDb) {
        let shop = Shop::open(test).await;
        waits(&shop, 0, 2).await;
        waits(&shop, 1, 4).await;
        let list = bought(&shop).await;
        assert_eq!((list.len(), list[0].part_id, list[0].quantity), (1, shop.parts[0], 6), "no level says so");
        assert_eq!((list[0].waiting, list[0].tickets.len()), (6, 2));
        should_have(&shop, shop.depots[0], 2, 4, 3).await;
        let list = bought(&shop).await;
        assert_eq!((list[0].wanted, list[0].waiting), (10, 6), "the shelf is to be full when they have theirs");
        shop.receive(shop.parts[0], shop.vans[1], 1).await;
        shop.receive(shop.parts[0], shop.depots[0], 3).await;
        let list = bought(&shop).await;
        assert_eq!((list[0].wanted, list[0].waiting), (6, 2), "what is free anywhere goes to those who wait first");
        shop.receive(shop.parts[0], shop.depots[1], 6).await;
        assert_eq!(bought(&shop).await, [], "six for the tickets, four for the shelf");
    }

    async fn what_a_depot_uses_up_and_what_its_bin_lacks_is_bought_once(test: TestDb) {
        let shop = Shop::open(test).await;
        let new = NewLocation {
            kind: LocationKind::Bin, latitude: None, longitude: None, parent_id: Some(shop.depots[0]), ..depot()
        };
        let bin = shop.write(move |tx| Ok(locations::create(tx, new.clone())?.id)).await.unwrap();
        should_have(&shop, bin, 5, 10, 3).await;
        should_have(&shop, shop.depots[0], 5, 10, 3).await;
        assert_eq!(bought(&shop).await[0].wanted, 10);
        should_have(&shop, shop.depots[1], 1, 2, 3).await;
        assert_eq!(bought(&shop).await[0].wanted, 12, "another depot is another want");
        // All that there was is used up, 50 a day.
        days(&shop, &[50; 9]).await;
        shop.write({
            let (part, from) = (shop.parts[0], shop.depots[0]);
            move |tx| ledger::adjust(tx, part, from, 0, "")
        }).await.unwrap();
        let depot = at(&reviewed(&shop, POLICY).await, shop.depots[0]).wanted;
        assert!(depot > 10, "{depot}");
        assert_eq!(bought(&shop).await[0].wanted, depot + 2, "the greater of both");
    }

    async fn what_has_been_promised_or_cannot_be_had_any_more_is_not_bought(test: TestDb) {
        let shop = Shop::open(test).await;
        waits(&shop, 0, 2).await;
        let part = shop.parts[0];
        let change = inventory::parts::PartChanges { active: Some(false), ..Default::default() };
        shop.write(move |tx| inventory::parts::update(tx, part, &change)).await.unwrap();
        assert_eq!(bought(&shop).await, []);
        let change = inventory::parts::PartChanges { active: Some(true), ..Default::default() };
        shop.write(move |tx| inventory::parts::update(tx, part, &change)).await.unwrap();
        assert_eq!(bought(&shop).await.len(), 1);
        waits(&shop, 0, 0).await;
        assert_eq!(bought(&shop).await, []);
    }

    async fn a_van_takes_on_what_its_tickets_have_reserved_and_what_it_lacks(test: TestDb) {
        let shop = Shop::open(test).await;
        let (depot, van) = (shop.depots[0], shop.vans[0]);
        shop.receive(shop.parts[0], depot, 9).await;
        assert_eq!(shop.read(top_up).await, []);
        should_have(&shop, van, 2, 4, 0).await;
        shop.reserve(shop.request(depot, 1)).await.unwrap();
        shop.reserve(shop.request(depot, 2)).await.unwrap();
        let list = shop.read(top_up).await;
        assert_eq!(list.len(), 1);
        let line = &list[0];
        assert_eq!((line.location_id, line.engineer_id), (van, Some(shop.engineers[0])));
        assert_eq!((line.for_tickets, line.tickets.len(), line.to_level, line.short), (3, 1, 4, 0));
        assert_eq!((line.reserved_at[0].from_location_id, line.reserved_at[0].quantity), (depot, 3));
        assert_eq!((line.transfers[0].from_location_id, line.transfers[0].quantity), (depot, 4));
    }
}
