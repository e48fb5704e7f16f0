//! The judged queries, and what a ranking is worth by them.

use std::collections::BTreeMap;

/// A query and the grades of records: 3 is just what was asked for, 2 answers it among other things, 1 touches it, 0 does
/// not. What was not judged counts as 0.
pub struct Judged {
    pub query: String,
    pub grades: BTreeMap<String, u32>,
}

/// Reads `judged.toml`: blocks of `query = "…"` and `grades = "record:grade …"`.
pub fn read() -> Vec<Judged> {
    let mut judged: Vec<Judged> = Vec::new();
    for line in include_str!("../judged.toml").lines() {
        let Some((name, value)) = line.split_once(" = ") else { continue };
        let value = value.trim();
        let value = value[1..value.len() - 1].replace("\\\"", "\"");
        match (name, judged.last_mut()) {
            ("query", _) => judged.push(Judged { query: value, grades: BTreeMap::new() }),
            ("grades", Some(last)) => {
                for (record, grade) in value.split_whitespace().filter_map(|pair| pair.split_once(':')) {
                    last.grades.insert(record.to_owned(), grade.parse().unwrap());
                }
            }
            _ => {}
        }
    }
    judged
}

/// Every third query is held out: nothing was tuned on it.
pub fn is_held_out(at: usize) -> bool {
    at % 3 == 2
}

/// Gives the discounted gain of a ranking as a share of the best that is possible; 1 where nothing is worth finding.
pub fn ndcg(ranking: &[String], grades: &BTreeMap<String, u32>, depth: usize) -> f64 {
    let gain = |at: usize, grade: u32| (f64::from(2u32.pow(grade)) - 1.0) / (at as f64 + 2.0).log2();
    let mut ideal: Vec<u32> = grades.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best: f64 = ideal.iter().take(depth).enumerate().map(|(at, &grade)| gain(at, grade)).sum();
    let grade = |record: &String| grades.get(record).copied().unwrap_or(0);
    let own: f64 = ranking.iter().take(depth).enumerate().map(|(at, record)| gain(at, grade(record))).sum();
    if best == 0.0 { 1.0 } else { own / best }
}

/// Gives a mean and its 95 % interval from ten thousand draws of as many queries.
pub fn interval(values: &[f64]) -> String {
    let many = values.len() as f64;
    let own = values.iter().sum::<f64>() / many;
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        values[usize::try_from((state >> 33) % values.len() as u64).unwrap()]
    };
    let mut means: Vec<f64> =
        (0..10_000).map(|_| (0..values.len()).map(|_| draw()).sum::<f64>() / many).collect();
    means.sort_by(f64::total_cmp);
    format!("{own:.3} ({:.3} to {:.3})", means[250], means[9_749])
}
