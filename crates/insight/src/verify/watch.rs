//! A fix followed day by day: the windows before and after it, looked at once a week, and the watch for a return.

use groundswell_model::{Day, Verdict};

use super::cusum::Cusum;
use super::rates::{Count, ratio_below};
use super::trial::{Caveat, Confirmed, FIRST_LOOK_DAYS, Finding, Proxy, ProxyKind, Trial, verdict};

/// Days after a fix that are left out unless somebody says otherwise: what was under way is still reported.
pub const TRANSITION_DAYS: u32 = 7;
const LOOK_EVERY: u32 = 7;
/// Fewer people bring no issue back.
const ENOUGH_PEOPLE: u64 = 3;
/// "Resolved" is looked at again over so many of the last days.
const FAILING_DAYS: i32 = 28;
const ENOUGH_EXPECTED: f64 = 6.0;

/// One day that was heard. A day that is absent was not heard: it is not a day of silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayCount {
    /// The day.
    pub day: Day,
    /// Distinct people of that day.
    pub people: u64,
    /// People who could have said it.
    pub exposure: f64,
}

/// A fix, as somebody declared it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The day it ships.
    pub shipped: Day,
    /// Days after it that are left out, [`TRANSITION_DAYS`] or the delay within which four fifths report.
    pub transition: u32,
}

impl Fix {
    /// The first day that counts as after the fix.
    pub(super) fn counts_from(&self) -> Day {
        self.shipped.plus(days(self.transition).saturating_add(1))
    }
}

/// A proxy by day, see [`Proxy`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProxyDays<'a> {
    /// What it is.
    pub kind: ProxyKind,
    /// Its days.
    pub days: &'a [DayCount],
}

/// Everything known of one issue and its fixes.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    /// The days of the issue's cell, in any order.
    pub days: &'a [DayCount],
    /// The days of a series that the fix cannot touch.
    pub control: Option<&'a [DayCount]>,
    /// First and last day before the issue; none for what was always bad.
    pub normal: Option<(Day, Day)>,
    /// First day of the issue.
    pub since: Day,
    /// Every fix declared for it, in any order.
    pub fixes: &'a [Fix],
    /// The last day that is complete.
    pub heard_through: Day,
    /// Variance over mean of daily counts; 1 for a Poisson.
    pub dispersion: f64,
    /// Customers asked whether it was solved.
    pub confirmed: Confirmed,
    /// What stands in for the share that tells.
    pub proxies: &'a [ProxyDays<'a>],
}

/// How an issue came back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regression {
    /// The day on which it was noticed.
    pub day: Day,
    /// People heard since the rise began.
    pub people: u64,
    /// Height of the cumulative sum, in people.
    pub height: f64,
    /// The height at which chance is rare; absent where the window of four weeks noticed it.
    pub threshold: Option<f64>,
}

/// Judges the last fix that has shipped, as far as the days reach. The windows after the fix grow by whole weeks from two weeks on,
/// so that asking every day gives no more chances to be wrong than asking once a week. The first "resolved" stands
/// until the issue comes back; how it came back is given beside the finding.
///
/// Fixes that ship before an earlier one could be judged are judged together, from the last of them.
pub fn judge(watch: &Watch<'_>) -> (Finding, Option<Regression>) {
    let early = |caveats| (Finding { verdict: Verdict::TooEarly, grounds: None, caveats }, None);
    let Some((group, shared)) = last_group(watch) else { return early(vec![Caveat::NotShipped]) };
    let windows = Windows { watch, first: group.0, last: group.1 };
    let through = windows.whole_weeks(watch.heard_through);
    let mut looks = looks(&windows, through);
    let Some(mut latest) = looks.next() else { return early(Vec::new()) };
    let mut finding = windows.look(latest, shared);
    let mut regression = None;
    for look in looks {
        if finding.verdict == Verdict::Resolved {
            break;
        }
        latest = look;
        finding = windows.look(latest, shared);
    }
    if finding.verdict == Verdict::Resolved {
        regression = windows.regression(&finding, latest);
        if regression.is_some() {
            finding.verdict = Verdict::Regressed;
        }
    }
    (finding, regression)
}

