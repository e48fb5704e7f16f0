//! The posts of a support forum in 2023, in order of time.

use std::collections::BTreeMap;

use groundswell_insight::themes::Rows;
use groundswell_model::Day;

use super::read::{columns, shared, texts, without_tags};

/// The posts.
pub struct Forum {
    /// Their title and text.
    pub posts: Vec<String>,
    /// Their embeddings.
    pub vectors: Rows<f32>,
    /// Who wrote each.
    pub people: Vec<u64>,
    /// When.
    pub days: Vec<Day>,
}

/// Reads the posts; none where they are not there.
pub fn read() -> Option<Forum> {
    let path = shared("over_time/sumo_thunderbird_2023_en.csv")?;
    let mut rows = columns(&path, &["created_at", "title", "content", "author"]);
    rows.sort();
    let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
    let (mut posts, mut people, mut days) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let next = numbers.len() as u64;
        people.push(*numbers.entry(row[3].clone()).or_insert(next));
        days.push(row[0][..10].parse().expect("a day"));
        posts.push(format!("{}. {}", row[1], without_tags(&row[2])));
    }
    let vectors = texts(&posts).vectors;
    Some(Forum { posts, vectors, people, days })
}
