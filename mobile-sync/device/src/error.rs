//! What can go wrong in a call. A server that does not answer, or answers nonsense, is not among it: that is
//! weather, and [`crate::Device::receive`] deals with it.

use mobile_sync_wire::{Collection, intents::Refusal};

#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("the device's database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("a stored document is damaged: {0}")]
    Json(#[from] serde_json::Error),
    #[error("this device is not enrolled")]
    NotEnrolled,
    #[error("this phone holds no such row: {collection}/{id}")]
    NoSuchRow { collection: Collection, id: String },
    #[error("that cannot be done now: {0}")]
    Illegal(Refusal),
    #[error("a reason is needed")]
    ReasonNeeded,
    #[error("a phone cannot change `{0}`")]
    NotChangeable(String),
    #[error("`{0}` is out of range")]
    OutOfRange(&'static str),
    #[error("more than {0} bytes in one act")]
    TooLarge(usize),
    #[error("un-sent work of another engineer is on this phone")]
    AnotherEngineersWork,
}
