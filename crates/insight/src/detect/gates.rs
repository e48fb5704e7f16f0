//! Whether many really say it: the gates that keep loud customers and copied posts from becoming a systemic issue, and the
//! burst of copies as a finding of its own. It is told which texts are near-duplicates of each other; it reads none.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use groundswell_model::Day;

/// Distinct people that a systemic issue needs.
pub const DISTINCT: u64 = 5;

/// Effective people that it needs: as many as would speak, were all equally loud.
pub const EFFECTIVE: f64 = 4.0;

/// Share of all messages that its loudest person may have.
pub const LARGEST_SHARE: f64 = 0.30;

/// Share of messages that may repeat another's text.
pub const COPIED_SHARE: f64 = 0.5;

/// Days on which it must be said.
pub const DAYS: u64 = 2;

/// Sources in which a corroborated issue must be said.
pub const SOURCES: u64 = 2;

/// Minutes within which copies of one text are a burst.
pub const BURST_MINUTES: i64 = 60;

/// People who post one text within the time of a burst.
pub const BURST_PEOPLE: usize = 5;

/// One message of a cell, as far as the gates look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who said it; absent where no one is known, who then counts as a person of their own.
    pub person: Option<u64>,
    /// The day it counts for.
    pub day: Day,
    /// Number of its source, or of its kind.
    pub source: u32,
    /// Whether its text is a near-duplicate of another's that came before.
    pub copied: bool,
}

/// One text of one person, for bursts of copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post {
    /// Who posted it; absent where no one is known, who then counts as a person of their own.
    pub person: Option<u64>,
    /// Minutes since 1970.
    pub minute: i64,
    /// Number of its text, the same for near-duplicates; 0 where it has none.
    pub text: u64,
}

/// How the messages of a cell are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Concentration {
    /// People with a key.
    pub people: u64,
    /// Messages without one, each a person of its own.
    pub unlinked: u64,
    /// (Σ messages)² / Σ messages², over people.
    pub effective: f64,
    /// Share of the person with the most messages.
    pub largest_share: f64,
    /// Share of messages that are copies of others.
    pub copied_share: f64,
    /// Days with a message.
    pub days: u64,
    /// Sources with a message.
    pub sources: u64,
}

/// A gate that holds an issue back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Fewer than five people.
    FewPeople,
    /// As few voices as four equally loud people.
    FewEffective,
    /// One person has over three tenths of the messages.
    LoudPerson,
    /// Over half of the messages are copies.
    Copies,
    /// All on one day.
    OneDay,
    /// All in one source; only corroborated issues need two.
    OneSource,
}

impl Concentration {
    /// Measures the messages of a cell.
    pub fn of(messages: &[Message]) -> Self {
        let mut loudness: BTreeMap<u64, u64> = BTreeMap::new();
        let (mut days, mut sources) = (BTreeSet::new(), BTreeSet::new());
        let (mut unlinked, mut copies) = (0, 0);
        for message in messages {
            match message.person {
                Some(person) => *loudness.entry(person).or_default() += 1,
                None => unlinked += 1,
            }
            days.insert(message.day);
            sources.insert(message.source);
            copies += u64::from(message.copied);
        }
        let voices: Vec<u64> = loudness.values().copied().chain((0..unlinked).map(|_| 1)).collect();
        let share = |part: u64| if messages.is_empty() { 0.0 } else { part as f64 / messages.len() as f64 };
        Self {
            people: loudness.len() as u64,
            unlinked,
            effective: effective(&voices),
            largest_share: share(voices.iter().copied().max().unwrap_or(0)),
            copied_share: share(copies),
            days: days.len() as u64,
            sources: sources.len() as u64,
        }
    }

    /// People that count for the gate: those with a key, and of the others at most as many, so that what nobody can be
    /// named for never passes alone.
    pub fn counted(&self) -> u64 {
        self.people.saturating_add(self.unlinked.min(self.people))
    }

    /// Gives the gates that hold a systemic issue back; none when it passes.
    pub fn held_by(&self) -> Vec<Gate> {
        let gates = [
            (self.counted() < DISTINCT, Gate::FewPeople),
            (self.effective < EFFECTIVE, Gate::FewEffective),
            (self.largest_share > LARGEST_SHARE, Gate::LoudPerson),
            (self.copied_share > COPIED_SHARE, Gate::Copies),
            (self.days < DAYS, Gate::OneDay),
        ];
        gates.into_iter().filter_map(|(holds, gate)| holds.then_some(gate)).collect()
    }

    /// Gives the gates that hold a corroborated issue back.
    pub fn held_as_corroborated_by(&self) -> Vec<Gate> {
        let mut gates = self.held_by();
        gates.extend((self.sources < SOURCES).then_some(Gate::OneSource));
        gates
    }
}

/// Gives the number of equally loud people that would be as spread as these: (Σ c)² / Σ c².
pub fn effective(messages_of_people: &[u64]) -> f64 {
    let sum: f64 = messages_of_people.iter().map(|count| *count as f64).sum();
    let squares: f64 = messages_of_people.iter().map(|count| (*count as f64).powi(2)).sum();
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// Copies of one text by many within an hour: a finding of its own, neither an issue nor silently dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedPosts {
    /// Number of the text.
    pub text: u64,
    /// Minute of the first copy of the densest hour.
    pub from: i64,
    /// Different people in that hour.
    pub people: usize,
    /// Copies at any time.
    pub messages: usize,
}

