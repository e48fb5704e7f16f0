//! Which registered promise an expectation holds the company to: the same quantity, or nearly the same words.

use std::sync::Arc;

use groundswell_model::{Annotation, Day, GapType, Mapping, Origin, Outcome, Promise, StageCode};

use crate::embed::{Embedder, Embedding};
use crate::fold::Folded;
use crate::numbers::{Dimension, Quantity, quantities};
use crate::size::alike;

/// Cosine from which on an expectation is told in the words of a promise.
const SAME_WORDS: f32 = 0.6;

/// Registered promises, ready to be compared with what customers expected.
#[derive(Default)]
pub struct Promises {
    known: Vec<Known>,
    embedder: Option<Arc<Embedder>>,
}

struct Known {
    promise: Promise,
    quantities: Vec<Quantity>,
    words: Embedding,
}

impl Promises {
    /// Prepares promises; without any, nothing is compared.
    pub fn new(promises: &[Promise], embedder: Arc<Embedder>) -> Self {
        let known = promises.iter().map(|promise| Known {
            quantities: measurable(&promise.text),
            words: embedder.embed(&promise.text),
            promise: promise.clone(),
        });
        Self { known: known.collect(), embedder: Some(embedder) }
    }

    /// Notes in a mapping which promises its gaps break: of each gap the promise of its type, holding on that day and at that
    /// stage, that an unmet expectation names by the same quantity (a time or an amount) or by its words (cosine of
    /// embeddings at least 0.6). What breaks a promise was promised: its origin becomes the company's promise.
    pub fn mark(&self, mapping: &mut Mapping, texts: &[(&str, &Annotation)], day: Day) {
        let Some(embedder) = self.embedder.as_ref().filter(|_| !self.known.is_empty()) else { return };
        let stage = mapping.stage.clone();
        for gap in &mut mapping.gaps {
            let broken =
                expected(texts, gap.gap).find_map(|said| self.broken(said, gap.gap, &stage, day, embedder));
            if let Some(promise) = broken {
                gap.promise = Some(promise.id.to_string());
                gap.origin = Origin::CompanyPromise;
            }
        }
    }

    fn broken(
        &self,
        said: &str,
        gap: GapType,
        stage: &StageCode,
        day: Day,
        embedder: &Embedder,
    ) -> Option<&Promise> {
        let fits = |known: &&Known| {
            let promise = &known.promise;
            let here =
                promise.stage.as_ref().is_none_or(|own| own == stage || *stage == StageCode::unknown());
            promise.gap == gap && promise.holds_on(day) && here
        };
        let said_quantities = measurable(said);
        let mut candidates = self.known.iter().filter(fits).peekable();
        candidates.peek()?;
        let words = embedder.embed(said);
        let likeness = |known: &Known| {
            let same =
                known.quantities.iter().any(|own| said_quantities.iter().any(|other| equal(own, other)));
            if same { 2.0 } else { known.words.cosine(&words) }
        };
        let (known, likeness) = candidates
            .map(|known| (known, likeness(known)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.promise.id.cmp(&a.0.promise.id)))?;
        (likeness >= SAME_WORDS).then_some(&known.promise)
    }
}

/// What was expected in the customers' words, where an expectation of the type was not met.
fn expected<'a>(texts: &'a [(&str, &Annotation)], gap: GapType) -> impl Iterator<Item = &'a str> {
    let unmet = texts.iter().flat_map(|(_, annotation)| &annotation.expectations);
    unmet
        .filter(move |expectation| expectation.outcome == Outcome::Unmet && expectation.gap == Some(gap))
        .filter_map(|expectation| expectation.expected.as_deref())
}

/// Times and amounts; a bare number says nothing by itself.
fn measurable(text: &str) -> Vec<Quantity> {
    let folded = Folded::new(text).text.replace('-', " ");
    let mut found = quantities(&folded);
    found.retain(|quantity| matches!(quantity.dimension, Dimension::Time | Dimension::Money(_)));
    found
}

