//! What an installation holds: parts as this program or an older one makes them, put into its log with their account, and
//! the records of its topics.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use groundswell::engine::Shared;
use groundswell_adapters::Pipeline;
use groundswell_log::{Append, Header, Place, ReadLimit, Record, Topic, partition_for};
use groundswell_model::{
    Annotation, Counts, Ledger, Part, ProcessingVersion, RawRecord, RespondentHasher, Sentiment,
    SentimentLabel, Timestamp, Unmet, UnmetKind,
};
use groundswell_steps::{Ingester, Provenance, Ready, envelope};
use serde_json::Value;

use crate::workspace_root;

/// The step of ingest itself, made once.
pub static INGESTER: LazyLock<Ingester> =
    LazyLock::new(|| Ingester::new(RespondentHasher::new([7; 32])).expect("the shipped cues are right"));

/// Every shipped pipeline.
pub static PIPELINES: LazyLock<BTreeMap<String, Pipeline>> = LazyLock::new(|| {
    let folder = workspace_root().join("pipelines");
    let entries = std::fs::read_dir(folder).expect("the shipped pipelines are there");
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("a shipped pipeline can be read");
        Pipeline::parse(&text).expect("a shipped pipeline is right")
    };
    files.map(read).map(|pipeline| (pipeline.name.clone(), pipeline)).collect()
});

/// Noon of 1 June 2026.
pub const NOON: i64 = 1_780_315_200_000;

/// Gives the part of a submission as this program makes it.
///
/// # Panics
/// When it is none.
pub fn part(value: &Value, generation: u64) -> Part {
    let bytes = value.to_string().into_bytes();
    let received_at = Timestamp::from_millis(NOON);
    let raw = RawRecord { bytes: &bytes, key: None, received_at, columns: None, row: None };
    let provenance = Provenance { occurrence: 0, generation: Some(generation) };
    let item = INGESTER.items(&PIPELINES["submission"], &raw, provenance).remove(0);
    let Ok(Ready::Part { part, .. }) = item else { panic!("{item:?}") };
    *part
}

/// Gives the same part as an older program would have stored it, which understood nothing.
pub fn older(part: &Part) -> Part {
    let mut part = part.clone();
    part.processing = ProcessingVersion { code: 1, ..part.processing };
    for statement in &mut part.content.statements {
        statement.annotation = Some(Annotation {
            sentiment: Sentiment { label: SentimentLabel::Neutral, score: 0.0 },
            unmet: Unmet { probability: 0.4, kind: UnmetKind::None },
            expectations: Vec::new(),
            embedding: None,
            near_duplicate: None,
        });
    }
    part
}

/// Stores parts with their account, as the ingest worker of another program did.
///
/// # Panics
/// When the log does not take them.
pub fn store(shared: &Shared, parts: &[Part]) {
    let mut counts = Counts::default();
    let mut appends = Vec::new();
    let append = |topic: &Topic, key: String, schema: &str, value: Vec<u8>, partition| Append {
        topic: topic.clone(),
        partition,
        timestamp_ms: shared.clock.now().millis(),
        key: Some(key.into_bytes()),
        headers: vec![Header { name: envelope::SCHEMA.to_owned(), value: schema.as_bytes().to_vec() }],
        value: Some(value),
    };
    for part in parts {
        let encoded = part.encode().expect("a part can be written");
        let partition = partition_for(part.id.to_string().as_bytes(), shared.config.log.partitions);
        appends.push(append(&shared.topics.feedback, encoded.key, "part.v1", encoded.bytes, partition));
        counts.items += 1;
        *if part.deleted { &mut counts.tombstones } else { &mut counts.parts } += 1;
    }
    let from = topic(shared, &shared.topics.ledger).len() as u64;
    let ledger = Ledger {
        topic: "older".to_owned(),
        from,
        to: from + 1,
        pipelines: [("submission".to_owned(), counts)].into(),
        ..Ledger::default()
    };
    let value = serde_json::to_vec(&ledger).expect("an account can be written");
    appends.push(append(&shared.topics.ledger, format!("older-{from}"), "ledger.v1", value, 0));
    shared.log.append(appends).expect("the log takes the parts");
}

/// Gives every record of a topic.
///
/// # Panics
/// When the log cannot be read.
pub fn topic(shared: &Shared, topic: &Topic) -> Vec<Record> {
    let mut records = Vec::new();
    let extents = shared.log.extents(topic).expect("the log can be read");
    for (partition, extent) in (0..).zip(extents) {
        let mut at = Place::new(topic, partition, extent.start);
        while at.offset < extent.end {
            let batch = shared.log.read(&at, ReadLimit::default()).expect("the log can be read");
            at = batch.next_place();
            records.extend(batch.records);
        }
    }
    records
}
