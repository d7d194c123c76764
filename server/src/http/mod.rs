//! What every handler shares on its way in and out: strict JSON bodies and queries, checks that name the field,
//! paging, entity tags and idempotency. Nothing here knows a feature.

pub mod body;
pub mod checks;
pub mod events;
pub mod idempotency;
pub mod page;
pub mod rows;
pub mod tags;

pub use body::{Body, Params, Path};
pub use checks::Checks;
pub use events::event_stream;
pub use idempotency::{Created, IdempotencyKey};
pub use page::{Page, PageParams};
pub use tags::{IfMatch, Seen, with_tag};
