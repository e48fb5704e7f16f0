//! A series through the detector: what each day was expected to be, how far it departed, whether that is an alarm.
//! A day's numbers depend on the 125 days that end with it, and on nothing else.

use groundswell_model::Day;

use super::baseline::{Baseline, GUARD, Heard, Kin, Point, WINDOW};
use super::signals::{Alarm, EWMA_DAYS, Reading, Thresholds, Watch, ewma, standardised};
use crate::stats::mid_p;

/// Days that the numbers of one day depend on, itself included.
pub const MEMORY: usize = WINDOW + GUARD - 1 + EWMA_DAYS;

const WEEK: usize = 7;

/// Daily counts of one cell without gaps in the calendar; days without data stand as [`Point::NO_DATA`].
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// Day of the first point.
    pub first: Day,
    /// The days.
    pub points: &'a [Point],
    /// What the series around it say.
    pub kin: Kin,
}

/// What was seen and expected on one day with data.
#[derive(Clone, Copy)]
struct Expected {
    point: Point,
    mean: f64,
    baseline: Baseline,
    weekday: usize,
    excess: f64,
}

impl Series<'_> {
    /// Gives the numbers of every day; nothing for days without data and where too little is known.
    pub fn readings(&self) -> Vec<Option<Reading>> {
        let heard = self.heard();
        let expected: Vec<_> = (0..heard.len()).map(|at| self.expected(at, &heard)).collect();
        (0..expected.len()).map(|at| self.reading(at, expected.get(..=at).unwrap_or_default())).collect()
    }

    /// Gives the numbers of the last day, the same as the last of [`Self::readings`].
    pub fn last_reading(&self) -> Option<Reading> {
        let last = self.points.len().checked_sub(1)?;
        let heard = self.heard();
        let expected: Vec<_> =
            (last.saturating_sub(EWMA_DAYS - 1)..=last).map(|at| self.expected(at, &heard)).collect();
        self.reading(last, &expected)
    }

    /// Gives the numbers of every day with the alarms that a watch raises, day by day.
    pub fn assess(&self, thresholds: Thresholds) -> Vec<(Option<Reading>, Option<Alarm>)> {
        let mut watch = Watch::new(thresholds, None);
        let look = |reading: Option<Reading>| (reading, reading.as_ref().and_then(|r| watch.look(r)));
        self.readings().into_iter().map(look).collect()
    }

    fn heard(&self) -> Vec<Heard> {
        self.points.iter().copied().map(Heard::of).collect()
    }

    /// What is expected of the day at this place.
    fn expected(&self, at: usize, heard: &[Heard]) -> Option<Expected> {
        let point = self.points.get(at).copied().filter(|point| point.is_heard())?;
        let end = (at + 1).saturating_sub(GUARD);
        let start = end.saturating_sub(WINDOW);
        let window = heard.get(start..end)?;
        let baseline = Baseline::of_heard(window, self.weekday(start), self.kin)?;
        let weekday = self.weekday(at);
        let mean = baseline.expected(f64::from(point.exposure), weekday);
        let excess = standardised(f64::from(point.count), mean, baseline.dispersion_at(mean));
        Some(Expected { point, mean, baseline, weekday, excess })
    }

    /// The numbers of the day at this place, the last of those given.
    fn reading(&self, at: usize, days: &[Option<Expected>]) -> Option<Reading> {
        let today = (*days.last()?)?;
        let recent =
            |count: usize| days.get(days.len().saturating_sub(count)..).unwrap_or_default().iter().flatten();
        let average = recent(EWMA_DAYS).fold(0.0, |before, day| ewma(before, day.excess));
        let week_count: u64 = recent(WEEK).map(|day| u64::from(day.point.count)).sum();
        let week_expected: f64 = recent(WEEK).map(|day| day.mean).sum();
        let Baseline { rate, cold, .. } = today.baseline;
        let p = |count, mean| mid_p(count, mean, today.baseline.dispersion_at(mean));
        Some(Reading {
            day: self.first.plus(i32::try_from(at).unwrap_or(i32::MAX)),
            count: today.point.count,
            exposure: f64::from(today.point.exposure),
            expected: today.mean,
            week_count,
            week_expected,
            p_day: p(u64::from(today.point.count), today.mean),
            p_week: p(week_count, week_expected),
            ewma: average,
            rate,
            weekday_factor: today.baseline.factor(today.weekday),
            dispersion: today.baseline.dispersion,
            cold,
        })
    }

    /// Weekday of a place, 0 = Monday.
    fn weekday(&self, at: usize) -> usize {
        weekday(self.first.plus(i32::try_from(at).unwrap_or(i32::MAX)))
    }
}

