//! What the counts of a day show: a pure function of daily counts, declared fixes and what was recorded before.
//! History is judged by the same code, day by day, from an empty record.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use groundswell_insight::detect::corroborate::{Corroboration, KindWeek};
use groundswell_insight::detect::gates::{Concentration, Message};
use groundswell_insight::detect::signals::{FEWEST_PEOPLE, SMALLEST_EXCESS};
use groundswell_insight::detect::since::Since;
use groundswell_insight::detect::standing::{Held, Standing};
use groundswell_insight::detect::{Kin, Point, Reading, Rule, Series, Thresholds, many, since, standing};
use groundswell_insight::{Daily, DailyCell, Label, Spot, UNKNOWN, daily};
use groundswell_model::{
    Change, Day, Evidence, IssueId, IssuePlace, IssueState, Kind, KindNumbers, Numbers as Counted, Pattern,
    Verdict,
};

use super::verified::{self, Detected};
use super::{Fix, Issues};
use crate::row::Numbers;

/// The limits of a detector: one false alarm per series and 180 days.
const LIMITS: Thresholds = Thresholds::PER_180_DAYS;

/// Log-likelihood by which a raised rate must explain the days since it began better than chance, before an issue is
/// confirmed. Chance may try a hundred cells on 180 days with 28 days to begin on, whose logarithm is 13; as days and
/// beginnings overlap, a little less is asked.
pub const CLEAR: f64 = 12.0;

/// By how much clearer a part of a cell must be: it has fewer people, and is tried beside its whole.
const PART_MORE: f64 = 4.0;

/// Days over which standing issues are compared.
const WINDOW: usize = 84;

/// Days of a month, as far as standing issues go.
const MONTH: usize = 28;

/// Share of all cells that a standing issue must lie above.
const TOP: f64 = 0.90;

/// Days after which a cell that was seen and never confirmed is seen anew.
pub(super) const FORGOTTEN: i32 = 28;

/// Judges days.
pub struct Judge<'a> {
    pub(super) daily: &'a Daily,
    pub(super) cells: Vec<Cell<'a>>,
    /// How many cells are whole, and how many of those are of a known stage.
    pub(super) wholes: usize,
    known: usize,
    fixes: BTreeMap<IssueId, Vec<Fix>>,
    recorded: BTreeMap<IssueId, Vec<Change>>,
}

/// One cell with the numbers of its days.
pub(super) struct Cell<'a> {
    id: IssueId,
    pub(super) spot: Spot,
    counts: &'a DailyCell,
    /// Who could have spoken each day.
    pub(super) heard: &'a [u32],
    readings: Vec<Option<Reading>>,
    /// The same of each kind by itself.
    kinds: Vec<OfKind>,
}

/// One kind's numbers of the days of a cell.
struct OfKind {
    kind: Kind,
    readings: Vec<Option<Reading>>,
}

/// What is known of a cell while days are judged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    state: Option<IssueState>,
    verdict: Option<Verdict>,
    /// The day of the last detection, and what was detected.
    pub(super) seen: Option<Day>,
    detected: Option<Detected>,
}

impl<'a> Judge<'a> {
    /// Prepares to judge the days of these counts.
    pub fn new(daily: &'a Daily, numbers: &Numbers, issues: &Issues) -> Self {
        Self::from(daily, numbers, issues, 0)
    }

    /// Prepares to judge the last of these days only.
    pub fn of_last(daily: &'a Daily, numbers: &Numbers, issues: &Issues) -> Self {
        Self::from(daily, numbers, issues, last_heard(daily))
    }

