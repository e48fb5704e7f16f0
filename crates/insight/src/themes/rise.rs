//! Whether a theme is told by more people than its past lets expect, since when, how many times as many, and until when.
//!
//! The alarm is that of [`crate::detect`] on distinct people a day, with everybody heard as the exposure: twice the volume is no
//! rise. What is expected from the start of a rise on is what its days before say, so that a rise does not teach itself.

use groundswell_model::Day;

use crate::detect::baseline::{Baseline, GUARD, Kin, Point, WINDOW};
use crate::detect::gates::Concentration;
use crate::detect::series::weekday;
use crate::detect::signals::{CUSUM_RATIO, Reading, Thresholds, cusum};
use crate::detect::since::{self, scan_score};
use crate::detect::{Series, Since};

/// Log-likelihood by which a raised rate must explain the days since it began better than chance. Chance may try four hundred
/// themes on 365 days with 28 days to begin on, whose logarithm is 15; as days and beginnings overlap, a little less is asked.
pub const CLEAR: f64 = 14.0;

/// One false alarm per series and 180 days, before it must be clear.
const LIMITS: Thresholds = Thresholds::PER_180_DAYS;

/// A theme that more people speak of than before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rise {
    /// The likeliest first day.
    pub since: Day,
    /// The last day on which it was raised; absent while it lasts.
    pub until: Option<Day>,
    /// People of these days by how many were expected, both counted day by day.
    pub times: f64,
    /// Distinct people of these days.
    pub people: u64,
    /// Log-likelihood ratio of the raised rate: how sure it is. Of two rises the one with more is the stronger.
    pub score: f64,
}

/// A series while its rises are looked for.
pub(super) struct Risen<'a> {
    /// Day of the first point.
    pub first: Day,
    /// People of the theme and people heard, day by day.
    pub points: &'a [Point],
    /// Gives how the voices from one place to another, both included, are spread over people and days.
    pub spread: &'a dyn Fn(usize, usize) -> Concentration,
}

/// An end of a rise: the last raised place, and the place at which that was known; of one that lasts, the last place twice.
struct End {
    at: usize,
    known: usize,
    lasts: bool,
}

