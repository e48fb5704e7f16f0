//! The side of the index that answers: a view of the last commit.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use groundswell_model::FeedbackId;
use groundswell_text::Language;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{DocAddress, DocSet, IndexReader, Searcher, TERMINATED, TantivyDocument, Term};

use crate::SearchError;
use crate::answer::Hit;
use crate::checkpoint::{Checkpoint, CommitNote};
use crate::collect::{Gather, Matches, Row};
use crate::copies::KnownCopies;
use crate::open::{Open, Refusal, create, move_aside, open};
use crate::people::People;
use crate::schema::{DAY, FACET, Fields, KEY, schema};
use crate::stored::Stored;
use crate::versions::key_of;
use crate::writer::Writer;

/// How an index is opened and written.
#[derive(Clone, Debug)]
pub struct IndexSettings {
    /// Memory of the indexing thread in bytes, at least 15,000,000; more makes fewer and larger segments.
    pub writer_bytes: usize,
    /// Whether opening reads all files and compares their checksums.
    pub verify: bool,
}

impl Default for IndexSettings {
    fn default() -> Self {
        Self { writer_bytes: 120_000_000, verify: true }
    }
}

/// What was found when an index was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The index goes on from its checkpoint; a new one from nothing.
    Ready,
    /// What was there was of no use and was moved aside, for this reason; the index is empty.
    Rebuild(String),
}

/// An index in a folder, for searching. Clones share it.
#[derive(Clone)]
pub struct Index {
    pub(crate) shared: Arc<Shared>,
}

/// What searchers and the writer share.
pub(crate) struct Shared {
    pub dir: PathBuf,
    pub log_id: String,
    pub settings: IndexSettings,
    pub index: tantivy::Index,
    pub fields: Fields,
    pub people: People,
    pub copies: KnownCopies,
    reader: IndexReader,
    snapshot: RwLock<Arc<Snapshot>>,
}

/// What is known about the last commit.
struct Snapshot {
    payload: CommitNote,
    /// Each language in the index, and none for text of an unknown one.
    languages: Vec<Option<Language>>,
}

impl Index {
    /// Opens the index of a log in a folder. A damaged one, one of another log and one of another version is moved
    /// aside to `<dir>.aside-<n>`, and an empty one takes its place.
    ///
    /// # Errors
    /// `search.io` or `search.engine` when the folder cannot be used, `search.busy` when an index must be moved aside
    /// while another process writes it.
    pub fn open(dir: &Path, log_id: &str, settings: &IndexSettings) -> Result<(Self, Opened), SearchError> {
        let (found, opened) = match open(dir, log_id, settings) {
            Ok(found) => (found, Opened::Ready),
            Err(Refusal::Error(error)) => return Err(error),
            Err(Refusal::Unfit(why)) => {
                let aside = move_aside(dir)?;
                tracing::error!(
                    code = "search.rebuild",
                    ?dir,
                    ?aside,
                    why,
                    "the search index is rebuilt from the log"
                );
                let found = create(dir, log_id).map_err(|refusal| match refusal {
                    Refusal::Error(error) => error,
                    Refusal::Unfit(_) => SearchError::Damaged { what: "a new index" },
                })?;
                (found, Opened::Rebuild(why))
            }
        };
        Ok((Self::of(dir, log_id, settings.clone(), found)?, opened))
    }

