//! NPS from its counts: on its own scale only, and from how many answers on.

use groundswell_model::Scale;

use crate::scores::{Interval, MIN_NPS_ANSWERS, is_nps_scale, nps};

const Z: f64 = 1.96;

/// Answers to the question whether one would recommend, on 0 to 10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NpsCounts {
    /// 9 and 10.
    pub promoters: u64,
    /// 7 and 8.
    pub passives: u64,
    /// 0 to 6.
    pub detractors: u64,
}

/// Why answers give no NPS.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotNps {
    /// NPS is defined on 0 to 10 with 10 the best; on another scale a share of best answers can be shown, but not NPS.
    #[error("a scale from {min} to {max} is not that of NPS: show the share of best answers")]
    Scale {
        /// Its lowest value.
        min: f64,
        /// Its highest value.
        max: f64,
    },
    /// An answer that the scale does not hold.
    #[error("{value} is no answer from 0 to 10")]
    Answer {
        /// The answer.
        value: f64,
    },
}

impl NpsCounts {
    /// Counts answers on a scale.
    ///
    /// # Errors
    /// [`NotNps::Scale`] on any scale but 0 to 10 with 10 the best, such as 1 to 5; [`NotNps::Answer`] for an answer outside.
    pub fn of_answers(scale: &Scale, answers: &[f64]) -> Result<Self, NotNps> {
        if !is_nps_scale(scale) {
            return Err(NotNps::Scale { min: scale.min, max: scale.max });
        }
        let mut counts = Self::default();
        for value in answers {
            match value {
                value if !scale.holds(*value) => return Err(NotNps::Answer { value: *value }),
                9.0.. => counts.promoters += 1,
                ..=6.0 => counts.detractors += 1,
                _ => counts.passives += 1,
            }
        }
        Ok(counts)
    }

    /// Gives the number of answers.
    pub fn n(&self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// Gives NPS in points; none without answers.
    pub fn value(&self) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| 100.0 * (self.promoters as f64 - self.detractors as f64) / n as f64)
    }

    /// Gives the variance of one answer, counted as 1, 0 or -1; none without answers.
    pub fn variance(&self) -> Option<f64> {
        let n = self.n() as f64;
        let mean = self.value()? / 100.0;
        Some((self.promoters + self.detractors) as f64 / n - mean * mean)
    }

    /// Gives NPS with the plain interval (Wald), for comparison with other tools; it is too narrow for few answers and may
    /// leave -100 to 100. None without answers.
    pub fn plain(&self) -> Option<Interval> {
        let value = self.value()?;
        let half = 100.0 * Z * (self.variance()? / self.n() as f64).sqrt();
        Some(Interval { value, low: value - half, high: value + half })
    }

    /// Gives NPS with the adjusted Wald interval, as it is shown; none below [`MIN_NPS_ANSWERS`].
    pub fn shown(&self) -> Option<Interval> {
        (self.n() >= MIN_NPS_ANSWERS).then(|| nps(self.promoters, self.passives, self.detractors))
    }
}

/// Gives how many answers a margin of so many points asks for, where one answer has this variance (1 at worst, 0.75 when
/// answers spread evenly); none for a margin that is not positive.
pub fn answers_needed(variance: f64, points: f64) -> Option<u64> {
    let needed = Z * Z * variance / (points / 100.0).powi(2);
    (points > 0.0 && needed.is_finite() && needed >= 0.0).then(|| needed.ceil() as u64)
}

/// Where a score goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trend {
    /// Up, by so many points, with the interval.
    Up(Interval),
    /// Down.
    Down(Interval),
    /// The interval holds zero: no arrow.
    NotProven(Interval),
    /// Too few answers before or after.
    TooFew,
}

/// Compares NPS before and after. An arrow is shown only where the interval of the difference leaves out zero.
pub fn trend(before: &NpsCounts, after: &NpsCounts) -> Trend {
    let enough = before.n() >= MIN_NPS_ANSWERS && after.n() >= MIN_NPS_ANSWERS;
    match super::impact::nps_difference(before, after) {
        Some(difference) if enough => match difference {
            Interval { low: 0.0.., .. } if difference.value > 0.0 => Trend::Up(difference),
            Interval { high: ..=0.0, .. } if difference.value < 0.0 => Trend::Down(difference),
            _ => Trend::NotProven(difference),
        },
        _ => Trend::TooFew,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) -> bool {
        (found - wanted).abs() < 5e-4
    }

    #[test]
    fn plain_intervals_match_the_vectors() {
        for (promoters, passives, detractors, value, low, high) in [
            (60, 25, 15, 45.0, 30.497, 59.503),
            (12, 5, 3, 45.0, 12.571, 77.429),
            (5, 0, 0, 100.0, 100.0, 100.0),
        ] {
            let found = NpsCounts { promoters, passives, detractors }.plain().unwrap();
            assert!(
                close(found.value, value) && close(found.low, low) && close(found.high, high),
                "{found:?}"
            );
        }
        assert_eq!(NpsCounts::default().plain(), None);
    }

    #[test]
    fn margins_ask_for_their_answers() {
        for (variance, points, wanted) in [
            (0.75, 5.0, 1_153),
            (0.75, 10.0, 289),
            (0.75, 15.0, 129),
            (1.0, 5.0, 1_537),
            (1.0, 10.0, 385),
            (1.0, 15.0, 171),
        ] {
            assert_eq!(answers_needed(variance, points), Some(wanted));
        }
        assert_eq!((answers_needed(1.0, 0.0), answers_needed(f64::NAN, 5.0)), (None, None));
    }

    #[test]
    fn nps_on_one_to_five_is_refused() {
        let five = Scale { min: 1.0, max: 5.0, high_is_good: true };
        assert_eq!(NpsCounts::of_answers(&five, &[5.0, 4.0]), Err(NotNps::Scale { min: 1.0, max: 5.0 }));
        let upside_down = Scale { min: 0.0, max: 10.0, high_is_good: false };
        assert!(NpsCounts::of_answers(&upside_down, &[10.0]).is_err());
        let ten = Scale { min: 0.0, max: 10.0, high_is_good: true };
        let counts = NpsCounts::of_answers(&ten, &[0.0, 6.0, 7.0, 8.0, 9.0, 10.0, 8.5]).unwrap();
        assert_eq!(counts, NpsCounts { promoters: 2, passives: 3, detractors: 2 });
        assert_eq!(NpsCounts::of_answers(&ten, &[11.0]), Err(NotNps::Answer { value: 11.0 }));
        assert!(matches!(NpsCounts::of_answers(&ten, &[f64::NAN]), Err(NotNps::Answer { .. })));
    }

    #[test]
    fn an_arrow_needs_a_difference_and_answers() {
        let counts = |promoters, passives, detractors| NpsCounts { promoters, passives, detractors };
        assert!(matches!(trend(&counts(100, 50, 50), &counts(50, 50, 100)), Trend::Down(_)));
        assert!(matches!(trend(&counts(50, 50, 100), &counts(100, 50, 50)), Trend::Up(_)));
        assert!(matches!(trend(&counts(20, 10, 10), &counts(22, 8, 10)), Trend::NotProven(_)));
        assert_eq!(trend(&counts(2, 1, 0), &counts(100, 1, 1)), Trend::TooFew, "a segment with three people");
        assert_eq!(trend(&counts(0, 0, 0), &counts(0, 0, 0)), Trend::TooFew);
        assert_eq!(counts(3, 0, 0).shown(), None);
    }
}