    /// Prepares to judge the days from a place on; what lies before has no numbers of its own. Whole cells come first, those
    /// of an unknown stage last of them, then parts of cells.
    fn from(daily: &'a Daily, numbers: &Numbers, issues: &Issues, from: usize) -> Self {
        let whole = daily.cells.iter().map(|(spot, counts)| {
            let heard = daily.exposure(spot.0);
            let of = |people: &[u32], heard: &[u32]| readings(daily.first, people, heard, from);
            let kinds = Kind::ALL.iter().zip(counts.people_of.iter().zip(&daily.heard_of));
            Cell {
                id: id(numbers, *spot),
                spot: *spot,
                counts,
                heard,
                readings: of(&counts.people, heard),
                kinds: kinds
                    .map(|(kind, (people, heard))| OfKind { kind: *kind, readings: of(people, heard) })
                    .collect(),
            }
        });
        let part = |((spot, label), counts): (&'a (Spot, Label), &'a DailyCell)| {
            let heard = daily.parts.heard.get(label)?;
            let place = IssuePlace { family: label.family().to_owned(), value: label.within().to_owned() };
            Some(Cell {
                id: IssueId { place: Some(place), ..id(numbers, *spot) },
                spot: *spot,
                counts,
                heard,
                readings: readings(daily.first, &counts.people, heard, from),
                kinds: Vec::new(),
            })
        };
        let mut cells: Vec<Cell<'a>> = whole.collect();
        let wholes = cells.len();
        cells.extend(daily.parts.cells.iter().filter_map(part));
        let known = daily.cells.keys().filter(|spot| spot.0 != UNKNOWN).count();
        Self { daily, cells, wholes, known, fixes: issues.fixes(), recorded: issues.changes() }
    }

    /// Judges every day, as if nothing had been recorded.
    pub fn history(&self) -> Vec<Change> {
        let mut known = vec![Known::default(); self.cells.len()];
        (0..self.daily.days()).flat_map(|at| self.day(at, &mut known)).collect()
    }

    /// Judges the last day after what was recorded. Where nobody was heard that day, it is the last one that was: sources that
    /// deliver late have told of it since it was closed.
    pub fn last(&self) -> Vec<Change> {
        if self.daily.days() == 0 {
            return Vec::new();
        }
        let at = last_heard(self.daily);
        let known = |cell: &Cell<'_>| Known::of(self.recorded.get(&cell.id).map_or(&[][..], Vec::as_slice));
        let mut known: Vec<Known> = self.cells.iter().map(known).collect();
        self.day(at, &mut known)
    }

    fn day(&self, at: usize, known: &mut [Known]) -> Vec<Change> {
        let wholes = self.surprising(0..self.wholes, at);
        let parts = self.surprising(self.wholes..self.cells.len(), at);
        let standing = self.compared(at);
        let mut rising: Vec<Option<Change>> = Vec::with_capacity(self.cells.len());
        for (number, (cell, known)) in self.cells.iter().zip(known.iter()).enumerate() {
            let surprising = wholes.contains(&number) || parts.contains(&number);
            rising.push(self.rising(cell, at, *known, surprising, self.clear(number)));
        }
        self.merge(&mut rising, at, known);
        let standing: Vec<Standing> =
            standing.into_iter().filter(|found| !self.has_open_part(found.cell, known)).collect();
        let mut changes = Vec::new();
        for (number, ((cell, known), rising)) in self.cells.iter().zip(known).zip(rising).enumerate() {
            let found = rising
                .or_else(|| self.standing(number, at, *known, &standing))
                .or_else(|| self.verified(cell, at, *known));
            if let Some(change) = found {
                known.take(&change);
                changes.push(change);
            }
        }
        changes
    }

    /// How well a raised rate must explain the days since it began: better, the more cells of its sort there are.
    fn clear(&self, number: usize) -> f64 {
        let parts = (self.cells.len() - self.wholes) as f64;
        if number < self.wholes {
            CLEAR
        } else {
            CLEAR + PART_MORE + (parts / self.wholes as f64).max(1.0).ln()
        }
    }

    /// Cells whose last seven days hold more people than chance explains, of all cells of a sort judged that day.
    fn surprising(&self, cells: Range<usize>, at: usize) -> BTreeSet<usize> {
        let p: Vec<f64> =
            self.cells.get(cells.clone()).unwrap_or_default().iter().map(|cell| cell.surprise(at)).collect();
        let believed = many::believed(&p, many::FALSE_SHARE);
        cells.zip(believed).filter_map(|(number, believed)| believed.then_some(number)).collect()
    }

