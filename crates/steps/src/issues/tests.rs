//! Judged days with a known answer: rises, what is always bad, decoys, gaps in the data, fixes; and what people do.

mod bad_input;
mod places;

use std::collections::BTreeMap;

use groundswell_insight::{Daily, DailyCell, Dimension, Label, Parts, Spot, Voice};
use groundswell_model::{
    Action, Change, Day, Decision, Evidence, GapType, IssueId, IssueState, JourneyMap, Kind, Pattern,
    Timestamp, Verdict,
};

use super::{Fix, Issues, Judge, Worth, rows};
use crate::row::Numbers;

const DAYS: usize = 140;
/// 2026-01-05, a Monday.
const FIRST: i32 = 20_458;
/// People heard each day, a quarter of them by each kind.
const HEARD: u32 = 400;

/// How many people say something on a day, by its place.
type Volume = fn(usize) -> u32;

/// A town of which every cell has its volume; people are all different unless a cell has one loud customer.
struct Town {
    cells: BTreeMap<Spot, Volume>,
    loud: Option<Spot>,
    copied: Option<Spot>,
    silent: std::ops::Range<usize>,
    /// What a tenth of the people say, those of the region north.
    north: BTreeMap<Spot, Volume>,
}

/// One or two a day, as in most cells.
fn calm(at: usize) -> u32 {
    [1, 2, 0, 1, 3, 1, 0, 2, 1, 1, 2][at % 11]
}

const LATE: Spot = (3, GapType::Timeliness);
const RUDE: Spot = (6, GapType::CourtesyEmpathy);

fn town() -> Town {
    let mut cells: BTreeMap<Spot, Volume> = BTreeMap::new();
    for stage in [3, 6] {
        for gap in &GapType::ALL[..10] {
            cells.insert((stage, *gap), calm);
        }
    }
    Town { cells, loud: None, copied: None, silent: 0..0, north: BTreeMap::new() }
}

impl Town {
    fn with(mut self, spot: Spot, volume: Volume) -> Self {
        self.cells.insert(spot, volume);
        self
    }

    fn daily(&self) -> Daily {
        let heard = |share: u32| -> Vec<u32> {
            (0..DAYS).map(|at| if self.silent.contains(&at) { 0 } else { HEARD / share }).collect()
        };
        let mut person = 0;
        let cells = self.cells.iter().map(|(spot, volume)| (*spot, self.cell(*spot, *volume, &mut person)));
        let cells = cells.collect();
        let mut parts = Parts::default();
        for (region, share) in [("north", 10), ("south", 1)] {
            parts.heard.insert(label(region), heard(share));
        }
        parts.heard_in.insert("region".to_owned(), heard(1));
        for (spot, volume) in &self.north {
            let cell = self.cell(*spot, *volume, &mut person);
            parts.people.insert((*spot, label("north")), days_of(&cell.people));
            parts.cells.insert((*spot, label("north")), cell);
        }
        Daily {
            first: Day::from_number(FIRST),
            heard_of: vec![heard(4); Kind::ALL.len()],
            cells,
            heard: heard(1),
            parts,
            supplied: BTreeMap::new(),
        }
    }

    fn cell(&self, spot: Spot, volume: Volume, person: &mut u32) -> DailyCell {
        let mut cell = DailyCell { people_of: vec![vec![0; DAYS]; Kind::ALL.len()], ..DailyCell::default() };
        for at in 0..DAYS {
            let said = if self.silent.contains(&at) { 0 } else { volume(at) };
            let (loud, copied) = (self.loud == Some(spot), self.copied == Some(spot));
            for number in 0..said {
                *person += 1;
                let kind = number as usize % Kind::ALL.len();
                cell.people_of[kind][at] += 1;
                cell.voices.push(Voice {
                    day: at as u32,
                    person: if loud { 0 } else { *person },
                    kind: kind as u8,
                    text: if copied { 7 } else { u64::from(*person) + 10 },
                    copied: false,
                    unlinked: false,
                    origin: 0,
                });
            }
            cell.people.push(said);
        }
        cell
    }

    fn judged(&self, issues: &Issues) -> Vec<Change> {
        Judge::new(&self.daily(), &numbers(), issues).history()
    }
}

/// What was known at the end of a day.
fn until(daily: &Daily, at: usize) -> Daily {
    let cut = |counts: &Vec<u32>| counts[..=at].to_vec();
    let cells = daily.cells.iter().map(|(spot, cell)| {
        let voices = cell.voices_in(0, at).to_vec();
        let people_of = cell.people_of.iter().map(cut).collect();
        (*spot, DailyCell { people: cut(&cell.people), people_of, voices })
    });
    Daily {
        first: daily.first,
        heard: cut(&daily.heard),
        heard_of: daily.heard_of.iter().map(cut).collect(),
        cells: cells.collect(),
        parts: Parts::default(),
        supplied: BTreeMap::new(),
    }
}

