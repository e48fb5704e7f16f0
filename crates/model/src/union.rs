//! The union of parts: which parts count, and how their fields merge. The result does not depend on the order of arrival.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::feedback::{Content, Feedback, Handling, Subject};
use crate::part::{Part, Rank, Revision};

/// The ranks that decide which parts of one feedback count. `P` is what the keeper wants to remember of each part.
///
/// Invariant: the outcome of any sequence of [`Standing::admit`] depends only on the set admitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing<P> {
    /// The highest-ranked part of each name, deletions apart.
    pub parts: BTreeMap<String, (Rank, P)>,
    /// The highest-ranked deletion.
    pub deletion: Option<(Rank, P)>,
    /// The greatest revision of a complete delivery.
    pub floor: Option<Revision>,
}

/// What admitting a part did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted<P> {
    /// It is the new highest of its name; the one it replaces, if any, is handed back.
    Newer(Option<(Rank, P)>),
    /// The very same rank stands already: a repeat. What is kept of it is now the later one.
    Repeat,
    /// A higher rank stands: the admitted part is superseded at once.
    Superseded,
}

impl<P> Default for Standing<P> {
    fn default() -> Self {
        Self { parts: BTreeMap::new(), deletion: None, floor: None }
    }
}

impl<P> Standing<P> {
    /// Takes in one part by its rank.
    pub fn admit(&mut self, part: &Part, rank: Rank, kept: P) -> Admitted<P> {
        if part.delivery == crate::codes::Delivery::Complete && Some(part.revision) > self.floor {
            self.floor = Some(part.revision);
        }
        if part.deleted {
            return replace(&mut self.deletion, rank, kept);
        }
        let mut slot = self.parts.remove(&part.part);
        let admitted = replace(&mut slot, rank, kept);
        if let Some(highest) = slot {
            self.parts.insert(part.part.clone(), highest);
        }
        admitted
    }

    /// Says whether a part of this rank counts: not below the floor, and not taken back by a deletion.
    pub fn counts(&self, rank: &Rank) -> bool {
        if let Some((deletion, _)) = &self.deletion
            && (!rank.revision.by_source || rank.revision.number <= deletion.revision.number)
        {
            return false;
        }
        self.floor.is_none_or(|floor| rank.revision.number >= floor.number)
    }

    /// Gives the parts that count, the highest rank first.
    pub fn counting(&self) -> Vec<(&str, &Rank, &P)> {
        let mut counting: Vec<_> = self
            .parts
            .iter()
            .filter(|(_, (rank, _))| self.counts(rank))
            .map(|(name, (rank, kept))| (name.as_str(), rank, kept))
            .collect();
        counting.sort_by(|a, b| b.1.cmp(a.1));
        counting
    }
}

fn replace<P>(slot: &mut Option<(Rank, P)>, rank: Rank, kept: P) -> Admitted<P> {
    match slot {
        Some((standing, place)) if *standing == rank => {
            *place = kept;
            Admitted::Repeat
        }
        Some((standing, _)) if *standing > rank => Admitted::Superseded,
        _ => Admitted::Newer(slot.replace((rank, kept))),
    }
}

/// Merges parts into one feedback. `parts` are those that count, the highest rank first; an empty list gives `None`.
///
/// Single fields come from the highest-ranked part that has them, `occurred_at` and `received_at` from the earliest;
/// statements and answers of all parts are kept, in order of the parts' names.
pub fn unite(mut parts: Vec<Part>) -> Option<Feedback> {
    if parts.is_empty() {
        return None;
    }
    let first = parts.remove(0);
    if parts.is_empty() {
        let Part { id, part, content, received_at, .. } = first;
        return Some(Feedback { id, parts: vec![part], deleted: false, content, received_at });
    }
    let mut names = vec![first.part.clone()];
    let mut words = vec![(first.part, first.content.statements.clone(), first.content.answers.clone())];
    let mut content = first.content;
    let mut received_at = first.received_at;
    for part in parts {
        names.push(part.part.clone());
        received_at = received_at.min(part.received_at);
        words.push((part.part, part.content.statements.clone(), part.content.answers.clone()));
        merge(&mut content, part.content);
    }
    words.sort_by(|a, b| a.0.cmp(&b.0));
    names.sort();
    content.statements = words.iter().flat_map(|(_, statements, _)| statements.iter().cloned()).collect();
    content.answers = words.into_iter().flat_map(|(_, _, answers)| answers).collect();
    Some(Feedback { id: first.id, parts: names, deleted: false, content, received_at })
}

fn merge(into: &mut Content, from: Content) {
    into.occurred_at = into.occurred_at.min(from.occurred_at);
    into.source.url = into.source.url.take().or(from.source.url);
    into.source.record = into.source.record.take().or(from.source.record);
    into.respondent = into.respondent.take().or(from.respondent);
    into.clock = into.clock.or(from.clock);
    fill(&mut into.segments, from.segments);
    fill(&mut into.context, from.context);
    fill(&mut into.attributes, from.attributes);
    merge_subject(&mut into.subject, from.subject);
    merge_handling(&mut into.handling, from.handling);
    for (kind, count) in from.redactions {
        *into.redactions.entry(kind).or_default() += count;
    }
    into.marks.extend(from.marks);
}

fn fill(into: &mut BTreeMap<String, String>, from: BTreeMap<String, String>) {
    for (name, value) in from {
        into.entry(name).or_insert(value);
    }
}

fn merge_subject(into: &mut Subject, from: Subject) {
    into.product = into.product.take().or(from.product);
    into.version = into.version.take().or(from.version);
    into.region = into.region.take().or(from.region);
    into.unit = into.unit.take().or(from.unit);
}

fn merge_handling(into: &mut Handling, from: Handling) {
    into.status = into.status.take().or(from.status);
    into.first_response_at = into.first_response_at.or(from.first_response_at);
    into.closed_at = into.closed_at.or(from.closed_at);
    into.confirmed_by_customer = into.confirmed_by_customer.or(from.confirmed_by_customer);
}
