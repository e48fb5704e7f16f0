//! The journey matrix of a window: distinct people and feedback by stage and gap type, by outcome, kind, touchpoint and
//! phase. People are counted once per cell however often they speak.

use std::collections::{BTreeMap, HashMap, HashSet};

use roaring::RoaringBitmap;

use groundswell_model::{Day, GapType, Kind, Outcome};

use crate::holding::{Row, UNKNOWN};
use crate::view::{Seen, View};

/// From which identical text count on a group of posts is called copied.
const COPIED_FROM: usize = 5;

/// A span of days and the kinds that count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// First day; from the beginning if absent.
    pub since: Option<Day>,
    /// Last day; to the end if absent.
    pub until: Option<Day>,
    /// Only this kind.
    pub kind: Option<Kind>,
}

impl Window {
    /// Says whether a row lies in the window.
    pub fn holds(&self, row: &Row) -> bool {
        self.since.is_none_or(|since| row.day >= since)
            && self.until.is_none_or(|until| row.day <= until)
            && self.kind.is_none_or(|kind| row.kind == kind)
    }
}

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// Everything in the window: the exposure.
    All,
    /// Everything of one kind.
    Kind(Kind),
    /// One stage with any outcome.
    Stage(u8),
    /// One stage with an unmet expectation of one type.
    Gap(u8, GapType),
    /// The same, of one kind.
    GapOfKind(u8, GapType, Kind),
    /// One stage with one outcome.
    Outcome(u8, Outcome),
    /// One touchpoint with an unmet expectation.
    Touchpoint(u8),
    /// One phase with an unmet expectation.
    Phase(u8),
}

/// What one cell counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellCount {
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
    /// People known only through texts that at least five people posted alike.
    pub copied: u64,
    /// People without a known identity among them.
    pub unlinked: u64,
    /// Staff feedback that is not counted here, because the group or its remainder is too small.
    pub withheld: u64,
    /// Whether staff may be quoted here.
    pub staff_shown: bool,
}

/// Counts of every cell of a window.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// By cell, in a fixed order.
    pub cells: BTreeMap<Cell, CellCount>,
    /// Feedback that holds free text or a score but whose stage is unknown.
    pub unknown: u64,
    /// First and last day seen in the window.
    pub days: Option<(Day, Day)>,
}

/// Fewest people with a known identity whose employee feedback is counted, shown or quoted together; the remainder of
/// all staff must be as large. People without an identity never satisfy this gate.
pub const SMALL_GROUP: u64 = 5;

/// Staff and others are tallied apart, so that a small group of staff can be left out.
#[derive(Default)]
pub(crate) struct Split {
    others: Tally,
    staff: Tally,
}

/// People and feedback of one side of a split.
#[derive(Clone, Default)]
pub(crate) struct Tally {
    /// People with a text of their own, or none.
    original: RoaringBitmap,
    /// People with a text that many posted alike.
    copied: RoaringBitmap,
    unlinked: RoaringBitmap,
    feedback: u64,
}

impl Matrix {
    /// Counts every cell of a window.
    pub fn of(view: &View, window: &Window) -> Self {
        let copies = copied_texts(view, window);
        let mut splits: HashMap<Cell, Split> = HashMap::new();
        let mut matrix = Self::default();
        for (seen, row) in view.rows().filter(|(_, row)| window.holds(row)) {
            let person = view.people.canonical(seen.person);
            let copied = copies.contains(&row.fingerprint);
            matrix.note(row);
            each_cell(row, |cell| splits.entry(cell).or_default().of(row.kind).take(seen, person, copied));
        }
        let all_staff = splits.get(&Cell::All).map_or(0, Split::known_staff);
        let count = |(cell, split): (Cell, Split)| match cell {
            Cell::All | Cell::Kind(_) => (cell, split.count(None)),
            _ => (cell, split.count(Some(all_staff))),
        };
        matrix.cells = splits.into_iter().map(count).collect();
        matrix
    }

    /// Gives the count of a cell; a cell that nobody spoke of counts nothing.
    pub fn get(&self, cell: Cell) -> CellCount {
        self.cells.get(&cell).cloned().unwrap_or_default()
    }

