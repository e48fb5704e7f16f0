//! What can go wrong when an annotator or a mapper is built, or a line of a filter is read.

use groundswell_model::ModelError;

/// A failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnnotateError {
    /// A pattern of an expectation family is not a regular expression.
    #[error("pattern {family} does not compile: {source}")]
    Pattern {
        /// Which family.
        family: &'static str,
        /// What the compiler said.
        source: Box<regex_automata::meta::BuildError>,
    },
    /// A pattern has a branch that begins neither at a word nor at a sentence.
    #[error("pattern {family} does not begin at a word boundary")]
    Beginning {
        /// Which family.
        family: &'static str,
    },
    /// A line of a shipped lexicon is malformed.
    #[error("lexicon {language}, line {line}: {what}")]
    Lexicon {
        /// Which lexicon.
        language: &'static str,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// The file of the trained heads is malformed.
    #[error("trained heads: {what}")]
    Heads {
        /// What is wrong.
        what: &'static str,
    },
    /// A number of the journey map is out of its range.
    #[error("journey map, {key}: {what}")]
    Map {
        /// Key path.
        key: String,
        /// What is wrong.
        what: &'static str,
    },
    /// A line of a filter is not the JSON object it should be.
    #[error("line is not a filter input: {what} at column {column}")]
    Line {
        /// What kind of fault.
        what: &'static str,
        /// Where, in columns from 1.
        column: usize,
    },
    /// A line of a filter names an unknown language tag.
    #[error("language: not a language tag of at most 15 bytes")]
    Language,
    /// A table of token vectors, or the text form of an embedding, cannot be read.
    #[error("embedding: {what}")]
    Embedding {
        /// What is wrong.
        what: &'static str,
    },
    /// The journey map or one of its codes is at fault.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl AnnotateError {
    /// Gives the stable code of the failure.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pattern { .. } => "annotate.pattern",
            Self::Beginning { .. } => "annotate.beginning",
            Self::Lexicon { .. } => "annotate.lexicon",
            Self::Heads { .. } => "annotate.heads",
            Self::Map { .. } => "annotate.map",
            Self::Line { .. } => "annotate.line",
            Self::Language => "annotate.language",
            Self::Embedding { .. } => "annotate.embedding",
            Self::Model(_) => "annotate.model",
        }
    }
}
