//! The embedded log on a disk that is full, broken, damaged or shared, and what retention leaves on it.
#![cfg(test)]
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use groundswell_log::{
    Advance, Append, Cleanup, Disk, DiskStep, Disposition, EmbeddedConfig, EmbeddedLog, Event, Extent, Log,
    LogError, Place, ReadLimit, Topic, TopicSpec, Transaction,
};

const DAY_MS: i64 = 86_400_000;

/// A disk whose free space and failures are set by the test.
#[derive(Debug)]
struct TestDisk {
    free: AtomicU64,
    /// The step that fails, after how many of its kind, how often, with what.
    fault: Mutex<Option<(DiskStep, u32, u32, io::ErrorKind)>>,
}

impl TestDisk {
    fn new() -> Arc<Self> {
        Arc::new(Self { free: AtomicU64::new(u64::MAX), fault: Mutex::new(None) })
    }

    fn fail(&self, step: DiskStep, after: u32, times: u32, kind: io::ErrorKind) {
        *self.fault.lock().unwrap() = Some((step, after, times, kind));
    }

    fn heal(&self) {
        *self.fault.lock().unwrap() = None;
    }
}

impl Disk for TestDisk {
    fn free(&self, _folder: &Path) -> io::Result<u64> {
        Ok(self.free.load(Ordering::Relaxed))
    }

    fn before(&self, step: DiskStep) -> io::Result<()> {
        match &mut *self.fault.lock().unwrap() {
            Some((failing, after, times, kind)) if *failing == step => {
                if *after > 0 {
                    *after -= 1;
                    return Ok(());
                }
                if *times == 0 {
                    return Ok(());
                }
                *times -= 1;
                Err((*kind).into())
            }
            _ => Ok(()),
        }
    }
}

fn config(disk: &Arc<TestDisk>) -> EmbeddedConfig {
    EmbeddedConfig { disk: Arc::clone(disk) as Arc<dyn Disk>, ..EmbeddedConfig::default() }
}

fn topic() -> Topic {
    "t".parse().unwrap()
}

fn append(value: &str) -> Append {
    Append {
        topic: topic(),
        partition: 0,
        timestamp_ms: 0,
        key: Some(value.into()),
        headers: Vec::new(),
        value: Some(value.into()),
    }
}

fn open(folder: &Path, config: EmbeddedConfig) -> EmbeddedLog {
    let log = EmbeddedLog::open(folder, config).unwrap();
    log.create_topic(&topic(), &TopicSpec::new(1, Cleanup::Forever)).unwrap();
    log
}

fn values(log: &EmbeddedLog) -> Vec<String> {
    let limit = ReadLimit { records: usize::MAX, bytes: usize::MAX };
    let start = log.extents(&topic()).unwrap()[0].start;
    let batch = log.read(&Place::new(&topic(), 0, start), limit).unwrap();
    let values = batch.records.into_iter();
    values.map(|record| String::from_utf8(record.value.unwrap()).unwrap()).collect()
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "redb"));
    found.sort();
    found
}

#[test]
fn below_the_reserve_appends_are_refused_and_all_else_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let disk = TestDisk::new();
    let log = open(folder.path(), config(&disk));
    log.append(vec![append("a")]).unwrap();
    disk.free.store((64 << 20) - 1, Ordering::Relaxed);
    let error = log.append(vec![append("b")]).unwrap_err();
    assert_eq!((error.code(), error.disposition()), ("log.full", Disposition::Retry));
    assert!(error.to_string().contains("67108863 bytes are free"), "{error}");
    assert_eq!(values(&log), ["a"]);
    let mut writer = log.writer(&"w".parse().unwrap()).unwrap();
    let mut subscription = log.subscribe(&"g".parse().unwrap(), &[topic()]).unwrap();
    assert!(matches!(subscription.next(ReadLimit::default(), Duration::ZERO).unwrap(), Event::Assigned(_)));
    let member = subscription.member();
    let advance = Some(Advance {
        group: member.group().clone(),
        member: Some(member),
        positions: vec![Place::new(&topic(), 0, 1)],
    });
    writer.commit(Transaction { appends: vec![], advance }).unwrap();
    disk.free.store(64 << 20, Ordering::Relaxed);
    log.append(vec![append("c")]).unwrap();
    assert_eq!(values(&log), ["a", "c"]);
}

