//! The detector over the marginal series of a stream, day by day, with nothing known but the past.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_insight::detect::gates::{Concentration, Message};
use groundswell_insight::detect::signals::{QUIET_DAYS, Watch};
use groundswell_insight::detect::{Kin, Point, Reading, Series, Thresholds, many, since};
use groundswell_model::Day;
use groundswell_steps::issues::CLEAR;

use super::forum::{Family, Post};
use super::plain::Plain;

/// The limits of the product: one false alarm of a series in 180 days.
const LIMITS: Thresholds = Thresholds::PER_180_DAYS;

/// Days of which nothing is told: the baseline is cold.
pub const WARM_UP: usize = 35;

/// Distinct people in seven days by whom a series must once have been told before it is judged.
const OPENED_BY: usize = 5;

/// How alarms are raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// By the limits of one series.
    Limits,
    /// The series must also be believed among all of the day.
    Believed,
    /// It must also be as clear and as spread as the product asks of a confirmed issue.
    Confirmed,
    /// By raw counts.
    Plain(Plain),
}

/// One marginal series.
pub struct Stream {
    /// What it counts.
    pub family: Family,
    /// Of which one.
    pub name: String,
    /// The place of the day from which it is judged.
    opened: usize,
    points: Vec<Point>,
    readings: Vec<Option<Reading>>,
    messages: Vec<Message>,
}

/// An alarm of one series.
#[derive(Clone, Copy, Debug)]
pub struct Alarm {
    /// The series, by its place.
    pub stream: usize,
    /// The day on which it is raised.
    pub day: Day,
    /// The day of the first alarm of the same rise: an earlier one where the series has not been calm for a week since.
    pub began: Day,
}

/// All series of a source.
pub struct Watched {
    /// The first day.
    first: Day,
    /// The number of days.
    pub days: usize,
    /// The series.
    pub streams: Vec<Stream>,
}

/// A rise that is being told.
#[derive(Clone, Copy)]
struct Rise {
    began: Day,
    told: Day,
    raised: Day,
}

impl Watched {
    /// Counts posts, which come in order of days, in the series of some families.
    pub fn of(posts: &[Post], families: &[Family]) -> Self {
        let first = posts.first().expect("there are posts").day();
        let days = place(first, posts.last().expect("there are posts").day()) + 1;
        let mut told: BTreeMap<&(Family, String), Vec<&Post>> = BTreeMap::new();
        for post in posts {
            for key in post.series.iter().filter(|(family, _)| families.contains(family)) {
                told.entry(key).or_default().push(post);
            }
        }
        let heard: Vec<usize> =
            people(&posts.iter().collect::<Vec<_>>(), first, days).iter().map(BTreeSet::len).collect();
        let stream = |(key, posts): (&(Family, String), Vec<&Post>)| Stream::of(key, &posts, first, &heard);
        Self {
            first,
            days,
            streams: told.into_iter().filter_map(|(key, posts)| stream((key, posts))).collect(),
        }
    }

    /// The number of series that are judged on a day.
    pub fn open(&self, at: usize) -> usize {
        self.streams.iter().filter(|stream| stream.opened <= at).count()
    }

    /// The day at a place.
    pub fn day(&self, at: usize) -> Day {
        self.first.plus(i32::try_from(at).expect("a year of days"))
    }

    /// The alarms of all days after the warm-up, in order. After an alarm a series is quiet for a week, unless its level
    /// doubles; what it raises before it has been calm for a week belongs to the same rise.
    pub fn alarms(&self, rule: Rule) -> Vec<Alarm> {
        let mut watches: Vec<Watch> = self.streams.iter().map(|_| Watch::new(LIMITS, None)).collect();
        let mut rises: Vec<Option<Rise>> = vec![None; self.streams.len()];
        let mut alarms = Vec::new();
        for at in WARM_UP..self.days {
            let (day, believed) = (self.day(at), self.believed(at));
            for (number, stream) in self.streams.iter().enumerate().filter(|(_, stream)| stream.opened <= at)
            {
                if !stream.breaks(rule, at) {
                    continue;
                }
                let rise = &mut rises[number];
                *rise = rise.filter(|rise| day.number() - rise.raised.number() <= QUIET_DAYS);
                let held = match rule {
                    Rule::Limits | Rule::Plain(_) => false,
                    Rule::Believed => !believed.contains(&number),
                    Rule::Confirmed => !believed.contains(&number) || !stream.is_clear(at),
                };
                let told = |reading: &Reading| watches[number].look(reading).is_some();
                let is_alarm = match rule {
                    Rule::Plain(_) => rise.is_none_or(|rise| day.number() - rise.told.number() >= QUIET_DAYS),
                    _ => !held && stream.readings[at].as_ref().is_some_and(told),
                };
                if is_alarm {
                    let began = rise.map_or(day, |rise| rise.began);
                    *rise = Some(Rise { began, told: day, raised: day });
                    alarms.push(Alarm { stream: number, day, began });
                }
                *rise = rise.map(|rise| Rise { raised: day, ..rise });
            }
        }
        alarms
    }

