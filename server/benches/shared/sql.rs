//! The floor: what the same disk and the same database do without us. One row a commit, one by one; and the pieces of
//! which the bare SQL of a transaction is put together, on one connection, with its statements kept prepared.

use std::time::{Duration, Instant};

use db::types::{Id, of};
use db::{Conn, each_backend, prepared};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::place::Place;

/// Commits a second of one small row each.
pub fn one_by_one(place: &Place, length: Duration) -> anyhow::Result<f64> {
    let mut conn = place.raw();
    conn.batch_execute("CREATE TABLE IF NOT EXISTS bench_floor (n BIGINT PRIMARY KEY, v BIGINT NOT NULL)")?;
    conn.batch_execute("DELETE FROM bench_floor")?;
    let (began, mut count) = (Instant::now(), 0);
    while began.elapsed() < length {
        let insert = sql_query("INSERT INTO bench_floor (n, v) VALUES ($1, 7)");
        let _: Vec<Nothing> =
            each_backend!(&mut conn, |c| prepared(insert.bind::<BigInt, _>(count)).load(c))?;
        count += 1;
    }
    let rate = count as f64 / began.elapsed().as_secs_f64();
    conn.batch_execute("DROP TABLE bench_floor")?;
    Ok(rate)
}

/// A new id.
pub fn id() -> String {
    Id::<of::Session>::new().to_string()
}

/// One statement with text parameters; numbers are written into it, as they are the same for every ticket.
pub fn run(conn: &mut Conn, sql: &str, texts: &[&str]) -> anyhow::Result<()> {
    let mut query = sql_query(sql).into_boxed();
    match conn {
        Conn::Sqlite(c) => {
            for text in texts {
                query = query.bind::<Text, _>(*text);
            }
            let _: Vec<Nothing> = prepared(query).load(c)?;
        }
        Conn::Postgres(c) => {
            let mut query = sql_query(sql).into_boxed();
            for text in texts {
                query = query.bind::<Text, _>(*text);
            }
            let _: Vec<Nothing> = prepared(query).load(c)?;
        }
    }
    Ok(())
}

/// A row that nobody looks at: statements stay prepared only if they are asked for rows.
pub struct Nothing;

impl<DB: diesel::backend::Backend> QueryableByName<DB> for Nothing {
    fn build<'a>(_: &impl diesel::row::NamedRow<'a, DB>) -> diesel::deserialize::Result<Self> {
        Ok(Self)
    }
}

/// Inserts rows whose cells are given as text, at the question marks of `values`.
pub fn insert(conn: &mut Conn, columns: &str, values: &str, rows: Vec<Vec<String>>) -> anyhow::Result<()> {
    if !conn.is_postgres() {
        let sql = format!("INSERT INTO {columns} VALUES {values}");
        for cells in rows {
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            run(conn, &sql, &cells)?;
        }
        return Ok(());
    }
    let mut sql = format!("INSERT INTO {columns} VALUES ");
    let mut n = 0;
    for (i, _) in rows.iter().enumerate() {
        sql.push_str(if i > 0 { ", " } else { "" });
        for piece in values.split_inclusive('?') {
            sql.push_str(piece.trim_end_matches('?'));
            if piece.ends_with('?') {
                n += 1;
                sql.push_str(&format!("${n}"));
            }
        }
    }
    let cells: Vec<&str> = rows.iter().flatten().map(String::as_str).collect();
    run(conn, &sql, &cells)
}

/// The end of a group: the counter, the log with its contents, and the phones' feed, many rows a statement where the
/// database has a round trip to save. `tickets` are ids with the scope that is told of them; each has so many rows.
pub fn log(conn: &mut Conn, tickets: &[(&str, &str)], each: usize, body: &str) -> anyhow::Result<()> {
    let rows = tickets.len() * each;
    let next = format!("UPDATE counters SET value = value + {rows} WHERE name = 'changes' RETURNING value");
    let last: Next = each_backend!(&mut *conn, |c| sql_query(&next).get_result(c))?;
    let first = last.value - rows as i64;
    let joined = |row: &dyn Fn(i64, &str, &str) -> String| {
        let of = |(n, (ticket, scope)): (usize, &(&str, &str))| {
            let number = |k: usize| first + (n * each + k) as i64 + 1;
            (0..each).map(|k| row(number(k), ticket, scope)).collect::<Vec<_>>()
        };
        tickets.iter().enumerate().flat_map(of).collect::<Vec<_>>().join(",")
    };
    let digest = "e".repeat(64);
    let changes = joined(&|n, ticket, _| {
        format!("({n}, 0, 'bench', 'bench', NULL, 'tickets', '{ticket}', '{ticket}', 'put', '{digest}')")
    });
    let columns = "seq, at, actor_id, actor, device_id, entity, row_id, ticket_id, op, digest";
    conn.batch_execute(&format!("INSERT INTO changes ({columns}) VALUES {changes}"))?;
    let contents = joined(&|n, _, _| format!("({n}, '{}', '{body}')", &digest[..32]));
    conn.batch_execute(&format!("INSERT INTO change_contents (seq, salt, body) VALUES {contents}"))?;
    let feed = joined(&|n, ticket, scope| format!("('{scope}', 'tickets', '{ticket}-{n}', {n}, 'put')"));
    Ok(conn.batch_execute(&format!(
        "INSERT INTO sync_feed (scope, collection, row_id, seq, op) VALUES {feed}"
    ))?)
}

#[derive(QueryableByName)]
struct Next {
    #[diesel(sql_type = BigInt)]
    value: i64,
}