#[test]
fn wherever_the_disk_runs_full_in_a_commit_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let disk = TestDisk::new();
    let log = open(folder.path(), config(&disk));
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for (step, times) in [(DiskStep::Write, 1), (DiskStep::Write, u32::MAX), (DiskStep::Resize, u32::MAX)] {
        for after in 0..12 {
            let value = format!("{step:?}-{times}-{after}-{}", "x".repeat(200_000));
            disk.fail(step, after, times, io::ErrorKind::StorageFull);
            match log.append(vec![append(&value)]) {
                Ok(_) => acknowledged.push(value),
                Err(error) => {
                    assert_eq!(error.code(), "log.full", "{step:?} {after}: {error}");
                    refused += 1;
                }
            }
            if times == 1 {
                assert_eq!(values(&log), acknowledged, "{step:?} {after}: reads go on");
            }
            disk.heal();
            let value = format!("{step:?}-{times}-{after}-healed");
            log.append(vec![append(&value)]).unwrap();
            acknowledged.push(value);
            assert_eq!(values(&log), acknowledged);
        }
    }
    assert!(refused > 6, "the fault was met {refused} times");
    drop(log);
    assert_eq!(values(&open(folder.path(), config(&disk))), acknowledged);
}

#[test]
fn a_log_given_up_on_a_full_disk_comes_back_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let disk = TestDisk::new();
    let log = open(folder.path(), config(&disk));
    log.append(vec![append("a")]).unwrap();
    disk.fail(DiskStep::Write, 0, u32::MAX, io::ErrorKind::StorageFull);
    assert_eq!(log.append(vec![append("b")]).unwrap_err().code(), "log.full");
    disk.heal();
    let at = Place::new(&topic(), 0, 0);
    let found = (0..10).find_map(|_| log.read(&at, ReadLimit::default()).ok());
    assert_eq!(found.unwrap().records.len(), 1);
}

#[test]
fn a_failed_sync_poisons_the_log_until_it_is_opened_again() {
    for after in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let disk = TestDisk::new();
        let log = open(folder.path(), config(&disk));
        log.append(vec![append("a")]).unwrap();
        disk.fail(DiskStep::Sync, after, u32::MAX, io::ErrorKind::Other);
        assert_eq!(log.append(vec![append("b")]).unwrap_err().code(), "log.poisoned");
        disk.heal();
        let error = log.append(vec![append("c")]).unwrap_err();
        assert_eq!((error.code(), error.disposition()), ("log.poisoned", Disposition::Stop));
        assert_eq!(log.roll().unwrap_err().code(), "log.poisoned");
        drop(log);
        let log = open(folder.path(), config(&disk));
        let found = values(&log);
        assert!(found == ["a"] || found == ["a", "b"], "{found:?}");
        log.append(vec![append("d")]).unwrap();
    }
}

#[test]
fn reads_go_on_in_a_poisoned_log_whose_disk_has_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let disk = TestDisk::new();
    let log = open(folder.path(), config(&disk));
    log.append((0..100).map(|n| append(&n.to_string())).collect()).unwrap();
    disk.fail(DiskStep::Write, 0, 1, io::ErrorKind::Other);
    let error = log.append(vec![append("lost")]).unwrap_err();
    assert_eq!(error.code(), "log.poisoned");
    assert_eq!(values(&log), (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_second_open_is_refused_by_name_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), EmbeddedConfig::default());
    let subscription = log.subscribe(&"g".parse().unwrap(), &[topic()]).unwrap();
    let second = || EmbeddedLog::open(folder.path(), EmbeddedConfig::default());
    let error = second().unwrap_err();
    assert_eq!((error.code(), error.disposition()), ("log.locked", Disposition::Stop));
    assert!(error.to_string().contains(&folder.path().display().to_string()));
    drop(log);
    assert_eq!(second().unwrap_err().code(), "log.locked", "a subscription still holds it");
    drop(subscription);
    second().unwrap();
}

#[test]
fn damage_is_an_error_that_names_the_file() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("empty", |path| fs::write(path, b"").unwrap()),
        ("garbage", |path| fs::write(path, vec![7; 50_000]).unwrap()),
        ("cut", |path| {
            let whole = fs::read(path).unwrap();
            fs::write(path, &whole[..whole.len() / 2]).unwrap();
        }),
        ("zeroed tail", |path| {
            let mut whole = fs::read(path).unwrap();
            let half = whole.len() / 2;
            whole[half..].fill(0);
            whole[512..4096].fill(0xff);
            fs::write(path, &whole).unwrap();
        }),
        ("foreign", |path| {
            drop(redb::Database::create(path.with_extension("other")).unwrap());
            fs::rename(path.with_extension("other"), path).unwrap();
        }),
    ];
    for (name, damage) in damages {
        for victim in 0..2 {
            let folder = tempfile::tempdir().unwrap();
            let log = open(folder.path(), EmbeddedConfig::default());
            log.append((0..2_000).map(|n| append(&format!("{n:0500}"))).collect()).unwrap();
            log.roll().unwrap();
            log.append((0..2_000).map(|n| append(&format!("{n:0500}"))).collect()).unwrap();
            drop(log);
            let path = segments(folder.path())[victim].clone();
            damage(&path);
            let settings = EmbeddedConfig { verify: true, ..EmbeddedConfig::default() };
            match EmbeddedLog::open(folder.path(), settings) {
                Err(LogError::Damaged { file, .. }) => assert_eq!(file, path, "{name}"),
                other => panic!("{name} {victim}: {other:?}"),
            }
            assert!(path.exists(), "{name}: nothing is moved aside");
        }
    }
}

