//! The database altered by plain SQL: what was altered is named.

use db::both_backends;
use db::testing::TestDb;

use crate::harness::Record;

/// The numbers of a log of nine, all sealed: 1 to 9; ticket a has 1, 4, 7; b has 2, 5, 8; none has 3, 6, 9.
async fn nine(test: TestDb) -> Record {
    let record = Record::with(test, 9).await;
    assert_eq!(record.faults().await, [""; 0]);
    record
}

both_backends! {
    async fn an_altered_text_is_named(test: TestDb) {
        let record = nine(test).await;
        record.sql("UPDATE change_contents SET body = replace(body, 'text 3', 'text X') WHERE seq = 4");
        let faults = record.faults().await;
        assert!(faults.len() == 1 && faults[0].starts_with("change 4 (notes ") , "{faults:?}");
        assert!(faults[0].ends_with("was altered"), "{faults:?}");
    }

    async fn who_when_and_what_cannot_be_altered_either(test: TestDb) {
        let record = nine(test).await;
        for (column, value) in
            [("actor", "'mallory'"), ("at", "at + 1"), ("ticket_id", "'b'"), ("device_id", "'d'"), ("op", "'delete'")]
        {
            record.sql(&format!("UPDATE changes SET {column} = {value} WHERE seq = 4"));
            let faults = record.faults().await;
            assert_eq!(faults.len(), 1, "{column}: {faults:?}");
            assert!(faults[0].starts_with("change 4 "), "{column}: {faults:?}");
            let back = [("actor", "'tests'"), ("at", "at - 1"), ("ticket_id", "'a'"), ("device_id", "NULL"), ("op", "'put'")];
            let value = back.iter().find(|(name, _)| *name == column).unwrap().1;
            record.sql(&format!("UPDATE changes SET {column} = {value} WHERE seq = 4"));
            assert_eq!(record.faults().await, [""; 0], "{column} is as it was");
        }
    }

    async fn a_text_that_goes_with_a_new_digest_is_named_all_the_same(test: TestDb) {
        let record = nine(test).await;
        let digest = db::changes::digest("salt", "{}");
        record.sql("UPDATE change_contents SET salt = 'salt', body = '{}' WHERE seq = 4");
        record.sql(&format!("UPDATE changes SET digest = '{digest}' WHERE seq = 4"));
        assert!(record.faults().await[0].starts_with("change 4 "));
    }

    async fn a_removed_text_is_no_erasure(test: TestDb) {
        let record = nine(test).await;
        record.sql("DELETE FROM change_contents WHERE seq = 6");
        assert!(record.faults().await[0].starts_with("change 6 "));
    }

    async fn a_dropped_change_is_named_and_those_behind_it_are_not(test: TestDb) {
        let record = nine(test).await;
        record.sql("DELETE FROM change_contents WHERE seq IN (4, 9); DELETE FROM changes WHERE seq IN (4, 9)");
        assert_eq!(
            record.faults().await,
            [
                "change 4 was dropped; it was entry 3 of the record",
                "change 9 was dropped; it was entry 8 of the record"
            ]
        );
    }

    async fn an_inserted_change_is_named(test: TestDb) {
        let record = nine(test).await;
        record.sql("UPDATE counters SET value = value + 10 WHERE name = 'changes'");
        record.write(1).await;
        record.seal().await;
        record.sql(
            "INSERT INTO changes SELECT 12, at, actor_id, actor, device_id, entity, row_id, ticket_id, op, digest
             FROM changes WHERE seq = 4",
        );
        let faults = record.faults().await;
        assert!(faults.len() == 1 && faults[0].starts_with("change 12 "), "{faults:?}");
        assert!(faults[0].ends_with("was put in afterwards"), "{faults:?}");
    }

    async fn changes_that_changed_places_are_named_with_where_they_were(test: TestDb) {
        let record = nine(test).await;
        record.sql(
            "CREATE TABLE two AS SELECT * FROM changes WHERE seq IN (3, 6);
             CREATE TABLE texts AS SELECT * FROM change_contents WHERE seq IN (3, 6);
             DELETE FROM change_contents WHERE seq IN (3, 6);
             DELETE FROM changes WHERE seq IN (3, 6);
             UPDATE two SET seq = 9 - seq;
             UPDATE texts SET seq = 9 - seq;
             INSERT INTO changes SELECT * FROM two;
             INSERT INTO change_contents SELECT * FROM texts",
        );
        assert_eq!(
            record.faults().await,
            ["change 3 is what change 6 was: re-ordered", "change 6 is what change 3 was: re-ordered"]
        );
    }

    async fn a_leaf_altered_to_fit_does_not_lead_to_the_head(test: TestDb) {
        let record = nine(test).await;
        record.write(6).await;
        record.seal().await;
        record.sql("UPDATE record_leaves SET hash = (SELECT hash FROM record_leaves WHERE position = 0) WHERE position = 11");
        let faults = record.faults().await;
        assert!(faults.iter().any(|f| f.starts_with("change 12 ")), "{faults:?}");
        let head = "the head of 15 is not what its leaves say: seals from place 9 on were altered";
        assert!(faults.iter().any(|f| f == head), "{faults:?}");
    }

    async fn a_missing_seal_a_node_and_a_forged_head_are_named(test: TestDb) {
        let record = Record::with(test, 300).await;
        record.sql("UPDATE record_nodes SET hash = 'x'");
        assert_eq!(record.faults().await, ["node 0 on level 1 was altered"]);
        record.sql("UPDATE record_heads SET note = replace(note, 'at 1', 'at 2')");
        assert!(record.faults().await.contains(&"the head of 300 is not signed with the key".to_owned()));
        record.sql("DELETE FROM record_leaves WHERE position >= 298");
        let faults = record.faults().await;
        assert!(faults.contains(&"298 seals, and there were 300".to_owned()), "{faults:?}");
        record.sql("DELETE FROM record_leaves WHERE position = 7");
        let faults = record.faults().await;
        assert!(faults.contains(&"the seal at place 7 is missing or out of order".to_owned()), "{faults:?}");
        assert!(faults.iter().any(|f| f.starts_with("change 8 ") && f.ends_with("put in afterwards")), "{faults:?}");
    }
}
