//! The analyser's fold: parts arrive in any order and any number of times, and the feedback that results depends only on
//! the set that arrived.

use std::collections::BTreeMap;

use groundswell_annotate::{Evidence, Mapper};
use groundswell_insight::{Holding, PartPlace, People};
use groundswell_model::feedback::Content;
use groundswell_model::ledger::RE_ANNOTATION;
use groundswell_model::union::{Admitted, unite};
use groundswell_model::{
    Annotation, Clock, Delivery, Feedback, FeedbackId, Mapping, Part, Rank, Speaker, Zone,
};

use crate::decided::Decided;
use crate::decided::themes::vector;
use crate::row::{Numbers, counting_day, has_unlikely_time};

/// Reads parts at their places in the log.
pub type Fetch<'a, E> = &'a mut dyn FnMut(&[PartPlace]) -> Result<Vec<Part>, E>;

/// A part that was read from the `feedback` topic.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Where it lies.
    pub place: PartPlace,
    /// The part.
    pub part: Part,
    /// Its rank.
    pub rank: Rank,
    /// Whether it is a stored part that was annotated anew.
    pub reannotated: bool,
}

/// How arrivals are counted, by pipeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Parts read, deletions apart.
    pub parts: u64,
    /// Feedback seen for the first time.
    pub feedback: u64,
    /// Further parts, updates and redeliveries.
    pub repeats: u64,
    /// Deletions read.
    pub tombstones: u64,
}

/// What folding one feedback's arrivals gives.
#[derive(Clone, Debug)]
pub struct Folded {
    /// What the state holds from now on.
    pub holding: Holding,
    /// The feedback and its mapping as they now stand; absent when nothing changed.
    pub published: Option<(Feedback, Option<Mapping>)>,
    /// Keys in `feedback` that no longer count and get a tombstone.
    pub dead_keys: Vec<String>,
    /// Counts by pipeline.
    pub tallies: BTreeMap<String, Tally>,
}

/// What is known beside a feedback's own parts.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// What the customer records know of a respondent.
    pub people: &'a People,
    /// What people decided.
    pub decided: &'a Decided,
}

/// Folds parts into feedback and maps them.
pub struct Folder {
    mapper: Mapper,
    numbers: Numbers,
    zone: Zone,
}

impl Folder {
    /// Makes a folder for one journey map and reporting zone.
    pub fn new(mapper: Mapper, zone: Zone) -> Self {
        let numbers = Numbers::of(mapper.map());
        Self { mapper, numbers, zone }
    }

    /// Gives the numbers of the map's stages and touchpoints.
    pub fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Gives the mapper.
    pub fn mapper(&self) -> &Mapper {
        &self.mapper
    }

    /// Gives the reporting zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Folds arrivals of one feedback into what is held of it.
    ///
    /// `fetch` reads a part that is not among the arrivals from the log. `again` maps anew even when no arrival changes
    /// anything (a customer's clock changed, a person corrected the mapping).
    ///
    /// # Errors
    /// Whatever `fetch` gives.
    pub fn fold<E>(
        &self,
        holding: Option<Holding>,
        arrivals: Vec<Arrival>,
        again: bool,
        known: &Known<'_>,
        fetch: Fetch<'_, E>,
    ) -> Result<Folded, E> {
        let mut holding = holding.unwrap_or_default();
        let before = fingerprint(&holding);
        let mut dead_keys = Vec::new();
        let mut tallies = BTreeMap::new();
        let mut bodies: BTreeMap<PartPlace, Part> = BTreeMap::new();
        let mut moved = false;
        for arrival in arrivals {
            moved |= admit(&mut holding, &arrival, &mut dead_keys, &mut tallies);
            bodies.insert(arrival.place, arrival.part);
        }
        if fingerprint(&holding) == before && !again && !moved {
            return Ok(Folded { holding, published: None, dead_keys, tallies });
        }
        let parts = gather(&holding, &mut bodies, fetch)?;
        let published = self.publish(&mut holding, parts, bodies, known, fetch)?;
        Ok(Folded { holding, published, dead_keys, tallies })
    }

    fn publish<E>(
        &self,
        holding: &mut Holding,
        parts: Vec<Part>,
        mut bodies: BTreeMap<PartPlace, Part>,
        known: &Known<'_>,
        fetch: Fetch<'_, E>,
    ) -> Result<Option<(Feedback, Option<Mapping>)>, E> {
        if let Some(feedback) = unite(parts) {
            let mapping = self.map(&feedback, known);
            holding.row = Some(self.numbers.row(&feedback, &mapping, &self.zone, known.people));
            holding.vector = vector(&annotated(&feedback));
            return Ok(Some((feedback, Some(mapping))));
        }
        (holding.row, holding.vector) = (None, None);
        let Some((_, place)) = &holding.standing.deletion else { return Ok(None) };
        let marker = match bodies.remove(place) {
            Some(part) => Some(part),
            None => fetch(&[*place])?.into_iter().next(),
        };
        Ok(marker.map(|part| (deleted(part), None)))
    }

