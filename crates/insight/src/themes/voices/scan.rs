//! The scan behind [`Voices`]: staff and others apart until it is known whether staff may be counted.

use std::collections::HashSet;

use groundswell_model::{Day, Kind};

use super::{LEAD, Leaves, Said, ThemeVoices, Voices, WEEK, monday};
use crate::daily::{Counts, LONGEST_DAYS};
use crate::holding::{Dimension, Row};
use crate::matrix::{Split, Window};
use crate::view::{Seen, View};

/// The days that are looked at.
pub struct Span {
    /// The first, before the window.
    pub start: Day,
    /// The window's first.
    pub first: Day,
    /// The window's last.
    pub last: Day,
}

impl Span {
    /// The days of a window; none where nothing says which.
    pub fn of(view: &View, window: &Window) -> Option<Self> {
        let (first, last) = match (window.since, window.until) {
            (Some(first), Some(last)) => (first, last),
            (since, until) => {
                let (first, last) = days_seen(view, window)?;
                (since.unwrap_or(first), until.unwrap_or(last))
            }
        };
        let first = first.max(last.plus(1 - LONGEST_DAYS));
        (first <= last).then(|| Self { start: first.plus(-LEAD), first, last })
    }

    /// The place of a day, counted from the first that is looked at.
    fn place(&self, day: Day) -> u32 {
        u32::try_from(day.number().saturating_sub(self.start.number())).unwrap_or(0)
    }

    fn days(&self) -> usize {
        self.place(self.last) as usize + 1
    }
}

/// The first and the last day of the feedback of a window.
fn days_seen(view: &View, window: &Window) -> Option<(Day, Day)> {
    let days = view.rows().filter(|(_, row)| window.holds(row)).map(|(_, row)| row.day);
    days.fold(None, |seen, day| Some(widened(seen, (day, day))))
}

/// Two spans of days as one.
fn widened(span: Option<(Day, Day)>, (from, to): (Day, Day)) -> (Day, Day) {
    span.map_or((from, to), |(first, last)| (first.min(from), last.max(to)))
}

/// What one theme has while the view is scanned.
#[derive(Default)]
struct Told {
    people: Split,
    unmet: Split,
    others: Side,
    staff: Side,
}

/// What is counted of staff, or of all others.
#[derive(Default)]
struct Side {
    sentiment: i64,
    days: Option<(Day, Day)>,
    said: Vec<Said>,
}

/// One feedback as the scan sees it.
struct One<'a> {
    seen: &'a Seen,
    row: &'a Row,
    said: Said,
    /// Whether its text is one of many that read alike.
    copied: bool,
    /// Whether its day is in the series, or in those before them.
    placed: bool,
    /// Whether it is in the window.
    inside: bool,
}

/// The scan over the view.
pub struct Scan<'a> {
    view: &'a View,
    copies: &'a HashSet<u64>,
    /// Of each label by its number: the theme of its leaf, and nothing for what is no theme.
    themes_of: Vec<Option<Leaf>>,
    staff: Split,
    /// Days and people.
    heard: Vec<(u32, u32)>,
    told: Vec<Told>,
    voices: Voices,
}

/// A leaf, and the theme that it belongs to where it was asked for.
type Leaf = Option<u32>;

impl<'a> Scan<'a> {
    /// Starts a scan.
    pub fn new(view: &'a View, leaves: &Leaves, copies: &'a HashSet<u64>) -> Self {
        let themes_of = view
            .labels()
            .iter()
            .map(|label| (label.dimension == Dimension::Theme).then(|| leaves.get(&label.value).copied()));
        let themes_of = themes_of.collect();
        let count = leaves.values().max().map_or(0, |last| *last as usize + 1);
        let told = std::iter::repeat_with(Told::default).take(count).collect();
        let (staff, heard, voices) = (Split::default(), Vec::new(), Voices::default());
        Self { view, copies, themes_of, staff, heard, told, voices }
    }

