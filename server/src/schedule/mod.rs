//! Who gets which ticket. Memory proposes, the transaction disposes: [`Board`] keeps every engineer in memory and
//! finds a shortlist in microseconds; [`assign`] ranks it again with loads and stock read inside the transaction,
//! and commits with guarded statements, so that two servers or two threads never assign a ticket twice or overbook
//! anybody. [`queue`] tries again what nobody could take.

pub mod another;
pub mod ask;
pub mod assign;
pub mod assignment;
mod board;
mod familiar;
mod in_hand;
pub mod load;
pub mod planner;
pub mod policies;
pub mod queue;
pub mod routes;
pub mod sourcing;
pub mod taken;
pub mod timelines;
pub mod verdicts;
pub mod waiting;
pub mod whatif;

pub use board::Board;
