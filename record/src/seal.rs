//! Sealing: a reader that follows the change log, makes a leaf of each change, and signs the head of what there is
//! then. Whoever writes does not wait for it and does not know of it. Between a change and its seal are seconds.
//!
//! Several servers may seal the same database. What a round adds is written under a guard on the number of leaves, so
//! the second of two finds that there are more than it thought, writes nothing, and reads again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use db::{Actor, Conn, Db, Timestamp, Tx};

use crate::Error;
use crate::note::{Head, Signer};
use crate::store::{self, Logged, SealedLeaf, SealedNode, SignedHead};
use crate::tree::{Edge, Hash, Node, hex, leaf_hash};

/// Most changes that are sealed in one write: others wait for the writer no longer than this takes.
pub const ROUND: i64 = 500;

/// What seals: a key, and where it stood last.
pub struct Sealer {
    signer: Arc<Signer>,
    edge: Mutex<Option<(Edge, i64)>>,
}

/// What came of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// So many changes were sealed; there may be more.
    Sealed(usize),
    /// Another server was faster; there may be more.
    Overtaken,
    /// Nothing is left to be sealed.
    Done,
}

/// What a round will write.
#[derive(Clone)]
struct Batch {
    from: i64,
    to: i64,
    leaves: Vec<SealedLeaf>,
    nodes: Vec<SealedNode>,
    head: SignedHead,
    edge: Edge,
    last: i64,
}

impl Sealer {
    /// Seals with this key.
    pub fn new(signer: Signer) -> Self {
        Self { signer: Arc::new(signer), edge: Mutex::new(None) }
    }

    /// The key.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Seals what is there, all of it. Returns how many changes it sealed.
    ///
    /// # Errors
    /// As [`round`](Self::round).
    pub async fn seal(&self, db: &Db, epoch: &str) -> Result<usize, Error> {
        let mut sealed = 0;
        loop {
            match self.round(db, epoch).await? {
                Round::Sealed(count) => sealed += count,
                Round::Overtaken => {}
                Round::Done => return Ok(sealed),
            }
        }
    }

    /// Seals at most [`ROUND`] changes.
    ///
    /// # Errors
    /// A failure of the database; leaves that somebody removed.
    pub async fn round(&self, db: &Db, epoch: &str) -> Result<Round, Error> {
        let known = self.edge.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (signer, epoch, now) = (self.signer.clone(), epoch.to_owned(), db.clock().now());
        let read = move |conn: &mut Conn| {
            let (edge, last) = stand(conn, known)?;
            let changes = store::changes_after(conn, last, ROUND)?;
            let sign = |size, root| signer.sign(&Head { epoch, size, root, at: now }.text());
            batch(conn, edge, last, &changes, now, sign)
        };
        let Some(batch) = db.read(read).await? else { return Ok(Round::Done) };
        let (edge, last, count) = (batch.edge.clone(), batch.last, batch.leaves.len());
        let write = move |tx: &mut Tx<'_>| {
            let first = store::grow(tx, batch.from, batch.to)?;
            if first {
                store::insert(tx, &batch.leaves, &batch.nodes, &batch.head)?;
            }
            Ok::<_, Error>(first)
        };
        if !db.write(Actor::system("record"), write).await? {
            return Ok(Round::Overtaken);
        }
        *self.edge.lock().unwrap_or_else(PoisonError::into_inner) = Some((edge, last));
        Ok(Round::Sealed(count))
    }
}

/// The edge of the tree and the last sealed change: as we know them, if nobody has sealed since.
fn stand(conn: &mut Conn, known: Option<(Edge, i64)>) -> Result<(Edge, i64), Error> {
    let size = u64::try_from(store::size(conn)?).unwrap_or(0);
    if let Some(known) = known.filter(|(edge, _)| edge.size() == size) {
        return Ok(known);
    }
    let edge = store::tiles(conn).edge(size)?;
    Ok((edge, store::last_sealed(conn)?))
}

fn batch(
    conn: &mut Conn,
    mut edge: Edge,
    sealed: i64,
    changes: &[Logged],
    signed_at: Timestamp,
    sign: impl FnOnce(u64, Hash) -> String,
) -> Result<Option<Batch>, Error> {
    let Some(last) = changes.last() else { return Ok(None) };
    let from = position(edge.size());
    let mut tickets: Vec<String> = changes.iter().filter_map(|change| change.ticket_id.clone()).collect();
    tickets.sort_unstable();
    tickets.dedup();
    let mut entries = store::last_entries(conn, &tickets, sealed)?;
    let mut leaves = Vec::with_capacity(changes.len());
    let mut nodes: Vec<Node> = Vec::new();
    for change in changes {
        let (entry, previous) = next_entry(&entries, change.ticket_id.as_deref());
        let hash = leaf_hash(&change.leaf(entry, previous.as_deref()).text()?);
        let text = hex(&hash);
        if let (Some(ticket), Some(entry)) = (&change.ticket_id, entry) {
            match entries.entry(ticket.clone()) {
                Entry::Occupied(mut known) => *known.get_mut() = (entry, text.clone()),
                Entry::Vacant(place) => drop(place.insert((entry, text.clone()))),
            }
        }
        leaves.push(SealedLeaf { position: position(edge.size()), seq: change.number, entry, hash: text });
        nodes.extend(edge.push(hash));
    }
    let (to, root) = (position(edge.size()), edge.root());
    let note = sign(edge.size(), root);
    let head = SignedHead { size: to, root: hex(&root), signed_at, note };
    let nodes = nodes.iter().map(SealedNode::from).collect();
    Ok(Some(Batch { from, to, leaves, nodes, head, edge, last: last.number }))
}

/// The number of a ticket's next entry, and the hash of the one before.
fn next_entry(
    entries: &HashMap<String, (i64, String)>,
    ticket: Option<&str>,
) -> (Option<i64>, Option<String>) {
    match ticket.map(|ticket| entries.get(ticket)) {
        None => (None, None),
        Some(None) => (Some(1), None),
        Some(Some((entry, hash))) => (Some(entry + 1), Some(hash.clone())),
    }
}

fn position(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// How far sealing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Changes that are sealed.
    pub sealed: i64,
    /// When the oldest change was made that is not.
    pub waiting_since: Option<Timestamp>,
}

/// How far sealing has come.
///
/// # Errors
/// A failure of the database.
pub fn progress(conn: &mut Conn) -> Result<Progress, Error> {
    let last = store::last_sealed(conn)?;
    let waiting_since = store::changes_after(conn, last, 1)?.first().map(|change| change.at);
    Ok(Progress { sealed: store::size(conn)?, waiting_since })
}
