//! `POST /sync/v1/pull`: one page of a scope's feed, with the rows as they are now.
//!
//! Two range scans (the engineer's own feed and everybody's), one query for the rows of each collection in the page
//! and one for their versions; what has not changed costs nothing, however much there is.

use std::collections::BTreeSet;

use db::schema::sync_feed;
use db::{Conn, Db};
use diesel::prelude::*;
use mobile_sync_wire::limits::{MAX_NUMBER, PAGE_DEFAULT, PAGE_LIMIT};
use mobile_sync_wire::mutants::{self, Mutant};
use mobile_sync_wire::pull::{PageChange, PullPage, PullRequest};
use mobile_sync_wire::{Collection, shapes};

use crate::devices::Standing;
use crate::{Error, Phone, docs, feed};

/// An entry of the feed: collection, row, number, op.
type Entry = (String, String, i64, String);

/// Answers a pull.
///
/// # Errors
/// A phone that is not enrolled, a cursor or a limit out of range, or a failure of the database.
pub async fn pull(db: &Db, phone: &Phone, request: PullRequest) -> Result<PullPage, Error> {
    let server_time = db.clock().now().millis();
    let phone = phone.clone();
    let limit = request.limit.unwrap_or(PAGE_DEFAULT);
    if !(0..=MAX_NUMBER).contains(&request.cursor) {
        return Err(Error::Invalid { field: "cursor", problem: format!("must be 0 to {MAX_NUMBER}") });
    }
    if !(1..=PAGE_LIMIT).contains(&limit) {
        return Err(Error::Invalid { field: "limit", problem: format!("must be 1 to {PAGE_LIMIT}") });
    }
    if !shapes::is_served(request.schema) {
        return Err(Error::SchemaTooOld);
    }
    db.read(move |conn| page(conn, &phone, &request, limit as usize, server_time)).await
}

fn page(
    conn: &mut Conn,
    phone: &Phone,
    request: &PullRequest,
    limit: usize,
    server_time: i64,
) -> Result<PullPage, Error> {
    let Standing { epoch, acked_seq } = Standing::of(conn, phone)?;
    // Each once, however often it was named: a statement takes only so many parameters.
    let only: Option<Vec<&str>> = request.collections.as_ref().map(|names| {
        let known: BTreeSet<Collection> = names.iter().filter_map(|name| Collection::parse(name)).collect();
        known.into_iter().map(Collection::as_str).collect()
    });
    let mut entries = Vec::new();
    for scope in [phone.engineer_id.as_str(), feed::EVERYBODY] {
        entries.extend(after(conn, scope, request.cursor, limit + 1, only.as_deref())?);
    }
    entries.sort_by_key(|(_, _, seq, _)| *seq);
    let more = entries.len() > limit;
    entries.truncate(limit);
    let cursor = match entries.last() {
        Some((_, _, seq, _)) if more && !mutants::on(Mutant::PageCursor) => *seq,
        // All is read up to the last number there is, whoever it was for.
        _ => db::changes::last(conn)?.max(request.cursor).max(1),
    };
    let changes = with_rows(conn, entries, request.schema)?;
    Ok(PullPage { epoch, cursor, more, acked_seq, server_time, changes })
}

fn after(
    conn: &mut Conn,
    scope: &str,
    cursor: i64,
    limit: usize,
    only: Option<&[&str]>,
) -> Result<Vec<Entry>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let columns = (sync_feed::collection, sync_feed::row_id, sync_feed::seq, sync_feed::op);
    let of_scope = sync_feed::table.filter(sync_feed::scope.eq(scope)).filter(sync_feed::seq.gt(cursor));
    let in_order = of_scope.order(sync_feed::seq).limit(limit).select(columns);
    Ok(match only {
        None => in_order.load(conn)?,
        Some(names) => in_order.filter(sync_feed::collection.eq_any(names)).load(conn)?,
    })
}

fn with_rows(conn: &mut Conn, entries: Vec<Entry>, schema: u32) -> Result<Vec<PageChange>, Error> {
    let known = |name: &str| Collection::parse(name);
    let wanted = entries
        .iter()
        .filter(|(_, _, _, op)| op == "put")
        .filter_map(|(name, id, _, _)| known(name).map(|collection| (collection, id.clone())));
    let mut rows = docs::load(conn, wanted)?;
    let mut changes = Vec::with_capacity(entries.len());
    for (name, id, _, op) in entries {
        let Some(collection) = known(&name) else { continue };
        changes.push(match (op.as_str(), rows.remove(&(collection, id.clone()))) {
            ("remove", _) => PageChange::remove(collection, id),
            ("put", Some(mut row)) => {
                shapes::down(collection, &mut row.doc, schema);
                PageChange::put(collection, id, row.v, row.doc)
            }
            _ => PageChange::delete(collection, id),
        });
    }
    Ok(changes)
}
