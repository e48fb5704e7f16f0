//! What the wording of a text as a whole says of its stage: by the trained head where the map has the shipped stages, by
//! the likeness to what the map itself says of each stage where it has others.

use std::sync::Arc;

use groundswell_model::{Annotation, JourneyMap};

use crate::conclude::meaning;
use crate::fold::Folded;
use crate::heads::{CUES, Head, Heads, STAGES, Sums};
use crate::{AnnotateError, Embedder, Embedding};

/// The most that the wording adds to or takes from a stage: no more than a strong fact of the context.
const MOST: f32 = 2.0;
/// Texts of fewer words are trusted less, and greetings of three words not at all.
const ENOUGH: f32 = 9.5;
const GREETING: f32 = 3.5;
/// What a cosine of 1 more than the mean of all stages counts.
const LIKENESS: f32 = 12.0;

/// Tells the stage by the wording.
pub(crate) struct Wording {
    heads: Arc<Heads>,
    /// The class of each stage of the map; nothing where the map has a stage that the head does not know.
    classes: Option<Vec<usize>>,
    /// What the map says of each stage.
    pictures: Vec<Embedding>,
}

impl Wording {
    pub(crate) fn new(map: &JourneyMap, heads: Arc<Heads>) -> Result<Self, AnnotateError> {
        let class = |code: &str| STAGES.iter().position(|known| *known == code);
        let classes = map.stages.iter().map(|stage| class(stage.code.as_str())).collect::<Option<Vec<_>>>();
        let embedder = if classes.is_none() { Some(Embedder::shipped()?) } else { None };
        let pictures = embedder.iter().flat_map(|embedder| {
            map.stages.iter().map(|stage| {
                let mut words = format!("{}. {}", stage.name, stage.description);
                for phrase in &stage.phrases {
                    words.push_str(". ");
                    words.push_str(phrase);
                }
                embedder.embed(&words)
            })
        });
        let pictures = pictures.collect();
        Ok(Self { heads, classes, pictures })
    }

    /// Gives what the wording of the statements adds to each stage of the map; nothing where there are no words.
    pub(crate) fn weigh(&self, texts: &[(&str, &Annotation)]) -> Option<Vec<f32>> {
        let mut sum: Option<Vec<f32>> = None;
        for (text, annotation) in texts.iter().filter(|(text, _)| !text.trim().is_empty()) {
            let embedding =
                annotation.embedding.as_deref().and_then(|text| Embedding::from_base64(text).ok());
            let own = match &self.classes {
                Some(classes) => self.by_head(text, embedding.as_ref(), classes),
                None => self.by_likeness(embedding.as_ref()?),
            };
            let trust = trust(text);
            let own: Vec<f32> = own.into_iter().map(|weight| weight * trust).collect();
            sum = Some(match sum {
                Some(sum) => sum.iter().zip(&own).map(|(sum, own)| sum + own).collect(),
                None => own,
            });
        }
        sum.map(|sum| sum.into_iter().map(|weight| weight.clamp(-MOST, MOST)).collect())
    }

    fn by_head(&self, text: &str, embedding: Option<&Embedding>, classes: &[usize]) -> Vec<f32> {
        let folded = Folded::new(text);
        let mut sums = Sums::default();
        for range in groundswell_text::sentences(text) {
            sums.add(&self.heads.sums(&folded, &folded.to_folded(range)));
        }
        let mut base = self.heads.bias();
        if let Some(embedding) = embedding {
            self.heads.more(CUES, meaning(embedding), &mut base);
        }
        let scores = self.heads.score(&sums, &base);
        let own = scores.get(Head::Stage.outputs()).unwrap_or_default();
        let own: Vec<f32> = classes.iter().map(|class| own.get(*class).copied().unwrap_or(0.0)).collect();
        ratios(&own)
    }

    fn by_likeness(&self, embedding: &Embedding) -> Vec<f32> {
        let own: Vec<f32> =
            self.pictures.iter().map(|picture| LIKENESS * picture.cosine(embedding)).collect();
        ratios(&own)
    }
}

/// Gives how much a text of this length is trusted.
fn trust(text: &str) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "at most sixteen words are counted")]
    let words = text.split_whitespace().take(16).count() as f32;
    ((words - GREETING) / (ENOUGH - GREETING)).clamp(0.0, 1.0)
}

/// Turns scores into log-likelihood ratios against all stages being as likely.
fn ratios(scores: &[f32]) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let sum: f32 = scores.iter().map(|score| (score - most).exp()).sum();
    #[expect(clippy::cast_precision_loss, reason = "a map has few stages")]
    let even = (sum / scores.len().max(1) as f32).ln();
    scores.iter().map(|score| (score - most - even).clamp(-MOST, MOST)).collect()
}