/// Gives the first and the last fix of the last group that has shipped, and how many fixes it holds. Two fixes belong together
/// when the second ships before the first could be looked at.
fn last_group(watch: &Watch<'_>) -> Option<((Fix, Fix), u32)> {
    let mut shipped: Vec<Fix> =
        watch.fixes.iter().copied().filter(|fix| fix.shipped <= watch.heard_through).collect();
    shipped.sort_by_key(|fix| std::cmp::Reverse((fix.shipped, fix.transition)));
    let mut fixes = shipped.into_iter();
    let last = fixes.next()?;
    let (mut first, mut held) = (last, 1);
    for fix in fixes {
        if fix.counts_from().plus(days(FIRST_LOOK_DAYS)) <= first.shipped {
            break;
        }
        first = fix;
        held += 1;
    }
    Some(((first, last), held))
}

/// The ends of the windows to look at, in order; at least one, however early.
fn looks(windows: &Windows<'_>, through: Day) -> impl Iterator<Item = Day> {
    let first = windows.last.counts_from().plus(days(FIRST_LOOK_DAYS) - 1);
    let early = (through < first).then_some(through);
    let weeks = (0..).map(move |week: i32| first.plus(week.saturating_mul(days(LOOK_EVERY))));
    early.into_iter().chain(weeks.take_while(move |look| *look <= through))
}

/// What came after an issue was resolved.
struct Course {
    issue: Count,
    /// People per exposure that were left when it was resolved.
    rate: f64,
    resolved: Day,
    later: Vec<DayCount>,
}

/// The windows around a group of fixes.
struct Windows<'a> {
    watch: &'a Watch<'a>,
    first: Fix,
    last: Fix,
}