    /// An issue that departs from its baseline, or that several kinds say together although none does alone. It is seen
    /// first, and confirmed when enough voices say it and it stands out among all cells of the day.
    fn rising(
        &self,
        cell: &Cell<'_>,
        at: usize,
        known: Known,
        surprising: bool,
        least: f64,
    ) -> Option<Change> {
        let reading = cell.reading(at)?;
        let together = cell.together(at);
        let alone = cell.kinds.iter().any(|kind| kind.at(at).is_some_and(|r| LIMITS.broken(r).is_some()));
        let corroborated = together.holds() && !alone;
        let (rule, limit) = match LIMITS.broken(reading) {
            Some(broken) => broken,
            None if corroborated && surprising && departs(reading) => (Rule::Drift, LIMITS.ewma),
            None => return None,
        };
        let began = self.began(cell, at, reading.dispersion)?;
        let (began, score) = (self.daily.place(began.day)?, began.score);
        let spread = self.spread(cell, began, at);
        let held = if corroborated { spread.held_as_corroborated_by() } else { spread.held_by() };
        let clear = held.is_empty() && surprising && score >= least;
        let state = if clear { IssueState::Confirmed } else { IssueState::Detected };
        let day = self.daily.day(at);
        if !known.is_news(state, day) {
            return None;
        }
        let threshold = if rule == Rule::Shock { -limit.log10() } else { limit };
        let kinds = cell.voices(at).map(|voice| KindNumbers {
            kind: voice.kind,
            people: cell.people_of(voice.kind, at),
            expected: rounded(voice.expected),
            z: rounded(voice.z()),
        });
        let evidence = Evidence::Detected {
            pattern: Pattern::Rising,
            since: self.daily.day(began),
            numbers: counted(cell, reading, at, threshold),
            kinds: kinds.collect(),
            corroborated,
        };
        Some(Change { issue: cell.id.clone(), day, state, evidence })
    }

    /// An issue that is always bad: at least 56 days, enough voices, and even the lower bound of its rate above the rates of
    /// its stage's other cells. What is rising already is not called standing.
    fn standing(&self, number: usize, at: usize, known: Known, standing: &[Standing]) -> Option<Change> {
        let found = standing.iter().find(|found| found.cell == number)?;
        let cell = self.cells.get(number)?;
        let day = self.daily.day(at);
        // What was an issue before comes back by rising: the days of its first time do not make it stand.
        if known.state.is_some_and(|state| state != IssueState::Detected) {
            return None;
        }
        let reading = cell.reading(at)?;
        let evidence = Evidence::Detected {
            pattern: Pattern::Standing,
            since: cell.first_said(self.daily),
            numbers: counted(cell, reading, at, 1000.0 * found.compared),
            kinds: Vec::new(),
            corroborated: false,
        };
        Some(Change { issue: cell.id.clone(), day, state: IssueState::Confirmed, evidence })
    }

    /// The cells that stand out on a day: among those of their stage, among all, and in the last month as well as in the
    /// one before. A cell that is bad in a quiet stage only, or was bad for some weeks, does not stand.
    fn compared(&self, at: usize) -> Vec<Standing> {
        let from = (at + 1).saturating_sub(WINDOW);
        let heard = |day: &usize| self.daily.heard.get(*day).is_some_and(|heard| *heard > 0);
        let days = (from..=at).filter(heard).count();
        if days < standing::FEWEST_DAYS {
            return Vec::new();
        }
        let known = self.cells.iter().take(self.known);
        let held: Vec<Held> = known
            .map(|cell| Held {
                stage: u32::from(cell.spot.0),
                count: cell.counts.people_in(from, at),
                exposure: daily::total(cell.heard, from, at) as f64,
                days,
                dispersion: cell.reading(at).map_or(1.0, |reading| reading.dispersion),
                passes: self.spread(cell, from, at).held_by().is_empty(),
            })
            .collect();
        let Some(top) = top_tenth(&held) else { return Vec::new() };
        let found = standing::standing(&held).into_iter().filter(|found| found.low > top);
        found.filter(|found| self.lasts(found, at)).collect()
    }

