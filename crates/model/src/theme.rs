//! Themes as they are recorded: what a run found, and what people made of it.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ModelError;
use crate::id::FeedbackId;
use crate::time::{Day, day_text};

/// The identity of a theme, written `t12`: the number in which it was first recorded. It is never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThemeId(pub u32);

impl fmt::Display for ThemeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("t{}", self.0))
    }
}

impl FromStr for ThemeId {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let digits = text.strip_prefix('t').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse().ok());
        number
            .map(Self)
            .ok_or_else(|| ModelError::Code { what: "theme", code: text.chars().take(64).collect() })
    }
}

impl Serialize for ThemeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ThemeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for ThemeId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ThemeId".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^t[0-9]+$"})
    }
}

/// The middle of a theme: a direction among the embeddings, one byte a dimension, written in base64. Its length says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Centroid(pub Vec<i8>);

impl Serialize for Centroid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self.0.iter().map(|value| value.cast_unsigned()).collect();
        serializer.serialize_str(&BASE64.encode(&bytes))
    }
}

impl<'de> Deserialize<'de> for Centroid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let bytes = BASE64.decode(text.as_bytes()).map_err(de::Error::custom)?;
        Ok(Self(bytes.into_iter().map(u8::cast_signed).collect()))
    }
}

impl JsonSchema for Centroid {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Centroid".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "contentEncoding": "base64", "description": "one signed byte for each dimension of the embedding"})
    }
}

/// What one run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeRun {
    /// Why themes were looked for.
    pub occasion: ThemeOccasion,
    /// Number of the run before: of two that follow the same one only the first holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// The last day that anybody was heard.
    #[serde(with = "day_text")]
    #[schemars(with = "String")]
    pub until: Day,
    /// Feedback with an embedding.
    pub feedback: u64,
    /// The themes that it found or looked at again. Those without an id are new and get the next free ones, in order.
    pub themes: Vec<FoundTheme>,
    /// Words of the topics above them, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Vec<String>>,
    /// What differs from the run before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ThemeChange>,
    /// New hits of the queries by which people defined themes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<JoinedTheme>,
}

/// Why themes were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThemeOccasion {
    /// A person asked.
    Asked,
    /// It was due: none was known, a week had gone by, or much was new.
    Due,
    /// Voices that belong to no known theme gathered.
    Emerged,
}

/// One theme as a run found it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundTheme {
    /// The known theme that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ThemeId>,
    /// Its middle; absent where it stays as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centroid: Option<Centroid>,
    /// Its most telling words, the first of which name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Language of most of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// A name that a model proposed, where one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
    /// Number of its topic.
    #[serde(default)]
    pub topic: u32,
    /// The feedback nearest to its middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<FeedbackId>,
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
}

/// What happened to themes between two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeChange {
    /// What.
    pub kind: ThemeChangeKind,
    /// The known themes that it happened to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<ThemeId>,
    /// What came of them: places among the themes of the run, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<u32>,
    /// People before, in all of the known ones.
    pub before: u64,
    /// People now, in all of what came of them.
    pub now: u64,
    /// Whether it holds. What a person edited is left to people.
    pub applied: bool,
}

/// What can happen to themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChangeKind {
    /// Was not there before.
    New,
    /// A tenth more people or over.
    Grown,
    /// A tenth fewer people or over.
    Shrunk,
    /// Became several.
    Split,
    /// Several became one.
    Merged,
    /// Nobody speaks of it any more.
    Gone,
}

impl fmt::Display for ThemeChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::New => "new",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::Split => "split",
            Self::Merged => "merged",
            Self::Gone => "gone",
        })
    }
}

/// Feedback that a theme's query found since it was asked last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinedTheme {
    /// The theme.
    pub theme: ThemeId,
    /// The feedback.
    pub feedback: Vec<FeedbackId>,
}

/// What a person makes of themes. Each is undone by its number: the offset of its action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ThemeEdit {
    /// The theme has this name, whatever its words are.
    Rename {
        /// Which.
        theme: ThemeId,
        /// Its name.
        name: String,
    },
    /// Themes are one from now on, under the id and name of one of them.
    Merge {
        /// The one that stays.
        into: ThemeId,
        /// Those that go into it.
        themes: Vec<ThemeId>,
    },
    /// A theme is several from now on: its feedback near to the middle of a part, or named in it, is that part's.
    Split {
        /// Which.
        theme: ThemeId,
        /// The middle of what stays; absent where the parts name their feedback.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keeps: Option<Centroid>,
        /// What comes off. Without any, and without a query, the program finds them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parts: Vec<ThemePart>,
        /// The query whose hits come off; its later hits join at each run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
    },
    /// The theme is not shown, or is shown again.
    Hide {
        /// Which.
        theme: ThemeId,
        /// Whether it is hidden.
        hidden: bool,
    },
    /// The theme stands first and stays as it is, or does so no longer.
    Pin {
        /// Which.
        theme: ThemeId,
        /// Whether it is pinned.
        pinned: bool,
    },
    /// Feedback belongs to this theme, or to none, whatever it is near to.
    Move {
        /// The feedback.
        feedback: Vec<FeedbackId>,
        /// The theme; none where it belongs to none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        theme: Option<ThemeId>,
    },
    /// A theme of a person's own: the hits of a query, or what is near to examples.
    Define {
        /// Its name.
        name: String,
        /// The query whose hits it has; its later hits join at each run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
        /// The hits, or the examples.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        feedback: Vec<FeedbackId>,
        /// The middle of the examples.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        centroid: Option<Centroid>,
    },
}

/// What comes off a theme that is split.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemePart {
    /// Its name; its words where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its most telling words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// The feedback nearest to its middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<FeedbackId>,
    /// Its middle, where feedback belongs to it by nearness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centroid: Option<Centroid>,
    /// Its feedback, where it is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feedback: Vec<FeedbackId>,
}

impl ThemeEdit {
    /// Gives the themes that it names.
    pub fn themes(&self) -> Vec<ThemeId> {
        match self {
            Self::Rename { theme, .. }
            | Self::Split { theme, .. }
            | Self::Hide { theme, .. }
            | Self::Pin { theme, .. } => vec![*theme],
            Self::Merge { into, themes } => std::iter::once(*into).chain(themes.iter().copied()).collect(),
            Self::Move { theme, .. } => theme.iter().copied().collect(),
            Self::Define { .. } => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written_and_nothing_else_is() {
        assert_eq!("t12".parse::<ThemeId>().unwrap(), ThemeId(12));
        assert_eq!(ThemeId(12).to_string(), "t12");
        for bad in ["", "t", "12", "t-1", "t1x", "t99999999999", "T1"] {
            assert!(bad.parse::<ThemeId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_edit_is_read_as_it_was_written() {
        let edit = ThemeEdit::Split {
            theme: ThemeId(3),
            keeps: Some(Centroid(vec![-128, 0, 127])),
            parts: vec![ThemePart { name: Some("late".to_owned()), ..ThemePart::default() }],
            query: None,
        };
        let text = serde_json::to_string(&edit).unwrap();
        assert_eq!(text, r#"{"type":"split","theme":"t3","keeps":"gAB/","parts":[{"name":"late"}]}"#);
        assert_eq!(serde_json::from_str::<ThemeEdit>(&text).unwrap(), edit);
        assert!(serde_json::from_str::<ThemeEdit>(r#"{"type":"hide","theme":"x","hidden":true}"#).is_err());
    }
}
