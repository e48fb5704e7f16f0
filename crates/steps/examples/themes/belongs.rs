//! The rule that gives every text its theme in the product: the nearest, where the cosine reaches a limit. What does the limit
//! cost? Embeddings and centroids in bytes, as they are kept.

use groundswell_insight::themes::{
    BELONGS, Clusters, Count, NearestTheme, Rows, Vectors, mutual_information,
};

use super::bank::{Bank, clusters};
use super::forum::Forum;
use super::rows::{Row, Wanted};
use super::stability::{Begins, Labels, kept, mean_and_least, rounded, runs};

const LIMITS: [f32; 4] = [0.35, 0.45, 0.55, 0.65];
const SEEDS: u64 = 3;

/// Gives each text its theme.
pub fn labels(clusters: &Clusters, vectors: &Rows<i8>, limit: f32) -> Labels {
    let themes = NearestTheme::new(&rounded(&clusters.centroids));
    let theme = |row: &[i8]| themes.theme(row, limit).and_then(|at| u32::try_from(at).ok());
    vectors.rows().map(theme).collect()
}

/// The same of the texts that a run had.
fn labels_of_run(clusters: &Clusters, vectors: &Rows<i8>, limit: f32) -> Labels {
    let mut labels = labels(clusters, vectors, limit);
    labels.truncate(clusters.labels.len());
    labels
}

/// Embeddings in bytes, as annotations hold them.
pub fn bytes(vectors: &Rows<f32>) -> Rows<i8> {
    let values = rounded(vectors).rows().flatten().map(|value| *value as i8).collect();
    Rows::new(vectors.dimensions(), values).expect("whole rows")
}

fn share(labels: &Labels) -> f64 {
    labels.iter().flatten().count() as f64 / labels.len().max(1) as f64
}

/// Measures each limit.
pub fn rows(bank: &Bank, forum: Option<&Forum>) -> Vec<Row> {
    let mut rows = Vec::new();
    let texts = bytes(&bank.texts.vectors);
    let found: Vec<Clusters> =
        (0..SEEDS).map(|seed| clusters(&texts, Count::Known(bank.intents.len()), seed)).collect();
    let posts = forum.map(|forum| (forum, bytes(&forum.vectors), runs(forum, Begins::Bytes)));
    for limit in LIMITS {
        let chosen = |least: f64| if limit == BELONGS { Wanted::AtLeast(least) } else { Wanted::Beside };
        let row = |data, says: &str, value, wanted| {
            let belongs = format!("nearest theme from a cosine of {limit:.2} on");
            Row::new(data, format!("{belongs}: {says}"), value, wanted)
        };
        let (mut nmi, mut covered) = (0.0, 0.0);
        for clusters in &found {
            let labels = labels(clusters, &texts, limit);
            let groups: Vec<u32> = labels.iter().map(|label| label.unwrap_or(u32::MAX)).collect();
            nmi += mutual_information(&groups, &bank.truth) / SEEDS as f64;
            covered += share(&labels) / SEEDS as f64;
        }
        rows.push(row("banking77", "share of texts with a theme", covered, Wanted::Beside));
        rows.push(row("banking77", "77 themes told, NMI", nmi, chosen(0.74)));
        if let Some((forum, vectors, runs)) = &posts {
            let strange = found.first().map_or(0.0, |bank| share(&labels(bank, vectors, limit)));
            rows.push(row(
                "both",
                "posts of the forum that would have a theme of the bank",
                strange,
                Wanted::Beside,
            ));
            let kept = kept(runs, &forum.people, |clusters| labels_of_run(clusters, vectors, limit));
            let (mean, least) = mean_and_least(&kept);
            let covered = runs.last().map_or(0.0, |last| share(&labels(last, vectors, limit)));
            rows.push(row("forum", "share of texts with a theme", covered, Wanted::Beside));
            rows.push(row("forum", "people who stay, mean of nine steps", mean, chosen(0.9)));
            rows.push(row("forum", "people who stay, the least of them", least, Wanted::Beside));
        }
    }
    rows
}
