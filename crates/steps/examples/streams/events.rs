//! What is known to have happened to the forum's product, and what an alarm is by it.

use std::collections::BTreeSet;
use std::path::Path;

use groundswell_model::Day;

use super::forum::Family;
use super::terms::Stems;
use super::watch::{Alarm, Stream};

/// Days, the first of the event included, within which it must be found.
pub const WITHIN: i32 = 3;

/// Days before an event in which an alarm that can be about it is early.
const EARLY: i32 = 14;

/// The version that is the redesign, as the file of events says.
const REDESIGN: &str = "115";

/// Topics of the source under which a changed look and an update are asked about.
const TOPICS: [&str; 2] = ["settings", "installation-and-updates"];

/// Something that happened.
pub struct Event {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// Whether it is what must be found.
    pub real: bool,
    /// Stems of the words that people used for it.
    words: BTreeSet<String>,
}

/// What an alarm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// It tells of something known: it is raised while that happens, or goes on with a rise that began then.
    Known,
    /// Anything else.
    Other,
}

impl Event {
    fn holds(&self, day: Day) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// Says whether an alarm of a series can be about it: everybody who is heard, the version that it is, a topic under
    /// which it is filed, or a word that people used for it.
    fn is_told_by(&self, stream: &Stream) -> bool {
        let name = stream.name.as_str();
        match stream.family {
            Family::Volume => true,
            Family::Version => name == REDESIGN,
            Family::Topic => TOPICS.contains(&name),
            Family::Word => self.words.contains(name),
            Family::Stage | Family::Gap | Family::Touchpoint => false,
        }
    }

    /// The first alarm that begins a rise while it happens and can be about it.
    pub fn found<'a>(&self, alarms: &'a [Alarm], streams: &[Stream]) -> Option<&'a Alarm> {
        self.told_from(self.from, alarms, streams)
    }

    /// The same, a fortnight before it included.
    pub fn noticed<'a>(&self, alarms: &'a [Alarm], streams: &[Stream]) -> Option<&'a Alarm> {
        self.told_from(self.from.plus(-EARLY), alarms, streams)
    }

    fn told_from<'a>(&self, from: Day, alarms: &'a [Alarm], streams: &[Stream]) -> Option<&'a Alarm> {
        alarms.iter().find(|alarm| {
            let begins = alarm.began == alarm.day && (from..=self.to).contains(&alarm.day);
            begins && self.is_told_by(&streams[alarm.stream])
        })
    }
}

/// Reads the events of the forum.
pub fn events(folder: &Path) -> Vec<Event> {
    let text = std::fs::read_to_string(folder.join("EVENTS.tsv")).expect("the events can be read");
    let mut stems = Stems::new();
    let mut event = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let (from, to) = (cells.get(1)?.parse().ok()?, cells.get(2)?.parse().ok()?);
        let words = cells.get(5).and_then(|evidence| evidence.split_once(';')).map_or("", |(_, words)| words);
        let words = stems.telling(words).into_iter().map(|(_, stem)| stem).collect();
        Some(Event { from, to, real: *cells.get(3)? == "real", words })
    };
    text.lines().skip(1).filter_map(&mut event).collect()
}

/// Says what an alarm is.
pub fn sort(alarm: &Alarm, events: &[Event]) -> Sort {
    let is_known = events.iter().any(|event| event.holds(alarm.day) || event.holds(alarm.began));
    if is_known { Sort::Known } else { Sort::Other }
}
