//! Judging a bundle with nothing but the bundle, and the key if it is known from elsewhere. Every fault names the
//! entry that it is about: by its number among the ticket's changes, which is what people see.

use std::collections::BTreeMap;
use std::fmt;

use ct_merkle::{InclusionProof, RootHash};
use db::changes::digest;
use sha2::Sha256;

use crate::bundle::{Bundle, FORMAT, MOST_ENTRIES, Proved};
use crate::entry::{Leaf, Shown};
use crate::note::{Head, PublicKey, Statement};
use crate::tree::{hex, leaf_hash, sha256, unhex};

/// What is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is of a format that this program does not know.
    Format(String),
    /// The key is not readable, or not the one that was expected.
    Key(String),
    /// The head is not signed with the key, or is none.
    Head,
    /// The statement is not signed with the key, is none, or is about another head.
    Statement,
    /// The entry at this place in the file, from 1, cannot be read.
    Unreadable(usize),
    /// This entry is not in the signed tree: something of it was altered, or it was put in.
    Altered(i64),
    /// This entry's text is not what was hashed: `open`, `personal` or `why`.
    Text(i64, &'static str),
    /// This entry's text is there no more, although the server had it.
    Withheld(i64, &'static str),
    /// This entry is of another ticket.
    Foreign(i64),
    /// This entry is missing.
    Missing(i64),
    /// This entry stands there twice.
    Twice(i64),
    /// This entry stands behind one that comes after it.
    Order(i64),
    /// This entry does not follow the one before it, although both are in the tree.
    Chain(i64),
    /// The last entry is not the one that the statement names.
    Last(i64),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(format) => write!(f, "the format {format} is not known"),
            Self::Key(problem) => write!(f, "the key {problem}"),
            Self::Head => write!(f, "the head is not signed with the key"),
            Self::Statement => write!(f, "the statement about the ticket is not signed with the key"),
            Self::Unreadable(place) => write!(f, "what stands at place {place} is no entry"),
            Self::Altered(entry) => write!(f, "entry {entry} was altered: it is not in the signed record"),
            Self::Text(entry, part) => write!(f, "entry {entry} was altered: its {part} text is another"),
            Self::Withheld(entry, part) => write!(f, "entry {entry}: its {part} text was taken out"),
            Self::Foreign(entry) => write!(f, "entry {entry} is of another ticket"),
            Self::Missing(entry) => write!(f, "entry {entry} is missing"),
            Self::Twice(entry) => write!(f, "entry {entry} stands there twice"),
            Self::Order(entry) => write!(f, "entry {entry} stands behind one that comes after it"),
            Self::Chain(entry) => write!(f, "entry {entry} does not follow the one before it"),
            Self::Last(entry) => write!(f, "entry {entry} is not the last one that the server named"),
        }
    }
}

impl Fault {
    /// What other verifiers call it, and the entry (or, of what cannot be read, the place) that it is about.
    pub fn code(&self) -> (&'static str, Option<i64>) {
        match self {
            Self::Format(_) => ("format", None),
            Self::Key(_) => ("key", None),
            Self::Head => ("head", None),
            Self::Statement => ("statement", None),
            Self::Unreadable(place) => ("unreadable", i64::try_from(*place).ok()),
            Self::Altered(entry) => ("altered", Some(*entry)),
            Self::Text(entry, "open") => ("open", Some(*entry)),
            Self::Text(entry, "why") => ("why", Some(*entry)),
            Self::Text(entry, _) => ("personal", Some(*entry)),
            Self::Withheld(entry, "open") => ("open_withheld", Some(*entry)),
            Self::Withheld(entry, _) => ("personal_withheld", Some(*entry)),
            Self::Foreign(entry) => ("foreign", Some(*entry)),
            Self::Missing(entry) => ("missing", Some(*entry)),
            Self::Twice(entry) => ("twice", Some(*entry)),
            Self::Order(entry) => ("order", Some(*entry)),
            Self::Chain(entry) => ("chain", Some(*entry)),
            Self::Last(entry) => ("last", Some(*entry)),
        }
    }
}

/// What a bundle proves, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Report {
    /// The key it was checked with.
    pub key: Option<PublicKey>,
    /// The head, if it is signed.
    pub head: Option<Head>,
    /// The statement, if it is signed.
    pub statement: Option<Statement>,
    /// Its entries, as far as they can be read, in the order of the file.
    pub leaves: Vec<Leaf>,
    /// In the order of the entries; empty: all is as it was.
    pub faults: Vec<Fault>,
}

/// Judges a bundle. `pinned` is the key that it must be signed with, if that is known.
pub fn check(bundle: &Bundle, pinned: Option<&PublicKey>) -> Report {
    let mut faults = Vec::new();
    if bundle.format != FORMAT {
        faults.push(Fault::Format(bundle.format.clone()));
    }
    let key = key(bundle, pinned, &mut faults);
    let opened = |note: &str| key.as_ref().and_then(|key| key.open(note).map(str::to_owned));
    let head = opened(&bundle.head).and_then(|text| Head::parse(&text));
    let statement = opened(&bundle.statement).and_then(|text| Statement::parse(&text));
    let statement = statement.filter(|said| head.as_ref().is_none_or(|head| head.size == said.size));
    if head.is_none() {
        faults.push(Fault::Head);
    }
    if statement.is_none() {
        faults.push(Fault::Statement);
    }
    let mut leaves = Vec::with_capacity(bundle.entries.len());
    for (place, proved) in bundle.entries.iter().enumerate() {
        match entry(proved) {
            Some(leaf) => {
                one(proved, &leaf, head.as_ref(), statement.as_ref(), &mut faults);
                leaves.push(leaf);
            }
            None => faults.push(Fault::Unreadable(place + 1)),
        }
    }
    together(bundle, &leaves, statement.as_ref(), &mut faults);
    Report { key, head, statement, leaves, faults }
}

