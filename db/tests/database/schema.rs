//! Both databases, `schema.rs` and the migrations say the same.

use std::collections::{BTreeMap, BTreeSet};

use db::both_backends;
use db::schema::{LOGGED, UNLOGGED};
use db::testing::{Backend, TestDb, block_on, fresh_url, raw};
use db::{Conn, Db, Options, Url, migrate};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_migrations::MigrationHarness;

/// A column: its name, its type as `schema.rs` calls it, and whether it may be null.
type Column = (String, String, bool);

#[derive(Debug, PartialEq, Eq)]
struct Table {
    key: BTreeSet<String>,
    columns: Vec<Column>,
}

/// `schema.rs` as text, since its types are gone once it is compiled.
fn described() -> BTreeMap<String, Table> {
    let text = include_str!("../../src/schema.rs");
    let mut tables = BTreeMap::new();
    for block in text.split("diesel::table! {").skip(1) {
        let mut lines = block.lines().map(str::trim).filter(|line| !line.is_empty());
        let head = lines.next().unwrap().trim_end_matches('{').trim().trim_end_matches(')');
        let (name, key) = head.split_once(" (").unwrap();
        let columns = lines.take_while(|line| *line != "}").map(|line| {
            let (column, kind) = line.trim_end_matches(',').split_once(" -> ").unwrap();
            let inner = kind.strip_prefix("Nullable<").and_then(|k| k.strip_suffix('>'));
            (column.to_owned(), inner.unwrap_or(kind).to_owned(), inner.is_some())
        });
        let table = Table { key: key.split(", ").map(str::to_owned).collect(), columns: columns.collect() };
        tables.insert(name.to_owned(), table);
    }
    tables
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Bool)]
    key: bool,
}

const SQLITE_COLUMNS: &str = "SELECT t.name AS \"table\", c.name, c.type AS kind,
    c.\"notnull\" = 0 AND c.pk = 0 AS nullable, c.pk > 0 AS \"key\"
  FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid";

const POSTGRES_COLUMNS: &str = "SELECT c.table_name::text AS \"table\", c.column_name::text AS name,
    c.data_type::text AS kind, c.is_nullable = 'YES' AS nullable, EXISTS (
      SELECT 1 FROM information_schema.table_constraints k JOIN information_schema.key_column_usage u
        USING (constraint_schema, constraint_name) WHERE k.constraint_type = 'PRIMARY KEY'
        AND u.table_name = c.table_name AND u.column_name = c.column_name) AS \"key\"
  FROM information_schema.columns c WHERE c.table_schema = 'public' ORDER BY c.table_name, c.ordinal_position";

/// Tables that are neither ours nor the schema's: diesel's own, and the guard's of the tests.
const OTHERS: [&str; 2] = ["__diesel_schema_migrations", "guard_written_rows"];

fn found(conn: &mut Conn) -> BTreeMap<String, Table> {
    let sql = if conn.is_postgres() { POSTGRES_COLUMNS } else { SQLITE_COLUMNS };
    let rows: Vec<Found> = diesel::sql_query(sql).load(conn).unwrap();
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| !OTHERS.contains(&row.table.as_str())) {
        let table =
            tables.entry(row.table).or_insert_with(|| Table { key: BTreeSet::new(), columns: Vec::new() });
        if row.key {
            table.key.insert(row.name.clone());
        }
        table.columns.push((row.name, row.kind, row.nullable));
    }
    tables
}

/// How a type of `schema.rs` is spelt in each database.
fn spelt(kind: &str, postgres: bool) -> &'static str {
    match (kind, postgres) {
        ("Text", false) => "TEXT",
        ("Text", true) => "text",
        ("BigInt" | "Integer" | "Bool", false) => "INTEGER",
        ("BigInt", true) => "bigint",
        ("Integer", true) => "integer",
        ("Bool", true) => "boolean",
        ("Double", false) => "REAL",
        ("Double", true) => "double precision",
        _ => panic!("no migration may use the type {kind}"),
    }
}

#[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, sqlite: &str, postgres: &str) -> Vec<String> {
    let sql = if conn.is_postgres() { postgres } else { sqlite };
    let rows: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

