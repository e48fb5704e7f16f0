//! Several processes on a real Apache Kafka: ingest workers, an index worker and two analysers, killed with SIGKILL at random
//! moments. Afterwards every record is accounted for exactly once, ledger, state and index agree, and a rebuild gives the
//! same. Slow: against the release build. `GROUNDSWELL_CLUSTER=long` runs the long form, `GROUNDSWELL_SEEDS=20` repeats it.

#[path = "../crash/records.rs"]
#[expect(dead_code, reason = "this test sends no imports and needs no names")]
mod records;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use groundswell_log::{Append, KafkaLog, KafkaSettings, Log, Topic, TopicSpec, partition_for};
use groundswell_server::CountsReport;
use groundswell_tests::TempFolder;
use groundswell_tests::kafka;

use records::{Job, Plan, Random};
use worker::{Fleet, Worker};

/// Partitions of every topic that records are read from.
const PARTITIONS: u32 = 4;
/// The pipelines and the topics that they read.
const SOURCES: [(&str, &str); 2] = [("submission", "web-forms"), ("zendesk", "tickets")];
/// How long everything may take to be searchable after the last record.
const PATIENCE: Duration = Duration::from_secs(240);

/// How much is done to the cluster.
struct Form {
    records: usize,
    kills: u64,
    seeds: u64,
}

impl Form {
    fn of_environment() -> Self {
        let long = std::env::var("GROUNDSWELL_CLUSTER").is_ok_and(|form| form == "long");
        let seeds = std::env::var("GROUNDSWELL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(1);
        if long {
            Self { records: 100_000, kills: 30, seeds }
        } else {
            Self { records: 10_000, kills: 5, seeds }
        }
    }
}

#[test]
fn every_record_is_accounted_for_once_whichever_process_is_killed() {
    let form = Form::of_environment();
    for seed in 1..=form.seeds {
        audit(&form, seed);
    }
}

fn audit(form: &Form, seed: u64) {
    let begun = Instant::now();
    let plan = records::plan(form.records, 20_260_700 + seed);
    let folder = TempFolder::new("cluster");
    let prefix = format!("seed{seed}.");
    let bootstrap = kafka::broker().bootstrap();
    let fleet = Fleet::new(&folder, &bootstrap, &prefix, PARTITIONS, &topics(&prefix));
    let log = KafkaLog::open(KafkaSettings::new(&bootstrap, "test")).unwrap();
    make_topics(&log, &prefix);
    let created = fleet.analyser.run(&["topics", "--create"]);
    assert!(created.contains("made"), "{created}");

    let sent = AtomicBool::new(false);
    fleet.start_all();
    let killed = std::thread::scope(|scope| {
        let killer = scope.spawn(|| kill_at_random(&fleet, form.kills, seed, &sent));
        send(&log, &prefix, &plan);
        sent.store(true, Ordering::SeqCst);
        killer.join().unwrap()
    });
    let delivered = begun.elapsed();
    let counts = settle(&fleet, &plan, form.records as u64);
    fleet.stop();
    let before = fleet.dump();
    fleet.analyser.run(&["rebuild"]);
    fleet.index.run(&["rebuild"]);
    let after = fleet.dump();
    println!(
        "seed {seed}: {} records, {killed} kills, {} restarts of processes that ended by themselves, {} live, all sent after \
         {:.1} s, {:.1} s in all",
        form.records,
        fleet.restarts(),
        counts.live,
        delivered.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
    for (name, row) in &counts.pipelines {
        println!("{name}: {row:?}");
    }
    same(&before, &after);
}

fn topics(prefix: &str) -> Vec<(&'static str, String)> {
    SOURCES.iter().map(|(pipeline, topic)| (*pipeline, format!("{prefix}{topic}"))).collect()
}

fn make_topics(log: &KafkaLog, prefix: &str) {
    for (_, topic) in topics(prefix) {
        let after = Duration::from_secs(86_400);
        let spec = TopicSpec::new(PARTITIONS, groundswell_log::Cleanup::Delete { after });
        log.create_topic(&topic.parse().unwrap(), &spec).unwrap();
    }
}

/// Streams the records into the sources' own topics, those of one feedback in order.
fn send(log: &KafkaLog, prefix: &str, plan: &Plan) {
    let topics: BTreeMap<&str, Topic> =
        topics(prefix).into_iter().map(|(pipeline, topic)| (pipeline, topic.parse().unwrap())).collect();
    for job in &plan.jobs {
        let Job::Push { pipeline, records } = job else { continue };
        let appends = records.iter().map(|record| Append {
            topic: topics[pipeline].clone(),
            partition: partition_for(record.name.as_deref().unwrap_or("broken").as_bytes(), PARTITIONS),
            timestamp_ms: 1_780_000_000_000,
            key: record.name.as_ref().map(|name| name.clone().into_bytes()),
            headers: Vec::new(),
            value: Some(record.bytes.clone()),
        });
        log.append(appends.collect()).unwrap();
    }
}

/// Kills processes at random until all kills are done; a second analyser joins after the first third.
fn kill_at_random(fleet: &Fleet, kills: u64, seed: u64, sent: &AtomicBool) -> u64 {
    let mut random = Random::new(seed ^ 0x00c0_ffee);
    for number in 0..kills {
        if number == kills / 3 {
            fleet.second.start();
        }
        let victims: Vec<&Worker> = fleet.running();
        let wait = if sent.load(Ordering::SeqCst) { 400 } else { 1_200 };
        std::thread::sleep(Duration::from_millis(random.below(wait)));
        let victim = victims[random.below(victims.len() as u64) as usize];
        victim.kill();
        victim.start();
    }
    kills
}

/// Waits until every record is accounted for, searchable and reported.
fn settle(fleet: &Fleet, plan: &Plan, sent: u64) -> CountsReport {
    let expected = plan.live().count() as u64;
    let deadline = Instant::now() + PATIENCE;
    let pushed = plan
        .jobs
        .iter()
        .map(|job| if let Job::Push { records, .. } = job { records.len() as u64 } else { 0 });
    let pushed: u64 = pushed.sum();
    assert!(pushed <= sent);
    loop {
        let last = fleet.counts();
        if let Some(counts) = &last {
            let raw: u64 = counts.pipelines.values().map(|row| row.raw).sum();
            let dead: u64 = counts.pipelines.values().map(|row| row.dead_letters).sum();
            assert!(raw <= pushed, "{raw} records were counted, {pushed} were sent: {counts:?}");
            let distinct = SOURCES.iter().all(|(name, _)| {
                counts.pipelines.get(*name).is_some_and(|row| row.feedback == plan.distinct(name))
            });
            let all = raw == pushed && dead == plan.broken && distinct;
            if all && counts.holds && counts.live == expected && counts.indexed == expected {
                return counts.clone();
            }
        }
        assert!(
            Instant::now() < deadline,
            "not settled: {last:?}; {pushed} sent, {} broken, {expected} live expected\n{}",
            plan.broken,
            fleet.said()
        );
        fleet.revive();
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn same(before: &[String], after: &[String]) {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let lost: Vec<_> = old.difference(&new).take(3).collect();
    let made: Vec<_> = new.difference(&old).take(3).collect();
    assert!(before == after && !before.is_empty(), "the rebuild differs: {lost:#?} became {made:#?}");
}
