//! Edits of themes: what is left open in them is found, they are checked, recorded, and read back: of two people who edit the same
//! theme at once the second one is told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use groundswell_annotate::{DIMENSIONS, Embedding};
use groundswell_insight::themes::{Clusters, Splitting, ThemesError, parts};
use groundswell_model::{Centroid, Decision, FeedbackId, ThemeEdit, ThemeId, ThemePart};
use groundswell_search::Query;
use groundswell_server::{Deed, Fault, Recorded};
use groundswell_steps::decided::themes::Refusal;
use groundswell_steps::decided::{Decided, Themes};

use super::find::quantised;
use super::gather::{Material, leaf};
use super::telling::Telling;
use crate::engine::corrections::MOST_CORRECTED;
use crate::engine::import::unavailable;
use crate::engine::issues::{check_texts, who, why};
use crate::engine::shared::{Shared, fault};

/// How long an edit may take until it can be read back.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long one waits for it before one looks again.
const LOOK: Duration = Duration::from_millis(200);

impl Shared {
    /// Records an edit of themes, or the undoing of one.
    pub(in crate::engine) fn edit_themes(&self, deed: Deed) -> Result<Recorded, Fault> {
        let Deed { actor, reason, decision } = deed;
        check_texts(&[who(&actor), why(reason.as_ref())])?;
        let decided = self.decisions().map_err(unavailable)?.decided();
        let themes = &decided.themes;
        let (decision, bears_on) = match decision {
            Decision::ThemeEditUndone { edit } => {
                themes.check_undo(edit).map_err(refusal)?;
                let bears_on = themes.edit_row(edit).map(|row| row.themes).unwrap_or_default();
                (Decision::ThemeEditUndone { edit }, self.of_themes(themes, &bears_on).len() as u64)
            }
            Decision::ThemesEdited { edit, seen } => {
                let seen = Some(seen.unwrap_or_else(|| themes.version()));
                for theme in edit.themes() {
                    themes.node(theme).ok_or_else(|| refusal(Refusal::Unknown(theme)))?;
                }
                let edit = self.completed(themes, edit)?;
                themes.check(&edit, seen).map_err(refusal)?;
                let bears_on = self.bears_on(themes, &edit);
                (Decision::ThemesEdited { edit, seen }, bears_on)
            }
            _ => return Err(Fault::invalid("api.bad_action", "decision: it is taken elsewhere")),
        };
        let at_once = at_once(&decision, themes);
        let number = self.record(&actor, reason, decision)?;
        let decided = self.decided_past(number)?;
        if let Some(refused) = decided.themes.refused(number) {
            return Err(refusal(refused.clone()));
        }
        let made = decided.themes.created(number).into_iter().map(|id| id.to_string()).collect();
        let seen = at_once || self.seen(number)?;
        Ok(Recorded { number: Some(number), feedback: bears_on, seen, themes: made })
    }

