//! Promises about records: what was appended is read back, in order, whole, within limits.
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::{Case, Harness, Kept, MOMENT, PATIENCE, THEN_MS, text};
use crate::contract::{Cleanup, TopicSpec};
use crate::error::LogError;
use crate::record::{Append, Header, Place, ReadLimit};

/// Promises that an append can be read as soon as it is acknowledged, at the place that was answered.
///
/// # Errors
/// When the log fails.
pub fn appended_records_are_read_back(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 3, Cleanup::Forever)?;
    assert!(case.log.append(Vec::new())?.is_empty());
    assert!(case.log.extents(&case.topic)?.iter().all(|extent| extent.start == extent.end));
    let mut all = Vec::new();
    for round in 0..5 {
        let appends: Vec<Append> = (0..7_u32).map(|n| case.append(n % 3, format!("{round}/{n}"))).collect();
        let places = case.log.append(appends.clone())?;
        assert_eq!(places.len(), appends.len());
        for (place, append) in places.into_iter().zip(appends) {
            assert_eq!((&place.topic, place.partition), (&append.topic, append.partition));
            let batch = case.log.read(&place, ReadLimit { records: 1, bytes: 100 })?;
            let found: Vec<_> =
                batch.records.iter().map(|record| (record.offset, record.value.clone())).collect();
            assert_eq!(found, [(place.offset, append.value.clone())]);
            all.push((place, append.value));
        }
    }
    for partition in 0..3 {
        let expected: Vec<_> = all.iter().filter(|(place, _)| place.partition == partition).collect();
        let found = case.all(partition)?;
        assert_eq!(found.len(), expected.len());
        for (record, (place, value)) in found.iter().zip(expected) {
            assert_eq!((record.offset, &record.value, record.timestamp_ms), (place.offset, value, THEN_MS));
        }
    }
    Ok(())
}

/// Promises that offsets grow in the order of acknowledgement, within one call and from call to call.
///
/// # Errors
/// When the log fails.
pub fn order_is_the_order_of_acknowledgement(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    let mut last = None;
    for round in 0..20 {
        let appends = (0..1 + round % 4).map(|n| case.append(0, format!("{round}-{n}"))).collect();
        for place in case.log.append(appends)? {
            assert!(last.is_none_or(|last| last < place.offset), "offsets grow");
            last = Some(place.offset);
        }
    }
    let expected: Vec<String> =
        (0..20).flat_map(|round| (0..1 + round % 4).map(move |n| format!("{round}-{n}"))).collect();
    assert_eq!(case.values(0)?, expected);
    Ok(())
}

/// Promises that nothing and emptiness differ, in key, value and headers, and that all bytes come back.
///
/// # Errors
/// When the log fails.
pub fn keys_headers_and_values_come_back_as_they_were(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    let every_byte: Vec<u8> = (0..=255).collect();
    let header = |name: &str, value: &[u8]| Header { name: name.to_owned(), value: value.to_vec() };
    let forms = [None, Some(Vec::new()), Some(every_byte.clone())];
    let headers = [vec![], vec![header("a", b""), header("a", b"again"), header("ü", &every_byte)]];
    let mut appends = Vec::new();
    for key in &forms {
        for value in &forms {
            for headers in &headers {
                appends.push(Append {
                    key: key.clone(),
                    value: value.clone(),
                    headers: headers.clone(),
                    ..case.append(0, "")
                });
            }
        }
    }
    case.log.append(appends.clone())?;
    let found = case.all(0)?;
    assert_eq!(found.len(), appends.len());
    for (record, append) in found.iter().zip(&appends) {
        assert_eq!(
            (&record.key, &record.headers, &record.value),
            (&append.key, &append.headers, &append.value)
        );
    }
    Ok(())
}

/// Promises that a record of 5 MiB comes back, among small ones, even through a smaller read limit.
///
/// # Errors
/// When the log fails.
pub fn a_large_record_comes_back(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    let mut noise = 1_u64;
    let large: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.to_be_bytes()[0]
    })
    .take(5 << 20)
    .collect();
    case.log.append(vec![
        case.append(0, "before"),
        case.append(0, large.clone()),
        case.append(0, "after"),
    ])?;
    let found = case.all(0)?;
    let sizes: Vec<usize> = found.iter().map(|record| record.value.as_ref().map_or(0, Vec::len)).collect();
    assert_eq!(sizes, [6, 5 << 20, 5]);
    let at = found.get(1).map_or(0, |record| record.offset);
    let limit = ReadLimit { records: 10, bytes: 1_000 };
    let alone = case.log.read(&case.place(0, at), limit)?;
    assert_eq!(alone.records.len(), 1);
    assert!(alone.records.iter().all(|record| record.value.as_ref() == Some(&large)));
    Ok(())
}