/// Gives the weekday of a day, 0 = Monday (1970-01-01 was a Thursday).
pub fn weekday(day: Day) -> usize {
    usize::try_from((i64::from(day.number()) + 3).rem_euclid(7)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a year of five in a thousand, with more people on weekdays; deterministic.
    fn calm() -> Vec<Point> {
        (0..200_u32)
            .map(|day| {
                let people = if day % 7 < 5 { 1200 } else { 600 };
                Point::new(people / 200 + day * 7919 % 3 - 1, people as f32)
            })
            .collect()
    }

    fn series(points: &[Point]) -> Series<'_> {
        Series { first: Day::from_number(20_000), points, kin: Kin::default() }
    }

    #[test]
    fn a_series_takes_less_than_two_kibibytes() {
        assert!(MEMORY * size_of::<Point>() + size_of::<Watch>() + size_of::<Kin>() < 2048);
    }

    #[test]
    fn weekdays_are_those_of_the_calendar() {
        assert_eq!(weekday("2026-11-30".parse().unwrap()), 0);
        assert_eq!(weekday("1970-01-01".parse().unwrap()), 3);
        assert_eq!(weekday(Day::from_number(-1)), 2);
    }

    #[test]
    fn a_day_alone_has_the_numbers_that_it_has_in_its_series() {
        let mut points = calm();
        points[190].count = 25;
        let all = series(&points).readings();
        for end in [10, 60, 150, 192, 200] {
            let start = end - end.min(MEMORY);
            let alone =
                Series { first: Day::from_number(20_000).plus(start as i32), ..series(&points[start..end]) };
            assert_eq!(alone.last_reading(), all[end - 1], "{end}");
        }
    }

    #[test]
    fn a_jump_is_an_alarm_with_its_numbers_and_a_calm_series_is_none() {
        let mut points = calm();
        assert!(series(&points).assess(Thresholds::PER_180_DAYS).iter().all(|(_, alarm)| alarm.is_none()));
        for point in &mut points[180..] {
            point.count *= 3;
        }
        let assessed = series(&points).assess(Thresholds::PER_180_DAYS);
        let (at, alarm) =
            assessed.iter().enumerate().find_map(|(at, (_, alarm))| alarm.map(|alarm| (at, alarm))).unwrap();
        assert!((180..183).contains(&at), "{at}");
        assert_eq!(alarm.reading.day.number(), 20_000 + at as i32);
        assert!(alarm.reading.week_count as f64 > alarm.reading.week_expected + 2.0);
    }

    #[test]
    fn twice_the_people_are_no_news_and_a_thousand_times_are_none_either() {
        let judged = |points: &[Point]| series(points).assess(Thresholds::PER_180_DAYS);
        let mut points = calm();
        for point in &mut points[180..] {
            *point = Point::new(point.count * 2, point.exposure * 2.0);
        }
        assert!(judged(&points).iter().all(|(_, alarm)| alarm.is_none()));
        for (at, point) in points.iter_mut().enumerate().skip(180) {
            // The rate of the calm days, which is known to a few per cent only, three per cent up.
            let people = if at % 7 < 5 { 1_200_000 } else { 600_000 };
            *point = Point::new(people / 200 * 103 / 100, people as f32);
        }
        assert!(judged(&points).iter().all(|(_, alarm)| alarm.is_none()));
        points[190].count *= 3;
        assert!(judged(&points)[190].1.is_some());
    }

    #[test]
    fn days_without_data_have_no_numbers_and_leave_the_others_as_they_are() {
        let mut points = calm();
        points[150..160].fill(Point::NO_DATA);
        points[170] = Point::new(9, 0.0);
        let assessed = series(&points).assess(Thresholds::PER_180_DAYS);
        assert!(assessed[150..160].iter().all(|(reading, alarm)| reading.is_none() && alarm.is_none()));
        assert_eq!(assessed[170].0, None);
        assert!(assessed.iter().all(|(_, alarm)| alarm.is_none()), "a gap is neither a fall nor a recovery");
        let week = assessed[162].0.unwrap();
        assert_eq!(week.week_count, points[160..163].iter().map(|point| u64::from(point.count)).sum::<u64>());
    }

    #[test]
    fn nothing_at_all_is_no_alarm() {
        assert!(series(&[]).readings().is_empty());
        assert_eq!(series(&[]).last_reading(), None);
        let silent = [Point::new(0, 500.0); 150];
        assert!(series(&silent).assess(Thresholds::PER_180_DAYS).iter().all(|(_, alarm)| alarm.is_none()));
        let dark = [Point::NO_DATA; 150];
        assert!(series(&dark).readings().iter().all(Option::is_none));
    }

    #[test]
    fn a_young_series_is_cold_and_says_so() {
        let points = calm();
        let readings = series(&points).readings();
        assert!(readings[..13].iter().all(Option::is_none), "six days before the guard are too few");
        assert!(readings[13].unwrap().cold && readings[33].unwrap().cold);
        assert!(!readings[34].unwrap().cold);
        let kin = Kin { siblings: None, parent: Some(0.005) };
        let led = Series { kin, ..series(&points) }.readings();
        assert!((led[0].unwrap().rate - 0.005).abs() < 1e-12);
    }
}
