//! The closed loop per customer: how long an answer and a solution take, how many were asked, and what they said.
//! Open cases are not left out: times are medians by Kaplan and Meier, and nobody counts before the time is over.

use groundswell_model::Timestamp;

use crate::scores::{Interval, wilson};

/// The field's standard for the first answer, in hours.
pub const TARGET_HOURS: f64 = 48.0;
/// The field's standard for the share answered within the target, in per cent.
pub const TARGET_SHARE: f64 = 80.0;
/// The windows in which a recontact is counted, in days after closing.
pub const RECONTACT_DAYS: [i64; 3] = [7, 14, 30];
/// A detractor who gives at least this score at the next survey is won back.
const RECOVERED: f64 = 7.0;

const HOUR_MS: f64 = 3_600_000.0;
const Z: f64 = 1.96;

/// One time to an event, or so far without it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// How long, in hours.
    pub hours: f64,
    /// Whether the event came; otherwise it had not come until then.
    pub ended: bool,
}

/// One step of a survival curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Hours.
    pub hours: f64,
    /// Cases still open just before.
    pub at_risk: u64,
    /// Cases that ended then.
    pub ended: u64,
    /// Share still open after it, 0 to 1.
    pub open: f64,
    /// 95 % interval of that share (Greenwood, on the log-log scale).
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How the share of open cases falls over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// One step for each time at which a case ended.
    pub steps: Vec<Step>,
    /// Cases.
    pub cases: u64,
    /// Hours until half of the cases have ended; none while more than half are open.
    pub median: Option<f64>,
    /// Lower end of the median's 95 % interval.
    pub median_low: Option<f64>,
    /// Upper end; none where the cases do not give one.
    pub median_high: Option<f64>,
}

impl Curve {
    /// Gives the share still open after so many hours, 0 to 1.
    pub fn open_at(&self, hours: f64) -> f64 {
        self.last_step(hours).map_or(1.0, |step| step.open)
    }

    /// Gives the last step up to so many hours.
    pub fn last_step(&self, hours: f64) -> Option<&Step> {
        self.steps.iter().take_while(|step| step.hours <= hours).last()
    }
}

/// Draws the curve after Kaplan and Meier 1958; the median's interval holds every time at which the curve's own interval holds
/// one half (Brookmeyer and Crowley 1982). A span that is negative or no number is left out.
pub fn survival(spans: &[Span]) -> Curve {
    let mut spans: Vec<Span> =
        spans.iter().copied().filter(|span| span.hours.is_finite() && span.hours >= 0.0).collect();
    spans.sort_by(|a, b| a.hours.total_cmp(&b.hours));
    let mut curve = Curve { cases: spans.len() as u64, ..Curve::default() };
    let (mut at_risk, mut open, mut greenwood) = (spans.len() as u64, 1.0, 0.0);
    for tied in spans.chunk_by(|a, b| a.hours == b.hours) {
        let ended = tied.iter().filter(|span| span.ended).count() as u64;
        if let (Some(first), 1..) = (tied.first(), ended) {
            let (risk, gone) = (at_risk as f64, ended as f64);
            open *= 1.0 - gone / risk;
            greenwood += gone / (risk * (risk - gone));
            let (low, high) = limits(open, greenwood);
            curve.steps.push(Step { hours: first.hours, at_risk, ended, open, low, high });
        }
        at_risk -= tied.len() as u64;
    }
    let falls = |share: fn(&Step) -> f64| {
        curve.steps.iter().find(|step| share(step) <= 0.5 + 1e-12).map(|step| step.hours)
    };
    (curve.median, curve.median_low, curve.median_high) =
        (falls(|step| step.open), falls(|step| step.low), falls(|step| step.high));
    curve
}

fn limits(open: f64, greenwood: f64) -> (f64, f64) {
    if open <= 0.0 || !greenwood.is_finite() {
        return (0.0, open);
    }
    let half = Z * greenwood.sqrt() / open.ln();
    (open.powf((-half).exp()), open.powf(half.exp()))
}

