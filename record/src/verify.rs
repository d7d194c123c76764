//! Judging the whole database: every change against its leaf, every leaf against the signed heads. All is computed
//! anew from the log; the leaves that were stored say which change is not as it was.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use db::changes::digest;
use db::{Conn, Timestamp};

use crate::entry::Leaf;
use crate::note::{Head, PublicKey};
use crate::store::{self, Logged, SealedLeaf, SealedNode, SignedHead};
use crate::tree::{Edge, hex, leaf_hash, unhex};
use crate::{Error, keys};

/// Changes and leaves that are read at once.
const PAGE: i64 = 1_000;
/// Most altered changes that are compared with each other, to see whether two changed places.
const MOST_COMPARED: usize = 64;

/// What is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This change is another than was sealed.
    Altered {
        /// Its number.
        number: i64,
        /// Its table and row, as they are now.
        row: String,
    },
    /// What was sealed as this change is gone.
    Dropped {
        /// Its number.
        number: i64,
        /// Its place in the tree.
        position: i64,
    },
    /// This change was never sealed, although later ones are.
    Inserted {
        /// Its number.
        number: i64,
        /// Its table and row.
        row: String,
    },
    /// What was sealed under one number stands under another.
    Moved {
        /// Where it stands.
        number: i64,
        /// Where it was.
        was: i64,
    },
    /// The text of this change is not the one that its writer hashed, or is gone without an erasure.
    Text {
        /// Its number.
        number: i64,
    },
    /// The leaf at this place is missing, or stands out of order.
    Leaf {
        /// The place.
        position: i64,
    },
    /// A node of the tree is not what its leaves say.
    Node {
        /// Its level.
        level: i64,
        /// Its place.
        position: i64,
    },
    /// The leaves do not lead to the head that was signed; those up to the head before do.
    Head {
        /// Leaves of this head.
        size: i64,
        /// Leaves of the last head that is right.
        since: i64,
    },
    /// A head is not signed with the key, or says something else than its row.
    Signature {
        /// Leaves of this head.
        size: i64,
    },
    /// A head that somebody kept has another root than ours of that size: there are two records.
    Forked {
        /// Leaves of this head.
        size: i64,
    },
    /// Not as many leaves as there were.
    Shorter {
        /// How many there are.
        leaves: i64,
        /// How many there were.
        counted: i64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { number, row } => write!(f, "change {number} ({row}) was altered"),
            Self::Dropped { number, position } => {
                write!(f, "change {number} was dropped; it was entry {position} of the record")
            }
            Self::Inserted { number, row } => write!(f, "change {number} ({row}) was put in afterwards"),
            Self::Moved { number, was } => write!(f, "change {number} is what change {was} was: re-ordered"),
            Self::Text { number } => write!(f, "the text of change {number} was altered or removed"),
            Self::Leaf { position } => write!(f, "the seal at place {position} is missing or out of order"),
            Self::Node { level, position } => write!(f, "node {position} on level {level} was altered"),
            Self::Head { size, since } => {
                write!(
                    f,
                    "the head of {size} is not what its leaves say: seals from place {since} on were altered"
                )
            }
            Self::Signature { size } => write!(f, "the head of {size} is not signed with the key"),
            Self::Forked { size } => write!(f, "the head of {size} that you kept is of another record"),
            Self::Shorter { leaves, counted } => write!(f, "{leaves} seals, and there were {counted}"),
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Sealed changes.
    pub sealed: i64,
    /// Changes after them that are not sealed yet, and when the first of them was made.
    pub waiting: usize,
    /// Since when.
    pub waiting_since: Option<Timestamp>,
    /// Heads that are signed.
    pub heads: usize,
    /// The last one.
    pub head: Option<Head>,
    /// The keys that heads are signed with.
    pub keys: Vec<PublicKey>,
    /// Entries of which something was erased.
    pub erased: usize,
    /// Empty: all is as it was.
    pub faults: Vec<Fault>,
}

