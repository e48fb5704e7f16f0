//! What a series of daily counts is expected to be: a rate per exposure with weekday factors and a dispersion, from the
//! 84 days that end seven days before. Derived from counts and exposures alone; nothing is carried from day to day.
//!
//! Source: our own design after Farrington et al. 1996 (past issues lose their weight) and Noufaily et al. 2013 (guard
//! band), with shrunken factors instead of a regression, so that 84 short days are enough.

use serde::{Deserialize, Serialize};

/// Days that a baseline looks at.
pub const WINDOW: usize = 84;

/// Days from the end of the window to the day that is judged, so that a slow issue does not teach its own baseline.
pub const GUARD: usize = 7;

/// Under this number of days with data a baseline is cold: it leans on the parent.
pub const WARM: usize = 28;

/// Under this number of days with data, and without a parent, nothing is expected.
pub const FEWEST: usize = 7;

/// Events that the prior is worth: half an event at the siblings' mean rate.
const PRIOR_EVENTS: f64 = 0.5;

/// Events that the parent's rate is worth while a series is cold.
const PARENT_EVENTS: f64 = 5.0;

/// Standard deviations over which a past day is capped.
const CAP: f64 = 2.58;

/// Events that the even week is worth in a weekday factor. The exposure holds the weekday of the whole, only the cell's own is left.
const WEEKDAY_EVENTS: f64 = 10.0;

/// Expected events by those the rate was made of, up to which the rate's own uncertainty is passed over.
const USUAL_DOUBT: f64 = 0.25;

/// One day of a series. A day without exposure is a day without data, not a day with nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Distinct people in the cell that day.
    pub count: u32,
    /// People who could have said it that day; 0 where nothing is known. Single precision keeps a series small.
    pub exposure: f32,
}

impl Point {
    /// A day of which nothing is known.
    pub const NO_DATA: Self = Self { count: 0, exposure: 0.0 };

    /// Makes a day.
    pub fn new(count: u32, exposure: f32) -> Self {
        Self { count, exposure }
    }

    /// Says whether anything is known of the day.
    pub fn is_heard(self) -> bool {
        self.exposure > 0.0 && self.exposure.is_finite()
    }
}

/// What is known of a series from those around it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Kin {
    /// Mean rate (events per exposure) of the sibling series; without one the prior adds its half event and no exposure.
    pub siblings: Option<f64>,
    /// Rate of the parent cell, used while the series is cold.
    pub parent: Option<f64>,
}

/// What is expected of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// Events per exposure.
    pub rate: f64,
    /// Factors of the weekdays, from Monday.
    pub weekdays: [f64; 7],
    /// Variance by mean, at least 1.
    pub dispersion: f64,
    /// Days with data that it was made of.
    pub days: usize,
    /// Whether there were fewer than 28 such days.
    pub cold: bool,
    /// Events that the rate is made of, the prior's included.
    events: f64,
}

/// Events and exposure that are added to what was seen.
#[derive(Clone, Copy)]
struct Prior {
    events: f64,
    exposure: f64,
}

impl Prior {
    fn of(events: f64, rate: Option<f64>) -> Self {
        let rate = rate.filter(|rate| *rate > 0.0 && rate.is_finite());
        Self { events, exposure: rate.map_or(0.0, |rate| events / rate) }
    }
}

impl Baseline {
    /// Makes the baseline of a window whose first day has this weekday (0 = Monday).
    /// Gives nothing where too little is known.
    pub fn of(window: &[Point], first_weekday: usize, kin: Kin) -> Option<Self> {
        let days: Vec<Heard> = window.iter().copied().map(Heard::of).collect();
        Self::of_heard(&days, first_weekday, kin)
    }

    /// Makes the baseline of days whose quotients are known already.
    pub(super) fn of_heard(window: &[Heard], first_weekday: usize, kin: Kin) -> Option<Self> {
        let days = window.iter().filter(|day| day.exposure > 0.0).count();
        let cold = days < WARM;
        let parent = kin.parent.filter(|rate| *rate > 0.0 && rate.is_finite());
        let prior = match parent {
            Some(_) if cold => Prior::of(PARENT_EVENTS, parent),
            _ if days < FEWEST => return None,
            _ => Prior::of(PRIOR_EVENTS, kin.siblings),
        };
        let mut baseline = fit(window, days, prior);
        baseline.weekdays.rotate_right(first_weekday % 7);
        Some(baseline)
    }

