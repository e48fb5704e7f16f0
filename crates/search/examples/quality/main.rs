//! Measures how well hits are ranked: sixty judged queries over two public sets of feedback, ours against plain BM25.
//!
//! `cargo run --release -p groundswell-search --example quality -- ../shared/data` prints nDCG@10 with intervals;
//! with `pool` behind it, the hits of all rankings that are not judged yet, for judging by eye.
#![expect(clippy::print_stdout, reason = "what the example is for")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "an example that cannot run may stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use groundswell_model::{
    Day, Feedback, FeedbackId, Mapped, Mapping, RespondentHasher, Speaker, Statement, Timestamp, Version,
};
use groundswell_search::{Checkpoint, Index, IndexSettings, Query};

mod judged;
mod plain;

use judged::{Judged, ndcg};
use plain::{Plain, Words};

/// Hits that count, and hits of each ranking that are judged.
const DEPTH: usize = 10;
/// A text and where it comes from: `n` and a row number of the survey, `c` and one of the complaints, from 1.
type Record = (String, String);

/// Reads comma-separated values as RFC 4180 has them.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(sign),
        }
    }
    if !row.is_empty() || !cell.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

/// Reads one column of a file.
fn column(path: &Path, letter: char, name: &str) -> Vec<Record> {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let rows = rows(text.trim_start_matches('\u{feff}'));
    let at = rows[0].iter().position(|heading| heading == name).unwrap();
    let texts = rows.iter().enumerate().skip(1).filter_map(|(number, row)| {
        let text = row.get(at).map(|text| text.trim()).filter(|text| !text.is_empty())?;
        Some((format!("{letter}{number}"), text.to_owned()))
    });
    texts.collect()
}

fn mapped(number: usize, (record, text): &Record, hasher: &RespondentHasher) -> Mapped {
    let content = serde_json::json!({
        "source": {"system": "judged", "record": record}, "kind": "survey", "channel": "web",
        "occurred_at": Timestamp::from_millis(1_750_000_000_000 - i64::try_from(number).unwrap() * 60_000),
        "respondent": {"key": hasher.respondent("record", record)},
    });
    let mut feedback = Feedback {
        id: FeedbackId::of_record("judged", "", record),
        parts: vec!["main".to_owned()],
        deleted: false,
        content: serde_json::from_value(content).unwrap(),
        received_at: Timestamp::from_millis(0),
    };
    feedback.content.statements.push(Statement {
        question: None,
        speaker: Speaker::Customer,
        text: text.clone(),
        language: Some("en".to_owned()),
        annotation: None,
    });
    let mapping: Mapping =
        serde_json::from_value(serde_json::json!({"stage": "unknown", "probability": 0.0})).unwrap();
    Mapped { feedback, mapping: Some(mapping), version: Version { epoch: 1, sequence: 1 } }
}

fn ours(records: &[Record], dir: &Path) -> Index {
    let (index, _) = Index::open(dir, "quality", &IndexSettings::default()).unwrap();
    let mut writer = index.writer().unwrap();
    let hasher = RespondentHasher::new([7; 32]);
    for (number, record) in records.iter().enumerate() {
        writer.upsert(&mapped(number, record, &hasher), Day::from_number(20_000)).unwrap();
    }
    writer.commit(&Checkpoint::start("quality")).unwrap();
    index
}

fn found(index: &Index, text: &str) -> Vec<String> {
    let query = Query { text: text.to_owned(), limit: DEPTH, ..Query::default() };
    index.search(&query).unwrap().hits.into_iter().map(|hit| hit.record.unwrap()).collect()
}

/// Prints what was found and has no grade.
fn pool(judged: &[Judged], ranked: &[BTreeMap<&str, Vec<String>>], texts: &BTreeMap<&str, &str>) {
    for (one, lists) in judged.iter().zip(ranked) {
        let all: BTreeSet<&String> = lists.values().flatten().collect();
        let open: Vec<&&String> = all.iter().filter(|record| !one.grades.contains_key(**record)).collect();
        if !open.is_empty() {
            println!("### {}", one.query);
        }
        for record in open {
            println!("{record}\t{}", texts[record.as_str()].replace('\n', " "));
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "../shared/data".to_owned());
    let mode = arguments.next();
    let folder = Path::new(&folder);
    let mut records = column(&folder.join("survey/nhs_fft_NHFT.csv"), 'n', "FFT answer");
    records.extend(column(
        &folder.join("gaps/cfpb_narratives_early.csv"),
        'c',
        "Consumer complaint narrative",
    ));
    let judged = judged::read();
    let dir = tempfile::tempdir().unwrap();
    let index = ours(&records, dir.path());
    let rankings =
        [("plain", Plain::new(&records, Words::Written)), ("stems", Plain::new(&records, Words::Stems))];
    let ranked: Vec<BTreeMap<&str, Vec<String>>> = judged
        .iter()
        .map(|one| {
            let mut lists: BTreeMap<&str, Vec<String>> =
                rankings.iter().map(|(name, plain)| (*name, plain.best(&one.query, DEPTH))).collect();
            lists.insert("ours", found(&index, &one.query));
            lists
        })
        .collect();
    if mode.as_deref() == Some("pool") {
        let texts = records.iter().map(|(record, text)| (record.as_str(), text.as_str())).collect();
        return pool(&judged, &ranked, &texts);
    }
    println!(
        "{} records, {} queries, {} grades",
        records.len(),
        judged.len(),
        judged.iter().map(|one| one.grades.len()).sum::<usize>()
    );
    for (name, held) in [("all", None), ("tuned on", Some(false)), ("held out", Some(true))] {
        let chosen: Vec<usize> =
            (0..judged.len()).filter(|at| held.is_none_or(|held| judged::is_held_out(*at) == held)).collect();
        println!("{name}: {} queries", chosen.len());
        let values = |ranking: &str| -> Vec<f64> {
            chosen.iter().map(|&at| ndcg(&ranked[at][ranking], &judged[at].grades, DEPTH)).collect()
        };
        for ranking in ["plain", "stems", "ours"] {
            println!("  {ranking}: nDCG@10 {}", judged::interval(&values(ranking)));
        }
        for other in ["plain", "stems"] {
            let gains: Vec<f64> =
                values("ours").iter().zip(values(other)).map(|(ours, other)| ours - other).collect();
            println!("  ours less {other}: {}", judged::interval(&gains));
        }
    }
    if mode.as_deref() == Some("each") {
        for (at, one) in judged.iter().enumerate().filter(|(at, _)| !judged::is_held_out(*at)) {
            let of = |name: &str| ndcg(&ranked[at][name], &one.grades, DEPTH);
            let unjudged =
                ranked[at]["ours"].iter().filter(|record| !one.grades.contains_key(*record)).count();
            println!(
                "{:.2} {:.2} {:.2} {unjudged} unjudged, {} found: {}",
                of("plain"),
                of("stems"),
                of("ours"),
                ranked[at]["ours"].len(),
                one.query
            );
        }
    }
}
