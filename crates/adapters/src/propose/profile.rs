//! What the cells of a column have in common.

use std::collections::BTreeMap;

use groundswell_model::{RawRecord, Timestamp};
use jiff::tz::TimeZone;

use crate::dates::DateFormat;
use crate::mapping::{Column, TableMapping};
use crate::rows::Row;
use crate::table::{RowCells, number};

/// Distinct values that are remembered of a column.
const REMEMBERED: usize = 200;
/// Share of the cells that must fit.
const MOST: f64 = 0.95;
/// Date formats that are tried: those without a doubt first, then pairs that differ in the order of day and month.
const FORMATS: [&str; 18] = [
    "rfc3339",
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d %b %Y",
    "%b %d, %Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d-%m-%Y",
    "%m-%d-%Y",
];

/// What was seen of one column.
#[derive(Debug, Default)]
pub(super) struct Profile {
    /// Its name.
    pub(super) name: String,
    /// Cells that hold something.
    pub(super) filled: usize,
    /// Distinct values with their counts, up to a bound.
    pub(super) values: BTreeMap<String, usize>,
    /// Whether every filled cell differs from every other.
    pub(super) unique: bool,
    /// Mean length in characters.
    pub(super) length: f64,
    /// Share of cells with more than one word.
    pub(super) wordy: f64,
    /// Share of cells with HTML tags.
    pub(super) html: f64,
    /// Share of cells that are e-mail addresses.
    pub(super) mail: f64,
    /// Smallest and greatest number, where nearly all cells are numbers.
    pub(super) range: Option<(f64, f64)>,
    /// Whether all numbers are whole.
    pub(super) whole: bool,
    /// Date formats that nearly all cells fit; several if the order of day and month is open.
    pub(super) dates: Vec<DateFormat>,
}

impl Profile {
    /// Looks at every column.
    pub(super) fn of(table: &TableMapping, columns: &[String], rows: &[Row]) -> Vec<Self> {
        let mut names: Vec<String> = columns.to_vec();
        let read = |row| {
            let raw = record(row, columns);
            RowCells::read(table, &raw).ok()
        };
        let rows: Vec<RowCells<'_>> = rows.iter().filter_map(read).collect();
        if names.is_empty() {
            let mut keys: Vec<String> = rows.iter().flat_map(RowCells::keys).collect();
            keys.sort();
            keys.dedup();
            names = keys;
        }
        names.into_iter().map(|name| Self::column(name, &rows)).collect()
    }

    fn column(name: String, rows: &[RowCells<'_>]) -> Self {
        let column = Column::from(name.as_str());
        let cells: Vec<String> =
            rows.iter().filter_map(|row| Some(row.get(&column).ok()??.into_owned())).collect();
        let mut seen: Vec<&String> = cells.iter().collect();
        seen.sort();
        seen.dedup();
        let unique = seen.len() == cells.len();
        let share = |fits: &dyn Fn(&String) -> bool| {
            cells.iter().filter(|cell| fits(cell)).count() as f64 / cells.len().max(1) as f64
        };
        let numbers: Vec<f64> = cells.iter().filter_map(|cell| number(cell)).collect();
        let numeric = !cells.is_empty() && numbers.len() as f64 >= MOST * cells.len() as f64;
        let bounds = |(low, high): (f64, f64), value: &f64| (low.min(*value), high.max(*value));
        let mut profile = Self {
            filled: cells.len(),
            unique,
            length: cells.iter().map(|cell| cell.chars().count()).sum::<usize>() as f64
                / cells.len().max(1) as f64,
            wordy: share(&|cell| cell.split_whitespace().nth(1).is_some()),
            html: share(&|cell| cell.contains("</") || cell.contains("<p>") || cell.contains("<br")),
            mail: share(&|cell| is_mail(cell)),
            range: numeric.then(|| numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), bounds)),
            whole: numbers.iter().all(|value| value.fract() == 0.0),
            dates: dates(&cells),
            values: BTreeMap::new(),
            name,
        };
        for cell in cells {
            if profile.values.len() < REMEMBERED || profile.values.contains_key(&cell) {
                *profile.values.entry(cell).or_default() += 1;
            }
        }
        profile
    }

    /// Says whether the column has few different values.
    pub(super) fn is_category(&self) -> bool {
        let distinct = self.values.len();
        distinct < REMEMBERED && distinct * 2 <= self.filled.max(2) && self.length <= 60.0
    }

    /// Says whether the order of day and month is open.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.dates.len() > 1
    }
}

fn record<'a>(row: &'a Row, columns: &'a [String]) -> RawRecord<'a> {
    RawRecord {
        bytes: &row.bytes,
        key: None,
        received_at: Timestamp::default(),
        columns: (!columns.is_empty()).then_some(columns),
        row: Some(row.number),
    }
}

fn is_mail(cell: &str) -> bool {
    cell.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !host.contains('@') && !cell.contains(char::is_whitespace)
    })
}

/// Finds the formats that nearly all cells fit: the first, and its counterpart in the order of day and month.
fn dates(cells: &[String]) -> Vec<DateFormat> {
    if cells.is_empty() || cells.iter().take(20).all(|cell| number(cell).is_some()) {
        return epoch(cells);
    }
    let mut fitting = Vec::new();
    for text in FORMATS {
        let Ok(format) = text.parse::<DateFormat>() else { continue };
        let bad = (cells.len() as f64 * (1.0 - MOST)) as usize;
        let unread =
            cells.iter().filter(|cell| format.read(cell, &TimeZone::UTC).is_none()).take(bad + 1).count();
        if unread <= bad {
            fitting.push((unread, format));
        }
    }
    // Of two orders the one that reads more cells holds; only a draw is a question.
    let fewest = fitting.iter().map(|(unread, _)| *unread).min();
    let fitting = fitting.into_iter().filter(|(unread, _)| Some(*unread) == fewest).map(|(_, format)| format);
    fitting.take(2).collect()
}

/// Numbers of ten or thirteen digits are Unix times.
fn epoch(cells: &[String]) -> Vec<DateFormat> {
    let all = |digits: usize| {
        !cells.is_empty()
            && cells.iter().all(|cell| {
                cell.len() == digits && cell.starts_with('1') && cell.bytes().all(|b| b.is_ascii_digit())
            })
    };
    match (all(10), all(13)) {
        (true, _) => vec![DateFormat::Unix],
        (_, true) => vec![DateFormat::UnixMs],
        _ => Vec::new(),
    }
}
