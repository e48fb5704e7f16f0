//! The truth of the demo: what was hidden in it, so that a test can compare the report with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What was hidden in the demo.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The made-up company.
    pub company: String,
    /// First day, as a date.
    pub start: String,
    /// Number of days.
    pub days: u32,
    /// How much there is of everything.
    pub counts: Counts,
    /// The gaps that the report is to show.
    pub planted: Vec<Planted>,
    /// Expectations that were exceeded.
    pub exceeded: Vec<Planted>,
    /// The promotion that doubles all volume without any issue.
    pub promotion: Promotion,
    /// One customer with very many complaints about one thing.
    pub loud_customer: Planted,
    /// Nearly the same review by many accounts within two hours.
    pub campaign: Campaign,
    /// The repair of the billing fault.
    pub fix: Fix,
}

/// How many raw records there are and what became of them at the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Raw records by pipeline.
    pub records_by_pipeline: BTreeMap<String, u64>,
    /// Raw records by kind, `customer` for customer records.
    pub records_by_kind: BTreeMap<String, u64>,
    /// Distinct feedback by kind, deleted ones included, broken records left out.
    pub feedback_by_kind: BTreeMap<String, u64>,
    /// Distinct people who gave feedback, as far as their records let one know.
    pub people: u64,
    /// Distinct customers with a customer record.
    pub customers: u64,
    /// Feedback without any text.
    pub score_only: u64,
    /// Feedback in another language than English, by language.
    pub foreign: BTreeMap<String, u64>,
    /// Later states of a ticket that was sent before.
    pub updates: u64,
    /// Comments that came after their score.
    pub second_parts: u64,
    /// Records sent twice, byte for byte.
    pub duplicates: u64,
    /// Feedback that its source deleted.
    pub deletions: u64,
    /// Records that cannot be read.
    pub broken: u64,
}

/// One planted gap (or exceeded expectation).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planted {
    /// Short name.
    pub name: String,
    /// Stage where the expectation broke.
    pub stage: String,
    /// Gap type.
    pub gap: String,
    /// `rising`, `standing`, `fixed` or `none`.
    pub pattern: String,
    /// First day of the pattern, counted from 1.
    pub from_day: u32,
    /// Last day of the pattern, counted from 1.
    pub until_day: u32,
    /// First day as a date.
    pub from: String,
    /// Last day as a date.
    pub until: String,
    /// Distinct people by kind.
    pub people_by_kind: BTreeMap<String, u64>,
    /// Distinct people over all kinds, within the pattern's days or not.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
    /// The source's record ids of that feedback, in order.
    pub records: Vec<String>,
    /// What happened at the company.
    pub note: String,
}

/// A promotion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Promotion {
    /// First day, counted from 1.
    pub from_day: u32,
    /// Last day, counted from 1.
    pub until_day: u32,
    /// First day as a date.
    pub from: String,
    /// Last day as a date.
    pub until: String,
    /// What all volume is multiplied by.
    pub factor: f64,
}

/// A copy-paste campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// The day, counted from 1.
    pub day: u32,
    /// The day as a date.
    pub date: String,
    /// Number of accounts.
    pub accounts: u64,
    /// Stage of the claim.
    pub stage: String,
    /// Gap type of the claim.
    pub gap: String,
    /// Number of posts.
    pub feedback: u64,
    /// The source's record ids of the posts, in order.
    pub records: Vec<String>,
}

/// A fix that worked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Name of the planted gap.
    pub name: String,
    /// The day of the fix, counted from 1.
    pub day: u32,
    /// The day as a date.
    pub date: String,
    /// What was done.
    pub note: String,
}

/// Keeps count of one planted gap while records are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    people: BTreeSet<String>,
    by_kind: BTreeMap<String, BTreeSet<String>>,
    records: Vec<String>,
}

impl Tally {
    /// Counts one feedback of a person.
    pub(super) fn add(&mut self, kind: &str, person: &str, record: &str) {
        self.people.insert(person.to_owned());
        self.by_kind.entry(kind.to_owned()).or_default().insert(person.to_owned());
        self.records.push(record.to_owned());
    }

    /// Number of distinct people.
    pub(super) fn people(&self) -> u64 {
        self.people.len() as u64
    }

    /// Number of feedback.
    pub(super) fn feedback(&self) -> u64 {
        self.records.len() as u64
    }

    /// Record ids, in order.
    pub(super) fn records(&self) -> Vec<String> {
        self.records.clone()
    }

    /// Distinct people by kind.
    pub(super) fn people_by_kind(&self) -> BTreeMap<String, u64> {
        self.by_kind.iter().map(|(kind, people)| (kind.clone(), people.len() as u64)).collect()
    }
}
