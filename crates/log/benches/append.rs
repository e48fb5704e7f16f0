//! Speed of the embedded log: transactions of 1,000 records of 700 bytes, and single appends of eight threads.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints figures and fails by panicking"
)]
use std::fs;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group};
use groundswell_log::{
    Append, Cleanup, EmbeddedConfig, EmbeddedLog, Log, Place, ReadLimit, Topic, TopicSpec,
};
use tempfile::TempDir;

const RECORDS: usize = 1_000;
const THREADS: usize = 8;
const WORDS: [&str; 16] = [
    "delivery", "invoice", "waited", "the", "support", "nobody", "answered", "refund", "again", "was",
    "parcel", "twice", "and", "charged", "app", "login",
];

fn topic() -> Topic {
    "feedback".parse().unwrap()
}

fn open() -> (TempDir, EmbeddedLog) {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(folder.path(), EmbeddedConfig::default()).unwrap();
    log.create_topic(&topic(), &TopicSpec::new(4, Cleanup::Forever)).unwrap();
    (folder, log)
}

/// Makes a record of 700 bytes of words, different for each number.
fn append(number: usize) -> Append {
    let mut seed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut value = format!("{{\"id\":\"fb_{seed:016x}\",\"text\":\"");
    while value.len() < 700 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        value.push_str(WORDS[(seed % 16) as usize]);
        value.push(' ');
    }
    value.truncate(700);
    Append {
        topic: topic(),
        partition: (number % 4) as u32,
        timestamp_ms: 1_767_323_045_000,
        key: Some(format!("fb_{number:08x}").into()),
        headers: Vec::new(),
        value: Some(value.into()),
    }
}

/// The CPU time of this process, user and system, from `/proc`, in seconds; the kernel counts in hundredths.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = fields.iter().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn measure_transactions() {
    let (folder, log) = open();
    let rounds = 300;
    let prepared: Vec<Vec<Append>> =
        (0..rounds).map(|round| (0..RECORDS).map(|n| append(round * RECORDS + n)).collect()).collect();
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    for appends in prepared {
        log.append(appends).unwrap();
    }
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let count = (rounds * RECORDS) as f64;
    println!(
        "transactions of 1,000: {:.2} CPU us per record, {:.0} records/s",
        cpu * 1e6 / count,
        count / wall
    );
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let mut read = 0;
    for partition in 0..4 {
        let mut at = Place::new(&topic(), partition, 0);
        loop {
            let batch = log.read(&at, ReadLimit::default()).unwrap();
            read += batch.records.len();
            at.offset = batch.next;
            if batch.next == batch.end {
                break;
            }
        }
    }
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    println!(
        "reading in sequence: {:.2} CPU us per record, {:.0} records/s",
        cpu * 1e6 / read as f64,
        read as f64 / wall
    );
    let bytes = |log: &EmbeddedLog| {
        let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
        let _open = log;
        files.sum::<u64>()
    };
    let before = bytes(&log);
    log.roll().unwrap();
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let done = log.retain(1_767_323_045_000).unwrap();
    println!(
        "disk: {:.0} bytes per record, {:.0} after retention ({:.2} s, {:.2} CPU s, {done:?})",
        before as f64 / count,
        bytes(&log) as f64 / count,
        start.elapsed().as_secs_f64(),
        cpu_seconds() - cpu
    );
}

fn measure_singles() {
    let (folder, log) = open();
    let log = Arc::new(log);
    let each = 500;
    let barrier = Arc::new(Barrier::new(THREADS + 1));
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let (log, barrier) = (Arc::clone(&log), Arc::clone(&barrier));
            thread::spawn(move || {
                barrier.wait();
                let took = (0..each).map(|n| {
                    let appends = vec![append(number * each + n)];
                    let start = Instant::now();
                    log.append(appends).unwrap();
                    start.elapsed()
                });
                took.collect::<Vec<Duration>>()
            })
        })
        .collect();
    let cpu = cpu_seconds();
    barrier.wait();
    let start = Instant::now();
    let mut took: Vec<Duration> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    took.sort();
    let at = |share: f64| took[(took.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "single appends of 8 threads: p50 {:.1} ms, p99 {:.1} ms, {:.0} appends/s, {:.0} CPU us each",
        at(0.5),
        at(0.99),
        took.len() as f64 / wall,
        cpu * 1e6 / took.len() as f64
    );
    log.roll().unwrap();
    let done = log.retain(1_767_323_045_000).unwrap();
    println!("their segment: {} bytes before packing, {} after", done.bytes_before, done.bytes_after);
    drop(folder);
}

fn transactions(criterion: &mut Criterion) {
    let (_folder, log) = open();
    let appends: Vec<Append> = (0..RECORDS).map(append).collect();
    let mut group = criterion.benchmark_group("append");
    group.sample_size(20).throughput(Throughput::Elements(RECORDS as u64));
    group.bench_function("a transaction of 1,000", |bencher| {
        bencher.iter(|| log.append(appends.clone()).unwrap())
    });
    group.finish();
}

fn singles(criterion: &mut Criterion) {
    let (_folder, log) = open();
    let mut group = criterion.benchmark_group("append");
    group.sample_size(10).throughput(Throughput::Elements(THREADS as u64));
    group.bench_function("one record by each of 8 threads", |bencher| {
        bencher.iter_custom(|rounds| {
            let start = Instant::now();
            thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        (0..rounds).for_each(|n| drop(log.append(vec![append(n as usize)]).unwrap()))
                    });
                }
            });
            start.elapsed()
        });
    });
    group.finish();
}

criterion_group!(benches, transactions, singles);

fn main() {
    measure_transactions();
    measure_singles();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
