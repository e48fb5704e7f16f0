//! The two sides of a search index, so that another engine can stand behind them.

use groundswell_model::{Day, FeedbackId, Mapped};

use crate::{Answer, Checkpoint, Hit, Index, Query, SearchError, Writer};

/// The side that answers.
pub trait Searching: Send + Sync {
    /// Answers a query from the last commit.
    ///
    /// # Errors
    /// `search.too_long`, `search.too_many_clauses`, `search.over_limit`, `search.unknown_field`, `search.bad_range` or
    /// `search.cursor` for a query at fault, `search.engine` or `search.damaged` for an index at fault.
    fn search(&self, query: &Query) -> Result<Answer, SearchError>;

    /// Gives one feedback as it is shown. It does not know of small groups: an employee's feedback is shown only where
    /// a search gave it.
    ///
    /// # Errors
    /// `search.engine` or `search.damaged` for an index at fault.
    fn get(&self, id: FeedbackId) -> Result<Option<Hit>, SearchError>;

    /// Gives the number of feedback in the last commit.
    fn count(&self) -> u64;

    /// Gives the position of the last commit.
    fn checkpoint(&self) -> Checkpoint;
}

/// The side that writes. What was not committed is gone with the writer.
pub trait Indexing: Send {
    /// Adds a feedback or replaces it, `day` being its calendar day in the reporting zone; a version that is not after
    /// the indexed one changes nothing. A deleted feedback leaves a marker that is never found. Says whether the index
    /// changed.
    ///
    /// # Errors
    /// `search.version_range` or `search.engine`.
    fn upsert(&mut self, mapped: &Mapped, day: Day) -> Result<bool, SearchError>;

    /// Takes a feedback out without a marker: what a tombstone of the log asks for. Says whether it was there.
    ///
    /// # Errors
    /// `search.engine` when the engine failed.
    fn delete(&mut self, id: FeedbackId) -> Result<bool, SearchError>;

    /// Makes all changes durable and visible, together with the position that they were read up to.
    ///
    /// # Errors
    /// `search.foreign_checkpoint`, `search.writer_failed` or `search.engine`.
    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), SearchError>;

    /// Gives the number of changes since the last commit.
    fn pending(&self) -> usize;

    /// Gives the bytes of documents given since the last commit.
    fn pending_bytes(&self) -> usize;
}

impl Searching for Index {
    fn search(&self, query: &Query) -> Result<Answer, SearchError> {
        Index::search(self, query)
    }

    fn get(&self, id: FeedbackId) -> Result<Option<Hit>, SearchError> {
        Index::get(self, id)
    }

    fn count(&self) -> u64 {
        Index::count(self)
    }

    fn checkpoint(&self) -> Checkpoint {
        Index::checkpoint(self)
    }
}

impl Indexing for Writer {
    fn upsert(&mut self, mapped: &Mapped, day: Day) -> Result<bool, SearchError> {
        Writer::upsert(self, mapped, day)
    }

    fn delete(&mut self, id: FeedbackId) -> Result<bool, SearchError> {
        Writer::delete(self, id)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), SearchError> {
        Writer::commit(self, checkpoint)
    }

    fn pending(&self) -> usize {
        Writer::pending(self)
    }

    fn pending_bytes(&self) -> usize {
        Writer::pending_bytes(self)
    }
}
