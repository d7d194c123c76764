//! The demo: a day of lift repairs in Midtown Manhattan, played against the real server.
//!
//! A tour: [`data`] is real (lifts, outages), [`stream`] moves the outages to today; [`people`], [`places`] and
//! [`catalogue`] are invented, and so is what is in `stock` of it. [`load`] puts them into an empty database.
//! [`run`](mod@run) serves it, [`keeper`] keeps its time, [`pace`] lets it wait for a busy machine, and [`play`] brings
//! the [`actors`]: call centre, office, warehouse, vans, and engineers with phones of the real device library. They
//! speak HTTP as anybody outside would. [`world`] is what is outside of computers: where people are, and the [`truth`]
//! about what is broken, which only an engineer on site gets to see. [`report`] checks at the end what the demo
//! promises.

pub mod actors;
pub mod catalogue;
pub mod chance;
pub mod data;
pub mod error;
pub mod faults;
mod history;
pub mod keeper;
pub mod line;
pub mod load;
pub mod new_york;
pub mod pace;
pub mod people;
pub mod places;
pub mod play;
pub mod report;
pub mod run;
mod stock;
pub mod stream;
pub mod trade;
pub mod truth;
pub mod world;

pub use run::{Demo, Options};
