//! Workers that do not know that they are out: a writer whose id was taken, a member whose partitions went to others.
use std::time::{Duration, Instant};

use groundswell_log::{
    Cleanup, Event, KafkaLog, KafkaSettings, Log, ReadLimit, Subscription, Topic, TopicSpec, Transaction,
    Writer,
};
use groundswell_tests::kafka::broker;

use crate::scene::{
    MOMENT, PATIENCE, Scene, behind, fresh, next_batch, read_all, record_for, settings, text,
};

fn output(scene: &Scene) -> Topic {
    let output: Topic = fresh("output").parse().unwrap();
    scene.log.create_topic(&output, &TopicSpec::new(1, Cleanup::Forever)).unwrap();
    output
}

/// Handles a batch: each record is copied, and the member advances with the copies.
fn copy(batch: &groundswell_log::Batch, member: &dyn Subscription, output: &Topic) -> Transaction {
    let appends = batch.records.iter().map(|record| record_for(output, text(record))).collect();
    Transaction { appends, advance: behind(member, batch) }
}

#[test]
fn a_worker_whose_writer_was_fenced_cannot_commit() {
    let scene = Scene::begin(1);
    let output = output(&scene);
    scene.log.append(scene.numbers(0..5)).unwrap();
    let mut member = scene.subscribe();
    let mut zombie = scene.log.writer(&scene.writer).unwrap();
    let batch = next_batch(&mut *member);
    let elsewhere = KafkaLog::open(settings(&broker().bootstrap())).unwrap();
    let mut newer = elsewhere.writer(&scene.writer).unwrap();
    for _ in 0..2 {
        let error = zombie.commit(copy(&batch, &*member, &output)).unwrap_err();
        assert_eq!(error.code(), "log.fenced", "{error}");
        assert!(error.to_string().contains(scene.writer.as_str()), "{error}");
    }
    assert_eq!(scene.log.committed(&scene.group, &scene.topic).unwrap(), [None]);
    newer.commit(copy(&batch, &*member, &output)).unwrap();
    assert_eq!(scene.log.committed(&scene.group, &scene.topic).unwrap(), [Some(batch.next)]);
    let copied: Vec<String> = read_all(&elsewhere, &output, 0).iter().map(text).collect();
    assert_eq!(copied, ["0", "1", "2", "3", "4"]);
}

/// Settings with which a member that does not ask for more loses its partitions after six seconds.
fn impatient(consumer_protocol: bool) -> KafkaSettings {
    let mut settings = settings(&broker().bootstrap());
    // The library wants the first not below the second, in clients that are no members too.
    for name in ["max.poll.interval.ms", "session.timeout.ms"] {
        settings.client.insert(name.to_owned(), "6000".to_owned());
    }
    settings.consumer_protocol = consumer_protocol;
    settings
}

/// Copies what the member gets until the group stands behind all records, or the member has nothing for a while.
fn finish(scene: &Scene, member: &mut dyn Subscription, writer: &mut dyn Writer, output: &Topic) {
    let deadline = Instant::now() + PATIENCE;
    while read_all(&scene.log, output, 0).len() < 20 {
        assert!(Instant::now() < deadline, "the work is never done");
        match member.next(ReadLimit::default(), MOMENT).unwrap() {
            Event::Batch(batch) => drop(writer.commit(copy(&batch, member, output)).unwrap()),
            Event::Assigned(_) | Event::Revoked { .. } | Event::Idle => {}
        }
    }
}

fn moved_partitions(consumer_protocol: bool) {
    let scene = Scene::on(impatient(consumer_protocol), 1);
    let output = output(&scene);
    scene.log.append(scene.numbers(0..20)).unwrap();
    let mut first = scene.subscribe();
    let mut slow = scene.log.writer(&scene.writer).unwrap();
    let stale = next_batch(&mut *first);
    let work = copy(&stale, &*first, &output);

    let elsewhere = KafkaLog::open(impatient(consumer_protocol)).unwrap();
    let mut second = elsewhere.subscribe(&scene.group, std::slice::from_ref(&scene.topic)).unwrap();
    let mut quick = elsewhere.writer(&fresh("writer").parse().unwrap()).unwrap();
    // The first is silent, so that its partition moves.
    finish(&scene, &mut *second, &mut *quick, &output);
    let begun = Instant::now();
    let error = slow.commit(work).unwrap_err();
    assert_eq!(error.code(), "log.rebalanced", "{error}");
    assert!(begun.elapsed() < Duration::from_secs(20), "a stale member is told at once");

    // Once it asks again it is told what it lost, and a new member's commits are good.
    let deadline = Instant::now() + PATIENCE;
    let lost = loop {
        assert!(Instant::now() < deadline, "the first member is not told");
        if let Event::Revoked { partitions, lost } = first.next(ReadLimit::default(), MOMENT).unwrap() {
            assert_eq!(partitions.len(), 1);
            break lost;
        }
    };
    assert!(lost, "others may have begun with them");
    drop(second);
    scene.log.append(scene.numbers(20..25)).unwrap();
    let fresh = next_batch(&mut *first);
    assert_eq!(fresh.records.first().map(text).as_deref(), Some("20"));
    slow.commit(copy(&fresh, &*first, &output)).unwrap();
    let mut copied: Vec<u32> =
        read_all(&scene.log, &output, 0).iter().map(|record| text(record).parse().unwrap()).collect();
    copied.sort_unstable();
    assert_eq!(copied, (0..25).collect::<Vec<_>>(), "nothing is lost and nothing doubled");
}

#[test]
fn a_member_whose_partitions_moved_cannot_commit() {
    moved_partitions(false);
}

#[test]
fn a_member_whose_partitions_moved_cannot_commit_by_the_consumer_protocol() {
    moved_partitions(true);
}
