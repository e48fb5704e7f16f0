//! The same files streamed through topics and imported: the same report, byte for byte. The real files are used where they
//! are there, a table of our own in any case.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use groundswell_adapters::{Pipeline, rows};
use groundswell_log::{Append, Header, KafkaLog, KafkaSettings, Log, Topic, partition_for};
use groundswell_model::topics::header;
use groundswell_tests::cluster::{Cluster, PARTITIONS, Worker};
use groundswell_tests::{TempFolder, kafka, shared_data, workspace_root};

use crate::audit::make_topics;

const PATIENCE: Duration = Duration::from_secs(240);
/// Records of one append.
const CHUNK: usize = 2_000;

/// Pipelines and the files that they read.
const FILES: [(&str, &str); 4] = [
    ("cfpb", "gaps/cfpb_narratives_early.csv"),
    ("nhs_fft", "survey/nhs_fft_NHFT.csv"),
    ("thunderbird_forum", "over_time/sumo_thunderbird_2023_en.csv"),
    ("viber_reviews", "over_time/app_viber/total_info.txt"),
];

/// A table of complaints in the columns of the first pipeline, some rows of which cannot be used.
fn own_table(folder: &Path) -> PathBuf {
    let mut text = String::from(
        "Date received,Product,Sub-product,Issue,Sub-issue,Consumer complaint narrative,Company public response,Company,\
         State,ZIP code,Tags,Consumer consent provided?,Submitted via,Date sent to company,Company response to consumer,\
         Timely response?,Consumer disputed?,Complaint ID\n",
    );
    for number in 0..400 {
        let day =
            if number % 50 == 7 { "someday".to_owned() } else { format!("2026-03-{:02}", 1 + number % 28) };
        writeln!(
            text,
            "{day},Card,,Fees,,\"They promised to refund fee {number} within five days, and after a month I still wait.\",,\
             Bank {},OH,441XX,,Consent provided,Web,2026-04-01,Closed,Yes,No,{number}",
            number % 9
        )
        .unwrap();
    }
    let path = folder.join("complaints.csv");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn files_streamed_through_topics_give_the_report_of_an_import() {
    let _alone = crate::alone();
    let folder = TempFolder::new("files");
    let real: Vec<(&str, PathBuf)> =
        FILES.iter().filter_map(|(pipeline, file)| Some((*pipeline, shared_data(file)?))).collect();
    same_report(&folder.join("own"), "own.", &[("cfpb", own_table(folder.path()))]);
    if real.len() < FILES.len() {
        println!("only {} of the {} real files are there: not compared", real.len(), FILES.len());
    } else {
        same_report(&folder.join("real"), "real.", &real);
    }
}

fn same_report(folder: &Path, prefix: &str, files: &[(&'static str, PathBuf)]) {
    std::fs::create_dir_all(folder).unwrap();
    let imported = Worker::new(folder, "imported", "", groundswell::config::Config::default());
    let cluster = Cluster { bootstrap: kafka::broker().bootstrap(), prefix: prefix.to_owned(), copies: 1 };
    let streamed = Worker::new(folder, "streamed", "ingest,analyse,index,serve", cluster.config());
    streamed.take_key_of(&imported);

    let topics: Vec<(&str, String)> =
        files.iter().map(|(pipeline, _)| (*pipeline, format!("{prefix}{pipeline}"))).collect();
    streamed.read_from(&topics);
    let log = KafkaLog::open(KafkaSettings::new(&cluster.bootstrap, &format!("{prefix}test"))).unwrap();
    make_topics(&log, &topics);
    streamed.run(&["topics", "--create"]);
    streamed.start();
    let mut sent = 0;
    for ((pipeline, file), (_, topic)) in files.iter().zip(&topics) {
        let said = imported.run(&["import", pipeline, &file.display().to_string(), "--yes"]);
        let records = stream(&log, &topic.parse().unwrap(), pipeline, file);
        println!("{said} {records} records streamed");
        sent += records;
    }
    settle(&streamed, sent);
    for arguments in
        [&["report", "--format", "json"][..], &["report"], &["check", "--counts", "--format", "json"]]
    {
        let one = without_themes(&imported.run(arguments));
        assert!(one.len() > 100, "{arguments:?} says little: {one}");
        // The running process judges its days a moment after it has counted them.
        let deadline = Instant::now() + PATIENCE;
        let mut other = without_themes(&streamed.run(arguments));
        while other != one && Instant::now() < deadline {
            other = without_themes(&streamed.run(arguments));
        }
        if let Some((line, (one, other))) =
            one.lines().zip(other.lines()).enumerate().find(|(_, (one, other))| one != other)
        {
            panic!("{arguments:?} differs in line {line}: import {one:.400} topics {other:.400}");
        }
        assert_eq!(one.len(), other.len(), "{arguments:?}");
    }
    streamed.stop();
}

/// Themes are what was recorded when they were looked for, and that depends on when each file had come; all else must agree.
fn without_themes(report: &str) -> String {
    if let Ok(mut value) = serde_json::from_str::<serde_json::Value>(report) {
        value.as_object_mut().map(|fields| fields.remove("themes"));
        return serde_json::to_string_pretty(&value).unwrap();
    }
    let Some((before, rest)) = report.split_once("\nWhat people speak of") else { return report.to_owned() };
    let after = rest.find("\nWhere expectations were not met").map_or("", |at| &rest[at..]);
    format!("{before}{after}")
}

/// Sends every row of a file as one record, with the headers that a row needs; gives their number.
fn stream(log: &KafkaLog, topic: &Topic, pipeline: &str, file: &Path) -> u64 {
    let text = std::fs::read_to_string(workspace_root().join(format!("pipelines/{pipeline}.toml"))).unwrap();
    let pipeline = Pipeline::parse(&text).unwrap();
    let rows = rows::open(BufReader::new(File::open(file).unwrap()), &pipeline).unwrap();
    let columns = serde_json::to_string(rows.columns()).unwrap();
    let named = !rows.columns().is_empty();
    let without_id = pipeline.table.as_ref().is_some_and(|table| table.record.is_empty());
    let (mut seen, mut appends, mut sent) = (HashMap::<Vec<u8>, u64>::new(), Vec::new(), 0);
    for row in rows {
        let row = row.unwrap();
        let mut headers = vec![given(header::ROW, row.number.to_string())];
        if named {
            headers.push(given(header::COLUMNS, columns.clone()));
        }
        if without_id {
            let before = seen.entry(row.bytes.clone()).or_default();
            headers.push(given(header::OCCURRENCE, before.to_string()));
            *before += 1;
        }
        appends.push(Append {
            topic: topic.clone(),
            partition: partition_for(&row.bytes, PARTITIONS),
            timestamp_ms: 1_780_000_000_000,
            key: None,
            headers,
            value: Some(row.bytes),
        });
        sent += 1;
        if appends.len() == CHUNK {
            log.append(std::mem::take(&mut appends)).unwrap();
        }
    }
    log.append(appends).unwrap();
    sent
}

fn given(name: &str, value: String) -> Header {
    Header { name: name.to_owned(), value: value.into_bytes() }
}

fn settle(worker: &Worker, sent: u64) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let last = worker.counts();
        let done = last.as_ref().is_some_and(|counts| {
            counts.pipelines.values().map(|row| row.raw).sum::<u64>() == sent
                && counts.holds
                && counts.live == counts.indexed
                && counts.pipelines.values().all(|row| row.parts == row.feedback + row.repeats)
        });
        if done {
            return;
        }
        assert!(Instant::now() < deadline, "not settled: {last:?}, {sent} sent\n{}", worker.said());
        std::thread::sleep(Duration::from_millis(200));
    }
}
