//! A process that is killed while it appends loses nothing that was acknowledged.
#![cfg(test)]
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use groundswell_log::{
    Advance, Append, Cleanup, EmbeddedConfig, EmbeddedLog, Group, Log, Place, ReadLimit, Topic, TopicSpec,
    Transaction,
};

const FOLDER: &str = "GROUNDSWELL_LOG_KILL_TEST";
const EACH: u64 = 7;

fn topic() -> Topic {
    "t".parse().unwrap()
}

fn group() -> Group {
    "g".parse().unwrap()
}

fn open(folder: &Path) -> EmbeddedLog {
    let config = EmbeddedConfig { segment_bytes: 20_000, ..EmbeddedConfig::default() };
    let log = EmbeddedLog::open(folder, config).unwrap();
    log.create_topic(&topic(), &TopicSpec::new(1, Cleanup::Forever)).unwrap();
    log
}

fn append(n: u64) -> Append {
    Append {
        topic: topic(),
        partition: 0,
        timestamp_ms: 0,
        key: None,
        headers: Vec::new(),
        value: Some(format!("{n} {}", "z".repeat(usize::try_from(n % 300).unwrap())).into()),
    }
}

/// Commits transactions and says after each how many records are acknowledged; retains now and then. Never ends.
#[test]
#[ignore = "run by the test below in a process of its own"]
fn child() {
    let folder = std::env::var_os(FOLDER).unwrap();
    let log = open(Path::new(&folder));
    let mut writer = log.writer(&"w".parse().unwrap()).unwrap();
    let mut next = log.extents(&topic()).unwrap()[0].end;
    for round in 0_u64.. {
        let end = next + EACH;
        let transaction = Transaction {
            appends: (next..end).map(append).collect(),
            advance: Some(Advance {
                group: group(),
                member: None,
                positions: vec![Place::new(&topic(), 0, end)],
            }),
        };
        writer.commit(transaction).unwrap();
        next = end;
        println!("acknowledged {next}");
        std::io::stdout().flush().unwrap();
        if round % 40 == 39 {
            log.retain(0).unwrap();
        }
    }
}

/// Starts the child, kills it after a while, and answers how many records it had acknowledged.
fn run_and_kill(folder: &OsStr, after: Duration) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = 0;
    let mut began = None;
    for line in lines {
        let Some(count) = line.unwrap().strip_prefix("acknowledged ").and_then(|count| count.parse().ok())
        else {
            continue;
        };
        acknowledged = count;
        let began = *began.get_or_insert_with(Instant::now);
        if began.elapsed() > after {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    acknowledged
}

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut before = 0;
    for round in 0..8_u64 {
        let acknowledged = run_and_kill(folder.path().as_os_str(), Duration::from_millis(97 * round + 13));
        assert!(acknowledged > before, "the child got somewhere");
        let log = open(folder.path());
        let end = log.extents(&topic()).unwrap()[0].end;
        assert!(end >= acknowledged, "{acknowledged} acknowledged, {end} there");
        assert_eq!(end % EACH, 0, "whole transactions");
        assert_eq!(
            log.committed(&group(), &topic()).unwrap(),
            [Some(end)],
            "the position goes with the records"
        );
        let limit = ReadLimit { records: usize::MAX, bytes: usize::MAX };
        let batch = log.read(&Place::new(&topic(), 0, 0), limit).unwrap();
        assert_eq!(batch.records.len() as u64, end);
        for (n, record) in (0..).zip(batch.records) {
            assert_eq!((record.offset, record.value), (n, append(n).value));
        }
        before = acknowledged;
    }
}
