//! Promises about compacted topics.
use std::time::Duration;

use super::{Case, Harness, Kept, THEN_MS, text};
use crate::contract::Cleanup;
use crate::record::{Place, ReadLimit};

const COMPACT: Cleanup = Cleanup::Compact { tombstones: Duration::from_secs(3_600) };
const HOUR_MS: i64 = 3_600_000;

/// Promises that compaction keeps the last record of each key at its offset, that reading passes over the gaps, and
/// that a record without a key is refused.
///
/// # Errors
/// When the log fails.
pub fn compaction_keeps_the_last_of_each_key(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, COMPACT)?;
    let keyless = crate::record::Append { key: None, ..case.append(0, "no key") };
    assert_eq!(case.log.append(vec![keyless]).err().map(|error| error.code()), Some("log.invalid"));
    let mut places: Vec<Place> = Vec::new();
    for round in 0..3 {
        let appends = (0..40).map(|n| case.keyed(&format!("k{n}"), Some(&format!("{round}/{n}"))));
        places.extend(case.log.append(appends.collect())?);
    }
    places.extend(case.log.append(vec![case.keyed("k7", Some("last"))])?);
    if !harness.compact(THEN_MS)? {
        return Ok(());
    }
    let before = case.log.extents(&case.topic)?;
    let kept: Vec<(u64, String)> = case.all(0)?.iter().map(|record| (record.offset, text(record))).collect();
    let survivors = (80..121).filter(|rank| *rank != 87);
    let mut expected: Vec<(u64, String)> = survivors
        .filter_map(|rank| places.get(rank).map(|place| (place.offset, format!("2/{}", rank - 80))))
        .collect();
    if let Some((_, value)) = expected.last_mut() {
        "last".clone_into(value);
    }
    assert_eq!(kept, expected);
    let found = case.log.read_at(&places)?;
    let there: Vec<usize> =
        (0..).zip(&found).filter(|(_, record)| record.is_some()).map(|(rank, _)| rank).collect();
    assert_eq!(there, (80..121).filter(|rank| *rank != 87).collect::<Vec<_>>());
    for place in &places {
        let batch = case.log.read(place, ReadLimit { records: 1, bytes: 1 })?;
        let next = kept.iter().find(|(offset, _)| *offset >= place.offset);
        assert_eq!(batch.records.first().map(|record| record.offset), next.map(|(offset, _)| *offset));
    }
    assert_eq!(case.log.extents(&case.topic)?, before);
    let next = case.log.append(vec![case.keyed("new", Some("new"))])?;
    assert!(places.iter().chain(&next).is_sorted(), "offsets are never given twice");
    Ok(())
}

/// Promises that a tombstone removes what it stands for, stays for a while, and goes then; its offset is not reused.
///
/// # Errors
/// When the log fails.
pub fn a_tombstone_removes_its_key(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, COMPACT)?;
    case.log.append(vec![case.keyed("a", Some("1")), case.keyed("b", Some("2"))])?;
    case.log.append(vec![case.keyed("a", Some("3")), case.keyed("a", None)])?;
    if !harness.compact(THEN_MS + HOUR_MS / 2)? {
        return Ok(());
    }
    assert_eq!(case.values(0)?, ["2", "(none)"]);
    let end = case.log.extents(&case.topic)?.first().map_or(0, |extent| extent.end);
    assert!(harness.compact(THEN_MS + HOUR_MS)?);
    assert_eq!(case.values(0)?, ["2"]);
    let batch = case.log.read(&case.place(0, end), ReadLimit::default())?;
    assert!(batch.records.is_empty());
    let places = case.log.append(vec![case.keyed("a", Some("4"))])?;
    assert!(places.iter().all(|place| place.offset >= end));
    assert!(harness.compact(THEN_MS + HOUR_MS)?);
    assert_eq!(case.values(0)?, ["2", "4"]);
    Ok(())
}