    /// Says whether a cell was as bad in each of the last two months.
    fn lasts(&self, found: &Standing, at: usize) -> bool {
        let Some(cell) = self.cells.get(found.cell) else { return false };
        [at, at.saturating_sub(MONTH)].into_iter().all(|to| {
            let from = (to + 1).saturating_sub(MONTH);
            let (people, heard) = (cell.counts.people_in(from, to), daily::total(cell.heard, from, to));
            heard > 0 && people as f64 / heard as f64 > found.compared
        })
    }

    /// What looking at a declared fix finds, where it differs from what was found before.
    fn verified(&self, cell: &Cell<'_>, at: usize, known: Known) -> Option<Change> {
        let detected = known.detected?;
        let fixes = self.fixes.get(&cell.id)?;
        let day = self.daily.day(at);
        let (verdict, evidence) =
            verified::look(self.daily, (cell.counts, cell.heard), detected, fixes, day)?;
        let change = Change { issue: cell.id.clone(), day, state: super::state_of(verdict), evidence };
        (known.verdict != Some(verdict)).then_some(change)
    }

    /// When a rise began: the day from which a raised rate explains the counts best, and how well it does.
    fn began(&self, cell: &Cell<'_>, at: usize, dispersion: f64) -> Option<Since> {
        let from = at.saturating_sub(since::LOOK_BACK);
        let (people, heard) = (cell.counts.people.get(..=at)?, cell.heard.get(..=at)?);
        let days = readings(self.daily.first, people, heard, from);
        let seen: Vec<since::Seen> = days.iter().flatten().map(since::Seen::from).collect();
        since::since(&seen, dispersion)
    }

    /// How the voices of a cell are spread over people, texts, days and kinds.
    fn spread(&self, cell: &Cell<'_>, from: usize, to: usize) -> Concentration {
        let mut texts = BTreeSet::new();
        let messages: Vec<Message> = cell
            .counts
            .voices_in(from, to)
            .iter()
            .map(|voice| Message {
                person: (!voice.unlinked).then_some(u64::from(voice.person)),
                day: self.daily.day(voice.day as usize),
                source: u32::from(voice.kind),
                copied: voice.text != 0 && !texts.insert(voice.text),
            })
            .collect();
        Concentration::of(&messages)
    }
}

impl Cell<'_> {
    /// The first day on which it was said.
    fn first_said(&self, daily: &Daily) -> Day {
        self.counts.voices.first().map_or(daily.first, |voice| daily.day(voice.day as usize))
    }

    pub(super) fn reading(&self, at: usize) -> Option<&Reading> {
        self.readings.get(at)?.as_ref()
    }

    /// What each kind that is known well enough says of the seven days.
    fn voices(&self, at: usize) -> impl Iterator<Item = KindWeek> {
        self.kinds.iter().filter_map(move |kind| {
            let reading = kind.at(at)?;
            Some(KindWeek { kind: kind.kind, p_week: reading.p_week, expected: reading.week_expected })
        })
    }

    fn together(&self, at: usize) -> Corroboration {
        Corroboration::of(&self.voices(at).collect::<Vec<_>>())
    }

    fn people_of(&self, kind: Kind, at: usize) -> u64 {
        let reading = self.kinds.iter().find(|own| own.kind == kind).and_then(|kind| kind.at(at));
        reading.map_or(0, |reading| reading.week_count)
    }

    /// Probability that chance explains the seven days: of all voices at once, or of the kinds together where they agree.
    pub(super) fn surprise(&self, at: usize) -> f64 {
        let Some(reading) = self.reading(at) else { return 1.0 };
        let together = self.together(at);
        if together.holds() { reading.p_week.min(together.p) } else { reading.p_week }
    }
}

impl OfKind {
    fn at(&self, at: usize) -> Option<&Reading> {
        self.readings.get(at)?.as_ref()
    }
}

impl Known {
    fn of(changes: &[Change]) -> Self {
        let mut known = Self::default();
        changes.iter().for_each(|change| known.take(change));
        known
    }

