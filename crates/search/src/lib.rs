//! The search index and its position: queries, facets, highlights.

mod answer;
mod checkpoint;
mod collect;
mod common;
mod compile;
mod compiled;
mod copies;
mod enough;
mod error;
mod export;
mod facets;
mod folds;
mod gate;
mod highlight;
mod index;
mod numbers;
mod open;
mod parse;
mod parts;
mod pattern;
mod people;
mod ports;
mod query;
mod raise;
mod range;
mod schema;
mod search;
mod similar;
mod spelling;
mod stored;
mod tally;
mod tokenise;
mod versions;
mod writer;

#[cfg(test)]
mod tests;

pub use answer::{Answer, Count, DayCount, Hit};
pub use checkpoint::Checkpoint;
pub use error::SearchError;
pub use export::{Export, Ids};
pub use facets::{FACET_FIELDS, SEGMENT_PREFIX};
pub use gate::SMALL_GROUP;
pub use index::{Index, IndexSettings, Opened};
pub use numbers::{NUMBER_FIELDS, TIME_FIELDS};
pub use ports::{Indexing, Searching};
pub use query::{
    Cursor, Filter, Fold, MAX_AMONG, MAX_CLAUSES, MAX_FACETS, MAX_FILTERS, MAX_FOLDED, MAX_LIMIT,
    MAX_PATTERNS, MAX_RANGES, MAX_TEXT, MAX_VALUES, Query, Sort, Step,
};
pub use schema::SCHEMA;
pub use writer::Writer;