    /// Gives the gaps by stage and type, most people first; people known only through copied texts do not lift a gap.
    pub fn gaps(&self) -> Vec<(u8, GapType, CellCount)> {
        let mut gaps: Vec<_> = self
            .cells
            .iter()
            .filter_map(|(cell, count)| match cell {
                // A cell of which only a small group of staff spoke is not shown.
                Cell::Gap(stage, gap) if count.people > 0 => Some((*stage, *gap, count.clone())),
                _ => None,
            })
            .collect();
        gaps.sort_by(|a, b| {
            let own = |count: &CellCount| count.people - count.copied;
            own(&b.2).cmp(&own(&a.2)).then(b.2.feedback.cmp(&a.2.feedback)).then((a.0, a.1).cmp(&(b.0, b.1)))
        });
        gaps
    }

    fn note(&mut self, row: &Row) {
        if row.stage == UNKNOWN {
            self.unknown += 1;
        }
        self.days = Some(match self.days {
            None => (row.day, row.day),
            Some((first, last)) => (first.min(row.day), last.max(row.day)),
        });
    }
}

impl Tally {
    /// Takes one feedback in; `copied` says whether its text is one of many that read alike.
    pub(crate) fn take(&mut self, seen: &Seen, person: u32, copied: bool) {
        if copied {
            self.copied.insert(person)
        } else {
            self.original.insert(person)
        };
        if seen.unlinked {
            self.unlinked.insert(person);
        }
        self.feedback += 1;
    }

    fn people(&self) -> u64 {
        self.original.union_len(&self.copied)
    }

    fn linked(&self) -> u64 {
        self.people() - self.unlinked.len()
    }

    fn count(&self) -> CellCount {
        let people = self.people();
        CellCount {
            people,
            feedback: self.feedback,
            copied: people - self.original.len(),
            unlinked: self.unlinked.len(),
            withheld: 0,
            staff_shown: false,
        }
    }
}

impl Split {
    /// The side that feedback of a kind belongs to.
    pub(crate) fn of(&mut self, kind: Kind) -> &mut Tally {
        if kind == Kind::Employee { &mut self.staff } else { &mut self.others }
    }

    /// Staff with a known identity.
    pub(crate) fn known_staff(&self) -> u64 {
        self.staff.linked()
    }

    /// Counts both sides together; staff only where they are no small group. `all_staff` is the number of known staff of the
    /// whole that this is a part of, whose remainder must be as large; none where this is a whole.
    pub(crate) fn count(self, all_staff: Option<u64>) -> CellCount {
        let Self { mut others, staff } = self;
        let group = staff.linked();
        let remainder = all_staff.map_or(SMALL_GROUP, |all| all.saturating_sub(group));
        let shown = group >= SMALL_GROUP && remainder >= SMALL_GROUP;
        if !shown {
            return CellCount { withheld: staff.feedback, ..others.count() };
        }
        others.original |= staff.original;
        others.copied |= staff.copied;
        others.unlinked |= staff.unlinked;
        others.feedback += staff.feedback;
        CellCount { staff_shown: true, ..others.count() }
    }
}

fn each_cell(row: &Row, mut visit: impl FnMut(Cell)) {
    visit(Cell::All);
    visit(Cell::Kind(row.kind));
    visit(Cell::Stage(row.stage));
    for (bit, outcome) in Outcome::ALL.iter().enumerate() {
        if row.outcomes & (1 << bit) != 0 {
            visit(Cell::Outcome(row.stage, *outcome));
        }
    }
    if row.gaps == 0 {
        return;
    }
    for gap in row.gap_types() {
        visit(Cell::Gap(row.stage, gap));
        visit(Cell::GapOfKind(row.stage, gap, row.kind));
    }
    visit(Cell::Touchpoint(row.touchpoint));
    visit(Cell::Phase(row.phase));
}

