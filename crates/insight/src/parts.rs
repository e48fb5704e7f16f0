//! Cells within cells: what one version, region or segment says of a stage and a type of gap, with who was heard there. They
//! are opened on evidence and bounded in number, the largest first; a group of more than half of all is no part.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use groundswell_model::Kind;

use crate::daily::{Counts, DailyCell, Spot, Voice, each_spot};
use crate::detect::disproportion::{RatioPrior, Shrunken, locate};
use crate::holding::{Dimension, Label, Row};
use crate::view::{Seen, View};

/// Voices from which on a part of a cell is counted by itself.
const OPENED_FROM: usize = 8;

/// Parts that are counted at most, the largest.
const MOST_PARTS: usize = 500;

/// Labels whose exposure is kept at most; of each family the commonest come first.
const MOST_LABELS: usize = 2_000;

/// What is counted of groups of customers, beside the whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Person-days heard in all, staff left out.
    pub all: u64,
    /// Distinct people heard each day, by label.
    pub heard: BTreeMap<Label, Counts>,
    /// Distinct people heard each day with any label of a family, by family.
    pub heard_in: BTreeMap<String, Counts>,
    /// Parts of cells that are counted by themselves.
    pub cells: BTreeMap<(Spot, Label), DailyCell>,
    /// The days of a cell's person-days with any label of a family, in order.
    pub families: BTreeMap<(Spot, String), Vec<u32>>,
    /// The days of a cell's person-days with a label, in order: also of parts that are not counted by themselves.
    pub people: BTreeMap<(Spot, Label), Vec<u32>>,
}

/// A group in which an issue is told more often than among the others of its family.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The group.
    pub label: Label,
    /// Person-days there.
    pub people: u64,
    /// Person-days expected there, were it told everywhere alike.
    pub expected: f64,
    /// The ratio of both, shrunk towards 1 (EBGM), with its 90 % span.
    pub ratio: Shrunken,
}

impl Label {
    /// Gives what the label is an alternative within: its dimension, or the name of its segment.
    pub fn family(&self) -> &str {
        match self.dimension {
            Dimension::Segment => self.value.split_once(": ").map_or("segment", |(name, _)| name),
            other => other.as_str(),
        }
    }

    /// Gives its value within its family.
    pub fn within(&self) -> &str {
        match self.dimension {
            Dimension::Segment => self.value.split_once(": ").map_or(&self.value, |(_, value)| value),
            _ => &self.value,
        }
    }
}

/// Pairs of day and person by some key.
type PersonDays<K> = Vec<(K, u32, u32)>;

impl Parts {
    /// Counts parts of the cells of some days, from the feedback that `voice` gives a voice of. Staff are left out: their
    /// groups would often be too small to show.
    pub(crate) fn of(view: &View, days: usize, voice: impl Fn(&Seen, &Row) -> Option<Voice>) -> Self {
        let counted = Counted::of(view, voice);
        let named = counted.commonest(view);
        let mut parts = Self { all: counted.people.len() as u64, ..Self::default() };
        for (family, counts) in counted_days(counted.families(&named), days) {
            parts.heard_in.insert(family.to_owned(), counts);
        }
        for (number, counts) in counted_days(counted.heard, days) {
            if let Some(label) = named.get(&number) {
                parts.heard.insert((*label).clone(), counts);
            }
        }
        parts.take_voices(counted.voices, &named, days);
        parts
    }

    fn take_voices(
        &mut self,
        voices: BTreeMap<(Spot, u32), Vec<Voice>>,
        named: &HashMap<u32, &Label>,
        days: usize,
    ) {
        let voices: BTreeMap<(Spot, &Label), Vec<Voice>> = voices
            .into_iter()
            .filter_map(|((spot, number), voices)| Some(((spot, *named.get(&number)?), voices)))
            .collect();
        let mut sizes: Vec<_> = voices.iter().map(|(key, voices)| (voices.len(), *key)).collect();
        let all = self.all;
        sizes.retain(|(size, (_, label))| {
            let heard: u64 =
                self.heard.get(*label).map_or(0, |heard| heard.iter().map(|count| u64::from(*count)).sum());
            *size >= OPENED_FROM && label.dimension.is_group() && 2 * heard <= all
        });
        sizes.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let opened: BTreeSet<(Spot, &Label)> =
            sizes.into_iter().take(MOST_PARTS).map(|(_, key)| key).collect();
        let mut families: BTreeMap<(Spot, &str), Vec<(u32, u32)>> = BTreeMap::new();
        for ((spot, label), voices) in voices {
            let own = voices.iter().filter(|voice| !voice.copied).map(|voice| (voice.day, voice.person));
            let own: Vec<(u32, u32)> = own.collect();
            families.entry((spot, label.family())).or_default().extend(&own);
            self.people.insert((spot, label.clone()), days_of(own));
            if opened.contains(&(spot, label)) {
                self.cells.insert((spot, label.clone()), DailyCell::of(voices, days));
            }
        }
        for ((spot, family), pairs) in families {
            self.families.insert((spot, family.to_owned()), days_of(pairs));
        }
    }

