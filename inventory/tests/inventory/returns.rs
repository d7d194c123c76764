//! Old parts that come back.

use db::both_backends;
use db::schema::{engineers, tickets};
use db::testing::{TestDb, raw};
use db::types::{LocationId, PartId, UsedPartReturnId};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use inventory::ledger::{self, movements};
use inventory::parts::{NewPart, create};
use inventory::returns::{
    self, Arrival, Filter, Findings, Grade, Grading, ReturnStatus as Status, UsedPartReturn, grade, list,
    receive, waive,
};
use inventory::usage::{Usage, use_part};
use inventory::verify::{Difference, verify};
use inventory::{Error, MovementKind, Outcome, Tracking, locations, pieces};

use crate::fixture::{Shop, part};

async fn returnable(shop: &Shop) -> PartId {
    let new = NewPart { returnable: true, ..part("Drive belt") };
    shop.write(move |tx| Ok(create(tx, new.clone())?.id)).await.unwrap()
}

async fn say(shop: &Shop, usage: Usage) {
    shop.write(move |tx| use_part(tx, usage.clone())).await.unwrap();
}

async fn expected(shop: &Shop) -> Vec<UsedPartReturn> {
    let filter = Filter { status: Some(Status::Expected), ..Filter::default() };
    let found = shop.read(move |conn| list(conn, filter, None, 50)).await;
    found.into_iter().map(|row| row.used).collect()
}

async fn take_in(shop: &Shop, id: UsedPartReturnId, arrival: Arrival) -> Result<UsedPartReturn, Error> {
    let depot = shop.depots[0];
    shop.write(move |tx| receive(tx, id, depot, &arrival)).await
}

async fn judge(
    shop: &Shop,
    id: UsedPartReturnId,
    as_what: Grade,
    to: Option<LocationId>,
) -> Result<Grading, Error> {
    shop.write(move |tx| grade(tx, id, &Findings { grade: as_what, to, serials: &[] })).await
}

/// An old part of this part, received at the first depot.
async fn received(shop: &Shop, part_id: PartId, serial: &str) -> UsedPartReturnId {
    let removed_serial = serial.to_owned();
    say(shop, Usage { part_id, removed_serial, ..shop.says(1, Outcome::Used) }).await;
    let id = expected(shop).await.pop().unwrap().id;
    take_in(shop, id, Arrival::default()).await.unwrap().id
}