both_backends! {
    async fn the_database_has_the_tables_columns_and_keys_of_schema_rs(test: TestDb) {
        let mut conn = raw(&test.url);
        let mut expected = described();
        for table in expected.values_mut() {
            for column in &mut table.columns {
                column.1 = spelt(&column.1, conn.is_postgres()).to_owned();
            }
        }
        let found = found(&mut conn);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        for (name, table) in expected {
            assert_eq!(found[&name], table, "{name}");
        }
    }

    async fn every_migration_can_be_taken_back_and_applied_again(test: TestDb) {
        let mut conn = raw(&test.url);
        match &mut conn {
            Conn::Sqlite(c) => drop(c.revert_all_migrations(migrate::SQLITE).unwrap()),
            Conn::Postgres(c) => drop(c.revert_all_migrations(migrate::POSTGRES).unwrap()),
        }
        assert_eq!(found(&mut conn), BTreeMap::new());
        migrate::run(&mut conn).unwrap();
        assert_eq!(found(&mut conn).len(), LOGGED.len() + UNLOGGED.len());
    }
}

#[test]
fn every_table_is_either_logged_or_not() {
    let logged = LOGGED.iter().map(|(name, _)| (*name).to_owned());
    let mut listed: Vec<String> = logged.chain(UNLOGGED.iter().map(|name| (*name).to_owned())).collect();
    listed.sort();
    let all: Vec<String> = described().into_keys().collect();
    assert_eq!(listed, all);
}

#[test]
fn a_logged_row_is_identified_by_the_key_of_its_table() {
    let tables = described();
    for (name, key) in LOGGED {
        assert_eq!(tables[*name].key, BTreeSet::from([(*key).to_owned()]), "{name}");
    }
}

#[test]
fn migrations_have_the_same_names_on_both_databases() {
    assert_eq!(migrate::names(false), migrate::names(true));
    assert!(!migrate::names(false).is_empty());
}

/// What both databases must agree on, found in each.
fn compare(sqlite: &str, postgres: &str) -> (Vec<String>, Vec<String>) {
    let [on_sqlite, on_postgres] = [Backend::Sqlite, Backend::Postgres].map(|backend| {
        let test = TestDb::fresh(backend);
        let mut found = lines(&mut raw(&test.url), sqlite, postgres);
        found.sort();
        found
    });
    (on_sqlite, on_postgres)
}

#[test]
fn indexes_have_the_same_names_on_both_databases() {
    let (sqlite, postgres) = compare(
        "SELECT name AS line FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "SELECT indexname::text AS line FROM pg_indexes WHERE schemaname = 'public'
         AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key'",
    );
    assert_eq!(sqlite, postgres);
}

#[test]
fn rows_refer_to_the_same_tables_on_both_databases() {
    let (sqlite, postgres) = compare(
        "SELECT t.name || '.' || k.\"from\" || ' ' || k.\"table\" AS line
         FROM sqlite_master t, pragma_foreign_key_list(t.name) k WHERE t.type = 'table'",
        "SELECT u.table_name || '.' || u.column_name || ' ' || r.table_name AS line
         FROM information_schema.referential_constraints k
         JOIN information_schema.key_column_usage u USING (constraint_schema, constraint_name)
         JOIN information_schema.table_constraints r ON r.constraint_name = k.unique_constraint_name
          AND r.constraint_schema = k.unique_constraint_schema",
    );
    assert_eq!(sqlite, postgres);
    assert!(sqlite.contains(&"sites.customer_id customers".to_owned()), "{sqlite:?}");
}

#[test]
fn every_sqlite_table_refuses_values_of_a_wrong_type() {
    let test = TestDb::fresh(Backend::Sqlite);
    let lax = "SELECT name AS line FROM pragma_table_list WHERE NOT strict AND type = 'table'
               AND name NOT LIKE 'sqlite_%' AND schema = 'main'";
    let mut found = lines(&mut raw(&test.url), lax, "");
    found.sort();
    assert_eq!(found, OTHERS, "only tables that are not ours");
}

/// Several servers start at once on an empty database.
fn start_together(url: &Url) {
    let servers: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || Db::open(Options::new(url)).map(drop))
        })
        .collect();
    for server in servers {
        server.join().unwrap().unwrap();
    }
    assert_eq!(found(&mut raw(url)).len(), LOGGED.len() + UNLOGGED.len());
}

#[test]
fn servers_that_start_together_migrate_an_empty_postgres_once() {
    let (url, _scratch) = fresh_url(Backend::Postgres);
    raw(&url).batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
    block_on(async { start_together(&url) });
}

#[test]
fn servers_that_start_together_migrate_an_empty_file_once() {
    let (url, _scratch) = fresh_url(Backend::Sqlite);
    block_on(async { start_together(&url) });
}