    /// Gives the expected count of a day with this exposure and weekday (0 = Monday).
    pub fn expected(&self, exposure: f64, weekday: usize) -> f64 {
        self.rate * exposure * self.factor(weekday)
    }

    /// Gives the factor of a weekday (0 = Monday).
    pub fn factor(&self, weekday: usize) -> f64 {
        self.weekdays.get(weekday % 7).copied().unwrap_or(1.0)
    }

    /// Gives the dispersion of a count of which so many are expected. A rate known from `k` events is uncertain, which adds
    /// a variance of mean² / k. It is added where it matters, while the series is cold and at many times the usual volume;
    /// in a usual week it is a twelfth, and the thresholds were set without it.
    pub fn dispersion_at(&self, expected: f64) -> f64 {
        let doubt = if self.events > 0.0 { expected / self.events } else { 0.0 };
        let usual = if self.cold { 0.0 } else { USUAL_DOUBT };
        self.dispersion + (doubt - usual).max(0.0)
    }
}

/// A day as the sums need it, zero where nothing is known; over days: the sums.
#[derive(Clone, Copy, Default)]
pub(super) struct Heard {
    count: f64,
    exposure: f64,
    /// Count² / exposure, which is all that a dispersion needs beside the other two.
    square: f64,
}

impl Heard {
    pub(super) fn of(point: Point) -> Self {
        if !point.is_heard() {
            return Self::default();
        }
        let (count, exposure) = (f64::from(point.count), f64::from(point.exposure));
        Self { count, exposure, square: count * count / exposure }
    }

    fn add(&mut self, day: Self) {
        self.count += day.count;
        self.exposure += day.exposure;
        self.square += day.square;
    }

    /// Sum of (count − rate × exposure)² / (rate × exposure).
    fn unrest(&self, rate: f64) -> f64 {
        if rate > 0.0 { self.square / rate - 2.0 * self.count + rate * self.exposure } else { 0.0 }
    }

    /// Takes away what a day has over its cap.
    fn cap(&mut self, day: Self, cap: f64) {
        self.count -= day.count - cap;
        self.square -= day.square - cap * cap / day.exposure;
    }
}

/// Fits a window; the weekday factors start with the window's first day.
fn fit(window: &[Heard], days: usize, prior: Prior) -> Baseline {
    let mut places = [Heard::default(); 7];
    for week in window.chunks(7) {
        places.iter_mut().zip(week).for_each(|(place, day)| place.add(*day));
    }
    let whole = total(&places);
    let rate_of = |counts: f64| match whole.exposure + prior.exposure {
        exposure if exposure > 0.0 => (counts + prior.events) / exposure,
        _ => 0.0,
    };
    let rough = rate_of(whole.count);
    let unrest = (whole.unrest(rough) / (days.max(2) - 1) as f64).max(1.0);
    let spread = CAP * CAP * unrest * rough;
    for week in window.chunks(7) {
        for (place, day) in places.iter_mut().zip(week) {
            let over = day.count - rough * day.exposure - 1.0;
            // One comparison with the square, its sign kept: the root is drawn for the few days that need it.
            if over * over.abs() > spread * day.exposure {
                place.cap(*day, rough * day.exposure + (spread * day.exposure).sqrt() + 1.0);
            }
        }
    }
    let counts = total(&places).count;
    let rate = rate_of(counts);
    let weekdays =
        places.map(|place| (place.count + WEEKDAY_EVENTS) / (rate * place.exposure + WEEKDAY_EVENTS));
    let unrest: f64 = places.iter().zip(weekdays).map(|(place, factor)| place.unrest(rate * factor)).sum();
    let freedom = if days >= 2 * 8 { (days - 8) as f64 } else { f64::INFINITY };
    Baseline {
        rate,
        weekdays,
        dispersion: (unrest / freedom).max(1.0),
        days,
        cold: days < WARM,
        events: counts + prior.events,
    }
}