#[test]
fn a_flipped_byte_in_a_block_is_found_when_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), EmbeddedConfig::default());
    let mark: Vec<u8> = (0..64_u8).map(|n| n.wrapping_mul(151) ^ 0x5a).collect();
    let marked = Append { value: Some(mark.clone()), ..append("k") };
    log.append(vec![marked]).unwrap();
    drop(log);
    let path = segments(folder.path())[0].clone();
    let mut bytes = fs::read(&path).unwrap();
    let at: Vec<usize> = (0..bytes.len() - mark.len()).filter(|at| bytes[*at..].starts_with(&mark)).collect();
    assert!(!at.is_empty());
    at.iter().for_each(|at| bytes[*at + 10] ^= 1);
    fs::write(&path, bytes).unwrap();
    let log = EmbeddedLog::open(folder.path(), EmbeddedConfig::default()).unwrap();
    let error = log.read(&Place::new(&topic(), 0, 0), ReadLimit::default()).unwrap_err();
    assert_eq!(error.code(), "log.damaged", "{error}");
}

#[test]
fn erased_bytes_are_gone_from_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), EmbeddedConfig::default());
    let secret: Vec<u8> = (0..96_u8).map(|n| n.wrapping_mul(167).rotate_left(3) ^ 0xc3).collect();
    let on_disk = || {
        let files = segments(folder.path());
        files.iter().filter(|path| fs::read(path).unwrap().windows(96).any(|window| window == secret)).count()
    };
    log.append((0..500).map(|n| append(&n.to_string())).collect()).unwrap();
    let places = log.append(vec![Append { value: Some(secret.clone()), ..append("secret") }]).unwrap();
    log.append((500..1_000).map(|n| append(&n.to_string())).collect()).unwrap();
    assert_eq!(on_disk(), 1);
    assert!(log.read_at(&places).unwrap()[0].is_some());
    let mut shown = 0;
    let done = log
        .rewrite(&mut |_, record| {
            shown += 1;
            record.key.as_deref() != Some(b"secret")
        })
        .unwrap();
    assert_eq!((shown, done.records_removed, done.segments_rewritten), (1_001, 1, 1));
    assert_eq!(on_disk(), 0);
    assert_eq!(log.read_at(&places).unwrap(), [None]);
    assert_eq!(values(&log), (0..1_000).map(|n| n.to_string()).collect::<Vec<_>>());
    let batch = log.read(&places[0], ReadLimit { records: 1, bytes: 1 }).unwrap();
    assert_eq!(batch.records[0].offset, 501);
    drop(log);
    let log = open(folder.path(), EmbeddedConfig::default());
    assert_eq!(values(&log).len(), 1_000);
}

#[test]
fn expired_records_go_and_a_position_before_the_start_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(folder.path(), EmbeddedConfig::default()).unwrap();
    let week = Cleanup::Delete { after: Duration::from_secs(7 * 86_400) };
    log.create_topic(&topic(), &TopicSpec::new(1, week)).unwrap();
    let group = "g".parse().unwrap();
    for day in 0..12_i64 {
        let record = |n: i64| Append { timestamp_ms: day * DAY_MS + n, ..append(&format!("{day}/{n}")) };
        log.append((0..100).map(record).collect()).unwrap();
    }
    assert_eq!(segments(folder.path()).len(), 12, "a segment a day");
    let mut writer = log.writer(&"w".parse().unwrap()).unwrap();
    let positions = vec![Place::new(&topic(), 0, 300)];
    let advance = Some(Advance { group, member: None, positions });
    writer.commit(Transaction { appends: vec![], advance }).unwrap();
    let done = log.retain(11 * DAY_MS + 50).unwrap();
    assert_eq!(done.records_removed, 450);
    assert_eq!(log.extents(&topic()).unwrap(), [Extent { start: 450, end: 1_200 }]);
    assert_eq!(values(&log)[0], "4/50");
    assert_eq!(values(&log).len(), 750);
    assert!(segments(folder.path()).len() <= 3, "small neighbours were put together");
    assert!(done.bytes_after < done.bytes_before);
    let error = log.read(&Place::new(&topic(), 0, 449), ReadLimit::default()).unwrap_err();
    assert_eq!(error.code(), "log.out_of_range");
    let mut subscription = log.subscribe(&"g".parse().unwrap(), &[topic()]).unwrap();
    assert!(matches!(subscription.next(ReadLimit::default(), Duration::ZERO).unwrap(), Event::Assigned(_)));
    let error = subscription.next(ReadLimit::default(), Duration::ZERO).unwrap_err();
    assert_eq!(error.code(), "log.out_of_range", "records that were never handled are not skipped over");
    assert_eq!(log.retain(11 * DAY_MS + 50).unwrap().segments_rewritten, 0, "nothing is left to do");
}

