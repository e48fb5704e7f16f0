//! A broker that is killed and comes back: nothing that was acknowledged is lost, nothing is doubled, readers go on.
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use groundswell_log::{Event, Log, LogError, ReadLimit, Subscription};
use groundswell_tests::kafka::own;

use crate::scene::{MOMENT, PATIENCE, Scene, settings, text};

/// Appends numbers until it is told to stop; gives those that were acknowledged, and how often an append was not.
fn appender(scene: &Scene, stop: &AtomicBool) -> (Vec<String>, u32) {
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for number in 0.. {
        if stop.load(Ordering::Acquire) {
            break;
        }
        let value = number.to_string();
        match scene.log.append(vec![scene.append(value.clone())]) {
            Ok(_) => acknowledged.push(value),
            Err(LogError::Unavailable { .. } | LogError::Aborted { .. }) => refused += 1,
            Err(error) => panic!("an outage is no reason for {}: {error}", error.code()),
        }
        thread::sleep(Duration::from_millis(5));
    }
    (acknowledged, refused)
}

/// Reads until the value comes, or for as long as it may take.
fn read_until(subscription: &mut dyn Subscription, seen: &mut Vec<String>, last: &str) {
    let deadline = Instant::now() + PATIENCE;
    while !seen.iter().any(|value| value == last) {
        assert!(Instant::now() < deadline, "{last} did not come; {} values did", seen.len());
        match subscription.next(ReadLimit::default(), MOMENT) {
            Ok(Event::Batch(batch)) => seen.extend(batch.records.iter().map(text)),
            Ok(_) | Err(LogError::Unavailable { .. }) => {}
            Err(error) => panic!("an outage is no reason for {}: {error}", error.code()),
        }
    }
}

#[test]
fn what_was_acknowledged_outlives_a_broker_that_is_killed() {
    let mut brokers = own(|_| {});
    let scene = Scene::on(settings(&brokers.bootstrap()), 1);
    let stop = AtomicBool::new(false);
    let mut subscription = scene.subscribe();
    let mut seen = Vec::new();
    let (acknowledged, refused) = thread::scope(|scope| {
        let appending = scope.spawn(|| appender(&scene, &stop));
        read_until(&mut *subscription, &mut seen, "50");
        brokers.kill(1).unwrap();
        let during = subscription.next(ReadLimit::default(), Duration::from_secs(1));
        assert!(!matches!(&during, Err(error) if error.code() != "log.unavailable"), "{during:?}");
        brokers.restart(1).unwrap();
        let back = seen.len();
        let deadline = Instant::now() + PATIENCE;
        while seen.len() < back + 50 {
            assert!(Instant::now() < deadline, "the subscription does not go on");
            if let Ok(Event::Batch(batch)) = subscription.next(ReadLimit::default(), MOMENT) {
                seen.extend(batch.records.iter().map(text));
            }
        }
        stop.store(true, Ordering::Release);
        appending.join().unwrap()
    });
    println!("{} appends were acknowledged, {refused} were not", acknowledged.len());
    let last = acknowledged.last().unwrap().clone();
    read_until(&mut *subscription, &mut seen, &last);
    let stored = scene.values();
    let once: BTreeSet<&String> = stored.iter().collect();
    assert_eq!(once.len(), stored.len(), "nothing is stored twice");
    let lost: Vec<_> = acknowledged.iter().filter(|value| !once.contains(value)).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    let read: BTreeSet<&String> = seen.iter().collect();
    let unread: Vec<_> = acknowledged.iter().filter(|value| !read.contains(value)).collect();
    assert!(unread.is_empty(), "acknowledged and never given to the member: {unread:?}");
}

#[test]
fn a_log_on_no_broker_is_told_in_words() {
    let begun = Instant::now();
    let Err(error) = groundswell_log::KafkaLog::open(settings("127.0.0.1:1")) else {
        panic!("nobody listens there");
    };
    assert_eq!(error.code(), "log.unavailable");
    assert!(error.to_string().contains("no broker answers"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(12));
}
