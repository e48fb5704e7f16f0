//! A transaction that was aborted was never there: neither its records nor its positions.
use std::time::Duration;

use groundswell_log::{Log, ReadLimit, Transaction};
use groundswell_tests::kafka::broker;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset, TopicPartitionList};

use crate::scene::{Scene, fresh, next_batch, raw, text};

const WITHIN: Duration = Duration::from_secs(20);

/// Begins a transaction with ten records and a position of the group, and leaves it open.
fn open_transaction(scene: &Scene) -> BaseProducer {
    let brokers = broker().bootstrap();
    let producer: BaseProducer = raw(&brokers).set("transactional.id", fresh("raw")).create().unwrap();
    let consumer: BaseConsumer = raw(&brokers).set("group.id", scene.group.as_str()).create().unwrap();
    producer.init_transactions(WITHIN).unwrap();
    producer.begin_transaction().unwrap();
    for number in 0..10 {
        let value = format!("aborted {number}");
        let record = BaseRecord::<[u8], str>::to(scene.topic.as_str()).partition(0).payload(&value);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(WITHIN).unwrap();
    let mut positions = TopicPartitionList::new();
    positions.add_partition_offset(scene.topic.as_str(), 0, Offset::Offset(7)).unwrap();
    producer.send_offsets_to_transaction(&positions, &consumer.group_metadata().unwrap(), WITHIN).unwrap();
    producer
}

#[test]
fn neither_records_nor_positions_of_an_aborted_transaction_are_seen() {
    let scene = Scene::begin(1);
    let producer = open_transaction(&scene);
    let open = scene.log.extents(&scene.topic).unwrap();
    assert_eq!((open[0].start, open[0].end), (0, 0), "an open transaction is not readable");
    producer.abort_transaction(WITHIN).unwrap();
    assert_eq!(scene.log.committed(&scene.group, &scene.topic).unwrap(), [None]);

    let mut writer = scene.log.writer(&scene.writer).unwrap();
    let appends = scene.numbers(0..5);
    let places = writer.commit(Transaction { appends, advance: None }).unwrap();
    assert_eq!(places[0].offset, 11, "ten records and the mark of the abort lie before");
    assert_eq!(scene.values(), ["0", "1", "2", "3", "4"]);
    let aborted: Vec<_> = (0..10).map(|offset| scene.place(offset)).collect();
    assert_eq!(scene.log.read_at(&aborted).unwrap(), vec![None; 10]);
    let middle = scene.log.read(&scene.place(4), ReadLimit::default()).unwrap();
    assert_eq!(middle.records.first().map(text).as_deref(), Some("0"));

    let mut subscription = scene.subscribe();
    let batch = next_batch(&mut *subscription);
    assert_eq!(batch.records.iter().map(text).collect::<Vec<_>>(), ["0", "1", "2", "3", "4"]);
}
