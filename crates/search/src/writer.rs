//! The side of the index that writes: upserts by id and version, and commits that carry the position.

use std::sync::Arc;

use groundswell_model::{Day, FeedbackId, Fingerprint, Mapped};
use tantivy::directory::error::LockError;
use tantivy::index::SegmentId;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, UserOperation};
use tantivy::{TantivyDocument, TantivyError, Term};

use crate::SearchError;
use crate::checkpoint::{Checkpoint, CommitNote};
use crate::copies::copied_text;
use crate::facets::{Facets, Person, spoken};
use crate::index::{Shared, versions};
use crate::stored::Stored;
use crate::tokenise::statement_value;
use crate::versions::{Packed, Versions, key_of};

/// Changes handed to the indexing thread at once: waking it for each costs a tenth more. The thread's queue takes ten
/// thousand such batches before it blocks.
const BATCH: usize = 4;
/// The share of deleted documents from which a segment is written anew.
const DELETED_SHARE: f32 = 0.1;

/// The one writer of an index. Changes since the last commit are gone when it is dropped.
pub struct Writer {
    shared: Arc<Shared>,
    engine: tantivy::IndexWriter,
    versions: Versions,
    batch: Vec<UserOperation>,
    pending: usize,
    pending_bytes: usize,
    failed: bool,
    facets: Facets,
    value: String,
    json: Vec<u8>,
}

impl Writer {
    pub(crate) fn open(shared: Arc<Shared>) -> Result<Self, SearchError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(shared.settings.writer_bytes)
            .build();
        let engine = shared.index.writer_with_options(options).map_err(|source| match source {
            TantivyError::LockFailure(LockError::LockBusy, _) => {
                SearchError::Busy { dir: shared.dir.clone() }
            }
            source => SearchError::Engine { action: "open the writer", source },
        })?;
        let mut policy = LogMergePolicy::default();
        policy.set_del_docs_ratio_before_merge(DELETED_SHARE);
        engine.set_merge_policy(Box::new(policy));
        // tantivy gives the first operation of a writer the stamp of the last commit. A deletion with that stamp is lost
        // when a merge of the segments it belongs to begins before the next commit; an empty run uses the stamp up.
        engine.run(std::iter::empty()).map_err(SearchError::engine("open the writer"))?;
        shared.reload(shared.payload())?;
        let versions = versions(&shared.searcher()).map_err(SearchError::engine("read the versions"))?;
        Ok(Self {
            shared,
            engine,
            versions,
            batch: Vec::with_capacity(BATCH * 2),
            pending: 0,
            pending_bytes: 0,
            failed: false,
            facets: Facets::default(),
            value: String::new(),
            json: Vec::new(),
        })
    }

    /// Adds a feedback or replaces it, `day` being its calendar day in the reporting zone; a version that is not after
    /// the indexed one changes nothing. A deleted feedback leaves a marker that is never found, so that an older
    /// version cannot bring it back. Says whether the index changed.
    ///
    /// # Errors
    /// `search.version_range`, `search.writer_failed` or `search.engine`.
    pub fn upsert(&mut self, mapped: &Mapped, day: Day) -> Result<bool, SearchError> {
        let key = key_of(mapped.feedback.id);
        let version = Packed::new(mapped.version, mapped.feedback.deleted)?;
        let known = self.versions.get(key);
        if known.is_some_and(|known| !version.is_after(known)) {
            return Ok(false);
        }
        let document = self.document(mapped, (key, version), day)?;
        if known.is_some() {
            self.batch.push(UserOperation::Delete(self.term(key)));
        }
        self.batch.push(UserOperation::Add(document));
        self.versions.set(key, version);
        self.changed()?;
        Ok(true)
    }

    /// Takes a feedback out without a marker: what a tombstone of the log asks for. Says whether it was there.
    ///
    /// # Errors
    /// `search.writer_failed` or `search.engine`.
    pub fn delete(&mut self, id: FeedbackId) -> Result<bool, SearchError> {
        let key = key_of(id);
        if !self.versions.remove(key) {
            return Ok(false);
        }
        self.batch.push(UserOperation::Delete(self.term(key)));
        self.changed()?;
        Ok(true)
    }

    /// Makes all changes durable and visible, together with the position that they were read up to.
    ///
    /// # Errors
    /// `search.foreign_checkpoint` when it is of another log; `search.writer_failed` or `search.engine`, after which
    /// the writer must be opened again.
    pub fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), SearchError> {
        if checkpoint.log_id != self.shared.log_id {
            return Err(SearchError::ForeignCheckpoint {
                given: checkpoint.log_id.clone(),
                own: self.shared.log_id.clone(),
            });
        }
        self.flush()?;
        let payload = CommitNote::new(checkpoint, self.versions.live());
        let text =
            serde_json::to_string(&payload).map_err(|_| SearchError::Damaged { what: "a checkpoint" })?;
        let prepared = self.engine.prepare_commit();
        let committed = prepared.and_then(|mut prepared| {
            prepared.set_payload(&text);
            prepared.commit()
        });
        self.failed = committed.is_err();
        committed.map_err(SearchError::engine("commit"))?;
        (self.pending, self.pending_bytes) = (0, 0);
        self.shared.reload(payload)
    }

    /// Gives the number of changes since the last commit.
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// Gives the bytes of documents given since the last commit, an upper bound of what waits for the indexing thread:
    /// a caller that commits after so many bytes bounds its memory.
    pub fn pending_bytes(&self) -> usize {
        self.pending_bytes
    }

    /// Rewrites every segment that holds deleted feedback, so that its text is gone from the disk, and waits for it.
    /// Call it after a commit; searches that began before may keep the old files open until they end.
    ///
    /// # Errors
    /// `search.writer_failed` or `search.engine`.
    pub fn expunge(&mut self) -> Result<(), SearchError> {
        self.flush()?;
        let metas =
            self.shared.index.searchable_segment_metas().map_err(SearchError::engine("list the segments"))?;
        let stale: Vec<SegmentId> =
            metas.iter().filter(|meta| meta.has_deletes()).map(|meta| meta.id()).collect();
        drop(metas);
        for segment in stale {
            // A merge that the policy began may have taken the segment already.
            match self.engine.merge(&[segment]).wait() {
                Ok(_) | Err(TantivyError::InvalidArgument(_)) => {}
                Err(source) => return Err(SearchError::Engine { action: "rewrite a segment", source }),
            }
        }
        self.shared.reload(self.shared.payload())?;
        self.engine.garbage_collect_files().wait().map_err(SearchError::engine("remove old files"))?;
        Ok(())
    }

    fn document(
        &mut self,
        mapped: &Mapped,
        (key, version): (u64, Packed),
        day: Day,
    ) -> Result<TantivyDocument, SearchError> {
        let fields = &self.shared.fields;
        let mut document = TantivyDocument::default();
        document.add_u64(fields.key, key);
        document.add_u64(fields.version, version.0);
        if version.is_deletion() {
            return Ok(document);
        }
        document.add_u64(fields.person, Person::of(&mapped.feedback).0);
        document.add_i64(fields.time, mapped.feedback.content.occurred_at.millis());
        document.add_i64(fields.day, i64::from(day.number()));
        self.facets.fill(mapped);
        for facet in self.facets.iter() {
            document.add_bytes(fields.facet, facet.as_bytes());
        }
        if let Some(Fingerprint(signature)) = copied_text(&mapped.feedback) {
            document.add_u64(fields.copy, signature);
        }
        for statement in spoken(&mapped.feedback) {
            statement_value(statement.language.as_deref(), &statement.text, &mut self.value);
            document.add_text(fields.text, &self.value);
            document.add_text(fields.form, &self.value);
            self.pending_bytes += self.value.len();
        }
        fields.numbers.fill(mapped, &mut document);
        Stored::of(mapped).write(&mut self.json)?;
        document.add_bytes(fields.stored, &self.json);
        self.pending_bytes += self.json.len();
        Ok(document)
    }

    fn term(&self, key: u64) -> Term {
        Term::from_field_u64(self.shared.fields.key, key)
    }

    fn changed(&mut self) -> Result<(), SearchError> {
        self.pending += 1;
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SearchError> {
        if self.failed {
            return Err(SearchError::WriterFailed);
        }
        if self.batch.is_empty() {
            return Ok(());
        }
        let ran = self.engine.run(self.batch.drain(..));
        self.failed = ran.is_err();
        ran.map(drop).map_err(SearchError::engine("index"))
    }
}

