//! Reading the file of an import: its hash, its rows with their occurrence numbers, and a first look at what they become.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context as _, Result};

use groundswell_adapters::{Pipeline, RowsError, rows};
use groundswell_model::{RawRecord, Timestamp};
use groundswell_server::Row;
use groundswell_steps::{Ingester, Provenance, Ready};

/// Bytes read at a time.
const BUFFER: usize = 1 << 20;

/// Gives the identity of importing a file by a pipeline: a corrected pipeline is another import of the same records.
///
/// # Errors
/// When the file cannot be read.
pub fn import_id(path: &Path, pipeline: &str) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut file = open(path)?;
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = file.read(&mut buffer).with_context(|| format!("cannot read {}", path.display()))?;
        if read == 0 {
            break;
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
    hasher.update(blake3::hash(pipeline.as_bytes()).as_bytes());
    Ok(hasher.finalize().to_hex().chars().take(32).collect())
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The rows of a file, each with the number of identical rows before it.
pub struct FileRows {
    rows: rows::Rows<'static>,
    /// Identical rows seen, by hash; only kept where the pipeline has no record id.
    seen: Option<HashMap<[u8; 16], u64>>,
}

impl FileRows {
    /// Opens a file by a pipeline.
    ///
    /// # Errors
    /// When it cannot be read, or lacks columns that the pipeline maps.
    pub fn open(path: &Path, pipeline: &Pipeline) -> Result<Self> {
        let reader = BufReader::with_capacity(BUFFER, open(path)?);
        let rows = rows::open(reader, pipeline).with_context(|| format!("{}", path.display()))?;
        let without_id = pipeline.table.as_ref().is_some_and(|table| table.record.is_empty());
        Ok(Self { rows, seen: without_id.then(HashMap::new) })
    }

    /// Gives the names of the columns; `None` where rows name their own fields.
    pub fn columns(&self) -> Option<Vec<String>> {
        let columns = self.rows.columns();
        (!columns.is_empty()).then(|| columns.to_vec())
    }

    fn occurrence(&mut self, bytes: &[u8]) -> u64 {
        let Some(seen) = &mut self.seen else { return 0 };
        let mut key = [0; 16];
        key.copy_from_slice(blake3::hash(bytes).as_bytes().split_at(16).0);
        let count = seen.entry(key).or_insert(0);
        let occurrence = *count;
        *count += 1;
        occurrence
    }
}

impl Iterator for FileRows {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        let row = match self.rows.next()? {
            Ok(row) => Row {
                number: row.number,
                occurrence: self.occurrence(&row.bytes),
                refused: None,
                bytes: row.bytes,
            },
            Err(RowsError::Row { number, bytes, error }) => {
                Row { number, occurrence: 0, refused: Some(format!("{} {error}", error.code())), bytes }
            }
            Err(error) => return Some(Err(error.into())),
        };
        Some(Ok(row))
    }
}

/// What the first rows of a file become.
#[derive(Debug, Default)]
pub struct FirstLook {
    /// Rows looked at.
    pub rows: u64,
    /// Rows in the whole file.
    pub total: u64,
    /// Refusals by code, with the first message of each.
    pub refused: BTreeMap<String, (u64, String)>,
    /// The first rows as they would be stored.
    pub shown: Vec<(u64, Result<Ready, String>)>,
}

/// Rows that are tried before an import begins.
const TRIED: u64 = 1_000;
/// Rows that are shown.
const SHOWN: usize = 10;

impl FirstLook {
    /// Tries the first rows of a file and counts them all.
    ///
    /// # Errors
    /// When the file cannot be read, or lacks columns that the pipeline maps.
    pub fn at(path: &Path, pipeline: &Pipeline, ingester: &Ingester, now: Timestamp) -> Result<Self> {
        let rows = FileRows::open(path, pipeline)?;
        let columns = rows.columns();
        let mut look = Self::default();
        for row in rows {
            let row = row?;
            look.total += 1;
            if look.rows < TRIED {
                look.rows += 1;
                look.take(&row, pipeline, ingester, columns.as_deref(), now);
            }
        }
        Ok(look)
    }

    /// Says how many of the rows tried were refused.
    pub fn refusals(&self) -> u64 {
        self.refused.values().map(|(count, _)| count).sum()
    }

    fn take(
        &mut self,
        row: &Row,
        pipeline: &Pipeline,
        ingester: &Ingester,
        columns: Option<&[String]>,
        now: Timestamp,
    ) {
        if let Some(refused) = &row.refused {
            let (code, message) = refused.split_once(' ').unwrap_or((refused, ""));
            self.refuse(code, message);
            return;
        }
        let raw =
            RawRecord { bytes: &row.bytes, key: None, received_at: now, columns, row: Some(row.number) };
        for item in
            ingester.items(pipeline, &raw, Provenance { occurrence: row.occurrence, generation: None })
        {
            if let Err(refusal) = &item {
                self.refuse(refusal.code, &refusal.message);
            }
            if self.shown.len() < SHOWN {
                self.shown.push((row.number, item.map_err(|refusal| refusal.message)));
            }
        }
    }

    fn refuse(&mut self, code: &str, message: &str) {
        self.refused.entry(code.to_owned()).or_insert_with(|| (0, message.to_owned())).0 += 1;
    }
}
