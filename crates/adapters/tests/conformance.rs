//! What holds for every adapter and every fixture, without a line written for it: register, fixtures and snapshots
//! agree; damaged records are refused with a place; unknown keys change nothing; no personal value shows in an error.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use groundswell_adapters::{ADAPTERS, AdaptError, Adaptation, Adapted, Pipeline, SKIPS, adapt, rows};
use groundswell_model::{RawRecord, Timestamp};
use proptest::prelude::*;
use serde_json::Value;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// A raw record of a fixture.
struct Record {
    bytes: Vec<u8>,
    columns: Option<Vec<String>>,
    row: Option<u64>,
}

impl Record {
    fn adapt(&self, pipeline: &Pipeline, bytes: &[u8]) -> Vec<Adaptation> {
        let columns = self.columns.as_deref();
        adapt(
            pipeline,
            &RawRecord { bytes, key: None, received_at: Timestamp::default(), columns, row: self.row },
        )
    }
}

struct Fixture {
    adapter: &'static str,
    stem: String,
    pipeline: Pipeline,
    records: Vec<Record>,
}

fn pipeline(adapter: &str) -> Pipeline {
    let own = here().join("fixtures").join(adapter).join("pipeline.toml");
    let shared = here().join("../../pipelines").join(format!("{adapter}.toml"));
    let text = fs::read_to_string(own).or_else(|_| fs::read_to_string(shared)).unwrap();
    Pipeline::parse(&text).unwrap()
}

fn files(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "pipeline.toml" && !name.ends_with(".snap.new")).collect()
}

fn stem(name: &str) -> String {
    name.split('.').next().unwrap().to_owned()
}

fn fixtures() -> &'static [Fixture] {
    static FIXTURES: LazyLock<Vec<Fixture>> = LazyLock::new(load);
    &FIXTURES
}

fn load() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for adapter in ADAPTERS {
        let folder = here().join("fixtures").join(adapter.name);
        for name in files(&folder) {
            let bytes = fs::read(folder.join(&name)).unwrap();
            let pipeline = pipeline(adapter.name);
            let records = if pipeline.reads_rows() {
                let mut rows = rows::open(bytes.as_slice(), &pipeline).unwrap();
                let columns = rows.columns().to_vec();
                let record = |row: rows::Row| Record {
                    bytes: row.bytes,
                    columns: Some(columns.clone()),
                    row: Some(row.number),
                };
                rows.by_ref().map(|row| record(row.unwrap())).collect()
            } else {
                vec![Record { bytes, columns: None, row: None }]
            };
            fixtures.push(Fixture { adapter: adapter.name, stem: stem(&name), pipeline, records });
        }
    }
    fixtures
}

#[test]
fn register_fixtures_and_snapshots_agree() {
    let names: BTreeSet<String> = ADAPTERS.iter().map(|adapter| adapter.name.to_owned()).collect();
    assert_eq!(names.len(), ADAPTERS.len());
    assert_eq!(files(&here().join("fixtures")), names);
    assert_eq!(files(&here().join("snapshots")), names);
    for adapter in ADAPTERS {
        assert!(here().join("src").join(format!("{}.rs", adapter.name)).is_file(), "{}", adapter.name);
        let stems = |folder: &str| {
            files(&here().join(folder).join(adapter.name))
                .iter()
                .map(|name| stem(name))
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(stems("fixtures"), stems("snapshots"), "{}", adapter.name);
        assert!(!stems("fixtures").is_empty(), "{}", adapter.name);
    }
}

#[test]
fn fixtures_adapt_as_their_snapshots_say() {
    for fixture in fixtures() {
        let items: Vec<Adaptation> = fixture
            .records
            .iter()
            .flat_map(|record| record.adapt(&fixture.pipeline, &record.bytes))
            .collect();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(here().join("snapshots").join(fixture.adapter));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_debug_snapshot!(fixture.stem.as_str(), items));
    }
}