impl Risen<'_> {
    /// Gives every rise, in order of days; they do not overlap. The days of one teach nothing about those after it.
    pub fn all(&self) -> Vec<Rise> {
        let mut found = Vec::new();
        let mut usual = self.points.to_vec();
        // The first place that belongs to no rise yet, and the first that is not judged yet.
        let (mut free, mut next) = (0, 0);
        while let Some((rise, end)) = self.first_from(free, next, &usual) {
            let from = self.place(rise.since);
            usual.get_mut(from..=end.at).into_iter().for_each(|days| days.fill(Point::NO_DATA));
            found.push(rise);
            (free, next) = (end.at + 1, end.known + 1);
        }
        found
    }

    /// The first rise that a place from `next` on tells of and that begins at `free` or later. `usual` are the days without
    /// those of the rises before.
    fn first_from(&self, free: usize, next: usize, usual: &[Point]) -> Option<(Rise, End)> {
        let readings = Series { first: self.first, points: usual, kin: Kin::default() }.readings();
        (next..readings.len()).find_map(|at| {
            let since = self.began(readings.get(free..=at)?)?;
            self.rise(&since, usual)
        })
    }

    /// When the rise of which the last of these days tells began; nothing where that day is no alarm or the rise is not clear.
    fn began(&self, days: &[Option<Reading>]) -> Option<Since> {
        let today = (*days.last()?)?;
        LIMITS.broken(&today)?;
        let from = days.len().saturating_sub(since::LOOK_BACK + 1);
        let recent = days.get(from..)?.iter().flatten();
        let recent: Vec<since::Seen> = recent.map(since::Seen::from).collect();
        since::since(&recent, today.dispersion).filter(|since| since.score >= CLEAR)
    }

    /// The rise with this beginning; nothing where too few people say it.
    fn rise(&self, since: &Since, usual: &[Point]) -> Option<(Rise, End)> {
        let from = self.place(since.day);
        let usual = self.usual(from, usual)?;
        let end = self.end(from, &usual, since.ratio);
        let spread = (self.spread)(from, end.at);
        if !spread.held_by().is_empty() {
            return None;
        }
        let (mut count, mut expected) = (0.0, 0.0);
        for (point, usual) in self.days(from, &usual).take(end.at + 1 - from) {
            count += f64::from(point.count);
            expected += usual;
        }
        let rise = Rise {
            since: since.day,
            until: (!end.lasts).then(|| self.day(end.at)),
            times: count / expected.max(f64::MIN_POSITIVE),
            people: spread.people + spread.unlinked,
            score: scan_score(count, expected) / usual.dispersion,
        };
        Some((rise, end))
    }

    /// What the days before a place let expect.
    fn usual(&self, from: usize, usual: &[Point]) -> Option<Baseline> {
        let end = (from + 1).saturating_sub(GUARD);
        let start = end.saturating_sub(WINDOW);
        Baseline::of(usual.get(start..end)?, weekday(self.day(start)), Kin::default())
    }

    /// The days from a place on with what is expected of each; of days without data nothing is.
    fn days(&self, from: usize, usual: &Baseline) -> impl Iterator<Item = (Point, f64)> {
        let days = self.points.iter().enumerate().skip(from);
        days.map(|(at, point)| match point.is_heard() {
            true => (*point, usual.expected(f64::from(point.exposure), weekday(self.day(at)))),
            false => (Point::NO_DATA, 0.0),
        })
    }

    /// Where a rise ends: the evidence of a raised level (half of how many times the usual it was at first, at least twice) grows
    /// while it lasts, and the rise is over once so much of it is lost again as makes an alarm.
    fn end(&self, from: usize, usual: &Baseline, times: f64) -> End {
        let ratio = (times / 2.0).max(CUSUM_RATIO);
        let (mut evidence, mut best) = (LIMITS.cusum, LIMITS.cusum);
        let mut end = End { at: from, known: from, lasts: true };
        for (at, (point, expected)) in self.days(from, usual).enumerate() {
            evidence = cusum(evidence, f64::from(point.count), expected, usual.dispersion, ratio);
            end.known = from + at;
            if evidence > best {
                (best, end.at) = (evidence, end.known);
            } else if evidence <= best - LIMITS.cusum {
                end.lasts = false;
                return end;
            }
        }
        end.at = end.known;
        end
    }

    fn place(&self, day: Day) -> usize {
        usize::try_from(day.number().saturating_sub(self.first.number())).unwrap_or(0)
    }

    fn day(&self, at: usize) -> Day {
        self.first.plus(i32::try_from(at).unwrap_or(i32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::gates::Message;

    const FIRST: i32 = 20_000;

    /// Two of a hundred each day, a third every third day; the exposure varies with the week.
    fn calm(days: usize) -> Vec<Point> {
        (0..days).map(|day| Point::new(1 + u32::from(day % 3 == 0), 100.0 - 5.0 * (day % 7) as f32)).collect()
    }

    /// The rises, where so many people take turns.
    fn rises_of(points: &[Point], people: u64) -> Vec<Rise> {
        let said = |from: usize, to: usize| {
            let days = points.iter().enumerate().take(to + 1).skip(from);
            let each = days.flat_map(|(day, point)| (0..u64::from(point.count)).map(move |n| (day, n)));
            let messages: Vec<Message> = each
                .map(|(day, n)| Message {
                    person: Some((31 * day as u64 + n) % people),
                    day: Day::from_number(day as i32),
                    source: 0,
                    copied: false,
                })
                .collect();
            Concentration::of(&messages)
        };
        Risen { first: Day::from_number(FIRST), points, spread: &said }.all()
    }

    fn rises(points: &[Point]) -> Vec<Rise> {
        rises_of(points, 1_000)
    }

    fn times(points: &mut [Point], times: u32) {
        points.iter_mut().for_each(|point| point.count *= times);
    }

    #[test]
    fn a_rise_has_its_beginning_its_end_and_how_many_times() {
        let mut points = calm(360);
        times(&mut points[150..210], 4);
        let found = rises(&points);
        assert_eq!(found.len(), 1, "{found:?}");
        let rise = found[0];
        let until = rise.until.unwrap().number() - FIRST;
        assert!((147..=153).contains(&(rise.since.number() - FIRST)), "{rise:?}");
        assert!((206..=213).contains(&until), "{rise:?}");
        assert!((3.6..=4.4).contains(&rise.times), "{rise:?}");
        assert!(rise.people > 100 && rise.score > CLEAR, "{rise:?}");
        assert_eq!(rises(&points), found, "the same twice");
    }

    #[test]
    fn what_lasts_has_no_end_however_long_it_is() {
        let mut points = calm(400);
        times(&mut points[150..], 4);
        for days in [170, 200, 300, 400] {
            let found = rises(&points[..days]);
            assert_eq!(found.len(), 1, "{days}: {found:?}");
            assert_eq!(found[0].until, None, "{days}");
            assert!((3.6..=4.4).contains(&found[0].times), "{days}: {found:?}");
        }
    }

    #[test]
    fn twice_the_volume_is_no_rise_and_neither_is_a_calm_year() {
        let mut points = calm(360);
        assert!(rises(&points).is_empty());
        for point in &mut points[150..] {
            *point = Point::new(point.count * 2, point.exposure * 2.0);
        }
        assert!(rises(&points).is_empty());
        assert!(rises(&[]).is_empty() && rises(&[Point::NO_DATA; 200]).is_empty());
        assert!(rises(&[Point::new(0, 100.0); 200]).is_empty());
    }

    #[test]
    fn days_without_data_neither_make_nor_end_a_rise() {
        let mut points = calm(360);
        points[100..130].fill(Point::NO_DATA);
        assert!(rises(&points).is_empty());
        times(&mut points[150..260], 4);
        points[180..200].fill(Point::NO_DATA);
        let found = rises(&points);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].until.unwrap().number() - FIRST >= 255, "{found:?}");
    }

    #[test]
    fn a_few_loud_people_are_no_rise() {
        let mut points = calm(360);
        times(&mut points[150..210], 4);
        assert!(rises_of(&points, 4).is_empty());
        assert_eq!(rises_of(&points, 40).len(), 1);
        let mut one_day = calm(360);
        one_day[200].count = 40;
        assert!(rises(&one_day).is_empty(), "one day is none either");
    }

    #[test]
    fn what_was_never_told_before_rises_as_well() {
        let mut points = vec![Point::new(0, 80.0); 300];
        points[200..240].iter_mut().step_by(2).for_each(|point| point.count = 2);
        let found = rises(&points);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].since.number() - FIRST, 200);
        assert_eq!(found[0].until.map(|day| day.number() - FIRST), Some(238));
    }

    #[test]
    fn two_rises_of_a_year_are_two() {
        let mut points = calm(420);
        times(&mut points[120..150], 4);
        times(&mut points[180..210], 6);
        let found = rises(&points);
        assert_eq!(found.len(), 2, "the first one teaches nothing: {found:?}");
        assert!(found[0].until.unwrap() < found[1].since && found[1].score > found[0].score);
    }

    #[test]
    fn of_four_hundred_themes_hardly_one_rises_by_chance_in_a_year() {
        let mut state = 1_u64;
        let mut below = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        let mut risen = 0;
        for theme in 0..400_u64 {
            // One person in fifty to one in two thousand of a hundred to two hundred a day.
            let one_in = 50 + theme * 5;
            let day = |_| {
                let heard = 100 + below(100);
                let people = (0..heard).filter(|_| below(one_in) == 0).count();
                Point::new(people as u32, heard as f32)
            };
            let points: Vec<Point> = (0..540).map(day).collect();
            risen += usize::from(!rises(&points).is_empty());
        }
        assert!(risen <= 4, "{risen}");
    }
}
