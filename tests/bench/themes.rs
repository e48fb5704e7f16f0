//! Edits of large themes: how soon a merge and a split are seen, from the request until search says so.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use groundswell::config::Config;
use groundswell::engine::Shared;
use groundswell_annotate::{DIMENSIONS, embedder};
use groundswell_insight::themes::{Rows, cluster};
use groundswell_log::{Append, Header, partition_for};
use groundswell_model::{
    Centroid, Decision, FoundTheme, ThemeEdit, ThemeId, ThemeOccasion, ThemePart, ThemeRun,
};
use groundswell_search::{Filter, Query};
use groundswell_server::{Deed, Installation};
use groundswell_steps::envelope;
use groundswell_tests::House;
use serde_json::json;

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// Records of one transaction.
const CHUNK: usize = 2_000;

/// What people say of two things.
const SAID: [[&str; 4]; 2] = [
    [
        "My parcel came nine days late although two were promised",
        "The courier left the parcel in the rain and it came late",
        "The parcel is late again and the courier never rings",
        "Where is my parcel, the courier is a week late",
    ],
    [
        "The app crashes whenever I open my account on the phone",
        "Since the update the app crashes every single time",
        "The app is slow and crashes when I pay with my phone",
        "I cannot sign in, the app crashes at the start",
    ],
];

const TAILS: [&str; 5] =
    ["", " Please help.", " It is the third time this year.", " I am annoyed.", " What happens next?"];

/// Measures with so many feedback in each of two themes.
pub fn measure(each: u64) {
    let mut house = House::new("bench-themes");
    house.config = Config::parse("").expect("the defaults");
    house.visit(|shared| {
        shared.look_for_nothing();
        for subject in 0..SAID.len() {
            append(shared, subject, each);
        }
        assert!(shared.await_reported(Instant::now() + PATIENCE).expect("a log"), "it did not come through");
        let begun = Instant::now();
        found(shared);
        assert!(shared.await_reported(Instant::now() + PATIENCE).expect("a log"));
        let sizes = [1, 2].map(|id| counted(shared, ThemeId(id)));
        println!(
            "themes: {} and {} feedback have a theme after {:.1} s",
            sizes[0],
            sizes[1],
            begun.elapsed().as_secs_f64()
        );
        let begun = Instant::now();
        edit(shared, ThemeEdit::Merge { into: ThemeId(1), themes: vec![ThemeId(2)] });
        let merged = counted(shared, ThemeId(1));
        assert_eq!(merged, sizes[0] + sizes[1], "the merge is seen at once");
        println!("  merged: search counts {merged} after {:.0} ms", 1e3 * begun.elapsed().as_secs_f64());
        let edits = shared.theme_edits().expect("edits");
        let undo = Decision::ThemeEditUndone { edit: edits.first().expect("one").number };
        decide(shared, undo);
        let begun = Instant::now();
        edit(
            shared,
            ThemeEdit::Split {
                theme: ThemeId(1),
                keeps: None,
                parts: vec![ThemePart::default()],
                query: None,
            },
        );
        assert!(shared.await_reported(Instant::now() + PATIENCE).expect("a log"));
        let (left, off) = (counted(shared, ThemeId(1)), sizes[0] - counted(shared, ThemeId(1)));
        assert!(off > 0, "nothing came off");
        println!(
            "  split: {off} came off and {left} stayed, searchable after {:.1} s",
            begun.elapsed().as_secs_f64()
        );
    });
}

fn append(shared: &Shared, subject: usize, each: u64) {
    let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.as_bytes().to_vec() };
    let record = |number: u64| {
        let text = SAID[subject][(number % 4) as usize];
        let tail = TAILS[(number / 4 % 5) as usize];
        let value = json!({ "record": format!("B-{subject}-{number}"), "kind": "complaint",
            "occurred_at": format!("2026-05-{:02}T10:00:00Z", 1 + number % 28),
            "respondent": { "customer": format!("C-{subject}-{number}") },
            "statements": [{ "text": format!("{text}, order {number}.{tail}"), "language": "en" }] });
        let value = value.to_string().into_bytes();
        Append {
            topic: shared.topics.raw.clone(),
            partition: partition_for(&value, shared.config.log.partitions),
            timestamp_ms: shared.clock.now().millis(),
            key: None,
            headers: vec![
                header(envelope::PIPELINE, "submission"),
                header(envelope::RECEIVED_AT, &shared.clock.now().to_string()),
            ],
            value: Some(value),
        }
    };
    let all: Vec<u64> = (0..each).collect();
    for chunk in all.chunks(CHUNK) {
        shared.log.append(chunk.iter().map(|number| record(*number)).collect()).expect("appended");
    }
}

/// Records two themes, each in the middle of what is said of one thing.
fn found(shared: &Shared) {
    let embedder = embedder().expect("the shipped embedding");
    let middle = |ways: &[&str; 4]| {
        let vectors = ways.iter().flat_map(|way| embedder.embed(way).to_int8()).collect();
        let rows: Rows<i8> = Rows::new(DIMENSIONS, vectors).expect("whole rows");
        let one = groundswell_insight::themes::Clustering {
            count: groundswell_insight::themes::Count::Known(1),
            ..groundswell_insight::themes::Clustering::default()
        };
        let found = cluster(&rows, &[], &one, &mut |_, _| ControlFlow::Continue(())).expect("one cluster");
        let row = found.centroids.row(0);
        let most = row.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        Centroid(row.iter().map(|value| (value / most * 127.0).round() as i8).collect())
    };
    let theme = |ways: &[&str; 4]| FoundTheme {
        id: None,
        centroid: Some(middle(ways)),
        words: vec![ways[0].split(' ').nth(1).unwrap_or("theme").to_owned()],
        language: Some("en".to_owned()),
        proposed: None,
        topic: 0,
        example: None,
        people: 0,
        feedback: 0,
    };
    let run = ThemeRun {
        occasion: ThemeOccasion::Asked,
        after: None,
        until: "2026-05-28".parse().expect("a day"),
        feedback: 0,
        themes: SAID.iter().map(theme).collect(),
        topics: Vec::new(),
        changes: Vec::new(),
        joined: Vec::new(),
    };
    shared.record("bench", None, Decision::ThemesFound { run: Box::new(run) }).expect("recorded");
}

fn edit(shared: &Shared, edit: ThemeEdit) {
    decide(shared, Decision::ThemesEdited { edit, seen: None });
}

fn decide(shared: &Shared, decision: Decision) {
    shared.decide(Deed { actor: "bench".to_owned(), reason: None, decision }).expect("it holds");
}

fn counted(shared: &Shared, theme: ThemeId) -> u64 {
    let filters = vec![Filter { field: "theme".to_owned(), values: vec![theme.to_string()] }];
    let answer = shared.search(Query { filters, limit: 10, ..Query::default() }).expect("an answer");
    answer["feedback"].as_u64().expect("a number")
}
