//! The figures of the report, and which feedback are to be quoted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use groundswell_insight::{
    Cell, CellCount, Interval, Matrix, Row, Score, Seen, UNKNOWN, View, Window, scores, wilson,
};
use groundswell_model::{FeedbackId, GapType, JourneyMap, Kind, Outcome, Phase};

use super::{BrokeEarlier, Days, Heard, MatrixCell, PhaseRow, Report, ScoreRow, StageRow, TouchpointRow};
use crate::row::Numbers;

/// A report whose quotes are still to be filled in.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The report, without quotes.
    pub report: Report,
    /// Feedback to quote, by index of the cell in the matrix; the best first.
    pub wanted: Vec<Vec<FeedbackId>>,
    /// Feedback to quote for copied posts, in their order.
    pub copied: Vec<FeedbackId>,
    /// The counts that the report is made from.
    pub matrix: Matrix,
}

impl Plan {
    /// Leaves one cell of the matrix, when only its quotes are asked for.
    #[must_use]
    pub fn only(mut self, stage: &str, gap: &str) -> Self {
        let cells = std::mem::take(&mut self.report.matrix).into_iter().zip(std::mem::take(&mut self.wanted));
        (self.report.matrix, self.wanted) =
            cells.filter(|(cell, _)| cell.stage == stage && cell.gap == gap).unzip();
        self.report.copied_posts.clear();
        self.copied.clear();
        self
    }
}

/// Quotes fetched for each cell; some may turn out not to have a sentence of their own.
const CANDIDATES: usize = 6;

/// Feedback from which on a touchpoint that nobody names is worth telling.
const SILENT_FROM: usize = 200;

/// Computes the report over a window.
pub fn plan(view: &View, map: &JourneyMap, numbers: &Numbers, window: &Window) -> Plan {
    let matrix = Matrix::of(view, window);
    let all = matrix.get(Cell::All);
    let cells: Vec<_> = matrix.gaps();
    let wanted = candidates(
        view,
        window,
        &matrix,
        &cells.iter().map(|(stage, gap, _)| (*stage, *gap)).collect::<Vec<_>>(),
    );
    let (copied_posts, copied) = super::copied::copied(view, window).into_iter().unzip();
    let report = Report {
        window: Days {
            since: window.since.or(matrix.days.map(|days| days.0)).map(|day| day.to_string()),
            until: window.until.or(matrix.days.map(|days| days.1)).map(|day| day.to_string()),
        },
        people: all.people,
        feedback: all.feedback,
        identified_share: share(all.people - all.unlinked, all.people),
        kinds: kinds(&matrix),
        stages: stages(&matrix, map),
        matrix: cells.iter().map(|gap| cell(&matrix, numbers, gap, all.people)).collect(),
        unknown_share: share(matrix.get(Cell::Stage(UNKNOWN)).feedback, all.feedback),
        broke_earlier: broke_earlier(view, window, map, numbers),
        phases: phases(&matrix),
        touchpoints: touchpoints(&matrix, map),
        silent_touchpoints: silent_touchpoints(view, window, map),
        scores: scores(view, window).iter().map(score_row).collect(),
        drivers: super::drivers::drivers(view, window),
        newcomers: Vec::new(),
        last_words: Vec::new(),
        alerts: Vec::new(),
        themes: Vec::new(),
        issues: Vec::new(),
        alignment: Vec::new(),
        promises: Vec::new(),
        closed_loop: None,
        copied_posts,
        agreement: None,
        corrected: view.rows().filter(|(_, row)| window.holds(row) && row.corrected).count() as u64,
        withheld: all.withheld,
    };
    Plan { report, wanted, copied, matrix }
}