/// One case of one customer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Case {
    /// When the customer first told.
    pub told: Timestamp,
    /// The first answer by a human.
    pub answered: Option<Timestamp>,
    /// When a closing was accepted by the customer.
    pub closed: Option<Timestamp>,
    /// "Was it solved?", where somebody answered.
    pub confirmed: Option<bool>,
    /// When the same customer came back with the same theme after closing.
    pub back: Option<Timestamp>,
    /// Whether the customer was a detractor.
    pub detractor: bool,
    /// The customer's score at the next survey, on 0 to 10.
    pub next_score: Option<f64>,
}

/// A share with what it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// Cases that count.
    pub hits: u64,
    /// Of so many.
    pub n: u64,
    /// In per cent, with Wilson's interval; none where nothing counts.
    pub interval: Option<Interval>,
}

impl Share {
    fn of<'a>(cases: impl Iterator<Item = &'a Case>, hit: impl Fn(&Case) -> bool) -> Self {
        let (hits, n) = cases.fold((0, 0), |(hits, n), case| (hits + u64::from(hit(case)), n + 1));
        Self { hits, n, interval: (n > 0).then(|| wilson(hits, n)) }
    }
}

/// The figures of a set of cases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClosedLoop {
    /// Hours to the first answer. The clock runs through nights and weekends.
    pub response: Curve,
    /// Hours to a closing that the customer accepts.
    pub resolution: Curve,
    /// Answered within [`TARGET_HOURS`], of the cases that are answered or that old.
    pub within_target: Share,
    /// Asked and answered whether it was solved, of the closed cases.
    pub verified: Share,
    /// Said that it was solved, of those who answered.
    pub confirmed: Share,
    /// Came back with the same theme within 7, 14 and 30 days, of the cases that were closed so long ago.
    pub recontact: [Share; 3],
    /// Detractors who give 7 or more at the next survey, of those with a next survey.
    pub recovered: Share,
}

/// Gives the figures of the cases as they stand at `now`. What lies after `now` has not happened; a case told after `now` is left
/// out.
pub fn closed_loop(cases: &[Case], now: Timestamp) -> ClosedLoop {
    let cases: Vec<Case> = cases.iter().filter(|case| case.told <= now).map(|case| case.until(now)).collect();
    let spans = |end: fn(&Case) -> Option<Timestamp>| {
        let span = |case: &Case| Span {
            hours: hours(case.told, end(case).unwrap_or(now)),
            ended: end(case).is_some(),
        };
        survival(&cases.iter().map(span).collect::<Vec<_>>())
    };
    let closed = || cases.iter().filter(|case| case.closed.is_some());
    let in_time =
        |case: &Case| case.answered.is_some_and(|answered| hours(case.told, answered) <= TARGET_HOURS);
    let over = |case: &&Case| case.answered.is_some() || hours(case.told, now) > TARGET_HOURS;
    ClosedLoop {
        response: spans(|case| case.answered),
        resolution: spans(|case| case.closed),
        within_target: Share::of(cases.iter().filter(over), in_time),
        verified: Share::of(closed(), |case| case.confirmed.is_some()),
        confirmed: Share::of(cases.iter().filter(|case| case.confirmed.is_some()), |case| {
            case.confirmed == Some(true)
        }),
        recontact: RECONTACT_DAYS.map(|days| recontact(&cases, days, now)),
        recovered: Share::of(
            cases.iter().filter(|case| case.detractor && case.next_score.is_some()),
            |case| case.next_score.is_some_and(|score| score >= RECOVERED),
        ),
    }
}

fn recontact(cases: &[Case], days: i64, now: Timestamp) -> Share {
    let limit = |case: &Case| case.closed.map(|closed| closed.plus_days(days));
    let old = cases.iter().filter(|case| limit(case).is_some_and(|limit| limit <= now));
    Share::of(old, |case| case.back.zip(limit(case)).is_some_and(|(back, limit)| back <= limit))
}