#[cfg(test)]
mod tests {
    use tantivy::merge_policy::NoMergePolicy;

    use super::*;
    use crate::tests::build::{Bed, But, add, at, said};

    #[test]
    fn the_first_replacement_of_a_writer_outlives_a_merge_before_its_commit() {
        let bed = Bed::new();
        let mut writer = bed.index.writer().unwrap();
        writer.engine.set_merge_policy(Box::new(NoMergePolicy));
        let mut sizes = Vec::new();
        for records in [&["1", "2", "3", "4", "5"][..], &["6", "7", "8"]] {
            add(&mut writer, &records.iter().map(|record| said(record, "parcel")).collect::<Vec<_>>());
            writer.commit(&at(1)).unwrap();
            sizes.push(u32::try_from(records.len()).unwrap());
        }
        add(&mut writer, &[said("6", "changed").version(1, 2)]);
        writer.commit(&at(2)).unwrap();
        drop(writer);

        let mut writer = bed.index.writer().unwrap();
        writer.engine.set_merge_policy(Box::new(NoMergePolicy));
        add(&mut writer, &[said("7", "changed").version(1, 3)]);
        writer.flush().unwrap();
        let metas = writer.shared.index.searchable_segment_metas().unwrap();
        let of_size = |size: &u32| metas.iter().find(|meta| meta.max_doc() == *size).unwrap().id();
        let segments: Vec<SegmentId> = sizes.iter().map(of_size).collect();
        writer.engine.merge(&segments).wait().unwrap();
        writer.commit(&at(3)).unwrap();
        assert_eq!((bed.dump().len(), bed.found("changed").len()), (8, 2));
    }
}
