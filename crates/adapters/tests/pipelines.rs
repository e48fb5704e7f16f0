//! The pipeline files of the project: each parses, its examples come out as they say, and on the real files, where they
//! are present, every row becomes feedback, a skip or a refusal with its reason.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use groundswell_adapters::{Adapted, Pipeline, adapt, rows};
use groundswell_model::{RawRecord, Timestamp};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn pipelines() -> BTreeMap<String, Pipeline> {
    let mut pipelines = BTreeMap::new();
    for file in fs::read_dir(root().join("pipelines")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let pipeline = Pipeline::parse(&fs::read_to_string(&path).unwrap())
                .unwrap_or_else(|faults| panic!("{stem}: {faults}"));
            pipelines.insert(stem, pipeline);
        }
    }
    pipelines
}

#[test]
fn every_pipeline_is_named_as_its_file_and_its_examples_hold() {
    let pipelines = pipelines();
    assert!(pipelines.len() >= 10);
    for (stem, pipeline) in &pipelines {
        assert_eq!(*stem, pipeline.name);
        assert!(pipeline.examples.len() >= 3, "{stem}: at least three examples");
        assert!(
            pipeline.examples.iter().any(|example| example.expect.error.is_some()),
            "{stem}: an example of a refusal"
        );
        assert_eq!(pipeline.run_examples(), Vec::<String>::new(), "{stem}");
    }
}

#[test]
fn a_pipeline_survives_writing_and_reading() {
    for (stem, pipeline) in pipelines() {
        let text = pipeline.to_toml();
        let again = Pipeline::parse(&text).unwrap_or_else(|faults| panic!("{stem}: {faults}\n{text}"));
        assert_eq!(pipeline, again, "{stem}");
    }
}

#[test]
fn a_help_desk_says_when_it_first_answered_and_when_it_closed() {
    let zendesk = &pipelines()["zendesk"];
    let handling = |minutes: &str| {
        let bytes = format!(
            r#"{{"id": 5, "description": "Charged twice.", "status": "solved", "created_at": "2026-03-05T09:00:00Z",
                "metric_set": {{"reply_time_in_minutes": {{"calendar": {minutes}, "business": 30}},
                "solved_at": "2026-03-06T10:30:00Z"}}}}"#
        );
        let raw = RawRecord {
            bytes: bytes.as_bytes(),
            key: None,
            received_at: Timestamp::default(),
            columns: None,
            row: None,
        };
        match adapt(zendesk, &raw).remove(0).unwrap() {
            Adapted::Feedback(draft) => draft.handling,
            other => panic!("{other:?}"),
        }
    };
    let answered = handling("95");
    assert_eq!(answered.first_response_at, Some("2026-03-05T10:35:00Z".parse().unwrap()));
    assert_eq!(answered.closed_at, Some("2026-03-06T10:30:00Z".parse().unwrap()));
    for none in ["null", "-4"] {
        assert_eq!(handling(none).first_response_at, None, "{none}");
    }
    assert!(
        handling("9223372036854775807").first_response_at.is_some(),
        "a number beyond all time is no fault"
    );
}

#[derive(Debug, Default, PartialEq)]
struct Tally {
    feedback: u64,
    skipped: BTreeMap<String, u64>,
    refused: BTreeMap<String, u64>,
}

/// Adapts a real file; nothing where it is absent.
fn tally(name: &str, file: &str) -> Option<Tally> {
    let pipeline = pipelines().remove(name).unwrap();
    let reader = fs::File::open(root().join("../shared/data").join(file)).ok()?;
    let mut rows = rows::open(reader, &pipeline).unwrap();
    let columns = rows.columns().to_vec();
    let mut tally = Tally::default();
    for row in &mut rows {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                *tally.refused.entry(error.code().to_owned()).or_default() += 1;
                continue;
            }
        };
        let raw = RawRecord {
            bytes: &row.bytes,
            key: None,
            received_at: Timestamp::default(),
            columns: Some(&columns),
            row: Some(row.number),
        };
        for item in adapt(&pipeline, &raw) {
            match item {
                Ok(Adapted::Skip(reason)) => *tally.skipped.entry(reason.to_owned()).or_default() += 1,
                Ok(_) => tally.feedback += 1,
                Err(error) => *tally.refused.entry(error.code().to_owned()).or_default() += 1,
            }
        }
    }
    Some(tally)
}

fn check(name: &str, file: &str, feedback: u64, empty: u64) {
    if let Some(tally) = tally(name, file) {
        let skipped = (empty > 0).then(|| ("empty".to_owned(), empty)).into_iter().collect();
        assert_eq!(tally, Tally { feedback, skipped, ..Tally::default() }, "{file}");
    }
}

#[test]
fn every_row_of_the_real_files_is_feedback_or_empty() {
    check("cfpb", "gaps/cfpb_narratives_early.csv", 766, 0);
    check("nhs_fft", "survey/nhs_fft_NHFT.csv", 2310, 12);
    check("thunderbird_forum", "over_time/sumo_thunderbird_2023_en.csv", 10_762, 0);
    check("thunderbird_forum", "multilingual/sumo_thunderbird_other_locales.csv", 7668, 0);
    check("viber_reviews", "over_time/app_viber/total_info.txt", 17_126, 0);
}
