//! The one error of this crate.

/// What this crate refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// A language tag is not a BCP 47 tag of at most 15 bytes.
    #[error("not a language tag: expected something like en or pt-BR, got {length} bytes")]
    LanguageTag {
        /// The length of what was given, in bytes.
        length: usize,
    },
    /// A name is no kind of personal data.
    #[error(
        "not a kind of personal data: expected one of email, phone, card, iban, national_id, ip, credential, address, name, personal"
    )]
    PersonalKind,
    /// The bytes of a name model cannot be used.
    #[error("not a name model: {reason}")]
    NameModel {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The bytes of a language model cannot be used.
    #[error("not a language model: {reason}")]
    LanguageModel {
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl TextError {
    /// Returns the stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::LanguageTag { .. } => "text.language_tag",
            Self::PersonalKind => "text.personal_kind",
            Self::NameModel { .. } => "text.name_model",
            Self::LanguageModel { .. } => "text.language_model",
        }
    }
}
