//! Themes as they are listed and shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use groundswell_model::{FeedbackId, ThemeId};
use groundswell_steps::decided::themes::{RunNote, ThemeEditRow, ThemeRow};

/// Which themes are listed, and over which days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeQuery {
    /// First day, `YYYY-MM-DD` in the reporting zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Only this kind of voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Hidden ones as well.
    #[serde(default)]
    pub all: bool,
    /// Count the topics above them as well.
    #[serde(default)]
    pub topics: bool,
}

/// All themes of a window, with what they cover.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThemeList {
    /// Pinned ones first, then by distinct people.
    pub themes: Vec<ThemeRow>,
    /// The topics above them, by distinct people, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<TopicRow>,
    /// Feedback of the window that says something in words.
    pub texts: u64,
    /// Those of them that belong to no theme.
    pub without_theme: u64,
    /// The last edit of any theme: whoever edits sends it along as `seen`.
    pub version: u64,
    /// The last run that looked at everything, without its changes.
    pub last_run: Option<RunNote>,
    /// The search that is under way.
    pub search: ThemeProgress,
}

/// A topic: themes that lie near to each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TopicRow {
    /// Its words.
    pub name: String,
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
    /// Its themes, by distinct people.
    pub themes: Vec<String>,
}

/// One theme with what people say and what people made of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThemeDetail {
    /// Its figures.
    pub theme: ThemeRow,
    /// What is said, the most telling first; texts that are alike stand once.
    pub quotes: Vec<ThemeQuote>,
    /// What it may be split into, where that was asked for.
    pub parts: Vec<ProposedPart>,
    /// Edits that bear on it, the latest first.
    pub edits: Vec<ThemeEditRow>,
    /// The last edit of any theme.
    pub version: u64,
}

/// A text of a theme, with how many said the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThemeQuote {
    /// The feedback.
    pub id: FeedbackId,
    /// The day it counts for.
    pub day: String,
    /// What sort of voice.
    pub kind: String,
    /// The text, redacted, cut to what is shown.
    pub text: String,
    /// Further feedback with nearly the same text.
    #[serde(default)]
    pub copies: u64,
}

/// A part that a theme may be split into. The first is what stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProposedPart {
    /// Its most telling words.
    pub words: Vec<String>,
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
    /// What one of its people said.
    pub example: Option<String>,
}

/// How far a search for themes is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ThemeProgress {
    /// Whether one is under way or about to begin.
    pub running: bool,
    /// `seed`, `train`, `count`, `refine` or `assign`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How far the step is, 0 to 1.
    pub share: f64,
    /// Searches that have ended since the start.
    pub ended: u64,
    /// Why the last one failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// How the last run differs from the one before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThemeDiff {
    /// The run.
    pub run: Option<RunNote>,
    /// Names of the themes that it mentions.
    pub names: Vec<(ThemeId, String)>,
    /// Themes that emerged since.
    pub emerged: Vec<ThemeId>,
}

/// A search for themes that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeRunRequest {
    /// Who asks.
    pub actor: String,
    /// Whether only the themes that people edited are known.
    #[serde(default)]
    pub afresh: bool,
}
