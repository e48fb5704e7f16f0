//! The schemas equal the types, and examples of every record fit schema and type alike.

use std::collections::BTreeSet;

use groundswell_model::topics::TOPICS;
use groundswell_model::{Action, Customer, Feedback, Ledger, Mapped, Part, Submission, schema};
use groundswell_tests::{stale, workspace_root};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::workspace::{TextFile, expect_none, files, sources};

const EXAMPLES: &str = "tests/contract/examples/";

fn examples() -> Vec<&'static TextFile> {
    files().iter().filter(|file| file.path.starts_with(EXAMPLES)).collect()
}

/// The record of an example: `part.v1.deleted.json` shows a `part.v1`.
fn record_of(file: &TextFile) -> String {
    let name = file.path.trim_start_matches(EXAMPLES);
    name.split('.').take(2).collect::<Vec<_>>().join(".")
}

#[test]
fn generated_documents_are_up_to_date() {
    expect_none("run `cargo xtask gen`", &stale(&workspace_root()));
}

#[test]
fn every_record_has_an_example_that_its_schema_accepts() {
    let mut faults = Vec::new();
    let mut shown = BTreeSet::new();
    let schemas = schema::all();
    for file in examples() {
        let record = record_of(file);
        let Some((_, schema)) = schemas.iter().find(|(name, _)| *name == record) else {
            faults.push(format!("{}: no record is called {record}", file.path));
            continue;
        };
        let validator = jsonschema::validator_for(schema).unwrap_or_else(|error| panic!("{record}: {error}"));
        let value: Value =
            serde_json::from_str(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
        let errors = validator.iter_errors(&value);
        faults.extend(errors.map(|error| format!("{} {}: {error}", file.path, error.instance_path())));
        shown.insert(record);
    }
    let missing = schemas.iter().filter(|(name, _)| !shown.contains(*name));
    faults.extend(missing.map(|(name, _)| format!("{name}: no example in {EXAMPLES}")));
    expect_none("examples", &faults);
}

#[test]
fn a_schema_refuses_what_its_type_refuses() {
    for (name, schema) in schema::all() {
        let validator = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        for wrong in [serde_json::json!({}), serde_json::json!([]), serde_json::json!("text")] {
            assert!(!validator.is_valid(&wrong), "{name} accepts {wrong}");
        }
    }
}

/// Reads an example as its type and writes it again; the text goes through the JSON writer, so that numbers are what
/// they are in a record.
fn round_trip<T: Serialize + DeserializeOwned>(text: &str) -> Result<String, String> {
    let record: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    serde_json::to_string(&record).map_err(|error| error.to_string())
}

/// A part is written by its own code: the time of receipt stands last and is no part of its rank.
fn round_trip_of_part(text: &str) -> Result<String, String> {
    let part: Part = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let encoded = part.encode().map_err(|error| error.to_string())?;
    let (again, rank) = Part::decode(&encoded.bytes).map_err(|error| error.to_string())?;
    if again != part || rank != encoded.rank {
        return Err("decoding gives another part".to_owned());
    }
    String::from_utf8(encoded.bytes).map_err(|error| error.to_string())
}

#[test]
fn examples_are_read_and_written_back_unchanged() {
    let mut faults = Vec::new();
    for file in examples() {
        let written = match record_of(file).as_str() {
            "submission.v1" => round_trip::<Submission>(&file.text),
            "part.v1" => round_trip_of_part(&file.text),
            "feedback.v1" => round_trip::<Feedback>(&file.text),
            "mapped.v1" => round_trip::<Mapped>(&file.text),
            "customer.v1" => round_trip::<Customer>(&file.text),
            "action.v1" => round_trip::<Action>(&file.text),
            "ledger.v1" => round_trip::<Ledger>(&file.text),
            other => Err(format!("{other} is not read here")),
        };
        let before: Value = serde_json::from_str(&file.text).unwrap_or_default();
        match written.and_then(|text| serde_json::from_str::<Value>(&text).map_err(|error| error.to_string()))
        {
            Ok(after) if after == before => {}
            Ok(after) => faults.push(format!("{}: becomes {after}", file.path)),
            Err(error) => faults.push(format!("{}: {error}", file.path)),
        }
    }
    expect_none("round trips", &faults);
}

/// The AsyncAPI document names headers; the crates that write records must write them under these names.
#[test]
fn headers_are_written_under_the_names_of_the_table() {
    let table = "crates/model/src/topics.rs";
    let names: Vec<&str> = TOPICS.iter().flat_map(|topic| topic.headers).map(|header| header.name).collect();
    let prefix = "\"groundswell-";
    let mut faults = Vec::new();
    for source in
        sources().iter().filter(|s| s.path.starts_with("crates/") && s.path != table && !s.is_test_file())
    {
        for (line, literal) in source.strings.iter().filter(|(_, literal)| literal.starts_with(prefix)) {
            if names.contains(&literal.trim_matches('"')) && !source.in_tests(*line) {
                faults.push(format!(
                    "{}:{line} spells {literal}: use groundswell_model::topics::header",
                    source.path
                ));
            }
        }
    }
    expect_none("headers", &faults);
}
