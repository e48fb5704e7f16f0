//! Any sequence of appends, advances, rolls, retentions and reopenings leaves what a plain list would.
#![cfg(test)]
use std::collections::BTreeMap;
use std::time::Duration;

use groundswell_log::{
    Advance, Append, Cleanup, EmbeddedConfig, EmbeddedLog, Extent, Group, Log, Place, ReadLimit, Record,
    Topic, TopicSpec, Transaction,
};
use proptest::prelude::*;

const TOPICS: [&str; 3] = ["compact", "delete", "forever"];
const AFTER_MS: i64 = 1_000;

#[derive(Debug, Clone)]
enum Step {
    /// Records: topic, partition, key, value (none is a tombstone); then positions to commit, in hundredths of the end.
    Commit(Vec<(usize, u32, u8, Option<u16>)>, Option<(usize, u32, u64)>),
    Reopen,
    Roll,
    Retain,
    Erase(u8),
    /// Time passes, in milliseconds.
    Pass(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let record = (0..3_usize, 0..2_u32, 0..12_u8, prop::option::weighted(0.8, any::<u16>()));
    let position = prop::option::of((0..3_usize, 0..2_u32, 0..=100_u64));
    let step = prop_oneof![
        8 => (prop::collection::vec(record, 0..90), position).prop_map(|(records, at)| Step::Commit(records, at)),
        1 => Just(Step::Reopen),
        2 => Just(Step::Roll),
        2 => Just(Step::Retain),
        1 => (0..12_u8).prop_map(Step::Erase),
        2 => (0..800_i64).prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..25)
}

#[derive(Default)]
struct Partition {
    start: u64,
    next: u64,
    records: Vec<Record>,
    /// The offsets below this lie in closed segments.
    closed: u64,
}

#[derive(Default)]
struct Model {
    now: i64,
    partitions: BTreeMap<(usize, u32), Partition>,
    committed: BTreeMap<(usize, u32), u64>,
}

impl Model {
    fn close(&mut self) {
        self.partitions.values_mut().for_each(|partition| partition.closed = partition.next);
    }

    fn retain(&mut self) {
        let oldest = self.now - AFTER_MS;
        for ((topic, _), partition) in &mut self.partitions {
            let closed = partition.closed;
            match TOPICS[*topic] {
                "delete" => {
                    let held = partition.records.iter().filter(|record| record.offset < closed);
                    let last = held.clone().next_back().map(|record| record.offset + 1);
                    let young =
                        held.clone().find(|record| record.timestamp_ms >= oldest).map(|record| record.offset);
                    partition.start = partition.start.max(young.or(last).unwrap_or_default());
                    let start = partition.start;
                    partition.records.retain(|record| record.offset >= start);
                }
                "compact" => {
                    let last: BTreeMap<_, _> =
                        partition.records.iter().map(|record| (record.key.clone(), record.offset)).collect();
                    partition.records.retain(|record| {
                        let superseded = last[&record.key] > record.offset;
                        let expired = record.value.is_none() && record.timestamp_ms <= oldest;
                        record.offset >= closed || !(superseded || expired)
                    });
                }
                _ => {}
            }
        }
    }
}

fn name(topic: usize) -> Topic {
    TOPICS[topic].parse().unwrap()
}

fn group() -> Group {
    "g".parse().unwrap()
}

fn open(folder: &std::path::Path) -> EmbeddedLog {
    let config = EmbeddedConfig { compaction_keys: 20, segment_bytes: 1 << 20, ..EmbeddedConfig::default() };
    let log = EmbeddedLog::open(folder, config).unwrap();
    let age = Duration::from_millis(AFTER_MS.unsigned_abs());
    let cleanups = [Cleanup::Compact { tombstones: age }, Cleanup::Delete { after: age }, Cleanup::Forever];
    for (topic, cleanup) in cleanups.into_iter().enumerate() {
        log.create_topic(&name(topic), &TopicSpec::new(2, cleanup)).unwrap();
    }
    log
}

fn commit(
    log: &EmbeddedLog,
    model: &mut Model,
    records: &[(usize, u32, u8, Option<u16>)],
    to: Option<(usize, u32, u64)>,
) {
    let mut appends = Vec::new();
    let mut expected = Vec::new();
    for (topic, partition, key, value) in records {
        let append = Append {
            topic: name(*topic),
            partition: *partition,
            timestamp_ms: model.now,
            key: Some(vec![*key]),
            headers: Vec::new(),
            value: value.map(|value| value.to_string().repeat(usize::from(value % 60)).into()),
        };
        let list = model.partitions.entry((*topic, *partition)).or_default();
        list.records.push(Record {
            offset: list.next,
            timestamp_ms: model.now,
            key: append.key.clone(),
            headers: Vec::new(),
            value: append.value.clone(),
        });
        expected.push(Place::new(&append.topic, *partition, list.next));
        list.next += 1;
        appends.push(append);
    }
    let advance = to.map(|(topic, partition, hundredths)| {
        let end = model.partitions.get(&(topic, partition)).map_or(0, |list| list.next);
        let offset = end * hundredths / 100;
        model.committed.insert((topic, partition), offset);
        Advance { group: group(), member: None, positions: vec![Place::new(&name(topic), partition, offset)] }
    });
    let mut writer = log.writer(&"w".parse().unwrap()).unwrap();
    assert_eq!(writer.commit(Transaction { appends, advance }).unwrap(), expected);
}

fn compare(log: &EmbeddedLog, model: &Model) {
    let limit = ReadLimit { records: 37, bytes: 3_000 };
    for topic in 0..TOPICS.len() {
        let extents = log.extents(&name(topic)).unwrap();
        for partition in 0..2_u32 {
            let none = Partition::default();
            let list = model.partitions.get(&(topic, partition)).unwrap_or(&none);
            let extent = extents[partition as usize];
            assert_eq!(extent, Extent { start: list.start, end: list.next }, "{topic} {partition}");
            let mut at = Place::new(&name(topic), partition, extent.start);
            let mut found = Vec::new();
            while at.offset < extent.end {
                let batch = log.read(&at, limit).unwrap();
                assert!(batch.next > at.offset);
                found.extend(batch.records);
                at.offset = batch.next;
            }
            assert_eq!(found, list.records, "{topic} {partition}");
            let places: Vec<Place> =
                (0..list.next + 2).map(|offset| Place { offset, ..at.clone() }).collect();
            let single: Vec<Record> = log.read_at(&places).unwrap().into_iter().flatten().collect();
            assert_eq!(single, list.records, "{topic} {partition}");
            let committed = log.committed(&group(), &name(topic)).unwrap()[partition as usize];
            assert_eq!(committed, model.committed.get(&(topic, partition)).copied());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_log_equals_a_list(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path());
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Commit(records, to) => commit(&log, &mut model, &records, to),
                Step::Reopen => {
                    drop(log);
                    log = open(folder.path());
                }
                Step::Roll => {
                    log.roll().unwrap();
                    model.close();
                }
                Step::Retain => {
                    log.retain(model.now).unwrap();
                    model.retain();
                }
                Step::Erase(key) => {
                    log.rewrite(&mut |_, record| record.key != Some(vec![key])).unwrap();
                    model.close();
                    model.partitions.values_mut().for_each(|list| list.records.retain(|record| record.key != Some(vec![key])));
                }
                Step::Pass(time) => model.now += time,
            }
            compare(&log, &model);
        }
        drop(log);
        compare(&open(folder.path()), &model);
    }
}
