//! JSON Schemas of the records, generated from the types.

use schemars::JsonSchema;
use serde_json::Value;

use crate::{Action, Customer, Feedback, Ledger, Mapped, Part, Submission};

/// Gives every record's name with version, and its schema.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("submission.v1", of::<Submission>("submission.v1")),
        ("part.v1", of::<Part>("part.v1")),
        ("feedback.v1", of::<Feedback>("feedback.v1")),
        ("mapped.v1", of::<Mapped>("mapped.v1")),
        ("customer.v1", of::<Customer>("customer.v1")),
        ("action.v1", of::<Action>("action.v1")),
        ("ledger.v1", of::<Ledger>("ledger.v1")),
    ]
}

fn of<T: JsonSchema>(name: &str) -> Value {
    let mut schema = schemars::SchemaGenerator::default().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), Value::String(format!("groundswell:{name}")));
    schema.insert("title".to_owned(), Value::String(name.to_owned()));
    schema.to_value()
}
