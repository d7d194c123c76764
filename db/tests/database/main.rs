//! The database layer against both databases.

#[cfg(test)]
mod checkpoint;
mod conflicts;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod following;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod later;
#[cfg(test)]
mod log;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod refill;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod upgrade;
