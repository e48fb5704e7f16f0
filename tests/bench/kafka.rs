//! The same way of a record on Apache Kafka: one broker, whose own cost is not counted; ingest workers by number, their
//! memory, and how soon a worker that was killed reads again.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use groundswell_log::{
    Append, Cleanup, Group, KafkaLog, KafkaSettings, Log, Topic, TopicSpec, partition_for,
};
use groundswell_tests::cluster::{Cluster, PARTITIONS, Worker};
use groundswell_tests::kafka::{self, Brokers};

use crate::child::{anonymous_mib_of, cpu_of_process, java_in};
use crate::floor::Floor;
use crate::share::Share;

/// Records of one append.
const CHUNK: usize = 2_000;
/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(900);
/// The part of a core that each worker gets where workers are compared, so that the machine has cores to spare for two.
const PART_OF_A_CORE: f64 = 0.4;

/// Measures all of it over the records of a file.
pub fn measure(file: &Path, folder: &Path, floor: &Floor) {
    let brokers = kafka::own(|_| {});
    whole_way(&brokers, file, &folder.join("all"), floor);
    let one = ingest(&brokers, file, &folder.join("one"), 1);
    let two = ingest(&brokers, file, &folder.join("two"), 2);
    println!("  two workers: {:.2} x the speed of one", two / one);
    restart(&brokers, file, &folder.join("restart"));
}

/// A topic with the records of a file, and an installation that reads it.
struct Ground {
    cluster: Cluster,
    log: KafkaLog,
    source: Topic,
    records: u64,
}

impl Ground {
    fn new(brokers: &Brokers, name: &str) -> Self {
        let cluster = Cluster { bootstrap: brokers.bootstrap(), prefix: format!("{name}."), copies: 1 };
        let log = KafkaLog::open(KafkaSettings::new(&cluster.bootstrap, &format!("{name}-bench")))
            .expect("a broker");
        let source: Topic = format!("{name}.source").parse().expect("a name");
        log.create_topic(&source, &TopicSpec::new(PARTITIONS, Cleanup::Forever)).expect("a topic");
        Self { cluster, log, source, records: 0 }
    }

    /// A process of the installation, laid out; the first one makes the topics.
    fn worker(
        &self,
        folder: &Path,
        name: &'static str,
        roles: &'static str,
        first: Option<&Worker>,
    ) -> Worker {
        std::fs::create_dir_all(folder).expect("a folder");
        let mut config = self.cluster.config();
        config.index = groundswell::config::Config::default().index;
        let worker = Worker::new(folder, name, roles, config);
        worker.read_from(&[("submission", self.source.to_string())]);
        match first {
            Some(first) => worker.take_key_of(first),
            None => drop(worker.run(&["topics", "--create"])),
        }
        worker
    }

    /// Appends the file's records; what that costs is nobody's but ours.
    fn fill(&mut self, file: &Path) {
        let lines = BufReader::new(std::fs::File::open(file).expect("records")).split(b'\n');
        let mut chunk = Vec::new();
        for line in lines {
            let line = line.expect("a line");
            let partition = partition_for(&self.records.to_be_bytes(), PARTITIONS);
            let topic = self.source.clone();
            let timestamp_ms = 1_780_000_000_000;
            chunk.push(Append {
                topic,
                partition,
                timestamp_ms,
                key: None,
                headers: Vec::new(),
                value: Some(line),
            });
            self.records += 1;
            if chunk.len() == CHUNK {
                self.log.append(std::mem::take(&mut chunk)).expect("appended");
            }
        }
        self.log.append(chunk).expect("appended");
    }

    /// How many offsets of the source the ingest workers have behind them.
    fn reached(&self) -> u64 {
        let group: Group =
            format!("{}-ingest", self.cluster.prefix.trim_end_matches('.')).parse().expect("a name");
        let committed = self.log.committed(&group, &self.source).expect("positions");
        committed.into_iter().flatten().sum()
    }

    fn end(&self) -> u64 {
        self.log.extents(&self.source).expect("a topic").iter().map(|extent| extent.end).sum()
    }
}

