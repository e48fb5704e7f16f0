//! What the analyser's state holds of one feedback: which parts stand, where they lie in the log, and the row that
//! counts it. It holds no body.

use serde::{Deserialize, Serialize};

use groundswell_model::union::Standing;
use groundswell_model::{Day, GapType, Kind, Metric, Origin, RespondentKey, Scale};

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
    /// The embedding of what was said, one byte a dimension; none where nothing was said in words that are known.
    pub vector: Option<Vec<i8>>,
}

/// What one feedback adds to the counts. Stages and touchpoints are numbered in the order of the journey map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The day it counts for, in the reporting zone.
    pub day: Day,
    /// Minute at which it was said, from 1970.
    pub minute: u32,
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
    /// Who set each unmet expectation: four bits for each gap type, its place in `Origin::ALL` and one.
    pub origins: u64,
    /// Product, version, region and whatever else tells one group of customers from another.
    pub labels: Vec<Label>,
    /// What the company did with it, where the source says so.
    pub handled: Option<Box<Handled>>,
    /// Whether a person corrected its mapping.
    pub corrected: bool,
}

/// Longest value of a label, in bytes; what is longer is cut.
pub const LONGEST_LABEL: usize = 64;

/// Bits for each gap type in [`Row::origins`].
const ORIGIN_BITS: usize = 4;

/// What a label tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dimension {
    /// How it arrived.
    Channel,
    /// Product or service.
    Product,
    /// Version or release.
    Version,
    /// Region or country.
    Region,
    /// Shop, team or department.
    Unit,
    /// Customer segment, `name: value`.
    Segment,
    /// Through what the company was met.
    Touchpoint,
    /// Phase of the first hundred days.
    Phase,
    /// A registered promise that was broken, by its id.
    Promise,
    /// What it is about: a leaf of the themes, by its id.
    Theme,
}

impl Dimension {
    /// Every dimension, in order.
    pub const ALL: [Self; 10] = [
        Self::Channel,
        Self::Product,
        Self::Version,
        Self::Region,
        Self::Unit,
        Self::Segment,
        Self::Touchpoint,
        Self::Phase,
        Self::Promise,
        Self::Theme,
    ];

    /// Says whether its values are groups of customers or of things, in which alone something can be wrong; the others say
    /// how it was told.
    pub fn is_group(self) -> bool {
        matches!(self, Self::Product | Self::Version | Self::Region | Self::Unit | Self::Segment)
    }

    /// Gives its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Product => "product",
            Self::Version => "version",
            Self::Region => "region",
            Self::Unit => "unit",
            Self::Segment => "segment",
            Self::Touchpoint => "touchpoint",
            Self::Phase => "phase",
            Self::Promise => "promise",
            Self::Theme => "theme",
        }
    }
}

/// One thing that tells a group of customers from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Label {
    /// What it tells.
    pub dimension: Dimension,
    /// Its value, at most [`LONGEST_LABEL`] bytes.
    pub value: String,
}

impl Label {
    /// Makes a label, cut to its longest; none of an empty value.
    pub fn new(dimension: Dimension, value: &str) -> Option<Self> {
        let value = value.trim();
        let value = value.get(..value.floor_char_boundary(LONGEST_LABEL)).unwrap_or(value);
        (!value.is_empty()).then(|| Self { dimension, value: value.to_owned() })
    }
}

/// What the company did with one feedback. Moments are milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handled {
    /// When the customer told.
    pub told: i64,
    /// The first answer by a human.
    pub answered: Option<i64>,
    /// Closing.
    pub closed: Option<i64>,
    /// Whether the customer says that it is solved.
    pub confirmed: Option<bool>,
}

impl Row {
    /// Notes who set the expectation of one gap type; the first that is told holds.
    pub fn set_origin(&mut self, gap: GapType, origin: Origin) {
        if self.origin_of(gap).is_none() {
            let place = Origin::ALL.iter().position(|other| *other == origin).map_or(0, |at| at as u64 + 1);
            self.origins |= place << (ORIGIN_BITS * gap_bit(gap));
        }
    }

    /// Gives who set the expectation of one gap type.
    pub fn origin_of(&self, gap: GapType) -> Option<Origin> {
        let place = (self.origins >> (ORIGIN_BITS * gap_bit(gap))) & ((1 << ORIGIN_BITS) - 1);
        Origin::ALL.get(usize::try_from(place).ok()?.checked_sub(1)?).copied()
    }

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

/// The place of a gap type among the bits of a row.
pub fn gap_bit(gap: GapType) -> usize {
    GapType::ALL.iter().position(|other| *other == gap).unwrap_or(0)
}
