//! What is on order: made, received, taken back, cancelled; and never bought twice.

use db::both_backends;
use db::testing::{TestDb, raw};
use db::types::{Id, LocationId, OrderLineId, PartId, PurchaseOrderId, SupplierId, SupplierPartId};
use diesel::connection::SimpleConnection;
use inventory::ledger::{self, Receipt};
use inventory::levels::{self, NewLevel};
use inventory::locations::{self, LocationChanges};
use inventory::orders::{self, NewLine, NewOrder, OrderChanges, OrderLine, OrderStatus, PurchaseOrder};
use inventory::parts::{self, PartChanges};
use inventory::replenishment::{Choice, Policy, PurchaseLine, Selection, order, purchase_list};
use inventory::reservations::{self, wanted};
use inventory::verify::Difference;
use inventory::{Cost, Error, StockMovement, Tracking, catalogue, costs};

use crate::fixture::Shop;

const POLICY: Policy = Policy { days: 10, service_level: 0.95, cover_days: 5, lead_days: 4 };

async fn supplier(shop: &Shop, name: &'static str) -> SupplierId {
    shop.write(move |tx| catalogue::supplier(tx, name)).await.unwrap()
}

fn line(part_id: PartId, location_id: LocationId, quantity: i64) -> NewLine {
    NewLine { part_id, location_id, quantity, unit_price_micros: None, supplier_part_number: None }
}

fn to(supplier_id: SupplierId, lines: Vec<NewLine>) -> NewOrder {
    NewOrder { supplier_id, currency: None, expected_on: None, note: String::new(), lines }
}

/// The supplier sells a part under this number, in such packs and for so many millionths of a euro.
fn sells(shop: &Shop, supplier_id: SupplierId, part: PartId, number: &str, pack: i64, price: i64) {
    let id = SupplierPartId::new();
    let sold = format!(
        "INSERT INTO supplier_parts VALUES ('{id}', '{part}', '{supplier_id}', '{number}', '', {pack});
         INSERT INTO supplier_prices VALUES ('{id}-1', '{id}', {pack}, {price}, 'EUR');
         DELETE FROM guard_written_rows;"
    );
    raw(&shop.test.url).batch_execute(&sold).unwrap();
}

fn bought_as(line: &OrderLine) -> (&str, i64, Option<i64>) {
    (&line.supplier_part_number, line.quantity, line.unit_price_micros)
}

fn out_of_use() -> PartChanges {
    PartChanges { active: Some(false), ..PartChanges::default() }
}

/// Orders so much of the first part for the first depot, for two dollars each.
async fn ordered(shop: &Shop, quantity: i64) -> (PurchaseOrder, OrderLine) {
    let supplier_id = supplier(shop, "Bolt").await;
    let new = NewOrder {
        supplier_id,
        currency: Some("USD".to_owned()),
        expected_on: None,
        note: String::new(),
        lines: vec![NewLine {
            unit_price_micros: Some(2_000_000),
            ..line(shop.parts[0], shop.depots[0], quantity)
        }],
    };
    let (order, mut lines) = shop.write(move |tx| orders::place(tx, &new)).await.unwrap();
    (order, lines.remove(0))
}

async fn comes(shop: &Shop, line: &OrderLine, quantity: i64) -> Result<StockMovement, Error> {
    let (id, part_id, to) = (line.id, line.part_id, line.location_id);
    shop.write(move |tx| {
        let receipt = Receipt { order_line_id: Some(id), ..Receipt::plain(part_id, to, quantity, "") };
        Ok(ledger::take_in(tx, &receipt)?.remove(0))
    })
    .await
}

/// What of the line has come and is to come, and how far the order is.
async fn stands(shop: &Shop, id: OrderLineId) -> (i64, i64, OrderStatus) {
    shop.read(move |conn| {
        let line = orders::line(conn, id)?;
        Ok((line.received, line.open(), orders::get(conn, line.order_id)?.status))
    })
    .await
}

async fn should_have(shop: &Shop, place: LocationId, minimum: i64, maximum: i64, lead_days: i32) {
    let new = NewLevel { part_id: shop.parts[0], location_id: place, minimum, maximum, lead_days };
    shop.write(move |tx| levels::put(tx, new)).await.unwrap();
}

async fn waits(shop: &Shop, ticket: usize, quantity: i64) {
    let (ticket, part) = (shop.tickets[ticket], shop.parts[0]);
    shop.write(move |tx| wanted::want(tx, ticket, None, part, quantity)).await.unwrap();
}

