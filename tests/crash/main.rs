//! A hundred thousand raw records while the process is killed twenty times with SIGKILL: afterwards every one is accounted
//! for exactly once, index and state agree with the log, and a rebuild gives the same; and a re-annotation that is killed
//! again and again. Slow: against the built program.

mod reannotate;
mod records;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use groundswell_server::{
    CountsReport, Fault, ImportStart, ImportedRows, Installation, PushRequest, PushResult, PushStatus,
};
use groundswell_tests::House;

use records::{Job, Plan, Random};
use server::Server;

/// Raw records in all.
const RECORDS: usize = 100_000;
/// How often the process is killed.
const KILLS: u64 = 20;
/// Seed of records and of the moments.
const SEED: u64 = 20_260_601;
/// How long a stop by SIGTERM may take.
const STOP: Duration = Duration::from_secs(10);

/// What was acknowledged.
#[derive(Default)]
struct Told {
    /// Items acknowledged, by pipeline.
    accepted: BTreeMap<String, u64>,
    /// Items refused at the door.
    refused: u64,
    /// Calls whose answer was lost, and that were made again.
    lost: u64,
    /// Items in those calls: as many may be in the log twice.
    in_doubt: u64,
    /// Every id that a record was given.
    ids: BTreeMap<String, BTreeSet<String>>,
}

#[test]
fn every_record_is_accounted_for_once_whenever_the_process_is_killed() {
    let begun = Instant::now();
    let mut house = House::new("crash");
    house.config.log.partitions = 2;
    house.config.index.commit_after = "200ms".to_owned().try_into().unwrap();
    let plan = records::plan(RECORDS, SEED);
    let server = Server::new(house.data(), &house.config);

    let killed = AtomicU64::new(0);
    let told = deliver(&server, &plan, &killed);
    let delivered = begun.elapsed();
    server.catch_up();
    let counts = server.check();
    let stopped = server.terminate();
    assert!(stopped < STOP, "the stop took {stopped:?}");

    let faults = compare(&plan, &told, &counts);
    let before = house.dump();
    let seen = Seen::of(&before);
    println!(
        "{} kills, {RECORDS} raw records, {} accepted, {} refused at the door, {} calls made again ({} items in doubt)",
        killed.load(Ordering::SeqCst),
        told.accepted.values().sum::<u64>(),
        told.refused,
        told.lost,
        told.in_doubt,
    );
    for (name, row) in &counts.pipelines {
        println!("{name}: {row:?}");
    }
    println!(
        "{} live, {} in the index, delivered in {:.1} s, stopped in {:.2} s, all in {:.1} s",
        counts.live,
        counts.indexed,
        delivered.as_secs_f64(),
        stopped.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(killed.load(Ordering::SeqCst), KILLS);
    agree(&plan, &told, &seen);

    let rebuilding = Instant::now();
    server.rebuild();
    let after = house.dump();
    println!("rebuilt in {:.1} s, {} lines alike", rebuilding.elapsed().as_secs_f64(), after.len());
    same(&before, &after);
}

/// Sends every job until it is acknowledged, while another thread kills the process at random moments.
fn deliver(server: &Server, plan: &Plan, killed: &AtomicU64) -> Told {
    let done = AtomicBool::new(false);
    let mut told = Told::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random::new(SEED ^ 0x0bad_cafe);
            while killed.load(Ordering::SeqCst) < KILLS && !done.load(Ordering::SeqCst) {
                // Every fifth kill strikes a process that is only just starting.
                let number = killed.load(Ordering::SeqCst);
                let longest = if number % 5 == 4 { 120 } else { 900 };
                std::thread::sleep(Duration::from_millis(random.below(longest)));
                server.kill();
                killed.fetch_add(1, Ordering::SeqCst);
                server.start();
            }
        });
        server.start();
        for job in &plan.jobs {
            send(server, job, plan, &mut told);
            // The records must not be all in before the last kill.
            while killed.load(Ordering::SeqCst) < (told.sent() * KILLS / RECORDS as u64).saturating_sub(1) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        while killed.load(Ordering::SeqCst) < KILLS {
            std::thread::sleep(Duration::from_millis(5));
        }
        done.store(true, Ordering::SeqCst);
    });
    told
}

impl Told {
    fn sent(&self) -> u64 {
        self.accepted.values().sum::<u64>() + self.refused
    }
}

fn send(server: &Server, job: &Job, plan: &Plan, told: &mut Told) {
    loop {
        let tried = match job {
            Job::Push { pipeline, records } => push(server, pipeline, records, told),
            Job::Rows(range) => import(server, plan, range.clone(), told),
        };
        match tried {
            Ok(()) => return,
            Err(Fault::Unavailable { .. } | Fault::Conflict { .. }) => {
                told.lost += 1;
                if let Job::Push { records, .. } = job {
                    told.in_doubt += records.len() as u64;
                }
            }
            Err(fault) => panic!("refused for good: {fault}"),
        }
    }
}

fn push(server: &Server, pipeline: &str, records: &[records::Raw], told: &mut Told) -> Result<(), Fault> {
    let bytes = records.iter().map(|record| record.bytes.clone()).collect();
    let request = PushRequest { pipeline: pipeline.to_owned(), records: bytes, dry_run: false };
    let results: Vec<PushResult> = server.remote()?.push(request)?;
    assert_eq!(results.len(), records.len(), "an answer for every record");
    for result in results {
        let record = &records[result.record];
        match (result.status, &record.name) {
            (PushStatus::Accepted, Some(name)) => {
                *told.accepted.entry(pipeline.to_owned()).or_default() += 1;
                told.ids.entry(name.clone()).or_default().extend(result.id);
            }
            (PushStatus::Refused, None) => {
                assert!(result.code.is_some() && result.message.is_some(), "{result:?}");
                told.refused += 1;
            }
            _ => panic!("{result:?} for {}", String::from_utf8_lossy(&record.bytes)),
        }
    }
    Ok(())
}

