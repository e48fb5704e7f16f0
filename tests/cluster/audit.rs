//! One run: records are streamed into a cluster while something is done to it, then everything is held against the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use groundswell_log::{Append, Cleanup, KafkaLog, KafkaSettings, Log, Topic, TopicSpec, partition_for};
use groundswell_server::CountsReport;
use groundswell_tests::TempFolder;
use groundswell_tests::cluster::{Cluster, PARTITIONS};

use crate::fleet::Fleet;
use crate::records::{Job, Plan};

/// The pipelines and the topics that they read.
const SOURCES: [(&str, &str); 2] = [("submission", "web-forms"), ("zendesk", "tickets")];
/// How long everything may take to be searchable after the last record.
const PATIENCE: Duration = Duration::from_secs(240);

/// Streams the plan's records while `disturb` does its worst, which it stops soon after the flag says that all were sent,
/// and checks what became of them. Gives a line about the run.
///
/// # Panics
/// When a record is lost or doubled, or a rebuild differs.
pub fn audit(
    cluster: &Cluster,
    plan: &Plan,
    disturb: impl FnOnce(&Fleet, &AtomicBool) -> String + Send,
) -> String {
    let begun = Instant::now();
    let folder = TempFolder::new("cluster");
    let topics = topics(&cluster.prefix);
    let fleet = Fleet::new(&folder, cluster, &topics);
    let log = KafkaLog::open(KafkaSettings::new(&cluster.bootstrap, "test")).unwrap();
    make_topics(&log, &topics);
    let created = fleet.analyser.run(&["topics", "--create"]);
    assert!(created.contains("made"), "{created}");

    let sent = AtomicBool::new(false);
    fleet.start_all();
    let done = std::thread::scope(|scope| {
        let disturber = scope.spawn(|| disturb(&fleet, &sent));
        send(&log, &topics, plan);
        sent.store(true, Ordering::SeqCst);
        disturber.join().unwrap()
    });
    let delivered = begun.elapsed();
    let counts = settle(&fleet, plan, || positions(cluster, &log, &topics));
    fleet.stop();
    let before = fleet.dump();
    fleet.analyser.run(&["rebuild"]);
    fleet.index.run(&["rebuild"]);
    same(&before, &fleet.dump());
    let rows = counts.pipelines.iter().map(|(name, row)| format!("\n  {name}: {row:?}"));
    format!(
        "{} records, {done}, {} restarts of processes that ended by themselves, {} live, all sent after {:.1} s, {:.1} s in \
         all{}",
        sent_in(plan),
        fleet.restarts(),
        counts.live,
        delivered.as_secs_f64(),
        begun.elapsed().as_secs_f64(),
        rows.collect::<String>()
    )
}

fn sent_in(plan: &Plan) -> u64 {
    let size = |job: &Job| if let Job::Push { records, .. } = job { records.len() as u64 } else { 0 };
    plan.jobs.iter().map(size).sum()
}

fn topics(prefix: &str) -> Vec<(&'static str, String)> {
    SOURCES.iter().map(|(pipeline, topic)| (*pipeline, format!("{prefix}{topic}"))).collect()
}

/// Makes the topics of the sources, as their owners would.
pub fn make_topics(log: &KafkaLog, topics: &[(&str, String)]) {
    for (_, topic) in topics {
        // The records are of a day that is long past: a topic that lets old records go would lose them before they are read.
        log.create_topic(&topic.parse().unwrap(), &TopicSpec::new(PARTITIONS, Cleanup::Forever)).unwrap();
    }
}

/// Streams the records into the sources' own topics, those of one feedback in order.
fn send(log: &KafkaLog, topics: &[(&str, String)], plan: &Plan) {
    let topics: BTreeMap<&str, Topic> =
        topics.iter().map(|(pipeline, topic)| (*pipeline, topic.parse().unwrap())).collect();
    for job in &plan.jobs {
        let Job::Push { pipeline, records } = job else { continue };
        let appends: Vec<Append> = records
            .iter()
            .map(|record| Append {
                topic: topics[pipeline].clone(),
                partition: partition_for(record.name.as_deref().unwrap_or("broken").as_bytes(), PARTITIONS),
                timestamp_ms: 1_780_000_000_000,
                key: record.name.as_ref().map(|name| name.clone().into_bytes()),
                headers: Vec::new(),
                value: Some(record.bytes.clone()),
            })
            .collect();
        deliver(log, appends);
    }
}

/// Appends until it is acknowledged, as a producer does. An append that was not acknowledged was aborted or may stand:
/// only where the log says that nothing stands is it sent again.
fn deliver(log: &KafkaLog, appends: Vec<Append>) {
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = log.append(appends.clone()) {
        let nothing_stands = matches!(error.code(), "log.unavailable" | "log.aborted");
        assert!(
            nothing_stands && Instant::now() < deadline,
            "the records cannot be sent: {}: {error}",
            error.code()
        );
    }
}

/// Waits until every record is accounted for, searchable and reported.
fn settle(fleet: &Fleet, plan: &Plan, positions: impl Fn() -> String) -> CountsReport {
    let (expected, sent) = (plan.live().count() as u64, sent_in(plan));
    let deadline = Instant::now() + PATIENCE;
    loop {
        let last = fleet.counts();
        if let Some(counts) = &last {
            let raw: u64 = counts.pipelines.values().map(|row| row.raw).sum();
            let dead: u64 = counts.pipelines.values().map(|row| row.dead_letters).sum();
            assert!(raw <= sent, "{raw} records were counted, {sent} were sent: {counts:?}");
            let distinct = SOURCES.iter().all(|(name, _)| {
                counts.pipelines.get(*name).is_some_and(|row| row.feedback == plan.distinct(name))
            });
            let all = raw == sent && dead == plan.broken && distinct;
            if all && counts.holds && counts.live == expected && counts.indexed == expected {
                return counts.clone();
            }
        }
        assert!(
            Instant::now() < deadline,
            "not settled: {last:?}; {sent} sent, {} broken, {expected} live expected\n{}{}",
            plan.broken,
            positions(),
            fleet.said()
        );
        fleet.revive();
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Says where the sources end and where their group stands, for a run that comes to nothing.
fn positions(cluster: &Cluster, log: &KafkaLog, topics: &[(&str, String)]) -> String {
    let group = format!("{}-ingest", cluster.prefix.trim_end_matches('.')).parse().unwrap();
    let line = |(_, topic): &(&str, String)| {
        let topic = topic.parse().unwrap();
        format!("{topic}: {:?}, committed {:?}\n", log.extents(&topic), log.committed(&group, &topic))
    };
    topics.iter().map(line).collect()
}

fn same(before: &[String], after: &[String]) {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let lost: Vec<_> = old.difference(&new).take(3).collect();
    let made: Vec<_> = new.difference(&old).take(3).collect();
    assert!(before == after && !before.is_empty(), "the rebuild differs: {lost:#?} became {made:#?}");
}
