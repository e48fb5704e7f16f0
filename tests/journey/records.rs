//! What tests send: submissions as JSON, and a few short cuts to push and read them.

use std::sync::Arc;

use groundswell::engine::Shared;
use groundswell_log::Record;
use groundswell_model::{Feedback, Mapped};
use groundswell_server::{CountsReport, Installation, PushRequest, PushResult, PushStatus};
use groundswell_steps::report::Report;
pub use groundswell_tests::stored::topic;
use serde_json::Value;

/// Pushes records of our own format.
pub fn push(shared: &Arc<Shared>, records: &[Value]) -> Vec<PushResult> {
    push_bytes(
        shared,
        "submission",
        records.iter().map(|record| record.to_string().into_bytes()).collect(),
        false,
    )
}

/// Pushes bytes to a pipeline.
pub fn push_bytes(
    shared: &Arc<Shared>,
    pipeline: &str,
    records: Vec<Vec<u8>>,
    dry_run: bool,
) -> Vec<PushResult> {
    shared.push(PushRequest { pipeline: pipeline.to_owned(), records, dry_run }).unwrap()
}

/// Pushes records that all must be accepted.
pub fn accepted(shared: &Arc<Shared>, records: &[Value]) -> Vec<String> {
    let results = push(shared, records);
    for result in &results {
        assert_eq!(result.status, PushStatus::Accepted, "{result:?}");
    }
    results.into_iter().filter_map(|result| result.id).collect()
}

/// Gives the counts, which must hold.
pub fn counts(shared: &Shared) -> CountsReport {
    let counts = shared.counts().unwrap();
    assert!(counts.holds, "{:?}", counts.faults);
    assert_eq!(counts.live, counts.indexed);
    counts
}

/// Gives the report over everything.
pub fn report(shared: &Shared) -> Report {
    shared.report(None, None, None).unwrap()
}

/// Gives the last state of every feedback, as it was published.
pub fn published(shared: &Shared) -> Vec<Mapped> {
    let mut last = std::collections::BTreeMap::new();
    for record in topic(shared, &shared.topics.mapped) {
        let mapped: Mapped = serde_json::from_slice(record.value.as_deref().unwrap()).unwrap();
        last.insert(mapped.feedback.id, mapped);
    }
    last.into_values().collect()
}

/// Gives one feedback by its record id.
pub fn by_record(shared: &Shared, record: &str) -> Feedback {
    let found = published(shared)
        .into_iter()
        .find(|mapped| mapped.feedback.content.source.record.as_deref() == Some(record));
    found.unwrap_or_else(|| panic!("{record} was not published")).feedback
}

/// Reads a header of a record as text.
pub fn header(record: &Record, name: &str) -> Option<String> {
    let found = record.headers.iter().find(|header| header.name == name)?;
    Some(String::from_utf8(found.value.clone()).unwrap())
}
