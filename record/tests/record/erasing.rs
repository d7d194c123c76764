//! Texts go, proofs stay.

use db::testing::TestDb;
use db::{Actor, Tx, both_backends};
use record::check::check;
use record::erase::{self, What};

use crate::harness::{Record, note};

async fn erase(record: &Record, what: What) -> usize {
    let erase = move |tx: &mut Tx<'_>| erase::of_ticket(tx, "a", what);
    record.test.db.write(Actor::system("tests"), erase).await.unwrap()
}

both_backends! {
    async fn what_people_said_goes_and_everything_is_proved_as_before(test: TestDb) {
        let record = Record::with(test, 9).await;
        assert_eq!(erase(&record, What::Personal).await, 3);
        assert_eq!(erase(&record, What::Personal).await, 0, "it is gone already");
        let report = record.verified().await;
        assert_eq!((report.erased, report.faults), (3, vec![]));
        let bundle = record.bundle("a").await;
        assert_eq!(check(&bundle, None).faults, []);
        assert!(bundle.entries.iter().all(|entry| entry.personal.is_none() && entry.open.is_some()));
        assert!(!serde_json::to_string(&bundle).unwrap().contains("text 0"));
        assert!(record.bundle("b").await.entries.iter().all(|entry| entry.personal.is_some()));
    }

    async fn everything_may_go_and_who_did_what_when_is_still_proved(test: TestDb) {
        let record = Record::with(test, 9).await;
        erase(&record, What::Personal).await;
        assert_eq!(erase(&record, What::Everything).await, 3);
        assert_eq!(record.faults().await, [""; 0]);
        let bundle = record.bundle("a").await;
        let report = check(&bundle, None);
        assert_eq!(report.faults, []);
        assert!(bundle.entries.iter().all(|entry| entry.personal.is_none() && entry.open.is_none()));
        assert_eq!(report.leaves[0].actor, "tests");
    }

    async fn what_is_erased_before_it_is_sealed_is_sealed_as_it_was(test: TestDb) {
        let record = Record::of(test);
        record.write(9).await;
        assert_eq!(erase(&record, What::Personal).await, 3);
        record.seal().await;
        assert_eq!(record.faults().await, [""; 0]);
        assert_eq!(check(&record.bundle("a").await, None).faults, []);
    }

    async fn what_was_ever_written_of_a_row_goes_with_it(test: TestDb) {
        let record = Record::of(test);
        let mut row = note("", "Mrs Li, 212 555 0100");
        record.note(&row).await;
        row.text = "Mrs Li, 212 555 0101".to_owned();
        record.note(&row).await;
        record.seal().await;
        let id = row.id.clone();
        let erase = move |tx: &mut Tx<'_>| erase::of_row(tx, "notes", &id, What::Personal);
        assert_eq!(record.test.db.write(Actor::system("tests"), erase).await.unwrap(), 2);
        let left = record.test.db.read(|conn| db::changes::after(conn, 0, 10)).await.unwrap();
        assert!(left.iter().all(|change| !change.row.as_ref().unwrap().get().contains("Li")));
        assert_eq!(record.faults().await, [""; 0]);
    }

    async fn a_text_removed_past_the_server_and_called_erased_is_named(test: TestDb) {
        let record = Record::with(test, 9).await;
        record.sql("UPDATE change_contents SET body = '{}', erased_at = 1 WHERE seq = 4");
        assert!(record.faults().await[0].starts_with("change 4 "));
    }
}
