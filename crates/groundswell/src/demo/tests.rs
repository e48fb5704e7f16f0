//! Tests of the demo: repeatable, countable, valid and various.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_model::Submission;
use serde_json::Value;

use super::*;

fn small() -> Demo {
    generate(&settings(7, 0.05))
}

fn settings(seed: u64, scale: f64) -> DemoSettings {
    DemoSettings { seed, start: "2026-03-02".parse().unwrap(), days: 90, scale }
}

/// The statements of a record, whichever source it comes from.
fn texts(record: &DemoRecord) -> Vec<String> {
    let Ok(json) = serde_json::from_slice::<Value>(&record.bytes) else { return Vec::new() };
    let at = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    match record.pipeline {
        "zendesk" => at("/description").into_iter().collect(),
        "typeform" => at("/form_response/answers/1/text").into_iter().collect(),
        "officevibe" => at("/message").into_iter().collect(),
        "slack" => at("/event/text").into_iter().collect(),
        _ => at("/statements/0/text").into_iter().collect(),
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let (one, two, other) = (small(), small(), generate(&settings(8, 0.05)));
    assert_eq!(one.records, two.records);
    assert_eq!(one.truth, two.truth);
    assert_ne!(one.records, other.records);
}

#[test]
fn records_come_in_order_and_counts_add_up() {
    let demo = small();
    assert!(demo.records.windows(2).all(|pair| pair[0].received_at <= pair[1].received_at));
    let counts = &demo.truth.counts;
    assert_eq!(counts.records_by_pipeline.values().sum::<u64>(), demo.records.len() as u64);
    assert_eq!(counts.records_by_kind.values().sum::<u64>(), demo.records.len() as u64);
    let mut by_pipeline = BTreeMap::new();
    for record in &demo.records {
        *by_pipeline.entry(record.pipeline.to_owned()).or_insert(0_u64) += 1;
    }
    assert_eq!(by_pipeline, counts.records_by_pipeline);
    let feedback: u64 = counts.feedback_by_kind.values().sum();
    let rows = counts.records_by_kind["customer"];
    let more = counts.updates + counts.duplicates + counts.deletions + counts.broken + counts.second_parts;
    assert_eq!(feedback + more + rows, demo.records.len() as u64);
}

#[test]
fn every_record_is_valid_apart_from_the_broken_ones() {
    let demo = small();
    let mut broken = BTreeSet::new();
    for record in &demo.records {
        if let Some(columns) = &record.columns {
            let row = std::str::from_utf8(&record.bytes).unwrap();
            assert_eq!(row.split(',').count(), columns.len(), "{row}");
            assert!(!row.contains(['"', '\n']));
        } else if serde_json::from_slice::<Value>(&record.bytes).is_err() {
            broken.insert(record.bytes.clone());
        } else if record.pipeline == "submission" {
            serde_json::from_slice::<Submission>(&record.bytes).unwrap();
        }
    }
    assert_eq!(broken.len() as u64, demo.truth.counts.broken);
}

#[test]
fn the_truth_travels_as_json() {
    let truth = small().truth;
    let json = serde_json::to_string(&truth).unwrap();
    assert_eq!(serde_json::from_str::<Truth>(&json).unwrap(), truth);
    let found: BTreeMap<_, _> = truth.planted.iter().map(|p| (p.stage.as_str(), p.gap.as_str())).collect();
    assert_eq!(found["support"], "responsiveness_followup");
    assert_eq!(
        truth.planted.iter().map(|p| p.pattern.as_str()).collect::<Vec<_>>(),
        ["rising", "rising", "fixed", "standing"]
    );
}

#[test]
fn scale_multiplies_and_days_bound() {
    let (small, twice) = (small(), generate(&settings(7, 0.1)));
    let ratio = twice.records.len() as f64 / small.records.len() as f64;
    assert!((1.7..2.3).contains(&ratio), "{ratio}");
    let short = generate(&DemoSettings { days: 20, ..settings(7, 0.05) });
    let said = |demo: &Demo| demo.truth.counts.feedback_by_kind.values().sum::<u64>();
    assert!(said(&short) * 3 < said(&small));
    assert_eq!(short.truth.campaign.feedback, 0);
}

#[test]
fn a_full_demo_has_the_size_the_people_and_the_shape_that_are_promised() {
    let Demo { truth, records, .. } = generate(&settings(1, 1.0));
    let customers = truth.counts.records_by_kind["customer"];
    let feedback = records.len() as u64 - customers;
    assert!((18_500..22_500).contains(&feedback), "{:?}", truth.counts);
    let quietest = truth.planted.iter().map(|planted| planted.people).min().unwrap();
    assert!(quietest > truth.campaign.accounts + 50, "{quietest} {}", truth.campaign.accounts);
    assert_eq!(truth.loud_customer.people, 1);
    assert!((150..=200).contains(&truth.loud_customer.feedback));
    assert!((120..=160).contains(&truth.campaign.accounts));
    for planted in &truth.planted {
        assert_eq!(planted.people_by_kind.len(), 4, "{} is seen by all kinds", planted.name);
    }
}

#[test]
fn the_wording_varies() {
    let demo = generate(&settings(1, 1.0));
    let copied: BTreeSet<&str> = demo.truth.campaign.records.iter().map(String::as_str).collect();
    let (mut seen, mut trigrams, mut frames) = (BTreeMap::new(), BTreeSet::new(), 0_u32);
    let mut known = BTreeSet::new();
    for record in demo.records.iter().filter(|record| known.insert(record.bytes.clone())) {
        let Ok(json) = serde_json::from_slice::<Value>(&record.bytes) else { continue };
        let again = json["updated_at"] != json["created_at"];
        if again || json["record"].as_str().is_some_and(|id| copied.contains(id)) {
            continue;
        }
        for text in texts(record) {
            let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
            trigrams.extend(words.windows(3).map(<[String]>::to_vec));
            *seen.entry(text).or_insert(0_u32) += 1;
            frames += 1;
        }
    }
    let repeated: u32 = seen.values().map(|count| count - 1).sum();
    println!("{frames} texts, {repeated} repeated, {} trigrams", trigrams.len());
    let mut often: Vec<_> = seen.iter().filter(|(_, count)| **count > 3).collect();
    often.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    println!("{:#?}", often.iter().take(40).collect::<Vec<_>>());
    assert!(f64::from(repeated) < 0.01 * f64::from(frames));
    assert!(trigrams.len() >= 12_000);
}
