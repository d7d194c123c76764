//! What can go wrong with the record itself. That somebody altered it is no error but a finding: see `verify` and
//! `check`.

/// Why the record could not be kept, exported or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A failure of the database.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The file with the private key cannot be read, written, or is none.
    #[error("the record's key {file}: {problem}")]
    Key {
        /// Where.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Leaves or nodes that a proof needs are not as they were written.
    #[error("the record is damaged: {0}; `fettle verify record` names what is")]
    Damaged(String),
    /// The heads are signed with a key that this server does not have.
    #[error("this server has no key to sign the record with: {0}")]
    NoKey(String),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Database(error.into())
    }
}

impl db::Failure for Error {
    fn database(&self) -> Option<&db::Error> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}
