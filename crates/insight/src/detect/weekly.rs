//! Weekly counts with at least three years of history and a season: whether this week departs from its trend and season.
//! For shorter histories use the daily [`Series`](super::Series).
//!
//! Source: a quasi-Poisson log-linear model after Noufaily et al. 2013, with yearly waves in place of their steps, the
//! uncertainty of the fit in the tail, and two weeks looked at together besides the last one.

use serde::{Deserialize, Serialize};

use crate::stats::mid_p;

/// Weeks of history that the model looks back, five years.
pub const LOOK_BACK: usize = 260;

/// Weeks of history without which nothing is said, three years.
pub const FEWEST: usize = 156;

/// Weeks before the one judged that the model does not learn from.
pub const GUARD: usize = 26;

/// Weeks of a year.
pub const YEAR: f64 = 52.1775;

/// Mid-p of the last two weeks under which they are an alarm: with [`ONE_WEEK`] a false one in a hundred weeks. Two weeks
/// hold nearly all of a short outbreak, one holds half.
pub const TWO_WEEKS: f64 = 0.0095;

/// Mid-p of the last week alone under which it is an alarm.
pub const ONE_WEEK: f64 = 0.0005;

/// Waves of the season: one and two a year.
const WAVES: usize = 2;

/// Standard deviations from which a past week loses its weight.
const OUTLIER: f64 = 2.58;

/// Rounds of a fit; it ends earlier when nothing moves.
const ROUNDS: usize = 25;

/// Weekly counts up to the week that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Weeks<'a> {
    /// The counts, oldest first; the last is judged.
    pub counts: &'a [u32],
    /// Exposure of each week, 0 where it is not known; empty where there is none at all.
    pub exposures: &'a [f64],
    /// Weeks of a year, see [`YEAR`].
    pub year: f64,
}

/// The numbers of a week.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeekReading {
    /// Its count.
    pub count: u32,
    /// What trend and season let expect.
    pub expected: f64,
    /// Standard error of the logarithm of that.
    pub doubt: f64,
    /// Variance by mean, without the doubt; at least 1.
    pub dispersion: f64,
    /// Mid-p of the week.
    pub p_week: f64,
    /// Mid-p of this and the week before.
    pub p_two_weeks: f64,
}

impl WeekReading {
    /// Says whether the week is an alarm: a false one in a hundred weeks.
    pub fn is_alarm(&self) -> bool {
        self.p_week < ONE_WEEK || self.p_two_weeks < TWO_WEEKS
    }
}

impl Weeks<'_> {
    /// Judges the last week; nothing where less than three years are known.
    pub fn judge(&self) -> Option<WeekReading> {
        let season = self.season()?;
        let at = self.counts.len().checked_sub(1)?;
        season.judge([self.counts.get(at.checked_sub(1)?).copied()?, self.counts.get(at).copied()?])
    }

    /// Fits the model that judges the last week. Its count and those of the 26 weeks before play no part.
    pub fn season(&self) -> Option<Season> {
        let at = self.counts.len().checked_sub(1)?;
        let end = at.checked_sub(GUARD)?;
        let start = end.saturating_sub(LOOK_BACK);
        let weeks: Vec<(f64, f64, f64)> = (start..end)
            .filter_map(|week| {
                let exposure = self.exposure(week)?;
                Some((week as f64 - at as f64, f64::from(*self.counts.get(week)?), exposure.ln()))
            })
            .collect();
        let targets = [(-1.0, self.exposure(at - 1)?.ln()), (0.0, self.exposure(at)?.ln())];
        if weeks.len() < FEWEST - GUARD {
            return None;
        }
        Model::new(&weeks, targets, self.year).fit()
    }

    fn exposure(&self, week: usize) -> Option<f64> {
        if self.exposures.is_empty() {
            return Some(1.0);
        }
        self.exposures.get(week).copied().filter(|exposure| *exposure > 0.0 && exposure.is_finite())
    }
}

/// What is expected of the last week and the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Season {
    expected: [f64; 2],
    /// Variances of the fit: of the last week's expectation, of that of both weeks.
    variances: [f64; 2],
    dispersion: f64,
}

impl Season {
    /// Judges the counts of the week before the last and of the last.
    pub fn judge(&self, counts: [u32; 2]) -> Option<WeekReading> {
        let ([before, expected], [before_count, count]) = (self.expected, counts);
        let p = |count: u64, mean: f64, variance: f64| mid_p(count, mean, self.dispersion + variance / mean);
        let [one, two] = self.variances;
        (expected.is_finite() && before.is_finite()).then(|| WeekReading {
            count,
            expected,
            doubt: one.sqrt() / expected,
            dispersion: self.dispersion,
            p_week: p(u64::from(count), expected, one),
            p_two_weeks: p(u64::from(count) + u64::from(before_count), expected + before, two),
        })
    }
}

/// A column of the design over the weeks of history, with what it is in the two weeks that are judged.
#[derive(Clone)]
struct Column {
    weeks: Vec<f64>,
    targets: [f64; 2],
}

