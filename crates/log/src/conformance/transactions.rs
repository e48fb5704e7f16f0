//! Promises about transactions: all or nothing, one writer per id, positions beside the records.
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{Case, Harness, Kept};
use crate::contract::{Advance, Cleanup, Transaction};
use crate::error::{Disposition, LogError};
use crate::record::Place;

fn stand_alone(case: &Case, positions: Vec<Place>) -> Option<Advance> {
    Some(Advance { group: case.group.clone(), member: None, positions })
}

/// Promises that a refused transaction leaves neither records nor positions, and that the writer goes on.
///
/// # Errors
/// When the log fails.
pub fn a_refused_transaction_leaves_nothing(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 2, Cleanup::Forever)?;
    let mut writer = case.log.writer(&case.writer)?;
    let refused = writer.commit(Transaction {
        appends: vec![case.append(0, "a"), case.append(1, "b"), case.append(9, "nowhere")],
        advance: stand_alone(&case, vec![case.place(0, 0)]),
    });
    assert_eq!(refused.err().map(|error| error.code()), Some("log.unknown_partition"));
    assert!(case.all(0)?.is_empty() && case.all(1)?.is_empty());
    assert_eq!(case.log.committed(&case.group, &case.topic)?, [None, None]);
    let places = writer.commit(Transaction {
        appends: vec![case.append(1, "c"), case.append(0, "d")],
        advance: stand_alone(&case, vec![case.place(0, 0), case.place(1, 0)]),
    })?;
    assert_eq!(places.iter().map(|place| place.partition).collect::<Vec<_>>(), [1, 0]);
    assert_eq!((case.values(0)?, case.values(1)?), (vec!["d".to_owned()], vec!["c".to_owned()]));
    assert_eq!(case.log.committed(&case.group, &case.topic)?, [Some(0), Some(0)]);
    Ok(())
}

/// Promises that a reader beside a writer never finds part of a transaction.
///
/// # Errors
/// When the log fails.
pub fn readers_see_whole_transactions(harness: &dyn Harness) -> Kept {
    const EACH: usize = 10;
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    let mut writer = case.log.writer(&case.writer)?;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reading = scope.spawn(|| -> Result<usize, LogError> {
            let mut looks = 0;
            while !done.load(Ordering::Acquire) || looks == 0 {
                assert_eq!(case.all(0)?.len() % EACH, 0);
                looks += 1;
            }
            Ok(looks)
        });
        let mut written = Ok(Vec::new());
        for round in 0..30 {
            let appends = (0..EACH).map(|n| case.append(0, format!("{round}/{n}"))).collect();
            written = writer.commit(Transaction { appends, advance: None });
        }
        done.store(true, Ordering::Release);
        let looks = reading.join().unwrap_or(Err(LogError::Closed))?;
        assert!(looks > 0);
        written.map(drop)
    })?;
    assert_eq!(case.all(0)?.len(), 30 * EACH);
    Ok(())
}

/// Promises that opening a writer fences the older one of its id, and no other.
///
/// # Errors
/// When the log fails.
pub fn a_newer_writer_fences_the_older(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    let one = |value: &str| Transaction {
        appends: vec![case.append(0, value)],
        advance: stand_alone(&case, vec![case.place(0, 0)]),
    };
    let other_id = harness.name("other-writer").parse()?;
    let mut other = case.log.writer(&other_id)?;
    let mut old = case.log.writer(&case.writer)?;
    old.commit(one("old"))?;
    let mut new = case.log.writer(&case.writer)?;
    for _ in 0..2 {
        let fenced = old.commit(one("too late")).err();
        assert_eq!(fenced.as_ref().map(LogError::code), Some("log.fenced"));
        assert_eq!(fenced.map(|error| error.disposition()), Some(Disposition::Stop));
    }
    new.commit(one("new"))?;
    other.commit(one("other"))?;
    assert_eq!(case.values(0)?, ["old", "new", "other"]);
    Ok(())
}

/// Promises that records, positions, topics and the fence are there after everything was closed and opened again.
///
/// # Errors
/// When the log fails.
pub fn positions_and_records_outlive_the_process(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 2, Cleanup::Forever)?;
    let (topic, group, id) = (case.topic.clone(), case.group.clone(), case.writer.clone());
    let mut writer = case.log.writer(&id)?;
    let places = writer.commit(Transaction {
        appends: (0..100).map(|n| case.append(n % 2, n.to_string())).collect(),
        advance: None,
    })?;
    let position = places.get(11).cloned().ok_or(LogError::Closed)?;
    writer
        .commit(Transaction { appends: Vec::new(), advance: stand_alone(&case, vec![position.clone()]) })?;
    drop(writer);
    drop(case);
    let log = harness.open()?;
    let case = Case { log, topic, group, writer: id };
    assert_eq!(case.values(0)?, (0..50).map(|n| (2 * n).to_string()).collect::<Vec<_>>());
    assert_eq!(case.log.committed(&case.group, &case.topic)?, [None, Some(position.offset)]);
    let mut writer = case.log.writer(&case.writer)?;
    let after = writer.commit(Transaction { appends: vec![case.append(1, "after")], advance: None })?;
    assert!(places.iter().chain(&after).filter(|place| place.partition == 1).is_sorted());
    assert_eq!(case.values(1)?.last().map(String::as_str), Some("after"));
    Ok(())
}

/// Promises that a position without a member is committed only while the group has no members.
///
/// # Errors
/// When the log fails.
pub fn a_stand_alone_position_needs_an_empty_group(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    case.log.append(vec![case.append(0, "a"), case.append(0, "b")])?;
    let mut writer = case.log.writer(&case.writer)?;
    let to = |offset| Transaction {
        appends: Vec::new(),
        advance: stand_alone(&case, vec![case.place(0, offset)]),
    };
    writer.commit(to(1))?;
    let mut subscription = case.log.subscribe(&case.group, std::slice::from_ref(&case.topic))?;
    super::next_batch(&mut *subscription)?;
    let refused = writer.commit(to(2)).err();
    assert_eq!(refused.as_ref().map(LogError::code), Some("log.rebalanced"));
    assert_eq!(refused.map(|error| error.disposition()), Some(Disposition::Abort));
    assert_eq!(case.log.committed(&case.group, &case.topic)?, [Some(1)]);
    Ok(())
}
