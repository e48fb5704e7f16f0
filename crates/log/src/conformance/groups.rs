//! Promises about consumer groups: who reads what, from where, and what a rebalance does to it.
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::{Case, Harness, Kept, MOMENT, PATIENCE, next_batch, text};
use crate::contract::{Advance, Cleanup, Event, Subscription, TopicSpec, Transaction, Writer};
use crate::error::{Disposition, LogError};
use crate::record::{Append, Batch, Place, ReadLimit, TopicPartition};
use crate::{Topic, WriterId};

fn advance(subscription: &dyn Subscription, position: Place) -> Option<Advance> {
    let member = subscription.member();
    Some(Advance { group: member.group().clone(), member: Some(member), positions: vec![position] })
}

fn late(what: &str) -> LogError {
    LogError::Unavailable { detail: format!("{what} did not come true in time") }
}

/// Promises that a member starts at the partition's start, a later one where the group committed, not where it had read.
///
/// # Errors
/// When the log fails.
pub fn a_member_starts_where_its_group_stood(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    case.log.append((0..10).map(|n| case.append(0, n.to_string())).collect())?;
    let topics = std::slice::from_ref(&case.topic);
    let none = case.log.subscribe(&case.group, &[]);
    assert_eq!(none.err().map(|error| error.code()), Some("log.invalid"));
    let mut writer = case.log.writer(&case.writer)?;
    let mut subscription = case.log.subscribe(&case.group, topics)?;
    let first = next_batch(&mut *subscription)?;
    assert_eq!(first.records.first().map(text).as_deref(), Some("0"));
    let fourth = first.records.get(4).map_or(0, |record| record.offset);
    writer.commit(Transaction {
        appends: Vec::new(),
        advance: advance(&*subscription, case.place(0, fourth)),
    })?;
    drop(subscription);
    let mut later = case.log.subscribe(&case.group, topics)?;
    let batch = next_batch(&mut *later)?;
    assert_eq!(batch.records.first().map(text).as_deref(), Some("4"));
    let other_group = harness.name("other-group").parse()?;
    let mut other = case.log.subscribe(&other_group, topics)?;
    assert_eq!(next_batch(&mut *other)?.records.first().map(text).as_deref(), Some("0"));
    Ok(())
}

/// Promises that after a rewind the uncommitted batch comes again, and that without one it does not.
///
/// # Errors
/// When the log fails.
pub fn rewinding_gives_the_batch_again(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    case.log.append((0..6).map(|n| case.append(0, n.to_string())).collect())?;
    let mut writer = case.log.writer(&case.writer)?;
    let mut subscription = case.log.subscribe(&case.group, std::slice::from_ref(&case.topic))?;
    let limit = ReadLimit { records: 2, bytes: 1 << 20 };
    let read = |subscription: &mut dyn Subscription| -> Result<Batch, LogError> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Event::Batch(batch) = subscription.next(limit, MOMENT)?
                && !batch.records.is_empty()
            {
                return Ok(batch);
            }
        }
        Err(late("a batch"))
    };
    let values = |batch: &Batch| batch.records.iter().map(text).collect::<Vec<_>>();
    let first = read(&mut *subscription)?;
    assert_eq!(values(&first), ["0", "1"]);
    writer
        .commit(Transaction { appends: Vec::new(), advance: advance(&*subscription, first.next_place()) })?;
    assert_eq!(values(&read(&mut *subscription)?), ["2", "3"]);
    assert_eq!(values(&read(&mut *subscription)?), ["4", "5"]);
    subscription.rewind()?;
    assert_eq!(values(&read(&mut *subscription)?), ["2", "3"]);
    Ok(())
}

/// Promises that a paused partition gives nothing, and all of it once it is resumed.
///
/// # Errors
/// When the log fails.
pub fn a_paused_partition_is_silent(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 2, Cleanup::Forever)?;
    let mut subscription = case.log.subscribe(&case.group, std::slice::from_ref(&case.topic))?;
    let deadline = Instant::now() + PATIENCE;
    while !matches!(subscription.next(ReadLimit::default(), MOMENT)?, Event::Assigned(partitions) if partitions.len() == 2)
    {
        if Instant::now() > deadline {
            return Err(late("the assignment"));
        }
    }
    let paused = [TopicPartition::new(&case.topic, 0)];
    subscription.pause(&paused)?;
    case.log.append(vec![case.append(0, "held"), case.append(1, "let through")])?;
    let batch = next_batch(&mut *subscription)?;
    assert_eq!((batch.at.partition, batch.records.len()), (1, 1));
    for _ in 0..3 {
        let event = subscription.next(ReadLimit::default(), MOMENT)?;
        assert!(
            matches!(&event, Event::Idle)
                || matches!(&event, Event::Batch(batch) if batch.records.is_empty())
        );
    }
    subscription.resume(&paused)?;
    let batch = next_batch(&mut *subscription)?;
    assert_eq!(batch.records.iter().map(text).collect::<Vec<_>>(), ["held"]);
    Ok(())
}

