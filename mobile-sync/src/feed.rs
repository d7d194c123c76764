//! Which phones hear of a change: the hook that `db` calls once at the end of each group of writes.
//!
//! A ticket belongs to the scope of the engineer who has it, until it is closed or cancelled; its site, its asset
//! and all its rows go with it. When it changes hands, they are removed from one scope and put into the other. Every
//! entry gets a number of its own, so that a page may end between any two of them.
//!
//! This is on the way of every write, so a group costs a fixed number of statements, however many changes it has,
//! and a group that concerns no phone costs at most two.

mod group;
mod places;
mod stock;
mod tickets;

use std::collections::{HashMap, HashSet};

use db::changes::take_numbers;
use db::schema::sync_feed;
use db::{Change, Conn, FeedEntry};
use diesel::prelude::*;
use mobile_sync_wire::Collection;
use mobile_sync_wire::mutants::{self, Mutant};

use crate::docs::Key;
use group::Group;

/// The scope of what everybody holds: the parts' catalogue and the colleagues' names.
pub const EVERYBODY: &str = "*";

/// Most ids in one statement: SQLite takes 32,766 parameters.
const IDS: usize = 10_000;

/// What a scope has to hear of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tell {
    /// It is no longer yours.
    Remove,
    /// It is gone.
    Delete,
    /// As it is now.
    Put,
}

impl Tell {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::Delete => "delete",
            Self::Put => "put",
        }
    }
}

/// A row that a scope has to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    pub scope: String,
    pub collection: Collection,
    pub row_id: String,
    pub tell: Tell,
}

impl News {
    fn new(scope: &str, collection: Collection, row_id: &str, tell: Tell) -> Self {
        Self { scope: scope.to_owned(), collection, row_id: row_id.to_owned(), tell }
    }
}

/// Says which scopes have to hear of these changes.
///
/// # Errors
/// A failure of the database.
pub fn scopes(conn: &mut Conn, changes: &[&Change]) -> Result<Vec<FeedEntry>, db::Error> {
    let group = Group::of(changes)?;
    let holders = Holders::of(conn, &group)?;
    let mut news = Vec::new();
    tickets::follow(conn, &group, &holders, &mut news)?;
    places::follow(conn, &group, &holders, &mut news)?;
    stock::follow(conn, &group, &mut news)?;
    number(conn, news)
}

/// How far back the broken numbers of [`Mutant::CommitOrder`] lie: about one group.
const LATE: i64 = 6;

/// Gives the entries the next numbers of the log. Whoever calls this holds the counter until his commit, so these
/// numbers follow the order of commits as those of the changes do.
pub(crate) fn number(conn: &mut Conn, mut news: Vec<News>) -> Result<Vec<FeedEntry>, db::Error> {
    // The last word on a row counts; what is put outdoes what is removed, for a ticket may come as another goes.
    news.sort_by_key(|n| n.tell);
    let mut last: HashMap<(String, Collection, String), Tell> = HashMap::with_capacity(news.len());
    for n in news {
        last.insert((n.scope, n.collection, n.row_id), n.tell);
    }
    let count = i64::try_from(last.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(Vec::new());
    }
    // A phone reads in this order: first what is gone, then tickets before what belongs to them.
    let mut ordered: Vec<_> = last.into_iter().collect();
    ordered.sort_by(|(a, tell_a), (b, tell_b)| (tell_a, a.1, &a.2, &a.0).cmp(&(tell_b, b.1, &b.2, &b.0)));
    let mut first = take_numbers(conn, count)?;
    if mutants::on(Mutant::CommitOrder) {
        first = (first - LATE).max(1);
    }
    let entries =
        ordered.into_iter().zip(first..).map(|(((scope, collection, row_id), tell), seq)| FeedEntry {
            scope,
            collection: collection.as_str().to_owned(),
            row_id,
            seq,
            op: tell.as_str().to_owned(),
        });
    Ok(entries.collect())
}

/// Which of these rows the engineer's phones hold, as far as the feed has told them.
pub(crate) fn visible(conn: &mut Conn, engineer_id: &str, keys: &[Key]) -> Result<HashSet<Key>, db::Error> {
    let wanted: HashSet<&Key> = keys.iter().collect();
    let ids: Vec<&str> = keys.iter().map(|(_, id)| id.as_str()).collect();
    let collections: HashSet<&str> = keys.iter().map(|(collection, _)| collection.as_str()).collect();
    let collections: Vec<&str> = collections.into_iter().collect();
    let mut visible = HashSet::new();
    for ids in ids.chunks(IDS) {
        let found: Vec<(String, String)> = sync_feed::table
            .filter(sync_feed::scope.eq_any([engineer_id, EVERYBODY]))
            .filter(sync_feed::collection.eq_any(&collections))
            .filter(sync_feed::row_id.eq_any(ids))
            .filter(sync_feed::op.eq(Tell::Put.as_str()))
            .select((sync_feed::collection, sync_feed::row_id))
            .load(conn)?;
        let known = found.into_iter().filter_map(|(name, id)| Some((Collection::parse(&name)?, id)));
        visible.extend(known.filter(|key| wanted.contains(key)));
    }
    Ok(visible)
}

/// Tells an engineer's phones of these rows again, as whatever they are to him: `put` if he holds them, else
/// `remove`, so that a phone which showed something else takes it back.
pub(crate) fn again(conn: &mut Conn, engineer_id: &str, keys: &[Key]) -> Result<(), db::Error> {
    // First the counter, then the look: nobody can change hands in between.
    take_numbers(conn, 0)?;
    let visible = visible(conn, engineer_id, keys)?;
    let news = keys.iter().map(|key| {
        let tell = if visible.contains(key) { Tell::Put } else { Tell::Remove };
        News::new(engineer_id, key.0, &key.1, tell)
    });
    let entries = number(conn, news.collect())?;
    db::feed::write(conn, entries)
}

/// Who has the changed tickets, sites and assets in his feed so far.
pub(crate) struct Holders(HashMap<String, Vec<String>>);

impl Holders {
    const COLLECTIONS: [&'static str; 3] = ["tickets", "sites", "assets"];

    fn of(conn: &mut Conn, group: &Group<'_>) -> Result<Self, db::Error> {
        let ids: Vec<&str> = group
            .puts("tickets")
            .chain(group.puts("sites"))
            .chain(group.puts("assets"))
            .map(|change| change.row_id.as_str())
            .collect();
        let mut holders: HashMap<String, Vec<String>> = HashMap::new();
        for ids in ids.chunks(IDS) {
            let found: Vec<(String, String)> = sync_feed::table
                .filter(sync_feed::collection.eq_any(Self::COLLECTIONS))
                .filter(sync_feed::row_id.eq_any(ids))
                .filter(sync_feed::op.eq("put"))
                .select((sync_feed::row_id, sync_feed::scope))
                .load(conn)?;
            for (row_id, scope) in found {
                holders.entry(row_id).or_default().push(scope);
            }
        }
        Ok(Self(holders))
    }

    fn scopes(&self, row_id: &str) -> &[String] {
        self.0.get(row_id).map_or(&[], Vec::as_slice)
    }
}