#[test]
fn leftovers_of_a_crash_are_cleaned_up() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), EmbeddedConfig::default());
    let mut expected = Vec::new();
    for round in 0..6 {
        let part: Vec<String> = (0..50).map(|n| format!("{round}/{n}")).collect();
        log.append(part.iter().map(|value| append(value)).collect()).unwrap();
        expected.extend(part);
        log.roll().unwrap();
    }
    let before: Vec<(PathBuf, Vec<u8>)> =
        segments(folder.path()).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let done = log.retain(0).unwrap();
    assert_eq!((done.segments_rewritten, done.segments_removed, done.records_removed), (1, 5, 0));
    drop(log);
    let after = segments(folder.path());
    assert_eq!(after.len(), 2);
    // As if the crash had come before the merged segments were removed, and in the middle of another rewrite.
    for (path, bytes) in before.iter().filter(|(path, _)| !after.contains(path)) {
        fs::write(path, bytes).unwrap();
    }
    fs::write(folder.path().join("segment-0000000003.redb.new"), b"half").unwrap();
    let log = open(folder.path(), EmbeddedConfig::default());
    assert_eq!(values(&log), expected);
    assert_eq!(segments(folder.path()), after);
    assert!(!folder.path().join("segment-0000000003.redb.new").exists());
}

#[test]
fn a_stale_member_cannot_advance() {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path(), EmbeddedConfig::default());
    log.append(vec![append("a")]).unwrap();
    let group = "g".parse().unwrap();
    let mut writer = log.writer(&"w".parse().unwrap()).unwrap();
    let mut first = log.subscribe(&group, &[topic()]).unwrap();
    let mut event = || first.next(ReadLimit::default(), Duration::ZERO).unwrap();
    assert!(matches!(event(), Event::Assigned(partitions) if partitions.len() == 1));
    assert!(matches!(event(), Event::Batch(_)));
    let second = log.subscribe(&group, &[topic()]).unwrap();
    let member = first.member();
    let transaction = Transaction {
        appends: vec![append("b")],
        advance: Some(Advance { group, member: Some(member), positions: vec![Place::new(&topic(), 0, 1)] }),
    };
    assert_eq!(writer.commit(transaction.clone()).unwrap_err().code(), "log.rebalanced");
    assert_eq!(values(&log), ["a"]);
    drop(second);
    assert_eq!(
        writer.commit(transaction).unwrap_err().code(),
        "log.rebalanced",
        "a generation never comes back"
    );
    let mut event = || first.next(ReadLimit::default(), Duration::from_secs(5)).unwrap();
    assert!(matches!(event(), Event::Revoked { lost: false, .. }));
    assert!(matches!(event(), Event::Assigned(partitions) if partitions.len() == 1));
    assert!(matches!(event(), Event::Batch(batch) if batch.next == 1));
}

#[test]
fn compaction_with_little_memory_takes_more_passes_and_ends_the_same() {
    let mut kept = Vec::new();
    for compaction_keys in [2_000_000, 7] {
        let folder = tempfile::tempdir().unwrap();
        let settings = EmbeddedConfig { compaction_keys, ..EmbeddedConfig::default() };
        let log = EmbeddedLog::open(folder.path(), settings).unwrap();
        let compact = Cleanup::Compact { tombstones: Duration::ZERO };
        log.create_topic(&topic(), &TopicSpec::new(1, compact)).unwrap();
        for round in 0..5 {
            let record = |n: u32| Append {
                key: Some((n * 31 % 50).to_string().into()),
                value: (!n.is_multiple_of(9)).then(|| format!("{round}/{n}").into()),
                ..append("")
            };
            log.append((0..60).map(record).collect()).unwrap();
            if round % 2 == 0 {
                log.roll().unwrap();
            }
        }
        log.retain(0).unwrap();
        log.roll().unwrap();
        log.retain(0).unwrap();
        let batch = log.read(&Place::new(&topic(), 0, 0), ReadLimit::default()).unwrap();
        kept.push(batch.records);
    }
    assert!(kept[0].len() < 50 && kept[0].iter().all(|record| record.value.is_some()));
    assert_eq!(kept[0], kept[1]);
}
