//! What the index keeps of a feedback to show a hit: one JSON object per document, written once.

use std::borrow::Cow;

use groundswell_model::{Answer, FeedbackId, Gap, Kind, Mapped, Phase, Timestamp};
use serde::{Deserialize, Serialize};

use crate::SearchError;
use crate::answer::Hit;
use crate::facets::spoken;

/// Stands between two statements in the text of a hit.
const BETWEEN: &str = "\n\n";

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stored<'a> {
    pub id: FeedbackId,
    kind: Kind,
    source: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<Cow<'a, str>>,
    channel: Cow<'a, str>,
    /// Milliseconds since 1970.
    at: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    said: Vec<Said<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stage: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    touchpoint: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phase: Option<Phase>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    theme: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issue: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "<[Gap]>::is_empty")]
    gaps: Cow<'a, [Gap]>,
    #[serde(default, skip_serializing_if = "<[Answer]>::is_empty")]
    scores: Cow<'a, [Answer]>,
}

/// A statement of the one who gives the feedback.
#[derive(Debug, Serialize, Deserialize)]
struct Said<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<Cow<'a, str>>,
    text: Cow<'a, str>,
}

impl<'a> Stored<'a> {
    pub(crate) fn of(mapped: &'a Mapped) -> Self {
        let content = &mapped.feedback.content;
        let mapping = mapped.mapping.as_ref();
        let said = |statement: &'a groundswell_model::Statement| Said {
            language: statement.language.as_deref().map(Cow::Borrowed),
            text: Cow::Borrowed(&statement.text),
        };
        Self {
            id: mapped.feedback.id,
            kind: content.kind,
            source: Cow::Borrowed(&content.source.system),
            record: content.source.record.as_deref().map(Cow::Borrowed),
            link: content.source.url.as_deref().map(Cow::Borrowed),
            channel: Cow::Borrowed(&content.channel),
            at: content.occurred_at.millis(),
            said: spoken(&mapped.feedback).map(said).collect(),
            stage: mapping.map(|mapping| Cow::Borrowed(mapping.stage.as_str())),
            touchpoint: mapping.and_then(|m| m.touchpoint.as_ref()).map(|code| Cow::Borrowed(code.as_str())),
            phase: mapping.and_then(|mapping| mapping.phase),
            theme: mapping.and_then(|mapping| mapping.theme.as_deref()).map(Cow::Borrowed),
            issue: mapping.and_then(|mapping| mapping.issue.as_deref()).map(Cow::Borrowed),
            gaps: Cow::Borrowed(mapping.map_or(&[], |mapping| &mapping.gaps)),
            scores: Cow::Borrowed(&content.answers),
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), SearchError> {
        out.clear();
        serde_json::to_writer(out, self)
            .map_err(|_| SearchError::Damaged { what: "a feedback that JSON cannot hold" })
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Stored<'_>, SearchError> {
        serde_json::from_slice(bytes)
            .map_err(|_| SearchError::Damaged { what: "a stored feedback that is not JSON" })
    }

    /// Gives the language and text of each statement.
    pub(crate) fn statements(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.said.iter().map(|said| (said.language.as_deref(), &*said.text))
    }

    /// Makes a hit; `each` is given every statement's language, text and first byte in the text of the hit.
    pub(crate) fn into_hit(self, score: f32, each: &mut dyn FnMut(Option<&str>, &str, usize)) -> Hit {
        let mut text =
            String::with_capacity(self.said.iter().map(|said| said.text.len() + BETWEEN.len()).sum());
        for said in &self.said {
            if !text.is_empty() {
                text.push_str(BETWEEN);
            }
            each(said.language.as_deref(), &said.text, text.len());
            text.push_str(&said.text);
        }
        let owned = |value: Option<Cow<'_, str>>| value.map(Cow::into_owned);
        Hit {
            id: self.id,
            score,
            copies: 0,
            text,
            highlights: Vec::new(),
            kind: self.kind,
            source: self.source.into_owned(),
            record: owned(self.record),
            link: owned(self.link),
            channel: self.channel.into_owned(),
            occurred_at: Timestamp::from_millis(self.at),
            stage: owned(self.stage),
            touchpoint: owned(self.touchpoint),
            phase: self.phase,
            theme: owned(self.theme),
            issue: owned(self.issue),
            gaps: self.gaps.into_owned(),
            scores: self.scores.into_owned(),
        }
    }
}