/// The model while it is fitted.
struct Model<'a> {
    weeks: &'a [(f64, f64, f64)],
    offsets: [f64; 2],
    columns: Vec<Column>,
    /// Weight of each week.
    trust: Vec<f64>,
    means: Vec<f64>,
    leverages: Vec<f64>,
}

/// A fit's answer in the weeks that are judged.
#[derive(Default)]
struct Answer {
    logs: [f64; 2],
    /// Coordinates of each target in the orthonormal columns: their squares sum to the variance of its logarithm.
    coordinates: Vec<[f64; 2]>,
}

impl<'a> Model<'a> {
    fn new(weeks: &'a [(f64, f64, f64)], targets: [(f64, f64); 2], year: f64) -> Self {
        let column = |of: &dyn Fn(f64) -> f64| Column {
            weeks: weeks.iter().map(|(time, ..)| of(*time)).collect(),
            targets: targets.map(|(time, _)| of(time)),
        };
        let mut columns = vec![column(&|_| 1.0), column(&|time| time / LOOK_BACK as f64)];
        for wave in 1..=WAVES {
            let turn = std::f64::consts::TAU * wave as f64 / year;
            columns.push(column(&|time| (turn * time).cos()));
            columns.push(column(&|time| (turn * time).sin()));
        }
        let total: f64 = weeks.iter().map(|(_, count, _)| count).sum();
        let exposure: f64 = weeks.iter().map(|(.., log)| log.exp()).sum();
        let rate = (total + 0.5) / exposure;
        Self {
            weeks,
            offsets: targets.map(|(_, log)| log),
            columns,
            trust: vec![1.0; weeks.len()],
            means: weeks.iter().map(|(.., log)| rate * log.exp()).collect(),
            leverages: Vec::new(),
        }
    }

    fn fit(mut self) -> Option<Season> {
        self.settle();
        let first = self.dispersion();
        self.distrust(first);
        let answer = self.settle();
        let dispersion = self.dispersion();
        let expected = answer.logs.map(f64::exp);
        let [before, last] = expected;
        let (mut one, mut two) = (0.0, 0.0);
        for [a, b] in &answer.coordinates {
            one += dispersion * (last * b).powi(2);
            two += dispersion * (before * a + last * b).powi(2);
        }
        let sound =
            expected.iter().all(|mean| mean.is_finite() && *mean > 0.0) && one.is_finite() && two.is_finite();
        sound.then_some(Season { expected, variances: [one, two], dispersion })
    }

    /// Fits by iteratively reweighted least squares.
    fn settle(&mut self) -> Answer {
        let mut answer = Answer::default();
        let mut before = f64::INFINITY;
        for _ in 0..ROUNDS {
            answer = self.round();
            let deviance = self.deviance();
            if (deviance - before).abs() < 1e-8 * (deviance.abs() + 0.1) {
                break;
            }
            before = deviance;
        }
        answer
    }

    /// One round: weighted columns made orthonormal, the working response projected on them.
    fn round(&mut self) -> Answer {
        let roots: Vec<f64> =
            self.means.iter().zip(&self.trust).map(|(mean, trust)| (mean * trust).sqrt()).collect();
        let response: Vec<f64> = (self.weeks.iter().zip(&self.means).zip(&roots))
            .map(|(((_, count, offset), mean), root)| root * (mean.ln() - offset + (count - mean) / mean))
            .collect();
        let basis = orthonormal(&self.columns, &roots);
        let mut logs = vec![0.0; roots.len()];
        self.leverages = vec![0.0; roots.len()];
        let mut answer = Answer { logs: self.offsets, coordinates: Vec::with_capacity(basis.len()) };
        for column in &basis {
            let part = dot(&column.weeks, &response);
            for ((log, leverage), value) in logs.iter_mut().zip(&mut self.leverages).zip(&column.weeks) {
                *log += part * value;
                *leverage += value * value;
            }
            for (log, value) in answer.logs.iter_mut().zip(column.targets) {
                *log += part * value;
            }
            answer.coordinates.push(column.targets);
        }
        for (((mean, log), root), (.., offset)) in self.means.iter_mut().zip(logs).zip(&roots).zip(self.weeks)
        {
            *mean = (log / root + offset).exp().clamp(1e-9, 1e12);
        }
        answer
    }

    fn deviance(&self) -> f64 {
        let each =
            self.weeks.iter().zip(&self.means).zip(&self.trust).map(|(((_, count, _), mean), trust)| {
                let surprise = if *count > 0.0 { count * (count / mean).ln() } else { 0.0 };
                2.0 * trust * (surprise - (count - mean))
            });
        each.sum()
    }

    fn dispersion(&self) -> f64 {
        let each = self.weeks.iter().zip(&self.means).zip(&self.trust);
        let sum: f64 = each.map(|(((_, count, _), mean), trust)| trust * (count - mean).powi(2) / mean).sum();
        (sum / (self.weeks.len() as f64 - self.columns.len() as f64).max(1.0)).max(1.0)
    }