#[test]
fn the_same_bytes_give_the_same_items_and_known_skips() {
    for fixture in fixtures() {
        for record in &fixture.records {
            let items = record.adapt(&fixture.pipeline, &record.bytes);
            assert!(!items.is_empty());
            assert_eq!(items, record.adapt(&fixture.pipeline, &record.bytes));
            for item in &items {
                match item {
                    Ok(Adapted::Skip(reason)) => assert!(SKIPS.contains(reason)),
                    Err(error) => assert!(AdaptError::CODES.contains(&error.code())),
                    Ok(_) => {}
                }
            }
        }
    }
}

#[test]
fn every_truncated_prefix_is_one_error_or_a_short_row() {
    for fixture in fixtures() {
        for record in &fixture.records {
            for end in 0..record.bytes.len() {
                let bytes = &record.bytes[..end];
                let items = record.adapt(&fixture.pipeline, bytes);
                // A row may be cut inside its last cell; JSON may only lose the space behind it.
                let whole = String::from_utf8_lossy(&record.bytes).trim_end().len();
                if record.row.is_none() && end < whole {
                    assert_eq!(items.len(), 1, "{} {} at {end}", fixture.adapter, fixture.stem);
                    let error = items[0].as_ref().unwrap_err();
                    let cut = matches!(error, AdaptError::Truncated | AdaptError::Encoding { .. });
                    assert!(cut || error.pointer().is_some(), "{error} at {end}");
                }
            }
        }
    }
}

