//! Views that cannot be used: moved aside, said aloud, rebuilt from the log, and then the same as before.

use std::path::Path;

use groundswell_server::Installation;
use groundswell_tests::House;
use serde_json::json;

use crate::records::{accepted, counts};

fn filled(name: &str) -> (House, Vec<String>) {
    let house = House::new(name);
    let record = |number: u32, revision: u32| {
        json!({ "record": format!("V-{number}"), "revision": revision, "occurred_at": "2026-05-01T08:00:00Z",
            "statements": [{ "text": format!("The parcel came {number} days late.") }], "respondent": { "customer": number % 3 + 1 } })
    };
    let with_text = |mut value: serde_json::Value| {
        let customer = value["respondent"]["customer"].to_string();
        value["respondent"]["customer"] = json!(customer);
        value
    };
    house.visit(|shared| {
        accepted(shared, &(1..=9).map(|number| with_text(record(number, 1))).collect::<Vec<_>>());
    });
    house.visit(|shared| {
        accepted(shared, &[with_text(record(2, 5)), with_text(record(3, 1))]);
        accepted(shared, &[json!({ "record": "V-4", "revision": 9, "deleted": true })]);
    });
    let dump = house.dump();
    assert_eq!(dump.len(), 9 + 8, "nine in the state, one of them deleted, eight in the index");
    (house, dump)
}

fn spoil(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            spoil(&path);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, bytes.iter().map(|byte| byte ^ 0x5a).collect::<Vec<_>>()).unwrap();
        }
    }
}

fn asides(house: &House) -> Vec<String> {
    let entries = std::fs::read_dir(house.data().root()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.contains("aside"));
    names.sort();
    names
}

fn rebuilt(house: &House, view: &str, before: &[String]) {
    house.visit(|shared| {
        let status = shared.status().unwrap();
        assert!(status.rebuilt.iter().any(|reason| reason.starts_with(view)), "{:?}", status.rebuilt);
    });
    house.visit(|shared| {
        assert!(shared.status().unwrap().rebuilt.is_empty());
        assert_eq!(counts(shared).live, 8);
    });
    assert_eq!(house.dump(), before);
    assert!(asides(house).iter().any(|name| name.starts_with(view)), "{:?}", asides(house));
}

#[test]
fn a_damaged_state_is_rebuilt() {
    let (house, before) = filled("damaged-state");
    spoil(&house.data().state());
    rebuilt(&house, "state", &before);
}

#[test]
fn a_damaged_index_is_rebuilt() {
    let (house, before) = filled("damaged-index");
    spoil(&house.data().index());
    rebuilt(&house, "index", &before);
}

#[test]
fn views_of_another_log_are_rebuilt() {
    let (house, before) = filled("own");
    let (other, _) = filled("foreign");
    for (ours, theirs) in
        [(house.data().state(), other.data().state()), (house.data().index(), other.data().index())]
    {
        std::fs::remove_dir_all(&ours).unwrap();
        std::fs::rename(theirs, ours).unwrap();
    }
    let status = house.visit(|shared| shared.status().unwrap());
    assert_eq!(status.rebuilt.len(), 2, "{:?}", status.rebuilt);
    assert_eq!(house.dump(), before);
    assert_eq!(asides(&house).len(), 2);
}

#[test]
fn views_that_are_gone_are_folded_anew() {
    let (house, before) = filled("gone");
    std::fs::remove_dir_all(house.data().state()).unwrap();
    std::fs::remove_dir_all(house.data().index()).unwrap();
    house.visit(|_| ());
    assert_eq!(house.dump(), before);
    house.visit(|shared| assert_eq!(counts(shared).live, 8));
}

#[test]
fn another_zone_recounts_the_days() {
    let (mut house, before) = filled("zone");
    house.config.installation.zone = "Pacific/Auckland".to_owned();
    let status = house.visit(|shared| shared.status().unwrap());
    assert!(status.rebuilt.iter().any(|reason| reason.contains("zone")), "{:?}", status.rebuilt);
    assert_eq!(house.dump().len(), before.len());
}