fn total(places: &[Heard; 7]) -> Heard {
    let mut total = Heard::default();
    places.iter().for_each(|place| total.add(*place));
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{at_least, mid_p};

    const COUNTS: [u32; 28] =
        [4, 5, 3, 6, 4, 2, 3, 5, 4, 4, 5, 3, 1, 2, 3, 6, 5, 4, 4, 3, 2, 6, 5, 4, 3, 5, 2, 3];
    const EXPOSURES: [f32; 7] = [2500.0, 2300.0, 2100.0, 2000.0, 1900.0, 1500.0, 1700.0];

    fn window() -> Vec<Point> {
        COUNTS.iter().zip(EXPOSURES.iter().cycle()).map(|(count, n)| Point::new(*count, *n)).collect()
    }

    fn heard() -> Vec<Heard> {
        window().into_iter().map(Heard::of).collect()
    }

    #[track_caller]
    fn close(found: f64, wanted: f64, tolerance: f64) {
        assert!((found - wanted).abs() <= tolerance, "{found} instead of {wanted}");
    }

    #[test]
    fn four_weeks_give_the_rate_the_factors_and_the_tail_of_the_method() {
        let baseline = fit(&heard(), 28, Prior { events: 0.0, exposure: 0.0 });
        close(baseline.rate, 0.001892857, 1e-9);
        for (found, wanted) in
            baseline.weekdays.iter().zip([0.9679, 1.0943, 1.0039, 1.1136, 1.0662, 0.8428, 0.8745])
        {
            close(*found, wanted, 5e-5);
        }
        assert_eq!((baseline.dispersion, baseline.cold), (1.0, false));
        let expected = baseline.expected(4600.0, 0);
        close(expected, 8.427654, 1e-6);
        close(at_least(9, expected, 1.0), 0.46693, 5e-6);
        close(at_least(18, expected, 1.0), 0.0027504, 5e-8);
        assert!(mid_p(9, expected, 1.0) > 0.3, "twice the volume is no news");
        let usual = baseline.expected(2500.0, 0);
        close(usual, 4.580247, 1e-6);
        close(at_least(9, usual, 1.0), 0.04409, 5e-6);
    }

    #[test]
    fn weekdays_belong_to_the_calendar_wherever_the_window_begins() {
        let points = window();
        let from_monday = Baseline::of(&points, 0, Kin::default()).unwrap();
        let mut turned = points.clone();
        turned.rotate_left(3);
        let from_thursday = Baseline::of(&turned, 3, Kin::default()).unwrap();
        for weekday in 0..7 {
            close(from_monday.factor(weekday), from_thursday.factor(weekday), 1e-12);
        }
    }

    #[test]
    fn a_past_issue_loses_its_weight() {
        let mut points = window();
        points[10].count = 60;
        let taught = Baseline::of(&points, 0, Kin::default()).unwrap();
        let calm = Baseline::of(&window(), 0, Kin::default()).unwrap();
        let uncapped = (161.0 + 0.5) / 56_000.0;
        assert!(taught.rate - calm.rate < 0.6 * (uncapped - calm.rate), "{} of {}", taught.rate, calm.rate);
    }

    #[test]
    fn a_day_without_data_is_left_out() {
        let points = window();
        let mut gaps: Vec<Point> = points.clone();
        gaps.extend([Point::NO_DATA; 7]);
        gaps.push(Point { count: 9, exposure: f32::NAN });
        let (with, without) = (
            Baseline::of(&gaps, 0, Kin::default()).unwrap(),
            Baseline::of(&points, 0, Kin::default()).unwrap(),
        );
        assert_eq!(with, without);
    }

    #[test]
    fn while_cold_the_parent_leads_and_the_doubt_is_counted() {
        let few: Vec<Point> = window().into_iter().take(4).collect();
        assert_eq!(Baseline::of(&few, 0, Kin::default()), None);
        let kin = Kin { siblings: None, parent: Some(0.002) };
        let baseline = Baseline::of(&few, 0, kin).unwrap();
        assert!(baseline.cold);
        close(baseline.rate, (18.0 + 5.0) / (8900.0 + 2500.0), 1e-12);
        close(baseline.dispersion_at(23.0), 2.0, 1e-12);
        let nothing = Baseline::of(&[], 0, kin).unwrap();
        close(nothing.rate, 0.002, 1e-12);
    }

    #[test]
    fn nothing_at_all_is_a_small_rate_and_no_fault() {
        let silent = [Point::new(0, 1000.0); 84];
        let baseline = Baseline::of(&silent, 2, Kin::default()).unwrap();
        close(baseline.rate, 0.5 / 84_000.0, 1e-15);
        assert_eq!(baseline.dispersion, 1.0);
        let crowd = [Point::new(u32::MAX, f32::MAX); 84];
        assert!(Baseline::of(&crowd, 2, Kin::default()).unwrap().rate.is_finite());
        let dark = [Point::NO_DATA; 84];
        assert_eq!(Baseline::of(&dark, 0, Kin::default()), None);
    }
}
