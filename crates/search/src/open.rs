//! Opening the folder of an index, and moving aside what this program cannot use.

use std::fs;
use std::path::{Path, PathBuf};

use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError};
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::{IndexReader, ReloadPolicy, TantivyError};

use crate::SearchError;
use crate::checkpoint::{Checkpoint, CommitNote};
use crate::index::IndexSettings;
use crate::schema::{schema, storage, tokenisers};

/// An index that was opened.
pub(crate) struct Open {
    pub index: tantivy::Index,
    pub reader: IndexReader,
    pub payload: CommitNote,
}

/// Why an index was not opened.
pub(crate) enum Refusal {
    /// It is of no use to this program and log; it can be rebuilt.
    Unfit(String),
    /// Something else is wrong, such as permissions; the index may be sound.
    Error(SearchError),
}

impl From<SearchError> for Refusal {
    fn from(error: SearchError) -> Self {
        Self::Error(error)
    }
}

/// Opens the index in a folder, or makes an empty one where there is nothing.
pub(crate) fn open(dir: &Path, log_id: &str, settings: &IndexSettings) -> Result<Open, Refusal> {
    fs::create_dir_all(dir).map_err(SearchError::io("make the folder", dir))?;
    let directory = MmapDirectory::open(dir).map_err(|error| judge("open the folder", error.into()))?;
    let found =
        tantivy::Index::exists(&directory).map_err(|error| judge("look for an index", error.into()))?;
    if !found {
        return if is_vacant(dir)? {
            create(dir, log_id)
        } else {
            Err(Refusal::Unfit("it has files, but no list of segments".to_owned()))
        };
    }
    let mut index = tantivy::Index::open(directory).map_err(|error| judge("open the index", error))?;
    if index.schema() != schema().0 {
        return Err(Refusal::Unfit("its fields are those of another program or version".to_owned()));
    }
    index.set_tokenizers(tokenisers());
    let metas = index.load_metas().map_err(|error| judge("read the list of segments", error))?;
    let payload = match metas.payload.as_deref() {
        Some(payload) => serde_json::from_str(payload).map_err(|_| {
            Refusal::Unfit("its commit does not say what log and position it belongs to".to_owned())
        })?,
        None if metas.segments.is_empty() => CommitNote::new(&Checkpoint::start(log_id), 0),
        None => {
            return Err(Refusal::Unfit(
                "its commit does not say what log and position it belongs to".to_owned(),
            ));
        }
    };
    if let Some(why) = payload.unfit_for(log_id) {
        return Err(Refusal::Unfit(why));
    }
    if settings.verify {
        let damaged = index.validate_checksum().map_err(|error| judge("check the segments", error))?;
        if !damaged.is_empty() {
            return Err(Refusal::Unfit(format!("{} of its files do not have their checksum", damaged.len())));
        }
    }
    let reader = reader_of(&index)?;
    Ok(Open { index, reader, payload })
}

/// Makes an empty index in a vacant folder.
pub(crate) fn create(dir: &Path, log_id: &str) -> Result<Open, Refusal> {
    fs::create_dir_all(dir).map_err(SearchError::io("make the folder", dir))?;
    let builder = tantivy::Index::builder().schema(schema().0).settings(storage()).tokenizers(tokenisers());
    let index = builder.create_in_dir(dir).map_err(SearchError::engine("make the index"))?;
    let reader = reader_of(&index)?;
    Ok(Open { index, reader, payload: CommitNote::new(&Checkpoint::start(log_id), 0) })
}

fn reader_of(index: &tantivy::Index) -> Result<IndexReader, Refusal> {
    let builder = index.reader_builder().reload_policy(ReloadPolicy::Manual);
    builder.try_into().map_err(|error| judge("open the segments", error))
}

/// Renames the folder to the first free `<dir>.aside-<n>`, unless a writer holds it.
pub(crate) fn move_aside(dir: &Path) -> Result<PathBuf, SearchError> {
    let held = MmapDirectory::open(dir).ok().map(|directory| directory.acquire_lock(&INDEX_WRITER_LOCK));
    if matches!(held, Some(Err(LockError::LockBusy))) {
        return Err(SearchError::Busy { dir: dir.to_owned() });
    }
    let mut number = 1u32;
    loop {
        let mut name = dir.as_os_str().to_owned();
        name.push(format!(".aside-{number}"));
        let aside = PathBuf::from(name);
        if !aside.exists() {
            fs::rename(dir, &aside).map_err(SearchError::io("move the index aside to", &aside))?;
            return Ok(aside);
        }
        number += 1;
    }
}

/// Says whether a folder holds nothing but hidden files such as locks.
fn is_vacant(dir: &Path) -> Result<bool, SearchError> {
    let entries = fs::read_dir(dir).map_err(SearchError::io("read the folder", dir))?;
    for entry in entries {
        let entry = entry.map_err(SearchError::io("read the folder", dir))?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Tells damage, which a rebuild repairs, from refusals of the operating system.
fn judge(action: &'static str, source: TantivyError) -> Refusal {
    let damaged = match &source {
        TantivyError::DataCorruption(_)
        | TantivyError::IncompatibleIndex(_)
        | TantivyError::SchemaError(_)
        | TantivyError::InternalError(_)
        | TantivyError::DeserializeError(_)
        | TantivyError::InvalidArgument(_)
        | TantivyError::MissingPlugin(_)
        | TantivyError::UnexpectedPlugin(_)
        | TantivyError::OpenReadError(
            OpenReadError::FileDoesNotExist(_) | OpenReadError::IncompatibleIndex(_),
        ) => true,
        TantivyError::IoError(error)
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error: error, .. }) => is_damage(error),
        TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, .. }) => is_damage(io_error),
        _ => false,
    };
    if damaged {
        Refusal::Unfit(format!("it is damaged: cannot {action}"))
    } else {
        Refusal::Error(SearchError::Engine { action, source })
    }
}

fn is_damage(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::Other
    )
}
