//! Systemic issues as they are shown: what was recorded about them, with today's counts beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use groundswell_insight::detect::corroborate::AGREES;
use groundswell_insight::{Daily, SMALL_GROUP, Voice};
use groundswell_model::{Evidence, IssueState, Kind, Pattern, Verdict};

use super::{AtRisk, Happening, Issue, Issues, Worth, price};
use crate::report::Quote;
use crate::row::Numbers;

/// A systemic issue. Counts are of distinct people from `since` to the last day counted; copied posts do not count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssueRow {
    /// Identity, `stage.gap`.
    pub id: String,
    /// Where on the journey the expectation breaks.
    pub stage: String,
    /// Which sort of expectation.
    pub gap: String,
    /// Departs from its baseline, or is always bad.
    pub pattern: Pattern,
    /// Since when, `YYYY-MM-DD`.
    pub since: String,
    /// Where it is in its life.
    pub state: IssueState,
    /// The day that it was last detected on.
    pub detected: String,
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
    /// People of the last seven days counted.
    pub people_week: u64,
    /// People for each 1,000 person-days heard.
    pub per_thousand: f64,
    /// Kinds that say it; staff only from five people on.
    pub kinds: Vec<String>,
    /// Kinds that by themselves say it more than expected, as it was detected.
    pub agreeing: Vec<String>,
    /// Whether no kind shows it alone and they do together.
    pub corroborated: bool,
    /// What the detector counted, expected and concluded.
    pub because: Because,
    /// Who owns it.
    pub owner: Option<String>,
    /// The fix that was declared last.
    pub fix: Option<FixRow>,
    /// People who were told what was done.
    pub told: u64,
    /// What the customers say, in their words.
    pub quotes: Vec<Quote>,
    /// Customers at risk, and money where customers have a value, with their interval and assumptions; absent where the
    /// assumptions contradict one another.
    pub revenue_at_risk: Option<AtRisk>,
}

/// The numbers by which an issue was last detected: seven days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Because {
    /// People in seven days.
    pub people: u64,
    /// People expected in seven days.
    pub expected: f64,
    /// Probability of as many by chance, 0 to 1.
    pub p: f64,
    /// Moving average of the standardised excess.
    pub ewma: f64,
    /// The limit that was passed.
    pub threshold: f64,
}

/// A declared fix and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FixRow {
    /// The first day with it, `YYYY-MM-DD`.
    pub on: String,
    /// What was done.
    pub what: String,
    /// What looking at it found; absent until it was looked at.
    pub verdict: Option<Verdict>,
    /// Probability that the rate is under half of what it was, 0 to 1.
    pub halved: Option<f64>,
    /// People and person-days heard before the issue, while it lasted, and after the fix.
    pub counts: Option<[[u64; 2]; 3]>,
}

/// One issue with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssueDetail {
    /// As in the list.
    #[serde(flatten)]
    pub row: IssueRow,
    /// What happened, in order.
    pub history: Vec<Happening>,
    /// People and person-days heard of each day, from ninety days before it began.
    pub trend: Vec<TrendDay>,
}

/// One day of a trend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrendDay {
    /// The day.
    pub day: String,
    /// Distinct people who say it.
    pub people: u32,
    /// People expected; absent where too little is known.
    pub expected: Option<f64>,
    /// Distinct people heard at all.
    pub heard: u32,
}

/// Days shown before an issue began.
const BEFORE: usize = 90;

