//! What has at least so many of some parts: counted window by window, as asking one list after the other in the order of
//! documents takes five times as long.

use std::fmt;

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError};

use crate::parts::Part;

/// Documents of a window.
const WINDOW: u32 = 4_096;

/// Matches what at least `needed` of at most 255 parts match, with the sum of their scores.
pub(crate) struct Enough {
    parts: Vec<Part>,
    needed: usize,
}

impl Enough {
    pub(crate) fn of(parts: Vec<Part>, needed: usize) -> Self {
        Self { parts, needed: needed.max(1) }
    }
}

impl Clone for Enough {
    fn clone(&self) -> Self {
        Self { parts: self.parts.iter().map(|part| part.box_clone()).collect(), needed: self.needed }
    }
}

impl fmt::Debug for Enough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at least {} of {} parts", self.needed, self.parts.len())
    }
}

impl Query for Enough {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let weights = self.parts.iter().map(|part| part.weight(scoring)).collect::<tantivy::Result<_>>()?;
        let (needed, scores) = (self.needed, scoring.is_scoring_enabled());
        Ok(Box::new(EnoughWeight { weights, needed, scores }))
    }
}

struct EnoughWeight {
    weights: Vec<Box<dyn Weight>>,
    needed: usize,
    scores: bool,
}

impl Weight for EnoughWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let scorers: tantivy::Result<Vec<_>> =
            self.weights.iter().map(|weight| weight.scorer(reader, boost)).collect();
        Ok(Box::new(EnoughScorer::of(scorers?, self.needed, self.scores)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Err(TantivyError::InvalidArgument(format!("document {doc} does not match")));
        }
        Ok(Explanation::new("the sum of the parts that match", scorer.score()))
    }
}

/// The window over one segment.
struct EnoughScorer {
    /// Those with documents left, the rarest first.
    scorers: Vec<Box<dyn Scorer>>,
    needed: usize,
    scored: bool,
    /// The first document of the window, and the next place in it to look at.
    start: DocId,
    at: usize,
    /// By place in the window.
    counts: Box<[u8]>,
    scores: Box<[Score]>,
    doc: DocId,
    score: Score,
}

impl EnoughScorer {
    fn of(mut scorers: Vec<Box<dyn Scorer>>, needed: usize, scored: bool) -> Self {
        scorers.retain(|scorer| scorer.doc() != TERMINATED);
        scorers.sort_by_key(|scorer| scorer.size_hint());
        let mut first = Self {
            scorers,
            needed,
            scored,
            start: 0,
            at: WINDOW as usize,
            counts: vec![0; WINDOW as usize].into(),
            scores: vec![0.0; WINDOW as usize].into(),
            doc: 0,
            score: 0.0,
        };
        first.advance();
        first
    }

    /// Fills the next window in which enough may come together; says whether there is one.
    fn refill(&mut self) -> bool {
        let mut next: Vec<DocId> = self.scorers.iter().map(|scorer| scorer.doc()).collect();
        next.sort_unstable();
        let Some(&start) = next.get(self.needed - 1) else { return false };
        (self.start, self.at) = (start, 0);
        self.counts.fill(0);
        self.scores.fill(0.0);
        let end = start.saturating_add(WINDOW);
        let mut left = self.scorers.len();
        for scorer in &mut self.scorers {
            left -= 1;
            let mut doc = if scorer.doc() < start { scorer.seek(start) } else { scorer.doc() };
            while doc < end {
                let place = (doc - start) as usize;
                if let (Some(count), Some(score)) = (self.counts.get_mut(place), self.scores.get_mut(place)) {
                    *count += 1;
                    // What cannot come to enough any more needs no score.
                    if self.scored && usize::from(*count) + left >= self.needed {
                        *score += scorer.score();
                    }
                }
                doc = scorer.advance();
            }
        }
        self.scorers.retain(|scorer| scorer.doc() != TERMINATED);
        true
    }
}