    fn of(dir: &Path, log_id: &str, settings: IndexSettings, found: Open) -> Result<Self, SearchError> {
        let languages = languages(&found.reader.searcher())?;
        let shared = Shared {
            dir: dir.to_owned(),
            log_id: log_id.to_owned(),
            settings,
            index: found.index,
            fields: schema().1,
            people: People::default(),
            copies: KnownCopies::default(),
            reader: found.reader,
            snapshot: RwLock::new(Arc::new(Snapshot { payload: found.payload, languages })),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Opens an index that another process writes, for searching only; it is never moved aside.
    ///
    /// # Errors
    /// `search.damaged` when there is none yet, or it is of another log or version; `search.io`, `search.engine`.
    pub fn read(dir: &Path, log_id: &str, settings: &IndexSettings) -> Result<Self, SearchError> {
        let settings = IndexSettings { verify: false, ..settings.clone() };
        if !dir.join("meta.json").exists() {
            return Err(SearchError::Damaged {
                what: "the folder: no index is there yet, and this process writes none",
            });
        }
        let found = open(dir, log_id, &settings).map_err(|refusal| match refusal {
            Refusal::Error(error) => error,
            Refusal::Unfit(why) => {
                tracing::error!(?dir, why, "the index of another process cannot be read");
                SearchError::Damaged { what: "the index of another process" }
            }
        })?;
        Self::of(dir, log_id, settings, found)
    }

    /// Takes up what another process has committed since.
    ///
    /// # Errors
    /// `search.engine` when the list of segments cannot be read; what was known stays.
    pub fn refresh(&self) -> Result<(), SearchError> {
        let metas =
            self.shared.index.load_metas().map_err(SearchError::engine("read the list of segments"))?;
        let payload = metas.payload.as_deref().and_then(|payload| serde_json::from_str(payload).ok());
        let Some(payload) = payload else { return Ok(()) };
        self.shared.reload(payload)
    }

    /// Gives the position of the last commit.
    pub fn checkpoint(&self) -> Checkpoint {
        self.shared.snapshot().payload.checkpoint.clone()
    }

    /// Gives the number of feedback in the last commit.
    pub fn count(&self) -> u64 {
        self.shared.snapshot().payload.documents
    }

    /// Opens the one writer, which goes on from the last commit.
    ///
    /// # Errors
    /// `search.busy` when there is a writer already, `search.engine` when the index cannot be written.
    pub fn writer(&self) -> Result<Writer, SearchError> {
        Writer::open(Arc::clone(&self.shared))
    }

    /// Gives one feedback as it is shown, without score and highlights. It does not know of small groups: an
    /// employee's feedback is shown only where a search gave it.
    ///
    /// # Errors
    /// `search.engine` or `search.damaged` for an index at fault.
    pub fn get(&self, id: FeedbackId) -> Result<Option<Hit>, SearchError> {
        let bytes = self.shared.stored_of(&self.shared.searcher(), id)?;
        let stored = bytes.as_deref().map(Stored::read).transpose()?;
        Ok(stored.filter(|stored| stored.id == id).map(|stored| stored.into_hit(0.0, &mut |_, _, _| {})))
    }

    /// Gives every feedback of the last commit in order of ids, as a line of canonical JSON with its id, day and facets
    /// (sorted), without its version. For checks: it reads the whole index, and holds 40 bytes for each feedback.
    ///
    /// # Errors
    /// `search.engine` or `search.damaged` for an index at fault.
    pub fn dump(&self, each: &mut dyn FnMut(FeedbackId, &str)) -> Result<(), SearchError> {
        let searcher = self.shared.reader.searcher();
        let table = Arc::new(self.shared.people.of(&searcher)?);
        let all = gathered(&searcher, &tantivy::query::AllQuery, &Gather::rows(&table))?;
        let mut ids = Vec::with_capacity(all.rows.len());
        for row in &all.rows {
            let bytes =
                stored(&self.shared, &searcher, DocAddress::new(row.segment, row.doc))?.unwrap_or_default();
            ids.push((Stored::read(&bytes)?.id, *row));
        }
        ids.sort_unstable_by_key(|(id, _)| *id);
        for (id, row) in ids {
            each(id, &line(&searcher, id, row)?);
        }
        Ok(())
    }
}

impl Shared {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Gives each language in the index, and none for text of an unknown one.
    pub(crate) fn languages(&self) -> Vec<Option<Language>> {
        self.snapshot().languages.clone()
    }

    /// Reads what is stored of a feedback; none where it is not there.
    pub(crate) fn stored_of(
        &self,
        searcher: &Searcher,
        id: FeedbackId,
    ) -> Result<Option<Vec<u8>>, SearchError> {
        let term = Term::from_field_u64(self.fields.key, key_of(id));
        for (segment, reader) in (0u32..).zip(searcher.segment_readers()) {
            let find = || -> tantivy::Result<Option<u32>> {
                let inverted = reader.inverted_index(self.fields.key)?;
                let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
                    return Ok(None);
                };
                while postings.doc() != TERMINATED && reader.is_deleted(postings.doc()) {
                    postings.advance();
                }
                Ok(Some(postings.doc()).filter(|&doc| doc != TERMINATED))
            };
            if let Some(doc) = find().map_err(SearchError::engine("look an id up"))? {
                return stored(self, searcher, DocAddress::new(segment, doc));
            }
        }
        Ok(None)
    }

    pub(crate) fn payload(&self) -> CommitNote {
        self.snapshot().payload.clone()
    }

    /// Shows a commit to searchers.
    pub(crate) fn reload(&self, payload: CommitNote) -> Result<(), SearchError> {
        self.reader.reload().map_err(SearchError::engine("open the new segments"))?;
        let languages = languages(&self.reader.searcher())?;
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(Snapshot { payload, languages });
        Ok(())
    }
}

/// Runs a query.
pub(crate) fn gathered(
    searcher: &Searcher,
    query: &dyn tantivy::query::Query,
    gather: &Gather,
) -> Result<Matches, SearchError> {
    searcher.search(query, gather).map_err(SearchError::engine("search"))
}

/// Reads what is stored of a document.
pub(crate) fn stored(
    shared: &Shared,
    searcher: &Searcher,
    address: DocAddress,
) -> Result<Option<Vec<u8>>, SearchError> {
    let document: TantivyDocument = searcher.doc(address).map_err(SearchError::engine("read a feedback"))?;
    Ok(document.get_first(shared.fields.stored).and_then(|value| value.as_bytes().map(<[u8]>::to_vec)))
}

fn line(searcher: &Searcher, id: FeedbackId, row: Row) -> Result<String, SearchError> {
    let read = || -> tantivy::Result<(Option<i64>, Vec<String>)> {
        let columns = searcher.segment_reader(row.segment).fast_fields();
        let day = columns.column_opt::<i64>(DAY)?.and_then(|days| days.first(row.doc));
        let mut facets = Vec::new();
        if let Some(column) = columns.bytes(FACET)? {
            let mut term = Vec::new();
            for ordinal in column.term_ords(row.doc) {
                column.ord_to_bytes(ordinal, &mut term)?;
                facets.push(String::from_utf8_lossy(&term).into_owned());
            }
        }
        facets.sort();
        Ok((day, facets))
    };
    let (day, facets) = read().map_err(SearchError::engine("read the facets"))?;
    Ok(serde_json::json!({"day": day, "facets": facets, "id": id}).to_string())
}

/// Lists the languages in the index; none stands for unknown ones.
fn languages(searcher: &Searcher) -> Result<Vec<Option<Language>>, SearchError> {
    const PREFIX: &str = "language:";
    let read = || -> tantivy::Result<std::collections::BTreeSet<Option<Language>>> {
        let mut languages = std::collections::BTreeSet::from([None]);
        for reader in searcher.segment_readers() {
            let Some(column) = reader.fast_fields().bytes(FACET)? else { continue };
            let mut terms = column.dictionary().prefix_range(PREFIX).into_stream()?;
            while terms.advance() {
                let tag = terms.key().get(PREFIX.len()..).and_then(|tag| std::str::from_utf8(tag).ok());
                languages.extend(
                    tag.and_then(|tag| tag.parse::<Language>().ok()).map(|language| Some(language.primary())),
                );
            }
        }
        Ok(languages)
    };
    Ok(read().map_err(SearchError::engine("read the languages"))?.into_iter().take(MOST_LANGUAGES).collect())
}

/// Further languages are not searched by their stems.
const MOST_LANGUAGES: usize = 40;

/// Reads the keys and versions of all that is alive.
pub(crate) fn versions(searcher: &Searcher) -> tantivy::Result<crate::versions::Versions> {
    let total = usize::try_from(searcher.num_docs()).unwrap_or(0);
    let mut versions = crate::versions::Versions::with_capacity(total);
    for reader in searcher.segment_readers() {
        let columns = reader.fast_fields();
        let (keys, numbers) = (columns.u64(KEY)?, columns.u64(crate::schema::VERSION)?);
        for doc in reader.doc_ids_alive() {
            if let (Some(key), Some(version)) = (keys.first(doc), numbers.first(doc)) {
                versions.set(key, crate::versions::Packed(version));
            }
        }
    }
    Ok(versions)
}
