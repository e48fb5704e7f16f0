//! Text in; normalised text, language, tokens, stems and redacted spans out. Knows nothing of feedback.

mod analyse;
mod error;
mod fingerprint;
mod fold;
mod identify;
mod language;
mod lexicon;
mod normalise;
mod redact;
mod sentences;
mod stem;
mod words;

pub use analyse::{ANALYSER_VERSION, Analyser, Term};
pub use error::TextError;
pub use fingerprint::fingerprint;
pub use fold::fold_for_match;
pub use identify::identify;
pub use language::Language;
pub use normalise::{Format, Normalised, normalise};
pub use redact::{Known, PersonalKind, Redacted, Redactor, Span};
pub use sentences::sentences;
pub use stem::{Stem, stemmer};
pub use words::{Word, words};
