//! What one feedback says: sentiment, expectations and, given a journey map, its stage. Pure.

mod annotator;
mod before;
mod beginnings;
mod clauses;
mod counters;
mod cues;
mod error;
mod evidence;
mod expectation;
mod families;
pub mod filter;
mod fold;
mod gaps;
mod lexicon;
mod mapper;
mod numbers;
mod origin;
mod patterns;
mod phase;
mod sentiment;
mod size;
mod stages;
mod trie;
mod unmet;

pub use annotator::{Annotator, CODE_VERSION};
pub use error::AnnotateError;
pub use mapper::{Evidence, Mapper};
pub use phase::phase;
