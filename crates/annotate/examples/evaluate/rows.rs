//! The rows of the table: a name, a figure, its floor and target, and the cases that went worst.

use std::collections::BTreeMap;

use super::figures::Figure;
use super::learning::read::own;

/// A row of the table.
pub struct Row {
    /// Key in the file of floors.
    pub key: &'static str,
    pub task: &'static str,
    pub measured_on: String,
    pub unit: &'static str,
    pub figure: Figure,
    /// What the project wants; absent where the row only explains another.
    pub target: Option<f64>,
    /// The ids of the cases that went worst, worst first.
    pub worst: Vec<String>,
}

/// Reads the floors: `key = value` lines.
pub fn floors() -> BTreeMap<String, f64> {
    own("tests/golden/floors.toml")
        .lines()
        .filter_map(|line| {
            let (key, value) = line.split('#').next()?.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().parse().ok()?))
        })
        .collect()
}

/// Keeps the ids of the twenty cases with the greatest loss.
pub fn worst(mut losses: Vec<(f64, String)>) -> Vec<String> {
    losses.retain(|(loss, _)| *loss > 0.0);
    losses.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    losses.into_iter().take(20).map(|(_, id)| id).collect()
}
