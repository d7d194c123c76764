//! Sites and assets, whose changes go to those who hold them, and what everybody holds: parts and colleagues.

use std::collections::HashSet;

use db::schema::{sites, sync_feed};
use db::{Change, Conn, Op};
use diesel::prelude::*;
use mobile_sync_wire::Collection;
use serde::Deserialize;

use super::group::{Group, row};
use super::{EVERYBODY, Holders, IDS, News, Tell};

#[derive(Deserialize)]
struct Active {
    active: bool,
}

pub(super) fn follow(
    conn: &mut Conn,
    group: &Group<'_>,
    holders: &Holders,
    news: &mut Vec<News>,
) -> Result<(), db::Error> {
    // A place that is edited in the same group in which its last ticket leaves a scope leaves with it.
    let key = |n: &News| (n.scope.clone(), n.row_id.clone());
    let leaving: HashSet<_> = news.iter().filter(|n| n.tell == Tell::Remove).map(key).collect();
    let mut edited = Vec::new();
    changed(conn, group, holders, &mut edited)?;
    news.extend(edited.into_iter().filter(|n| !leaving.contains(&key(n))));
    Ok(())
}

fn changed(
    conn: &mut Conn,
    group: &Group<'_>,
    holders: &Holders,
    news: &mut Vec<News>,
) -> Result<(), db::Error> {
    for (table, collection) in [("sites", Collection::Sites), ("assets", Collection::Assets)] {
        for change in group.puts(table) {
            let tell = tell(change);
            let scopes = holders.scopes(&change.row_id).iter();
            news.extend(scopes.map(|scope| News::new(scope, collection, &change.row_id, tell)));
        }
    }
    for change in group.puts("parts") {
        news.push(News::new(EVERYBODY, Collection::Parts, &change.row_id, tell(change)));
    }
    for change in group.puts("checklists") {
        news.push(News::new(EVERYBODY, Collection::Checklists, &change.row_id, tell(change)));
    }
    for change in group.puts("engineers") {
        let here = row::<Active>(change)?.active;
        let tell = if here { tell(change) } else { Tell::Delete };
        news.push(News::new(EVERYBODY, Collection::Colleagues, &change.row_id, tell));
    }
    customers(conn, group, news)
}

fn tell(change: &Change) -> Tell {
    if change.op == Op::Delete { Tell::Delete } else { Tell::Put }
}

/// A site shows its customer's name.
fn customers(conn: &mut Conn, group: &Group<'_>, news: &mut Vec<News>) -> Result<(), db::Error> {
    let ids: Vec<&str> = group.puts("customers").map(|change| change.row_id.as_str()).collect();
    for ids in ids.chunks(IDS) {
        let found: Vec<(String, String)> = sync_feed::table
            .inner_join(sites::table.on(sites::id.eq(sync_feed::row_id)))
            .filter(sync_feed::collection.eq(Collection::Sites.as_str()))
            .filter(sync_feed::op.eq("put"))
            .filter(sites::customer_id.eq_any(ids))
            .select((sync_feed::scope, sync_feed::row_id))
            .load(conn)?;
        news.extend(found.iter().map(|(scope, id)| News::new(scope, Collection::Sites, id, Tell::Put)));
    }
    Ok(())
}
