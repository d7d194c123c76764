//! What a scanned code is.

use db::both_backends;
use db::testing::TestDb;
use db::types::{Id, PartId};
use inventory::codes::{add, allow, forbid, of_part, remove, substitutes};
use inventory::parts::{NewPart, create};
use inventory::scan::{Scanned, ScannedKind as Kind, lookup};
use inventory::{Error, Tracking, locations, parts};

use crate::fixture::{Shop, part};

const GTIN: &str = "09506000134352";

async fn scan(shop: &Shop, code: &str) -> Option<Scanned> {
    let code = code.to_owned();
    shop.read(move |conn| lookup(conn, &code)).await
}

async fn refused(shop: &Shop, code: &str) -> Error {
    let code = code.to_owned();
    shop.test.db.read(move |conn| lookup(conn, &code)).await.unwrap_err()
}

async fn print(shop: &Shop, part_id: PartId, code: &'static str) {
    shop.write(move |tx| add(tx, part_id, code, "")).await.unwrap();
}

fn part_of(found: Option<Scanned>) -> Option<PartId> {
    found.and_then(|found| found.part).map(|part| part.id)
}

both_backends! {
    async fn places_parts_badges_pieces_and_reservations_are_told_apart(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        shop.take_in(board, shop.depots[0], &["SN-7"]).await.unwrap();
        shop.receive(shop.parts[0], shop.depots[0], 1).await;
        let reservation = shop.reserve(shop.request(shop.depots[0], 1)).await.unwrap();
        let (depot, first) = (shop.depots[0], shop.parts[0]);
        let code = shop.read(move |conn| Ok(locations::get(conn, depot)?.code)).await;
        let number = shop.read(move |conn| Ok(parts::get(conn, first)?.number)).await;
        let place = scan(&shop, &format!("{code}\r\n")).await.unwrap();
        assert_eq!((place.kind, place.place.map(|p| p.id)), (Kind::Place, Some(depot)));
        let found = scan(&shop, &number).await.unwrap();
        assert_eq!((found.kind, found.part.map(|p| p.id)), (Kind::Part, Some(first)));
        let badge = scan(&shop, &format!("E-{}", shop.engineers[1])).await.unwrap();
        assert_eq!((badge.kind, badge.engineer.map(|e| e.id)), (Kind::Engineer, Some(shop.engineers[1])));
        let piece = scan(&shop, "SN-7").await.unwrap();
        assert_eq!((piece.kind, piece.part.as_ref().map(|p| p.id)), (Kind::Piece, Some(board)));
        assert_eq!(piece.piece.map(|p| p.location_id), Some(depot));
        let promised = scan(&shop, reservation.id.as_str()).await.unwrap();
        assert_eq!((promised.kind, promised.reservation.map(|r| r.id)), (Kind::Reservation, Some(reservation.id)));
        assert_eq!(scan(&shop, "nothing of ours").await, None);
        assert_eq!(scan(&shop, "SUPPLIER").await, None, "nobody stands there");
        assert_eq!(scan(&shop, Id::<db::types::of::Reservation>::new().as_str()).await, None);
    }

    async fn an_article_number_is_one_however_many_zeros_it_has(test: TestDb) {
        let shop = Shop::open(test).await;
        print(&shop, shop.parts[0], "9506000134352").await;
        print(&shop, shop.parts[1], "012345678905").await;
        for code in [GTIN, "9506000134352", "]d20109506000134352", "(01)09506000134352"] {
            assert_eq!(part_of(scan(&shop, code).await), Some(shop.parts[0]), "{code}");
        }
        for code in ["012345678905", "0012345678905", "00012345678905"] {
            assert_eq!(part_of(scan(&shop, code).await), Some(shop.parts[1]), "{code}");
        }
    }

    async fn a_label_names_part_lot_piece_and_day(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        print(&shop, board, GTIN).await;
        shop.take_in(board, shop.depots[0], &["A1"]).await.unwrap();
        let known = scan(&shop, &format!("]d201{GTIN}1727053110L7\u{1d}21A1")).await.unwrap();
        assert_eq!((known.kind, known.piece.map(|p| p.number)), (Kind::Piece, Some("A1".to_owned())));
        assert_eq!((known.lot.as_deref(), known.expires_on.as_deref()), (Some("L7"), Some("2027-05-31")));
        let new = scan(&shop, &format!("]d201{GTIN}21A2")).await.unwrap();
        assert_eq!((new.kind, new.serial.as_deref(), new.piece), (Kind::Part, Some("A2"), None));
        assert_eq!(scan(&shop, "]d20104006381333931").await, None, "an article that nobody sells here");
    }

    async fn half_a_code_is_refused_and_so_is_one_that_could_be_two_pieces(test: TestDb) {
        let shop = Shop::open(test).await;
        for code in ["", "  ", "A\0B", "A\u{7}B", &"9".repeat(201)] {
            let error = refused(&shop, code).await;
            assert!(matches!(error, Error::Invalid { field: "code", .. }), "{code:?}: {error:?}");
        }
        for code in ["]d2010950600", "(01)09506000134353", "]C1"] {
            let error = refused(&shop, code).await;
            assert!(matches!(error, Error::Unreadable { .. }), "{code:?}: {error:?}");
        }
        for _ in 0..2 {
            let board = shop.tracked(Tracking::Serial).await;
            shop.take_in(board, shop.depots[0], &["SAME"]).await.unwrap();
        }
        let error = refused(&shop, "SAME").await;
        assert!(matches!(&error, Error::Ambiguous { code } if code == "SAME"), "{error:?}");
    }

    async fn codes_are_added_listed_and_removed_and_are_of_one_part(test: TestDb) {
        let shop = Shop::open(test).await;
        let [first, second] = shop.parts;
        let code = shop.write(move |tx| add(tx, first, " OEM-1 ", "the maker's")).await.unwrap();
        assert_eq!(code.code, "OEM-1");
        assert_eq!(part_of(scan(&shop, "OEM-1").await), Some(first));
        let taken = shop.write(move |tx| add(tx, second, "OEM-1", "")).await.unwrap_err();
        let violation = db::Failure::database(&taken).and_then(db::Error::violation).unwrap();
        assert!(violation.concerns("part_codes", "code"), "{taken:?}");
        for bad in ["", "a\nb"] {
            let error = shop.write(move |tx| add(tx, first, bad, "")).await.unwrap_err();
            assert!(matches!(error, Error::Invalid { field: "code", .. }), "{error:?}");
        }
        let id = code.id;
        assert_eq!(shop.read(move |conn| of_part(conn, first)).await, [code]);
        shop.write(move |tx| remove(tx, id)).await.unwrap();
        assert_eq!(scan(&shop, "OEM-1").await, None);
        let gone = shop.write(move |tx| remove(tx, id)).await.unwrap_err();
        assert!(matches!(gone, Error::NotFound { .. }), "{gone:?}");
    }

    async fn a_substitute_is_another_part_that_is_counted_alike(test: TestDb) {
        let shop = Shop::open(test).await;
        let [first, second] = shop.parts;
        let rope = NewPart { unit: "m".to_owned(), decimals: 2, ..part("Rope") };
        let rope = shop.write(move |tx| Ok(create(tx, rope.clone())?.id)).await.unwrap();
        let row = shop.write(move |tx| allow(tx, first, second)).await.unwrap();
        for other in [first, rope] {
            let error = shop.write(move |tx| allow(tx, first, other)).await.unwrap_err();
            assert!(matches!(error, Error::Invalid { field: "substitute_id", .. }), "{error:?}");
        }
        let again = shop.write(move |tx| allow(tx, first, second)).await.unwrap_err();
        assert!(matches!(&again, Error::Database(e) if e.violation().is_some()), "{again:?}");
        let id = row.id;
        assert_eq!(shop.read(move |conn| substitutes(conn, first)).await, [row]);
        assert_eq!(shop.read(move |conn| substitutes(conn, second)).await, [], "not the other way round");
        shop.write(move |tx| forbid(tx, id)).await.unwrap();
        assert_eq!(shop.read(move |conn| substitutes(conn, first)).await, []);
    }

    async fn a_code_is_as_long_as_a_hundred_characters_of_any_language(test: TestDb) {
        let shop = Shop::open(test).await;
        let first = shop.parts[0];
        let (longest, longer) = ("门".repeat(100), "门".repeat(101));
        let code = longest.clone();
        shop.write(move |tx| add(tx, first, &code, "")).await.unwrap();
        assert_eq!(shop.read(move |conn| of_part(conn, first)).await[0].code, longest);
        for bad in [longer, "\u{7f}".to_owned(), "   ".to_owned(), "a\tb".to_owned()] {
            let error = shop.write(move |tx| add(tx, first, &bad, "")).await.unwrap_err();
            assert!(matches!(error, Error::Invalid { field: "code", .. }), "{error:?}");
        }
    }

    async fn parts_that_are_not_there_have_neither_codes_nor_substitutes(test: TestDb) {
        let shop = Shop::open(test).await;
        let (first, nobody) = (shop.parts[0], PartId::new());
        let errors = [
            shop.write(move |tx| Ok(add(tx, nobody, "X-1", "")?.id.to_string())).await.unwrap_err(),
            shop.write(move |tx| Ok(allow(tx, nobody, first)?.id.to_string())).await.unwrap_err(),
            shop.write(move |tx| Ok(allow(tx, first, nobody)?.id.to_string())).await.unwrap_err(),
            shop.test.db.read(move |conn| of_part(conn, nobody)).await.unwrap_err(),
            shop.test.db.read(move |conn| substitutes(conn, nobody)).await.unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, Error::NotFound { what: "part", .. }), "{error:?}");
        }
    }

    async fn a_substitute_is_taken_out_once_and_the_others_stay_in_their_order(test: TestDb) {
        let shop = Shop::open(test).await;
        let [first, second] = shop.parts;
        let third = shop.write(|tx| Ok(create(tx, part("Third roller"))?.id)).await.unwrap();
        let fourth = shop.write(|tx| Ok(create(tx, part("Fourth roller"))?.id)).await.unwrap();
        let mut rows = Vec::new();
        for other in [third, second, fourth] {
            rows.push(shop.write(move |tx| allow(tx, first, other)).await.unwrap());
        }
        assert_eq!(shop.read(move |conn| substitutes(conn, first)).await, rows);
        let id = rows.remove(1).id;
        shop.write(move |tx| forbid(tx, id)).await.unwrap();
        assert_eq!(shop.read(move |conn| substitutes(conn, first)).await, rows);
        let gone = shop.write(move |tx| forbid(tx, id)).await.unwrap_err();
        assert!(matches!(gone, Error::NotFound { what: "substitute", .. }), "{gone:?}");
    }
}
