//! What a sealed log is, and that several servers may seal it.

use db::both_backends;
use db::testing::TestDb;
use record::note::Head;
use record::seal::{Progress, ROUND, Sealer, progress};
use record::verify::verify;
use record::{PublicKey, Signer};

use crate::harness::Record;

both_backends! {
    async fn what_was_written_is_sealed_once_and_found_as_it_was(test: TestDb) {
        let record = Record::of(test);
        record.write(7).await;
        assert_eq!(record.seal().await, 7);
        assert_eq!(record.seal().await, 0);
        record.write(3).await;
        let report = record.verified().await;
        assert_eq!((report.sealed, report.waiting, report.heads), (7, 3, 1));
        assert_eq!(report.faults, []);
        assert_eq!(record.seal().await, 3);
        let report = record.verified().await;
        assert_eq!((report.sealed, report.waiting, report.heads), (10, 0, 2));
    }

    async fn an_empty_log_is_right(test: TestDb) {
        let record = Record::of(test);
        assert_eq!(record.seal().await, 0);
        assert_eq!(record.faults().await, [""; 0]);
    }

    async fn more_than_a_round_and_more_than_a_tile_are_sealed_in_order(test: TestDb) {
        let record = Record::with(test, ROUND as usize + 300).await;
        let report = record.verified().await;
        assert_eq!((report.sealed, report.heads), (ROUND + 300, 2));
        assert_eq!(report.faults, []);
        // A server that starts now finds the tree's edge in the tables.
        let other = Sealer::new(Signer::from_seed([7; 32]));
        record.write(2).await;
        assert_eq!(other.seal(&record.test.db, "e1").await.unwrap(), 2);
        assert_eq!(record.faults().await, [""; 0]);
    }

    async fn of_two_servers_at_once_each_change_is_sealed_by_one(test: TestDb) {
        let record = Record::of(test);
        let other = Sealer::new(Signer::from_seed([7; 32]));
        for _ in 0..5 {
            record.write(6).await;
            let (db, epoch) = (&record.test.db, "e1");
            let (one, two) = tokio::join!(record.sealer.seal(db, epoch), other.seal(db, epoch));
            assert_eq!(one.unwrap() + two.unwrap(), 6);
        }
        let report = record.verified().await;
        assert_eq!(report.sealed, 30);
        assert_eq!(report.faults, []);
    }

    async fn progress_tells_what_waits_and_since_when(test: TestDb) {
        let record = Record::with(test, 2).await;
        let now = record.test.db.clock().now();
        let read = || record.test.db.read(progress);
        assert_eq!(read().await.unwrap(), Progress { sealed: 2, waiting_since: None });
        record.write(1).await;
        assert_eq!(read().await.unwrap(), Progress { sealed: 2, waiting_since: Some(now) });
    }

    async fn numbers_that_jump_at_a_restore_are_sealed_as_they_are(test: TestDb) {
        let record = Record::with(test, 3).await;
        record.sql("UPDATE counters SET value = value + 4294967296 WHERE name = 'changes'");
        record.write(3).await;
        assert_eq!(record.sealer.seal(&record.test.db, "e2").await.unwrap(), 3);
        let report = record.verified().await;
        assert_eq!(report.faults, []);
        assert_eq!(report.head.unwrap().epoch, "e2");
    }

    async fn a_head_that_was_kept_elsewhere_is_compared(test: TestDb) {
        let record = Record::with(test, 4).await;
        let kept = record.verified().await.head.unwrap();
        record.write(4).await;
        record.seal().await;
        let judge = |kept: Head| {
            record.test.db.read(move |conn| verify(conn, &[Signer::from_seed([7; 32]).public()], Some(&kept)))
        };
        assert_eq!(judge(kept.clone()).await.unwrap().faults, []);
        let of_another = judge(Head { root: [1; 32], ..kept.clone() }).await.unwrap();
        assert_eq!(of_another.faults[0].to_string(), "the head of 4 that you kept is of another record");
        let longer = judge(Head { size: 100, ..kept }).await.unwrap();
        assert_eq!(longer.faults[0].to_string(), "8 seals, and there were 100");
    }

    async fn the_key_is_made_once_and_another_one_is_refused(test: TestDb) {
        let folder = std::env::temp_dir().join(format!("fettle-key-{}", crate::harness::note("", "").id));
        let (file, other) = (folder.join("record.key"), folder.join("other.key"));
        let first = record::keys::open(&test.db, &file, || [1; 32]).await.unwrap();
        let again = record::keys::open(&test.db, &file, || [2; 32]).await.unwrap();
        assert_eq!(again.public(), first.public());
        let missing = record::keys::open(&test.db, &other, || [2; 32]).await.unwrap_err().to_string();
        assert!(missing.contains("other.key is missing"), "{missing}");
        let renewed = record::keys::renew(&test.db, &other, [3; 32]).await.unwrap();
        let refused = record::keys::open(&test.db, &file, || [4; 32]).await.unwrap_err().to_string();
        assert!(refused.contains(&renewed.public().text()), "{refused}");
        assert_eq!(record::keys::open(&test.db, &other, || [4; 32]).await.unwrap().public(), renewed.public());
        let known: Vec<PublicKey> = test.db.read(record::keys::known).await.unwrap();
        assert_eq!(known.last(), Some(&renewed.public()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
