//! Examples of a pipeline file: a made-up raw record and what must become of it.

use std::collections::BTreeMap;

use groundswell_model::{Draft, Kind, Metric, RawRecord, Timestamp};
use serde::{Deserialize, Serialize};

use crate::adapter::{Adaptation, Adapted, adapt};
use crate::pipeline::Pipeline;

/// One example.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Example {
    /// What it shows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The raw record; for a table one row.
    pub raw: String,
    /// The header of a table; by default the mapping's `columns`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// What must come out.
    pub expect: Expect,
}

/// What must come out of an example. Everything that is said must hold for some item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// How many items, 1 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// The whole text of a statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// The source's record id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// A score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<ExpectedAnswer>,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Fields of the context.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, String>,
    /// Segments, of feedback or of a customer.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, String>,
    /// True for a deletion.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// True for a customer record.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub customer: bool,
    /// Reason of a skip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<String>,
    /// Code of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A score that must come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedAnswer {
    /// What it measures.
    pub metric: Metric,
    /// The value.
    pub value: f64,
}

impl Example {
    /// Runs the example and gives what does not hold.
    pub(crate) fn faults(&self, pipeline: &Pipeline) -> Vec<String> {
        let declared = pipeline.table.as_ref().map(|table| table.columns.as_slice()).unwrap_or_default();
        let columns = if self.columns.is_empty() { declared } else { &self.columns };
        let raw = RawRecord {
            bytes: self.raw.as_bytes(),
            key: None,
            received_at: Timestamp::default(),
            columns: (!columns.is_empty()).then_some(columns),
            row: pipeline.reads_rows().then_some(1),
        };
        let items = adapt(pipeline, &raw);
        let mut faults = Vec::new();
        let expected = self.expect.items.unwrap_or(1);
        if items.len() != expected {
            faults.push(format!("expected {expected} item(s), got {}", items.len()));
        }
        if !items.iter().any(|item| self.expect.fits(item)) {
            let got: Vec<String> = items.iter().map(|item| self.expect.differences(item)).collect();
            faults.push(format!("no item is as expected: {}", got.join(" | ")));
        }
        faults
    }
}

impl Expect {
    fn fits(&self, item: &Adaptation) -> bool {
        self.differences(item).is_empty()
    }

    fn differences(&self, item: &Adaptation) -> String {
        let outcome = match item {
            Err(error) => {
                return differs(
                    self.error.as_deref() == Some(error.code()),
                    &format!("{}: {error}", error.code()),
                );
            }
            Ok(Adapted::Skip(reason)) => {
                return differs(self.skip.as_deref() == Some(reason), &format!("skipped as {reason}"));
            }
            Ok(Adapted::Customer(customer)) => {
                let fits = self.customer
                    && self.deleted == customer.deleted
                    && holds(&self.segments, &customer.segments);
                return differs(fits, "a customer record that differs");
            }
            Ok(Adapted::Feedback(draft)) => draft,
        };
        if self.customer || self.error.is_some() || self.skip.is_some() {
            return "feedback".to_owned();
        }
        self.draft_differences(outcome).join(", ")
    }

    fn draft_differences(&self, draft: &Draft) -> Vec<&'static str> {
        let said = |text: &String| draft.statements.iter().any(|statement| statement.text == *text);
        let answered = |expected: &ExpectedAnswer| {
            draft
                .answers
                .iter()
                .any(|answer| answer.metric == expected.metric && answer.value == expected.value)
        };
        let checks = [
            ("statement differs", self.statement.as_ref().is_none_or(said)),
            ("record differs", self.record.is_none() || self.record == draft.source.record),
            ("kind differs", self.kind.is_none_or(|kind| kind == draft.kind)),
            ("channel differs", self.channel.as_ref().is_none_or(|channel| *channel == draft.channel)),
            ("answer differs", self.answer.as_ref().is_none_or(answered)),
            ("occurred_at differs", self.occurred_at.is_none() || self.occurred_at == draft.occurred_at),
            ("context differs", holds(&self.context, &draft.context)),
            ("segments differ", holds(&self.segments, &draft.segments)),
            ("deleted differs", self.deleted == draft.deleted),
        ];
        checks.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what).collect()
    }
}

fn differs(fits: bool, what: &str) -> String {
    if fits { String::new() } else { what.to_owned() }
}

fn holds(expected: &BTreeMap<String, String>, got: &BTreeMap<String, String>) -> bool {
    expected.iter().all(|(name, value)| got.get(name) == Some(value))
}