both_backends! {
    async fn an_old_part_is_expected_where_the_catalogue_says_so_or_its_number_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let belt = returnable(&shop).await;
        say(&shop, Usage { part_id: belt, ..shop.says(3, Outcome::Used) }).await;
        say(&shop, shop.says(1, Outcome::Used)).await;
        say(&shop, Usage { part_id: belt, ..shop.says(1, Outcome::Defective) }).await;
        say(&shop, Usage { part_id: belt, ..shop.says(1, Outcome::Returned) }).await;
        let found = expected(&shop).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let row = &found[0];
        assert_eq!((row.part_id, row.quantity, row.asset_id), (belt, 3, Some(shop.asset)));
        assert_eq!((row.engineer_id, row.ticket_id), (Some(shop.engineers[0]), shop.tickets[0]));
        let named = Usage { removed_serial: "OLD".to_owned(), ..shop.says(2, Outcome::Used) };
        say(&shop, named.clone()).await;
        say(&shop, named).await;
        let found = expected(&shop).await;
        assert_eq!(found.len(), 2, "said twice, it is expected once");
        assert_eq!((found[1].serial.as_str(), found[1].quantity), ("OLD", 1));
    }

    async fn what_is_as_good_as_new_is_stock_again_with_its_number(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        let id = received(&shop, board, "OLD").await;
        assert_eq!(shop.balance(board, shop.depots[0]).await, None, "received is not yet stock");
        let graded = judge(&shop, id, Grade::Reusable, None).await.unwrap();
        assert_eq!((graded.used.status, graded.used.grade), (Status::Graded, Grade::Reusable));
        let moved = graded.movements[0].clone();
        assert_eq!((moved.kind, moved.from_location_id), (MovementKind::Return, locations::installed()));
        assert_eq!((moved.asset_id, moved.ticket_id), (Some(shop.asset), Some(shop.tickets[0])));
        assert_eq!(shop.whereabouts(board, "OLD").await, (shop.depots[0], None, None));
        assert_eq!(shop.balance(board, shop.depots[0]).await.unwrap().available, 1);
        shop.assert_proven().await;
    }

    async fn each_grade_has_its_place(test: TestDb) {
        let shop = Shop::open(test).await;
        let belt = returnable(&shop).await;
        for (as_what, to, kind) in [
            (Grade::Repair, locations::repair(), MovementKind::Return),
            (Grade::Quarantine, locations::quarantine(), MovementKind::Return),
            (Grade::Scrap, locations::scrap(), MovementKind::Scrap),
        ] {
            let id = received(&shop, belt, "").await;
            let misplaced = judge(&shop, id, as_what, Some(shop.depots[0])).await.unwrap_err();
            assert!(matches!(misplaced, Error::Invalid { field: "location_id", .. }), "{misplaced:?}");
            let graded = judge(&shop, id, as_what, None).await.unwrap();
            assert_eq!((graded.movements[0].to_location_id, graded.movements[0].kind), (to, kind));
        }
        let id = received(&shop, belt, "").await;
        let unsaid = judge(&shop, id, Grade::None, None).await.unwrap_err();
        assert!(matches!(unsaid, Error::Invalid { field: "grade", .. }), "{unsaid:?}");
        let unusable = judge(&shop, id, Grade::Reusable, Some(shop.vans[0])).await.unwrap_err();
        assert!(matches!(unusable, Error::Invalid { field: "location_id", .. }), "{unusable:?}");
        shop.assert_proven().await;
    }

    async fn pieces_need_their_number_unless_they_are_scrap(test: TestDb) {
        let shop = Shop::open(test).await;
        let new = NewPart { returnable: true, tracking: Tracking::Serial, ..part("Drive board") };
        let board = shop.write(move |tx| Ok(create(tx, new.clone())?.id)).await.unwrap();
        say(&shop, Usage { part_id: board, ..shop.says(3, Outcome::Used) }).await;
        let all = expected(&shop).await.pop().unwrap();
        let one = Arrival { quantity: Some(1), serial: Some("N-1".to_owned()), note: String::new() };
        let first = take_in(&shop, all.id, one).await.unwrap();
        assert_eq!((first.quantity, first.serial.as_str()), (1, "N-1"));
        judge(&shop, first.id, Grade::Reusable, None).await.unwrap();
        let rest = expected(&shop).await.pop().unwrap();
        assert_eq!((rest.quantity, rest.serial.as_str()), (2, ""));
        let too_many = Arrival { quantity: Some(3), ..Arrival::default() };
        let refused = take_in(&shop, rest.id, too_many).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "quantity", .. }), "{refused:?}");
        take_in(&shop, rest.id, Arrival::default()).await.unwrap();
        let nameless = judge(&shop, rest.id, Grade::Repair, None).await.unwrap_err();
        assert!(matches!(nameless, Error::Invalid { field: "serials", .. }), "{nameless:?}");
        assert_eq!(judge(&shop, rest.id, Grade::Scrap, None).await.unwrap().movements[0].quantity, 2);
        shop.assert_proven().await;
    }

    async fn a_number_that_nobody_gave_is_read_off_when_the_part_is_graded(test: TestDb) {
        let shop = Shop::open(test).await;
        let new = NewPart { returnable: true, tracking: Tracking::Serial, ..part("Drive board") };
        let board = shop.write(move |tx| Ok(create(tx, new.clone())?.id)).await.unwrap();
        say(&shop, Usage { part_id: board, ..shop.says(2, Outcome::Used) }).await;
        let all = expected(&shop).await.pop().unwrap();
        take_in(&shop, all.id, Arrival::default()).await.unwrap();
        let name = async |numbers: &'static [&'static str]| {
            let id = all.id;
            shop.write(move |tx| {
                let serials: Vec<String> = numbers.iter().map(|n| (*n).to_owned()).collect();
                grade(tx, id, &Findings { grade: Grade::Repair, to: None, serials: &serials })
            }).await
        };
        let too_few = name(&["OLD-1"]).await.unwrap_err();
        assert!(matches!(too_few, Error::Invalid { field: "serials", .. }), "{too_few:?}");
        let graded = name(&["OLD-1", "OLD-2"]).await.unwrap();
        assert_eq!((graded.used.status, graded.movements.len()), (Status::Graded, 2));
        assert_eq!(shop.whereabouts(board, "OLD-2").await.0, locations::repair());
        shop.assert_proven().await;
    }

    async fn a_piece_that_is_on_a_shelf_by_the_books_cannot_come_back_too(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        shop.take_in(board, shop.depots[1], &["A"]).await.unwrap();
        let id = received(&shop, board, "A").await;
        let refused = judge(&shop, id, Grade::Reusable, None).await.unwrap_err();
        assert!(matches!(&refused, Error::SerialElsewhere { number, .. } if number == "A"), "{refused:?}");
        assert_eq!(shop.read(move |conn| returns::get(conn, id)).await.status, Status::Received);
        let there = shop.read(move |conn| pieces::find(conn, board, "A")).await.unwrap();
        assert_eq!(there.location_id, shop.depots[1]);
        shop.assert_proven().await;
    }

    async fn every_step_is_taken_once(test: TestDb) {
        let shop = Shop::open(test).await;
        let belt = returnable(&shop).await;
        let id = received(&shop, belt, "").await;
        let again = take_in(&shop, id, Arrival::default()).await.unwrap_err();
        assert!(matches!(again, Error::ReturnStatus { status: Status::Received, .. }), "{again:?}");
        judge(&shop, id, Grade::Scrap, None).await.unwrap();
        let again = judge(&shop, id, Grade::Scrap, None).await.unwrap_err();
        assert!(matches!(again, Error::ReturnStatus { status: Status::Graded, .. }), "{again:?}");
        let late = shop.write(move |tx| waive(tx, id, "lost")).await.unwrap_err();
        assert!(matches!(late, Error::ReturnStatus { .. }), "{late:?}");
        let filter = ledger::Filter { part_id: Some(belt), ..Default::default() };
        let moved = shop.read(move |conn| movements(conn, filter, None, 9)).await;
        assert_eq!(moved.iter().filter(|m| m.kind == MovementKind::Scrap).count(), 1);
    }

    async fn what_is_late_is_listed_until_it_comes_or_is_given_up(test: TestDb) {
        let shop = Shop::open(test).await;
        let belt = returnable(&shop).await;
        for minutes in [0, 60] {
            let at = shop.at_minute(minutes);
            say(&shop, Usage { part_id: belt, at, ..shop.says(1, Outcome::Used) }).await;
        }
        let late = Filter {
            status: Some(Status::Expected), before: Some(shop.at_minute(30)), engineer_id: Some(shop.engineers[0]),
            ticket_id: Some(shop.tickets[0]),
        };
        let found = shop.read(move |conn| list(conn, late, None, 9)).await;
        assert_eq!(found.len(), 1);
        let id = found[0].used.id;
        let (ticket, engineer) = (shop.tickets[0], shop.engineers[0]);
        let (number, code, name): (i64, String, String) = shop.read(move |conn| Ok(tickets::table
            .inner_join(engineers::table.on(engineers::id.eq(engineer)))
            .filter(tickets::id.eq(ticket))
            .select((tickets::number, engineers::code, engineers::name))
            .first(conn)?)).await;
        let named = (found[0].ticket_number, found[0].engineer_code.clone(), found[0].engineer_name.clone());
        assert_eq!(named, (number, Some(code), Some(name)));
        let given_up = shop.write(move |tx| waive(tx, id, "the customer keeps it")).await.unwrap();
        assert_eq!((given_up.status, given_up.note.as_str()), (Status::Waived, "the customer keeps it"));
        assert_eq!(shop.read(move |conn| list(conn, late, None, 9)).await, []);
    }

    async fn a_graded_part_that_is_set_back_is_seen_by_the_proof(test: TestDb) {
        let shop = Shop::open(test).await;
        let belt = returnable(&shop).await;
        let id = received(&shop, belt, "").await;
        judge(&shop, id, Grade::Scrap, None).await.unwrap();
        shop.assert_proven().await;
        let back = "UPDATE used_part_returns SET status = 'received'; DELETE FROM guard_written_rows;";
        raw(&shop.test.url).batch_execute(back).unwrap();
        let (ticket_id, part_id) = (shop.tickets[0], belt);
        assert_eq!(shop.read(verify).await, [Difference::Graded { ticket_id, part_id, graded: 0, moved: 1 }]);
    }
}