    /// Takes weight from weeks that lie far above the fit, by their Anscombe residuals.
    fn distrust(&mut self, dispersion: f64) {
        let each = self.weeks.iter().zip(&self.means).zip(&self.leverages);
        let mut trust: Vec<f64> = each
            .map(|(((_, count, _), mean), leverage)| {
                let distance = 1.5 * (count.powf(2.0 / 3.0) * mean.powf(-1.0 / 6.0) - mean.sqrt());
                let residual = distance / (dispersion * (1.0 - leverage).max(1e-3)).sqrt();
                if residual > OUTLIER { residual.powi(-2) } else { 1.0 }
            })
            .collect();
        let scale = trust.len() as f64 / trust.iter().sum::<f64>();
        trust.iter_mut().for_each(|trust| *trust *= scale);
        self.trust = trust;
    }
}

/// Weighs columns and makes them orthonormal (modified Gram–Schmidt), the targets going along; columns that say nothing new go.
fn orthonormal(columns: &[Column], roots: &[f64]) -> Vec<Column> {
    let mut basis: Vec<Column> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut column = column.clone();
        column.weeks.iter_mut().zip(roots).for_each(|(value, root)| *value *= root);
        let whole = dot(&column.weeks, &column.weeks);
        for known in &basis {
            let part = dot(&column.weeks, &known.weeks);
            column.weeks.iter_mut().zip(&known.weeks).for_each(|(value, known)| *value -= part * known);
            column.targets.iter_mut().zip(known.targets).for_each(|(value, known)| *value -= part * known);
        }
        let left = dot(&column.weeks, &column.weeks);
        if left > 1e-12 * whole {
            let scale = 1.0 / left.sqrt();
            column.weeks.iter_mut().chain(&mut column.targets).for_each(|value| *value *= scale);
            basis.push(column);
        }
    }
    basis
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of a rising, seasonal mean, rounded.
    fn season(weeks: usize) -> Vec<u32> {
        let mean = |t: f64| (2.5 + 0.002 * t + 0.5 * (std::f64::consts::TAU * t / YEAR).sin()).exp();
        (0..weeks).map(|week| mean(week as f64).round() as u32).collect()
    }

    fn judge(counts: &[u32], exposures: &[f64]) -> Option<WeekReading> {
        Weeks { counts, exposures, year: YEAR }.judge()
    }

    #[test]
    fn trend_and_season_are_expected() {
        let counts = season(320);
        let reading = judge(&counts, &[]).unwrap();
        assert!((reading.expected / f64::from(counts[319]) - 1.0).abs() < 0.03, "{reading:?}");
        assert_eq!(reading.dispersion, 1.0);
        assert!(reading.doubt > 0.01 && reading.doubt < 0.06, "{reading:?}");
        assert!(!reading.is_alarm() && reading.p_week > 0.2);
    }

    #[test]
    fn a_week_far_above_its_season_is_an_alarm_and_a_past_one_teaches_little() {
        let mut counts = season(320);
        counts[319] += 25;
        assert!(judge(&counts, &[]).unwrap().is_alarm());
        let calm = judge(&season(320), &[]).unwrap();
        let mut past = season(320);
        past[280] *= 4;
        let taught = judge(&past, &[]).unwrap();
        assert!((taught.expected / calm.expected - 1.0).abs() < 0.03, "{taught:?} {calm:?}");
        let mut recent = season(320);
        recent[300] *= 10;
        assert_eq!(judge(&recent, &[]).unwrap(), calm, "the guard teaches nothing");
    }

    #[test]
    fn twice_the_exposure_is_twice_the_expected() {
        let counts = season(320);
        let mut exposures = vec![1000.0; 320];
        let even = judge(&counts, &exposures).unwrap();
        exposures[319] = 2000.0;
        let twice = judge(&counts, &exposures).unwrap();
        assert!((twice.expected / even.expected - 2.0).abs() < 1e-9);
        exposures[100] = 0.0;
        assert!(
            judge(&counts, &exposures).unwrap().expected > 1.9 * even.expected,
            "a week without data is left out"
        );
        exposures[319] = 0.0;
        assert_eq!(judge(&counts, &exposures), None);
    }

    #[test]
    fn short_and_empty_histories_are_no_fault() {
        assert_eq!(judge(&season(155), &[]), None);
        assert!(judge(&season(157), &[]).is_some());
        assert_eq!(judge(&[], &[]), None);
        let silent = judge(&[0; 320], &[]).unwrap();
        assert!(!silent.is_alarm() && silent.expected < 0.1, "{silent:?}");
        let mut first = [0; 320];
        first[319] = 30;
        assert!(judge(&first, &[]).is_some_and(|reading| reading.is_alarm()));
        assert!(judge(&[u32::MAX; 320], &[]).is_some_and(|reading| !reading.is_alarm()));
    }
}