/// Promises that a read stops at its limits, gives at least one record, and that reading on from `next` misses nothing.
///
/// # Errors
/// When the log fails.
pub fn reads_stop_at_their_limits(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    case.log.append((0..300).map(|n| case.append(0, format!("{n:0100}"))).collect())?;
    let limits =
        [(1, 1 << 20), (0, 0), (7, 1 << 20), (1_000, 1), (1_000, 1_030), (64, 1 << 20), (299, 1 << 20)];
    for (records, bytes) in limits {
        let limit = ReadLimit { records, bytes };
        let mut at = case.place(0, case.log.extents(&case.topic)?.first().map_or(0, |extent| extent.start));
        let mut seen = Vec::new();
        loop {
            let batch = case.log.read(&at, limit)?;
            let size: usize =
                batch.records.iter().map(|record| record.value.as_ref().map_or(0, Vec::len)).sum();
            assert!(batch.records.len() <= records.max(1), "{limit:?}");
            assert!(size <= bytes || batch.records.len() == 1, "{limit:?}");
            if batch.records.is_empty() {
                assert_eq!(batch.next, batch.end);
                break;
            }
            seen.extend(batch.records.iter().map(text));
            at.offset = batch.next;
        }
        assert_eq!(seen, (0..300).map(|n| format!("{n:0100}")).collect::<Vec<_>>(), "{limit:?}");
    }
    Ok(())
}

/// Promises that a position behind the end is refused with the partition's range, and that the end itself is not.
///
/// # Errors
/// When the log fails.
pub fn positions_out_of_range_are_refused(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 1, Cleanup::Forever)?;
    case.log.append(vec![case.append(0, "a"), case.append(0, "b")])?;
    let Some(extent) = case.log.extents(&case.topic)?.first().copied() else {
        return Err(LogError::Closed);
    };
    let end = case.log.read(&case.place(0, extent.end), ReadLimit::default())?;
    assert!(end.records.is_empty() && end.next == end.end);
    for offset in [extent.end + 1, u64::MAX / 4] {
        let refused = case.log.read(&case.place(0, offset), ReadLimit::default());
        let told = match &refused {
            Err(LogError::OutOfRange { offset, start, end, .. }) => Some((*offset, *start, *end)),
            _ => None,
        };
        assert_eq!(told, Some((offset, extent.start, extent.end)), "{refused:?}");
    }
    Ok(())
}

/// Promises that topics and partitions which do not exist are refused by name.
///
/// # Errors
/// When the log fails.
pub fn unknown_places_are_refused(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 2, Cleanup::Forever)?;
    let nowhere = harness.name("nowhere").parse()?;
    let code = |error: Option<LogError>| error.map(|error| error.code());
    let (topic, partition) = (Some("log.unknown_topic"), Some("log.unknown_partition"));
    let there = Place::new(&nowhere, 0, 0);
    assert_eq!(code(case.log.extents(&nowhere).err()), topic);
    assert_eq!(code(case.log.read(&there, ReadLimit::default()).err()), topic);
    assert_eq!(code(case.log.read_at(std::slice::from_ref(&there)).err()), topic);
    assert_eq!(code(case.log.wait(&[there], MOMENT).err()), topic);
    assert_eq!(code(case.log.committed(&case.group, &nowhere).err()), topic);
    assert_eq!(code(case.log.subscribe(&case.group, std::slice::from_ref(&nowhere)).err()), topic);
    let mut append = case.append(2, "x");
    assert_eq!(code(case.log.append(vec![append.clone()]).err()), partition);
    append.topic = nowhere;
    assert_eq!(code(case.log.append(vec![append]).err()), topic);
    assert_eq!(code(case.log.read(&case.place(2, 0), ReadLimit::default()).err()), partition);
    Ok(())
}

