//! Erasing: texts go, digests stay, and every proof holds as before. What is erased is gone from the log; rows as they
//! are now belong to the features, which empty them first.

use db::{Timestamp, Tx};

use crate::Error;
use crate::entry::{self, Content};
use crate::store::{self, Logged};

/// What is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// What tells of people.
    Personal,
    /// All of it.
    Everything,
}

/// Erases from the record of a ticket. Returns how many entries lost something.
///
/// # Errors
/// A failure of the database.
pub fn of_ticket(tx: &mut Tx<'_>, ticket_id: &str, what: What) -> Result<usize, Error> {
    let (mut after, mut erased) = (0, 0);
    loop {
        let page = store::changes_of(tx.conn(), ticket_id, after, db::changes::PAGE)?;
        let Some(last) = page.last() else { return Ok(erased) };
        after = last.number;
        erased += erase(tx, &page, what)?;
    }
}

/// Erases from what was ever written of a row.
///
/// # Errors
/// A failure of the database.
pub fn of_row(tx: &mut Tx<'_>, entity: &str, row_id: &str, what: What) -> Result<usize, Error> {
    let page = store::changes_of_row(tx.conn(), entity, row_id)?;
    erase(tx, &page, what)
}

fn erase(tx: &mut Tx<'_>, changes: &[Logged], what: What) -> Result<usize, Error> {
    let now = tx.now();
    let mut erased = 0;
    for change in changes {
        let Some(left) = change.content.as_ref().and_then(|content| left(change, content, what, now)) else {
            continue;
        };
        store::replace_content(tx, change.number, &left)?;
        erased += 1;
    }
    Ok(erased)
}

fn left(change: &Logged, content: &Content, what: What, now: Timestamp) -> Option<Content> {
    match what {
        What::Personal => entry::without_personal(&change.entity, content, now),
        What::Everything => entry::without_text(&change.entity, content, now),
    }
}
