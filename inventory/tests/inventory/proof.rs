//! What the proof says of pieces.

use db::both_backends;
use db::testing::{TestDb, raw};
use diesel::connection::SimpleConnection;
use inventory::Tracking;
use inventory::verify::{Difference, verify};

use crate::fixture::Shop;

both_backends! {
    async fn the_proof_names_a_piece_that_is_not_where_it_went(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        shop.take_in(board, shop.depots[0], &["A", "B"]).await.unwrap();
        shop.assert_proven().await;
        let astray = format!("UPDATE part_serials SET location_id = '{}' WHERE number = 'B'", shop.vans[0]);
        raw(&shop.test.url).batch_execute(&astray).unwrap();
        let found = shop.read(verify).await;
        let expected = Difference::Piece {
            part_id: board,
            number: "B".to_owned(),
            location_id: shop.vans[0],
            location_by_movements: shop.depots[0],
        };
        assert_eq!(found, [expected]);
        assert!(found[0].to_string().starts_with("piece B of part"), "{}", found[0]);
    }

    async fn a_piece_that_never_moved_is_in_stock_nowhere(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        let from_nowhere = format!(
            "INSERT INTO part_serials VALUES ('s', '{board}', 'X', NULL, '{}', NULL, NULL, 0, 0)", shop.depots[0]
        );
        raw(&shop.test.url).batch_execute(&from_nowhere).unwrap();
        let found = shop.read(verify).await;
        assert!(matches!(&found[..], [Difference::Piece { number, .. }] if number == "X"), "{found:?}");
    }
}