impl DocSet for EnoughScorer {
    fn advance(&mut self) -> DocId {
        loop {
            let rest = self.counts.get(self.at..).unwrap_or(&[]);
            if let Some(further) = rest.iter().position(|&count| usize::from(count) >= self.needed) {
                let place = self.at + further;
                self.at = place + 1;
                self.doc = self.start + u32::try_from(place).unwrap_or(0);
                self.score = self.scores.get(place).copied().unwrap_or(0.0);
                return self.doc;
            }
            if !self.refill() {
                (self.doc, self.at) = (TERMINATED, WINDOW as usize);
                return TERMINATED;
            }
        }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        match target.checked_sub(self.start) {
            Some(further) if further < WINDOW => self.at = self.at.max(further as usize),
            _ => {
                self.at = WINDOW as usize;
                for scorer in self.scorers.iter_mut().filter(|scorer| scorer.doc() < target) {
                    scorer.seek(target);
                }
                self.scorers.retain(|scorer| scorer.doc() != TERMINATED);
            }
        }
        self.advance()
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let all: u64 = self.scorers.iter().map(|scorer| u64::from(scorer.size_hint())).sum();
        u32::try_from(all / self.needed as u64).unwrap_or(u32::MAX)
    }

    fn cost(&self) -> u64 {
        self.scorers.iter().map(|scorer| scorer.cost()).sum()
    }
}

impl Scorer for EnoughScorer {
    fn score(&mut self) -> Score {
        self.score
    }
}

#[cfg(test)]
mod tests {
    use tantivy::collector::{DocSetCollector, TopDocs};
    use tantivy::query::{BooleanQuery, Occur, TermQuery};
    use tantivy::schema::{IndexRecordOption, STRING, Schema, TEXT};
    use tantivy::{Index, Term, doc};

    use super::*;

    const STEPS: [u32; 5] = [2, 3, 5, 700, 9_001];

    #[test]
    fn at_least_so_many_are_found_over_many_windows() {
        let mut schema = Schema::builder();
        let (text, half) = (schema.add_text_field("text", TEXT), schema.add_text_field("half", STRING));
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        let of = |number: u32| STEPS.into_iter().filter(move |step| number.is_multiple_of(*step));
        for number in 0..12_000 {
            let words: Vec<String> = of(number).map(|step| format!("w{step}")).collect();
            let side = if number % 5_000 < 20 { "few" } else { "rest" };
            writer.add_document(doc!(text => words.join(" "), half => side)).unwrap();
        }
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let word = |step: &u32| -> Part {
            let term = Term::from_field_text(text, &format!("w{step}"));
            Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
        };
        let few = TermQuery::new(Term::from_field_text(half, "few"), IndexRecordOption::Basic);
        for needed in 1..=6 {
            let enough = Enough::of(STEPS.iter().map(word).collect(), needed);
            let wanted = |within: fn(u32) -> bool| {
                (0..12_000).filter(|number| within(*number) && of(*number).count() >= needed).count()
            };
            assert_eq!(searcher.search(&enough, &DocSetCollector).unwrap().len(), wanted(|_| true));
            let both: Vec<(Occur, Part)> =
                vec![(Occur::Must, Box::new(few.clone())), (Occur::Must, Box::new(enough.clone()))];
            let found = searcher.search(&BooleanQuery::new(both), &DocSetCollector).unwrap();
            assert_eq!(found.len(), wanted(|number| number % 5_000 < 20), "{needed}");
            let plain =
                BooleanQuery::union_with_minimum_required_clauses(STEPS.iter().map(word).collect(), needed);
            let best = |query: &dyn Query| -> Vec<i64> {
                let top = searcher.search(query, &TopDocs::with_limit(50).order_by_score()).unwrap();
                top.into_iter().map(|(score, _)| (f64::from(score) * 1e4).round() as i64).collect()
            };
            assert_eq!(best(&enough), best(&plain), "{needed}");
        }
    }
}