/// Says whether two quantities are the same, but for rounding.
fn equal(a: &Quantity, b: &Quantity) -> bool {
    alike(a, b) && (a.value - b.value).abs() <= 1e-6 * a.value.abs().max(1.0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use groundswell_model::{Expectation, Gap, Sentiment, SentimentLabel, Unmet, UnmetKind};

    use super::*;

    fn promise(id: &str, text: &str, gap: GapType) -> Promise {
        Promise {
            id: id.parse().unwrap(),
            text: text.to_owned(),
            gap,
            stage: None,
            touchpoint: None,
            from: None,
            until: None,
        }
    }

    fn marked(promises: &[Promise], said: &str, gap: GapType) -> Option<String> {
        let expectation = Expectation {
            outcome: Outcome::Unmet,
            expected: Some(said.to_owned()),
            happened: None,
            gap: Some(gap),
            origin: Origin::Norm,
            size: None,
        };
        let annotation = Annotation {
            sentiment: Sentiment { label: SentimentLabel::Negative, score: -0.5 },
            unmet: Unmet { probability: 0.9, kind: UnmetKind::Explicit },
            expectations: vec![expectation],
            embedding: None,
            near_duplicate: None,
        };
        let mut mapping = Mapping {
            stage: "fulfilment".parse().unwrap(),
            probability: 0.9,
            voiced_at: None,
            because: Vec::new(),
            touchpoint: None,
            phase: None,
            tenure_days: None,
            gaps: vec![Gap { gap, cause: None, origin: Origin::Norm, promise: None }],
            theme: None,
            issue: None,
            corrected_by: None,
            versions: BTreeMap::new(),
        };
        let promises = Promises::new(promises, Arc::new(Embedder::shipped().unwrap()));
        promises.mark(&mut mapping, &[(said, &annotation)], Day::from_number(20_000));
        let gap = mapping.gaps.remove(0);
        assert_eq!(gap.promise.is_some(), gap.origin == Origin::CompanyPromise);
        gap.promise
    }

    #[test]
    fn the_same_quantity_names_the_promise() {
        let known = [
            promise("two-days", "delivered within two days", GapType::Timeliness),
            promise("answer-day", "an answer within 24 hours", GapType::ResponsivenessFollowup),
        ];
        assert_eq!(marked(&known, "2-day delivery", GapType::Timeliness).as_deref(), Some("two-days"));
        assert_eq!(marked(&known, "within 48 hours", GapType::Timeliness).as_deref(), Some("two-days"));
        assert_eq!(marked(&known, "in three weeks", GapType::Timeliness), None);
        assert_eq!(marked(&known, "2-day delivery", GapType::ValuePrice), None, "another type of gap");
    }

    #[test]
    fn nearly_the_same_words_name_the_promise() {
        let known = [promise("waterproof", "the jacket is waterproof", GapType::QualityDefect)];
        let found = marked(&known, "supposed to be a waterproof jacket", GapType::QualityDefect);
        assert_eq!(found.as_deref(), Some("waterproof"));
        assert_eq!(marked(&known, "I thought the zip would hold", GapType::QualityDefect), None);
    }

    #[test]
    fn a_promise_holds_only_on_its_days_and_at_its_stage() {
        let mut late = promise("two-days", "within two days", GapType::Timeliness);
        late.from = Some(Day::from_number(20_001));
        assert_eq!(marked(&[late.clone()], "two days", GapType::Timeliness), None);
        late.from = Some(Day::from_number(20_000));
        late.stage = Some("support".parse().unwrap());
        assert_eq!(marked(&[late.clone()], "two days", GapType::Timeliness), None);
        late.stage = Some("fulfilment".parse().unwrap());
        assert!(marked(&[late], "two days", GapType::Timeliness).is_some());
        assert_eq!(marked(&[], "two days", GapType::Timeliness), None);
    }
}