/// Gives the issues that were confirmed, those still to be dealt with first and of them those of most people; with `all` also those that were only seen.
pub fn rows(issues: &Issues, daily: &Daily, numbers: &Numbers, worth: &Worth, all: bool) -> Vec<IssueRow> {
    let known = issues.all().into_iter();
    let mut rows: Vec<(bool, IssueRow)> = known
        .filter(|issue| all || issue.state != IssueState::Detected)
        .map(|issue| {
            let mut shown = row(&issue, daily, numbers);
            shown.revenue_at_risk = price(issue.id.gap, shown.people, worth, issues.assumed());
            (issue.is_over(), shown)
        })
        .collect();
    rows.sort_by(|(a_over, a), (b_over, b)| {
        let seen = |row: &IssueRow| row.state == IssueState::Detected;
        a_over.cmp(b_over).then(seen(a).cmp(&seen(b))).then(b.people.cmp(&a.people)).then(a.id.cmp(&b.id))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Gives one issue with its history and its trend.
pub fn detail(
    issue: &Issue,
    issues: &Issues,
    daily: &Daily,
    numbers: &Numbers,
    worth: &Worth,
) -> IssueDetail {
    let counts = daily.cells.get(&(numbers.stage_number(&issue.id.stage), issue.id.gap));
    let expected = super::judge::expected(daily, numbers, &issue.id);
    let began = daily.place(issue.since).unwrap_or(0);
    let day = |at: usize| TrendDay {
        day: daily.day(at).to_string(),
        people: counts.and_then(|counts| counts.people.get(at).copied()).unwrap_or(0),
        expected: expected.get(at).copied().flatten(),
        heard: daily.heard.get(at).copied().unwrap_or(0),
    };
    let mut row = row(issue, daily, numbers);
    row.revenue_at_risk = price(issue.id.gap, row.people, worth, issues.assumed());
    IssueDetail {
        row,
        history: issue.history.clone(),
        trend: (began.saturating_sub(BEFORE)..daily.days()).map(day).collect(),
    }
}

fn row(issue: &Issue, daily: &Daily, numbers: &Numbers) -> IssueRow {
    let counts = daily.cells.get(&(numbers.stage_number(&issue.id.stage), issue.id.gap));
    let began = daily.place(issue.since).unwrap_or(0);
    let last = daily.days().saturating_sub(1);
    let voices = counts.map_or(&[][..], |counts| counts.voices_in(began, last));
    let people = distinct(voices.iter());
    let heard = daily.heard_in(began, last);
    let days = counts.map_or(0, |counts| counts.people_in(began, last));
    IssueRow {
        id: issue.id.to_string(),
        stage: issue.id.stage.to_string(),
        gap: issue.id.gap.to_string(),
        pattern: issue.pattern,
        since: issue.since.to_string(),
        state: issue.state,
        detected: issue.detected.day.to_string(),
        people,
        feedback: voices.iter().filter(|voice| !voice.copied).count() as u64,
        people_week: counts
            .map_or(0, |counts| distinct(counts.voices_in(last.saturating_sub(6), last).iter())),
        per_thousand: if heard > 0 { 1000.0 * days as f64 / heard as f64 } else { 0.0 },
        kinds: kinds(voices),
        agreeing: agreeing(issue),
        corroborated: matches!(issue.detected.evidence, Evidence::Detected { corroborated: true, .. }),
        because: because(issue),
        owner: issue.owner.clone(),
        fix: fix(issue),
        told: issue.told,
        quotes: Vec::new(),
        revenue_at_risk: None,
    }
}

fn distinct<'a>(voices: impl Iterator<Item = &'a Voice>) -> u64 {
    voices.filter(|voice| !voice.copied).map(|voice| voice.person).collect::<BTreeSet<_>>().len() as u64
}

fn kinds(voices: &[Voice]) -> Vec<String> {
    let mut people: BTreeMap<u8, BTreeSet<u32>> = BTreeMap::new();
    for voice in voices.iter().filter(|voice| !voice.copied) {
        people.entry(voice.kind).or_default().insert(voice.person);
    }
    let shown = |(at, kind): (usize, &Kind)| {
        let people =
            u8::try_from(at).ok().and_then(|at| people.get(&at)).map_or(0, |people| people.len() as u64);
        let least = if *kind == Kind::Employee { SMALL_GROUP } else { 1 };
        (people >= least).then(|| kind.to_string())
    };
    Kind::ALL.iter().enumerate().filter_map(shown).collect()
}

fn agreeing(issue: &Issue) -> Vec<String> {
    let Evidence::Detected { kinds, .. } = &issue.detected.evidence else { return Vec::new() };
    kinds.iter().filter(|kind| kind.z > AGREES).map(|kind| kind.kind.to_string()).collect()
}

fn because(issue: &Issue) -> Because {
    let numbers = match &issue.detected.evidence {
        Evidence::Detected { numbers, .. } => *numbers,
        Evidence::Verified { .. } => groundswell_model::Numbers::default(),
    };
    Because {
        people: numbers.people,
        expected: numbers.expected,
        p: numbers.p,
        ewma: numbers.ewma,
        threshold: numbers.threshold,
    }
}

fn fix(issue: &Issue) -> Option<FixRow> {
    let fix = issue.fix.as_ref()?;
    let found = issue.verified.as_ref().and_then(|change| match &change.evidence {
        Evidence::Verified { verdict, before, during, after, halved, .. } => {
            Some((*verdict, *halved, [*before, *during, *after]))
        }
        Evidence::Detected { .. } => None,
    });
    Some(FixRow {
        on: fix.on.to_string(),
        what: fix.what.clone(),
        verdict: found.map(|found| found.0),
        halved: found.map(|found| found.1),
        counts: found.map(|found| found.2),
    })
}
