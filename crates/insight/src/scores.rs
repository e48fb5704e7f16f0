//! Scores with intervals: NPS by the adjusted Wald interval, shares by Wilson's. Scores count responses, not people,
//! and are pooled by counts, never by averaging scores. Scales that differ in range or direction are never pooled.

use groundswell_model::{Metric, Scale};

use crate::holding::AnswerPoint;
use crate::matrix::Window;
use crate::view::View;

/// Below this number of answers no NPS is shown.
pub const MIN_NPS_ANSWERS: u64 = 30;

const Z: f64 = 1.96;

/// A value with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The value.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One score over a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// What it measures; `other` where a source calls answers NPS that are not on the scale of NPS, see [`is_nps_scale`].
    pub metric: Metric,
    /// The scale of its answers.
    pub scale: Scale,
    /// NPS in points from -100 to 100; every other metric as the share in per cent that chose the best answers.
    /// Absent where there are too few answers to say.
    pub interval: Option<Interval>,
    /// Mean of the answers on their scale.
    pub mean: f64,
    /// Number of answers.
    pub n: u64,
}

/// NPS with the adjusted Wald interval (three answers added: three quarters promoters, three quarters detractors).
/// Source: Rocks 2016; Lewis and Sauro 2021. The interval is clipped to -100..100.
pub fn nps(promoters: u64, passives: u64, detractors: u64) -> Interval {
    let n = (promoters + passives + detractors) as f64;
    let value = if n > 0.0 { 100.0 * (promoters as f64 - detractors as f64) / n } else { 0.0 };
    let total = n + 3.0;
    let p = (promoters as f64 + 0.75) / total;
    let d = (detractors as f64 + 0.75) / total;
    let half = Z * ((p + d - (p - d).powi(2)) / total).sqrt();
    let centre = p - d;
    Interval { value, low: (100.0 * (centre - half)).max(-100.0), high: (100.0 * (centre + half)).min(100.0) }
}

/// A share in per cent with Wilson's interval.
pub fn wilson(hits: u64, n: u64) -> Interval {
    if n == 0 {
        return Interval { value: 0.0, low: 0.0, high: 100.0 };
    }
    let (n, p) = (n as f64, hits as f64 / n as f64);
    let z2 = Z * Z;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    Interval {
        value: 100.0 * p,
        low: (100.0 * (centre - half)).max(0.0),
        high: (100.0 * (centre + half)).min(100.0),
    }
}

/// Says whether a scale is the one on which NPS is defined: 0 to 10, with 10 the best. On any other, such as 1 to 5, promoters
/// and detractors have no meaning, and the share of best answers is shown instead.
pub fn is_nps_scale(scale: &Scale) -> bool {
    scale.min == 0.0 && scale.max == 10.0 && scale.high_is_good
}

/// Gives every score of a window, by metric and scale.
pub fn scores(view: &View, window: &Window) -> Vec<Score> {
    let mut groups: Vec<(Metric, Scale, Vec<f64>)> = Vec::new();
    for (_, row) in view.rows().filter(|(_, row)| window.holds(row)) {
        for AnswerPoint { metric, scale, value } in &row.answers {
            let metric = shown_as(*metric, scale);
            match groups.iter_mut().find(|(m, s, _)| *m == metric && s == scale) {
                Some((_, _, values)) => values.push(*value),
                None => groups.push((metric, *scale, vec![*value])),
            }
        }
    }
    let mut scores: Vec<_> =
        groups.into_iter().map(|(metric, scale, values)| score(metric, scale, &values)).collect();
    scores.sort_by(|a, b| {
        a.metric
            .cmp(&b.metric)
            .then(a.scale.min.total_cmp(&b.scale.min))
            .then(a.scale.max.total_cmp(&b.scale.max))
            .then(a.scale.high_is_good.cmp(&b.scale.high_is_good))
    });
    scores
}

