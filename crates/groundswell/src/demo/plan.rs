//! The calendar of the demo: who says what about which topic on which day.

use std::collections::BTreeSet;

use groundswell_model::Day;

use super::issues::{CAMPAIGN, Everyday, ISSUES, Issue, LOUD, PROMOTION, PROMOTION_FACTOR, Volumes, weekday};
use super::people::Person;
use super::phrases::Phrasebook;
use super::random::Random;

/// What sort of topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// One of the planted issues, by its place.
    Planted(usize),
    /// A small complaint.
    Background,
    /// Praise.
    Praise,
    /// A question or request.
    Question,
    /// A score without words.
    Silent,
    /// The loud customer.
    Loud,
    /// The copied posts.
    Campaign,
}

/// One thing that is said.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    /// Day, counted from 0.
    pub(super) day: i32,
    /// Second of the day.
    pub(super) second: i64,
    /// Place of the kind.
    pub(super) kind: usize,
    /// What sort of topic.
    pub(super) family: Family,
    /// Prefix of the topic's rules, such as `late` or `bg.use.quality_defect`.
    pub(super) key: String,
    /// Stage of the topic; empty where the topic has none.
    pub(super) stage: String,
    /// Place of the person.
    pub(super) person: usize,
}

/// Length and size of the demo.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// First day.
    pub(super) start: Day,
    /// Number of days.
    pub(super) days: u32,
    /// Multiple of the usual volume.
    pub(super) scale: f64,
}

/// Makes the calendar, in order of time.
pub(super) fn calendar(
    frame: Frame,
    people: &[Person],
    book: &Phrasebook,
    random: &mut Random,
) -> Vec<Happening> {
    let mut planner = Planner { frame, people, spoken: BTreeSet::new(), found: Vec::new() };
    for issue in ISSUES.iter().enumerate() {
        planner.issue(issue, random);
    }
    planner.everyday(Family::Background, &["bg.", "staff.bg."], Everyday::BACKGROUND, book, random);
    planner.everyday(Family::Praise, &["praise.", "staff.praise."], Everyday::PRAISE, book, random);
    planner.everyday(Family::Question, &["ask.", "staff.ask."], Everyday::QUESTION, book, random);
    planner.everyday(Family::Silent, &["silent", "silent"], Everyday::SILENT, book, random);
    planner.loud(random);
    planner.campaign(random);
    let mut found = planner.found;
    found.sort_by_key(|happening| (happening.day, happening.second));
    found
}

struct Planner<'a> {
    frame: Frame,
    people: &'a [Person],
    spoken: BTreeSet<(String, usize)>,
    found: Vec<Happening>,
}

