//! Another journey map: it is folded in a shadow while the old one is shown, swapped at once, and history is judged anew.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use groundswell::engine::Shared;
use groundswell_model::Decision;
use groundswell_model::journey::DEFAULT;
use groundswell_server::Installation;
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::records::{accepted, topic};

/// What was ordered and has not come belongs to the purchase in the second map.
fn other_map() -> String {
    let map = DEFAULT.replacen("version = 2", "version = 3", 1);
    let shipped = "\"delayed\", \"lost\"]\nweights = { fulfilment = 3.0 }";
    assert!(map != DEFAULT && map.contains(shipped), "the default map has another rule for what was shipped");
    map.replace(shipped, "\"delayed\", \"lost\"]\nweights = { purchase = 9.0 }")
}

fn records() -> Vec<Value> {
    let late = |record: u32| {
        json!({ "record": format!("M-{record}"), "occurred_at": "2026-05-20T10:00:00Z", "kind": "complaint",
            "respondent": { "customer": format!("M-{record}") }, "context": { "order_status": "shipped" },
            "statements": [{ "text": "It came four days late." }] })
    };
    (0..30).map(late).collect()
}

fn people(shared: &Shared, stage: &str) -> u64 {
    let report = shared.report(None, None, None).unwrap();
    report.matrix.iter().filter(|cell| cell.stage == stage).map(|cell| cell.people).sum()
}

fn judgements(shared: &Shared) -> usize {
    let decode = |record: groundswell_log::Record| -> groundswell_model::Action {
        serde_json::from_slice(&record.value.unwrap()).unwrap()
    };
    let actions = topic(shared, &shared.topics.actions).into_iter().map(decode);
    actions.filter(|action| matches!(action.decision, Decision::Judged { .. })).count()
}

fn done(shared: &Arc<Shared>) {
    assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
    assert!(shared.await_judged(Instant::now() + PATIENCE).unwrap());
}

/// A house with the records, its second map, and that map's file.
fn house(name: &str) -> (House, PathBuf) {
    let house = House::new(name);
    house.visit(|shared| {
        accepted(shared, &records());
        done(shared);
        assert_eq!((people(shared, "fulfilment"), people(shared, "purchase")), (30, 0));
        assert_eq!(judgements(shared), 1);
    });
    let map = house.data().root().with_file_name("second.toml");
    std::fs::write(&map, other_map()).unwrap();
    (house, map)
}

#[test]
fn the_old_map_is_shown_until_the_new_one_is_folded() {
    let (mut house, map) = house("shadow");
    house.config.journey.map = map.to_string_lossy().into_owned();
    for start in ["first", "second, after a stop before anything was folded"] {
        let engine = house.open();
        let shared = engine.shared();
        assert!(shared.is_shadowing(), "{start}");
        let report = shared.report(None, None, None).unwrap();
        let cell = report.matrix.iter().find(|cell| cell.stage == "fulfilment").unwrap();
        assert_eq!(
            (cell.people, cell.quotes.len()),
            (30, 3),
            "the old map is shown with its quotes: {start}"
        );
    }
    let dump = {
        house.visit(|shared| {
            done(shared);
            assert!(!shared.is_shadowing());
            assert_eq!((people(shared, "fulfilment"), people(shared, "purchase")), (0, 30));
            assert_eq!(judgements(shared), 2, "history is judged anew, once");
        });
        house.dump()
    };
    let left = |name: &str| house.data().root().join(name).exists();
    assert!(!left("journeys/shown.toml"));
    house.visit(|shared| assert!(!shared.is_shadowing() && judgements(shared) == 2));
    assert!(!left("state.shown"), "nothing of the old state is left");
    std::fs::remove_dir_all(house.data().state()).unwrap();
    house.visit(done);
    assert_eq!(house.dump(), dump, "a rebuild says the same as the shadow");
}

#[test]
fn who_goes_back_to_the_old_map_has_it_at_once() {
    let (mut house, map) = house("shadow-back");
    let shipped = house.config.journey.map.clone();
    house.config.journey.map = map.to_string_lossy().into_owned();
    assert!(house.open().shared().is_shadowing());
    house.config.journey.map = shipped;
    let engine = house.open();
    assert!(!engine.shared().is_shadowing());
    assert_eq!(people(engine.shared(), "fulfilment"), 30, "its state was kept");
    assert!(engine.shared().rebuilt.is_empty(), "{:?}", engine.shared().rebuilt);
}

#[test]
fn an_old_state_of_another_map_is_not_shown_and_not_waited_for() {
    let (mut house, map) = house("shadow-damaged");
    house.config.journey.map = map.to_string_lossy().into_owned();
    assert!(house.open().shared().is_shadowing());
    // A map that the old state was not folded with.
    let shown = house.data().root().join("journeys/shown.toml");
    std::fs::write(&shown, DEFAULT.replacen("version = 2", "version = 9", 1)).unwrap();
    house.visit(|shared| {
        assert!(!shared.is_shadowing());
        done(shared);
        assert_eq!((people(shared, "fulfilment"), people(shared, "purchase")), (0, 30));
    });
    assert!(!shown.exists());
    house.visit(|shared| assert!(!shared.is_shadowing()));
}