/// Promises that two members have all partitions between them, none twice, and the one that stays has all of them.
///
/// # Errors
/// When the log fails.
pub fn members_share_the_partitions(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 5, Cleanup::Forever)?;
    let topics = std::slice::from_ref(&case.topic);
    let mut first = case.log.subscribe(&case.group, topics)?;
    let mut second = Some(case.log.subscribe(&case.group, topics)?);
    let mut held: [Vec<u32>; 2] = Default::default();
    let deadline = Instant::now() + PATIENCE;
    let mut shared = false;
    loop {
        let members = std::iter::once(&mut first).chain(second.as_mut());
        for (member, held) in members.zip(&mut held) {
            match member.next(ReadLimit::default(), MOMENT)? {
                Event::Assigned(partitions) => *held = partitions.iter().map(|at| at.partition).collect(),
                Event::Revoked { .. } => held.clear(),
                Event::Batch(_) | Event::Idle => {}
            }
        }
        let [one, two] = &held;
        let mut all: Vec<u32> = one.iter().chain(two).copied().collect();
        all.sort_unstable();
        let complete = all == [0, 1, 2, 3, 4];
        if !shared && complete && !one.is_empty() && !two.is_empty() {
            shared = true;
            second = None;
            held = Default::default();
        } else if shared && complete {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(late("a shared assignment"));
        }
    }
}

/// Promises that members which come and go while they consume, transform and produce lose and double nothing.
///
/// # Errors
/// When the log fails.
pub fn a_rebalance_loses_and_doubles_nothing(harness: &dyn Harness) -> Kept {
    const RECORDS: usize = 600;
    let case = Case::begin(harness, 4, Cleanup::Forever)?;
    let output: Topic = harness.name("output").parse()?;
    case.log.create_topic(&output, &TopicSpec::new(1, Cleanup::Forever))?;
    case.log.append((0..RECORDS).map(|n| case.append(n as u32 % 4, n.to_string())).collect())?;
    let (done, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let until = |count: usize| {
        let deadline = Instant::now() + PATIENCE;
        while done.load(Ordering::Acquire) < count && Instant::now() < deadline {
            thread::sleep(std::time::Duration::from_millis(1));
        }
    };
    let work = |name: &str, leave: &AtomicBool| -> Kept {
        let id: WriterId = harness.name(name).parse()?;
        let mut worker = Worker {
            subscription: case.log.subscribe(&case.group, std::slice::from_ref(&case.topic))?,
            writer: case.log.writer(&id)?,
            output: &output,
        };
        while !leave.load(Ordering::Acquire) && !stop.load(Ordering::Acquire) {
            done.fetch_add(worker.step()?, Ordering::AcqRel);
        }
        Ok(())
    };
    let never = AtomicBool::new(false);
    let leave = AtomicBool::new(false);
    thread::scope(|scope| {
        let first = scope.spawn(|| work("worker-1", &leave));
        until(RECORDS / 6);
        let second = scope.spawn(|| work("worker-2", &never));
        until(RECORDS / 3);
        let third = scope.spawn(|| work("worker-3", &never));
        until(RECORDS / 2);
        leave.store(true, Ordering::Release);
        until(RECORDS);
        stop.store(true, Ordering::Release);
        let workers = [first, second, third];
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Err(LogError::Closed)))
    })?;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let produced = Case { topic: output, ..case };
    for value in produced.values(0)? {
        *seen.entry(value).or_default() += 1;
    }
    let expected: BTreeMap<String, usize> = (0..RECORDS).map(|n| (n.to_string(), 1)).collect();
    assert_eq!(seen, expected);
    Ok(())
}

/// A loop as ours: one batch, one transaction, one call of `next`.
struct Worker<'a> {
    subscription: Box<dyn Subscription>,
    writer: Box<dyn Writer>,
    output: &'a Topic,
}

impl Worker<'_> {
    /// Handles one event; answers how many records it transformed.
    fn step(&mut self) -> Result<usize, LogError> {
        let limit = ReadLimit { records: 5, bytes: 1 << 20 };
        let Event::Batch(batch) = self.subscription.next(limit, MOMENT)? else {
            return Ok(0);
        };
        let appends = batch.records.iter().map(|record| Append {
            topic: self.output.clone(),
            partition: 0,
            timestamp_ms: record.timestamp_ms,
            key: record.key.clone(),
            headers: Vec::new(),
            value: record.value.clone(),
        });
        let transaction = Transaction {
            appends: appends.collect(),
            advance: advance(&*self.subscription, batch.next_place()),
        };
        match self.writer.commit(transaction) {
            Ok(places) => Ok(places.len()),
            Err(error) if error.disposition() == Disposition::Abort => {
                self.subscription.rewind()?;
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }
}
