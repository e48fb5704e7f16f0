//! What a group of feedback is about: themes from vectors and stems, found, named, kept over runs, seen as they emerge.
//!
//! Pure and deterministic: vectors, stems, people and the seed come from the caller; nothing is read and no clock asked.
//! `docs/themes.md` says what it reaches; `cargo xtask eval themes` measures it.

mod agreement;
mod blocks;
mod cluster;
mod count;
mod duplicates;
mod eigen;
mod error;
mod fit;
mod kmeans;
mod levels;
mod lsa;
mod matching;
mod merge;
mod names;
mod nearest;
mod proposal;
mod rise;
mod sparse;
mod split;
mod stopwords;
mod stream;
mod vectors;
mod vocabulary;
mod voices;

#[cfg(test)]
mod tests;

pub use agreement::{adjusted_rand, mutual_information};
pub use blocks::{Whitening, combine};
pub use cluster::{
    Clustering, Clusters, Count, Extent, Known, LEAST_COSINE, LEAST_PEOPLE, MERGE_COSINE, MOST_CLUSTERS,
    Step, Watch, cluster, recluster,
};
pub use count::usual_count;
pub use duplicates::{
    BANDS, DUPLICATE, PERMUTATIONS, Signature, candidate_probability, duplicates, signature, threshold,
};
pub use error::ThemesError;
pub use levels::topics;
pub use lsa::Lsa;
pub use matching::{Theme, matches};
pub use names::{Name, Naming, Term, class_weights, medoids, names};
pub use nearest::{BELONGS, NEAR, NearestTheme};
pub use proposal::{Change, Kind, Proposal, propose};
pub use rise::{CLEAR, Rise};
pub use sparse::{Sparse, TfIdf};
pub use split::{MOST_PARTS, Splitting, parts};
pub use stopwords::function_words;
pub use stream::{Candidate, MicroClusters, Settings, cosine};
pub use vectors::{Rows, Vectors};
pub use vocabulary::Vocabulary;
pub use voices::{Leaves, ThemeVoices, Voices};

use cluster::Watching;