    /// What was decided, once the action of a number has been read back: on a shared log that takes a moment.
    fn decided_past(&self, number: u64) -> Result<Arc<Decided>, Fault> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (next, decided) = {
                let decisions = self.decisions().map_err(unavailable)?;
                (decisions.next(), decisions.decided())
            };
            if next > number {
                return Ok(decided);
            }
            if Instant::now() >= deadline {
                let message = format!("decision {number} was recorded and cannot be read back yet");
                return Err(Fault::Unavailable { message });
            }
            self.log.wait(&[self.decided(next)], LOOK).map_err(fault)?;
        }
    }

    /// How many feedback an edit bears on.
    fn bears_on(&self, themes: &Themes, edit: &ThemeEdit) -> u64 {
        match edit {
            ThemeEdit::Move { feedback, .. } | ThemeEdit::Define { feedback, .. } => feedback.len() as u64,
            _ => self.of_themes(themes, &edit.themes()).len() as u64,
        }
    }

    /// Feedback of themes, in the order of the view.
    pub(super) fn of_themes(&self, themes: &Themes, wanted: &[ThemeId]) -> Vec<FeedbackId> {
        let leaves: BTreeSet<ThemeId> =
            wanted.iter().flat_map(|theme| themes.leaves(themes.root(*theme))).collect();
        let view = self.view();
        let own =
            view.rows().filter(|(seen, _)| leaf(&view, seen).is_some_and(|leaf| leaves.contains(&leaf)));
        own.map(|(seen, _)| seen.id).collect()
    }

    /// Finds what an edit leaves open: the hits of its query, the parts of a split, the middle of examples.
    fn completed(&self, themes: &Themes, edit: ThemeEdit) -> Result<ThemeEdit, Fault> {
        let edit = match edit {
            ThemeEdit::Split { theme, parts, query: Some(query), .. } if parts.iter().all(is_open) => {
                let name = parts.into_iter().next().and_then(|part| part.name);
                let feedback = self.split_by(themes, theme, &query)?;
                let parts = vec![ThemePart { name, feedback, ..ThemePart::default() }];
                ThemeEdit::Split { theme, keeps: None, parts, query: Some(query) }
            }
            ThemeEdit::Split { theme, parts, query: None, keeps: None } if parts.iter().all(is_open) => {
                let count = (!parts.is_empty()).then_some(parts.len() + 1);
                let names = parts.into_iter().map(|part| part.name);
                let (keeps, mut parts) = self.split_by_proposal(themes, theme, count)?;
                parts.iter_mut().zip(names).for_each(|(part, name)| part.name = name);
                ThemeEdit::Split { theme, keeps: Some(keeps), parts, query: None }
            }
            ThemeEdit::Define { name, query: Some(query), feedback, .. } if feedback.is_empty() => {
                let feedback = self.hits(Query { text: query.clone(), ..Query::default() })?;
                if feedback.is_empty() {
                    return Err(Fault::invalid(
                        "api.bad_action",
                        format!("query: nothing is found by \"{query}\""),
                    ));
                }
                ThemeEdit::Define { name, query: Some(query), feedback, centroid: None }
            }
            ThemeEdit::Define { name, query: None, feedback, .. } => {
                let centroid = self.middle(&feedback)?;
                ThemeEdit::Define { name, query: None, feedback, centroid }
            }
            other => other,
        };
        let named: &[FeedbackId] = match &edit {
            ThemeEdit::Move { feedback, .. } | ThemeEdit::Define { feedback, .. } => feedback,
            _ => &[],
        };
        if named.len() > MOST_CORRECTED {
            let message =
                format!("feedback: {} at a time are too many, at most {MOST_CORRECTED}", named.len());
            return Err(Fault::invalid("api.bad_action", message));
        }
        match named.iter().find(|id| !self.view().knows(**id)) {
            Some(unknown) => Err(Fault::NotFound { what: format!("feedback {unknown}") }),
            None => Ok(edit),
        }
    }

    /// The feedback of a theme that a query finds: some of it, and not all.
    fn split_by(&self, themes: &Themes, theme: ThemeId, query: &str) -> Result<Vec<FeedbackId>, Fault> {
        let own: BTreeSet<FeedbackId> = self.of_themes(themes, &[theme]).into_iter().collect();
        let hits = self.hits(Query { text: query.to_owned(), ..Query::default() })?;
        let hits: Vec<FeedbackId> = hits.into_iter().filter(|id| own.contains(id)).collect();
        let fault = if hits.is_empty() {
            format!("query: none of the feedback of {theme} is found by \"{query}\"")
        } else if hits.len() == own.len() {
            format!(
                "query: all feedback of {theme} is found by \"{query}\", nothing would stay: rename it instead"
            )
        } else {
            return Ok(hits);
        };
        Err(Fault::invalid("api.bad_action", fault))
    }

    fn split_by_proposal(
        &self,
        themes: &Themes,
        theme: ThemeId,
        count: Option<usize>,
    ) -> Result<(Centroid, Vec<ThemePart>), Fault> {
        let (material, clusters) = self.parts_of(themes, theme, count)?;
        let number = clusters.extents.len();
        let telling = Telling::of(self, &material, &clusters.labels, &clusters.cosines, number)?;
        let stopped = || Fault::Unavailable { message: "the installation is stopping".to_owned() };
        let telling = telling.ok_or_else(stopped)?;
        let mut centroids = clusters.centroids.rows().map(quantised).enumerate();
        let keeps = centroids.next().map(|(_, centroid)| centroid);
        let parts = centroids.map(|(at, centroid)| ThemePart {
            name: None,
            words: telling.words(at),
            example: telling.example(at),
            centroid: Some(centroid),
            feedback: Vec::new(),
        });
        let parts = parts.collect();
        Ok((keeps.unwrap_or(Centroid(Vec::new())), parts))
    }

    /// Finds the parts of a theme: so many, or as many as fit.
    pub(super) fn parts_of(
        &self,
        themes: &Themes,
        theme: ThemeId,
        count: Option<usize>,
    ) -> Result<(Material, Clusters), Fault> {
        let material = self.material_of(&self.of_themes(themes, &[theme]))?;
        let splitting = Splitting { count, ..Splitting::default() };
        let found = parts(&material.vectors, &material.people, &splitting, &mut |_, _| self.goes_on());
        let found = found.map_err(|error| match error {
            ThemesError::OutOfRange { .. } => Fault::invalid("api.bad_action", format!("parts: {error}")),
            error => unavailable(error.into()),
        })?;
        let whole = || {
            let message = format!(
                "{theme} does not come apart: there are no two parts of five people and more; split it by a query"
            );
            Fault::invalid("api.bad_action", message)
        };
        found.map(|clusters| (material, clusters)).ok_or_else(whole)
    }

    /// The middle of examples; none where nothing is known of their words.
    fn middle(&self, examples: &[FeedbackId]) -> Result<Option<Centroid>, Fault> {
        let material = self.material_of(examples)?;
        let mut sum = [0.0_f32; DIMENSIONS];
        for row in material.vectors.rows() {
            let length = row.iter().map(|value| f32::from(*value).powi(2)).sum::<f32>().sqrt().max(1.0);
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += f32::from(*value) / length);
        }
        let middle = Embedding::direction(&sum);
        Ok((!middle.is_zero()).then(|| Centroid(middle.to_int8().to_vec())))
    }
}

/// A part of which nothing but its name is said.
fn is_open(part: &ThemePart) -> bool {
    part.feedback.is_empty() && part.centroid.is_none()
}

/// Whether a decision changes only what leaves are shown as, and no leaf.
fn at_once(decision: &Decision, themes: &Themes) -> bool {
    let shows = |edit: &ThemeEdit| {
        matches!(
            edit,
            ThemeEdit::Rename { .. }
                | ThemeEdit::Merge { .. }
                | ThemeEdit::Hide { .. }
                | ThemeEdit::Pin { .. }
        )
    };
    match decision {
        Decision::ThemesEdited { edit, .. } => shows(edit),
        Decision::ThemeEditUndone { edit } => themes.edit_of(*edit).is_some_and(shows),
        _ => false,
    }
}

/// Turns the refusal of an edit into the reply to a request.
pub(super) fn refusal(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Unknown(theme) => Fault::NotFound { what: format!("theme {theme}") },
        Refusal::Invalid(message) => Fault::invalid("api.bad_action", message),
        Refusal::Conflict(message) => Fault::Conflict { message },
    }
}