impl Case {
    /// Gives the case as it was known at `now`.
    fn until(&self, now: Timestamp) -> Self {
        let known = |at: Option<Timestamp>| at.filter(|at| *at <= now);
        let closed = known(self.closed);
        Self {
            answered: known(self.answered),
            closed,
            back: known(self.back).filter(|back| closed.is_some_and(|closed| *back > closed)),
            ..*self
        }
    }
}

/// Hours from one moment to another; none of them negative.
fn hours(from: Timestamp, to: Timestamp) -> f64 {
    (to.millis().saturating_sub(from.millis()) as f64 / HOUR_MS).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTOR: [(f64, u8); 10] = [
        (2.0, 1),
        (3.0, 1),
        (3.0, 0),
        (5.0, 1),
        (8.0, 1),
        (8.0, 1),
        (12.0, 0),
        (15.0, 1),
        (20.0, 0),
        (20.0, 0),
    ];

    fn spans(of: &[(f64, u8)]) -> Vec<Span> {
        of.iter().map(|(hours, ended)| Span { hours: *hours, ended: *ended == 1 }).collect()
    }

    #[test]
    fn the_curve_matches_the_vector() {
        let curve = survival(&spans(&VECTOR));
        for (hours, open) in [(2.0, 0.9), (3.0, 0.8), (5.0, 0.685714), (8.0, 0.457143), (15.0, 0.304762)] {
            assert!((curve.open_at(hours) - open).abs() < 5e-7, "{hours}: {}", curve.open_at(hours));
        }
        assert_eq!((curve.open_at(1.0), curve.median), (1.0, Some(8.0)));
        assert!(curve.median_low.unwrap() < 8.0 && curve.median_high.is_none_or(|high| high >= 8.0));
        assert!(curve.steps.iter().all(|step| step.low <= step.open && step.open <= step.high));
        let closed: Vec<f64> =
            VECTOR.iter().filter(|(_, ended)| *ended == 1).map(|(hours, _)| *hours).collect();
        assert!((closed.iter().sum::<f64>() / closed.len() as f64 - 6.83).abs() < 0.01, "the mean misleads");
    }

    #[test]
    fn cases_that_are_all_open_or_absent_have_no_median() {
        assert_eq!(survival(&spans(&[(5.0, 0), (9.0, 0)])).median, None);
        assert_eq!(survival(&[]), Curve::default());
        let odd = survival(&spans(&[(f64::NAN, 1), (-1.0, 1), (4.0, 1)]));
        assert_eq!((odd.cases, odd.median), (1, Some(4.0)));
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_millis(hour * 3_600_000)
    }

    #[test]
    fn figures_count_only_what_is_over() {
        let case = |told: i64, answered: Option<i64>| Case {
            told: at(told),
            answered: answered.map(at),
            ..Case::default()
        };
        let closed = |confirmed, back: Option<i64>| Case {
            told: at(0),
            answered: Some(at(1)),
            closed: Some(at(24)),
            confirmed,
            back: back.map(at),
            detractor: true,
            next_score: confirmed.map(|yes| if yes { 9.0 } else { 3.0 }),
        };
        let cases = [
            case(0, Some(40)),
            case(0, Some(60)),
            case(0, None),
            case(1_000, None),
            case(5_000, None),
            closed(Some(true), None),
            closed(Some(false), Some(24 + 24 * 8)),
            closed(None, Some(10)),
        ];
        let found = closed_loop(&cases, at(1_010));
        assert_eq!(
            (found.within_target.hits, found.within_target.n),
            (4, 6),
            "ten hours are not too long yet"
        );
        assert_eq!((found.verified.hits, found.verified.n), (2, 3));
        assert_eq!((found.confirmed.hits, found.confirmed.n), (1, 2));
        assert_eq!(found.recontact.map(|share| (share.hits, share.n)), [(0, 3), (1, 3), (1, 3)]);
        assert_eq!((found.recovered.hits, found.recovered.n), (1, 2));
        assert_eq!((found.response.cases, found.resolution.median), (7, Some(24.0)));
        let empty = closed_loop(&[], at(0));
        assert_eq!((empty.confirmed.interval, empty.response.median), (None, None));
    }
}