impl Windows<'_> {
    /// Brings a day back to the end of the last whole week to look at, unless it lies before the first.
    fn whole_weeks(&self, through: Day) -> Day {
        let after = through.number().saturating_sub(self.last.counts_from().number()).saturating_add(1);
        let over = after.saturating_sub(days(FIRST_LOOK_DAYS));
        if over < 0 { through } else { through.plus(-(over % days(LOOK_EVERY))) }
    }

    fn look(&self, through: Day, shared: u32) -> Finding {
        let trial = self.trial(through);
        let after = self.last.counts_from();
        let heard = heard(self.watch.days, after, through);
        let missing = trial.days_after.saturating_sub(heard);
        let mut finding = verdict(&trial);
        if missing > heard && trial.days_after >= FIRST_LOOK_DAYS {
            finding.verdict = Verdict::TooEarly;
            finding.caveats = vec![Caveat::NoData];
        }
        if missing > 0 {
            finding.caveats.push(Caveat::DaysMissing(missing));
        }
        if shared > 1 {
            finding.caveats.push(Caveat::SharedCredit(shared));
        }
        finding
    }

    fn trial(&self, through: Day) -> Trial {
        let Watch { since, .. } = *self.watch;
        let before = self.first.shipped.plus(-1);
        let from = self.last.counts_from();
        let both = |of: &[DayCount]| (sum(of, since, before), sum(of, from, through));
        let (issue, after) = both(self.watch.days);
        let proxies = self.watch.proxies.iter().map(|proxy| {
            let (before, after) = both(proxy.days);
            Proxy { kind: proxy.kind, before, after }
        });
        Trial {
            normal: self.watch.normal.map(|(first, last)| sum(self.watch.days, first, last)),
            issue,
            after,
            dispersion: self.watch.dispersion,
            days_since_fix: span(self.last.shipped, through),
            days_after: span(from, through.plus(1)),
            control: self.watch.control.map(both),
            confirmed: self.watch.confirmed,
            proxies: proxies.collect(),
        }
    }

    /// Follows the days after the window that ended with `resolved`, against twice the rate that was left and more: the root of what
    /// the fix gained.
    fn regression(&self, finding: &Finding, resolved: Day) -> Option<Regression> {
        let grounds = finding.grounds?;
        let by = self.dispersion();
        let left = grounds.after.people as f64 / by + 0.5;
        let rate = left / (grounds.after.exposure / by);
        let ratio = (grounds.issue.rate()? / rate).sqrt().max(2.0);
        let days = heard(self.watch.days, self.last.counts_from(), resolved);
        let mean = left / f64::from(days.max(1));
        let course = Course { issue: grounds.issue, rate, resolved, later: self.heard_after(resolved) };
        let open = Cusum::without_threshold(ratio)?;
        let (noticed, peak) = self.follow(&course, open);
        if open.rare(mean, peak) { self.follow(&course, Cusum::new(mean, ratio)?).0 } else { noticed }
    }

    /// Gives how the issue came back, and the greatest height that enough people brought about until then.
    fn follow(&self, course: &Course, mut cusum: Cusum) -> (Option<Regression>, f64) {
        let by = self.dispersion();
        let (mut people, mut peak) = (0_u64, 0.0_f64);
        for (number, day) in course.later.iter().enumerate() {
            let alarm = cusum.step(day.people as f64 / by, course.rate * day.exposure / by);
            people = if cusum.height > 0.0 { people.saturating_add(day.people) } else { 0 };
            let enough = people >= ENOUGH_PEOPLE;
            peak = if enough { peak.max(cusum.height) } else { peak };
            let came_back =
                |people, threshold| Regression { day: day.day, people, height: cusum.height, threshold };
            if alarm && enough {
                return (Some(came_back(people, Some(cusum.threshold))), peak);
            }
            let so_far = course.later.get(..=number).unwrap_or(&[]);
            let whole = span(course.resolved, day.day) >= FAILING_DAYS.unsigned_abs();
            if let Some(people) = self.fails(course.issue, so_far).filter(|_| whole) {
                return (Some(came_back(people, None)), peak);
            }
        }
        (None, peak)
    }

    /// Says whether the last four weeks are more likely above half of the issue's rate than below, and by how many people.
    fn fails(&self, issue: Count, so_far: &[DayCount]) -> Option<u64> {
        let through = so_far.last()?.day;
        let window = sum(so_far, through.plus(1 - FAILING_DAYS), through);
        let expected = issue.rate()? * window.exposure / self.dispersion();
        let likely = ratio_below(&issue, &window, self.dispersion(), 0.5)?;
        (expected >= ENOUGH_EXPECTED && likely < 0.5).then_some(window.people)
    }

    fn heard_after(&self, day: Day) -> Vec<DayCount> {
        let through = self.watch.heard_through;
        let later =
            self.watch.days.iter().filter(|count| count.day > day && count.day <= through && usable(count));
        let mut later: Vec<_> = later.copied().collect();
        later.sort_by_key(|count| count.day);
        later
    }

    fn dispersion(&self) -> f64 {
        if self.watch.dispersion.is_finite() { self.watch.dispersion.max(1.0) } else { 1.0 }
    }
}

fn usable(day: &DayCount) -> bool {
    day.exposure.is_finite() && day.exposure > 0.0
}

/// Adds up the days from `first` to `last` on which anybody could have said it.
fn sum(of: &[DayCount], first: Day, last: Day) -> Count {
    let within = of.iter().filter(|day| day.day >= first && day.day <= last && usable(day));
    within.fold(Count::default(), |sum, day| Count {
        people: sum.people.saturating_add(day.people),
        exposure: sum.exposure + day.exposure,
    })
}

fn heard(of: &[DayCount], first: Day, last: Day) -> u32 {
    let within = of.iter().filter(|day| day.day >= first && day.day <= last && usable(day));
    u32::try_from(within.count()).unwrap_or(u32::MAX)
}

/// Days from one day to another; zero backwards.
fn span(from: Day, to: Day) -> u32 {
    u32::try_from(to.number().saturating_sub(from.number())).unwrap_or(0)
}

fn days(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
