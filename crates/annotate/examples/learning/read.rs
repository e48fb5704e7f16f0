//! Reads the data sets beside the repository, where they are there, and the cases and mappings inside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A sentence that we wrote ourselves, with what is to be found in it.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    pub id: String,
    pub text: String,
    #[serde(default)]
    pub kind: String,
    pub outcome: String,
    pub gap: Option<String>,
    #[serde(default)]
    pub origin: String,
    pub stage: String,
    #[serde(default)]
    pub domain: String,
    pub expected: Option<String>,
    pub happened: Option<String>,
}

/// Gives the root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads a file of the data beside the repository; nothing where it is absent.
pub fn shared(name: &str) -> Option<String> {
    let bytes = std::fs::read(root().join("../shared/data").join(name)).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a file of the project.
pub fn own(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Reads cases, one a line.
pub fn cases(name: &str) -> Vec<Case> {
    let text = own(&format!("crates/annotate/tests/cases/{name}"));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}")))
        .collect()
}

/// The seventy sentences of the regression test, as cases.
pub fn seventy() -> Vec<Case> {
    let text = own("crates/annotate/tests/cases/expectations.jsonl");
    let lines = text.lines().enumerate().map(|(index, line)| {
        let value: BTreeMap<String, Option<String>> =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("expectations.jsonl: {error}"));
        let field = |name: &str| value.get(name).cloned().flatten();
        let kind = match field("k").as_deref() {
            Some("X") => "explicit",
            Some("I") => "implied",
            _ => "none",
        };
        Case {
            id: format!("seventy-{:02}", index + 1),
            text: field("t").unwrap_or_default(),
            kind: kind.to_owned(),
            outcome: String::new(),
            gap: field("g").filter(|gap| gap != "none"),
            origin: String::new(),
            stage: field("s").unwrap_or_default(),
            domain: String::new(),
            expected: field("e"),
            happened: field("r"),
        }
    });
    lines.collect()
}

/// Reads a table as rows of named cells.
pub fn table(text: &str, separator: u8) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .quoting(separator == b',')
        .flexible(true)
        .from_reader(text.as_bytes());
    let heads: Vec<String> =
        reader.headers().map(|heads| heads.iter().map(str::to_owned).collect()).unwrap_or_default();
    let rows = reader.records().filter_map(Result::ok).map(|row| {
        heads.iter().zip(row.iter()).map(|(head, cell)| (head.clone(), cell.to_owned())).collect()
    });
    rows.collect()
}

/// Reads a mapping made by hand: the first column to the row.
pub fn mapping(name: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let text = own(&format!("tests/golden/{name}"));
    let first = text.lines().next().and_then(|line| line.split(',').next()).unwrap_or("").to_owned();
    table(&text, b',').into_iter().map(|row| (row[&first].clone(), row)).collect()
}
