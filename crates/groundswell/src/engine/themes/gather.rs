//! What themes are made of: the embeddings of all feedback, who said it, and where it belongs now.

use groundswell_annotate::DIMENSIONS;
use groundswell_insight::themes::Rows;
use groundswell_insight::{Dimension, Holding, Label, Row, Seen, View};
use groundswell_model::{Day, FeedbackId, Kind, ThemeId};
use groundswell_server::Fault;

use crate::engine::import::unavailable;
use crate::engine::shared::Shared;

/// Feedback that is read from the state at a time.
const CHUNK: usize = 10_000;

/// Embeddings in the order of the ids: 256 bytes a feedback, and about 60 beside it.
pub(super) struct Material {
    pub ids: Vec<FeedbackId>,
    pub vectors: Rows<i8>,
    /// Who said each.
    pub people: Vec<u64>,
    pub about: Vec<About>,
}

/// What is known of one feedback beside its embedding.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    /// Its leaf theme.
    pub leaf: Option<ThemeId>,
    /// Whether staff said it.
    pub staff: bool,
    /// Whether its respondent is known.
    pub linked: bool,
    /// How well it can be quoted.
    pub quality: u8,
    pub day: Day,
}

impl Shared {
    /// Reads the embeddings of the feedback that is wanted.
    pub(super) fn material(&self, wanted: &dyn Fn(&Row) -> bool) -> Result<Material, Fault> {
        let mut material = Material::new()?;
        let Some(holdings) = &self.holdings else { return Ok(material) };
        let mut behind = None;
        loop {
            let mut last = None;
            let mut read = Vec::new();
            let each = |id, holding: Holding| {
                last = Some(id);
                read.push((id, holding));
            };
            holdings.each_behind(behind, CHUNK, each).map_err(|error| unavailable(error.into()))?;
            material.take(&self.view(), read, wanted)?;
            match last {
                Some(id) => behind = Some(id),
                None => return Ok(material),
            }
        }
    }

    /// Reads the embeddings of single feedback.
    pub(super) fn material_of(&self, ids: &[FeedbackId]) -> Result<Material, Fault> {
        let mut material = Material::new()?;
        let Some(holdings) = &self.holdings else { return Ok(material) };
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        for chunk in sorted.chunks(CHUNK) {
            let mut read = Vec::with_capacity(chunk.len());
            for id in chunk {
                let holding = holdings.feedback(*id).map_err(|error| unavailable(error.into()))?;
                read.extend(holding.map(|holding| (*id, holding)));
            }
            material.take(&self.view(), read, &|_| true)?;
        }
        Ok(material)
    }
}

impl Material {
    fn new() -> Result<Self, Fault> {
        let vectors = Rows::new(DIMENSIONS, Vec::new()).map_err(|error| unavailable(error.into()))?;
        Ok(Self { ids: Vec::new(), vectors, people: Vec::new(), about: Vec::new() })
    }

    fn take(
        &mut self,
        view: &View,
        read: Vec<(FeedbackId, Holding)>,
        wanted: &dyn Fn(&Row) -> bool,
    ) -> Result<(), Fault> {
        for (id, holding) in read {
            let Some(vector) = holding.vector.filter(|vector| vector.len() == DIMENSIONS) else { continue };
            let seen = view.seen(id).and_then(|seen| seen.row.as_ref().map(|row| (seen, row)));
            let Some((seen, row)) = seen.filter(|(_, row)| wanted(row)) else { continue };
            self.vectors.push(&vector).map_err(|error| unavailable(error.into()))?;
            self.ids.push(id);
            self.people.push(u64::from(view.people.canonical(seen.person)));
            self.about.push(about(view, seen, row));
        }
        Ok(())
    }
}

fn about(view: &View, seen: &Seen, row: &Row) -> About {
    About {
        leaf: leaf(view, seen),
        staff: row.kind == Kind::Employee,
        linked: !seen.unlinked,
        quality: row.quality,
        day: row.day,
    }
}

/// The leaf theme that a feedback was mapped to.
pub(super) fn leaf(view: &View, seen: &Seen) -> Option<ThemeId> {
    theme_among(seen.labels.iter().filter_map(|label| view.label(*label)))
}

/// The theme among labels of a feedback.
pub(in crate::engine) fn theme_among<'a>(labels: impl Iterator<Item = &'a Label>) -> Option<ThemeId> {
    let mut themes = labels.filter(|label| label.dimension == Dimension::Theme);
    themes.find_map(|label| label.value.parse().ok())
}
