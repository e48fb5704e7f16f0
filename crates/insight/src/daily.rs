//! Daily counts of distinct people for every cell of the journey, with their exposure: who was heard that day.
//! One pass over the view; copied posts and staff of too small a group are left out, so that neither makes an issue.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_model::{Day, GapType, Kind, Origin};

use crate::holding::{Row, UNKNOWN};
use crate::matrix::{Cell, Matrix, Window, copied_texts};
use crate::parts::Parts;
use crate::view::{Seen, View};

/// A cell that can be an issue: a stage and a type of gap.
pub type Spot = (u8, GapType);

/// Daily counts over one span of days, one number for each day.
pub type Counts = Vec<u32>;

/// Days of reported exposure from which on it is used.
pub const FEWEST_REPORTED: usize = 28;

/// Days that are looked back at most: three years.
pub const LONGEST_DAYS: i32 = 3 * 365;

/// Everything that is judged: who was heard, and what each cell counts, day by day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Daily {
    /// The first day of every list.
    pub first: Day,
    /// Distinct people heard each day.
    pub heard: Counts,
    /// Distinct people heard each day, of each kind, in the order of [`Kind::ALL`].
    pub heard_of: Vec<Counts>,
    /// By cell.
    pub cells: BTreeMap<Spot, DailyCell>,
    /// Groups of customers within the cells.
    pub parts: Parts,
    /// Exposure that the company itself reported for a stage, by day; 0 where it reported none.
    pub supplied: BTreeMap<u8, Counts>,
}

/// What one cell counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DailyCell {
    /// Distinct people each day.
    pub people: Counts,
    /// Distinct people each day, of each kind, in the order of [`Kind::ALL`].
    pub people_of: Vec<Counts>,
    /// Who said it and when, in order of days; copied texts are marked.
    pub voices: Vec<Voice>,
}

/// One feedback that supports a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Voice {
    /// Day, counted from the first.
    pub day: u32,
    /// Number of the person.
    pub person: u32,
    /// The kind, by its place in [`Kind::ALL`].
    pub kind: u8,
    /// Near-duplicate signature of its text; 0 where it has none.
    pub text: u64,
    /// Whether it is one of many posts that read alike.
    pub copied: bool,
    /// Whether nobody knows who said it.
    pub unlinked: bool,
    /// Who set the expectation, by its place in `Origin::ALL`; 255 where it is not known.
    pub origin: u8,
}

impl Voice {
    /// The voice as far as it speaks of one type of gap.
    pub(crate) fn about(self, row: &Row, gap: GapType) -> Self {
        let place =
            row.origin_of(gap).and_then(|origin| Origin::ALL.iter().position(|other| *other == origin));
        Self { origin: place.and_then(|at| u8::try_from(at).ok()).unwrap_or(UNKNOWN), ..self }
    }
}

impl Daily {
    /// Counts everything up to and including a day. Feedback of later days does not count, nor does what is older than
    /// [`LONGEST_DAYS`].
    pub fn of(view: &View, until: Day) -> Self {
        let window = Window { since: Some(until.plus(1 - LONGEST_DAYS)), until: Some(until), kind: None };
        let Some(first) = view.rows().filter(|(_, row)| window.holds(row)).map(|(_, row)| row.day).min()
        else {
            return Self::default();
        };
        let copies = copied_texts(view, &window);
        let staff = staff_shown(view, &window);
        let voice = |seen: &Seen, row: &Row| Voice {
            day: since(first, row.day),
            person: view.people.canonical(seen.person),
            kind: kind_number(row.kind),
            text: row.fingerprint,
            copied: copies.contains(&row.fingerprint),
            unlinked: seen.unlinked,
            origin: UNKNOWN,
        };
        let mut heard = Tally::default();
        let mut voices: BTreeMap<Spot, Vec<Voice>> = BTreeMap::new();
        for (seen, row) in view.rows().filter(|(_, row)| window.holds(row)) {
            let voice = voice(seen, row);
            heard.take(voice);
            each_spot(row, |spot| {
                if row.kind != Kind::Employee || staff.contains(&spot) {
                    voices.entry(spot).or_default().push(voice.about(row, spot.1));
                }
            });
        }
        let days = since(first, until) as usize + 1;
        let (heard, heard_of) = heard.count(days);
        let cells = voices.into_iter().map(|(spot, voices)| (spot, DailyCell::of(voices, days))).collect();
        let parts = Parts::of(view, days, |seen, row| window.holds(row).then(|| voice(seen, row)));
        Self { first, heard, heard_of, cells, parts, supplied: BTreeMap::new() }
    }

