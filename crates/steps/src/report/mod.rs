//! The journey report: stage × gap of distinct people, the sentences behind each number, the unknown share and scores.
//! Built from the view; the quotes are filled in from bodies that the caller reads from the log.

mod aligned;
mod build;
mod copied;
mod drivers;
mod handled;
mod quote;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::decided::Agreement;
use crate::decided::themes::ThemeRow;
use crate::issues::IssueRow;

pub use aligned::{AlignmentRow, PromiseRow, ShareRow, alignments, promises};
pub use build::{Plan, plan};
pub use copied::{CopiedRow, merged};
pub use drivers::{CohortRow, DriverRow, LastWordRow, newcomers};
pub use handled::{ClosedLoopRow, CountedShare, WaitRow, handled};
pub use quote::{quote, shortened};

/// The report over a window. Rates are people per 1,000 people heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// First and last day, in the reporting zone.
    pub window: Days,
    /// Distinct people heard.
    pub people: u64,
    /// Feedback counted.
    pub feedback: u64,
    /// Share of people whose identity is known, 0 to 1.
    pub identified_share: f64,
    /// People and feedback by kind.
    pub kinds: BTreeMap<String, Heard>,
    /// Stages of the journey map in order, with people heard about each.
    pub stages: Vec<StageRow>,
    /// Stage × gap, most people first; copied posts do not lift a cell.
    pub matrix: Vec<MatrixCell>,
    /// Share of feedback whose stage is unknown, 0 to 1.
    pub unknown_share: f64,
    /// Of the unmet expectations that support heard, how many broke at an earlier stage.
    pub broke_earlier: Option<BrokeEarlier>,
    /// Unmet expectations by phase of the first hundred days, where purchase dates are known.
    pub phases: Vec<PhaseRow>,
    /// People with an unmet expectation by touchpoint, most first.
    pub touchpoints: Vec<TouchpointRow>,
    /// Touchpoints of the map about which nobody said anything.
    pub silent_touchpoints: Vec<String>,
    /// Scores; they count responses.
    pub scores: Vec<ScoreRow>,
    /// What goes along with a bad NPS, the costliest first: associations, not causes.
    pub drivers: Vec<DriverRow>,
    /// Newcomers by month of purchase, and how many left within a hundred days; whatever the window.
    pub newcomers: Vec<CohortRow>,
    /// What those who left within a hundred days had said, beside those who stayed.
    pub last_words: Vec<LastWordRow>,
    /// Saved searches that raise an alert now, whatever the window.
    #[serde(default)]
    pub alerts: Vec<AlertRow>,
    /// What most people speak of, and what more and more do: pinned themes first, then by distinct people.
    #[serde(default)]
    pub themes: Vec<ThemeRow>,
    /// Systemic issues that were confirmed, those still to be dealt with first; whatever the window.
    pub issues: Vec<IssueRow>,
    /// Expectation, promise and inside view by cell.
    pub alignment: Vec<AlignmentRow>,
    /// Registered promises, and what customers and operations say of them.
    pub promises: Vec<PromiseRow>,
    /// What became of the cases that customers told; absent where no source says.
    pub closed_loop: Option<ClosedLoopRow>,
    /// Texts that many posted alike within an hour.
    pub copied_posts: Vec<CopiedRow>,
    /// How often people who judged a random sample agreed with the mapping.
    pub agreement: Option<Agreement>,
    /// Feedback whose mapping a person corrected.
    pub corrected: u64,
    /// Employee feedback left out because its group or the remainder has fewer than five people.
    pub withheld: u64,
}

/// A saved search that raises an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRow {
    /// Its name.
    pub name: String,
    /// Distinct people of the last seven days.
    pub people: u64,
    /// From how many on it raises an alert.
    pub threshold: u64,
}

/// A span of days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// First day, `YYYY-MM-DD`; absent when nothing was heard.
    pub since: Option<String>,
    /// Last day.
    pub until: Option<String>,
}

/// People and feedback of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageRow {
    /// Code.
    pub stage: String,
    /// Name to show.
    pub name: String,
    /// People heard about it.
    pub people: u64,
    /// People with an unmet expectation.
    pub unmet: u64,
    /// People with an expectation met.
    pub met: u64,
    /// People with an expectation exceeded.
    pub exceeded: u64,
}

/// One cell of the matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatrixCell {
    /// Stage, or `unknown`.
    pub stage: String,
    /// Gap type.
    pub gap: String,
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
    /// People heard in the window: the denominator.
    pub exposure: u64,
    /// People per 1,000 heard.
    pub per_thousand: f64,
    /// Lower end of its 95 % interval (Wilson).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// People by kind.
    pub kinds: BTreeMap<String, u64>,
    /// People known only through texts that at least five people posted alike.
    pub copied_posts: u64,
    /// What customers say, in their words.
    pub quotes: Vec<Quote>,
}

/// One sentence behind a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The feedback.
    pub id: String,
    /// What sort of voice it is.
    pub kind: String,
    /// The day it counts for.
    pub day: String,
    /// The sentence, redacted.
    pub text: String,
    /// What was expected, in their words.
    pub expected: Option<String>,
    /// What happened, in their words.
    pub happened: Option<String>,
}

/// How much of what support hears broke before support.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrokeEarlier {
    /// Share, 0 to 1.
    pub share: f64,
    /// Feedback with an unmet expectation voiced at a later stage than it broke.
    pub feedback: u64,
    /// Feedback with an unmet expectation that support heard.
    pub of: u64,
}

/// One phase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseRow {
    /// Code.
    pub phase: String,
    /// People with an unmet expectation.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
}

/// One touchpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TouchpointRow {
    /// Code.
    pub touchpoint: String,
    /// People with an unmet expectation.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
}

/// One score. NPS is in points from -100 to 100; any other metric is the share in per cent that chose the best answers
/// (the best two of a scale of five or more points), with `low` and `high` as its 95 % interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreRow {
    /// What it measures.
    pub metric: String,
    /// The scale, such as `1-5`, with ` low is good` where it runs so.
    pub scale: String,
    /// The value; absent where there are too few answers to say.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Mean of the answers on their scale.
    pub mean: f64,
    /// Number of answers.
    pub n: u64,
}
