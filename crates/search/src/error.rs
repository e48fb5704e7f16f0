//! What can go wrong in search, each with a stable code. Messages never hold feedback text.

use std::path::PathBuf;
use std::sync::Arc;

use tantivy::TantivyError;
use thiserror::Error;

/// What can go wrong in search.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The query's text is longer than allowed.
    #[error("the query has {length} characters, {limit} are allowed")]
    TooLong {
        /// Characters given.
        length: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// The query has more words, phrases and filters than allowed.
    #[error("the query has more than {limit} words, phrases and filter values")]
    TooManyClauses {
        /// Clauses allowed.
        limit: usize,
    },
    /// More hits or facets are asked for than allowed.
    #[error("{what} is {given}, at most {limit} is allowed")]
    OverLimit {
        /// `limit`, `facets`, `patterns`, `ranges`, `filter values`, `folded values` or `ids`.
        what: &'static str,
        /// The number given.
        given: usize,
        /// The number allowed.
        limit: usize,
    },
    /// A filter or facet names a field that the index does not have.
    #[error("there is no field {field:?} to filter or count by")]
    UnknownField {
        /// The field, cut to 64 characters.
        field: String,
    },
    /// A filter on numbers or time has a value that is no range.
    #[error("{value:?} is no range of {field}; write 0..6, >=2, 2026-03 or 2026-03-01..2026-03-31")]
    BadRange {
        /// The field.
        field: &'static str,
        /// The value, cut to 40 characters.
        value: String,
    },
    /// More feedback matches than was allowed.
    #[error("{found} feedback match, at most {most} were asked for")]
    TooManyHits {
        /// Feedback that match.
        found: u64,
        /// The most that were asked for.
        most: usize,
    },
    /// The cursor was not made by this version, or belongs to another sort.
    #[error("the cursor of the page is not valid for this query")]
    Cursor,
    /// Another writer holds the index.
    #[error("the index {dir:?} is being written by another process or writer")]
    Busy {
        /// The folder of the index.
        dir: PathBuf,
    },
    /// The checkpoint belongs to another log.
    #[error("the checkpoint is of log {given:?}, the index is of log {own:?}")]
    ForeignCheckpoint {
        /// The log of the checkpoint.
        given: String,
        /// The log of the index.
        own: String,
    },
    /// A commit or a write failed before; the writer must be made anew from the last commit.
    #[error("the writer failed earlier and must be opened again from its last commit")]
    WriterFailed,
    /// A version does not fit: 2^31 starts of an analyser, or 2^32 publications in one.
    #[error("the version {epoch}.{sequence} is out of range")]
    VersionRange {
        /// Epoch of the version.
        epoch: u64,
        /// Sequence of the version.
        sequence: u64,
    },
    /// The operating system refused.
    #[error("{action} {path:?}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: Arc<std::io::Error>,
    },
    /// The index holds bytes that it cannot have written.
    #[error("the index is damaged: {what}")]
    Damaged {
        /// What does not fit.
        what: &'static str,
    },
    /// The search library failed.
    #[error("{action}: {source}")]
    Engine {
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: TantivyError,
    },
}

impl SearchError {
    /// Gives the stable code of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "search.too_long",
            Self::TooManyClauses { .. } => "search.too_many_clauses",
            Self::OverLimit { .. } => "search.over_limit",
            Self::UnknownField { .. } => "search.unknown_field",
            Self::BadRange { .. } => "search.bad_range",
            Self::TooManyHits { .. } => "search.too_many_hits",
            Self::Cursor => "search.cursor",
            Self::Busy { .. } => "search.busy",
            Self::ForeignCheckpoint { .. } => "search.foreign_checkpoint",
            Self::WriterFailed => "search.writer_failed",
            Self::VersionRange { .. } => "search.version_range",
            Self::Io { .. } => "search.io",
            Self::Damaged { .. } => "search.damaged",
            Self::Engine { .. } => "search.engine",
        }
    }

    /// Says whether the caller's query is at fault, not the index.
    pub fn is_query(&self) -> bool {
        matches!(
            self,
            Self::TooLong { .. }
                | Self::TooManyClauses { .. }
                | Self::OverLimit { .. }
                | Self::UnknownField { .. }
                | Self::BadRange { .. }
                | Self::TooManyHits { .. }
                | Self::Cursor
        )
    }

    pub(crate) fn engine(action: &'static str) -> impl FnOnce(TantivyError) -> Self {
        move |source| Self::Engine { action, source }
    }

    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action, path: path.into(), source: Arc::new(source) }
    }
}
