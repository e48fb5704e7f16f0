//! Do themes stay what they were? Ten runs over a growing half of a support forum's year, ids carried from run to run.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use groundswell_insight::themes::{
    Clustering, Clusters, Known, Rows, Theme, Vectors, cluster, propose, recluster,
};

use super::forum::Forum;
use super::rows::{Row, Wanted};

const RUNS: usize = 10;

/// The theme of each text in a run.
pub type Labels = Vec<Option<u32>>;

/// How a run begins.
#[derive(Clone, Copy, PartialEq)]
pub enum Begins {
    /// With the themes of the run before.
    Known,
    /// With those, their centroids rounded to bytes as they are kept.
    Bytes,
    /// With nothing.
    Fresh,
}

/// The themes of one run: who is in which, and the ids.
struct Run {
    themes: Vec<Theme>,
    ids: Vec<u64>,
}

impl Run {
    fn of(clusters: &Clusters, labels: &Labels, people: &[u64]) -> Self {
        let mut members = vec![BTreeSet::new(); clusters.extents.len()];
        for (label, person) in labels.iter().zip(people) {
            if let Some(label) = label {
                members[*label as usize].insert(*person);
            }
        }
        let themes: Vec<Theme> = members
            .into_iter()
            .zip(clusters.centroids.rows())
            .map(|(people, row)| Theme {
                people: people.into_iter().collect(),
                centroid: row.to_vec(),
                touched: false,
            })
            .collect();
        let ids = (0..themes.len() as u64).collect();
        Self { themes, ids }
    }

    /// Who is in a theme of which id.
    fn places(&self) -> BTreeSet<(u64, u64)> {
        let each = self.themes.iter().zip(&self.ids);
        each.flat_map(|(theme, id)| theme.people.iter().map(|person| (*person, *id))).collect()
    }
}

/// Measures the share of people's places in themes that are kept from run to run.
pub fn rows(forum: &Forum) -> Vec<Row> {
    let mut rows = Vec::new();
    for (begins, says, wanted) in [
        (
            Begins::Known,
            "people who stay in a theme of the same id, known themes first",
            Wanted::AtLeast(0.9),
        ),
        (Begins::Fresh, "the same, every run from nothing and matched", Wanted::Beside),
    ] {
        let runs = runs(forum, begins);
        let kept = kept(&runs, &forum.people, |clusters| clusters.labels.clone());
        let (mean, least) = mean_and_least(&kept);
        let themes = runs.last().map_or(0, |last| last.extents.len());
        rows.push(Row::new("forum", format!("{says}: mean of nine steps"), mean, wanted));
        rows.push(Row::new("forum", format!("{says}: the least of them"), least, wanted));
        rows.push(Row::new("forum", format!("{says}: themes at the end"), themes as f64, Wanted::Beside));
    }
    rows
}

/// The mean and the least of some shares.
pub fn mean_and_least(kept: &[f64]) -> (f64, f64) {
    (kept.iter().sum::<f64>() / kept.len() as f64, kept.iter().copied().fold(1.0, f64::min))
}

/// The clusters of each of ten runs, from the first half of the posts to all of them.
pub fn runs(forum: &Forum, begins: Begins) -> Vec<Clusters> {
    let all = forum.people.len();
    let mut runs: Vec<Clusters> = Vec::new();
    for number in 0..RUNS {
        let len = all / 2 + all.div_ceil(2) * number / (RUNS - 1);
        let values = forum.vectors.rows().take(len).flatten().copied().collect();
        let vectors = Rows::new(forum.vectors.dimensions(), values).expect("whole rows");
        let people = &forum.people[..len];
        let clustering = Clustering { seed: number as u64, ..Clustering::default() };
        let watch = &mut |_, _| ControlFlow::Continue(());
        let clusters = match runs.last() {
            Some(last) if begins != Begins::Fresh => {
                let known = Known { centroids: &last.centroids, fixed: &[] };
                recluster(&vectors, people, known, &clustering, watch)
            }
            _ => cluster(&vectors, people, &clustering, watch),
        };
        let mut clusters = clusters.expect("the shapes fit");
        if begins == Begins::Bytes {
            clusters.centroids = rounded(&clusters.centroids);
        }
        runs.push(clusters);
    }
    runs
}

/// The share of places in themes that people keep at each step, with what `labels` says the theme of each text is.
pub fn kept(runs: &[Clusters], people: &[u64], labels: impl Fn(&Clusters) -> Labels) -> Vec<f64> {
    let mut kept = Vec::new();
    let mut last: Option<Run> = None;
    let mut next = 0;
    for clusters in runs {
        let mut run = Run::of(clusters, &labels(clusters), people);
        if let Some(last) = &last {
            let mut fresh = || {
                next += 1;
                next
            };
            let ids = propose(&last.themes, &run.themes).ids;
            run.ids = ids.iter().map(|id| id.map_or_else(&mut fresh, |old| last.ids[old])).collect();
            let (before, now) = (last.places(), run.places());
            kept.push(before.intersection(&now).count() as f64 / before.len() as f64);
        } else {
            next = run.ids.len() as u64;
        }
        last = Some(run);
    }
    kept
}

/// Rows as they are kept: whole numbers, the largest 127.
pub fn rounded(rows: &Rows<f32>) -> Rows<f32> {
    let byte = |row: &[f32]| {
        let most = row.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
        row.iter().map(|value| (value / most * 127.0).round()).collect::<Vec<f32>>()
    };
    Rows::new(rows.dimensions(), rows.rows().flat_map(byte).collect()).expect("whole rows")
}
