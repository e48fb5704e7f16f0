//! Why there is no name of a model. It never quotes what people wrote, nor what the model answered.

use std::fmt;
use std::path::PathBuf;

/// Why no name was proposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamingError {
    /// There are neither words nor texts, or nothing is left of them without personal data.
    #[error("there is nothing to name")]
    Nothing,
    /// The file with the key cannot be used.
    #[error("the key of the endpoint, {}: {reason}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers, or not in a way that can be trusted.
    #[error("the endpoint cannot be reached: {reason}")]
    Unreachable {
        /// What the connection said.
        reason: String,
    },
    /// There was no answer in time.
    #[error("the endpoint did not answer in time")]
    Timeout,
    /// The endpoint refuses or has failed.
    #[error("the endpoint answered with status {status}")]
    Status {
        /// The status of HTTP.
        status: u16,
    },
    /// The reply is no chat completion, or longer than one may be.
    #[error("the endpoint's reply is no chat completion of at most 64 KiB")]
    Answer,
    /// The model answered with something that is no name.
    #[error("the proposed name is refused: {reason}")]
    Refused {
        /// What is wrong with it.
        reason: Refusal,
    },
}

impl NamingError {
    /// Gives the stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nothing => "naming.nothing",
            Self::Key { .. } => "naming.key",
            Self::Unreachable { .. } => "naming.unreachable",
            Self::Timeout => "naming.timeout",
            Self::Status { .. } => "naming.status",
            Self::Answer => "naming.answer",
            Self::Refused { .. } => "naming.refused",
        }
    }
}

impl From<ureq::Error> for NamingError {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Self::Timeout,
            ureq::Error::BodyExceedsLimit(_) => Self::Answer,
            other => Self::Unreachable { reason: other.to_string() },
        }
    }
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It is shorter than 2 characters or longer than 60.
    Length,
    /// It has several lines, or characters that do not show.
    Lines,
    /// It has markup or quotation marks.
    Markup,
    /// It has a web address.
    Address,
    /// Redaction finds something in it.
    Personal,
    /// None of its words, but for function words, stands in what was sent.
    Unfounded,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "it has fewer than 2 characters or more than 60",
            Self::Lines => "it is not one line of characters that show",
            Self::Markup => "it has markup or quotation marks",
            Self::Address => "it has a web address",
            Self::Personal => "it has what looks like personal data",
            Self::Unfounded => "none of its words stands in the theme's words or texts",
        })
    }
}