    /// The series that stand out among all of a day.
    fn believed(&self, at: usize) -> BTreeSet<usize> {
        let open = self.streams.iter().enumerate().filter(|(_, stream)| stream.opened <= at);
        let (numbers, p): (Vec<usize>, Vec<f64>) = open
            .map(|(number, stream)| (number, stream.readings[at].map_or(1.0, |found| found.p_week)))
            .unzip();
        let believed = many::believed(&p, many::FALSE_SHARE);
        numbers
            .into_iter()
            .zip(believed)
            .filter_map(|(number, believed)| believed.then_some(number))
            .collect()
    }
}

impl Stream {
    /// Counts the posts of one series; nothing where too few people ever tell it within a week.
    fn of(key: &(Family, String), posts: &[&Post], first: Day, heard: &[usize]) -> Option<Self> {
        let (family, name) = key.clone();
        let people = people(posts, first, heard.len());
        let opened = opened(&people)?;
        let points: Vec<Point> = (people.iter().zip(heard))
            .map(|(people, heard)| Point::new(count(people.len()), exposure(family, *heard)))
            .collect();
        let readings = Series { first, points: &points, kin: Kin::default() }.readings();
        let mut texts = BTreeSet::new();
        let messages = posts.iter().map(|post| Message {
            person: Some(post.person),
            day: post.day(),
            source: 0,
            copied: post.row.fingerprint != 0 && !texts.insert(post.row.fingerprint),
        });
        Some(Self { family, name, opened, points, readings, messages: messages.collect() })
    }

    fn breaks(&self, rule: Rule, at: usize) -> bool {
        match rule {
            Rule::Plain(plain) => plain.breaks(&self.points, at),
            _ => self.readings[at].is_some_and(|reading| LIMITS.broken(&reading).is_some()),
        }
    }

    /// Says whether a raised rate explains the days since it began, and whether enough people said it.
    fn is_clear(&self, at: usize) -> bool {
        let Some(reading) = self.readings[at] else { return false };
        let days = &self.readings[at.saturating_sub(since::LOOK_BACK)..=at];
        let seen: Vec<since::Seen> = days.iter().flatten().map(since::Seen::from).collect();
        let Some(since) = since::since(&seen, reading.dispersion) else { return false };
        let span = since.day..=reading.day;
        let said: Vec<Message> =
            self.messages.iter().filter(|message| span.contains(&message.day)).copied().collect();
        since.score >= CLEAR && Concentration::of(&said).held_by().is_empty()
    }
}

/// Everybody who is heard cannot be counted among those who are heard: each day that is listened to counts as one.
fn exposure(family: Family, heard: usize) -> f32 {
    match family {
        Family::Volume => 1.0,
        _ => heard as f32,
    }
}

/// The distinct authors of each day.
fn people(posts: &[&Post], first: Day, days: usize) -> Vec<BTreeSet<u64>> {
    let mut people = vec![BTreeSet::new(); days];
    for post in posts {
        people[place(first, post.day())].insert(post.person);
    }
    people
}

/// The place of the first day on which enough people have told a series within a week.
fn opened(people: &[BTreeSet<u64>]) -> Option<usize> {
    (0..people.len()).find(|at| {
        let week = &people[at.saturating_sub(6)..=*at];
        week.iter().flatten().collect::<BTreeSet<_>>().len() >= OPENED_BY
    })
}

fn place(first: Day, day: Day) -> usize {
    usize::try_from(day.number() - first.number()).expect("no day lies before the first")
}

fn count(people: usize) -> u32 {
    u32::try_from(people).expect("fewer than four billion people")
}
