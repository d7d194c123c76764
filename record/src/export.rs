//! Taking one ticket's record out: its entries with the path of each to the last head, and a statement of how many
//! there are, signed at this moment.

use db::{Conn, Timestamp};

use crate::Error;
use crate::bundle::{Bundle, FORMAT, MOST_ENTRIES, Proved};
use crate::entry::{Leaf, Part, parts};
use crate::note::{Signer, Statement};
use crate::store::{self, Logged, SealedLeaf};
use crate::tree::hex;

/// The record of a ticket up to the last head; none if nothing of it is sealed yet.
///
/// # Errors
/// A failure of the database, leaves that somebody removed, or a ticket of more than [`MOST_ENTRIES`].
pub fn export(
    conn: &mut Conn,
    signer: &Signer,
    ticket_id: &str,
    now: Timestamp,
) -> Result<Option<Bundle>, Error> {
    let Some(head) = store::last_head(conn)? else { return Ok(None) };
    let changes = store::changes_of(conn, ticket_id, 0, MOST_ENTRIES + 1)?;
    if changes.len() as i64 > MOST_ENTRIES {
        return Err(Error::Damaged(format!("ticket {ticket_id} has more than {MOST_ENTRIES} entries")));
    }
    let numbers: Vec<i64> = changes.iter().map(|change| change.number).collect();
    let leaves = store::leaves_of(conn, &numbers)?;
    let size = u64::try_from(head.size).unwrap_or(0);
    let mut tiles = store::tiles(conn);
    let (mut entries, mut erased, mut last) = (Vec::new(), Vec::new(), None);
    for change in &changes {
        // Not sealed yet: it is in the next bundle.
        let Some(sealed) = leaves.get(&change.number) else { break };
        let (leaf, open, personal) = shown(change, sealed, last.as_deref());
        erased.extend(gone(&leaf, "o", open.as_ref()));
        erased.extend(personal.as_ref().and_then(|part| gone(&leaf, "p", Some(part))));
        let position = u64::try_from(sealed.position).unwrap_or(0);
        let proof = tiles.path(position, size)?.iter().map(|hash| hex(hash)).collect();
        entries.push(Proved {
            position,
            leaf: leaf.text()?,
            proof,
            open: open.and_then(|part| part.shown),
            personal: personal.and_then(|part| part.shown),
            why: change.why.clone(),
        });
        last = Some(sealed.hash.clone());
    }
    let Some(last) = last else { return Ok(None) };
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let statement =
        Statement { ticket_id: ticket_id.to_owned(), entries: count, last, erased, size, at: now };
    Ok(Some(Bundle {
        format: FORMAT.to_owned(),
        public_key: signer.public().text(),
        head: head.note,
        statement: signer.sign(&statement.text()),
        entries,
    }))
}

fn shown(change: &Logged, sealed: &SealedLeaf, previous: Option<&str>) -> (Leaf, Option<Part>, Option<Part>) {
    let parts = parts(&change.entity, change.content.as_ref());
    (change.leaf(sealed.entry, previous), Some(parts.open), parts.personal)
}

/// How a statement names a part that is not shown.
fn gone(leaf: &Leaf, letter: &str, part: Option<&Part>) -> Option<String> {
    let entry = leaf.entry?;
    part.is_some_and(|part| part.shown.is_none()).then(|| format!("{entry}{letter}"))
}

/// The last head: a checkpoint, as a signed note.
///
/// # Errors
/// A failure of the database.
pub fn head(conn: &mut Conn) -> Result<Option<String>, Error> {
    Ok(store::last_head(conn)?.map(|head| head.note))
}
