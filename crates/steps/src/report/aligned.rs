//! Expectation, promise and inside view together: what the company promised and breaks, which of the five gaps that is, and
//! who inside speaks of it. Source of the index: the five gaps of Parasuraman, Zeithaml and Berry.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use groundswell_insight::alignment::{Counts, GapNumber, Marks, Target, alignment, gap_number};
use groundswell_insight::{Cell, Dimension, Interval, Label, Matrix, UNKNOWN, View, Window};
use groundswell_model::{GapType, Kind, Origin};

use crate::decided::{Registered, Registry};
use crate::row::Numbers;

/// Unmet expectations from which on a cell is read.
const FEWEST_UNMET: u64 = 10;

/// Cells that are shown at most.
const MOST_CELLS: usize = 20;

/// Days over which the holders of one expectation are counted.
const HOLDERS_DAYS: i32 = 90;

/// How one cell stands between expectation, promise and inside view. Shares are in per cent with Wilson's 95 % interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlignmentRow {
    /// Stage.
    pub stage: String,
    /// Gap type.
    pub gap: String,
    /// Unmet expectations.
    pub unmet: u64,
    /// Of them those that the company itself had set.
    pub promised: u64,
    /// Share of the promised.
    pub broken_promises: ShareRow,
    /// Feedback of those who work there; absent where their group is too small to show.
    pub employees: Option<u64>,
    /// Share of the feedback that comes from them.
    pub inside_view: Option<ShareRow>,
    /// The five gaps, 1 to 5, of those who expected it in the last 90 days; the commonest.
    pub gap_number: u8,
    /// What that gap says.
    pub gap_words: String,
    /// What both shares say together.
    pub reading: String,
}

/// A share in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareRow {
    /// Its value.
    pub value: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl From<Interval> for ShareRow {
    fn from(interval: Interval) -> Self {
        Self { value: interval.value, low: interval.low, high: interval.high }
    }
}

/// A registered promise and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromiseRow {
    /// Its name.
    pub id: String,
    /// What is promised.
    pub text: String,
    /// The type of gap that opens when it is broken.
    pub gap: String,
    /// The stage at which it is to be kept.
    pub stage: Option<String>,
    /// Where it is made.
    pub touchpoint: Option<String>,
    /// First and last day on which it holds.
    pub from: Option<String>,
    /// Last day.
    pub until: Option<String>,
    /// Distinct people who found it broken.
    pub people: u64,
    /// Feedback that did.
    pub feedback: u64,
    /// What operations say last: cases kept, and cases in all.
    pub kept: Option<[u64; 2]>,
    /// The days that they speak of.
    pub measured: Option<[String; 2]>,
    /// Which of the five gaps its breach is, in words.
    pub reading: String,
}

/// Reads the cells of a window, those with most broken promises first; `matrix` holds the counts of the same window.
pub fn alignments(
    view: &View,
    window: &Window,
    matrix: &Matrix,
    numbers: &Numbers,
    registry: &Registry,
) -> Vec<AlignmentRow> {
    let mut cells: BTreeMap<(u8, GapType), Told> = BTreeMap::new();
    let last = matrix.days.map(|days| days.1);
    for (seen, row) in view.rows().filter(|(_, row)| window.holds(row) && row.stage != UNKNOWN) {
        for gap in row.gap_types() {
            let told = cells.entry((row.stage, gap)).or_default();
            if row.kind == Kind::Employee {
                told.employees += 1;
                continue;
            }
            told.others += 1;
            let promised = row.origin_of(gap) == Some(Origin::CompanyPromise);
            told.promised += u64::from(promised);
            if last.is_some_and(|last| row.day.number() > last.number() - HOLDERS_DAYS) {
                told.holders.insert(view.people.canonical(seen.person));
            }
        }
    }
    let mut rows: Vec<AlignmentRow> = cells
        .into_iter()
        .filter(|(_, told)| told.others >= FEWEST_UNMET)
        .filter_map(|((stage, gap), told)| {
            let shown = matrix.get(Cell::Gap(stage, gap)).staff_shown;
            row(numbers, registry, (stage, gap), &told, shown)
        })
        .collect();
    rows.sort_by(|a, b| b.promised.cmp(&a.promised).then(b.unmet.cmp(&a.unmet)).then(a.stage.cmp(&b.stage)));
    rows.truncate(MOST_CELLS);
    rows
}