/// Calls with each copy of a value in which one key is missing or null.
fn damaged(value: &Value, each: &mut dyn FnMut(Value, &str)) {
    fn paths(value: &Value, at: String, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (key, inner) in object {
                    found.push(format!("{at}/{key}"));
                    paths(inner, format!("{at}/{key}"), found);
                }
            }
            Value::Array(list) => {
                for (index, inner) in list.iter().enumerate() {
                    paths(inner, format!("{at}/{index}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    paths(value, String::new(), &mut found);
    for path in found {
        for replacement in [
            None,
            Some(Value::Null),
            Some(Value::from(7)),
            Some(Value::from("x")),
            Some(Value::from(Vec::<Value>::new())),
        ] {
            let mut copy = value.clone();
            let (parent, key) = path.rsplit_once('/').unwrap();
            let object = copy.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            match replacement {
                None => {
                    object.remove(key);
                }
                Some(other) => {
                    object.insert(key.to_owned(), other);
                }
            }
            each(copy, &path);
        }
    }
}

#[test]
fn a_missing_or_wrong_key_is_refused_with_its_pointer_or_does_no_harm() {
    for fixture in fixtures().iter().filter(|fixture| !fixture.pipeline.reads_rows()) {
        let record = &fixture.records[0];
        let value: Value = serde_json::from_slice(&record.bytes).unwrap();
        damaged(&value, &mut |copy, path| {
            for item in record.adapt(&fixture.pipeline, copy.to_string().as_bytes()) {
                if let Err(error) = item {
                    let pointer =
                        error.pointer().unwrap_or_else(|| panic!("{}: {error} has no pointer", fixture.stem));
                    assert!(pointer.is_empty() || pointer.starts_with('/'), "{path}: {error}");
                }
            }
        });
    }
}

#[test]
fn unknown_keys_change_nothing() {
    for fixture in fixtures().iter().filter(|fixture| !fixture.pipeline.reads_rows()) {
        let record = &fixture.records[0];
        let mut value: Value = serde_json::from_slice(&record.bytes).unwrap();
        let before = record.adapt(&fixture.pipeline, &record.bytes);
        value
            .as_object_mut()
            .unwrap()
            .insert("zz_unknown".to_owned(), serde_json::json!({"a": [1, {"b": "c"}]}));
        let after = record.adapt(&fixture.pipeline, value.to_string().as_bytes());
        let known = |items: Vec<Adaptation>| -> Vec<Adaptation> {
            let forget = |item: Adaptation| {
                item.map(|adapted| match adapted {
                    Adapted::Feedback(mut draft) => {
                        draft.ignored.retain(|pointer| pointer != "/zz_unknown");
                        Adapted::Feedback(draft)
                    }
                    other => other,
                })
            };
            items.into_iter().map(forget).collect()
        };
        assert_eq!(known(before), known(after), "{}", fixture.stem);
    }
}

#[test]
fn no_value_of_a_record_shows_in_an_error() {
    for fixture in fixtures().iter().filter(|fixture| !fixture.pipeline.reads_rows()) {
        let record = &fixture.records[0];
        let value: Value = serde_json::from_slice(&record.bytes).unwrap();
        damaged(&value, &mut |copy, _| {
            let secret = copy.to_string().replace("\"x\"", "\"Mallory Quill, expected mallory@example.com\"");
            for error in
                record.adapt(&fixture.pipeline, secret.as_bytes()).into_iter().filter_map(Result::err)
            {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains("Mallory") && !shown.contains("mallory@"), "{shown}");
            }
        });
    }
}

#[test]
fn another_record_id_is_another_record() {
    let pipeline = pipeline("submission");
    let record = |id: &str| {
        let bytes = format!(r#"{{"record": "{id}", "statements": [{{"text": "Late."}}]}}"#);
        let raw = RawRecord {
            bytes: bytes.as_bytes(),
            key: None,
            received_at: Timestamp::default(),
            columns: None,
            row: None,
        };
        match adapt(&pipeline, &raw).remove(0).unwrap() {
            Adapted::Feedback(draft) => draft.source,
            other => panic!("{other:?}"),
        }
    };
    assert_ne!(record("a"), record("b"));
    assert_eq!(record("a"), record("a"));
}

#[test]
fn unreadable_bytes_and_limits_give_one_error() {
    for adapter in ADAPTERS.iter().filter(|adapter| adapter.name != "table") {
        let mut pipeline = pipeline(adapter.name);
        let code = |pipeline: &Pipeline, bytes: &[u8]| {
            let raw =
                RawRecord { bytes, key: None, received_at: Timestamp::default(), columns: None, row: None };
            let items = adapt(pipeline, &raw);
            assert_eq!(items.len(), 1);
            items[0].as_ref().unwrap_err().code()
        };
        assert_eq!(code(&pipeline, b"\xff\xfe{"), "adapt.encoding");
        assert_eq!(code(&pipeline, b"{\"a\" 1}"), "adapt.not_json");
        let deep = "[".repeat(200_000);
        assert_eq!(code(&pipeline, format!("{{\"zz\": {deep}").as_bytes()), "adapt.truncated");
        assert_eq!(code(&pipeline, b"17"), "adapt.wrong_type");
        pipeline.limits.record_bytes = groundswell_adapters::ByteSize::bytes(10);
        assert_eq!(code(&pipeline, b"{\"record\": \"much too long\"}"), "adapt.too_large");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for fixture in fixtures() {
            let pipeline = &fixture.pipeline;
            let columns: Vec<String> = ["Ticket", "Created", "Comment", "Rating"].map(str::to_owned).to_vec();
            let raw = RawRecord { bytes: &bytes, key: None, received_at: Timestamp::default(), columns: Some(&columns), row: Some(1) };
            prop_assert!(!adapt(pipeline, &raw).is_empty());
        }
    }

    #[test]
    fn any_damage_to_a_fixture_never_panics(at in 0_usize..4000, byte in any::<u8>()) {
        for fixture in fixtures() {
            for record in &fixture.records {
                let mut bytes = record.bytes.clone();
                if let Some(place) = bytes.get_mut(at) {
                    *place = byte;
                }
                prop_assert!(!record.adapt(&fixture.pipeline, &bytes).is_empty());
            }
        }
    }
}

#[test]
fn the_readme_lists_every_adapter() {
    let readme = fs::read_to_string(here().join("README.md")).unwrap();
    for adapter in ADAPTERS {
        let line = format!("| `{}` | {} |", adapter.name, adapter.about);
        assert!(readme.contains(&line), "{line}");
    }
}