    /// Who could have spoken of a stage each day: what the company reported, or else who was heard.
    pub fn exposure(&self, stage: u8) -> &Counts {
        self.supplied.get(&stage).unwrap_or(&self.heard)
    }

    /// Takes in what the company reported for a stage: people who could have spoken of it, by day. Where it reports fewer
    /// than [`FEWEST_REPORTED`] days, who was heard stays the denominator.
    pub fn supply(&mut self, stage: u8, reported: impl Iterator<Item = (Day, u32)>) {
        let mut counts = vec![0; self.days()];
        let mut days = 0;
        for (day, count) in reported {
            if let Some(slot) = self.place(day).and_then(|at| counts.get_mut(at)) {
                *slot = count;
                days += usize::from(count > 0);
            }
        }
        if days >= FEWEST_REPORTED {
            self.supplied.insert(stage, counts);
        }
    }

    /// Number of days.
    pub fn days(&self) -> usize {
        self.heard.len()
    }

    /// Gives the day at a place.
    pub fn day(&self, at: usize) -> Day {
        self.first.plus(i32::try_from(at).unwrap_or(i32::MAX))
    }

    /// Gives the place of a day, where it lies in the span.
    pub fn place(&self, day: Day) -> Option<usize> {
        usize::try_from(day.number().checked_sub(self.first.number())?).ok().filter(|at| *at < self.days())
    }
}

impl DailyCell {
    pub(crate) fn of(mut voices: Vec<Voice>, days: usize) -> Self {
        voices.sort_unstable();
        let mut tally = Tally::default();
        voices.iter().filter(|voice| !voice.copied).for_each(|voice| tally.take(*voice));
        let (people, people_of) = tally.count(days);
        Self { people, people_of, voices }
    }

    /// People of each day from one place to another, both included, added up: person-days.
    pub fn people_in(&self, from: usize, to: usize) -> u64 {
        total(&self.people, from, to)
    }

    /// Gives the voices of a span of places, both ends included.
    pub fn voices_in(&self, from: usize, to: usize) -> &[Voice] {
        let at = |bound: usize| self.voices.partition_point(|voice| (voice.day as usize) < bound);
        self.voices.get(at(from)..at(to.saturating_add(1))).unwrap_or_default()
    }
}

/// Pairs of day and person, all together and by kind.
#[derive(Default)]
struct Tally {
    all: Vec<(u32, u32)>,
    by_kind: Vec<(u8, u32, u32)>,
}

impl Tally {
    fn take(&mut self, voice: Voice) {
        self.all.push((voice.day, voice.person));
        self.by_kind.push((voice.kind, voice.day, voice.person));
    }

    fn count(mut self, days: usize) -> (Counts, Vec<Counts>) {
        self.all.sort_unstable();
        self.all.dedup();
        self.by_kind.sort_unstable();
        self.by_kind.dedup();
        let mut all = vec![0; days];
        let mut of = vec![vec![0; days]; Kind::ALL.len()];
        self.all.iter().for_each(|(day, _)| add(&mut all, *day));
        for (kind, day, _) in &self.by_kind {
            if let Some(counts) = of.get_mut(usize::from(*kind)) {
                add(counts, *day);
            }
        }
        (all, of)
    }
}

/// Adds up counts from one place to another, both included.
pub fn total(counts: &[u32], from: usize, to: usize) -> u64 {
    counts.get(from..=to).unwrap_or_default().iter().map(|count| u64::from(*count)).sum()
}

fn add(counts: &mut Counts, day: u32) {
    if let Some(count) = counts.get_mut(day as usize) {
        *count += 1;
    }
}

fn since(first: Day, day: Day) -> u32 {
    u32::try_from(day.number().saturating_sub(first.number())).unwrap_or(0)
}

