//! The kinds of personal data, and what redaction takes and gives.

use std::fmt;
use std::str::FromStr;

use crate::error::TextError;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PersonalKind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// The number of a payment card.
    Card,
    /// An international bank account number (ISO 13616).
    Iban,
    /// A number by which a state knows a person.
    NationalId,
    /// An internet protocol address.
    Ip,
    /// A secret: a password, key or token.
    Credential,
    /// A street address.
    Address,
    /// A person's name.
    Name,
    /// Anything else that is known to be personal.
    Other,
}

const KINDS: [(PersonalKind, &str, &str); 10] = [
    (PersonalKind::Email, "email", "[email]"),
    (PersonalKind::Phone, "phone", "[phone]"),
    (PersonalKind::Card, "card", "[card]"),
    (PersonalKind::Iban, "iban", "[iban]"),
    (PersonalKind::NationalId, "national_id", "[national_id]"),
    (PersonalKind::Ip, "ip", "[ip]"),
    (PersonalKind::Credential, "credential", "[credential]"),
    (PersonalKind::Address, "address", "[address]"),
    (PersonalKind::Name, "name", "[name]"),
    (PersonalKind::Other, "personal", "[personal]"),
];

impl PersonalKind {
    /// Returns the stable name of the kind, such as `email`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("personal", |(_, name, _)| name)
    }

    /// Returns what stands in a redacted text in place of a value of the kind, such as `[email]`.
    #[must_use]
    pub fn placeholder(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("[personal]", |(.., placeholder)| placeholder)
    }

    /// Returns the placeholders of all kinds.
    pub(crate) fn placeholders() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(.., placeholder)| *placeholder)
    }
}

impl fmt::Display for PersonalKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl FromStr for PersonalKind {
    type Err = TextError;

    /// Reads the name of a kind.
    ///
    /// # Errors
    /// `text.personal_kind` when no kind has the name.
    fn from_str(name: &str) -> Result<Self, TextError> {
        KINDS
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(kind, ..)| *kind)
            .ok_or(TextError::PersonalKind)
    }
}

/// A value that a source knows to be personal, such as the requester's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<'a> {
    /// What the value is.
    pub kind: PersonalKind,
    /// The value as the source has it.
    pub value: &'a str,
}

/// Where personal data stood in the given text, in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first scalar value of the personal data.
    pub start: usize,
    /// The scalar value after the personal data.
    pub end: usize,
    /// What it is.
    pub kind: PersonalKind,
}

/// A text without its personal data, and where that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text with placeholders.
    pub text: String,
    /// What was replaced, in order.
    pub spans: Vec<Span>,
}
