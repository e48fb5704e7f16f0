//! Collects the raw records that the sources send, and counts them for the truth.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_model::Timestamp;

use super::issues::ISSUES;
use super::plan::Family;
use super::random::Random;
use super::truth::{Counts, Tally};

/// A raw record of the demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoRecord {
    /// The pipeline that it is for.
    pub pipeline: &'static str,
    /// When it comes in.
    pub received_at: Timestamp,
    /// The bytes as the source sends them.
    pub bytes: Vec<u8>,
    /// Column names, where the record is a row of a table.
    pub columns: Option<Vec<String>>,
}

/// One feedback as its source knows it, before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Said<'a> {
    /// Kind, as written in JSON.
    pub(super) kind: &'static str,
    /// What sort of topic.
    pub(super) family: Family,
    /// Who said it, as far as the record lets one know.
    pub(super) person: String,
    /// The source's record id.
    pub(super) record: &'a str,
    /// Language of the text.
    pub(super) language: &'static str,
    /// Whether there is a text.
    pub(super) worded: bool,
}

/// What is sent.
#[derive(Debug)]
pub(super) struct Post {
    records: Vec<DemoRecord>,
    people: BTreeSet<String>,
    /// Counts of everything.
    pub(super) counts: Counts,
    /// One tally for each issue.
    pub(super) issues: Vec<Tally>,
    /// The loud customer.
    pub(super) loud: Tally,
    /// The campaign.
    pub(super) campaign: Tally,
}

impl Post {
    /// Makes an empty one.
    pub(super) fn new() -> Self {
        Self {
            records: Vec::new(),
            people: BTreeSet::new(),
            counts: Counts::default(),
            issues: vec![Tally::default(); ISSUES.len()],
            loud: Tally::default(),
            campaign: Tally::default(),
        }
    }

    /// Counts one feedback; its records are sent apart.
    pub(super) fn count(&mut self, said: &Said<'_>) {
        add(&mut self.counts.feedback_by_kind, said.kind);
        self.people.insert(said.person.clone());
        if !said.worded {
            self.counts.score_only += 1;
        } else if said.language != "en" {
            add(&mut self.counts.foreign, said.language);
        }
        let tally = match said.family {
            Family::Planted(place) => self.issues.get_mut(place),
            Family::Loud => Some(&mut self.loud),
            Family::Campaign => Some(&mut self.campaign),
            Family::Background | Family::Praise | Family::Question | Family::Silent => None,
        };
        if let Some(tally) = tally {
            tally.add(said.kind, &said.person, said.record);
        }
    }

    /// Sends a JSON record.
    pub(super) fn send(
        &mut self,
        pipeline: &'static str,
        kind: &str,
        at: Timestamp,
        json: &serde_json::Value,
    ) {
        self.send_bytes(pipeline, kind, at, json.to_string().into_bytes());
    }

    /// Sends bytes as they are.
    pub(super) fn send_bytes(&mut self, pipeline: &'static str, kind: &str, at: Timestamp, bytes: Vec<u8>) {
        self.tell(pipeline, kind);
        self.records.push(DemoRecord { pipeline, received_at: at, bytes, columns: None });
    }

    /// Sends a row of a table.
    pub(super) fn send_row(
        &mut self,
        pipeline: &'static str,
        kind: &str,
        at: Timestamp,
        row: (&[&str], String),
    ) {
        self.tell(pipeline, kind);
        let columns = Some(row.0.iter().map(|name| (*name).to_owned()).collect());
        self.records.push(DemoRecord { pipeline, received_at: at, bytes: row.1.into_bytes(), columns });
    }

    fn tell(&mut self, pipeline: &str, kind: &str) {
        add(&mut self.counts.records_by_pipeline, pipeline);
        add(&mut self.counts.records_by_kind, kind);
    }

    /// Sends some records a second time, as sources do that heard no answer in time.
    pub(super) fn repeat(&mut self, share: f64, random: &mut Random) {
        let mut again = Vec::new();
        for record in self.records.iter().filter(|record| record.columns.is_none()) {
            if random.chance(share) {
                let late =
                    Timestamp::from_millis(record.received_at.millis() + random.between(5_000, 7_200_000));
                again.push(DemoRecord { received_at: late, ..record.clone() });
            }
        }
        for record in again {
            self.counts.duplicates += 1;
            self.tell(record.pipeline, kind_of(record.pipeline, &record.bytes));
            self.records.push(record);
        }
    }

    /// Gives all records in the order in which they come in, and the counts.
    pub(super) fn close(mut self) -> (Vec<DemoRecord>, Self) {
        let mut records = std::mem::take(&mut self.records);
        records.sort_by_key(|record| record.received_at);
        self.counts.people = self.people.len() as u64;
        (records, self)
    }
}

/// Tells the kind of a record that is sent again.
fn kind_of(pipeline: &str, bytes: &[u8]) -> &'static str {
    match pipeline {
        "zendesk" => "complaint",
        "typeform" => "survey",
        "officevibe" | "slack" => "employee",
        _ if bytes.windows(15).any(|window| window == br#""kind":"survey""#.as_slice()) => "survey",
        _ => "public",
    }
}

fn add(counts: &mut BTreeMap<String, u64>, name: &str) {
    *counts.entry(name.to_owned()).or_default() += 1;
}