fn kind_number(kind: Kind) -> u8 {
    Kind::ALL.iter().position(|other| *other == kind).and_then(|at| u8::try_from(at).ok()).unwrap_or(UNKNOWN)
}

pub(crate) fn each_spot(row: &Row, mut visit: impl FnMut(Spot)) {
    row.gap_types().for_each(|gap| visit((row.stage, gap)));
}

/// Cells in which staff may be counted: the group and its remainder have at least five known people.
fn staff_shown(view: &View, window: &Window) -> BTreeSet<Spot> {
    let matrix = Matrix::of(view, window);
    let spot = |(cell, count): (&Cell, &crate::CellCount)| match cell {
        Cell::Gap(stage, gap) if count.staff_shown => Some((*stage, *gap)),
        _ => None,
    };
    matrix.cells.iter().filter_map(spot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holding::Holding;
    use groundswell_model::{FeedbackId, RespondentKey};

    /// Who spoke on which day: kind, person, day, bits of gaps, fingerprint of the text.
    type Said = (Kind, u8, i32, u16, u64);

    fn view(said: &[Said]) -> View {
        let mut view = View::default();
        for (at, (kind, person, day, gaps, fingerprint)) in said.iter().enumerate() {
            let row = Row {
                day: Day::from_number(*day),
                minute: 0,
                kind: *kind,
                respondent: Some(RespondentKey::from_bytes([*person; 16])),
                stage: 3,
                voiced_at: UNKNOWN,
                touchpoint: UNKNOWN,
                phase: UNKNOWN,
                gaps: *gaps,
                outcomes: 0,
                sentiment: 0,
                quality: 0,
                fingerprint: *fingerprint,
                answers: Vec::new(),
                origins: 0,
                labels: Vec::new(),
                handled: None,
                corrected: false,
            };
            let id = FeedbackId::from_bytes((at as u128).to_be_bytes());
            view.put(id, &Holding { row: Some(row), ..Holding::default() });
        }
        view
    }

    const LATE: Spot = (3, GapType::Timeliness);

    #[test]
    fn a_day_counts_people_and_not_what_they_say_again() {
        let view = view(&[
            (Kind::Complaint, 1, 10, 1, 0),
            (Kind::Survey, 1, 10, 1, 0),
            (Kind::Complaint, 2, 12, 1, 0),
            (Kind::Complaint, 3, 12, 0, 0),
            (Kind::Complaint, 4, 13, 1, 0),
        ]);
        let daily = Daily::of(&view, Day::from_number(12));
        assert_eq!((daily.first, daily.days()), (Day::from_number(10), 3));
        assert_eq!(daily.heard, [1, 0, 2]);
        let cell = &daily.cells[&LATE];
        assert_eq!(cell.people, [1, 0, 1]);
        assert_eq!(cell.people_of[0], [1, 0, 1]);
        assert_eq!(cell.people_of[1], [1, 0, 0]);
        assert_eq!(cell.voices_in(0, 0).len(), 2);
        assert_eq!(cell.voices_in(1, 2).len(), 1);
        assert_eq!(daily.place(Day::from_number(12)), Some(2));
        assert_eq!(daily.place(Day::from_number(13)), None);
    }

    #[test]
    fn copied_posts_and_small_groups_of_staff_do_not_count() {
        let mut said: Vec<Said> = (0..6).map(|n| (Kind::Public, n, 0, 1, 77)).collect();
        said.push((Kind::Public, 9, 0, 1, 5));
        said.extend((20..24).map(|n| (Kind::Employee, n, 0, 1, 0)));
        said.extend((30..40).map(|n| (Kind::Employee, n, 0, 0, 0)));
        let daily = Daily::of(&view(&said), Day::from_number(0));
        let cell = &daily.cells[&LATE];
        assert_eq!(cell.people, [1]);
        assert_eq!(cell.voices.iter().filter(|voice| voice.copied).count(), 6);
        assert_eq!(daily.heard, [21]);
    }

    #[test]
    fn nothing_heard_gives_no_days() {
        assert_eq!(Daily::of(&View::default(), Day::from_number(5)), Daily::default());
    }
}
