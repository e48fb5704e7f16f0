//! Systemic issues as they are recorded: what a day's judgement changed, with the numbers that caused it.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ModelError;
use crate::codes::{GapType, IssueState, Kind, Pattern, StageCode, Verdict};
use crate::time::{Day, day_text};

/// The identity of a systemic issue: the cell of the journey where it stands, written `fulfilment.timeliness`, or with the
/// group of customers that it is confined to, `fulfilment.timeliness@region=north`. It stays the same however often history
/// is judged anew; what comes back at a cell is the same issue, reopened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueId {
    /// Where on the journey the expectation breaks; `unknown` where the feedback does not tell.
    pub stage: StageCode,
    /// Which sort of expectation.
    pub gap: GapType,
    /// The only group of customers that it concerns; all where absent.
    pub place: Option<IssuePlace>,
}

/// A group of customers: what tells it from others, and its value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuePlace {
    /// `version`, `region`, `channel`, or the name of a segment.
    pub family: String,
    /// Which one.
    pub value: String,
}

/// Longest text of an issue's place, in bytes.
const LONGEST_PLACE: usize = 160;

impl IssueId {
    /// Makes the identity of what concerns everybody.
    pub fn new(stage: StageCode, gap: GapType) -> Self {
        Self { stage, gap, place: None }
    }
}

impl fmt::Display for IssuePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}={}", self.family, self.value))
    }
}

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.as_ref().map(|place| format!("@{place}")).unwrap_or_default();
        f.pad(&format!("{}.{}{place}", self.stage, self.gap))
    }
}

impl FromStr for IssueId {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let unknown = || ModelError::Code { what: "issue", code: text.chars().take(64).collect() };
        let (cell, place) = match text.split_once('@') {
            Some((cell, place)) => (cell, Some(place)),
            None => (text, None),
        };
        let (stage, gap) = cell.rsplit_once('.').ok_or_else(unknown)?;
        let place = place.map(|place| {
            let (family, value) = place.split_once('=').ok_or_else(unknown)?;
            let fits = !family.is_empty() && !value.is_empty() && place.len() <= LONGEST_PLACE;
            fits.then(|| IssuePlace { family: family.to_owned(), value: value.to_owned() })
                .ok_or_else(unknown)
        });
        Ok(Self { stage: stage.parse()?, gap: gap.parse()?, place: place.transpose()? })
    }
}

impl Serialize for IssueId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IssueId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for IssueId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "IssueId".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[a-z0-9_]+\\.[a-z_]+(@[^=]+=.+)?$", "description": "stage.gap_type, or stage.gap_type@family=value"})
    }
}

/// One thing that the judgement of a day changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The issue.
    pub issue: IssueId,
    /// The day that was judged.
    #[serde(with = "day_text")]
    #[schemars(with = "String")]
    pub day: Day,
    /// The state it came to.
    pub state: IssueState,
    /// What it rests on.
    pub evidence: Evidence,
}

/// The numbers behind a change. Counts are of distinct people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "because", rename_all = "snake_case", deny_unknown_fields)]
pub enum Evidence {
    /// The issue departs from its baseline, or is always bad.
    Detected {
        /// Rising or standing.
        pattern: Pattern,
        /// Since when, as far as the counts tell.
        #[serde(with = "day_text")]
        #[schemars(with = "String")]
        since: Day,
        /// What was counted and expected.
        numbers: Numbers,
        /// What each kind says by itself; staff only where five or more may be shown.
        kinds: Vec<KindNumbers>,
        /// Whether no kind shows it alone and they do together.
        corroborated: bool,
    },
    /// A declared fix was looked at.
    Verified {
        /// What was found.
        verdict: Verdict,
        /// People and exposure before, during and after: people, then people heard.
        before: [u64; 2],
        /// While it lasted.
        during: [u64; 2],
        /// After the fix and its transition.
        after: [u64; 2],
        /// Probability that the rate is under half of what it was, 0 to 1.
        halved: f64,
        /// Probability that the rate is lower than it was, 0 to 1.
        lower: f64,
    },
}

/// What a detector saw in the seven days that end on the day judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// People in the window.
    pub people: u64,
    /// People expected in the window, from the baseline.
    pub expected: f64,
    /// People heard in the window, person-days.
    pub exposure: u64,
    /// Probability of as many by chance (mid-p), 0 to 1.
    pub p: f64,
    /// Moving average of the standardised excess.
    pub ewma: f64,
    /// The threshold that the moving average passed; for a standing issue the rate per 1,000 of its stage's top tenth.
    pub threshold: f64,
    /// Variance over mean of the counts, at least 1.
    pub dispersion: f64,
}

/// What one kind says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindNumbers {
    /// The kind.
    pub kind: Kind,
    /// People in the window.
    pub people: u64,
    /// People expected in the window.
    pub expected: f64,
    /// Standard normal value of the window's surprise; above 0.84 the kind agrees.
    pub z: f64,
}
