//! Questions to a bank: the number of themes told and found, and what the kinds of vectors are worth.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use groundswell_insight::themes::{
    Clustering, Clusters, Count, Lsa, Rows, TfIdf, Vectors, Whitening, adjusted_rand, cluster, combine,
    mutual_information,
};

use super::read::{Texts, columns, shared, texts};
use super::rows::{Row, Wanted};

/// Seeds whose figures are averaged.
const SEEDS: u64 = 3;

/// The questions with their intents.
pub struct Bank {
    /// The questions.
    pub texts: Texts,
    /// The number of the intent of each.
    pub truth: Vec<u32>,
    /// The intents.
    pub intents: Vec<String>,
}

/// Reads the questions; none where they are not there.
pub fn read() -> Option<Bank> {
    let read = columns(&shared("themes_stage/banking77_train.csv")?, &["text", "category"]);
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let (mut truth, mut intents, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for row in read {
        let [text, intent] = <[String; 2]>::try_from(row).expect("two columns");
        let next = intents.len() as u32;
        truth.push(*numbers.entry(intent.clone()).or_insert_with(|| {
            intents.push(intent);
            next
        }));
        all.push(text);
    }
    Some(Bank { texts: texts(&all), truth, intents })
}

/// Clusters without a watch.
pub fn clusters(vectors: &dyn Vectors, count: Count, seed: u64) -> Clusters {
    let clustering = Clustering { count, seed, ..Clustering::default() };
    cluster(vectors, &[], &clustering, &mut |_, _| ControlFlow::Continue(())).expect("the shapes fit")
}

/// Noise as a cluster of its own.
pub fn grouped(clusters: &Clusters) -> Vec<u32> {
    clusters.labels.iter().map(|label| label.unwrap_or(u32::MAX)).collect()
}

/// NMI, ARI and the number of clusters, on average over seeds.
fn agreement(vectors: &dyn Vectors, truth: &[u32], count: Count, seeds: u64) -> (f64, f64, f64) {
    let (mut nmi, mut ari, mut number) = (0.0, 0.0, 0.0);
    for seed in 0..seeds {
        let found = clusters(vectors, count, seed);
        let labels = grouped(&found);
        nmi += mutual_information(&labels, truth) / seeds as f64;
        ari += adjusted_rand(&labels, truth) / seeds as f64;
        number += found.extents.len() as f64 / seeds as f64;
    }
    (nmi, ari, number)
}

/// Measures.
pub fn rows(bank: &Bank) -> Vec<Row> {
    let known = Count::Known(bank.intents.len());
    let vectors = &bank.texts.vectors;
    let (nmi, ari, _) = agreement(vectors, &bank.truth, known, SEEDS);
    let row = |says: &str, value, wanted| Row::new("banking77", says, value, wanted);
    let mut rows = vec![
        row("77 themes told: NMI", nmi, Wanted::AtLeast(0.74)),
        row("77 themes told: ARI", ari, Wanted::AtLeast(0.40)),
    ];
    let (found_nmi, found_ari, number) = agreement(vectors, &bank.truth, Count::Found, SEEDS);
    rows.push(row("number of themes found, of 77", number, Wanted::Within(52.0, 115.0)));
    rows.push(row("number found: NMI", found_nmi, Wanted::AtLeast(((nmi - 0.02) * 1e3).round() / 1e3)));
    rows.push(row("number found: ARI", found_ari, Wanted::Beside));
    let (nmi, ari, number) = agreement(vectors, &bank.truth, Count::Merged, SEEDS);
    rows.push(row("√(n/2) clusters merged from a cosine of 0.80 on: number", number, Wanted::Beside));
    rows.push(row("√(n/2) clusters merged from a cosine of 0.80 on: NMI", nmi, Wanted::Beside));
    rows.push(row("√(n/2) clusters merged from a cosine of 0.80 on: ARI", ari, Wanted::Beside));
    rows
}

/// Measures other vectors, 77 themes told, on one seed each.
pub fn other_vectors(bank: &Bank) -> Vec<Row> {
    let embedding = &bank.texts.vectors;
    let learnt = TfIdf::learn(&bank.texts.stems, 2, 100_000);
    let sparse = learnt.rows(&bank.texts.stems);
    let lsa = Lsa::learn(&sparse, 100, 1).rows(&sparse).expect("there are terms");
    let half = Whitening::learn(embedding, 128, 0.5).rows(embedding).expect("there are vectors");
    let both = |left: &Rows<f32>| combine(&[(left, 0.7), (&lsa, 0.3)]).expect("as many rows");
    let kinds: [(&str, Rows<f32>); 4] = [
        ("LSA of 100 dimensions alone", lsa.clone()),
        ("embedding and LSA, 0.7 and 0.3", both(embedding)),
        ("embedding, half whitened to 128 dimensions", half.clone()),
        ("embedding, half whitened to 128 dimensions, and LSA", both(&half)),
    ];
    let mut rows = Vec::new();
    for (says, vectors) in kinds {
        let (nmi, ari, _) = agreement(&vectors, &bank.truth, Count::Known(bank.intents.len()), 1);
        rows.push(Row::new("banking77", format!("77 themes told, {says}: NMI"), nmi, Wanted::Beside));
        rows.push(Row::new("banking77", format!("77 themes told, {says}: ARI"), ari, Wanted::Beside));
    }
    rows
}

/// Measures the number found where fewer intents are there: every second, fourth and tenth, and a quarter of all questions.
pub fn parts(bank: &Bank) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut part = |says: String, takes: &dyn Fn(usize, u32) -> bool| {
        let chosen: Vec<usize> = (0..bank.truth.len()).filter(|at| takes(*at, bank.truth[*at])).collect();
        let truth: Vec<u32> = chosen.iter().map(|at| bank.truth[*at]).collect();
        let values = chosen.iter().flat_map(|at| bank.texts.vectors.row(*at)).copied().collect();
        let vectors = Rows::new(bank.texts.vectors.dimensions(), values).expect("whole rows");
        let (nmi, _, number) = agreement(&vectors, &truth, Count::Found, 1);
        rows.push(Row::new("banking77", format!("{says}: number found"), number, Wanted::Beside));
        rows.push(Row::new("banking77", format!("{says}: NMI"), nmi, Wanted::Beside));
    };
    for step in [2, 4, 10] {
        let intents = bank.intents.len().div_ceil(step as usize);
        part(format!("{intents} intents"), &|_, intent| intent % step == 0);
    }
    part("every fourth question of 77 intents".to_owned(), &|at, _| at % 4 == 0);
    rows
}
