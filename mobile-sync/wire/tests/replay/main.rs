//! Replays `mobile-sync/vectors`, as every other client of the protocol does, and holds PROTOCOL.md to the code.

#[cfg(test)]
mod clocks;
#[cfg(test)]
mod files;
#[cfg(test)]
mod merging;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod steps;
