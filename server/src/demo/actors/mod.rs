//! The people who play the day. Each speaks to the server over HTTP as anybody outside would, with a log-in of his
//! own; none of them sees the database.

pub mod call_centre;
pub mod engineer;
pub mod office;
pub mod telematics;
pub mod warehouse;