    /// Maps a feedback: stage, touchpoint, phase and gaps, and puts in their place what people decided.
    pub fn map(&self, feedback: &Feedback, known: &Known<'_>) -> Mapping {
        let content = &feedback.content;
        let respondent = content.respondent.as_ref();
        let clock = respondent.map(|respondent| known.people.clock(respondent.key)).unwrap_or_default();
        let texts = annotated(feedback);
        let evidence = Evidence {
            kind: Some(content.kind),
            channel: &content.channel,
            context: &content.context,
            clock: content.clock.or(clock),
            occurred_at: Some(content.occurred_at),
        };
        let mut mapping = self.mapper.place(&texts, &evidence);
        let day = counting_day(feedback, &self.zone);
        known.decided.apply(feedback.id, &mut mapping, &texts, day);
        mapping
    }
}

/// What the customer said, with what was found in it.
pub fn annotated(feedback: &Feedback) -> Vec<(&str, &Annotation)> {
    let spoken = feedback.content.statements.iter().filter(|statement| statement.speaker != Speaker::Agent);
    spoken.filter_map(|statement| Some((statement.text.as_str(), statement.annotation.as_ref()?))).collect()
}

/// What decides the union: ranks of the counting parts, and the deletion.
fn fingerprint(holding: &Holding) -> (Vec<Rank>, Option<Rank>) {
    let counting = holding.standing.counting().into_iter().map(|(_, rank, _)| *rank).collect();
    (counting, holding.standing.deletion.as_ref().map(|(rank, _)| *rank))
}

/// Says whether a repeat moves the day that is counted: where the said time cannot be right it is the day of receipt.
fn admit(
    holding: &mut Holding,
    arrival: &Arrival,
    dead_keys: &mut Vec<String>,
    tallies: &mut BTreeMap<String, Tally>,
) -> bool {
    let part = &arrival.part;
    let first = holding.standing.parts.is_empty();
    let floor = holding.standing.floor;
    let admitted = holding.standing.admit(part, arrival.rank, arrival.place);
    // What was annotated anew has an account of its own; where what it was made from is gone, it stands in its place.
    let account = if arrival.reannotated && !first { RE_ANNOTATION } else { part.pipeline.as_str() };
    let tally = tallies.entry(account.to_owned()).or_default();
    if part.deleted {
        tally.tombstones += 1;
    } else {
        tally.parts += 1;
        let counter = if first { &mut tally.feedback } else { &mut tally.repeats };
        *counter += 1;
    }
    // ORDER: a record that holds the floor keeps its bytes, or a rebuild after compaction would lose the floor. One that
    // takes its place and holds the same floor relieves it.
    let holds = part.delivery == Delivery::Complete && Some(part.revision) == holding.standing.floor;
    let moved = admitted == Admitted::Repeat && !part.deleted && has_unlikely_time(&part.content.marks);
    let dead = match admitted {
        Admitted::Repeat | Admitted::Newer(None) => None,
        Admitted::Newer(Some((rank, _))) if Some(rank.revision) == floor && !holds => None,
        Admitted::Newer(Some((rank, _))) => Some(rank),
        Admitted::Superseded if holds => None,
        Admitted::Superseded => Some(arrival.rank),
    };
    dead_keys.extend(dead.map(|rank| key(part.id, &part.part, &rank)));
    moved
}

fn key(id: FeedbackId, part: &str, rank: &Rank) -> String {
    format!("{id}/{part}/{rank}")
}

fn gather<E>(
    holding: &Holding,
    bodies: &mut BTreeMap<PartPlace, Part>,
    fetch: Fetch<'_, E>,
) -> Result<Vec<Part>, E> {
    let places: Vec<PartPlace> =
        holding.standing.counting().into_iter().map(|(_, _, place)| *place).collect();
    let missing: Vec<PartPlace> =
        places.iter().filter(|place| !bodies.contains_key(place)).copied().collect();
    if !missing.is_empty() {
        for (place, part) in missing.iter().zip(fetch(&missing)?) {
            bodies.insert(*place, part);
        }
    }
    Ok(places.iter().filter_map(|place| bodies.remove(place)).collect())
}

/// A deleted feedback keeps its id, its source and its times, and nothing that it said.
fn deleted(part: Part) -> Feedback {
    let content = part.content;
    Feedback {
        id: part.id,
        parts: Vec::new(),
        deleted: true,
        // A redelivered deletion has the same rank and another receipt: the source's own time stands for both.
        received_at: content.occurred_at,
        content: Content {
            respondent: None,
            clock: Clock::default(),
            segments: BTreeMap::new(),
            subject: Default::default(),
            context: BTreeMap::new(),
            statements: Vec::new(),
            answers: Vec::new(),
            handling: Default::default(),
            attributes: BTreeMap::new(),
            redactions: BTreeMap::new(),
            marks: content.marks,
            source: content.source,
            kind: content.kind,
            channel: content.channel,
            occurred_at: content.occurred_at,
        },
    }
}
