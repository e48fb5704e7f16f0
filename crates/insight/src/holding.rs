//! What the analyser's state holds of one feedback: which parts stand, where they lie in the log, and the row that
//! counts it. It holds no body.

use serde::{Deserialize, Serialize};

use groundswell_model::union::Standing;
use groundswell_model::{Day, GapType, Kind, Metric, RespondentKey, Scale};

/// The number of a stage, touchpoint or phase that is not known.
pub const UNKNOWN: u8 = u8::MAX;

/// Where a part lies in the `feedback` topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartPlace {
    /// Partition.
    pub partition: u32,
    /// Offset of the record.
    pub offset: u64,
}

/// What the state holds of one feedback.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Holding {
    /// The parts that stand.
    pub standing: Standing<PartPlace>,
    /// What counts; absent when the feedback is deleted.
    pub row: Option<Row>,
}

/// What one feedback adds to the counts. Stages and touchpoints are numbered in the order of the journey map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The day it counts for, in the reporting zone.
    pub day: Day,
    /// What sort of voice it is.
    pub kind: Kind,
    /// Who said it; absent feedback counts as its own person.
    pub respondent: Option<RespondentKey>,
    /// Where the expectation broke.
    pub stage: u8,
    /// Where it was said.
    pub voiced_at: u8,
    /// Through what the company was met.
    pub touchpoint: u8,
    /// Phase of the first hundred days.
    pub phase: u8,
    /// One bit for each gap type, in the order of `GapType::ALL`.
    pub gaps: u16,
    /// One bit for each outcome, in the order of `Outcome::ALL`.
    pub outcomes: u8,
    /// Sentiment, -100 to 100.
    pub sentiment: i8,
    /// How well it can be quoted, 0 to 255.
    pub quality: u8,
    /// Near-duplicate signature of its longest text; 0 where it has none.
    pub fingerprint: u64,
    /// Its scores.
    pub answers: Vec<AnswerPoint>,
}

impl Row {
    /// Gives the types of its unmet expectations, in the order of `GapType::ALL`.
    pub fn gap_types(&self) -> impl Iterator<Item = GapType> {
        let bits = self.gaps;
        GapType::ALL.iter().enumerate().filter(move |(bit, _)| bits & (1 << bit) != 0).map(|(_, gap)| *gap)
    }
}

/// One score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerPoint {
    /// What it measures.
    pub metric: Metric,
    /// The scale.
    pub scale: Scale,
    /// The value.
    pub value: f64,
}
