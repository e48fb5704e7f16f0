//! `action.v1`: decisions in the order in which they hold. Later rooms of the house add their own.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codes::{GapType, Kind, StageCode};
use crate::correction::Correction;
use crate::id::FeedbackId;
use crate::issue::{Change, IssueId};
use crate::promise::{Promise, PromiseId};
use crate::saved::SavedSearch;
use crate::theme::{ThemeEdit, ThemeRun};
use crate::time::{Day, Timestamp, day_text};

/// One entry of the `actions` topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Who decided: a person, a command or `analyser`.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Why, in the actor's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was decided.
    pub decision: Decision,
}

/// What was decided. The offset of an action in its topic is part of its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// The installation was founded: the first of these in the log holds, on a log that several processes share.
    Founded {
        /// The log's identity, which its views carry.
        log: String,
        /// A hash that only the key of the respondents gives, so that nobody works with another key.
        key: String,
        /// Partitions of `raw`, `feedback` and `mapped`.
        partitions: u32,
    },
    /// An analyser began to lead; the offset of this action is its epoch.
    Started {
        /// Version of the program.
        program: String,
        /// Name and version of the journey map it maps with.
        journey: String,
    },
    /// An import began; a resumed import keeps the generation of the first.
    ImportStarted {
        /// Hash of the file and of the pipeline.
        import: ImportId,
        /// The pipeline's name.
        pipeline: String,
        /// Its parts' processing generation: milliseconds at which the import began.
        generation: u64,
        /// Rows in the file, without the header.
        rows: u64,
    },
    /// Every row of an import was appended.
    ImportFinished {
        /// The import.
        import: ImportId,
    },
    /// The days before the first tick were judged together. It replaces every earlier one whole.
    Judged {
        /// First day judged.
        #[serde(with = "day_text")]
        #[schemars(with = "String")]
        from: Day,
        /// Last day judged.
        #[serde(with = "day_text")]
        #[schemars(with = "String")]
        until: Day,
        /// How many imports were finished and fixes declared by then, so that it is known whether another is due.
        asked: u64,
        /// Feedback of those days that was known.
        feedback: u64,
        /// What each day changed, in order.
        changes: Vec<Change>,
    },
    /// A day closed and was judged once and for all.
    Ticked {
        /// Number of the tick, from 1.
        seq: u64,
        /// The day that closed.
        #[serde(with = "day_text")]
        #[schemars(with = "String")]
        closes: Day,
        /// Ends of the partitions of `feedback` up to which was read.
        positions: Vec<u64>,
        /// Kinds of which nothing was heard that day although they usually speak: no data is not zero.
        not_heard: Vec<Kind>,
        /// What it changed.
        changes: Vec<Change>,
    },
    /// Somebody owns an issue from now on.
    IssueAssigned {
        /// The issue.
        issue: IssueId,
        /// Who.
        owner: String,
    },
    /// Something to remember about an issue.
    IssueNoted {
        /// The issue.
        issue: IssueId,
        /// What.
        note: String,
    },
    /// A fix was shipped, or will be; its effect is looked at from its day on.
    FixDeclared {
        /// The issue.
        issue: IssueId,
        /// The first day with the fix.
        #[serde(with = "day_text")]
        #[schemars(with = "String")]
        on: Day,
        /// What was done.
        what: String,
    },
    /// The people behind an issue were told what was done.
    PeopleTold {
        /// The issue.
        issue: IssueId,
        /// How many.
        people: u64,
    },
    /// A person closed an issue.
    IssueClosed {
        /// The issue.
        issue: IssueId,
    },
    /// Something that the price of issues rests on has another value from now on.
    AssumptionSet {
        /// Code of the quantity, such as `articulation`.
        quantity: String,
        /// Only for this gap type.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gap: Option<GapType>,
        /// A share from 0 to 1, a number of people, or money.
        value: f64,
        /// How many people's answers a share weighs as much as.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weight: Option<f64>,
        /// Whether it was measured with the company's own customers.
        measured: bool,
        /// Where it comes from.
        source: String,
    },
    /// A quantity has the preset's value again.
    AssumptionReset {
        /// Code of the quantity.
        quantity: String,
        /// Only for this gap type.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gap: Option<GapType>,
    },
    /// Assumptions that nobody changed come from this preset.
    PresetChosen {
        /// Its name.
        preset: String,
    },
    /// A person opened a closed issue again.
    IssueReopened {
        /// The issue.
        issue: IssueId,
    },
    /// People put something in place of the mapping of feedback; it holds however often they are mapped again. The offset
    /// of this action is its number.
    MappingCorrected {
        /// The feedback.
        feedback: Vec<FeedbackId>,
        /// What holds from now on.
        correction: Correction,
        /// The query whose hits they were, where they were.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
    },
    /// A correction does not hold any more.
    CorrectionUndone {
        /// Its number.
        correction: u64,
    },
    /// A person judged the mapping of a feedback from a random sample.
    MappingReviewed {
        /// The feedback.
        feedback: FeedbackId,
        /// Whether stage and gaps are right.
        agrees: bool,
        /// The stage it was mapped to.
        stage: StageCode,
        /// The gap types it was mapped to.
        gaps: Vec<GapType>,
    },
    /// The company promises something from now on, or promises it otherwise.
    PromiseRegistered {
        /// What.
        promise: Promise,
    },
    /// A promise is not counted any more.
    PromiseWithdrawn {
        /// Which.
        promise: PromiseId,
    },
    /// What the company's operations say about a promise.
    PromiseMeasured {
        /// Which.
        promise: PromiseId,
        /// First day measured.
        #[serde(with = "day_text")]
        #[schemars(with = "String")]
        from: Day,
        /// Last day measured.
        #[serde(with = "day_text")]
        #[schemars(with = "String")]
        until: Day,
        /// Cases in which it was kept.
        kept: u64,
        /// Cases in all.
        of: u64,
    },
    /// People who could have spoken of a stage, as the company's operations count them: orders shipped, active users.
    ExposureReported {
        /// The stage.
        stage: StageCode,
        /// What was counted.
        what: String,
        /// By day; a later report of a day replaces an earlier one.
        days: Vec<DayCount>,
    },
    /// Themes were looked for. The offset of this action is the number of the run.
    ThemesFound {
        /// What was found.
        run: Box<ThemeRun>,
    },
    /// A person edited themes; the offset of this action is the number of the edit. It holds only where none of its themes
    /// was edited since the person saw them.
    ThemesEdited {
        /// What holds from now on.
        edit: ThemeEdit,
        /// The last edit of any theme that the person had seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<u64>,
    },
    /// An edit of themes does not hold any more.
    ThemeEditUndone {
        /// Its number.
        edit: u64,
    },
    /// A search is kept under a name.
    SearchSaved {
        /// What.
        search: SavedSearch,
    },
    /// A saved search is kept no longer.
    SearchForgotten {
        /// Its name.
        name: String,
    },
}

/// What a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A systemic issue.
    Issue,
    /// What the price of issues rests on.
    Assumption,
    /// Feedback, promises, themes, or the work of the program itself.
    Other,
}

impl Decision {
    /// Says what it is about.
    pub fn subject(&self) -> Subject {
        match self {
            Self::IssueAssigned { .. }
            | Self::IssueNoted { .. }
            | Self::FixDeclared { .. }
            | Self::PeopleTold { .. }
            | Self::IssueClosed { .. }
            | Self::IssueReopened { .. } => Subject::Issue,
            Self::AssumptionSet { .. } | Self::AssumptionReset { .. } | Self::PresetChosen { .. } => {
                Subject::Assumption
            }
            _ => Subject::Other,
        }
    }
}

/// A count of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DayCount {
    /// The day.
    #[serde(with = "day_text")]
    #[schemars(with = "String")]
    pub day: Day,
    /// How many.
    pub count: u32,
}

/// The identity of an import: what is imported, and by which pipeline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ImportId(pub String);

impl fmt::Display for ImportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The version of a publication: every upsert compares it, never the source's revision.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Offset of the analyser's `started` action.
    pub epoch: u64,
    /// Number of the publication within the epoch.
    pub sequence: u64,
}
