//! Which theme an embedding is nearest to.

use groundswell_annotate::{DIMENSIONS, Embedding};
use groundswell_insight::themes::{BELONGS, NearestTheme, Rows};
use groundswell_model::{Annotation, Centroid, ThemeId};

use super::Node;

/// The middles of all themes, ready to be compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Nearest {
    top: Option<Middles>,
    /// Themes that parts came off: what stays, and the parts.
    within: Vec<(ThemeId, Middles)>,
}

#[derive(Clone, Debug)]
struct Middles {
    themes: Vec<ThemeId>,
    nearest: NearestTheme,
}

impl Middles {
    fn of<'a>(middles: impl Iterator<Item = (ThemeId, Option<&'a Centroid>)>) -> Option<Self> {
        let (mut themes, mut values) = (Vec::new(), Vec::new());
        for (theme, centroid) in middles {
            let Some(Centroid(own)) = centroid.filter(|centroid| centroid.0.len() == DIMENSIONS) else {
                continue;
            };
            themes.push(theme);
            values.extend_from_slice(own);
        }
        let rows = Rows::<i8>::new(DIMENSIONS, values).ok()?;
        Some(Self { themes, nearest: NearestTheme::new(&rows) })
    }

    fn theme(&self, vector: &[i8], limit: f32) -> Option<ThemeId> {
        self.nearest.theme(vector, limit).and_then(|at| self.themes.get(at)).copied()
    }
}

impl Nearest {
    pub(super) fn of(nodes: &[Node]) -> Self {
        let live = || nodes.iter().filter(|node| !node.retired);
        let top = live().filter(|node| node.under.is_none());
        let split = live().filter(|node| node.inner.is_some());
        let within = split.filter_map(|node| {
            let parts = live().filter(|part| part.under == Some(node.id));
            let parts = parts.map(|part| (part.id, part.centroid.as_ref()));
            let own = std::iter::once((node.id, node.inner.as_ref()));
            Some((node.id, Middles::of(own.chain(parts))?))
        });
        let within = within.collect();
        Self { top: Middles::of(top.map(|node| (node.id, node.centroid.as_ref()))), within }
    }

    /// Gives the leaf theme of an embedding; none where no theme is near.
    pub(super) fn theme(&self, vector: &[i8]) -> Option<ThemeId> {
        let mut theme = self.top.as_ref()?.theme(vector, BELONGS)?;
        // A part may have come apart again: each step goes one split deeper.
        for _ in 0..self.within.len() {
            let parts = self.within.iter().find(|(split, _)| *split == theme);
            // Whatever is in a theme is in one of its parts, however far.
            match parts.and_then(|(_, parts)| parts.theme(vector, -1.0)) {
                Some(part) if part != theme => theme = part,
                _ => break,
            }
        }
        Some(theme)
    }
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