fn share(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

fn kinds(matrix: &Matrix) -> BTreeMap<String, Heard> {
    Kind::ALL
        .iter()
        .map(|kind| (*kind, matrix.get(Cell::Kind(*kind))))
        .filter(|(_, count)| count.feedback > 0)
        .map(|(kind, count)| (kind.to_string(), Heard { people: count.people, feedback: count.feedback }))
        .collect()
}

fn stages(matrix: &Matrix, map: &JourneyMap) -> Vec<StageRow> {
    let named =
        map.stages.iter().enumerate().map(|(at, stage)| {
            (u8::try_from(at).unwrap_or(UNKNOWN), stage.code.to_string(), stage.name.clone())
        });
    let unknown = std::iter::once((UNKNOWN, "unknown".to_owned(), "Unknown".to_owned()));
    named
        .chain(unknown)
        .map(|(number, stage, name)| StageRow {
            people: matrix.get(Cell::Stage(number)).people,
            unmet: matrix.get(Cell::Outcome(number, Outcome::Unmet)).people,
            met: matrix.get(Cell::Outcome(number, Outcome::Met)).people,
            exceeded: matrix.get(Cell::Outcome(number, Outcome::Exceeded)).people,
            stage,
            name,
        })
        .collect()
}

fn cell(matrix: &Matrix, numbers: &Numbers, gap: &(u8, GapType, CellCount), exposure: u64) -> MatrixCell {
    let (stage, gap, count) = (gap.0, gap.1, &gap.2);
    let kinds = Kind::ALL
        .iter()
        .map(|kind| (kind.to_string(), matrix.get(Cell::GapOfKind(stage, gap, *kind)).people))
        .filter(|(_, people)| *people > 0)
        .collect();
    let share = wilson(count.people, exposure);
    MatrixCell {
        stage: numbers.stage(stage).to_string(),
        gap: gap.to_string(),
        people: count.people,
        feedback: count.feedback,
        exposure,
        per_thousand: 10.0 * share.value,
        low: 10.0 * share.low,
        high: 10.0 * share.high,
        kinds,
        copied_posts: count.copied,
        quotes: Vec::new(),
    }
}

/// Of what support hears (voiced at support, or broken there), how much broke at an earlier stage.
fn broke_earlier(view: &View, window: &Window, map: &JourneyMap, numbers: &Numbers) -> Option<BrokeEarlier> {
    let support = map.stages.iter().find(|stage| stage.code.as_str() == "support")?;
    let support = numbers.stage_number(&support.code);
    let (mut earlier, mut heard) = (0, 0);
    for (_, row) in view.rows().filter(|(_, row)| window.holds(row) && row.gaps != 0 && row.stage != UNKNOWN)
    {
        let voiced = if row.voiced_at == UNKNOWN { row.stage } else { row.voiced_at };
        if voiced == support {
            heard += 1;
            earlier += u64::from(row.stage < support);
        }
    }
    (heard > 0).then(|| BrokeEarlier { share: share(earlier, heard), feedback: earlier, of: heard })
}

fn phases(matrix: &Matrix) -> Vec<PhaseRow> {
    let row = |(at, phase): (usize, &Phase)| {
        let count = matrix.get(Cell::Phase(u8::try_from(at).unwrap_or(UNKNOWN)));
        PhaseRow { phase: phase.to_string(), people: count.people, feedback: count.feedback }
    };
    let rows: Vec<_> = Phase::ALL.iter().enumerate().map(row).collect();
    if rows.iter().all(|row| row.feedback == 0) { Vec::new() } else { rows }
}

fn touchpoints(matrix: &Matrix, map: &JourneyMap) -> Vec<TouchpointRow> {
    let row = |(at, touchpoint): (usize, &groundswell_model::journey::Touchpoint)| {
        let count = matrix.get(Cell::Touchpoint(u8::try_from(at).unwrap_or(UNKNOWN)));
        let touchpoint = touchpoint.code.to_string();
        (count.people > 0).then_some(TouchpointRow {
            touchpoint,
            people: count.people,
            feedback: count.feedback,
        })
    };
    let mut rows: Vec<_> = map.touchpoints.iter().enumerate().filter_map(row).collect();
    rows.sort_by(|a, b| b.people.cmp(&a.people).then(a.touchpoint.cmp(&b.touchpoint)));
    rows
}

fn silent_touchpoints(view: &View, window: &Window, map: &JourneyMap) -> Vec<String> {
    let heard: BTreeSet<u8> =
        view.rows().filter(|(_, row)| window.holds(row)).map(|(_, row)| row.touchpoint).collect();
    // In a handful of feedback every touchpoint is silent, which says nothing.
    if view.len() < SILENT_FROM {
        return Vec::new();
    }
    map.touchpoints
        .iter()
        .enumerate()
        .filter(|(at, _)| u8::try_from(*at).is_ok_and(|at| !heard.contains(&at)))
        .map(|(_, touchpoint)| touchpoint.code.to_string())
        .collect()
}

fn score_row(score: &Score) -> ScoreRow {
    let scale = score.scale;
    let direction = if scale.high_is_good { "" } else { " low is good" };
    let end = |pick: fn(Interval) -> f64| score.interval.map(pick);
    ScoreRow {
        metric: score.metric.to_string(),
        scale: format!("{}-{}{direction}", scale.min, scale.max),
        value: end(|interval| interval.value),
        low: end(|interval| interval.low),
        high: end(|interval| interval.high),
        mean: score.mean,
        n: score.n,
    }
}

/// Picks feedback to quote for each cell: the best said first, one per person and text, kinds in turn.
/// Only quotable candidates are kept while scanning, so that a large window needs little memory.
fn candidates(
    view: &View,
    window: &Window,
    matrix: &Matrix,
    cells: &[(u8, GapType)],
) -> Vec<Vec<FeedbackId>> {
    let index: HashMap<(u8, GapType), usize> =
        cells.iter().enumerate().map(|(at, cell)| (*cell, at)).collect();
    let mut best: Vec<BTreeMap<Kind, Vec<(&Seen, &Row)>>> = cells.iter().map(|_| BTreeMap::new()).collect();
    for (seen, row) in view.rows().filter(|(_, row)| window.holds(row) && row.gaps != 0) {
        for gap in row.gap_types() {
            let shown = row.kind != Kind::Employee || matrix.get(Cell::Gap(row.stage, gap)).staff_shown;
            let slot = index.get(&(row.stage, gap)).and_then(|at| best.get_mut(*at));
            if let (true, Some(kinds)) = (shown, slot) {
                offer(kinds.entry(row.kind).or_default(), seen, row);
            }
        }
    }
    best.into_iter().map(in_turn).collect()
}

/// Keeps the best of each person and of each copied text, whatever the order in which they are offered.
fn offer<'a>(list: &mut Vec<(&'a Seen, &'a Row)>, seen: &'a Seen, row: &'a Row) {
    let order = |seen: &Seen, row: &Row| (std::cmp::Reverse(row.quality), seen.id);
    let same = |other: &Seen, known: &Row| {
        other.person == seen.person || (row.fingerprint != 0 && known.fingerprint == row.fingerprint)
    };
    if list.iter().any(|(other, known)| same(other, known) && order(other, known) <= order(seen, row)) {
        return;
    }
    list.retain(|(other, known)| !same(other, known));
    let at = list.partition_point(|(other, known)| order(other, known) < order(seen, row));
    list.insert(at, (seen, row));
    list.truncate(CANDIDATES);
}

fn in_turn(kinds: BTreeMap<Kind, Vec<(&Seen, &Row)>>) -> Vec<FeedbackId> {
    let mut lists: Vec<_> = kinds.into_values().map(Vec::into_iter).collect();
    let mut picked = Vec::new();
    while picked.len() < CANDIDATES {
        let before = picked.len();
        for list in &mut lists {
            picked.extend(list.next().map(|(seen, _)| seen.id));
        }
        if picked.len() == before {
            break;
        }
    }
    picked.truncate(CANDIDATES);
    picked
}
