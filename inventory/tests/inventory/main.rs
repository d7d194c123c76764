//! Stock as its callers meet it, on both databases.

#[cfg(test)]
mod broken;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod costs;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hand_over;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod levels;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod lots;
#[cfg(test)]
mod needs;
#[cfg(test)]
mod order_property;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod parallel;
#[cfg(test)]
mod pieces;
#[cfg(test)]
mod places;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod property;
#[cfg(test)]
mod put_backs;
#[cfg(test)]
mod records;
#[cfg(test)]
mod replenishment;
#[cfg(test)]
mod reservations;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod spoilt;
#[cfg(test)]
mod undo;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod wanted;
