//! Validation of one transaction against the staged catalogue, and its application once it is accepted.
use std::collections::BTreeMap;

use super::catalogue::{Catalogue, Staged};
use super::commit::Accepted;
use crate::contract::{Advance, Cleanup, Transaction};
use crate::error::LogError;
use crate::names::{Topic, WriterId};
use crate::record::{Append, Place, TopicPartition};

/// What a member's proof holds.
pub(super) struct MemberToken(pub(super) u64);

/// A transaction that was accepted: how many records it appends to each partition.
pub(super) struct Checked(BTreeMap<(Topic, u32), u64>);

/// Checks a transaction; nothing is changed yet.
pub(super) fn commit(
    catalogue: &Catalogue,
    writer: Option<&(WriterId, u64)>,
    transaction: &Transaction,
    most_bytes: usize,
) -> Result<Checked, LogError> {
    if let Some((id, epoch)) = writer
        && catalogue.writers.get(id) != Some(epoch)
    {
        return Err(LogError::Fenced { writer: id.clone() });
    }
    let counts = appends(catalogue, &transaction.appends, most_bytes)?;
    if let Some(advance) = &transaction.advance {
        check_advance(catalogue, advance, &counts)?;
    }
    Ok(Checked(counts))
}

fn appends(
    catalogue: &Catalogue,
    appends: &[Append],
    most_bytes: usize,
) -> Result<BTreeMap<(Topic, u32), u64>, LogError> {
    let bytes: usize = appends.iter().map(Append::size).sum();
    if bytes > most_bytes {
        return Err(LogError::Invalid {
            what: format!("a transaction of {bytes} bytes is larger than the {most_bytes} allowed"),
        });
    }
    let mut counts = BTreeMap::new();
    for run in appends.chunk_by(|a, b| a.partition == b.partition && a.topic == b.topic) {
        let Some(first) = run.first() else { continue };
        let (topic, _) = catalogue.partition(&first.topic, first.partition)?;
        let compacted = matches!(topic.cleanup, Cleanup::Compact { .. });
        if compacted && run.iter().any(|append| append.key.is_none()) {
            return Err(LogError::Invalid {
                what: format!("topic {} is compacted: a record needs a key", first.topic),
            });
        }
        *counts.entry((first.topic.clone(), first.partition)).or_default() += run.len() as u64;
    }
    Ok(counts)
}

fn check_advance(
    catalogue: &Catalogue,
    advance: &Advance,
    counts: &BTreeMap<(Topic, u32), u64>,
) -> Result<(), LogError> {
    let stale = || LogError::Rebalanced { group: advance.group.clone() };
    let group = catalogue.groups.get(&advance.group);
    match &advance.member {
        None if group.is_some_and(|group| !group.members.is_empty()) => return Err(stale()),
        None => {}
        Some(member) => {
            if *member.group() != advance.group {
                let what =
                    format!("a member of group {} cannot advance group {}", member.group(), advance.group);
                return Err(LogError::Invalid { what });
            }
            let present = group.is_some_and(|group| {
                let known = |token: &MemberToken| group.members.contains_key(&token.0);
                group.generation == member.generation() && member.token().is_some_and(known)
            });
            if !present {
                return Err(stale());
            }
        }
    }
    for position in &advance.positions {
        let (_, state) = catalogue.partition(&position.topic, position.partition)?;
        let own = counts.get(&(position.topic.clone(), position.partition));
        let end = state.next + own.copied().unwrap_or_default();
        if position.offset > end {
            return Err(LogError::OutOfRange {
                at: position.topic_partition(),
                offset: position.offset,
                start: state.start,
                end,
            });
        }
    }
    Ok(())
}

/// Applies an accepted transaction: gives the records their offsets and sets the positions. Answers the places.
pub(super) fn apply(
    staged: &mut Staged,
    checked: Checked,
    transaction: Transaction,
    accepted: &mut Accepted,
) -> Vec<Place> {
    let mut cursors = BTreeMap::new();
    for ((topic, partition), count) in checked.0 {
        let at = TopicPartition::new(&topic, partition);
        if let Some((id, before)) = staged.change_partition(&at, |state| state.next += count) {
            accepted.entry((id, partition)).or_default();
            cursors.insert((topic, partition), (id, before.next));
        }
    }
    let mut places = Vec::with_capacity(transaction.appends.len());
    let mut appends = transaction.appends.into_iter().peekable();
    while let Some(first) = appends.peek() {
        let (topic, partition) = (first.topic.clone(), first.partition);
        // Every partition was found by the check.
        let Some((id, next)) = cursors.get_mut(&(topic.clone(), partition)) else { break };
        let records = accepted.entry((*id, partition)).or_default();
        while let Some(append) =
            appends.next_if(|append| append.partition == partition && append.topic == topic)
        {
            places.push(Place::new(&topic, partition, *next));
            records.push((*next, append));
            *next += 1;
        }
    }
    if let Some(advance) = transaction.advance {
        for position in advance.positions {
            if let Ok(id) = staged.catalogue.topic(&position.topic).map(|topic| topic.id) {
                staged.commit(&advance.group, id, position.partition, position.offset);
            }
        }
    }
    places
}