/// The leaf, if it is one of a ticket's.
fn entry(proved: &Proved) -> Option<Leaf> {
    serde_json::from_str::<Leaf>(&proved.leaf).ok().filter(|leaf| leaf.entry.is_some_and(|entry| entry > 0))
}

fn key(bundle: &Bundle, pinned: Option<&PublicKey>, faults: &mut Vec<Fault>) -> Option<PublicKey> {
    let key = PublicKey::parse(&bundle.public_key);
    match (&key, pinned) {
        (None, _) => faults.push(Fault::Key("cannot be read".to_owned())),
        (Some(key), Some(pinned)) if key != pinned => {
            faults.push(Fault::Key(format!("is {}, not the expected one", key.text())));
        }
        _ => {}
    }
    pinned.cloned().or(key)
}

/// What can be said of an entry by itself.
fn one(
    proved: &Proved,
    leaf: &Leaf,
    head: Option<&Head>,
    statement: Option<&Statement>,
    faults: &mut Vec<Fault>,
) {
    let entry = leaf.entry.unwrap_or(0);
    if head.is_some_and(|head| !is_in(proved, head)) {
        faults.push(Fault::Altered(entry));
    }
    let erased = |letter: &str| {
        let name = format!("{entry}{letter}");
        statement.is_none_or(|said| said.erased.contains(&name))
    };
    match text(proved.open.as_ref(), Some(&leaf.open)) {
        Text::Another => faults.push(Fault::Text(entry, "open")),
        Text::Gone if !erased("o") => faults.push(Fault::Withheld(entry, "open")),
        _ => {}
    }
    match text(proved.personal.as_ref(), leaf.personal.as_deref()) {
        Text::Another => faults.push(Fault::Text(entry, "personal")),
        Text::Gone if !erased("p") => faults.push(Fault::Withheld(entry, "personal")),
        _ => {}
    }
    if proved.why.as_deref().map(sha256) != leaf.why {
        faults.push(Fault::Text(entry, "why"));
    }
    if statement.is_some_and(|said| leaf.ticket_id.as_ref() != Some(&said.ticket_id)) {
        faults.push(Fault::Foreign(entry));
    }
}

fn is_in(proved: &Proved, head: &Head) -> bool {
    let Some(path) = proved.proof.iter().map(|hash| unhex(hash)).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let Ok(proof) = InclusionProof::<Sha256>::try_from_bytes(path.concat()) else { return false };
    let root = RootHash::<Sha256>::new(head.root.into(), head.size);
    root.verify_inclusion(&proved.leaf, proved.position, &proof).is_ok()
}

enum Text {
    AsItWas,
    Another,
    Gone,
}

fn text(shown: Option<&Shown>, hashed: Option<&str>) -> Text {
    match (shown, hashed) {
        (Some(shown), Some(hashed)) if digest(&shown.salt, &shown.text) == hashed => Text::AsItWas,
        (None, None) => Text::AsItWas,
        (None, Some(_)) => Text::Gone,
        _ => Text::Another,
    }
}

/// What can be said of the entries together: whether all are there, once, in order.
fn together(bundle: &Bundle, leaves: &[Leaf], statement: Option<&Statement>, faults: &mut Vec<Fault>) {
    let altered: Vec<i64> =
        faults.iter().filter(|f| matches!(f, Fault::Altered(_))).filter_map(|f| f.code().1).collect();
    let mut hashes: BTreeMap<i64, String> = BTreeMap::new();
    let mut highest = 0;
    let readable = bundle.entries.iter().filter(|proved| entry(proved).is_some());
    for (leaf, proved) in leaves.iter().zip(readable) {
        let entry = leaf.entry.unwrap_or(0);
        if hashes.insert(entry, hex(&leaf_hash(&proved.leaf))).is_some() {
            faults.push(Fault::Twice(entry));
        } else if entry < highest {
            faults.push(Fault::Order(entry));
        }
        highest = highest.max(entry);
    }
    // No more than a file could hold, whatever an altered entry calls itself.
    let count = statement.map_or(highest, |said| said.entries).min(MOST_ENTRIES);
    faults.extend((1..=count).filter(|entry| !hashes.contains_key(entry)).map(Fault::Missing));
    for leaf in leaves {
        let entry = leaf.entry.unwrap_or(0);
        // Of two neighbours of which one was altered, that one is named already; behind a gap nothing can be said.
        let as_it_was = |entry| !altered.contains(&entry);
        let before = hashes.get(&(entry - 1)).filter(|_| as_it_was(entry - 1) && as_it_was(entry));
        if before.is_some_and(|before| Some(before) != leaf.previous.as_ref()) {
            faults.push(Fault::Chain(entry));
        }
    }
    let last = statement.and_then(|said| Some((said, hashes.get(&said.entries)?)));
    if let Some((said, hash)) = last
        && *hash != said.last
        && !altered.contains(&said.entries)
    {
        faults.push(Fault::Last(said.entries));
    }
}
