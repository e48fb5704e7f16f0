//! The engine itself: the same raw records in another order, repeated and cut into other batches, give the same dump.

use std::sync::Arc;

use groundswell::engine::Shared;
use groundswell_log::{Append, Header, partition_for};
use groundswell_model::Timestamp;
use groundswell_steps::envelope;
use groundswell_tests::House;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::fold::{Sent, sent};
use crate::records::counts;
use crate::steps::NOON;

fn append(shared: &Arc<Shared>, record: &(Sent, u8)) -> Append {
    let (sent, at) = record;
    let (pipeline, bytes, columns) = sent.raw();
    let received_at = Timestamp::from_millis(NOON + i64::from(*at) * 1_000).to_string();
    let mut pairs = vec![(envelope::PIPELINE, pipeline.to_owned()), (envelope::RECEIVED_AT, received_at)];
    pairs.extend(columns.map(|names| (envelope::COLUMNS, serde_json::json!(names).to_string())));
    if let Sent::Row { occurrence, generation, .. } = sent {
        pairs.extend([
            (envelope::OCCURRENCE, occurrence.to_string()),
            (envelope::GENERATION, generation.to_string()),
        ]);
    }
    let header = |(name, value): (&str, String)| Header { name: name.to_owned(), value: value.into_bytes() };
    Append {
        topic: shared.topics.raw.clone(),
        partition: partition_for(&bytes, shared.config.log.partitions),
        timestamp_ms: shared.clock.now().millis(),
        key: None,
        headers: pairs.into_iter().map(header).collect(),
        value: Some(bytes),
    }
}

/// Runs records through an installation in chunks, with a restart in the middle, and gives its dump.
fn run(records: &[(Sent, u8)], batch: usize) -> Vec<String> {
    let mut house = House::new("order");
    house.config.log.partitions = 2;
    house.config.ingest.batch_records = batch;
    house.config.analyse.batch_records = batch + 1;
    let folder = house.data().pipelines();
    std::fs::create_dir_all(&folder).unwrap();
    let rows = "name = \"rows\"\ndescription = \"Rows of a test.\"\nadapter = \"table\"\nkind = \"survey\"\nchannel = \"web\"\n[source]\nsystem = \"rows\"\n\
                [table]\nformat = \"csv\"\n[[table.statement]]\ncolumn = \"why\"\n";
    std::fs::write(folder.join("rows.toml"), rows).unwrap();
    std::fs::write(house.data().root().join("respondent.key"), [7; 32]).unwrap();
    let (first, second) = records.split_at(records.len() / 2);
    for half in [first, second] {
        house.visit(|shared| {
            for chunk in half.chunks(batch) {
                shared.log.append(chunk.iter().map(|record| append(shared, record)).collect()).unwrap();
            }
        });
    }
    house.visit(|shared| {
        let seen: u64 = counts(shared).pipelines.values().map(|row| row.raw).sum();
        assert_eq!(seen, records.len() as u64);
    });
    house.dump()
}

#[test]
fn the_dump_does_not_depend_on_order_repeats_or_batches() {
    let mut runner = TestRunner::new(Config {
        cases: 6,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    });
    let strategy =
        (prop::collection::vec((sent(), 0..3u8), 6..30), prop::collection::vec(any::<u32>(), 45), 1..6usize);
    let result = runner.run(&strategy, |(records, order, batch)| {
        let expected = run(&records, 8);
        let twice = records.iter().chain(&records).cloned();
        let mut other: Vec<_> =
            order.into_iter().zip(twice).take(records.len() + records.len() / 2).collect();
        other.sort_by_key(|(place, _)| *place);
        let other: Vec<_> = other.into_iter().map(|(_, record)| record).collect();
        prop_assert_eq!(run(&other, batch), expected);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
