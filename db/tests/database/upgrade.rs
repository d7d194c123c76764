//! Migrations of databases that have rows already.

use db::testing::{TestDb, raw};
use db::{Conn, both_backends, migrate};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_migrations::MigrationHarness;

/// A depot and a van, five of a lot received, two handed over without naming it; numbers as people typed them.
const BEFORE_LOTS: &str = "
    INSERT INTO parts (id, number, name, name_zh, unit, decimals, unit_price_micros, currency, active, created_at,
        tracking) VALUES ('p', 'P', 'Grease', '', 'pcs', 0, 0, 'USD', TRUE, 7, 'lot');
    INSERT INTO stock_locations (id, kind, code, name, active, created_at)
        VALUES ('depot', 'depot', 'D', 'D', TRUE, 0), ('van', 'van', 'V', 'V', TRUE, 0);
    INSERT INTO part_lots VALUES ('lot', 'p', ' l1', NULL, 0);
    INSERT INTO part_serials VALUES ('s1', 'p', 'x1 ', NULL, 'van', NULL, NULL, 0, 0),
        ('s2', 'p', 'y1', NULL, 'van', NULL, NULL, 0, 0), ('s3', 'p', 'Y1', NULL, 'van', NULL, NULL, 0, 0);
    INSERT INTO stock_movements (id, kind, part_id, quantity, from_location_id, to_location_id, actor, at, note, lot_id)
        VALUES ('m1', 'receive', 'p', 5, '00000000-0000-7000-8000-000000000001', 'depot', '', 0, '', 'lot'),
               ('m2', 'issue', 'p', 2, 'depot', 'van', '', 0, '', NULL),
               ('m3', 'adjust', 'p', 1, 'depot', '00000000-0000-7000-8000-000000000003', '', 0, '', NULL);
    INSERT INTO stock_counts VALUES ('c', 'depot', FALSE, 'open', '', '', 0, '', NULL);
    INSERT INTO stock_count_lines VALUES ('l', 'c', 'p', 2, 2, '', 0);";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
    #[diesel(sql_type = BigInt)]
    figure: i64,
}

fn lines(conn: &mut Conn, sql: &str) -> Vec<(String, i64)> {
    let rows: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap();
    rows.into_iter().map(|row| (row.line, row.figure)).collect()
}

/// Undoes all migrations from the latest to this one.
fn undo_back_to(conn: &mut Conn, version: &str) {
    loop {
        let undone = match conn {
            Conn::Sqlite(c) => c.revert_last_migration(migrate::SQLITE).unwrap().to_string(),
            Conn::Postgres(c) => c.revert_last_migration(migrate::POSTGRES).unwrap().to_string(),
        };
        if undone == version {
            return;
        }
    }
}

both_backends! {
    async fn lots_that_moved_before_have_balances(test: TestDb) {
        let mut conn = raw(&test.url);
        undo_back_to(&mut conn, "0010");
        conn.batch_execute(BEFORE_LOTS).unwrap();
        migrate::run(&mut conn).unwrap();
        let lots = "SELECT o.number || '@' || b.location_id AS line, b.on_hand AS figure
            FROM lot_balances b JOIN part_lots o ON o.id = b.lot_id ORDER BY o.number, b.location_id";
        let expected = [("@depot", -3), ("@van", 2), ("L1@depot", 5)];
        assert_eq!(lines(&mut conn, lots), expected.map(|(line, figure)| (line.to_owned(), figure)));
        let serials = "SELECT number AS line, created_at AS figure FROM part_serials ORDER BY id";
        let expected = ["X1", "y1", "Y1"].map(|number| (number.to_owned(), 0));
        assert_eq!(lines(&mut conn, serials), expected, "two that would be one stay two");
        let counts = "SELECT id AS line, adjusted AS figure FROM stock_count_lines";
        assert_eq!(lines(&mut conn, counts), [("l".to_owned(), -1)]);
    }
}
