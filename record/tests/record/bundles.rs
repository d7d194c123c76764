//! One ticket's record taken out, and judged without the database.

use db::both_backends;
use db::testing::TestDb;
use record::check::check;
use record::{Bundle, Signer};

use crate::harness::Record;

fn faults(bundle: &Bundle) -> Vec<String> {
    check(bundle, None).faults.iter().map(ToString::to_string).collect()
}

both_backends! {
    async fn a_bundle_has_all_entries_of_its_ticket_and_no_other(test: TestDb) {
        let record = Record::with(test, 12).await;
        let bundle = record.bundle("a").await;
        let report = check(&bundle, Some(&record.sealer.signer().public()));
        assert_eq!(report.faults, []);
        assert_eq!(report.leaves.iter().map(|leaf| leaf.number).collect::<Vec<_>>(), [1, 4, 7, 10]);
        assert_eq!(report.statement.unwrap().entries, 4);
        assert_eq!(report.head.unwrap().size, 12);
    }

    async fn a_bundle_in_a_large_tree_is_proved_too(test: TestDb) {
        let record = Record::with(test, 700).await;
        assert_eq!(faults(&record.bundle("b").await), [""; 0]);
    }

    async fn what_is_not_sealed_yet_is_in_the_next_bundle(test: TestDb) {
        let record = Record::with(test, 3).await;
        record.write(3).await;
        assert_eq!(record.bundle("a").await.entries.len(), 1);
        record.seal().await;
        let bundle = record.bundle("a").await;
        assert_eq!(bundle.entries.len(), 2);
        assert_eq!(faults(&bundle), [""; 0]);
    }

    async fn a_bundle_signed_by_somebody_else_is_refused_if_the_key_is_known(test: TestDb) {
        let record = Record::with(test, 3).await;
        let bundle = record.bundle("a").await;
        let report = check(&bundle, Some(&Signer::from_seed([8; 32]).public()));
        assert!(report.faults[0].to_string().contains("not the expected one"));
        assert!(report.head.is_none());
    }

    async fn a_change_altered_in_the_database_makes_a_bundle_that_names_it(test: TestDb) {
        let record = Record::with(test, 12).await;
        record.sql("UPDATE changes SET actor = 'mallory' WHERE seq = 7");
        assert_eq!(faults(&record.bundle("a").await), ["entry 3 was altered: it is not in the signed record"]);
    }
}