/// The day of each of these people.
fn days_of(people: &[u32]) -> Vec<u32> {
    (0..).zip(people).flat_map(|(day, count)| std::iter::repeat_n(day, *count as usize)).collect()
}

fn label(region: &str) -> Label {
    Label::new(Dimension::Region, region).unwrap()
}

fn numbers() -> Numbers {
    Numbers::of(&JourneyMap::shipped().unwrap())
}

fn id(spot: Spot) -> IssueId {
    IssueId::new(numbers().stage(spot.0), spot.1)
}

fn day(at: usize) -> Day {
    Day::from_number(FIRST + at as i32)
}

fn confirmed(changes: &[Change]) -> Vec<&Change> {
    changes.iter().filter(|change| change.state == IssueState::Confirmed).collect()
}

fn since(change: &Change) -> Day {
    let Evidence::Detected { since, .. } = &change.evidence else { panic!("{change:?}") };
    *since
}

fn action(decision: Decision) -> Action {
    Action { actor: "ada".to_owned(), at: Timestamp::from_millis(1_780_000_000_000), reason: None, decision }
}

/// Issues after a judgement of these changes and these decisions.
fn issues(changes: Vec<Change>, decisions: Vec<Decision>) -> Issues {
    let mut issues = Issues::default();
    let judged = Decision::Judged { from: day(0), until: day(DAYS - 1), asked: 0, feedback: 1000, changes };
    for decision in std::iter::once(judged).chain(decisions) {
        issues.take(&action(decision));
    }
    issues
}

fn rise(at: usize) -> u32 {
    if at < 70 { calm(at) } else { 4 + calm(at) }
}

#[test]
fn a_calm_town_has_no_issue() {
    assert_eq!(confirmed(&town().judged(&Issues::default())), Vec::<&Change>::new());
}

#[test]
fn a_rise_is_confirmed_once_and_dated_within_a_week() {
    let changes = town().with(LATE, rise).judged(&Issues::default());
    let found = confirmed(&changes);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].issue, id(LATE));
    assert!((since(found[0]).number() - day(70).number()).abs() <= 7, "{}", since(found[0]));
    assert!(found[0].day <= day(84), "{}", found[0].day);
}

#[test]
fn the_same_days_are_judged_alike_at_once_and_one_by_one() {
    let town = town().with(LATE, rise);
    let whole = town.judged(&Issues::default());
    let mut issues = Issues::default();
    let daily = town.daily();
    for at in 0..DAYS {
        let changes = Judge::of_last(&until(&daily, at), &numbers(), &issues).last();
        issues.take(&action(Decision::Ticked {
            seq: at as u64 + 1,
            closes: day(at),
            positions: Vec::new(),
            not_heard: Vec::new(),
            changes,
        }));
    }
    let ticked: Vec<Change> = issues.changes().into_values().flatten().collect();
    let mut whole = whole;
    whole.sort_by(|a, b| a.issue.cmp(&b.issue).then(a.day.cmp(&b.day)));
    assert_eq!(ticked, whole);
}

#[test]
fn what_is_always_bad_is_standing_and_never_rising() {
    let changes = town().with(RUDE, |at| 8 + calm(at)).judged(&Issues::default());
    let found = confirmed(&changes);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(matches!(found[0].evidence, Evidence::Detected { pattern: Pattern::Standing, .. }));
    assert!((55..=70).contains(&(found[0].day.number() - FIRST)), "{}", found[0].day);
}

#[test]
fn one_loud_customer_and_copied_posts_are_never_confirmed() {
    let loud = Town { loud: Some(LATE), ..town().with(LATE, rise) };
    assert_eq!(confirmed(&loud.judged(&Issues::default())), Vec::<&Change>::new());
    let copied = Town { copied: Some(LATE), ..town().with(LATE, rise) };
    assert_eq!(confirmed(&copied.judged(&Issues::default())), Vec::<&Change>::new());
}

#[test]
fn twice_the_voices_about_everything_are_no_issue() {
    let mut daily = town().daily();
    let twice = |counts: &mut Vec<u32>| counts[80..90].iter_mut().for_each(|count| *count *= 2);
    twice(&mut daily.heard);
    daily.heard_of.iter_mut().for_each(twice);
    for cell in daily.cells.values_mut() {
        twice(&mut cell.people);
        cell.people_of.iter_mut().for_each(twice);
    }
    let changes = Judge::new(&daily, &numbers(), &Issues::default()).history();
    assert_eq!(confirmed(&changes), Vec::<&Change>::new());
}

