//! The record's tables, and the change log with contents as they are: every query of this crate.

use std::collections::HashMap;

use db::schema::{
    assignments, change_contents, changes, counters, record_heads, record_keys, record_leaves, record_nodes,
};
use db::{Conn, Timestamp, Tx, each_backend};
use diesel::dsl::max;
use diesel::prelude::*;

use crate::Error;
use crate::entry::{Content, Leaf, parts};
use crate::tree::{Hash, TILE, Tiles, hex, sha256, unhex};

/// The counter of leaves.
const COUNTER: &str = "record";
/// Ids in one list of a statement.
const LIST: usize = 500;

/// A change as the log has it.
#[derive(Debug, Clone)]
pub(crate) struct Logged {
    pub number: i64,
    pub at: Timestamp,
    pub actor_id: String,
    pub actor: String,
    pub device_id: Option<String>,
    pub entity: String,
    pub row_id: String,
    pub op: String,
    pub ticket_id: Option<String>,
    /// Of the whole row, by the writer.
    pub digest: String,
    pub content: Option<Content>,
    /// The dossier, of an assignment. It stands in its own row, is too long for the log, and never changes.
    pub why: Option<String>,
}

impl Logged {
    /// What is hashed for it, as that entry of its ticket.
    pub fn leaf(&self, entry: Option<i64>, previous: Option<&str>) -> Leaf {
        let parts = parts(&self.entity, self.content.as_ref());
        Leaf {
            number: self.number,
            at: self.at,
            actor_id: self.actor_id.clone(),
            actor: self.actor.clone(),
            device_id: self.device_id.clone(),
            entity: self.entity.clone(),
            row_id: self.row_id.clone(),
            op: self.op.clone(),
            ticket_id: self.ticket_id.clone(),
            entry,
            previous: previous.map(str::to_owned),
            open: parts.open.digest,
            personal: parts.personal.map(|part| part.digest),
            why: self.why.as_deref().map(sha256),
        }
    }
}

type Meta = (i64, Timestamp, String, String, Option<String>, String, String, String, Option<String>, String);
type ContentRow = (String, String, Option<Timestamp>, Option<String>, Option<String>);

/// With the dossiers of those that are assignments.
fn logged(conn: &mut Conn, rows: Vec<(Meta, Option<ContentRow>)>) -> Result<Vec<Logged>, Error> {
    let mut changes: Vec<Logged> = rows.into_iter().map(bare).collect();
    let is_one = |change: &&mut Logged| change.entity == "assignments";
    let mut ids: Vec<String> =
        changes.iter_mut().filter(is_one).map(|change| change.row_id.clone()).collect();
    ids.dedup();
    let mut dossiers = HashMap::with_capacity(ids.len());
    for list in ids.chunks(LIST) {
        let found: Vec<(String, String)> = assignments::table
            .filter(assignments::id.eq_any(list))
            .select((assignments::id, assignments::dossier))
            .load(conn)?;
        dossiers.extend(found);
    }
    for change in changes.iter_mut().filter(is_one) {
        change.why = dossiers.get(&change.row_id).cloned();
    }
    Ok(changes)
}

fn bare((meta, content): (Meta, Option<ContentRow>)) -> Logged {
    let (number, at, actor_id, actor, device_id, entity, row_id, op, ticket_id, digest) = meta;
    let content = content.map(|(salt, body, erased_at, open_digest, personal_digest)| Content {
        salt,
        body,
        erased_at,
        open_digest,
        personal_digest,
    });
    Logged {
        number,
        at,
        actor_id,
        actor,
        device_id,
        entity,
        row_id,
        op,
        ticket_id,
        digest,
        content,
        why: None,
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn meta() -> _ {
    (
        changes::seq,
        changes::at,
        changes::actor_id,
        changes::actor,
        changes::device_id,
        changes::entity,
        changes::row_id,
        changes::op,
        changes::ticket_id,
        changes::digest,
    )
}

#[diesel::dsl::auto_type(no_type_alias)]
fn content() -> _ {
    (
        change_contents::salt,
        change_contents::body,
        change_contents::erased_at,
        change_contents::open_digest,
        change_contents::personal_digest,
    )
}

/// The changes after a number, in order.
pub(crate) fn changes_after(conn: &mut Conn, number: i64, limit: i64) -> Result<Vec<Logged>, Error> {
    let rows: Vec<(Meta, Option<ContentRow>)> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::seq.gt(number))
        .order(changes::seq)
        .limit(limit)
        .select((meta(), content().nullable()))
        .load(conn)?;
    logged(conn, rows)
}

/// The changes after a number and up to another, in order.
pub(crate) fn changes_between(conn: &mut Conn, after: i64, to: i64) -> Result<Vec<Logged>, Error> {
    let rows: Vec<(Meta, Option<ContentRow>)> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::seq.gt(after).and(changes::seq.le(to)))
        .order(changes::seq)
        .select((meta(), content().nullable()))
        .load(conn)?;
    logged(conn, rows)
}

