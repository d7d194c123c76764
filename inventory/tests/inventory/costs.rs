//! What parts cost on average.

use db::both_backends;
use db::testing::TestDb;
use db::types::PartId;
use inventory::costs::{Cost, HIGHEST_COST, average};
use inventory::ledger::{Receipt, take_in, undo};
use inventory::parts::{self, NewPart};
use inventory::{Error, MAX_QUANTITY, StockMovement};

use crate::fixture::{Shop, part};

async fn buy(
    shop: &Shop,
    part_id: PartId,
    quantity: i64,
    unit_micros: i64,
    currency: &'static str,
) -> Result<Vec<StockMovement>, Error> {
    let to = shop.depots[0];
    shop.write(move |tx| {
        let cost = Some(Cost { unit_micros, currency: currency.to_owned() });
        take_in(
            tx,
            &Receipt {
                part_id,
                to,
                quantity,
                serials: &[],
                lot: None,
                expires_at: None,
                cost,
                order_line_id: None,
                note: "",
            },
        )
    })
    .await
}

async fn costs(shop: &Shop, part_id: PartId) -> Vec<(i64, String)> {
    let found = shop.read(move |conn| average(conn, part_id)).await;
    found.into_iter().map(|cost| (cost.unit_micros, cost.currency)).collect()
}

both_backends! {
    async fn goods_of_two_prices_cost_what_they_cost_together(test: TestDb) {
        let shop = Shop::open(test).await;
        buy(&shop, shop.parts[0], 10, 2_000_000, "USD").await.unwrap();
        let dear = buy(&shop, shop.parts[0], 30, 4_000_000, "USD").await.unwrap();
        assert_eq!((dear[0].unit_cost_micros, dear[0].currency.as_str()), (Some(4_000_000), "USD"));
        assert_eq!(costs(&shop, shop.parts[0]).await, [(3_500_000, "USD".to_owned())]);
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        assert_eq!(costs(&shop, shop.parts[0]).await, [(3_500_000, "USD".to_owned())], "a gift changes nothing");
    }

    async fn each_currency_has_an_average_of_its_own(test: TestDb) {
        let shop = Shop::open(test).await;
        buy(&shop, shop.parts[0], 1, 2_000_000, "USD").await.unwrap();
        buy(&shop, shop.parts[0], 1, 9_000_000, "CNY").await.unwrap();
        let both = [(9_000_000, "CNY".to_owned()), (2_000_000, "USD".to_owned())];
        assert_eq!(costs(&shop, shop.parts[0]).await, both);
        assert_eq!(costs(&shop, shop.parts[1]).await, []);
    }

    async fn a_price_is_for_a_unit_and_not_for_its_thousandth(test: TestDb) {
        let shop = Shop::open(test).await;
        let rope = NewPart { decimals: 3, unit: "m".to_owned(), ..part("Rope") };
        let rope = shop.write(move |tx| Ok(parts::create(tx, rope.clone())?.id)).await.unwrap();
        buy(&shop, rope, 1_500, 8_000_000, "USD").await.unwrap();
        assert_eq!(costs(&shop, rope).await, [(8_000_000, "USD".to_owned())]);
        buy(&shop, rope, 500, 4_000_000, "USD").await.unwrap();
        assert_eq!(costs(&shop, rope).await, [(7_000_000, "USD".to_owned())]);
    }

    async fn what_was_taken_back_was_never_bought(test: TestDb) {
        let shop = Shop::open(test).await;
        buy(&shop, shop.parts[0], 10, 2_000_000, "USD").await.unwrap();
        let slip = buy(&shop, shop.parts[0], 10, 200_000_000, "USD").await.unwrap()[0].id;
        shop.write(move |tx| undo(tx, slip)).await.unwrap();
        assert_eq!(costs(&shop, shop.parts[0]).await, [(2_000_000, "USD".to_owned())]);
    }

    async fn sums_that_no_number_holds_are_refused_and_nothing_comes_in(test: TestDb) {
        let shop = Shop::open(test).await;
        let huge = buy(&shop, shop.parts[0], MAX_QUANTITY, HIGHEST_COST, "USD").await.unwrap_err();
        assert!(matches!(huge, Error::Invalid { field: "cost.unit_micros", .. }), "{huge:?}");
        buy(&shop, shop.parts[0], 1_500, HIGHEST_COST, "USD").await.unwrap();
        let sum = buy(&shop, shop.parts[0], 1_500, HIGHEST_COST, "USD").await.unwrap_err();
        assert!(matches!(sum, Error::Invalid { field: "cost.unit_micros", .. }), "{sum:?}");
        assert_eq!(shop.stock(shop.depots[0]).await, (1_500, 0));
        for (micros, currency, field) in
            [(-1, "USD", "cost.unit_micros"), (HIGHEST_COST + 1, "USD", "cost.unit_micros"), (1, "usd", "cost.currency")]
        {
            let refused = buy(&shop, shop.parts[0], 1, micros, currency).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: named, .. } if named == field), "{refused:?}");
        }
    }
}
