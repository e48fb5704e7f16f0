//! One segment: a redb file with blocks of records and, in the active one, the catalogue.
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

use super::block::BlockHead;
use super::catalogue::Rows;
use super::config::EmbeddedConfig;
use super::disk::{FileHealth, SegmentFile, is_full};
use crate::error::LogError;

/// Topic id, partition, first offset.
pub(super) type BlockAt = (u32, u32, u64);

/// Is shown the first offset and the stored form of one block after another, until it breaks off.
pub(super) type BlockVisitor<'a> = dyn FnMut(u64, &[u8]) -> Result<ControlFlow<()>, LogError> + 'a;

const BLOCKS: TableDefinition<'_, BlockAt, &[u8]> = TableDefinition::new("blocks");
const CATALOGUE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("catalogue");
const SEGMENT: TableDefinition<'_, (), &[u8]> = TableDefinition::new("segment");

/// The format this code writes and reads.
const FORMAT: u32 = 1;
/// The page cache of a segment that is written to, and of one that is only read, in bytes.
const WRITING_CACHE: usize = 16 << 20;
const READING_CACHE: usize = 1 << 20;

static HANDLES: AtomicU64 = AtomicU64::new(0);

/// What a segment says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SegmentMeta {
    format: u32,
    /// Its number, as in the file's name.
    pub(super) number: u64,
    /// The first number whose records it holds: smaller than its own once it has taken in its predecessors.
    pub(super) covers_from: u64,
    /// The number of the last commit.
    pub(super) sequence: u64,
    /// The latest UTC day of its records by append time, counted from 1970.
    pub(super) day: Option<i64>,
    /// The bytes of its stored blocks.
    pub(super) stored: u64,
    /// The number of its records.
    pub(super) records: u64,
    /// The number of its blocks.
    pub(super) blocks: u64,
    /// Whether it was rewritten since it was closed, so that small blocks are packed and the file is no longer than needed.
    pub(super) packed: bool,
}

impl SegmentMeta {
    /// Begins a segment.
    pub(super) fn new(number: u64, sequence: u64) -> Self {
        Self {
            format: FORMAT,
            number,
            covers_from: number,
            sequence,
            day: None,
            stored: 0,
            records: 0,
            blocks: 0,
            packed: false,
        }
    }

    /// Counts a block in.
    pub(super) fn count(&mut self, records: u32, stored: usize) {
        self.records += u64::from(records);
        self.blocks += 1;
        self.stored += stored as u64;
    }
}

/// The first and last offset a segment holds of each partition, by topic id and partition.
pub(super) type Spans = BTreeMap<(u32, u32), (u64, u64)>;

/// What one commit writes.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Blocks, by where they begin.
    pub(super) blocks: Vec<(BlockAt, Vec<u8>)>,
    /// Rows of the catalogue.
    pub(super) rows: Rows,
}

/// An open segment.
pub(super) struct Segment {
    /// The file.
    pub(super) path: PathBuf,
    /// A number no other handle of this process has.
    pub(super) handle: u64,
    /// What the file has been through.
    pub(super) health: Arc<FileHealth>,
    database: Database,
}

/// What an opened segment holds beside its blocks.
pub(super) struct Opened {
    /// The segment.
    pub(super) segment: Segment,
    /// What it says about itself.
    pub(super) meta: SegmentMeta,
}

