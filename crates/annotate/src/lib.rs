//! What one feedback says: sentiment, expectations and, given a journey map, its stage. Pure.

mod annotator;
mod before;
mod beginnings;
mod clauses;
mod conclude;
mod counters;
mod cues;
mod embed;
mod error;
mod evidence;
mod expectation;
mod families;
pub mod filter;
mod fold;
mod gaps;
pub mod heads;
mod judge;
mod lexicon;
mod mapper;
mod numbers;
mod observe;
mod origin;
mod patterns;
mod phase;
mod sentiment;
mod size;
mod stages;
mod trie;
mod unmet;

pub use annotator::{Annotator, CODE_VERSION};
pub use embed::{DIMENSIONS, EMBEDDING_VERSION, Embedder, Embedding};
pub use error::AnnotateError;
pub use heads::Heads;
pub use mapper::{Evidence, Mapper};
pub use observe::Observation;
pub use phase::phase;
