//! Themes that emerge between two runs: voices of the last weeks that belong to no known theme are gathered anew after each
//! closed day; where enough people say much the same, a theme begins.

use groundswell_insight::themes::{Candidate, MicroClusters, Rows, Settings, cosine};
use groundswell_model::{Day, Decision, FoundTheme, ThemeChange, ThemeChangeKind, ThemeOccasion, ThemeRun};
use groundswell_server::Fault;

use super::desk::Wanted;
use super::find::{centroids, known, quantised};
use super::gather::Material;
use super::telling::Telling;
use crate::engine::import::unavailable;
use crate::engine::shared::Shared;

/// Days of which voices are gathered: after so many a voice weighs a sixteenth.
const RECENT: i32 = 56;

/// Themes that may emerge at a time.
const MOST: usize = 5;

/// Cosine to the middle of what emerges, from which a voice belongs to it.
const REACH: f64 = 0.55;

impl Shared {
    /// Looks for themes that emerge; records those that do, and nothing where none does.
    ///
    /// # Errors
    /// As the search for all themes.
    pub(super) fn find_emerged(&self, wanted: &Wanted) -> Result<(), Fault> {
        self.desk.looked_until(self.closed_until());
        let decided = self.decisions().map_err(unavailable)?.decided();
        let (texts, last) = self.texts();
        let Some(until) = last else { return Ok(()) };
        let since = until.plus(-RECENT);
        let material = self.material(&|row| row.quality > 0 && row.day >= since && row.day <= until)?;
        let centroids = centroids(&known(&decided.themes)).map_err(|error| unavailable(error.into()))?;
        let emerging = emerging(&material, until, &centroids);
        if emerging.is_empty() {
            return Ok(());
        }
        let (labels, cosines) = members(&material, &emerging);
        let Some(telling) = Telling::of(self, &material, &labels, &cosines, emerging.len())? else {
            return Ok(());
        };
        let theme = |(at, candidate): (usize, &Candidate)| {
            let own = || {
                labels
                    .iter()
                    .zip(&material.people)
                    .filter(move |(label, _)| **label == u32::try_from(at).ok())
            };
            let people: std::collections::BTreeSet<u64> = own().map(|(_, person)| *person).collect();
            FoundTheme {
                id: None,
                centroid: Some(quantised(&candidate.centroid)),
                words: telling.words(at),
                language: telling.language(at),
                proposed: None,
                topic: 0,
                example: telling.example(at),
                people: people.len() as u64,
                feedback: own().count() as u64,
            }
        };
        let mut themes: Vec<FoundTheme> = emerging.iter().enumerate().map(theme).collect();
        self.propose_names(&decided.themes, &mut themes, &telling);
        let change = |(at, theme): (u32, &FoundTheme)| ThemeChange {
            kind: ThemeChangeKind::New,
            known: Vec::new(),
            found: vec![at],
            before: 0,
            now: theme.people,
            applied: true,
        };
        let run = ThemeRun {
            occasion: ThemeOccasion::Emerged,
            after: decided.themes.runs().last().map(|run| run.number),
            until,
            feedback: texts,
            changes: (0..).zip(&themes).map(change).collect(),
            themes,
            topics: Vec::new(),
            joined: Vec::new(),
        };
        tracing::info!(themes = run.themes.len(), "themes emerged");
        self.record(&wanted.actor, None, Decision::ThemesFound { run: Box::new(run) }).map(drop)
    }
}

/// The candidates among voices without a theme, in the order of their days.
fn emerging(material: &Material, until: Day, known: &Rows<f32>) -> Vec<Candidate> {
    let mut order: Vec<usize> = (0..material.ids.len()).collect();
    order.retain(|at| material.about.get(*at).is_some_and(|about| about.leaf.is_none()));
    order.sort_by_key(|at| (material.about.get(*at).map(|about| about.day), material.ids.get(*at).copied()));
    let mut micro = MicroClusters::new(Settings::default());
    for at in order {
        let (Some(about), Some(person)) = (material.about.get(at), material.people.get(at)) else { continue };
        micro.add(&widened(material.vectors.row(at)), *person, f64::from(about.day.number()));
    }
    let mut candidates = micro.candidates(f64::from(until.number()), known);
    candidates.truncate(MOST);
    candidates
}

/// The candidate that each voice without a theme belongs to, and how near it is.
fn members(material: &Material, emerging: &[Candidate]) -> (Vec<Option<u32>>, Vec<f32>) {
    let place = |at: usize| {
        let free = material.about.get(at).is_some_and(|about| about.leaf.is_none());
        let vector = widened(material.vectors.row(at));
        let near =
            (0..).zip(emerging).map(|(number, candidate)| (cosine(&vector, &candidate.centroid), number));
        let best =
            near.max_by(|left: &(f64, u32), right| left.0.total_cmp(&right.0).then(right.1.cmp(&left.1)));
        match best.filter(|(near, _)| free && *near >= REACH) {
            Some((near, number)) => (Some(number), near as f32),
            None => (None, 0.0),
        }
    };
    (0..material.ids.len()).map(place).unzip()
}

fn widened(row: &[i8]) -> Vec<f32> {
    row.iter().map(|value| f32::from(*value)).collect()
}