/// Appends rows of the one import; after a lost answer it is begun again and goes on behind what is there.
fn import(server: &Server, plan: &Plan, range: std::ops::Range<usize>, told: &mut Told) -> Result<(), Fault> {
    let remote = server.remote()?;
    let start = ImportStart {
        import: "customers-of-the-test".to_owned(),
        pipeline: plan.customer_pipeline.clone(),
        rows: plan.rows.len() as u64,
    };
    let appended = remote.begin_import(start.clone())?.appended;
    let end = range.end as u64;
    assert!(appended == range.start as u64 || appended == end, "{appended} rows are there, {range:?} follow");
    if appended < end {
        remote.append_rows(ImportedRows {
            import: start.import,
            after: appended,
            columns: Some(plan.columns.clone()),
            rows: plan.rows[range.clone()].to_vec(),
        })?;
    }
    *told.accepted.entry("customers".to_owned()).or_default() += range.len() as u64;
    Ok(())
}

/// Holds what the installation counts against what was acknowledged.
fn compare(plan: &Plan, told: &Told, counts: &CountsReport) -> Vec<String> {
    let mut faults = counts.faults.clone();
    let mut expect = |what: &str, found: u64, least: u64, most: u64| {
        if found < least || found > most {
            faults.push(format!("{what}: {found}, but {least} to {most} are expected"));
        }
    };
    expect("every invariant holds", u64::from(counts.holds), 1, 1);
    let mut twice = 0;
    for (name, accepted) in &told.accepted {
        let row = counts.pipelines.get(name).copied().unwrap_or_default();
        let spare = if name == "customers" { 0 } else { told.in_doubt };
        expect(&format!("{name}: items in raw"), row.raw, *accepted, accepted + spare);
        twice += row.raw.saturating_sub(*accepted);
        expect(&format!("{name}: feedback"), row.feedback, plan.distinct(name), plan.distinct(name));
        expect(&format!("{name}: parts"), row.parts, row.feedback + row.repeats, row.feedback + row.repeats);
        let dead = if name == "customers" { plan.broken_rows } else { 0 };
        expect(&format!("{name}: dead letters"), row.dead_letters, dead, dead);
    }
    expect("items in the log twice", twice, 0, told.in_doubt);
    let live = plan.live().count() as u64;
    expect("live feedback", counts.live, live, live);
    expect("feedback in the index", counts.indexed, live, live);
    expect("refused at the door", told.refused, plan.broken, plan.broken);
    faults
}

/// What a dump says: live feedback in the state with their counting parts, and what is in the index.
struct Seen {
    live: BTreeMap<String, String>,
    customers: usize,
    indexed: BTreeSet<String>,
}

impl Seen {
    fn of(lines: &[String]) -> Self {
        let mut seen = Self { live: BTreeMap::new(), customers: 0, indexed: BTreeSet::new() };
        for line in lines {
            match line.split_once(' ') {
                Some((id, rest)) if rest.starts_with("parts=") => {
                    if !rest.ends_with("row=None") {
                        assert_eq!(
                            seen.live.insert(id.to_owned(), rest.to_owned()),
                            None,
                            "{id} is there twice"
                        );
                    }
                }
                Some((id, _)) if id.starts_with("fb_") => {
                    assert!(seen.indexed.insert(id.to_owned()), "{id} is in the index twice");
                }
                _ => seen.customers += 1,
            }
        }
        seen
    }
}

/// State and index hold exactly what was acknowledged and not deleted, each at its latest revision.
fn agree(plan: &Plan, told: &Told, seen: &Seen) {
    for (name, ids) in &told.ids {
        assert_eq!(ids.len(), 1, "{name} was given several ids: {ids:?}");
    }
    let id_of = |name: &str| told.ids[name].iter().next().unwrap().clone();
    let expected: BTreeSet<String> = plan.live().map(|(name, _)| id_of(name)).collect();
    let live: BTreeSet<String> = seen.live.keys().cloned().collect();
    assert!(live == expected, "{}", difference("state", &live, &expected));
    assert!(seen.indexed == expected, "{}", difference("index", &seen.indexed, &expected));
    for (name, latest) in plan.live() {
        let line = &seen.live[&id_of(name)];
        let parts = line.split(" row=").next().unwrap_or_default();
        let found = parts.matches('"').count() / 2;
        assert_eq!(found, latest.parts.len(), "parts of {name}: {line}");
        for (part, revision) in &latest.parts {
            assert!(
                parts.contains(&format!("\"{part} s{revision}.0.")),
                "{name} is not at {part} {revision}: {line}"
            );
        }
    }
    assert_eq!(seen.customers as u64, plan.distinct("customers"), "customers");
}

fn difference(what: &str, found: &BTreeSet<String>, expected: &BTreeSet<String>) -> String {
    let missing: Vec<_> = expected.difference(found).take(5).collect();
    let more: Vec<_> = found.difference(expected).take(5).collect();
    format!(
        "{what}: {} found, {} expected; missing {missing:?}, too many {more:?}",
        found.len(),
        expected.len()
    )
}

fn same(before: &[String], after: &[String]) {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let lost: Vec<_> = old.difference(&new).take(3).collect();
    let made: Vec<_> = new.difference(&old).take(3).collect();
    assert!(before == after, "the rebuild differs: {lost:#?} became {made:#?}");
}