    /// Gives the groups in which a cell is told more often than among the others of their family, from one place of the days
    /// to another; those first that stand out most surely (by the 5 % point of EBGM, at least 2).
    pub fn places(&self, spot: Spot, from: usize, to: usize) -> Vec<Place> {
        let sum = |counts: &Counts| crate::daily::total(counts, from, to);
        let between = |days: &Vec<u32>| {
            let before = |bound: usize| days.partition_point(|day| (*day as usize) < bound);
            before(to.saturating_add(1)).saturating_sub(before(from)) as u64
        };
        let mut labels = Vec::new();
        let mut counts = Vec::new();
        let all = (spot, Label { dimension: Dimension::ALL[0], value: String::new() });
        for ((_, label), people) in self.people.range(all..).take_while(|((of, _), _)| *of == spot) {
            let family = label.family();
            let heard = self.heard.get(label).map_or(0, sum);
            let heard_in = self.heard_in.get(family).map_or(0, sum);
            let told = self.families.get(&(spot, family.to_owned())).map_or(0, between);
            if heard_in > heard {
                labels.push(label);
                counts.push((between(people), told as f64 * heard as f64 / heard_in as f64));
            }
        }
        let found = locate(&counts, &RatioPrior::default()).into_iter();
        found
            .filter_map(|located| {
                let (people, expected) = *counts.get(located.place)?;
                let label = (*labels.get(located.place)?).clone();
                Some(Place { label, people, expected, ratio: located.ratio })
            })
            .collect()
    }
}

/// What one pass over the feedback gives.
struct Counted {
    /// Label, day and person.
    heard: PersonDays<u32>,
    /// Day and person.
    people: Vec<(u32, u32)>,
    voices: BTreeMap<(Spot, u32), Vec<Voice>>,
}

impl Counted {
    fn of(view: &View, voice: impl Fn(&Seen, &Row) -> Option<Voice>) -> Self {
        let mut counted = Self { heard: Vec::new(), people: Vec::new(), voices: BTreeMap::new() };
        for (seen, row) in view.rows().filter(|(_, row)| row.kind != Kind::Employee) {
            let Some(voice) = voice(seen, row) else { continue };
            counted.people.push((voice.day, voice.person));
            for label in &seen.labels {
                counted.heard.push((*label, voice.day, voice.person));
                each_spot(row, |spot| {
                    counted.voices.entry((spot, *label)).or_default().push(voice.about(row, spot.1));
                });
            }
        }
        counted.heard.sort_unstable();
        counted.heard.dedup();
        counted.people.sort_unstable();
        counted.people.dedup();
        counted
    }

    /// The commonest labels, by number.
    fn commonest<'a>(&self, view: &'a View) -> HashMap<u32, &'a Label> {
        let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
        self.heard.iter().for_each(|(label, ..)| *sizes.entry(*label).or_default() += 1);
        let mut order: Vec<(usize, &Label, u32)> = sizes
            .into_iter()
            .filter_map(|(number, size)| Some((size, view.label(number)?, number)))
            .filter(|(_, label, _)| !matches!(label.dimension, Dimension::Promise | Dimension::Theme))
            .collect();
        // The numbers of labels depend on the order in which they came.
        order.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        order.into_iter().take(MOST_LABELS).map(|(_, label, number)| (number, label)).collect()
    }

    /// The same by family instead of label.
    fn families<'a>(&self, named: &HashMap<u32, &'a Label>) -> PersonDays<&'a str> {
        let of = |(number, day, person): &(u32, u32, u32)| Some((named.get(number)?.family(), *day, *person));
        self.heard.iter().filter_map(of).collect()
    }
}

/// The days of distinct person-days, in order.
fn days_of(mut pairs: Vec<(u32, u32)>) -> Vec<u32> {
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().map(|(day, _)| day).collect()
}

