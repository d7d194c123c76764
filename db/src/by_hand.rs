//! A database whose parts run when the caller says so, all on his thread, and ids that follow from a seed: what a
//! simulation needs so that one seed is one run. Between any two groups of writes the caller may stop, as a server
//! that dies would.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Builder, Uuid};

use crate::database::{Db, Jobs, Options};
use crate::error::Error;
use crate::writer::{GROUP, Writer};

/// The writer, in the caller's hands.
pub struct ByHand {
    writer: Writer,
    jobs: Jobs,
}

/// Opens the database and migrates it. Reads run at once, where they are asked for; writes wait for
/// [`ByHand::commit`].
///
/// # Errors
/// When it cannot be opened or migrated.
pub fn open(options: Options) -> Result<(Db, ByHand), Error> {
    let (db, writer, jobs) = Db::prepare(options, true)?;
    Ok((db, ByHand { writer, jobs }))
}

impl ByHand {
    /// How many commands wait.
    pub fn waiting(&self) -> usize {
        self.jobs.len()
    }

    /// Runs the first of those that wait, at most so many, as one group.
    pub fn commit(&mut self, most: usize) {
        let mut group = Vec::new();
        while group.len() < most.min(GROUP)
            && let Ok(job) = self.jobs.try_recv()
        {
            group.push(job);
        }
        if !group.is_empty() {
            self.writer.run_group(&mut group);
        }
    }

    /// The server dies: what waits is never done, and nobody is told.
    pub fn forget(&mut self) {
        while self.jobs.try_recv().is_ok() {}
        // A server that starts again knows nothing of earlier refusals.
        self.writer.wary = 0;
    }
}

/// The seed of this process's ids; 0 while they come from chance.
static SEED: AtomicU64 = AtomicU64::new(0);
/// Ids made from it.
static MADE: AtomicU64 = AtomicU64::new(0);

/// From now on the ids of this process follow from `seed`, and begin anew; 0 gives them back to chance.
pub fn seed_ids(seed: u64) {
    MADE.store(0, Ordering::SeqCst);
    SEED.store(seed, Ordering::SeqCst);
}

/// The next id of the seed, if there is one. Later ones sort after earlier ones.
pub(crate) fn next_id() -> Option<Uuid> {
    let seed = SEED.load(Ordering::SeqCst);
    if seed == 0 {
        return None;
    }
    let nth = MADE.fetch_add(1, Ordering::SeqCst);
    let mut random = [0; 10];
    random[..8].copy_from_slice(&mixed(seed ^ mixed(nth)).to_le_bytes());
    let millis = crate::testing::START.millis().unsigned_abs() + nth;
    Some(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// The finisher of splitmix64: every bit of the answer depends on every bit of the question.
const fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::testing::{Backend, fresh_url};
    use crate::{Actor, Tx, changes};

    #[test]
    fn nothing_is_written_before_the_hand_moves_and_what_is_forgotten_never_is() {
        let (url, _scratch) = fresh_url(Backend::Sqlite);
        let (db, mut hand) = open(Options::new(url)).unwrap();
        let write = |tx: &mut Tx<'_>| changes::take_numbers(tx.conn(), 1);
        let mut context = Context::from_waker(Waker::noop());
        let mut first = Box::pin(db.write(Actor::system("test"), write));
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert_eq!(hand.waiting(), 1);
        hand.commit(1);
        assert!(matches!(first.as_mut().poll(&mut context), Poll::Ready(Ok(1))));
        let mut second = Box::pin(db.write(Actor::system("test"), write));
        assert!(second.as_mut().poll(&mut context).is_pending());
        hand.forget();
        assert!(matches!(second.as_mut().poll(&mut context), Poll::Ready(Err(Error::Stopped))));
        let mut read = Box::pin(db.read(changes::last));
        assert!(matches!(read.as_mut().poll(&mut context), Poll::Ready(Ok(1))));
    }
}