/// Gives the texts that so many people posted alike that they are called copied.
pub(crate) fn copied_texts(view: &View, window: &Window) -> HashSet<u64> {
    let texts = view.rows().filter(|(_, row)| window.holds(row) && row.fingerprint != 0);
    let mut texts: Vec<(u64, u32)> =
        texts.map(|(seen, row)| (row.fingerprint, view.people.canonical(seen.person))).collect();
    texts.sort_unstable();
    texts.dedup();
    let alike = texts.chunk_by(|left, right| left.0 == right.0);
    alike.filter(|people| people.len() >= COPIED_FROM).filter_map(|people| Some(people.first()?.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holding::Holding;
    use groundswell_model::{FeedbackId, RespondentKey};

    fn row(kind: Kind, person: Option<u8>, day: i32, gaps: u16) -> Holding {
        let row = Row {
            day: Day::from_number(day),
            minute: 0,
            kind,
            respondent: person.map(|person| RespondentKey::from_bytes([person; 16])),
            stage: 3,
            voiced_at: UNKNOWN,
            touchpoint: UNKNOWN,
            phase: UNKNOWN,
            gaps,
            outcomes: u8::from(gaps != 0),
            sentiment: 0,
            quality: 0,
            fingerprint: 0,
            answers: Vec::new(),
            origins: 0,
            labels: Vec::new(),
            handled: None,
            corrected: false,
        };
        Holding { row: Some(row), ..Holding::default() }
    }

    fn view(rows: &[(Kind, Option<u8>, i32, u16)]) -> View {
        let mut view = View::default();
        for (at, (kind, person, day, gaps)) in rows.iter().enumerate() {
            let id = FeedbackId::from_bytes((at as u128).to_be_bytes());
            view.put(id, &row(*kind, *person, *day, *gaps));
        }
        view
    }

    const LATE: Cell = Cell::Gap(3, GapType::Timeliness);

    #[test]
    fn a_person_counts_once_however_often_they_speak() {
        let rows: Vec<_> = (0..20).map(|day| (Kind::Complaint, Some(1), day, 1)).collect();
        let count = Matrix::of(&view(&rows), &Window::default()).get(LATE);
        assert_eq!((count.people, count.feedback), (1, 20));
    }

    #[test]
    fn feedback_without_a_respondent_counts_as_its_own_person_and_says_so() {
        let count =
            Matrix::of(&view(&[(Kind::Public, None, 0, 1), (Kind::Public, None, 0, 1)]), &Window::default());
        let count = count.get(LATE);
        assert_eq!((count.people, count.unlinked), (2, 2));
    }

    #[test]
    fn a_small_group_of_staff_is_left_out_and_so_is_a_small_remainder() {
        let staff = |n: u8, gaps: u16| (Kind::Employee, Some(n), 0, gaps);
        let few: Vec<_> = (0..4).map(|n| staff(n, 1)).chain((10..20).map(|n| staff(n, 0))).collect();
        let count = Matrix::of(&view(&few), &Window::default()).get(LATE);
        assert_eq!((count.people, count.withheld), (0, 4));
        let nearly_all: Vec<_> = (0..10).map(|n| staff(n, 1)).chain((10..13).map(|n| staff(n, 0))).collect();
        assert_eq!(Matrix::of(&view(&nearly_all), &Window::default()).get(LATE).people, 0);
        let enough: Vec<_> = (0..6).map(|n| staff(n, 1)).chain((10..16).map(|n| staff(n, 0))).collect();
        assert_eq!(Matrix::of(&view(&enough), &Window::default()).get(LATE).people, 6);
    }

    #[test]
    fn staff_without_an_identity_never_satisfy_the_gate() {
        let rows: Vec<_> = (0..12).map(|n| (Kind::Employee, None, 0, u16::from(n < 6))).collect();
        let count = Matrix::of(&view(&rows), &Window::default()).get(LATE);
        assert_eq!((count.people, count.withheld), (0, 6));
    }

    #[test]
    fn a_window_holds_its_first_and_last_day() {
        let view = view(&[
            (Kind::Survey, Some(1), 1, 1),
            (Kind::Survey, Some(2), 2, 1),
            (Kind::Survey, Some(3), 3, 1),
        ]);
        let day = |n| Some(Day::from_number(n));
        let window = Window { since: day(2), until: day(3), kind: None };
        assert_eq!(Matrix::of(&view, &window).get(LATE).people, 2);
    }

    #[test]
    fn a_feedback_that_changes_takes_its_count_along() {
        let mut view = view(&[(Kind::Survey, Some(1), 1, 1)]);
        let id = FeedbackId::from_bytes(0_u128.to_be_bytes());
        view.put(id, &row(Kind::Survey, Some(2), 1, 0));
        let matrix = Matrix::of(&view, &Window::default());
        assert_eq!((matrix.get(LATE).people, matrix.get(Cell::All).people), (0, 1));
        view.put(id, &Holding::default());
        assert_eq!(Matrix::of(&view, &Window::default()).get(Cell::All).feedback, 0);
    }
}
