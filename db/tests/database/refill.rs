//! Databases that are carried away and back: no value is another afterwards, nothing of others is dropped, and what
//! fails leaves all as it was.

use db::testing::{Backend, Scratch, TestDb, fresh_url, raw};
use db::{Conn, Error, Url, both_backends, dump, migrate, refill};
use diesel::connection::SimpleConnection;

const TABLES: [&str; 4] = ["settings", "customers", "sites", "stock_locations"];
/// Values that are easily lost on the way: last bits, large numbers, quotes, lines, flags, nothing.
const ROWS: &str = "
    INSERT INTO settings VALUES ('a', ''), ('b', 'null'), ('c', '{\"a\": [1, null, \"\\u0000\"]}'), ('d', 'O''Hara
\"x\" \\ \t 电梯 🛗');
    INSERT INTO customers VALUES ('k', 'K-1', '王小明', '', '', 'normal', 9007199254740991);
    INSERT INTO sites VALUES ('s1', 'k', 'x', 'x', 0.30000000000000004, -73.98, '', '', 'UTC', -1),
        ('s2', 'k', 'x', 'x', 0.1, 1e-7, '', '', 'UTC', 0), ('s3', 'k', 'x', 'x', -90, 179.99999999999997, '', '', 'UTC', 7);
    INSERT INTO stock_locations (id, kind, code, name, active, created_at)
        VALUES ('d1', 'depot', 'D1', 'D', TRUE, 0), ('d2', 'depot', 'D2', 'D', FALSE, 0);";

type Dump = Vec<(&'static str, Vec<String>)>;

fn dumped(url: &Url) -> Dump {
    let read = |conn: &mut Conn| {
        let of = |table| {
            let mut lines = Vec::new();
            dump::rows(conn, table, |line| {
                lines.push(line.to_owned());
                Ok::<_, Error>(())
            })?;
            Ok((table, lines))
        };
        TABLES.into_iter().map(of).collect::<Result<_, Error>>()
    };
    dump::snapshot(url, read).unwrap()
}

/// Another database, with these rows and no others.
fn carried(rows: &Dump, backend: Backend) -> (Url, Scratch) {
    let (url, scratch) = fresh_url(backend);
    let fill = |conn: &mut Conn, _: i64| {
        rows.iter().try_for_each(|(table, lines)| match lines.is_empty() {
            true => Ok(()),
            false => dump::insert(conn, table, lines),
        })
    };
    refill::refill(&url, &migrate::names(backend == Backend::Postgres), false, 1, fill).unwrap();
    (url, scratch)
}

fn backend(url: &Url) -> Backend {
    if matches!(url, Url::Postgres(_)) { Backend::Postgres } else { Backend::Sqlite }
}

fn other(backend: Backend) -> Backend {
    if backend == Backend::Postgres { Backend::Sqlite } else { Backend::Postgres }
}

fn nothing(_: &mut Conn, _: i64) -> Result<(), Error> {
    Ok(())
}

both_backends! {
    async fn no_value_is_another_after_the_way_to_the_other_database_and_back(test: TestDb) {
        raw(&test.url).batch_execute(ROWS).unwrap();
        let here = backend(&test.url);
        let first = dumped(&test.url);
        let (there, _there) = carried(&first, other(here));
        let (back, _back) = carried(&dumped(&there), here);
        assert_eq!(dumped(&back), first);
        let coordinates = &first[2].1;
        assert!(coordinates[0].contains("0.30000000000000004"), "{coordinates:?}");
    }

    async fn what_fails_half_way_leaves_what_was_there(test: TestDb) {
        let (url, _scratch) = fresh_url(backend(&test.url));
        migrate::run(&mut raw(&url)).unwrap();
        raw(&url).batch_execute(ROWS).unwrap();
        let (names, before) = (migrate::names(backend(&url) == Backend::Postgres), dumped(&url));
        let orphan = |conn: &mut Conn, _: i64| {
            dump::insert(conn, "settings", &["{\"name\": \"new\", \"value\": \"x\"}".to_owned()])?;
            let site = before[2].1[0].clone();
            dump::insert(conn, "sites", &[site])
        };
        let failed = refill::refill(&url, &names, true, 1, orphan).unwrap_err();
        assert!(failed.to_string().to_lowercase().contains("foreign key"), "a site without its customer: {failed}");
        assert_eq!(dumped(&url), before);
        let unreadable = |conn: &mut Conn, _: i64| dump::insert(conn, "customers", &["{}".to_owned()]);
        assert!(refill::refill(&url, &names, true, 1, unreadable).is_err());
        assert_eq!(dumped(&url), before);
    }

    async fn the_schema_of_an_older_version_is_made_and_brought_forward(test: TestDb) {
        let (url, _scratch) = fresh_url(backend(&test.url));
        let names = migrate::names(backend(&url) == Backend::Postgres);
        let older = names.split(|name| name.starts_with("0018_")).next().unwrap();
        refill::refill(&url, older, true, 1, nothing).unwrap();
        let mut conn = raw(&url);
        assert_eq!(migrate::applied(&mut conn).unwrap(), older);
        assert!(!dump::tables(&mut conn).unwrap().contains(&"push_subscriptions".to_owned()));
        migrate::run(&mut conn).unwrap();
        assert_eq!(migrate::applied(&mut conn).unwrap(), names);
    }
}

#[test]
fn tables_of_another_program_are_never_dropped() {
    let (url, _scratch) = fresh_url(Backend::Postgres);
    raw(&url).batch_execute("CREATE TABLE invoices (id INT); INSERT INTO invoices VALUES (7)").unwrap();
    for force in [false, true] {
        let refused = refill::refill(&url, &migrate::names(true), force, 1, nothing).unwrap_err();
        assert!(matches!(&refused, Error::Foreign(table) if table == "invoices"), "{refused}");
    }
    raw(&url).batch_execute("UPDATE invoices SET id = 1 / (id - 6)").unwrap();
}