/// Judges the whole record. `pinned` are the keys that heads may be signed with; if there are none, those that the
/// database names, which proves only that the record agrees with itself. `remembered` is a head that somebody kept
/// elsewhere: the record must still lead to it.
///
/// # Errors
/// A failure of the database.
pub fn verify(conn: &mut Conn, pinned: &[PublicKey], remembered: Option<&Head>) -> Result<Report, Error> {
    let keys = if pinned.is_empty() { keys::known(conn)? } else { pinned.to_vec() };
    let mut walk = Walk { remembered: remembered.cloned(), ..Walk::default() };
    walk.report.keys = keys;
    loop {
        let leaves = store::leaves_from(conn, walk.position, PAGE)?;
        let Some(last) = leaves.last() else { break };
        let heads = store::heads_between(conn, walk.position, last.position + 1)?;
        let to = leaves.iter().map(|leaf| leaf.seq).max().unwrap_or(0);
        let changes = store::changes_between(conn, walk.number, to)?;
        walk.page(&leaves, changes, heads)?;
    }
    walk.sizes(store::size(conn)?, store::heads_between(conn, walk.position, i64::MAX)?);
    walk.compare_nodes(store::nodes(conn)?);
    let waiting = store::changes_after(conn, walk.number, PAGE)?;
    let mut report = walk.end();
    report.waiting = waiting.len();
    report.waiting_since = waiting.first().map(|change| change.at);
    Ok(report)
}

/// A change that is not what was sealed under its number: what it is now, and what its leaf was made of besides.
struct Suspect {
    leaf: Leaf,
    hash: String,
}

impl Suspect {
    fn number(&self) -> i64 {
        self.leaf.number
    }

    fn row(&self) -> String {
        row(&self.leaf.entity, &self.leaf.row_id)
    }

    /// Whether this is what was sealed as that one.
    fn was(&self, other: &Self) -> bool {
        let Leaf { number, entry, previous, .. } = other.leaf.clone();
        let under = |leaf: Leaf| leaf.text().is_ok_and(|text| hex(&leaf_hash(&text)) == other.hash);
        under(Leaf { number, ..self.leaf.clone() })
            || under(Leaf { number, entry, previous, ..self.leaf.clone() })
    }
}

fn row(entity: &str, row_id: &str) -> String {
    format!("{entity} {row_id}")
}

/// On the way from the first change to the last.
#[derive(Default)]
struct Walk {
    report: Report,
    remembered: Option<Head>,
    edge: Edge,
    /// The next place.
    position: i64,
    /// The last change that has a leaf.
    number: i64,
    nodes: HashMap<(i64, i64), String>,
    /// Of each ticket, its last entry that is as it was, and that one's hash.
    entries: HashMap<String, (i64, String)>,
    /// Hashes of leaves whose change is gone or another, by their entry: nobody knows of which ticket they were.
    lost: HashMap<i64, Vec<String>>,
    suspects: Vec<Suspect>,
    /// Leaves of the last head that they lead to.
    right_up_to: i64,
    wrong_head: bool,
}

impl Walk {
    fn fault(&mut self, fault: Fault) {
        self.report.faults.push(fault);
    }

    fn page(
        &mut self,
        leaves: &[SealedLeaf],
        changes: Vec<Logged>,
        heads: Vec<SignedHead>,
    ) -> Result<(), Error> {
        let mut changes: BTreeMap<i64, Logged> = changes.into_iter().map(|c| (c.number, c)).collect();
        let mut heads = heads.into_iter().peekable();
        for leaf in leaves {
            if leaf.position != self.position || leaf.seq <= self.number {
                self.fault(Fault::Leaf { position: self.position });
            }
            self.position = leaf.position + 1;
            self.number = self.number.max(leaf.seq);
            match changes.remove(&leaf.seq) {
                Some(change) => self.compare(&change, leaf)?,
                None => {
                    self.fault(Fault::Dropped { number: leaf.seq, position: leaf.position });
                    self.lose(leaf);
                }
            }
            let hash = unhex(&leaf.hash).unwrap_or_default();
            for node in self.edge.push(hash) {
                let node = SealedNode::from(&node);
                self.nodes.insert((node.level, node.position), node.hash);
            }
            self.remember();
            while let Some(head) = heads.next_if(|head| head.size <= self.position) {
                self.head(&head);
            }
        }
        for (number, change) in changes {
            self.fault(Fault::Inserted { number, row: row(&change.entity, &change.row_id) });
        }
        Ok(())
    }

    fn compare(&mut self, change: &Logged, sealed: &SealedLeaf) -> Result<(), Error> {
        let (leaf, same) = self.as_sealed(change, sealed)?;
        if !same {
            self.lose(sealed);
            self.suspects.push(Suspect { leaf, hash: sealed.hash.clone() });
            return Ok(());
        }
        if let (Some(ticket), Some(entry)) = (&change.ticket_id, sealed.entry) {
            self.entries.insert(ticket.clone(), (entry, sealed.hash.clone()));
        }
        match &change.content {
            Some(content) if content.erased_at.is_some() => self.report.erased += 1,
            Some(content) if digest(&content.salt, &content.body) == change.digest => {}
            _ => self.fault(Fault::Text { number: change.number }),
        }
        Ok(())
    }

