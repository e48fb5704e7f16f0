//! Where each class of each head stands among the outputs, and where each dense feature stands among the features.

use std::ops::Range;

use groundswell_model::{GapType, SentimentLabel};

/// Outputs of all heads together; a row of weights is as wide.
pub const OUTPUTS: usize = 32;

/// A linear head: a group of outputs whose softmax are the probabilities of its classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Head {
    /// Unmet, met or exceeded, neither.
    Outcome,
    /// The thirteen gap types, in their order.
    Gap,
    /// The ten stages of the shipped map, in its order.
    Stage,
    /// Negative, neutral, positive.
    Sentiment,
    /// Bad or good: the strength of a tone is the difference of their probabilities.
    Strength,
    /// Whether the words of a broken expectation hold what was expected.
    Explicit,
    /// Whether more came than was expected, where it was not less.
    Exceeded,
}

/// The codes of the stages that the stage head knows.
pub const STAGES: [&str; 10] = [
    "awareness",
    "consideration",
    "purchase",
    "fulfilment",
    "onboarding",
    "use",
    "support",
    "renewal",
    "advocacy",
    "exit",
];

/// The classes of the sentiment head, in order.
pub const LABELS: [SentimentLabel; 3] =
    [SentimentLabel::Negative, SentimentLabel::Neutral, SentimentLabel::Positive];

impl Head {
    /// Every head.
    pub const ALL: [Self; 7] = [
        Self::Outcome,
        Self::Gap,
        Self::Stage,
        Self::Sentiment,
        Self::Strength,
        Self::Explicit,
        Self::Exceeded,
    ];

    /// Gives its outputs.
    #[must_use]
    pub const fn outputs(self) -> Range<usize> {
        match self {
            Self::Outcome => 0..3,
            Self::Gap => 3..3 + GapType::ALL.len(),
            Self::Stage => 16..26,
            Self::Sentiment => 26..29,
            Self::Strength => 29..30,
            Self::Explicit => 30..31,
            Self::Exceeded => 31..32,
        }
    }

    /// Gives how many classes it tells apart; of two, one output is enough.
    #[must_use]
    pub fn classes(self) -> usize {
        self.outputs().len().max(2)
    }

    /// Says whether the head uses the features that only the annotator knows; the stage head is asked by the mapper too.
    #[must_use]
    pub const fn uses_cues(self) -> bool {
        !matches!(self, Self::Stage)
    }
}

/// Number of features that are cues, tones and signs.
pub const CUES: usize = 64;
/// Dimensions of an embedding.
pub const DIMENSIONS: usize = 256;
/// Dense features: cues, then the embedding.
pub const DENSE: usize = CUES + DIMENSIONS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_do_not_overlap_and_the_stages_are_those_of_the_shipped_map() {
        let mut end = 0;
        for head in Head::ALL {
            assert_eq!(head.outputs().start, end);
            end = head.outputs().end;
        }
        assert!(end <= OUTPUTS);
        let map = groundswell_model::JourneyMap::shipped().unwrap();
        let codes: Vec<&str> = map.stages.iter().map(|stage| stage.code.as_str()).collect();
        assert_eq!(codes, STAGES);
    }
}
