//! The search index and its position: queries, facets, highlights.

mod answer;
mod checkpoint;
mod collect;
mod compile;
mod error;
mod facets;
mod gate;
mod highlight;
mod index;
mod open;
mod parse;
mod ports;
mod query;
mod schema;
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
pub use facets::{FACET_FIELDS, SEGMENT_PREFIX};
pub use gate::SMALL_GROUP;
pub use index::{Index, IndexSettings, Opened};
pub use ports::{Indexing, Searching};
pub use query::{Cursor, Filter, MAX_CLAUSES, MAX_FACETS, MAX_LIMIT, MAX_TEXT, Query, Sort};
pub use schema::SCHEMA;
pub use writer::Writer;
