//! A pipeline: the TOML file that says where a source's records come from and how they become feedback.

use std::collections::BTreeSet;
use std::fmt;

use groundswell_model::{Kind, Metric, Zone};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::adapter::{ADAPTERS, Adapter};
use crate::examples::Example;
use crate::faults::{self, Fault, PipelineFaults};
use crate::mapping::{Column, FileFormat, TableMapping};

mod validate;

/// Bytes of a raw record by default.
const RECORD_BYTES: u64 = 1 << 20;
/// Characters of a text by default.
const TEXT_CHARS: u32 = 20_000;

/// A source's pipeline. Unknown keys are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pipeline {
    /// Its name: lower case, digits and underscores; also the file's stem.
    pub name: String,
    /// Version of the mapping: a higher one supersedes what an earlier one made of the same records.
    pub version: u64,
    /// What it is for.
    pub description: String,
    /// Name of the adapter.
    pub adapter: String,
    /// What its records are.
    pub record: RecordType,
    /// Where the records come from.
    pub source: SourceName,
    /// Kafka topics that it reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// What a record without a value means.
    #[serde(skip_serializing_if = "NullValue::is_default")]
    pub null_value: NullValue,
    /// What sort of voice its records are.
    pub kind: Kind,
    /// How its records arrive, where they do not say it.
    pub channel: String,
    /// Language of its texts where they do not declare one, BCP 47; without it the language is found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// IANA zone of dates without an offset.
    pub zone: String,
    /// Further fields to keep: names, JSON pointers or columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// Bounds.
    pub limits: Limits,
    /// Scales of questions whose answers do not say them, for survey tools.
    #[serde(rename = "score", skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Score>,
    /// The mapping of a table's columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableMapping>,
    /// Records and what must become of them; a test and `groundswell check` run them.
    #[serde(rename = "example", skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            name: String::new(),
            version: 1,
            description: String::new(),
            adapter: String::new(),
            record: RecordType::Feedback,
            source: SourceName::default(),
            topics: Vec::new(),
            null_value: NullValue::default(),
            kind: Kind::Complaint,
            channel: "api".to_owned(),
            language: None,
            zone: "UTC".to_owned(),
            attributes: Vec::new(),
            limits: Limits::default(),
            scores: Vec::new(),
            table: None,
            examples: Vec::new(),
        }
    }
}

/// What the records of a pipeline are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordType {
    /// What people say.
    #[default]
    Feedback,
    /// What the company knows of its customers.
    Customer,
}

/// What a record without a value means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NullValue {
    /// Nothing that could be used: a dead letter.
    #[default]
    Refuse,
    /// The topic is compacted by the source's record id as its key: the record of that id is deleted.
    Delete,
}

impl NullValue {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Names a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceName {
    /// The system, such as `zendesk`.
    pub system: String,
    /// Which installation of it; empty where there is one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub instance: String,
}

/// Bounds of a pipeline's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Longest raw record; longer ones are refused.
    pub record_bytes: ByteSize,
    /// Longest text in characters; longer ones are cut and marked.
    pub text_chars: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { record_bytes: ByteSize(RECORD_BYTES), text_chars: TEXT_CHARS }
    }
}

/// A number of bytes, written with its unit: `512KiB`, `1MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ByteSize(u64);

impl ByteSize {
    /// Makes a size of a number of bytes.
    pub fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Gives the number of bytes.
    pub fn get(self) -> u64 {
        self.0
    }
}

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl TryFrom<String> for ByteSize {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        UNITS
            .iter()
            .find_map(|(unit, factor)| {
                text.trim().strip_suffix(unit)?.trim().parse::<u64>().ok()?.checked_mul(*factor)
            })
            .filter(|bytes| *bytes > 0)
            .map(Self)
            .ok_or_else(|| "expected a size such as \"512KiB\" or \"1MiB\"".to_owned())
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) =
            UNITS.iter().find(|(_, factor)| self.0.is_multiple_of(*factor)).unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl From<ByteSize> for String {
    fn from(size: ByteSize) -> Self {
        size.to_string()
    }
}

