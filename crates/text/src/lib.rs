//! Text in; normalised text, language, tokens, stems and redacted spans out. Knows nothing of feedback.

mod analyse;
mod error;
mod exponent;
mod fingerprint;
mod fold;
mod identify;
mod language;
mod lexicon;
mod names;
mod normalise;
mod redact;
mod sentences;
mod stem;
mod words;

pub use analyse::{ANALYSER_VERSION, Analyser, Term};
pub use error::TextError;
pub use fingerprint::fingerprint;
pub use fold::fold_for_match;
pub use identify::{LanguageExample, LanguageModel, identify, identify_with, train_language};
pub use language::Language;
pub use lexicon::frequent_words;
pub use names::{NameExample, NameLexicon, NameModel, WordCounts, train_names};
pub use normalise::{Format, Normalised, normalise};
pub use redact::{Known, PersonalKind, Redacted, Redactor, Span};
pub use sentences::sentences;
pub use stem::{Stem, stemmer};
pub use words::{Word, words};
