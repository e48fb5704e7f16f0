//! Promises of the company: registered statements with a target that can be measured.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ModelError;
use crate::codes::{GapType, StageCode, TouchpointCode};
use crate::time::{Day, optional_day_text};

/// Short name of a promise: lower-case letters, digits, `-` and `_`, at most 48.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct PromiseId(String);

impl PromiseId {
    /// Gives the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PromiseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for PromiseId {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        let fits = !text.is_empty() && text.len() <= 48 && text.bytes().all(letter);
        fits.then(|| Self(text.to_owned()))
            .ok_or_else(|| ModelError::Code { what: "promise", code: text.chars().take(64).collect() })
    }
}

impl TryFrom<String> for PromiseId {
    type Error = ModelError;

    fn try_from(text: String) -> Result<Self, ModelError> {
        text.parse()
    }
}

impl From<PromiseId> for String {
    fn from(id: PromiseId) -> Self {
        id.0
    }
}

/// A registered promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Its name.
    pub id: PromiseId,
    /// What is promised, as customers read it, with its measurable target: `delivered within two days`.
    pub text: String,
    /// The type of gap that opens when it is broken.
    pub gap: GapType,
    /// The stage at which it is to be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageCode>,
    /// Where it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touchpoint: Option<TouchpointCode>,
    /// First day on which it holds; always if absent.
    #[serde(default, with = "optional_day_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub from: Option<Day>,
    /// Last day on which it holds.
    #[serde(default, with = "optional_day_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Day>,
}

impl Promise {
    /// Says whether it holds on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}