/// What a survey question measures, where the tool's answers do not say it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// The question's reference or id in the tool.
    pub field: String,
    /// What it measures.
    pub metric: Metric,
    /// Lowest value.
    pub min: f64,
    /// Highest value.
    pub max: f64,
    /// Whether the highest value is the best.
    pub high_is_good: bool,
}

impl Pipeline {
    /// Reads a pipeline file.
    ///
    /// # Errors
    /// [`PipelineFaults`] with every fault and its key path.
    pub fn parse(text: &str) -> Result<Self, PipelineFaults> {
        let (pipeline, mut faults) = faults::read::<Self>(text);
        if let Some(pipeline) = &pipeline {
            let at_fault: BTreeSet<String> = faults.iter().map(|fault| fault.key.clone()).collect();
            faults.extend(pipeline.validate().into_iter().filter(|fault| !at_fault.contains(&fault.key)));
        }
        match pipeline {
            Some(pipeline) if faults.is_empty() => Ok(pipeline),
            _ => Err(PipelineFaults { faults }),
        }
    }

    /// Writes the pipeline as a TOML file, without comments.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Finds what is wrong with the pipeline beyond its shape: names that resolve to nothing, scales that make no sense.
    pub fn validate(&self) -> Vec<Fault> {
        validate::faults(self)
    }

    /// Gives the mapped columns that a header lacks, each as `key path: "column"`.
    pub fn missing_columns(&self, columns: &[String]) -> Vec<String> {
        let Some(table) = &self.table else { return Vec::new() };
        let mut missing: Vec<String> = table
            .mapped()
            .into_iter()
            .filter(|(_, column)| column.place(columns).is_none())
            .map(|(key, column)| format!("{key}: {:?}", column.name()))
            .collect();
        for (at, name) in self.attributes.iter().enumerate() {
            if !columns.contains(name) {
                missing.push(format!("attributes[{at}]: {name:?}"));
            }
        }
        missing
    }

    /// Gives the columns of a header that nothing maps, in order.
    pub fn unmapped_columns(&self, columns: &[String]) -> Vec<String> {
        let mapped: BTreeSet<&str> = match &self.table {
            Some(table) => table.mapped().into_iter().map(|(_, column)| Column::name(column)).collect(),
            None => BTreeSet::new(),
        };
        let unmapped = |name: &&String| !mapped.contains(name.as_str()) && !self.attributes.contains(name);
        columns.iter().filter(unmapped).cloned().collect()
    }

    /// Runs the examples and gives what does not come out as expected, one line each.
    pub fn run_examples(&self) -> Vec<String> {
        let faults = |(at, example): (usize, &Example)| {
            example.faults(self).into_iter().map(move |fault| format!("example[{at}]: {fault}"))
        };
        self.examples.iter().enumerate().flat_map(faults).collect()
    }

    /// Gives the zone of dates without an offset; UTC where the name is unknown.
    pub(crate) fn time_zone(&self) -> TimeZone {
        if self.zone.eq_ignore_ascii_case("utc") {
            return TimeZone::UTC;
        }
        Zone::named(&self.zone).map_or(TimeZone::UTC, |zone| zone.to_jiff().clone())
    }

    /// Says whether its adapter reads rows of a file.
    pub fn reads_rows(&self) -> bool {
        self.adapter == "table"
    }

    /// Gives the format of its files: a table's own, else JSON Lines.
    pub fn file_format(&self) -> FileFormat {
        self.table.as_ref().map_or(FileFormat::Jsonl, |table| table.format)
    }

    /// Names the known adapters, for messages.
    fn adapters() -> String {
        ADAPTERS.iter().map(|adapter| adapter.name).collect::<Vec<_>>().join(", ")
    }

    /// Says whether the adapter is known.
    fn adapter_is_known(&self) -> bool {
        Adapter::named(&self.adapter).is_some()
    }
}