/// What was told of one cell.
#[derive(Default)]
struct Told {
    others: u64,
    promised: u64,
    employees: u64,
    holders: BTreeSet<u32>,
}

fn row(
    numbers: &Numbers,
    registry: &Registry,
    (stage, gap): (u8, GapType),
    told: &Told,
    staff_shown: bool,
) -> Option<AlignmentRow> {
    // Staff of too small a group are not counted: nothing is then said about the inside view.
    let employees = if staff_shown { told.employees } else { 0 };
    let counts =
        Counts { unmet: told.others, promised: told.promised, feedback: told.others + employees, employees };
    let found = alignment(&counts, &Marks::default());
    let stage = numbers.stage(stage);
    let target = registry.target(&stage, gap);
    let origin = if 2 * told.promised > told.others { Origin::CompanyPromise } else { Origin::Norm };
    let number = gap_number(origin, target, told.holders.len() as u64);
    Some(AlignmentRow {
        stage: stage.to_string(),
        gap: gap.to_string(),
        unmet: told.others,
        promised: told.promised,
        broken_promises: found.broken_promises?.into(),
        employees: staff_shown.then_some(employees),
        inside_view: found.inside_view.filter(|_| staff_shown || told.employees == 0).map(ShareRow::from),
        gap_number: number.number(),
        gap_words: number.words().to_owned(),
        reading: found.reading.words().to_owned(),
    })
}

/// Gives every registered promise with what a window says of it.
pub fn promises(view: &View, window: &Window, registry: &Registry) -> Vec<PromiseRow> {
    let mut broken: BTreeMap<u32, (BTreeSet<u32>, u64)> = BTreeMap::new();
    let ids: BTreeSet<u32> = registry.all().filter_map(|registered| label(view, registered)).collect();
    for (seen, row) in view.rows().filter(|(_, row)| window.holds(row) && row.kind != Kind::Employee) {
        for id in seen.labels.iter().filter(|label| ids.contains(label)) {
            let (people, feedback) = broken.entry(*id).or_default();
            people.insert(view.people.canonical(seen.person));
            *feedback += u64::from(row.gaps != 0);
        }
    }
    let row = |registered: &Registered| {
        let promise = &registered.promise;
        let told = label(view, registered).and_then(|label| broken.get(&label));
        let measured = registered.measured.last();
        PromiseRow {
            id: promise.id.to_string(),
            text: promise.text.clone(),
            gap: promise.gap.to_string(),
            stage: promise.stage.as_ref().map(ToString::to_string),
            touchpoint: promise.touchpoint.as_ref().map(ToString::to_string),
            from: promise.from.map(|day| day.to_string()),
            until: promise.until.map(|day| day.to_string()),
            people: told.map_or(0, |(people, _)| people.len() as u64),
            feedback: told.map_or(0, |(_, feedback)| *feedback),
            kept: measured.map(|measured| [measured.kept, measured.of]),
            measured: measured.map(|measured| [measured.from.to_string(), measured.until.to_string()]),
            reading: reading(registered.target(), told.is_some()).to_owned(),
        }
    };
    registry.all().map(row).collect()
}

fn label(view: &View, registered: &Registered) -> Option<u32> {
    view.find_label(&Label::new(Dimension::Promise, registered.promise.id.as_str())?)
}

/// What operations and customers say of a promise together.
fn reading(target: Target, told: bool) -> &'static str {
    match (target, told) {
        (Target::Missed, _) => GapNumber::Delivery.words(),
        (Target::Met, true) => {
            "operations say that it is kept, and customers that it is not: look at how it is measured"
        }
        (_, true) => GapNumber::Promise.words(),
        (Target::Met, false) => "it is kept, and nobody says otherwise",
        (_, false) => "nobody says that it is broken",
    }
}
