//! Positions that the log does not have, and topics that go away.
use std::time::{Duration, Instant};

use groundswell_log::{Log, LogError, ReadLimit, Topic, Transaction};
use groundswell_tests::kafka::broker;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::{Offset, TopicPartitionList};

use crate::scene::{Scene, next_batch, next_error, raw};

fn admin() -> AdminClient<DefaultClientContext> {
    raw(&broker().bootstrap()).create().unwrap()
}

/// Waits for an answer of the administration client.
fn wait_for<F: Future>(asked: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(asked)
}

/// Makes a topic as others would: with the broker's own settings.
pub fn make_topic(name: &str) {
    let new = NewTopic::new(name, 1, TopicReplication::Fixed(1));
    let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(10)));
    for made in wait_for(admin().create_topics([&new], &options)).unwrap() {
        made.unwrap();
    }
}

fn delete_before(topic: &Topic, offset: i64) {
    let mut before = TopicPartitionList::new();
    before.add_partition_offset(topic.as_str(), 0, Offset::Offset(offset)).unwrap();
    let done = wait_for(admin().delete_records(&before, &AdminOptions::new())).unwrap();
    done.elements().iter().for_each(|one| one.error().unwrap());
}

fn delete_topic(topic: &Topic) {
    for deleted in wait_for(admin().delete_topics(&[topic.as_str()], &AdminOptions::new())).unwrap() {
        deleted.unwrap();
    }
}

fn says(error: &LogError, position: u64, from: u64, to: u64) -> bool {
    matches!(error, LogError::OutOfRange { offset, start, end, .. } if (*offset, *start, *end) == (position, from, to))
}

#[test]
fn positions_that_the_log_does_not_have_are_told() {
    let scene = Scene::begin(1);
    scene.log.append(scene.numbers(0..5)).unwrap();
    delete_before(&scene.topic, 3);
    let end = scene.log.extents(&scene.topic).unwrap()[0].end;
    assert_eq!(scene.log.extents(&scene.topic).unwrap()[0].start, 3);
    assert_eq!(scene.values(), ["3", "4"]);
    for position in [0, 2, end + 1, end + 1_000_000] {
        let error = scene.log.read(&scene.place(position), ReadLimit::default()).unwrap_err();
        assert_eq!(error.code(), "log.out_of_range");
        assert!(says(&error, position, 3, end), "{error}");
    }
    assert_eq!(scene.log.read_at(&[scene.place(0), scene.place(end + 9)]).unwrap(), [None, None]);
}

#[test]
fn a_group_that_stands_outside_of_the_log_is_stopped() {
    let scene = Scene::begin(1);
    scene.log.append(scene.numbers(0..5)).unwrap();
    delete_before(&scene.topic, 3);
    let end = scene.log.extents(&scene.topic).unwrap()[0].end;
    let mut writer = scene.log.writer(&scene.writer).unwrap();
    for position in [1, end + 1_000] {
        let advance = scene.stand_at(position);
        writer.commit(Transaction { appends: Vec::new(), advance }).unwrap();
        let error = next_error(&mut *scene.subscribe(), Duration::from_secs(30));
        assert!(says(&error, position, 3, end), "{error}");
    }
}

#[test]
fn a_topic_that_is_deleted_stops_its_readers() {
    let scene = Scene::begin(1);
    scene.log.append(scene.numbers(0..5)).unwrap();
    let mut subscription = scene.subscribe();
    assert_eq!(next_batch(&mut *subscription).records.len(), 5);
    delete_topic(&scene.topic);
    let begun = Instant::now();
    let error = next_error(&mut *subscription, Duration::from_secs(40));
    assert_eq!(error.code(), "log.unknown_topic", "{error}");
    assert!(begun.elapsed() < Duration::from_secs(40));
    assert_eq!(scene.log.extents(&scene.topic).unwrap_err().code(), "log.unknown_topic");
}