impl Planner<'_> {
    fn factor(&self, day: u32, kind: usize) -> f64 {
        let promotion = if (PROMOTION.0..=PROMOTION.1).contains(&day) { PROMOTION_FACTOR } else { 1.0 };
        let number = self.frame.start.plus(i32::try_from(day).unwrap_or(i32::MAX) - 1).number();
        self.frame.scale * promotion * weekday(number, kind)
    }

    fn issue(&mut self, (place, issue): (usize, &Issue), random: &mut Random) {
        for day in 1..=self.frame.days {
            for kind in 0..4 {
                for _ in 0..random.count(issue.volume(day, kind) * self.factor(day, kind)) {
                    self.add(day, kind, Family::Planted(place), (issue.key, issue.stage), random);
                }
            }
        }
    }

    fn everyday(
        &mut self,
        family: Family,
        prefixes: &[&str; 2],
        volumes: Volumes,
        book: &Phrasebook,
        random: &mut Random,
    ) {
        let [customers, staff] = prefixes.map(|prefix| topics(book, prefix, random));
        for day in 1..=self.frame.days {
            for (kind, volume) in volumes.into_iter().enumerate() {
                let from = if kind == 2 { &staff } else { &customers };
                let weights: Vec<f64> = from.iter().map(|topic| topic.2).collect();
                for _ in 0..random.count(volume * self.factor(day, kind)) {
                    let topic = from.get(random.weighted(&weights));
                    let (key, stage) =
                        topic.map_or(("silent", ""), |(key, stage, _)| (key.as_str(), stage.as_str()));
                    self.add(day, kind, family, (key, stage), random);
                }
            }
        }
    }

    fn loud(&mut self, random: &mut Random) {
        let (from, until, stage, _, count) = LOUD;
        let person =
            self.people.iter().find(|p| p.number.is_some() && p.language == "en" && p.purchased < -200);
        let person = person.map_or(0, |person| person.index);
        for _ in 0..rounded(count * self.frame.scale) {
            let day = u32::try_from(random.between(i64::from(from), i64::from(until))).unwrap_or(from);
            let kind = if random.chance(0.9) { 0 } else { 3 };
            self.put((day, kind), Family::Loud, ("loud", stage), person, random);
        }
    }

    fn campaign(&mut self, random: &mut Random) {
        let (day, stage, _, accounts) = CAMPAIGN;
        for account in 0..rounded(accounts * self.frame.scale) {
            self.put((day, 3), Family::Campaign, ("campaign", stage), account, random);
            if let Some(last) = self.found.last_mut() {
                last.second = 13 * 3600 + random.between(0, 7199);
            }
        }
    }

    fn add(&mut self, day: u32, kind: usize, family: Family, topic: (&str, &str), random: &mut Random) {
        let person = self.someone(day, topic, random);
        self.put((day, kind), family, topic, person, random);
    }

    fn put(
        &mut self,
        (day, kind): (u32, usize),
        family: Family,
        (key, stage): (&str, &str),
        person: usize,
        random: &mut Random,
    ) {
        if day > self.frame.days {
            return;
        }
        let hour =
            random.weighted(&[1.0, 3.0, 5.0, 6.0, 5.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 5.0, 5.0, 4.0, 2.0]);
        self.found.push(Happening {
            day: i32::try_from(day).unwrap_or(1) - 1,
            second: (7 + i64::try_from(hour).unwrap_or(0)) * 3600 + random.between(0, 3599),
            kind,
            family,
            key: key.to_owned(),
            stage: stage.to_owned(),
            person,
        });
    }

    /// Finds somebody who can say it that day, rather one who has not yet spoken about it.
    fn someone(&mut self, day: u32, (key, stage): (&str, &str), random: &mut Random) -> usize {
        let day = i32::try_from(day).unwrap_or(1) - 1;
        let mut chosen = (i32::MIN, 0);
        for _ in 0..14 {
            let place = random.below(self.people.len());
            let Some(person) = self.people.get(place) else { continue };
            let fresh = i32::from(key == "silent" || !self.spoken.contains(&(key.to_owned(), place)));
            let score = fresh * 2 + fits(person, day, stage) * 4;
            if score > chosen.0 {
                chosen = (score, place);
            }
            if score >= 6 {
                break;
            }
        }
        self.spoken.insert((key.to_owned(), chosen.1));
        chosen.1
    }
}

/// Says how well a person's own clock fits a stage: 1 or 0.
fn fits(person: &Person, day: i32, stage: &str) -> i32 {
    let owned = day - person.purchased;
    i32::from(match stage {
        "awareness" | "consideration" => person.number.is_none() || owned < 0,
        "purchase" | "fulfilment" => owned >= 0 && (owned < 40 || person.plan != "taster"),
        "onboarding" => (0..60).contains(&owned),
        "renewal" => owned > 60 && person.plan != "taster",
        "exit" => owned > 20,
        _ => owned > 14,
    })
}

/// Lists the topics under a prefix with their stage and weight.
fn topics(book: &Phrasebook, prefix: &str, random: &mut Random) -> Vec<(String, String, f64)> {
    book.under(prefix)
        .filter(|key| {
            !key.rsplit('.').next().is_some_and(|end| ["de", "fr", "es", "subject", "after"].contains(&end))
        })
        .map(|key| {
            let rest = key.strip_prefix(prefix).unwrap_or_default();
            let stage = rest.split('.').next().unwrap_or_default();
            (key.to_owned(), stage.to_owned(), book.frames(key) as f64 * (0.5 + random.unit()))
        })
        .collect()
}

fn rounded(count: f64) -> usize {
    (0..100_000)
        .find(|n| f64::from(*n) + 0.5 > count)
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0)
        .max(1)
}
