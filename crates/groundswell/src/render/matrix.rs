//! The matrix as a grid: stages in the order of the journey as columns, gap types as rows.

use groundswell_model::{GapType, JourneyMap};
use groundswell_steps::report::{MatrixCell, Report};

/// The grid of people by gap type and stage.
pub struct Grid<'a> {
    /// Codes and names of the columns; `unknown` is the last.
    pub stages: Vec<(String, String)>,
    /// Codes and names of the rows, most people first; gap types that nobody spoke of are left out.
    pub gaps: Vec<(String, String)>,
    cells: Vec<&'a MatrixCell>,
}

impl<'a> Grid<'a> {
    /// Lays a report's matrix out.
    pub fn of(report: &'a Report, map: &JourneyMap) -> Self {
        let mut stages: Vec<_> =
            map.stages.iter().map(|stage| (stage.code.to_string(), stage.name.clone())).collect();
        stages.push(("unknown".to_owned(), "Unknown".to_owned()));
        let people = |gap: &str| -> u64 {
            report.matrix.iter().filter(|cell| cell.gap == gap).map(|cell| cell.people).sum()
        };
        let mut gaps: Vec<_> = GapType::ALL
            .iter()
            .map(|gap| {
                (gap.to_string(), map.gap(*gap).map_or_else(|| gap.to_string(), |norm| norm.name.clone()))
            })
            .filter(|(code, _)| people(code) > 0)
            .collect();
        gaps.sort_by_key(|(code, _)| (std::cmp::Reverse(people(code)), code.clone()));
        Self { stages, gaps, cells: report.matrix.iter().collect() }
    }

    /// Gives a cell; `None` where nobody spoke.
    pub fn cell(&self, stage: &str, gap: &str) -> Option<&'a MatrixCell> {
        self.cells.iter().find(|cell| cell.stage == stage && cell.gap == gap).copied()
    }

    /// Gives the largest number of people in a cell of a known stage.
    pub fn most(&self) -> u64 {
        self.cells.iter().filter(|cell| cell.stage != "unknown").map(|cell| cell.people).max().unwrap_or(0)
    }
}

/// Gives the cells of known stages, strongest first.
pub fn strongest(report: &Report) -> impl Iterator<Item = &MatrixCell> {
    report.matrix.iter().filter(|cell| cell.stage != "unknown")
}

/// Gives the name of a stage.
pub fn stage_name(map: &JourneyMap, code: &str) -> String {
    let stage = map.stages.iter().find(|stage| stage.code.as_str() == code);
    stage.map_or_else(|| "Unknown".to_owned(), |stage| stage.name.clone())
}

/// Gives the name and the norm of a gap type.
pub fn gap_name(map: &JourneyMap, code: &str) -> (String, String) {
    let norm = code.parse().ok().and_then(|gap| map.gap(gap));
    norm.map_or_else(|| (code.to_owned(), String::new()), |norm| (norm.name.clone(), norm.norm.clone()))
}
