//! What can go wrong in the demo, in words for the terminal.

use mobile_sync_device::DeviceError;

use super::data::DataError;

/// A failure of the demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The compiled-in data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The server or its database.
    #[error(transparent)]
    Server(#[from] crate::error::Error),
    /// A file or a port.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// A phone's own database.
    #[error("phone: {0}")]
    Phone(#[from] DeviceError),
    /// An actor could not begin.
    #[error(transparent)]
    Call(#[from] super::line::CallError),
    /// The run did not keep what it promises.
    #[error("{0} of the demo's claims do not hold; see the report above")]
    Claims(usize),
}

impl From<db::Error> for DemoError {
    fn from(error: db::Error) -> Self {
        Self::Server(error.into())
    }
}
