//! Metrics of a real installation: lag and its age, the time from raw to searchable, dead letters by code, stops over
//! restarts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use groundswell::engine::Shared;
use groundswell_log::{Append, Header};
use groundswell_tests::{House, PATIENCE};
use http::StatusCode;

use crate::{get, post, record};

fn page(shared: &Arc<Shared>) -> String {
    let reply = get(shared, "/metrics");
    assert_eq!(reply.status, StatusCode::OK);
    reply.text()
}

/// Holds a page against lines that must stand in it.
fn expect(page: &str, lines: &[&str]) {
    for line in lines {
        assert!(page.lines().any(|found| found == *line), "{line} is missing from\n{page}");
    }
}

#[test]
fn a_push_shows_as_lag_and_then_in_the_time_to_searchable() {
    let house = House::new("http-searchable");
    let engine = house.open();
    let shared = Arc::clone(engine.shared());
    let pushed = post(&shared, "/api/v1/feedback", "application/json", record("A-1").to_string());
    assert_eq!(pushed.status, StatusCode::OK);
    house.clock.advance(3_000);
    expect(
        &page(&shared),
        &[
            "groundswell_lag_records{loop=\"ingest\"} 1",
            "groundswell_lag_age_seconds{loop=\"ingest\"} 3",
            "groundswell_lag_age_seconds{loop=\"index\"} 0",
            "groundswell_partition_lag_records{loop=\"ingest\",topic=\"groundswell.raw\",partition=\"0\"} 1",
            "groundswell_searchable_seconds_count 0",
            "groundswell_ready 0",
        ],
    );
    let running = engine.start().unwrap();
    assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
    expect(
        &page(&shared),
        &[
            "groundswell_searchable_seconds_bucket{le=\"2\"} 0",
            "groundswell_searchable_seconds_bucket{le=\"5\"} 1",
            "groundswell_searchable_seconds_bucket{le=\"+Inf\"} 1",
            "groundswell_searchable_seconds_sum 3",
            "groundswell_lag_records{loop=\"ingest\"} 0",
            "groundswell_lag_age_seconds{loop=\"ingest\"} 0",
            "groundswell_items_total{pipeline=\"submission\",outcome=\"part\"} 1",
            "groundswell_analyser_leads 1",
            "groundswell_ready 1",
        ],
    );
    running.stop().unwrap();
}

#[test]
fn what_is_published_or_indexed_again_is_not_measured_again() {
    let house = House::new("http-measured-once");
    house.visit(|shared| {
        post(shared, "/api/v1/feedback", "application/json", record("A-1").to_string());
    });
    house.clock.advance(7_200_000);
    for lost in [vec![], vec![house.data().index()], vec![house.data().state(), house.data().index()]] {
        lost.iter().for_each(|view| std::fs::remove_dir_all(view).unwrap());
        let running = house.start();
        let shared = Arc::clone(running.shared());
        assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
        expect(&page(&shared), &["groundswell_searchable_seconds_count 0"]);
        running.stop().unwrap();
    }
}

/// A raw record that names a pipeline that is not there.
fn stray(shared: &Shared, pipeline: &str) -> Append {
    let value = pipeline.as_bytes().to_vec();
    Append {
        topic: shared.topics.raw.clone(),
        partition: 0,
        timestamp_ms: 1_780_315_200_000,
        key: None,
        headers: vec![Header { name: "groundswell-pipeline".to_owned(), value }],
        value: Some(b"It came late, and I am Jane.".to_vec()),
    }
}

#[test]
fn dead_letters_are_counted_by_code_and_never_by_what_a_record_says() {
    let house = House::new("http-dead-letters");
    let running = house.start();
    let shared = Arc::clone(running.shared());
    shared.log.append(vec![stray(&shared, "jane"), stray(&shared, "ja\"ne\n")]).unwrap();
    assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
    let page = page(&shared);
    expect(
        &page,
        &[
            "groundswell_dead_letters_total{code=\"ingest.unknown_pipeline\"} 2",
            "groundswell_dead_letters_total{code=\"adapt.bad_date\"} 0",
            "groundswell_items_total{pipeline=\"unknown\",outcome=\"dead_letter\"} 2",
        ],
    );
    assert!(!page.to_lowercase().contains("jane") && !page.contains("late"), "{page}");
    running.stop().unwrap();
}

#[test]
fn stops_of_loops_are_counted_over_restarts() {
    let mut house = House::new("http-stops");
    house.config.ingest.dead_letter_run = 2;
    let running = house.start();
    let shared = Arc::clone(running.shared());
    shared.log.append(vec![stray(&shared, "a"), stray(&shared, "b")]).unwrap();
    let begun = Instant::now();
    while !page(&shared).contains("groundswell_loop_running{loop=\"ingest\"} 0") {
        assert!(begun.elapsed() < PATIENCE, "the loop goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
    expect(&page(&shared), &["groundswell_loop_stops_total 1", "groundswell_ready 0"]);
    running.stop().unwrap_err();
    drop(shared);
    house.config.ingest.dead_letter_run = 1_000;
    house.visit(|shared| expect(&page(shared), &["groundswell_loop_stops_total 1"]));
}