#[test]
fn days_without_data_are_neither_a_fall_nor_a_recovery() {
    let stopped = Town { silent: 60..69, ..town() };
    assert_eq!(confirmed(&stopped.judged(&Issues::default())), Vec::<&Change>::new());
}

#[test]
fn a_fix_that_worked_is_resolved_and_what_comes_back_is_reopened() {
    fn fixed(at: usize) -> u32 {
        if (50..75).contains(&at) { 6 + calm(at) } else { calm(at) }
    }
    let town = town().with(LATE, fixed);
    let fix = Decision::FixDeclared { issue: id(LATE), on: day(75), what: "the old courier".to_owned() };
    let before = issues(town.judged(&Issues::default()), vec![fix.clone()]);
    assert_eq!(before.get(&id(LATE)).unwrap().state, IssueState::Verifying);
    assert!(before.asks_for_judgement(1000));
    let after = issues(town.judged(&before), vec![fix.clone()]);
    let issue = after.get(&id(LATE)).unwrap();
    assert_eq!(issue.state, IssueState::Resolved, "{:#?}", issue.history);
    assert!(issue.is_over());
    let first = issue
        .history
        .iter()
        .find(|entry| matches!(entry.what, super::What::Verified { verdict: Verdict::Resolved }));
    assert!(first.is_some_and(|entry| *entry.day <= *day(75 + 7 + 28).to_string()), "{:#?}", issue.history);

    fn back(at: usize) -> u32 {
        if at >= 118 { 9 + calm(at) } else { fixed(at) }
    }
    let town = town.with(LATE, back);
    let before = issues(town.judged(&Issues::default()), vec![fix.clone()]);
    let again = issues(town.judged(&before), vec![fix]);
    let issue = again.get(&id(LATE)).unwrap();
    assert!(!issue.is_over(), "{:#?}", issue.history);
}

#[test]
fn a_fix_that_did_not_work_is_told() {
    let town = town().with(LATE, rise);
    let fix = Decision::FixDeclared { issue: id(LATE), on: day(90), what: "a poster".to_owned() };
    let before = issues(town.judged(&Issues::default()), vec![fix.clone()]);
    let after = issues(town.judged(&before), vec![fix]);
    assert_eq!(after.get(&id(LATE)).unwrap().state, IssueState::NotResolved);
}

#[test]
fn people_own_close_and_reopen_issues_and_their_words_survive_another_judgement() {
    let found = town().with(LATE, rise).judged(&Issues::default());
    let own = |decisions: Vec<Decision>| issues(found.clone(), decisions).get(&id(LATE)).unwrap();
    let assigned = Decision::IssueAssigned { issue: id(LATE), owner: "Ada".to_owned() };
    assert_eq!(own(vec![]).state, IssueState::Confirmed);
    assert_eq!(own(vec![assigned.clone()]).state, IssueState::Assigned);
    let closed = Decision::IssueClosed { issue: id(LATE) };
    assert_eq!(own(vec![assigned.clone(), closed.clone()]).state, IssueState::Closed);
    let reopened = Decision::IssueReopened { issue: id(LATE) };
    let issue = own(vec![assigned.clone(), closed, reopened]);
    assert_eq!((issue.state, issue.owner.as_deref()), (IssueState::Assigned, Some("Ada")));
    let mut again = issues(found.clone(), vec![assigned]);
    again.take(&action(Decision::Judged {
        from: day(0),
        until: day(DAYS - 1),
        asked: 0,
        feedback: 1000,
        changes: found,
    }));
    assert_eq!(again.get(&id(LATE)).unwrap().owner.as_deref(), Some("Ada"));
    let told = issues(Vec::new(), vec![Decision::PeopleTold { issue: id(LATE), people: 4 }]);
    assert_eq!(told.get(&id(LATE)), None, "nothing was found there");
}

#[test]
fn a_fix_for_a_day_to_come_waits() {
    let town = town().with(LATE, rise);
    let fix = Fix { on: day(DAYS + 30), what: "soon".to_owned() };
    let decision = Decision::FixDeclared { issue: id(LATE), on: fix.on, what: fix.what.clone() };
    let before = issues(town.judged(&Issues::default()), vec![decision.clone()]);
    assert_eq!(before.get(&id(LATE)).unwrap().state, IssueState::FixShipped);
    assert_eq!(issues(town.judged(&before), vec![decision]).get(&id(LATE)).unwrap().fix, Some(fix));
}
