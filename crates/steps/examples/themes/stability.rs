//! Do themes stay what they were? Ten runs over a growing half of a support forum's year, ids carried from run to run.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use groundswell_insight::themes::{
    Clustering, Clusters, Known, Rows, Theme, Vectors, cluster, propose, recluster,
};

use super::read::{columns, shared, texts, without_tags};
use super::rows::{Row, Wanted};

const RUNS: usize = 10;

struct Forum {
    vectors: Rows<f32>,
    people: Vec<u64>,
}

fn read() -> Option<Forum> {
    let path = shared("over_time/sumo_thunderbird_2023_en.csv")?;
    let mut rows = columns(&path, &["created_at", "title", "content", "author"]);
    rows.sort();
    let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
    let (mut posts, mut people) = (Vec::new(), Vec::new());
    for row in rows {
        let next = numbers.len() as u64;
        people.push(*numbers.entry(row[3].clone()).or_insert(next));
        posts.push(format!("{}. {}", row[1], without_tags(&row[2])));
    }
    Some(Forum { vectors: texts(&posts).vectors, people })
}

/// The themes of one run: who is in which, and the ids.
struct Run {
    themes: Vec<Theme>,
    ids: Vec<u64>,
    clusters: Clusters,
}

impl Run {
    fn of(clusters: Clusters, people: &[u64]) -> Self {
        let mut members = vec![BTreeSet::new(); clusters.extents.len()];
        for (label, person) in clusters.labels.iter().zip(people) {
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
        Self { themes, ids, clusters }
    }

    /// Who is in a theme of which id.
    fn places(&self) -> BTreeSet<(u64, u64)> {
        let each = self.themes.iter().zip(&self.ids);
        each.flat_map(|(theme, id)| theme.people.iter().map(|person| (*person, *id))).collect()
    }
}

/// Measures the share of people's places in themes that are kept from run to run.
pub fn rows() -> Vec<Row> {
    let Some(forum) = read() else { return Vec::new() };
    let mut rows = Vec::new();
    for (fresh, says, wanted) in [
        (false, "people who stay in a theme of the same id, known themes first", Wanted::AtLeast(0.9)),
        (true, "the same, every run from nothing and matched", Wanted::Beside),
    ] {
        let (kept, themes) = runs(&forum, fresh);
        let mean = kept.iter().sum::<f64>() / kept.len() as f64;
        let least = kept.iter().copied().fold(1.0, f64::min);
        rows.push(Row::new("forum", format!("{says}: mean of nine steps"), mean, wanted));
        rows.push(Row::new("forum", format!("{says}: the least of them"), least, wanted));
        rows.push(Row::new("forum", format!("{says}: themes at the end"), themes as f64, Wanted::Beside));
    }
    rows
}

fn runs(forum: &Forum, fresh: bool) -> (Vec<f64>, usize) {
    let all = forum.people.len();
    let mut kept = Vec::new();
    let mut last: Option<Run> = None;
    let mut next = 0;
    for number in 0..RUNS {
        let len = all / 2 + all.div_ceil(2) * number / (RUNS - 1);
        let values = forum.vectors.rows().take(len).flatten().copied().collect();
        let vectors = Rows::new(forum.vectors.dimensions(), values).expect("whole rows");
        let people = &forum.people[..len];
        let clustering = Clustering { seed: number as u64, ..Clustering::default() };
        let watch = &mut |_, _| ControlFlow::Continue(());
        let clusters = match &last {
            Some(last) if !fresh => {
                let known = Known { centroids: &last.clusters.centroids, fixed: &[] };
                recluster(&vectors, people, known, &clustering, watch)
            }
            _ => cluster(&vectors, people, &clustering, watch),
        };
        let mut run = Run::of(clusters.expect("the shapes fit"), people);
        if let Some(last) = &last {
            let proposal = propose(&last.themes, &run.themes);
            run.ids = proposal
                .ids
                .iter()
                .map(|id| {
                    id.map_or_else(
                        || {
                            next += 1;
                            next
                        },
                        |old| last.ids[old],
                    )
                })
                .collect();
            let (before, now) = (last.places(), run.places());
            kept.push(before.intersection(&now).count() as f64 / before.len() as f64);
        } else {
            next = run.ids.len() as u64;
        }
        last = Some(run);
    }
    (kept, last.map_or(0, |run| run.themes.len()))
}