    fn take(&mut self, change: &Change) {
        self.state = Some(change.state);
        match &change.evidence {
            Evidence::Detected { pattern, since, numbers, .. } => {
                let (pattern, since) = (*pattern, *since);
                self.seen = Some(change.day);
                self.detected = Some(Detected { pattern, since, dispersion: numbers.dispersion });
                self.verdict = None;
            }
            Evidence::Verified { verdict, .. } => self.verdict = Some(*verdict),
        }
    }

    /// Says whether it was detected as rising; what always stood may still rise in one place.
    pub(super) fn rises(&self) -> bool {
        self.detected.is_some_and(|detected| detected.pattern == Pattern::Rising)
    }

    /// Says whether there is something to be dealt with.
    pub(super) fn is_open(&self) -> bool {
        self.state.is_some_and(|state| !matches!(state, IssueState::Detected | IssueState::Resolved))
    }

    /// Says whether a detection tells anything new: an issue that was seen is confirmed, one that was only seen long ago is
    /// seen again, one that was resolved comes back.
    fn is_news(&self, found: IssueState, day: Day) -> bool {
        match self.state {
            None | Some(IssueState::Resolved) => true,
            Some(IssueState::Detected) => {
                let long_ago = self.seen.is_none_or(|seen| day.number() - seen.number() > FORGOTTEN);
                found == IssueState::Confirmed || long_ago
            }
            Some(_) => false,
        }
    }
}

/// The numbers of seven days, as they are recorded.
fn counted(cell: &Cell<'_>, reading: &Reading, at: usize, threshold: f64) -> Counted {
    Counted {
        people: reading.week_count,
        expected: rounded(reading.week_expected),
        exposure: daily::total(cell.heard, at.saturating_sub(6), at),
        p: rounded(reading.p_week),
        ewma: rounded(reading.ewma),
        threshold: rounded(threshold),
        dispersion: rounded(reading.dispersion),
    }
}

/// The last day on which anybody was heard, of the last week; the last day where nobody was.
fn last_heard(daily: &Daily) -> usize {
    let last = daily.days().saturating_sub(1);
    let heard = |at: &usize| daily.heard.get(*at).is_some_and(|heard| *heard > 0);
    (last.saturating_sub(6)..=last).rev().find(heard).unwrap_or(last)
}

/// Says whether a week holds enough people over what is expected to be worth a person's time.
fn departs(reading: &Reading) -> bool {
    reading.week_count >= FEWEST_PEOPLE
        && reading.week_count as f64 - reading.week_expected >= SMALLEST_EXCESS
}

/// The rate that nine tenths of all cells do not reach.
fn top_tenth(held: &[Held]) -> Option<f64> {
    let mut rates: Vec<f64> = held.iter().map(|cell| cell.count as f64 / cell.exposure).collect();
    rates.sort_by(f64::total_cmp);
    rates.get((TOP * rates.len() as f64) as usize).copied()
}

/// What is recorded keeps six digits, which every machine computes alike.
pub(super) fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10_f64.powi(5 - value.abs().log10().floor() as i32);
    let scaled = (value * scale).round() / scale;
    if scaled.is_finite() { scaled } else { 0.0 }
}

fn id(numbers: &Numbers, spot: Spot) -> IssueId {
    IssueId::new(numbers.stage(spot.0), spot.1)
}

/// The numbers of each day from a place on; those before are left out, and need not be computed. Nothing is taken from
/// the cells around, so that a day's numbers never depend on later days.
fn readings(first: Day, people: &[u32], heard: &[u32], from: usize) -> Vec<Option<Reading>> {
    let kin = Kin::default();
    let points: Vec<Point> =
        people.iter().zip(heard).map(|(people, heard)| Point::new(*people, *heard as f32)).collect();
    if from == 0 {
        return Series { first, points: &points, kin }.readings();
    }
    let of_day = |at: usize| Series { first, points: points.get(..=at)?, kin }.last_reading();
    (0..points.len()).map(|at| if at < from { None } else { of_day(at) }).collect()
}

/// What was expected of a cell on each day, for its trend.
pub(super) fn expected(first: Day, people: &[u32], heard: &[u32]) -> Vec<Option<f64>> {
    let readings = readings(first, people, heard, 0);
    readings.into_iter().map(|reading| reading.map(|reading| reading.expected)).collect()
}
