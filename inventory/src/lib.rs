//! Stock with proof. Every piece that is anywhere came from somewhere: a [movement](ledger) names both places, is
//! never changed, and the [balance](balances) of a place is what its movements sum to.
//!
//! A tour: [`parts`] is the catalogue, [`locations`] the places, [`pieces`] what is followed one by one,
//! [`lots`] what is followed by lot. [`ledger`]
//! receives, transfers, counts and takes back; [`costs`] are the averages of what was received. [`catalogue`] has what
//! belongs to parts: codes, components, substitutes, suppliers and levels.
//! [`reservations`] promise stock to a ticket and follow it from the shelf to the van. [`usage`] believes what an
//! engineer says he used, and [`returns`] waits for what came out instead. [`levels`] are what places should have and
//! what to do where they have less, [`replenishment`] what to buy and to load, [`orders`] what is on its way;
//! [`counts`] find out what is there, [`put_backs`] is what lies in a tray for nobody. [`scan`] knows what a code is,
//! [`codes`] what is printed on parts. [`balances`] answers what is where and free; [`verify`](mod@verify)
//! recomputes it all.
//!
//! Architecture invariants: stock is promised by one guarded statement, so nothing is promised twice, whoever else
//! is writing; movement and balance are written in one transaction; only use may take a balance below zero.

pub mod balances;
pub mod catalogue;
pub mod codes;
pub mod costs;
pub mod counts;
mod error;
pub mod ledger;
pub mod levels;
pub mod locations;
pub mod lots;
pub mod needs;
pub mod orders;
pub mod parts;
pub mod pieces;
pub mod put_backs;
pub mod replenishment;
pub mod reservations;
pub mod returns;
pub mod scan;
pub mod usage;
pub mod verify;

pub use balances::{Free, StockBalance, free_stock};
pub use costs::Cost;
pub use error::Error;
pub use ledger::{MovementKind, StockMovement};
pub use locations::{LocationKind, StockLocation};
pub use lots::Lot;
pub use parts::{Part, Tracking};
pub use pieces::Serial;
pub use reservations::{Reservation, ReservationStatus};
pub use usage::{Outcome, PartUsage};
pub use verify::verify;

/// Most rows that one page of a list has.
pub const PAGE: i64 = 200;

/// Most that one movement or reservation may be about: far above any stock, far below what could overflow a sum.
pub const MAX_QUANTITY: i64 = 1_000_000_000_000;

/// Refuses quantities that no movement can have.
fn check_quantity(quantity: i64) -> Result<(), Error> {
    if (1..=MAX_QUANTITY).contains(&quantity) {
        return Ok(());
    }
    Err(Error::Invalid { field: "quantity", problem: "must be positive and at most a million million" })
}