impl Segment {
    /// Creates a segment with this first content and makes it durable (its name in the folder excepted).
    pub(super) fn create(
        path: &Path,
        config: &EmbeddedConfig,
        meta: &SegmentMeta,
        changes: &Changes,
    ) -> Result<Self, LogError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)
            .map_err(|error| io_fault("creating", path, &error))?;
        let segment = Self::attach(path, file, config, WRITING_CACHE)?;
        segment.commit(meta, changes)?;
        Ok(segment)
    }

    /// Opens a segment that must be whole.
    pub(super) fn open(path: &Path, config: &EmbeddedConfig, writing: bool) -> Result<Opened, LogError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(|error| io_fault("opening", path, &error))?;
        let length = file.metadata().map_err(|error| io_fault("opening", path, &error))?.len();
        if length == 0 {
            return Err(damaged(path, "the file is empty"));
        }
        let cache = if writing { WRITING_CACHE } else { READING_CACHE };
        let segment = Self::attach(path, file, config, cache)?;
        let meta = segment.guarded(|| segment.meta())?;
        if meta.format != FORMAT {
            let detail = format!("its format is {}, this version reads {FORMAT}", meta.format);
            return Err(damaged(path, &detail));
        }
        Ok(Opened { segment, meta })
    }

    fn attach(
        path: &Path,
        file: std::fs::File,
        config: &EmbeddedConfig,
        cache: usize,
    ) -> Result<Self, LogError> {
        let health = Arc::new(FileHealth::default());
        let backend = SegmentFile::new(file, Arc::clone(&config.disk), Arc::clone(&health));
        let open = || {
            redb::Builder::new()
                .set_cache_size(cache)
                .set_check_integrity_on_open(config.verify)
                .create_with_backend(backend)
        };
        let database = match catch_unwind(AssertUnwindSafe(open)) {
            Ok(Ok(database)) => database,
            Ok(Err(redb::DatabaseError::Storage(redb::StorageError::Io(error))))
                if !is_content_error(&error) =>
            {
                return Err(io_fault("opening", path, &error));
            }
            Ok(Err(error)) => return Err(damaged(path, &error.to_string())),
            Err(_) => return Err(damaged(path, "its pages contradict each other")),
        };
        Ok(Self { path: path.to_owned(), handle: HANDLES.fetch_add(1, Ordering::Relaxed), health, database })
    }

    /// Commits durably: when this returns, the bytes are on the disk.
    pub(super) fn commit(&self, meta: &SegmentMeta, changes: &Changes) -> Result<(), LogError> {
        self.write(meta, changes).map_err(|error| self.fault("writing", error))
    }

    fn write(&self, meta: &SegmentMeta, changes: &Changes) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        transaction.set_quick_repair(true);
        {
            let mut blocks = transaction.open_table(BLOCKS)?;
            for (at, stored) in &changes.blocks {
                blocks.insert(at, stored.as_slice())?;
            }
            let mut catalogue = transaction.open_table(CATALOGUE)?;
            for (key, value) in &changes.rows.0 {
                catalogue.insert(key.as_str(), value.as_slice())?;
            }
            // Encoding numbers into a growing buffer cannot fail.
            let row = postcard::to_allocvec(meta).unwrap_or_default();
            transaction.open_table(SEGMENT)?.insert((), row.as_slice())?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Reads what it says about itself.
    pub(super) fn meta(&self) -> Result<SegmentMeta, LogError> {
        let row = || -> Result<Option<Vec<u8>>, redb::Error> {
            let table = self.database.begin_read()?.open_table(SEGMENT)?;
            Ok(table.get(())?.map(|row| row.value().to_vec()))
        };
        let row = row().map_err(|error| self.fault("reading", error))?;
        let row = row.ok_or_else(|| self.damaged("it does not say what it is"))?;
        postcard::from_bytes(&row).map_err(|_| self.damaged("what it says about itself cannot be read"))
    }

    /// Reads the catalogue's rows.
    pub(super) fn catalogue_rows(&self) -> Result<BTreeMap<String, Vec<u8>>, LogError> {
        let rows = || -> Result<BTreeMap<String, Vec<u8>>, redb::Error> {
            let table = self.database.begin_read()?.open_table(CATALOGUE)?;
            let mut rows = BTreeMap::new();
            for row in table.iter()? {
                let (key, value) = row?;
                rows.insert(key.value().to_owned(), value.value().to_vec());
            }
            Ok(rows)
        };
        self.guarded(|| rows().map_err(|error| self.fault("reading", error)))
    }

    /// Walks over the stored blocks of a partition from the one that holds `from`, or the next one after it.
    pub(super) fn scan(
        &self,
        (topic, partition): (u32, u32),
        from: u64,
        visit: &mut BlockVisitor<'_>,
    ) -> Result<(), LogError> {
        self.guarded(|| {
            let fault = |error: redb::Error| self.fault("reading", error);
            let transaction = self.database.begin_read().map_err(|error| fault(error.into()))?;
            let table = transaction.open_table(BLOCKS).map_err(|error| fault(error.into()))?;
            let before = table
                .range((topic, partition, 0)..=(topic, partition, from))
                .map_err(|error| fault(error.into()))?
                .next_back()
                .transpose()
                .map_err(|error| fault(error.into()))?;
            let begin = before.map_or(from, |(key, _)| key.value().2);
            let range = (topic, partition, begin)..=(topic, partition, u64::MAX);
            for row in table.range(range).map_err(|error| fault(error.into()))? {
                let (key, stored) = row.map_err(|error| fault(error.into()))?;
                let head = self.head(stored.value())?;
                if head.last >= from && visit(key.value().2, stored.value())?.is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Finds what it holds of each partition.
    pub(super) fn spans(&self) -> Result<Spans, LogError> {
        let spans = || -> Result<Vec<(BlockAt, Vec<u8>)>, redb::Error> {
            let table = self.database.begin_read()?.open_table(BLOCKS)?;
            let mut found = Vec::new();
            let mut from = (0, 0, 0);
            while let Some(row) = table.range(from..)?.next() {
                let (topic, partition, first) = row?.0.value();
                let end = (topic, partition, u64::MAX);
                if let Some(row) = table.range((topic, partition, first)..=end)?.next_back() {
                    found.push(((topic, partition, first), row?.1.value().to_vec()));
                }
                from = end;
            }
            Ok(found)
        };
        self.guarded(|| {
            let found = spans().map_err(|error| self.fault("reading", error))?;
            let spans = found.iter().map(|((topic, partition, first), stored)| {
                let last = self.head(stored)?.last;
                Ok(((*topic, *partition), (*first, last)))
            });
            spans.collect()
        })
    }

    /// Reads a block's head.
    pub(super) fn head(&self, stored: &[u8]) -> Result<BlockHead, LogError> {
        BlockHead::parse(stored).map_err(|why| self.damaged(why))
    }

    /// Gives the file's length in bytes.
    pub(super) fn file_bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |found| found.len())
    }

    /// Makes the error for damage in this file.
    pub(super) fn damaged(&self, detail: &str) -> LogError {
        damaged(&self.path, detail)
    }

    /// redb trusts its pages and may panic on damaged ones: that is damage like any other.
    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, LogError>) -> Result<T, LogError> {
        catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err(self.damaged("its pages contradict each other")))
    }

    fn fault(&self, doing: &str, error: redb::Error) -> LogError {
        match error {
            redb::Error::Io(error) if is_content_error(&error) => self.damaged(&error.to_string()),
            redb::Error::Io(error) => io_fault(doing, &self.path, &error),
            redb::Error::Corrupted(detail) => self.damaged(&detail),
            redb::Error::TableDoesNotExist(table) => self.damaged(&format!("it has no table {table}")),
            other => LogError::Failed {
                doing: format!("{doing} {}", self.path.display()),
                detail: other.to_string(),
            },
        }
    }
}

/// Says whether an I/O error tells of the file's content (cut off, not redb's) and not of the disk.
fn is_content_error(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData)
}

fn damaged(path: &Path, detail: &str) -> LogError {
    LogError::Damaged { file: path.to_owned(), detail: detail.to_owned() }
}

/// Makes the error for a failed access to a file.
pub(super) fn io_fault(doing: &str, path: &Path, error: &std::io::Error) -> LogError {
    if is_full(error) {
        return LogError::Full { detail: format!("{doing} {} failed: {error}", path.display()) };
    }
    LogError::Failed { doing: format!("{doing} {}", path.display()), detail: error.to_string() }
}
