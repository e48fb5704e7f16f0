//! Which theme an embedding is nearest to.

use groundswell_annotate::{DIMENSIONS, Embedding};
use groundswell_model::{Annotation, Centroid, ThemeId};

use super::Node;

/// Cosine to its middle from which a feedback belongs to a theme.
pub const NEAR: f32 = 0.45;

/// The middles of all themes, ready to be compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Nearest {
    top: Vec<Middle>,
    /// Themes that parts came off: what stays, and the parts.
    within: Vec<(ThemeId, Vec<Middle>)>,
}

#[derive(Clone, Debug)]
struct Middle {
    theme: ThemeId,
    unit: Vec<f32>,
}

impl Middle {
    fn of(theme: ThemeId, centroid: Option<&Centroid>) -> Option<Self> {
        let values: Vec<f32> = centroid?.0.iter().map(|value| f32::from(*value)).collect();
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        let unit: Vec<f32> = values.iter().map(|value| value / length).collect();
        (length > 0.0 && unit.len() == DIMENSIONS).then_some(Self { theme, unit })
    }
}

impl Nearest {
    pub(super) fn of(nodes: &[Node]) -> Self {
        let live = || nodes.iter().filter(|node| !node.retired);
        let top = live().filter(|node| node.under.is_none());
        let top = top.filter_map(|node| Middle::of(node.id, node.centroid.as_ref())).collect();
        let split = live().filter(|node| node.inner.is_some());
        let within = split.map(|node| {
            let own = Middle::of(node.id, node.inner.as_ref());
            let parts = live().filter(|part| part.under == Some(node.id));
            let parts = parts.filter_map(|part| Middle::of(part.id, part.centroid.as_ref()));
            (node.id, own.into_iter().chain(parts).collect())
        });
        Self { top, within: within.collect() }
    }

    /// Gives the leaf theme of an embedding; none where no theme is near.
    pub(super) fn theme(&self, vector: &[i8]) -> Option<ThemeId> {
        let values: Vec<f32> = vector.iter().map(|value| f32::from(*value)).collect();
        let length = dot(&values, &values).sqrt();
        let (mut theme, near) = best(&self.top, &values)?;
        if length <= 0.0 || near / length < NEAR {
            return None;
        }
        // A part may have come apart again: each step goes one split deeper.
        for _ in 0..self.within.len() {
            let parts = self.within.iter().find(|(split, _)| *split == theme);
            match parts.and_then(|(_, parts)| best(parts, &values)) {
                Some((part, _)) if part != theme => theme = part,
                _ => break,
            }
        }
        Some(theme)
    }
}

/// The first of the nearest.
fn best(middles: &[Middle], values: &[f32]) -> Option<(ThemeId, f32)> {
    let mut best: Option<(ThemeId, f32)> = None;
    for middle in middles {
        let near = dot(&middle.unit, values);
        if best.is_none_or(|(_, most)| near > most) {
            best = Some((middle.theme, near));
        }
    }
    best
}

/// Sums products in sixteen lanes of fixed order, so that every machine rounds alike.
fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 16];
    for (left, right) in left.as_chunks::<16>().0.iter().zip(right.as_chunks::<16>().0) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += left * right;
        }
    }
    lanes.iter().sum()
}

/// Gives the embedding of a feedback: that of its statement, or the direction of the sum of several.
pub fn vector(texts: &[(&str, &Annotation)]) -> Option<Vec<i8>> {
    let embedded = texts.iter().filter_map(|(_, annotation)| annotation.embedding.as_deref());
    let mut embeddings = embedded.filter_map(|text| Embedding::from_base64(text).ok());
    let first = embeddings.next()?;
    let mut sum = [0.0_f32; DIMENSIONS];
    let mut add = |one: &Embedding| sum.iter_mut().zip(one.as_slice()).for_each(|(sum, value)| *sum += value);
    add(&first);
    let mut several = false;
    for one in embeddings {
        add(&one);
        several = true;
    }
    let direction = if several { Embedding::direction(&sum) } else { first };
    (!direction.is_zero()).then(|| direction.to_int8().to_vec())
}
