//! What can go wrong with the state.

use std::path::PathBuf;

use thiserror::Error;

/// A fault of the state. The loop stops on any of them: the state is a view and is rebuilt at the next start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// The store could not read or write.
    #[error("cannot read or write the state: {0}")]
    Store(#[from] sled::Error),
    /// A stored value is not what this version writes.
    #[error("a stored value cannot be read: {what}")]
    Value {
        /// Which value.
        what: &'static str,
    },
    /// The folder could not be moved aside.
    #[error("cannot move {} aside: {source}", path.display())]
    Aside {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

impl StateError {
    /// A stable code for logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "state.store",
            Self::Value { .. } => "state.value",
            Self::Aside { .. } => "state.aside",
        }
    }
}