/// The changes of a ticket after a number.
pub(crate) fn changes_of(
    conn: &mut Conn,
    ticket_id: &str,
    number: i64,
    limit: i64,
) -> Result<Vec<Logged>, Error> {
    let rows: Vec<(Meta, Option<ContentRow>)> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::ticket_id.eq(ticket_id))
        .filter(changes::seq.gt(number))
        .order(changes::seq)
        .limit(limit)
        .select((meta(), content().nullable()))
        .load(conn)?;
    logged(conn, rows)
}

/// The changes of one row.
pub(crate) fn changes_of_row(conn: &mut Conn, entity: &str, row_id: &str) -> Result<Vec<Logged>, Error> {
    let rows: Vec<(Meta, Option<ContentRow>)> = changes::table
        .left_join(change_contents::table.on(change_contents::seq.eq(changes::seq)))
        .filter(changes::entity.eq(entity))
        .filter(changes::row_id.eq(row_id))
        .order(changes::seq)
        .select((meta(), content().nullable()))
        .load(conn)?;
    logged(conn, rows)
}

/// Replaces what is kept of a change.
pub(crate) fn replace_content(tx: &mut Tx<'_>, number: i64, left: &Content) -> Result<(), Error> {
    diesel::update(change_contents::table.find(number))
        .set((
            change_contents::salt.eq(&left.salt),
            change_contents::body.eq(&left.body),
            change_contents::erased_at.eq(left.erased_at),
            change_contents::open_digest.eq(&left.open_digest),
            change_contents::personal_digest.eq(&left.personal_digest),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// A leaf as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, Selectable)]
#[diesel(table_name = record_leaves, treat_none_as_default_value = false)]
pub(crate) struct SealedLeaf {
    pub position: i64,
    pub seq: i64,
    pub entry: Option<i64>,
    pub hash: String,
}

/// A node as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = record_nodes)]
pub(crate) struct SealedNode {
    pub level: i64,
    pub position: i64,
    pub hash: String,
}

/// A head as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = record_heads)]
pub(crate) struct SignedHead {
    pub size: i64,
    pub root: String,
    pub signed_at: Timestamp,
    pub note: String,
}

/// How many leaves there are.
pub(crate) fn size(conn: &mut Conn) -> Result<i64, Error> {
    Ok(counters::table.find(COUNTER).select(counters::value).first(conn)?)
}

/// Says that there are more leaves now; false if somebody else has added some since.
pub(crate) fn grow(tx: &mut Tx<'_>, from: i64, to: i64) -> Result<bool, Error> {
    let grown = diesel::update(counters::table.find(COUNTER))
        .filter(counters::value.eq(from))
        .set(counters::value.eq(to))
        .execute(tx.conn())?;
    Ok(grown == 1)
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    leaves: &[SealedLeaf],
    nodes: &[SealedNode],
    head: &SignedHead,
) -> Result<(), Error> {
    each_backend!(tx.conn(), |c| diesel::insert_into(record_leaves::table).values(leaves).execute(c))?;
    each_backend!(tx.conn(), |c| diesel::insert_into(record_nodes::table).values(nodes).execute(c))?;
    each_backend!(tx.conn(), |c| diesel::insert_into(record_heads::table).values(head).execute(c))?;
    Ok(())
}

/// The number of the last change that has a leaf; 0 if none has.
pub(crate) fn last_sealed(conn: &mut Conn) -> Result<i64, Error> {
    let seq: Option<i64> = record_leaves::table.select(max(record_leaves::seq)).first(conn)?;
    Ok(seq.unwrap_or(0))
}

/// The leaves from a position on.
pub(crate) fn leaves_from(conn: &mut Conn, position: i64, limit: i64) -> Result<Vec<SealedLeaf>, Error> {
    Ok(record_leaves::table
        .filter(record_leaves::position.ge(position))
        .order(record_leaves::position)
        .limit(limit)
        .load(conn)?)
}

/// The leaves of these changes, by their numbers.
pub(crate) fn leaves_of(conn: &mut Conn, numbers: &[i64]) -> Result<HashMap<i64, SealedLeaf>, Error> {
    let mut found = HashMap::with_capacity(numbers.len());
    for list in numbers.chunks(LIST) {
        let leaves: Vec<SealedLeaf> =
            record_leaves::table.filter(record_leaves::seq.eq_any(list)).load(conn)?;
        found.extend(leaves.into_iter().map(|leaf| (leaf.seq, leaf)));
    }
    Ok(found)
}

/// The last sealed entry of each of these tickets, and its hash.
pub(crate) fn last_entries(
    conn: &mut Conn,
    tickets: &[String],
    sealed: i64,
) -> Result<HashMap<String, (i64, String)>, Error> {
    let mut last: Vec<(Option<String>, Option<i64>)> = Vec::new();
    for list in tickets.chunks(LIST) {
        let page: Vec<_> = changes::table
            .filter(changes::ticket_id.eq_any(list))
            .filter(changes::seq.le(sealed))
            .group_by(changes::ticket_id)
            .select((changes::ticket_id, max(changes::seq)))
            .load(conn)?;
        last.extend(page);
    }
    let numbers: Vec<i64> = last.iter().filter_map(|(_, number)| *number).collect();
    let leaves = leaves_of(conn, &numbers)?;
    let of_ticket = |(ticket, number): (Option<String>, Option<i64>)| {
        let leaf = leaves.get(&number?)?;
        Some((ticket?, (leaf.entry?, leaf.hash.clone())))
    };
    Ok(last.into_iter().filter_map(of_ticket).collect())
}

/// All nodes, level by level.
pub(crate) fn nodes(conn: &mut Conn) -> Result<Vec<SealedNode>, Error> {
    Ok(record_nodes::table.order((record_nodes::level, record_nodes::position)).load(conn)?)
}

/// The head of the greatest size.
pub(crate) fn last_head(conn: &mut Conn) -> Result<Option<SignedHead>, Error> {
    Ok(record_heads::table.order(record_heads::size.desc()).first(conn).optional()?)
}

/// The heads of more than so many leaves and at most so many, the smallest first.
pub(crate) fn heads_between(conn: &mut Conn, more_than: i64, to: i64) -> Result<Vec<SignedHead>, Error> {
    Ok(record_heads::table
        .filter(record_heads::size.gt(more_than).and(record_heads::size.le(to)))
        .order(record_heads::size)
        .load(conn)?)
}

/// The tree, tile by tile as it is needed.
pub(crate) fn tiles(conn: &mut Conn) -> Tiles<impl FnMut(u32, u64) -> Result<Vec<Hash>, Error>> {
    Tiles::new(move |level, tile| {
        let first = i64::try_from(tile * TILE).unwrap_or(i64::MAX);
        let range = first..first + TILE as i64;
        let rows: Vec<(i64, String)> = if level == 0 {
            record_leaves::table
                .filter(record_leaves::position.ge(range.start).and(record_leaves::position.lt(range.end)))
                .order(record_leaves::position)
                .select((record_leaves::position, record_leaves::hash))
                .load(conn)?
        } else {
            record_nodes::table
                .filter(record_nodes::level.eq(i64::from(level)))
                .filter(record_nodes::position.ge(range.start).and(record_nodes::position.lt(range.end)))
                .order(record_nodes::position)
                .select((record_nodes::position, record_nodes::hash))
                .load(conn)?
        };
        // Up to the first that is not where it belongs: whoever needs those behind it finds them missing.
        let in_place = rows.iter().zip(first..).take_while(|((position, _), expected)| position == expected);
        Ok(in_place.map_while(|((_, hash), _)| unhex(hash)).collect())
    })
}

/// The keys that heads are or were signed with, the first one first: from which size on, and which.
pub(crate) fn keys(conn: &mut Conn) -> Result<Vec<(i64, String)>, Error> {
    Ok(record_keys::table
        .order(record_keys::from_size)
        .select((record_keys::from_size, record_keys::public_key))
        .load(conn)?)
}

/// Heads from here on are signed with this key. Of two servers that say so at once the first is heard.
pub(crate) fn add_key(tx: &mut Tx<'_>, key: &str) -> Result<(), Error> {
    let row = (
        record_keys::from_size.eq(size(tx.conn())?),
        record_keys::public_key.eq(key),
        record_keys::known_at.eq(tx.now()),
    );
    each_backend!(tx.conn(), |c| diesel::insert_into(record_keys::table)
        .values(&row)
        .on_conflict(record_keys::from_size)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// Like [`add_key`], over one that was to begin at the same size and signed nothing.
pub(crate) fn replace_key(tx: &mut Tx<'_>, key: &str) -> Result<(), Error> {
    let from = size(tx.conn())?;
    diesel::delete(record_keys::table.find(from)).execute(tx.conn())?;
    add_key(tx, key)
}

impl From<&crate::tree::Node> for SealedNode {
    fn from(node: &crate::tree::Node) -> Self {
        let position = i64::try_from(node.position).unwrap_or(i64::MAX);
        Self { level: i64::from(node.level), position, hash: hex(&node.hash) }
    }
}