async fn bought(shop: &Shop) -> Vec<PurchaseLine> {
    let now = shop.test.clock.now();
    shop.read(move |conn| purchase_list(conn, now, POLICY)).await
}

/// Orders whatever is on the list.
async fn order_all(shop: &Shop) -> Result<Vec<PurchaseOrder>, Error> {
    let lines = bought(shop).await.iter().map(|l| Choice { part_id: l.part_id, quantity: None }).collect();
    order_these(shop, lines).await
}

async fn order_these(shop: &Shop, lines: Vec<Choice>) -> Result<Vec<PurchaseOrder>, Error> {
    let otherwise = Some(supplier(shop, "Anybody").await);
    let now = shop.test.clock.now();
    let selection = Selection { lines, otherwise, expected_on: None, note: String::new() };
    shop.write(move |tx| order(tx, now, POLICY, &selection)).await
}

async fn lines_of(shop: &Shop, id: PurchaseOrderId) -> Vec<OrderLine> {
    shop.read(move |conn| orders::lines(conn, id)).await
}

both_backends! {
    async fn goods_come_in_on_their_line_at_its_price_until_all_have_come(test: TestDb) {
        let shop = Shop::open(test).await;
        let (order, line) = ordered(&shop, 10).await;
        assert_eq!((order.number, order.status, order.currency.as_str()), (1, OrderStatus::Ordered, "USD"));
        let movement = comes(&shop, &line, 4).await.unwrap();
        assert_eq!((movement.order_line_id, movement.unit_cost_micros), (Some(line.id), Some(2_000_000)));
        assert_eq!(stands(&shop, line.id).await, (4, 6, OrderStatus::PartlyReceived));
        comes(&shop, &line, 6).await.unwrap();
        assert_eq!(stands(&shop, line.id).await, (10, 0, OrderStatus::Received));
        assert_eq!(shop.stock(shop.depots[0]).await, (10, 0));
        let part = shop.parts[0];
        let average = shop.read(move |conn| costs::average(conn, part)).await;
        assert_eq!(average, [Cost { unit_micros: 2_000_000, currency: "USD".to_owned() }]);
        shop.assert_proven().await;
    }

    async fn more_than_is_to_come_is_refused_with_what_is_and_nothing_is_booked(test: TestDb) {
        let shop = Shop::open(test).await;
        let (_, line) = ordered(&shop, 10).await;
        comes(&shop, &line, 7).await.unwrap();
        let refused = comes(&shop, &line, 4).await.unwrap_err();
        assert!(matches!(refused, Error::OverReceipt { wanted: 4, open: 3, .. }), "{refused:?}");
        assert_eq!((stands(&shop, line.id).await.0, shop.stock(shop.depots[0]).await), (7, (7, 0)));
        let other = OrderLine { part_id: shop.parts[1], ..line.clone() };
        let refused = comes(&shop, &other, 1).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "order_line_id", .. }), "{refused:?}");
        let unknown = OrderLine { id: Id::new(), ..line };
        let refused = comes(&shop, &unknown, 1).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "order_line_id", .. }), "{refused:?}");
    }

    async fn a_receipt_that_is_taken_back_gives_the_line_back(test: TestDb) {
        let shop = Shop::open(test).await;
        let (_, line) = ordered(&shop, 5).await;
        let movement = comes(&shop, &line, 5).await.unwrap();
        let back = shop.write(move |tx| ledger::undo(tx, movement.id)).await.unwrap();
        assert_eq!(back[0].order_line_id, Some(line.id));
        assert_eq!(stands(&shop, line.id).await, (0, 5, OrderStatus::Ordered));
        let again = shop.write(move |tx| ledger::undo(tx, movement.id)).await.unwrap_err();
        assert!(matches!(again, Error::NotUndoable { .. }), "{again:?}");
        comes(&shop, &line, 5).await.unwrap();
        assert_eq!(stands(&shop, line.id).await, (5, 0, OrderStatus::Received));
        shop.assert_proven().await;
    }

    async fn pieces_come_in_by_number_and_go_back_together(test: TestDb) {
        let shop = Shop::open(test).await;
        let part_id = shop.tracked(Tracking::Serial).await;
        let supplier_id = supplier(&shop, "Bolt").await;
        let to = shop.depots[0];
        let new = NewOrder {
            supplier_id, currency: None, expected_on: None, note: String::new(), lines: vec![line(part_id, to, 3)],
        };
        let (_, lines) = shop.write(move |tx| orders::place(tx, &new)).await.unwrap();
        let id = lines[0].id;
        let movements = shop.write(move |tx| {
            let serials = ["S1".to_owned(), "S2".to_owned()];
            let receipt = Receipt { order_line_id: Some(id), serials: &serials, ..Receipt::plain(part_id, to, 2, "") };
            ledger::take_in(tx, &receipt)
        }).await.unwrap();
        assert_eq!((movements.len(), stands(&shop, id).await), (2, (2, 1, OrderStatus::PartlyReceived)));
        let first = movements[0].id;
        shop.write(move |tx| ledger::undo(tx, first)).await.unwrap();
        assert_eq!(stands(&shop, id).await, (0, 3, OrderStatus::Ordered));
        shop.assert_proven().await;
    }

    async fn what_will_not_come_is_cancelled_by_line_or_all_together(test: TestDb) {
        let shop = Shop::open(test).await;
        let (order, line) = ordered(&shop, 10).await;
        comes(&shop, &line, 4).await.unwrap();
        let id = line.id;
        shop.write(move |tx| orders::cancel_line(tx, id, Some(2))).await.unwrap();
        assert_eq!(stands(&shop, id).await, (4, 4, OrderStatus::PartlyReceived));
        let refused = shop.write(move |tx| orders::cancel_line(tx, id, Some(5))).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "quantity", .. }), "{refused:?}");
        let done = shop.write(move |tx| orders::cancel(tx, order.id)).await.unwrap();
        assert_eq!((done.status, stands(&shop, id).await.1), (OrderStatus::Received, 0));
        let refused = shop.write(move |tx| orders::cancel(tx, order.id)).await.unwrap_err();
        assert!(matches!(refused, Error::OrderStatus { status: OrderStatus::Received, .. }), "{refused:?}");
        let (empty, _) = ordered(&shop, 1).await;
        let done = shop.write(move |tx| orders::cancel(tx, empty.id)).await.unwrap();
        assert_eq!((done.status, empty.number), (OrderStatus::Cancelled, 2));
        shop.assert_proven().await;
    }

    async fn an_order_is_expected_after_its_longest_lead_time_or_when_somebody_says(test: TestDb) {
        let shop = Shop::open(test).await;
        should_have(&shop, shop.depots[0], 1, 2, 12).await;
        let (order, _) = ordered(&shop, 1).await;
        let in_twelve_days = orders::day_of(shop.at_minute(12 * 24 * 60)).to_string();
        assert_eq!(order.expected_on, in_twelve_days);
        let id = order.id;
        let say = |day: &str| OrderChanges { expected_on: Some(day.to_owned()), note: None };
        let later = say("2031-02-28");
        let changed = shop.write(move |tx| orders::change(tx, id, &later)).await.unwrap();
        assert_eq!(changed.expected_on, "2031-02-28");
        for day in ["2031-02-30", "soon", "1999-12-31", "2101-01-01", ""] {
            let wrong = say(day);
            let refused = shop.write(move |tx| orders::change(tx, id, &wrong)).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: "expected_on", .. }), "{day}: {refused:?}");
        }
        shop.write(move |tx| orders::cancel(tx, id)).await.unwrap();
        let late = say("2031-03-01");
        let refused = shop.write(move |tx| orders::change(tx, id, &late)).await.unwrap_err();
        assert!(matches!(refused, Error::OrderStatus { .. }), "{refused:?}");
    }

    async fn what_cannot_be_ordered_is_refused_by_field(test: TestDb) {
        let shop = Shop::open(test).await;
        let good = NewOrder {
            supplier_id: supplier(&shop, "Bolt").await, currency: None, expected_on: None, note: String::new(),
            lines: vec![line(shop.parts[0], shop.depots[0], 1)],
        };
        let one = good.lines[0].clone();
        let bad = [
            (NewOrder { supplier_id: Id::new(), ..good.clone() }, "supplier_id"),
            (NewOrder { currency: Some("XXQ".to_owned()), ..good.clone() }, "currency"),
            (NewOrder { expected_on: Some("1800-01-01".to_owned()), ..good.clone() }, "expected_on"),
            (NewOrder { lines: Vec::new(), ..good.clone() }, "lines"),
            (NewOrder { lines: vec![NewLine { unit_price_micros: Some(1), ..one }], ..good }, "currency"),
        ];
        for (new, expected) in bad {
            let refused = shop.write(move |tx| orders::place(tx, &new)).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field, .. } if field == expected), "{expected}: {refused:?}");
        }
    }

    async fn a_fault_of_a_line_names_the_line(test: TestDb) {
        let shop = Shop::open(test).await;
        let supplier_id = supplier(&shop, "Bolt").await;
        let good = line(shop.parts[0], shop.depots[0], 1);
        let (closed, unused) = (shop.depots[1], shop.parts[1]);
        shop.write(move |tx| locations::update(tx, closed, &LocationChanges { active: Some(false), ..LocationChanges::default() })).await.unwrap();
        shop.write(move |tx| parts::update(tx, unused, &out_of_use())).await.unwrap();
        let bad = [
            (NewLine { quantity: 0, ..good.clone() }, "quantity"),
            (NewLine { unit_price_micros: Some(-1), ..good.clone() }, "unit_price_micros"),
            (NewLine { location_id: locations::installed(), ..good.clone() }, "location_id"),
            (NewLine { location_id: closed, ..good.clone() }, "location_id"),
            (NewLine { part_id: unused, ..good.clone() }, "part_id"),
        ];
        for (line, expected) in bad {
            let new = to(supplier_id, vec![good.clone(), good.clone(), line]);
            let refused = shop.write(move |tx| orders::place(tx, &new)).await.unwrap_err();
            assert!(matches!(refused, Error::InvalidLine { line: 2, field, .. } if field == expected), "{expected}: {refused:?}");
        }
    }

    async fn each_line_is_bought_under_the_number_that_it_names(test: TestDb) {
        let shop = Shop::open(test).await;
        let supplier_id = supplier(&shop, "Bolt").await;
        let (part, other, depot) = (shop.parts[0], shop.parts[1], shop.depots[0]);
        sells(&shop, supplier_id, part, "CUT", 1, 10);
        sells(&shop, supplier_id, part, "REEL", 300, 5);
        sells(&shop, supplier_id, other, "OTHER", 1, 7);
        let wanted = |quantity, number: &str| NewLine { supplier_part_number: Some(number.to_owned()), ..line(part, depot, quantity) };
        let new = to(supplier_id, vec![wanted(1, "REEL"), wanted(2, "CUT"), wanted(1, "REEL"), line(other, depot, 4)]);
        let (order, lines) = shop.write(move |tx| orders::place(tx, &new)).await.unwrap();
        assert_eq!(lines.iter().map(bought_as).collect::<Vec<_>>(), [
            ("REEL", 299, Some(5)), ("CUT", 2, Some(10)), ("REEL", 1, Some(5)), ("OTHER", 4, Some(7)),
        ]);
        assert_eq!(order.currency, "EUR");
        for unknown in ["NO-SUCH", "OTHER", "cut"] {
            let new = to(supplier_id, vec![wanted(1, "CUT"), wanted(1, unknown)]);
            let refused = shop.write(move |tx| orders::place(tx, &new)).await.unwrap_err();
            assert!(matches!(refused, Error::InvalidLine { line: 1, field: "supplier_part_number", .. }), "{unknown}: {refused:?}");
        }
    }

    async fn without_a_number_the_article_that_costs_least_is_bought(test: TestDb) {
        let shop = Shop::open(test).await;
        let supplier_id = supplier(&shop, "Bolt").await;
        let (part, [near, far]) = (shop.parts[0], shop.depots);
        sells(&shop, supplier_id, part, "A-REEL", 300, 5);
        sells(&shop, supplier_id, part, "CUT", 1, 10);
        let few = to(supplier_id, vec![line(part, near, 3)]);
        let (_, lines) = shop.write(move |tx| orders::place(tx, &few)).await.unwrap();
        assert_eq!(lines.iter().map(bought_as).collect::<Vec<_>>(), [("CUT", 3, Some(10))]);
        let many = to(supplier_id, vec![line(part, near, 100), line(part, far, 100)]);
        let (_, lines) = shop.write(move |tx| orders::place(tx, &many)).await.unwrap();
        assert_eq!(lines.iter().map(bought_as).collect::<Vec<_>>(), [("A-REEL", 200, Some(5)), ("A-REEL", 100, Some(5))]);
    }

    async fn what_he_is_not_known_to_sell_keeps_the_number_that_was_typed_if_it_is_nothing_elses(test: TestDb) {
        let shop = Shop::open(test).await;
        let supplier_id = supplier(&shop, "Bolt").await;
        let (part, other, depot) = (shop.parts[0], shop.parts[1], shop.depots[0]);
        sells(&shop, supplier_id, other, "OTHER", 1, 7);
        let typed = |number: &str| to(supplier_id, vec![NewLine { supplier_part_number: Some(number.to_owned()), ..line(part, depot, 2) }]);
        let (new, wrong) = (typed("NEW-1"), typed("OTHER"));
        let (_, lines) = shop.write(move |tx| orders::place(tx, &new)).await.unwrap();
        assert_eq!(lines.iter().map(bought_as).collect::<Vec<_>>(), [("NEW-1", 2, None)]);
        let refused = shop.write(move |tx| orders::place(tx, &wrong)).await.unwrap_err();
        assert!(matches!(refused, Error::InvalidLine { line: 0, field: "supplier_part_number", .. }), "{refused:?}");
    }

    async fn a_total_is_none_without_a_price_and_says_where_it_is_not_all(test: TestDb) {
        let shop = Shop::open(test).await;
        let supplier_id = supplier(&shop, "Bolt").await;
        let (part, other, depot) = (shop.parts[0], shop.parts[1], shop.depots[0]);
        sells(&shop, supplier_id, part, "B-1", 1, 2_000_000);
        let total = async |new: NewOrder| {
            shop.write(move |tx| {
                let (order, _) = orders::place(tx, &new)?;
                let view = orders::view(tx.conn(), order.id, orders::day_of(order.ordered_at))?;
                Ok((view.order.currency, view.total_minor, view.total_is_partial))
            }).await.unwrap()
        };
        let (priced, unpriced) = (line(part, depot, 3), line(other, depot, 1));
        assert_eq!(total(to(supplier_id, vec![unpriced.clone()])).await, (String::new(), None, false));
        assert_eq!(total(to(supplier_id, vec![priced.clone(), unpriced])).await, ("EUR".to_owned(), Some(600), true));
        assert_eq!(total(to(supplier_id, vec![priced.clone()])).await, ("EUR".to_owned(), Some(600), false));
        let yen = NewOrder { currency: Some("JPY".to_owned()), ..to(supplier_id, vec![priced]) };
        assert_eq!(total(yen).await, ("JPY".to_owned(), None, false), "he does not ask for it in yen");
    }

    async fn more_than_can_be_paid_for_is_refused_by_its_line(test: TestDb) {
        let shop = Shop::open(test).await;
        let supplier_id = supplier(&shop, "Bolt").await;
        let dear = |quantity| NewLine { unit_price_micros: Some(1_000_000_000_000), ..line(shop.parts[0], shop.depots[0], quantity) };
        let of = |lines| NewOrder { currency: Some("USD".to_owned()), ..to(supplier_id, lines) };
        for lines in [vec![dear(1), dear(1_000_000_000_000)], vec![dear(5_000_000), dear(5_000_000)]] {
            let new = of(lines);
            let refused = shop.write(move |tx| orders::place(tx, &new)).await.unwrap_err();
            assert!(matches!(refused, Error::InvalidLine { line: 1, field: "quantity", .. }), "{refused:?}");
        }
        let most = of(vec![dear(9_000_000)]);
        shop.write(move |tx| orders::place(tx, &most)).await.unwrap();
    }

    async fn an_order_is_not_expected_on_a_day_that_is_over(test: TestDb) {
        let shop = Shop::open(test).await;
        let supplier_id = supplier(&shop, "Bolt").await;
        let today = orders::day_of(shop.test.clock.now());
        let (today, yesterday) = (today.to_string(), today.yesterday().unwrap().to_string());
        let on = |day: &str| NewOrder {
            expected_on: Some(day.to_owned()), ..to(supplier_id, vec![line(shop.parts[0], shop.depots[0], 1)])
        };
        let late = on(&yesterday);
        let refused = shop.write(move |tx| orders::place(tx, &late)).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "expected_on", .. }), "{refused:?}");
        let now = on(&today);
        let (order, _) = shop.write(move |tx| orders::place(tx, &now)).await.unwrap();
        let off = OrderChanges { expected_on: Some(yesterday), note: None };
        let refused = shop.write(move |tx| orders::change(tx, order.id, &off)).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "expected_on", .. }), "{refused:?}");
        shop.test.clock.set(shop.at_minute(3 * 24 * 60));
        let noted = OrderChanges { expected_on: Some(today.clone()), note: Some("called".to_owned()) };
        let changed = shop.write(move |tx| orders::change(tx, order.id, &noted)).await.unwrap();
        assert_eq!((changed.expected_on, changed.note.as_str()), (today, "called"), "the day that it has may be said again");
    }

    async fn a_part_on_order_stays_in_use_until_nothing_of_it_is_to_come(test: TestDb) {
        let shop = Shop::open(test).await;
        let part = shop.parts[0];
        let (_, first) = ordered(&shop, 5).await;
        let (_, second) = ordered(&shop, 4).await;
        comes(&shop, &first, 2).await.unwrap();
        let refused = shop.write(move |tx| parts::update(tx, part, &out_of_use())).await.unwrap_err();
        assert!(matches!(refused, Error::PartOnOrder { part_id, orders: 2, open: 7, .. } if part_id == part), "{refused:?}");
        comes(&shop, &first, 3).await.unwrap();
        shop.write(move |tx| orders::cancel_line(tx, second.id, None)).await.unwrap();
        let closed = shop.write(move |tx| parts::update(tx, part, &out_of_use())).await.unwrap();
        assert!(!closed.active);
        shop.write(move |tx| parts::update(tx, part, &out_of_use())).await.unwrap();
    }

    async fn a_level_that_does_not_say_how_long_it_takes_takes_the_usual_week(test: TestDb) {
        let shop = Shop::open(test).await;
        let level = serde_json::json!({"part_id": shop.parts[0], "location_id": shop.depots[0], "minimum": 1, "maximum": 2});
        let level: NewLevel = serde_json::from_value(level).unwrap();
        shop.write(move |tx| levels::put(tx, level)).await.unwrap();
        let order = order_all(&shop).await.unwrap().remove(0);
        assert_eq!(order.expected_on, orders::day_of(shop.at_minute(7 * 24 * 60)).to_string());
    }

    async fn a_part_for_two_places_is_ordered_in_whole_packs_at_the_price_of_all_of_it(test: TestDb) {
        let shop = Shop::open(test).await;
        let supplier_id = supplier(&shop, "Bolt").await;
        let part = shop.parts[0];
        let sold = format!(
            "INSERT INTO supplier_parts VALUES ('{supplier_id}', '{part}', '{supplier_id}', 'B-1', '', 10);
             INSERT INTO supplier_prices VALUES ('{supplier_id}-1', '{supplier_id}', 1, 100, 'EUR'),
               ('{supplier_id}-2', '{supplier_id}', 20, 80, 'EUR');
             DELETE FROM guard_written_rows;"
        );
        raw(&shop.test.url).batch_execute(&sold).unwrap();
        let lines = vec![line(part, shop.depots[0], 9), line(part, shop.depots[1], 4)];
        let new = NewOrder { supplier_id, currency: None, expected_on: None, note: String::new(), lines };
        let (order, lines) = shop.write(move |tx| orders::place(tx, &new)).await.unwrap();
        assert_eq!(order.currency, "EUR", "in what he asks");
        let of = |line: &OrderLine| (line.quantity, line.unit_price_micros, line.supplier_part_number.clone());
        assert_eq!(lines.iter().map(of).collect::<Vec<_>>(), [(16, Some(80), "B-1".to_owned()), (4, Some(80), "B-1".to_owned())]);
    }

    async fn what_is_on_order_is_not_bought_again_and_is_when_it_will_not_come(test: TestDb) {
        let shop = Shop::open(test).await;
        should_have(&shop, shop.depots[0], 5, 10, 3).await;
        should_have(&shop, shop.depots[1], 2, 4, 3).await;
        waits(&shop, 0, 2).await;
        let list = bought(&shop).await;
        assert_eq!((list.len(), list[0].wanted, list[0].on_order), (1, 16, 0));
        let places: i64 = list[0].places.iter().map(|place| place.quantity).sum();
        assert_eq!((list[0].places.len(), places), (2, 16), "each depot gets its own");
        let made = order_all(&shop).await.unwrap();
        assert_eq!((made.len(), bought(&shop).await), (1, Vec::new()));
        let again = order_these(&shop, vec![Choice { part_id: shop.parts[0], quantity: None }]).await.unwrap_err();
        assert!(matches!(again, Error::NotLacking { on_order: 16, .. }), "{again:?}");
        let lines = lines_of(&shop, made[0].id).await;
        let more = lines.iter().find(|line| line.quantity == 12).unwrap().id;
        shop.write(move |tx| orders::cancel_line(tx, more, None)).await.unwrap();
        let list = bought(&shop).await;
        assert_eq!((list[0].wanted, list[0].on_order), (10, 4), "who waits gets two of the four, and the far depot has its minimum");
    }

    async fn a_ticket_that_waits_hears_when_its_part_is_expected_in_its_turn(test: TestDb) {
        let shop = Shop::open(test).await;
        waits(&shop, 0, 2).await;
        waits(&shop, 1, 3).await;
        let (first, _) = ordered(&shop, 3).await;
        let (second, _) = ordered(&shop, 9).await;
        let id = second.id;
        let later = OrderChanges { expected_on: Some("2031-02-28".to_owned()), note: None };
        shop.write(move |tx| orders::change(tx, id, &later)).await.unwrap();
        let part = shop.parts[0];
        let heard = shop.read(move |conn| levels::awaited(conn, &[part])).await;
        let said: Vec<_> = heard.iter().map(|one| (one.ticket_id, one.on_order, one.expected_on.as_str())).collect();
        let [ann, bob, _] = shop.tickets;
        assert_eq!(said, [(ann, 2, first.expected_on.as_str()), (bob, 3, "2031-02-28")]);
        let rows = shop.read(|conn| reservations::list(conn, reservations::Filter::default(), None, 9)).await;
        assert_eq!(rows.iter().map(|row| row.on_order).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(bought(&shop).await, []);
        let all = shop.read(levels::on_order).await;
        assert_eq!((all[&part].quantity, all[&part].expected_on.clone()), (12, Some(first.expected_on)));
    }

    async fn a_low_shelf_says_what_is_on_order_and_is_bridged_from_where_there_is_more(test: TestDb) {
        let shop = Shop::open(test).await;
        let [near, far] = shop.depots;
        should_have(&shop, near, 5, 10, 3).await;
        ordered(&shop, 6).await;
        shop.receive(shop.parts[0], far, 3).await;
        let low = shop.read(levels::low).await;
        assert_eq!((low.len(), low[0].free, low[0].on_order, low[0].order), (1, 0, 6, 0));
        assert!(low[0].expected_on.is_some());
        assert_eq!(low[0].transfers.iter().map(|t| (t.from_location_id, t.quantity)).collect::<Vec<_>>(), [(far, 3)]);
    }

    async fn what_a_van_lacks_comes_to_a_depot_and_counts_for_the_van(test: TestDb) {
        let shop = Shop::open(test).await;
        should_have(&shop, shop.vans[0], 2, 6, 1).await;
        let list = bought(&shop).await;
        assert_eq!((list[0].wanted, list[0].places.len()), (6, 1));
        assert!(shop.depots.contains(&list[0].places[0].location_id), "nobody orders to a van");
        order_all(&shop).await.unwrap();
        assert_eq!(bought(&shop).await, []);
        let low = shop.read(levels::low).await;
        assert_eq!((low.len(), low[0].on_order, low[0].order), (1, 6, 0), "low still, and on order");
    }

    async fn the_proof_sees_a_line_whose_goods_are_not_in_the_ledger(test: TestDb) {
        let shop = Shop::open(test).await;
        let (order, line) = ordered(&shop, 5).await;
        comes(&shop, &line, 2).await.unwrap();
        shop.assert_proven().await;
        let wrong = format!(
            "UPDATE purchase_order_lines SET received = 3 WHERE id = '{}';
             UPDATE purchase_orders SET status = 'received' WHERE id = '{}';
             DELETE FROM guard_written_rows;", line.id, order.id);
        raw(&shop.test.url).batch_execute(&wrong).unwrap();
        let found = shop.read(inventory::verify).await;
        let expected = [
            Difference::OrderLine { line_id: line.id, received: 3, received_by_movements: 2 },
            Difference::OrderStatus {
                order_id: order.id, status: OrderStatus::Received, status_by_lines: OrderStatus::PartlyReceived,
            },
        ];
        assert_eq!(found, expected);
    }
}
