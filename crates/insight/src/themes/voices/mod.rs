//! Who speaks of each theme: distinct people, feedback and mood of a window, people by day and by week, and rises.
//!
//! One scan over the view, and a second for copied texts. A million rows of 400 themes take well under a second
//! (`cargo bench -p groundswell-insight --bench themes`). Staff are left out of a theme as they are of a cell of the matrix.

mod scan;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use groundswell_model::Day;

use super::rise::{Rise, Risen};
use crate::daily::Counts;
#[cfg(doc)]
use crate::daily::LONGEST_DAYS;
use crate::detect::baseline::{GUARD, Point, WINDOW};
use crate::detect::gates::{Concentration, Message};
use crate::detect::series::weekday;
use crate::matrix::{Window, copied_texts};
use crate::view::View;
use scan::{Scan, Span, by_day};

/// Days before a window that are looked at besides, so that its first days have something to be compared with.
const LEAD: i32 = (WINDOW + GUARD + WINDOW) as i32;

const WEEK: usize = 7;

/// Which theme each leaf belongs to: the value of its label, and the number of the theme, from 0.
pub type Leaves = HashMap<String, u32>;

/// Who speaks of what in a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voices {
    /// The first day of every series of days, the window's own or that of its first feedback; at most [`LONGEST_DAYS`] before
    /// the last one.
    pub first: Day,
    /// Distinct people heard each day: who could have spoken of a theme.
    pub heard: Counts,
    /// By the number of the theme.
    pub themes: Vec<ThemeVoices>,
    /// Feedback with free text.
    pub texts: u64,
    /// Those of them that have no theme.
    pub without_theme: u64,
    /// Those of them whose leaves belong to no theme that was asked for.
    pub left_out: u64,
    /// Distinct people heard in the days before the first.
    before: Counts,
}

/// Who speaks of one theme in a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThemeVoices {
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
    /// People known only through texts that at least five people posted alike.
    pub copied: u64,
    /// People without a known identity among them.
    pub unlinked: u64,
    /// People of whom an expectation was not met.
    pub unmet: u64,
    /// Staff feedback that is not counted here, because the group or its remainder is too small.
    pub withheld: u64,
    /// Mean sentiment of the feedback, -1 to 1; none without feedback.
    pub sentiment: Option<f64>,
    /// First and last day.
    pub days: Option<(Day, Day)>,
    /// Distinct people each day of the window, copied texts left out.
    pub by_day: Counts,
    /// The same each week; weeks begin on Mondays, the first on or before the window's first day.
    pub by_week: Counts,
    /// Every voice of the window and the days before it, in order, copied texts left out.
    said: Vec<Said>,
}

/// One feedback in a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    /// Day, counted from the first that is looked at.
    day: u32,
    person: u32,
    unlinked: bool,
}

impl Voices {
    /// Counts the voices of a window; `leaves` says which theme each leaf belongs to, and a leaf that it does not name is left
    /// out. A window without a last day ends with the last feedback.
    pub fn of(view: &View, window: &Window, leaves: &Leaves) -> Self {
        let Some(span) = Span::of(view, window) else { return Self::default() };
        let since = window.since.map(|since| since.plus(-LEAD));
        let wide = Window { since, until: Some(span.last), kind: window.kind };
        let copies = copied_texts(view, &wide);
        let mut scan = Scan::new(view, leaves, &copies);
        for (seen, row) in view.rows().filter(|(_, row)| wide.holds(row)) {
            scan.take(seen, row, &span, window.holds(row));
        }
        scan.count(&span)
    }

    /// Gives the rises of a theme that reach into the window, in order of days.
    pub fn rises(&self, theme: usize) -> Vec<Rise> {
        let Some(told) = self.themes.get(theme) else { return Vec::new() };
        let heard: Counts = self.before.iter().chain(&self.heard).copied().collect();
        let people = by_day(&told.said, heard.len());
        let points: Vec<Point> =
            people.iter().zip(&heard).map(|(people, heard)| Point::new(*people, *heard as f32)).collect();
        let first = self.first.plus(-i32::try_from(self.before.len()).unwrap_or(0));
        let risen = Risen { first, points: &points, spread: &|from, to| told.spread(from, to) };
        let mut rises = risen.all();
        rises.retain(|rise| rise.until.is_none_or(|until| until >= self.first));
        rises
    }

    /// Gives the rise of a theme that still lasts on the window's last day, or else the strongest that reaches into the window.
    pub fn rise(&self, theme: usize) -> Option<Rise> {
        let rises = self.rises(theme);
        let lasting = rises.iter().find(|rise| rise.until.is_none());
        lasting.or_else(|| rises.iter().max_by(|a, b| a.score.total_cmp(&b.score))).copied()
    }

    /// Gives the Monday with which a week of a theme's series begins.
    pub fn week(&self, at: usize) -> Day {
        monday(self.first).plus(i32::try_from(at.saturating_mul(WEEK)).unwrap_or(i32::MAX))
    }
}

impl ThemeVoices {
    /// How the voices of some days, counted from the first that is looked at, are spread.
    fn spread(&self, from: usize, to: usize) -> Concentration {
        let before = |bound: usize| self.said.partition_point(|said| (said.day as usize) < bound);
        let messages = self.said.get(before(from)..before(to.saturating_add(1))).unwrap_or_default().iter();
        let messages: Vec<Message> = messages
            .map(|said| Message {
                person: (!said.unlinked).then_some(u64::from(said.person)),
                day: Day::from_number(i32::try_from(said.day).unwrap_or(i32::MAX)),
                source: 0,
                copied: false,
            })
            .collect();
        Concentration::of(&messages)
    }
}

/// The Monday on or before a day.
fn monday(day: Day) -> Day {
    day.plus(-i32::try_from(weekday(day)).unwrap_or(0))
}