/// From Kafka to searchable and reported, all roles in one process.
fn whole_way(brokers: &Brokers, file: &Path, folder: &Path, floor: &Floor) {
    let mut ground = Ground::new(brokers, "whole");
    let worker = ground.worker(folder, "all", "ingest,analyse,index,serve", None);
    ground.fill(file);
    let broker = java_in(brokers.log(1).expect("a broker").parent().expect("a folder")).expect("a broker");
    let before = cpu_of_process(broker).expect("a running broker");
    let begun = Instant::now();
    worker.start();
    let process = worker.process().expect("it runs");
    let mut peak = 0.0_f64;
    loop {
        peak = peak.max(anonymous_mib_of(process).expect("it runs"));
        let done = worker.counts().is_some_and(|counts| {
            let raw: u64 = counts.pipelines.values().map(|row| row.raw).sum();
            counts.holds
                && raw == ground.records
                && counts.live == ground.records
                && counts.indexed == counts.live
        });
        if done {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "not done: {:?}\n{}", worker.counts(), worker.said());
        std::thread::sleep(Duration::from_millis(250));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let million = |cpu: f64| cpu * 1e6 / ground.records as f64;
    let own = million(cpu_of_process(process).expect("it runs"));
    println!(
        "Kafka to searchable and reported, all roles, its start included: {own:.1} CPU s a million = {:.2} x the floor, \
         {:.0} records/s, peak {peak:.0} MiB anonymous",
        own / floor.cpu_per_million,
        ground.records as f64 / seconds
    );
    println!(
        "  the broker beside it: {:.1} CPU s a million",
        million(cpu_of_process(broker).expect("it runs") - before)
    );
    worker.stop();
}

/// Ingest alone, by a number of workers; gives records a second.
fn ingest(brokers: &Brokers, file: &Path, folder: &Path, number: usize) -> f64 {
    let mut ground = Ground::new(brokers, ["", "one", "two"][number]);
    ground.fill(file);
    let first = ground.worker(folder, "ingest-1", "ingest", None);
    let mut workers = vec![first];
    if number > 1 {
        let second = ground.worker(folder, "ingest-2", "ingest", workers.first());
        workers.push(second);
    }
    let shares: Vec<Option<Share>> = workers.iter().map(|_| Share::of_a_core(PART_OF_A_CORE)).collect();
    for (worker, share) in workers.iter().zip(&shares) {
        worker.start();
        if let Some(share) = share {
            share.take(worker.process().expect("it runs"));
        }
    }
    // Counted from when all have joined, so that the start is not compared.
    let begun = wait_for(&ground, |reached| reached > ground.end() / 10);
    let from = ground.reached();
    let mut peak = 0.0_f64;
    while ground.reached() < ground.end() {
        assert!(begun.elapsed() < PATIENCE, "not done\n{}", workers[0].said());
        for process in workers.iter().filter_map(Worker::process) {
            peak = peak.max(anonymous_mib_of(process).expect("it runs"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let speed = (ground.end() - from) as f64 / begun.elapsed().as_secs_f64();
    let each = match shares.first() {
        Some(Some(_)) => format!("{PART_OF_A_CORE} of a core each"),
        _ => "the whole machine; no shares of a core can be given here".to_owned(),
    };
    println!(
        "ingest by {number}: {speed:.0} records/s with {each}; at most {peak:.0} MiB anonymous in a worker"
    );
    workers.iter().for_each(Worker::stop);
    speed
}

fn wait_for(ground: &Ground, wanted: impl Fn(u64) -> bool) -> Instant {
    let begun = Instant::now();
    while !wanted(ground.reached()) {
        assert!(begun.elapsed() < PATIENCE, "the workers do not come to it");
        std::thread::sleep(Duration::from_millis(20));
    }
    Instant::now()
}

/// How long after a SIGKILL the worker, started again at once, has its first record committed.
fn restart(brokers: &Brokers, file: &Path, folder: &Path) {
    let mut ground = Ground::new(brokers, "restart");
    let worker = ground.worker(folder, "ingest", "ingest", None);
    ground.fill(file);
    worker.start();
    wait_for(&ground, |reached| reached > 0);
    worker.kill();
    // What was committed just before the kill may show a moment later.
    std::thread::sleep(Duration::from_millis(200));
    let (killed, at) = (Instant::now(), ground.reached());
    assert!(at < ground.end(), "there is nothing left to read: more records are needed");
    worker.start();
    wait_for(&ground, |reached| reached > at);
    println!(
        "killed and started again, until its first records are committed: {:.1} s (session time-out 6 s)",
        killed.elapsed().as_secs_f64() + 0.2
    );
    worker.stop();
}