/// Finds the texts that at least five different people posted within an hour; those with most people first.
pub fn copied_posts(posts: &[Post]) -> Vec<CopiedPosts> {
    let mut by_text: BTreeMap<u64, Vec<(i64, Option<u64>)>> = BTreeMap::new();
    for post in posts.iter().filter(|post| post.text != 0) {
        by_text.entry(post.text).or_default().push((post.minute, post.person));
    }
    let mut found: Vec<CopiedPosts> = by_text
        .into_iter()
        .filter_map(|(text, mut posts)| {
            posts.sort_unstable();
            let (people, from) = densest_hour(&posts);
            (people >= BURST_PEOPLE).then_some(CopiedPosts { text, from, people, messages: posts.len() })
        })
        .collect();
    found.sort_by_key(|copied| (std::cmp::Reverse(copied.people), copied.text));
    found
}

/// Gives the most different people within an hour, and the minute at which that hour begins.
fn densest_hour(posts: &[(i64, Option<u64>)]) -> (usize, i64) {
    let mut inside: BTreeMap<u64, usize> = BTreeMap::new();
    let mut unlinked = 0_usize;
    let mut best = (0, 0);
    let mut leaving = posts.iter();
    let mut first = leaving.next();
    for (minute, person) in posts {
        match person {
            Some(person) => *inside.entry(*person).or_default() += 1,
            None => unlinked += 1,
        }
        while let Some((old, gone)) = first.filter(|(old, _)| minute.saturating_sub(*old) > BURST_MINUTES) {
            debug_assert!(old < minute);
            match gone.and_then(|gone| inside.get_mut(&gone).map(|count| (gone, count))) {
                Some((gone, 1)) => {
                    inside.remove(&gone);
                }
                Some((_, count)) => *count -= 1,
                None => unlinked = unlinked.saturating_sub(1),
            }
            first = leaving.next();
        }
        let people = inside.len() + unlinked;
        if people > best.0 {
            best = (people, first.map_or(*minute, |(from, _)| *from));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages of people, each on its own day with a text of its own, unless said otherwise.
    fn messages(per_person: &[u64]) -> Vec<Message> {
        let people = per_person.iter().enumerate();
        let each = people.flat_map(|(person, count)| (0..*count).map(move |_| person as u64));
        each.enumerate()
            .map(|(at, person)| Message {
                person: Some(person),
                day: Day::from_number(at as i32),
                source: at as u32 % 2,
                copied: false,
            })
            .collect()
    }

    #[test]
    fn a_loud_customer_is_no_crowd() {
        let loud = Concentration::of(&messages(&[20, 1, 1, 1, 1]));
        assert!((loud.effective - 1.4257).abs() < 5e-5);
        assert_eq!(loud.held_by(), [Gate::FewEffective, Gate::LoudPerson]);
        let even = Concentration::of(&messages(&[5, 5, 5, 5, 4]));
        assert!((even.effective - 4.9655).abs() < 5e-5);
        assert_eq!((even.held_by(), even.held_as_corroborated_by()), (vec![], vec![]));
    }

    #[test]
    fn each_gate_holds_alone() {
        let six = messages(&[1; 6]);
        let with = |change: &dyn Fn(usize, &mut Message)| {
            let mut changed = six.clone();
            changed.iter_mut().enumerate().for_each(|(at, message)| change(at, message));
            Concentration::of(&changed).held_as_corroborated_by()
        };
        assert_eq!(with(&|_, _| ()), []);
        assert_eq!(with(&|_, message| message.day = Day::from_number(1)), [Gate::OneDay]);
        assert_eq!(with(&|_, message| message.source = 1), [Gate::OneSource]);
        assert_eq!(with(&|at, message| message.copied = at >= 2), [Gate::Copies]);
        assert_eq!(with(&|at, message| message.copied = at >= 3), [], "half are copies");
        assert_eq!(Concentration::of(&six[..4]).held_by(), [Gate::FewPeople]);
        assert_eq!(Concentration::of(&[]).held_by(), [Gate::FewPeople, Gate::FewEffective, Gate::OneDay]);
    }

    #[test]
    fn those_without_a_name_never_pass_alone() {
        let mut anonymous = messages(&[1; 9]);
        for message in &mut anonymous {
            message.person = None;
        }
        assert_eq!(Concentration::of(&anonymous).held_by(), [Gate::FewPeople]);
        for (at, message) in anonymous.iter_mut().take(3).enumerate() {
            message.person = Some(at as u64);
        }
        let some = Concentration::of(&anonymous);
        assert_eq!((some.counted(), some.held_by()), (6, vec![]));
    }

    #[test]
    fn many_copies_within_an_hour_are_their_own_finding() {
        let post = |minute: i64, person: u64, text: u64| Post { person: Some(person), minute, text };
        let mut all: Vec<Post> = (0..6).map(|at| post(100 + 12 * at, at as u64, 7)).collect();
        all.extend((0..6).map(|at| post(61 * at, at as u64, 8)));
        all.extend((0..6).map(|at| post(at, 3, 9)));
        all.extend((0..9).map(|at| post(500 + at, at as u64, 0)));
        let six_in_an_hour = CopiedPosts { text: 7, from: 100, people: 6, messages: 6 };
        assert_eq!(copied_posts(&all), [six_in_an_hour]);
        all.push(post(99, 77, 7));
        assert_eq!(copied_posts(&all)[0], CopiedPosts { messages: 7, from: 99, ..six_in_an_hour });
        assert!(copied_posts(&[]).is_empty());
    }
}