/// Gives the metric as which answers are shown: NPS only on its own scale.
fn shown_as(metric: Metric, scale: &Scale) -> Metric {
    if metric == Metric::Nps && !is_nps_scale(scale) { Metric::Other } else { metric }
}

fn score(metric: Metric, scale: Scale, values: &[f64]) -> Score {
    let n = values.len() as u64;
    let mean = if n > 0 { ordered_sum(values) / n as f64 } else { 0.0 };
    let interval = if metric == Metric::Nps {
        let promoters = count(values, |value| value >= 9.0);
        let detractors = count(values, |value| value <= 6.0);
        (n >= MIN_NPS_ANSWERS).then(|| nps(promoters, n - promoters - detractors, detractors))
    } else {
        let best = count(values, |value| in_top_box(scale, value));
        (n > 0).then(|| wilson(best, n))
    };
    Score { metric, scale, interval, mean, n }
}

/// Sums in order of size, so that the order of arrival leaves no trace in the last digit.
fn ordered_sum(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.iter().sum()
}

fn count(values: &[f64], hit: impl Fn(f64) -> bool) -> u64 {
    values.iter().filter(|value| hit(**value)).count() as u64
}

/// The best two answers of a scale of five or more points, else the best one.
fn in_top_box(scale: Scale, value: f64) -> bool {
    let boxes = if scale.max - scale.min >= 4.0 { 1.0 } else { 0.0 };
    if scale.high_is_good { value >= scale.max - boxes } else { value <= scale.min + boxes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 5e-4
    }

    #[test]
    fn nps_matches_the_published_vectors() {
        let big = nps(60, 25, 15);
        assert!(close(big.value, 45.0) && close(big.low, 29.343) && close(big.high, 58.036), "{big:?}");
        let small = nps(12, 5, 3);
        assert!(
            close(small.value, 45.0) && close(small.low, 8.431) && close(small.high, 69.830),
            "{small:?}"
        );
        let all = nps(5, 0, 0);
        assert!(close(all.value, 100.0) && close(all.low, 17.491) && close(all.high, 100.0), "{all:?}");
    }

    #[test]
    fn wilson_matches_the_published_vectors() {
        let some = wilson(8, 20);
        assert!(close(some.low, 21.88) || (some.low - 21.88).abs() < 0.01, "{some:?}");
        assert!((some.high - 61.34).abs() < 0.01, "{some:?}");
        let none = wilson(0, 12);
        assert!(none.low == 0.0 && (none.high - 24.25).abs() < 0.01, "{none:?}");
    }

    #[test]
    fn a_scale_where_low_is_good_counts_its_low_answers() {
        let scale = Scale { min: 1.0, max: 5.0, high_is_good: false };
        let score = score(Metric::Csat, scale, &[1.0, 2.0, 3.0, 5.0]);
        assert_eq!(score.interval.unwrap().value, 50.0);
    }

    #[test]
    fn too_few_answers_give_no_nps() {
        let scale = Scale { min: 0.0, max: 10.0, high_is_good: true };
        assert_eq!(score(Metric::Nps, scale, &[10.0; 29]).interval, None);
        assert!(score(Metric::Nps, scale, &[10.0; 30]).interval.is_some());
    }

    #[test]
    fn nps_on_one_to_five_is_not_shown_as_nps() {
        let five = Scale { min: 1.0, max: 5.0, high_is_good: true };
        let ten = Scale { min: 0.0, max: 10.0, high_is_good: true };
        assert_eq!(shown_as(Metric::Nps, &five), Metric::Other);
        assert_eq!(shown_as(Metric::Nps, &ten), Metric::Nps);
        assert_eq!(shown_as(Metric::Csat, &five), Metric::Csat);
        let share = score(Metric::Other, five, &[5.0, 4.0, 1.0, 2.0]).interval.unwrap();
        assert_eq!(share.value, 50.0, "the share of best answers, not points");
    }
}
