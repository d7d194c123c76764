//! A phone against a small server made of wire types, over a network that loses, repeats and delays.

#[cfg(test)]
mod acts;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod day;
#[cfg(test)]
mod enrolment;
#[cfg(test)]
mod epoch;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod world;
