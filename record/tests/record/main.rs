//! The record over real databases: sealed, exported, altered by plain SQL, and judged.

#[cfg(test)]
mod bundles;
#[cfg(test)]
mod erasing;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod vectors;
