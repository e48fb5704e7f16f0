//! What raises a match beyond its words, such as their form and nearness: looked at only where it may bring the match
//! onto the page, as it is dearer than the words themselves.

use std::fmt;

use tantivy::query::{EnableScoring, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, Searcher, SeekDangerResult, SegmentReader};

use crate::SearchError;
use crate::parts::Part;

/// Something that adds to the score of what it matches.
pub(crate) struct Raise {
    pub part: Part,
    /// What it adds at most.
    pub most: f32,
}

/// Gives the most that BM25 gives for words that are in so many of all feedback.
pub(crate) fn most_of(all: u64, with: &[u64]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a bound, rounded up")]
    let rarity = |with: u64| (1.0 + (all.saturating_sub(with) as f32 + 0.5) / (with as f32 + 0.5)).ln();
    // (k1 + 1) times the rarity; times how often it is there, below 1.
    with.iter().map(|with| rarity(*with)).sum::<f32>() * 2.2 * 1.001
}

/// All that raises, for a searcher.
pub(crate) struct Raises(Vec<(Box<dyn Weight>, f32)>);

impl Raises {
    pub(crate) fn of(searcher: &Searcher, raises: &[Raise]) -> Result<Self, SearchError> {
        let scoring = EnableScoring::enabled_from_searcher(searcher);
        let weights = raises.iter().map(|raise| Ok((raise.part.weight(scoring)?, raise.most)));
        weights.collect::<tantivy::Result<_>>().map(Self).map_err(SearchError::engine("weigh the words"))
    }

    pub(crate) fn segment(&self, reader: &SegmentReader) -> tantivy::Result<SegmentRaises> {
        let mut rest: f32 = self.0.iter().map(|(_, most)| most).sum();
        let mut raises = Vec::with_capacity(self.0.len());
        for (weight, most) in &self.0 {
            let scorer = weight.scorer(reader, 1.0)?;
            raises.push(Raising { next: scorer.doc(), scorer, rest });
            rest -= most;
        }
        Ok(SegmentRaises(raises))
    }
}

impl fmt::Debug for Raises {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} raises", self.0.len())
    }
}

/// All that raises, in one segment.
#[derive(Default)]
pub(crate) struct SegmentRaises(Vec<Raising>);

struct Raising {
    scorer: Box<dyn Scorer>,
    /// No document before this one is raised.
    next: DocId,
    /// What this and all after it add at most.
    rest: f32,
}

impl SegmentRaises {
    /// Gives the raised score of a document; a score below the least that matters where it cannot reach that. Documents
    /// are asked for in order.
    pub(crate) fn raised(&mut self, doc: DocId, score: Score, least: Option<Score>) -> Score {
        let mut raised = score;
        for raising in &mut self.0 {
            if least.is_some_and(|least| raised + raising.rest < least) {
                return raised;
            }
            if raising.next > doc {
                continue;
            }
            match raising.scorer.seek_danger(doc) {
                SeekDangerResult::Found => raised += raising.scorer.score(),
                SeekDangerResult::SeekLowerBound(next) => raising.next = next,
            }
        }
        raised
    }
}