    /// Takes one feedback in; `inside` says whether it is in the window, and not before it.
    pub fn take(&mut self, seen: &Seen, row: &Row, span: &Span, inside: bool) {
        let person = self.view.people.canonical(seen.person);
        let said = Said { day: span.place(row.day), person, unlinked: seen.unlinked };
        let copied = self.copies.contains(&row.fingerprint);
        // Feedback that is older than the series counts for the whole window only.
        let placed = row.day >= span.start;
        if placed {
            self.heard.push((said.day, person));
        }
        let one = One { seen, row, said, copied, placed, inside };
        if inside && row.kind == Kind::Employee {
            self.staff.of(row.kind).take(seen, person, copied);
        }
        let leaf = |label: &u32| self.themes_of.get(*label as usize).copied().flatten();
        let (mut known, mut themed) = (false, false);
        for (at, label) in seen.labels.iter().enumerate() {
            let Some(theme) = leaf(label) else { continue };
            known = true;
            // Two leaves of one theme are one voice in it.
            let again = seen.labels.iter().take(at).any(|other| leaf(other) == Some(theme));
            let told = theme.filter(|_| !again).and_then(|theme| self.told.get_mut(theme as usize));
            if let Some(told) = told {
                told.take(&one);
                themed = true;
            }
        }
        if inside && row.quality > 0 {
            self.voices.texts += 1;
            self.voices.without_theme += u64::from(!known);
            self.voices.left_out += u64::from(known && !themed);
        }
    }

    /// Ends the scan.
    pub fn count(self, span: &Span) -> Voices {
        let Self { staff, mut heard, told, mut voices, .. } = self;
        heard.sort_unstable();
        heard.dedup();
        let mut all = vec![0; span.days()];
        for (day, _) in heard {
            all.get_mut(day as usize).into_iter().for_each(|count: &mut u32| *count += 1);
        }
        voices.first = span.first;
        voices.heard = all.split_off(span.place(span.first) as usize);
        voices.before = all;
        let all_staff = staff.known_staff();
        voices.themes = told.into_iter().map(|told| told.count(span, all_staff)).collect();
        voices
    }
}

impl Told {
    fn take(&mut self, one: &One<'_>) {
        let One { seen, row, said, copied, .. } = *one;
        let side = if row.kind == Kind::Employee { &mut self.staff } else { &mut self.others };
        if one.placed && !copied {
            side.said.push(said);
        }
        if !one.inside {
            return;
        }
        side.sentiment += i64::from(row.sentiment);
        side.days = Some(widened(side.days, (row.day, row.day)));
        self.people.of(row.kind).take(seen, said.person, copied);
        if row.gaps != 0 {
            self.unmet.of(row.kind).take(seen, said.person, copied);
        }
    }

    fn count(self, span: &Span, all_staff: u64) -> ThemeVoices {
        let Self { people, unmet, others: mut side, staff } = self;
        let counted = people.count(Some(all_staff));
        if counted.staff_shown {
            side.join(staff);
        }
        let mut said = side.said;
        said.sort_unstable();
        let own = said.partition_point(|said| said.day < span.place(span.first));
        let inside = said.get(own..).unwrap_or_default();
        ThemeVoices {
            people: counted.people,
            feedback: counted.feedback,
            copied: counted.copied,
            unlinked: counted.unlinked,
            unmet: unmet.count(Some(all_staff)).people,
            withheld: counted.withheld,
            sentiment: (counted.feedback > 0)
                .then(|| side.sentiment as f64 / (100.0 * counted.feedback as f64)),
            days: side.days,
            by_day: by_day(&said, span.days()).split_off(span.place(span.first) as usize),
            by_week: by_week(inside, span),
            said,
        }
    }
}

impl Side {
    fn join(&mut self, other: Self) {
        self.sentiment += other.sentiment;
        self.said.extend(other.said);
        if let Some(days) = other.days {
            self.days = Some(widened(self.days, days));
        }
    }
}

/// Distinct people each day, of voices in order.
pub fn by_day(said: &[Said], days: usize) -> Counts {
    let mut counts = vec![0; days];
    for of_person in said.chunk_by(|left, right| (left.day, left.person) == (right.day, right.person)) {
        let day = of_person.first().and_then(|said| counts.get_mut(said.day as usize));
        day.into_iter().for_each(|count| *count += 1);
    }
    counts
}

/// Distinct people each week of the window.
fn by_week(said: &[Said], span: &Span) -> Counts {
    let first = span.place(monday(span.first));
    let week = |day: u32| day.saturating_sub(first) as usize / WEEK;
    let mut pairs: Vec<(usize, u32)> = said.iter().map(|said| (week(said.day), said.person)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut counts = vec![0; week(span.place(span.last)) + 1];
    for (week, _) in pairs {
        counts.get_mut(week).into_iter().for_each(|count| *count += 1);
    }
    counts
}
