//! Search by themes, and by likeness: leaves are found and counted as the themes that people see, and what is like one feedback
//! is found by the embeddings.

use groundswell_annotate::{DIMENSIONS, Embedding};
use groundswell_model::FeedbackId;
use groundswell_search::{Fold, Query};
use groundswell_server::Fault;
use groundswell_steps::decided::Themes;

use crate::engine::import::unavailable;
use crate::engine::shared::Shared;

/// Feedback whose embeddings are compared with the one that is asked for.
const COMPARED: usize = 3_000;

/// Feedback that is called alike, at most.
const MOST_ALIKE: usize = 500;

/// Cosine of the embeddings from which feedback is called alike.
const ALIKE: f32 = 0.5;

impl Shared {
    /// Makes a query find and count themes as people see them.
    pub(in crate::engine) fn with_themes(&self, mut query: Query) -> Result<Query, Fault> {
        let decided = self.decisions().map_err(unavailable)?.decided();
        if !decided.themes.is_empty() {
            let themes = &decided.themes;
            for filter in query.filters.iter_mut().filter(|filter| filter.field == "theme") {
                filter.values =
                    filter.values.iter().flat_map(|value| leaves_of_hidden(themes, value)).collect();
            }
            let shown = themes.shown();
            query.folds.push(Fold { field: "theme".to_owned(), groups: shown.groups, names: shown.names });
        }
        Ok(query)
    }

    /// Finds what is like the feedback that is asked for by embeddings, where it has one; else it is found by its words.
    pub(in crate::engine) fn likened(&self, mut query: Query) -> Result<Query, Fault> {
        let Some(id) = query.like else { return Ok(query) };
        let Some(own) = self.embedding(id)? else { return Ok(query) };
        let near = self.view().alike(&own.to_int8(), COMPARED);
        let mut alike: Vec<(FeedbackId, f32)> = Vec::new();
        for other in near.into_iter().filter(|other| *other != id) {
            let cosine = self.embedding(other)?.map_or(0.0, |other| own.cosine(&other));
            alike.extend((cosine >= ALIKE).then_some((other, cosine)));
        }
        if alike.is_empty() {
            return Ok(query);
        }
        alike.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        alike.truncate(MOST_ALIKE);
        (query.like, query.among) = (None, alike);
        Ok(query)
    }

    fn embedding(&self, id: FeedbackId) -> Result<Option<Embedding>, Fault> {
        let Some(holdings) = &self.holdings else { return Ok(None) };
        let holding = holdings.feedback(id).map_err(|error| unavailable(error.into()))?;
        let vector = holding
            .and_then(|holding| holding.vector)
            .and_then(|vector| <[i8; DIMENSIONS]>::try_from(vector).ok());
        Ok(vector.map(|vector| Embedding::from_int8(&vector)))
    }
}

/// What is hidden is found all the same by who asks for it: a hidden theme stands for its leaves, all else for itself.
fn leaves_of_hidden(themes: &Themes, value: &str) -> Vec<String> {
    let hidden = themes.find(value).filter(|theme| themes.node(*theme).is_some_and(|node| node.hidden));
    match hidden {
        Some(theme) => themes.leaves(theme).iter().map(ToString::to_string).collect(),
        None => vec![value.to_owned()],
    }
}