    /// The leaf of this change, and whether it is the one that was sealed. The entry before it is its ticket's last
    /// one, or one of those that were lost.
    fn as_sealed(&self, change: &Logged, sealed: &SealedLeaf) -> Result<(Leaf, bool), Error> {
        let before = sealed.entry.map_or(0, |entry| entry - 1);
        let known = change.ticket_id.as_ref().and_then(|ticket| self.entries.get(ticket));
        let known = known.filter(|(entry, _)| *entry == before).map(|(_, hash)| hash);
        let lost = self.lost.get(&before).into_iter().flatten().take(MOST_COMPARED);
        let mut first = None;
        for previous in known.into_iter().chain(lost).map(Some).chain([None]) {
            let leaf = change.leaf(sealed.entry, previous.map(String::as_str));
            if hex(&leaf_hash(&leaf.text()?)) == sealed.hash {
                return Ok((leaf, true));
            }
            first.get_or_insert(leaf);
        }
        Ok((first.unwrap_or_else(|| change.leaf(sealed.entry, None)), false))
    }

    fn lose(&mut self, leaf: &SealedLeaf) {
        if let Some(entry) = leaf.entry {
            self.lost.entry(entry).or_default().push(leaf.hash.clone());
        }
    }

    fn head(&mut self, signed: &SignedHead) {
        let opened = self.report.keys.iter().find_map(|key| key.open(&signed.note));
        let head = opened.and_then(Head::parse).filter(|head| {
            hex(&head.root) == signed.root && i64::try_from(head.size).is_ok_and(|size| size == signed.size)
        });
        let Some(head) = head else { return self.fault(Fault::Signature { size: signed.size }) };
        self.report.heads += 1;
        self.lead_to(&head);
        self.report.head = Some(head);
    }

    /// Whether the leaves up to here lead to this head. One that is wrong makes all later ones wrong.
    fn lead_to(&mut self, head: &Head) {
        let size = i64::try_from(head.size).unwrap_or(i64::MAX);
        if self.edge.size() == head.size && self.edge.root() == head.root {
            self.right_up_to = size;
        } else if !std::mem::replace(&mut self.wrong_head, true) {
            self.fault(Fault::Head { size, since: self.right_up_to });
        }
    }

    /// Whether what somebody kept is what we have, at its size.
    fn remember(&mut self) {
        let Some(kept) = self.remembered.take_if(|kept| kept.size == self.edge.size()) else { return };
        if kept.root != self.edge.root() {
            self.fault(Fault::Forked { size: self.position });
        }
    }

    fn sizes(&mut self, counted: i64, beyond: Vec<SignedHead>) {
        let leaves = i64::try_from(self.edge.size()).unwrap_or(i64::MAX);
        self.report.sealed = leaves;
        let headed = beyond.iter().map(|head| head.size).max().unwrap_or(0);
        let remembered = self.remembered.as_ref().and_then(|head| i64::try_from(head.size).ok()).unwrap_or(0);
        let counted = counted.max(headed).max(remembered);
        if leaves != counted {
            self.fault(Fault::Shorter { leaves, counted });
        }
    }

    fn compare_nodes(&mut self, stored: Vec<SealedNode>) {
        for SealedNode { level, position, hash } in stored {
            if self.nodes.remove(&(level, position)).is_none_or(|computed| computed != hash) {
                self.fault(Fault::Node { level, position });
            }
        }
        let missing: Vec<(i64, i64)> = self.nodes.drain().map(|(place, _)| place).collect();
        missing.into_iter().for_each(|(level, position)| self.fault(Fault::Node { level, position }));
    }

    fn end(mut self) -> Report {
        for (place, suspect) in self.suspects.iter().enumerate() {
            let others = self.suspects.iter().enumerate().filter(|(other, _)| *other != place);
            let was = others.take(MOST_COMPARED).find(|(_, other)| suspect.was(other));
            let number = suspect.number();
            self.report.faults.push(match was {
                Some((_, other)) => Fault::Moved { number, was: other.number() },
                None => Fault::Altered { number, row: suspect.row() },
            });
        }
        self.report
    }
}
