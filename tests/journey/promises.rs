//! Promises end to end: an expectation that names a registered promise is counted as broken, operations say whether it was
//! kept, and reported exposure takes the place of who was heard.

use std::sync::Arc;
use std::time::Instant;

use groundswell::engine::Shared;
use groundswell_model::{Day, DayCount, Decision, GapType, Promise};
use groundswell_server::{Deed, Fault, Installation, Recorded};
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::records::accepted;

fn said(record: u32, text: &str) -> Value {
    json!({ "record": format!("P-{record}"), "occurred_at": "2026-05-20T10:00:00Z", "kind": "complaint",
        "respondent": { "customer": format!("P-{record}") }, "context": { "order_status": "shipped" },
        "statements": [{ "text": text }] })
}

/// Sixty who were promised two days, and three who only waited.
fn records() -> Vec<Value> {
    let promised = (0..60)
        .map(|n| said(n, "You promised delivery within two days and the parcel came nine days later."));
    promised.chain((70..73).map(|n| said(n, "Still waiting for my parcel after three weeks."))).collect()
}

fn decide(shared: &Arc<Shared>, decision: Decision) -> Result<Recorded, Fault> {
    shared.decide(Deed { actor: "ada".to_owned(), reason: None, decision })
}

fn promise(id: &str, text: &str) -> Promise {
    Promise {
        id: id.parse().unwrap(),
        text: text.to_owned(),
        gap: GapType::Timeliness,
        stage: Some("fulfilment".parse().unwrap()),
        touchpoint: None,
        from: None,
        until: None,
    }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[test]
fn who_expected_a_registered_promise_found_it_broken() {
    let house = House::new("promised");
    house.visit(|shared| {
        accepted(shared, &records());
        assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
        assert_eq!(shared.promises().unwrap().promises, []);
        let two_days = promise("two-days", "delivered within two days");
        let made = decide(shared, Decision::PromiseRegistered { promise: two_days }).unwrap();
        assert!(made.seen && made.feedback == 63, "{made:?}");
        let list = shared.promises().unwrap();
        assert_eq!((list.promises[0].people, list.promises[0].kept), (60, None));
        assert!(list.promises[0].reading.contains("promised what it does not deliver"), "{list:#?}");
        let row = list.alignment.iter().find(|row| row.gap == "timeliness").unwrap();
        assert_eq!((row.unmet, row.promised, row.gap_number), (63, 60, 4));
        assert!(row.broken_promises.low > 50.0 && row.reading.contains("promises more"), "{row:?}");
        let measured = |kept| Decision::PromiseMeasured {
            promise: "two-days".parse().unwrap(),
            from: day("2026-05-01"),
            until: day("2026-05-31"),
            kept,
            of: 100,
        };
        decide(shared, measured(70)).unwrap();
        assert!(shared.promises().unwrap().promises[0].reading.contains("it was missed"));
        decide(shared, measured(99)).unwrap();
        assert!(shared.promises().unwrap().promises[0].reading.contains("how it is measured"));
        assert_eq!(decide(shared, measured(101)).unwrap_err().code(), "api.bad_action");
    });
    std::fs::remove_dir_all(house.data().state()).unwrap();
    house.visit(|shared| {
        assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
        assert_eq!(shared.promises().unwrap().promises[0].people, 60, "a rebuild says the same");
        let withdrawn = Decision::PromiseWithdrawn { promise: "two-days".parse().unwrap() };
        assert_eq!(decide(shared, withdrawn.clone()).unwrap().feedback, 63);
        assert_eq!(shared.promises().unwrap().promises, []);
        assert_eq!(decide(shared, withdrawn).unwrap_err().code(), "api.not_found");
        let mut wrong = promise("moon", "on the moon");
        wrong.stage = Some("moon".parse().unwrap());
        let fault = decide(shared, Decision::PromiseRegistered { promise: wrong }).unwrap_err();
        assert!(fault.to_string().contains("no moon"), "{fault}");
    });
}

#[test]
fn reported_exposure_is_listed_and_a_bad_report_is_refused() {
    let house = House::new("exposure");
    house.visit(|shared| {
        accepted(shared, &records());
        assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
        let reported = |stage: &str, days: Vec<DayCount>| Decision::ExposureReported {
            stage: stage.parse().unwrap(),
            what: "orders shipped".to_owned(),
            days,
        };
        let count = |text: &str, count| DayCount { day: day(text), count };
        decide(shared, reported("fulfilment", vec![count("2026-05-01", 10), count("2026-05-02", 20)]))
            .unwrap();
        decide(shared, reported("fulfilment", vec![count("2026-05-02", 40)])).unwrap();
        let rows = shared.promises().unwrap().exposure;
        assert_eq!((rows.len(), rows[0].days, rows[0].mean), (1, 2, 25.0));
        assert_eq!(
            decide(shared, reported("moon", vec![count("2026-05-02", 1)])).unwrap_err().code(),
            "api.bad_action"
        );
        assert_eq!(decide(shared, reported("fulfilment", Vec::new())).unwrap_err().code(), "api.bad_action");
    });
}