/// Promises that single records are answered in the order asked, however often, with `None` for what does not exist.
///
/// # Errors
/// When the log fails.
pub fn single_records_are_found(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 2, Cleanup::Forever)?;
    let mut places = Vec::new();
    for round in 0..4 {
        places
            .extend(case.log.append((0..50).map(|n| case.append(n % 2, format!("{round}/{n}"))).collect())?);
    }
    let expected: Vec<String> =
        (0..4).flat_map(|round| (0..50).map(move |n| format!("{round}/{n}"))).collect();
    for step in [1, 7, 63, 149, 199] {
        let order: Vec<usize> = (0..200).map(|n| n * step % 200).collect();
        let asked: Vec<Place> = order.iter().filter_map(|n| places.get(*n).cloned()).collect();
        let found = case.log.read_at(&asked)?;
        let found: Vec<_> = found.iter().flatten().map(text).collect();
        assert_eq!(found, order.iter().filter_map(|n| expected.get(*n).cloned()).collect::<Vec<_>>());
    }
    let end = case.log.extents(&case.topic)?.first().map_or(0, |extent| extent.end);
    let first = places.first().map_or(0, |place| place.offset);
    let found = case.log.read_at(&[case.place(0, end), case.place(0, first), case.place(0, end + 10)])?;
    let there: Vec<bool> = found.iter().map(Option::is_some).collect();
    assert_eq!(there, [false, true, false]);
    assert!(case.log.read_at(&[])?.is_empty());
    Ok(())
}

/// Promises that waiting ends with an append to one of the places, and with the timeout otherwise.
///
/// # Errors
/// When the log fails.
pub fn waiting_ends_with_an_append(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 2, Cleanup::Forever)?;
    let starts = [case.place(0, 0), case.place(1, 0)];
    assert!(!case.log.wait(&starts, Duration::from_millis(50))?);
    let log = Arc::clone(&case.log);
    let append = case.append(1, "at last");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| case.log.wait(&starts, PATIENCE));
        thread::sleep(Duration::from_millis(50));
        log.append(vec![append])?;
        let woken = waiting.join().unwrap_or(Err(LogError::Closed))?;
        assert!(woken);
        assert!(case.log.wait(&starts, Duration::ZERO)?, "it stays so");
        assert!(!case.log.wait(&starts[..1], Duration::ZERO)?, "the other partition is empty");
        Ok(())
    })
}

/// Promises that appends of sixteen threads at once all lie in the log, each thread's in its order.
///
/// # Errors
/// When the log fails.
pub fn sixteen_threads_append_at_once(harness: &dyn Harness) -> Kept {
    const THREADS: usize = 16;
    const EACH: usize = 25;
    let case = Case::begin(harness, 2, Cleanup::Forever)?;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let case = &case;
                scope.spawn(move || -> Kept {
                    for n in 0..EACH {
                        let partition = u32::from(thread % 2 == 1);
                        let places =
                            case.log.append(vec![case.append(partition, format!("{thread}/{n}"))])?;
                        assert_eq!(places.len(), 1);
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or(Err(LogError::Closed)))
    })?;
    let mut found = case.values(0)?;
    found.extend(case.values(1)?);
    for thread in 0..THREADS {
        let prefix = format!("{thread}/");
        let own: Vec<_> = found.iter().filter(|value| value.starts_with(&prefix)).cloned().collect();
        assert_eq!(own, (0..EACH).map(|n| format!("{thread}/{n}")).collect::<Vec<_>>());
    }
    assert_eq!(found.len(), THREADS * EACH);
    Ok(())
}

/// Promises that creating a topic again is harmless and that another number of partitions is refused.
///
/// # Errors
/// When the log fails.
pub fn a_topic_keeps_its_partitions(harness: &dyn Harness) -> Kept {
    let case = Case::begin(harness, 3, Cleanup::Forever)?;
    case.log.append(vec![case.append(2, "kept")])?;
    case.log.create_topic(&case.topic, &TopicSpec::new(3, Cleanup::Forever))?;
    assert_eq!(case.values(2)?, ["kept"]);
    let other = case.log.create_topic(&case.topic, &TopicSpec::new(4, Cleanup::Forever));
    assert_eq!(other.err().map(|error| error.code()), Some("log.partition_count"));
    let fresh = harness.name("fresh").parse()?;
    let none = case.log.create_topic(&fresh, &TopicSpec::new(0, Cleanup::Forever));
    assert_eq!(none.err().map(|error| error.code()), Some("log.invalid"));
    assert_eq!(case.log.extents(&case.topic)?.len(), 3);
    Ok(())
}