/// Distinct people each day, by key.
fn counted_days<K: Ord>(mut pairs: PersonDays<K>, days: usize) -> BTreeMap<K, Counts> {
    pairs.sort_unstable();
    pairs.dedup();
    let mut counted: BTreeMap<K, Counts> = BTreeMap::new();
    for (key, day, _) in pairs {
        let counts = counted.entry(key).or_insert_with(|| vec![0; days]);
        if let Some(count) = counts.get_mut(day as usize) {
            *count += 1;
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holding::{Holding, UNKNOWN};
    use crate::{Daily, View};
    use groundswell_model::{Day, FeedbackId, GapType, RespondentKey};

    const LATE: Spot = (3, GapType::Timeliness);

    /// Feedback of many people on ten days: who lives where, and who says that it is late.
    fn view(people: u32, region: impl Fn(u32) -> &'static str, late: impl Fn(u32) -> bool) -> View {
        let mut view = View::default();
        for number in 0..people {
            let mut key = [0; 16];
            key[..4].copy_from_slice(&number.to_be_bytes());
            let row = Row {
                day: Day::from_number(i32::try_from(number % 10).unwrap()),
                minute: 0,
                kind: if number % 50 == 49 { Kind::Employee } else { Kind::Survey },
                respondent: Some(RespondentKey::from_bytes(key)),
                stage: 3,
                voiced_at: UNKNOWN,
                touchpoint: UNKNOWN,
                phase: UNKNOWN,
                gaps: u16::from(late(number)),
                outcomes: 0,
                sentiment: 0,
                quality: 0,
                fingerprint: 0,
                answers: Vec::new(),
                origins: 0,
                labels: [
                    Label::new(Dimension::Region, region(number)),
                    Label::new(Dimension::Channel, "web"),
                ]
                .into_iter()
                .flatten()
                .collect(),
                handled: None,
                corrected: false,
            };
            let id = FeedbackId::from_bytes(u128::from(number).to_be_bytes());
            view.put(id, &Holding { row: Some(row), ..Holding::default() });
        }
        view
    }

    fn north(number: u32) -> &'static str {
        if number.is_multiple_of(5) { "north" } else { "south" }
    }

    #[test]
    fn a_part_is_opened_on_evidence_and_never_for_most_of_all() {
        let view = view(500, north, |number| number.is_multiple_of(5) && number.is_multiple_of(3));
        let parts = Daily::of(&view, Day::from_number(9)).parts;
        let opened: Vec<_> = parts.cells.keys().map(|(_, label)| label.value.as_str()).collect();
        assert_eq!(opened, ["north"], "the south and the channel are most of all");
        let label = Label::new(Dimension::Region, "north").unwrap();
        let cell = &parts.cells[&(LATE, label.clone())];
        assert_eq!(cell.people_in(0, 9), 34);
        assert_eq!(parts.heard[&label].iter().sum::<u32>(), 100);
        assert_eq!(parts.all, 490, "staff are left out");
        let few = super::tests::view(500, north, |number| number.is_multiple_of(5) && number < 35);
        assert!(Daily::of(&few, Day::from_number(9)).parts.cells.is_empty(), "seven are too few");
    }

    #[test]
    fn where_it_is_told_more_than_elsewhere_is_named_and_nothing_where_it_is_told_alike() {
        let spread = view(500, north, |number| number.is_multiple_of(4));
        assert_eq!(Daily::of(&spread, Day::from_number(9)).parts.places(LATE, 0, 9), []);
        let only_north = view(500, north, |number| number.is_multiple_of(5) && number.is_multiple_of(3));
        let places = Daily::of(&only_north, Day::from_number(9)).parts.places(LATE, 0, 9);
        assert_eq!(places.len(), 1, "{places:?}");
        assert_eq!((places[0].label.within(), places[0].people), ("north", 34));
        assert!(places[0].ratio.low > 2.0 && places[0].ratio.ebgm < 5.0, "{places:?}");
    }

    #[test]
    fn the_order_in_which_feedback_comes_changes_nothing() {
        let forward = view(300, north, |number| number.is_multiple_of(7));
        let mut backward = View::default();
        let rows: Vec<_> =
            forward.rows().map(|(seen, row)| (seen.id, row.clone(), seen.labels.clone())).collect();
        for (id, mut row, labels) in rows.into_iter().rev() {
            row.labels = labels.iter().rev().filter_map(|label| forward.label(*label).cloned()).collect();
            backward.put(id, &Holding { row: Some(row), ..Holding::default() });
        }
        let until = Day::from_number(9);
        let (one, other) = (Daily::of(&forward, until).parts, Daily::of(&backward, until).parts);
        assert_eq!(one.heard, other.heard);
        assert_eq!(one.places(LATE, 0, 9), other.places(LATE, 0, 9));
        assert_eq!(one.people, other.people);
    }

    #[test]
    fn a_label_keeps_its_family_and_is_cut() {
        let label = Label::new(Dimension::Segment, "plan: premium").unwrap();
        assert_eq!((label.family(), label.within()), ("plan", "premium"));
        assert_eq!(Label::new(Dimension::Region, "  "), None);
        let long = Label::new(Dimension::Region, &"ä".repeat(100)).unwrap();
        assert_eq!(long.value.len(), 64);
        assert_eq!((long.family(), long.within()), ("region", long.value.as_str()));
    }
}
