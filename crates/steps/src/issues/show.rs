//! Systemic issues as they are shown: what was recorded about them, with today's counts beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use groundswell_insight::detect::corroborate::AGREES;
use groundswell_insight::{Daily, DailyCell, Label, SMALL_GROUP, Spot, Voice, daily, stats, wilson};
use groundswell_model::{Day, Evidence, IssueState, Kind, Origin, Pattern, Timestamp, Verdict};

use super::{AtRisk, Happening, Issue, Issues, Lists, Worth, price};
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
    /// The only group of customers that it concerns, `region=north`; absent where it concerns all.
    pub place: Option<String>,
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
    /// People for each 1,000 person-days of exposure.
    pub per_thousand: f64,
    /// Lower and upper end of its 95 % interval, as a count of person-days that is Poisson.
    pub rate_interval: [f64; 2],
    /// What the exposure counts: `people heard`, or what the company reported for the stage.
    pub exposure: String,
    /// Customers on record who were customers between its beginning and the last day counted; absent without records.
    pub customers: Option<u64>,
    /// Who set the expectation, the commonest first.
    pub origins: Vec<OriginRow>,
    /// Groups of customers who say it more than others, those that stand out most surely first.
    pub places: Vec<PlaceRow>,
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

/// Who set the expectation of an issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OriginRow {
    /// Code of the origin.
    pub origin: String,
    /// Feedback.
    pub feedback: u64,
    /// Their share of the issue's feedback in per cent.
    pub share: f64,
    /// Lower end of its 95 % interval (Wilson).
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A group of customers in which an issue is told more than expected. Counts are person-days since it began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceRow {
    /// `version`, `region`, `channel`, the name of a segment.
    pub family: String,
    /// Which one.
    pub value: String,
    /// People who say it there.
    pub people: u64,
    /// People expected, were it told everywhere alike.
    pub expected: f64,
    /// Ratio of both, shrunk towards 1 (EBGM).
    pub ratio: f64,
    /// Lower end of its 90 % interval; from 2 on a group is named.
    pub low: f64,
    /// Upper end.
    pub high: f64,
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

/// Groups of customers that are named at most.
const MOST_PLACES: usize = 5;

/// Days shown before an issue began.
const BEFORE: usize = 90;

/// Gives the issues that were confirmed, those still to be dealt with first and of them those of most people; with `all` also those that were only seen.
pub fn rows(issues: &Issues, daily: &Daily, numbers: &Numbers, worth: &Worth, all: bool) -> Vec<IssueRow> {
    let known = issues.all().into_iter();
    let mut rows: Vec<(bool, IssueRow)> = known
        .filter(|issue| all || issue.state != IssueState::Detected)
        .map(|issue| {
            let counted = Counted::of(&issue, daily, numbers);
            (issue.is_over(), counted.row(&issue, issues, worth))
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
    let counted = Counted::of(issue, daily, numbers);
    let people = counted.cell.map_or(&[][..], |cell| cell.people.as_slice());
    let expected = super::judge::expected(daily.first, people, counted.heard);
    let day = |at: usize| TrendDay {
        day: daily.day(at).to_string(),
        people: people.get(at).copied().unwrap_or(0),
        expected: expected.get(at).copied().flatten(),
        heard: counted.heard.get(at).copied().unwrap_or(0),
    };
    IssueDetail {
        row: counted.row(issue, issues, worth),
        history: issue.history.clone(),
        trend: (counted.began.saturating_sub(BEFORE)..daily.days()).map(day).collect(),
    }
}

/// What was counted of an issue.
struct Counted<'a> {
    daily: &'a Daily,
    spot: Spot,
    cell: Option<&'a DailyCell>,
    /// Who could have spoken each day.
    heard: &'a [u32],
    /// Places of the first day of the issue and of the last day counted.
    began: usize,
    last: usize,
}

impl<'a> Counted<'a> {
    fn of(issue: &Issue, daily: &'a Daily, numbers: &Numbers) -> Self {
        let spot = (numbers.stage_number(&issue.id.stage), issue.id.gap);
        let (cell, heard) = match &issue.id.place {
            None => (daily.cells.get(&spot), daily.exposure(spot.0).as_slice()),
            Some(place) => {
                let own = |label: &&Label| label.family() == place.family && label.within() == place.value;
                let label = daily.parts.heard.keys().find(own);
                let cell = label.and_then(|label| daily.parts.cells.get(&(spot, label.clone())));
                (cell, label.and_then(|label| daily.parts.heard.get(label)).map_or(&[][..], Vec::as_slice))
            }
        };
        let began = daily.place(issue.since).unwrap_or(0);
        Self { daily, spot, cell, heard, began, last: daily.days().saturating_sub(1) }
    }

    fn row(&self, issue: &Issue, issues: &Issues, worth: &Worth) -> IssueRow {
        let (began, last) = (self.began, self.last);
        let voices = self.cell.map_or(&[][..], |cell| cell.voices_in(began, last));
        let people = distinct(voices.iter());
        let heard = daily::total(self.heard, began, last);
        let days = self.cell.map_or(0, |cell| cell.people_in(began, last));
        let reported = issue.id.place.is_none() && self.daily.supplied.contains_key(&self.spot.0);
        let exposure = issues.exposure().what(&issue.id.stage).filter(|_| reported);
        IssueRow {
            id: issue.id.to_string(),
            stage: issue.id.stage.to_string(),
            gap: issue.id.gap.to_string(),
            place: issue.id.place.as_ref().map(ToString::to_string),
            pattern: issue.pattern,
            since: issue.since.to_string(),
            state: issue.state,
            detected: issue.detected.day.to_string(),
            people,
            feedback: voices.iter().filter(|voice| !voice.copied).count() as u64,
            people_week: self
                .cell
                .map_or(0, |cell| distinct(cell.voices_in(last.saturating_sub(6), last).iter())),
            per_thousand: if heard > 0 { 1000.0 * days as f64 / heard as f64 } else { 0.0 },
            rate_interval: rate_interval(days, heard),
            exposure: exposure.unwrap_or("people heard").to_owned(),
            customers: Some(self.customers(issue, worth)).filter(|customers| *customers > 0),
            origins: origins(voices),
            places: if issue.id.place.is_none() { self.places() } else { Vec::new() },
            kinds: kinds(voices),
            agreeing: agreeing(issue),
            corroborated: matches!(issue.detected.evidence, Evidence::Detected { corroborated: true, .. }),
            because: because(issue),
            owner: issue.owner.clone(),
            fix: fix(issue),
            told: issue.told,
            quotes: Vec::new(),
            revenue_at_risk: price(issue.id.gap, people, worth, issues.assumed(), lists(voices)),
        }
    }

    /// Customers on record between the first and the last day, as days of UTC: a few hours make no difference.
    fn customers(&self, issue: &Issue, worth: &Worth) -> u64 {
        let moment = |day: Day| Timestamp::default().plus_days(i64::from(day.number()));
        worth.active(moment(issue.since), moment(self.daily.day(self.last).plus(1)))
    }

    fn places(&self) -> Vec<PlaceRow> {
        let places = self.daily.parts.places(self.spot, self.began, self.last).into_iter();
        places
            .take(MOST_PLACES)
            .map(|place| PlaceRow {
                family: place.label.family().to_owned(),
                value: place.label.within().to_owned(),
                people: place.people,
                expected: tenths(place.expected),
                ratio: tenths(place.ratio.ebgm),
                low: tenths(place.ratio.low),
                high: tenths(place.ratio.high),
            })
            .collect()
    }
}

/// The exact interval of a Poisson count, per 1,000 of its exposure (Garwood 1936).
fn rate_interval(count: u64, exposure: u64) -> [f64; 2] {
    if exposure == 0 {
        return [0.0; 2];
    }
    let end = |count: f64, p: f64| if count > 0.0 { stats::gamma_quantile(count, p) } else { 0.0 };
    let (low, high) = (end(count as f64, 0.025), end(count as f64 + 1.0, 0.975));
    [low, high].map(|end| tenths(1000.0 * end / exposure as f64))
}

fn tenths(value: f64) -> f64 {
    (10.0 * value).round() / 10.0
}

/// Who set the expectation, as far as it is known.
fn origins(voices: &[Voice]) -> Vec<OriginRow> {
    let mut counts = vec![0_u64; Origin::ALL.len()];
    for voice in voices.iter().filter(|voice| !voice.copied) {
        if let Some(count) = counts.get_mut(usize::from(voice.origin)) {
            *count += 1;
        }
    }
    let n: u64 = counts.iter().sum();
    let mut rows: Vec<OriginRow> = Origin::ALL
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|(origin, feedback)| {
            let share = wilson(feedback, n);
            OriginRow {
                origin: origin.to_string(),
                feedback,
                share: share.value,
                low: share.low,
                high: share.high,
            }
        })
        .collect();
    rows.sort_by(|a, b| b.feedback.cmp(&a.feedback).then(a.origin.cmp(&b.origin)));
    rows
}

/// Known customers who told by complaint, in surveys, and in both.
fn lists(voices: &[Voice]) -> Lists {
    let told = |kind: Kind| -> BTreeSet<u32> {
        let known = voices.iter().filter(|voice| !voice.copied && !voice.unlinked);
        let of_kind = known.filter(|voice| Kind::ALL.get(usize::from(voice.kind)) == Some(&kind));
        of_kind.map(|voice| voice.person).collect()
    };
    let (complained, surveyed) = (told(Kind::Complaint), told(Kind::Survey));
    let both = complained.intersection(&surveyed).count() as u64;
    Lists { complained: complained.len() as u64, surveyed: surveyed.len() as u64, both }
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
