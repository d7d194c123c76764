//! Faults on purpose: for each rule of the protocol a way to break it, so that a simulation can show that it would
//! notice. Compiled in by the feature `mutants` alone, which only tests switch on; without it nothing can be broken
//! and the compiler removes every question.

/// A rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mutant {
    /// A mutation that comes again takes effect again, as a new row.
    IdempotencyKey = 1,
    /// A ticket that changes hands stays on the phone that had it.
    RemovalOnReassignment,
    /// A patch is written whoever wrote the field since the phone saw it.
    FieldClockCheck,
    /// A device's older edit is written over its newer one.
    OlderOverNewer,
    /// A phone does not push again what the restored server lacks.
    RePushAfterRestore,
    /// The epoch keeps its name when the server was restored.
    EpochName,
    /// Versions do not jump when the server was restored.
    NumberJump,
    /// A phone keeps rows of before the restore that the new truth does not mention.
    RowsOfOldEpoch,
    /// Feed entries get numbers as if they had been taken before those of the group before.
    CommitOrder,
    /// The cursor of a page that is not the last one is that of the whole feed.
    PageCursor,
    /// A gap in a device's numbers is stepped over.
    GapIsNoMatter,
    /// Events without a number are taken in the order in which they came.
    DseqColumn,
    /// A refusal comes without the row, and the row does not come again.
    TruthWithRefusal,
    /// What was refused is not stored.
    InboxKeepsEverything,
    /// What was not taken as sent leaves no card.
    CardForEveryRefusal,
    /// A phone drops un-acknowledged work on a row that leaves its scope.
    WorkOnRemovedRows,
    /// A state-based client takes the version of a row that it pulled under a local edit as that edit's base.
    OldBase,
    /// A version of a life that a restore ended counts as seen.
    BaseOfLostLife,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::IdempotencyKey,
        Self::RemovalOnReassignment,
        Self::FieldClockCheck,
        Self::OlderOverNewer,
        Self::RePushAfterRestore,
        Self::EpochName,
        Self::NumberJump,
        Self::RowsOfOldEpoch,
        Self::CommitOrder,
        Self::PageCursor,
        Self::GapIsNoMatter,
        Self::DseqColumn,
        Self::TruthWithRefusal,
        Self::InboxKeepsEverything,
        Self::CardForEveryRefusal,
        Self::WorkOnRemovedRows,
        Self::OldBase,
        Self::BaseOfLostLife,
    ];

    /// Its name, as in the source.
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    /// The mutant of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mutant| mutant.name() == name)
    }
}

/// Whether this rule is broken in this process.
#[cfg(not(feature = "mutants"))]
pub const fn on(_: Mutant) -> bool {
    false
}

#[cfg(feature = "mutants")]
pub use switch::{on, set};

#[cfg(feature = "mutants")]
mod switch {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::Mutant;

    static ON: AtomicU8 = AtomicU8::new(0);

    /// Whether this rule is broken in this process.
    pub fn on(mutant: Mutant) -> bool {
        ON.load(Ordering::Relaxed) == mutant as u8
    }

    /// Breaks one rule in this process, or none.
    pub fn set(mutant: Option<Mutant>) {
        ON.store(mutant.map_or(0, |mutant| mutant as u8), Ordering::Relaxed);
    }
}
